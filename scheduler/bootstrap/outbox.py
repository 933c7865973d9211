"""Opens the outbox: alerts on record and their messages, without an account, a secret or a vendor's SDK.

Called by the daemon's alert job and by the commands that evaluate or show alerts.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from adapters.clock import SystemClock
from adapters.store import open_store
from core.ports import Clock, Outbox
from scheduler.config import Settings


@contextmanager
def open_outbox(settings: Settings, *, clock: Clock | None = None) -> Iterator[Outbox]:
    """Open the outbox of the configured store and close it at the end; thread-safe. Raises StoreFailedError."""
    with open_store(settings.store, clock=clock or SystemClock()) as store:
        yield store
