"""A plan: an immutable value of ordered corrections, holds, totals and guard verdicts.

Made by core.planning from standings and limits, shown by the reports, carried out by core.run.apply.
"""

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import Enum

from core.exposure import Outlook
from core.forecast import Forecast
from core.intent import Action, Position
from core.limit import Customer, CustomerKey, WritePolicy
from core.money import Money, or_zero
from core.policy import BudgetQuota
from core.standing import Spend

FORMAT_VERSION = 2  # 1: before corrections could be chains


class HoldReason(Enum):
    """Why a correction is not made now: (word, sentence, whether a person or the vendor must act first)."""

    UNREADABLE = ("unreadable", "the vendor did not answer for this customer", True)
    UNKNOWN_CUSTOMER = ("unknown_customer", "the vendor has no such customer under this account", True)
    SPEND_UNKNOWN = ("spend_unknown", "a cut needs the spend, and the vendor did not give it", True)
    CURRENCY = ("currency", "the vendor answered in a currency other than USD", True)
    ACTION_UNSTATED = ("action_unstated", "a customer's first budget must state on_exhaustion", True)
    QUOTA = ("quota", "it does not fit into the credit that can still be given out", True)
    GUARD = ("guard", "a guard is tripped", True)
    PROTECTED = ("protected", "the customer is protected in the configuration", True)
    PAUSED = ("paused", "somebody paused it", True)
    UNCERTAIN = ("uncertain", "the outcome of an earlier change is not known yet", True)
    DISPUTED = ("disputed", "an earlier change needs a person's word: see `tidegate settle`", True)
    STALE_READ = ("stale_read", "the vendor's figure is not to be trusted yet", False)
    ONE_OBSERVATION = ("one_observation", "taking the last available credit needs a second observation", False)
    CLOCK = ("clock", "this machine's clock is more than 30 s off the vendor's", True)
    TOO_EARLY = ("too_early", "the vendor's spend figure does not count for this period or limit yet", False)
    SPEND_UNSURE = ("spend_unsure", "too little is known of what was spent to give the customer anything", True)
    RESTRICTED_BY_OTHER = ("restricted_by_other", "somebody else restricted the customer, so it is not released", False)
    RELEASE_MANUAL = ("release_manual", "the restriction waits for `tidegate release`", False)
    NOT_AGREED = ("not_agreed", "freezing needs the account's agreement and an approval for the customer", True)
    DRIFT = ("drift", "somebody changed it at the vendor", True)
    DRIFT_GRACE = ("drift_grace", "a change from outside is left alone for a while", False)
    WINDOW = ("window", "it is outside the hours in which changes may be made", False)
    TOO_OLD = ("too_old", "the observation is older than max_age", True)
    TWO_WRITERS = ("two_writers", "another installation of Tidegate writes to this account", True)
    BOOKS = ("books", "too many customers of this account are not explained by the vendor's records", True)
    MOVED = ("moved", "the customer is no longer as it was planned", True)
    REFUSED = ("refused", "the vendor refused it", True)
    NOT_SENT = ("not_sent", "the vendor could not be reached", True)
    LEASE = ("lease", "another Tidegate process is writing to this account", True)
    STORE = ("store", "our own records could not be written", True)
    STOPPED = ("stopped", "the run was stopped before it", True)

    def __init__(self, word: str, sentence: str, needs_attention: bool) -> None:  # noqa: FBT001 - enum payload
        self.word = word
        self.sentence = sentence
        self.needs_attention = needs_attention


class Direction(Enum):
    """Which way a correction moves a customer's room to spend."""

    RAISE = "raise"
    CUT = "cut"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What corrections and holds have in common; `order` is 1-based over the whole plan, holds after corrections."""

    order: int
    account: str
    customer: Customer
    name: str | None
    action: Action | None  # None: so little is known that no action follows
    before: Position
    after: Position
    change: Money | None
    wanted: Money
    spent: Spend | None
    available: Money | None
    currency: str
    as_of: datetime | None
    effects: tuple[str, ...] = ()
    blocked_by: tuple[str, ...] = ()
    detail: str = ""  # one sentence: the formula of a correction, the particulars of a hold
    exhausted: Forecast | None = None  # when the amount will be spent, at the rate of the last days
    data_deleted_after: datetime | None = None  # of a frozen or suspended customer

    @property
    def key(self) -> CustomerKey:
        """The customer's key."""
        return self.customer.key

    @property
    def moved(self) -> Money:
        """How much the grant moves; a first grant moves by all of itself."""
        return or_zero(self.change if self.change is not None else self.after.granted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction(Row):
    """One change that would bring a standing to its limit. `blocked_by` non-empty: listed, never sent.

    `follows`: what is done once `action` is settled, such as a release after a raise. `restores`: it only gives back
    what a new period gives. `urgent`: a customer that nobody is to cut off is about to be.
    `waits`: a raise that needs credit which cuts of this plan free first.
    `quota_after`: credit still to give out once it is made, None where the vendor has no such figure.
    """

    direction: Direction
    exhausts: bool = False
    follows: tuple[Action, ...] = ()
    restores: bool = False
    urgent: bool = False
    waits: bool = False
    quota_after: Money | None = None

    def held(self, reason: HoldReason, detail: str, blocked_by: tuple[str, ...] = ()) -> "Hold":
        """Give the hold that stands in this correction's place."""
        shared = {field.name: getattr(self, field.name) for field in fields(Row)}
        shared |= {"detail": detail, "blocked_by": blocked_by or (reason.word,)}
        return Hold(**shared, reason=reason, direction=self.direction, exhausts=self.exhausts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Row):
    """A correction that will not be made now, and why."""

    reason: HoldReason
    direction: Direction = Direction.NEITHER
    exhausts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardVerdict:
    """One guard that was evaluated. `customer` None: it speaks of the whole account."""

    guard: str
    account: str
    customer: CustomerKey | None
    tripped: bool
    figures: str  # what was counted
    limit: str  # what is allowed
    sentence: str  # for a tripped one: what to do to let it pass


@dataclass(frozen=True, slots=True)
class PoolUse:
    """How much of a written quota for budgets is given out."""

    quota: BudgetQuota
    granted: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSummary:
    """One account's part of a plan in figures."""

    name: str
    vendor: str
    write_policy: WritePolicy
    customers: int  # limits in this account
    in_sync: int
    corrections: int
    holds: int
    quota: Money | None
    unlimited: tuple[str, ...]  # ids of customers the vendor lists without a limit here
    problem: str | None = None  # why the account as a whole could not be read
    notes: tuple[str, ...] = ()
    outlook: Outlook | None = None
    attention: tuple[str, ...] = ()  # what waits for a person though no customer in scope is held for it
    pools: tuple[PoolUse, ...] = ()  # of the written quotas, all customers the vendor lists counted
    skew: timedelta | None = None  # our clock minus the vendor's, None where no answer told


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The plan in figures. Money is over corrections that are not blocked."""

    corrections: int
    blocked: int
    holds: int
    in_sync: int
    raised: Money
    cut: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run would do.

    `complete` False: something could not be read. `narrowed`: only some customers were asked for.
    """

    run: str
    made_at: datetime
    accounts: tuple[AccountSummary, ...]
    corrections: tuple[Correction, ...]
    holds: tuple[Hold, ...]
    guards: tuple[GuardVerdict, ...]
    totals: Totals
    complete: bool
    narrowed: bool = False

    @property
    def fingerprint(self) -> str:
        """Hash of what would be sent: accounts, customers, actions, before, after. Spend and times are not in it."""
        return fingerprint_of(self.corrections)

    def pending(self) -> tuple[Correction, ...]:
        """Corrections that nothing blocks, in order."""
        return tuple(correction for correction in self.corrections if not correction.blocked_by)


def fingerprint_of(corrections: tuple[Correction, ...]) -> str:
    """Hash corrections whatever their order."""
    facts = sorted(json.dumps(correction_facts(correction), sort_keys=True) for correction in corrections)
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


def position_document(position: Position) -> dict[str, str | None]:
    """Give a position as in the plan JSON."""
    return {
        "granted": None if position.granted is None else str(position.granted),
        "kind": position.kind,
        "on_exhaustion": position.on_exhaustion,
        "restriction": position.restriction,
    }


def correction_facts(correction: Correction) -> dict[str, object]:
    """Give what makes a correction this one: what `apply --plan` compares and the fingerprint covers."""
    return {
        "account": correction.account,
        "customer": str(correction.key),
        "action": correction.action,
        "wanted": str(correction.wanted),
        "exhausts": correction.exhausts,
        "follows": list(correction.follows),
        "before": position_document(correction.before),
        "after": position_document(correction.after),
        "blocked_by": list(correction.blocked_by),
    }
