"""Decides what became of a call from what the vendor shows now. Pure; core.run.settle reads and records.

An increment is settled by its mark in the vendor's records; absence of the mark is proof only after the fence.
An absolute set is settled by what stands; it is never disputed, because setting it again harms nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.intent import Intent, State
from core.money import Money, or_zero, total
from core.standing import Absence, Restriction, Standing
from core.witness import Witness, WitnessRow, new_rows, oldest_first

# How far a record's time may lie from our own clock: the vendor's has whole seconds and may be a little off.
_CLOCKS_APART = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was read to settle one intent, all of it begun after the send.

    `tag_proven`: a mark was once read back in this account. `spacing`: how far apart two reads must be to count twice.
    `clock_holds`: our clock agrees with the vendor's; else no fence can be said to have passed.
    """

    standing: Standing | None
    witness: Witness | None
    now: datetime
    tag_proven: bool
    spacing: timedelta
    clock_holds: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the evidence says. `state` None: not decided yet. `absent`: this read, after the fence, missed the mark.

    `shown`: the standing already contains the change, so the stale-read barrier is lifted too.
    `granted`: the total that contains the change, where the mark was found.
    """

    state: State | None
    sentence: str
    proven: bool = True
    absent: bool = False
    shown: bool = False
    tag_seen: bool = False
    granted: Money | None = None


def settle_increment(intent: Intent, evidence: Evidence) -> Verdict:
    """Decide for a call that added to, or took from, a credit."""
    if evidence.witness is None:
        return Verdict(state=None, sentence="the vendor's records could not be read yet")
    marked = evidence.witness.marked(intent.mark)
    if len(marked) > 1:
        return Verdict(state=State.DISPUTED, sentence=f"the vendor's records show it {len(marked)} times")
    if marked and marked[0].change != intent.change:
        return Verdict(
            state=State.DISPUTED,
            sentence=f"the vendor's records show {marked[0].change} instead of {intent.change}",
        )
    if marked:
        containing = _containing(marked[0], intent, evidence.witness)
        return Verdict(
            state=State.SETTLED_APPLIED,
            sentence="found in the vendor's records",
            shown=_granted(evidence) == containing,
            tag_seen=True,
            granted=containing,
        )
    if intent.state is State.CONFIRMED:
        return _confirmed_without_mark(intent, evidence, evidence.witness)
    return _uncertain_without_mark(intent, evidence, evidence.witness)


def settle_absolute(intent: Intent, evidence: Evidence) -> Verdict:
    """Decide for a call that set an amount, a kind or an exhaustion action."""
    standing, witness = evidence.standing, evidence.witness
    if standing is None or standing.granted is Absence.UNKNOWN:
        return Verdict(state=None, sentence="the customer could not be read yet")
    moves = (intent.before.granted, intent.before.kind) != (intent.wanted.granted, intent.wanted.kind)
    stands = standing.granted == intent.wanted.granted and standing.kind in {intent.wanted.kind, None}
    recorded = witness is not None and _own_record(intent, witness)
    if stands and (moves or recorded or intent.state is State.CONFIRMED):
        return Verdict(state=State.SETTLED_APPLIED, sentence="the vendor shows it", shown=True)
    if recorded:
        return Verdict(state=State.SETTLED_APPLIED, sentence="found in the vendor's records")
    if not _fence_passed(intent, standing.as_of, evidence):
        return Verdict(state=None, sentence="the vendor does not show it yet")
    if intent.state is State.CONFIRMED:
        return Verdict(state=State.SETTLED_APPLIED, sentence="confirmed, but something else stands now", proven=False)
    if stands:
        # Only the exhaustion action would have moved, and that cannot be read.
        return Verdict(state=State.SETTLED_NOT_APPLIED, sentence="the vendor's records do not name it", proven=False)
    unmoved = standing.granted == intent.before.granted and standing.kind in {intent.before.kind, None}
    return Verdict(
        state=State.SETTLED_NOT_APPLIED,
        sentence="the vendor shows what stood before" if unmoved else "neither the old nor the new shows",
        proven=unmoved,
    )


def settle_lever(intent: Intent, evidence: Evidence) -> Verdict:
    """Decide for a call that restricted a customer or lifted that: by whether it is restricted, all that can be read.

    What is not seen after the fence is decided afresh by the next run, never repeated.
    """
    standing = evidence.standing
    if standing is None or standing.restriction is None:
        return Verdict(state=None, sentence="the customer could not be read yet")
    free = Restriction.NONE
    stands = (standing.restriction is free) == (intent.wanted.restriction is free)
    moves = (intent.before.restriction is free) != (intent.wanted.restriction is free)
    confirmed = intent.state is State.CONFIRMED
    if stands and (moves or confirmed):
        # Without the vendor's answer it may have been somebody else, and what others restrict is theirs to lift.
        return Verdict(state=State.SETTLED_APPLIED, sentence="the vendor shows it", shown=True, proven=confirmed)
    if not _fence_passed(intent, standing.as_of, evidence):
        return Verdict(state=None, sentence="the vendor does not show it yet")
    if confirmed:
        return Verdict(state=State.SETTLED_APPLIED, sentence="confirmed, but something else stands now", proven=False)
    return Verdict(state=State.SETTLED_NOT_APPLIED, sentence="the vendor shows what stood before", proven=moves)


def _confirmed_without_mark(intent: Intent, evidence: Evidence, witness: Witness) -> Verdict:
    if not _was_read(evidence):
        return Verdict(state=None, sentence="the customer could not be read yet")
    granted = _granted(evidence)
    fresh = new_rows(witness, intent.rows_before or 0)
    # Either our record is late, or the vendor keeps no marks and one of the new rows is ours. Without such a row
    # "before plus the new rows" is a read from before our change: taking it for the new total would change it twice.
    possible = {_after(intent) + _sum(fresh)}
    if any(_may_be_ours(row, intent) for row in fresh):
        possible.add(_expected(intent, witness))
    if granted in possible:
        return Verdict(
            state=State.SETTLED_APPLIED,
            sentence="the vendor shows the new total, its records do not name it",
            proven=False,
            shown=True,
        )
    if _fence_passed(intent, witness.begun_at, evidence):
        return Verdict(state=State.DISPUTED, sentence=f"confirmed, but the vendor shows {granted}")
    return Verdict(state=None, sentence="the vendor does not show it yet")


def _uncertain_without_mark(intent: Intent, evidence: Evidence, witness: Witness) -> Verdict:
    if evidence.standing is None or not _was_read(evidence):
        return Verdict(state=None, sentence="the customer could not be read yet")
    begun = min(witness.begun_at, evidence.standing.as_of)
    if not _fence_passed(intent, begun, evidence):
        return Verdict(state=None, sentence="not in the vendor's records yet")
    if intent.absent_since is None or begun < intent.absent_since + evidence.spacing:
        return Verdict(state=None, sentence="missing once, to be read again", absent=intent.absent_since is None)
    granted = _granted(evidence)
    fresh = new_rows(witness, intent.rows_before or 0)
    grown = witness.count - (intent.rows_before or 0)
    explained = _adds_up(granted, intent, fresh) and len(fresh) == grown
    if explained and (evidence.tag_proven or not any(_may_be_ours(row, intent) for row in fresh)):
        return Verdict(state=State.SETTLED_NOT_APPLIED, sentence="missing in two reads after the vendor's refusal age")
    if explained and grown == 1 and _may_be_ours(fresh[0], intent) and _in_its_time(fresh[0], intent):
        # This vendor keeps no marks: one new row, ours to the cent, and the total agrees.
        return Verdict(
            state=State.SETTLED_APPLIED,
            sentence="one unmarked record of just this change",
            proven=False,
            shown=True,
        )
    return Verdict(state=State.DISPUTED, sentence=f"not in the vendor's records, yet the total shows {granted}")


def _adds_up(granted: Money | None, intent: Intent, fresh: Sequence[WitnessRow]) -> bool:
    """Whether what stood before and all rows since make what stands; our own change is no fraction of a cent."""
    apart = abs(or_zero(granted) - or_zero(intent.before.granted) - _sum(fresh)).cents
    return apart == 0 or apart <= len(fresh) < abs(or_zero(intent.change)).cents


def _may_be_ours(row: WitnessRow, intent: Intent) -> bool:
    """Whether a row says our change and nothing that speaks against its being ours (a cut-off mark is ours)."""
    return row.change == intent.change and (not row.remark or intent.mark.startswith(row.remark))


def _in_its_time(row: WitnessRow, intent: Intent) -> bool:
    """Whether a record was made while our call could have made it, by clocks a little apart."""
    if row.at is None or intent.sent_at is None or intent.fence_at is None:
        return False
    return intent.sent_at - _CLOCKS_APART <= row.at <= intent.fence_at


def _own_record(intent: Intent, witness: Witness) -> bool:
    """Whether a record newer than the intent's count says just what the intent wanted, at its time."""
    if intent.rows_before is None or intent.sent_at is None:
        return False
    earliest = intent.sent_at - _CLOCKS_APART
    return any(
        row.granted_after == intent.wanted.granted
        and row.kind in {intent.wanted.kind, None}
        and row.at is not None
        and row.at >= earliest
        for row in new_rows(witness, intent.rows_before)
    )


def _fence_passed(intent: Intent, begun: datetime, evidence: Evidence) -> bool:
    return evidence.clock_holds and intent.fence_at is not None and begun >= intent.fence_at


def _was_read(evidence: Evidence) -> bool:
    """Whether the vendor said what is granted; a read that failed speaks neither for a change nor against it."""
    return evidence.standing is not None and evidence.standing.granted is not Absence.UNKNOWN


def _granted(evidence: Evidence) -> Money | None:
    return evidence.standing.granted_money if evidence.standing is not None else None


def _after(intent: Intent) -> Money:
    return or_zero(intent.before.granted) + or_zero(intent.change)


def _containing(ours: WitnessRow, intent: Intent, witness: Witness) -> Money:
    """Give the total that contains our change: our row's own, and all that came after it.

    Not before plus all rows since: a row may have come into the records later than into the total before.
    """
    if ours.granted_after is None or ours.at is None:
        return _expected(intent, witness)
    rows = oldest_first(witness.rows)
    place = rows.index(ours)
    if place > 0 and rows[place - 1].granted_after == ours.granted_after - or_zero(ours.change):
        return ours.granted_after + _sum(rows[place + 1 :])
    # Without a total to start from, the order within one second is anybody's guess: only later seconds came after.
    return ours.granted_after + _sum([row for row in rows if row.at is not None and row.at > ours.at])


def _expected(intent: Intent, witness: Witness) -> Money:
    """Before plus all rows since; ours is among them."""
    return or_zero(intent.before.granted) + _sum(new_rows(witness, intent.rows_before or 0))


def _sum(rows: Sequence[WitnessRow]) -> Money:
    return total([row.change for row in rows if row.change is not None])
