"""The real clock and the real names: time, waiting that can be cut short, and ULIDs.

Made once by scheduler/bootstrap.py and handed down as core.ports.Clock and core.ports.Ids. It installs no signal
handler itself: the daemon and the command line call `request_stop` from theirs.
"""

from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from threading import TIMEOUT_MAX, Lock

from ulid import ULID


class SystemClock:
    """The machine's clock; one object per process, shared by all its threads."""

    def __init__(self) -> None:
        self._stopping = False
        # Not an Event: its lock is not reentrant, so `set` in a signal handler that interrupts the same thread's
        # `wait` can hang for ever. SimpleQueue.put is documented as safe there.
        self._wake: SimpleQueue[None] = SimpleQueue()

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC)

    def sleep(self, duration: timedelta) -> None:
        """Wait that long, or until the process is asked to stop, whichever is first; not at all once it was."""
        seconds = min(duration.total_seconds(), TIMEOUT_MAX)
        if self._stopping or seconds <= 0:
            return
        try:
            self._wake.get(timeout=seconds)
        except Empty:
            return
        self._wake.put(None)  # pass it on: every sleeper must wake, and every later one

    def stopping(self) -> bool:
        """Whether the process was asked to stop: no new write may begin."""
        return self._stopping

    def request_stop(self) -> None:
        """Ask the process to stop; wakes every sleeper. May be called from a signal handler, and more than once."""
        self._stopping = True
        self._wake.put(None)


class UlidIds:
    """ULIDs that rise strictly within the process, whatever the machine's clock does."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last = 0

    def ulid(self) -> str:
        """26 characters, Crockford base 32, sortable by time."""
        fresh = int(ULID())
        with self._lock:
            # The clock may be set back, and two ids may fall into one millisecond: then count on from the last.
            self._last = max(fresh, self._last + 1)
            return str(ULID.from_int(self._last))
