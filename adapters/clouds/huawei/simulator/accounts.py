"""The simulated vendor's books: customers, budgets, freezes, records. Knows nothing of HTTP.

Owned by the vendor object, which locks it. Amounts are exact; what callers are shown may be late (see Behaviour).
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from adapters.clouds.huawei.simulator.behaviour import Behaviour, BelowUsed, FreezeAgain, FreezeType
from adapters.sandbox.lagging import Lagging
from adapters.sandbox.spending import Spending, month_start
from adapters.sandbox.world import CustomerSpec
from core.money import ZERO, Money

MONTHLY, PACKAGE = "MONTHLY", "PACKAGE"
SETTING, DELETE = "SETTING", "DELETE"
MANUAL_FREEZE, AUTOMATIC_FREEZE = 0, 1
_TYPES = {"monthly": MONTHLY, "one_time": PACKAGE}
_INSTANT = timedelta(microseconds=1)
_KINDS = {budget_type: kind for kind, budget_type in _TYPES.items()}


class BelowUsedError(Exception):
    """The budget is below what is used, and this vendor does not take that."""


class AlreadyFrozenError(Exception):
    """The customer is frozen, and this vendor does not take that."""


class NotFrozenError(Exception):
    """The customer is not frozen, and this vendor does not take that."""


class OtherFreezeError(Exception):
    """The customer is frozen in the other way than the one that is to be lifted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """One budget: `counted_from` is where the used amount of a PACKAGE begins."""

    amount: Money
    budget_type: str
    counted_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One budget record."""

    amount: Money
    budget_type: str
    operation: str
    operator: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What one update asks for; `freeze` None: left as it is."""

    amount: Money
    budget_type: str
    freeze: int | None = None
    unfreeze: bool = False


@dataclass(slots=True, kw_only=True)
class Account:
    """One customer's account with the vendor.

    `freeze`: who freezes at exhaustion, None: never stated. `frozen`: how it is frozen, None: not at all.
    """

    customer_id: str
    name: str
    partner_id: str | None
    associated_on: datetime
    spending: Spending
    budget: Lagging[Budget | None]
    frozen: Lagging[FreezeType | None]
    freeze: int | None = None
    records: list[Record] = field(default_factory=list)

    @classmethod
    def begun(cls, spec: CustomerSpec, now: datetime) -> "Account":
        """Open the account that a spec describes; a budget in it was set by the system, to be frozen by hand."""
        account = cls(
            customer_id=spec.customer_id,
            name=spec.name,
            partner_id=spec.indirect_partner_id,
            associated_on=now,
            spending=Spending(total=spec.spent, per_hour=spec.spend_per_hour, now=now),
            budget=Lagging(None, now),
            frozen=Lagging(FreezeType.ACCOUNT if spec.restricted else None, now),
        )
        if spec.granted is not None:
            budget_type = type_of(spec.kind)
            budget = Budget(amount=spec.granted, budget_type=budget_type, counted_from=month_start(now))
            account.budget = Lagging(budget, now)
            account.freeze = MANUAL_FREEZE
            account.note(budget, SETTING, "system", now)
        return account

    def used(self, budget: Budget, now: datetime) -> Money:
        """What is used of a budget, as the vendor estimates it: late."""
        if budget.budget_type == MONTHLY:
            return self.spending.reported_month(now)
        return self.spending.reported_since(budget.counted_from, now)

    def shown(self, budget: Budget, behaviour: Behaviour, now: datetime) -> Money:
        """What readers are told is used: for a while after a month's end still what that month came to."""
        begun = month_start(now)
        if budget.budget_type == MONTHLY and now < begun + behaviour.reset_delay:
            # Late besides, or not: the last instant of the old month is what is seen then.
            return self.used(budget, min(now, begun - _INSTANT + self.spending.lag))
        return self.used(budget, now)

    def set(self, setting: Setting, operator: str, behaviour: Behaviour, now: datetime) -> None:
        """Set the budget; raises BelowUsedError where the vendor is switched to refuse that."""
        before = self.budget.newest
        # A change of type takes effect at once and counts from this month; a new amount alone restarts nothing.
        same_type = before is not None and before.budget_type == setting.budget_type
        counted_from = before.counted_from if before is not None and same_type else month_start(now)
        after = Budget(amount=setting.amount, budget_type=setting.budget_type, counted_from=counted_from)
        if behaviour.below_used is BelowUsed.REFUSED and setting.amount < self.used(after, now):
            raise BelowUsedError
        self.budget.set(after, now)
        if setting.freeze is not None or self.freeze is None:
            self.freeze = MANUAL_FREEZE if setting.freeze is None else setting.freeze
        if behaviour.records_same or after != before:
            self.note(after, SETTING, operator, now)
        if setting.unfreeze or (behaviour.raise_unfreezes and setting.amount > self.used(after, now)):
            kept = self.frozen.newest is FreezeType.ACCOUNT_AND_RESOURCE and not behaviour.cancel_lifts_resources
            self.stand(self.frozen.newest if kept else None, now)
        self.settle(behaviour, now)

    def settle(self, behaviour: Behaviour, now: datetime) -> None:
        """Let the automatic freeze happen if it is due."""
        budget = self.budget.newest
        if budget is None or self.freeze != AUTOMATIC_FREEZE or self.frozen.newest is not None:
            return
        if self.used(budget, now) >= budget.amount:
            self.stand(behaviour.automatic_freeze, now)

    def freeze_by_call(self, freeze_type: FreezeType, behaviour: Behaviour, now: datetime) -> None:
        """Freeze; raises AlreadyFrozenError where the vendor is switched to refuse that."""
        if self.frozen.newest is None or behaviour.freeze_again is FreezeAgain.CHANGED:
            self.stand(freeze_type, now)
        elif behaviour.freeze_again is FreezeAgain.REFUSED:
            raise AlreadyFrozenError

    def unfreeze_by_call(self, freeze_type: FreezeType, behaviour: Behaviour, now: datetime) -> None:
        """Lift a freeze of this type.

        Raises OtherFreezeError for one of the other type, NotFrozenError where the vendor is switched to refuse that.
        """
        if self.frozen.newest is None and not behaviour.unfreeze_again:
            raise NotFrozenError
        if self.frozen.newest not in (None, freeze_type):
            raise OtherFreezeError
        self.stand(None, now)

    def stand(self, frozen: FreezeType | None, now: datetime) -> None:
        """Be frozen in this way from now on, or not at all."""
        if frozen is not self.frozen.newest:
            self.frozen.set(frozen, now)

    def note(self, budget: Budget, operation: str, operator: str, now: datetime) -> None:
        """Leave a record."""
        self.records.append(
            Record(amount=budget.amount, budget_type=budget.budget_type, operation=operation, operator=operator, at=now)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumption:
    """What the partner itself may owe, and what it owes; what it paid in ahead counts against that."""

    quota: Money
    amount: Money = ZERO
    coupon: Money = ZERO
    due: Money = ZERO
    unbilled: Money = ZERO

    @property
    def used(self) -> Money:
        """The used part of the quota: negative where more was paid in ahead than is owed."""
        return self.due + self.unbilled - self.amount - self.coupon


ORDINARY = Consumption(quota=Money(1_000_000_00), amount=Money(500_00), due=Money(500_00), unbilled=Money(1_200_00))


def type_of(kind: str | None) -> str:
    """Give the vendor's word for a kind, its default for None; raises ValueError for one it does not have."""
    if kind is not None and kind not in _TYPES:
        message = f"Huawei Cloud has no budget of kind {kind}"
        raise ValueError(message)
    return MONTHLY if kind is None else _TYPES[kind]


def kind_of(budget_type: str) -> str:
    """Give the kind that the vendor's word means."""
    return _KINDS[budget_type]
