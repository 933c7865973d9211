"""What a customer's meter says of its limit: the spend that counts, and what the limit makes of it.

Called by core.run.metering for every observation, and by judging; pure. The meter counts, this file knows the limit.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from core.amounts import resolved, topped_up
from core.capabilities import Capabilities
from core.forecast import Forecast, Rate, exhaustion, rate_of, with_anchors
from core.limit import Kind, Limit
from core.meter import (
    Count,
    Counted,
    Day,
    Meter,
    Period,
    Rules,
    billing_day,
    counted,
    day_start,
    month_of,
    month_start,
    next_month_start,
)
from core.money import ZERO, Money
from core.standing import Spend, Standing

# A bill is a month's spend: within so few days nobody spends as much again, so that it would not show as a fall.
_HIDES_A_BILL = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is known of one customer's spend for its limit.

    `spend` None: not known, and `why` says so. `unmetered`: the part of its width that only `spent_before` can tell.
    `reached_since`: since when the amount is spent for certain; `spent_out`: by spending, not because it was lowered.
    `used`: what is used at the vendor as far as it counts (a fall that one read alone shows does not), `sure`: what of
    it two reads have shown; None where nothing is metered. `to_restore`: a new month's amount is not back yet.
    """

    spend: Spend | None
    why: str = ""
    unmetered: Money = ZERO
    reached_since: datetime | None = None
    spent_out: bool = False
    used: Money | None = None
    sure: Money | None = None
    to_restore: bool = False
    rate: Rate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """One metered observation, to be kept: what closed, and the day's figures."""

    after: Meter
    closed: Period | None
    day: Day


def observed(before: Meter | None, standing: Standing, limit: Limit | None, rules: Rules) -> Observed | None:
    """Count one observation for a customer with this limit as written, or without one.

    None where it does not count; then `before` still holds, and speaks of an older figure than the standing does.
    """
    step = None if _either_side(limit, standing.as_of, rules) else counted(before, standing, rules)
    if step is None:
        return None
    meter = _one_time(step, before, limit, rules)
    today = limit_of(limit, meter, standing.as_of, rules.zone)
    if limit is not None and today is not None and limit.top_up is not None:
        begun = step.began and limit.kind is Kind.MONTHLY
        meter = replace(meter, topped=ZERO) if begun else meter
        meter = _topped(meter, limit, standing, rules) if before is not None else meter
        today = limit_of(limit, meter, standing.as_of, rules.zone)
    meter = _judged(meter, before, today, standing, rules, began=step.began)
    closed = _closed(step, before, standing, limit, rules) if before is not None else None
    return Observed(after=with_anchors(meter), closed=closed, day=_day(meter, standing, today, rules))


def limit_of(limit: Limit | None, meter: Meter | None, moment: datetime, zone: str) -> Limit | None:
    """Give the limit with the amount in force at a moment."""
    if limit is None or (limit.temporary is None and limit.later is None and limit.top_up is None):
        return limit
    topped = meter.topped if meter is not None and limit.top_up is not None else ZERO
    return resolved(limit, billing_day(moment, zone), topped)


def foreseen(limit: Limit, spent: Spend | None, rate: Rate | None, now: datetime, zone: str) -> Forecast | None:
    """Say when a limit's amount will be spent; a monthly one begins anew before it may come to that."""
    if spent is None:
        return None
    until = next_month_start(now, zone) if limit.kind is Kind.MONTHLY else None
    return exhaustion(limit.amount, spent, rate, now, until)


def is_emulated(limit: Limit, capabilities: Capabilities) -> bool:
    """Whether the limit is kept by following a permanent credit."""
    return limit.kind not in capabilities.kinds and limit.kind in capabilities.emulated


def reading(
    meter: Meter | None, limit: Limit, standing: Standing, capabilities: Capabilities, changed_at: datetime | None
) -> Reading:
    """Say what the limit's spend is; `changed_at`: when the budget or its kind was changed last, None: never seen.

    A vendor's own figure counts only if read later than that by the lag, and only for the month it is seen to be of.
    """
    rate = rate_of(meter) if meter is not None else None
    if is_emulated(limit, capabilities):
        return _followed(meter, limit, standing, rate)
    known = meter.reached_since if meter is not None else None
    if capabilities.permanent and meter is not None and meter.metered_at == standing.as_of:
        return Reading(spend=standing.spent, reached_since=known, used=meter.used, sure=meter.sure, rate=rate)
    if capabilities.permanent or standing.spent is None:
        return Reading(spend=standing.spent, reached_since=known, rate=rate)
    if changed_at is not None and standing.as_of < changed_at + standing.lag:
        until = f"{changed_at + standing.lag:%Y-%m-%d %H:%M} UTC"
        return Reading(spend=None, why=f"the budget was changed a moment ago; its spend counts from {until}", rate=rate)
    if standing.kind is not Kind.MONTHLY or meter is None:
        return Reading(spend=standing.spent, reached_since=known, rate=rate)
    if meter.month is None or meter.metered_at < standing.as_of:
        why = "the vendor's figure may still be last month's: it counts once two reads show that it fell"
        return Reading(spend=None, why=why, rate=rate)
    month = meter.month
    return Reading(spend=_spend(month.low, month.high, month.since), reached_since=known, rate=rate)


def _followed(meter: Meter | None, limit: Limit, standing: Standing, rate: Rate | None) -> Reading:
    """Give the metered spend of an emulated kind's period, with what was spent before where that is written.

    What is used and what is spent must be of one read, or the difference between two would be granted or taken.
    """
    count = None if meter is None else meter.once if limit.kind is Kind.ONE_TIME else meter.month
    if meter is None or count is None:
        return Reading(spend=None, why="its spend was not metered yet", rate=rate)
    if meter.metered_at != standing.as_of:
        return Reading(spend=None, why="a period has just begun: its spend may be of the one before", rate=rate)
    if _unknowable(count, limit, meter):
        why = f"what was spent since {limit.since} may be billed and returned already: write spent_before"
        return Reading(spend=None, why=why, rate=rate)
    count = replace(count, low=max(count.low, ZERO), high=count.high + meter.unconfirmed)
    unmetered = count.before
    written = _written_before(limit, count, meter)
    if written is not None:
        count = replace(count, low=count.low + written, high=count.high - count.before + written)
        unmetered = ZERO
    return Reading(
        spend=_spend(count.low, count.high, count.since),
        unmetered=unmetered,
        reached_since=meter.reached_since,
        spent_out=meter.spent_out,
        used=meter.used,
        sure=meter.sure,
        to_restore=meter.to_restore,
        rate=rate,
    )


def _written_before(limit: Limit, count: Count, meter: Meter) -> Money | None:
    """Give what a person says was spent before the first look, where this count contains it.

    Of a month it is said with the month, so that it is not believed of another one after the records were lost.
    """
    if limit.spent_before is None or count.since > meter.first_at:
        return None
    if limit.kind is Kind.MONTHLY and (limit.since is None or f"{limit.since:%Y-%m}" != count.period):
        return None
    return limit.spent_before


def _unknowable(count: Count, limit: Limit, meter: Meter) -> bool:
    """Whether a limit counts from a month that was over when the customer was first seen, and nobody said more."""
    if limit.since is None or limit.spent_before is not None or count.since > meter.first_at:
        return False
    if count.period != _since_name(limit.since):
        return False  # that day has not come yet
    return (limit.since.year, limit.since.month) != (meter.first_at.year, meter.first_at.month)


def _since_name(since: date) -> str:
    return f"since {since}"


def _either_side(limit: Limit | None, as_of: datetime, rules: Rules) -> bool:
    """Whether a figure may be from before the day from which a limit counts, or from after its beginning."""
    if limit is None or limit.since is None or limit.kind is not Kind.ONE_TIME:
        return False
    begins = day_start(limit.since, rules.zone)
    return begins <= as_of < begins + rules.lag


def _spend(low: Money, high: Money, since: datetime) -> Spend:
    return Spend(low=low, high=max(low, high), since=since)


def _one_time(step: Counted, before: Meter | None, limit: Limit | None, rules: Rules) -> Meter:
    """Keep a one-time limit's own count: from the month in which the kind began, or from the day that is written."""
    meter = step.after
    if limit is None:
        return meter  # a row that is gone may come back, and must not begin anew
    if limit.kind is not Kind.ONE_TIME:
        return replace(meter, once=None)
    if limit.since is not None:
        begins = day_start(limit.since, rules.zone)
        name = _since_name(limit.since)
        if begins <= meter.metered_at - rules.lag and (meter.once is None or meter.once.period != name):
            if before is not None and before.metered_at < begins:
                between = Count(period=name, since=begins, high=step.high + before.unproven)
                return replace(meter, once=between)
            return replace(meter, once=_since(name, begins, meter))
    if meter.once is not None:
        return meter
    month = meter.month or Count(
        period=month_of(meter.metered_at, rules.zone), since=month_start(meter.metered_at, rules.zone)
    )
    return replace(meter, once=replace(month, period=f"from {month.period}"))


def _since(name: str, begins: datetime, meter: Meter) -> Count:
    """Begin to count from a day that is over, as far as is known."""
    month = meter.month
    if month is not None and month.since == begins:
        return replace(month, period=name)
    total, inside = meter.total, month is not None and begins <= month.since
    low = month.low if month is not None and inside else ZERO
    if begins < meter.first_at:
        return Count(period=name, since=begins, low=max(low, total.low), high=total.high, before=total.before)
    high = total.high - total.before
    if month is not None and month.since <= begins:
        high = min(high, month.high - month.before)
    return Count(period=name, since=begins, low=low, high=max(low, high))


def _topped(meter: Meter, limit: Limit, standing: Standing, rules: Rules) -> Meter:
    base = resolved(limit, billing_day(standing.as_of, rules.zone))
    spent = _certain(meter, limit, standing, rules)
    if spent is None:
        return meter
    # What one read alone has shown may be a glitch, and what was topped up is not taken back.
    return replace(meter, topped=topped_up(base, spent - meter.unproven, meter.topped))


def _judged(
    meter: Meter, before: Meter | None, limit: Limit | None, standing: Standing, rules: Rules, *, began: bool
) -> Meter:
    """Note since when the amount is spent for certain, and whether a new month's amount is still to be given back."""
    if limit is None:
        return replace(meter, amount=None, counts=None, reached_since=None, spent_out=False, to_restore=False)
    spent = _certain(meter, limit, standing, rules)
    same = before is not None and before.amount == limit.amount and not began
    same = same and before is not None and (before.kind, before.counts) == (standing.kind, limit.kind)
    reached, spent_out = None, False
    if spent is not None and spent >= limit.amount:
        held = same and meter.reached_since is not None
        reached = meter.reached_since if held else standing.as_of
        spent_out = meter.spent_out if held else same
    monthly = rules.permanent and limit.kind is Kind.MONTHLY  # no other kind gives anything back
    kept = began and before is not None and before.amount == limit.amount
    restore = monthly and (kept or (meter.to_restore and same))
    if restore and meter.month is not None and standing.granted_money is not None:
        left = max(limit.amount - meter.month.high - meter.unconfirmed, ZERO)
        restore = standing.granted_money < max(meter.used, ZERO) + left
    return replace(
        meter,
        amount=limit.amount,
        counts=limit.kind,
        to_restore=restore,
        reached_since=reached,
        spent_out=spent_out,
    )


def _certain(meter: Meter, limit: Limit, standing: Standing, rules: Rules) -> Money | None:
    """Give what was spent of the limit for certain; None where nothing is."""
    if rules.permanent and limit.kind is Kind.CREDIT_LINE:
        return standing.spent.low if standing.spent is not None else None
    if not rules.permanent and standing.kind is not Kind.MONTHLY:
        return standing.spent.low if standing.spent is not None else None
    count = meter.once if limit.kind is Kind.ONE_TIME else meter.month
    if count is None:
        return None
    written = _written_before(limit, count, meter) if rules.permanent else None
    return count.low + (written if written is not None else ZERO)


def _closed(step: Counted, before: Meter, standing: Standing, limit: Limit | None, rules: Rules) -> Period | None:
    """Give the record of a month that is over. What a restoring vendor's figure rose to after our last look is lost."""
    count = step.closed
    if count is None:
        return None
    return Period(
        key=before.key,
        account=before.account,
        month=count.period,
        since=count.since,
        until=next_month_start(before.metered_at, rules.zone),
        low=max(count.low, ZERO) if rules.permanent else count.low,
        high=count.high if step.whole else None,
        kind=limit.kind if limit is not None else before.kind,
        amount=before.amount,
        granted=standing.granted_money,
    )


def _day(meter: Meter, standing: Standing, limit: Limit | None, rules: Rules) -> Day:
    month = meter.month
    low = month.low if month is not None else None
    return Day(
        key=meter.key,
        account=meter.account,
        day=billing_day(standing.as_of, rules.zone),
        month=month.period if month is not None else month_of(standing.as_of, rules.zone),
        low=max(low, ZERO) if low is not None and rules.permanent else low,
        high=month.high + meter.unconfirmed if month is not None else None,
        granted=standing.granted_money,
        amount=limit.amount if limit is not None else None,
    )


def rules_of(capabilities: Capabilities, *, zone: str, lag: timedelta, every: timedelta) -> Rules:
    """Give how one account's figures are read."""
    return Rules(permanent=capabilities.permanent, zone=zone, lag=lag, gap=max(2 * every + lag, _HIDES_A_BILL))
