"""`tidegate import`: a limits file that says what the vendors have now, so that the first plan is empty."""

from dataclasses import dataclass, field
from pathlib import Path

import click

from core.limit import Limit
from core.money import USD, ZERO
from core.ports import Observation
from core.standing import Absence, Standing
from scheduler import bootstrap
from scheduler.cli import opening, screen
from scheduler.cli.endings import DONE, FAILED, Options, UsageFault, tell
from scheduler.cli.options import common
from scheduler.reports.wording import clean, plural


@dataclass(slots=True)
class _Taken:
    """What could be taken over, and what could not, by reason."""

    limits: list[Limit] = field(default_factory=list)
    unset: int = 0
    left_out: list[str] = field(default_factory=list)
    failed: bool = False


@click.command("import")
@common
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="A new file."
)
@click.option("--account", "accounts", multiple=True, metavar="NAME", help="Only this account; repeatable.")
@click.option("--names", is_flag=True, help="Write the customers' names into the file too.")
@click.pass_context
def import_limits(ctx: click.Context, *, options: Options, out: Path, accounts: tuple[str, ...], names: bool) -> None:
    """Write a limits file from what the vendors have now; planning right after it is empty.

    Where the vendor does not tell what happens when a budget is used up, on_exhaustion stays empty: not managed.
    Customers without a budget or credit are left out and counted. An existing file is never overwritten.

    Exit codes: 0 written, 1 an account could not be read whole, then nothing is written.
    """
    settings = opening.read_settings(options, accounts or None, limits_wanted=False)
    scope = opening.scope_of(settings, accounts, ())
    if out.exists():
        raise UsageFault([f"--out {out}: the file is there already; name a new one"])
    taken = _Taken()
    with (
        opening.open_world(settings, observe_only=True, accounts=scope.accounts) as world,
        screen.progress() as progress,
    ):
        for name, cloud in sorted(world.clouds.items()):
            _take(cloud.observe([], everyone=True, progress=progress.of(name)), taken, names=names)
    for sentence in taken.left_out:
        tell(clean(sentence))
    if taken.failed:
        tell("nothing was written: a file with customers missing would look complete")
        ctx.exit(FAILED)
    _write(out, taken)
    ctx.exit(DONE)


def _take(observation: Observation, taken: _Taken, *, names: bool) -> None:
    problems = [str(observation.account_problem)] if observation.account_problem else []
    problems += [*observation.problems, *(str(error) for error in observation.unreadable.values())]
    taken.left_out += [f"{observation.account}: {problem}" for problem in problems]
    taken.failed = taken.failed or bool(problems)
    standings = sorted([*observation.standings.values(), *observation.others], key=lambda standing: standing.key)
    for standing in standings:
        _take_one(standing, taken, names=names)


def _take_one(standing: Standing, taken: _Taken, *, names: bool) -> None:
    granted = standing.granted_money
    if standing.granted is Absence.NOT_SET:
        taken.unset += 1
    elif standing.currency != USD:
        taken.left_out.append(f"{standing.key} is left out: the vendor answered in {standing.currency}")
    elif granted is None or standing.kind is None:
        taken.left_out.append(f"{standing.account}: the vendor did not say what stands for {standing.key}")
        taken.failed = True
    else:
        taken.limits.append(
            Limit(
                account=standing.account,
                customer=standing.customer,
                kind=standing.kind,
                amount=granted,
                # What stands already need not be feared: it is written as it is.
                allow_zero=granted == ZERO,
                name=standing.name if names else None,
            )
        )


def _write(out: Path, taken: _Taken) -> None:
    if not taken.limits:
        tell("nothing was written: no customer has a budget or credit yet")
        return
    try:
        count = bootstrap.write_limits(out, taken.limits)
    except OSError as error:
        raise UsageFault([f"--out {out}: it could not be written: {error.strerror}"]) from error
    unset = f"; {plural(taken.unset, 'customer')} without one left out" if taken.unset else ""
    screen.say(f"{out}: {plural(count, 'limit')} written as they stand at the vendors{unset}.")
