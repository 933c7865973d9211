import json
import logging
import threading
import warnings
from datetime import timedelta
from pathlib import Path

import pytest
from tencentcloud.common.abstract_client import AbstractClient
from tencentcloud.common.http.request import RequestInternal
from tencentcloud.common.retry import StandardRetryer

from adapters.clouds.tencent.client import SdkClient, _raise_if_armed
from adapters.clouds.tencent.config import HOST, OWN_HOSTS
from adapters.endpoints import parse_endpoint
from adapters.sandbox.faults import Faults, Mode
from adapters.sandbox.server import LoopbackServer, Response
from core.errors import AccountRefusedError
from core.ports import Confirmed, Refused, Uncertain
from tests.unit.tencent_rig import ANY_KEYS, MARK, Scripted, WallClock, account, error, intent, response, scripted

GOOD = response(TotalCredit=100, RemainingCredit=40)
POOL = response(RemainingCredit=100)


def sdk(endpoint: str = HOST, **keys: str) -> SdkClient:
    """The client alone."""
    where = parse_endpoint(endpoint, own_hosts=OWN_HOSTS, allow_custom=True)
    return SdkClient(**{**ANY_KEYS, **keys}, endpoint=where, read_timeout=timedelta(seconds=5))


def test_the_profile_is_disarmed() -> None:
    """No retryer, no region breaker, the international host over https, English, and no proxy from anywhere."""
    client = sdk()._client
    assert client.profile.retryer is None
    assert client.profile.disable_region_breaker is True
    assert client._get_endpoint() == HOST
    assert (client.profile.httpProfile.scheme, client.profile.language, client.region) == ("https", "en-US", "")
    assert client.request.conn.proxy is None
    assert client.request.conn._session.trust_env is False
    assert client.request.conn._session.max_redirects == 0


def test_an_armed_profile_is_refused() -> None:
    """A client that would retry or change regions by itself is never used: an increment would be made twice."""
    client = sdk()._client
    client.profile.retryer = StandardRetryer()
    with pytest.raises(RuntimeError, match="twice"):
        _raise_if_armed(client.profile)
    client.profile.retryer, client.profile.disable_region_breaker = None, False
    with pytest.raises(RuntimeError, match="twice"):
        _raise_if_armed(client.profile)


@pytest.mark.parametrize("keys", [{"secret_id": ""}, {"secret_id": " id"}, {"secret_key": "key "}])
def test_a_key_that_is_none_is_refused_at_once(keys: dict[str, str]) -> None:
    """Empty keys and keys with spaces never reach the vendor, and are not repeated in the sentence."""
    with pytest.raises(AccountRefusedError, match="cannot be used"):
        sdk(**keys)


def test_a_call_on_the_wire_is_as_documented() -> None:
    """Host without scheme, no region, English, the version; JSON with exactly the cents meant and an integer UIN."""
    with scripted(GOOD) as (cloud, vendor):
        assert isinstance(cloud.send(intent(-12_34)), Confirmed)
    (seen,) = vendor.seen
    assert (seen.method, seen.raw_target) == ("POST", "/")
    assert seen.headers["host"].startswith("127.0.0.1:")
    assert seen.headers["x-tc-language"] == "en-US"
    assert (seen.headers["x-tc-action"], seen.headers["x-tc-version"]) == ("AllocateCustomerCredit", "2022-09-28")
    assert "x-tc-region" not in seen.headers
    assert json.loads(seen.body) == {"ClientUin": 200_000_000_000, "AddedCredit": -12.34, "Remark": MARK}


def test_an_action_without_fields_sends_an_object() -> None:
    """Nothing to say is {} on the wire, not null."""
    with scripted(POOL) as (cloud, vendor):
        cloud.quota()
    assert vendor.seen[0].body == b"{}"


def test_our_verifier_and_the_sdk_agree() -> None:
    """What the SDK computes for a request that arrived is the signature that came with it."""
    with scripted(POOL) as (cloud, vendor):
        cloud.quota()
    (seen,) = vendor.seen
    headers = {
        "Content-Type": seen.headers["content-type"],
        "Host": seen.headers["host"],
        "X-TC-Timestamp": seen.headers["x-tc-timestamp"],
    }
    date = seen.headers["authorization"].split("/")[1]
    request = RequestInternal("", "POST", "/", headers, seen.body)
    signature = AbstractClient._get_tc3_signature(None, None, request, date, "intlpartnersmgt", "key")
    assert seen.headers["authorization"].endswith(f"Signature={signature}")


def test_an_error_under_an_odd_content_type_is_an_error() -> None:
    """The SDK gives such an answer as a success; nothing was applied, and that is what is told."""
    with scripted(error("InvalidParameterValue.CreditAmountOutOfRange", "application/json; charset=utf-8")) as (
        cloud,
        _,
    ):
        assert isinstance(cloud.send(intent(100)), Refused)


@pytest.mark.parametrize("mode", [Mode.RESET_AFTER, Mode.SERVER_ERROR_AFTER, Mode.TRUNCATED, Mode.REDIRECT])
def test_a_lost_reply_is_never_followed_by_a_second_request(mode: Mode) -> None:
    """Whatever happens to the first reply, the vendor sees one request; the SDK's retryer or a redirect makes three."""
    vendor, faults = Scripted(GOOD), Faults()
    faults.plan("AllocateCustomerCredit", mode)
    with LoopbackServer(vendor, faults=faults, now=WallClock().now) as server, account(server.endpoint) as cloud:
        assert isinstance(cloud.send(intent(100)), Uncertain)
        assert server.requests() == {"AllocateCustomerCredit": 1}


def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Proxies in the environment and a .netrc with the host neither reroute a call nor replace its signature."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with scripted(POOL) as (cloud, vendor):
        cloud.quota()
    assert vendor.seen[0].headers["authorization"].startswith("TC3-HMAC-SHA256 ")
    # The transport ignores it too; this is what the SDK itself would pass.
    assert sdk()._client.request.conn.proxy is None


def test_the_sdk_prints_no_key(caplog: pytest.LogCaptureFixture) -> None:
    """With everything logged at DEBUG the SDK's logger stays silent; by itself it prints the Authorization header."""
    with caplog.at_level(logging.DEBUG), scripted(POOL) as (cloud, _):
        cloud.quota()
    assert "Authorization" not in caplog.text
    assert not [record for record in caplog.records if record.name == "tencentcloud_sdk_common"]


def test_the_sdks_deprecated_call_fails_nothing() -> None:
    """Where warnings are errors, Python 3.12's warning about the SDK's utcfromtimestamp passes, and only that one."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sdk()
        text = "datetime.datetime.utcfromtimestamp() is deprecated and scheduled for removal in a future version."
        warn(text, "tencentcloud.common.abstract_client")
        for other, module in ((text, "core.money"), ("another", "tencentcloud.common.abstract_client")):
            with pytest.raises(DeprecationWarning):
                warn(other, module)


def warn(text: str, module: str) -> None:
    """Warn as if from that module."""
    warnings.warn_explicit(text, DeprecationWarning, filename="x.py", lineno=1, module=module)


def test_a_deprecated_action_leaves_the_warning_filters_alone() -> None:
    """An answer that says that its action is deprecated is read as any other; the SDK would reset all filters."""
    with scripted(response(RemainingCredit=100, DeprecatedWarning="soon")) as (cloud, _):
        before = list(warnings.filters)
        cloud.quota()
        assert list(warnings.filters) == before


def test_one_client_serves_many_threads() -> None:
    """Calls side by side are each signed and traced for themselves."""
    with scripted(POOL) as (cloud, vendor):
        threads = [threading.Thread(target=cloud.quota) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len({request.headers["x-tc-traceid"] for request in vendor.seen}) == len(vendor.seen) == 8


def test_a_throttled_write_slows_the_account_down() -> None:
    """The vendor says so with status 200, and it counts as throttled all the same."""
    with scripted(error("RequestLimitExceeded.UinLimitExceeded")) as (cloud, _):
        reply = cloud.send(intent(100))
        assert isinstance(reply, Refused)
        assert reply.throttled
        assert cloud.calls() == {"AllocateCustomerCredit": 1, "throttled": 1}


def test_an_answer_cannot_smuggle_in_a_body_of_another_shape() -> None:
    """A list, a text or a number where the envelope should be is no success."""
    for body in (b"[]", b'"ok"', b"1"):
        with scripted(Response(200, body)) as (cloud, _):
            assert isinstance(cloud.send(intent(100)), Uncertain)
