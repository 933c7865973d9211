"""The plan as Markdown, for a pull request's comment or a ticket.

Ids, names and accounts stand in code spans: nothing in them can become a link, a mention or markup. A long list is
folded away, what exhausts or frees a customer is said above it, and a plan that GitHub would refuse for its length
says what it leaves out.
"""

import re
from collections.abc import Sequence

from core.plan import Correction, Plan, Row
from scheduler.reports import summary
from scheduler.reports.markdown import MANY, Section, code, document, prose
from scheduler.reports.wording import clean, cloud, grouped, plural, shown_name, signed, spent, stands

ELSEWHERE = "`tidegate plan --format html` or `--format json` has all of it."
_SHOWN_IDS = 5
_WRITTEN = re.compile(r"(\w+ = \{[^{}]*\}|\[[\w.-]+\])")  # a guard's key with its value, a section's name


def plan_markdown(plan: Plan, *, show_names: bool) -> str:
    """Write the plan as GitHub-flavoured Markdown ending in a newline."""
    masked = not show_names and any(row.name for row in (*plan.corrections, *plan.holds))
    accounts = [f"- {prose(line)}" for line in summary.account_lines(plan)]
    footnotes = [summary.FOOTNOTE, *([summary.MASKED] if masked else [])]
    return document(
        [
            Section(before=[f"### Tidegate plan: {summary.headline(plan)}", ""]),
            _problems(plan),
            Section(before=[*_standing_out(plan.corrections), *([] if summary.in_sync(plan) else _totals(plan))]),
            _corrections(plan, show_names=show_names),
            _holds(plan, show_names=show_names),
            Section(title=summary.GUARDS, items=[_guard(line) for line in summary.guards(plan)], what="guard"),
            Section(title=summary.APPROVED, items=[f"- {prose(line)}" for line in summary.approvals(plan)]),
            Section(title="Accounts", items=accounts, after=[""]),
            Section(before=["  \n".join(prose(line) for line in footnotes), ""]),
            Section(before=[f"<sub>run `{clean(plan.run)}` · fingerprint `{plan.fingerprint[:16]}`</sub>"]),
        ],
        elsewhere=ELSEWHERE,
    )


def _problems(plan: Plan) -> Section:
    return Section(items=[f"> {prose(line)}  " for line in summary.problems(plan)], after=[""], what="problem")


def _totals(plan: Plan) -> list[str]:
    return [prose(summary.totals(plan)), ""]


def _standing_out(corrections: Sequence[Correction]) -> list[str]:
    """Say what nobody should overlook in a list that is folded away."""
    if len(corrections) <= MANY:
        return []
    sorts = [
        ("would be exhausted", [row for row in corrections if row.exhausts and not row.blocked_by]),
        ("urgent", [row for row in corrections if row.urgent]),
        ("a customer's data will be deleted", [row for row in corrections if row.data_deleted_after is not None]),
    ]
    said = [f"- **{plural(len(rows), 'correction')}: {what}**: {_ids(rows)}" for what, rows in sorts if rows]
    return [*said, ""] if said else []


def _ids(rows: Sequence[Row]) -> str:
    shown = ", ".join(code(row.key.customer_id) for row in rows[:_SHOWN_IDS])
    more = len(rows) - _SHOWN_IDS
    return f"{shown} and {more:,} more" if more > 0 else shown


def _corrections(plan: Plan, *, show_names: bool) -> Section:
    rows = [
        f"| {row.order} | {_customer(row, show_names=show_names)} "
        f"| {_lines(stands(row, row.before, absent='not set'))} | {_lines(stands(row, row.after, absent=''))} "
        f"| {signed(row.change)} | {spent(row.spent)} | {_effects(row)} |"
        for row in plan.corrections
    ]
    head = ["| # | Customer | Now | Wanted | Change | Spent | What it does |", "|--:|---|--:|--:|--:|--:|---|"]
    return Section(title="Corrections", before=head, items=rows, what="correction") if rows else Section()


def _holds(plan: Plan, *, show_names: bool) -> Section:
    rows = []
    for row in plan.holds:
        why = "<br>".join(prose(part) for part in (*summary.why_not(row), *summary.warnings(row)) if part)
        rows.append(
            f"| {row.order} | {_customer(row, show_names=show_names)} "
            f"| {grouped(row.before.granted)} | {grouped(row.wanted)} | {why} |"
        )
    head = ["| # | Customer | Now | Limit | Not done because |", "|--:|---|--:|--:|---|"]
    return (
        Section(title="Not done", before=head, items=rows, what="correction not done", many="corrections not done")
        if rows
        else Section()
    )


def _guard(line: str) -> str:
    """Write a tripped guard; the approval that would let it pass is a block to copy, as the configuration takes it."""
    parts = summary.way_out(line)
    if parts is None:
        return f"- {prose(line)}"
    said, approval, rest = parts
    block = "\n".join(f"  {each}" for each in ("```toml", *approval, "```"))
    return f"- {prose(said)}:\n\n{block}\n\n  {''.join(map(_written, _WRITTEN.split(rest)))}\n"


def _written(part: str) -> str:
    """Write what belongs into the configuration as code, and prose otherwise; spaces at the ends stay."""
    if not part.strip() or _WRITTEN.fullmatch(part):
        return code(part) if part.strip() else part
    return part[: len(part) - len(part.lstrip())] + prose(part) + part[len(part.rstrip()) :]


def _effects(row: Correction) -> str:
    return "<br>".join(prose(line) for line in summary.effects(row))


def _customer(row: Row, *, show_names: bool) -> str:
    name = shown_name(row.name, show_names=show_names)
    where = f"{cloud(row.key.vendor)}, {code(row.account)}"
    return "<br>".join([code(row.key.customer_id), *([code(name)] if name else []), where])


def _lines(text: str) -> str:
    return text.replace("\n", "<br>")
