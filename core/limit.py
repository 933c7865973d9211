"""What the partner wants: one limit for one customer.

Values only. Read by adapters/limits, judged by target and plan; knows nothing of what a vendor can do.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from core.money import Money


class Kind(StrEnum):
    """How the amount is meant over time."""

    MONTHLY = "monthly"  # a cap per billing month
    ONE_TIME = "one_time"  # a cap that is never restored
    CREDIT_LINE = "credit_line"  # a revolving, permanent credit


class OnExhaustion(StrEnum):
    """What is to happen when the amount is used up."""

    ALERT = "alert"  # nobody is cut off
    RESTRICT = "restrict"  # no new purchases; running resources go on and keep costing
    FREEZE = "freeze"  # purchases and resources stop


class WritePolicy(StrEnum):
    """What Tidegate may do in an account, or to a customer."""

    OBSERVE = "observe"  # nothing, only report
    RAISE_ONLY = "raise_only"  # give, never take
    LOWER_ONLY = "lower_only"  # take, never give
    SYNC = "sync"  # both


class Release(StrEnum):
    """Who lifts the restriction that exhaustion caused, once there is room to spend again."""

    AUTO = "auto"  # Tidegate
    MANUAL = "manual"  # a person, with `tidegate release`


@dataclass(frozen=True, slots=True)
class Overrun:
    """How far above the amount a customer may go that nobody is to cut off; `most` None: as far as it gets."""

    most: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUp:
    """Raise the amount by `step` whenever less than `below` percent of it is left, up to `most` in a period."""

    step: Money
    below: Decimal
    most: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Temporary:
    """Another amount for a while: from `starts` (None: at once) until the day `until` begins, billing time."""

    amount: Money
    until: date
    starts: date | None = None


@dataclass(frozen=True, slots=True)
class Dated:
    """Another amount from the beginning of a day on, billing time."""

    amount: Money
    starts: date


@dataclass(frozen=True, slots=True, order=True)
class CustomerKey:
    """One reseller customer: (vendor, the vendor's own id). Unique in the whole configuration."""

    vendor: str
    customer_id: str

    def __str__(self) -> str:
        return f"{self.vendor}/{self.customer_id}"


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer with what is needed to ask a vendor about it."""

    key: CustomerKey
    # The second-tier reseller the customer belongs to, where the vendor wants it named.
    indirect_partner_id: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where a limit was written: file name as configured, 1-based line."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What the partner wants for one customer. `on_exhaustion` None means "not given".

    `spent_before`: what was spent in the period before Tidegate first saw the customer. `since`: a one-time limit
    counts anew from the beginning of that day. `onboard`: lift the vendor's default restriction of a new customer.
    `why`: how `amount` came about, where it is not simply what is written (see core.amounts).
    """

    account: str
    customer: Customer
    kind: Kind
    amount: Money
    on_exhaustion: OnExhaustion | None = None
    allow_zero: bool = False
    non_stop: bool = False
    write_policy: WritePolicy | None = None
    overrun: Overrun | None = None
    spent_before: Money | None = None
    since: date | None = None
    release: Release = Release.AUTO
    onboard: bool = False
    top_up: TopUp | None = None
    temporary: Temporary | None = None
    later: Dated | None = None
    why: str = ""
    name: str | None = None
    changed_by: str | None = None
    reason: str | None = None
    source: Source | None = None

    @property
    def key(self) -> CustomerKey:
        """The customer's key, which is also the limit's."""
        return self.customer.key
