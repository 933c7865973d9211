"""An account's spend day by day: what all its customers had spent in the month by the end of each day, and the limits.

Called by scheduler.reports.reckoning for the month's report and its picture. Pure.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from core.limit import CustomerKey
from core.meter import Day
from core.money import Money
from core.spending import is_emulated
from scheduler.reports.month import AccountFacts, DayTotal, MonthRow, Span


def day_totals(facts: AccountFacts, rows: Sequence[MonthRow]) -> tuple[DayTotal, ...]:
    """Add up the days on which anybody was seen; `rows` are the account's, whose figures the last day shows."""
    by_key: dict[CustomerKey, list[Day]] = {}
    for each in facts.days:
        if each.month == facts.month:
            by_key.setdefault(each.key, []).append(each)
    seen = sorted({each.day for days in by_key.values() for each in days})
    sums = {day: _Sum() for day in seen}
    for row in rows:
        _add_spend(sums, seen, row, by_key.get(row.key, []), facts)
        _add_limits(sums, seen, row)
    return tuple(sums[day].total(day) for day in seen)


def with_spent_before(span: Span, key: CustomerKey, facts: AccountFacts) -> Span:
    """Add what the limit says was spent before the first observation, in the month of that observation.

    How much of the high is nothing but not knowing it is kept for the running month alone; it is taken off there.
    """
    limit, meter = facts.limits.get(key), facts.meters.get(key)
    if limit is None or limit.spent_before is None or meter is None or not is_emulated(limit, facts.capabilities):
        return span
    if span.since is None or span.since > meter.first_at:
        return span
    low, high = span.low + limit.spent_before, span.high
    running = meter.month if meter.month is not None and meter.month.period == facts.month else None
    if high is not None and running is not None and not facts.as_of:
        high = high - running.before + limit.spent_before
    return replace(span, low=low if high is None else min(low, high), high=high)


class _Sum:
    """One day's sums in cents while they are added up: thousands of customers times thirty days."""

    __slots__ = ("high", "known", "limit", "limited", "low", "open")

    def __init__(self) -> None:
        self.low = self.high = self.limit = 0
        self.known = self.open = self.limited = False

    def total(self, day: date) -> DayTotal:
        return DayTotal(
            day=day,
            low=Money(self.low) if self.known else None,
            high=Money(self.high) if self.known and not self.open else None,
            limit=Money(self.limit) if self.limited else None,
        )


def _add_spend(
    sums: dict[date, _Sum], seen: Sequence[date], row: MonthRow, days: Sequence[Day], facts: AccountFacts
) -> None:
    since = row.spent.since if row.spent is not None else None
    spans = {
        each.day: with_spent_before(Span(low=each.low, high=each.high, since=since), row.key, facts)
        for each in days
        if each.low is not None
    }
    if row.spent is not None and spans:
        spans[max(spans)] = row.spent  # what the month was closed with, or what the row shows
    span: Span | None = None
    for day in seen:
        span = spans.get(day, span)
        if span is None:
            continue
        its = sums[day]
        its.known = True
        its.low += span.low.cents
        if span.high is None:
            its.open = True
        else:
            its.high += span.high.cents


def _add_limits(sums: dict[date, _Sum], seen: Sequence[date], row: MonthRow) -> None:
    steps = list(row.limits)
    amount = None
    for day in seen:
        while steps and steps[0].since <= day:
            amount = steps.pop(0).amount
        if amount is not None:
            sums[day].limited = True
            sums[day].limit += amount.cents
