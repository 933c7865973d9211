"""Amounts that move, and the other things said of a limit: columns that belong together, and what contradicts."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.clouds.registry import VENDORS
from adapters.limits import LimitsRead, read_limits
from core.limit import Limit, Overrun, Release, Temporary, TopUp
from core.money import Money

ACCOUNTS = {"h": VENDORS["huawei"], "t": VENDORS["tencent"], "x": None}
HUAWEI = {"account": "h", "customer_id": "c1", "kind": "monthly", "amount": "100", "on_exhaustion": ""}
TENCENT = HUAWEI | {"account": "t", "customer_id": "200000000011", "kind": "one_time", "on_exhaustion": "alert"}
NOWHERE = HUAWEI | {"account": "x"}


def read(folder: Path, cells: dict[str, str]) -> LimitsRead:
    """Read one row."""
    quoted = ",".join(f'"{cell}"' for cell in cells.values())
    (folder / "limits.csv").write_text(f"{','.join(cells)}\n{quoted}\n", encoding="utf-8")
    return read_limits(["limits.csv"], base=folder, accounts=ACCOUNTS)


def limit_of(folder: Path, cells: dict[str, str]) -> Limit:
    """Read one row that is in order."""
    found = read(folder, cells)
    assert not found.faults
    return found.limits[0]


def test_what_is_not_given_is_the_default(tmp_path: Path) -> None:
    """Empty cells leave release to us and every amount as it is."""
    names = ("overrun_max", "spent_before", "since", "release", "onboard", "top_up", "temporary_amount", "next_from")
    limit = limit_of(tmp_path, HUAWEI | dict.fromkeys(names, ""))
    assert (limit.overrun, limit.spent_before, limit.since, limit.onboard) == (None, None, None, False)
    assert limit.release is Release.AUTO
    assert (limit.top_up, limit.temporary, limit.later, limit.why) == (None, None, None, "")


def test_an_overrun_may_have_no_end(tmp_path: Path) -> None:
    """The word none is a decision, and another one than an empty cell."""
    assert limit_of(tmp_path, TENCENT | {"overrun_max": "none"}).overrun == Overrun(None)
    assert limit_of(tmp_path, TENCENT | {"overrun_max": "0.01"}).overrun == Overrun(Money(1))


def test_topping_up_begins_at_a_fifth_unless_said_otherwise(tmp_path: Path) -> None:
    """Without top_up_below it is 20 percent."""
    limit = limit_of(tmp_path, HUAWEI | {"top_up": "10", "top_up_max": "100.01"})
    assert limit.top_up == TopUp(step=Money(1000), below=Decimal(20), most=Money(10001))


def test_a_temporary_amount_may_begin_at_once(tmp_path: Path) -> None:
    """Without temporary_from it holds from now on, until its end."""
    limit = limit_of(tmp_path, HUAWEI | {"temporary_amount": "50", "temporary_until": "2026-12-15"})
    assert limit.temporary == Temporary(amount=Money(5000), until=date(2026, 12, 15))


def test_a_new_customer_may_be_let_in(tmp_path: Path) -> None:
    """Where the vendor restricts new customers, onboard is a column like any boolean."""
    assert limit_of(tmp_path, HUAWEI | {"onboard": "TRUE"}).onboard


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ({"top_up_max": "200"}, "top_up_max", "write top_up too, or remove top_up_max"),
        ({"top_up_below": "20"}, "top_up_below", "write top_up too, or remove top_up_below"),
        ({"top_up": "10"}, "top_up", "write top_up_max"),
        ({"top_up": "0", "top_up_max": "200"}, "top_up", "a step of zero"),
        ({"top_up": "10", "top_up_max": "100"}, "top_up_max", "top_up_max 100.00 is not more than the amount 100.00"),
        ({"top_up": "-1", "top_up_max": "200"}, "top_up", "-1 is negative"),
        ({"top_up": "10", "top_up_max": "1,000"}, "top_up_max", "write 1000"),
        ({"amount": "0", "top_up": "10", "top_up_max": "200"}, "top_up", "never topped up"),
        ({"amount": "x", "top_up": "10", "top_up_max": "200"}, "amount", "write digits and a point"),
        ({"top_up": "10", "top_up_max": "200", "top_up_below": "0"}, "top_up_below", "from 1 to 99"),
        ({"top_up": "10", "top_up_max": "200", "top_up_below": "100"}, "top_up_below", "from 1 to 99"),
        ({"top_up": "10", "top_up_max": "200", "top_up_below": "99.5"}, "top_up_below", "from 1 to 99"),
        ({"top_up": "10", "top_up_max": "200", "top_up_below": "25 %"}, "top_up_below", "write 25"),
        ({"top_up": "10", "top_up_max": "200", "top_up_below": "0.2"}, "top_up_below", "from 1 to 99"),
        ({"temporary_amount": "50"}, "temporary_amount", "write temporary_until"),
        ({"temporary_until": "2026-12-15"}, "temporary_until", "write temporary_amount too"),
        ({"temporary_from": "2026-12-15"}, "temporary_from", "write temporary_amount too"),
        (
            {"temporary_amount": "5", "temporary_from": "2026-12-15", "temporary_until": "2026-12-15"},
            "temporary_from",
            "write an earlier day",
        ),
        ({"temporary_amount": "5", "temporary_until": "31.12.2026"}, "temporary_until", "such as 2026-11-30"),
        ({"temporary_amount": "x", "temporary_until": "2026-12-15"}, "temporary_amount", "is not an amount"),
        ({"next_amount": "5"}, "next_amount", "write next_from too"),
        ({"next_from": "2026-12-15"}, "next_from", "write next_amount too"),
        ({"next_amount": "5", "next_from": "2026/1/5"}, "next_from", "write 2026-01-05"),
        ({"next_amount": "5", "next_from": "2026-01-05 00:00:00"}, "next_from", "write 2026-01-05"),
        ({"next_amount": "5", "next_from": "2026-02-30"}, "next_from", "is not a date"),
        ({"next_amount": "5", "next_from": "2026/02/30"}, "next_from", "such as 2026-11-30"),
        ({"next_amount": "5", "next_from": "0206-02-20"}, "next_from", "is not a date"),
        ({"next_amount": "5", "next_from": "20261105"}, "next_from", "is not a date"),
        ({"next_amount": "5", "next_from": "46331"}, "next_from", "is not a date"),
        ({"since": "2026-11-01"}, "since", "this one is monthly: remove since"),
        ({"spent_before": "-1"}, "spent_before", "-1 is negative"),
        ({"release": "never"}, "release", "write auto or manual"),
        ({"onboard": "yes"}, "onboard", "write true or false"),
        ({"overrun_max": "None"}, "overrun_max", "is not an amount"),
        ({"overrun_max": "0"}, "overrun_max", "an overrun of zero"),
        ({"spent_before": "#REF!"}, "spent_before", "a spreadsheet's error"),
        ({"onboard": "#N/A"}, "onboard", "a spreadsheet's error"),
        ({"release": "#N/A"}, "release", "a spreadsheet's error"),
        ({"top_up": "#NAME?", "top_up_max": "200"}, "top_up", "a spreadsheet's error"),
        ({"top_up": "5", "top_up_max": "#VALUE!"}, "top_up_max", "a spreadsheet's error"),
    ],
)
def test_what_makes_no_sense_is_told_at_its_column(
    tmp_path: Path, row: dict[str, str], column: str, words: str
) -> None:
    """Halves of a whole, contradictions and misspelt values are told with what to write, whatever the vendor."""
    (fault,) = read(tmp_path, NOWHERE | row).faults
    assert (fault.line, fault.column) == (2, column)
    assert words in fault.sentence


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (TENCENT, "overrun_max"),
        (TENCENT | {"overrun_max": "5", "onboard": "true"}, "onboard"),
        (HUAWEI | {"overrun_max": "none"}, "overrun_max"),
        (HUAWEI | {"kind": "one_time", "spent_before": "5"}, "spent_before"),
        (HUAWEI | {"kind": "one_time", "since": "2026-11-01"}, "since"),
        (HUAWEI | {"next_amount": "0", "next_from": "2026-12-01"}, "amount"),
    ],
)
def test_what_the_vendor_cannot_do_with_it_is_told(tmp_path: Path, row: dict[str, str], column: str) -> None:
    """A column without a meaning at this vendor, and one that is needed there, are told as well."""
    assert [fault.column for fault in read(tmp_path, row).faults] == [column]
