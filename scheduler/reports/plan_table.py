"""The plan as a table for people: who, what stands now, what is wanted, and what that does to the customer.

Colour only repeats what the sign says. On narrow screens the words move below the customer, so that no figure is
ever cut off; figures keep their digits at any width.
"""

from collections.abc import Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from core.plan import Correction, Hold, Plan, Row
from scheduler.reports import summary
from scheduler.reports.wording import clean, cloud, customer_id, grouped, shown_name, signed, spent, stands

WIDE = 130
_FIGURES = ("Now", "Wanted", "Change", "Spent")
_LINES = box.SIMPLE_HEAD


def plan_table(plan: Plan, *, width: int, show_names: bool) -> RenderableType:
    """Give the whole plan as something rich can print at this width (characters)."""
    if summary.in_sync(plan):
        return Group(Text(f"{_capital(summary.headline(plan))}.", style="green"), *_footer(plan))
    parts: list[RenderableType] = [Text(f"{_capital(summary.headline(plan))}.", style="bold")]
    parts += [Text(line, style="bold red") for line in summary.problems(plan)]
    if plan.corrections:
        parts.append(_corrections(plan, width=width, show_names=show_names))
    told = summary.unread_with_account(plan)
    holds = [row for row in plan.holds if row not in told]
    if holds:
        parts += [Text("Not done:", style="bold"), _holds(plan, holds, wide=width >= WIDE, show_names=show_names)]
    tripped = summary.guards(plan)
    if tripped:
        parts += [Text(f"{summary.GUARDS}:", style="bold yellow"), *(_bullet(line) for line in tripped), Text("")]
    approved = summary.approvals(plan)
    if approved:
        parts += [Text(f"{summary.APPROVED}:", style="bold"), *(_bullet(line) for line in approved), Text("")]
    if not show_names and any(row.name for row in (*plan.corrections, *holds)):
        parts.append(Text(summary.MASKED, style="dim"))
    return Group(*parts, Text(summary.totals(plan)), *_footer(plan))


def _fit(plan: Plan, figures: list[list[Text]], width: int) -> bool:
    """Whether the longest id is whole beside columns of figures; an id that is broken cannot be copied."""
    columns = sum(_longest(figures, place, title) + 1 for place, title in enumerate(_FIGURES))
    longest = max(len(customer_id(row.customer)) for row in plan.corrections)
    return len(str(len(plan.corrections))) + 1 + longest + 1 + columns <= width


def _below_each_other(figures: Sequence[Text]) -> Text:
    """Put a row's figures below each other, each with its name."""
    lines = []
    for title, cell in zip(_FIGURES, figures, strict=True):
        first, *more = cell.split("\n")
        if cell.plain:
            lines += [Text(f"{title.lower()} ", style="dim").append_text(first), *more]
    return Text("\n").join(lines)


def _corrections(plan: Plan, *, width: int, show_names: bool) -> Table:
    wide = width >= WIDE
    table = Table(box=_LINES, pad_edge=False, padding=(0, 1, 0, 0), expand=wide)
    _add_customer(table, plan, wide=wide)
    rows = [_correction_cells(row, wide=wide, show_names=show_names) for row in plan.corrections]
    figures = [cells[-5:-1] if wide else cells[-4:] for cells in rows]
    if not wide and not _fit(plan, figures, width):
        _add_figures(table, ("Figures",), [[_below_each_other(cells)] for cells in figures])
        rows = [[*cells[:-4], _below_each_other(cells[-4:])] for cells in rows]
    else:
        _add_figures(table, _FIGURES, figures)
    if wide:
        table.add_column("What it does", ratio=3, min_width=24)
    for cells in rows:
        table.add_row(*cells)
    return table


def _correction_cells(row: Correction, *, wide: bool, show_names: bool) -> list[Text]:
    figures = [
        Text(stands(row, row.before, absent="not set")),
        Text(stands(row, row.after, absent="")),
        Text(signed(row.change), style=_colour(row)),
        Text(spent(row.spent).replace(" to ", " to\n")),
    ]
    warnings = summary.warnings(row)
    style = "bold" if row.exhausts and not row.blocked_by else ""
    effects = [Text(line, style="bold red" if line in warnings else style) for line in summary.effects(row)]
    number = Text(str(row.order))
    if wide:
        cells = [_customer(row, show_names=show_names), Text(cloud(row.key.vendor)), Text(clean(row.account))]
        return [number, *cells, *figures, Text("\n").join(effects)]
    return [number, Text("\n").join([_customer(row, show_names=show_names, where=True), *effects]), *figures]


def _holds(plan: Plan, holds: Sequence[Hold], *, wide: bool, show_names: bool) -> Table:
    table = Table(box=_LINES, pad_edge=False, padding=(0, 1, 0, 0), expand=wide)
    _add_customer(table, plan, wide=wide)
    rows = [_hold_cells(row, wide=wide, show_names=show_names) for row in holds]
    _add_figures(table, ("Now", "Limit"), [cells[-3:-1] if wide else cells[-2:] for cells in rows])
    if wide:
        table.add_column("Why not", ratio=4, min_width=24)
    for cells in rows:
        table.add_row(*cells)
    return table


def _hold_cells(row: Hold, *, wide: bool, show_names: bool) -> list[Text]:
    figures = [Text(grouped(row.before.granted)), Text(grouped(row.wanted))]
    reason, particulars = summary.why_not(row)
    why = Text(reason, style="yellow" if row.reason.needs_attention else "")
    if particulars:
        why.append(f"\n{particulars}", style="default")
    for line in summary.warnings(row):
        why.append(f"\n{line}", style="bold red")
    number = Text(str(row.order))
    if wide:
        cells = [_customer(row, show_names=show_names), Text(cloud(row.key.vendor)), Text(clean(row.account))]
        return [number, *cells, *figures, why]
    return [number, Text("\n").join([_customer(row, show_names=show_names, where=True), why]), *figures]


def _add_customer(table: Table, plan: Plan, *, wide: bool) -> None:
    """Add the columns that say who; ids stay whole where there is room for it, because they are copied."""
    longest = max(len(customer_id(row.customer)) for row in (*plan.corrections, *plan.holds))
    table.add_column("#", justify="right", style="dim", no_wrap=True)
    if not wide:
        table.add_column("Customer", overflow="fold", min_width=14)
        return
    table.add_column("Customer", overflow="fold", min_width=min(longest, 36), max_width=40)
    table.add_column("Cloud", no_wrap=True)
    table.add_column("Account", overflow="fold")


def _add_figures(table: Table, titles: tuple[str, ...], cells: list[list[Text]]) -> None:
    """Add right-aligned columns as wide as their longest line: a figure is never shortened."""
    for place, title in enumerate(titles):
        table.add_column(title, justify="right", overflow="fold", min_width=_longest(cells, place, title))


def _longest(cells: list[list[Text]], place: int, title: str) -> int:
    return max(len(title), *(len(line) for row in cells for line in row[place].plain.split("\n")))


def _customer(row: Row, *, show_names: bool, where: bool = False) -> Text:
    cell = Text(customer_id(row.customer), style="bold")
    facts = [shown_name(row.name, show_names=show_names)]
    if where:
        facts += [cloud(row.key.vendor), clean(row.account)]
    shown = ", ".join(fact for fact in facts if fact)
    return cell.append(f"\n{shown}", style="not bold dim") if shown else cell


def _colour(row: Correction) -> str:
    if row.change is None or row.change.cents == 0:
        return ""
    return "green" if row.change.cents > 0 else "red"


def _footer(plan: Plan) -> list[RenderableType]:
    lines = [_bullet(line) for line in summary.account_lines(plan, whole=False)]
    return [*lines, Text(summary.FOOTNOTE, style="dim")]


def _bullet(text: str) -> Padding:
    return Padding(Text(text), (0, 0, 0, 2))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
