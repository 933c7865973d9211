"""Leases and intents, in memory."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Lock

from adapters.store import entries
from adapters.store.decisions import OURS, moved, raise_unless_legal, raise_unless_recorded
from adapters.store.memory.part import Part
from core.books import Book
from core.errors import IntentMovedError, LeaseHeldError, OpenIntentError, StoreFailedError
from core.intent import Intent, State
from core.limit import CustomerKey
from core.ports import Lease


class Intents(Part):
    """The intents, and the right to write them."""

    @contextmanager
    def lease(self, account: str, who: str, *, timeout: timedelta = timedelta(seconds=2)) -> Iterator[Lease]:
        """Take the account for writing, waiting at most `timeout`."""
        with self._memory.lock:
            lock = self._memory.account_locks.setdefault(account, Lock())
        if not lock.acquire(timeout=timeout.total_seconds()):
            raise LeaseHeldError(account)
        try:
            yield self._take(account, who)
        finally:
            lock.release()

    def record(self, intent: Intent) -> None:
        """Store a recorded intent."""
        raise_unless_recorded(intent)
        with self._memory.lock:
            if not self._holds_lease(intent):
                raise IntentMovedError(intent.id, OURS)
            if any(other.is_open and other.key == intent.key for other in self._memory.intents.values()):
                raise OpenIntentError(str(intent.key))
            if any(intent.id == other.id or intent.mark == other.mark for other in self._memory.intents.values()):
                raise StoreFailedError("record an intent", f"intent {intent.id} or its mark is recorded already")
            self._memory.intents[intent.id] = intent
            self._memory.say(entries.intent_recorded(intent))

    def move(self, before: State, after: Intent, book: Book | None = None) -> None:
        """Compare and set; keep the book with it."""
        raise_unless_legal(before, after)
        with self._memory.lock:
            stored = self._memory.intents.get(after.id)
            if stored is None or stored.state is not before or not self._holds_lease(after):
                raise IntentMovedError(after.id, before)
            self._memory.intents[after.id] = moved(stored, after)
            self._memory.say(entries.intent_moved(before, self._memory.intents[after.id]))
            self._memory.keep_books([] if book is None else [book])

    def note_absence(self, intent: Intent) -> None:
        """Store `absent_since`, by the same compare-and-set."""
        with self._memory.lock:
            stored = self._memory.intents.get(intent.id)
            if (
                stored is None
                or stored.state is not intent.state
                or not stored.is_open
                or not self._holds_lease(intent)
            ):
                raise IntentMovedError(intent.id, intent.state)
            noted = moved(stored, intent)
            self._memory.intents[intent.id] = noted
            self._memory.say(entries.absence_noted(noted))

    def intent(self, reference: str) -> Intent | None:
        """Find an intent by id or mark."""
        with self._memory.lock:
            return next((one for one in self._memory.intents.values() if reference in (one.id, one.mark)), None)

    def open_intents(self, account: str | None = None) -> Sequence[Intent]:
        """Give the open ones, oldest first."""
        with self._memory.lock:
            chosen = [one for one in self._memory.intents.values() if one.is_open and account in (None, one.account)]
        return sorted(chosen, key=_age)

    def intents(
        self, *, key: CustomerKey | None = None, account: str | None = None, limit: int = 1000
    ) -> Sequence[Intent]:
        """Give them newest first."""
        with self._memory.lock:
            chosen = [
                one
                for one in self._memory.intents.values()
                if key in (None, one.key) and account in (None, one.account)
            ]
        return sorted(chosen, key=_age, reverse=True)[:limit]

    def tag_proven(self, account: str) -> bool:
        """Whether a mark was once read back."""
        return account in self._memory.proven

    def note_tag_proven(self, account: str) -> None:
        """Remember it."""
        with self._memory.lock:
            if account not in self._memory.proven:
                self._memory.proven.add(account)
                self._memory.say(entries.tag_proven(account))

    def _take(self, account: str, who: str) -> Lease:
        with self._memory.lock:
            self._memory.epochs[account] = self._memory.epochs.get(account, 0) + 1
            lease = Lease(account=account, epoch=self._memory.epochs[account])
            self._memory.say(entries.lease_taken(lease, who))
            return lease

    def _holds_lease(self, intent: Intent) -> bool:
        return self._memory.epochs.get(intent.account) == intent.epoch


def _age(intent: Intent) -> tuple[datetime, str]:
    return (intent.recorded_at, intent.id)
