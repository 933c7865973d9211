"""Ctrl-C and SIGTERM while changes are made: the first lets the change under way end, the second ends the process.

Used by `apply`; the daemon has its own, which also stops the ticking.
"""

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

from core.ports import Clock
from scheduler.bootstrap import ask_to_stop
from scheduler.cli.endings import tell


class Stops:
    """Counts the signals of one run. While a question stands, nothing is under way: the first one ends it then."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._asking = False
        self._count = 0

    @property
    def came(self) -> bool:
        """Whether the run was asked to stop."""
        return self._count > 0

    @contextlib.contextmanager
    def asking(self) -> Iterator[None]:
        """Say that a question stands."""
        self._asking = True
        try:
            yield
        finally:
            self._asking = False

    def handle(self, _number: int, _frame: FrameType | None) -> None:
        """Take one signal."""
        self._count += 1
        if self._asking or self._count > 1:
            raise KeyboardInterrupt
        tell("stopping after the change under way; once more to stop at once")
        ask_to_stop(self._clock)


@contextlib.contextmanager
def graceful(clock: Clock) -> Iterator[Stops]:
    """Handle both signals for the length of a run."""
    stops = Stops(clock)
    before = {number: signal.signal(number, stops.handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stops
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
