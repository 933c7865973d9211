"""What core asks of the world, as promises. adapters/ keeps them, tests/contract checks them.

Pure modules never import this file; only core.run does.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from core.books import Book, Dispute
from core.capabilities import Capabilities
from core.errors import ReadFailedError
from core.exposure import Headroom
from core.intent import Intent, State
from core.limit import Customer, CustomerKey, Limit
from core.meter import Day, Meter, Period
from core.money import Money
from core.pause import Pause
from core.standing import Standing
from core.witness import Witness

# Called with (what is being read, done, of how many or None).
Progress = Callable[[str, int, int | None], None]


def no_progress(what: str, done: int, of: int | None) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one account's vendor answered.

    Every asked customer is in exactly one of `standings`, `unreadable`, `absent`.
    `absent`: the vendor answered fully and does not have this customer under this account.
    `others`: customers the vendor lists that were not asked for (empty unless `everyone` was asked).
    `skew`: our clock minus the vendor's `Date` header, None when no answer carried one.
    `account_problem`: set when the account as a whole could not be read (wrong key, vendor down).
    """

    account: str
    begun_at: datetime
    standings: Mapping[CustomerKey, Standing]
    unreadable: Mapping[CustomerKey, ReadFailedError] = field(default_factory=dict)
    absent: frozenset[CustomerKey] = frozenset()
    others: tuple[Standing, ...] = ()
    skew: timedelta | None = None
    account_problem: ReadFailedError | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """The vendor answered as documented for success. `granted`: what it says stands now, where it says so."""

    granted: Money | None = None
    request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The vendor definitely did not apply it (the whitelist of the vendor's error table)."""

    code: str
    sentence: str
    request_id: str = ""
    throttled: bool = False
    account_wide: bool = False  # the key was refused: no other write of this account will fare better


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """No byte of the request reached the vendor (no connection, or the send window had passed)."""

    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertain:
    """Anything else: it may have been applied, or may still be."""

    code: str
    sentence: str
    request_id: str = ""


Reply = Confirmed | Refused | NotSent | Uncertain


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """One harmless question asked by `check`: what it shows the key may do, and what came of it."""

    title: str
    ok: bool
    sentence: str


class Cloud(Protocol):
    """One partner account at one vendor. Thread-safe; one object per account, built once, closed at the end.

    Reads retry throttled and temporary failures themselves, within the rates and the read timeout;
    what still fails is told per customer, never raised, except where a method says so.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What the vendor can do, as facts."""

    def observe(
        self, customers: Sequence[Customer], *, everyone: bool, progress: Progress = no_progress
    ) -> Observation:
        """Read the standings of these customers in the fewest calls.

        `everyone`: also list those that were not asked for. Never raises for a vendor's fault.
        """

    def read_again(self, customers: Sequence[Customer]) -> Observation:
        """Read just these customers afresh, ahead of bulk reads: before a write and to settle one."""

    def quota(self) -> Money | None:
        """Credit that can still be given out by this account; None where the vendor has no such figure.

        Raises ReadFailedError.
        """

    def headroom(self) -> Headroom | None:
        """What the partner itself may still owe; None where the vendor has no such figure. Raises ReadFailedError."""

    def billed(self, customer: Customer, month: str) -> Money | None:
        """The bill of one customer for a month ("2026-11"), to compare with and never to decide by.

        None where the vendor does not tell a partner. Slow: as few as one call a second. Raises ReadFailedError.
        """

    def witness(self, customer: Customer) -> Witness:
        """All the vendor's records of this customer's changes, ahead of bulk reads. Raises ReadFailedError."""

    def send(self, intent: Intent) -> Reply:
        """Send the intent's call exactly once, if `send_before` has not passed. Never raises, never retries."""

    def probe(self) -> Sequence[ProbeResult]:
        """Ask harmless questions that show what the key may do. Never raises for a vendor's fault."""

    def calls(self) -> Mapping[str, int]:
        """Calls made so far by operation, and `throttled` for those the vendor throttled."""

    def close(self) -> None:
        """Close connections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to write to one account; `epoch` rises with every take-over and is checked by every intent write."""

    account: str
    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitChange:
    """One accepted change of a limit. `old` None: new; `new` None: removed."""

    key: CustomerKey
    old: Limit | None
    new: Limit | None
    digest: str
    first_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One pass, as stored: `plan` is the plan's JSON document as text."""

    id: str
    command: str  # plan | apply | daemon | settle | …
    who: str
    begun_at: datetime
    ended_at: datetime | None = None
    exit_code: int | None = None
    plan: str | None = None
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One link of the hash chain: `digest` = sha256 of the previous digest and this row's canonical JSON."""

    number: int
    at: datetime
    event: str
    who: str
    key: CustomerKey | None
    account: str | None
    body: Mapping[str, object]
    digest: str


class Journal(Protocol):
    """Durable records of intents and of all that people and runs decided. Every write is fsynced when it returns.

    Every method may raise StoreFailedError; then nothing was written.
    Each change appends an audit row in the same transaction.
    """

    @property
    def installation(self) -> str:
        """Four characters [0-9A-Z] made when the store was made."""

    def lease(self, account: str, who: str) -> AbstractContextManager[Lease]:
        """Take the account for writing; raises LeaseHeldError when another process holds it.

        The kernel releases it if the holder dies. The epoch is one higher than any before.
        """

    def record(self, intent: Intent) -> None:
        """Store a recorded intent.

        Raises OpenIntentError if the customer has an open one, IntentMovedError on an old epoch.
        """

    def move(self, before: State, after: Intent, book: Book | None = None) -> None:
        """Store `after` if the stored state is `before` and the account's lease epoch is `after.epoch`.

        `book` is kept in the same transaction.

        Compare-and-set; raises IntentMovedError when nothing changed.
        """

    def note_absence(self, intent: Intent) -> None:
        """Store `absent_since` of an open intent, leaving its state."""

    def intent(self, reference: str) -> Intent | None:
        """Find an intent by id or mark."""

    def open_intents(self, account: str | None = None) -> Sequence[Intent]:
        """All open intents, oldest first."""

    def intents(
        self, *, key: CustomerKey | None = None, account: str | None = None, limit: int = 1000
    ) -> Sequence[Intent]:
        """Stored intents, newest first."""

    def tag_proven(self, account: str) -> bool:
        """Whether a confirmed write's mark was once read back in this account."""

    def note_tag_proven(self, account: str) -> None:
        """Remember that it was."""

    def books(self, account: str) -> Mapping[CustomerKey, Book]:
        """The account's books."""

    def keep_books(self, books: Iterable[Book]) -> None:
        """Insert or replace these books."""

    def disputes(self, account: str | None = None) -> Sequence[Dispute]:
        """Disputes that nobody has closed, oldest first."""

    def open_dispute(self, dispute: Dispute) -> None:
        """Store a dispute; one with the same account, customer, sort and evidence is stored once, even when closed."""

    def dispute_known(self, dispute: Dispute) -> bool:
        """Whether one with the same account, customer, sort and evidence is stored, open or closed."""

    def close_dispute(self, dispute_id: str, *, who: str, why: str, at: datetime) -> None:
        """Close one; raises KeyError if there is none open with this id."""

    def pauses(self, now: datetime) -> Sequence[Pause]:
        """Pauses in force at `now`."""

    def pause(self, pause: Pause) -> None:
        """Store a pause."""

    def resume(self, *, account: str | None, customer_id: str | None, who: str, why: str, at: datetime) -> int:
        """End the pauses with exactly this account and customer; give how many there were."""

    def accept_limits(
        self, limits: Sequence[Limit], digest: str, accounts: Iterable[str], at: datetime
    ) -> Sequence[LimitChange]:
        """Compare with the limits accepted last for these accounts, store and give the differences."""

    def limits_changed(self, limits: Sequence[Limit], accounts: Iterable[str]) -> Sequence[LimitChange]:
        """The same comparison without storing it."""

    def limit_changes(self, key: CustomerKey | None = None) -> Sequence[LimitChange]:
        """Accepted changes, oldest first."""

    def keep_run(self, run: RunRecord) -> None:
        """Insert or replace the run."""

    def runs(self, limit: int = 50, *, before: RunRecord | None = None) -> Sequence[RunRecord]:
        """Runs, newest first; `before`: only those that come after this one in that order."""

    def note(
        self,
        event: str,
        *,
        who: str,
        at: datetime,
        account: str | None = None,
        key: CustomerKey | None = None,
        body: Mapping[str, object] | None = None,
    ) -> None:
        """Append an audit row of its own."""

    def audit(self, key: CustomerKey | None = None) -> Sequence[AuditRow]:
        """The chain, or one customer's part of it, oldest first."""

    def head(self) -> str:
        """The last row's digest."""

    def verify(self) -> Sequence[str]:
        """Recompute the chain; give a sentence for every break."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """One customer's meter after an observation: `before` is the `metered_at` it follows, None for the first.

    `closed`: billing months that ended with it. `day`: the billing day of the observation, whose figures are kept too.
    """

    before: datetime | None
    after: Meter
    day: Day
    closed: tuple[Period, ...] = ()


class Observations(Protocol):
    """Stored standings over time, and what was metered from them."""

    def meters(self, account: str, customers: Iterable[CustomerKey] = ()) -> Mapping[CustomerKey, Meter]:
        """The account's meters, and those of these customers, under whatever account they were metered last."""

    def keep_meters(self, changes: Iterable[Metered]) -> int:
        """Store each meter whose stored `metered_at` still is `before`, with its day and what it closed; give how many.

        Compare-and-set per customer, all in one transaction: an observation is metered once, whoever comes first.
        A closed month is stored once. Of a day the newest figures stay.
        """

    def periods(
        self, *, account: str | None = None, month: str | None = None, key: CustomerKey | None = None
    ) -> Sequence[Period]:
        """Closed billing months, oldest first, by customer."""

    def days(
        self, *, account: str | None = None, key: CustomerKey | None = None, since: date, until: date
    ) -> Sequence[Day]:
        """Figures by billing day, `since` and `until` among them, oldest first, by customer."""

    def keep(self, run: str, standings: Iterable[Standing]) -> None:
        """Store them; a standing equal to the customer's last but for `as_of` only moves `as_of` of a second row.

        A kept customer's older standings are thinned out: of those more than 48 hours before its newest, only the
        last of each UTC day stays. The newest always stays, and a customer that is not kept again is not thinned out.
        """

    def latest(self, account: str | None = None) -> Mapping[CustomerKey, Standing]:
        """Each customer's newest standing."""

    def earlier(self, key: CustomerKey, before: datetime) -> Standing | None:
        """The newest standing with `as_of` at or before that time, among those that stayed."""


class Clock(Protocol):
    """Time, as an argument."""

    def now(self) -> datetime:
        """Aware UTC."""

    def sleep(self, duration: timedelta) -> None:
        """Wait; returns early when the process is asked to stop."""

    def stopping(self) -> bool:
        """Whether the process was asked to stop: no new write may begin."""


class Ids(Protocol):
    """Names for runs and intents."""

    def ulid(self) -> str:
        """26 characters, Crockford base 32, sortable by time."""
