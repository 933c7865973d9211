"""What a partner decides for one account: hours, drift, quotas and the agreement to freezing."""

from datetime import date, time, timedelta
from pathlib import Path

import pytest

from core.limit import Kind
from core.money import Money
from core.policy import Agreement, BudgetQuota, DriftPolicy, Window
from scheduler.bootstrap import load
from scheduler.config import ConfigFaults, Fault, Settings

ENVIRONMENT = {"KEY": "key", "SECRET": "secret"}
HEAD = '[tidegate]\nstore = "sqlite:///tidegate.db"\nlimits = ["limits.csv"]\n'
HUAWEI = (
    '[accounts.h]\nvendor = "huawei"\nwrite_policy = "sync"\naccess_key = "env:KEY"\nsecret_key = "env:SECRET"\n'
    'domain_id = "d"\nregion = "ap-southeast-1"\n'
)
TENCENT = '[accounts.t]\nvendor = "tencent"\nwrite_policy = "sync"\nsecret_id = "env:KEY"\nsecret_key = "env:SECRET"\n'
HEADER = "account,customer_id,kind,amount,on_exhaustion"
LIMITS = f"{HEADER}\nh,c1,monthly,100.00,restrict\n"
AGREEMENT = 'agreement = { by = "Ann Lee", date = 2026-01-31 }\n'


def settings_of(folder: Path, config: str, limits: str = LIMITS) -> Settings:
    """Load a configuration from a folder of its own."""
    (folder / "config.toml").write_text(config, encoding="utf-8")
    (folder / "limits.csv").write_text(limits, encoding="utf-8")
    return load(folder / "config.toml", environ=ENVIRONMENT)


def faults_of(folder: Path, config: str, limits: str = LIMITS) -> list[Fault]:
    """Give the faults that loading ends with."""
    with pytest.raises(ConfigFaults) as caught:
        settings_of(folder, config, limits)
    return list(caught.value.faults)


def test_what_is_decided_reaches_the_policy(tmp_path: Path) -> None:
    """Windows, drift, quotas and the agreement arrive in core as they were written."""
    decided = (
        'protected = ["c1", "c2"]\n'
        'windows = ["mon-fri 09:00-18:00", "daily 22:00-02:00"]\ndrift = "adopt"\ndrift_grace = "2h"\n'
        f'budget_quota_monthly = "100.50"\nbudget_quota_one_time = 7\n{AGREEMENT}'
        '[[accounts.h.indirect_partners]]\nid = "p1"\nbudget_quota_monthly = 3\n'
        '[[accounts.h.indirect_partners]]\nid = " p2 "\nbudget_quota_one_time = 4.25\n'
    )
    policy = settings_of(tmp_path, HEAD + HUAWEI + decided).accounts["h"].policy
    assert policy.windows == (
        Window(days=frozenset(range(5)), begins=time(9), ends=time(18), text="mon-fri 09:00-18:00"),
        Window(days=frozenset(range(7)), begins=time(22), ends=time(2), text="daily 22:00-02:00"),
    )
    assert policy.protected == {"c1", "c2"}
    assert (policy.drift, policy.drift_grace) == (DriftPolicy.ADOPT, timedelta(hours=2))
    assert policy.agreement == Agreement(by="Ann Lee", on=date(2026, 1, 31))
    assert policy.quotas == (
        BudgetQuota(kind=Kind.MONTHLY, amount=Money(10050)),
        BudgetQuota(kind=Kind.ONE_TIME, amount=Money(700)),
        BudgetQuota(kind=Kind.MONTHLY, amount=Money(300), indirect_partner_id="p1"),
        BudgetQuota(kind=Kind.ONE_TIME, amount=Money(425), indirect_partner_id="p2"),
    )


@pytest.mark.parametrize(
    ("line", "where", "words"),
    [
        ("windows = []", "windows", 'write windows = ["mon-fri 09:00-18:00"]'),
        ('windows = "mon 09:00-18:00"', "windows", "a list in brackets"),
        ('windows = ["mon 09:00"]', "windows", '"mon-fri 09:00-18:00"'),
        ('drift = "ignore"', "drift", '"revert"'),
        ("drift_grace = 3600", "drift_grace", 'write a unit and quotes, such as "3600s"'),
        ('max_age = "0s"', "max_age", "longer than zero"),
        ('budget_quota_monthly = "-1"', "budget_quota_monthly", "cannot be negative"),
        ("budget_quota_one_time = [1]", "budget_quota_one_time", "a number or a text"),
        ('agreement = { by = "Ann" }', "agreement.date", "the key date is missing"),
        ('agreement = { by = " ", date = 2026-01-31 }', "agreement.by", "it is empty"),
        ('agreement = { by = "Ann", date = "31.1.2026" }', "agreement.date", "this must be a date"),
        ('agreement = { by = "Ann", date = "2026-02-30" }', "agreement.date", "this must be a date"),
        ('agreement = { by = "Ann", date = 2026-01-31T10:00:00Z }', "agreement.date", "this must be a date"),
        ('agreement = { by = "Ann", date = 1026-01-31 }', "agreement.date", "the year 1026 is out of range"),
        ('agreement = { by = "Ann", date = 2199-01-31 }', "agreement.date", "2199-01-31 is in the future"),
        ('agreement = "Ann"', "agreement", "a table"),
        ("indirect_partners = [3]", "indirect_partners", "a table"),
        ("indirect_partners = 3", "indirect_partners", "a list in brackets"),
        ('indirect_partners = [{ id = "p" }]', "indirect_partners", "it gives no figure"),
        ("indirect_partners = [{ budget_quota_monthly = 1 }]", "indirect_partners.id", "the key id is missing"),
        ('indirect_partners = [{ id = "p", budget_quotas = 1 }]', "indirect_partners.budget_quotas", "write budget_"),
    ],
)  # fmt: skip
def test_a_wrong_decision_is_told_with_its_line(tmp_path: Path, line: str, where: str, words: str) -> None:
    """Each key that decides something is judged, with its place and what to write instead."""
    (fault,) = faults_of(tmp_path, HEAD + HUAWEI + line + "\n")
    assert (fault.line, fault.where) == (11, f"accounts.h.{where}")
    assert words in fault.sentence


def test_a_partner_has_its_quotas_once(tmp_path: Path) -> None:
    """Two figures for one second-tier reseller are told: which one counts would be a guess."""
    partner = '[[accounts.h.indirect_partners]]\nid = "p1"\nbudget_quota_monthly = 3\n'
    (fault,) = faults_of(tmp_path, HEAD + HUAWEI + partner + partner)
    assert (fault.line, fault.where) == (15, "accounts.h.indirect_partners.id")
    assert "there twice" in fault.sentence


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("budget_quota_monthly", "5"),
        ("budget_quota_one_time", "5"),
        ("indirect_partners", '[{ id = "p", budget_quota_monthly = 1 }]'),
    ],
)
def test_quotas_are_for_vendors_that_do_not_tell_them(tmp_path: Path, key: str, value: str) -> None:
    """Where the vendor's own figure can be read, one beside it is refused."""
    (fault,) = faults_of(tmp_path, HEAD + HUAWEI + TENCENT + f"{key} = {value}\n")
    assert fault.where == f"accounts.t.{key}"
    assert fault.sentence.startswith("Tencent Cloud tells its own figure")


def test_an_agreement_is_for_vendors_where_freezing_is_a_call(tmp_path: Path) -> None:
    """Where the vendor itself stops a customer nothing needs to be agreed, and saying so would promise something."""
    (fault,) = faults_of(tmp_path, HEAD + HUAWEI + TENCENT + AGREEMENT)
    assert (fault.where, fault.line) == ("accounts.t.agreement", 16)
    assert "nothing there needs it" in fault.sentence


def test_freezing_needs_the_accounts_agreement(tmp_path: Path) -> None:
    """However many limits ask for a freeze, the missing key is told once, at the account."""
    limits = f"{LIMITS}h,c2,monthly,5,freeze\nh,c3,one_time,5,freeze\nt,200000000011,credit_line,5,freeze\n"
    (fault,) = faults_of(tmp_path, HEAD + TENCENT + HUAWEI, limits)
    assert (fault.line, fault.where) == (9, "accounts.h.agreement")
    assert "limits.csv:3 and 1 more" in fault.sentence
    assert "write agreement = {" in fault.sentence
    assert len(settings_of(tmp_path, HEAD + TENCENT + HUAWEI + AGREEMENT, limits).limits) == 4


@pytest.mark.parametrize(
    ("account", "row", "in_order"),
    [
        ("sync", "", True),
        ("observe", "", True),
        ("observe", "raise_only", True),
        ("raise_only", "observe", True),
        ("raise_only", "", False),
        ("lower_only", "sync", False),
        ("sync", "lower_only", False),
    ],
)
def test_what_goes_both_ways_needs_a_policy_for_both(tmp_path: Path, account: str, row: str, *, in_order: bool) -> None:
    """A freeze, and a kind kept by following a permanent credit, are refused where only one direction is allowed."""
    config = (HEAD + HUAWEI + AGREEMENT + TENCENT).replace('"sync"', f'"{account}"')
    plain = f"h,c1,monthly,100.00,restrict,{row}\nt,200000000010,credit_line,5,,{row}\n"
    both = f"h,c2,monthly,5,freeze,{row}\nt,200000000011,monthly,5,freeze,{row}\n"
    assert settings_of(tmp_path, config, f"{HEADER},write_policy\n{plain}").limits
    if in_order:
        assert settings_of(tmp_path, config, f"{HEADER},write_policy\n{plain}{both}").limits
        return
    freeze, emulated = faults_of(tmp_path, config, f"{HEADER},write_policy\n{plain}{both}")
    assert [(fault.line, fault.column) for fault in (freeze, emulated)] == [(4, "write_policy"), (5, "write_policy")]
    assert "freezing lowers and releasing raises" in freeze.sentence
    assert "kind monthly is kept on Tencent Cloud by raising and lowering" in emulated.sentence
