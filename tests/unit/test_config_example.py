"""The example configuration loads as it is and shows every key once."""

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from pydantic import BaseModel

from adapters.clouds.registry import VENDORS
from core.limit import WritePolicy
from scheduler.bootstrap import load
from scheduler.config.approvals import ApprovalSection
from scheduler.config.outlets import AlertsSection, ChannelSection, WebSection
from scheduler.config.sections import (
    AccountSection,
    AgreementSection,
    AmountCap,
    CountCap,
    GuardsSection,
    IndirectPartnerSection,
    TidegateSection,
)

SECTIONS = (
    TidegateSection,
    AccountSection,
    IndirectPartnerSection,
    GuardsSection,
    ApprovalSection,
    WebSection,
    AlertsSection,
    ChannelSection,
)

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
ENVIRONMENT = {
    f"{name}": "x" for name in ("HUAWEI_ACCESS_KEY", "HUAWEI_SECRET_KEY", "TENCENT_SECRET_ID", "TENCENT_SECRET_KEY")
}
_KEY = re.compile(r"^(?:# )?([a-z_]+) = ", re.MULTILINE)
_SECTION = re.compile(r"^(?:# )?\[{1,2}([a-z.-]+[a-z_]+)\]", re.MULTILINE)
_ACCOUNT = re.compile(r"^(?:# )?\[accounts\.[a-z-]+\]", re.MULTILINE)


def fields(*models: type[BaseModel]) -> set[str]:
    """Give the keys of some sections."""
    return {name for model in models for name in model.model_fields}


def place(folder: Path, text: str) -> Path:
    """Put a configuration and a limits file beside it."""
    (folder / "config.toml").write_text(text, encoding="utf-8")
    header = "account,customer_id,kind,amount,on_exhaustion\n"
    (folder / "limits.csv").write_text(f"{header}huawei-main,c1,monthly,5,\n", encoding="utf-8")
    return folder / "config.toml"


def test_it_loads_with_its_secrets_in_the_environment(tmp_path: Path) -> None:
    """Copied as it is, it is a valid configuration that changes nothing."""
    settings = load(place(tmp_path, EXAMPLE.read_text(encoding="utf-8")), environ=ENVIRONMENT)
    assert {account.vendor for account in settings.accounts.values()} == set(VENDORS)
    assert {account.policy.write_policy for account in settings.accounts.values()} == {WritePolicy.OBSERVE}


@pytest.mark.parametrize("skipped", ["region|cron", "endpoint|every"])
def test_it_loads_with_every_optional_line_switched_on(tmp_path: Path, skipped: str) -> None:
    """What is commented out is valid too; region and endpoint exclude each other, and so do every and cron."""
    text = re.sub(r"^# (?=[a-z_]+ = |\[)", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    huawei, tencent = text.split("[accounts.tencent-main]")
    huawei = re.sub(rf"^({skipped}) = .*$", "", huawei, flags=re.MULTILINE)
    text = f"{huawei}[accounts.tencent-main]{tencent}"
    observe = {f"{vendor}_OBSERVE_{key}": "x" for vendor, key in _observe_keys()}
    settings = load(place(tmp_path, text), environ=ENVIRONMENT | observe)
    assert settings.web is not None
    assert (settings.web.host, settings.web.port) == ("127.0.0.1", 8642)
    policy = settings.accounts["huawei-main"].policy
    assert policy.windows
    assert policy.agreement
    assert policy.quotas
    assert policy.approvals


def test_every_key_of_the_models_stands_in_it() -> None:
    """A key that can be written is shown, and a key that is shown can be written."""
    text = EXAMPLE.read_text(encoding="utf-8")
    sections = fields(*SECTIONS)
    vendors = {name for vendor in VENDORS.values() for name in vendor.settings.model_fields}
    assert set(_KEY.findall(text)) == (sections | vendors) - {"guards", "indirect_partners", "channels"}
    assert {"accounts.huawei-main.guards", "accounts.huawei-main.indirect_partners"} <= set(_SECTION.findall(text))
    assert fields(CountCap, AmountCap, AgreementSection) <= set(re.findall(r"[{,] ([a-z]+) =", text))


def test_no_key_is_shown_twice_in_one_section() -> None:
    """Each section shows a key once, commented out or not; an account shows its vendor's keys."""
    for section in re.split(r"^(?:# )?\[", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE):
        assert not [key for key, count in Counter(_KEY.findall(section)).items() if count > 1]


def test_each_vendor_has_one_block_with_all_its_keys() -> None:
    """A vendor's own keys stand in its block, the common ones in the first."""
    text = EXAMPLE.read_text(encoding="utf-8")
    accounts = tomllib.loads(text)["accounts"]
    assert [account["vendor"] for account in accounts.values()] == list(VENDORS)
    blocks = _ACCOUNT.split(text)[1:]
    for block, vendor in zip(blocks, VENDORS.values(), strict=True):
        assert set(vendor.settings.model_fields) <= set(_KEY.findall(block))


def _observe_keys() -> list[tuple[str, str]]:
    return [("HUAWEI", "ACCESS_KEY"), ("HUAWEI", "SECRET_KEY"), ("TENCENT", "SECRET_ID"), ("TENCENT", "SECRET_KEY")]
