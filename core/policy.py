"""What a partner has decided for one account: write policy, guards, protected customers and times."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from core.limit import WritePolicy
from core.money import Money


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
    notes: tuple[str, ...] = field(default=())
