"""The hours in which changes may be made, as people write them: `mon-fri 09:00-18:00`, `daily 22:00-02:00`.

Used by scheduler.config.fields; the times are the account's billing time.
"""

import re
from collections.abc import Iterator
from datetime import time

from core.policy import Window

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FORM = re.compile(r"([a-z,-]+) +([0-2][0-9]):([0-5][0-9]) *- *([0-2][0-9]):([0-5][0-9])", re.ASCII)
_MIDNIGHT = 24


class WindowFormatError(ValueError):
    """A value that is no window; `why` says what is wrong with it, empty where its whole form is."""

    def __init__(self, why: str = "") -> None:
        form = 'write days (mon to sun, or daily) and hours such as "mon-fri 09:00-18:00" or "sat,sun 22:00-02:00"'
        super().__init__(f"{why}: {form}" if why else f"this is not a window: {form}")


def parse_window(value: object) -> Window:
    """Read days and hours; an end before its beginning lies on the next day. Raises WindowFormatError."""
    text = value.strip() if isinstance(value, str) else ""
    found = _FORM.fullmatch(text.lower())
    if found is None:
        raise WindowFormatError
    begin, first, end, last = (int(part) for part in found.groups()[1:])
    if begin >= _MIDNIGHT or end > _MIDNIGHT or (end == _MIDNIGHT and last):
        raise WindowFormatError("hours go from 00:00 to 24:00")
    if (begin, first) == (end, last):
        raise WindowFormatError("it begins and ends at the same time, and a whole day is 00:00-24:00")
    return Window(
        days=frozenset(_days(found[1])), begins=time(begin, first), ends=time(end % _MIDNIGHT, last), text=text
    )


def _days(text: str) -> Iterator[int]:
    """Give the weekdays meant, 0 for Monday; a range may go over Sunday."""
    if text == "daily":
        yield from range(len(DAYS))
        return
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if first not in DAYS or (dash and last not in DAYS):
            raise WindowFormatError(f"{part!r} is no day and no range of days")
        begin = DAYS.index(first)
        length = (DAYS.index(last) - begin) % len(DAYS) if dash else 0
        yield from ((begin + step) % len(DAYS) for step in range(length + 1))
