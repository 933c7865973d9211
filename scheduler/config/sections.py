"""The sections of the configuration file as pydantic models: what may stand there, its unit, default and reason.

Read by scheduler.config.reading. A vendor's own keys are not here: its folder states them.
The first example of a field is what a fault suggests to write; types are strict, so that a mistake is never guessed at.
"""

import re
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from core.limit import WritePolicy
from core.money import ZERO, Money
from core.policy import Cap, GuardSettings
from scheduler.config.durations import parse_duration

# A call that may hang longer than this would outlast the pass it belongs to.
LONGEST_CALL = timedelta(minutes=10)
_LISTEN = re.compile(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):([1-9][0-9]{0,4})")
HIGHEST_PORT = 65535


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


def _money(value: object) -> Money:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        message = 'an amount is a number or a text such as "5000.00"'
        raise ValueError(message)  # noqa: TRY004 - pydantic collects ValueError only
    amount = Money.parse(str(value))
    if amount < ZERO:
        message = "a cap cannot be negative"
        raise ValueError(message)
    return amount


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"there is no time zone {value!r}: write one such as Asia/Shanghai or UTC"
        raise ValueError(message) from error
    return value


def _listening(value: str) -> str:
    found = _LISTEN.fullmatch(value)
    if found is None or int(found[2]) > HIGHEST_PORT:
        message = f'{value!r} is not an address and a port: write "127.0.0.1:8642"'
        raise ValueError(message)
    return value


def _ascending(value: list[Decimal]) -> list[Decimal]:
    if any(later <= earlier for earlier, later in pairwise(value)):
        message = "the thresholds must rise, each written once, such as [75, 90, 100]"
        raise ValueError(message)
    return value


Number = Annotated[Decimal, BeforeValidator(_number)]
Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
CallTime = Annotated[Duration, AfterValidator(_call_time)]
Interval = Annotated[Duration, AfterValidator(_positive)]
Amount = Annotated[Money, BeforeValidator(_money)]
Percent = Annotated[Number, Field(ge=0, le=1000, examples=["20"])]
Count = Annotated[int, Field(ge=0, examples=["10"])]


class Section(BaseModel):
    """What all sections have in common: nothing unknown, nothing guessed, no value repeated in an error."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class CountCap(Section):
    """A guard over a number of customers: tripped when every figure given is exceeded."""

    count: Count | None = None
    """The most customers that are let through; 0 lets none."""

    percent: Percent | None = None
    """The largest share of the account's customers, in percent."""

    @model_validator(mode="after")
    def _caps_something(self) -> Self:
        if self.count is None and self.percent is None:
            message = "it gives no figure: write { count = 10 }, { percent = 20 } or both"
            raise ValueError(message)
        return self

    @property
    def cap(self) -> Cap:
        """The same as core has it."""
        return Cap(count=self.count, percent=self.percent)


class AmountCap(Section):
    """A guard over money: tripped when every figure given is exceeded."""

    amount: Amount | None = Field(default=None, examples=['"5000.00"'])
    """The largest amount that is let through, in USD."""

    percent: Percent | None = None
    """The largest share of what is granted, in percent."""

    @model_validator(mode="after")
    def _caps_something(self) -> Self:
        if self.amount is None and self.percent is None:
            message = 'it gives no figure: write { amount = "5000.00" }, { percent = 20 } or both'
            raise ValueError(message)
        return self

    @property
    def cap(self) -> Cap:
        """The same as core has it."""
        return Cap(amount=self.amount, percent=self.percent)


_COUNTED = Field(default=None, examples=["{ count = 10, percent = 20 }"])
_WEIGHED = Field(default=None, examples=['{ amount = "5000.00", percent = 20 }'])


class GuardsSection(Section):
    """`[guards]` and `[accounts.NAME.guards]`; where both set one, the stricter wins. Off unless set."""

    max_customers_changed: CountCap | None = _COUNTED
    """The most customers changed in one run."""

    max_raised: AmountCap | None = _WEIGHED
    """The most money granted in one run."""

    max_cut: AmountCap | None = _WEIGHED
    """The most money taken in one run."""

    max_single_change: AmountCap | None = _WEIGHED
    """The largest change of one customer; it holds that customer only."""

    max_vanished: CountCap | None = _COUNTED
    """The most customers with a limit that the vendor no longer shows."""

    max_limits_removed: CountCap | None = _COUNTED
    """The most limits that were removed from the files since the last run."""

    max_exhausted: CountCap | None = _COUNTED
    """The most customers who are left with nothing to spend; none when not set."""

    max_restored: AmountCap | None = _WEIGHED
    """The most money granted by corrections that only restore what a new period gives."""

    @property
    def settings(self) -> GuardSettings:
        """The same as core has it."""
        written = {name: getattr(self, name) for name in type(self).model_fields}
        return GuardSettings(**{name: section.cap for name, section in written.items() if section is not None})


class Overridable(Section):
    """Keys of `[tidegate]` that an account may set anew; the account wins."""

    billing_timezone: Annotated[str, AfterValidator(_time_zone)] | None = Field(
        default=None, examples=['"Asia/Shanghai"']
    )
    """Where a billing month begins; Asia/Shanghai, as both vendors bill."""

    write_timeout: CallTime | None = Field(default=None, examples=['"30s"'])
    """How long a change may be on its way before its signature is no longer sent; 30 s."""

    read_timeout: CallTime | None = Field(default=None, examples=['"30s"'])
    """How long one question may take; 30 s."""

    quarantine: Duration | None = Field(default=None, examples=['"10m"'])
    """How long a lost answer is waited for: the life of the vendor's signature, 30 s for clocks and the lag."""

    lag: Duration | None = Field(default=None, examples=['"10m"'])
    """How late the vendor's figures may be; what the vendor documents."""

    rate_share: Number | None = Field(default=None, gt=0, le=1, examples=["0.9"])
    """The share of the documented call rates that is used; 0.9."""

    alert_at: Annotated[list[Number], AfterValidator(_ascending)] | None = Field(
        default=None, min_length=1, examples=["[75, 90, 100]"]
    )
    """Shares of a limit, in percent, at which somebody is to be told; 75, 90 and 100."""


class TidegateSection(Overridable):
    """`[tidegate]`."""

    store: str = Field(examples=['"sqlite:///tidegate.db"'])
    """Where the journal is kept; it must outlive every run, since it is what keeps a change from being sent twice."""

    limits: list[str] = Field(min_length=1, examples=['["limits.csv"]'])
    """The files with the limits, CSV or TOML; globs are allowed."""


class AccountSection(Overridable):
    """`[accounts.NAME]`, without the vendor's own keys."""

    vendor: str = Field(examples=['"huawei"'])
    """Which cloud the account is at."""

    write_policy: Annotated[WritePolicy, Field(strict=False)] = Field(examples=['"observe"'])
    """What may be changed: observe, raise_only, lower_only or sync. There is no default: it is a decision."""

    every: Interval = Field(default=timedelta(minutes=10), examples=['"10m"'])
    """How often the daemon looks at the account."""

    protected: list[str] = Field(default_factory=list, examples=['["CUSTOMER_ID"]'])
    """Ids of customers that are never changed."""

    books_max: int = Field(default=5, ge=0, examples=["5"])
    """How many customers may disagree with the vendor's own records before the account's raises stop."""

    allow_custom_endpoint: bool = Field(default=False, examples=["true"])
    """Whether keys may be used at a host that is not the vendor's own."""

    guards: GuardsSection | None = None
    """The account's own guards."""


class WebSection(Section):
    """`[web]`: where the daemon's page will be; the page itself is not in this version."""

    listen: Annotated[str, AfterValidator(_listening)] = Field(examples=['"127.0.0.1:8642"'])
    """Address and port."""
