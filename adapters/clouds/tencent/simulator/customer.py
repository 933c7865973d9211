"""One simulated customer: credit, use, suspension and the records of its allocations.

Owned by ledger, under its lock. Never reads a clock.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from adapters.sandbox.lagging import Lagging
from adapters.sandbox.spending import Spending
from core.money import ZERO, Money

FORCE_NORMAL = 0
FORCE_SUSPENDED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """One record: `credit` is what was added, `total` and `available` what stood afterwards."""

    at: datetime
    operator: str
    credit: Money
    total: Money
    available: Money
    remark: str


@dataclass(slots=True, kw_only=True)
class SimulatedCustomer:
    """One customer; `ever_granted` tells zero credit from none at all, which the vendor itself does not."""

    uin: str
    name: str
    associated_at: datetime
    total: Lagging[Money]
    spending: Spending
    force: int = FORCE_NORMAL
    non_stop: bool = False
    ever_granted: bool = False
    taken_to_zero: bool = False
    records: list[Allocation] = field(default_factory=list)

    def available(self, now: datetime) -> Money:
        """What is left, as the vendor itself goes by; negative after overuse."""
        return self.total.newest - self.spending.used(now)

    def shown(self, now: datetime, read_lag: timedelta) -> tuple[Money, Money]:
        """Total and remaining credit as a reader sees them."""
        total = self.total.read(now, read_lag)
        return total, total - self.spending.reported_used(now)

    def allocate(self, credit: Money, *, operator: str, remark: str, now: datetime) -> None:
        """Add credit, or take it, and keep a record."""
        self.total.set(self.total.newest + credit, now)
        self.ever_granted = True
        available = self.available(now)
        self.taken_to_zero = available == ZERO and credit < ZERO
        self.records.append(
            Allocation(
                at=now,
                operator=operator,
                credit=credit,
                total=self.total.newest,
                available=available,
                remark=remark,
            )
        )

    def suspended(self, now: datetime, *, zero_suspends: bool) -> bool:
        """Whether services are stopped now: forced, or by lack of credit unless the customer has the privilege."""
        if self.force == FORCE_SUSPENDED:
            return True
        available = self.available(now)
        by_withdrawal = zero_suspends and self.taken_to_zero and available <= ZERO
        return not self.non_stop and (available < ZERO or by_withdrawal)
