"""The plan as Markdown, for a pull request's comment or a ticket.

Ids, names and accounts stand in code spans: nothing in them can become a link, a mention or markup.
"""

from core.plan import Correction, Plan, Row
from scheduler.reports import summary
from scheduler.reports.wording import clean, cloud, grouped, sentence, shown_name, signed, spent, stands


def plan_markdown(plan: Plan, *, show_names: bool) -> str:
    """Write the plan as GitHub-flavoured Markdown ending in a newline."""
    parts = [f"### Tidegate plan: {summary.headline(plan)}", ""]
    parts += [f"> {prose(line)}" for line in summary.problems(plan)]
    if plan.corrections:
        parts += _corrections(plan, show_names=show_names)
    if plan.holds:
        parts += _holds(plan, show_names=show_names)
    tripped = summary.guards(plan)
    if tripped:
        parts += ["", f"**{summary.GUARDS}**", "", *(f"- {prose(line)}" for line in tripped)]
    approved = summary.approvals(plan)
    if approved:
        parts += ["", f"**{summary.APPROVED}**", "", *(f"- {prose(line)}" for line in approved)]
    parts += ["", *(f"- {prose(line)}" for line in summary.account_lines(plan))]
    parts += ["", f"{prose(summary.totals(plan))}  ", summary.FOOTNOTE, ""]
    parts += [f"<sub>run `{clean(plan.run)}` · fingerprint `{plan.fingerprint[:16]}`</sub>", ""]
    return "\n".join(parts)


def _corrections(plan: Plan, *, show_names: bool) -> list[str]:
    head = "| # | Customer | Cloud | Account | Now | Wanted | Change | Spent | What it does |"
    rows = [
        f"| {row.order} | {_customer(row, show_names=show_names)} | {cloud(row.key.vendor)} | {code(row.account)} "
        f"| {_lines(stands(row, row.before, absent='not set'))} | {_lines(stands(row, row.after, absent=''))} "
        f"| {signed(row.change)} | {spent(row.spent)} | {_effects(row)} |"
        for row in plan.corrections
    ]
    return ["", head, "|--:|---|---|---|--:|--:|--:|--:|---|", *rows]


def _holds(plan: Plan, *, show_names: bool) -> list[str]:
    rows = ["| # | Customer | Account | Now | Limit | Not done because |", "|--:|---|---|--:|--:|---|"]
    for row in plan.holds:
        why = "<br>".join(prose(part) for part in (*summary.why_not(row), *summary.warnings(row)) if part)
        rows.append(
            f"| {row.order} | {_customer(row, show_names=show_names)} | {code(row.account)} "
            f"| {grouped(row.before.granted)} | {grouped(row.wanted)} | {why} |"
        )
    return ["", "**Not done**", "", *rows]


def _effects(row: Correction) -> str:
    return "<br>".join(prose(line) for line in summary.effects(row))


def _customer(row: Row, *, show_names: bool) -> str:
    name = shown_name(row.name, show_names=show_names)
    return code(row.key.customer_id) + (f"<br>{code(name)}" if name else "")


def _lines(text: str) -> str:
    return text.replace("\n", "<br>")


def code(text: str) -> str:
    """Put a text from outside into a code span."""
    return f"`{clean(text).replace('`', chr(39)).replace('|', chr(92) + '|')}`"


def prose(text: str) -> str:
    """Write a sentence so that nothing in it is markup."""
    escaped = sentence(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for mark in "\\`*_[]|#@":
        escaped = escaped.replace(mark, f"\\{mark}")
    return escaped
