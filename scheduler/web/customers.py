"""The list of customers: one row each, with links to order, filter and turn pages; and the same as a file.

Called by scheduler.web.app; gives the values of `customers.jinja`. A row has what a person looks for, the customer's
own page has the rest.
"""

from collections.abc import Iterator

from core.limit import Kind
from core.standing import Restriction
from scheduler.reports.board import Attention, Board, CustomerLine
from scheduler.reports.charts import spent_bar
from scheduler.reports.wording import (
    clean,
    cloud,
    customer_id,
    exhaustion,
    grouped,
    kind,
    restriction,
    shown_name,
    spent,
)
from scheduler.web.choosing import Chosen, chosen
from scheduler.web.places import customer_link
from scheduler.web.query import UNKNOWN, Column, Query
from scheduler.web.saying import FILTERS, attention, percent
from scheduler.web.times import Times

Cells = dict[str, object]
TITLES = {
    Column.CUSTOMER: "Customer",
    Column.ATTENTION: "What to know",
    Column.LIMIT: "Limit",
    Column.SPENT: "Spent",
    Column.SHARE: "Share",
    Column.AVAILABLE: "Available",
    Column.STANDS: "Stands",
    Column.FORECAST: "Used up",
    Column.ACCOUNT: "Account",
}
_SHOWN = (
    Column.CUSTOMER,
    Column.LIMIT,
    Column.SPENT,
    Column.SHARE,
    Column.AVAILABLE,
    Column.STANDS,
    Column.FORECAST,
    Column.ATTENTION,
)
_FIGURES = {Column.LIMIT, Column.SPENT, Column.AVAILABLE}
_FULL = 100  # percent
_AROUND = 2  # pages that are linked on each side of the one that is shown


def customers_cells(board: Board, query: Query, times: Times, *, show_names: bool) -> Cells:
    """Give what the page shows; a query with a page that does not exist gets the last one."""
    page = chosen(board, query, show_names=show_names)
    clocks = {account.name: Times(account.zone, times.now) for account in board.accounts}
    late = {account.name: account.late_after for account in board.accounts}
    return {
        "query": query,
        "rows": [
            _row(line, clocks[line.account], show_names=show_names)
            | {"stale": line.as_of is None or times.now - line.as_of > late[line.account]}
            for line in page.lines
        ],
        "page": page,
        "headers": [_header(column, query) for column in _SHOWN],
        "chips": list(_chips(query, page)),
        "turns": list(_turns(query, page)),
        "choices": _choices(board, query),
        "sorts": [(column.value, title, column is query.column) for column, title in TITLES.items()],
        "zones": sorted({clock.zone for clock in clocks.values()}),
        "clear": Query(column=query.column, falling=query.falling).address(),
        "reverse": query.ordered_by(query.column).address(),
        "csv": query.at(1).address("/customers.csv"),
        "json": query.at(1).address("/customers.json"),
        "masked": not show_names,
    }


def used_up(line: CustomerLine, times: Times) -> tuple[str, ...]:
    """Say on which billing day the amount will be spent, in parts; empty where that cannot be foreseen."""
    if is_used_up(line):
        return ("already",)
    if line.forecast is None or line.forecast.earliest is None:
        return ()
    first = times.day(line.forecast.earliest)
    if line.forecast.latest is None:
        return ("not before", str(first))
    last = times.day(line.forecast.latest)
    return (str(first),) if first == last else (str(first), f"to {last}")


def is_used_up(line: CustomerLine) -> bool:
    """Whether all of the limit is spent for certain."""
    return line.share is not None and line.share.low >= _FULL


def limit_words(line: CustomerLine) -> str:
    """Name what sort of limit it is, and what happens when it is used up."""
    does = f", {exhaustion(line.on_exhaustion)}" if line.on_exhaustion is not None else ""
    return f"{kind(line.kind)}{does}"


def _row(line: CustomerLine, times: Times, *, show_names: bool) -> Cells:
    ends = line.stopped.data_deleted_after if line.stopped is not None else None
    return {
        "id": customer_id(line.customer),
        "link": customer_link(line.key),
        "name": shown_name(line.name, show_names=show_names),
        "where": f"{cloud(line.vendor)}, ",
        "account": clean(line.account),
        "limit": grouped(line.amount),
        "sort": limit_words(line),
        "spent": spent(line.spent),
        "percent": percent(line),
        "bar": spent_bar(line.spent.low, line.spent.high, line.amount) if line.spent is not None else "",
        "available": grouped(line.available),
        "stands": restriction(line.restriction),
        "active": line.restriction is not None and line.stopped is None,
        "deleted": f"{times.day(ends)}" if ends is not None else "",
        "forecast": used_up(line, times),
        "as_of": times.when(line.as_of),
        "said": _said(line, times),
    }


def _said(line: CustomerLine, times: Times) -> list[Cells]:
    """Give a badge for each thing to tell, and the sentence of the most pressing; others are a click away."""
    told: list[Cells] = []
    for place, each in enumerate(line.attention):
        known = attention(line, each, times)
        # The share stands beside it already.
        plain = each in {Attention.SPENT, Attention.NEAR}
        told.append({"word": known.word, "tone": known.tone, "sentence": "" if place or plain else known.sentence})
    return told


def _header(column: Column, query: Query) -> Cells:
    current = column is query.column
    return {
        "title": TITLES[column],
        "link": query.ordered_by(column).address(),
        "figure": column in _FIGURES,
        "sorted": ("descending" if query.falling else "ascending") if current else "",
    }


def _chips(query: Query, page: Chosen) -> Iterator[Cells]:
    for word, title in FILTERS.items():
        count = page.counts[word]
        if count or word in {"", query.attention}:
            link = query.asking(word).address()
            yield {"title": title, "count": f"{count:,}", "link": link, "current": word == query.attention}


def _turns(query: Query, page: Chosen) -> Iterator[Cells]:
    """Give the links to other pages: the first, some around, the last; None for those left out."""
    near = range(page.number - _AROUND, page.number + _AROUND + 1)
    shown = [number for number in range(1, page.pages + 1) if number in {1, page.pages} or number in near]
    before = 0
    for number in shown:
        if number - before > 1:
            yield {"number": "", "link": "", "current": False}
        yield {"number": f"{number:,}", "link": query.at(number).address(), "current": number == page.number}
        before = number


def _choices(board: Board, query: Query) -> list[Cells]:
    """Give the form's lists: name, title, and options as (value, words, whether it is chosen)."""
    accounts = [account.name for account in board.accounts]
    vendors = sorted({account.vendor for account in board.accounts})
    lists = [
        ("account", "Account", query.account, [(name, clean(name)) for name in sorted(accounts)]),
        ("vendor", "Cloud", query.vendor, [(vendor, cloud(vendor)) for vendor in vendors]),
        ("kind", "Kind", query.kind or "", [(each.value, kind(each)) for each in Kind]),
        (
            "restriction",
            "Stands",
            query.restriction,
            [*((each.value, restriction(each)) for each in Restriction), (UNKNOWN, "unknown")],
        ),
    ]
    return [
        {
            "name": name,
            "title": title,
            "options": [("", "All", not now), *((value, words, value == now) for value, words in options)],
        }
        for name, title, now, options in lists
    ]
