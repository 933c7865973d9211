"""What was observed of one customer at the vendor.

Made by the vendor adapters, read by target and plan. A figure is known or it is not; unknown is never zero.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum

from core.limit import Customer, CustomerKey, Kind, OnExhaustion
from core.money import USD, Money


class Absence(Enum):
    """Why there is no figure."""

    UNKNOWN = "unknown"  # the vendor did not say
    NOT_SET = "not set"  # the vendor said that there is none


Figure = Money | Absence


class Restriction(StrEnum):
    """How a customer is limited at the vendor right now."""

    NONE = "none"
    RESTRICTED = "restricted"  # no purchases; whether resources stopped cannot be read
    FROZEN = "frozen"  # purchases and resources stopped by a call of ours; known from our own records alone
    SUSPENDED = "suspended"  # services stopped by the vendor


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """Spend at list price as an interval that contains the true figure; `since` None means the vendor's own period."""

    low: Money
    high: Money
    since: datetime | None = None

    @classmethod
    def exactly(cls, amount: Money) -> "Spend":
        """A figure the vendor gave, taken as it is."""
        return cls(low=amount, high=amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One customer as the vendor showed it.

    `as_of` is when the read was begun (aware UTC); `lag` how late the vendor's spend figure may be.
    `spent`: what the vendor says is used, of its own period or of a permanent credit.
    `available` is None when unknown; `restriction` None when unknown.
    `associated_at`: when the customer became the partner's, None where the vendor does not say.
    """

    customer: Customer
    account: str
    as_of: datetime
    granted: Figure = Absence.UNKNOWN
    kind: Kind | None = None
    spent: Spend | None = None
    available: Money | None = None
    restriction: Restriction | None = None
    on_exhaustion: OnExhaustion | None = None
    currency: str = USD
    lag: timedelta = timedelta(0)
    name: str | None = None
    associated_at: datetime | None = None

    @property
    def key(self) -> CustomerKey:
        """The customer's key."""
        return self.customer.key

    @property
    def granted_money(self) -> Money | None:
        """The granted amount, or None where there is none or it is unknown."""
        return self.granted if isinstance(self.granted, Money) else None
