"""When an account is looked at: at its own interval or by its crontab line, and twice more at the billing month's edge.

Used by scheduler.daemon.ticker. Pure but for the jitter: fire times follow from the times given.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.interval import IntervalTrigger

from core.meter import month_start, next_month_start
from scheduler.config import AccountSettings, Crontab

# Accounts that start together must not stay in step: a tenth of the interval, at most a minute.
JITTER_SHARE = 0.1
MOST_JITTER_SECONDS = 60.0
# The last look at a month has to end before the month does; the first at the new one comes when its figures count.
BEFORE_THE_END = timedelta(minutes=2)
AFTER_THE_LAG = timedelta(minutes=1)
_EDGE_JITTER_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """What an account's ticks follow from; with `cron`, `every` is the longest gap between two of its times.

    `zone`: the billing time zone. `lag`: how long after a month's beginning its figures do not count yet.
    """

    every: timedelta
    cron: Crontab | None
    zone: str
    lag: timedelta

    @classmethod
    def of(cls, account: AccountSettings) -> "Rhythm":
        """Give an account's."""
        policy = account.policy
        return cls(every=policy.every, cron=account.cron, zone=policy.billing_timezone, lag=policy.lag)


class MonthEdges(BaseTrigger):  # type: ignore[misc] # an untyped library
    """Fires just before each billing month ends, and as soon as the figures of the new one count."""

    def __init__(self, zone: str, lag: timedelta) -> None:
        self._zone = zone
        self._lag = lag

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Give the first edge after the previous fire time, or from now on."""
        after = previous_fire_time or now
        begins = month_start(after, self._zone)
        edges = []
        for _ in range(3):
            edges += [begins - BEFORE_THE_END, begins + self._lag + AFTER_THE_LAG]
            begins = next_month_start(begins, self._zone)
        edge = min(each for each in edges if each > after)
        jittered: datetime = self._apply_jitter(edge, _EDGE_JITTER_SECONDS, now)
        return jittered


class _CronTimes(BaseTrigger):  # type: ignore[misc] # an untyped library
    """Fires when a line of a crontab says, on the wall clock of a time zone."""

    def __init__(self, line: Crontab, zone: ZoneInfo) -> None:
        self._line = line
        self._zone = zone

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Give the first time after the previous fire time, or after now."""
        return self._line.after((previous_fire_time or now).astimezone(self._zone))


class Timetable(OrTrigger):  # type: ignore[misc] # an untyped library
    """All of an account's times, and how many of them went by without a pass of their own."""

    def __init__(self, rhythm: Rhythm) -> None:
        super().__init__([_ordinary(rhythm), MonthEdges(rhythm.zone, rhythm.lag)])
        self.rhythm = rhythm
        self._missed = 0
        self._asked_after: datetime | None = None

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Give the next time. One that is over by the time it is worked out is made up for by the tick before it."""
        found: datetime = super().get_next_fire_time(previous_fire_time, now)
        # The scheduler asks a second time for what follows the last one it found due.
        if found <= now and previous_fire_time != self._asked_after:
            self._missed += 1
        self._asked_after = previous_fire_time
        return found

    def take_missed(self) -> int:
        """Give how many were missed since this was last asked."""
        missed, self._missed = self._missed, 0
        return missed


def _ordinary(rhythm: Rhythm) -> BaseTrigger:
    if rhythm.cron is None:
        every = rhythm.every.total_seconds()
        return IntervalTrigger(seconds=every, jitter=min(every * JITTER_SHARE, MOST_JITTER_SECONDS), timezone=UTC)
    return _CronTimes(rhythm.cron, ZoneInfo(rhythm.zone))
