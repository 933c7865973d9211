"""How fast one account may call: paced per operation below the documented rate, slower after being throttled.

Line asks before every call. One object per account; two accounts never wait for each other.
Must not know what a call does, only its name and how urgent it is.
"""

import threading
from bisect import insort
from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import IntEnum
from itertools import count
from math import ceil
from random import uniform
from time import monotonic
from typing import Final

from pyrate_limiter import InMemoryBucket, Rate, RateItem

from adapters.wire.failures import SendWindowClosedError, StoppedError

GLANCE: Final = 0.1  # seconds between two looks at `stopping`
FIRST_COOL_DOWN: Final = 1.0  # seconds; doubled at every further throttling
LONGEST_COOL_DOWN: Final = 30.0
LONGEST_RETRY_AFTER: Final = 300.0  # seconds; a vendor that asks for more is asked again then
SLOWEST: Final = 1 / 16  # of the ceiling; below that a bulk read would never end
CLEAN_MINUTE: Final = 60.0  # seconds without a throttling
STEP_UP: Final = 0.05  # of the ceiling, per clean minute


class Priority(IntEnum):
    """Who goes first when calls wait for the rate limit."""

    VERIFY = 0
    WRITE = 1
    BULK = 2


class _Pace:
    """One operation: a queue by priority, and a bucket that lets one call through per interval.

    One call per interval, not N per second: a full first second would throttle at a vendor that counts any second.
    """

    def __init__(self, per_second: float) -> None:
        self._full_interval = ceil(1000 / per_second)  # milliseconds, the bucket's unit
        self._bucket = InMemoryBucket([Rate(1, self._full_interval)])
        self._turn = threading.Condition()
        self._queue: list[tuple[int, int]] = []
        self._numbers = count()
        self._allowance = 1.0
        self._cooling_until = 0.0
        self._next_cool_down = FIRST_COOL_DOWN
        self._clean_since = monotonic()

    def wait(self, operation: str, priority: Priority, *, until: float | None, stopping: Callable[[], bool]) -> None:
        with self._turn:
            ticket = (int(priority), next(self._numbers))
            insort(self._queue, ticket)
            try:
                while (delay := self._delay(ticket)) > 0:
                    if stopping():
                        raise StoppedError(operation)
                    if until is not None and monotonic() + (delay if self._queue[0] == ticket else 0) >= until:
                        raise SendWindowClosedError(operation, None)
                    self._turn.wait(min(delay, GLANCE))
            finally:
                self._queue.remove(ticket)
                self._turn.notify_all()

    def _delay(self, ticket: tuple[int, int]) -> float:
        """Seconds until this ticket should look again; 0 when it has just been let through."""
        if self._queue[0] != ticket:
            return GLANCE
        now = monotonic()
        if now < self._cooling_until:
            return self._cooling_until - now
        self._speed_up(now)
        moment = int(now * 1000)  # the bucket only compares
        self._bucket.leak(moment)
        item = RateItem("call", moment)
        if self._bucket.put(item):
            return 0.0
        wait = self._bucket.waiting(item)
        return max(wait if isinstance(wait, int) else 0, 1) / 1000

    def _speed_up(self, now: float) -> None:
        minutes = int((now - self._clean_since) / CLEAN_MINUTE)
        if minutes > 0 and self._allowance < 1.0:
            self._clean_since += minutes * CLEAN_MINUTE
            self._next_cool_down = FIRST_COOL_DOWN
            self._allow(min(1.0, self._allowance + STEP_UP * minutes))

    def throttled(self, retry_after: timedelta | None) -> None:
        with self._turn:
            now = monotonic()
            if now >= self._cooling_until:  # calls that were under way together count once
                self._allow(max(SLOWEST, self._allowance / 2))
                self._cooling_until = now + uniform(0.5, 1.0) * self._next_cool_down  # noqa: S311  # jitter, no secret
                self._next_cool_down = min(LONGEST_COOL_DOWN, self._next_cool_down * 2)
            if retry_after is not None:
                asked = min(retry_after.total_seconds(), LONGEST_RETRY_AFTER)
                self._cooling_until = max(self._cooling_until, now + asked)
            self._clean_since = self._cooling_until
            self._turn.notify_all()

    def _allow(self, allowance: float) -> None:
        self._allowance = allowance
        self._bucket.rates = [Rate(1, ceil(self._full_interval / allowance))]

    @property
    def allowance(self) -> float:
        return self._allowance


class Rates:
    """The paces of one account. `documented`: calls per second by operation; `share` (0 to 1] of each is used."""

    def __init__(self, documented: Mapping[str, float], *, share: float, stopping: Callable[[], bool]) -> None:
        self._paces = {operation: _Pace(rate * share) for operation, rate in documented.items()}
        self._stopping = stopping

    def wait(self, operation: str, priority: Priority, *, seconds: float | None = None) -> None:
        """Wait for a turn, most urgent first. KeyError: the operation has no documented rate.

        Raises StoppedError when the process is asked to stop, and SendWindowClosedError as soon as it is clear
        that the turn comes later than `seconds` from now.
        """
        until = None if seconds is None else monotonic() + seconds
        self._paces[operation].wait(operation, priority, until=until, stopping=self._stopping)

    def throttled(self, operation: str, retry_after: timedelta | None = None) -> None:
        """Halve the operation's allowance and let it cool down, at least as long as the vendor asked for."""
        self._paces[operation].throttled(retry_after)

    def allowance(self, operation: str) -> float:
        """The share of the operation's ceiling that is used now."""
        return self._paces[operation].allowance
