"""What should stand at the vendor for one customer: the limit's meaning, worked out from capabilities alone.

Called by core.judgement; pure. The two rules that keep customers from being cut off by accident live here:
the below-spent rule (a cut stops at what is spent) and the zero rule (zero is asked for, never met by chance).
A kind that the vendor lacks is kept by following its permanent credit.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from core.capabilities import Capabilities
from core.limit import Kind, Limit, OnExhaustion
from core.money import ZERO, Money, or_zero
from core.plan import HoldReason
from core.spending import Reading, is_emulated
from core.standing import Absence, Spend, Standing

# The share of an amount that a customer whom nobody is to cut off always has before it.
_CUSHION = Decimal("0.10")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What should stand: `granted` (None: no amount is set), the action (None: not managed), and how it was found.

    `exhausts`: nothing would be left to spend that is left now; `empties`: so too, but the amount was spent before.
    `urgent`: a customer that nobody is to cut off has
    less than its cushion. `formula` is one sentence.
    """

    granted: Money | None
    on_exhaustion: OnExhaustion | None
    exhausts: bool
    capped: bool
    formula: str
    empties: bool = False
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NoTarget:
    """Nothing can be said of what should stand, and why."""

    reason: HoldReason
    detail: str


def wanted(
    limit: Limit, standing: Standing, capabilities: Capabilities, reading: Reading, lead: Money
) -> Target | NoTarget:
    """Work out what should stand for a customer that could be read.

    `lead`: what the customer may spend until Tidegate can follow (three intervals and the lag, at its highest rate).
    """
    if (unknown := _unknown(limit, standing)) is not None:
        return unknown
    if follows(limit, capabilities):
        return _followed(limit, standing, capabilities, reading, lead)
    if limit.amount == ZERO and not capabilities.zero_allowed:
        return _nothing(limit, standing)
    action = limit.on_exhaustion or capabilities.default_action
    granted = standing.granted_money
    if granted is None:
        return _first_grant(limit, standing, action, capabilities)
    if standing.kind is not limit.kind:
        return _changed_kind(limit, standing, action)
    return _plain(limit, action, "") if limit.amount >= granted else _cut(limit, granted, action, reading)


def follows(limit: Limit, capabilities: Capabilities) -> bool:
    """Whether what should stand follows what is used, up and down: then that must be the newest figure."""
    return is_emulated(limit, capabilities) or _is_cushioned(limit, capabilities)


def _unknown(limit: Limit, standing: Standing) -> NoTarget | None:
    if standing.currency != limit.amount.currency:
        return NoTarget(reason=HoldReason.CURRENCY, detail=f"the vendor answered in {standing.currency}")
    if standing.granted is Absence.UNKNOWN:
        return NoTarget(reason=HoldReason.UNREADABLE, detail="the vendor did not say what is granted now")
    return None


def _plain(limit: Limit, action: OnExhaustion | None, why: str, *, exhausts: bool = False) -> Target:
    formula = f"limit {_amount(limit)}{_written(limit)}" + (f"; {why}" if why else "")
    return Target(granted=limit.amount, on_exhaustion=action, exhausts=exhausts, capped=False, formula=formula)


def _nothing(limit: Limit, standing: Standing) -> Target:
    """Zero where the vendor takes none: the budget stays, and the customer is restricted by a call of its own."""
    formula = f"limit {_amount(limit)}{_written(limit)}: the vendor takes no zero, so the customer is restricted"
    return Target(granted=standing.granted_money, on_exhaustion=None, exhausts=False, capped=False, formula=formula)


def _first_grant(
    limit: Limit, standing: Standing, action: OnExhaustion | None, capabilities: Capabilities
) -> Target | NoTarget:
    if action is None and capabilities.first_grant_states_action:
        detail = f"no budget is set yet; write on_exhaustion for it{_written(limit)}"
        return NoTarget(reason=HoldReason.ACTION_UNSTATED, detail=detail)
    # Where nothing was granted the customer may have spent without a limit: a first one below that cuts it off.
    exhausts = standing.spent is not None and limit.amount <= standing.spent.high
    return _plain(limit, action, "no grant stands yet", exhausts=exhausts)


def _changed_kind(limit: Limit, standing: Standing, action: OnExhaustion | None) -> Target:
    # Spend counted under another kind caps nothing; but where it already exceeds the new amount,
    # the change may exhaust the customer at once, and that must not happen by accident.
    exhausts = standing.spent is None or limit.amount <= standing.spent.high
    why = f"the kind changes from {standing.kind or 'unknown'} at once; {_accumulated(limit, standing)}"
    return _plain(limit, action, why, exhausts=exhausts)


def _accumulated(limit: Limit, standing: Standing) -> str:
    """Say what a change of kind does to the spend that has added up (the vendor's manual)."""
    if limit.kind is Kind.MONTHLY:
        return "what counts from then on is the spend of this month so far, and it begins anew every month"
    spent = f", {standing.spent.high} so far," if standing.spent is not None else ""
    return f"the spend{spent} counts from this month on, and never begins anew"


def _cut(limit: Limit, granted: Money, action: OnExhaustion | None, reading: Reading) -> Target | NoTarget:
    if reading.spend is None:
        reason = HoldReason.TOO_EARLY if reading.why else HoldReason.SPEND_UNKNOWN
        return NoTarget(reason=reason, detail=reading.why or "a cut needs to know what is spent")
    # Not below what may be spent: a withdrawal of the last fraction of a cent would be refused, or cut somebody off.
    spent = max(reading.spend.high, ZERO)
    stop = min(granted, max(limit.amount, spent))
    capped = stop != limit.amount
    # Spend is an interval: something may be left now, and nothing may be left then.
    left_now = granted > reading.spend.low
    formula = f"limit {_amount(limit)}{_written(limit)}"
    if capped:
        formula += f", but {spent} is spent already: the cut stops there"
    return Target(
        granted=stop,
        on_exhaustion=action,
        exhausts=left_now and stop <= reading.spend.high,
        capped=capped,
        formula=formula,
    )


def _is_cushioned(limit: Limit, capabilities: Capabilities) -> bool:
    return capabilities.alert_needs_overrun and limit.on_exhaustion is OnExhaustion.ALERT


def _followed(
    limit: Limit, standing: Standing, capabilities: Capabilities, reading: Reading, lead: Money
) -> Target | NoTarget:
    """Follow a permanent credit: what is used, and what the limit leaves; raises by the most that may be spent.

    Where the spend is an interval the target is one too: whatever stands between its ends stands as wanted.
    """
    if standing.spent is None:
        return NoTarget(reason=HoldReason.SPEND_UNKNOWN, detail="the credit's use is not known")
    if reading.spend is None:
        return NoTarget(reason=HoldReason.TOO_EARLY, detail=reading.why)
    granted = or_zero(standing.granted_money)
    # A fall that one read alone shows does not count: cut by it, a customer would lose what it has left.
    used = max(standing.spent.high, ZERO if reading.used is None else reading.used)
    band = _band(limit, used, reading.spend, capabilities)
    cushioned = _is_cushioned(limit, capabilities)
    formula = _formula(limit, used, reading.spend, emulated=is_emulated(limit, capabilities))
    if cushioned:
        band, cushion = _with_cushion(limit, used, band, reading, lead)
        formula += f"; nobody is cut off: at least {cushion} is kept before the customer"
    urgent = cushioned and granted < band.floor
    action = limit.on_exhaustion or capabilities.default_action
    if granted < band.floor:
        return Target(
            granted=band.raised, on_exhaustion=action, exhausts=False, capped=False, formula=formula, urgent=urgent
        )
    if granted > band.ceiling:
        empties = band.lowered <= used < granted
        return Target(
            granted=band.lowered,
            on_exhaustion=action,
            # What a bill gave back to a customer that has spent its amount is nothing it had left.
            exhausts=empties and not reading.spent_out,
            empties=empties,
            capped=False,
            formula=formula,
        )
    if granted <= used and band.ceiling - used > _tenth(limit):
        # Not knowing leaves the customer with nothing, though it may have much left: a person can say.
        return NoTarget(reason=HoldReason.SPEND_UNSURE, detail=_unsure(reading, band))
    stands = standing.granted_money
    return Target(granted=stands, on_exhaustion=action, exhausts=False, capped=False, formula=formula)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Band:
    """Below `floor` credit goes up to `raised`; above `ceiling` it goes down to `lowered`."""

    floor: Money
    raised: Money
    ceiling: Money
    lowered: Money


def _band(limit: Limit, used: Money, spend: Spend, capabilities: Capabilities) -> _Band:
    if not is_emulated(limit, capabilities):
        level = max(limit.amount, used)
        return _Band(floor=limit.amount, raised=limit.amount, ceiling=level, lowered=level)
    least = max(limit.amount - spend.high, ZERO)
    most = max(limit.amount - spend.low, ZERO)
    # Nothing left to give: an overdrawn credit is not paid up, the cap makes no raise.
    floor = used + least if least > ZERO else ZERO
    return _Band(floor=floor, raised=floor, ceiling=used + most, lowered=used + most)


def _with_cushion(limit: Limit, used: Money, band: _Band, reading: Reading, lead: Money) -> tuple[_Band, Money]:
    """Widen a band so that the credit stays ahead of the spend, as far as the overrun allows.

    Raised by what two reads have shown, so that one wrong figure gives nothing; the cushion outlasts the wait. Taken
    back only when twice as much is left as is given: the rate moves from read to read, and credit need not follow.
    """
    cushion = max(_tenth(limit), lead)
    spend = reading.spend if reading.spend is not None else Spend.exactly(used)
    sure = max(min(used, used if reading.sure is None else reading.sure), ZERO)
    ahead, behind = sure + cushion + cushion, used + cushion + cushion
    most = limit.overrun.most if limit.overrun is not None else ZERO
    far = behind + cushion + cushion
    if most is not None:
        # Above the amount by no more than was allowed: given by the most that may have been spent, taken by the least.
        # An overdrawn credit is not paid up here either.
        left = limit.amount + most - spend.high
        ahead = min(ahead, used + left) if left > ZERO else ZERO
        bound = used + max(limit.amount + most - spend.low, ZERO)
        behind, far = min(behind, bound), min(far, bound)
    floor = max(band.floor, min(sure + cushion, ahead))
    widened = _Band(
        floor=floor,
        raised=max(band.raised, ahead),
        ceiling=max(band.ceiling, far),
        lowered=max(band.lowered, behind),
    )
    return widened, cushion


def _tenth(limit: Limit) -> Money:
    return Money(int((limit.amount.to_decimal() * _CUSHION * 100).to_integral_value(rounding=ROUND_CEILING)))


def _unsure(reading: Reading, band: _Band) -> str:
    spend = reading.spend
    since = f"{spend.since:%Y-%m-%d %H:%M} UTC" if spend is not None and spend.since is not None else "now"
    if reading.unmetered > ZERO:
        return (
            f"spend counts from {since}, and up to {reading.unmetered} of what is used may be of this period: write "
            f"spent_before, and up to {band.ceiling} is granted; without it the customer keeps what it has"
        )
    ends = f"{spend.low} and {spend.high}" if spend is not None else "nothing and all of it"
    return (
        f"a confirmed bill or a gap between looks leaves open whether {ends} was spent since {since}; "
        f"write temporary_amount if the customer is to have more before the period ends"
    )


def _formula(limit: Limit, used: Money, spend: Spend, *, emulated: bool) -> str:
    if not emulated:
        return f"limit {_amount(limit)}{_written(limit)}, {used} is used"
    spent = str(spend.low) if spend.low == spend.high else f"{spend.low} to {spend.high}"
    since = f" since {spend.since:%Y-%m-%d %H:%M} UTC" if spend.since is not None else ""
    left = f"limit {_amount(limit)}{_written(limit)} less {spent} spent{since}"
    return f"{used} used at the vendor, and what is left of it: {left}"


def _amount(limit: Limit) -> str:
    return limit.why or str(limit.amount)


def _written(limit: Limit) -> str:
    return f" ({limit.source})" if limit.source is not None else ""
