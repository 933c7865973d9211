"""The port to our own durable records: intents, books, disputes, pauses, accepted limits, runs, the audit."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.books import Book, Dispute
from core.intent import Intent, State
from core.limit import CustomerKey, Limit
from core.pause import Pause


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

    def limit_changes(self, key: CustomerKey | None = None, *, newest: int | None = None) -> Sequence[LimitChange]:
        """Accepted changes, oldest first; `newest`: only the last so many."""

    def keep_run(self, run: RunRecord) -> None:
        """Insert or replace the run."""

    def runs(self, limit: int = 50, *, before: RunRecord | None = None) -> Sequence[RunRecord]:
        """Runs, newest first; `before`: only those that come after this one in that order."""

    def run_heads(
        self, limit: int = 50, *, before: RunRecord | None = None, since: datetime | None = None
    ) -> Sequence[RunRecord]:
        """The same without their plans and summaries, cheap however long those are; `since`: none begun earlier."""

    def run(self, run_id: str) -> RunRecord | None:
        """One run with its plan."""

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

    def audit(
        self, key: CustomerKey | None = None, *, after: int = 0, events: Collection[str] | None = None
    ) -> Sequence[AuditRow]:
        """The chain, or one customer's part of it, oldest first; `after`: only rows of a higher number.

        `events`: only these.
        """

    def last_row(self) -> AuditRow:
        """The chain's last row; there always is one."""

    def head(self) -> str:
        """The last row's digest."""

    def verify(self) -> Sequence[str]:
        """Recompute the chain; give a sentence for every break."""
