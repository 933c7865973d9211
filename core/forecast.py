"""How fast a customer spends, and when an amount will be spent: intervals, from the meter alone.

Called by core.run.metering (anchors), core.judgement (urgency, cushions) and the reports. Pure.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction

from core.meter import Anchor, Meter
from core.money import ZERO, Money
from core.standing import Spend

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
# A shorter history says more of the moment than of the customer.
LEAST_HISTORY = timedelta(hours=1)
# What lies further ahead is no forecast.
HORIZON = timedelta(days=3652)
_MICROSECOND = timedelta(microseconds=1)
_MICROSECONDS_PER_HOUR = timedelta(hours=1) // _MICROSECOND
_DOWN = Context(prec=28, rounding=ROUND_FLOOR)
_UP = Context(prec=28, rounding=ROUND_CEILING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """When an amount will be spent (aware UTC): not before `earliest`, and by `latest`; None: not to be foreseen."""

    earliest: datetime | None
    latest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How fast a customer spends, in cents per hour: 0 <= low <= high, rounded outwards."""

    low: Decimal
    high: Decimal


def with_anchors(meter: Meter) -> Meter:
    """Give the meter with its anchors brought up to `metered_at`; the same meter where none is due.

    `days` and `weeks` hold (older, newer). A new anchor is taken when the newest is as old as the span, and the one
    before that is then dropped: so with regular observations the older one is between one and two spans old, once
    the history is that long. None is taken while a fall of the figure is not confirmed: what was spent before it may
    still be counted after it.
    """
    if meter.fell_at is not None:
        return meter
    now = Anchor(at=meter.metered_at, low=meter.total.low, high=meter.total.high)
    days, weeks = _rotated(meter.days, now, DAY), _rotated(meter.weeks, now, WEEK)
    if days is meter.days and weeks is meter.weeks:
        return meter
    return replace(meter, days=days, weeks=weeks)


def rate_of(meter: Meter) -> Rate | None:
    """Give the slowest and the fastest average of the last days, the last weeks; None under one hour of history.

    Each average is over the time since the older day anchor, and since the older week anchor; where there is none,
    since the first observation.

    Why the differences are an interval: a count only ever grows by steps, each with a low and a high part between
    which the spend of that step lies (`Count.risen`). Its low is the sum of the low parts, its high that of the high
    parts, on top of what is not known from before. Taking the count of an anchor away leaves just the parts of the
    steps since, so what was truly spent since lies between low now - low then and high now - high then. Not between
    low now - high then and high now - low then: that would be as true, and wider by the doubt from before the anchor.
    While a fall is not confirmed the count lags behind: what may have been spent since then comes on top of the high.
    """
    if meter.metered_at - meter.first_at < LEAST_HISTORY:
        return None
    first = Anchor(at=meter.first_at, low=ZERO, high=meter.total.before)
    averages = [_average(meter, _oldest(anchors, meter) or first) for anchors in (meter.days, meter.weeks)]
    return Rate(low=min(low for low, _ in averages), high=max(high for _, high in averages))


def exhaustion(
    amount: Money, spent: Spend, rate: Rate | None, now: datetime, until: datetime | None = None
) -> Forecast | None:
    """Say when `amount` will be spent if the customer goes on as it did; None where no rate is known.

    `until`: when the spend begins anew; what would be spent later never is.

    The earliest is with all that may be spent at the fastest rate, the latest with what certainly is at the slowest.
    What is spent already is spent now. An end that never comes, or not in ten years, is None.
    """
    if rate is None:
        return None
    earliest = _reached(now, amount - spent.high, rate.high, up=False)
    latest = _reached(now, amount - spent.low, rate.low, up=True)
    if until is None:
        return Forecast(earliest=earliest, latest=latest)
    if earliest is not None and earliest >= until:
        return Forecast(earliest=None, latest=None)
    return Forecast(earliest=earliest, latest=None if latest is not None and latest >= until else latest)


def expected(rate: Rate, duration: timedelta) -> Money:
    """Give the most that will be spent in this time at this rate, rounded up to the cent."""
    return Money(max(0, math.ceil(Fraction(rate.high) * Fraction(duration // _MICROSECOND, _MICROSECONDS_PER_HOUR))))


def _rotated(anchors: tuple[Anchor, ...], now: Anchor, span: timedelta) -> tuple[Anchor, ...]:
    if not anchors:
        return (now,)
    if now.at - anchors[-1].at < span:
        return anchors
    return (anchors[-1], now)


def _oldest(anchors: tuple[Anchor, ...], meter: Meter) -> Anchor | None:
    return anchors[0] if anchors and meter.metered_at - anchors[0].at >= LEAST_HISTORY else None


def _average(meter: Meter, since: Anchor) -> tuple[Decimal, Decimal]:
    duration = Decimal((meter.metered_at - since.at) // _MICROSECOND)
    low = max(0, meter.total.low.cents - since.low.cents)
    high = max(low, meter.total.high.cents + meter.unconfirmed.cents - since.high.cents)
    # One division each, rounded outwards: of ten thousand customers many times a day, and exact to 28 digits.
    return (
        _DOWN.divide(Decimal(low * _MICROSECONDS_PER_HOUR), duration),
        _UP.divide(Decimal(high * _MICROSECONDS_PER_HOUR), duration),
    )


def _reached(now: datetime, left: Money, rate: Decimal, *, up: bool) -> datetime | None:
    if left <= ZERO:
        return now
    if rate <= 0:
        return None
    cents, hours = rate.as_integer_ratio()
    microseconds, rest = divmod(left.cents * hours * _MICROSECONDS_PER_HOUR, cents)
    if up and rest:
        microseconds += 1
    # Compared as numbers: a duration cannot hold what a very slow rate gives.
    return now + microseconds * _MICROSECOND if microseconds <= HORIZON // _MICROSECOND else None
