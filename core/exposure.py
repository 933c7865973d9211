"""What a partner is in for: what customers may still spend, what the next month will need, what the vendor allows.

Called by core.planning; pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.amounts import resolved
from core.capabilities import Capabilities
from core.limit import CustomerKey, Kind, Limit
from core.meter import billing_day, next_month_start
from core.money import USD, ZERO, Money
from core.spending import is_emulated
from core.standing import Absence, Standing

# So long before a month begins, what it needs and does not have is for a person to see to.
AHEAD = timedelta(days=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Headroom:
    """What the partner itself may still owe the vendor; None where the vendor does not say.

    `limit`: the partner's own credit or consumption quota; `used`: of it; `left`: until the vendor stops the partner
    and all its customers. It is no sum of customers' limits, and no cap on them.
    """

    title: str
    limit: Money | None
    used: Money | None
    left: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """One account's figures ahead. `granted`: to customers with a limit; `open`: of it they can still spend.

    `rollover`: credit that the billing month beginning at `rollover_at` will need; None where months need none.
    `headroom`: what the partner itself may still owe.
    """

    granted: Money
    open: Money
    rollover: Money | None = None
    rollover_at: datetime | None = None
    headroom: Headroom | None = None


def outlook(
    limits: Iterable[Limit],
    standings: Mapping[CustomerKey, Standing],
    capabilities: Capabilities,
    *,
    now: datetime,
    zone: str,
    headroom: Headroom | None,
) -> Outlook | None:
    """Add an account up; customers that could not be read, or in another currency, are left out.

    None where there are limits and of none of their customers it is known what stands: that is no zero.
    """
    granted = spare = need = 0
    wanted = known = 0
    months = False
    begins = next_month_start(now, zone)
    first = billing_day(begins, zone)
    for limit in limits:
        wanted += 1
        standing = standings.get(limit.key)
        if standing is None or standing.currency != USD or standing.granted is Absence.UNKNOWN:
            continue
        known += 1
        if standing.granted_money is None:
            continue
        granted += standing.granted_money.cents
        spare += max(standing.available.cents, 0) if standing.available is not None else 0
        if limit.kind is Kind.MONTHLY and is_emulated(limit, capabilities):
            months = True
            need += max(_used(standing).cents + resolved(limit, first).amount.cents - standing.granted_money.cents, 0)
    if wanted and not known:
        return None
    return Outlook(
        granted=Money(granted),
        open=Money(spare),
        rollover=Money(need) if months else None,
        rollover_at=begins if months else None,
        headroom=headroom,
    )


def shortage(ahead: Outlook | None, allocable: Money | None, now: datetime) -> str | None:
    """Say that the next month needs more credit than can be given out, once it is near; None where it does not."""
    if ahead is None or ahead.rollover is None or ahead.rollover_at is None:
        return None
    if allocable is None or ahead.rollover <= allocable:
        return None
    if now < ahead.rollover_at - AHEAD:
        return None
    return (
        f"the month that begins at {ahead.rollover_at:%Y-%m-%d %H:%M} UTC needs {ahead.rollover} of credit, and "
        f"{allocable} can be given out: ask the vendor for more, or lower limits"
    )


def _used(standing: Standing) -> Money:
    return max(standing.spent.high, ZERO) if standing.spent is not None else ZERO
