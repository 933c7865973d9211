"""The meter: how much a customer has spent in a period, as an interval that contains the truth.

Like a monitoring counter with resets: it adds up the rises of the vendor's figure and takes a fall for a confirmed
bill, never for negative spend. Called by core.run.metering for every observation; pure.

What it rests on: a bill that is confirmed returns what was used before its own month was over, and for the length of
`Rules.gap` it is not hidden by an even greater spend; longer apart, it may be. A figure is late by the lag at most, so
a read that lies no further behind a month's beginning may be either month's, and is not counted. One read alone may be
a glitch: a fall counts when two show it, and a rise that a fall follows stays counted as far as two had shown it.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.limit import CustomerKey, Kind
from core.money import USD, ZERO, Money
from core.standing import Standing

# So long after a month's end no bill of it is confirmed yet.
_UNBILLED = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Spend counted in one period, [low, high], since `since` (aware UTC).

    `period`: "2026-11" for a billing month, else what a one-time limit counts. `before`: the part of `high` that is
    nothing but not knowing what was spent before the first observation. `low` may lie below zero: what it took back,
    because one read alone had shown it, may be older than the count.
    """

    period: str
    since: datetime
    low: Money = ZERO
    high: Money = ZERO
    before: Money = ZERO

    def risen(self, low: Money, high: Money) -> "Count":
        """Give the count after a spend between these two."""
        return replace(self, low=self.low + low, high=self.high + high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The whole spend since the first observation, at one moment: what a rate of spending is worked out from."""

    at: datetime
    low: Money
    high: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """One customer's meter.

    `used`: the vendor's figure that counts, the highest since the last fall; `metered_at`: `as_of` of the newest
    metered observation. `kind`: the vendor's, of that observation. `total`: all since the first observation.
    `sure`: of `used`, what two reads at least the lag apart have shown; `risen_at`, `risen_to`: what was first seen
    above it. `month`: the billing month's spend; None while the vendor's own figure has not been seen to begin anew.
    `once`: a one-time limit's, None where none is kept. `fell_at`, `fell_to`: a fall that is not confirmed yet, and the
    highest figure since; `fell_from`: when it had not fallen yet.
    `amount`, `counts`: the limit's amount and kind when last metered.
    `reached_since`: since when it is spent for certain;
    `spent_out`: it was reached by spending, and not because it was lowered. `topped`: what top_up added in this period.
    `to_restore`: a month began and its amount was not given back yet. `days`, `weeks`: up to two anchors each, the
    older at least a day, a week old.
    """

    key: CustomerKey
    account: str
    first_at: datetime
    metered_at: datetime
    used: Money
    total: Count
    month: Count | None
    kind: Kind | None = None
    sure: Money = ZERO
    risen_at: datetime | None = None
    risen_to: Money = ZERO
    once: Count | None = None
    fell_at: datetime | None = None
    fell_to: Money = ZERO
    fell_from: datetime | None = None
    amount: Money | None = None
    counts: Kind | None = None
    reached_since: datetime | None = None
    spent_out: bool = False
    topped: Money = ZERO
    to_restore: bool = False
    days: tuple[Anchor, ...] = ()
    weeks: tuple[Anchor, ...] = ()

    @property
    def unconfirmed(self) -> Money:
        """What may have been spent since a fall that one observation alone has shown."""
        return max(self.fell_to, ZERO) if self.fell_at is not None else ZERO

    @property
    def unproven(self) -> Money:
        """What of the counted spend one read alone has shown; a fall that follows takes it out of the low."""
        return self.used - self.sure if self.fell_at is None else ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One customer's billing month that is over; money None: unknown, `high` None: at least `low`.

    `amount` was its limit, `granted` stood when it was closed.
    """

    key: CustomerKey
    account: str
    month: str
    since: datetime
    until: datetime
    low: Money
    high: Money | None
    kind: Kind | None
    amount: Money | None
    granted: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One customer's last figures of one billing day; money None: unknown then. `amount`: the limit in force."""

    key: CustomerKey
    account: str
    day: date
    month: str
    low: Money | None
    high: Money | None
    granted: Money | None
    amount: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How one vendor's figure is to be read.

    `permanent`: it is the use of a permanent credit; else that of the vendor's own period. `zone`: where a billing
    month begins. `gap`: observations further apart may hide a confirmed bill behind a greater spend.
    """

    permanent: bool
    zone: str
    lag: timedelta
    gap: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What one observation did to a meter: [low, high] was spent since the one before.

    `low` is negative where a fall takes back what one read alone had shown. `closed`: the month that is over; `whole`
    False: it came to more than its `high` perhaps. `began`: a billing month began with it.
    """

    after: Meter
    low: Money = ZERO
    high: Money = ZERO
    closed: Count | None = None
    whole: bool = False
    began: bool = False


def counted(before: Meter | None, standing: Standing, rules: Rules) -> Counted | None:
    """Count one observation; None where it says nothing of spend, or an observation begun later was counted already."""
    if standing.spent is None or standing.currency != USD:
        return None
    if before is not None and standing.as_of <= before.metered_at:
        return None
    if _at_the_edge(standing.as_of, rules):
        return None  # the vendor's figure may be either month's
    if before is None:
        return Counted(after=_first(standing, rules))
    if before.kind is not standing.kind and not rules.permanent:
        return _other_kind(before, standing, rules)
    return _restoring(before, standing, rules) if _restores(standing, rules) else _rising(before, standing, rules)


def month_of(moment: datetime, zone: str) -> str:
    """Name the billing month of a moment."""
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m}"


def month_start(moment: datetime, zone: str) -> datetime:
    """Give the moment, aware UTC, at which the billing month of `moment` began."""
    local = moment.astimezone(ZoneInfo(zone))
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def next_month_start(moment: datetime, zone: str) -> datetime:
    """Give the moment, aware UTC, at which the billing month after that of `moment` begins."""
    local = moment.astimezone(ZoneInfo(zone)).replace(day=28) + timedelta(days=4)
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def billing_day(moment: datetime, zone: str) -> date:
    """Give the billing day of a moment."""
    return moment.astimezone(ZoneInfo(zone)).date()


def day_start(day: date, zone: str) -> datetime:
    """Give the moment, aware UTC, at which a billing day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _restores(standing: Standing, rules: Rules) -> bool:
    """Whether the vendor's figure begins anew every month."""
    return not rules.permanent and standing.kind is Kind.MONTHLY


def _at_the_edge(as_of: datetime, rules: Rules) -> bool:
    return month_of(as_of, rules.zone) != month_of(as_of - rules.lag, rules.zone)


def _figure(standing: Standing) -> Money:
    return standing.spent.high if standing.spent is not None else ZERO


def _first(standing: Standing, rules: Rules) -> Meter:
    """Begin: what was used before now was spent nobody knows when, unless the vendor's own period says it."""
    figure, at = _figure(standing), standing.as_of
    past = max(figure, ZERO)
    name = month_of(at, rules.zone)
    month = Count(period=name, since=at, high=past, before=past)
    if _restores(standing, rules):
        month = Count(period=name, since=month_start(at, rules.zone), low=figure, high=figure)
    return Meter(
        key=standing.key,
        account=standing.account,
        first_at=at,
        metered_at=at,
        used=figure,
        sure=figure,
        total=Count(period="", since=at, high=past, before=past),
        month=month,
        kind=standing.kind,
    )


def _other_kind(before: Meter, standing: Standing, rules: Rules) -> Counted:
    """Begin anew where the vendor counts something else from now on; what the month had is kept as it is."""
    figure, month, closed = _figure(standing), before.month, None
    if _restores(standing, rules):
        since = month_start(standing.as_of, rules.zone)
        month = Count(period=month_of(standing.as_of, rules.zone), since=since, low=figure, high=figure)
        if before.month is not None and before.month.period != month.period:
            closed = before.month
    after = replace(
        before,
        account=standing.account,
        metered_at=standing.as_of,
        kind=standing.kind,
        used=figure,
        sure=figure,
        risen_at=None,
        fell_at=None,
        fell_to=ZERO,
        fell_from=None,
        month=month,
    )
    return Counted(after=after, closed=closed, began=closed is not None)


def _rising(before: Meter, standing: Standing, rules: Rules) -> Counted:
    """Count a figure that only rises, but for bills that are confirmed."""
    moved, low, high = _moved(before, standing, rules)
    month, name = before.month, month_of(standing.as_of, rules.zone)
    hidden = _returned(before, standing, rules)
    closed, whole = None, False
    if month is not None and month.period == name:
        month = _onto(month, low, high, before)
    else:
        # What was spent between the two observations belongs to the old month or to the new one: nobody knows.
        # What the old month's last read alone has shown is the old month's, unless this read does not show it.
        doubt = ZERO if _shown_again(before, standing, rules) else before.unproven
        if month is not None:
            closed = _onto(month, -doubt, high, before)
            whole = rules.permanent and hidden == ZERO and not _is_open(before, moved)
        month = Count(period=name, since=month_start(standing.as_of, rules.zone), high=high + doubt)
    once = _onto(before.once, low, high + hidden, before) if before.once is not None else None
    total = moved.total.risen(ZERO, hidden) if hidden > ZERO else moved.total
    after = replace(moved, month=month, once=once, total=total)
    return Counted(after=after, low=low, high=high + hidden, closed=closed, whole=whole, began=closed is not None)


def _shown_again(before: Meter, standing: Standing, rules: Rules) -> bool:
    """Whether a read far enough from the first that showed it shows all that was counted."""
    apart = before.risen_at is None or standing.as_of - before.risen_at >= rules.lag
    return apart and before.fell_at is None and _figure(standing) >= before.used


def _onto(count: Count, low: Money, high: Money, before: Meter) -> Count:
    """Count one observation. A rise back from where the figure fell before this count began may be older than it."""
    older = before.fell_from is not None and before.fell_from < count.since and low > ZERO
    return count.risen(ZERO if older else low, high)


def _is_open(before: Meter, moved: Meter) -> bool:
    """Whether the figure lies below what it was, and one read alone says so."""
    return moved.fell_at is not None and moved.used == before.used


def _returned(before: Meter, standing: Standing, rules: Rules) -> Money:
    """Give what may have been spent and returned by a bill between two observations, unseen.

    Only a month that is over is billed, and not on the day after. While it lasts, no more is spent than the credit.
    """
    if not rules.permanent:
        return ZERO
    months, edge = 0, next_month_start(before.metered_at, rules.zone)
    while edge + _UNBILLED <= standing.as_of:
        months, edge = months + 1, next_month_start(edge, rules.zone)
    granted = standing.granted_money
    most = max(before.used, _figure(standing), granted if granted is not None else ZERO, ZERO)
    return Money(months * most.cents)


def _restoring(before: Meter, standing: Standing, rules: Rules) -> Counted:
    """Take a figure that is the month's own, once it has been seen to begin anew."""
    name, figure = month_of(standing.as_of, rules.zone), _figure(standing)
    moved, low, high = _moved(before, standing, rules)
    if before.month is not None and before.month.period == name:
        # A fall within the month is a better estimate, or a glitch: until two reads show it, either may be true.
        shown = replace(before.month, low=min(figure, moved.used), high=moved.used)
        return Counted(after=replace(moved, month=shown), low=low, high=high)
    fallen = moved.used < before.used or (before.used <= ZERO and before.fell_at is None)
    since = month_start(standing.as_of, rules.zone)
    if not fallen:
        waiting = replace(moved, month=None, reached_since=None)
        return Counted(after=waiting, closed=before.month)
    month = Count(period=name, since=since, low=min(figure, moved.used), high=max(figure, moved.used))
    return Counted(after=replace(moved, month=month), low=low, high=high, closed=before.month, began=True)


def _moved(before: Meter, standing: Standing, rules: Rules) -> tuple[Meter, Money, Money]:
    """Follow the figure by one observation; give the meter, and between what two amounts was spent since the last."""
    figure, at = _figure(standing), standing.as_of
    at_rest = replace(before, account=standing.account, metered_at=at, kind=standing.kind)
    if figure >= before.used:
        return _rose(before, at_rest, figure, rules)
    if before.fell_at is None:
        # It may be that the read before was wrong, not this one: what that one alone has shown is not certain.
        fallen = replace(at_rest, fell_at=at, fell_to=figure, fell_from=before.metered_at)
        return _totalled(fallen, -before.unproven, ZERO)
    highest = max(before.fell_to, figure)
    if at - before.fell_at < rules.lag:
        return replace(at_rest, fell_to=highest), ZERO, ZERO
    # Twice seen. All that is used now may have been spent since; less cannot be said.
    again = at if figure < highest else None
    to, shown = (figure, before.fell_at) if again is not None else (ZERO, None)
    fallen = replace(at_rest, used=highest, sure=highest, risen_at=None, fell_at=again, fell_to=to, fell_from=shown)
    return _totalled(fallen, ZERO, max(highest, ZERO))


def _rose(before: Meter, at_rest: Meter, figure: Money, rules: Rules) -> tuple[Meter, Money, Money]:
    """Count a rise; where the figure had fallen for one read alone, what that made doubtful is certain again."""
    at, high = at_rest.metered_at, figure - before.used
    low = high if before.fell_at is None else figure - before.sure
    if rules.permanent and at - (before.fell_from or before.metered_at) > rules.gap:
        high = max(high, figure)  # a confirmed bill may hide in between
    sure, risen_at, risen_to = before.sure, before.risen_at, before.risen_to
    if risen_at is not None and at - risen_at >= rules.lag:
        sure, risen_at = risen_to, None
    if risen_at is None and figure > sure:
        risen_at, risen_to = at, figure
    risen = replace(at_rest, used=figure, sure=sure, risen_at=risen_at, risen_to=risen_to)
    risen = replace(risen, fell_at=None, fell_to=ZERO, fell_from=None)
    return _totalled(risen, low, high)


def _totalled(meter: Meter, low: Money, high: Money) -> tuple[Meter, Money, Money]:
    return replace(meter, total=meter.total.risen(low, high)), low, high
