"""The traps of Huawei Cloud's SDK, each closed: one request, to one place, signed by us, without traces."""

import json
import re
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.clouds.huawei.changes import call_of
from adapters.clouds.huawei.client import Crew, HuaweiClient, _InlineExecutor
from adapters.clouds.huawei.requests import list_customers, show_budget
from adapters.sandbox.faults import Mode
from core.errors import TemporaryReadError
from core.limit import Kind, OnExhaustion
from core.ports import Confirmed
from tests.unit.huawei_rig import customer, customers, opened, spec


def client_of(endpoint: str = "https://bss-intl.myhuaweicloud.com") -> HuaweiClient:
    """A client that nobody has used yet."""
    return HuaweiClient(
        endpoint=endpoint, access_key="AK", secret_key="SK", domain_id="domain1", timeout=timedelta(seconds=5)
    )


def test_a_type_error_after_the_send_sends_no_second_time() -> None:
    """The SDK's plain methods send again on a TypeError that comes after the first request; ours do not even try."""
    with opened(spec("c1")) as rig:
        sdk_client = rig.cloud._client._client()

        def spoil(response: object, **_: object) -> None:
            raise TypeError(response)

        sdk_client._http_client._http_handler.add_response_handler(spoil)
        call = call_of(rig.intent("c1", "600.00"))
        exchange = rig.cloud._line.tell(
            call.operation,
            lambda: rig.cloud._client.invoke(call),
            send_before=datetime.now(UTC) + timedelta(seconds=5),
        )
        assert exchange.status == 204
        assert type(exchange.error) is TypeError  # a second attempt would have been stopped below with another one
        assert rig.world.requests() == {"UpdateSubCustomerBudget": 1}


def test_it_calls_the_named_endpoint_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """One endpoint without anything to fall back on, whatever the environment says, and no look-up while building."""
    monkeypatch.setenv("HUAWEICLOUD_SDK_REGION_BSSINTL_AP_SOUTHEAST_1", "https://elsewhere.example")
    monkeypatch.setenv("HUAWEICLOUD_SDK_AK", "OTHER")
    built = client_of()._client()
    assert built._endpoints == ["https://bss-intl.myhuaweicloud.com"]
    assert (built.get_credentials().ak, built.get_credentials().domain_id) == ("AK", "domain1")
    config = built.get_http_client().config
    assert (config.retry_times, config.allow_redirects, config.ignore_ssl_verification) == (0, False, False)


@pytest.mark.parametrize("missing", ["access_key", "secret_key", "domain_id"])
def test_an_empty_key_is_refused_before_the_sdk_looks_elsewhere(missing: str) -> None:
    """With an empty key the SDK would ask files, the environment and a metadata service."""
    keys = {"access_key": "AK", "secret_key": "SK", "domain_id": "domain1", missing: ""}
    with pytest.raises(ValueError, match="must not be empty"):
        HuaweiClient(endpoint="https://bss-intl.myhuaweicloud.com", timeout=timedelta(seconds=5), **keys)


def test_netrc_and_proxies_do_not_touch_the_signature(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A netrc entry would replace our Authorization, and a proxy would carry it elsewhere; neither is looked at."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login someone password something\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with opened(spec("c1")) as rig:
        observation = rig.cloud.observe(customers(["c1"]), everyone=False)
        assert len(observation.standings) == 1
        assert isinstance(rig.send("c1", "600.00"), Confirmed)
        assert all(kept.headers["authorization"].startswith("SDK-HMAC-SHA256 ") for kept in rig.world.kept)


def test_a_throttled_get_keeps_its_code() -> None:
    """Left alone the SDK loses the body of a 429 to a GET; ours says what the gateway said."""
    with opened(spec("c1"), read_timeout=timedelta(seconds=1)) as rig:
        seen: list[TemporaryReadError] = []
        original = rig.cloud._line.throttled

        def note(operation: str, retry_after: timedelta | None = None) -> None:
            error = sys.exc_info()[1]
            assert isinstance(error, TemporaryReadError)
            seen.append(error)
            original(operation, retry_after)

        rig.cloud._line.throttled = note  # type: ignore[method-assign]  # the one place that sees every attempt
        rig.world.faults.plan("ListSubCustomerBudgetRecords", Mode.TOO_MANY)
        assert rig.cloud.witness(customer("c1")).count == 1
        assert [(error.code, error.throttled) for error in seen] == [("APIGW.0308", True)]


def test_no_signing_threads_are_left() -> None:
    """Signing happens in the caller's thread: the SDK's pool would survive `close` and hang a forked child."""
    with opened(spec("c1")) as rig:
        rig.cloud.observe(customers(["c1"]), everyone=False)
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("ThreadPoolExecutor")] == []


def test_what_signing_raises_is_raised_where_it_is_waited_for() -> None:
    """The stand-in for the SDK's pool keeps results and errors as a pool does."""
    executor = _InlineExecutor()
    assert executor.submit(int, "5").result() == 5
    with pytest.raises(ValueError, match="invalid literal"):
        executor.submit(int, "five").result()


def test_importing_the_sdk_leaves_no_trace_in_the_home_folder(tmp_path: Path) -> None:
    """The SDK writes an application id below HOME as it is imported; loaded by us it does not."""
    code = "from adapters.clouds.huawei.client import load_sdk; load_sdk(); import huaweicloudsdkcore.http.user_agent"
    subprocess.run([sys.executable, "-c", code], env={"HOME": str(tmp_path)}, check=True)  # noqa: S603 - our own interpreter
    assert list(tmp_path.iterdir()) == []


def test_failures_print_nothing() -> None:
    """The SDK's logger has no handler, so Python would print URLs with customer ids to stderr."""
    code = """
import logging
from adapters.clouds.huawei.client import load_sdk
load_sdk()
logging.getLogger("HuaweiCloud-SDK-BssintlClient").error("ConnectionException occurred. %s", "/budget?customer_id=c1")
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter
    assert (ended.stdout, ended.stderr) == ("", "")


def test_the_keys_are_in_no_text() -> None:
    """Neither the client nor the account's adapter shows its keys when printed."""
    client = client_of()
    assert "SK" not in repr(client)
    assert "SK" not in str(client)


def test_amounts_are_exact_on_the_wire() -> None:
    """The body holds the amount as a plain number with two decimals, and exactly the fields that are meant."""
    with opened(spec("c1"), spec("c2", kind="one_time")) as rig:
        rig.send("c1", "1000.10")
        rig.send("c2", "100", Kind.ONE_TIME, OnExhaustion.RESTRICT)
        rig.send("c1", "2147483647", on_exhaustion=OnExhaustion.ALERT)
        texts = [kept.body.decode() for kept in rig.world.kept]
        numbers = [re.findall(r'"budget_amount": ([^,}]+)', text) for text in texts]
        assert numbers == [["1000.10"], ["100.00"], ["2147483647.00"]]
        assert [json.loads(text) for text in texts] == [
            {"customer_id": "c1", "budget_amount": 1000.1, "budget_type": "MONTHLY"},
            {"customer_id": "c2", "budget_amount": 100.0, "budget_type": "PACKAGE", "frozen_operate_type": 1},
            {
                "customer_id": "c1",
                "budget_amount": 2147483647.0,
                "budget_type": "MONTHLY",
                "frozen_operate_type": 0,
            },
        ]


def test_reads_are_asked_as_documented() -> None:
    """Lists name the resale model and full pages; a reseller's customer is asked for with its reseller."""
    listed = list_customers(indirect_partner_id="p1", offset=200)
    assert listed.fields == {"association_type": "3", "offset": 200, "limit": 100, "indirect_partner_id": "p1"}
    assert show_budget(customer("c1", "p1")).fields == {"customer_id": "c1", "indirect_partner_id": "p1"}
    assert show_budget(customer("c1")).fields == {"customer_id": "c1"}


def test_a_crew_runs_jobs_that_add_jobs_and_gives_up_on_a_fault() -> None:
    """Added jobs are run, lanes do not wait for each other, and what a job raises is raised to whoever waits."""
    crew, done, gate = Crew(1), list[str](), threading.Event()

    def last() -> None:
        done.append("added")
        gate.set()

    crew.add("slow", lambda: gate.wait(5))
    crew.add("quick", lambda: crew.add("quick", last))
    crew.finish()
    assert done == ["added"]
    crew.add("quick", last)  # the crew is dismissed

    broken = Crew(1)
    broken.add("lane", lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        broken.finish()
    assert done == ["added"]
