"""What the main thread is to do next, and how it is woken: by whoever wants something, and by every signal.

Used by scheduler.daemon.loop. The kernel may hand a signal to any thread, while Python runs its handlers in the main
thread alone; the descriptor that Python writes to at once ends the main thread's wait, so that it may sleep long.
"""

import select
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from queue import Empty, SimpleQueue

Errand = Callable[[], None]


class Errands:
    """A queue with one reader. `put` and `stop` may be called from any thread and from signal handlers."""

    def __init__(self) -> None:
        # SimpleQueue.put is documented as safe in a signal handler.
        self._errands: SimpleQueue[Errand] = SimpleQueue()
        self._writing: socket.socket | None = None
        self.stopped = False

    def put(self, errand: Errand) -> None:
        """Let the main thread do this, after what was put before."""
        self._errands.put(errand)
        self._wake()

    def stop(self) -> None:
        """Let the main thread do no errand any more."""
        self.stopped = True
        self._wake()

    @contextmanager
    def awaited(self) -> Iterator[Callable[[float], Errand | None]]:
        """Give what waits for the next errand, at most so many seconds; it gives None for none, and after `stop`.

        In the main thread only: in between, every signal that comes ends the wait.
        """
        # Not a bare pipe: a socket that is closed writes nowhere, a number may be another file's by then.
        reading, self._writing = socket.socketpair()
        reading.settimeout(0)
        self._writing.settimeout(0)
        before = signal.set_wakeup_fd(self._writing.fileno(), warn_on_full_buffer=False)
        try:
            yield partial(self._next, reading)
        finally:
            signal.set_wakeup_fd(before)
            self._writing.close()
            reading.close()

    def _next(self, reading: socket.socket, seconds: float) -> Errand | None:
        if self._errands.empty() and not self.stopped:
            select.select([reading], [], [], max(0.0, seconds))
        with suppress(BlockingIOError):
            reading.recv(65536)
        with suppress(Empty):
            return None if self.stopped else self._errands.get_nowait()
        return None

    def _wake(self) -> None:
        # One that is full wakes as well; one that is closed has nobody to wake.
        with suppress(OSError):
            if self._writing is not None:
                self._writing.send(b"\0")
