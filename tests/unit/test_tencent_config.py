import subprocess
import sys
from datetime import timedelta

import pytest
from pydantic import ValidationError

from adapters.clouds.tencent.config import CAPABILITIES, HOST, TencentSettings, customer_id_fault
from core.limit import Kind, OnExhaustion

KEYS = {"secret_id": "env:A", "secret_key": "env:B"}


def test_importing_the_facts_loads_no_sdk() -> None:
    """Settings and capabilities are had without the SDK and without requests."""
    code = (
        "import sys, adapters.clouds.tencent.config; sys.exit({'tencentcloud', 'requests'} & set(sys.modules) != set())"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own line


def test_the_endpoint_is_the_international_one() -> None:
    """Without an endpoint the documented international host is meant, not the SDK's default."""
    assert TencentSettings.model_validate(KEYS).endpoint == HOST == "intlpartnersmgt.intl.tencentcloudapi.com"


@pytest.mark.parametrize("extra", [{"domain_id": "x"}, {"secret_key": "literal"}, {"observe_secret_id": "env:C"}])
def test_what_cannot_be_meant_is_refused(extra: dict[str, str]) -> None:
    """Unknown keys, literal secrets and half a pair of observe keys are errors."""
    with pytest.raises(ValidationError):
        TencentSettings.model_validate(KEYS | extra)


@pytest.mark.parametrize(
    "text", ["", "0200012345678", "2.00000000011E+11", "20001234567x", "\uff11\uff12\uff13", "-5", str(2**64)]
)
def test_what_is_no_uin_is_told(text: str) -> None:
    """Only digits that come back from a uint64 unchanged are a UIN."""
    assert customer_id_fault(text) is not None


def test_a_uin_is_accepted() -> None:
    """Twelve digits are a UIN."""
    assert customer_id_fault("200012345678") is None


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_offered_with_every_action(kind: Kind) -> None:
    """A credit line is the vendor's own, the others follow it; each can be met at exhaustion in all three ways."""
    assert CAPABILITIES.kinds == {Kind.CREDIT_LINE}
    assert CAPABILITIES.offered(kind) == set(OnExhaustion)
    assert (kind in CAPABILITIES.emulated) == (kind is not Kind.CREDIT_LINE)
    assert CAPABILITIES.refused == {}


def test_what_a_limit_must_say_is_stated() -> None:
    """Restricting is a privilege and alerting a cushion: the credit is permanent and no call stops anybody."""
    assert CAPABILITIES.permanent
    assert CAPABILITIES.restrict_needs_non_stop
    assert CAPABILITIES.alert_needs_overrun
    assert not CAPABILITIES.restricts_by_call
    assert not CAPABILITIES.new_customers_restricted
    assert CAPABILITIES.deletes_after == timedelta(days=15)
    assert CAPABILITIES.default_action in CAPABILITIES.offered(Kind.CREDIT_LINE)
