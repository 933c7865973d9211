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


class FreezeSuccess(StrEnum):
    """How freezing and unfreezing say that they were done for everybody (only 200 was seen, in an example)."""

    EMPTY_OBJECT = "empty_object"  # 200 with {}
    NO_DETAILS = "no_details"  # 200 with an empty list of failures
    EMPTY = "empty"  # 200 without a body
    NO_CONTENT = "no_content"  # 204


class FreezeType(StrEnum):
    """What a freeze stops; the words of the interface."""

    ACCOUNT = "ACCOUNT"  # purchases, renewals and changes
    ACCOUNT_AND_RESOURCE = "ACCOUNT_AND_RESOURCE"  # all services too; after 15 days data is deleted


class FreezeAgain(StrEnum):
    """What becomes of freezing a customer that is frozen already (not documented)."""

    CHANGED = "changed"  # fine, and the type is the new one
    KEPT = "kept"  # fine, and the type stays
    REFUSED = "refused"  # a failure of this customer


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """All switches of one simulated account.

    `read_lag`: how late a change of a budget shows in reads. `record_delay`: how late its record does.
    `spend_lag`: how late the used amounts are. `reset_delay`: how long after a month's end its used amount still shows.
    `freeze_lag`: how late a freeze shows in `is_frozen`. `records_same`: whether setting what stands already leaves a
    record. `raise_unfreezes`: whether a budget above what is used lifts the freeze by itself.
    `automatic_freeze`: what the freeze at exhaustion stops. `cancel_lifts_resources`: whether lifting a freeze along
    with a budget lifts one of the resources too. `unfreeze_again`: whether unfreezing who is not frozen is fine.
    `whole_failures`: whether freezing or unfreezing that failed for everybody is an error with 400 instead of a list.
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
    reset_delay: timedelta = timedelta(0)
    freeze_lag: timedelta = timedelta(0)
    records_same: bool = True
    raise_unfreezes: bool = False
    freeze_success: FreezeSuccess = FreezeSuccess.EMPTY_OBJECT
    freeze_again: FreezeAgain = FreezeAgain.CHANGED
    unfreeze_again: bool = True
    whole_failures: bool = False
    automatic_freeze: FreezeType = FreezeType.ACCOUNT
    cancel_lifts_resources: bool = False
    currency: str = "USD"
    measure_id: int = 1
    denied: frozenset[str] = frozenset()
