"""What became of an increment: a table of what the vendor may show, and when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.intent import State
from core.settlement import settle_increment
from core.standing import Absence, Figure
from core.witness import WitnessRow
from tests.unit.settling import (
    BARE,
    FENCE,
    MARK,
    OLD,
    ONCE_ABSENT,
    OURS,
    SOON,
    TWICE_ABSENT,
    foreign,
    intent_of,
    looked,
)
from tests.unit.strategies import NOW, dollars


def test_a_mark_found_once_decides_alone() -> None:
    """Our mark with our change is proof that it was applied, before the fence and whatever the total shows."""
    for state in (State.UNCERTAIN, State.CONFIRMED):
        for granted in ("107", "100", None):
            verdict = settle_increment(intent_of(state), looked(granted, [OLD, OURS]))
            assert (verdict.state, verdict.proven, verdict.tag_seen) == (State.SETTLED_APPLIED, True, True)
            assert verdict.shown == (granted == "107")


def test_a_mark_found_twice_is_disputed() -> None:
    """Two rows with our mark mean that credit moved twice: a person looks."""
    twice = replace(OURS, granted_after=dollars("114"))
    verdict = settle_increment(intent_of(), looked("114", [OLD, OURS, twice]))
    assert (verdict.state, "2 times" in verdict.sentence) == (State.DISPUTED, True)


def test_a_mark_with_another_change_is_disputed() -> None:
    """A row of ours with another amount, such as a withdrawal cut short, is for a person."""
    verdict = settle_increment(intent_of(), looked("106", [OLD, replace(OURS, change=dollars("6"))]))
    assert (verdict.state, verdict.sentence) == (
        State.DISPUTED,
        "the vendor's records show 6.00 instead of 7.00",
    )


@pytest.mark.parametrize("length", [24, 31, 32])
def test_a_mark_cut_short_is_ours(length: int) -> None:
    """A mark of which 24 characters are left still names one call; a longer remark around it does no harm."""
    for remark in (MARK[:length], f"note: {MARK} end"):
        verdict = settle_increment(intent_of(), looked("107", [OLD, replace(OURS, remark=remark)]))
        assert verdict.tag_seen


@pytest.mark.parametrize("remark", [MARK[:23], MARK[:30] + "XX", MARK.lower(), "by hand", "", None])
def test_what_is_not_our_mark_is_not(remark: str | None) -> None:
    """Too little of a mark, or another text, proves nothing."""
    assert not settle_increment(intent_of(), looked("107", [OLD, replace(OURS, remark=remark)])).tag_seen


@pytest.mark.parametrize(
    ("granted", "rows", "shown"),
    [
        ("110", [OLD, foreign("3", "103"), replace(OURS, granted_after=dollars("110"))], True),
        ("112", [OLD, OURS, foreign("5", "112", seconds=9)], True),
        ("107", [OLD, OURS, foreign("5", "112", seconds=9)], False),
        ("107", [foreign("10", "100", seconds=-9), OLD, OURS], True),
        ("107", [replace(OLD, at=SOON), OURS], True),
        ("107", [replace(OLD, granted_after=dollars("90")), OURS], True),
        ("197", [replace(OLD, granted_after=dollars("90")), replace(OURS, granted_after=dollars("197"))], True),
        ("107", [OURS, replace(OLD, at=SOON)], True),
    ],
    ids=[
        "foreign before",
        "foreign after",
        "total is late",
        "late older row",
        "same second",
        "gap",
        "gap, own total",
        "same second, reversed",
    ],
)
def test_shown_means_that_the_total_contains_it(granted: str, rows: list[WitnessRow], shown: bool) -> None:  # noqa: FBT001 - a table's column
    """The barrier lifts when the total is before + ours + all rows since, or our row's own total and what followed."""
    verdict = settle_increment(intent_of(), looked(granted, rows))
    assert (verdict.state, verdict.shown) == (State.SETTLED_APPLIED, shown)


def test_absence_before_the_fence_says_nothing() -> None:
    """Until the vendor refuses the request for its age a missing mark is only missing."""
    verdict = settle_increment(intent_of(), looked("100", [OLD], at=FENCE - timedelta(seconds=1), tag_proven=True))
    assert (verdict.state, verdict.absent) == (None, False)


@pytest.mark.parametrize("early", ["witness", "standing"])
def test_a_read_counts_from_when_it_was_begun(early: str) -> None:
    """A read begun before the fence proves no absence, however late it is judged."""
    evidence = looked("100", [OLD], at=TWICE_ABSENT, tag_proven=True)
    begun = FENCE - timedelta(seconds=1)
    if early == "witness" and evidence.witness is not None:
        evidence = replace(evidence, witness=replace(evidence.witness, begun_at=begun))
    if early == "standing" and evidence.standing is not None:
        evidence = replace(evidence, standing=replace(evidence.standing, as_of=begun))
    assert settle_increment(intent_of(absent_since=FENCE), evidence).state is None


def test_absence_counts_in_two_spaced_reads_after_the_fence() -> None:
    """The first read after the fence is noted, one too soon after it is nothing, the second spaced one decides."""
    first = settle_increment(intent_of(), looked("100", [OLD], at=ONCE_ABSENT))
    assert (first.state, first.absent) == (None, True)
    noted = intent_of(absent_since=ONCE_ABSENT)
    soon = settle_increment(noted, looked("100", [OLD], at=TWICE_ABSENT - timedelta(seconds=1)))
    assert (soon.state, soon.absent) == (None, False)
    second = settle_increment(noted, looked("100", [OLD], at=TWICE_ABSENT))
    assert (second.state, second.proven) == (State.SETTLED_NOT_APPLIED, True)


@pytest.mark.parametrize(
    ("granted", "rows", "proven", "state"),
    [
        ("103", [OLD, foreign("3", "103")], True, State.SETTLED_NOT_APPLIED),
        ("103", [OLD, foreign("3", "103")], False, State.SETTLED_NOT_APPLIED),
        ("107", [OLD, foreign("7", "107")], True, State.SETTLED_NOT_APPLIED),
        ("107", [OLD, BARE], True, State.SETTLED_NOT_APPLIED),
        ("107", [OLD, BARE], False, State.SETTLED_APPLIED),
        ("107", [OLD, replace(BARE, remark=MARK[:10])], False, State.SETTLED_APPLIED),
        ("107", [OLD, replace(BARE, at=NOW - timedelta(hours=1))], False, State.DISPUTED),
        ("107", [OLD, replace(BARE, at=FENCE + timedelta(seconds=1))], False, State.DISPUTED),
        ("107", [replace(BARE, at=None), OLD], False, State.DISPUTED),
        ("110", [OLD, BARE, foreign("3", "110")], False, State.DISPUTED),
        ("107", [OLD], True, State.DISPUTED),
        ("107", [OLD], False, State.DISPUTED),
        ("100", [], True, State.DISPUTED),
        ("100", [OLD, replace(foreign("3", "103"), at=None)], True, State.DISPUTED),
        (None, [OLD], True, None),
        (Absence.UNKNOWN, [OLD], True, None),
        ("100", None, True, None),
    ],
    ids=[
        "explained by another row",
        "explained, marks never seen here",
        "somebody else's equal change",
        "an equal change, marks are kept here",
        "unmarked, just ours",
        "mark cut very short, just ours",
        "unmarked, too early",
        "unmarked, after the fence",
        "unmarked, without a time",
        "unmarked among others",
        "total moved, no row",
        "total moved, no row, marks never seen",
        "fewer rows than before",
        "a row without a time",
        "customer unread",
        "grant not said",
        "records unread",
    ],
)
def test_absence_decides_only_what_is_explained(
    granted: str | Figure | None,
    rows: list[WitnessRow] | None,
    proven: bool,  # noqa: FBT001 - a table's column
    state: State | None,
) -> None:
    """After two absences the other rows must explain the total; what they do not is for a person."""
    intent = intent_of(absent_since=ONCE_ABSENT)
    assert settle_increment(intent, looked(granted, rows, at=TWICE_ABSENT, tag_proven=proven)).state is state


@pytest.mark.parametrize(
    ("granted", "rows", "settled"),
    [
        ("107", [OLD], True),
        ("107", [OLD, BARE], True),
        ("107", [OLD, replace(BARE, remark=MARK[:10])], True),
        ("112", [OLD, BARE, foreign("5", "112", seconds=9)], True),
        ("114", [OLD, foreign("7", "114", seconds=9, remark=None)], True),
        ("100", [OLD], False),
        ("103", [OLD, foreign("3", "103")], False),
        ("107", [OLD, foreign("3", "110", seconds=9)], False),
        (Absence.UNKNOWN, [OLD], False),
        (None, [OLD], False),
        ("107", None, False),
    ],
    ids=[
        "record is late",
        "mark dropped",
        "mark cut very short",
        "mark dropped, another after it",
        "record is late, an equal one after it",
        "neither total nor record yet",
        "total without ours",
        "total without the other",
        "grant not said",
        "customer unread",
        "records unread",
    ],
)
def test_confirmed_without_a_mark_needs_the_total(
    granted: str | Figure | None,
    rows: list[WitnessRow] | None,
    settled: bool,  # noqa: FBT001 - a table's column
) -> None:
    """A confirmed change whose mark does not show is settled, unproven, only by a total that contains it."""
    verdict = settle_increment(intent_of(State.CONFIRMED), looked(granted, rows))
    assert verdict.state is (State.SETTLED_APPLIED if settled else None)
    assert verdict.shown is settled
    assert verdict.proven is not settled


def test_a_stale_read_never_lifts_the_barrier() -> None:
    """A confirmed change that neither total nor records show yet is not settled: it would be made twice."""
    for change, granted in (("7", "100"), ("-7", "100")):
        verdict = settle_increment(intent_of(State.CONFIRMED, change=change), looked(granted, [OLD]))
        assert (verdict.state, verdict.shown) == (None, False)


@pytest.mark.parametrize(("granted", "state"), [("100", State.DISPUTED), ("107", State.SETTLED_APPLIED), (None, None)])
def test_confirmed_and_never_shown_is_disputed(granted: str | None, state: State | None) -> None:
    """After the fence a confirmed change that does not show is for a person; a failed read disputes nothing."""
    assert settle_increment(intent_of(State.CONFIRMED), looked(granted, [OLD], at=FENCE)).state is state
