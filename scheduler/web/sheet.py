"""The list of customers as a file, for spreadsheets and programs: all that a query finds, in its order.

Called by scheduler.web.app. Figures are written plainly, times in UTC; a cell that a spreadsheet would take for a
formula gets an apostrophe in front.
"""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from core.money import Money
from scheduler.reports.board import CustomerLine
from scheduler.reports.plan_csv import harmless
from scheduler.reports.wording import LONGEST_TEXT, clean, shown_name


def customers_csv(lines: Sequence[CustomerLine], *, show_names: bool) -> str:
    """Write the lines as CSV with a header, lines ended by a newline."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(_FIELDS)
    for line in lines:
        cells = _cells(line, show_names=show_names)
        writer.writerow("" if cell is None else _harmless(cell) if name in _TEXTS else cell for name, cell in cells)
    return sheet.getvalue()


def customers_json(lines: Sequence[CustomerLine], *, show_names: bool) -> str:
    """Write the lines as a JSON array; money as decimal strings, unknown as null."""
    documents = [dict(_cells(line, show_names=show_names)) for line in lines]
    for document, line in zip(documents, lines, strict=True):
        document["attention"] = [each.value for each in line.attention]  # type: ignore[assignment]
    return json.dumps(documents)


_FIELDS = (
    "account",
    "vendor",
    "customer_id",
    "name",
    "kind",
    "on_exhaustion",
    "limit",
    "granted",
    "spent_low",
    "spent_high",
    "spent_since",
    "share_low",
    "share_high",
    "available",
    "restriction",
    "data_deleted_after",
    "exhausted_earliest",
    "exhausted_latest",
    "period",
    "as_of",
    "attention",
    "waiting",
    "waiting_for",
    "currency",
)
_TEXTS = frozenset({"account", "vendor", "customer_id", "name", "waiting_for"})


def _cells(line: CustomerLine, *, show_names: bool) -> list[tuple[str, str | None]]:
    spend, share, forecast, waiting = line.spent, line.share, line.forecast, line.waiting
    values = (
        _clean(line.account),
        _clean(line.vendor),
        _clean(line.key.customer_id),
        shown_name(line.name, show_names=show_names),
        line.kind.value,
        None if line.on_exhaustion is None else line.on_exhaustion.value,
        str(line.amount),
        _figure(line.granted),
        None if spend is None else str(spend.low),
        None if spend is None else str(spend.high),
        None if spend is None else _time(spend.since),
        None if share is None else str(share.low),
        None if share is None or share.high is None else str(share.high),
        _figure(line.available),
        None if line.restriction is None else line.restriction.value,
        None if line.stopped is None else _time(line.stopped.data_deleted_after),
        None if forecast is None else _time(forecast.earliest),
        None if forecast is None else _time(forecast.latest),
        line.period,
        _time(line.as_of),
        " ".join(each.value for each in line.attention),
        None if waiting is None else waiting.word,
        None if waiting is None else clean(waiting.sentence),
        line.amount.currency,
    )
    return list(zip(_FIELDS, values, strict=True))


def _harmless(cell: str) -> str:
    # What begins with a letter or digit is no formula, and looking at each letter of ten thousand takes a second.
    return cell if cell[:1].isalnum() else harmless(cell)


def _clean(text: str) -> str:
    return text if text.isalnum() and len(text) <= LONGEST_TEXT else clean(text)


def _figure(amount: Money | None) -> str | None:
    return None if amount is None else str(amount)


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds")
