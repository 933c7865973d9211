"""A month's report as JSON, CSV and Markdown: the same facts as the table, for programs, spreadsheets and tickets.

Money is decimal strings, percents are strings with one decimal, unknown is null or an empty cell, times are ISO 8601.
"""

import csv
import io
from collections.abc import Iterator
from datetime import datetime

from core.limit import CustomerKey
from core.money import Money
from scheduler.reports import month_changes, month_table
from scheduler.reports.markdown import code, prose
from scheduler.reports.month import NOTE, AccountMonth, Change, Changes, Look, MonthReport, MonthRow
from scheduler.reports.plan_csv import harmless
from scheduler.reports.plan_json import Document, outlook_document, stable
from scheduler.reports.prospects import minute
from scheduler.reports.wording import clean, figures_grouped, grouped, plural, shown_name, signed

FORMAT_VERSION = 1
OPEN_LINES = 20  # a longer list of changes is folded away in Markdown
HEADER = (
    *("month", "as_of", "account", "vendor", "customer_id", "name", "kind", "on_exhaustion", "limit", "limits"),
    *("spent_low", "spent_high", "spent_since", "seen", "share_low", "share_high", "granted", "restriction"),
    *("data_deleted_after", "exhausted_earliest", "exhausted_latest", "changes", "raised", "cut"),
    *("changed_outside", "held", "billed", "what_changed"),
)


def month_json(report: MonthReport, *, show_names: bool) -> str:
    """Write the report for programs, without a final newline."""
    return stable(
        {
            "format_version": FORMAT_VERSION,
            "month": report.month,
            "as_of": None if report.as_of is None else report.as_of.isoformat(),
            "audit_head": report.head,
            "note": NOTE,
            "accounts": [_account(account, show_names=show_names) for account in report.accounts],
        }
    )


def month_csv(report: MonthReport, *, show_names: bool) -> str:
    """Write one line per customer, with a header."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(HEADER)
    begins = [report.month, "" if report.as_of is None else report.as_of.isoformat()]
    for account in report.accounts:
        changed: dict[CustomerKey | None, list[str]] = {}
        for change in account.changed:
            changed.setdefault(change.key, []).append(month_changes.sentence_of(change))
        for row in account.rows:
            line = _line(row, show_names)
            what = harmless("; ".join(changed.get(row.key, [])))
            writer.writerow([*begins, harmless(account.name), harmless(account.vendor), *line, what])
    return sheet.getvalue()


def month_markdown(report: MonthReport, *, show_names: bool) -> str:
    """Write the report as GitHub-flavoured Markdown ending in a newline."""
    parts = [f"### Tidegate: {month_table.title(report)}", ""]
    for account in report.accounts:
        parts += [f"**{prose(month_table.account_title(account))}**", ""]
        if account.rows:
            parts += ["| Customer | Limit | Spent | Share | Granted | More |", "|---|--:|--:|--:|--:|---|"]
            parts += [_markdown_row(row, account, show_names=show_names) for row in account.rows]
            parts.append("")
        parts += [*(f"- {prose(line)}" for line in month_table.account_lines(account)), ""]
        parts += _markdown_changes(account)
    return "\n".join([*parts, f"{prose(NOTE)}  ", f"The record of changes ends with `{clean(report.head)}`.", ""])


def _markdown_row(row: MonthRow, account: AccountMonth, *, show_names: bool) -> str:
    name = shown_name(row.name, show_names=show_names)
    who = code(row.key.customer_id) + (f"<br>{code(name)}" if name else "")
    amount = grouped(row.limits[-1].amount) if row.limits else ""
    limit = f"{amount}<br>{month_table.limit_words(row)}" if amount else month_table.limit_words(row)
    more = "<br>".join(prose(line) for line in month_table.facts(row, account))
    share = month_table.share(row.share)
    return f"| {who} | {limit} | {month_table.span(row.spent)} | {share} | {grouped(row.granted)} | {more} |"


def _markdown_changes(account: AccountMonth) -> list[str]:
    """Give what was changed and why, folded away where it is long."""
    changes = month_changes.folded(account.changed)
    if not changes:
        return []
    rows = [
        f"| {minute(each.at)} | {code(each.key.customer_id) if each.key is not None else ''} | {signed(each.moved)} "
        f"| {prose(figures_grouped(each.what))} | {_told(each.who)} | {_told(figures_grouped(each.why))} |"
        for each in changes
    ]
    table = ["| When | Customer | By how much | What | Who | Why |", "|---|---|--:|---|---|---|", *rows]
    title = f"What was changed and why ({plural(len(changes), 'line')})"
    if len(changes) <= OPEN_LINES:
        return [f"**{title}**", "", *table, ""]
    return ["<details>", f"<summary>{title}</summary>", "", *table, "", "</details>", ""]


def _told(text: str) -> str:
    return prose(text) if text else ""


def _account(account: AccountMonth, *, show_names: bool) -> Document:
    return {
        "name": account.name,
        "vendor": account.vendor,
        "billing_timezone": account.zone,
        "since": account.begins.isoformat(),
        "until": account.now.isoformat(),
        "spent": {"low": str(account.spent.low), "high": _money(account.spent.high)},
        "unknown": account.unknown,
        "granted": str(account.granted),
        "limits": _money(account.limit),
        "changes": _changes(account.changes),
        "billed": _money(account.billed),
        "last_run": None if account.look is None else _look(account.look),
        "days": [
            {
                "day": day.day.isoformat(),
                "spent": {"low": _money(day.low), "high": _money(day.high)},
                "limits": _money(day.limit),
            }
            for day in account.days
        ],
        "changed": [_change(change) for change in account.changed],
        "customers": [_row(row, show_names=show_names) for row in account.rows],
    }


def _look(look: Look) -> Document:
    return {
        "at": look.at.isoformat(),
        "quota": _money(look.quota),
        "outlook": None if look.outlook is None else outlook_document(look.outlook),
        "problem": None if look.problem is None else clean(look.problem),
    }


def _row(row: MonthRow, *, show_names: bool) -> Document:
    spent, share, forecast = row.spent, row.share, row.forecast
    return {
        "customer_id": row.key.customer_id,
        "vendor": row.key.vendor,
        "name": shown_name(row.name, show_names=show_names) or None,
        "kind": row.kind,
        "on_exhaustion": row.on_exhaustion,
        "limits": [{"amount": str(each.amount), "since": each.since.isoformat()} for each in row.limits],
        "spent": None
        if spent is None
        else {"low": str(spent.low), "high": _money(spent.high), "since": _time(spent.since)},
        "seen": None if row.seen is None else row.seen.isoformat(),
        "share": None
        if share is None
        else {"low": str(share.low), "high": None if share.high is None else str(share.high)},
        "granted": _money(row.granted),
        "exhausted": None
        if forecast is None
        else {"earliest": _time(forecast.earliest), "latest": _time(forecast.latest)},
        "restriction": row.restriction,
        "data_deleted_after": _time(row.data_deleted_after),
        "changes": _changes(row.changes),
        "changed_outside": [{"at": each.at.isoformat(), "what": clean(each.sentence)} for each in row.outside],
        "holds": [{"reason": each.reason, "why": clean(each.sentence)} for each in row.holds],
        "billed": _money(row.billed),
    }


def _line(row: MonthRow, show_names: bool) -> Iterator[str]:  # noqa: FBT001 - one call, beside the row it is for
    spent, share, forecast = row.spent, row.share, row.forecast
    yield harmless(row.key.customer_id)
    yield harmless(shown_name(row.name, show_names=show_names))
    yield from (row.kind or "", row.on_exhaustion or "")
    yield str(row.limits[-1].amount) if row.limits else ""
    yield "; ".join(f"{each.amount} from {each.since}" for each in row.limits)
    yield from (_cell(spent.low), _cell(spent.high), _moment(spent.since)) if spent is not None else ("", "", "")
    yield "" if row.seen is None else row.seen.isoformat()
    yield from (str(share.low), "" if share.high is None else str(share.high)) if share is not None else ("", "")
    yield from (_cell(row.granted), row.restriction or "", _moment(row.data_deleted_after))
    yield from (_moment(forecast.earliest), _moment(forecast.latest)) if forecast is not None else ("", "")
    yield from (str(row.changes.count), str(row.changes.raised), str(row.changes.cut))
    yield harmless("; ".join(each.sentence for each in row.outside))
    yield harmless("; ".join(each.sentence for each in row.holds))
    yield _cell(row.billed)


def _change(change: Change) -> Document:
    return {
        "at": change.at.isoformat(),
        "whose": change.whose.value,
        "customer_id": None if change.key is None else change.key.customer_id,
        "what": clean(change.what),
        "who": clean(change.who) or None,
        "why": clean(change.why) or None,
        "before": _money(change.before),
        "after": _money(change.after),
        "change": _money(change.moved),
        "source": clean(change.source) or None,
    }


def _changes(changes: Changes) -> Document:
    return {"count": changes.count, "raised": str(changes.raised), "cut": str(changes.cut)}


def _money(amount: Money | None) -> str | None:
    return None if amount is None else str(amount)


def _cell(amount: Money | None) -> str:
    return "" if amount is None else str(amount)


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _moment(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M:%S}Z"
