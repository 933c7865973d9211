"""The store's in-memory twin: keeps every promise of Journal and Observations but for outliving the process.

Used by tests; the contract suite holds it to the same behaviour as the SQL store, audit chain included.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Lock, RLock

from adapters.clock import SystemClock
from adapters.store import entries
from adapters.store.chain import Entry, Place, breaks, link_all
from adapters.store.decisions import (
    OURS,
    Keeping,
    changes,
    keeping,
    moved,
    new_installation,
    raise_unless_legal,
    raise_unless_recorded,
    same_figures,
    thinned,
)
from core.books import Book, Dispute
from core.errors import IntentMovedError, LeaseHeldError, OpenIntentError, StoreFailedError
from core.intent import Intent, State
from core.limit import CustomerKey, Limit
from core.pause import Pause
from core.ports import AuditRow, Clock, Lease, LimitChange, RunRecord
from core.standing import Standing


@dataclass(slots=True)
class _Seen:
    """One kept standing; `again`: the second row of equal figures. Mutable, for its time may move."""

    standing: Standing
    again: bool = False


class InMemoryStore:
    """Journal and Observations in one process's memory; thread-safe. See core.ports for what each method does."""

    def __init__(self, *, clock: Clock | None = None, installation: str | None = None) -> None:
        self._clock = clock or SystemClock()
        self._installation = installation or new_installation()
        self._lock = RLock()
        self._account_locks: dict[str, Lock] = {}
        self._epochs: dict[str, int] = {}
        self._intents: dict[str, Intent] = {}
        self._proven: set[str] = set()
        self._books: dict[tuple[str, CustomerKey], Book] = {}
        self._disputes: dict[str, Dispute] = {}
        self._closed_disputes: set[str] = set()
        self._pauses: list[Pause] = []
        self._limits: dict[tuple[str, CustomerKey], Limit] = {}
        self._limit_changes: list[LimitChange] = []
        self._runs: dict[str, RunRecord] = {}
        self._chain: list[AuditRow] = []
        self._newest: dict[CustomerKey, _Seen] = {}
        self._seen: dict[CustomerKey, list[_Seen]] = {}
        self._append(entries.store_made(self._installation))

    @property
    def installation(self) -> str:
        """Four characters [0-9A-Z]."""
        return self._installation

    # --- leases and intents

    @contextmanager
    def lease(self, account: str, who: str, *, timeout: timedelta = timedelta(seconds=2)) -> Iterator[Lease]:
        """Take the account for writing, waiting at most `timeout`."""
        with self._lock:
            lock = self._account_locks.setdefault(account, Lock())
        if not lock.acquire(timeout=timeout.total_seconds()):
            raise LeaseHeldError(account)
        try:
            yield self._take(account, who)
        finally:
            lock.release()

    def record(self, intent: Intent) -> None:
        """Store a recorded intent."""
        raise_unless_recorded(intent)
        with self._lock:
            if not self._holds_lease(intent):
                raise IntentMovedError(intent.id, OURS)
            if any(other.is_open and other.key == intent.key for other in self._intents.values()):
                raise OpenIntentError(str(intent.key))
            if any(intent.id == other.id or intent.mark == other.mark for other in self._intents.values()):
                raise StoreFailedError("record an intent", f"intent {intent.id} or its mark is recorded already")
            self._intents[intent.id] = intent
            self._append(entries.intent_recorded(intent))

    def move(self, before: State, after: Intent, book: Book | None = None) -> None:
        """Compare and set; keep the book with it."""
        raise_unless_legal(before, after)
        with self._lock:
            stored = self._intents.get(after.id)
            if stored is None or stored.state is not before or not self._holds_lease(after):
                raise IntentMovedError(after.id, before)
            self._intents[after.id] = moved(stored, after)
            self._append(entries.intent_moved(before, self._intents[after.id]))
            self.keep_books([] if book is None else [book])

    def note_absence(self, intent: Intent) -> None:
        """Store `absent_since`, by the same compare-and-set."""
        with self._lock:
            stored = self._intents.get(intent.id)
            if (
                stored is None
                or stored.state is not intent.state
                or not stored.is_open
                or not self._holds_lease(intent)
            ):
                raise IntentMovedError(intent.id, intent.state)
            noted = moved(stored, intent)
            self._intents[intent.id] = noted
            self._append(entries.absence_noted(noted))

    def intent(self, reference: str) -> Intent | None:
        """Find an intent by id or mark."""
        with self._lock:
            return next((one for one in self._intents.values() if reference in (one.id, one.mark)), None)

    def open_intents(self, account: str | None = None) -> Sequence[Intent]:
        """Give the open ones, oldest first."""
        with self._lock:
            chosen = [one for one in self._intents.values() if one.is_open and account in (None, one.account)]
        return sorted(chosen, key=_age)

    def intents(
        self, *, key: CustomerKey | None = None, account: str | None = None, limit: int = 1000
    ) -> Sequence[Intent]:
        """Give them newest first."""
        with self._lock:
            chosen = [
                one for one in self._intents.values() if key in (None, one.key) and account in (None, one.account)
            ]
        return sorted(chosen, key=_age, reverse=True)[:limit]

    def tag_proven(self, account: str) -> bool:
        """Whether a mark was once read back."""
        return account in self._proven

    def note_tag_proven(self, account: str) -> None:
        """Remember it."""
        with self._lock:
            if account not in self._proven:
                self._proven.add(account)
                self._append(entries.tag_proven(account))

    # --- books and disputes

    def books(self, account: str) -> Mapping[CustomerKey, Book]:
        """Give the account's books."""
        with self._lock:
            return {key: book for (owner, key), book in self._books.items() if owner == account}

    def keep_books(self, books: Iterable[Book]) -> None:
        """Insert or replace those that differ."""
        given = {(book.account, book.key): book for book in books}
        with self._lock:
            fresh = {place: book for place, book in given.items() if self._books.get(place) != book}
            if fresh:
                self._books |= fresh
                self._append(entries.books_kept(list(fresh.values())))

    def disputes(self, account: str | None = None) -> Sequence[Dispute]:
        """Give the open ones, oldest first."""
        with self._lock:
            chosen = [
                one
                for one in self._disputes.values()
                if one.id not in self._closed_disputes and account in (None, one.account)
            ]
        return sorted(chosen, key=lambda one: (one.opened_at, one.id))

    def open_dispute(self, dispute: Dispute) -> None:
        """Store it, unless its evidence is stored."""
        with self._lock:
            if self.dispute_known(dispute):
                return
            if dispute.id in self._disputes:
                raise StoreFailedError("open a dispute", f"dispute {dispute.id} exists with other evidence")
            self._disputes[dispute.id] = dispute
            self._append(entries.dispute_opened(dispute))

    def dispute_known(self, dispute: Dispute) -> bool:
        """Whether its evidence is stored."""
        with self._lock:
            return any(_same_evidence(dispute, other) for other in self._disputes.values())

    def close_dispute(self, dispute_id: str, *, who: str, why: str, at: datetime) -> None:
        """Close it; raises KeyError."""
        with self._lock:
            if dispute_id not in self._disputes or dispute_id in self._closed_disputes:
                raise KeyError(dispute_id)
            self._closed_disputes.add(dispute_id)
            self._append(entries.dispute_closed(self._disputes[dispute_id], who=who, why=why), at)

    # --- pauses and limits

    def pauses(self, now: datetime) -> Sequence[Pause]:
        """Give those in force, oldest first."""
        with self._lock:
            chosen = [pause for pause in self._pauses if pause.until is None or now < pause.until]
        return sorted(chosen, key=lambda pause: pause.since)

    def pause(self, pause: Pause) -> None:
        """Store it."""
        with self._lock:
            self._pauses.append(pause)
            self._append(entries.paused(pause))

    def resume(self, *, account: str | None, customer_id: str | None, who: str, why: str, at: datetime) -> int:
        """End the pauses with exactly this account and customer."""
        with self._lock:
            ended = [pause for pause in self.pauses(at) if (pause.account, pause.customer_id) == (account, customer_id)]
            if ended:
                self._pauses = [pause for pause in self._pauses if not any(pause is other for other in ended)]
                entry = entries.resumed(account=account, customer_id=customer_id, who=who, why=why, ended=len(ended))
                self._append(entry, at)
            return len(ended)

    def accept_limits(
        self, limits: Sequence[Limit], digest: str, accounts: Iterable[str], at: datetime
    ) -> Sequence[LimitChange]:
        """Store these limits as accepted; give what differs from those before."""
        chosen = frozenset(accounts)
        with self._lock:
            found = self._compared(limits, chosen, digest, at)
            self._limits = {place: limit for place, limit in self._limits.items() if limit.account not in chosen}
            self._limits |= {(limit.account, limit.key): limit for limit in limits if limit.account in chosen}
            self._limit_changes += found
            self._append_all([entries.limit_accepted(change) for change in found], at)
        return found

    def limits_changed(self, limits: Sequence[Limit], accounts: Iterable[str]) -> Sequence[LimitChange]:
        """Compare without storing."""
        with self._lock:
            return self._compared(limits, frozenset(accounts), "", self._clock.now())

    def limit_changes(self, key: CustomerKey | None = None) -> Sequence[LimitChange]:
        """Give the accepted changes, oldest first."""
        with self._lock:
            return [change for change in self._limit_changes if key in (None, change.key)]

    # --- runs and audit

    def keep_run(self, run: RunRecord) -> None:
        """Insert or replace it."""
        with self._lock:
            if self._runs.get(run.id) != run:
                self._runs[run.id] = run
                self._append(entries.run_kept(run))

    def runs(self, limit: int = 50) -> Sequence[RunRecord]:
        """Give them newest first."""
        with self._lock:
            return sorted(self._runs.values(), key=lambda run: (run.begun_at, run.id), reverse=True)[:limit]

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
        with self._lock:
            self._append(Entry(event=event, who=who, account=account, key=key, body=body or {}), at)

    def audit(self, key: CustomerKey | None = None) -> Sequence[AuditRow]:
        """Give the chain, or one customer's part of it."""
        with self._lock:
            return [row for row in self._chain if key in (None, row.key)]

    def head(self) -> str:
        """Give the last row's digest."""
        return self._chain[-1].digest

    def verify(self) -> Sequence[str]:
        """Recompute the chain."""
        with self._lock:
            return breaks(self._chain)

    # --- observations

    def keep(self, run: str, standings: Iterable[Standing]) -> None:  # noqa: ARG002 - the SQL store keeps the run's id
        """Store them."""
        with self._lock:
            for standing in standings:
                self._keep_one(standing)

    def latest(self, account: str | None = None) -> Mapping[CustomerKey, Standing]:
        """Give each customer's newest standing."""
        with self._lock:
            return {
                key: seen.standing for key, seen in self._newest.items() if account in (None, seen.standing.account)
            }

    def earlier(self, key: CustomerKey, before: datetime) -> Standing | None:
        """Give the newest standing at or before that time; of two at one time, the one kept last."""
        with self._lock:
            chosen = [seen.standing for seen in self._seen.get(key, []) if seen.standing.as_of <= before]
        return max(reversed(chosen), key=lambda standing: standing.as_of, default=None)

    # --- inside

    def _take(self, account: str, who: str) -> Lease:
        with self._lock:
            self._epochs[account] = self._epochs.get(account, 0) + 1
            lease = Lease(account=account, epoch=self._epochs[account])
            self._append(entries.lease_taken(lease, who))
            return lease

    def _holds_lease(self, intent: Intent) -> bool:
        return self._epochs.get(intent.account) == intent.epoch

    def _compared(
        self, limits: Sequence[Limit], accounts: frozenset[str], digest: str, at: datetime
    ) -> list[LimitChange]:
        accepted = [self._limits[place] for place in sorted(self._limits) if place[0] in accounts]
        chosen = [limit for limit in limits if limit.account in accounts]
        return changes(accepted, chosen, digest=digest, first_seen=at)

    def _keep_one(self, standing: Standing) -> None:
        rows = self._seen.setdefault(standing.key, [])
        newest = self._newest.get(standing.key)
        last_as_of = standing.as_of if newest is None else newest.standing.as_of
        how = Keeping.FIRST
        if newest is not None:
            same = same_figures(standing, newest.standing)
            how = keeping(standing.as_of, last_as_of, same=same, last_is_again=newest.again)
        if how is Keeping.MOVE and newest is not None:
            newest.standing = standing
        elif how is not Keeping.NOTHING:
            rows.append(_Seen(standing, again=how is Keeping.AGAIN))
            if how is not Keeping.LATE:
                self._newest[standing.key] = rows[-1]
        self._seen[standing.key] = _thinned_out(rows, *thinned(standing.as_of, last_as_of))

    def _append(self, entry: Entry, at: datetime | None = None) -> None:
        self._append_all([entry], at or self._clock.now())

    def _append_all(self, fresh: Sequence[Entry], at: datetime) -> None:
        last = Place(len(self._chain), self._chain[-1].digest) if self._chain else Place()
        self._chain += link_all(fresh, at=at, last=last)


def _thinned_out(rows: list[_Seen], begin: datetime, end: datetime) -> list[_Seen]:
    """Give the rows without those from begin until end that a later one of the same day follows."""
    in_order = sorted(rows, key=lambda seen: seen.standing.as_of)  # of two at one time the one kept last comes last
    days = [seen.standing.as_of.astimezone(UTC).date() for seen in in_order]
    followed = [day == next_day for day, next_day in pairwise(days)] + [False]
    doomed = {
        id(seen)
        for seen, is_followed in zip(in_order, followed, strict=True)
        if is_followed and begin <= seen.standing.as_of < end
    }
    return [seen for seen in rows if id(seen) not in doomed]


def _age(intent: Intent) -> tuple[datetime, str]:
    return (intent.recorded_at, intent.id)


def _closing(intent: Intent) -> tuple[bool, datetime, datetime, str]:
    return (intent.closed_at is not None, intent.closed_at or intent.recorded_at, intent.recorded_at, intent.id)


def _same_evidence(left: Dispute, right: Dispute) -> bool:
    return (left.account, left.customer, left.sort, left.evidence) == (
        right.account,
        right.customer,
        right.sort,
        right.evidence,
    )
