"""`tidegate status`: where everything stands, from our own records; no vendor is asked."""

import json
from collections.abc import Mapping, Sequence

import click

from core.intent import State
from core.limit import CustomerKey
from core.money import Money
from core.ports import RunRecord
from core.run.world import World
from scheduler.cli import opening, screen
from scheduler.cli.collecting import INTENTS_LOOKED_AT, stopped_customers
from scheduler.cli.endings import DONE, Options
from scheduler.cli.options import common
from scheduler.config import Settings
from scheduler.reports.plan_json import stable
from scheduler.reports.plan_reader import read_outlook
from scheduler.reports.standing_table import AccountStanding, Overview, overview_document, overview_table

RUNS_LOOKED_AT = 200


@click.command("status")
@common
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_context
def status(ctx: click.Context, *, options: Options, form: str) -> None:
    """Show where everything stands, from our own records alone.

    Each account's last run and what it is in for, customers that are restricted, frozen or suspended and when their
    data is deleted, the changes that are still open and from when they can be settled, what is disputed and paused.
    """
    settings = opening.read_records_settings(options)
    with opening.open_world(settings, observe_only=True, accounts=frozenset()) as world:
        found = _overview(settings, world)
    if form == "json":
        screen.data(stable(overview_document(found)))
    else:
        screen.show(overview_table(found))
    ctx.exit(DONE)


def _overview(settings: Settings, world: World) -> Overview:
    runs = world.journal.runs(RUNS_LOOKED_AT)
    return Overview(
        accounts=[_account(settings, world, name, runs) for name in sorted(settings.accounts)],
        open_intents=world.journal.open_intents(),
        disputes=world.journal.disputes(),
        pauses=world.journal.pauses(world.clock.now()),
        stopped=stopped_customers(world, settings),
    )


def _account(settings: Settings, world: World, name: str, runs: Sequence[RunRecord]) -> AccountStanding:
    account = settings.accounts[name]
    run, part = _last_of(name, runs)
    in_sync, pending = _count(part, "in_sync"), _count(part, "corrections")
    if run is not None and in_sync is not None and pending:
        # The plan was made before its changes were; what this run brought to its limit is in sync since.
        made = _made(world, name, run.id)
        in_sync, pending = in_sync + made, pending - made
    return AccountStanding(
        name=name,
        vendor=account.vendor,
        write_policy=account.policy.write_policy,
        limits=len(settings.limits_of(name)),
        ran_at=None if run is None else run.begun_at,
        command=None if run is None else run.command,
        in_sync=in_sync,
        pending=pending,
        held=_count(part, "holds"),
        problem=None if part.get("problem") is None else str(part["problem"]),
        outlook=read_outlook(part.get("outlook")),
        quota=None if part.get("quota") is None else Money.parse(str(part["quota"])),
    )


def _made(world: World, account: str, run: str) -> int:
    """Count the customers whose every change of a run was applied and read back."""
    states: dict[CustomerKey, set[State]] = {}
    for intent in world.journal.intents(account=account, limit=INTENTS_LOOKED_AT):
        if intent.run == run:
            states.setdefault(intent.key, set()).add(intent.state)
    return sum(1 for found in states.values() if found == {State.SETTLED_APPLIED})


def _last_of(name: str, runs: Sequence[RunRecord]) -> tuple[RunRecord | None, Mapping[str, object]]:
    """Find the newest run that planned this account, and that part of its plan."""
    for run in runs:
        plan = json.loads(run.plan or "{}")
        for part in plan.get("accounts", []):
            # A run over some customers says little of the whole account.
            if part["name"] == name and not plan.get("narrowed"):
                return run, part
    return None, {}


def _count(part: Mapping[str, object], what: str) -> int | None:
    value = part.get(what)
    return value if isinstance(value, int) else None
