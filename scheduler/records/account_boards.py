"""Draws each account's part of the board, and draws again only what has changed. Called by scheduler.records.board."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from core.books import Dispute
from core.exposure import Outlook
from core.intent import Intent
from core.limit import CustomerKey, Limit
from core.meter import billing_day
from core.pause import Pause
from core.quota import pools
from core.run.observe import MAX_SKEW
from core.run.world import World
from core.windows import open_at
from scheduler import bootstrap
from scheduler.config import AccountSettings, Crontab
from scheduler.records.customer_lines import Lying, plain_lines, with_what_lies
from scheduler.records.plan_parts import Part
from scheduler.records.runs import Told
from scheduler.records.waiting import made
from scheduler.reports.board import AccountBoard, CustomerLine, Pool, Tick
from scheduler.reports.summary import plain_reason

# An account is late when it missed two of its runs, or half an hour has passed over one that is due: a run may take
# minutes, and one that failed is tried again at the next tick.
MISSED_RUNS = 3
LATE_AT_LEAST = timedelta(minutes=30)


def late_after(every: timedelta, cron: Crontab | None = None, read_at: datetime | None = None) -> timedelta:
    """Give the age from which an account's last success is a fault: 3 intervals, or one and half an hour if longer.

    By a line of a crontab it is the third of its times after `read_at` (aware, in the account's zone), and half an
    hour: the longest of its gaps may be a weekend, and an hour of the working day is none.
    """
    if cron is None:
        return max(MISSED_RUNS * every, every + LATE_AT_LEAST)
    if read_at is None:
        return every + LATE_AT_LEAST
    due = read_at
    for _ in range(MISSED_RUNS):
        due = cron.after(due)
    return due.astimezone(UTC) - read_at.astimezone(UTC) + LATE_AT_LEAST


@dataclass(frozen=True, slots=True, kw_only=True)
class Lately:
    """What may change at any moment, as read last. `since`: by account, intents recorded since its newest plan.

    `touched`: by account, a number that is another one once something of its customers was changed.
    """

    open_intents: tuple[Intent, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    pauses: tuple[Pause, ...] = ()
    since: Mapping[str, tuple[Intent, ...]] = field(default_factory=dict)
    touched: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One account as it is written. `number`: another one once anything of it was written otherwise."""

    account: AccountSettings
    limits: tuple[Limit, ...]
    number: int = 0


@dataclass(slots=True)
class _Kept:
    """One account's lines as they were drawn last, and what they were drawn from. `made`: corrections made since."""

    plain_of: object = None
    plain: tuple[CustomerLine, ...] = ()
    pools: tuple[Pool, ...] = ()
    lines_of: object = None
    lines: tuple[CustomerLine, ...] = ()
    made: int = 0


class AccountBoards:
    """Draws accounts, and keeps what it drew. Not thread-safe."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._kept: dict[str, _Kept] = {}

    def keep_only(self, accounts: Mapping[str, Written]) -> None:
        """Forget accounts that are gone."""
        self._kept = {name: kept for name, kept in self._kept.items() if name in accounts}

    def drawn(self, written: Written, told: Told, lately: Lately, tick: Tick, now: datetime) -> AccountBoard:
        """Give an account's part. Raises StoreFailedError."""
        name, policy, part = written.account.name, written.account.policy, told.whole
        cron, zone = written.account.cron, ZoneInfo(policy.billing_timezone)
        kept = self._kept.setdefault(name, _Kept())
        self._draw_plain(kept, written, told, lately, now)
        _lay_upon(kept, name, part, lately, now)
        return AccountBoard(
            name=name,
            vendor=written.account.vendor,
            write_policy=policy.write_policy,
            zone=policy.billing_timezone,
            every=policy.every,
            cron=cron.text if cron is not None else None,
            late_after=late_after(policy.every, cron, told.read_at and told.read_at.astimezone(zone)),
            windows=tuple(window.text for window in policy.windows),
            window_open=open_at(policy.windows, now, policy.billing_timezone),
            customers=kept.lines,
            last_run=told.last_run,
            read_at=told.read_at,
            problem=None if part.problem is None else plain_reason(part.problem),
            problem_since=told.problem_since,
            # The plan was made before its changes were; what was brought to its limit since is in sync.
            in_sync=None if part.in_sync is None else part.in_sync + kept.made,
            pending=None if part.pending is None else part.pending - kept.made,
            held=part.held,
            quota=part.quota,
            pools=kept.pools,
            outlook=_still_ahead(told.outlook, now),
            guards=part.guards,
            attention=part.attention,
            notes=tuple(map(plain_reason, part.notes)),
            unlimited=part.unlimited,
            clock_problem=_clock_problem(part),
            skew=part.skew,
            pause=next((one for one in lately.pauses if one.customer_id is None and one.account in {name, None}), None),
            tick=tick,
        )

    def _draw_plain(self, kept: _Kept, written: Written, told: Told, lately: Lately, now: datetime) -> None:
        """Draw what stands and is spent, unless nothing was read or changed since it was drawn last."""
        account = written.account
        today = billing_day(now, account.policy.billing_timezone)
        plain_of = (written.number, told.newest, lately.touched.get(account.name, 0), today)
        if kept.plain_of == plain_of:
            return
        with _collector_resting():
            kept.plain = plain_lines(
                self._world,
                account,
                written.limits,
                bootstrap.VENDORS[account.vendor].capabilities,
                {intent.key for intent in lately.open_intents},
            )
            kept.pools = _pools(self._world, account, told.whole)
        kept.plain_of = plain_of


def _lay_upon(kept: _Kept, name: str, part: Part, lately: Lately, now: datetime) -> None:
    """Lay upon the lines what may come at any moment; of every account: a renamed one's open intent blocks as well."""
    since = lately.since.get(name, ())
    lines_of = (kept.plain_of, part.run, since, lately.open_intents, lately.disputes, lately.pauses)
    if kept.lines_of == lines_of:
        return
    lying = Lying(
        waiting=part.waiting,
        since=_by_customer(since),
        intents={intent.key: intent for intent in lately.open_intents},
        disputes={one.customer: one for one in lately.disputes if one.account == name and one.customer is not None},
        pauses=lately.pauses,
    )
    kept.lines = with_what_lies(kept.plain, lying, now)
    kept.made = made(part.waiting, lying.since)
    kept.lines_of = lines_of


def _by_customer(intents: Sequence[Intent]) -> dict[CustomerKey, list[Intent]]:
    found: dict[CustomerKey, list[Intent]] = {}
    for intent in intents:
        found.setdefault(intent.key, []).append(intent)
    return found


def _still_ahead(outlook: Outlook | None, now: datetime) -> Outlook | None:
    """Give what lay ahead when the account was last read, without a month that has begun since."""
    if outlook is None or outlook.rollover_at is None or outlook.rollover_at > now:
        return outlook
    return replace(outlook, rollover=None, rollover_at=None)


def _clock_problem(part: Part) -> str | None:
    """Say that our clock differs so much from the vendor's that nothing is written."""
    if part.skew is None or abs(part.skew) <= MAX_SKEW:
        return None
    return f"this machine's clock is {int(part.skew.total_seconds()):+d} s off the vendor's: nothing is written"


def _pools(world: World, account: AccountSettings, part: Part) -> tuple[Pool, ...]:
    """Give the written quotas: as the newest plan has them, else from what is stored of customers with a limit."""
    if part.pools is not None:
        return part.pools
    quotas = account.policy.quotas
    left = pools(None, quotas, world.observations.latest(account.name).values() if quotas else ())
    return tuple(
        Pool(
            kind=quota.kind,
            whose=quota.indirect_partner_id,
            amount=quota.amount,
            granted=quota.amount - left[quota.indirect_partner_id, quota.kind],
        )
        for quota in quotas
    )


@contextmanager
def _collector_resting() -> Iterator[None]:
    """Let the collector of garbage rest while values are read by the ten thousand: it would go through all in vain."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
