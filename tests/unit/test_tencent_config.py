import subprocess
import sys

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


def test_what_is_not_offered_says_what_to_do() -> None:
    """Kinds and actions of later versions are refused with the choice named and a way out."""
    for choice in (
        (Kind.MONTHLY, None),
        (Kind.ONE_TIME, None),
        (None, OnExhaustion.ALERT),
        (None, OnExhaustion.RESTRICT),
    ):
        sentence = CAPABILITIES.refused[choice]
        assert next(word for word in choice if word) in sentence
        assert "write" in sentence or "leave" in sentence
    assert CAPABILITIES.kinds == {Kind.CREDIT_LINE}
