"""What `sync` would have sent, as a table, JSON, CSV and Markdown; the words are the same in all."""

import csv
import io
from collections.abc import Sequence
from datetime import date

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from scheduler.reports.markdown import code, prose
from scheduler.reports.plan_csv import harmless
from scheduler.reports.plan_json import Document, stable
from scheduler.reports.prospects import minute
from scheduler.reports.wording import clean, cloud, grouped, plural
from scheduler.reports.would_have import Stop, WouldHave

NOTE = (
    "Counted are corrections that only a write policy kept from being sent; one that run after run plans again counts "
    "once. In an account that is not under `observe` as a whole, the guards were not asked about them. Amounts in USD."
)
NOTHING = "No run is on record, so nothing can be said: `tidegate plan` makes one, `tidegate daemon` many."
HEADER = (
    *("account", "vendor", "runs", "days", "first", "last", "customers", "corrections", "raised", "cut", "exhausted"),
    *("released", "restricted", "frozen", "stopped_by"),
)
FIGURES = ("Customers", "Changes", "Raised", "Cut", "Exhausted", "Released")


def nothing(since: date | None = None) -> str:
    """Say that no run was looked at; `since`: the billing day from which on it was asked for, None: of all."""
    if since is None:
        return NOTHING
    return f"No run is on record since {since}: leave out --since for all there are, or write an earlier day."


def would_have_table(found: Sequence[WouldHave], since: date | None = None) -> RenderableType:
    """Give it as something rich can print; `since` as asked for."""
    if not found:
        return Text(nothing(since))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Account", overflow="fold", min_width=12)
    for name in FIGURES:
        table.add_column(name, justify="right", no_wrap=True)
    for account in found:
        who = Text(clean(account.account), style="bold").append(f"\n{cloud(account.vendor)}", style="not bold dim")
        table.add_row(who, *(Text(figure) for figure in figures(account)))
    parts: list[RenderableType] = [Text("What `sync` would have sent.", style="bold"), table]
    parts += [Padding(Text(line), (0, 0, 0, 2)) for account in found for line in lines(account)]
    return Group(*parts, Text(NOTE, style="dim"))


def lines(account: WouldHave) -> list[str]:
    """Say over what was looked, who would be frozen or restricted, and what would have stopped something."""
    looked = f"{plural(account.runs, 'run')} on {plural(account.days, 'day')}"
    said = [f"looked at {looked}, from {minute(account.first)} to {minute(account.last)}"]
    if account.frozen:
        said.append(f"{plural(account.frozen, 'customer')} would have been frozen")
    if account.restricted:
        said.append(f"{plural(account.restricted, 'customer')} would have been restricted")
    said += [_stop(stop) for stop in account.stops]
    return [clean(f"{account.account}: {line}") for line in said]


def would_have_json(found: Sequence[WouldHave]) -> str:
    """Write it for programs, without a final newline."""
    return stable({"format_version": 1, "note": NOTE, "accounts": [_document(account) for account in found]})


def would_have_csv(found: Sequence[WouldHave]) -> str:
    """Write one line per account, with a header."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(HEADER)
    for account in found:
        counts = (account.runs, account.days, account.first.isoformat(), account.last.isoformat(), account.customers)
        moved = (account.corrections, account.raised, account.cut, account.exhausted)
        rest = (account.released, account.restricted, account.frozen)
        stops = "; ".join(f"{stop.name} {stop.times}" for stop in account.stops)
        writer.writerow([harmless(account.account), harmless(account.vendor), *counts, *moved, *rest, stops])
    return sheet.getvalue()


def would_have_markdown(found: Sequence[WouldHave], since: date | None = None) -> str:
    """Write it as GitHub-flavoured Markdown ending in a newline; `since` as asked for."""
    if not found:
        return f"{nothing(since)}\n"
    parts = ["### Tidegate: what `sync` would have sent", "", f"| Account | Cloud | {' | '.join(FIGURES)} |"]
    parts.append(f"|---|---|{'--:|' * len(FIGURES)}")
    parts += [f"| {code(each.account)} | {cloud(each.vendor)} | {' | '.join(figures(each))} |" for each in found]
    parts += ["", *(f"- {prose(line)}" for account in found for line in lines(account)), "", NOTE, ""]
    return "\n".join(parts)


def figures(account: WouldHave) -> list[str]:
    """Give an account's figures in the order of `FIGURES`."""
    counts = [f"{account.customers:,}", f"{account.corrections:,}"]
    return [*counts, grouped(account.raised), grouped(account.cut), f"{account.exhausted:,}", f"{account.released:,}"]


def _stop(stop: Stop) -> str:
    whom = plural(stop.customers, "customer")
    times = f", {stop.times} times" if stop.times > stop.customers else ""
    if stop.is_guard:
        return f"guard {stop.name} would have stopped changes of {whom}{times}"
    return f"{whom}{times} would not have been changed: {stop.sentence}"


def _document(account: WouldHave) -> Document:
    return {
        "name": account.account,
        "vendor": account.vendor,
        "runs": account.runs,
        "days": account.days,
        "first": account.first.isoformat(),
        "last": account.last.isoformat(),
        "customers": account.customers,
        "corrections": account.corrections,
        "raised": str(account.raised),
        "cut": str(account.cut),
        "exhausted": account.exhausted,
        "released": account.released,
        "restricted": account.restricted,
        "frozen": account.frozen,
        "stopped_by": [
            {
                "name": stop.name,
                "guard": stop.is_guard,
                "why": stop.sentence,
                "times": stop.times,
                "customers": stop.customers,
            }
            for stop in account.stops
        ],
    }
