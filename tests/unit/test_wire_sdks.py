import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import requests
from huaweicloudsdkbssintl.v2 import (
    BssintlClient,
    ListSubCustomerBudgetReq,
    ListSubCustomerBudgetRequest,
    ModSubCustomerBudgetReq,
    UpdateSubCustomerBudgetRequest,
)
from huaweicloudsdkcore.auth.credentials import GlobalCredentials
from huaweicloudsdkcore.http.http_handler import HttpHandler
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from adapters.wire import Delivery, Exchange, delivery, harden
from adapters.wire.failures import RedirectRefusedError, SecondSendError, carried
from tests.unit.wire_server import RawServer, answer, line, replying, serving, soon

Send = Callable[[], object]
AUTHORIZATION = {"huawei": b"Authorization: SDK-HMAC-SHA256 ", "tencent": b"Authorization: TC3-HMAC-SHA256 "}


class Sdk:
    """One vendor's real SDK with a hardened session, and a read and a write of it."""

    def __init__(self, vendor: str, session: requests.Session, read: Send, write: Send) -> None:
        self.authorization = AUTHORIZATION[vendor]
        self.session = session
        self.read = read
        self.write = write

    def tell(self) -> Exchange:
        """Make the write."""
        return line().tell("write", self.write, send_before=soon(2))


def huawei(server: RawServer) -> tuple[BssintlClient, requests.Session]:
    """Huawei's client for that server."""
    credentials = GlobalCredentials("AKTEST", "SKTEST", "domain")
    client = BssintlClient.new_builder().with_credentials(credentials).with_endpoint(server.url.rstrip("/")).build()
    session = client._http_client._session
    harden(session)
    return client, session


def change() -> UpdateSubCustomerBudgetRequest:
    """A write for Huawei."""
    return UpdateSubCustomerBudgetRequest(
        body=ModSubCustomerBudgetReq(customer_id="c1", budget_amount=Decimal("10.20"), budget_type="MONTHLY")
    )


def sdk_of(vendor: str, server: RawServer) -> Sdk:
    """The vendor's SDK for that server."""
    if vendor == "huawei":
        client, session = huawei(server)
        asked = ListSubCustomerBudgetRequest(body=ListSubCustomerBudgetReq(customer_ids=["c1"]))
        return Sdk(
            vendor,
            session,
            client.list_sub_customer_budget_invoker(asked).invoke,
            client.update_sub_customer_budget_invoker(change()).invoke,
        )
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=f"127.0.0.1:{server.port}"))
    client = CommonClient("intlpartnersmgt", "2022-09-28", Credential("ID", "KEY"), "", profile)
    session = client.request.conn._session
    harden(session)
    body = {"ClientUin": 1, "AddedCredit": 10.2}
    return Sdk(
        vendor,
        session,
        lambda: client.call("QueryPartnerCredit", {}),
        lambda: client.call("AllocateCustomerCredit", body),
    )


@pytest.fixture(params=["huawei", "tencent"])
def vendor(request: pytest.FixtureRequest) -> str:
    """Each vendor in turn."""
    return str(request.param)


@pytest.fixture
def answering(vendor: str) -> Iterator[tuple[RawServer, Sdk]]:
    """The vendor's SDK, and a server that answers well."""
    with serving(replying(answer(200, b'{"Response":{"RequestId":"r"}}', "Content-Type: application/json"))) as server:
        sdk = sdk_of(vendor, server)
        yield server, sdk
        sdk.session.close()


def test_the_call_reaches_the_transport_through_the_real_sdk(answering: tuple[RawServer, Sdk]) -> None:
    """Both SDKs send from the thread that calls them: the exchange is filled in, for reads and writes."""
    server, sdk = answering
    seen = line().ask("read", sdk.read, lambda exchange: exchange)
    told = sdk.tell()
    for exchange in (seen, told):
        assert (exchange.guarded, exchange.started, exchange.status) == (True, True, 200)
        assert json.loads(exchange.body or b"")["Response"]["RequestId"] == "r"
    assert all(sdk.authorization in request for request in server.requests)
    assert len(server.requests) == 2


def test_the_environments_proxies_and_netrc_change_nothing(
    vendor: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With proxies and .netrc set before the SDK is built, the request arrives directly, with its own signature."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login someone password something\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with serving(replying(answer())) as server, serving(replying(answer(502))) as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        sdk = sdk_of(vendor, server)
        seen = sdk.tell()
        sdk.session.close()
        assert proxy.connections == 0
        assert sdk.authorization in server.requests[0]
        assert b"Authorization: Basic" not in server.received
    assert seen.status == 200


@pytest.mark.parametrize("status", [302, 307])
def test_no_sdk_follows_a_redirect(vendor: str, status: int) -> None:
    """One request is seen, and the redirect is in the exchange, not a success."""
    with serving(replying(answer(status, b"", "Location: /again"))) as server:
        sdk = sdk_of(vendor, server)
        seen = sdk.tell()
        sdk.session.close()
        assert len(server.requests) == 1
    assert seen.status == status
    assert seen.error is not None
    assert any(isinstance(error, RedirectRefusedError) for error in carried(seen.error))


def test_a_refused_connection_is_not_sent_through_any_sdk(vendor: str) -> None:
    """The SDK's wrapper around the refusal does not hide that nothing was sent."""
    with serving(replying(answer())) as server:
        sdk = sdk_of(vendor, server)
    seen = sdk.tell()
    sdk.session.close()
    assert (seen.started, delivery(seen)) == (False, Delivery.NOT_SENT)


def test_a_throttled_read_keeps_its_body(vendor: str) -> None:
    """Neither SDK repeats a 429 or loses what it says."""
    with serving(replying(answer(429, b'{"error_code":"APIGW.0308","error_msg":"slow"}', "Retry-After: 0"))) as server:
        sdk = sdk_of(vendor, server)
        seen = line().ask("read", sdk.read, lambda exchange: exchange)
        sdk.session.close()
        assert len(server.requests) == 1
    assert (seen.status, json.loads(seen.body or b"")["error_code"]) == (429, "APIGW.0308")


def test_huaweis_second_send_is_refused() -> None:
    """BssintlClient._call_api sends again after any TypeError; the second request does not leave."""

    def trip(**_: object) -> None:
        message = "raised after the send"
        raise TypeError(message)

    with serving(replying(answer(204, b""))) as server:
        client, session = huawei(server)
        client._http_client._http_handler = HttpHandler().add_response_handler(trip)
        seen = line().tell("write", lambda: client.update_sub_customer_budget(change()), send_before=soon(2))
        session.close()
        assert len(server.requests) == 1
    assert (seen.status, seen.body) == (204, b"")
    assert seen.error is not None
    assert any(isinstance(error, SecondSendError) for error in carried(seen.error))
