"""Sees to it that a daemon goes on with the journal it began with.

Called at both ends of every pass's opening of the store. A file that was deleted would be made anew, empty, and with it
would go pauses, open intents and disputes; one that was put in its place knows nothing of what was sent since.
"""

import threading

from core.errors import StoreFailedError
from scheduler import bootstrap
from scheduler.config import Settings


class JournalFile:
    """The file that the first pass found; the process never takes another one. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._first: tuple[int, int] | None = None

    def raise_if_another(self, settings: Settings) -> None:
        """Raise StoreFailedError where the file is gone, or is another one than at first."""
        with self._lock:
            if self._first is not None and bootstrap.store_mark(settings) != self._first:
                why = "its file is gone or was replaced while the daemon ran: put it back, then restart the daemon"
                raise StoreFailedError("go on with its own records", why)

    def opened(self, settings: Settings) -> None:
        """Note which file it is, once it was opened for the first time."""
        with self._lock:
            if self._first is None:
                self._first = bootstrap.store_mark(settings)
