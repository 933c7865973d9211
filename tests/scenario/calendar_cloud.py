"""Vendors in virtual time that keep the truth: what was really spent, and who changed what when.

CalendarCloud implements core.ports.Cloud; year_huawei and year_tencent give it the two vendors' behaviour, with the
capabilities of the real adapters. Nothing is drawn by chance: spending, delays and faults are set by the test.
"""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from core.capabilities import Capabilities
from core.errors import TemporaryReadError
from core.exposure import Headroom
from core.intent import Intent
from core.limit import Customer, CustomerKey, Kind
from core.money import Money
from core.ports import (
    Confirmed,
    NotSent,
    Observation,
    ProbeResult,
    Progress,
    Refused,
    Reply,
    no_progress,
)
from core.standing import Absence, Restriction, Spend, Standing
from core.witness import Witness, WitnessRow
from tests.scenario.scripted_cloud import CALL, OUR_KEY, VirtualClock
from tests.scenario.year_spending import Curve

Value = TypeVar("Value")
History = list[tuple[datetime, Value]]
Event = tuple[datetime, Callable[[], None]]
Glitch = Callable[[Standing], Standing]
VENDOR = "the vendor"


@dataclass(slots=True, kw_only=True)
class Kept:
    """One customer as it truly is. Histories hold (since, value), oldest first; `rate`: spent per hour unless stopped.

    `rates`: changes of it to come. `advanced`: up to when it is worked out. `automatic`: the vendor restricts at
    exhaustion. `with_resources`: the sort of freeze. `non_stop`: never suspended. `confirmed`: bills, added up.
    `unbilled`: the beginning of the first month whose bill is not confirmed; it is, `billed_after` the month's end.
    """

    customer: Customer
    curve: Curve
    advanced: datetime
    granted: "History[Money | None]"
    kind: "History[Kind | None]"
    restriction: "History[Restriction]"
    rate: int = 0
    rates: deque[tuple[datetime, int]] = field(default_factory=deque)
    records: "History[WitnessRow]" = field(default_factory=list)
    automatic: bool = False
    with_resources: bool = False
    non_stop: bool = False
    confirmed: "History[int]" = field(default_factory=list)
    unbilled: datetime
    billed_after: timedelta = timedelta(days=4, hours=3)
    associated_at: datetime

    @property
    def id(self) -> str:
        """The vendor's id."""
        return self.customer.key.customer_id

    @property
    def is_free(self) -> bool:
        """Whether it can spend now."""
        return self.restriction[-1][1] is Restriction.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One change that took effect: of the amount (money) or the restriction, by whom."""

    at: datetime
    customer_id: str
    by: str
    before: Money | Restriction | None
    after: Money | Restriction | None


def at(history: "History[Value]", moment: datetime) -> Value:
    """Give what was true at a moment; the first value before there was one."""
    for since, value in reversed(history):
        if since <= moment:
            return value
    return history[0][1]


@dataclass(slots=True, kw_only=True)
class CalendarCloud(ABC):
    """One partner account of one vendor.

    `spend_late`: how old shown spend is; `figures_late`, `records_late`: the same of everything else, and of records.
    `glitches`: by (method, customer id), what becomes of the figures the next time that method reads them.
    `watchers`: asked about each write before it takes effect; what they say is wrong is put into `broken`.
    """

    clock: VirtualClock
    account: str
    kept: dict[str, Kept] = field(default_factory=dict)
    deeds: list[Deed] = field(default_factory=list)
    sent: list[Intent] = field(default_factory=list)
    refused: list[tuple[Intent, Reply]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    watchers: list[Callable[["CalendarCloud", Intent, Kept], str | None]] = field(default_factory=list)
    glitches: dict[tuple[str, str], Glitch] = field(default_factory=dict)
    spend_late: timedelta = timedelta(0)
    figures_late: timedelta = timedelta(0)
    records_late: timedelta = timedelta(0)
    is_down: bool = False

    # --- what a vendor is

    @property
    @abstractmethod
    def capabilities(self) -> Capabilities:
        """The real adapter's."""

    @abstractmethod
    def used(self, kept: Kept, moment: datetime) -> Money:
        """Give what the vendor counts as used at a moment, as it truly is."""

    @abstractmethod
    def _turn(self, kept: Kept) -> Event | None:
        """Give what the vendor does next by itself to a customer, if nothing else happens."""

    @abstractmethod
    def _fits(self, kept: Kept, granted: Money, kind: Kind | None) -> bool:
        """Say whether this may stand instead of what does, by what the partner may give out."""

    @abstractmethod
    def _change(self, kept: Kept, intent: Intent) -> Reply:
        """Carry out a call that changes something."""

    @abstractmethod
    def _row(self, kept: Kept, before: Money | None, operator: str, remark: str | None) -> WitnessRow:
        """Give the vendor's record of what stands since now."""

    # --- the world as it is

    def add(
        self,
        customer_id: str,
        granted: str | None,
        rate: int = 0,
        *,
        kind: Kind | None = None,
        since: timedelta = timedelta(days=20),
    ) -> Kept:
        """Take in a customer that has stood and spent like this for so long, without a record of it."""
        begins = self.clock.time - since
        kept = Kept(
            customer=Customer(self.key(customer_id)),
            curve=Curve(begins),
            advanced=begins,
            granted=[(begins, None if granted is None else Money.parse(granted))],
            kind=[(begins, kind)],
            restriction=[(begins, Restriction.NONE)],
            rate=rate,
            unbilled=begins,
            associated_at=begins,
        )
        kept.curve.set_rate(begins, rate)
        self.kept[customer_id] = kept
        return kept

    def key(self, customer_id: str) -> CustomerKey:
        """Name a customer."""
        return CustomerKey(self.capabilities.vendor, customer_id)

    def now(self, customer_id: str) -> Kept:
        """Give a customer as it is now."""
        kept = self.kept[customer_id]
        self.advance(kept, self.clock.time)
        return kept

    def granted(self, customer_id: str) -> Money | None:
        """Give what truly is granted now."""
        return self.now(customer_id).granted[-1][1]

    def advance(self, kept: Kept, until: datetime) -> None:
        """Let all that happens by itself happen, in its order."""
        while (event := self._next(kept)) is not None and event[0] <= until:
            kept.advanced = max(kept.advanced, event[0])
            event[1]()
        kept.advanced = max(kept.advanced, until)

    def _next(self, kept: Kept) -> Event | None:
        event = self._turn(kept)
        if kept.rates and (event is None or kept.rates[0][0] <= event[0]):
            return (kept.rates[0][0], lambda: self._next_rate(kept))
        return event

    def _next_rate(self, kept: Kept) -> None:
        moment, kept.rate = kept.rates.popleft()
        if kept.is_free:
            kept.curve.set_rate(max(moment, kept.advanced), kept.rate)

    # --- what others do

    def console(self, customer_id: str, granted: str, operator: str = "li.wei") -> None:
        """Set what is granted by hand, on record, unless that exceeds what may be given out."""
        kept, amount = self.now(customer_id), Money.parse(granted)
        if self._fits(kept, amount, kept.kind[-1][1]):
            self._set(kept, amount, by=operator)

    def restrict(self, kept: Kept, to: Restriction, *, by: str) -> None:
        """Let a customer be restricted, or free, from now on."""
        before = kept.restriction[-1][1]
        if before is to:
            return
        kept.restriction.append((kept.advanced, to))
        kept.curve.set_rate(kept.advanced, kept.rate if to is Restriction.NONE else 0)
        self.deeds.append(Deed(at=kept.advanced, customer_id=kept.id, by=by, before=before, after=to))

    def _set(self, kept: Kept, granted: Money, *, by: str, remark: str | None = None) -> None:
        before = kept.granted[-1][1]
        kept.granted.append((kept.advanced, granted))
        kept.records.append((kept.advanced, self._row(kept, before, by, remark)))
        self.deeds.append(Deed(at=kept.advanced, customer_id=kept.id, by=by, before=before, after=granted))
        self.advance(kept, kept.advanced)

    # --- core.ports.Cloud

    def observe(
        self, customers: Sequence[Customer], *, everyone: bool, progress: Progress = no_progress
    ) -> Observation:
        """Read these, and with `everyone` the others too."""
        del progress
        observation = self._read(customers, "observe")
        asked = {customer.key for customer in customers}
        others = [kept for kept in self.kept.values() if everyone and kept.customer.key not in asked]
        if self.is_down or not others:
            return observation
        return replace(observation, others=tuple(self._standing(kept, observation.begun_at, "") for kept in others))

    def read_again(self, customers: Sequence[Customer]) -> Observation:
        """Read these afresh."""
        return self._read(customers, "read_again")

    def quota(self) -> Money | None:
        """Credit that can still be given out, where the vendor says."""
        return None

    def headroom(self) -> Headroom | None:
        """Nothing is said of the partner itself."""
        return None

    def billed(self, customer: Customer, month: str) -> Money | None:
        """No bills are told."""
        del customer, month
        return None

    def witness(self, customer: Customer) -> Witness:
        """All records that can be seen, newest first."""
        begun_at = self.clock.now()
        if self.is_down:
            raise TemporaryReadError("records", "Down", "the vendor is down")
        kept = self.now(customer.key.customer_id)
        seen = [row for came, row in kept.records if came <= begun_at - self.records_late]
        return Witness(customer=customer, begun_at=begun_at, rows=tuple(reversed(seen)))

    def send(self, intent: Intent) -> Reply:
        """Do what is asked, once."""
        if intent.send_before is not None and self.clock.now() > intent.send_before:
            return NotSent(sentence="the window to send in had passed")
        if self.is_down:
            return NotSent(sentence="no connection")
        self.clock.time += CALL
        kept = self.now(intent.key.customer_id)
        self.sent.append(intent)
        for watcher in self.watchers:
            said = watcher(self, intent, kept)
            if said is not None:
                self.broken.append(f"{self.clock.time:%m-%d %H:%M} {kept.id} {intent.action}: {said}")
        reply = self._change(kept, intent)
        if not isinstance(reply, Confirmed):
            self.refused.append((intent, reply))
        return reply

    def probe(self) -> Sequence[ProbeResult]:
        """Nothing is asked."""
        return ()

    def calls(self) -> Mapping[str, int]:
        """Nothing is counted."""
        return {}

    def close(self) -> None:  # noqa: B027 - the port has it, and nothing is open
        """Nothing is open."""

    # --- inside

    def _read(self, customers: Sequence[Customer], method: str) -> Observation:
        begun_at = self.clock.now()
        if self.is_down:
            error = TemporaryReadError("list", "Down", "the vendor is down")
            unreadable = dict.fromkeys((customer.key for customer in customers), error)
            return Observation(
                account=self.account, begun_at=begun_at, standings={}, unreadable=unreadable, account_problem=error
            )
        there = [customer for customer in customers if customer.key.customer_id in self.kept]
        standings = {
            customer.key: self._standing(self.kept[customer.key.customer_id], begun_at, method) for customer in there
        }
        absent = frozenset(customer.key for customer in customers) - standings.keys()
        return Observation(account=self.account, begun_at=begun_at, standings=standings, absent=absent)

    def _standing(self, kept: Kept, begun_at: datetime, method: str) -> Standing:
        self.advance(kept, begun_at)
        shown_at = begun_at - self.figures_late
        granted = at(kept.granted, shown_at)
        used = self.used(kept, min(begun_at - self.spend_late, shown_at))
        standing = Standing(
            customer=kept.customer,
            account=self.account,
            as_of=begun_at,
            granted=Absence.NOT_SET if granted is None else granted,
            kind=at(kept.kind, shown_at),
            spent=None if granted is None else Spend.exactly(used),
            available=None if granted is None else granted - used,
            restriction=self._shown_restriction(at(kept.restriction, shown_at)),
            on_exhaustion=self.capabilities.default_action,
            lag=self.capabilities.lag,
            associated_at=kept.associated_at,
        )
        glitch = self.glitches.pop((method, kept.id), None)
        return standing if glitch is None else glitch(standing)

    def _shown_restriction(self, truth: Restriction) -> Restriction:
        return truth


REFUSED = Refused(code="OutOfRange", sentence="the vendor will not")
OURS = OUR_KEY
