"""What the configuration of a Huawei Cloud account takes, and what its facts say."""

import subprocess
import sys
from datetime import timedelta

import pytest
from pydantic import ValidationError

from adapters.clouds.huawei.config import CAPABILITIES, ENDPOINTS, OWN_HOSTS, HuaweiSettings, customer_id_fault
from core.limit import Customer, CustomerKey, Kind, Limit, OnExhaustion
from core.money import Money
from core.objections import objections

KEYS = {"access_key": "env:ACCESS", "secret_key": "env:SECRET", "domain_id": "domain1"}


def limit(amount: str, kind: Kind = Kind.MONTHLY, on_exhaustion: OnExhaustion | None = None) -> Limit:
    """Write a limit for some customer."""
    return Limit(
        account="huawei-main",
        customer=Customer(CustomerKey("huawei", "c1")),
        kind=kind,
        amount=Money.parse(amount),
        on_exhaustion=on_exhaustion,
        allow_zero=True,
    )


@pytest.mark.parametrize("region", sorted(ENDPOINTS))
def test_a_region_names_the_vendors_own_host(region: str) -> None:
    """Either region leads to its documented host."""
    settings = HuaweiSettings.model_validate({**KEYS, "region": region})
    assert settings.address in OWN_HOSTS


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "write region = ap-southeast-1 or eu-west-101"),
        ({"region": "ap-southeast-1", "endpoint": "http://127.0.0.1:1"}, "leave one of them out"),
        ({"region": "cn-north-4"}, "'cn-north-4' has no partner interface"),
        ({"region": "ap-southeast-1", "observe_access_key": "env:A"}, "belong together"),
        ({"region": "ap-southeast-1", "acess_key": "env:A"}, "Extra inputs are not permitted"),
        ({"region": "ap-southeast-1", "domain_id": ""}, "at least 1 character"),
        ({"region": "ap-southeast-1", "access_key": "AKLITERAL"}, "never written into the file"),
    ],
)
def test_what_cannot_be_meant_is_refused(given: dict[str, str], said: str) -> None:
    """Each fault is a sentence that says what to write, and a literal key is not echoed."""
    with pytest.raises(ValidationError) as raised:
        HuaweiSettings.model_validate({**KEYS, **given})
    assert said in str(raised.value)
    assert "AKLITERAL" not in str(raised.value)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (limit("1.00", Kind.CREDIT_LINE), "choose monthly or one_time"),
        (limit("0.00"), "cannot take an amount of zero"),
        (limit("2147483647.01"), "largest amount Huawei Cloud takes is 2147483647.00"),
    ],
)
def test_what_the_vendor_cannot_do_is_refused_with_the_choice(wanted: Limit, said: str) -> None:
    """A limit that Huawei Cloud cannot keep is objected to by name."""
    (objection,) = objections(wanted, CAPABILITIES)
    assert said in objection.sentence


@pytest.mark.parametrize("kind", [Kind.MONTHLY, Kind.ONE_TIME])
@pytest.mark.parametrize("action", [None, *OnExhaustion])
def test_what_the_vendor_can_do_is_taken(kind: Kind, action: OnExhaustion | None) -> None:
    """Both kinds go with no action, with alert, with restrict and with freeze."""
    assert objections(limit("2147483647.00", kind, action), CAPABILITIES) == []


def test_it_says_how_customers_are_frozen() -> None:
    """By a call of its own; a new one is restricted, and a frozen one's data is deleted after fifteen days."""
    assert CAPABILITIES.restricts_by_call
    assert CAPABILITIES.new_customers_restricted
    assert CAPABILITIES.deletes_after == timedelta(days=15)
    assert not CAPABILITIES.permanent
    assert not CAPABILITIES.zero_allowed
    assert (None, OnExhaustion.FREEZE) not in CAPABILITIES.refused


@pytest.mark.parametrize(
    ("text", "fault"),
    [("abc123", None), ("a" * 64, None), ("", "empty"), ("a" * 65, "at most 64"), ("a b", "no spaces")],
)
def test_customer_ids_are_checked(text: str, fault: str | None) -> None:
    """An id has 1 to 64 printable characters and no spaces."""
    said = customer_id_fault(text)
    assert said is None if fault is None else fault in str(said)


def test_the_facts_load_no_sdk() -> None:
    """Reading settings and capabilities imports neither the SDK nor requests, so that help is fast."""
    slow = "[name for name in sys.modules if name.startswith(('huawei', 'requests'))]"
    code = f"import sys, adapters.clouds.huawei.config; print({slow})"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own interpreter
    assert printed.strip() == "[]"
