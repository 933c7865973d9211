"""Reads where customers stand, in the fewest calls, and says for each one whether it could be read at all.

Used by `cloud` for whole observations and for reading a few customers again. Two things are put together: the list
of customers (who there is, and who is frozen) and the budgets in hundreds. Either can fail in parts; a part that
failed makes exactly its own customers unreadable, and nobody is called absent whom a failed part may have held.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

from adapters.clouds.huawei import requests as ask_for
from adapters.clouds.huawei.client import Call, Crew
from adapters.clouds.huawei.config import CAPABILITIES
from adapters.clouds.huawei.errors import BLAMES_A_CUSTOMER
from adapters.clouds.huawei.requests import PAGE, Budget, Listed, Page
from core.errors import AccountRefusedError, PermanentReadError, ReadFailedError, TemporaryReadError
from core.limit import Customer, CustomerKey
from core.money import Money, Rounding
from core.ports import Observation, Progress
from core.standing import Absence, Spend, Standing

# Calls of one operation under way at once: enough to use 10 calls per second at 400 ms a call.
HANDS = 4
# Contradictions that are worth a call each; more of them than this are settled the cautious way without asking.
FEW = 20
# Without a single success, this many failures in a row mean that the vendor is down, and the rest is not asked.
DOWN = 4

Row = TypeVar("Row")


class Ask(Protocol):
    """Makes a read through the account's line; raises ReadFailedError."""

    def __call__(self, call: Call, read: Callable[[Mapping[str, object]], Row]) -> Row:
        """Give what `read` makes of the answer."""


@dataclass(slots=True)
class _Group:
    """The customers of one reseller (None: the account's own), as far as they are known."""

    partner: str | None
    asked: dict[str, Customer]
    listed: dict[str, Listed] = field(default_factory=dict)
    looked_up: set[str] = field(default_factory=set)  # asked for one by one, and answered
    count: int | None = None  # as many as the vendor says there are; None: the whole list was never asked for
    list_fault: ReadFailedError | None = None
    budgets: dict[str, Budget] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)  # asked for in a batch that was answered
    failed: dict[str, ReadFailedError] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)  # listed, not asked for, budget not read yet

    def is_whole(self) -> bool:
        """Whether the list was read to its end."""
        return self.list_fault is None and self.count is not None and len(self.listed) >= self.count

    def is_known_absent(self, customer_id: str) -> bool:
        """Whether the vendor has answered that there is no such customer."""
        return customer_id not in self.listed and (customer_id in self.looked_up or self.is_whole())

    def list_error(self) -> ReadFailedError:
        """Say why the list does not answer for a customer that is not in it."""
        moved = "the list of customers changed while it was read"
        return self.list_fault or TemporaryReadError("ListSubCustomers", "incomplete_list", moved)


class Survey:
    """One reading of one account. Used once: `observe`, then dropped.

    `lag`: how late the vendor's spend figures may be, for the standings.
    """

    def __init__(self, *, account: str, lag: timedelta, ask: Ask, begun_at: datetime, progress: Progress) -> None:
        self._account = account
        self._lag = lag
        self._ask = ask
        self._begun_at = begun_at
        self._progress = progress
        self._groups: dict[str | None, _Group] = {}
        self._everyone = False
        self._crew = Crew(HANDS)
        self._lock = threading.RLock()
        self._successes = 0
        self._failures: list[ReadFailedError] = []
        self._account_problem: ReadFailedError | None = None
        self._problems: list[str] = []

    def observe(
        self, customers: Sequence[Customer], *, everyone: bool, skew: Callable[[], timedelta | None]
    ) -> Observation:
        """Read these customers, with `everyone` the unasked ones too."""
        self._everyone = everyone
        for customer in customers:
            self._group(customer.indirect_partner_id).asked[customer.key.customer_id] = customer
        if everyone:
            self._group(None)
        for group in self._groups.values():
            self._begin(group)
        if everyone:
            # Only now: it begins the groups that it adds itself.
            self._crew.add("partners", self._list_partners)
        self._crew.finish()
        self._follow_up()
        return self._observation(skew())

    # What is asked

    def _group(self, partner: str | None) -> _Group:
        return self._groups.setdefault(partner, _Group(partner=partner, asked={}))

    def _begin(self, group: _Group) -> None:
        if len(group.asked) == 1 and not self._everyone:
            self._crew.add("customers", partial(self._look_up, group, next(iter(group.asked))))
        else:
            self._crew.add("customers", partial(self._list_first, group))
        self._read_budgets(group, list(group.asked))

    def _read_budgets(self, group: _Group, customer_ids: Sequence[str]) -> None:
        for start in range(0, len(customer_ids), PAGE):
            self._crew.add("budgets", partial(self._read_batch, group, customer_ids[start : start + PAGE]))

    def _list_partners(self, offset: int = 0) -> None:
        """Find the resellers of a distributor. Any other partner is refused here, and has none."""
        try:
            page = self._ask(ask_for.list_partners(offset=offset), ask_for.partners_in)
        except TemporaryReadError as error:
            self._problems.append(f"customers of second-tier resellers could not be listed: {error.sentence}")
            return
        except PermanentReadError:
            return
        with self._lock:
            new = [partner for partner in page.rows if partner not in self._groups]
            groups = [self._group(partner) for partner in new]
        for group in groups:
            self._begin(group)
        if page.rows and offset + len(page.rows) < page.count:
            self._crew.add("partners", partial(self._list_partners, offset + len(page.rows)))

    def _list_first(self, group: _Group) -> None:
        page = self._answer_of_list(group, 0)
        if page is None:
            return
        offsets = range(len(page.rows) or PAGE, page.count, len(page.rows) or PAGE)
        missing = [customer_id for customer_id in group.asked if customer_id not in group.listed]
        if self._everyone or len(offsets) <= len(missing):
            group.count = page.count
            for offset in offsets:
                self._crew.add("customers", partial(self._answer_of_list, group, offset))
        else:
            for customer_id in missing:
                self._crew.add("customers", partial(self._look_up, group, customer_id))

    def _answer_of_list(self, group: _Group, offset: int) -> Page[Listed] | None:
        call = ask_for.list_customers(indirect_partner_id=group.partner, offset=offset)
        page = self._tried(call, ask_for.customers_in)
        if isinstance(page, ReadFailedError):
            group.list_fault = page
            return None
        with self._lock:
            self._note_listed(group, page)
        return page

    def _note_listed(self, group: _Group, page: Page[Listed]) -> None:
        for row in page.rows:
            if row.customer_id not in group.listed and row.customer_id not in group.asked and self._everyone:
                group.others.append(row.customer_id)
            group.listed[row.customer_id] = row
        if group.count is not None:
            group.count = max(group.count, page.count)
        while len(group.others) >= PAGE:
            ready, group.others = group.others[:PAGE], group.others[PAGE:]
            self._read_budgets(group, ready)
        self._progress("customers", len(group.listed), page.count)

    def _look_up(self, group: _Group, customer_id: str) -> None:
        call = ask_for.list_customers(indirect_partner_id=group.partner, customer_id=customer_id)
        page = self._tried(call, ask_for.customers_in)
        if isinstance(page, ReadFailedError):
            group.list_fault = page
            return
        group.looked_up.add(customer_id)
        for row in page.rows:
            if row.customer_id == customer_id:
                group.listed[customer_id] = row

    def _read_batch(self, group: _Group, ids: Sequence[str]) -> None:
        call = ask_for.list_budgets(ids, indirect_partner_id=group.partner)
        batch = self._tried(call, ask_for.budgets_in, blameless=True)
        if isinstance(batch, ReadFailedError):
            if len(ids) > 1 and batch.code in BLAMES_A_CUSTOMER:
                # One customer spoils the batch: by halves it is found, and the others are read.
                middle = len(ids) // 2
                self._crew.add("budgets", partial(self._read_batch, group, ids[:middle]))
                self._crew.add("budgets", partial(self._read_batch, group, ids[middle:]))
                return
            group.failed |= dict.fromkeys(ids, batch)
            return
        wanted = frozenset(ids)
        with self._lock:
            group.answered |= wanted
            group.budgets |= {key: value for key, value in batch.budgets.items() if key in wanted}
            group.failed |= {key: _broken(why) for key, why in batch.broken.items() if key in wanted}
            read = sum(len(every.answered) for every in self._groups.values())
            known = sum(len(every.asked.keys() | every.listed.keys()) for every in self._groups.values())
            self._progress("budgets", read, known)

    def _follow_up(self) -> None:
        """Ask once more where the parts do not fit: rest of the unasked, holes in a list, listed without a budget."""
        if self._account_problem is not None:
            return
        self._crew = Crew(HANDS)
        for group in self._groups.values():
            self._read_budgets(group, group.others)
            holes = _holes(group)
            for customer_id in holes if len(holes) <= FEW else ():
                self._crew.add("customers", partial(self._look_up, group, customer_id))
        self._crew.finish()
        omitted = [(group, key) for group in self._groups.values() for key in _omitted(group)]
        if len(omitted) <= FEW and self._account_problem is None:
            self._crew = Crew(HANDS)
            for group, customer_id in omitted:
                self._crew.add("budgets", partial(self._confirm_omission, group, customer_id))
            self._crew.finish()

    def _confirm_omission(self, group: _Group, customer_id: str) -> None:
        """Ask for the one budget that a batch left out. A refusal leaves it at that: there is none to be seen."""
        call = ask_for.show_budget(_customer(group, customer_id))
        budget = self._tried(call, partial(ask_for.budget_in, customer_id=customer_id), blameless=True)
        if isinstance(budget, TemporaryReadError | AccountRefusedError):
            group.failed[customer_id] = budget
        elif not isinstance(budget, ReadFailedError):
            group.budgets[customer_id] = budget

    def _tried(
        self, call: Call, read: Callable[[Mapping[str, object]], Row], *, blameless: bool = False
    ) -> Row | ReadFailedError:
        """Ask; give the failure instead of raising it, and end the survey where it is the whole account's.

        `blameless`: a refusal says something of a customer, nothing of the account.
        """
        try:
            answer = self._ask(call, read)
        except ReadFailedError as error:
            with self._lock:
                if not (blameless and error.code in BLAMES_A_CUSTOMER):
                    self._failures.append(error)
                down = self._successes == 0 and len(self._failures) >= DOWN
                if isinstance(error, AccountRefusedError) or down:
                    self._account_problem = self._account_problem or error
                    self._crew.dismiss()
            return error
        with self._lock:
            self._successes += 1
        return answer

    # What came of it

    def _observation(self, skew: timedelta | None) -> Observation:
        if self._account_problem is None and self._successes == 0 and self._failures:
            temporary = [error for error in self._failures if isinstance(error, TemporaryReadError)]
            self._account_problem = temporary[0] if len(temporary) == len(self._failures) else None
        standings: dict[CustomerKey, Standing] = {}
        unreadable: dict[CustomerKey, ReadFailedError] = {}
        absent: set[CustomerKey] = set()
        for group in self._groups.values():
            for customer_id, customer in group.asked.items():
                found = self._found(group, customer_id)
                if isinstance(found, Standing):
                    standings[customer.key] = found
                elif found is None:
                    absent.add(customer.key)
                else:
                    unreadable[customer.key] = found
        others = {standing.key: standing for standing in self._others()}
        return Observation(
            account=self._account,
            begun_at=self._begun_at,
            standings=standings,
            unreadable=unreadable,
            absent=frozenset(absent),
            others=tuple(standing for key, standing in sorted(others.items()) if key not in standings),
            skew=skew,
            account_problem=self._account_problem,
            problems=tuple(self._problems),
        )

    def _found(self, group: _Group, customer_id: str) -> Standing | ReadFailedError | None:
        """Give the standing, why there is none, or None for a customer that the account does not have."""
        if customer_id in group.failed:
            return group.failed[customer_id]
        if customer_id in group.budgets:
            return self._standing(group, customer_id, group.budgets[customer_id])
        if customer_id not in group.answered:
            return self._account_problem or _broken("the customer was not asked for")
        if customer_id in group.listed:
            return self._standing(group, customer_id, None)
        return None if group.is_known_absent(customer_id) else group.list_error()

    def _others(self) -> Iterator[Standing]:
        if not self._everyone:
            return
        for group in self._groups.values():
            unasked = group.listed.keys() - group.asked.keys()
            unread = unasked - group.answered | unasked & group.failed.keys()
            if unread or not group.is_whole():
                self._problems.append(f"not all unlisted customers could be read: {self._why(group).sentence}")
            for customer_id in unasked & group.answered - group.failed.keys():
                yield self._standing(group, customer_id, group.budgets.get(customer_id))

    def _why(self, group: _Group) -> ReadFailedError:
        known = (group.failed[key] for key in group.failed if key not in group.asked)
        return self._account_problem or next(known, None) or group.list_error()

    def _standing(self, group: _Group, customer_id: str, budget: Budget | None) -> Standing:
        listed = group.listed.get(customer_id)
        bare = Standing(
            customer=_customer(group, customer_id),
            account=self._account,
            as_of=self._begun_at,
            granted=Absence.NOT_SET,
            restriction=listed.restriction if listed else None,
            lag=self._lag,
            name=listed.name if listed else None,
            associated_at=listed.associated_at if listed else None,
        )
        return bare if budget is None else _with_budget(bare, budget)


def _customer(group: _Group, customer_id: str) -> Customer:
    return group.asked.get(customer_id) or Customer(CustomerKey(CAPABILITIES.vendor, customer_id), group.partner)


def _holes(group: _Group) -> list[str]:
    """Find who was asked for, has no budget to be seen, and may stand in a part of the list that was not read."""
    unseen = group.asked.keys() & group.answered - group.budgets.keys() - group.failed.keys()
    return [key for key in unseen if key not in group.listed and not group.is_known_absent(key)]


def _omitted(group: _Group) -> list[str]:
    """Find who was asked for and is a customer, but was left out of a batch that was answered."""
    unseen = group.asked.keys() & group.answered - group.budgets.keys() - group.failed.keys()
    return [key for key in unseen if key in group.listed]


def _broken(why: str) -> PermanentReadError:
    return PermanentReadError("ListSubCustomerBudget", "unexpected_answer", why)


def _with_budget(bare: Standing, budget: Budget) -> Standing:
    """Put a budget's figures into a standing: what is granted rounded down, what is spent as an interval."""
    spent = granted = None
    if budget.used is not None:
        low = Money.from_decimal(budget.used, Rounding.DOWN, budget.currency)
        spent = Spend(low=low, high=Money.from_decimal(budget.used, Rounding.UP, budget.currency))
    if budget.granted is not None:
        granted = Money.from_decimal(budget.granted, Rounding.DOWN, budget.currency)
    return replace(
        bare,
        granted=Absence.NOT_SET if granted is None else granted,
        kind=budget.kind,
        spent=spent,
        available=None if granted is None or spent is None else granted - spent.high,
        currency=budget.currency,
    )
