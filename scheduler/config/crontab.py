"""When an account is looked at, as people write it in a crontab: `*/10 8-19 * * mon-fri`, billing time.

Used by scheduler.config.fields; scheduler.daemon makes ticks of it. Read with cronsim and not with the library that
ticks: to that, 0 is Monday, a day of the month and a weekday together mean both where every crontab means either, and
a time that a night does not have is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice, pairwise, takewhile

from cronsim import CronSim, CronSimError

_FIELDS = 5
_DAY = timedelta(days=1)
# As many days of a line as show its longest gap; one that comes more seldom has come twice in the years below if it
# ever comes: they have three 29ths of February.
_DAYS_LOOKED_AT = 800
_BEGIN, _END = datetime(2023, 12, 31, tzinfo=UTC), datetime(2033, 1, 1, tzinfo=UTC)


class CrontabFormatError(ValueError):
    """A value that is no line of a crontab; `why` says what is wrong with it, empty where its whole form is."""

    def __init__(self, why: str = "") -> None:
        form = 'write minute, hour, day, month and weekday, such as "*/10 8-19 * * mon-fri"'
        super().__init__(f"{why}: {form}" if why else f"this is no line of a crontab: {form}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Crontab:
    """A line that is one. `longest_gap`: between two of its times on the wall clock, over nine years."""

    text: str
    longest_gap: timedelta

    def after(self, moment: datetime) -> datetime:
        """Give its first time after a moment, on the wall clock of the moment's time zone."""
        # In an hour that a night has twice, the first one may be given once more where the second is asked for.
        begins = moment.astimezone(UTC)
        return next(time for time in CronSim(self.text, moment) if time.astimezone(UTC) > begins)


def parse_crontab(value: object) -> Crontab:
    """Read the five fields; raises CrontabFormatError."""
    words = value.lower().split() if isinstance(value, str) else []
    if len(words) != _FIELDS:
        raise CrontabFormatError
    return _parsed(" ".join(words))


@lru_cache(maxsize=256)  # files are read every few seconds, and the gap takes a while
def _parsed(text: str) -> Crontab:
    minute, hour, *days = text.split()
    try:
        CronSim(text, _BEGIN)
        dates = list(islice(_times(f"0 0 {' '.join(days)}"), _DAYS_LOOKED_AT))
        times = list(takewhile(lambda time: time < _BEGIN + 2 * _DAY, _times(f"{minute} {hour} * * *")))
    except CronSimError as error:
        raise CrontabFormatError(str(error)) from error
    distances = [later - earlier for earlier, later in pairwise(dates)]
    if not distances:
        raise CrontabFormatError("there is no such day")
    over_night = max(distances) - (times[-1] - times[0])
    return Crontab(text=text, longest_gap=max([over_night, *(later - earlier for earlier, later in pairwise(times))]))


def _times(text: str) -> Iterator[datetime]:
    """Give a line's times within the years looked at."""
    # From the last minute before the first day on: what is given lies after it.
    times = CronSim(text, _BEGIN + _DAY - timedelta(minutes=1))
    while True:
        try:
            time = next(times)
        except (StopIteration, OverflowError):  # it never comes
            return
        if time >= _END:
            return
        yield time
