"""One pass, in its order: lease, take over, observe, plan, approve, apply, settle, record. Nothing is decided here."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from core.errors import LeaseHeldError, StoreFailedError
from core.limit import Limit
from core.plan import Correction, HoldReason, Plan
from core.planning import AccountInputs, make_plan
from core.ports import Lease, Progress, RunRecord, no_progress
from core.run.apply import AccountWriter
from core.run.ending import FAILED, accept_limits, apply_exit_code, keep_findings, plan_exit_code, record_run
from core.run.observe import AccountView, observe_account
from core.run.settle import Settler, latest_fence
from core.run.shown import narrowed
from core.run.world import Approve, Outcome, Request, Result, Watch, World

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
        broken = _contained(lambda name: settlers[name].take_over(leases[name]), list(leases)).failed
        leases = {name: lease for name, lease in leases.items() if name not in broken}
        plan, views = _observe_and_plan(world, limits, request, run, progress)
        for name, view in views.items():
            if name in leases:
                keep_findings(world, run, view)
                accept_limits(world, plan, view)
        if request.only is not None:
            plan = narrowed(plan, request.only)
        begun = record_run(world, begun, plan, None)
        outcomes = _refused_accounts(plan, leases, broken)
        if plan.pending() and approve(plan):
            applied = _apply(world, request, run, plan, views, leases, settlers, watch)
            outcomes, broken = outcomes + applied.outcomes, broken | applied.failed
    result = _result(world, plan, outcomes, settlers, broken)
    record_run(world, begun, plan, result.exit_code)
    return result


def _observe_and_plan(
    world: World, limits: Sequence[Limit], request: Request, run: str, progress: Progress
) -> tuple[Plan, dict[str, AccountView]]:
    names = _names(world, request)
    by_account: dict[str, list[Limit]] = {name: [] for name in names}
    for limit in limits:
        if limit.account in by_account:
            by_account[limit.account].append(limit)
    observed = _contained(
        lambda name: observe_account(world, name, by_account[name], request, _named(progress, name)), names
    )
    inputs = [
        observed.done[name].inputs if name in observed.done else _unread(world, name, by_account[name], observed.failed)
        for name in names
    ]
    plan = make_plan(inputs, run=run, made_at=world.clock.now())
    return replace(plan, narrowed=request.customers is not None), observed.done


def _named(progress: Progress, account: str) -> Progress:
    """Let progress carry the account's name: accounts are read side by side, and each has its customers."""
    return lambda what, done, of: progress(f"{account}: {what}", done, of)


def _unread(world: World, name: str, limits: Sequence[Limit], failed: Mapping[str, str]) -> AccountInputs:
    """Give what a plan can say of an account whose reading failed in a way that nobody foresaw."""
    return AccountInputs(
        policy=world.policies[name],
        capabilities=world.clouds[name].capabilities,
        limits=limits,
        standings={},
        now=world.clock.now(),
        limits_total=len(limits),
        problem=failed[name],
    )


def _apply(
    world: World,
    request: Request,
    run: str,
    plan: Plan,
    views: dict[str, AccountView],
    leases: dict[str, Lease],
    settlers: dict[str, Settler],
    watch: Watch,
) -> "_Applied":
    writers = {
        name: AccountWriter(
            world=world,
            request=request,
            run=run,
            view=views[name],
            lease=leases[name],
            watch=watch,
            settler=settlers[name],
        )
        for name in sorted({row.account for row in plan.pending()} & leases.keys())
    }
    rows = {name: [row for row in plan.pending() if row.account == name] for name in writers}
    failed = _contained(lambda name: writers[name].apply(rows[name]), list(writers)).failed
    outcomes = [outcome for writer in writers.values() for outcome in writer.outcomes]
    done = {outcome.correction.key for outcome in outcomes}
    lost = [row for name in failed for row in rows[name] if row.key not in done]
    return _Applied(outcomes=outcomes + _lost(world, run, lost, failed), failed=failed)


def _lost(world: World, run: str, rows: Sequence[Correction], failed: Mapping[str, str]) -> list[Outcome]:
    """Say what is known of corrections whose account's writing failed: one may be at the vendor all the same."""
    sent = {intent.key: intent for intent in world.journal.open_intents() if intent.run == run}
    return [
        Outcome(
            correction=row,
            intent=sent.get(row.key),
            held=None if row.key in sent else HoldReason.STOPPED,
            sentence=failed[row.account],
        )
        for row in rows
    ]


def _take(world: World, request: Request, held: ExitStack) -> dict[str, Lease]:
    leases = {}
    for name in _names(world, request):
        try:
            leases[name] = held.enter_context(world.journal.lease(name, request.who))
        except LeaseHeldError:
            # The account is only reported this time; its corrections are held below.
            continue
    return leases


def _refused_accounts(plan: Plan, leases: dict[str, Lease], broken: Mapping[str, str]) -> list[Outcome]:
    refused = [row for row in plan.pending() if row.account not in leases]
    return [
        Outcome(correction=row, held=HoldReason.STOPPED, sentence=broken[row.account])
        if row.account in broken
        else Outcome(correction=row, held=HoldReason.LEASE, sentence=HoldReason.LEASE.sentence)
        for row in refused
    ]


def _result(
    world: World, plan: Plan, outcomes: list[Outcome], settlers: dict[str, Settler], failed: Mapping[str, str]
) -> Result:
    open_intents = [item for name in settlers for item in world.journal.open_intents(name)]
    settled = tuple(item for settler in settlers.values() for item in settler.settled)
    final = {item.id: item for item in settled}
    astray = {item for settler in settlers.values() for item in settler.astray}
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
        exit_code=FAILED if failed else apply_exit_code(plan, outcomes, open_intents, astray),
        problems=tuple(f"account {name}: {sentence}" for name, sentence in sorted(failed.items())),
    )


def _names(world: World, request: Request) -> list[str]:
    return sorted(name for name in world.clouds if request.accounts is None or name in request.accounts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Applied:
    """What became of the corrections, and, for accounts whose writing failed, why."""

    outcomes: list[Outcome]
    failed: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contained(Generic[Found]):
    """What came of each account's work, and, for those where it failed, why."""

    done: dict[str, Found]
    failed: dict[str, str]


def _contained(work: Callable[[str], Found], names: Sequence[str]) -> _Contained[Found]:
    """Do the accounts' work in threads: one slow or broken account must neither hold up nor end another.

    Only our own records failing ends the run: without them no account may be written.
    """
    done: dict[str, Found] = {}
    failed: dict[str, str] = {}
    with ThreadPoolExecutor(max_workers=max(1, min(32, len(names))), thread_name_prefix="account") as pool:
        futures = {name: pool.submit(work, name) for name in names}
        for name, future in futures.items():
            try:
                done[name] = future.result()
            except StoreFailedError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, it is this account's alone
                failed[name] = f"unexpected: {type(error).__name__}: {error}"
    return _Contained(done=done, failed=failed)
