"""A month's report as a table for people: one table an account, figures first, then what there is to say of a customer.

Figures are never cut off; at 80 columns the words stand below the customer.
"""

from collections.abc import Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from scheduler.reports import month_changes, prospects
from scheduler.reports.month import NOTE, AccountMonth, Change, Changes, MonthReport, MonthRow, Share, Span
from scheduler.reports.wording import (
    clean,
    cloud,
    customer_id,
    figures_grouped,
    grouped,
    kind,
    plural,
    restriction,
    sentence,
    shown_name,
    signed,
)

AT_LEAST = "at least "
_SHOWN_CHANGES = 12


def month_table(report: MonthReport, *, show_names: bool) -> RenderableType:
    """Give the report as something rich can print."""
    parts: list[RenderableType] = [Text(title(report), style="bold")]
    for account in report.accounts:
        parts += [Text(""), Text(account_title(account), style="bold")]
        if account.rows:
            parts.append(_rows(account, show_names=show_names))
        parts += [Padding(Text(line), (0, 0, 0, 2)) for line in account_lines(account)]
        parts += [Padding(Text(line), (0, 0, 0, 4)) for line in change_lines(account)]
    parts += [Text(""), Text(NOTE, style="dim"), Text(f"The record of changes ends with {report.head}.", style="dim")]
    return Group(*parts)


def title(report: MonthReport) -> str:
    """Say which month it is, and as of when."""
    return f"Month {report.month}" + (f", as of the end of {report.as_of}" if report.as_of else "")


def account_title(account: AccountMonth) -> str:
    """Name an account, and the time that its month begins by."""
    rows = plural(len(account.rows), "customer")
    return f"{clean(account.name)} ({cloud(account.vendor)}, {rows}, month by {account.zone})"


def account_lines(account: AccountMonth) -> list[str]:
    """Say an account's totals, and what lay ahead when it was last looked at."""
    unknown = f"; {plural(account.unknown, 'customer')} unknown" if account.unknown else ""
    lines = [
        f"spent in all: {span(account.spent)}{unknown}; granted: {grouped(account.granted)}",
        f"changed by Tidegate: {changes(account.changes) or 'nothing'}",
    ]
    if account.billed is not None:
        lines.append(f"billed by the vendor so far: {grouped(account.billed)} (an audit figure, never used)")
    look = account.look
    if look is None:
        return [*lines, "no run of this account is on record"]
    quota = f"; {grouped(look.quota)} left to give out" if look.quota is not None else ""
    ahead = "; ".join(prospects.outlook_lines(look.outlook)) or "what is open to spend was not recorded"
    problem = f"; it could not be read: {clean(look.problem)}" if look.problem else ""
    return [*lines, f"last run at {prospects.minute(look.at)}: {ahead}{quota}{problem}"]


def change_lines(account: AccountMonth) -> list[str]:
    """Say what was changed, when, by whom and why: the newest, where there are too many for a screen."""
    changes = month_changes.folded(account.changed)
    lines = [_change_line(change) for change in changes[-_SHOWN_CHANGES:]]
    more = len(changes) - len(lines)
    earlier = [f"{plural(more, 'earlier change')}: --format html, json or markdown tells them"] if more else []
    return ["what was changed, newest last:", *earlier, *lines] if lines else []


def _change_line(change: Change) -> str:
    whom = f"{clean(change.key.customer_id)}: " if change.key is not None else ""
    return f"{whom}{sentence(month_changes.sentence_of(change))}"


def span(spent: Span | None) -> str:
    """Write a month's spend; what is not known upwards says `at least`."""
    if spent is None:
        return "unknown"
    if spent.high is None:
        return f"{AT_LEAST}{grouped(spent.low)}"
    return grouped(spent.low) if spent.low == spent.high else f"{grouped(spent.low)} to {grouped(spent.high)}"


def share(part: Share | None) -> str:
    """Write the share of a limit in percent; empty where it cannot be told."""
    if part is None:
        return ""
    if part.high is None:
        return f"{AT_LEAST}{part.low} %"
    return f"{part.low} %" if part.low == part.high else f"{part.low} to {part.high} %"


def changes(made: Changes) -> str:
    """Say how many changes were made and what they moved; empty for none."""
    if not made.count:
        return ""
    moved = [signed(made.raised), signed(-made.cut)]
    return ", ".join([plural(made.count, "change"), *(part for part in moved if part)])


def facts(row: MonthRow, account: AccountMonth) -> list[str]:
    """Say of a customer what is no figure of a column: earlier amounts, what lies ahead, what was done and by whom."""
    earlier = [f"{grouped(each.amount)} from {each.since}" for each in row.limits[:-1]]
    newest = f"{grouped(row.limits[-1].amount)} from {row.limits[-1].since}" if earlier else ""
    since = row.spent.since if row.spent is not None else None
    whole = since is None or since == account.begins
    limited = row.restriction is not None and row.restriction.value != "none"
    lines = [
        prospects.data_deleted(row.data_deleted_after),
        restriction(row.restriction) if limited else "",
        f"limits: {', '.join([*earlier, newest])}" if earlier else "",
        "" if since is None or whole else f"spent is counted since {prospects.since_in(since, account.zone)}",
        prospects.exhausted(row.forecast),
        f"changed by Tidegate: {changes(row.changes)}" if row.changes.count else "",
        *(figures_grouped(change.sentence) for change in row.outside),
        *(f"not done: {held.sentence}" for held in row.holds),
        f"billed so far: {grouped(row.billed)}" if row.billed is not None else "",
    ]
    return [clean(line) for line in lines if line]


def limit_words(row: MonthRow) -> str:
    """Name the kind of a limit; a customer without one says so."""
    if not row.limits:
        return "no limit"
    return kind(row.kind) if row.kind is not None else "kind not on record"


def _rows(account: AccountMonth, *, show_names: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    cells = [_cells(row, account, show_names=show_names) for row in account.rows]
    table.add_column("Customer", overflow="fold", min_width=14)
    for place, name in enumerate(("Limit", "Spent", "Share", "Granted"), 1):
        table.add_column(name, justify="right", overflow="fold", min_width=_longest(cells, place, name))
    for row in cells:
        table.add_row(*row)
    return table


def _longest(cells: Sequence[Sequence[Text]], place: int, name: str) -> int:
    return max(len(name), *(len(line) for row in cells for line in row[place].plain.split("\n")))


def _cells(row: MonthRow, account: AccountMonth, *, show_names: bool) -> list[Text]:
    words = [shown_name(row.name, show_names=show_names), limit_words(row)]
    who = Text(customer_id(row.customer), style="bold")
    who.append(f"\n{', '.join(word for word in words if word)}", style="not bold dim")
    warned = prospects.data_deleted(row.data_deleted_after)
    for line in facts(row, account):
        who.append(f"\n{line}", style="bold red" if line == warned else "not bold default")
    return [
        who,
        Text(grouped(row.limits[-1].amount) if row.limits else ""),
        Text(_broken(span(row.spent))),
        Text(_broken(share(row.share))),
        Text(grouped(row.granted)),
    ]


def _broken(text: str) -> str:
    """Put the two halves of an interval below each other: side by side they would take the words' room."""
    return text.replace(" to ", " to\n").replace(AT_LEAST, f"{AT_LEAST.strip()}\n")
