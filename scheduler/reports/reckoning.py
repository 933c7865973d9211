"""Works a month's report out: from one account's facts to its rows and totals. Pure; called by `tidegate report`.

A closed month has the figures it was closed with; the running one those of the last day that was seen.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from core.forecast import Forecast, exhaustion, rate_of
from core.intent import Intent
from core.limit import Customer, CustomerKey, Kind
from core.meter import Day, billing_day
from core.money import USD, ZERO, Money, total
from core.spending import limit_of, reading
from core.standing import Spend
from scheduler.reports.month import (
    AccountFacts,
    AccountMonth,
    Changes,
    Held,
    InForce,
    MonthRow,
    Outside,
    Share,
    Span,
)
from scheduler.reports.month_changes import changed, moved
from scheduler.reports.month_days import day_totals, with_spent_before
from scheduler.reports.stopped import restriction_of, stopped

_TENTH = Decimal("0.1")  # of a percent


def account_month(facts: AccountFacts) -> AccountMonth:
    """Work one account's month out."""
    by_key = _Grouped(facts)
    seen_in_month = {day.key for day in facts.days if day.month == facts.month}
    keys = facts.limits.keys() | seen_in_month | facts.periods.keys() | by_key.intents.keys()
    rows = tuple(_row(key, facts, by_key) for key in sorted(keys))
    spans = [row.spent for row in rows if row.spent is not None]
    highs = [span.high for span in spans if span.high is not None]
    low = total([span.low for span in spans])
    return AccountMonth(
        name=facts.name,
        vendor=facts.vendor,
        zone=facts.zone,
        begins=facts.begins,
        now=facts.now,
        rows=rows,
        spent=Span(low=low, high=total(highs) if len(highs) == len(spans) else None),
        unknown=len(rows) - len(spans),
        granted=total([row.granted for row in rows if row.granted is not None and row.granted.currency == USD]),
        changes=_changes(facts.intents),
        ends=facts.ends,
        limit=total(limits) if (limits := [row.limits[-1].amount for row in rows if row.limits]) else None,
        days=day_totals(facts, rows),
        changed=changed(facts),
        look=facts.look,
        billed=_sum_billed(rows) if facts.billed is not None else None,
    )


class _Grouped:
    """The facts of an account by customer."""

    def __init__(self, facts: AccountFacts) -> None:
        self.days: dict[CustomerKey, list[Day]] = {}
        self.intents: dict[CustomerKey, list[Intent]] = {}
        self.outside: dict[CustomerKey, list[Outside]] = {}
        self.holds: dict[CustomerKey, list[Held]] = {}
        for day in facts.days:
            self.days.setdefault(day.key, []).append(day)
        for intent in facts.intents:
            self.intents.setdefault(intent.key, []).append(intent)
        for change in facts.outside:
            self.outside.setdefault(change.key, []).append(change)
        for held in facts.look.holds if facts.look is not None else ():
            self.holds.setdefault(held.key, []).append(held)


def _row(key: CustomerKey, facts: AccountFacts, by_key: _Grouped) -> MonthRow:
    limit, period, days = facts.limits.get(key), facts.periods.get(key), by_key.days.get(key, [])
    spent, seen = _spent(key, facts, days)
    limits = _in_force(key, facts, days)
    counts = _counting(key, facts, spent)
    standing, book = facts.standings.get(key), facts.books.get(key)
    shown = None if facts.as_of or standing is None else standing
    stop = stopped(shown, book, facts.capabilities.deletes_after) if shown is not None else None
    kind = limit.kind if limit is not None else period.kind if period is not None and limits else None
    return MonthRow(
        account=facts.name,
        customer=limit.customer if limit is not None else standing.customer if standing is not None else Customer(key),
        name=(limit.name if limit is not None else None) or (standing.name if standing is not None else None),
        limits=limits,
        kind=kind,
        on_exhaustion=limit.on_exhaustion if limit is not None else None,
        spent=spent,
        seen=seen,
        share=share_of(counts, limits[-1].amount) if counts is not None and limits else None,
        granted=_granted(key, facts, by_key),
        forecast=_forecast(key, facts, counts, limits, kind),
        restriction=restriction_of(shown, book) if shown is not None else None,
        data_deleted_after=stop.data_deleted_after if stop is not None else None,
        changes=_changes(by_key.intents.get(key, ())),
        outside=tuple(by_key.outside.get(key, ())),
        holds=tuple(by_key.holds.get(key, ())),
        billed=facts.billed.get(key) if facts.billed is not None else None,
    )


def _spent(key: CustomerKey, facts: AccountFacts, days: Sequence[Day]) -> tuple[Span | None, date | None]:
    """Give the month's spend, and the day it was seen on: of the closed month, else of the last day that was seen."""
    period, meter = facts.periods.get(key), facts.meters.get(key)
    of_month = [day for day in days if day.month == facts.month]
    seen = of_month[-1].day if of_month else None
    # A month is closed by the first observation of a later one: before it, nobody knew the closed figures.
    closed = not facts.as_of or any(day.month > facts.month for day in days)
    if period is not None and closed:
        return with_spent_before(Span(low=period.low, high=period.high, since=period.since), key, facts), seen
    if not of_month or of_month[-1].low is None:
        return None, seen
    counting = meter.month if meter is not None else None
    here = counting if counting is not None and counting.period == facts.month else None
    since = period.since if period is not None else here.since if here is not None else None
    high = None if facts.now >= facts.ends else of_month[-1].high
    return with_spent_before(Span(low=of_month[-1].low, high=high, since=since), key, facts), seen


def _in_force(key: CustomerKey, facts: AccountFacts, days: Sequence[Day]) -> tuple[InForce, ...]:
    """Give the amounts in force, by the days they were seen on; the newest is worked out where it is in force now."""
    found: list[InForce] = []
    for day in days:
        if day.month == facts.month and day.amount is not None and (not found or found[-1].amount != day.amount):
            found.append(InForce(amount=day.amount, since=day.day))
    period = facts.periods.get(key)
    if not found and period is not None and period.amount is not None:
        found.append(InForce(amount=period.amount, since=billing_day(period.since, facts.zone)))
    meter = None if facts.as_of else facts.meters.get(key)
    today = limit_of(facts.limits.get(key), meter, facts.now, facts.zone)
    running = facts.now < facts.ends and (not facts.as_of or not found)
    if today is not None and running and (not found or found[-1].amount != today.amount):
        found.append(InForce(amount=today.amount, since=facts.day))
    return tuple(found)


def _counting(key: CustomerKey, facts: AccountFacts, spent: Span | None) -> Span | None:
    """Give the spend that counts for the limit: the month's, or since a one-time limit or a credit line began."""
    limit = facts.limits.get(key)
    if limit is None or limit.kind is Kind.MONTHLY:
        return spent if limit is not None else None
    standing = facts.standings.get(key)
    if facts.as_of or standing is None or facts.now >= facts.ends:
        return None  # only the newest is kept of it
    spend = reading(facts.meters.get(key), limit, standing, facts.capabilities, None).spend
    return Span(low=spend.low, high=spend.high, since=spend.since) if spend is not None else None


def share_of(spent: Span, amount: Money) -> Share | None:
    """Give what is spent in percent of an amount, an interval rounded outwards; None where nothing may be spent."""
    if amount <= ZERO:
        return None
    low = _percent(spent.low, amount, ROUND_FLOOR)
    if spent.high is None or spent.high == spent.low:
        return Share(low=low, high=None if spent.high is None else low)
    return Share(low=low, high=_percent(spent.high, amount, ROUND_CEILING))


def _percent(part: Money, amount: Money, rounding: str) -> Decimal:
    return (Decimal(100) * part.cents / amount.cents).quantize(_TENTH, rounding=rounding)


def _forecast(
    key: CustomerKey, facts: AccountFacts, spent: Span | None, limits: Sequence[InForce], kind: Kind | None
) -> Forecast | None:
    meter = facts.meters.get(key)
    if facts.as_of or facts.now >= facts.ends or meter is None or spent is None or spent.high is None or not limits:
        return None
    until = facts.ends if kind is Kind.MONTHLY else None
    return exhaustion(limits[-1].amount, Spend(low=spent.low, high=spent.high), rate_of(meter), facts.now, until)


def _granted(key: CustomerKey, facts: AccountFacts, by_key: "_Grouped") -> Money | None:
    """Give what stands at the report's moment: a change of ours that came after the last look counts too."""
    standing, book = facts.standings.get(key), facts.books.get(key)
    if not facts.as_of and standing is not None:
        written = book is not None and book.written_at is not None and book.written_at > standing.as_of
        return book.granted if book is not None and written else standing.granted_money
    days = by_key.days.get(key, [])
    seen = days[-1] if days else None
    last = _last_set(by_key.intents.get(key, ()))
    if last is not None and last.closed_at is not None and (seen is None or _is_later(last, seen, facts, by_key)):
        return last.wanted.granted
    return seen.granted if seen is not None else None


def _last_set(intents: Sequence[Intent]) -> Intent | None:
    sets = [intent for intent in intents if intent.closed_at is not None and intent.wanted.granted is not None]
    return max(sets, key=lambda intent: (intent.closed_at, intent.id), default=None)


def _is_later(intent: Intent, seen: Day, facts: AccountFacts, by_key: "_Grouped") -> bool:
    """Whether a change of ours is newer than a day's last look: of one day it is, unless others came after it."""
    closed = intent.closed_at or intent.recorded_at
    others = any(change.at > closed for change in by_key.outside.get(intent.key, ()))
    return billing_day(closed, facts.zone) >= seen.day and not others


def _changes(intents: Iterable[Intent]) -> Changes:
    by = [moved(intent) for intent in intents]
    return Changes(
        count=len(by),
        raised=total([change for change in by if change > ZERO]),
        cut=total([-change for change in by if change < ZERO]),
    )


def _sum_billed(rows: Sequence[MonthRow]) -> Money | None:
    told = [row.billed for row in rows if row.billed is not None]
    return total(told) if told else None
