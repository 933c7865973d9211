"""Chooses and orders customers for the list, and counts them: plain loops over values, quick for ten thousand.

Called by scheduler.web.customers for every request. What is unknown comes last, whichever way the list is ordered.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from core.standing import Restriction
from scheduler.reports.board import Attention, Board, CustomerLine
from scheduler.web.query import ANYTHING, NOTHING, SOMEBODY, UNKNOWN, Column, Query

PAGE_LENGTH = 100
_RANKS = {attention: rank for rank, attention in enumerate(Attention)}
_UNPRESSED = len(_RANKS)
_SEVERITY = {restriction: rank for rank, restriction in enumerate(Restriction)}
# What a person has to do something about; the rest is as it should be, and worth knowing.
_FOR_SOMEBODY = frozenset({Attention.DELETION, Attention.DISPUTED, Attention.HELD})
# Before, that data will be deleted one day is what a limit does that is kept: worth knowing. Alerts begin here too.
_DATA_AT_STAKE = timedelta(days=7)

_NEVER = datetime.max.replace(tzinfo=UTC)

# Whatever can be compared with its like.
Key = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """One page of what a query asks for. `number`: its page; `counts`: what each attention would give instead.

    `found`: how many the query finds; `of`: how many customers there are.
    """

    lines: Sequence[CustomerLine]
    number: int
    pages: int
    found: int
    of: int
    counts: Counter[str]

    @property
    def first(self) -> int:
        """The place of the first line among those found, from 1; 0 where there is none."""
        return (self.number - 1) * PAGE_LENGTH + 1 if self.found else 0

    @property
    def last(self) -> int:
        """The place of the last line among those found."""
        return self.first + len(self.lines) - 1 if self.found else 0


def deleted_after(line: CustomerLine) -> datetime | None:
    """Give when the vendor deletes a customer's data; None where it does not, or nobody knows when."""
    return None if line.stopped is None else line.stopped.data_deleted_after


def may_be_spared(line: CustomerLine) -> bool:
    """Whether its data may stay: of who is merely restricted it is not known whether services stand still too."""
    return line.stopped is not None and line.stopped.restriction is Restriction.RESTRICTED


def is_for_somebody(attention: Attention, line: CustomerLine, now: datetime) -> bool:
    """Whether a person has to do something about it; about data that will be deleted, in its last days."""
    if attention is Attention.DELETION:
        end = deleted_after(line)
        return end is None or end - now <= _DATA_AT_STAKE
    return attention in _FOR_SOMEBODY


def needs_somebody(line: CustomerLine, now: datetime) -> bool:
    """Whether a person has to do something about a customer."""
    return any(is_for_somebody(attention, line, now) for attention in line.attention)


def chosen(board: Board, query: Query, *, show_names: bool) -> Chosen:
    """Give the page that a query asks for; behind the last page, the last one."""
    alike = _alike(board, query, show_names=show_names)
    found = _ordered([line for line in alike if _attends(line, query.attention, board.made_at)], query, board.made_at)
    pages = max(-(-len(found) // PAGE_LENGTH), 1)
    number = min(query.page, pages)
    return Chosen(
        lines=found[(number - 1) * PAGE_LENGTH : number * PAGE_LENGTH],
        number=number,
        pages=pages,
        found=len(found),
        of=sum(len(account.customers) for account in board.accounts),
        counts=counts(alike, board.made_at),
    )


def all_chosen(board: Board, query: Query, *, show_names: bool) -> Sequence[CustomerLine]:
    """Give all pages at once."""
    alike = _alike(board, query, show_names=show_names)
    return _ordered([line for line in alike if _attends(line, query.attention, board.made_at)], query, board.made_at)


def counts(lines: Sequence[CustomerLine], now: datetime) -> Counter[str]:
    """Count the lines by each word that the attention can be asked for; "" counts all."""
    found: Counter[str] = Counter({"": len(lines)})
    for line in lines:
        if not line.attention:
            found[NOTHING] += 1
            continue
        found.update(line.attention)
        found[ANYTHING] += 1
        found[SOMEBODY] += needs_somebody(line, now)
    return found


def _alike(board: Board, query: Query, *, show_names: bool) -> list[CustomerLine]:
    """Give who meets everything but the attention."""
    tests = _tests(query, show_names=show_names)
    return [
        line
        for account in board.accounts
        if query.account in {"", account.name} and query.vendor in {"", account.vendor}
        for line in account.customers
        if all(test(line) for test in tests)
    ]


def _tests(query: Query, *, show_names: bool) -> list[Callable[[CustomerLine], bool]]:
    tests: list[Callable[[CustomerLine], bool]] = []
    if query.search:
        wanted = query.search.casefold()

        def is_called(line: CustomerLine) -> bool:
            # A name that is not shown is not searched either: the answer would give it away letter by letter.
            named = show_names and line.name is not None and wanted in line.name.casefold()
            return named or wanted in line.key.customer_id.casefold() or wanted in line.account.casefold()

        tests.append(is_called)
    if query.kind is not None:
        tests.append(lambda line: line.kind is query.kind)
    if query.restriction:
        tests.append(lambda line: (line.restriction or UNKNOWN) == query.restriction)
    return tests


def _attends(line: CustomerLine, attention: str, now: datetime) -> bool:
    match attention:
        case "":
            return True
        case "any":
            return bool(line.attention)
        case "none":
            return not line.attention
        case "somebody":
            return needs_somebody(line, now)
        case _:
            return attention in line.attention


def _ordered(lines: list[CustomerLine], query: Query, now: datetime) -> list[CustomerLine]:
    if query.column is Column.ATTENTION:
        return sorted(lines, key=lambda line: _pressing(line, now), reverse=query.falling)
    key = _KEYS[query.column]
    known = [(value, line) for line in lines if (value := key(line)) is not None]
    unknown = [line for line in lines if key(line) is None]
    # Ordered by id first: equal values then stand in the same order on every page.
    known.sort(key=lambda pair: _identity(pair[1]))
    known.sort(key=lambda pair: pair[0], reverse=query.falling)
    return [line for _, line in known] + sorted(unknown, key=_identity)


def _pressing(line: CustomerLine, now: datetime) -> Key:
    share = -line.share.low if line.share is not None else 1
    rank = min(map(_RANKS.__getitem__, line.attention)) if line.attention else _UNPRESSED
    end = deleted_after(line) if rank == _RANKS[Attention.DELETION] else None
    if end is None:
        return rank, _NEVER, share, *_identity(line)
    if end - now > _DATA_AT_STAKE:
        rank = _RANKS[Attention.STOPPED]
    return rank, end, share, *_identity(line)


def _identity(line: CustomerLine) -> Key:
    # Plain texts: comparing two keys as such takes five times as long.
    key = line.customer.key
    return key.vendor, key.customer_id


def _forecast(line: CustomerLine) -> Key:
    if line.forecast is None or line.forecast.earliest is None:
        return None
    return line.forecast.earliest


_KEYS: dict[Column, Callable[[CustomerLine], Key]] = {
    Column.CUSTOMER: lambda line: line.key.customer_id,
    Column.ACCOUNT: lambda line: line.account,
    Column.LIMIT: lambda line: line.amount.cents,
    Column.SPENT: lambda line: None if line.spent is None else line.spent.high.cents,
    Column.SHARE: lambda line: None if line.share is None else (line.share.low, line.share.high or line.share.low),
    Column.AVAILABLE: lambda line: None if line.available is None else line.available.cents,
    Column.STANDS: lambda line: None if line.restriction is None else _SEVERITY[line.restriction],
    Column.FORECAST: _forecast,
}
