"""A value whose readers may be behind its writers: read-after-write lag with a full history.

Used by the simulators for grants and history rows; knows nothing of vendors.
"""

from bisect import bisect_right
from datetime import datetime, timedelta
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Lagging(Generic[Value]):
    """A value and when it took each of its forms. Not locked: its owner is."""

    def __init__(self, value: Value, at: datetime) -> None:
        self._times = [at]
        self._values = [value]

    @property
    def newest(self) -> Value:
        """What the vendor itself goes by."""
        return self._values[-1]

    @property
    def changed_at(self) -> datetime:
        """When it took its newest form."""
        return self._times[-1]

    def set(self, value: Value, at: datetime) -> None:
        """Give it another form; `at` before the newest change counts as the same moment as that change."""
        self._times.append(max(at, self._times[-1]))
        self._values.append(value)

    def at(self, moment: datetime) -> Value:
        """What it was at that moment; before its first form, the first."""
        return self._values[max(0, bisect_right(self._times, moment) - 1)]

    def read(self, now: datetime, lag: timedelta) -> Value:
        """What a reader sees who is `lag` behind."""
        return self.at(now - lag)
