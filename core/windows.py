"""The hours in which corrections may be made: whether it is one of them, and when the next begins.

Called by core.judgement and the reports. Pure. Windows are times on the wall clock of the billing zone: where that
is set forward a window may be shorter or fall out, where it is set back it may last longer or open twice.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from core.policy import Window

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
# Windows come again every week; a change of the clock may swallow one of them, once.
_DAYS_AHEAD = 15


def open_at(windows: Sequence[Window], moment: datetime, zone: str) -> bool:
    """Say whether corrections may be made at this moment; without windows they always may.

    `zone` is an IANA name. A window over midnight belongs to the day on which it begins.
    """
    if not windows:
        return True
    local = moment.astimezone(ZoneInfo(zone))
    return any(_holds(window, local) for window in windows)


def next_opening(windows: Sequence[Window], moment: datetime, zone: str) -> datetime | None:
    """Give the first moment (aware UTC) at or after `moment` at which it is open; `moment` itself when it is now.

    None: no window ever opens.
    """
    # It turns open where the wall clock reaches a beginning, or where the clock is changed, and nowhere else.
    after = moment.astimezone(UTC)
    turns = {after, *_beginnings(windows, after, ZoneInfo(zone)), *_clock_changes(after, ZoneInfo(zone))}
    return next((turn for turn in sorted(turns) if turn >= after and open_at(windows, turn, zone)), None)


def _holds(window: Window, local: datetime) -> bool:
    today, yesterday, clock = local.weekday(), (local - _DAY).weekday(), local.time()
    if window.begins < window.ends:
        return today in window.days and window.begins <= clock < window.ends
    return (today in window.days and clock >= window.begins) or (yesterday in window.days and clock < window.ends)


def _beginnings(windows: Sequence[Window], after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    today = after.astimezone(zone).date()
    for days in range(_DAYS_AHEAD):
        day = today + timedelta(days=days)
        for window in windows:
            begins = datetime.combine(day, window.begins, zone)
            # A time that comes twice is two moments.
            yield begins.astimezone(UTC)
            yield begins.replace(fold=1).astimezone(UTC)


def _clock_changes(after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    for days in range(_DAYS_AHEAD):
        low, high = after + days * _DAY, after + (days + 1) * _DAY
        if _offset(low, zone) == _offset(high, zone):
            continue
        low, high = low.replace(microsecond=0), high.replace(microsecond=0)
        while high - low > _SECOND:
            middle = low + (high - low) // 2 // _SECOND * _SECOND
            low, high = (middle, high) if _offset(middle, zone) == _offset(low, zone) else (low, middle)
        yield high


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta | None:
    return moment.astimezone(zone).utcoffset()
