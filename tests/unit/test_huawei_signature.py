"""The simulated gateway's own check of signatures, held against the published form and the real SDK."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.clouds.huawei.simulator.signature import ALGORITHM, Key, canonical_request, fault_in, sign
from adapters.clouds.huawei.simulator.vendor import TEST_KEY
from adapters.sandbox.server import Request
from tests.unit.huawei_rig import customer, opened, signed, spec

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NAMES = ["content-type", "host", "user-agent", "x-domain-id", "x-sdk-date"]
BODY = b'{"customer_id": "cust1", "budget_amount": 1000.10, "budget_type": "MONTHLY"}'
PATH = "/v2/partners/sub-customers/budget"
VECTOR = Request(
    "POST",
    PATH,
    [],
    {
        "content-type": "application/json",
        "host": "127.0.0.1:8080",
        "user-agent": "huaweicloud-usdk-python/3.0; budgetd/1.0",
        "x-domain-id": "dom1",
        "x-sdk-date": "20260102T030405Z",
    },
    BODY,
    PATH,
)
SIGNATURE = "4c612788ba39b7fadd2c91d4b51db2c3145003c866440f31617c25e7c617f269"
KEY = Key("AKTEST", "SKTEST", "dom1")


def with_headers(**headers: str) -> Request:
    """The test vector as it would arrive, with some headers changed."""
    authorization = f"{ALGORITHM} Access=AKTEST, SignedHeaders={';'.join(NAMES)}, Signature={SIGNATURE}"
    changed = {name.replace("_", "-"): value for name, value in headers.items()}
    return replace(VECTOR, headers={**VECTOR.headers, "authorization": authorization, **changed})


def test_the_test_vector_comes_out() -> None:
    """Body, canonical request and signature of the known example are what the SDK makes of it."""
    assert hashlib.sha256(BODY).hexdigest().startswith("65b51dbb")
    canonical = hashlib.sha256(canonical_request(VECTOR, NAMES).encode()).hexdigest()
    assert (canonical[:8], canonical[-6:]) == ("ab53f179", "b03941")
    assert sign(VECTOR, NAMES, "SKTEST") == SIGNATURE
    assert fault_in(with_headers(), KEY, NOW) is None


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (VECTOR, "no usable Authorization"),
        (with_headers(authorization="Basic c29tZW9uZTpzb21ldGhpbmc="), "no usable Authorization"),
        (replace(with_headers(), body=BODY + b" "), "signature fail"),
        (replace(with_headers(), path="/v2/partners/sub-customers/budgets"), "signature fail"),
        (replace(with_headers(), query=[("a", "b")]), "signature fail"),
        (replace(with_headers(), method="GET"), "signature fail"),
        (with_headers(user_agent="another"), "signature fail"),
        (with_headers(x_domain_id="dom2"), "not of this domain"),
        (with_headers(x_sdk_date="yesterday"), "15 minutes"),
    ],
)
def test_anything_else_is_refused(request_: Request, said: str) -> None:
    """One byte of difference in what is signed, and the request is not taken."""
    assert said in str(fault_in(request_, KEY, NOW))


def test_another_key_is_refused() -> None:
    """An unknown access key, and a known one with another secret."""
    assert fault_in(with_headers(), replace(KEY, access="OTHER"), NOW) == "unknown access key"
    assert fault_in(with_headers(), replace(KEY, secret="OTHER"), NOW) == "verify aksk signature fail"


@pytest.mark.parametrize("name", ["host", "x-sdk-date", "x-domain-id"])
def test_host_date_and_domain_must_be_signed(name: str) -> None:
    """A signature that leaves one of them out would hold elsewhere, later or for another account."""
    names = [each for each in NAMES if each != name]
    authorization = f"{ALGORITHM} Access=AKTEST, SignedHeaders={';'.join(names)}, Signature={SIGNATURE}"
    assert fault_in(with_headers(authorization=authorization), KEY, NOW) == "a header that must be signed is not"


@pytest.mark.parametrize(("minutes", "taken"), [(0, True), (15, True), (-15, True), (16, False), (-16, False)])
def test_a_signature_lives_for_fifteen_minutes(minutes: int, taken: bool) -> None:  # noqa: FBT001 - a column of the table
    """Older or newer than that by the gateway's clock it is refused: this is the fence."""
    assert (fault_in(with_headers(), KEY, NOW + timedelta(minutes=minutes)) is None) is taken


def test_odd_characters_are_signed_as_the_sdk_signs_them() -> None:
    """A query with characters that need quoting is verified, from the SDK and from another caller."""
    odd = "a b/c+d~e%f&g=ü"
    with opened(spec(odd)) as rig:
        assert rig.cloud.witness(customer(odd)).count == 1
    request = signed("GET", PATH, {"customer_id": odd}, NOW)
    assert fault_in(request, TEST_KEY, NOW) is None
