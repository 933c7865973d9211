"""What is kept in memory, and what every part of the twin has: that memory."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from threading import Lock, RLock

from adapters.store import entries
from adapters.store.chain import Entry, Place, link_all
from core.alerts import Alert, Message
from core.books import Book, Dispute
from core.intent import Intent
from core.limit import CustomerKey, Limit
from core.meter import Day, Meter, Period
from core.pause import Pause
from core.ports import AuditRow, Clock, LimitChange, RunRecord
from core.standing import Standing


@dataclass(slots=True)
class Sighting:
    """One kept standing; `again`: the second row of equal figures. Mutable, for its time may move."""

    standing: Standing
    run: str
    again: bool = False


@dataclass(slots=True)
class Memory:
    """All that one store keeps; `lock` is held by whoever looks or changes anything."""

    clock: Clock
    installation: str
    lock: RLock = field(default_factory=RLock)
    account_locks: dict[str, Lock] = field(default_factory=dict)
    epochs: dict[str, int] = field(default_factory=dict)
    intents: dict[str, Intent] = field(default_factory=dict)
    proven: set[str] = field(default_factory=set)
    books: dict[tuple[str, CustomerKey], Book] = field(default_factory=dict)
    disputes: dict[str, Dispute] = field(default_factory=dict)
    closed_disputes: set[str] = field(default_factory=set)
    pauses: list[Pause] = field(default_factory=list)
    limits: dict[tuple[str, CustomerKey], Limit] = field(default_factory=dict)
    limit_changes: list[LimitChange] = field(default_factory=list)
    runs: dict[str, RunRecord] = field(default_factory=dict)
    chain: list[AuditRow] = field(default_factory=list)
    newest: dict[CustomerKey, Sighting] = field(default_factory=dict)
    seen: dict[CustomerKey, list[Sighting]] = field(default_factory=dict)
    meters: dict[CustomerKey, Meter] = field(default_factory=dict)
    months: dict[tuple[str, CustomerKey], Period] = field(default_factory=dict)
    days: dict[tuple[date, CustomerKey], Day] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.say(entries.store_made(self.installation))

    def say(self, *fresh: Entry, at: datetime | None = None) -> None:
        """Append the entries in their order; `at`: when it happened, now if not given."""
        last = Place(len(self.chain), self.chain[-1].digest) if self.chain else Place()
        self.chain += link_all(fresh, at=at or self.clock.now(), last=last)

    def keep_books(self, books: Iterable[Book]) -> None:
        """Insert or replace those that differ."""
        given = {(book.account, book.key): book for book in books}
        fresh = {place: book for place, book in given.items() if self.books.get(place) != book}
        if fresh:
            self.books |= fresh
            self.say(entries.books_kept(list(fresh.values())))


class Part:
    """One subject of the twin. The twin is all of them over one memory."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
