"""One sent increment and what may be read of it afterwards, for the tests of settlement."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from core.intent import Action, Intent, Position, State, mark_of
from core.limit import Kind
from core.settlement import Evidence
from core.standing import Figure
from core.witness import Witness, WitnessRow
from tests.unit.strategies import NOW, customer, dollars, standing_of

MARK = mark_of("TEST", "01JQ8ZKX4T5N6P7R8S9VABCDEF")
WRITE_TIMEOUT = timedelta(seconds=30)
SIGNATURE_LIFE = timedelta(seconds=300)
LAG = timedelta(seconds=60)
QUARANTINE = SIGNATURE_LIFE + LAG
FENCE = NOW + 2 * WRITE_TIMEOUT + QUARANTINE
SOON = NOW + timedelta(seconds=5)
ONCE_ABSENT = FENCE + timedelta(seconds=1)
TWICE_ABSENT = ONCE_ABSENT + LAG
OLD = WitnessRow(change=dollars("100"), granted_after=dollars("100"), at=NOW - timedelta(days=1), remark="by hand")
OURS = WitnessRow(change=dollars("7"), granted_after=dollars("107"), at=SOON, remark=MARK)
BARE = replace(OURS, remark=None)


def intent_of(
    state: State = State.UNCERTAIN,
    *,
    before: str = "100",
    change: str = "7",
    rows_before: int | None = 1,
    absent_since: datetime | None = None,
) -> Intent:
    """Give the intent of an increment, sent at NOW."""
    granted = dollars(before)
    recorded = Intent(
        id="01JQ8ZKX4T5N6P7R8S9VABCDEF",
        mark=MARK,
        run="run",
        who="test",
        account="main",
        customer=customer(),
        action=Action.SET_AMOUNT,
        before=Position(granted=granted, kind=Kind.CREDIT_LINE),
        wanted=Position(granted=granted + dollars(change), kind=Kind.CREDIT_LINE),
        change=dollars(change),
        rows_before=rows_before,
        inputs_hash="",
        epoch=1,
        recorded_at=NOW,
    )
    sent = recorded.sent(NOW, WRITE_TIMEOUT, QUARANTINE)
    return replace(sent.moved(state), absent_since=absent_since)


def looked(
    granted: str | Figure | None,
    rows: Sequence[WitnessRow] | None,
    *,
    at: datetime = SOON,
    tag_proven: bool = False,
) -> Evidence:
    """Give what was read at one moment; None: that read failed."""
    return Evidence(
        standing=None if granted is None else standing_of(granted, as_of=at),
        witness=None if rows is None else Witness(customer=customer(), begun_at=at, rows=tuple(rows)),
        now=at,
        tag_proven=tag_proven,
        spacing=LAG,
    )


def foreign(change: str, after: str, *, seconds: int = 3, remark: str | None = "by hand") -> WitnessRow:
    """Give somebody else's row."""
    at = NOW + timedelta(seconds=seconds)
    return WitnessRow(change=dollars(change), granted_after=dollars(after), at=at, remark=remark)
