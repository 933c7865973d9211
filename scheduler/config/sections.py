"""The sections of the configuration file as pydantic models: what may stand there, its unit, default and reason.

Read by scheduler.config.reading. A vendor's own keys are not here: its folder states them.
The first example of a field is what a fault suggests to write; types are strict, so that a mistake is never guessed at.
"""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from core.limit import Kind, WritePolicy
from core.money import Money
from core.policy import Agreement, BudgetQuota, Cap, DriftPolicy, GuardSettings
from scheduler.config.fields import (
    Amount,
    CallTime,
    Count,
    CronLine,
    Day,
    Duration,
    Hours,
    Interval,
    Number,
    Percent,
    Said,
    Section,
    Thresholds,
    TimeZone,
)


class CountCap(Section):
    """A guard over a number of customers: tripped when every figure given is exceeded."""

    count: Count | None = None
    """The most customers that are let through; 0 lets none."""

    percent: Percent | None = None
    """The largest share of the account's customers, in percent."""

    @model_validator(mode="after")
    def _caps_something(self) -> Self:
        if self.count is None and self.percent is None:
            message = "it gives no figure: write { count = 10 }, { percent = 20 } or both"
            raise ValueError(message)
        return self

    @property
    def cap(self) -> Cap:
        """The same as core has it."""
        return Cap(count=self.count, percent=self.percent)


class AmountCap(Section):
    """A guard over money: tripped when every figure given is exceeded."""

    amount: Amount | None = Field(default=None, examples=['"5000.00"'])
    """The largest amount that is let through, in USD."""

    percent: Percent | None = None
    """The largest share of what is granted, in percent."""

    @model_validator(mode="after")
    def _caps_something(self) -> Self:
        if self.amount is None and self.percent is None:
            message = 'it gives no figure: write { amount = "5000.00" }, { percent = 20 } or both'
            raise ValueError(message)
        return self

    @property
    def cap(self) -> Cap:
        """The same as core has it."""
        return Cap(amount=self.amount, percent=self.percent)


_COUNTED = Field(default=None, examples=["{ count = 10, percent = 20 }"])
_WEIGHED = Field(default=None, examples=['{ amount = "5000.00", percent = 20 }'])


class GuardsSection(Section):
    """`[guards]` and `[accounts.NAME.guards]`; where both set one, the stricter wins. Off unless set."""

    max_customers_changed: CountCap | None = _COUNTED
    """The most customers changed in one run."""

    max_raised: AmountCap | None = _WEIGHED
    """The most money granted in one run."""

    max_cut: AmountCap | None = _WEIGHED
    """The most money taken in one run."""

    max_single_change: AmountCap | None = _WEIGHED
    """The largest change of one customer; it holds that customer only."""

    max_vanished: CountCap | None = _COUNTED
    """The most customers with a limit that the vendor no longer shows."""

    max_limits_removed: CountCap | None = _COUNTED
    """The most limits that were removed from the files since the last run."""

    max_exhausted: CountCap | None = _COUNTED
    """The most customers who are left with nothing to spend; none when not set."""

    max_restored: AmountCap | None = _WEIGHED
    """The most money granted by corrections that only restore what a new period gives."""

    @property
    def settings(self) -> GuardSettings:
        """The same as core has it."""
        written = {name: getattr(self, name) for name in type(self).model_fields}
        return GuardSettings(**{name: section.cap for name, section in written.items() if section is not None})


class Overridable(Section):
    """Keys of `[tidegate]` that an account may set anew; the account wins."""

    billing_timezone: TimeZone | None = Field(default=None, examples=['"Asia/Shanghai"'])
    """Where a billing month begins; Asia/Shanghai, as both vendors bill."""

    write_timeout: CallTime | None = Field(default=None, examples=['"30s"'])
    """How long a change may be on its way before its signature is no longer sent; 30 s."""

    read_timeout: CallTime | None = Field(default=None, examples=['"30s"'])
    """How long one question may take; 30 s."""

    quarantine: Duration | None = Field(default=None, examples=['"10m"'])
    """How long a lost answer is waited for: the life of the vendor's signature, 30 s for clocks and the lag."""

    lag: Duration | None = Field(default=None, examples=['"10m"'])
    """How late the vendor's figures may be; what the vendor documents."""

    rate_share: Number | None = Field(default=None, gt=0, le=1, examples=["0.9"])
    """The share of the documented call rates that is used; 0.9."""

    max_age: Interval | None = Field(default=None, examples=['"1h"'])
    """The oldest figure of a vendor that a correction may rest on; any when not set."""

    alert_at: Thresholds | None = Field(default=None, min_length=1, examples=["[75, 90, 100]"])
    """Shares of a limit, in percent, at which somebody is to be told; 75, 90 and 100."""


class TidegateSection(Overridable):
    """`[tidegate]`."""

    store: str = Field(examples=['"sqlite:///tidegate.db"'])
    """Where the journal is kept; it must outlive every run, since it is what keeps a change from being sent twice."""

    limits: list[str] = Field(min_length=1, examples=['["limits.csv"]'])
    """The files with the limits, CSV or TOML; globs are allowed."""


class Quotas(Section):
    """What a distributor has granted for budgets; for a vendor that does not tell it."""

    budget_quota_monthly: Amount | None = Field(default=None, examples=['"100000.00"'])
    """The most that all monthly budgets may add up to, in USD; not judged when not set."""

    budget_quota_one_time: Amount | None = Field(default=None, examples=['"50000.00"'])
    """The most that all one-time budgets may add up to, in USD; not judged when not set."""

    def given(self, indirect_partner_id: str | None = None) -> tuple[BudgetQuota, ...]:
        """The same as core has it, None: for the account's own customers."""
        amounts: dict[Kind, Money | None] = {
            Kind.MONTHLY: self.budget_quota_monthly,
            Kind.ONE_TIME: self.budget_quota_one_time,
        }
        return tuple(
            BudgetQuota(kind=kind, amount=amount, indirect_partner_id=indirect_partner_id)
            for kind, amount in amounts.items()
            if amount is not None
        )


class IndirectPartnerSection(Quotas):
    """`[[accounts.NAME.indirect_partners]]`: the quotas of one second-tier reseller."""

    id: Said = Field(examples=['"INDIRECT_PARTNER_ID"'])
    """Its id, as in the column indirect_partner_id of the limits."""

    @model_validator(mode="after")
    def _has_a_quota(self) -> Self:
        if not self.given():
            message = "it gives no figure: write budget_quota_monthly, budget_quota_one_time or both"
            raise ValueError(message)
        return self


class AgreementSection(Section):
    """`agreement`: who agreed that freezing stops services, and that the vendor deletes a frozen customer's data."""

    by: Said = Field(examples=['"Ann Lee"'])
    """Whose word it is."""

    date: Day = Field(examples=["2026-01-31"])
    """When it was given; not in the future."""

    @property
    def agreement(self) -> Agreement:
        """The same as core has it."""
        return Agreement(by=self.by, on=self.date)


class AccountSection(Overridable, Quotas):
    """`[accounts.NAME]`, without the vendor's own keys."""

    vendor: str = Field(examples=['"huawei"'])
    """Which cloud the account is at."""

    write_policy: Annotated[WritePolicy, Field(strict=False)] = Field(examples=['"observe"'])
    """What may be changed: observe, raise_only, lower_only or sync. There is no default: it is a decision."""

    every: Interval = Field(default=timedelta(minutes=10), examples=['"10m"'])
    """How often the daemon looks at the account."""

    cron: CronLine | None = Field(default=None, examples=['"*/10 8-19 * * mon-fri"'])
    """When the daemon looks at the account, as a line of a crontab in billing time, instead of `every`."""

    protected: list[str] = Field(default_factory=list, examples=['["CUSTOMER_ID"]'])
    """Ids of customers that are never changed."""

    books_max: int = Field(default=5, ge=0, examples=["5"])
    """How many customers may disagree with the vendor's own records before the account's raises stop."""

    allow_custom_endpoint: bool = Field(default=False, examples=["true"])
    """Whether keys may be used at a host that is not the vendor's own."""

    windows: list[Hours] | None = Field(default=None, min_length=1, examples=['["mon-fri 09:00-18:00"]'])
    """The hours in which changes may be made, billing time; at any time when not set."""

    drift: Annotated[DriftPolicy, Field(strict=False)] | None = Field(default=None, examples=['"revert"'])
    """What becomes of a change that somebody made at the vendor: revert, report or adopt; report where nothing is
    written, else revert."""

    drift_grace: Duration = Field(default=timedelta(0), examples=['"1h"'])
    """How long such a change is left alone; not at all when not set."""

    agreement: AgreementSection | None = Field(default=None, examples=['{ by = "Ann Lee", date = 2026-01-31 }'])
    """Who agreed to freezing, where Tidegate itself would do it."""

    indirect_partners: list[IndirectPartnerSection] = Field(default_factory=list)
    """The quotas of second-tier resellers."""

    guards: GuardsSection | None = None
    """The account's own guards."""

    @property
    def longest_gap(self) -> timedelta:
        """How long the daemon may at most not look at the account."""
        return self.every if self.cron is None else self.cron.longest_gap

    @property
    def quotas(self) -> tuple[BudgetQuota, ...]:
        """Every quota given, the account's own first."""
        return sum((partner.given(partner.id) for partner in self.indirect_partners), self.given())
