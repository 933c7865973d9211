"""What one customer truly spends: a curve of cents that rises at a rate between changes, known exactly at any moment.

Used by calendar_cloud. Whole numbers only, so that a truth is a truth to the cent; knows nothing of vendors or core.
"""

from bisect import bisect_left, bisect_right
from datetime import UTC, datetime, timedelta, timezone

from core.money import Money

BEIJING = timezone(timedelta(hours=8))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_HOUR = timedelta(hours=1) // _MICROSECOND


class Curve:
    """Cumulative spend since `begins`. Rates are cents an hour, never negative; changes come in order of time."""

    def __init__(self, begins: datetime) -> None:
        self._at = [_ticks(begins)]
        self._work = [0]  # cents times microseconds of an hour
        self._rates = [0]

    def set_rate(self, at: datetime, rate: int) -> None:
        """Let it rise at another rate from a moment on."""
        if rate == self._rates[-1]:
            return
        tick = max(_ticks(at), self._at[-1])
        self._work.append(self._work_at(tick))
        self._at.append(tick)
        self._rates.append(rate)

    def cents(self, moment: datetime) -> int:
        """Give all that is spent up to a moment; zero before it begins."""
        return self._work_at(_ticks(moment)) // _HOUR

    def between(self, begins: datetime, ends: datetime) -> Money:
        """Give what is spent in an interval."""
        return Money(self.cents(ends) - self.cents(begins))

    def reaches(self, cents: int) -> datetime | None:
        """Give the first moment at which so much is spent, going on at the last rate; None: never."""
        target = cents * _HOUR
        place = bisect_left(self._work, target)
        if place == 0:
            return _moment(self._at[0])
        before = place - 1
        rate = self._rates[before]
        if rate == 0:
            return _moment(self._at[place]) if place < len(self._at) else None
        return _moment(self._at[before] - (self._work[before] - target) // rate)

    def _work_at(self, tick: int) -> int:
        place = bisect_right(self._at, tick) - 1
        return 0 if place < 0 else self._work[place] + self._rates[place] * (tick - self._at[place])


def month_begins(moment: datetime) -> datetime:
    """Give the beginning of the billing month of a moment, in the vendors' own time (UTC+8)."""
    local = moment.astimezone(BEIJING)
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def month_ends(moment: datetime) -> datetime:
    """Give the beginning of the billing month after that of a moment."""
    return month_begins(month_begins(moment) + timedelta(days=32))


def _ticks(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _moment(tick: int) -> datetime:
    return _EPOCH + tick * _MICROSECOND
