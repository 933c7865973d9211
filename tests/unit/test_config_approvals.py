"""Approvals are data: whose word, for what, how much and until when, and to which accounts it is given."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.limit import CustomerKey
from core.policy import AccountPolicy, Approval
from core.tally import Tally, way_out
from scheduler.bootstrap import load
from scheduler.config import ConfigFaults, Fault

ENVIRONMENT = {"KEY": "key", "SECRET": "secret"}
CONFIG = """\
[tidegate]
store = "sqlite:///tidegate.db"
limits = ["limits.csv"]
[accounts.h]
vendor = "huawei"
write_policy = "sync"
access_key = "env:KEY"
secret_key = "env:SECRET"
domain_id = "d"
region = "ap-southeast-1"
billing_timezone = "Asia/Shanghai"
[accounts.t]
vendor = "tencent"
write_policy = "sync"
secret_id = "env:KEY"
secret_key = "env:SECRET"
billing_timezone = "America/New_York"
"""
WORD = 'approved_by = "Ann"\nreason = "a contract"\n'
TAKEN = 'kind = "max_cut"\nup_to = "10.50"\n'
UNTIL = "until = 2026-12-31\n"


def loaded(folder: Path, config: str) -> dict[str, AccountPolicy]:
    """Load a configuration from a folder of its own; give each account's policy."""
    (folder / "config.toml").write_text(config, encoding="utf-8")
    rows = "h,c1,monthly,100.00,restrict\n"
    (folder / "limits.csv").write_text(f"account,customer_id,kind,amount,on_exhaustion\n{rows}", encoding="utf-8")
    accounts = load(folder / "config.toml", environ=ENVIRONMENT).accounts
    return {name: account.policy for name, account in accounts.items()}


def approved(folder: Path, *sections: str) -> dict[str, tuple[Approval, ...]]:
    """Load these approvals; give what reaches each account."""
    config = CONFIG + "".join(f"[[approvals]]\n{section}" for section in sections)
    return {name: policy.approvals for name, policy in loaded(folder, config).items()}


def only_fault(folder: Path, section: str) -> Fault:
    """Give the one fault that this approval is."""
    with pytest.raises(ConfigFaults) as caught:
        approved(folder, section)
    (fault,) = caught.value.faults
    return fault


def test_an_approval_goes_to_every_account_that_it_concerns(tmp_path: Path) -> None:
    """One of an account goes there, one of a customer alone everywhere, one of both to that account."""
    sections = (
        f'account = "h"\n{TAKEN}{UNTIL}{WORD}',
        f'customer = "c1"\n{TAKEN}{UNTIL}{WORD}',
        f'account = "t"\ncustomer = "200000000011"\n{TAKEN}{UNTIL}{WORD}',
    )
    found = approved(tmp_path, *sections)
    assert [(one.account, one.customer_id) for one in found["h"]] == [("h", None), (None, "c1")]
    assert [(one.account, one.customer_id) for one in found["t"]] == [(None, "c1"), ("t", "200000000011")]
    assert {(one.kind, one.up_to, one.approved_by, one.reason) for one in found["h"]} == {
        ("max_cut", 1050, "Ann", "a contract")
    }


@pytest.mark.parametrize(
    ("until", "here", "there"),
    [
        ("2026-12-31", "2026-12-31T16:00:00", "2027-01-01T05:00:00"),
        ('"2026-12-31"', "2026-12-31T16:00:00", "2027-01-01T05:00:00"),
        ("2026-12-31T12:00:00+08:00", "2026-12-31T04:00:00", "2026-12-31T04:00:00"),
        ('"2026-12-31 12:00+08:00"', "2026-12-31T04:00:00", "2026-12-31T04:00:00"),
        ("2026-12-31T12:00:00Z", "2026-12-31T12:00:00", "2026-12-31T12:00:00"),
    ],
)
def test_a_day_ends_where_the_account_bills(tmp_path: Path, until: str, here: str, there: str) -> None:
    """A date means the whole of that day in each account's billing time; a time with an offset is that moment."""
    found = approved(tmp_path, f'customer = "c1"\n{TAKEN}until = {until}\n{WORD}')
    assert found["h"][0].until == datetime.fromisoformat(here).replace(tzinfo=UTC)
    assert found["t"][0].until == datetime.fromisoformat(there).replace(tzinfo=UTC)


def test_an_approval_that_is_over_is_kept(tmp_path: Path) -> None:
    """It is a record, and core lets nothing pass for it."""
    assert approved(tmp_path, f'account = "h"\n{TAKEN}until = 2020-01-01\n{WORD}')["h"]


@pytest.mark.parametrize(
    ("kind", "up_to", "figure"),
    [
        ("max_cut", "5", 500),
        ("max_restored", "5.25", 525),
        ("max_raised", '"0"', 0),
        ("max_single_change", "7", 700),
        ("max_exhausted", "5", 5),
        ("max_customers_changed", "0", 0),
        ("max_vanished", "3", 3),
        ("max_limits_removed", "12", 12),
    ],
)
def test_a_size_is_read_as_the_guard_counts(tmp_path: Path, kind: str, up_to: str, figure: int) -> None:
    """Where customers are counted it is a number, where money is weighed an amount, given to core in cents."""
    (one,) = approved(tmp_path, f'account = "h"\nkind = "{kind}"\nup_to = {up_to}\n{UNTIL}{WORD}')["h"]
    assert (one.kind, one.up_to) == (kind, figure)


def test_a_freeze_is_approved_for_a_customer_and_has_no_size(tmp_path: Path) -> None:
    """What is approved is that this customer may be frozen."""
    (one,) = approved(tmp_path, f'account = "h"\ncustomer = "c1"\nkind = "freeze"\n{UNTIL}{WORD}')["h"]
    assert (one.customer_id, one.up_to) == ("c1", None)


@pytest.mark.parametrize(
    ("section", "where", "words"),
    [
        (f"{TAKEN}{UNTIL}{WORD}", "", "write account, customer or both"),
        (f'account = "x"\n{TAKEN}{UNTIL}{WORD}', ".account", 'there is no such account: write "h" or "t"'),
        (f'account = "h"\ncustomer = "a b"\n{TAKEN}{UNTIL}{WORD}', ".customer", "no spaces"),
        (f'account = "t"\ncustomer = "c1"\n{TAKEN}{UNTIL}{WORD}', ".customer", "digits only"),
        (f'customer = "a b"\n{TAKEN}{UNTIL}{WORD}', ".customer", "no spaces"),
        (f'customer = ""\n{TAKEN}{UNTIL}{WORD}', ".customer", "it is empty"),
        (f'account = "h"\nkind = "max_age"\nup_to = 3\n{UNTIL}{WORD}', ".kind", "max_restored or freeze"),
        (f'account = "h"\nkind = 3\nup_to = 3\n{UNTIL}{WORD}', ".kind", "a text in quotes"),
        (f'account = "h"\nkind = "max_cut"\n{UNTIL}{WORD}', ".up_to", 'write up_to = "5000.00"'),
        (f'account = "h"\nkind = "max_cut"\nup_to = -1\n{UNTIL}{WORD}', ".up_to", "cannot be negative"),
        (f'account = "h"\nkind = "max_cut"\nup_to = "1,5"\n{UNTIL}{WORD}', ".up_to", "is not an amount"),
        (f'account = "h"\nkind = "max_exhausted"\n{UNTIL}{WORD}', ".up_to", "up_to = 10"),
        (f'account = "h"\nkind = "max_exhausted"\nup_to = "5"\n{UNTIL}{WORD}', ".up_to", "a whole number"),
        (f'account = "h"\nkind = "max_exhausted"\nup_to = -5\n{UNTIL}{WORD}', ".up_to", "a whole number"),
        (f'account = "h"\nkind = "max_exhausted"\nup_to = true\n{UNTIL}{WORD}', ".up_to", "a whole number"),
        (f'customer = "c1"\nkind = "freeze"\nup_to = 5\n{UNTIL}{WORD}', ".up_to", "remove up_to"),
        (f'account = "h"\nkind = "freeze"\n{UNTIL}{WORD}', "", "write customer"),
        (f'customer = "c1"\nkind = "max_vanished"\nup_to = 5\n{UNTIL}{WORD}', "", "remove customer"),
        (f'account = "h"\n{TAKEN}{WORD}', ".until", "write until = 2026-12-31"),
        (f'account = "h"\n{TAKEN}until = 2026-12-31T12:00:00\n{WORD}', ".until", "needs its offset from UTC"),
        (f'account = "h"\n{TAKEN}until = "tomorrow morning"\n{WORD}', ".until", "this must be a date"),
        (f'account = "h"\n{TAKEN}until = "20261231"\n{WORD}', ".until", "this must be a date"),
        (f'account = "h"\n{TAKEN}until = 9999-12-31\n{WORD}', ".until", "write one from 2000 to 2199"),
        (f'account = "h"\n{TAKEN}until = 9999-12-31T23:59:59Z\n{WORD}', ".until", "write one from 2000 to 2199"),
        (f'account = "h"\n{TAKEN}{UNTIL}approved_by = "Ann"\n', ".reason", "the key reason is missing"),
        (f'account = "h"\n{TAKEN}{UNTIL}approved_by = ""\nreason = "x"\n', ".approved_by", "it is empty"),
        (f'account = "h"\n{TAKEN}{UNTIL}approved_by = "…"\nreason = "x"\n', ".approved_by", "the dots stand for"),
        (f'account = "h"\n{TAKEN}{UNTIL}{WORD}by = "Ann"\n', ".by", "there is no key 'by' here"),
    ],
)
def test_a_wrong_approval_is_told_and_lets_nothing_pass(tmp_path: Path, section: str, where: str, words: str) -> None:
    """For nobody, for nothing known, without end, size, name or reason: each is a fault at its key."""
    fault = only_fault(tmp_path, section)
    assert fault.where == f"approvals{where}"
    assert fault.line >= 18
    assert words in fault.sentence


def test_what_a_tripped_guard_proposes_can_be_written(tmp_path: Path) -> None:
    """The approval that a guard's sentence shows is one that this file takes once who and why are said."""
    policy = loaded(tmp_path, CONFIG)["h"]
    now = datetime(2026, 11, 22, tzinfo=UTC)
    for kind, figure, customer in (
        ("max_single_change", Tally(figure=12345, base=0, is_money=True), CustomerKey("huawei", "c1")),
        ("max_vanished", Tally(figure=3, base=10, is_money=False), None),
    ):
        sentence = way_out(kind, figure, policy, now, customer)
        pairs = sentence.split("[[approvals]] ")[1].split("; or write")[0].replace(", ", "\n").replace("…", "Ann")
        (one,) = approved(tmp_path, f"{pairs}\n")["h"]
        assert (one.kind, one.up_to, one.customer_id) == (kind, figure.figure, customer and customer.customer_id)
        assert now + timedelta(days=1) <= one.until
