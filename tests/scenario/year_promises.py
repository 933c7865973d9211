"""What must hold in every world, each as one function that says what is broken; empty: nothing is.

The conditions are meant to be read: they are the exact form of what Tidegate promises.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from core.intent import Action, Intent, State
from core.limit import Kind, Limit
from core.meter import Meter
from core.money import ZERO, Money, or_zero
from core.plan import HoldReason
from core.standing import Restriction
from tests.scenario.calendar_cloud import OURS, VENDOR, CalendarCloud, Kept
from tests.scenario.year_office import left_to_do
from tests.scenario.year_spending import month_begins
from tests.scenario.year_tencent import CalendarTencent
from tests.scenario.year_worlds import World


def period_spend(kept: Kept, limit: Limit, cloud: CalendarCloud, moment: datetime) -> Money:
    """Give the true spend that a limit speaks of, up to a moment; of a one-time one all that may count."""
    if limit.kind is Kind.CREDIT_LINE:
        return cloud.used(kept, moment)
    if limit.kind is Kind.MONTHLY:
        return kept.curve.between(month_begins(moment), moment)
    return kept.curve.between(month_begins(kept.granted[0][0]), moment)


def cut_off_wrongly(cloud: CalendarCloud, intent: Intent, kept: Kept, limit: Limit) -> str | None:
    """Say if a call of ours would cut a customer off whose amount is not spent.

    Cut off: restricted or frozen, or nothing left of a credit or a budget that left something before. Right only if
    the true spend of the limit's period has reached the amount in force, or zero was asked for.
    """
    spent = period_spend(kept, limit, cloud, kept.advanced)
    if limit.amount == ZERO or spent >= limit.amount:
        return None
    if intent.action in {Action.RESTRICT, Action.FREEZE}:
        return f"{intent.action} though {spent} of {limit.amount} is spent"
    if intent.action is Action.RELEASE:
        return None
    granted, used = or_zero(kept.granted[-1][1]), cloud.used(kept, kept.advanced)
    after = granted + or_zero(intent.change) if isinstance(cloud, CalendarTencent) else or_zero(intent.wanted.granted)
    if granted > used >= after:
        return f"leaves nothing of {granted}: {after}, {used} used, though {spent} of {limit.amount} is spent"
    return None


def lifted_wrongly(intent: Intent, cloud: CalendarCloud, kept: Kept) -> str | None:
    """Say if a call would lift a restriction that neither exhaustion nor we brought about."""
    if intent.action is not Action.RELEASE:
        return None
    deeds = [deed for deed in cloud.deeds if deed.customer_id == kept.id and deed.after is Restriction.RESTRICTED]
    who = deeds[-1].by if deeds else "nobody"
    return None if who in {OURS, VENDOR} else f"released what {who} had frozen"


def watch(world: World) -> None:
    """Let every cloud ask about each call of ours, before it takes effect, whether it may be."""

    def watcher(cloud: CalendarCloud, intent: Intent, kept: Kept) -> str | None:
        limit = next(one for one in world.limits if one.key == intent.key)
        return cut_off_wrongly(cloud, intent, kept, limit) or lifted_wrongly(intent, cloud, kept)

    for cloud in world.clouds.values():
        cloud.watchers.append(watcher)


def shown_late(cloud: CalendarCloud) -> timedelta:
    """Give how old the spend is that the vendor shows."""
    return max(cloud.spend_late, cloud.figures_late)


def meter_misses(cloud: CalendarCloud, kept: Kept, meter: Meter) -> str | None:
    """Say if the month's interval does not contain what was truly spent, as far as the vendor had shown it.

    The truth: from the beginning of the counted month to the moment of the last metered read, less how late the
    vendor shows spend. What was spent before the first observation is in `high` alone.
    """
    month = meter.month
    if month is None:
        return None
    shown = meter.metered_at - shown_late(cloud)
    begins = month_begins(meter.metered_at - cloud.capabilities.lag)
    truth = kept.curve.between(begins, max(shown, begins))
    high = month.high + meter.unconfirmed
    if month.low <= truth <= high:
        return None
    return f"{kept.id}: {truth} spent in {month.period} by {shown:%m-%d %H:%M}, metered {month.low} to {high}"


def nothing_between(cloud: CalendarCloud, kept: Kept, earlier: Meter, meter: Meter) -> bool:
    """Whether two looks at one month have no confirmed bill between them or unsettled, no edge and no other kind."""
    if earlier.month is None or meter.month is None or earlier.month.period != meter.month.period:
        return False
    if earlier.fell_at is not None or meter.fell_at is not None or earlier.kind is not meter.kind:
        return False
    since, until = earlier.metered_at - shown_late(cloud), meter.metered_at - shown_late(cloud)
    if isinstance(cloud, CalendarTencent):
        return not any(since < moment <= until for moment, _ in kept.confirmed)
    turned = any(earlier.metered_at < moment <= meter.metered_at for moment, _ in kept.kind)
    return month_begins(since) == month_begins(until) and not turned


def bills_hidden(cloud: CalendarCloud, kept: Kept, looks: Sequence[datetime]) -> bool:
    """Whether a confirmed bill was hidden by a greater spend: what the meter assumes does not happen.

    See core.meter: "for the length of Rules.gap it is not hidden by an even greater spend". One look that shows the
    fall alone may be a glitch, so the figure must not be back by the look after it either.
    """
    if not isinstance(cloud, CalendarTencent):
        return False
    late = shown_late(cloud)
    spans = [*pairwise(looks), *zip(looks, looks[2:], strict=False)]
    return any(
        any(since - late < moment <= until - late for moment, _ in kept.confirmed[1:])
        and cloud.used(kept, until - late) >= cloud.used(kept, since - late)
        for since, until in spans
    )


def unfinished(world: World) -> list[str]:
    """Say what a plan right after a run still has that does not pass by itself.

    Nor is it counted what the vendor has just refused: it takes back only what is not spent by then, and shows spend
    late, so taking all that is left waits until the customer stops or its figures have caught up. Nor what it has
    confirmed and shows later.
    """
    last = world.results[-len(world.clouds) :]
    refused = {row.correction.key for result in last for row in result.outcomes if row.held is HoldReason.REFUSED}
    late = {intent.key for result in last for intent in result.open_intents if intent.state is State.CONFIRMED}
    return [item for name in world.clouds for item in left_to_do(world.desk.plan(world.limits, name), refused | late)]


def books_wrong(world: World) -> list[str]:
    """Say which books do not add up to what truly stands."""
    wrong = []
    for name, cloud in world.clouds.items():
        for book in world.desk.store.books(name).values():
            truth = cloud.granted(book.key.customer_id)
            if or_zero(book.opened) + book.ours + book.others != or_zero(book.granted) or book.granted != truth:
                wrong.append(f"{book.key}: {book.opened} + {book.ours} + {book.others} is not {book.granted}, {truth}")
    return wrong
