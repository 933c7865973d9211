"""Where everything stands by our own records: last runs, open changes, disputes, pauses, who cannot buy.

Called by `tidegate status`; drawn from the board, so that it says what the page says. Asks no vendor.
"""

from core.run.world import World
from scheduler.config import Settings
from scheduler.records.board import board
from scheduler.reports.board import AccountBoard
from scheduler.reports.standing_table import AccountStanding, Overview


def overview(settings: Settings, world: World) -> Overview:
    """Collect what `status` shows."""
    made = board(settings, world)
    lines = [line for account in made.accounts for line in account.customers]
    return Overview(
        accounts=[_account(account) for account in made.accounts],
        open_intents=made.open_intents,
        disputes=made.disputes,
        pauses=made.pauses,
        stopped=[line.stopped for line in lines if line.stopped is not None],
    )


def _account(account: AccountBoard) -> AccountStanding:
    run = account.last_run
    return AccountStanding(
        name=account.name,
        vendor=account.vendor,
        write_policy=account.write_policy,
        limits=len(account.customers),
        ran_at=None if run is None else run.begun_at,
        command=None if run is None else run.command,
        in_sync=account.in_sync,
        pending=account.pending,
        held=account.held,
        problem=account.problem,
        problem_since=account.problem_since,
        read_at=account.read_at,
        clock_problem=account.clock_problem,
        outlook=account.outlook,
        quota=account.quota,
        pause=account.pause,
    )
