"""What a partner has decided for one account: write policy, guards, approvals, protected customers and times."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from core.limit import Kind, WritePolicy
from core.money import Money


class DriftPolicy(StrEnum):
    """What becomes of a change that somebody made at the vendor."""

    REVERT = "revert"  # the limit is set again
    REPORT = "report"  # it is told, and left until a person decides
    ADOPT = "adopt"  # it stands until the customer's row in the limits file changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When corrections may be made: on these weekdays (0: Monday) from `begins` to `ends`, billing time.

    `ends` at or before `begins`: it goes on until that time of the next day.
    """

    days: frozenset[int]
    begins: time
    ends: time
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A person's word that a guard may let something pass; data, never a switch.

    `account` or `customer_id` says for whom, `kind` is a guard's name or `freeze`. `up_to`: the largest figure that
    passes (customers, or cents); None only for `freeze`. `until`: when it is over, aware UTC.
    """

    account: str | None
    customer_id: str | None
    kind: str
    up_to: int | None
    until: datetime
    approved_by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Who agreed for the account that freezing may interrupt services and delete data, and when."""

    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetQuota:
    """The most that budgets of one kind may add up to, as granted by a distributor; no API tells it.

    `indirect_partner_id` None: for the account's own customers.
    """

    kind: Kind
    amount: Money
    indirect_partner_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """One guard's figures; it is tripped when every given figure is exceeded, so a cap with none never trips."""

    count: int | None = None
    amount: Money | None = None
    percent: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardSettings:
    """The caps of section `[guards]`; None: off. One object per place they are written in."""

    max_customers_changed: Cap | None = None
    max_raised: Cap | None = None
    max_cut: Cap | None = None
    max_single_change: Cap | None = None
    max_vanished: Cap | None = None
    max_limits_removed: Cap | None = None
    max_exhausted: Cap | None = None  # None here means the default: no customer may be exhausted
    max_restored: Cap | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPolicy:
    """One account as core needs it. Durations are the account's own or the global ones, already resolved."""

    name: str
    vendor: str
    write_policy: WritePolicy
    protected: frozenset[str] = frozenset()  # customer ids
    guards: tuple[GuardSettings, ...] = ()  # every one must pass: the stricter wins
    books_max: int = 5
    write_timeout: timedelta = timedelta(seconds=30)
    quarantine: timedelta = timedelta(minutes=10)
    lag: timedelta = timedelta(minutes=10)
    patience: timedelta = timedelta(seconds=10)  # how long a run waits for a witness before it ends with what it has
    every: timedelta = timedelta(minutes=10)
    billing_timezone: str = "Asia/Shanghai"
    drift: DriftPolicy | None = None  # None: report where nothing is written, else revert
    drift_grace: timedelta = timedelta(0)  # how long a change from outside is left alone
    max_age: timedelta | None = None  # the oldest observation a correction may rest on
    windows: tuple[Window, ...] = ()  # none: at any time
    approvals: tuple[Approval, ...] = ()  # of this account and its customers, expired ones too
    agreement: Agreement | None = None
    quotas: tuple[BudgetQuota, ...] = ()
    notes: tuple[str, ...] = field(default=())
