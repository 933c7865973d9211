"""The credit and the budgets that can still be given out: which pool a correction draws from, and what fits.

Called by core.planning, and by core.run.apply once cuts are read back; pure. A vendor's own figure is one pool;
quotas that no interface shows are written down per kind and reseller, and what stands is taken from them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.limit import Kind
from core.money import USD, ZERO, Money
from core.plan import Correction, Hold, HoldReason, PoolUse
from core.policy import BudgetQuota
from core.standing import Standing

# (the reseller's id or None, the kind); the vendor's own figure is under EVERYBODY.
Pool = tuple[str | None, Kind | None]
EVERYBODY: Pool = (None, None)


@dataclass(frozen=True, slots=True)
class Placed:
    """A correction with what the quota makes of it."""

    row: Correction
    waits: bool
    quota_after: Money | None


def pools(quota: Money | None, quotas: Sequence[BudgetQuota], standings: Iterable[Standing]) -> dict[Pool, Money]:
    """Give what is left of each pool; `standings`: of all customers of the account, with a limit or without."""
    if quota is not None:
        return {EVERYBODY: quota}
    left: dict[Pool, Money] = {(quota.indirect_partner_id, quota.kind): quota.amount for quota in quotas}
    for standing in standings if left else ():
        pool = (standing.customer.indirect_partner_id, standing.kind)
        granted = standing.granted_money
        if pool in left and granted is not None and granted.currency == USD:
            left[pool] -= granted
    return left


def in_use(quotas: Sequence[BudgetQuota], standings: Iterable[Standing]) -> tuple[PoolUse, ...]:
    """Give how much of each written quota is given out; `standings`: as above."""
    left = pools(None, quotas, standings)
    return tuple(
        PoolUse(quota=quota, granted=quota.amount - left[quota.indirect_partner_id, quota.kind]) for quota in quotas
    )


def draws(row: Correction, left: dict[Pool, Money]) -> dict[Pool, Money]:
    """Give what a correction takes from each pool; below zero: gives back."""
    if EVERYBODY in left:
        return {EVERYBODY: row.moved}
    partner = row.customer.indirect_partner_id
    after, before = (partner, row.after.kind), (partner, row.before.kind)
    taken: dict[Pool, Money] = {}
    for pool, amount in (
        (after, row.after.granted),
        (before, None if row.before.granted is None else -row.before.granted),
    ):
        if pool in left and amount is not None:
            taken[pool] = taken.get(pool, ZERO) + amount
    return taken


def fits(row: Correction, left: dict[Pool, Money]) -> bool:
    """Whether every pool has what the correction takes from it."""
    return all(amount <= left[pool] or amount <= ZERO for pool, amount in draws(row, left).items())


def drawn(row: Correction, left: dict[Pool, Money]) -> dict[Pool, Money]:
    """Give the pools after a correction."""
    return left | {pool: left[pool] - amount for pool, amount in draws(row, left).items()}


def taken(row: Correction, left: dict[Pool, Money]) -> dict[Pool, Money]:
    """Give the pools after a correction without what it gives back: that is there only once it is read back."""
    return left | {pool: left[pool] - max(amount, ZERO) for pool, amount in draws(row, left).items()}


def fit(ordered: Sequence[Correction], left: dict[Pool, Money]) -> tuple[list[Placed], list[Hold]]:
    """Run the pools along corrections in their order; what must wait for cuts comes last, what never fits is held."""
    fitting: list[Placed] = []
    waiting: list[Correction] = []
    at_hand = left
    for row in ordered:
        if row.blocked_by:
            fitting.append(Placed(row, waits=False, quota_after=_shown(row, left)))
        elif not fits(row, at_hand):
            waiting.append(row)
        else:
            at_hand, left = taken(row, at_hand), drawn(row, left)
            fitting.append(Placed(row, waits=False, quota_after=_shown(row, left)))
    holds: list[Hold] = []
    at_hand = left
    for row in waiting:
        if not fits(row, at_hand):
            holds.append(row.held(HoldReason.QUOTA, refusal(row, at_hand)))
            continue
        at_hand, left = taken(row, at_hand), drawn(row, left)
        fitting.append(Placed(row, waits=True, quota_after=_shown(row, left)))
    return fitting, holds


def refusal(row: Correction, left: dict[Pool, Money]) -> str:
    """Say what a correction needs and what there is."""
    for (partner, kind), amount in draws(row, left).items():
        have = left[partner, kind]
        if amount > ZERO and amount > have:
            of = "" if kind is None else f" of the {kind} budget quota" + (f" of reseller {partner}" if partner else "")
            return f"it needs {amount} and {have}{of} can still be given out"
    return "it does not fit"


def _shown(row: Correction, left: dict[Pool, Money]) -> Money | None:
    touched = [left[pool] for pool in draws(row, left)]
    return touched[0] if touched else None
