"""Makes a plan from limits and standings: pure, the same for every order of its inputs.

Called by core.run.observe for dry runs and real runs alike. Judges each customer, lets the guards count,
then orders what is left: raises that fit in the credit at hand, changes that move no money, cuts,
raises that wait for cuts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core.capabilities import Capabilities
from core.exposure import Headroom, outlook, shortage
from core.guards import AccountFigures, judge_guards
from core.judgement import Block, Facts, Judged, Restrained, judge
from core.limit import CustomerKey, Kind, Limit
from core.meter import Meter, billing_day
from core.money import USD, Money, total
from core.notes import adoptions, changed_kinds, deletions, left_restricted
from core.plan import (
    AccountSummary,
    Correction,
    Direction,
    GuardVerdict,
    Hold,
    HoldReason,
    Plan,
    Totals,
)
from core.policy import AccountPolicy
from core.quota import Placed, Pool, fit, in_use, pools
from core.standing import Absence, Restriction, Standing
from core.windows import next_opening, open_at


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountInputs:
    """All that a plan of one account rests on.

    `limits`: those in scope, as written. `unreadable`, `absent`: of the customers in scope.
    `blocks`: customers that may not be touched now, and why. `account_block`: the same for the whole account.
    `raises_block`: why no raise may be made in this account. `earlier`: the newest observation at least the lag older
    than the standing. `drift`: one sentence on who changed the customer outside Tidegate.
    `meters`, `changed`, `restrained`: what our records know of the customers' spend, of when their budget was changed
    last, and of why they are restricted. `adopted`: changed from outside, and to stay so.
    `kinds_changed`: customers whose limit's kind differs from the one accepted last, with both.
    `skew`: our clock minus the vendor's, as far as an answer told.
    `elsewhere`: what was last seen of customers that were not read now, where the plan rests on all of them.
    `limits_total`: limits of the account whatever the scope; `limits_removed`, `limits_before`: compared with
    those accepted last. `attention`: sentences on what waits for a person though it holds no customer in scope.
    """

    policy: AccountPolicy
    capabilities: Capabilities
    limits: Sequence[Limit]
    standings: Mapping[CustomerKey, Standing]
    unreadable: Mapping[CustomerKey, str] = field(default_factory=dict)
    absent: frozenset[CustomerKey] = frozenset()
    others: Sequence[Standing] = ()
    quota: Money | None = None
    quota_problem: str | None = None
    problem: str | None = None
    blocks: Mapping[CustomerKey, Block] = field(default_factory=dict)
    account_block: Block | None = None
    raises_block: Block | None = None
    earlier: Mapping[CustomerKey, Standing] = field(default_factory=dict)
    drift: Mapping[CustomerKey, str] = field(default_factory=dict)
    adopted: frozenset[CustomerKey] = frozenset()
    meters: Mapping[CustomerKey, Meter] = field(default_factory=dict)
    changed: Mapping[CustomerKey, datetime] = field(default_factory=dict)
    restrained: Mapping[CustomerKey, Restrained] = field(default_factory=dict)
    kinds_changed: Sequence[tuple[CustomerKey, Kind, Kind]] = ()
    elsewhere: Sequence[Standing] = ()
    headroom: Headroom | None = None
    skew: timedelta | None = None
    now: datetime
    limits_total: int = 0
    limits_removed: int = 0
    limits_before: int = 0
    vanished: int = 0
    notes: tuple[str, ...] = ()
    attention: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _AccountPlan:
    summary: AccountSummary
    corrections: tuple[Placed, ...]
    holds: tuple[Hold, ...]
    guards: tuple[GuardVerdict, ...]


def make_plan(accounts: Iterable[AccountInputs], *, run: str, made_at: datetime) -> Plan:
    """Give the plan of these accounts. Takes any number of customers; under 10 µs for each that is in sync."""
    parts = [_plan_account(inputs) for inputs in sorted(accounts, key=lambda inputs: inputs.policy.name)]
    corrections = sorted((placed for part in parts for placed in part.corrections), key=_place_in_plan)
    holds = sorted((row for part in parts for row in part.holds), key=lambda row: (row.account, _name(row.key)))
    numbered = tuple(_numbered(placed, order) for order, placed in enumerate(corrections, 1))
    numbered_holds = tuple(replace(row, order=number) for number, row in enumerate(holds, len(numbered) + 1))
    complete = not any(part.summary.problem for part in parts) and not any(
        hold.reason is HoldReason.UNREADABLE for hold in numbered_holds
    )
    return Plan(
        run=run,
        made_at=made_at,
        accounts=tuple(part.summary for part in parts),
        corrections=numbered,
        holds=numbered_holds,
        guards=tuple(verdict for part in parts for verdict in part.guards),
        totals=totals_of(numbered, numbered_holds, in_sync=sum(part.summary.in_sync for part in parts)),
        complete=complete,
    )


def facts_of(inputs: AccountInputs) -> Facts:
    """Give what judging one of these customers needs, for planning and for judging again before a write."""
    return Facts(
        policy=inputs.policy,
        capabilities=inputs.capabilities,
        blocks=inputs.blocks,
        account_block=inputs.account_block,
        raises_block=_raises_block(inputs),
        window_block=_window_block(inputs),
        earlier=inputs.earlier,
        drift=inputs.drift,
        adopted=inputs.adopted,
        meters=inputs.meters,
        changed=inputs.changed,
        restrained=inputs.restrained,
        now=inputs.now,
        today=billing_day(inputs.now, inputs.policy.billing_timezone),
    )


def _numbered(placed: Placed, order: int) -> Correction:
    return replace(placed.row, order=order, waits=placed.waits, quota_after=placed.quota_after)


def _window_block(inputs: AccountInputs) -> Block | None:
    windows, zone = inputs.policy.windows, inputs.policy.billing_timezone
    if open_at(windows, inputs.now, zone):
        return None
    opens = next_opening(windows, inputs.now, zone)
    hours = ", ".join(window.text for window in windows)
    detail = f"{hours} ({zone})" + (f"; it opens at {opens:%Y-%m-%d %H:%M} UTC" if opens is not None else "")
    return Block(reason=HoldReason.WINDOW, detail=detail)


def _plan_account(inputs: AccountInputs) -> _AccountPlan:
    facts = facts_of(inputs)
    judged = [_judge_one(limit, inputs, facts) for limit in sorted(inputs.limits, key=lambda limit: _name(limit.key))]
    corrections = [row for row in judged if isinstance(row, Correction)]
    holds = [row for row in judged if isinstance(row, Hold)]
    guarded, guard_holds, verdicts = judge_guards(corrections, inputs.policy, _figures(inputs), inputs.now)
    ordered, quota_holds = fit(sorted(guarded, key=_place), pools_of(inputs))
    holds += [*guard_holds, *quota_holds]
    summary = replace(
        _summary(inputs),
        in_sync=sum(1 for row in judged if row is None),
        corrections=len(ordered),
        holds=len(holds),
    )
    return _AccountPlan(summary=summary, corrections=tuple(ordered), holds=tuple(holds), guards=tuple(verdicts))


def pools_of(inputs: AccountInputs) -> dict[Pool, Money]:
    """Give what can still be given out in this account, by pool."""
    return pools(inputs.quota, inputs.policy.quotas, _everybody(inputs))


def _everybody(inputs: AccountInputs) -> list[Standing]:
    return [*inputs.standings.values(), *inputs.others, *inputs.elsewhere]


def _summary(inputs: AccountInputs) -> AccountSummary:
    ahead = outlook(
        inputs.limits,
        inputs.standings,
        inputs.capabilities,
        now=inputs.now,
        zone=inputs.policy.billing_timezone,
        headroom=inputs.headroom,
    )
    short = shortage(ahead, inputs.quota, inputs.now)
    return AccountSummary(
        name=inputs.policy.name,
        vendor=inputs.policy.vendor,
        write_policy=inputs.policy.write_policy,
        customers=len(inputs.limits),
        in_sync=0,
        corrections=0,
        holds=0,
        quota=inputs.quota,
        unlimited=tuple(sorted(other.key.customer_id for other in inputs.others if _spends(other))),
        problem=inputs.problem,
        notes=(
            *inputs.notes,
            *deletions(inputs.standings, inputs.restrained, inputs.capabilities.deletes_after),
            *left_restricted(inputs.standings, inputs.restrained),
            *adoptions(inputs.adopted),
            *changed_kinds(inputs.kinds_changed, inputs.capabilities),
        ),
        outlook=ahead,
        attention=(*inputs.attention, *([short] if short is not None else [])),
        pools=in_use(inputs.policy.quotas, _everybody(inputs)) if inputs.policy.quotas else (),
        skew=inputs.skew,
    )


def _judge_one(limit: Limit, inputs: AccountInputs, facts: Facts) -> Judged:
    standing = inputs.standings.get(limit.key)
    return judge(limit, standing, None if standing is not None else _missing(limit, inputs), facts)


def _missing(limit: Limit, inputs: AccountInputs) -> Block:
    if limit.key in inputs.absent:
        return Block(reason=HoldReason.UNKNOWN_CUSTOMER)
    detail = inputs.unreadable.get(limit.key) or inputs.problem or "no answer"
    return Block(reason=HoldReason.UNREADABLE, detail=detail)


def _raises_block(inputs: AccountInputs) -> Block | None:
    if inputs.raises_block is not None:
        return inputs.raises_block
    if inputs.quota_problem is not None:
        return Block(
            reason=HoldReason.UNREADABLE, detail=f"credit to give out could not be read: {inputs.quota_problem}"
        )
    return None


def _figures(inputs: AccountInputs) -> AccountFigures:
    granted = [standing.granted for standing in inputs.standings.values() if isinstance(standing.granted, Money)]
    return AccountFigures(
        customers=max(inputs.limits_total, len(inputs.limits)),
        granted=Money(sum(amount.cents for amount in granted if amount.currency == USD)),
        vanished=inputs.vanished,
        limits_removed=inputs.limits_removed,
        limits_before=inputs.limits_before,
    )


# Later than any time that can be foreseen.
_FAR = float("inf")
_PHASES = {Direction.RAISE: 0, Direction.NEITHER: 1, Direction.CUT: 2}


def _name(key: CustomerKey) -> tuple[str, str]:
    """Order customers by plain text, which sorts several times faster than comparing keys."""
    return (key.vendor, key.customer_id)


def _place(row: Correction) -> tuple[int, bool, float, bool, int, str, str, str]:
    """Where a correction stands: phase, the urgent, the least time left, the least left to spend; unknown is least."""
    left = row.available.cents if row.available is not None else 0
    earliest = row.exhausted.earliest if row.exhausted is not None else None
    time_left = earliest.timestamp() if earliest is not None else _FAR
    phase = _PHASES[row.direction]
    return (phase, not row.urgent, time_left, row.available is not None, left, row.account, *_name(row.key))


def _place_in_plan(placed: Placed) -> tuple[bool, tuple[int, bool, float, bool, int, str, str, str]]:
    """The same, but what waits comes last of all."""
    return (placed.waits, _place(placed.row))


def _spends(standing: Standing) -> bool:
    """Whether a customer without a limit spends, or may unseen: with nothing granted some vendors show no spend."""
    if standing.spent is None:
        return standing.granted is Absence.NOT_SET and standing.restriction in {None, Restriction.NONE}
    return standing.spent.high.cents > 0


def totals_of(corrections: Sequence[Correction], holds: Sequence[Hold], *, in_sync: int) -> Totals:
    """Add a plan up."""
    pending = [row for row in corrections if not row.blocked_by]
    changes = [(row.direction, row.moved) for row in pending]
    return Totals(
        corrections=len(pending),
        blocked=len(corrections) - len(pending),
        holds=len(holds),
        in_sync=in_sync,
        raised=total([change for direction, change in changes if direction is Direction.RAISE]),
        cut=total([-change for direction, change in changes if direction is Direction.CUT]),
    )
