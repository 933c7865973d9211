"""What became of an absolute set: what stands decides, else the vendor's records, else the fence."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.intent import Intent, Position, State
from core.limit import Kind, OnExhaustion
from core.settlement import Evidence, Verdict, settle_absolute
from core.standing import Absence, Figure, Standing
from core.witness import Witness, WitnessRow
from tests.unit.settling import FENCE, LAG, SOON, intent_of
from tests.unit.strategies import LEVELS, NOW, customer, dollars, standing_of


def set_intent(
    state: State = State.UNCERTAIN,
    *,
    before: Position | None = None,
    wanted: Position | None = None,
    rows_before: int | None = 1,
) -> Intent:
    """Give the intent of an absolute set from 100.00 to 80.00 a month."""
    return replace(
        intent_of(state, rows_before=rows_before),
        before=before or Position(granted=dollars("100"), kind=Kind.MONTHLY),
        wanted=wanted or Position(granted=dollars("80"), kind=Kind.MONTHLY),
        change=None,
    )


ACTION_ONLY = Position(granted=dollars("100"), kind=Kind.MONTHLY, on_exhaustion=OnExhaustion.RESTRICT)
RECORD = WitnessRow(granted_after=dollars("80"), kind=Kind.MONTHLY, at=SOON)
LONG_AGO = WitnessRow(granted_after=dollars("100"), kind=Kind.MONTHLY, at=NOW - timedelta(days=1))


def levels(granted: str | Figure, kind: Kind | None = Kind.MONTHLY, at: datetime = SOON) -> Standing:
    """Give a standing of the vendor that takes amounts."""
    return replace(standing_of(granted, capabilities=LEVELS, as_of=at), kind=kind)


def absolute(
    intent: Intent, standing: Standing | None, rows: Sequence[WitnessRow] | None = (LONG_AGO,), at: datetime = SOON
) -> Verdict:
    """Settle an absolute set."""
    witness = None if rows is None else Witness(customer=customer(), begun_at=at, rows=tuple(rows))
    evidence = Evidence(standing=standing, witness=witness, now=at, tag_proven=False, spacing=LAG)
    return settle_absolute(intent, evidence)


@pytest.mark.parametrize("state", [State.UNCERTAIN, State.CONFIRMED])
@pytest.mark.parametrize("rows", [None, (LONG_AGO,), (LONG_AGO, RECORD)])
@pytest.mark.parametrize("kind", [Kind.MONTHLY, None])
def test_what_stands_was_set(state: State, rows: Sequence[WitnessRow] | None, kind: Kind | None) -> None:
    """An absolute set is settled as soon as what it wanted stands, also where the vendor leaves the kind out."""
    verdict = absolute(set_intent(state), levels("80", kind), rows)
    assert (verdict.state, verdict.shown, verdict.proven) == (State.SETTLED_APPLIED, True, True)


def test_a_record_of_it_is_proof() -> None:
    """Where something else stands by now, the vendor's record still shows that it was set."""
    verdict = absolute(set_intent(), levels("90"), (LONG_AGO, RECORD))
    assert (verdict.state, verdict.shown) == (State.SETTLED_APPLIED, False)


@pytest.mark.parametrize(
    ("standing", "state", "proven"),
    [
        (levels("100", at=FENCE), State.SETTLED_NOT_APPLIED, True),
        (levels("100", None, at=FENCE), State.SETTLED_NOT_APPLIED, True),
        (levels("90", at=FENCE), State.SETTLED_NOT_APPLIED, False),
        (levels("80", Kind.ONE_TIME, at=FENCE), State.SETTLED_NOT_APPLIED, False),
        (levels(Absence.NOT_SET, None, at=FENCE), State.SETTLED_NOT_APPLIED, False),
        (levels(Absence.UNKNOWN, None, at=FENCE), None, True),
        (None, None, True),
    ],
    ids=["before", "before, kind left out", "neither", "another kind", "nothing", "grant not said", "unread"],
)
def test_after_the_fence_it_is_closed_on_what_stands(
    standing: Standing | None,
    state: State | None,
    proven: bool,  # noqa: FBT001 - a table's column
) -> None:
    """An uncertain set is closed at the fence, unproven where neither old nor new shows, and never disputed."""
    if standing is not None:
        early = replace(standing, as_of=FENCE - timedelta(seconds=1))
        assert absolute(set_intent(), early).state is None
    verdict = absolute(set_intent(), standing, at=FENCE)
    assert (verdict.state, verdict.proven) == (state, proven)


def test_confirmed_and_not_shown_is_closed_as_applied() -> None:
    """A confirmed set that does not show is waited for until the fence, then closed as applied, unproven."""
    intent = set_intent(State.CONFIRMED)
    assert absolute(intent, levels("90")).state is None
    verdict = absolute(intent, levels("90", at=FENCE), at=FENCE)
    assert (verdict.state, verdict.proven) == (State.SETTLED_APPLIED, False)


@pytest.mark.parametrize(
    ("state", "rows", "at", "settled"),
    [
        (State.CONFIRMED, (LONG_AGO,), SOON, State.SETTLED_APPLIED),
        (State.UNCERTAIN, (LONG_AGO, replace(LONG_AGO, at=SOON)), SOON, State.SETTLED_APPLIED),
        (State.UNCERTAIN, (LONG_AGO, replace(LONG_AGO, at=SOON, kind=None)), SOON, State.SETTLED_APPLIED),
        (State.UNCERTAIN, (LONG_AGO,), SOON, None),
        (State.UNCERTAIN, None, SOON, None),
        (State.UNCERTAIN, (LONG_AGO,), FENCE, State.SETTLED_NOT_APPLIED),
        (State.UNCERTAIN, (LONG_AGO, replace(RECORD, granted_after=dollars("90"))), FENCE, State.SETTLED_NOT_APPLIED),
        (State.UNCERTAIN, (replace(LONG_AGO, at=NOW - timedelta(hours=1)),), FENCE, State.SETTLED_NOT_APPLIED),
    ],
)
def test_an_action_alone_is_settled_by_its_record(
    state: State, rows: Sequence[WitnessRow] | None, at: datetime, settled: State | None
) -> None:
    """A change of the exhaustion action cannot be read back: only the answer or a new record shows it."""
    intent = set_intent(state, before=replace(ACTION_ONLY, on_exhaustion=None), wanted=ACTION_ONLY)
    verdict = absolute(intent, levels("100", at=at), rows, at)
    assert verdict.state is settled
    if settled is State.SETTLED_NOT_APPLIED:
        assert not verdict.proven


def test_a_record_proves_nothing_when_none_were_counted() -> None:
    """Without the number of records from before, an old one cannot be told from ours."""
    intent = set_intent(before=replace(ACTION_ONLY, on_exhaustion=None), wanted=ACTION_ONLY, rows_before=None)
    assert absolute(intent, levels("100"), (replace(LONG_AGO, at=SOON),)).state is None
