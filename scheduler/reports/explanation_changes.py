"""The last changes of one customer in one order: limits, ours, and others'. Used by scheduler.reports.explanation."""

from collections.abc import Iterator, Sequence

from core.explained import Explained, LimitChanged, Noted
from core.intent import Intent
from core.limit import Limit
from core.witness import WitnessRow
from scheduler.reports.history_table import HistoryLine, Sort
from scheduler.reports.outcome_table import intent_end
from scheduler.reports.wording import action, clean, figures_grouped, grouped, kind, moment, signed

MOST = 10
_OTHERS = frozenset({"drift", "unexplained", "dispute_opened"})
_WORDS = {
    "release": "asked for a release",
    "dispute_closed": "dispute closed",
    "balanced": "counted anew from what the vendor shows",
}


def last_changes(explained: Explained) -> list[HistoryLine]:
    """Give the newest changes, newest first."""
    records, whom = explained.records, str(explained.key)
    foreign = list(_foreign(records.foreign or (), whom))
    # The vendor's own records say more than the note that we made when we saw a change.
    notes = [note for note in records.notes if not (foreign and note.event == "drift")]
    lines = [
        *(_limit(change, whom) for change in records.limits),
        *(_intent(intent) for intent in records.intents),
        *(_note(note, whom) for note in notes),
        *foreign,
    ]
    return sorted(lines, key=lambda line: line.at, reverse=True)[:MOST]


def change_lines(explained: Explained) -> list[str]:
    """Say them, one line each."""
    lines = [_said(line) for line in last_changes(explained)]
    return lines or ["Nothing is on record yet."]


def _said(line: HistoryLine) -> str:
    by = f", by {clean(line.who)}" if line.who else ""
    why = f" ({figures_grouped(clean(line.why))})" if line.why else ""
    return f"{moment(line.at)}, {line.sort.value}: {figures_grouped(clean(line.what))}{by}{why}."


def _limit(change: LimitChanged, whom: str) -> HistoryLine:
    new = change.new
    where = str(new.source) if new is not None and new.source is not None else ""
    reason = new.reason if new is not None and new.reason else ""
    return HistoryLine(
        at=change.at,
        sort=Sort.LIMIT,
        whom=whom,
        what=f"limit {_written(new)}, before {_written(change.old)}",
        who=(new.changed_by if new is not None else None) or "limits file",
        why="; ".join(part for part in (reason, where) if part),
    )


def _written(limit: Limit | None) -> str:
    if limit is None:
        return "none"
    at_the_end = f" {limit.on_exhaustion}" if limit.on_exhaustion is not None else ""
    return f"{grouped(limit.amount)} {kind(limit.kind)}{at_the_end}"


def _intent(intent: Intent) -> HistoryLine:
    change = signed(intent.change) or action(intent.action)
    before, after = intent.before.granted, intent.wanted.granted
    moved = f" ({grouped(before, 'nothing')} to {grouped(after)})" if after is not None and after != before else ""
    return HistoryLine(
        at=intent.recorded_at,
        sort=Sort.OURS,
        whom=str(intent.key),
        what=f"{change}{moved}: {intent_end(intent.state)}",
        who=intent.who,
        why=intent.outcome,
    )


def _note(note: Noted, whom: str) -> HistoryLine:
    others = note.event in _OTHERS
    what = note.sentence if others else _WORDS.get(note.event, note.event.replace("_", " "))
    return HistoryLine(
        at=note.at,
        sort=Sort.OTHERS if others else Sort.PERSON,
        whom=whom,
        what=what or note.event.replace("_", " "),
        who="" if others else note.who,
        why="" if others else note.sentence,
    )


def _foreign(rows: Sequence[WitnessRow], whom: str) -> Iterator[HistoryLine]:
    for row in rows:
        if row.at is None:
            continue
        change = f"{signed(row.change)} to " if signed(row.change) else "set to "
        stands = "the grant was removed" if row.removed else f"{change}{grouped(row.granted_after)}"
        yield HistoryLine(
            at=row.at,
            sort=Sort.OTHERS,
            whom=whom,
            what=f"{stands}, by the vendor's records",
            who=row.operator or "",
            why=row.remark or "",
        )
