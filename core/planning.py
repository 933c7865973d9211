"""Makes a plan from limits and standings: pure, the same for every order of its inputs.

Called by core.run.observe for dry runs and real runs alike. Judges each customer, lets the guards count,
then orders what is left: raises that fit in the credit at hand, changes that move no money, cuts,
raises that wait for cuts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from core.capabilities import Capabilities
from core.guards import AccountFigures, judge_guards
from core.judgement import Block, Facts, Judged, judge
from core.limit import CustomerKey, Limit
from core.money import USD, ZERO, Money, total
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
from core.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountInputs:
    """All that a plan of one account rests on.

    `limits`: those in scope. `unreadable`, `absent`: of the customers in scope.
    `blocks`: customers that may not be touched now, and why. `account_block`: the same for the whole account.
    `raises_block`: why no raise may be made in this account. `earlier`: the newest observation at least the lag older
    than the standing. `drift`: one sentence on who changed the customer outside Tidegate.
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
    limits_total: int = 0
    limits_removed: int = 0
    limits_before: int = 0
    vanished: int = 0
    notes: tuple[str, ...] = ()
    attention: tuple[str, ...] = ()


class _Placed(NamedTuple):
    """A correction with what the whole plan decides of it; put into the row once, when its number is known."""

    row: Correction
    waits: bool
    quota_after: Money | None

    def numbered(self, order: int) -> Correction:
        return replace(self.row, order=order, waits=self.waits, quota_after=self.quota_after)


@dataclass(frozen=True, slots=True, kw_only=True)
class _AccountPlan:
    summary: AccountSummary
    corrections: tuple[_Placed, ...]
    holds: tuple[Hold, ...]
    guards: tuple[GuardVerdict, ...]


def make_plan(accounts: Iterable[AccountInputs], *, run: str, made_at: datetime) -> Plan:
    """Give the plan of these accounts. Takes any number of customers; under 10 µs for each that is in sync."""
    parts = [_plan_account(inputs) for inputs in sorted(accounts, key=lambda inputs: inputs.policy.name)]
    corrections = sorted((placed for part in parts for placed in part.corrections), key=_place_in_plan)
    holds = sorted((row for part in parts for row in part.holds), key=lambda row: (row.account, _name(row.key)))
    numbered = tuple(placed.numbered(order) for order, placed in enumerate(corrections, 1))
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
        earlier=inputs.earlier,
        drift=inputs.drift,
    )


def _plan_account(inputs: AccountInputs) -> _AccountPlan:
    facts = facts_of(inputs)
    judged = [_judge_one(limit, inputs, facts) for limit in sorted(inputs.limits, key=lambda limit: _name(limit.key))]
    corrections = [row for row in judged if isinstance(row, Correction)]
    holds = [row for row in judged if isinstance(row, Hold)]
    guarded, guard_holds, verdicts = judge_guards(corrections, inputs.policy, _figures(inputs))
    ordered, quota_holds = _fit_quota(guarded, inputs.quota)
    holds += [*guard_holds, *quota_holds]
    summary = AccountSummary(
        name=inputs.policy.name,
        vendor=inputs.policy.vendor,
        write_policy=inputs.policy.write_policy,
        customers=len(inputs.limits),
        in_sync=sum(1 for row in judged if row is None),
        corrections=len(ordered),
        holds=len(holds),
        quota=inputs.quota,
        unlimited=tuple(sorted(other.key.customer_id for other in inputs.others if _spends(other))),
        problem=inputs.problem,
        notes=inputs.notes,
        attention=inputs.attention,
    )
    return _AccountPlan(summary=summary, corrections=tuple(ordered), holds=tuple(holds), guards=tuple(verdicts))


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


def _fit_quota(corrections: list[Correction], quota: Money | None) -> tuple[list[_Placed], list[Hold]]:
    """Run the credit to give out along the corrections; what never fits is held."""
    if quota is None:
        return [_Placed(row, waits=False, quota_after=None) for row in corrections], []
    left = quota
    fitting: list[_Placed] = []
    waiting: list[Correction] = []
    for row in sorted(corrections, key=_place):
        cost = ZERO if row.blocked_by else row.moved
        if row.direction is Direction.RAISE and not row.blocked_by and cost > left:
            waiting.append(row)
            continue
        left -= cost
        fitting.append(_Placed(row, waits=False, quota_after=left))
    holds: list[Hold] = []
    for row in waiting:
        cost = row.moved
        if cost > left:
            detail = f"it needs {cost} and {left} can still be given out"
            holds.append(row.held(HoldReason.QUOTA, detail))
            continue
        left -= cost
        fitting.append(_Placed(row, waits=True, quota_after=left))
    return fitting, holds


_PHASES = {Direction.RAISE: 0, Direction.NEITHER: 1, Direction.CUT: 2}


def _name(key: CustomerKey) -> tuple[str, str]:
    """Order customers by plain text, which sorts several times faster than comparing keys."""
    return (key.vendor, key.customer_id)


def _place(row: Correction) -> tuple[int, bool, int, str, str, str]:
    """Where a correction stands: phase, then least left to spend first; unknown counts as least."""
    left = row.available.cents if row.available is not None else 0
    return (_PHASES[row.direction], row.available is not None, left, row.account, *_name(row.key))


def _place_in_plan(placed: _Placed) -> tuple[bool, tuple[int, bool, int, str, str, str]]:
    """The same, but what waits comes last of all."""
    return (placed.waits, _place(placed.row))


def _spends(standing: Standing) -> bool:
    return standing.spent is not None and standing.spent.high.cents > 0


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
