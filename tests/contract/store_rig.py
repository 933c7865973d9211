"""Stores, a clock that stands still and small values, for the store's contract and unit tests."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from adapters.store import open_store
from adapters.store.memory import InMemoryStore
from adapters.store.store import Store
from adapters.store.tables import VERSION_TABLE
from core.alerts import Alert, Condition, Edge, Message, Severity, Sort, Turns
from core.books import Book, Cause, Dispute, DisputeSort
from core.intent import OPEN_STATES, Action, Intent, Position, State, mark_of
from core.limit import Customer, CustomerKey, Kind, Limit, OnExhaustion, Source
from core.meter import Count, Day, Meter, Period
from core.money import ZERO, Money
from core.ports import Metered
from core.standing import Restriction, Spend, Standing

AnyStore = Store | InMemoryStore
STORES = ("in memory", "sqlite")
ACCOUNT = "tencent-main"
START = datetime(2026, 11, 22, 8, 30, 0, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SHORT = timedelta(milliseconds=150)  # how long tests wait for a lock that they know to be held

# A legal way from recorded to every state, the state itself last.
WAYS: dict[State, tuple[State, ...]] = {
    State.RECORDED: (),
    State.SENT: (State.SENT,),
    State.NOT_SENT: (State.NOT_SENT,),
    State.CONFIRMED: (State.SENT, State.CONFIRMED),
    State.REFUSED: (State.SENT, State.REFUSED),
    State.UNCERTAIN: (State.SENT, State.UNCERTAIN),
    State.DISPUTED: (State.SENT, State.UNCERTAIN, State.DISPUTED),
    State.SETTLED_APPLIED: (State.SENT, State.CONFIRMED, State.SETTLED_APPLIED),
    State.SETTLED_NOT_APPLIED: (State.SENT, State.UNCERTAIN, State.SETTLED_NOT_APPLIED),
}


class StandingClock:
    """A clock that moves only when it is told to."""

    def __init__(self, moment: datetime = START) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """Give the time it was set to."""
        return self.moment

    def sleep(self, duration: timedelta) -> None:
        """Let the time pass at once."""
        self.moment += duration

    def stopping(self) -> bool:
        """Never."""
        return False


def url_in(folder: Path) -> str:
    """Give the address of the test's database."""
    return f"sqlite:///{folder / 'tidegate.db'}"


@contextmanager
def opened(sort: str, folder: Path, clock: StandingClock | None = None) -> Iterator[AnyStore]:
    """Open a new store of that sort."""
    clock = clock or StandingClock()
    if sort == "in memory":
        yield InMemoryStore(clock=clock)
        return
    with open_store(url_in(folder), clock=clock) as store:
        yield store


def schema_of(path: Path) -> dict[str, list[str]]:
    """Give what every table and index was made of, by name, in no particular order."""
    with closing(sqlite3.connect(path)) as hand:
        rows = hand.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {name: sorted(re.split(r", |\( | \)", " ".join(sql.split()))) for name, sql in rows if name != VERSION_TABLE}


def key_of(customer: str = "100") -> CustomerKey:
    """Name a customer."""
    return CustomerKey("tencent", customer)


def intent_of(
    number: int, *, customer: str = "100", account: str = ACCOUNT, epoch: int = 1, at: datetime = START
) -> Intent:
    """Make a recorded intent; the number makes its id and its mark."""
    name = f"{number:026d}"
    return Intent(
        id=name,
        mark=mark_of("TEST", name),
        run="run",
        who="anna",
        account=account,
        customer=Customer(key_of(customer), "partner 7"),
        action=Action.SET_AMOUNT,
        before=Position(granted=Money(10_00), kind=Kind.CREDIT_LINE, restriction=Restriction.NONE),
        wanted=Position(granted=Money(25_00), kind=Kind.CREDIT_LINE, on_exhaustion=OnExhaustion.FREEZE),
        change=Money(15_00),
        rows_before=3,
        inputs_hash="f00d",
        epoch=epoch,
        recorded_at=at,
    )


def moved_on(intent: Intent, state: State) -> Intent:
    """Give the intent in another state with everything filled in that such a step may change."""
    return intent.moved(
        state,
        sent_at=START + MINUTE,
        send_before=START + 2 * MINUTE,
        fence_at=START + 9 * MINUTE,
        closed_at=None if state in OPEN_STATES else START + 10 * MINUTE,
        proven=state is not State.SETTLED_NOT_APPLIED,
        outcome=f"now {state}",
        code="FailedOperation",
        request_id="request-1",
    )


def brought_to(store: AnyStore, intent: Intent, state: State) -> Intent:
    """Record the intent and lead it to the state; the account's lease must be of the intent's epoch."""
    store.record(intent)
    for step in WAYS[state]:
        after = moved_on(intent, step)
        store.move(intent.state, after)
        intent = after
    return intent


def take(store: AnyStore, account: str = ACCOUNT) -> int:
    """Take the account and let it go again; give the epoch."""
    with store.lease(account, "test") as lease:
        return lease.epoch


def standing_of(customer: str = "100", *, spent: int = 0, minutes: float = 0, account: str = ACCOUNT) -> Standing:
    """Make a standing that was read so many minutes after the start."""
    return Standing(
        customer=Customer(key_of(customer), None),
        account=account,
        as_of=START + minutes * MINUTE,
        granted=Money(100_00),
        kind=Kind.CREDIT_LINE,
        spent=Spend(low=Money(spent), high=Money(spent + 1), since=START - MINUTE),
        available=Money(100_00 - spent),
        restriction=Restriction.NONE,
        on_exhaustion=OnExhaustion.FREEZE,
        lag=timedelta(minutes=5, microseconds=7),
        name="Käufer & Söhne",
        associated_at=START - 3 * MINUTE,
    )


def book_of(customer: str = "100", *, granted: int = 10_00, account: str = ACCOUNT) -> Book:
    """Make a book."""
    return Book(
        key=key_of(customer),
        account=account,
        opened=Money(5_00),
        granted=Money(granted),
        kind=Kind.CREDIT_LINE,
        as_of=START,
        ours=Money(granted - 5_00),
        others=ZERO,
        rows=2,
        on_exhaustion=OnExhaustion.FREEZE,
        written_at=START,
        drift="bert changed it",
        drift_at=START + MINUTE,
        opened_at=START - MINUTE,
        restriction=Restriction.FROZEN,
        cause=Cause.EXHAUSTION,
        restricted_since=START + 3 * MINUTE,
        freed_at=START + 4 * MINUTE,
        mismatch_granted=Money(-1),
        mismatch_since=START + MINUTE,
    )


def meter_of(customer: str = "100", *, spent: int = 0, minutes: float = 0, account: str = ACCOUNT) -> Meter:
    """Make a meter whose newest observation was that many minutes after the start."""
    count = Count(period="2026-11", since=START, low=Money(spent), high=Money(spent + 1), before=Money(1))
    return Meter(
        key=key_of(customer),
        account=account,
        first_at=START,
        metered_at=START + minutes * MINUTE,
        used=Money(spent),
        total=count,
        month=count,
    )


def day_of(customer: str = "100", *, spent: int = 0, day: int = 22, account: str = ACCOUNT) -> Day:
    """Make the figures of a day of the month of the start."""
    return Day(
        key=key_of(customer),
        account=account,
        day=date(START.year, START.month, day),
        month="2026-11",
        low=Money(spent),
        high=Money(spent + 1),
        granted=Money(100_00),
        amount=None,
    )


def period_of(customer: str = "100", *, month: str = "2026-10", spent: int = 0, account: str = ACCOUNT) -> Period:
    """Make a month that is over."""
    return Period(
        key=key_of(customer),
        account=account,
        month=month,
        since=START - 2 * MINUTE,
        until=START - MINUTE,
        low=Money(spent),
        high=Money(spent + 1),
        kind=Kind.MONTHLY,
        amount=Money(50_00),
        granted=None,
    )


def metered_of(
    customer: str = "100",
    *,
    before: float | None = None,
    minutes: float = 0,
    spent: int = 0,
    day: int = 22,
    account: str = ACCOUNT,
) -> Metered:
    """Meter an observation so many minutes after the start, behind one at `before`."""
    return Metered(
        before=None if before is None else START + before * MINUTE,
        after=meter_of(customer, spent=spent, minutes=minutes, account=account),
        day=day_of(customer, spent=spent, day=day, account=account),
    )


def limit_of(customer: str = "100", amount: int = 50_00, *, account: str = ACCOUNT, line: int = 2) -> Limit:
    """Make a limit as written in a file."""
    return Limit(
        account=account,
        customer=Customer(key_of(customer), "partner 7"),
        kind=Kind.CREDIT_LINE,
        amount=Money(amount),
        on_exhaustion=OnExhaustion.FREEZE,
        name="Käufer",
        changed_by="bert",
        reason="grew",
        source=Source("limits.csv", line),
    )


def dispute_of(
    name: str, *, customer: str | None = "100", evidence: str = "mark", account: str = ACCOUNT, minutes: int = 0
) -> Dispute:
    """Make a dispute; no customer: about the account."""
    return Dispute(
        id=name,
        sort=DisputeSort.ORPHAN,
        account=account,
        customer=None if customer is None else key_of(customer),
        evidence=evidence,
        sentence="a record carries our mark",
        opened_at=START + minutes * MINUTE,
    )


def alert_of(name: str, *, subject: str = "90", minutes: float = 0, told_to: tuple[str, ...] = ()) -> Alert:
    """Make an alert that stands since so many minutes after the start; told then, if to anybody."""
    since = START + minutes * MINUTE
    condition = Condition(
        sort=Sort.THRESHOLD,
        severity=Severity.WARNING,
        sentence=f"customer 100 has spent {subject} % of its limit",
        over=f"customer 100 has spent less than {subject} % of its limit again",
        account=ACCOUNT,
        customer=key_of(),
        subject=subject,
        period="2026-11",
        rung=9,
    )
    told_at = since if told_to else None
    return Alert(id=name, condition=condition, since=since, told_at=told_at, told_to=frozenset(told_to))


def message_of(name: str, *, alert: str, channel: str = "mail", edge: Edge = Edge.BEGAN, minutes: float = 0) -> Message:
    """Make a message that was written, and is due, so many minutes after the start."""
    return Message(
        id=name,
        channel=channel,
        alert=alert,
        edge=edge,
        severity=Severity.WARNING,
        sentence="customer 100 has spent 90 % of its limit",
        account=ACCOUNT,
        written_at=START + minutes * MINUTE,
        next_at=START + minutes * MINUTE,
    )


def told_by(alert: Alert, channel: str, *, number: str = "a") -> Turns:
    """Tell an alert to one channel more; the number makes the message's id."""
    told = replace(alert, told_at=alert.told_at or START, told_to=alert.told_to | {channel})
    return Turns(alerts=(told,), messages=(message_of(number, alert=alert.id, channel=channel),))
