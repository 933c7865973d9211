"""Judges one customer: in sync, a correction, or a hold. Pure; called by core.planning for each limit in turn."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from core.capabilities import Capabilities, Change
from core.intent import Action, Position
from core.limit import CustomerKey, Limit, OnExhaustion, WritePolicy
from core.money import Money
from core.plan import Correction, Direction, Hold, HoldReason
from core.policy import AccountPolicy
from core.standing import Restriction, Spend, Standing
from core.target import NoTarget, Target, wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Why a customer, or an account, may not be touched now."""

    reason: HoldReason
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What judging needs besides the limit and the standing; see planning.AccountInputs for each."""

    policy: AccountPolicy
    capabilities: Capabilities
    blocks: Mapping[CustomerKey, Block]
    account_block: Block | None
    raises_block: Block | None
    earlier: Mapping[CustomerKey, Standing]
    drift: Mapping[CustomerKey, str]


Judged = Correction | Hold | None

# A customer whose last change is not known to be settled is not planned at all, not even to "in sync".
_UNPLANNABLE = frozenset({HoldReason.UNCERTAIN, HoldReason.DISPUTED, HoldReason.STALE_READ})


def judge(limit: Limit, standing: Standing | None, missing: Block | None, facts: Facts) -> Judged:
    """Judge one customer; `missing` says why there is no standing."""
    key = limit.key
    block = facts.blocks.get(key) if facts.blocks else None
    if block is not None and block.reason in _UNPLANNABLE:
        return _bare_hold(limit, standing, block)
    if standing is None:
        return _bare_hold(limit, None, missing or Block(reason=HoldReason.UNREADABLE))
    if _stands_as_wanted(limit, standing, facts.capabilities):
        return None
    standing = with_spend_that_counts(standing, facts.earlier.get(key))
    target = wanted(limit, standing, facts.capabilities)
    if isinstance(target, NoTarget):
        return _bare_hold(limit, standing, Block(reason=target.reason, detail=target.detail))
    correction = _correction(limit, standing, target, facts)
    if correction is None:
        return None
    held = _held(limit, standing, correction, facts, block)
    if held is not None:
        return correction.held(held.reason, held.detail)
    # A larger amount that leaves nothing to spend gives and takes at once: no half policy lets it pass.
    mixed = correction.exhausts and correction.direction is Direction.RAISE
    direction = Direction.NEITHER if mixed else correction.direction
    blocked = stricter(facts.policy.write_policy, limit.write_policy, direction)
    return replace(correction, blocked_by=blocked) if blocked else correction


def with_spend_that_counts(standing: Standing, earlier: Standing | None) -> Standing:
    """Let a fall of spend count only when an observation at least the lag older shows it too.

    A glitch that shows too little spend would make a cut go below what is spent, and cut the customer off.
    """
    if standing.spent is None or earlier is None or earlier.spent is None or not _comparable(earlier, standing):
        return standing
    if earlier.spent.low <= standing.spent.low:
        return standing
    spent = Spend(low=earlier.spent.low, high=max(standing.spent.high, earlier.spent.high), since=standing.spent.since)
    return replace(standing, spent=spent)


def _comparable(earlier: Standing, standing: Standing) -> bool:
    """Whether two observations speak of the same spend: one currency, and no kind that differs."""
    kinds = {earlier.kind, standing.kind} - {None}
    return earlier.currency == standing.currency and len(kinds) <= 1


def _stands_as_wanted(limit: Limit, standing: Standing, capabilities: Capabilities) -> bool:
    """Whether there is nothing to work out: so for most customers in most runs."""
    if standing.granted != limit.amount or standing.kind is not limit.kind:
        return False
    if standing.currency != limit.amount.currency:
        return False
    managed = limit.on_exhaustion or capabilities.default_action
    return managed is None or standing.on_exhaustion is managed or capabilities.action_readable


def stricter(account: WritePolicy, customer: WritePolicy | None, direction: Direction) -> tuple[str, ...]:
    """Say which write policy blocks this direction, if any; both must let it pass."""
    for policy in (account, customer):
        if policy is not None and not _allows(policy, direction):
            return (f"write_policy {policy}",)
    return ()


def _allows(policy: WritePolicy, direction: Direction) -> bool:
    match policy:
        case WritePolicy.OBSERVE:
            return False
        case WritePolicy.RAISE_ONLY:
            return direction is Direction.RAISE
        case WritePolicy.LOWER_ONLY:
            return direction is Direction.CUT
        case WritePolicy.SYNC:
            return True


def _correction(limit: Limit, standing: Standing, target: Target, facts: Facts) -> Correction | None:
    granted = standing.granted_money
    managed = target.on_exhaustion
    known = standing.on_exhaustion if not facts.capabilities.action_readable else managed
    if granted is not None and standing.kind is not limit.kind:
        action = Action.SET_KIND
    elif granted != target.granted:
        action = Action.SET_AMOUNT
    elif managed is not None and known is not managed:
        action = Action.SET_EXHAUSTION
    else:
        return None
    change = target.granted - granted if granted is not None else None
    direction = _direction(granted, target.granted)
    return Correction(
        order=0,
        account=limit.account,
        customer=limit.customer,
        name=limit.name or standing.name,
        action=action,
        before=Position(
            granted=granted,
            kind=standing.kind,
            on_exhaustion=known if facts.capabilities.action_readable else standing.on_exhaustion,
            restriction=standing.restriction,
        ),
        after=Position(
            granted=target.granted, kind=limit.kind, on_exhaustion=managed, restriction=standing.restriction
        ),
        change=change,
        wanted=limit.amount,
        spent=standing.spent,
        available=standing.available,
        currency=standing.currency,
        as_of=standing.as_of,
        effects=_effects(limit, standing, target, facts, direction),
        detail=target.formula,
        direction=direction,
        exhausts=target.exhausts,
    )


def _direction(granted: Money | None, target: Money) -> Direction:
    if granted is None or target > granted:
        return Direction.RAISE
    return Direction.CUT if target < granted else Direction.NEITHER


def _held(limit: Limit, standing: Standing, correction: Correction, facts: Facts, block: Block | None) -> Block | None:
    """Find the first reason not to make a correction now, the most fundamental first."""
    if block is not None:
        return block
    if facts.account_block is not None:
        return facts.account_block
    if limit.key.customer_id in facts.policy.protected:
        return Block(reason=HoldReason.PROTECTED)
    if correction.direction is Direction.RAISE and facts.raises_block is not None:
        return facts.raises_block
    if _rests_on_one(limit, correction, facts.earlier.get(limit.key), standing):
        when = _clock_time(standing.as_of)
        return Block(
            reason=HoldReason.ONE_OBSERVATION,
            detail=f"seen once, at {when}; it counts when a read at least {_minutes(facts)} later shows it too",
        )
    return None


def _rests_on_one(limit: Limit, correction: Correction, earlier: Standing | None, standing: Standing) -> bool:
    """Whether a cut to nothing is shown by the newest observation alone."""
    if not correction.exhausts or correction.before.granted is None:
        return False  # a customer's first grant: there is no budget whose spend could be seen twice
    if earlier is None or earlier.spent is None or not _comparable(earlier, standing):
        return True
    return earlier.spent.high < limit.amount


def _effects(limit: Limit, standing: Standing, target: Target, facts: Facts, direction: Direction) -> tuple[str, ...]:
    effects: list[str] = []
    if limit.key in facts.drift:
        effects.append(facts.drift[limit.key])
    if target.exhausts:
        suspends = facts.capabilities.zero_suspends and facts.capabilities.change is Change.INCREMENT
        end = "the vendor then suspends its services" if suspends else "nothing is left to spend"
        effects.append(f"exhausts the customer: {end}")
    if standing.kind is not None and standing.kind is not limit.kind:
        effects.append(f"kind {standing.kind} becomes {limit.kind} at once; spend is counted anew")
    effects += _restriction_effects(standing, target, facts, direction)
    if target.on_exhaustion is not None and target.on_exhaustion is not standing.on_exhaustion:
        effects += _action_effects(target.on_exhaustion, facts)
    return tuple(effects)


def _restriction_effects(standing: Standing, target: Target, facts: Facts, direction: Direction) -> list[str]:
    if direction is not Direction.RAISE:
        return []
    if standing.restriction is Restriction.RESTRICTED:
        return ["stays restricted: a raise does not lift the restriction"]
    enough = standing.spent is not None and target.granted > standing.spent.high
    if standing.restriction is Restriction.SUSPENDED and enough and facts.capabilities.zero_suspends:
        return ["the vendor resumes its services"]
    return []


def _action_effects(action: OnExhaustion, facts: Facts) -> list[str]:
    if facts.capabilities.action_readable:
        return []  # the vendor's own behaviour, nothing new for the customer
    match action:
        case OnExhaustion.ALERT:
            return ["at exhaustion: an alert only"]
        case OnExhaustion.RESTRICT:
            return ["at exhaustion: no new purchases; running resources go on and keep costing"]
        case OnExhaustion.FREEZE:
            return ["at exhaustion: purchases and resources stop"]


def _bare_hold(limit: Limit, standing: Standing | None, block: Block) -> Hold:
    before = Position()
    if standing is not None:
        before = Position(
            granted=standing.granted_money,
            kind=standing.kind,
            on_exhaustion=standing.on_exhaustion,
            restriction=standing.restriction,
        )
    return Hold(
        order=0,
        account=limit.account,
        customer=limit.customer,
        name=limit.name or (standing.name if standing is not None else None),
        action=None,
        before=before,
        after=Position(granted=None, kind=limit.kind, on_exhaustion=limit.on_exhaustion),
        change=None,
        wanted=limit.amount,
        spent=standing.spent if standing is not None else None,
        available=standing.available if standing is not None else None,
        currency=standing.currency if standing is not None else limit.amount.currency,
        as_of=standing.as_of if standing is not None else None,
        detail=block.detail,
        reason=block.reason,
    )


def _clock_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")


def _minutes(facts: Facts) -> str:
    seconds = int(facts.policy.lag.total_seconds())
    return f"{seconds // 60} min" if seconds > 59 else f"{seconds} s"  # noqa: PLR2004 - a minute
