"""A pass while it runs: since when, and when it last got on. And whose turn it is: one pass of an account at a time.

Used by scheduler.jobs.passes; looked at by the daemon and the page from other threads.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from core.intent import Intent
from core.ports import Cloud
from core.run.world import Watch


class UnderWay:
    """One pass. It gets on by every answer of its vendor, every page read and every step of an intent.

    Implements core.run.world.Watch around another watch. Thread-safe.
    """

    def __init__(self, account: str, watch: Watch) -> None:
        self.account = account
        self.since = datetime.now(UTC)
        self.progressed_at = self.since
        self.patience = timedelta(0)  # how long it may be silent, whatever is usual
        self.told = False  # that it is stuck
        self._watch = watch
        self._moved_at = time.monotonic()
        self._began = self._moved_at
        self._cloud: Cloud | None = None
        self._answers = 0

    def asks(self, cloud: Cloud) -> None:
        """Say whose answers count."""
        self._cloud = cloud

    def progress(self, _what: str, _done: int, _of: int | None) -> None:
        """Note that a page was read; the form of core.ports.Progress."""
        self._moved()

    def intent_moved(self, intent: Intent) -> None:
        """Note it and pass it on."""
        self._moved()
        self._watch.intent_moved(intent)

    def said(self, account: str, sentence: str) -> None:
        """Note it and pass it on."""
        self._moved()
        self._watch.said(account, sentence)

    def seconds(self) -> float:
        """Give how long it has run."""
        return time.monotonic() - self._began

    def idle(self) -> timedelta:
        """Give how long it has not got on; to be asked now and then, since answers are counted by asking."""
        cloud = self._cloud
        answers = 0 if cloud is None else sum(cloud.calls().values())
        if answers != self._answers:
            self._answers = answers
            self._moved()
        return timedelta(seconds=time.monotonic() - self._moved_at)

    def _moved(self) -> None:
        self._moved_at = time.monotonic()
        self.progressed_at = datetime.now(UTC)


class Turns:
    """Lets one pass of an account run at a time. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, UnderWay] = {}

    def take(self, under_way: UnderWay, otherwise: Callable[[], None]) -> bool:
        """Begin; or, where another pass of the account runs, do `otherwise` before that one can have ended."""
        with self._lock:
            if under_way.account in self._running:
                otherwise()
                return False
            self._running[under_way.account] = under_way
            return True

    def leave(self, under_way: UnderWay) -> None:
        """End."""
        with self._lock:
            del self._running[under_way.account]

    def running(self) -> tuple[UnderWay, ...]:
        """Give the passes under way, by account."""
        with self._lock:
            return tuple(self._running[account] for account in sorted(self._running))
