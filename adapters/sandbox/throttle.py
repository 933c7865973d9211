"""A vendor's side of its documented rates: so many requests of an operation in any one second.

Used by the loopback server; also counts, so that a test can say how many requests a run cost.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping

WINDOW_SECONDS = 1.0


class Throttle:
    """Sliding windows of one second, one per operation. Thread-safe.

    `rates`: requests allowed per second by operation; an operation without one is never throttled.
    `count_rejected`: whether a throttled request uses up the window too (said of some gateways, documented by none).
    """

    def __init__(
        self,
        rates: Mapping[str, float] | None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        count_rejected: bool = False,
    ) -> None:
        self._rates = dict(rates or {})
        self._monotonic = monotonic
        self._count_rejected = count_rejected
        self._windows: dict[str, deque[float]] = {}
        self._requests: Counter[str] = Counter()
        self._throttled: Counter[str] = Counter()
        self._lock = threading.Lock()

    def admit(self, operation: str) -> bool:
        """Count one request; say whether the vendor takes it."""
        with self._lock:
            self._requests[operation] += 1
            rate = self._rates.get(operation)
            if rate is None:
                return True
            now = self._monotonic()
            window = self._windows.setdefault(operation, deque())
            # A rate below one per second means one request in a longer window.
            length = WINDOW_SECONDS if rate >= 1 else WINDOW_SECONDS / rate
            while window and now - window[0] >= length:
                window.popleft()
            admitted = len(window) < max(1, int(rate))
            if admitted or self._count_rejected:
                window.append(now)
            if not admitted:
                self._throttled[operation] += 1
            return admitted

    def requests(self) -> Mapping[str, int]:
        """Count the requests seen by operation, throttled ones included."""
        with self._lock:
            return dict(self._requests)

    def throttled(self) -> Mapping[str, int]:
        """Count the throttled requests by operation."""
        with self._lock:
            return dict(self._throttled)
