"""The amount in force: what is written, what a date changes, what ends by itself, and what top_up added.

Called by core.run.metering and core.planning before a limit is judged, and by `tidegate explain`. Pure; it asks no
clock: the billing day is an argument.
"""

import math
from dataclasses import replace
from datetime import date
from fractions import Fraction

from core.limit import Limit, Temporary
from core.money import ZERO, Money

_WHOLE = 100  # percent


def resolved(limit: Limit, today: date, topped: Money = ZERO) -> Limit:
    """Give the limit with the amount in force on the billing day `today`, and `why` in words.

    `limit` is the one that is written, not one that was resolved before: `why` speaks of the written amount.
    `later` replaces the amount from its day on; `temporary` replaces either until the day `until` begins; `topped`,
    what top_up added in this period, comes on top of that, together never above `top_up.most`. A base that is above
    it already stays. Without a top_up nothing is added, whatever was before. `why` is empty where the amount is
    simply what is written and no date will change it.
    """
    base = _on(limit, today)
    added = _added(limit, base, topped)
    schedule = _schedule(limit, today)
    if added == ZERO:
        return replace(limit, amount=base, why=schedule)
    why = f"{base} plus {added} topped up" + (f"; {schedule}" if schedule else "")
    return replace(limit, amount=base + added, why=why)


def topped_up(limit: Limit, spent_low: Money, topped: Money) -> Money:
    """Give the new total of what top_up added in this period, after a look at what is spent for certain.

    `limit.amount` is the base: the amount in force without any topping up. While less than `below` percent of base
    and topping together is left, another `step` is added; the last step is cut short at `most`. Never less than
    `topped`. The number of steps is worked out, not looped over, so that any input ends at once.
    """
    top_up = limit.top_up
    if top_up is None:
        return topped
    in_force = limit.amount + topped
    share = _WHOLE - Fraction(top_up.below)  # percent of the amount that may be spent before another step
    if top_up.step <= ZERO or in_force >= top_up.most or in_force.cents * share >= _WHOLE * spent_low.cents:
        return topped
    if share <= 0:
        return top_up.most - limit.amount  # no amount is ever enough
    enough = math.ceil(_WHOLE * spent_low.cents / share)
    steps = -((in_force.cents - enough) // top_up.step.cents)
    return min(topped + Money(steps * top_up.step.cents, topped.currency), top_up.most - limit.amount)


def _on(limit: Limit, day: date) -> Money:
    """Give the amount of a day without topping up."""
    temporary = limit.temporary
    if temporary is not None and _begun(temporary, day) and day < temporary.until:
        return temporary.amount
    return _lasting(limit, day)


def _lasting(limit: Limit, day: date) -> Money:
    if limit.later is not None and limit.later.starts <= day:
        return limit.later.amount
    return limit.amount


def _added(limit: Limit, base: Money, topped: Money) -> Money:
    if limit.top_up is None:
        return ZERO
    return max(ZERO, min(topped, limit.top_up.most - base))


def _begun(temporary: Temporary, day: date) -> bool:
    return temporary.starts is None or temporary.starts <= day


def _schedule(limit: Limit, today: date) -> str:
    """Say which dates lie behind the amount of today, and which will change it."""
    later, temporary = limit.later, _to_tell(limit, today)
    if temporary is not None and _begun(temporary, today):
        said = f"{temporary.amount} until {temporary.until}, then {_lasting(limit, temporary.until)}"
        return said + _afterwards(limit, temporary.until)
    said = ""
    if later is not None and later.starts <= today:
        said = f"{later.amount} from {later.starts} on; {limit.amount} before"
    coming = _coming(limit, temporary, today)
    if not coming:
        return said
    return f"{said or limit.amount}{';' if said else ','} then {coming}"


def _coming(limit: Limit, temporary: Temporary | None, today: date) -> str:
    """Say what will change the amount, the first first; empty when nothing will."""
    if temporary is None or temporary.starts is None:
        return _afterwards(limit, today).removeprefix(", then ")
    starts = temporary.starts
    raised = f"{temporary.amount} from {starts} until {temporary.until}, then {_lasting(limit, temporary.until)}"
    raised += _afterwards(limit, temporary.until)
    if limit.later is not None and today < limit.later.starts < starts:
        return f"{limit.later.amount} from {limit.later.starts}, then {raised}"
    return raised


def _afterwards(limit: Limit, day: date) -> str:
    if limit.later is None or limit.later.starts <= day:
        return ""
    return f", then {limit.later.amount} from {limit.later.starts}"


def _to_tell(limit: Limit, today: date) -> Temporary | None:
    """Give the temporary amount unless it is over, or never is."""
    temporary = limit.temporary
    if temporary is None or temporary.until <= today:
        return None
    if temporary.starts is not None and temporary.starts >= temporary.until:
        return None
    return temporary
