"""What a correction does to the customer, as sentences for whoever approves it. Called by core.judgement; pure."""

from core.capabilities import Capabilities, Change
from core.intent import Action
from core.limit import Kind, Limit, OnExhaustion
from core.plan import Direction, HoldReason
from core.restricting import RESTRICTED, Lever
from core.standing import Restriction, Standing
from core.target import Target

_LEVERS = {
    Action.RELEASE: "lifts the restriction",
    Action.RESTRICT: "restricts the customer: no new purchases; running resources go on and keep costing",
    Action.FREEZE: "freezes the customer: purchases and resources stop, and data is deleted after 15 days",
}

# What a change of kind does to the spend that has added up.
_COUNTS = {
    Kind.MONTHLY: "the spend of this month so far counts, and it begins anew every month",
    Kind.ONE_TIME: "spend counts from this month on, and never begins anew",
    Kind.CREDIT_LINE: "all that is used counts, until its bill is confirmed",
}


def effects_of(
    limit: Limit,
    standing: Standing,
    target: Target,
    capabilities: Capabilities,
    *,
    direction: Direction,
    lever: Lever | None,
    drift: str | None,
) -> tuple[str, ...]:
    """Say everything that whoever approves should know, the gravest first."""
    effects = [drift] if drift is not None else []
    if target.exhausts:
        effects.append(f"exhausts the customer: {_end(limit, capabilities)}")
    if lever is not None and lever.action is not None:
        effects.append(_LEVERS[lever.action])
    if target.urgent:
        effects.append("less is left than the customer may spend until the next look")
    if standing.kind is not None and limit.kind is not standing.kind and limit.kind in capabilities.kinds:
        effects.append(f"kind {standing.kind} becomes {limit.kind} at once: {_COUNTS[limit.kind]}")
    effects += _restriction(standing, target, capabilities, direction, lever)
    if target.on_exhaustion is not None and target.on_exhaustion is not standing.on_exhaustion:
        effects += _action(target.on_exhaustion, capabilities)
    if limit.why:
        effects.append(f"the limit is {limit.why}")
    return tuple(effects)


def _end(limit: Limit, capabilities: Capabilities) -> str:
    if capabilities.change is not Change.INCREMENT or not capabilities.zero_suspends:
        return "nothing is left to spend"
    if limit.non_stop:
        return "no new purchases; with the non-stop privilege its services go on and keep costing"
    return "the vendor then suspends its services"


def _restriction(
    standing: Standing,
    target: Target,
    capabilities: Capabilities,
    direction: Direction,
    lever: Lever | None,
) -> list[str]:
    if direction is not Direction.RAISE or (lever is not None and lever.action is not None):
        return []
    if standing.restriction in RESTRICTED:
        why = f": {lever.detail}" if lever is not None and lever.reason is not HoldReason.ONE_OBSERVATION else ""
        return [f"stays {standing.restriction}{why or ': a raise alone does not lift the restriction'}"]
    used = standing.spent.high if standing.spent is not None else None
    enough = used is not None and target.granted is not None and target.granted > used
    if standing.restriction is Restriction.SUSPENDED and enough and capabilities.zero_suspends:
        return ["the vendor resumes its services"]
    return []


def _action(action: OnExhaustion, capabilities: Capabilities) -> list[str]:
    if capabilities.action_readable:
        return []  # the vendor's own behaviour, nothing new for the customer
    match action:
        case OnExhaustion.ALERT:
            return ["at exhaustion: an alert only"]
        case OnExhaustion.RESTRICT:
            return ["at exhaustion: no new purchases; running resources go on and keep costing"]
        case OnExhaustion.FREEZE:
            return ["at exhaustion: purchases and resources stop, by a call of Tidegate's"]
