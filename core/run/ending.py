"""How a pass is written down and what its exit code is. Called by core.run.reconcile at the end of a pass."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from core.intent import Intent, State
from core.plan import HoldReason, Plan
from core.ports import RunRecord
from core.run.bookkeeping import is_over
from core.run.observe import AccountView
from core.run.world import Outcome, World

IN_SYNC = 0
FAILED = 1
PENDING = 3
UNFINISHED = 4


def plan_exit_code(plan: Plan) -> int:
    """Give a dry run's code: an account unread 1, something for a person 4, corrections pending 3, else 0."""
    if any(account.problem for account in plan.accounts):
        return FAILED
    if _needs_attention(plan):
        return UNFINISHED
    return PENDING if plan.corrections or plan.holds else IN_SYNC


def apply_exit_code(
    plan: Plan, outcomes: Sequence[Outcome], open_intents: Sequence[Intent], astray: Collection[str]
) -> int:
    """Give a real run's code; what a write policy alone blocks is pending, not unfinished.

    `astray`: ids of intents that were applied, but after which something else stands.
    """
    if any(account.problem for account in plan.accounts) or any(
        outcome.held is HoldReason.STORE for outcome in outcomes
    ):
        return FAILED
    if open_intents or not all(_made(outcome, astray) for outcome in outcomes):
        return UNFINISHED
    if _needs_attention(plan):
        return UNFINISHED
    done = {outcome.correction.key for outcome in outcomes}
    left = [row for row in plan.corrections if row.key not in done]
    return PENDING if left or plan.holds else IN_SYNC


def _made(outcome: Outcome, astray: Collection[str]) -> bool:
    if outcome.held is not None or outcome.intent is None:
        return outcome.held is None  # without an intent and a hold it stood as wanted already
    return outcome.intent.state is State.SETTLED_APPLIED and outcome.intent.id not in astray


def _needs_attention(plan: Plan) -> bool:
    return (
        any(hold.reason.needs_attention for hold in plan.holds)
        or any(verdict.tripped for verdict in plan.guards)
        or any(account.attention for account in plan.accounts)
    )


def accept_limits(world: World, plan: Plan, view: AccountView) -> None:
    """Store the limits this run goes by, unless so many are gone that the guard wants a person to look first."""
    name = view.inputs.policy.name
    tripped = any(
        verdict.guard == "max_limits_removed" and verdict.tripped and verdict.account == name for verdict in plan.guards
    )
    if not tripped:
        world.journal.accept_limits(view.all_limits, world.limits_digest, [name], world.clock.now())


def keep_findings(world: World, run: str, view: AccountView) -> None:
    """Write down what an account's observation showed; only whoever holds the account may."""
    world.observations.keep(run, view.observation.standings.values())
    world.observations.keep_meters(view.metering.changes)
    now, name = view.findings.at, view.inputs.policy.name
    # Noted before the books follow: after a crash in between it is found, and noted, again.
    for key, sentence in sorted(view.findings.drifted.items()):
        world.journal.note("drift", who="vendor", at=now, account=name, key=key, body={"sentence": sentence})
    world.journal.keep_books(view.findings.books.values())
    for dispute in view.findings.disputes:
        world.journal.open_dispute(replace(dispute, id=world.ids.ulid()))
    for dispute in world.journal.disputes(name):
        if is_over(dispute, view.findings):
            world.journal.close_dispute(dispute.id, who="tidegate", why="the vendor shows it now", at=now)
    for book in view.findings.books.values():
        if book.mismatch_since == now:
            body = {"books": str(book.granted), "shown": str(book.mismatch_granted)}
            world.journal.note("unexplained", who="vendor", at=now, account=name, key=book.key, body=body)


def record_run(world: World, run: RunRecord, plan: Plan, exit_code: int | None) -> RunRecord:
    """Store the run with its plan; called again when it ended."""
    totals = plan.totals
    summary = (
        f"{totals.in_sync} in sync, {totals.corrections} corrections, {totals.blocked} blocked, {totals.holds} held"
    )
    stored = replace(
        run,
        ended_at=None if exit_code is None else world.clock.now(),
        exit_code=exit_code,
        plan=world.plan_text(plan),
        summary=summary,
    )
    world.journal.keep_run(stored)
    return stored
