"""`tidegate apply`: one reconcile, shown and approved first where a person sits at a terminal."""

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click
from rich.console import RenderableType
from rich.text import Text

from core.intent import Intent, State
from core.plan import Correction, Plan, correction_facts
from core.run.reconcile import reconcile
from core.run.world import Request, Result, World
from scheduler import runlog
from scheduler.cli import notifying, opening, screen, stopping
from scheduler.cli.endings import FAILED, STOPPED, Options, UsageFault, tell
from scheduler.cli.options import common, operator, targeting
from scheduler.reports.outcome_table import intent_end, outcome_table
from scheduler.reports.plan_reader import NOT_A_PLAN, PlanFileError, read_plan
from scheduler.reports.plan_table import plan_table
from scheduler.reports.summary import in_sync
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
    read back afterwards; what stays uncertain is settled by the next run, never sent twice. At its end it tells what
    somebody must be told, where [alerts] is configured.

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
        desk.told, desk.file = lambda plan: opening.told(plan, settings), plan_file
        result = reconcile(world, settings.limits, request, approve=desk.approve, watch=desk, progress=bars)
        runlog.run_finished(result, world, command="apply")
        head = world.journal.head()
    if desk.declined:
        screen.say("Nothing was changed.")
        ctx.exit(result.exit_code)
    desk.show(result.plan)
    _report(result)
    _footnotes(world, head if options.verbose else "")
    if stops.came:
        tell(STOPPED)
        ctx.exit(FAILED)
    notifying.tell_afterwards(settings)
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
        self.told: Callable[[Plan], Plan] = lambda plan: plan
        self.file: Path | None = None
        self._counts = _Counts()

    def approve(self, plan: Plan) -> bool:
        """Show the plan; ask where somebody can answer and there is something to do."""
        self.show(plan)
        self.declined = self._ask and bool(plan.pending()) and not self._agreed(len(plan.pending()))
        if not self.declined:
            self._counts.expect(plan.pending())
            self._bars.begin()
        return not self.declined

    def _agreed(self, count: int) -> bool:
        of_file = f" of {clean(self.file.name)}" if self.file is not None else ""
        with self._stops.asking():
            return click.confirm(f"Send {plural(count, 'correction')}{of_file}?", err=True)

    def show(self, plan: Plan) -> None:
        """Show the plan, once; a run with nothing to send never asks for approval."""
        if not self._shown:
            self._shown = True
            self._bars.end()
            if self.file is not None and in_sync(plan):
                name = clean(self.file.name)
                screen.show(Text(f"Nothing of {name} is left to do: its corrections stand as wanted.", style="green"))
                return
            shown = self.told(plan)
            screen.show(plan_table(shown, width=screen.width(), show_names=self._show_names))

    def intent_moved(self, intent: Intent) -> None:
        """Say what a person should know at once; the rest is in the report."""
        self._log.intent_moved(intent)
        if intent.state in _WORTH_TELLING:
            why = f": {intent.outcome}" if intent.outcome else ""
            with self._bars.aside():
                screen.say(clean(f"{intent.key}: {intent_end(intent.state)}{why}"), style="yellow")
        for what, done, of in self._counts.moved(intent):
            self._bars(what, done, of)

    def said(self, account: str, sentence: str) -> None:
        """Pass on what the run says."""
        with self._bars.aside():
            self._log.said(account, sentence)
            screen.say(clean(f"{account}: {sentence}"))


class _Counts:
    """Counts, per account, the changes of this run that were sent and those whose outcome is known."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._customers: dict[str, set[str]] = {}
        self._sent: dict[str, set[str]] = {}
        self._known: dict[str, set[str]] = {}

    def expect(self, rows: Sequence[Correction]) -> None:
        """Take the corrections that are going to be sent."""
        for row in rows:
            self._customers.setdefault(row.account, set()).add(str(row.key))

    def moved(self, intent: Intent) -> list[tuple[str, int, int]]:
        """Count one step of an intent; give (what, done, of how many) for each bar. Earlier runs' are not counted."""
        customers = self._customers.get(intent.account, set())
        customer = str(intent.key)
        if customer not in customers:
            return []
        with self._lock:
            sent, known = (found.setdefault(intent.account, set()) for found in (self._sent, self._known))
            if intent.state is not State.RECORDED:
                sent.add(customer)
            if not intent.is_open:
                known.add(customer)
            of = len(customers)
            return [
                (f"{intent.account}: changes sent", len(sent), of),
                (f"{intent.account}: changes read back", len(known), of),
            ]


def _shown_in(file: Path) -> Mapping[tuple[str, str], Mapping[str, object]]:
    """Read a plan file into the facts that alone may be applied; blocked corrections were never to be sent."""
    try:
        plan = read_plan(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageFault([f"--plan {file}: {_unreadable(error)}"]) from error
    except UnicodeDecodeError as error:
        raise UsageFault([f"--plan {file}: {NOT_A_PLAN}"]) from error
    except PlanFileError as error:
        raise UsageFault([f"--plan {file}: {error}"]) from error
    return {(row.account, str(row.key)): correction_facts(row) for row in plan.pending()}


def _unreadable(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file: write one with `tidegate plan --format json --out FILE`"
    return f"it could not be read: {error.strerror or 'no reason was given'}"


def _footnotes(world: World, head: str) -> None:
    uncapped = sorted(runlog.uncapped(world.policies.values()))
    if uncapped:
        names = ", ".join(uncapped)
        where = "write them under [guards] in the configuration"
        screen.say(f"Not every money cap is set for {names}: {where} (`tidegate check` names them).", style="dim")
    if head:
        screen.say(f"The record of changes ends with {head}; `tidegate history --verify` checks it.", style="dim")


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
