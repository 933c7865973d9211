"""The books: whether the vendor's records account for what it shows, and whose the latest record is."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.books import Book, explain, foreign_since_our_write
from core.limit import Kind
from core.money import ZERO, Money
from core.witness import Witness, WitnessRow
from tests.unit.strategies import ACCOUNT, LAWS, NOW, customer, dollars


def row(change: str | None, after: str | None, minute: float = 0) -> WitnessRow:
    """Give one record, so many minutes after the book was last in agreement."""
    return WitnessRow(
        change=None if change is None else dollars(change),
        granted_after=None if after is None else dollars(after),
        kind=Kind.MONTHLY if change is None else None,
        at=NOW + timedelta(minutes=minute),
    )


def witness_of(rows: Sequence[WitnessRow]) -> Witness:
    """Give all records of a customer."""
    return Witness(customer=customer(), begun_at=NOW, rows=tuple(rows))


def book_of(granted: str | None, rows: int | None, *, written_at: datetime | None = None) -> Book:
    """Give a book that explains this grant with so many records."""
    amount = None if granted is None else dollars(granted)
    return Book(
        key=customer().key,
        account=ACCOUNT,
        opened=amount,
        granted=amount,
        kind=Kind.MONTHLY,
        as_of=NOW,
        ours=ZERO,
        others=ZERO,
        rows=rows,
        written_at=written_at,
    )


FIRST, SECOND, THIRD = row("100", "100", -60), row("20", "120", 1), row("-5", "115", 2)


def test_explained_by_the_sum_of_the_new_rows() -> None:
    """The book's grant and all rows since add up to what stands; those rows say who did it."""
    found = explain(book_of("100", 1), dollars("115"), witness_of([THIRD, FIRST, SECOND]))
    assert (found.explained, found.rows) == (True, (SECOND, THIRD))


def test_explained_by_the_chain_of_totals() -> None:
    """Where the count of known rows is behind, the totals lead back from what stands to the book's grant."""
    found = explain(book_of("120", 1), dollars("115"), witness_of([FIRST, SECOND, THIRD]))
    assert (found.explained, found.rows) == (True, (THIRD,))


def test_explained_by_what_is_recent() -> None:
    """A book that never counted records goes by those made since it last agreed."""
    found = explain(book_of("100", None), dollars("115"), witness_of([FIRST, SECOND, THIRD]))
    assert (found.explained, found.rows) == (True, (SECOND, THIRD))
    just_before = row("20", "120", -1)
    found = explain(book_of("120", None), dollars("115"), witness_of([FIRST, just_before, THIRD]))
    assert (found.explained, found.rows) == (True, (THIRD,))


@pytest.mark.parametrize(
    ("rows", "granted"),
    [
        ([FIRST], "115"),
        ([FIRST, SECOND], "115"),
        ([FIRST, SECOND, row("-3", "90", 2)], "115"),
        ([], "115"),
        ([FIRST, SECOND, THIRD], "120"),
    ],
    ids=["no new row", "another sum", "a broken chain", "fewer rows than before", "the newest says otherwise"],
)
def test_the_unexplained_is_not_explained(rows: list[WitnessRow], granted: str) -> None:
    """A grant that neither sum nor chain lead to is not explained."""
    assert not explain(book_of("100", 1), dollars(granted), witness_of(rows)).explained


def test_an_old_row_never_explains_a_late_read() -> None:
    """A read from before our cut is not explained by the raise that we cut: that would cut twice."""
    raised, cut, touched = row("50", "150", -60), row("-50", "100", -1), row("1", "101", 1)
    assert not explain(book_of("100", 2), dollars("150"), witness_of([raised, cut])).explained
    assert not explain(book_of("100", 2), dollars("150"), witness_of([raised, cut, touched])).explained
    assert not explain(book_of("100", 3), dollars("150"), witness_of([raised])).explained


def test_absolute_sets_go_by_the_newest_record() -> None:
    """Where records give no differences, the newest must say what stands."""
    known, set_by_hand = row(None, "100", -60), row(None, "80", 1)
    found = explain(book_of("100", 1), dollars("80"), witness_of([set_by_hand, known]))
    assert (found.explained, found.rows) == (True, (set_by_hand,))
    assert not explain(book_of("100", 1), dollars("70"), witness_of([known, set_by_hand])).explained
    assert not explain(book_of("100", 2), dollars("80"), witness_of([known, set_by_hand])).explained


def test_a_grant_that_came_or_went_is_no_sum() -> None:
    """Where there was, or is, no grant, nothing is added up."""
    assert explain(book_of(None, 0), dollars("100"), witness_of([FIRST])).explained
    assert explain(book_of("100", 1), None, witness_of([FIRST])).explained


@given(
    changes=st.lists(st.tuples(st.integers(-50, 50), st.integers(0, 2)), min_size=1, max_size=8),
    known=st.integers(0, 7),
    mixed=st.randoms(),
)
@LAWS
def test_whatever_was_recorded_is_explained(changes: list[tuple[int, int]], known: int, mixed: random.Random) -> None:
    """Any run of changes after the book, listed in any order, explains the grant they lead to."""
    total, second, rows, totals = 1000, 0, [], [1000]
    for change, later in changes:
        total, second = total + change, second + later
        at = NOW + timedelta(seconds=second)
        rows.append(WitnessRow(change=Money(change), granted_after=Money(total), at=at))
        totals.append(total)
    known = min(known, len(rows) - 1)
    listed = rows.copy()
    mixed.shuffle(listed)
    book = replace(book_of("10", known), granted=Money(totals[known]))
    assert explain(book, Money(total), witness_of(listed)).explained
    assert explain(replace(book, granted=Money(totals[0]), rows=0), Money(total), witness_of(listed)).explained


def test_a_record_after_ours_is_foreign() -> None:
    """A new record is somebody else's unless it says what we set, at that time; only one may be ours."""
    ours, theirs = row(None, "100", 1), row(None, "100", 50)
    book = replace(book_of("100", 1, written_at=NOW + timedelta(minutes=1)), row_awaited=True)
    first = row(None, "70", -60)
    assert not foreign_since_our_write(book, witness_of([first]))
    assert not foreign_since_our_write(book, witness_of([first, ours]))
    assert not foreign_since_our_write(book, witness_of([first, replace(ours, kind=None)]))
    assert foreign_since_our_write(book, witness_of([first, theirs]))
    assert foreign_since_our_write(book, witness_of([first, ours, theirs]))
    assert foreign_since_our_write(book, witness_of([first, ours, ours]))
    assert foreign_since_our_write(book, witness_of([first, replace(ours, granted_after=dollars("90"))]))
    assert foreign_since_our_write(book, witness_of([first, replace(ours, kind=Kind.ONE_TIME)]))
    assert foreign_since_our_write(replace(book, written_at=None), witness_of([first, ours]))
    assert foreign_since_our_write(replace(book, row_awaited=False), witness_of([first, ours]))


def test_without_a_count_nothing_is_foreign() -> None:
    """A book that never counted records cannot tell a new one, and takes none for foreign."""
    assert not foreign_since_our_write(book_of("100", None), witness_of([row(None, "70", 5)]))
