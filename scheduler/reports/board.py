"""The board: everything that the status page, the metrics and the alerts know, as values.

Made by scheduler.records from our own records, completed by the daemon with what only its process knows; read by
scheduler.web and scheduler.alerting. Money is exact, unknown is None, times are aware UTC. Nothing here asks anybody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from core.books import Dispute
from core.exposure import Outlook
from core.forecast import Forecast
from core.intent import Intent
from core.limit import Customer, CustomerKey, Kind, OnExhaustion, WritePolicy
from core.meter import Day
from core.money import Money
from core.pause import Pause
from core.standing import Restriction, Spend
from scheduler.reports.history_table import HistoryLine
from scheduler.reports.month import Share
from scheduler.reports.stopped import Stopped


class Attention(StrEnum):
    """Why a customer needs somebody's eyes, most pressing first; the page filters by these words."""

    DELETION = "deletion"  # frozen or suspended: the vendor will delete its data
    DISPUTED = "disputed"  # a person's word is needed
    STOPPED = "stopped"  # restricted, frozen or suspended
    UNCERTAIN = "uncertain"  # a change whose outcome is not known
    HELD = "held"  # a correction that is not made, and that needs a person or the vendor
    SPENT = "spent"  # 100 % of the limit or more
    NEAR = "near"  # at or above the lowest threshold of `alert_at`
    PENDING = "pending"  # a correction that has not been made (yet), whatever blocks it
    PAUSED = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A correction that the newest whole run listed and did not see made.

    `word` and `sentence`: the hold's reason, or for a correction "pending" or what blocks it. `detail`: particulars.
    """

    word: str
    sentence: str
    detail: str
    needs_attention: bool
    wanted: Money
    action: str | None = None
    change: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerLine:
    """One customer with a limit, as last seen. `amount`: in force now. `spent`: what counts for the limit.

    `share`: of `amount`, in percent. `as_of`: when the figures were read; None: never. `thresholds`: the account's.
    `period`: what `spent` is counted in, "2026-11" for a month, "once", or "" for a credit line.
    """

    account: str
    vendor: str
    customer: Customer
    name: str | None
    kind: Kind
    on_exhaustion: OnExhaustion | None
    amount: Money
    granted: Money | None
    spent: Spend | None
    share: Share | None
    available: Money | None
    restriction: Restriction | None
    stopped: Stopped | None
    forecast: Forecast | None
    as_of: datetime | None
    period: str
    thresholds: tuple[Decimal, ...]
    waiting: Waiting | None = None
    intent: Intent | None = None  # open
    dispute: Dispute | None = None
    pause: Pause | None = None
    protected: bool = False
    attention: tuple[Attention, ...] = ()

    @property
    def key(self) -> CustomerKey:
        """The customer's key."""
        return self.customer.key


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRun:
    """A run of an account; `ended_at` None: under way, or ended by a kill."""

    id: str
    command: str
    who: str
    begun_at: datetime
    ended_at: datetime | None
    exit_code: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """A written quota for budgets: `granted` of `amount` is in use. `whose`: a reseller's id, None: the account's."""

    kind: Kind
    whose: str | None
    amount: Money
    granted: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """What only the daemon's process knows of an account; all None without a daemon.

    `progressed_at`: when the pass under way last got an answer or moved an intent.
    """

    next_at: datetime | None = None
    running_since: datetime | None = None
    progressed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBoard:
    """One account. `last_run`: the newest that looked at all of its customers; counts are of it.

    `read_at`: begin of the newest of those that could read the account: its last success.
    `problem`: why `last_run` could not read it, for people; `problem_since`: since when runs cannot.
    `guards`: sentences of tripped guards, by guard name. `attention`: what waits for a person though no customer is
    held. `late_after`: older than this, `read_at` is a fault. `cron`: the crontab line it is looked at by; then `every`
    is the longest gap between two of its times. `skew`: our clock minus the vendor's, None unknown. `failed_at`: when a
    pass of the daemon, later than `last_run`, failed and left no run; `problem` then says why.
    """

    name: str
    vendor: str
    write_policy: WritePolicy
    zone: str
    every: timedelta
    late_after: timedelta
    windows: tuple[str, ...]
    window_open: bool
    customers: tuple[CustomerLine, ...]
    last_run: LastRun | None = None
    read_at: datetime | None = None
    problem: str | None = None
    problem_since: datetime | None = None
    in_sync: int | None = None
    pending: int | None = None
    held: int | None = None
    quota: Money | None = None
    pools: tuple[Pool, ...] = ()
    outlook: Outlook | None = None
    guards: Mapping[str, str] = field(default_factory=dict)
    attention: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unlimited: tuple[str, ...] = ()
    clock_problem: str | None = None
    cron: str | None = None
    skew: timedelta | None = None
    pause: Pause | None = None  # of the whole account, or of everything
    failed_at: datetime | None = None
    tick: Tick = Tick()


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingAlert:
    """An alert that stands, for people."""

    severity: str
    sentence: str
    since: datetime
    account: str | None
    customer_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Everything, at `made_at`. `changes`: the newest first. `config_faults`: a file that was not taken, with lines.

    `head`: the end of the audit chain. `started_at`: of the daemon, None without one. `channels`: where alerts go, by
    name. `unsent_since`: by channel, when the oldest message was written that is neither sent nor given up.
    """

    made_at: datetime
    version: str
    installation: str
    head: str
    accounts: tuple[AccountBoard, ...]
    open_intents: tuple[Intent, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    pauses: tuple[Pause, ...] = ()
    changes: tuple[HistoryLine, ...] = ()
    alerts: tuple[StandingAlert, ...] = ()
    config_faults: tuple[str, ...] = ()
    started_at: datetime | None = None
    channels: tuple[str, ...] = ()
    unsent_since: Mapping[str, datetime] = field(default_factory=dict)

    def account(self, name: str) -> AccountBoard | None:
        """The account of this name."""
        return next((account for account in self.accounts if account.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFile:
    """One customer in full. `days`: figures by billing day, oldest first. `changes`: all of it, newest first.

    `sentences`: what `tidegate explain --stored` says, as (heading, lines).
    """

    line: CustomerLine
    account: AccountBoard
    days: tuple[Day, ...]
    changes: tuple[HistoryLine, ...]
    sentences: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What the daemon counted since it started; keys are label values. `run_seconds`: passes and their seconds in all.

    `runs`: (account, outcome) with outcome done, pending, unfinished, failed. `corrections`: (account, action, state).
    `calls`: (account, operation), `throttled` among the operations. `missed`: ticks, by account.
    `deliveries`: (channel, outcome) with outcome sent, failed, given_up or unclear.
    """

    runs: Mapping[tuple[str, str], int] = field(default_factory=dict)
    run_seconds: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    corrections: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    calls: Mapping[tuple[str, str], int] = field(default_factory=dict)
    missed: Mapping[str, int] = field(default_factory=dict)
    deliveries: Mapping[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Whether the daemon lives and works. `stuck`: what shows no progress, one sentence each; empty: alive.

    `late`: accounts without a success in time, with the age of the last one, None: never read; empty: ready.
    `ages`: every account's age of the last success.
    """

    stuck: tuple[str, ...] = ()
    late: Mapping[str, timedelta | None] = field(default_factory=dict)
    ages: Mapping[str, timedelta | None] = field(default_factory=dict)
