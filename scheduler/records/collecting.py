"""Collects from our own records what `tidegate report` and `status` show; only a bill is ever asked of a vendor.

Values out, no words: scheduler.reports makes the report of them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from core.errors import ReadFailedError
from core.intent import State
from core.limit import Customer, CustomerKey, Limit
from core.meter import billing_day, day_start
from core.money import Money
from core.plan import HoldReason
from core.ports import AuditRow, Cloud, Journal, LimitChange, Progress, RunRecord
from core.run.world import World
from scheduler import bootstrap
from scheduler.config import Settings
from scheduler.records.history import PEOPLES, audit_lines
from scheduler.reports.month import (
    Accepted,
    AccountFacts,
    Change,
    Held,
    Look,
    Outside,
    Whose,
    end_of,
    month_begins,
)
from scheduler.reports.plan_reader import read_outlook
from scheduler.reports.wording import plural
from scheduler.reports.would_have import AccountLook, look_of

_PAGE = 50  # runs read at a time
INTENTS_LOOKED_AT = 100_000
_DRIFT = "drift"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a report is to be of. `as_of`: a billing day, None: now. `month` None: that of the day.

    `now` is read once, so that all accounts stand at one moment.
    """

    now: datetime
    month: str | None = None
    as_of: date | None = None

    def day(self, zone: str) -> date:
        """The billing day whose figures are shown."""
        return self.as_of or billing_day(self.now, zone)

    def moment(self, zone: str) -> datetime:
        """The moment the figures stand at."""
        return end_of(self.as_of, zone) if self.as_of is not None else self.now

    def month_of(self, zone: str) -> str:
        """The month, for an account of this time zone."""
        return self.month or f"{self.day(zone):%Y-%m}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What is read once for all accounts: the audit and its end, accepted limits, and each account's newest look."""

    audit: Sequence[AuditRow]
    changes: Sequence[LimitChange]
    head: str
    looks: Mapping[str, Look]


def read_records(world: World, settings: Settings, names: Sequence[str], asked: Asked) -> Records:
    """Read what all accounts share."""
    journal = world.journal
    moments = {name: asked.moment(settings.accounts[name].policy.billing_timezone) for name in names}
    return Records(
        audit=journal.audit(),
        changes=journal.limit_changes(),
        head=journal.head(),
        looks=newest_looks(journal, moments),
    )


def head_at(records: Records, moment: datetime | None) -> str:
    """Give the digest with which the record ended at a moment, None: now; empty before its beginning."""
    if moment is None:
        return records.head
    return next((row.digest for row in reversed(records.audit) if row.at < moment), "")


def newest_looks(journal: Journal, moments: Mapping[str, datetime]) -> dict[str, Look]:
    """Give what the newest run before each account's moment saw of it."""
    found: dict[str, Look] = {}
    for run in newest_runs(journal):
        plan = _plan(run)
        for part in _parts(plan):
            name = str(part.get("name"))
            if name in moments and name not in found and run.begun_at < moments[name]:
                found[name] = _look(run, plan, name, part)
        if len(found) == len(moments):
            break
    return found


def newest_runs(journal: Journal) -> Iterator[RunRecord]:
    """Give the runs, newest first, a page at a time: each comes with its whole plan, and the first few mostly do."""
    last: RunRecord | None = None
    while page := journal.runs(_PAGE, before=last):
        yield from page
        last = page[-1]


def account_facts(world: World, settings: Settings, name: str, asked: Asked, records: Records) -> AccountFacts:
    """Collect one account's facts of a month, without bills."""
    account = settings.accounts[name]
    zone = account.policy.billing_timezone
    month, day, moment = asked.month_of(zone), asked.day(zone), asked.moment(zone)
    begins = month_begins(month, zone)
    seen = world.observations
    empty = AccountFacts(
        name=name,
        vendor=account.vendor,
        zone=zone,
        month=month,
        day=day,
        now=moment,
        as_of=asked.as_of is not None,
        capabilities=bootstrap.VENDORS[account.vendor].capabilities,
        limits=limits_at(settings, name, records.changes, moment if asked.as_of is not None else None),
    )
    until = min(moment, empty.ends)
    # As of a day, the days after the month say whether it was closed by then; else its own are enough.
    last = day if asked.as_of is not None else min(day, billing_day(empty.ends, zone))
    return replace(
        _with_changes(empty, world.journal, records, until),
        days=seen.days(account=name, since=billing_day(begins, zone), until=last),
        periods={period.key: period for period in seen.periods(account=name, month=month)},
        meters=seen.meters(name),
        standings=seen.latest(name),
        books=world.journal.books(name),
        look=records.looks.get(name),
    )


def _with_changes(facts: AccountFacts, journal: Journal, records: Records, until: datetime) -> AccountFacts:
    """Add what was changed in the month before a moment: our changes, others', those of limits, people's words."""
    name, begins = facts.name, facts.begins
    within = [row for row in records.audit if begins <= row.at < until]
    return replace(
        facts,
        intents=[
            intent
            for intent in journal.intents(account=name, limit=INTENTS_LOOKED_AT)
            if intent.state is State.SETTLED_APPLIED
            and intent.closed_at is not None
            and begins <= intent.closed_at < until
        ],
        outside=[
            Outside(key=row.key, at=row.at, sentence=str(row.body.get("sentence", "")))
            for row in within
            if row.event == _DRIFT and row.account == name and row.key is not None
        ],
        accepted=[
            Accepted(key=change.key, at=change.first_seen, old=change.old, new=change.new)
            for change in records.changes
            if change.first_seen < until and name in {limit.account for limit in (change.old, change.new) if limit}
        ],
        said=_said(within, facts),
    )


def limits_at(
    settings: Settings, name: str, changes: Sequence[LimitChange], moment: datetime | None
) -> dict[CustomerKey, Limit]:
    """Give an account's limits: as written now for None, else those accepted by runs before a moment."""
    if moment is None:
        return {limit.key: limit for limit in settings.limits_of(name)}
    found: dict[CustomerKey, Limit] = {}
    for change in changes:
        if change.first_seen >= moment:
            continue
        if change.new is None:
            found.pop(change.key, None)
        else:
            found[change.key] = change.new
    return {key: limit for key, limit in found.items() if limit.account == name}


def looks_since(world: World, settings: Settings, names: Sequence[str], since: date | None) -> list[AccountLook]:
    """Give what the stored runs planned for these accounts, oldest first; `since`: a billing day, None: all."""
    found: list[AccountLook] = []
    zones = {name: settings.accounts[name].policy.billing_timezone for name in names}
    for run in newest_runs(world.journal):
        wanted = [name for name in names if since is None or run.begun_at >= day_start(since, zones[name])]
        if not wanted:
            break
        plan = _plan(run)
        for name in wanted:
            zone = zones[name]
            look = look_of(plan, name, run.begun_at, billing_day(run.begun_at, zone))
            found += [look] if look is not None else []
    return found[::-1]


def with_bills(cloud: Cloud, facts: AccountFacts, progress: Progress) -> tuple[AccountFacts, list[str]]:
    """Ask the vendor for its bill of each customer, one after the other; give the facts with what it told.

    The sentences say what went wrong. A figure to compare with: nothing is ever decided by it.
    """
    told: dict[CustomerKey, Money] = {}
    failed: dict[str, int] = {}
    keys = sorted(facts.limits.keys() | {day.key for day in facts.days if day.month == facts.month})
    for number, key in enumerate(keys):
        progress("bills", number, len(keys))
        limit = facts.limits.get(key)
        try:
            amount = cloud.billed(limit.customer if limit is not None else Customer(key), facts.month)
        except ReadFailedError as error:
            failed[error.sentence] = failed.get(error.sentence, 0) + 1
            continue
        if amount is not None:
            told[key] = amount
    progress("bills", len(keys), len(keys))
    sentences = [f"{plural(count, 'bill')} could not be read: {sentence}" for sentence, count in failed.items()]
    return replace(facts, billed=told), sentences


def _said(rows: Sequence[AuditRow], facts: AccountFacts) -> list[Change]:
    """Give what people said to Tidegate about an account, one of its customers, or everything."""
    found: list[Change] = []
    for row in rows:
        named = row.body.get("customer_id")  # a pause names its customer in its text alone
        key = row.key or (CustomerKey(facts.vendor, named) if isinstance(named, str) else None)
        about = row.account == facts.name or (row.account is None and (key is None or key in facts.limits))
        if about and row.event in PEOPLES:
            line = next(iter(audit_lines([row])))
            found.append(Change(at=row.at, whose=Whose.PERSON, key=key, what=line.what, who=line.who, why=line.why))
    return found


def _plan(run: RunRecord) -> Mapping[str, object]:
    document = json.loads(run.plan or "{}")
    return document if isinstance(document, Mapping) else {}


def _parts(plan: Mapping[str, object], what: str = "accounts") -> list[Mapping[str, object]]:
    parts = plan.get(what, [])
    return [part for part in parts if isinstance(part, Mapping)] if isinstance(parts, list) else []


def _look(run: RunRecord, plan: Mapping[str, object], name: str, part: Mapping[str, object]) -> Look:
    quota, problem = part.get("quota"), part.get("problem")
    sentences = {reason.word: reason.sentence for reason in HoldReason}
    holds = [row for row in _parts(plan, "holds") if row.get("account") == name]
    return Look(
        at=run.begun_at,
        quota=Money.parse(quota) if isinstance(quota, str) else None,
        outlook=read_outlook(part.get("outlook")),
        problem=None if problem is None else str(problem),
        holds=tuple(
            Held(
                key=CustomerKey(vendor=str(row["vendor"]), customer_id=str(row["customer_id"])),
                reason=str(row["reason"]),
                sentence=sentences.get(str(row["reason"]), str(row["reason"])),
            )
            for row in holds
        ),
    )
