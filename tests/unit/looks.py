"""Reads of a followed credit, metered one after the other, for the tests of what a meter says of a limit."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from core.limit import Kind, Limit, OnExhaustion
from core.meter import Meter
from core.spending import Observed, Reading, observed, reading
from core.standing import Standing
from tests.unit.histories import EVERY, RULES
from tests.unit.strategies import STEPS, dollars, standing_of
from tests.unit.strategies import limit_of as a_limit

NOON = datetime(2026, 3, 15, 4, 0, tzinfo=UTC)  # in the billing zone
EDGE = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)  # April begins in the billing zone
RESTORING = replace(RULES, permanent=False)
BOTH = frozenset({OnExhaustion.FREEZE, OnExhaustion.ALERT})
FOLLOWS = replace(STEPS, emulated={Kind.MONTHLY: BOTH, Kind.ONE_TIME: BOTH})

Look = tuple[timedelta, str]


def monthly(amount: str = "100") -> Limit:
    """Want a month's amount, kept by following."""
    return a_limit(amount, kind=Kind.MONTHLY, on_exhaustion=OnExhaustion.FREEZE)


def once(amount: str = "100", since: date | None = None, before: str | None = None) -> Limit:
    """Want an amount for once, kept by following."""
    limit = a_limit(amount, kind=Kind.ONE_TIME, on_exhaustion=OnExhaustion.FREEZE)
    return replace(limit, since=since, spent_before=dollars(before) if before is not None else None)


def used(at: datetime, cents: str, granted: str = "1000") -> Standing:
    """Show the use of a permanent credit."""
    return standing_of(granted, cents, as_of=at)


def looks(meter: Meter | None, limit: Limit | None, *at: Look, start: datetime = NOON) -> list[Observed]:
    """Meter reads given as (time after start, used)."""
    found = []
    for after, figure in at:
        step = observed(meter, used(start + after, figure), limit, RULES)
        if step is not None:
            found.append(step)
            meter = step.after
    return found


def last(meter: Meter | None, limit: Limit | None, *at: Look, start: datetime = NOON) -> Meter:
    """Give the meter after the last of these reads."""
    return looks(meter, limit, *at, start=start)[-1].after


def read_of(meter: Meter, limit: Limit) -> Reading:
    """Read a meter at its own newest observation."""
    return reading(meter, limit, used(meter.metered_at, "0"), FOLLOWS, None)


def spend_of(meter: Meter, limit: Limit) -> tuple[str, str]:
    """Give the interval that counts for a limit."""
    spend = read_of(meter, limit).spend
    assert spend is not None
    return str(spend.low), str(spend.high)


def every_ten(*figures: str) -> Sequence[Look]:
    """Give reads ten minutes apart."""
    return [(EVERY * number, figure) for number, figure in enumerate(figures)]
