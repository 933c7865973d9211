"""The sorts of values that the configuration file has, and what each must look like.

Used by scheduler.config.sections and scheduler.config.approvals.
Types are strict, so that a mistake is never guessed at. What is wrong is a ValueError, as pydantic collects them.
"""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from ipaddress import ip_address
from itertools import pairwise
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from core.money import ZERO, Money
from core.policy import Window
from scheduler.config.crontab import Crontab, parse_crontab
from scheduler.config.durations import parse_duration
from scheduler.config.windows import parse_window

# A call that may hang longer than this would outlast the pass it belongs to.
LONGEST_CALL = timedelta(minutes=10)
HIGHEST_PORT = 65535
# A year outside these is a slip of the finger, or "for ever", which nothing here may be.
YEARS = range(2000, 2200)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LISTEN = re.compile(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):([1-9][0-9]{0,4})")
_FIGURES = re.compile(r"[0-9.]+", re.ASCII)

Moment = TypeVar("Moment", bound=date)


class Section(BaseModel):
    """What all sections have in common: nothing unknown, nothing guessed, no value repeated in an error."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


def parse_money(value: object) -> Money:
    """Read an amount of USD, written as a number or a text; raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        message = 'an amount is a number or a text such as "5000.00"'
        raise ValueError(message)  # noqa: TRY004 - pydantic collects ValueError only
    amount = Money.parse(str(value))
    if amount < ZERO:
        message = "an amount cannot be negative here"
        raise ValueError(message)
    return amount


def parse_day(value: object) -> date:
    """Read a day, written as TOML's own date or as a text; raises ValueError."""
    day = _day_of(value)
    if day is None:
        message = "this must be a date: write it such as 2026-11-30"
        raise ValueError(message)
    return _in_our_time(day)


def parse_end(value: object) -> date:
    """Read a day, or a moment (an aware datetime, as written); raises ValueError."""
    moment = _moment_of(value)
    if moment is None:
        day = _day_of(value)
        if day is None:
            message = "this must be a date such as 2026-11-30, or a time such as 2026-11-30T18:00:00+08:00"
            raise ValueError(message)
        return _in_our_time(day)
    if moment.utcoffset() is None:
        message = "a time needs its offset from UTC: write it such as 2026-11-30T18:00:00+08:00"
        raise ValueError(message)
    return _in_our_time(moment)


def _number(value: object) -> object:
    """Take a whole number as an exact decimal; anything else is left for pydantic to judge."""
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _positive(value: timedelta) -> timedelta:
    if not value:
        message = 'it must be longer than zero, such as "30s"'
        raise ValueError(message)
    return value


def _call_time(value: timedelta) -> timedelta:
    if value > LONGEST_CALL:
        message = 'a single call may take at most "10m"'
        raise ValueError(message)
    return _positive(value)


def _day_of(value: object) -> date | None:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    # A moment is a date to Python; whoever wrote one meant more than its day.
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


def _moment_of(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or len(value) <= len("2026-11-30"):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _in_our_time(value: Moment) -> Moment:
    if value.year not in YEARS:
        message = f"the year {value.year} is out of range: write one from {YEARS.start} to {YEARS.stop - 1}"
        raise ValueError(message)
    return value


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"there is no time zone {value!r}: write one such as Asia/Shanghai or UTC"
        raise ValueError(message) from error
    return value


def _listening(value: str) -> str:
    found = _LISTEN.fullmatch(value)
    if found is None or int(found[2]) > HIGHEST_PORT or not _can_be_a_host(found[1]):
        message = f'{value!r} is not an address and a port: write "127.0.0.1:8642"'
        raise ValueError(message)
    return value


def _can_be_a_host(host: str) -> bool:
    """Whether what is written in figures, as addresses are, is one."""
    if not host.startswith("[") and not _FIGURES.fullmatch(host):
        return True
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _ascending(value: list[Decimal]) -> list[Decimal]:
    if any(threshold <= 0 for threshold in value):
        message = "a threshold is above 0: at 0 percent there is nothing to tell, write such as [75, 90, 100]"
        raise ValueError(message)
    if any(later <= earlier for earlier, later in pairwise(value)):
        message = "the thresholds must rise, each written once, such as [75, 90, 100]"
        raise ValueError(message)
    return value


def _said(value: str) -> str:
    if not value.strip():
        message = "it is empty: somebody has to stand there, or something"
        raise ValueError(message)
    if set(value.strip()) <= {"…", "."}:
        message = "the dots stand for what you have to say: write it"
        raise ValueError(message)
    return value.strip()


def _kept(value: str) -> str:
    if set(value.strip()) <= {"…", "."}:
        message = "it does not say where the secret is kept: write env:NAME, file:PATH or credential:NAME"
        raise ValueError(message)
    return value.strip()


Number = Annotated[Decimal, BeforeValidator(_number)]
Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
CallTime = Annotated[Duration, AfterValidator(_call_time)]
Interval = Annotated[Duration, AfterValidator(_positive)]
Amount = Annotated[Money, PlainValidator(parse_money)]
Percent = Annotated[Number, Field(ge=0, le=1000, examples=["20"])]
Count = Annotated[int, Field(ge=0, examples=["10"])]
Day = Annotated[date, PlainValidator(parse_day)]
End = Annotated[date, PlainValidator(parse_end)]
Hours = Annotated[Window, PlainValidator(parse_window)]
CronLine = Annotated[Crontab, PlainValidator(parse_crontab)]
Said = Annotated[str, AfterValidator(_said)]
Kept = Annotated[str, AfterValidator(_kept)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Listening = Annotated[str, AfterValidator(_listening)]
Thresholds = Annotated[list[Number], AfterValidator(_ascending)]
