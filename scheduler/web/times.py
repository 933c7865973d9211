"""Times as the page shows them: in an account's billing time with the zone's name, and how long ago that is.

Used by the makers of the pages. `now` comes from the request, so that one page has one moment.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_TWO = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """A moment for people: `text` to the minute, `zone` in short, `age` from now; `iso` is for programs, in UTC."""

    iso: str
    text: str
    zone: str
    age: str


@dataclass(frozen=True, slots=True)
class Times:
    """The clock of one zone at one moment. `name`: an IANA zone."""

    name: str
    now: datetime

    @property
    def zone(self) -> str:
        """The zone in short: the city's name, which is what people call it."""
        return self.name if self.name.startswith("Etc/") else self.name.rpartition("/")[2].replace("_", " ")

    def when(self, at: datetime | None) -> When | None:
        """Give a moment as it is shown."""
        if at is None:
            return None
        local = at.astimezone(ZoneInfo(self.name))
        iso = at.astimezone(UTC).isoformat(timespec="seconds")
        return When(iso=iso, text=f"{local:%Y-%m-%d %H:%M}", zone=self.zone, age=age(self.now - at))

    def day(self, at: datetime) -> date:
        """Give the billing day of a moment."""
        return at.astimezone(ZoneInfo(self.name)).date()

    def minute(self, at: datetime) -> str:
        """Write a moment in a sentence."""
        return f"{at.astimezone(ZoneInfo(self.name)):%Y-%m-%d %H:%M} {self.zone}"


def age(since: timedelta) -> str:
    """Say how long ago something was, or in how long it will be."""
    said = length(abs(since))
    if abs(since) < _MINUTE:
        return "just now" if since >= timedelta(0) else "in a moment"
    return f"{said} ago" if since > timedelta(0) else f"in {said}"


def length(span: timedelta) -> str:
    """Say how long a span is, in its largest unit that tells enough."""
    if span < _MINUTE:
        return f"{span // timedelta(seconds=1)} s"
    if span < _TWO * _HOUR:
        return f"{span // _MINUTE} min"
    return f"{span // _HOUR} h" if span < _TWO * _DAY else f"{span // _DAY} days"
