"""What Tencent's documentation leaves open, as switches; each default is the likelier reading.

Given to SimulatedTencent. Open questions: whatever no page of International documentation 1085 states.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class OverWithdrawal(StrEnum):
    """What becomes of a withdrawal of more than is available ("can be set to 0 at the minimum")."""

    REFUSE = "refuse"  # CreditAmountOutOfRange
    CLAMP = "clamp"  # what is available is taken


class RowOrder(StrEnum):
    """How a customer's allocation records come."""

    NEWEST_FIRST = "newest_first"
    OLDEST_FIRST = "oldest_first"
    SHUFFLED = "shuffled"  # in no order, but the same one for the same records


class Remarks(StrEnum):
    """What becomes of an allocation's Remark."""

    KEPT = "kept"
    TRUNCATED = "truncated"
    DROPPED = "dropped"


class Oversize(StrEnum):
    """What becomes of a PageSize above the largest."""

    CLAMP = "clamp"
    REFUSE = "refuse"


class BadUin(StrEnum):
    """What one UIN of nobody does to its batch."""

    FAILS_BATCH = "fails_batch"  # UnauthorizedOperation.NotCustomerUin for all
    OMITTED = "omitted"  # the others are answered


class Role(StrEnum):
    """Whose key it is."""

    RESELLER = "reseller"
    CUSTOMER = "customer"  # a sub-customer's: every partner action is refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """One vendor's character. Times are lags behind what the vendor itself goes by."""

    over_withdrawal: OverWithdrawal = OverWithdrawal.REFUSE
    pool_refusal: str = "InvalidParameterValue.CreditAmountOutOfRange"  # or FailedOperation.BalanceInsufficient
    zero_suspends: bool = True  # at a withdrawal to exactly 0 (1085/51424); 1085/48347 says only below 0
    read_lag: timedelta = timedelta(0)  # credit just allocated shows this late
    history_lag: timedelta = timedelta(0)  # a record shows this late
    history_order: RowOrder = RowOrder.NEWEST_FIRST
    history_page_base: int = 1
    list_page_base: int = 1
    page_below_base_is_first: bool = False  # else it is refused
    page_beyond_end_is_last: bool = False  # else it is empty
    largest_page: int = 100
    oversize: Oversize = Oversize.CLAMP
    default_page: int = 20
    remarks: Remarks = Remarks.KEPT
    remark_length: int = 16  # where remarks are truncated
    bare_records: bool = False  # records without Remark and ClientCreditAfter, as in the documentation's example
    doubled_records: bool = False  # every record comes twice
    bad_uin: BadUin = BadUin.FAILS_BATCH
    signature_life: timedelta = timedelta(minutes=5)
