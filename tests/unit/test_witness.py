"""The vendor's records: which are new, in which order they came, and which carry our mark."""

import random
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.intent import mark_of
from core.money import Money
from core.witness import MOST_IN_A_SECOND, Witness, WitnessRow, new_rows, oldest_first, row_time
from tests.unit.strategies import LAWS, NOW, customer

MARK = mark_of("TEST", "01JQ8ZKX4T5N6P7R8S9VABCDEF")
OTHER = mark_of("TEST", "01JQ8ZKX4T5N6P7R8S9VABCDEG")


def row(change: int, after: int, second: int | None = 0, remark: str | None = None) -> WitnessRow:
    """Give one record in cents."""
    at = None if second is None else NOW + timedelta(seconds=second)
    return WitnessRow(change=Money(change), granted_after=Money(after), at=at, remark=remark)


def witness_of(*rows: WitnessRow) -> Witness:
    """Give all records of a customer."""
    return Witness(customer=customer(), begun_at=NOW, rows=rows)


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(0, 1)), max_size=MOST_IN_A_SECOND), st.randoms())
@LAWS
def test_totals_order_the_records_of_one_second(steps: list[tuple[int, int]], mixed: random.Random) -> None:
    """However the vendor lists records of the same second, they come out so that each total follows from the last."""
    rows, total, second = [row(100, 100, -1)], 100, 0
    for change, later in steps:
        total, second = total + change, second + later
        rows.append(row(change, total, second))
    listed = rows.copy()
    mixed.shuffle(listed)
    ordered = oldest_first(listed)
    assert sorted(ordered, key=row_time) == list(ordered)
    for before, after in pairwise(ordered):
        assert before.granted_after is not None
        assert after.change is not None
        assert before.granted_after + after.change == after.granted_after


def test_records_that_do_not_chain_keep_their_order() -> None:
    """Where totals are missing, contradict each other or are too many, records of one second stay as listed."""
    contradicting = (row(5, 50), row(5, 90), row(1, 7))
    assert oldest_first(contradicting) == contradicting
    without = (replace(row(5, 10), granted_after=None), row(5, 5))
    assert oldest_first(without) == without
    many = tuple(row(1, number) for number in range(MOST_IN_A_SECOND + 1, 0, -1))
    assert oldest_first(many) == many


def test_new_rows_are_the_latest() -> None:
    """Of the records beyond those counted before, the latest by time are new, oldest first."""
    old, first, second = row(1, 1, -9), row(2, 3, 1), row(3, 6, 2)
    witness = witness_of(second, old, first)
    assert new_rows(witness, 1) == (first, second)
    assert new_rows(witness, 2) == (second,)
    assert new_rows(witness, 0) == (old, first, second)


@pytest.mark.parametrize("before", [2, 3, 9])
def test_a_count_that_shrank_has_no_new_rows(before: int) -> None:
    """As many records as before, or fewer, hold nothing new."""
    assert new_rows(witness_of(row(1, 1), row(2, 3)), before) == ()


def test_records_without_a_time_count_as_old() -> None:
    """A record that says no time is never taken for a new one."""
    assert new_rows(witness_of(row(1, 1, None), row(2, 3)), 1) == (row(2, 3),)
    assert new_rows(witness_of(row(1, 1, None)), 0) == ()


@pytest.mark.parametrize(
    ("remark", "found"),
    [
        (MARK, True),
        (f"by hand {MARK}!", True),
        (MARK[:24], True),
        (MARK[:23], False),
        (OTHER, False),
        (OTHER[:31], True),
        ("", False),
        (None, False),
    ],
)
def test_a_mark_is_found_whole_or_cut_short(remark: str | None, found: bool) -> None:  # noqa: FBT001 - a table's column
    """A remark carries our mark when it holds all of it, or is its beginning with enough left to be unique."""
    marked = row(1, 1, remark=remark)
    assert witness_of(marked, row(2, 3)).marked(MARK) == ((marked,) if found else ())


def test_counts_all_records() -> None:
    """The count is of all records, those without a time too."""
    assert witness_of(row(1, 1, None), row(2, 3)).count == 2
