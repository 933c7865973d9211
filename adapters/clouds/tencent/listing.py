"""Reads customers' credit in the fewest calls, by three roads: the list in pages, one by one, by UIN in fifties.

Used by cloud. Only the list tells `Force`, so it goes first; a customer that a failing or shifting page has lost is
read the other ways, and is unreadable only when those fail too.
Must not assume what is undocumented: the largest page (asked for less, clamped or refused), the first page's number
(1 is documented, 0 is tried where 1 looks wrong), and whether one bad UIN spoils its batch or is left out.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import ceil
from typing import Protocol, TypeVar

from adapters.clouds.tencent.requests import BY_UIN, LIST, MOST_UINS
from adapters.clouds.tencent.standings import CreditPage, CreditRow, HistoryPage
from adapters.wire.line import Priority
from core.errors import AccountRefusedError, PermanentReadError, ReadFailedError, TemporaryReadError
from core.ports import Progress, no_progress

PAGE_SIZE = 100
# Customers for whom one call each is cheap enough to learn their `Force`.
FEW = 5
# Calls of one action that may fail one after the other before the rest is not asked any more.
FAILURES_IN_A_ROW = 2
# Refused batches that are split to find their bad UINs: enough for a dozen of them, too few for a thousand.
SPLITS = 60
# What a single UIN is refused with when it is no customer of ours.
NOT_OURS = frozenset({"UnauthorizedOperation.NotCustomerUin", "FailedOperation.UinNotAgent"})
# What a page size is refused with.
_SIZE_REFUSED = ("InvalidParameter", "LimitExceeded", "ResponseSizeLimitExceeded", "RequestSizeLimitExceeded")

Answer = TypeVar("Answer")
Page = TypeVar("Page", CreditPage, HistoryPage)


class CreditQuestions(Protocol):
    """The three questions, as requests.Questions asks them."""

    def customers(self, page: int, size: int) -> CreditPage:
        """One page of the list."""

    def customer(self, uin: str, priority: Priority) -> CreditRow | None:
        """One customer of the list."""

    def credits(self, uins: Sequence[str], priority: Priority) -> tuple[CreditRow, ...]:
        """Up to fifty customers by UIN."""


@dataclass(slots=True, kw_only=True)
class Credits:
    """What was read so far. In the end each wanted UIN is in exactly one of `rows`, `absent` and `failures`.

    `total`: how many customers the vendor counts, None: not asked. `problem`: nothing could be read at all, or the
    key was refused.
    """

    rows: dict[str, CreditRow] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    failures: dict[str, ReadFailedError] = field(default_factory=dict)
    total: int | None = None
    problem: ReadFailedError | None = None

    @property
    def whole(self) -> bool:
        """Whether every customer that the vendor counts was listed."""
        return self.total is not None and len(self.rows) >= self.total

    def missing(self, wanted: Collection[str]) -> list[str]:
        """The wanted UINs of which nothing is known yet."""
        return [uin for uin in wanted if uin not in self.rows and uin not in self.absent and uin not in self.failures]


class ListPager:
    """The list of customers, one page after the other.

    A page that fails is passed over by the next `next`.
    """

    def __init__(self, ask: Callable[[int, int], CreditPage]) -> None:
        self._ask = ask
        self._size = PAGE_SIZE
        self._number = 1
        self._total: int | None = None
        self._zeroth_asked = False

    @property
    def ahead(self) -> int:
        """How many pages are left, as far as known."""
        return 0 if self._total is None else max(0, ceil(self._total / self._size) - self._number + 1)

    @property
    def ended(self) -> bool:
        """Whether there is no page left to ask for."""
        return self._past_end and self._zeroth_asked

    @property
    def _past_end(self) -> bool:
        """Whether one page more than the count makes necessary was asked for: rows shift while they are read."""
        return self._total is not None and self._number > ceil(self._total / self._size) + 1

    def skip_to_end(self) -> None:
        """Ask for no later page: the last one had nothing new."""
        self._number = ceil((self._total or 0) / self._size) + 2

    def next(self) -> CreditPage:
        """Ask for the next page, last of all for page 0 if the others did not suffice; raises ReadFailedError."""
        if self._total is None:
            return self._first()
        if self._past_end:
            self._zeroth_asked = True
            return self._ask(0, self._size)
        number, self._number = self._number, self._number + 1
        page = self._ask(number, self._size)
        self._total = page.total
        return page

    def _first(self) -> CreditPage:
        self._size, page = first_page(self._ask, self._size)
        if len(page.rows) < min(self._size, page.total):
            page = self._settled(page)
        self._total, self._number = page.total, 2
        return page

    def _settled(self, page: CreditPage) -> CreditPage:
        """A short first page: pages are counted from 0, or the vendor gives fewer rows than asked for."""
        self._zeroth_asked = True
        try:
            zeroth = self._ask(0, self._size)
        except (PermanentReadError, TemporaryReadError):
            zeroth = CreditPage(total=page.total, rows=())
        known = {row.uin for row in page.rows}
        if any(row.uin not in known for row in zeroth.rows):
            leading, page = zeroth, CreditPage(total=page.total, rows=zeroth.rows + page.rows)
        else:
            leading = page
        # From here on ask for what is given: whether the vendor counts a page by the one or the other is unknown.
        self._size = min(self._size, len(leading.rows) or self._size)
        return page


class CreditReader:
    """One observation's reading; made anew for each."""

    def __init__(self, questions: CreditQuestions, *, priority: Priority, progress: Progress = no_progress) -> None:
        self._questions = questions
        self._priority = priority
        self._progress = progress
        self._credits = Credits()
        self._failed_in_a_row: dict[str, int] = {}
        self._answered = False
        self._last_error: ReadFailedError | None = None
        self._splits = SPLITS

    def read(self, wanted: Collection[str], *, everyone: bool) -> Credits:
        """Read the wanted customers, and with `everyone` all others too."""
        return self._finished(wanted, partial(self._read, wanted, everyone=everyone))

    def read_again(self, wanted: Collection[str]) -> Credits:
        """Read the wanted customers by UIN, and their `Force` where they are few."""
        return self._finished(wanted, partial(self._read_again, wanted))

    def _finished(self, wanted: Collection[str], reading: Callable[[], None]) -> Credits:
        known = self._credits
        try:
            reading()
        except AccountRefusedError as error:
            known.problem = self._last_error = error
        if not self._answered:
            known.problem = self._last_error
        for uin in known.missing(wanted):
            known.failures[uin] = self._last_error or TemporaryReadError(LIST, "NotAsked", "it was not asked for")
        return known

    def _read(self, wanted: Collection[str], *, everyone: bool) -> None:
        pages_left = self._list(wanted, everyone=everyone) if everyone or len(wanted) > 1 else 0
        missing = self._credits.missing(wanted)
        if not self._credits.whole and len(missing) <= max(FEW, pages_left):
            self._one_by_one(missing)
        self._by_uin(self._credits.missing(wanted))

    def _read_again(self, wanted: Collection[str]) -> None:
        self._by_uin(list(wanted))
        rows = list(self._credits.rows.values())
        for row in rows if len(rows) <= FEW else ():
            listed = self._tried(LIST, partial(self._questions.customer, row.uin, self._priority))
            if isinstance(listed, CreditRow):
                # The figures stay those of the one call: two reads at two times are not one standing.
                self._credits.rows[row.uin] = replace(row, force=listed.force, name=listed.name)

    def _list(self, wanted: Collection[str], *, everyone: bool) -> int:
        """Read the list until enough is known; give how many pages were left unread."""
        known, pages = self._credits, ListPager(self._questions.customers)
        while not pages.ended and not self._given_up(LIST):
            page = self._tried(LIST, pages.next)
            if isinstance(page, PermanentReadError) and known.total is None:
                break
            if isinstance(page, ReadFailedError):
                continue
            before = len(known.rows)
            # A row that shifted onto a second page replaces itself; the later read is the newer one.
            known.rows.update((row.uin, row) for row in page.rows)
            known.total = page.total
            self._progress("customers", len(known.rows), page.total)
            if known.whole or (not everyone and len(known.missing(wanted)) <= pages.ahead):
                break
            if len(known.rows) == before:
                pages.skip_to_end()
        return pages.ahead

    def _one_by_one(self, uins: Collection[str]) -> None:
        for uin in uins:
            if self._given_up(LIST):
                return
            row = self._tried(LIST, partial(self._questions.customer, uin, self._priority))
            if isinstance(row, CreditRow):
                self._credits.rows[uin] = row

    def _by_uin(self, uins: Sequence[str]) -> None:
        waiting = [list(uins[start : start + MOST_UINS]) for start in range(0, len(uins), MOST_UINS)]
        while waiting and not self._given_up(BY_UIN):
            batch = waiting.pop()
            answer = self._tried(BY_UIN, partial(self._questions.credits, batch, self._priority))
            match answer:
                case PermanentReadError():
                    waiting += self._refused(batch, answer)
                case ReadFailedError():
                    self._credits.failures.update(dict.fromkeys(batch, answer))
                case _:
                    waiting += self._answered_for(batch, answer)

    def _answered_for(self, batch: list[str], answer: tuple[CreditRow, ...]) -> list[list[str]]:
        """Take a batch's answer; give the batch still to be asked for."""
        found = {row.uin: row for row in answer if row.uin in batch}
        self._credits.rows.update(found)
        self._progress("customers", len(self._credits.rows), self._credits.total)
        left_out = [uin for uin in batch if uin not in found]
        if found and left_out:
            # Left out as unknown, or because the vendor gave less than it was asked for: asking again tells.
            return [left_out]
        self._credits.absent.update(left_out)
        return []

    def _refused(self, batch: list[str], error: PermanentReadError) -> list[list[str]]:
        """Take a batch's refusal; give the batches still to be asked for."""
        if len(batch) > 1 and self._splits > 0:
            self._splits -= 1
            half = len(batch) // 2
            return [batch[half:], batch[:half]]
        # Not in a list that was read to its end either: then the refusal says that the vendor does not have it.
        if self._credits.whole or (len(batch) == 1 and error.code in NOT_OURS):
            self._credits.absent.update(batch)
        else:
            self._credits.failures.update(dict.fromkeys(batch, error))
        return []

    def _tried(self, action: str, call: Callable[[], Answer]) -> Answer | ReadFailedError:
        """Ask, and give the error instead of raising it, unless the key itself was refused."""
        try:
            answer = call()
        except AccountRefusedError:
            raise
        except PermanentReadError as error:
            self._answered = True
            self._last_error = error
            self._failed_in_a_row[action] = 0
            return error
        except ReadFailedError as error:
            self._last_error = error
            self._failed_in_a_row[action] = self._failed_in_a_row.get(action, 0) + 1
            return error
        self._answered = True
        self._failed_in_a_row[action] = 0
        return answer

    def _given_up(self, action: str) -> bool:
        return self._failed_in_a_row.get(action, 0) >= FAILURES_IN_A_ROW


def first_page(ask: Callable[[int, int], Page], size: int) -> tuple[int, Page]:
    """Give page 1 and the size it was given in, asking for less as long as it is refused; raises ReadFailedError."""
    largest = size
    while True:
        try:
            return size, ask(1, size)
        except PermanentReadError as error:
            if not error.code.startswith(_SIZE_REFUSED):
                raise
            if size == 1:
                # Not the size then. Where pages count from 0, there may be no page 1.
                return largest, replace(ask(0, largest), rows=())
            size //= 2
