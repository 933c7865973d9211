"""The switches of the simulated vendor: who is calling, and what its documentation does not say.

Read by the simulator's other modules; the defaults are what a caller would hope for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

Item = TypeVar("Item")


class Role(StrEnum):
    """What the account is to the vendor."""

    DISTRIBUTOR = "distributor"  # has customers of its own and second-tier resellers
    PROVIDER = "provider"  # a cloud solution provider: customers, no resellers
    RESELLER = "reseller"  # second-tier: only its distributor may call
    CUSTOMER = "customer"  # no partner at all


class BelowUsed(StrEnum):
    """What becomes of a budget below what is used (documented neither way)."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


class NoBudget(StrEnum):
    """How a customer without a budget is shown (not documented)."""

    OMITTED = "omitted"  # left out of a batch; asked for alone, an answer without amounts
    NULL = "null"  # its amounts are null
    ABSENT = "absent"  # its amounts are not there
    ZERO = "zero"  # its amounts are zero
    ERROR = "error"  # left out of a batch; asked for alone, an error


class Order(StrEnum):
    """How a list is ordered (not documented)."""

    OLDEST_FIRST = "oldest_first"
    NEWEST_FIRST = "newest_first"
    MIXED = "mixed"  # in no order a caller could guess, the same one on every page

    def arrange(self, items: Sequence[Item]) -> list[Item]:
        """Put items, which come oldest first, into this order."""
        match self:
            case Order.OLDEST_FIRST:
                return list(items)
            case Order.NEWEST_FIRST:
                return list(reversed(items))
            case Order.MIXED:
                return list(items[1::2]) + list(reversed(items[::2]))


class Success(StrEnum):
    """How a budget update says that it was done; the older documentation's example is 204."""

    NO_CONTENT = "no_content"  # 204
    EMPTY = "empty"  # 200 without a body
    EMPTY_OBJECT = "empty_object"  # 200 with {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """All switches of one simulated account.

    `read_lag`: how late a change of a budget shows in reads. `record_delay`: how late its record does.
    `spend_lag`: how late the used amounts are. `records_same`: whether setting what stands already leaves a record.
    `raise_unfreezes`: whether a budget above what is used lifts the freeze by itself.
    `currency`, `measure_id`: what amounts are told in. `denied`: operations the key has no permission for.
    """

    role: Role = Role.DISTRIBUTOR
    below_used: BelowUsed = BelowUsed.ACCEPTED
    no_budget: NoBudget = NoBudget.OMITTED
    record_order: Order = Order.NEWEST_FIRST
    list_order: Order = Order.OLDEST_FIRST
    success: Success = Success.NO_CONTENT
    read_lag: timedelta = timedelta(0)
    record_delay: timedelta = timedelta(0)
    spend_lag: timedelta = timedelta(0)
    records_same: bool = True
    raise_unfreezes: bool = False
    currency: str = "USD"
    measure_id: int = 1
    denied: frozenset[str] = frozenset()
