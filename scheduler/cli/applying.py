"""`tidegate apply`: one reconcile, shown and approved first where a person sits at a terminal."""

from collections.abc import Mapping
from pathlib import Path

import click
from rich.console import RenderableType

from core.intent import Intent, State
from core.plan import Plan, correction_facts
from core.run.reconcile import reconcile
from core.run.world import Request, Result
from scheduler import runlog
from scheduler.cli import opening, screen, stopping
from scheduler.cli.endings import FAILED, STOPPED, Options, UsageFault, tell
from scheduler.cli.options import common, operator, targeting
from scheduler.reports.outcome_table import intent_end, outcome_table
from scheduler.reports.plan_reader import PlanFileError, read_plan
from scheduler.reports.plan_table import plan_table
from scheduler.reports.wording import clean, plural

_WORTH_TELLING = frozenset({State.UNCERTAIN, State.REFUSED, State.NOT_SENT, State.DISPUTED, State.SETTLED_NOT_APPLIED})


@click.command("apply")
@common
@click.option("--plan", "plan_file", type=click.Path(path_type=Path), metavar="FILE", help="Apply exactly this plan.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask; without a terminal nothing is asked anyway.")
@click.option("--wait", is_flag=True, help="Stay until no change is uncertain any more.")
@targeting
@click.option("--show-names", is_flag=True, help="Show customers' names in full.")
@click.pass_context
def apply(
    ctx: click.Context,
    *,
    options: Options,
    plan_file: Path | None,
    yes: bool,
    wait: bool,
    accounts: tuple[str, ...],
    customers: tuple[str, ...],
    show_names: bool,
) -> None:
    """Bring every customer to its limit, once.

    On a terminal it shows the plan and asks; elsewhere it goes ahead. Every change is on disk before it is sent, and
    read back afterwards; what stays uncertain is settled by the next run, never sent twice.

    Exit codes: 0 all applied, 4 something was refused, not done or is uncertain, 1 failed.
    """
    options.stopped = STOPPED
    settings = opening.read_settings(options, accounts or None, observe_only=False)
    scope = opening.scope_of(settings, accounts, customers)
    request = Request(
        command="apply",
        who=operator(),
        accounts=scope.accounts,
        customers=scope.customers,
        wait=wait,
        only=_shown_in(plan_file) if plan_file else None,
    )
    with (
        opening.open_world(settings, observe_only=False, accounts=scope.accounts) as world,
        stopping.graceful(world.clock) as stops,
        screen.progress() as bars,
    ):
        desk = _Desk(bars, stops, ask=screen.can_ask() and not yes, show_names=show_names)
        result = reconcile(world, settings.limits, request, approve=desk.approve, watch=desk, progress=bars)
        runlog.run_finished(result, world, command="apply")
        head = world.journal.head()
    if desk.declined:
        screen.say("Nothing was changed.")
        ctx.exit(result.exit_code)
    desk.show(result.plan)
    _report(result)
    for account, missing in runlog.uncapped(world.policies.values()).items():
        screen.say(f"{account}: no cap is set for {', '.join(missing)}", style="dim")
    screen.say(f"The record's head is {head}.", style="dim")
    if stops.came:
        tell(STOPPED)
        ctx.exit(FAILED)
    ctx.exit(result.exit_code)


class _Desk:
    """Where the person sits: sees the plan, answers, and hears of what goes wrong while it happens."""

    def __init__(self, bars: screen.Bars, stops: stopping.Stops, *, ask: bool, show_names: bool) -> None:
        self._bars = bars
        self._stops = stops
        self._ask = ask
        self._show_names = show_names
        self._log = runlog.LogWatch()
        self._shown = False
        self.declined = False

    def approve(self, plan: Plan) -> bool:
        """Show the plan; ask where somebody can answer and there is something to do."""
        self.show(plan)
        if not self._ask or not plan.pending():
            return True
        count = len(plan.pending())
        with self._stops.asking():
            self.declined = not click.confirm(f"Send {plural(count, 'correction')}?", err=True)
        return not self.declined

    def show(self, plan: Plan) -> None:
        """Show the plan, once; a run with nothing to send never asks for approval."""
        if not self._shown:
            self._shown = True
            self._bars.end()
            screen.show(plan_table(plan, width=screen.width(), show_names=self._show_names))

    def intent_moved(self, intent: Intent) -> None:
        """Say what a person should know at once; the rest is in the report."""
        self._log.intent_moved(intent)
        if intent.state in _WORTH_TELLING:
            self._bars.end()
            why = f": {intent.outcome}" if intent.outcome else ""
            screen.say(clean(f"{intent.key}: {intent_end(intent.state)}{why}"), style="yellow")

    def said(self, account: str, sentence: str) -> None:
        """Pass on what the run says."""
        self._log.said(account, sentence)
        self._bars.end()
        screen.say(clean(f"{account}: {sentence}"))


def _shown_in(file: Path) -> Mapping[tuple[str, str], Mapping[str, object]]:
    """Read a plan file into the facts that alone may be applied; blocked corrections were never to be sent."""
    try:
        plan = read_plan(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageFault([f"--plan {file}: it could not be read: {error}"]) from error
    except PlanFileError as error:
        raise UsageFault([f"--plan {file}: {error}"]) from error
    return {(row.account, str(row.key)): correction_facts(row) for row in plan.pending()}


def _report(result: Result) -> None:
    if result.outcomes or result.settled or result.open_intents:
        screen.show(_ends(result))
    for problem in result.problems:
        tell(clean(problem))


def _ends(result: Result) -> RenderableType:
    return outcome_table(
        result.outcomes,
        settled=[intent for intent in result.settled if intent.run != result.plan.run],
        still_open=result.open_intents,
        settle_at=result.settle_at,
    )
