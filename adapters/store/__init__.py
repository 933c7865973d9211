"""The store: durable records behind core.ports.Journal, Observations and Outbox.

Called by scheduler/bootstrap.py. SQLAlchemy is imported only when a store is opened, so that a command that needs none
starts fast. The in-memory twin is `adapters.store.memory.InMemoryStore`.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from core.ports import Clock

if TYPE_CHECKING:
    from adapters.store.store import Store

PATIENCE = timedelta(seconds=5)  # how long a locked database is waited for before it counts as failed

__all__ = ["PATIENCE", "open_store", "store_mark"]


def open_store(url: str, *, clock: Clock, patience: timedelta = PATIENCE) -> "Store":
    """Open the store, making or upgrading it where needed; close it, or use it in a `with`.

    `url`: `sqlite:///PATH`, with PATH as it is to be opened (relative: to the working directory).
    Raises StoreFailedError, whose sentence says what to do.
    """
    from adapters.store.opening import opened  # noqa: PLC0415 - SQLAlchemy takes 0.2 s to import

    return opened(url, clock=clock, patience=patience)


def store_mark(url: str) -> tuple[int, int] | None:
    """Give what makes the store's file this one and no other, None where there is no such file.

    Raises StoreFailedError for an address that no store can have.
    """
    from adapters.store.opening import mark_of  # noqa: PLC0415 - as above

    return mark_of(url)
