"""What the daemon counts from its start on, for the metrics.

Filled by the passes and the loop, from any thread; read by the page.
"""

import threading
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from core.run.ending import IN_SYNC, PENDING, UNFINISHED
from core.run.world import Result
from scheduler.reports.board import Counts

_OUTCOMES = MappingProxyType({IN_SYNC: "done", PENDING: "pending", UNFINISHED: "unfinished"})
FAILED = "failed"
# The state of a correction that was held back, so that nothing was recorded.
HELD = "held"


class Tally:
    """Counters that only rise. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: Counter[tuple[str, str]] = Counter()
        self._passes: Counter[str] = Counter()
        self._seconds: dict[str, float] = {}
        self._corrections: Counter[tuple[str, str, str]] = Counter()
        self._calls: Counter[tuple[str, str]] = Counter()
        self._missed: Counter[str] = Counter()
        self._deliveries: Counter[tuple[str, str]] = Counter()

    def passed(self, account: str, result: Result | None, seconds: float) -> None:
        """Count a pass; `result` None: it failed before it had one."""
        outcome = FAILED if result is None else _OUTCOMES.get(result.exit_code, FAILED)
        with self._lock:
            self._runs[account, outcome] += 1
            self._passes[account] += 1
            self._seconds[account] = self._seconds.get(account, 0.0) + seconds
            for each in () if result is None else result.outcomes:
                state = HELD if each.intent is None else each.intent.state
                self._corrections[account, each.correction.action or "", state] += 1

    def called(self, account: str, calls: Mapping[str, int]) -> None:
        """Count an account's calls by operation."""
        with self._lock:
            for operation, number in calls.items():
                self._calls[account, operation] += number

    def missed(self, account: str, ticks: int) -> None:
        """Count ticks that had no pass of their own."""
        with self._lock:
            self._missed[account] += ticks

    def delivered(self, channel: str, outcome: str) -> None:
        """Count what became of a message for a channel: `sent`, `failed`, `given_up` or `unclear`."""
        with self._lock:
            self._deliveries[channel, outcome] += 1

    def counts(self) -> Counts:
        """Give all of it, as it is now."""
        with self._lock:
            return Counts(
                runs=dict(self._runs),
                run_seconds={account: (number, self._seconds[account]) for account, number in self._passes.items()},
                corrections=dict(self._corrections),
                calls=dict(self._calls),
                missed=dict(self._missed),
                deliveries=dict(self._deliveries),
            )
