"""`tidegate report`: a month of every customer from our own records, and what `sync` would have sent."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TypeVar

import click
from rich.console import RenderableType

from core.run.world import World
from scheduler.cli import opening, screen
from scheduler.cli.endings import DONE, Options, UsageFault, tell
from scheduler.cli.options import common
from scheduler.config import Settings
from scheduler.records import collecting
from scheduler.records.collecting import Asked
from scheduler.reports import month_forms, would_have_forms
from scheduler.reports.month import MonthReport, month_begins
from scheduler.reports.month_table import month_table
from scheduler.reports.reckoning import account_month
from scheduler.reports.wording import clean
from scheduler.reports.would_have import WouldHave, would_have

Result = TypeVar("Result")

FORMATS = ("table", "json", "csv", "markdown", "html")
_SUFFIXES = {".json": "json", ".csv": "csv", ".md": "markdown", ".html": "html", ".htm": "html"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a report is to be of: a month as of a day, with bills or without; or what runs since a day would have done.

    None: the current one, or all.
    """

    month: str | None
    as_of: date | None
    billed: bool
    would_have: bool
    since: date | None


class Month(click.ParamType[str]):
    """A month, such as 2026-11."""

    name = "month"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read it; a click usage error says what to write instead."""
        try:
            return f"{month_begins(value, 'UTC'):%Y-%m}"
        except ValueError:
            self.fail(f"{value!r} is no month: write it as 2026-11", param, ctx)


class Day(click.ParamType[date]):
    """A day that has begun, such as 2026-11-22, in billing time."""

    name = "date"

    def convert(self, value: str | date, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read it; a click usage error says what to write instead."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day: write it as 2026-11-22", param, ctx)


def _of_what(function: Callable[..., Result]) -> Callable[..., Result]:
    """Give a command the options that say what is to be reported, as one `wanted`."""

    def command(
        *arguments: object,
        month: str | None,
        as_of: date | None,
        billed: bool,
        would_have: bool,
        since: date | None,
        **given: object,
    ) -> Result:
        wanted = Wanted(month=month, as_of=as_of, billed=billed, would_have=would_have, since=since)
        return function(*arguments, wanted=wanted, **given)

    functools.update_wrapper(command, function)
    for option in (
        click.option("--since", type=Day(), metavar="DATE", help="With --would-have: runs from that billing day on."),
        click.option("--would-have", is_flag=True, help="Instead: what sync would have sent, by past runs' plans."),
        click.option("--billed", is_flag=True, help="Ask the vendors for bills, to compare with; 1 call a second."),
        click.option("--as-of", type=Day(), metavar="DATE", help="As it stood at the end of that billing day."),
        click.option("--month", type=Month(), metavar="YYYY-MM", help="The billing month; default: --as-of's, or now."),
    ):
        command = option(command)
    return command


@click.command("report")
@common
@_of_what
@click.option("--account", "accounts", multiple=True, metavar="NAME", help="Only this account; repeatable.")
@click.option("--format", "form", type=click.Choice(FORMATS), help="Default: by --out's ending, else table.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write it there instead.")
@click.option("--show-names", is_flag=True, help="Show customers' names in full.")
@click.pass_context
def report(
    ctx: click.Context,
    *,
    options: Options,
    wanted: Wanted,
    accounts: tuple[str, ...],
    form: str | None,
    out: Path | None,
    show_names: bool,
) -> None:
    """Report a month of every customer, from our own records alone.

    Limits in force, what was spent and since when it was counted, what Tidegate changed and what others did. With
    --as-of the report of a day that is over is the same for ever.

    With --would-have it adds up what write_policy sync would have sent, exhausted and released, and what would have
    stopped it.

    Exit codes: 0, or 1 when our records cannot be read.
    """
    _raise_if_contradicting(wanted)
    settings = opening.read_settings(options, (accounts or None) if wanted.billed else ())
    names = sorted(opening.scope_of(settings, accounts, ()).accounts or settings.accounts)
    form = form or _SUFFIXES.get(out.suffix.lower() if out else "", "table")
    with opening.open_world(settings, observe_only=True, accounts=frozenset(names if wanted.billed else ())) as world:
        asked = Asked(now=world.clock.now(), month=wanted.month, as_of=wanted.as_of)
        if wanted.would_have:
            found = would_have(collecting.looks_since(world, settings, names, wanted.since))
            table, text = would_have_forms.would_have_table(found, wanted.since), _sums(found, form, wanted.since)
        else:
            _raise_if_ahead(asked, settings, names)
            made = _month(world, settings, names, asked, billed=wanted.billed)
            table, text = month_table(made, show_names=show_names), _written(made, form, show_names=show_names)
    _give(table, text, out, form)
    ctx.exit(DONE)


def _raise_if_contradicting(wanted: Wanted) -> None:
    month, as_of = wanted.month, wanted.as_of
    faults = []
    if wanted.since is not None and not wanted.would_have:
        faults.append("--since DATE belongs to --would-have; for a month's report write --month or --as-of")
    if wanted.would_have and (month is not None or as_of is not None or wanted.billed):
        faults.append("--would-have looks at past runs: write --since DATE instead of --month, --as-of or --billed")
    if month is not None and as_of is not None and month > f"{as_of:%Y-%m}":
        faults.append(f"--month {month} had not begun on {as_of}")
    if faults:
        raise UsageFault(faults)


def _raise_if_ahead(asked: Asked, settings: Settings, names: Sequence[str]) -> None:
    """Refuse a day or a month that has not begun; say of a day that lasts that its figures may change."""
    zones = {settings.accounts[name].policy.billing_timezone for name in names}
    days = {Asked(now=asked.now).day(zone) for zone in zones}
    latest = max(days)
    if asked.as_of is not None and asked.as_of > latest:
        raise UsageFault([f"--as-of {asked.as_of} has not begun: today is {latest}"])
    if asked.month is not None and asked.month > f"{latest:%Y-%m}":
        raise UsageFault([f"--month {asked.month} has not begun: today is {latest}"])
    if asked.as_of is not None and asked.as_of >= min(days):
        tell(f"{asked.as_of} is not over yet: until then its figures may still change")


def _month(world: World, settings: Settings, names: Sequence[str], asked: Asked, *, billed: bool) -> MonthReport:
    zones = {settings.accounts[name].policy.billing_timezone for name in names}
    # Where a month has begun for some accounts only, it is not reported before it has begun for all.
    asked = replace(asked, month=min(asked.month_of(zone) for zone in zones))
    records = collecting.read_records(world, settings, names, asked)
    facts = [collecting.account_facts(world, settings, name, asked, records) for name in names]
    if billed:
        with screen.progress() as bars:
            asking = [collecting.with_bills(world.clouds[each.name], each, bars.of(each.name)) for each in facts]
        facts = [each for each, _ in asking]
        for each, problems in asking:
            for problem in problems:
                tell(clean(f"{each.name}: {problem}"))
    first = facts[0]
    head = collecting.head_at(records, first.now if asked.as_of is not None else None)
    months = tuple(account_month(each) for each in facts)
    return MonthReport(month=first.month, as_of=asked.as_of, head=head, accounts=months)


def _written(made: MonthReport, form: str, *, show_names: bool) -> str | None:
    """Give the report in a form other than the table, None for the table."""
    match form:
        case "json":
            return month_forms.month_json(made, show_names=show_names)
        case "csv":
            return month_forms.month_csv(made, show_names=show_names)
        case "markdown":
            return month_forms.month_markdown(made, show_names=show_names)
        case "html":
            from scheduler.reports.month_html import month_html  # noqa: PLC0415 - jinja2 is for pages only

            return month_html(made, show_names=show_names)
        case _:
            return None


def _sums(found: Sequence[WouldHave], form: str, since: date | None) -> str | None:
    match form:
        case "json":
            return would_have_forms.would_have_json(found)
        case "csv":
            return would_have_forms.would_have_csv(found)
        case "markdown":
            return would_have_forms.would_have_markdown(found, since)
        case "html":
            from scheduler.reports.would_have_html import would_have_html  # noqa: PLC0415 - jinja2 is for pages only

            return would_have_html(found, since)
        case _:
            return None


def _give(table: RenderableType, text: str | None, out: Path | None, form: str) -> None:
    if out is None:
        if text is None:
            screen.show(table)
        else:
            screen.data(text)
        return
    text = screen.plain(table) if text is None else text
    try:
        out.write_text(text if text.endswith("\n") else f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise UsageFault([f"--out {out}: it could not be written: {error.strerror}"]) from error
    screen.say(f"The report is in {out} ({form}).")
