"""Everything that led to one customer's plan, as values.

Collected by core.run.explain, put into words by the reports. Values only; decides nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from core.books import Book, Dispute
from core.capabilities import Capabilities
from core.exposure import Headroom
from core.forecast import Forecast
from core.intent import Intent
from core.limit import Customer, CustomerKey, Limit
from core.meter import Count, Meter, Period
from core.money import Money
from core.pause import Pause
from core.plan import Correction, GuardVerdict, Hold
from core.policy import AccountPolicy, Approval, DriftPolicy
from core.spending import Reading
from core.standing import Standing
from core.target import NoTarget, Target
from core.witness import WitnessRow


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitChanged:
    """One accepted change of the limit. `old` None: new; `new` None: removed; `digest`: of the limits files."""

    at: datetime
    old: Limit | None
    new: Limit | None
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What our own records say somebody did, other than by an intent or a limit; `sentence` may be empty."""

    at: datetime
    event: str
    who: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LastPlan:
    """What the newest stored plan of the account says. `quota`: credit that could be given out then, None: unknown."""

    command: str
    made_at: datetime
    quota: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What our own records, and the vendor's where they were read, hold on one customer.

    `limits`: accepted changes, oldest first. `intents`, `notes`: newest first. `foreign`: the vendor's records of what
    others changed, oldest first, None where they were not read. `pending`: the limit as written is not accepted yet.
    """

    limits: tuple[LimitChanged, ...] = ()
    intents: tuple[Intent, ...] = ()
    notes: tuple[Noted, ...] = ()
    foreign: tuple[WitnessRow, ...] | None = None
    pending: bool = False
    open_intents: tuple[Intent, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    pauses: tuple[Pause, ...] = ()
    last_plan: LastPlan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What is known of the spend. `reading`: what counts for the limit, None without one or without a standing.

    `count`: the meter's own count of the billing month, or of a one-time limit. `periods`: closed months, oldest first.
    """

    meter: Meter | None = None
    count: Count | None = None
    reading: Reading | None = None
    exhausted: Forecast | None = None
    periods: tuple[Period, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What planning makes of the customer now. `row` None: in sync, or nothing to judge it by.

    `target` None: without a limit or a standing. `adopted`: changed from outside, and to stay so. `guards`: counted for
    this customer alone. `approvals`: in force for it.
    """

    row: Correction | Hold | None = None
    target: Target | NoTarget | None = None
    adopted: bool = False
    guards: tuple[GuardVerdict, ...] = ()
    approvals: tuple[Approval, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What can still be given out. `quota`: as the vendor says; `written`: left of the written quotas, by (kind)."""

    quota: Money | None = None
    problem: str | None = None
    written: tuple[tuple[str, Money], ...] = ()
    headroom: Headroom | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """What the vendor says it billed for a month ("2026-11"); `why` not empty: why there is no figure."""

    month: str
    amount: Money | None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One customer, explained.

    `asked`: whether the vendor was asked. `problem`: why it could not be read then; what is told is what was stored.
    `absent`: the vendor answered and has no such customer here. `written`, `limit`: as in the file, and with the amount
    in force; None: unlimited. `deleted_after`: when a stopped customer's data goes.
    """

    at: datetime
    customer: Customer
    account: str
    name: str | None
    policy: AccountPolicy
    capabilities: Capabilities
    drift_policy: DriftPolicy
    asked: bool
    problem: str | None = None
    absent: bool = False
    written: Limit | None = None
    limit: Limit | None = None
    standing: Standing | None = None
    book: Book | None = None
    deleted_after: datetime | None = None
    spending: Spending = Spending()
    verdict: Verdict = Verdict()
    room: Room = Room()
    records: Records = Records()
    billed: tuple[Billed, ...] = ()

    @property
    def key(self) -> CustomerKey:
        """The customer's key."""
        return self.customer.key

    @property
    def outdated(self) -> bool:
        """Whether the standing is older than our own last change, which was read back since."""
        written = self.book.written_at if self.book is not None else None
        return self.standing is not None and written is not None and self.standing.as_of < written
