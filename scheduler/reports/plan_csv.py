"""The plan as CSV: one row per correction and hold, for spreadsheets and scripts.

Text cells that a spreadsheet would take for a formula get an apostrophe in front; figures are written by us and stay
plain, a cut's minus sign included.
"""

import csv
import io
from datetime import datetime

from core.money import Money
from core.plan import Correction, Hold, Plan, Row
from scheduler.reports.wording import sentence, shown_name

HEADER = (
    "order",
    "sort",
    "account",
    "vendor",
    "customer_id",
    "name",
    "action",
    "before_granted",
    "before_kind",
    "before_on_exhaustion",
    "before_restriction",
    "after_granted",
    "after_kind",
    "after_on_exhaustion",
    "change",
    "wanted",
    "spent_low",
    "spent_high",
    "spent_since",
    "available",
    "currency",
    "as_of",
    "reason",
    "detail",
    "effects",
    "blocked_by",
    "after_restriction",
    "follows",
    "restores",
    "urgent",
    "exhausted_earliest",
    "exhausted_latest",
    "data_deleted_after",
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def plan_csv(plan: Plan, *, show_names: bool) -> str:
    """Write the plan as CSV text with a header, lines ended by a newline."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(HEADER)
    for row in (*plan.corrections, *plan.holds):
        writer.writerow(_cells(row, show_names=show_names))
    return sheet.getvalue()


def harmless(text: str | None) -> str:
    """Give a text cell that no spreadsheet runs."""
    cell = sentence(text or "")
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def _figure(amount: Money | None) -> str:
    return "" if amount is None else str(amount)


def _time(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M:%S}Z"


def _cells(row: Row, *, show_names: bool) -> list[str]:
    spend, forecast = row.spent, row.exhausted
    return [
        str(row.order),
        "hold" if isinstance(row, Hold) else "correction",
        harmless(row.account),
        harmless(row.key.vendor),
        harmless(row.key.customer_id),
        harmless(shown_name(row.name, show_names=show_names)),
        row.action or "",
        _figure(row.before.granted),
        row.before.kind or "",
        row.before.on_exhaustion or "",
        row.before.restriction or "",
        _figure(row.after.granted),
        row.after.kind or "",
        row.after.on_exhaustion or "",
        _figure(row.change),
        _figure(row.wanted),
        "" if spend is None else _figure(spend.low),
        "" if spend is None else _figure(spend.high),
        "" if spend is None else _time(spend.since),
        _figure(row.available),
        harmless(row.currency),
        _time(row.as_of),
        row.reason.word if isinstance(row, Hold) else "",
        harmless(row.detail),
        harmless("; ".join(row.effects)),
        harmless("; ".join(row.blocked_by)),
        row.after.restriction or "",
        *_steps(row),
        _time(forecast.earliest) if forecast is not None else "",
        _time(forecast.latest) if forecast is not None else "",
        _time(row.data_deleted_after),
    ]


def _steps(row: Row) -> list[str]:
    """Give what only a correction has: what follows, whether it restores, whether it is urgent."""
    if not isinstance(row, Correction):
        return ["", "", ""]
    return ["; ".join(row.follows), str(row.restores).lower(), str(row.urgent).lower()]
