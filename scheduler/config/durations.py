"""Durations as people write them: `30s`, `10m`, `1h30m`, `2d`."""

import re
from datetime import timedelta

_DURATION = re.compile(r"(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,7})s)?", re.ASCII)
_SPOKEN = re.compile(r"\s*(\d{1,5})\s*(s|m|h|d|sec|min|hr|second|minute|hour|day)s?\s*", re.ASCII | re.IGNORECASE)


class DurationFormatError(ValueError):
    """A text that is not a duration."""

    def __init__(self, text: object) -> None:
        super().__init__(f"{text!r} is not a duration: {_instead_of(text)}")


def parse_duration(text: object) -> timedelta:
    """Read whole numbers with d, h, m, s in that order, each at most once; raises DurationFormatError."""
    found = _DURATION.fullmatch(text) if isinstance(text, str) and text else None
    if found is None:
        raise DurationFormatError(text)
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def format_duration(duration: timedelta) -> str:
    """Write a duration so that parse_duration reads it back, whole seconds only."""
    rest = int(duration.total_seconds())
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        number, rest = divmod(rest, size)
        if number:
            parts.append(f"{number}{unit}")
    return "".join(parts) or "0s"


def _instead_of(text: object) -> str:
    if isinstance(text, int) and not isinstance(text, bool):
        return f'write a unit and quotes, such as "{text}s"'
    spoken = _SPOKEN.fullmatch(text) if isinstance(text, str) else None
    if spoken:
        return f'write "{spoken[1]}{spoken[2][0].lower()}"'
    return 'write it such as "30s", "10m", "1h30m" or "2d"'
