"""A month's report as a page to mail to finance: what was spent against which limit, and what was changed and why.

Called by `tidegate report --format html`. Layout is in `month_html.jinja` and `month_html.css`, the frame in
`scheduler.reports.page`, pictures in `scheduler.reports.charts`; the words are those of the table. Every customer has
its row, whatever their number: those that need somebody come first.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from core.limit import Kind
from core.meter import billing_day
from core.money import ZERO, total
from scheduler.reports import month_attention, month_table, prospects
from scheduler.reports.charts import Column, Point, counting_chart, description, share_bar, spending_chart
from scheduler.reports.month import NOTE, AccountMonth, Change, Changes, MonthReport, MonthRow, Share, Span, Whose
from scheduler.reports.month_changes import folded
from scheduler.reports.page import page
from scheduler.reports.reckoning import share_of
from scheduler.reports.summary import MASKED
from scheduler.reports.wording import (
    clean,
    cloud,
    customer_id,
    figures_grouped,
    grouped,
    plural,
    sentence,
    shown_name,
    signed,
)

Cells = dict[str, object]
_SHOWN_RUNNING_OUT = 20
_LONG = 8  # rows from which an account begins on a new sheet of paper
_SHARES = ((50, "< 50 %", "fill"), (75, "50-75 %", "fill"), (90, "75-90 %", "fill"), (100, "90-100 %", "near"))
_WHOSE = {
    Whose.LIMIT: "partner",
    Whose.TIDEGATE: "Tidegate",
    Whose.OTHERS: "outside Tidegate",
    Whose.PERSON: "a person's word",
}


def month_html(report: MonthReport, *, show_names: bool) -> str:
    """Write the report as an HTML document."""
    first = date.fromisoformat(f"{report.month}-01")
    rows = [row for account in report.accounts for row in account.rows]
    running_out = month_attention.running_out(report)
    more = len(running_out) - _SHOWN_RUNNING_OUT
    return page(
        "month_html",
        title=f"Tidegate report: {month_table.title(report)}",
        month=f"{first:%B %Y}",
        made=_made(report),
        tiles=_tiles(report, rows, running_out),
        attention=month_attention.lines(report),
        shares=counting_chart(_columns(rows), title="Customers by share of their limit spent"),
        accounts=[_account(account, place, show_names=show_names) for place, account in enumerate(report.accounts, 1)],
        running_out=[_running_out(row, show_names=show_names) for row in running_out[:_SHOWN_RUNNING_OUT]],
        running_out_more=f"{plural(more, 'more customer')}: each row below says when." if more > 0 else "",
        footnotes=[NOTE, *([] if show_names else [MASKED])],
        head=clean(report.head),
    )


def _made(report: MonthReport) -> str:
    if report.as_of is not None:
        return f"As it stood at the end of {report.as_of}, billing time."
    now = max(account.now for account in report.accounts)
    over = all(account.now >= account.ends for account in report.accounts)
    return f"As known on {prospects.minute(now)}. {'The month is over.' if over else 'The month is not over.'}"


def _tiles(
    report: MonthReport, rows: Sequence[MonthRow], running_out: Sequence[MonthRow]
) -> list[tuple[str, str, str]]:
    """Give the figures that are read first; what did not happen has no tile."""
    spent = month_table.span(_sum_spent(report.accounts))
    limits = [account.limit for account in report.accounts if account.limit is not None]
    unlimited = sum(not row.limits for row in rows)
    full = sum(row.share is not None and row.share.low >= month_attention.FULL for row in rows)
    made = _sum_changes(report.accounts)
    outside = sum(len(row.outside) for row in rows)
    held = sum(bool(row.holds) for row in rows)
    moved = ", ".join(part for part in (signed(made.raised), signed(-made.cut)) if part)
    tiles = [
        ("Spent", spent, f"of {grouped(total(limits))} in limits" if limits else ""),
        ("Customers", f"{len(rows):,}", f"{unlimited:,} without a limit" if unlimited else ""),
        ("At 100 % or more", f"{full:,}", ""),
        ("Expected to exhaust", f"{sum(map(month_attention.is_certain, running_out)):,}", "within the month"),
        ("Changed by Tidegate", f"{made.count:,}", moved),
        ("Changed by others", f"{outside:,}", "outside Tidegate"),
        ("Not done", f"{held:,}", "as of the last run"),
    ]
    always = {"Spent", "Customers", "Changed by Tidegate"}
    return [tile for tile in tiles if tile[0] in always or tile[1] != "0"]


def _columns(rows: Sequence[MonthRow]) -> list[Column]:
    counts = dict.fromkeys((name for _, name, _ in _SHARES), 0)
    full = other = 0
    for row in rows:
        if row.share is None:
            other += 1
        else:
            low = row.share.low
            name = next((name for below, name, _ in _SHARES if low < below), None)
            full += name is None
            if name is not None:
                counts[name] += 1
    return [
        *(Column(name=name, count=counts[name], tone=tone) for _, name, tone in _SHARES),
        Column(name="≥ 100 %", count=full, tone="over"),
        Column(name="no share", count=other, tone="track"),
    ]


def _account(account: AccountMonth, place: int, *, show_names: bool) -> Cells:
    points = [Point(day=day.day, low=day.low, high=day.high, limit=day.limit) for day in account.days]
    name = clean(account.name)
    look, share = account.look, _account_share(account)
    outlook = look.outlook if look is not None else None
    return {
        "anchor": f"account-{place}",
        "name": name,
        "title": month_table.account_title(account),
        "cloud": cloud(account.vendor),
        "customers": f"{len(account.rows):,}",
        "long": len(account.rows) > _LONG,
        "spent": _halves(month_table.span(account.spent)),
        "limit": grouped(account.limit, "none"),
        "share": month_table.share(share),
        "bar": _bar(share),
        "changed_count": f"{account.changes.count:,}",
        "quota": grouped(look.quota, "") if look is not None else "",
        "needs": grouped(outlook.rollover, "") if outlook is not None else "",
        "chart": _chart(account, points),
        "caption": _caption(account, points),
        "lines": [clean(line) for line in month_table.account_lines(account)],
        "rows": [_row(row, account, show_names=show_names) for row in month_attention.pressing_first(account)],
        "changed": [_change(change) for change in folded(account.changed)],
    }


def _account_share(account: AccountMonth) -> Share | None:
    return share_of(account.spent, account.limit) if account.limit is not None else None


def _chart(account: AccountMonth, points: Sequence[Point]) -> str:
    if not points:
        return ""
    first, last = (billing_day(at, account.zone) for at in (account.begins, account.ends - timedelta(seconds=1)))
    # The axis is the month: days before the first that was seen are empty, not absent.
    points = [*([] if points[0].day == first else [Point(day=first)]), *points]
    return spending_chart(points, title=f"{account.name}: spent and the sum of the limits", until=last)


def _caption(account: AccountMonth, points: Sequence[Point]) -> str:
    """Say the picture's figures, and what in its sum is not of this month."""
    if not points:
        return ""
    other = sum(bool(row.limits) and row.kind is not Kind.MONTHLY for row in account.rows)
    beside = f" {plural(other, 'limit')} of the sum {'is' if other == 1 else 'are'} not monthly." if other else ""
    return f"{description(points)}{beside}"


def _bar(share: Share | None) -> str:
    # A float, for a picture's coordinates.
    return "" if share is None else share_bar(float(share.low), None if share.high is None else float(share.high))


def _row(row: MonthRow, account: AccountMonth, *, show_names: bool) -> Cells:
    facts = month_table.facts(row, account)
    return {
        "customer": customer_id(row.customer),
        "name": shown_name(row.name, show_names=show_names),
        "kind": month_table.limit_words(row),
        "limit": grouped(row.limits[-1].amount) if row.limits else "",
        "spent": _halves(month_table.span(row.spent)),
        "share": month_table.share(row.share),
        "bar": _bar(row.share),
        "granted": grouped(row.granted),
        "facts": facts,
        "warnings": [prospects.data_deleted(row.data_deleted_after)],
        "attention": month_attention.held_lines(row),
    }


def _running_out(row: MonthRow, *, show_names: bool) -> Cells:
    return {
        "customer": customer_id(row.customer),
        "name": shown_name(row.name, show_names=show_names),
        "account": clean(row.account),
        "limit": grouped(row.limits[-1].amount),
        "left": month_attention.left(row),
        "expected": month_attention.expected(row),
    }


def _change(change: Change) -> Cells:
    direction = "" if change.moved is None else "raise" if change.moved > ZERO else "cut"
    who = clean(change.who)
    return {
        "at": prospects.minute(change.at),
        "whom": clean(change.key.customer_id) if change.key is not None else "the account",
        "moved": signed(change.moved),
        "direction": direction,
        "whose": _WHOSE[change.whose],
        "tone": change.whose.value,
        "what": figures_grouped(clean(change.what)),
        "who": who,
        "why": sentence("; ".join(part for part in (figures_grouped(change.why), change.source) if part)),
    }


def _halves(text: str) -> list[str]:
    """Put the two ends of an interval below each other: side by side they would take the words' room."""
    low, middle, high = text.partition(" to ")
    return [f"{low}{middle.rstrip()}", high] if middle else [text]


def _sum_spent(accounts: Sequence[AccountMonth]) -> Span:
    highs = [account.spent.high for account in accounts if account.spent.high is not None]
    low = total([account.spent.low for account in accounts])
    return Span(low=low, high=total(highs) if len(highs) == len(accounts) else None)


def _sum_changes(accounts: Sequence[AccountMonth]) -> Changes:
    made = [account.changes for account in accounts]
    return Changes(
        count=sum(each.count for each in made),
        raised=total([each.raised for each in made]),
        cut=total([each.cut for each in made]),
    )
