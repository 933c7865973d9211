"""Collects everything that led to one customer's plan: a dry run narrowed to it, and what our records hold.

Called by `tidegate explain`. Keeps what a dry run keeps of its observation, but no run: an account's last run stays
the last one that looked at all of it. Decides nothing itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.books import Book
from core.errors import ReadFailedError
from core.explained import Billed, Explained, Room, Spending, Verdict
from core.judgement import Facts, lead_of, with_spend_that_counts
from core.limit import Customer, CustomerKey, Kind, Limit
from core.meter import Meter, month_of, month_start
from core.plan import Correction, Hold, Plan
from core.planning import AccountInputs, facts_of, make_plan, pools_of
from core.policy import AccountPolicy, Approval
from core.ports import Progress, no_progress
from core.quota import EVERYBODY
from core.restricting import deleted_after
from core.run.drift import policy_of
from core.run.metering import Meterer
from core.run.observe import observe_account
from core.run.recalled import records_of, was_absent
from core.run.remembered import remembering
from core.run.world import Request, World
from core.spending import foreseen, is_emulated, limit_of, reading
from core.standing import Standing
from core.target import wanted
from core.witness import Witness

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whom to explain: `limits` are all of the account, as written; without one of its own it is unlimited.

    `ask` False: from stored facts alone, in a world that remembers (core.run.remembered). `billed`: ask also for the
    bills of this month and the last.
    """

    customer: Customer
    account: str
    limits: Sequence[Limit]
    who: str
    ask: bool = True
    billed: bool = False

    @property
    def key(self) -> CustomerKey:
        """The customer's key."""
        return self.customer.key

    @property
    def limit(self) -> Limit | None:
        """Its limit as written."""
        return next((limit for limit in self.limits if limit.key == self.customer.key), None)


def explain(world: World, question: Question, *, progress: Progress = no_progress) -> Explained:
    """Explain one customer of an account that is open in this world; with `ask` False, in a world that remembers.

    Where the vendor cannot be read, `problem` says why, and the figures are the last ones stored. `absent` where the
    vendor answered and has no such customer. Raises StoreFailedError.
    """
    found = _explained(world, question, progress)
    if found.problem is not None:
        found = _with_stored(found, world, question)
    return replace(found, billed=_billed(world, question)) if question.billed and not found.absent else found


def _with_stored(found: Explained, world: World, question: Question) -> Explained:
    """Tell the last figures seen; what would be done now stays what the vendor's silence makes of it."""
    account = question.account
    past = remembering(world, world.policies[account], world.clouds[account].capabilities)
    stored = _explained(past, replace(question, ask=False), no_progress)
    return replace(
        found,
        name=stored.name,
        standing=stored.standing,
        book=stored.book,
        deleted_after=stored.deleted_after,
        spending=stored.spending,
        verdict=replace(found.verdict, target=stored.verdict.target),
    )


def _explained(world: World, question: Question, progress: Progress) -> Explained:
    found = _limited(world, question, progress) if question.limit is not None else _unlimited(world, question)
    witness = _witness(world, question) if question.ask and found.standing is not None else None
    records = records_of(world, question.account, question.customer, question.limits, witness)
    periods = world.observations.periods(account=question.account, key=question.key)
    return replace(found, records=records, spending=replace(found.spending, periods=tuple(periods)))


def _limited(world: World, question: Question, progress: Progress) -> Explained:
    account, key = question.account, question.key
    request = Request(
        command="explain", who=question.who, accounts=frozenset({account}), customers=frozenset({key.customer_id})
    )
    view = observe_account(world, account, question.limits, request, progress)
    run = world.ids.ulid()
    plan = make_plan([_as_last_planned(world, question, view.inputs)], run=run, made_at=view.inputs.now)
    if question.ask:
        world.observations.keep(run, view.observation.standings.values())
    inputs = view.inputs
    standing, meter = inputs.standings.get(key), inputs.meters.get(key)
    book = view.findings.books.get(key) or world.journal.books(account).get(key)
    limit = limit_of(question.limit, meter, inputs.now, inputs.policy.billing_timezone)
    facts = facts_of(inputs)
    spending, verdict = _judged(limit, standing, meter, facts)
    unread = inputs.unreadable.get(key) or inputs.problem or "it gave no answer for this customer"
    return replace(
        _bare(world, question, book, standing),
        at=inputs.now,
        problem=unread if question.ask and standing is None and key not in inputs.absent else None,
        absent=key in inputs.absent,
        written=question.limit,
        limit=limit,
        spending=spending,
        verdict=_planned(verdict, plan, inputs, key),
        room=_room(inputs, question.customer),
    )


def _as_last_planned(world: World, question: Question, inputs: AccountInputs) -> AccountInputs:
    """Give what is to be planned from stored facts: a customer that the vendor has no more was still seen once."""
    account, key, standing = question.account, question.key, inputs.standings.get(question.key)
    if question.ask or not was_absent(world.journal, account, key, None if standing is None else standing.as_of):
        return inputs
    seen = {each: found for each, found in inputs.standings.items() if each != key}
    return replace(inputs, standings=seen, absent=inputs.absent | {key})


def _judged(
    limit: Limit | None, standing: Standing | None, meter: Meter | None, facts: Facts
) -> tuple[Spending, Verdict]:
    """Work out what the meter and the target say, as core.judgement does."""
    policy, capabilities = facts.policy, facts.capabilities
    count = None if meter is None else meter.month
    if limit is None or standing is None:
        return Spending(meter=meter, count=count), Verdict()
    if meter is not None and limit.kind is Kind.ONE_TIME and is_emulated(limit, capabilities):
        count = meter.once
    standing = with_spend_that_counts(standing, facts.earlier.get(limit.key))
    read = reading(meter, limit, standing, capabilities, facts.changed.get(limit.key))
    spent = read.spend
    spending = Spending(
        meter=meter,
        count=count,
        reading=read,
        exhausted=foreseen(limit, spent, read.rate, facts.now, policy.billing_timezone),
    )
    target = wanted(limit, standing, capabilities, read, lead_of(read, policy))
    return spending, Verdict(target=target, adopted=limit.key in facts.adopted)


def _planned(verdict: Verdict, plan: Plan, inputs: AccountInputs, key: CustomerKey) -> Verdict:
    rows: list[Correction | Hold] = [row for row in plan.corrections if row.key == key]
    rows += [row for row in plan.holds if row.key == key]
    return replace(
        verdict,
        row=rows[0] if rows else None,
        guards=tuple(guard for guard in plan.guards if guard.customer in {key, None}),
        approvals=_approvals(inputs.policy, key, inputs.now),
    )


def _approvals(policy: AccountPolicy, key: CustomerKey, now: datetime) -> tuple[Approval, ...]:
    """Give the approvals in force that may concern this customer: its own, and the account's."""
    return tuple(
        approval
        for approval in policy.approvals
        if now < approval.until
        and approval.account in {policy.name, None}
        and approval.customer_id in {key.customer_id, None}
    )


def _room(inputs: AccountInputs, customer: Customer) -> Room:
    left = pools_of(inputs)
    written = [
        (str(kind), amount)
        for (partner, kind), amount in left.items()
        if kind is not None and partner == customer.indirect_partner_id
    ]
    return Room(
        quota=left.get(EVERYBODY),
        problem=inputs.quota_problem,
        written=tuple(sorted(written, key=lambda pool: pool[0])),
        headroom=inputs.headroom,
    )


def _unlimited(world: World, question: Question) -> Explained:
    """Read a customer that no limit is written for; its spend is metered all the same, as plans do."""
    account, customer, key = question.account, question.customer, question.key
    cloud, policy = world.clouds[account], world.policies[account]
    observation = cloud.observe([customer], everyone=False)
    standing = observation.standings.get(key)
    before = world.observations.meters(account)
    metering = Meterer(policy=policy, capabilities=cloud.capabilities).meter(
        [standing] if standing is not None else [],
        before,
        {intent.key for intent in world.journal.open_intents()},
    )
    meter = metering.meters.get(key)
    error = observation.unreadable.get(key) or observation.account_problem
    return replace(
        _bare(world, question, world.journal.books(account).get(key), standing),
        problem=error.sentence if question.ask and error is not None and standing is None else None,
        absent=key in observation.absent,
        spending=Spending(meter=meter, count=None if meter is None else meter.month),
    )


def _bare(world: World, question: Question, book: Book | None, standing: Standing | None) -> Explained:
    policy = world.policies[question.account]
    capabilities = world.clouds[question.account].capabilities
    limit = question.limit
    doomed = None
    if standing is not None and book is not None:
        doomed = deleted_after(standing, book.restricted_since, book.cause, capabilities.deletes_after)
    return Explained(
        at=world.clock.now(),
        customer=question.customer,
        account=question.account,
        name=(limit.name if limit is not None else None) or (standing.name if standing is not None else None),
        policy=policy,
        capabilities=capabilities,
        drift_policy=policy_of(policy),
        asked=question.ask,
        standing=standing,
        book=book,
        deleted_after=doomed,
    )


def _witness(world: World, question: Question) -> Witness | None:
    """Read the vendor's own records; without them less is told of what others did."""
    try:
        return world.clouds[question.account].witness(question.customer)
    except ReadFailedError:
        return None


def _billed(world: World, question: Question) -> tuple[Billed, ...]:
    """Ask for this month's bills and the last's: to compare with, never to decide by."""
    zone, now = world.policies[question.account].billing_timezone, world.clock.now()
    months = (month_of(now, zone), month_of(month_start(now, zone) - _MOMENT, zone))
    return tuple(_bill(world, question, month) for month in months)


def _bill(world: World, question: Question, month: str) -> Billed:
    cloud = world.clouds[question.account]
    try:
        amount = cloud.billed(question.customer, month)
    except ReadFailedError as error:
        return Billed(month=month, amount=None, why=error.sentence)
    why = "" if amount is not None else f"{cloud.capabilities.title} does not tell a partner what a customer is billed"
    return Billed(month=month, amount=amount, why=why)
