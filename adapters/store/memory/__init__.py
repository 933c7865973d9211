"""The store's in-memory twin: keeps every promise of Journal, Observations and Outbox but for outliving the process.

Used by tests; the contract suite holds it to the same behaviour as the SQL store, audit chain included. One file per
subject, as the store itself has them.
"""

from adapters.clock import SystemClock
from adapters.store.decisions import new_installation
from adapters.store.memory.decided import Decided
from adapters.store.memory.history import History
from adapters.store.memory.intents import Intents
from adapters.store.memory.ledger import Ledger
from adapters.store.memory.meters import Meters
from adapters.store.memory.part import Memory
from adapters.store.memory.seen import Seen
from adapters.store.memory.telling import Telling
from core.ports import Clock

__all__ = ["InMemoryStore"]


class InMemoryStore(Intents, Ledger, Decided, History, Seen, Meters, Telling):
    """Journal, Observations and Outbox in one process's memory; thread-safe. What each method does: see core.ports."""

    def __init__(self, *, clock: Clock | None = None, installation: str | None = None) -> None:
        super().__init__(Memory(clock or SystemClock(), installation or new_installation()))

    @property
    def installation(self) -> str:
        """Four characters [0-9A-Z]."""
        return self._memory.installation
