"""The plan as a page: one file that opens in any browser, on a phone and on paper, and asks nobody for anything.

Called by `tidegate plan --format html`. Layout is in `plan_html.jinja` and `plan_html.css` beside this file, the frame
in `scheduler.reports.page`; the words are those of the table.
"""

from core.plan import Correction, Hold, Plan, Row
from scheduler.reports import summary
from scheduler.reports.page import page
from scheduler.reports.wording import (
    clean,
    cloud,
    customer_id,
    grouped,
    moment,
    plural,
    shown_name,
    signed,
    spent,
    stands,
)

Cells = dict[str, object]


def plan_html(plan: Plan, *, show_names: bool) -> str:
    """Write the plan as an HTML document."""
    headline = summary.headline(plan)
    return page(
        "plan_html",
        title=f"Tidegate plan: {headline}",
        headline=headline,
        in_sync=summary.in_sync(plan),
        made_at=moment(plan.made_at),
        problems=summary.problems(plan),
        tiles=_tiles(plan),
        corrections=[_correction(row, show_names=show_names) for row in plan.corrections],
        holds=[_hold(row, show_names=show_names) for row in plan.holds],
        guards_title=summary.GUARDS,
        guards=[_guard(line) for line in summary.guards(plan)],
        approved_title=summary.APPROVED,
        approved=summary.approvals(plan),
        totals=summary.totals(plan),
        accounts=summary.account_lines(plan),
        footnote=summary.FOOTNOTE,
        run=clean(plan.run),
        fingerprint=plan.fingerprint[:16],
    )


def _guard(line: str) -> Cells:
    """Give a tripped guard; the approval that would let it pass stands apart, as the configuration takes it."""
    said, approval, rest = summary.way_out(line) or (line, (), "")
    return {"said": f"{said}:" if approval else said, "approval": "\n".join(approval), "rest": rest}


def _tiles(plan: Plan) -> list[tuple[str, str]]:
    """Give the figures that are read first; what did not happen has no tile."""
    totals = plan.totals
    tiles = [
        (plural(totals.corrections, "Correction").split(" ", 1)[1], f"{totals.corrections:,}"),
        ("Granted", grouped(totals.raised)),
        ("Taken back", grouped(totals.cut)),
    ]
    if totals.blocked:
        tiles.append(("Blocked", f"{totals.blocked:,}"))
    if totals.holds:
        tiles.append(("Not done", f"{totals.holds:,}"))
    return [*tiles, ("In sync", f"{totals.in_sync:,}")]


def _who(row: Row, *, show_names: bool) -> Cells:
    return {
        "order": row.order,
        "customer": customer_id(row.customer),
        "name": shown_name(row.name, show_names=show_names),
        "cloud": cloud(row.key.vendor),
        "account": clean(row.account),
    }


def _correction(row: Correction, *, show_names: bool) -> Cells:
    moved = 0 if row.change is None else row.change.cents
    return _who(row, show_names=show_names) | {
        "now": stands(row, row.before, absent="not set").split("\n"),
        "wanted": stands(row, row.after, absent="").split("\n"),
        "change": signed(row.change),
        "direction": "raise" if moved > 0 else "cut" if moved < 0 else "neither",
        "spent": spent(row.spent),
        "effects": summary.effects(row),
        "warnings": summary.warnings(row),
        "exhausts": row.exhausts and not row.blocked_by,
    }


def _hold(row: Hold, *, show_names: bool) -> Cells:
    reason, particulars = summary.why_not(row)
    return _who(row, show_names=show_names) | {
        "now": grouped(row.before.granted),
        "limit": grouped(row.wanted),
        "reason": reason,
        "needs_attention": row.reason.needs_attention,
        "particulars": particulars,
        "warnings": summary.warnings(row),
    }
