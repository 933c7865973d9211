"""One thread of this process writes to a database file at a time; the others wait for it.

Used by adapters.store.transactions. SQLite itself lets whoever happens to look at the right moment have its write lock:
of twenty passes that write at once, some would not get it within any patience.
"""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from core.errors import StoreFailedError

# A turn takes fractions of a second. Who waits this long waits for a disk that stands still, and has to say so.
LONGEST_WAIT = timedelta(minutes=1)
_TURNS: defaultdict[Path, threading.RLock] = defaultdict(threading.RLock)
_MAKING = threading.Lock()


@contextmanager
def turn_to_write(path: Path, doing: str, *, longest: timedelta = LONGEST_WAIT) -> Iterator[None]:
    """Wait for the turn of this thread; other processes are waited for by SQLite. Raises StoreFailedError."""
    with _MAKING:
        turn = _TURNS[path]
    if not turn.acquire(timeout=longest.total_seconds()):
        raise StoreFailedError(doing, f"another pass of this process has been writing for {longest.seconds} s")
    try:
        yield
    finally:
        turn.release()
