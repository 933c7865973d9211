"""Observes one account and prepares what its plan rests on. Called by core.run.reconcile, for dry runs too.

Reads only; what it learns is written down by core.run.reconcile, and only in real runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.books import Dispute, DisputeSort
from core.errors import ReadFailedError
from core.exposure import Headroom
from core.intent import Intent, State
from core.judgement import Block, Restrained
from core.limit import CustomerKey, Limit
from core.meter import Meter
from core.money import Money
from core.plan import HoldReason
from core.planning import AccountInputs
from core.policy import AccountPolicy
from core.ports import Cloud, LimitChange, Observation, Progress
from core.run.bookkeeping import Bookkeeper, Findings, is_over
from core.run.drift import drifted
from core.run.metering import Meterer, Metering
from core.run.world import Request, World
from core.spending import is_emulated, limit_of
from core.standing import Standing

MAX_SKEW = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """One account as seen by one run; `limits` and `all_limits` as written."""

    inputs: AccountInputs
    observation: Observation
    findings: Findings
    metering: Metering
    meterer: Meterer
    limits: Mapping[CustomerKey, Limit]
    all_limits: Sequence[Limit]


def observe_account(
    world: World, name: str, limits: Sequence[Limit], request: Request, progress: Progress
) -> AccountView:
    """Read an account and compare it with our records; `limits` are all limits of the account."""
    policy, cloud = world.policies[name], world.clouds[name]
    scope = [limit for limit in limits if request.customers is None or limit.key.customer_id in request.customers]
    observation = cloud.observe(
        [limit.customer for limit in scope], everyone=request.customers is None, progress=progress
    )
    # Of every account: one that was renamed may have left an intent open, and it blocks the customer all the same.
    open_intents = {intent.key: intent for intent in world.journal.open_intents()}
    whole = request.customers is None
    meters = world.observations.meters(name if whole else None, [limit.key for limit in scope])
    findings = _compared(world, name, observation, open_intents, meters)
    meterer = Meterer(policy=policy, capabilities=cloud.capabilities, limits={limit.key: limit for limit in limits})
    blocked = open_intents.keys() | findings.blocks.keys()
    metering = meterer.meter([*findings.standings.values(), *observation.others], meters, blocked)
    inputs = _inputs(world, policy, scope, observation, findings, metering)
    return AccountView(
        inputs=_with_records(world, inputs, limits, observation, findings, open_intents),
        observation=observation,
        findings=findings,
        metering=metering,
        meterer=meterer,
        limits={limit.key: limit for limit in scope},
        all_limits=limits,
    )


def _compared(
    world: World,
    name: str,
    observation: Observation,
    open_intents: Mapping[CustomerKey, Intent],
    meters: Mapping[CustomerKey, Meter],
) -> Findings:
    keeper = Bookkeeper(
        policy=world.policies[name],
        capabilities=world.clouds[name].capabilities,
        cloud=world.clouds[name],
        journal=world.journal,
        now=world.clock.now(),
        meters=meters,
        earlier=world.observations.earlier,
    )
    settled = {key: value for key, value in observation.standings.items() if key not in open_intents}
    return keeper.compare(settled, world.journal.books(name))


def _inputs(
    world: World,
    policy: AccountPolicy,
    scope: Sequence[Limit],
    observation: Observation,
    findings: Findings,
    metering: Metering,
) -> AccountInputs:
    """Put together what was read; what only our own records say is added by _with_records."""
    cloud = world.clouds[policy.name]
    quota, quota_problem = _quota(cloud, observation)
    headroom, headroom_problem = _headroom(cloud, observation)
    return AccountInputs(
        policy=policy,
        capabilities=cloud.capabilities,
        limits=scope,
        standings=dict(observation.standings) | findings.standings,
        unreadable={key: error.sentence for key, error in observation.unreadable.items()},
        absent=observation.absent,
        others=observation.others,
        quota=quota,
        quota_problem=quota_problem,
        problem=str(observation.account_problem) if observation.account_problem else None,
        raises_block=_raises_block(policy, findings),
        drift=findings.drift,
        meters=metering.meters,
        changed={} if cloud.capabilities.permanent else _changed(findings),
        restrained={
            key: Restrained(cause=book.cause, since=book.restricted_since)
            for key, book in findings.books.items()
            if book.cause is not None
        },
        headroom=headroom,
        skew=observation.skew,
        now=findings.at,
        notes=(*observation.problems, *headroom_problem),
    )


def _changed(findings: Findings) -> dict[CustomerKey, datetime]:
    """Give when a budget was changed last, by us or by others."""
    found = {}
    for key, book in findings.books.items():
        moments = [moment for moment in (book.written_at, book.drift_at) if moment is not None]
        if moments:
            found[key] = max(moments)
    return found


def _with_records(
    world: World,
    inputs: AccountInputs,
    limits: Sequence[Limit],
    observation: Observation,
    findings: Findings,
    open_intents: Mapping[CustomerKey, Intent],
) -> AccountInputs:
    """Add what our own records say: blocks, older observations, and what went missing since last time."""
    name = inputs.policy.name
    left = [dispute for dispute in world.journal.disputes(name) if not is_over(dispute, findings)]
    disputes = [*left, *_unacknowledged(world, findings.disputes)]
    since = world.journal.limits_changed(limits, [name])
    removed, before = _limits_since(since, limits)
    changes = drifted(inputs.policy, findings.books, {limit.key: limit for limit in limits}, world.journal, findings.at)
    return replace(
        inputs,
        blocks=dict(changes.blocks) | _blocks(world, inputs, open_intents, disputes, findings),
        adopted=changes.adopted,
        account_block=_account_block(observation, disputes),
        earlier=_earlier(world, inputs),
        elsewhere=_elsewhere(world, inputs),
        limits_total=len(limits),
        kinds_changed=[
            (change.key, change.old.kind, change.new.kind)
            for change in since
            if change.old is not None and change.new is not None
        ],
        limits_removed=removed,
        limits_before=before,
        vanished=_vanished(world, name, observation),
        attention=_attention(name, limits, disputes, open_intents),
    )


def _elsewhere(world: World, inputs: AccountInputs) -> list[Standing]:
    """Give what was last seen of those not read now: written quotas are shared by all budgets of the account."""
    if not inputs.policy.quotas:
        return []
    read = inputs.standings.keys() | {other.key for other in inputs.others}
    latest = world.observations.latest(inputs.policy.name)
    return [standing for key, standing in latest.items() if key not in read and key not in inputs.absent]


def _headroom(cloud: Cloud, observation: Observation) -> tuple[Headroom | None, tuple[str, ...]]:
    """Read what the partner itself may still owe; not being allowed to see it stops nothing."""
    if observation.account_problem is not None:
        return None, ()
    try:
        return cloud.headroom(), ()
    except ReadFailedError as error:
        return None, (f"the partner's own headroom could not be read: {error.sentence}",)


def _attention(
    name: str, limits: Sequence[Limit], disputes: Sequence[Dispute], open_intents: Mapping[CustomerKey, Intent]
) -> tuple[str, ...]:
    """Say what waits for a person or for time: of the account, and of customers that have no limit any more."""
    limited = {limit.key for limit in limits}
    found = [dispute.sentence for dispute in disputes if dispute.customer not in limited]
    left = [intent for key, intent in open_intents.items() if key not in limited and intent.account == name]
    return (*found, *(f"{intent.key}: {open_block(intent).detail}" for intent in left))


def _limits_since(changes: Sequence[LimitChange], limits: Sequence[Limit]) -> tuple[int, int]:
    """Give how many limits were removed since they were accepted last, and how many there were then."""
    removed = sum(1 for change in changes if change.new is None)
    added = sum(1 for change in changes if change.old is None)
    return removed, len(limits) + removed - added


def _quota(cloud: Cloud, observation: Observation) -> tuple[Money | None, str | None]:
    if not cloud.capabilities.quota_readable or observation.account_problem is not None:
        return None, None
    try:
        return cloud.quota(), None
    except ReadFailedError as error:
        return None, error.sentence


def _blocks(
    world: World,
    inputs: AccountInputs,
    open_intents: Mapping[CustomerKey, Intent],
    disputes: Sequence[Dispute],
    findings: Findings,
) -> dict[CustomerKey, Block]:
    name, now = inputs.policy.name, findings.at
    pauses = world.journal.pauses(now)
    blocks: dict[CustomerKey, Block] = {}
    for limit in inputs.limits:
        for pause in pauses:
            if pause.covers(name, limit.key, now):
                until = f" until {pause.until:%Y-%m-%d %H:%M} UTC" if pause.until else ""
                blocks[limit.key] = Block(reason=HoldReason.PAUSED, detail=f"by {pause.who}{until}: {pause.why}")
    blocks |= findings.blocks
    for dispute in disputes:
        if dispute.customer is not None:
            blocks[dispute.customer] = Block(reason=HoldReason.DISPUTED, detail=dispute.sentence)
    blocks |= {key: open_block(intent) for key, intent in open_intents.items()}
    return blocks


def open_block(intent: Intent) -> Block:
    """Say why a customer with an open intent is not planned."""
    if intent.state is State.DISPUTED:
        return Block(reason=HoldReason.DISPUTED, detail=f"{intent.outcome}; intent {intent.id}")
    until = f"; can be settled from {intent.fence_at:%Y-%m-%d %H:%M:%S} UTC" if intent.fence_at else ""
    return Block(reason=HoldReason.UNCERTAIN, detail=f"{intent.outcome or intent.state}; intent {intent.id}{until}")


def _account_block(observation: Observation, disputes: Sequence[Dispute]) -> Block | None:
    if observation.skew is not None and abs(observation.skew) > MAX_SKEW:
        seconds = int(observation.skew.total_seconds())
        return Block(reason=HoldReason.CLOCK, detail=f"ours is {seconds:+d} s off the vendor's")
    for dispute in disputes:
        if dispute.sort is DisputeSort.TWO_WRITERS:
            return Block(reason=HoldReason.TWO_WRITERS, detail=dispute.sentence)
    return None


def _raises_block(policy: AccountPolicy, findings: Findings) -> Block | None:
    if findings.mismatches <= policy.books_max:
        return None
    detail = f"{findings.mismatches} customers are not explained, books_max is {policy.books_max}"
    return Block(reason=HoldReason.BOOKS, detail=detail)


def _unacknowledged(world: World, found: Sequence[Dispute]) -> list[Dispute]:
    return [dispute for dispute in found if not world.journal.dispute_known(dispute)]


def _earlier(world: World, inputs: AccountInputs) -> dict[CustomerKey, Standing]:
    """Give the older observation for those whose change may exhaust them; only cuts and changes of kind can."""
    found = {}
    for limit in inputs.limits:
        standing = inputs.standings.get(limit.key)
        granted = standing.granted_money if standing is not None else None
        if standing is None or granted is None or granted.currency != limit.amount.currency:
            continue
        in_force = limit_of(limit, inputs.meters.get(limit.key), inputs.now, inputs.policy.billing_timezone) or limit
        if in_force.amount >= granted and limit.kind is standing.kind:
            continue
        if is_emulated(limit, inputs.capabilities):
            continue  # its meter has seen every observation
        earlier = world.observations.earlier(limit.key, standing.as_of - inputs.policy.lag)
        if earlier is not None:
            found[limit.key] = earlier
    return found


def _vanished(world: World, name: str, observation: Observation) -> int:
    if not observation.absent:
        return 0
    return len(observation.absent & world.observations.latest(name).keys())
