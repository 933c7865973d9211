"""A vendor without a wire, and a clock that goes only when told: what the scenarios of core's runs are played on.

InMemoryCloud keeps every promise of core.ports.Cloud; what goes wrong is set by the test, never drawn by chance.
Two imaginary vendors stand for all: STEPS takes differences and keeps remarks, LEVELS takes amounts and keeps none.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum

from core.capabilities import Capabilities, Change
from core.errors import TemporaryReadError
from core.exposure import Headroom
from core.intent import Intent
from core.limit import Customer, CustomerKey, Kind
from core.money import ZERO, Money, or_zero
from core.ports import (
    Confirmed,
    NotSent,
    Observation,
    ProbeResult,
    Progress,
    Refused,
    Reply,
    Uncertain,
    no_progress,
)
from core.standing import Absence, Restriction, Spend, Standing
from core.witness import Witness, WitnessRow
from tests.unit import strategies

START = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)
LONG_AGO = START - timedelta(days=30)
# Every look at the clock takes this long, so that no two moments are the same.
TICK = timedelta(milliseconds=1)
CALL = timedelta(milliseconds=100)
OUR_KEY = "our-key"
LATE = timedelta(seconds=20)

STEPS = replace(strategies.STEPS, lag=timedelta(minutes=5))
LEVELS = replace(strategies.LEVELS, lag=timedelta(minutes=5))


class VirtualClock:
    """Time that passes only by being asked for, slept or told to."""

    def __init__(self) -> None:
        self.time = START
        self.asked_to_stop = False

    def now(self) -> datetime:
        """Aware UTC, never the same twice."""
        self.time += TICK
        return self.time

    def sleep(self, duration: timedelta) -> None:
        """Let it pass at once."""
        self.time += duration

    def stopping(self) -> bool:
        """Whether the test asked for it."""
        return self.asked_to_stop


class Fate(Enum):
    """What becomes of one call that changes something."""

    APPLIED = "applied"
    CLAMPED = "clamped"  # as far as nothing falls below what is spent, and the answer says so
    IGNORED = "ignored"  # answered well, without effect
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    LOST_BEFORE = "lost before"  # never arrived, and no answer came
    LOST_AFTER = "lost after"  # applied, and no answer came
    LATE = "late"  # no answer came, and it is applied only later


_LOST = Uncertain(code="Reset", sentence="the reply was lost")
_ANSWERS: dict[Fate, Reply] = {
    Fate.REFUSED: Refused(code="No", sentence="the vendor will not"),
    Fate.UNREACHABLE: NotSent(sentence="no connection"),
    Fate.IGNORED: Confirmed(),
    Fate.LOST_BEFORE: _LOST,
    Fate.LOST_AFTER: _LOST,
    Fate.LATE: _LOST,
}


@dataclass(slots=True, kw_only=True)
class _Kept:
    """What the vendor keeps of one customer; `totals` and `records` with the moment they came about."""

    totals: list[tuple[datetime, Money]]
    kind: Kind
    spent: Money
    records: list[tuple[datetime, WitnessRow]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class InMemoryCloud:
    """One partner account. `shown` and `hidden` are by customer id: a figure shown instead, newest records left out.

    `gone`, `unstated`: customers that are not there, or whose figure is left out of the answer.

    `figures_late`, `records_late`: how old what is shown is; `arrives_after`: how late a late call is applied.
    `fates`: of the next calls, then they are applied.
    `raising`: by method, what it raises. `before_send`, `after_read`, `after_records` are called once, at the next one.
    """

    clock: VirtualClock
    capabilities: Capabilities = STEPS
    account: str = "main"
    kept: dict[str, _Kept] = field(default_factory=dict)
    sent: list[Intent] = field(default_factory=list)
    fates: deque[Fate] = field(default_factory=deque)
    shown: dict[str, Money] = field(default_factory=dict)
    hidden: dict[str, int] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    unstated: set[str] = field(default_factory=set)
    figures_late: timedelta = timedelta(0)
    records_late: timedelta = timedelta(0)
    arrives_after: timedelta = LATE
    skew: timedelta | None = None
    is_down: bool = False
    keeps_remarks: bool = True
    raising: dict[str, Exception] = field(default_factory=dict)
    before_send: Callable[[], None] | None = None
    after_read: Callable[[], None] | None = None
    after_records: Callable[[], None] | None = None
    under_way: list[tuple[datetime, Intent]] = field(default_factory=list)
    records_read: list[str] = field(default_factory=list)

    # --- the world as it is

    def add(self, customer_id: str, granted: str, spent: str = "0") -> None:
        """Take in a customer that was granted this long ago, without a record of it."""
        kind = min(self.capabilities.kinds)
        totals = [(LONG_AGO, Money.parse(granted))]
        self.kept[customer_id] = _Kept(totals=totals, kind=kind, spent=Money.parse(spent))

    def truth(self, customer_id: str) -> str:
        """Say what is granted, as it is."""
        return str(self._truth(customer_id))

    def rows(self, customer_id: str) -> tuple[WitnessRow, ...]:
        """Give all records, oldest first, as they are."""
        return tuple(row for _, row in self.kept[customer_id].records)

    def marked(self, intent: Intent) -> int:
        """Count the records that carry the intent's mark."""
        return sum(1 for row in self.rows(intent.key.customer_id) if intent.mark in (row.remark or ""))

    def key(self, customer_id: str) -> CustomerKey:
        """Name a customer."""
        return CustomerKey(self.capabilities.vendor, customer_id)

    # --- what others do

    def console(self, customer_id: str, granted: str, operator: str = "li.wei", remark: str | None = None) -> None:
        """Set what is granted by hand, on record."""
        self._set(customer_id, Money.parse(granted), operator=operator, remark=remark)

    def silently(self, customer_id: str, granted: str) -> None:
        """Let the total become another without any record."""
        self.kept[customer_id].totals.append((self.clock.time, Money.parse(granted)))

    def record(self, customer_id: str, row: WitnessRow) -> None:
        """Put a record down as it is given; what is granted is what it says."""
        kept = self.kept[customer_id]
        at = row.at or self.clock.time
        kept.records.append((at, row))
        if row.granted_after is not None:
            kept.totals.append((at, row.granted_after))

    def apply(self, intent: Intent, change: Money | None = None) -> None:
        """Apply a call, once more each time; `change` instead of the one it asks for."""
        customer_id, remark = intent.key.customer_id, intent.mark if self.keeps_remarks else None
        if self.capabilities.change is Change.INCREMENT:
            asked = change if change is not None else intent.change
            self._set(customer_id, self._truth(customer_id) + or_zero(asked), operator=OUR_KEY, remark=remark)
            return
        self.kept[customer_id].kind = intent.wanted.kind or self.kept[customer_id].kind
        self._set(customer_id, or_zero(intent.wanted.granted), operator=OUR_KEY)

    # --- core.ports.Cloud

    def observe(
        self, customers: Sequence[Customer], *, everyone: bool, progress: Progress = no_progress
    ) -> Observation:
        """Read these; nobody else is listed."""
        del everyone, progress
        self._raise("observe")
        return self._read(customers)

    def read_again(self, customers: Sequence[Customer]) -> Observation:
        """Read these afresh."""
        self._raise("read_again")
        observation = self._read(customers)
        called, self.after_read = self.after_read, None
        if called is not None:
            called()
        return observation

    def quota(self) -> Money | None:
        """Credit that can still be given out."""
        return self.capabilities.maximum if self.capabilities.quota_readable else None

    def headroom(self) -> Headroom | None:
        """Nothing is said of the partner itself."""
        return None

    def billed(self, customer: Customer, month: str) -> Money | None:
        """No bills are told."""
        del customer, month
        return None

    def witness(self, customer: Customer) -> Witness:
        """All records that can be seen, newest first."""
        self._raise("witness")
        self._arrive()
        at, customer_id = self.clock.now(), customer.key.customer_id
        if self.is_down or customer_id in self.gone:
            raise TemporaryReadError("records", "Down", "the vendor is down")
        self.records_read.append(customer_id)
        seen = [row for came, row in self.kept[customer_id].records if came <= at - self.records_late]
        rows = tuple(reversed(seen[: len(seen) - self.hidden.get(customer_id, 0)]))
        called, self.after_records = self.after_records, None
        if called is not None:
            called()
        return Witness(customer=customer, begun_at=at, rows=rows)

    def send(self, intent: Intent) -> Reply:
        """Do what the next fate says."""
        self._raise("send")
        called, self.before_send = self.before_send, None
        if called is not None:
            called()
        if intent.send_before is not None and self.clock.now() > intent.send_before:
            return NotSent(sentence="the window to send in had passed")
        self.sent.append(intent)
        self.clock.time += CALL
        return self._answer(intent, self.fates.popleft() if self.fates else Fate.APPLIED)

    def probe(self) -> Sequence[ProbeResult]:
        """Nothing is asked."""
        return ()

    def calls(self) -> Mapping[str, int]:
        """Nothing is counted."""
        return {}

    def close(self) -> None:
        """Nothing is open."""

    # --- inside

    def _truth(self, customer_id: str) -> Money:
        return self.kept[customer_id].totals[-1][1]

    def _set(self, customer_id: str, granted: Money, *, operator: str, remark: str | None = None) -> None:
        kept, at = self.kept[customer_id], self.clock.time
        increment = self.capabilities.change is Change.INCREMENT
        row = WitnessRow(
            change=granted - kept.totals[-1][1] if increment else None,
            granted_after=granted,
            kind=None if increment else kept.kind,
            at=at.replace(microsecond=0),  # vendors' records have whole seconds
            operator=operator,
            remark=remark,
        )
        kept.totals.append((at, granted))
        kept.records.append((at, row))

    def _raise(self, method: str) -> None:
        if method in self.raising:
            raise self.raising[method]

    def _arrive(self) -> None:
        """Apply what was under way and is due."""
        due = [item for item in self.under_way if item[0] <= self.clock.time]
        self.under_way = [item for item in self.under_way if item not in due]
        for _, intent in due:
            self.apply(intent)

    def _read(self, customers: Sequence[Customer]) -> Observation:
        self._arrive()
        at = self.clock.now()
        if self.is_down:
            error = TemporaryReadError("list", "Down", "the vendor is down")
            unreadable = dict.fromkeys((customer.key for customer in customers), error)
            return Observation(
                account=self.account, begun_at=at, standings={}, unreadable=unreadable, account_problem=error
            )
        there = [item for item in customers if item.key.customer_id in self.kept.keys() - self.gone]
        return Observation(
            account=self.account,
            begun_at=at,
            standings={customer.key: self._standing(customer, at) for customer in there},
            absent=frozenset(customer.key for customer in customers) - {customer.key for customer in there},
            skew=self.skew,
        )

    def _standing(self, customer: Customer, at: datetime) -> Standing:
        customer_id = customer.key.customer_id
        kept = self.kept[customer_id]
        late = [total for came, total in kept.totals if came <= at - self.figures_late][-1]
        granted = self.shown.get(customer_id, late)
        return Standing(
            customer=customer,
            account=self.account,
            as_of=at,
            granted=Absence.UNKNOWN if customer_id in self.unstated else granted,
            kind=kept.kind,
            spent=Spend.exactly(kept.spent),
            available=granted - kept.spent,
            restriction=Restriction.NONE,
            on_exhaustion=self.capabilities.default_action,
        )

    def _answer(self, intent: Intent, fate: Fate) -> Reply:
        if fate in {Fate.APPLIED, Fate.CLAMPED, Fate.LOST_AFTER}:
            self.apply(intent, self._clamped(intent) if fate is Fate.CLAMPED else None)
        if fate is Fate.LATE:
            self.under_way.append((self.clock.time + self.arrives_after, intent))
        if fate in _ANSWERS:
            return _ANSWERS[fate]
        increment = self.capabilities.change is Change.INCREMENT
        return Confirmed(granted=self._truth(intent.key.customer_id) if increment else None)

    def _clamped(self, intent: Intent) -> Money | None:
        """Give what is left of a change where nothing falls below what is spent."""
        kept, granted = self.kept[intent.key.customer_id], self._truth(intent.key.customer_id)
        if intent.change is None or intent.change >= ZERO:
            return intent.change
        return max(intent.change, min(ZERO, kept.spent - granted))
