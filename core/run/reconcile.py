"""One pass, in its order: lease, take over, observe, plan, approve, apply, settle, record. Nothing is decided here."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from typing import TypeVar

from core.errors import LeaseHeldError
from core.limit import Limit
from core.plan import HoldReason, Plan
from core.planning import make_plan
from core.ports import Lease, Progress, RunRecord, no_progress
from core.run.apply import AccountWriter
from core.run.ending import accept_limits, apply_exit_code, keep_findings, plan_exit_code, record_run
from core.run.observe import AccountView, observe_account
from core.run.settle import Settler, latest_fence
from core.run.world import Approve, Outcome, Request, Result, Watch, World

Given = TypeVar("Given")
Found = TypeVar("Found")


def survey(world: World, limits: Sequence[Limit], request: Request, *, progress: Progress = no_progress) -> Plan:
    """Make the plan and change nothing but our own notes: the dry run."""
    run = world.ids.ulid()
    begun = RunRecord(id=run, command=request.command, who=request.who, begun_at=world.clock.now())
    plan, views = _observe_and_plan(world, limits, request, run, progress)
    for view in views.values():
        world.observations.keep(run, view.observation.standings.values())
    record_run(world, begun, plan, plan_exit_code(plan))
    return plan


def reconcile(
    world: World,
    limits: Sequence[Limit],
    request: Request,
    *,
    approve: Approve,
    watch: Watch,
    progress: Progress = no_progress,
) -> Result:
    """Bring the accounts to their limits, as far as `approve` and the guards let it; one lease an account."""
    run = world.ids.ulid()
    begun = RunRecord(id=run, command=request.command, who=request.who, begun_at=world.clock.now())
    with ExitStack() as held:
        leases = _take(world, request, held)
        settlers = {name: Settler(world=world, account=name, watch=watch, wait=request.wait) for name in leases}
        _side_by_side(lambda name: settlers[name].take_over(leases[name]), list(leases))
        plan, views = _observe_and_plan(world, limits, request, run, progress)
        for name, view in views.items():
            if name in leases:
                keep_findings(world, run, view)
                accept_limits(world, plan, view)
        begun = record_run(world, begun, plan, None)
        outcomes = _refused_accounts(plan, leases)
        if plan.pending() and approve(plan):
            outcomes += _apply(world, request, run, plan, views, leases, settlers, watch)
    result = _result(world, plan, outcomes, settlers)
    record_run(world, begun, plan, result.exit_code)
    return result


def recover(world: World, request: Request, watch: Watch) -> Result:
    """Only settle what earlier runs left open; nothing new is sent."""
    with ExitStack() as held:
        leases = _take(world, request, held)
        settlers = {name: Settler(world=world, account=name, watch=watch, wait=request.wait) for name in leases}
        _side_by_side(lambda name: settlers[name].take_over(leases[name]), list(leases))
    empty = make_plan([], run="", made_at=world.clock.now())
    return _result(world, empty, [], settlers)


def _observe_and_plan(
    world: World, limits: Sequence[Limit], request: Request, run: str, progress: Progress
) -> tuple[Plan, dict[str, AccountView]]:
    names = _names(world, request)
    by_account: dict[str, list[Limit]] = {name: [] for name in names}
    for limit in limits:
        if limit.account in by_account:
            by_account[limit.account].append(limit)
    views = _side_by_side(lambda name: observe_account(world, name, by_account[name], request, progress), names)
    plan = make_plan([view.inputs for view in views], run=run, made_at=world.clock.now())
    return plan, dict(zip(names, views, strict=True))


def _apply(
    world: World,
    request: Request,
    run: str,
    plan: Plan,
    views: dict[str, AccountView],
    leases: dict[str, Lease],
    settlers: dict[str, Settler],
    watch: Watch,
) -> list[Outcome]:
    def write(name: str) -> list[Outcome]:
        writer = AccountWriter(
            world=world,
            request=request,
            run=run,
            view=views[name],
            lease=leases[name],
            watch=watch,
            settler=settlers[name],
        )
        return writer.apply([row for row in plan.pending() if row.account == name])

    touched = sorted({row.account for row in plan.pending()} & leases.keys())
    return [outcome for outcomes in _side_by_side(write, touched) for outcome in outcomes]


def _take(world: World, request: Request, held: ExitStack) -> dict[str, Lease]:
    leases = {}
    for name in _names(world, request):
        try:
            leases[name] = held.enter_context(world.journal.lease(name, request.who))
        except LeaseHeldError:
            # The account is only reported this time; its corrections are held below.
            continue
    return leases


def _refused_accounts(plan: Plan, leases: dict[str, Lease]) -> list[Outcome]:
    return [
        Outcome(correction=row, held=HoldReason.LEASE, sentence=HoldReason.LEASE.sentence)
        for row in plan.pending()
        if row.account not in leases
    ]


def _result(world: World, plan: Plan, outcomes: list[Outcome], settlers: dict[str, Settler]) -> Result:
    open_intents = [item for name in settlers for item in world.journal.open_intents(name)]
    settled = tuple(item for settler in settlers.values() for item in settler.settled)
    final = {item.id: item for item in settled}
    outcomes = [
        replace(outcome, intent=final.get(outcome.intent.id, outcome.intent)) if outcome.intent else outcome
        for outcome in sorted(outcomes, key=lambda outcome: outcome.correction.order)
    ]
    return Result(
        plan=plan,
        outcomes=tuple(outcomes),
        open_intents=tuple(open_intents),
        settled=settled,
        settle_at=latest_fence(open_intents),
        exit_code=apply_exit_code(plan, outcomes, open_intents),
    )


def _names(world: World, request: Request) -> list[str]:
    return sorted(name for name in world.clouds if request.accounts is None or name in request.accounts)


def _side_by_side(work: Callable[[Given], Found], given: Sequence[Given]) -> list[Found]:
    """Do the accounts' work in threads: one slow vendor must not hold up another."""
    if len(given) <= 1:
        return [work(one) for one in given]
    with ThreadPoolExecutor(max_workers=min(32, len(given)), thread_name_prefix="account") as pool:
        return list(pool.map(work, given))
