"""Limits from TOML mean the same as from CSV, with exact figures and real types."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.clouds.registry import VENDORS
from adapters.limits import LimitsRead, read_limits
from core.limit import Dated, Source, TopUp
from core.money import Money

ACCOUNTS = {"h": VENDORS["huawei"], "t": VENDORS["tencent"]}
LIMIT = '[[limits]]\naccount = "t"\ncustomer_id = "200000000011"\nkind = "credit_line"\namount = "50.10"\n'


def read(folder: Path, content: str) -> LimitsRead:
    """Read one file limits.toml."""
    (folder / "limits.toml").write_text(content, encoding="utf-8")
    return read_limits(["limits.toml"], base=folder, accounts=ACCOUNTS)


@pytest.mark.parametrize("amount", ['"50.10"', "50.10", "50.1"])
@pytest.mark.parametrize("customer", ['"200000000011"', "200000000011"])
def test_amounts_and_ids_may_be_texts_or_numbers(tmp_path: Path, amount: str, customer: str) -> None:
    """A figure is taken exactly as it is written, never through a float."""
    content = LIMIT.replace('"50.10"', amount).replace('"200000000011"', customer)
    (limit,) = read(tmp_path, "# limits\n" + content).limits
    assert (str(limit.key), limit.amount) == ("tencent/200000000011", Money(5010))
    assert limit.source == Source("limits.toml", 2)


@pytest.mark.parametrize("day", ["2026-12-01", '"2026-12-01"'])
@pytest.mark.parametrize("below", ["12.5", '"12.5"'])
def test_dates_and_shares_may_be_texts_or_values(tmp_path: Path, day: str, below: str) -> None:
    """A date is TOML's own or a text, a share is a number or a text, and both are taken as written."""
    more = f"next_amount = 60\nnext_from = {day}\ntop_up = 5\ntop_up_below = {below}\ntop_up_max = 100.00\n"
    (limit,) = read(tmp_path, LIMIT + more).limits
    assert limit.later == Dated(Money(6000), date(2026, 12, 1))
    assert limit.top_up == TopUp(step=Money(500), below=Decimal("12.5"), most=Money(10000))


@pytest.mark.parametrize(
    ("before", "after", "line", "column", "words"),
    [
        ('"50.10"', "50.101", 1, "amount", "at most two decimals"),
        ('"50.10"', "1e3", 1, "amount", "write 1000"),
        ('"50.10"', "nan", 1, "amount", "not an amount"),
        ('"50.10"', "-1", 1, "amount", "negative"),
        ('"50.10"', "true", 5, "amount", "a number or a text"),
        ('"50.10"', "[1]", 5, "amount", "a number or a text"),
        ('"200000000011"', "2.00000000011e+11", 3, "customer_id", "a text in quotes"),
        ('"t"', "1", 2, "account", "a text in quotes"),
        ('amount = "50.10"', 'amont = "50.10"', 5, "amont", "write amount"),
        ('amount = "50.10"', 'amount = "50.10"\nshare = "x"', 6, "share", "not available in this version"),
        ('amount = "50.10"', 'amount = "50.10"\nsince = "x"', 1, "since", "is not a date"),
        ('amount = "50.10"', 'amount = "50.10"\nsince = 20261101', 6, "since", "a date such as"),
        ('amount = "50.10"', 'amount = "50.10"\nsince = 2026-11-01T10:00:00Z', 6, "since", "a date such as"),
        ('amount = "50.10"', 'amount = "50.10"\ntop_up = 2026-11-01', 6, "top_up", "a number or a text"),
        ('amount = "50.10"', 'amount = "50.10"\ntop_up_below = []', 6, "top_up_below", "a number such as 20"),
        ('amount = "50.10"', 'amount = "50.10"\nonboard = "true"', 6, "onboard", "without quotes"),
        ('amount = "50.10"', 'amount = "50.10"\nnon_stop = "true"', 6, "non_stop", "without quotes"),
        ('kind = "credit_line"\n', "", 1, "kind", "empty"),
    ],
)
def test_one_wrong_key_is_told(tmp_path: Path, before: str, after: str, line: int, column: str, words: str) -> None:
    """A key that cannot be used is told with its line, its name and what to write instead."""
    faults = read(tmp_path, LIMIT.replace(before, after)).faults
    assert (faults[0].line, faults[0].column) == (line, column)
    assert words in faults[0].sentence


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "no limits"),
        ("limits = 3\n", "write [[limits]]"),
        ('[limits]\naccount = "t"\n', "write [[limits]]"),
        (LIMIT + "[other]\n", "a limit begins with [[limits]]"),
        ("[[limits]\n", "not TOML"),
        (LIMIT + LIMIT, "listed twice, first at limits.toml:1"),
    ],
)
def test_a_file_of_the_wrong_form_is_told(tmp_path: Path, content: str, words: str) -> None:
    """Files without limits, with something else in them, or that are not TOML are told."""
    assert any(words in fault.sentence for fault in read(tmp_path, content).faults)
