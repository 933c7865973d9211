"""Reads all of one customer's allocation records, or none: the witness that settles a change.

Used by cloud. Half a history would prove that a change was not made when it was, so whatever cannot be shown to be
whole is an error.
Must not assume what is undocumented: whether pages count from 0 or 1, the largest page, the order of rows.
Rows have no ids, and two equal rows may be two allocations: nothing is ever left out for looking like another.
"""

from collections.abc import Callable
from itertools import pairwise

from adapters.clouds.tencent.listing import first_page
from adapters.clouds.tencent.requests import HISTORY
from adapters.clouds.tencent.standings import HistoryPage
from core.errors import AccountRefusedError, PermanentReadError, TemporaryReadError
from core.witness import WitnessRow

PAGE_SIZE = 100
ATTEMPTS = 4

Rows = tuple[WitnessRow, ...]
AskPage = Callable[[int, int], HistoryPage]


class _MovedError(Exception):
    """The count changed while the pages were read: a record was added, so pages may have shifted."""


def read_records(ask: AskPage) -> Rows:
    """Read all records; `ask` takes page number and size. Raises ReadFailedError when they cannot be read whole."""
    size = PAGE_SIZE
    for _ in range(ATTEMPTS):
        try:
            size, first = first_page(ask, size)
            reading = _Reading(ask, size, first)
            rows = reading.whole()
        except _MovedError:
            continue
        if rows is not None:
            return rows
        # Perhaps fewer rows come than were asked for while pages are still counted by what was asked for.
        size = reading.largest or size
    raise TemporaryReadError(
        HISTORY, "IncompleteAnswer", "the customer's records could not be read whole: their count and pages disagree"
    )


class _Reading:
    """One attempt with one page size."""

    def __init__(self, ask: AskPage, size: int, first: HistoryPage) -> None:
        self._ask = ask
        self._size = size
        self._total = first.total
        self._pages: list[Rows] = [first.rows]

    @property
    def largest(self) -> int:
        """The most rows that came in one page."""
        return max(len(rows) for rows in self._pages)

    def whole(self) -> Rows | None:
        """Give all rows, or None when the pages do not add up; raises _MovedError and ReadFailedError."""
        while _held(self._pages) < self._total and self._pages[-1]:
            self._pages.append(self._page(len(self._pages) + 1))
        if _held(self._pages) == self._total and (not self._repeats() or not self._page(len(self._pages) + 1)):
            return _joined(self._pages)
        return self._from_zero()

    def _repeats(self) -> bool:
        """Whether a page came twice: either equal allocations, or a vendor that repeats its last page."""
        return any(one and one == other for one, other in pairwise(self._pages))

    def _from_zero(self) -> Rows | None:
        """Pages may count from 0: then that one is missing, and repeats at the end are no rows of their own."""
        pages = [rows for index, rows in enumerate(self._pages) if index == 0 or rows != self._pages[index - 1]]
        zeroth = self._page(0)
        # Page 0 may also be page 1 under another name.
        if zeroth == self._pages[0] or len(zeroth) + _held(pages) != self._total:
            return None
        return _joined([zeroth, *pages])

    def _page(self, number: int) -> Rows:
        try:
            page = self._ask(number, self._size)
        except AccountRefusedError:
            raise
        except PermanentReadError:
            # There is no such page; whether the others add up is seen elsewhere.
            return ()
        if page.total != self._total:
            raise _MovedError
        return page.rows


def _held(pages: list[Rows]) -> int:
    return sum(len(rows) for rows in pages)


def _joined(pages: list[Rows]) -> Rows:
    return tuple(row for rows in pages for row in rows)
