"""Judges one customer: in sync, a correction, or a hold. Pure; called by core.planning for each limit in turn."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from core.amounts import resolved
from core.books import Cause
from core.capabilities import Capabilities
from core.effects import effects_of
from core.forecast import expected
from core.intent import Action, Position
from core.limit import CustomerKey, Kind, Limit, OnExhaustion, WritePolicy
from core.meter import Meter, month_start
from core.money import ZERO, Money, or_zero
from core.plan import Correction, Direction, Hold, HoldReason
from core.policy import AccountPolicy
from core.restricting import RESTRICTED, deleted_after, lever
from core.spending import Reading, foreseen, is_emulated, reading
from core.standing import Spend, Standing
from core.target import NoTarget, Target, follows, wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Why a customer, or an account, may not be touched now."""

    reason: HoldReason
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restrained:
    """What our records know of a customer's restriction: why it is, and since when."""

    cause: Cause
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What judging needs besides the limit and the standing; see planning.AccountInputs for each."""

    policy: AccountPolicy
    capabilities: Capabilities
    blocks: Mapping[CustomerKey, Block]
    account_block: Block | None
    raises_block: Block | None
    window_block: Block | None = None
    earlier: Mapping[CustomerKey, Standing]
    drift: Mapping[CustomerKey, str]
    adopted: frozenset[CustomerKey] = frozenset()
    meters: Mapping[CustomerKey, Meter] = field(default_factory=dict)
    changed: Mapping[CustomerKey, datetime] = field(default_factory=dict)
    restrained: Mapping[CustomerKey, Restrained] = field(default_factory=dict)
    now: datetime
    today: date


Judged = Correction | Hold | None

# A customer whose last change is not known to be settled is not planned at all, not even to "in sync".
_UNPLANNABLE = frozenset({HoldReason.UNCERTAIN, HoldReason.DISPUTED, HoldReason.STALE_READ})
_SETS = (Action.SET_AMOUNT, Action.SET_KIND, Action.SET_EXHAUSTION)


def judge(limit: Limit, standing: Standing | None, missing: Block | None, facts: Facts) -> Judged:
    """Judge one customer by its limit as written; `missing` says why there is no standing."""
    key = limit.key
    if limit.temporary is not None or limit.later is not None or limit.top_up is not None:
        meter = facts.meters.get(key)
        limit = resolved(limit, facts.today, meter.topped if meter is not None else ZERO)
    block = facts.blocks.get(key) if facts.blocks else None
    if block is not None and block.reason in _UNPLANNABLE:
        return _bare_hold(limit, standing, block, facts)
    if standing is None:
        return _bare_hold(limit, None, missing or Block(reason=HoldReason.UNREADABLE), facts)
    if _stands_as_wanted(limit, standing, facts):
        return None
    if not follows(limit, facts.capabilities):
        standing = with_spend_that_counts(standing, facts.earlier.get(key))
    read = reading(facts.meters.get(key), limit, standing, facts.capabilities, facts.changed.get(key))
    target = wanted(limit, standing, facts.capabilities, read, lead_of(read, facts.policy))
    if isinstance(target, NoTarget):
        return _bare_hold(limit, standing, Block(reason=target.reason, detail=target.detail), facts)
    return _Judging(limit, standing, read, target, facts).judged(block)


def lead_of(read: Reading, policy: AccountPolicy) -> Money:
    """Give what may be spent until Tidegate has followed: two intervals and the lag, and one for the second read."""
    return expected(read.rate, 3 * policy.every + policy.lag) if read.rate is not None else ZERO


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


def _stands_as_wanted(limit: Limit, standing: Standing, facts: Facts) -> bool:
    """Whether there is nothing to work out: so for most customers in most runs."""
    capabilities = facts.capabilities
    if standing.granted != limit.amount or standing.kind is not limit.kind:
        return False
    if standing.currency != limit.amount.currency:
        return False
    if capabilities.restricts_by_call and (
        standing.restriction in RESTRICTED or limit.on_exhaustion is OnExhaustion.FREEZE
    ):
        return False
    if capabilities.alert_needs_overrun and limit.on_exhaustion is OnExhaustion.ALERT:
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


class _Judging:
    """One customer on its way from a target to a correction or a hold."""

    def __init__(self, limit: Limit, standing: Standing, read: Reading, target: Target, facts: Facts) -> None:
        self._limit = limit
        self._standing = standing
        self._read = read
        self._target = target
        self._facts = facts
        restrained = facts.restrained.get(limit.key)
        self._cause = restrained.cause if restrained is not None else None
        self._lever = lever(limit, standing, read, self._cause, facts.capabilities, facts.policy, facts.now)

    def judged(self, block: Block | None) -> Judged:
        """Give the correction, the hold in its place, or None where nothing is to be done."""
        correction = self._correction()
        if correction is None:
            left = self._lever
            if left is None or left.reason is None:
                return None
            return _bare_hold(self._limit, self._standing, Block(reason=left.reason, detail=left.detail), self._facts)
        held = self._held(correction, block)
        if held is not None:
            return correction.held(held.reason, held.detail)
        blocked = stricter(self._facts.policy.write_policy, self._limit.write_policy, self._asks_for(correction))
        return replace(correction, blocked_by=blocked) if blocked else correction

    def _asks_for(self, correction: Correction) -> Direction:
        """Give the direction that a write policy must allow; what gives and takes at once needs `sync`."""
        mixed = correction.exhausts and correction.direction is Direction.RAISE
        needs_both = is_emulated(self._limit, self._facts.capabilities) or (
            self._limit.on_exhaustion is OnExhaustion.FREEZE and self._facts.capabilities.restricts_by_call
        )
        return Direction.NEITHER if mixed or needs_both else correction.direction

    def _steps(self, granted: Money | None) -> tuple[Action, ...]:
        """Give what is to be done, in order: the amount first, then the restriction."""
        limit, standing, target = self._limit, self._standing, self._target
        steps: list[Action] = []
        native = limit.kind in self._facts.capabilities.kinds
        settable = limit.amount != ZERO or self._facts.capabilities.zero_allowed
        adopted = limit.key in self._facts.adopted  # somebody else's amount stands; all else is ours to do
        if settable and target.granted is not None and not adopted:
            if granted is not None and native and standing.kind is not limit.kind:
                steps.append(Action.SET_KIND)
            elif granted != target.granted:
                steps.append(Action.SET_AMOUNT)
            elif target.on_exhaustion is not None and self._known_action() is not target.on_exhaustion:
                steps.append(Action.SET_EXHAUSTION)
        if self._lever is not None and self._lever.action is not None:
            steps.append(self._lever.action)
        return tuple(steps)

    def _known_action(self) -> OnExhaustion | None:
        readable = self._facts.capabilities.action_readable
        return self._target.on_exhaustion if readable else self._standing.on_exhaustion

    def _correction(self) -> Correction | None:
        limit, standing, target, facts = self._limit, self._standing, self._target, self._facts
        granted = standing.granted_money
        steps = self._steps(granted)
        if not steps:
            return None
        sets = steps[0] in _SETS
        after = target.granted if sets else granted
        direction = self._direction(granted, after, steps)
        spend = self._read.spend if self._read.spend is not None else standing.spent
        stood, stands = self._positions(granted, after, sets=sets)
        return Correction(
            order=0,
            account=limit.account,
            customer=limit.customer,
            name=limit.name or standing.name,
            action=steps[0],
            before=stood,
            after=stands,
            change=after - granted if after is not None and granted is not None else None,
            wanted=limit.amount,
            spent=spend,
            available=standing.available,
            currency=standing.currency,
            as_of=standing.as_of,
            effects=self._effects(direction),
            detail=target.formula,
            exhausted=foreseen(limit, spend, self._read.rate, facts.now, facts.policy.billing_timezone),
            data_deleted_after=_deleted_after(standing, facts),
            direction=direction,
            exhausts=target.exhausts if sets else steps[0] is not Action.RELEASE and limit.amount == ZERO,
            follows=steps[1:],
            restores=self._read.to_restore and direction is Direction.RAISE and sets,
            urgent=target.urgent,
        )

    def _effects(self, direction: Direction) -> tuple[str, ...]:
        return effects_of(
            self._limit,
            self._standing,
            self._target,
            self._facts.capabilities,
            direction=direction,
            lever=self._lever,
            drift=self._facts.drift.get(self._limit.key),
        )

    def _positions(self, granted: Money | None, after: Money | None, *, sets: bool) -> tuple[Position, Position]:
        """Give what stands, and what is to stand once every step is done."""
        limit, standing, capabilities = self._limit, self._standing, self._facts.capabilities
        before = Position(
            granted=granted,
            kind=standing.kind,
            on_exhaustion=self._known_action(),
            restriction=standing.restriction,
        )
        lifted = self._lever.restriction if self._lever is not None and self._lever.action is not None else None
        restriction = lifted or standing.restriction
        if not sets:
            return before, replace(before, restriction=restriction)
        kind = limit.kind if limit.kind in capabilities.kinds else standing.kind
        action = self._target.on_exhaustion
        return before, Position(granted=after, kind=kind, on_exhaustion=action, restriction=restriction)

    def _direction(self, granted: Money | None, after: Money | None, steps: tuple[Action, ...]) -> Direction:
        if steps[0] is Action.RELEASE:
            return Direction.RAISE
        if steps[0] in {Action.RESTRICT, Action.FREEZE}:
            return Direction.CUT
        direction = _direction(granted, or_zero(after))
        if direction is not Direction.NEITHER or len(steps) == 1:
            return direction
        return Direction.RAISE if steps[1] is Action.RELEASE else Direction.CUT

    def _held(self, correction: Correction, block: Block | None) -> Block | None:
        """Find the first reason not to make a correction now, the most fundamental first."""
        limit, facts = self._limit, self._facts
        if block is not None:
            return block
        if facts.account_block is not None:
            return facts.account_block
        if limit.key.customer_id in facts.policy.protected:
            return Block(reason=HoldReason.PROTECTED)
        if facts.window_block is not None and correction.action is not Action.RELEASE:
            return facts.window_block
        if self._too_old():
            return Block(reason=HoldReason.TOO_OLD, detail=f"read at {_clock_time(self._standing.as_of)}")
        if correction.direction is Direction.RAISE and facts.raises_block is not None and correction.action in _SETS:
            return facts.raises_block
        if self._rests_on_one(correction):
            when = _clock_time(self._standing.as_of)
            return Block(
                reason=HoldReason.ONE_OBSERVATION,
                detail=f"seen once, at {when}; it counts when a read at least {_minutes(facts)} later shows it too",
            )
        return None

    def _too_old(self) -> bool:
        most = self._facts.policy.max_age
        return most is not None and self._facts.now - self._standing.as_of > most

    def _rests_on_one(self, correction: Correction) -> bool:
        """Whether a cut to nothing is shown by the newest observation alone."""
        takes_all = correction.exhausts or self._target.empties
        if not takes_all or correction.before.granted is None or correction.action not in _SETS:
            return False  # a customer's first grant: there is no budget whose spend could be seen twice
        if is_emulated(self._limit, self._facts.capabilities):
            since = self._read.reached_since
            return since is None or self._standing.as_of - since < self._facts.policy.lag
        earlier = self._facts.earlier.get(self._limit.key)
        if earlier is None or earlier.spent is None or not _comparable(earlier, self._standing):
            return True
        return earlier.spent.high < self._limit.amount or self._is_of_another_month(earlier)

    def _is_of_another_month(self, earlier: Standing) -> bool:
        """Whether an older figure may speak of the month before, where the vendor's own begins anew."""
        if self._standing.kind is not Kind.MONTHLY or self._facts.capabilities.permanent:
            return False
        policy = self._facts.policy
        return earlier.as_of < month_start(self._standing.as_of, policy.billing_timezone) + policy.lag


def _deleted_after(standing: Standing, facts: Facts) -> datetime | None:
    restrained = facts.restrained.get(standing.key)
    if restrained is None:
        return None
    return deleted_after(standing, restrained.since, restrained.cause, facts.capabilities.deletes_after)


def _direction(granted: Money | None, target: Money) -> Direction:
    if granted is None or target > granted:
        return Direction.RAISE
    return Direction.CUT if target < granted else Direction.NEITHER


def _bare_hold(limit: Limit, standing: Standing | None, block: Block, facts: Facts) -> Hold:
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
        data_deleted_after=_deleted_after(standing, facts) if standing is not None else None,
        reason=block.reason,
    )


def _clock_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")


def _minutes(facts: Facts) -> str:
    seconds = int(facts.policy.lag.total_seconds())
    return f"{seconds // 60} min" if seconds > 59 else f"{seconds} s"  # noqa: PLR2004 - a minute
