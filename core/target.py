"""What should stand at the vendor for one customer: the limit's meaning, worked out from capabilities alone.

Called by core.planning; pure. The two rules that keep customers from being cut off by accident live here:
the below-spent rule (a cut stops at what is spent) and the zero rule (zero is asked for, never met by chance).
"""

from dataclasses import dataclass

from core.capabilities import Capabilities
from core.limit import Kind, Limit, OnExhaustion
from core.money import ZERO, Money
from core.plan import HoldReason
from core.standing import Absence, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What should stand: `granted`, the limit's kind, the action (None: not managed), and how it was found.

    `exhausts`: nothing would be left to spend that is left now. `formula` is one sentence.
    """

    granted: Money
    on_exhaustion: OnExhaustion | None
    exhausts: bool
    capped: bool
    formula: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoTarget:
    """Nothing can be said of what should stand, and why."""

    reason: HoldReason
    detail: str


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a vendor cannot keep a limit: the column to change, and a sentence that says what to write."""

    column: str
    sentence: str


def objections(limit: Limit, capabilities: Capabilities) -> list[Objection]:
    """Say everything for which this vendor cannot keep this limit; empty when it can."""
    found = [*_choice_objections(limit, capabilities)]
    if (sentence := _amount_objection(limit, capabilities)) is not None:
        found.append(Objection("amount", sentence))
    if limit.non_stop and (limit.on_exhaustion or capabilities.default_action) is OnExhaustion.FREEZE:
        sentence = "non_stop contradicts on_exhaustion freeze: nothing would stop for this customer"
        found.append(Objection("non_stop", sentence))
    return found


def wanted(limit: Limit, standing: Standing, capabilities: Capabilities) -> Target | NoTarget:
    """Work out what should stand for a customer that could be read."""
    if standing.currency != limit.amount.currency:
        return NoTarget(reason=HoldReason.CURRENCY, detail=f"the vendor answered in {standing.currency}")
    if standing.granted is Absence.UNKNOWN:
        return NoTarget(reason=HoldReason.UNREADABLE, detail="the vendor did not say what is granted now")
    granted = standing.granted_money
    action = limit.on_exhaustion or capabilities.default_action
    if granted is None:
        if action is None and capabilities.first_grant_states_action:
            return NoTarget(
                reason=HoldReason.ACTION_UNSTATED,
                detail=f"no budget is set yet; write on_exhaustion for it{_written(limit)}",
            )
        return _first_grant(limit, standing, action)
    if standing.kind is not limit.kind:
        return _changed_kind(limit, standing, action)
    if limit.amount >= granted:
        return _plain(limit, action, "")
    return _cut(limit, standing, granted, action)


def _plain(limit: Limit, action: OnExhaustion | None, why: str, *, exhausts: bool = False) -> Target:
    formula = f"limit {limit.amount}{_written(limit)}" + (f"; {why}" if why else "")
    return Target(granted=limit.amount, on_exhaustion=action, exhausts=exhausts, capped=False, formula=formula)


def _first_grant(limit: Limit, standing: Standing, action: OnExhaustion | None) -> Target:
    # Where nothing was granted the customer may have spent without a limit: a first one below that cuts it off.
    exhausts = standing.spent is not None and limit.amount <= standing.spent.high
    return _plain(limit, action, "no grant stands yet", exhausts=exhausts)


def _changed_kind(limit: Limit, standing: Standing, action: OnExhaustion | None) -> Target:
    # Spend counted under another kind caps nothing; but where it already exceeds the new amount,
    # the change may exhaust the customer at once, and that must not happen by accident.
    exhausts = standing.spent is None or limit.amount <= standing.spent.high
    return _plain(limit, action, f"the kind changes from {standing.kind or 'unknown'} at once", exhausts=exhausts)


def _cut(limit: Limit, standing: Standing, granted: Money, action: OnExhaustion | None) -> Target | NoTarget:
    if standing.spent is None:
        return NoTarget(reason=HoldReason.SPEND_UNKNOWN, detail="a cut needs to know what is spent")
    # Not below what may be spent: a withdrawal of the last fraction of a cent would be refused, or cut somebody off.
    spent = max(standing.spent.high, ZERO)
    stop = min(granted, max(limit.amount, spent))
    capped = stop != limit.amount
    # Spend is an interval: something may be left now, and nothing may be left then.
    left_now = granted > standing.spent.low
    formula = f"limit {limit.amount}{_written(limit)}"
    if capped:
        formula += f", but {spent} is spent already: the cut stops there"
    return Target(
        granted=stop,
        on_exhaustion=action,
        exhausts=left_now and stop <= standing.spent.high,
        capped=capped,
        formula=formula,
    )


def _choice_objections(limit: Limit, capabilities: Capabilities) -> list[Objection]:
    kind, action = limit.kind, limit.on_exhaustion
    choices: list[tuple[str, tuple[Kind | None, OnExhaustion | None]]] = [("kind", (kind, None))]
    choices += [("on_exhaustion", (None, action)), ("on_exhaustion", (kind, action))] if action is not None else []
    refused = [Objection(column, capabilities.refused[at]) for column, at in choices if at in capabilities.refused]
    if refused:
        return refused
    if limit.kind not in capabilities.kinds:
        known = " or ".join(sorted(capabilities.kinds))
        return [Objection("kind", f"kind {limit.kind} is not something {capabilities.title} can do: write {known}")]
    if limit.on_exhaustion is None or limit.on_exhaustion in capabilities.actions[limit.kind]:
        return []
    known = ", ".join(sorted(capabilities.actions[limit.kind])) or "nothing"
    sentence = (
        f"on_exhaustion {limit.on_exhaustion} is not something {capabilities.title} can do for kind {limit.kind}: "
        f"write {known}, or leave it empty"
    )
    return [Objection("on_exhaustion", sentence)]


def _amount_objection(limit: Limit, capabilities: Capabilities) -> str | None:
    if limit.amount < ZERO:
        return "an amount cannot be negative"
    if limit.amount == ZERO:
        if not capabilities.zero_allowed:
            return (
                f"{capabilities.title} cannot take an amount of zero: write the smallest amount, "
                f"{capabilities.minimum}, or restrict the customer in the vendor's console"
            )
        if not limit.allow_zero:
            return "an amount of zero stops the customer: write allow_zero = true if that is meant"
        return None
    if limit.amount < capabilities.minimum:
        return f"the smallest amount {capabilities.title} takes is {capabilities.minimum}"
    if limit.amount > capabilities.maximum:
        return f"the largest amount {capabilities.title} takes is {capabilities.maximum}"
    return None


def _written(limit: Limit) -> str:
    return f" ({limit.source})" if limit.source is not None else ""
