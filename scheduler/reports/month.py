"""A month's report: what every customer was allowed and spent, and what was changed, from stored facts alone.

The values: what `tidegate report` collects of each account, and what scheduler.reports.reckoning makes of it. What
cannot be told for a day that is past, as it stood then, is left out of its report: only so is it the same for ever.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from core.books import Book
from core.capabilities import Capabilities
from core.exposure import Outlook
from core.forecast import Forecast
from core.intent import Intent
from core.limit import Customer, CustomerKey, Kind, Limit, OnExhaustion
from core.meter import Day, Meter, Period, day_start, next_month_start
from core.money import Money
from core.standing import Restriction, Standing

NOTE = (
    "Spent is the vendor's list-price estimate without vouchers, never the invoice. Amounts in USD; "
    '"at least": what was spent between our last look and the month\'s end is not known.'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """One change of a customer that was not ours, as the vendor's records tell it."""

    key: CustomerKey
    at: datetime
    sentence: str


class Whose(StrEnum):
    """Whose doing a change is."""

    LIMIT = "limit"  # the partner changed what is wanted
    TIDEGATE = "tidegate"  # ours, at the vendor
    OTHERS = "others"  # somebody changed a customer outside Tidegate
    PERSON = "person"  # a pause, a release, a settlement: somebody's word to Tidegate


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A change of a limit that a run accepted. `old` None: new; `new` None: removed."""

    key: CustomerKey
    at: datetime
    old: Limit | None
    new: Limit | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that was changed, or said to Tidegate. `key` None: of the whole account, or of everything.

    `what` needs neither `who` nor `why` to be understood; both may be empty: not known. `before` and `after`: the
    limit's amount, or what is granted; None where the change is not one of an amount. `source`: the limit's place,
    such as limits.csv:12.
    """

    at: datetime
    whose: Whose
    key: CustomerKey | None
    what: str
    who: str = ""
    why: str = ""
    before: Money | None = None
    after: Money | None = None
    moved: Money | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTotal:
    """What an account's customers had spent in the month by the end of a billing day, and the sum of their limits.

    A customer that was not seen on that day counts as last seen. `low` None: nobody's spend was known; `high` None:
    at least `low`. `limit` None: nobody had one.
    """

    day: date
    low: Money | None
    high: Money | None
    limit: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A correction that was not made: the reason's word and its sentence."""

    key: CustomerKey
    reason: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the newest run before the report's moment saw of an account."""

    at: datetime
    quota: Money | None = None
    outlook: Outlook | None = None
    problem: str | None = None
    holds: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """All that one account's part of a report rests on.

    `day`: the billing day whose figures are shown; `now`: the moment they stand at. `as_of` True: that day was asked
    for, and nothing that later runs overwrite is used. `limits`: in force then, as written. `days`: from the month's
    first day to `day`. `periods`: of this month. `intents`: ours, settled as applied within the month and by `now`.
    `accepted`: changes of limits by then, of earlier months too. `said`: people's words within the month, as changes.
    `billed`: None: the vendor was not asked.
    """

    name: str
    vendor: str
    zone: str
    month: str
    day: date
    now: datetime
    as_of: bool
    capabilities: Capabilities
    limits: Mapping[CustomerKey, Limit]
    days: Sequence[Day] = ()
    periods: Mapping[CustomerKey, Period] = field(default_factory=dict)
    meters: Mapping[CustomerKey, Meter] = field(default_factory=dict)
    standings: Mapping[CustomerKey, Standing] = field(default_factory=dict)
    books: Mapping[CustomerKey, Book] = field(default_factory=dict)
    intents: Sequence[Intent] = ()
    outside: Sequence[Outside] = ()
    accepted: Sequence[Accepted] = ()
    said: Sequence[Change] = ()
    look: Look | None = None
    billed: Mapping[CustomerKey, Money] | None = None

    @property
    def begins(self) -> datetime:
        """When the month began, aware UTC."""
        return month_begins(self.month, self.zone)

    @property
    def ends(self) -> datetime:
        """When the month ends, aware UTC."""
        return next_month_start(self.begins, self.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Spend of a month: at least `low`, at most `high`, None where that is not known; counted since `since`."""

    low: Money
    high: Money | None
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Percent of a limit that is spent, to a tenth; an interval is rounded outwards. `high` None: not known."""

    low: Decimal
    high: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Changes that Tidegate made: how many, and by how much amounts were raised and cut."""

    count: int
    raised: Money
    cut: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """An amount and the billing day from which it was in force within the month."""

    amount: Money
    since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthRow:
    """One customer's month. `limits`: amounts in force, in order of time; empty: none was.

    `seen`: the billing day of the figures. `granted`: at the report's moment. `share`: of the newest limit.
    """

    account: str
    customer: Customer
    name: str | None
    limits: tuple[InForce, ...]
    kind: Kind | None
    on_exhaustion: OnExhaustion | None
    spent: Span | None
    seen: date | None
    share: Share | None
    granted: Money | None
    forecast: Forecast | None
    restriction: Restriction | None
    data_deleted_after: datetime | None
    changes: Changes
    outside: tuple[Outside, ...]
    holds: tuple[Held, ...]
    billed: Money | None

    @property
    def key(self) -> CustomerKey:
        """The customer's key."""
        return self.customer.key


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountMonth:
    """One account's month. `unknown`: customers whose spend is not known at all, which no sum contains.

    `limit`: the sum of the limits in force, None where nobody has one. `days`: the days that were seen, in order.
    `changed`: everything that was changed, oldest first.
    """

    name: str
    vendor: str
    zone: str
    begins: datetime
    now: datetime
    rows: tuple[MonthRow, ...]
    spent: Span
    unknown: int
    granted: Money
    changes: Changes
    look: Look | None
    billed: Money | None
    ends: datetime
    limit: Money | None
    days: tuple[DayTotal, ...]
    changed: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthReport:
    """A month of all accounts; `as_of`: the billing day asked for, None: now. `head`: the record's end by then."""

    month: str
    as_of: date | None
    head: str
    accounts: tuple[AccountMonth, ...]


def month_begins(month: str, zone: str) -> datetime:
    """Give the moment, aware UTC, at which a month such as "2026-11" begins; raises ValueError for no month."""
    return day_start(date.fromisoformat(f"{month}-01"), zone)


def end_of(day: date, zone: str) -> datetime:
    """Give the moment, aware UTC, at which a billing day is over."""
    return day_start(day + timedelta(days=1), zone)
