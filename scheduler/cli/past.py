"""`tidegate history`: what was changed when, by whom, in one order of time; and whether the record is whole."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

import click
from click.core import ParameterSource

from core.intent import LEVERS, Intent
from core.limit import Limit
from core.ports import AuditRow, Journal, LimitChange
from scheduler.cli import opening, screen
from scheduler.cli.endings import DONE, FAILED, Options, tell
from scheduler.cli.options import common
from scheduler.reports.history_table import HistoryLine, Sort, history_document, history_table
from scheduler.reports.outcome_table import intent_end
from scheduler.reports.plan_json import stable
from scheduler.reports.wording import action, clean, grouped, kind, restriction, signed

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


@click.command("history")
@common
@click.option("--customer", metavar="ID", help="Only this customer.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--verify", is_flag=True, help="Check that no row of the record was changed or removed.")
@click.option("--limit", "most", type=click.IntRange(min=1), default=200, show_default=True, help="The newest so many.")
@click.pass_context
def history(ctx: click.Context, *, options: Options, customer: str | None, form: str, verify: bool, most: int) -> None:
    """Show what was changed when, by whom: limits, our changes, others' changes and people's decisions.

    With --verify the verdict comes first, and alone unless --customer, --limit or --format json asks for the rows.

    Exit codes: 0, and with --verify 1 when the record was tampered with.
    """
    settings = opening.read_records_settings(options)
    with opening.open_world(settings, observe_only=True, accounts=frozenset()) as world:
        breaks = world.journal.verify() if verify else ()
        head = world.journal.head()
        asked = customer is not None or ctx.get_parameter_source("most") is not ParameterSource.DEFAULT
        lines = _lines(world.journal, customer, together=form == "table" and customer is None)[-most:]
    for sentence in breaks:
        tell(clean(sentence))
    if verify and not breaks:
        screen.say(f"The record is whole: nothing was changed or removed. It ends with {head}.", style="green")
    if form == "json":
        screen.data(stable(history_document(lines)))
    elif asked or not verify:
        screen.show(history_table(lines))
    ctx.exit(FAILED if breaks else DONE)


def _lines(journal: Journal, customer: str | None, *, together: bool) -> list[HistoryLine]:
    """Put everything that happened into one order of time; `together`: many new limits of one file are one line."""
    lines = [
        *_limit_lines(journal.limit_changes(), together=together),
        *(_intent_line(intent) for intent in journal.intents(limit=100_000)),
        *_audit_lines(journal.audit()),
    ]
    wanted = [line for line in lines if customer is None or line.whom.partition("/")[2] == customer]
    return sorted(wanted, key=lambda line: line.at)


def _limit_lines(changes: Iterable[LimitChange], *, together: bool) -> Iterator[HistoryLine]:
    groups: list[list[LimitChange]] = []
    for change in changes:  # oldest first; the accounts of one run are accepted one after the other
        if together and groups and _came_with(change, groups[-1][0]):
            groups[-1].append(change)
        else:
            groups.append([change])
    for group in groups:
        if len(group) < MANY:
            yield from map(_limit_line, group)
        else:
            yield _accepted(group)


def _came_with(change: LimitChange, first: LimitChange) -> bool:
    """Whether both are new limits of the same file, read in the same run."""
    at_once = change.digest == first.digest and change.first_seen - first.first_seen < AT_ONCE
    return at_once and _new_from(change) is not None and _new_from(change) == _new_from(first)


def _new_from(change: LimitChange) -> str | None:
    """Name the file that a limit came new from; None for every other change."""
    if change.old is not None or change.new is None or change.new.source is None:
        return None
    return change.new.source.file


def _accepted(group: list[LimitChange]) -> HistoryLine:
    first = group[0]
    file = _new_from(first) or ""
    return HistoryLine(
        at=first.first_seen,
        sort=Sort.LIMIT,
        whom=file,
        what=f"{len(group)} limits accepted from {file}",
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


def _intent_line(intent: Intent) -> HistoryLine:
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


def _audit_lines(rows: Iterable[AuditRow]) -> Iterator[HistoryLine]:
    for row in rows:
        sort = Sort.OTHERS if row.event in _OTHERS else Sort.PERSON if row.event in _PERSON else None
        if sort is None:
            continue
        facts = row.body
        said = str(facts.get("sentence") or facts.get("why") or "")
        yield HistoryLine(
            at=row.at,
            sort=sort,
            whom=str(row.key) if row.key is not None else row.account or "",
            what=said if sort is Sort.OTHERS and said else _PERSON.get(row.event, row.event.replace("_", " ")),
            who="" if sort is Sort.OTHERS else row.who,
            why="" if sort is Sort.OTHERS else said,
        )
