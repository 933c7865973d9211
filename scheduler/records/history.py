"""Everything that happened, in one order of time: limits, our changes, those of others, people's decisions.

Called by `tidegate history` and the page. From our own records alone.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from core.intent import LEVERS, Intent
from core.limit import CustomerKey, Limit
from core.ports import AuditRow, Journal, LimitChange
from scheduler.reports.history_table import HistoryLine, Sort
from scheduler.reports.outcome_table import intent_end
from scheduler.reports.wording import action, grouped, kind, restriction, signed

# As many limits that come in together are told in one line.
MANY = 4
AT_ONCE = timedelta(minutes=1)

# People's words and others' doings, as the audit names them; our own changes are told by their intents.
_OTHERS = frozenset({"drift", "unexplained", "dispute_opened"})
_PERSON = {
    "paused": "paused",
    "resumed": "resumed",
    "dispute_closed": "dispute closed",
    "release": "wants the restriction lifted",
    "balanced": "counted anew from what the vendor shows",
}
PEOPLES = frozenset(_PERSON)
TOLD = _OTHERS | PEOPLES
# A pause names its customer in its text alone, so it is looked for in so many rows of the record's end.
_PAUSES = frozenset({"paused", "resumed"})
ROWS_LOOKED_AT = 100_000
INTENTS_TOLD = 1000


def history_lines(journal: Journal, customer: str | None, *, together: bool) -> list[HistoryLine]:
    """Put everything that happened into one order of time; `together`: many new limits of one file are one line."""
    lines = [
        *limit_lines(journal.limit_changes(), together=together),
        *(intent_line(intent) for intent in journal.intents(limit=100_000)),
        *audit_lines(journal.audit(events=TOLD)),
    ]
    wanted = [line for line in lines if customer is None or line.whom.partition("/")[2] == customer]
    return sorted(wanted, key=lambda line: line.at)


def customer_lines(journal: Journal, key: CustomerKey) -> list[HistoryLine]:
    """Give everything that happened to one customer, newest first."""
    spoken = journal.audit(after=journal.last_row().number - ROWS_LOOKED_AT, events=_PAUSES)
    lines = [
        *limit_lines(journal.limit_changes(key), together=False),
        *map(intent_line, journal.intents(key=key, limit=INTENTS_TOLD)),
        *audit_lines(journal.audit(key, events=TOLD)),
        *audit_lines(row for row in spoken if row.body.get("customer_id") == key.customer_id),
    ]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def limit_lines(changes: Iterable[LimitChange], *, together: bool, cut: bool = False) -> Iterator[HistoryLine]:
    """Tell accepted limits, given oldest first; `cut`: there are more before them, perhaps of the same file."""
    groups: list[list[LimitChange]] = []
    for change in changes:  # oldest first; the accounts of one run are accepted one after the other
        if together and groups and _came_with(change, groups[-1][0]):
            groups[-1].append(change)
        else:
            groups.append([change])
    for place, group in enumerate(groups):
        if len(group) < MANY:
            yield from map(_limit_line, group)
        else:
            yield _accepted(group, at_least=cut and place == 0)


def _paused(row: AuditRow) -> str:
    """Name what a row without a customer's key is about: an account, a customer of one or of any, or everything."""
    customer_id = row.body.get("customer_id")
    return row.account or "" if customer_id is None else f"{row.account or 'customer'}/{customer_id}"


def _came_with(change: LimitChange, first: LimitChange) -> bool:
    """Whether both are new limits of the same file, read in the same run."""
    at_once = change.digest == first.digest and change.first_seen - first.first_seen < AT_ONCE
    return at_once and _new_from(change) is not None and _new_from(change) == _new_from(first)


def _new_from(change: LimitChange) -> str | None:
    """Name the file that a limit came new from; None for every other change."""
    if change.old is not None or change.new is None or change.new.source is None:
        return None
    return change.new.source.file


def _accepted(group: list[LimitChange], *, at_least: bool) -> HistoryLine:
    first = group[0]
    file = _new_from(first) or ""
    count = f"{len(group)} or more" if at_least else f"{len(group)}"
    return HistoryLine(
        at=first.first_seen,
        sort=Sort.LIMIT,
        whom=file,
        what=f"{count} limits accepted from {file}",
        who="limits file",
        why=f"file {first.digest[:12]}; each one: --customer ID or --format json",
    )


def _limit_line(change: LimitChange) -> HistoryLine:
    newest = change.new or change.old
    source = f"{change.new.source}, file {change.digest[:12]}" if change.new and change.new.source else ""
    reason = newest.reason if newest is not None and change.new is not None else None
    return HistoryLine(
        at=change.first_seen,
        sort=Sort.LIMIT,
        whom=str(change.key),
        what=f"limit {_limit(change.new)}, before {_limit(change.old)}",
        who=(change.new.changed_by if change.new is not None else None) or "limits file",
        why="; ".join(part for part in (reason or "", source) if part),
    )


def _limit(limit: Limit | None) -> str:
    if limit is None:
        return "none"
    action = f" {limit.on_exhaustion}" if limit.on_exhaustion else ""
    return f"{grouped(limit.amount)} {kind(limit.kind)}{action}"


def intent_line(intent: Intent) -> HistoryLine:
    """Tell a change of ours."""
    change = signed(intent.change) or action(intent.action)
    before, after = intent.before.granted, intent.wanted.granted
    figures = f" ({grouped(before, 'nothing')} to {grouped(after)})" if after is not None else ""
    if intent.action in LEVERS:
        figures = f" ({restriction(intent.before.restriction)} to {restriction(intent.wanted.restriction)})"
    return HistoryLine(
        at=intent.recorded_at,
        sort=Sort.OURS,
        whom=str(intent.key),
        what=f"{change}{figures}: {intent_end(intent.state)}",
        who=intent.who,
        why="; ".join(part for part in (intent.outcome, intent.mark) if part),
    )


def audit_lines(rows: Iterable[AuditRow]) -> Iterator[HistoryLine]:
    """Tell people's words and others' doings; rows of every other event are passed over."""
    for row in rows:
        if row.event not in TOLD:
            continue
        sort = Sort.OTHERS if row.event in _OTHERS else Sort.PERSON
        facts = row.body
        said = str(facts.get("sentence") or facts.get("why") or "")
        yield HistoryLine(
            at=row.at,
            sort=sort,
            whom=str(row.key) if row.key is not None else _paused(row),
            what=said if sort is Sort.OTHERS and said else _PERSON.get(row.event, row.event.replace("_", " ")),
            who="" if sort is Sort.OTHERS else row.who,
            why="" if sort is Sort.OTHERS else said,
        )
