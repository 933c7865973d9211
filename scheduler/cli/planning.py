"""`tidegate plan`: the dry run, shown or written down."""

from pathlib import Path

import click

from core.plan import Plan
from core.run.ending import plan_exit_code
from core.run.reconcile import survey
from core.run.world import Request
from scheduler import runlog
from scheduler.cli import opening, screen
from scheduler.cli.endings import Options, UsageFault
from scheduler.cli.options import common, operator, targeting
from scheduler.reports.plan_csv import plan_csv
from scheduler.reports.plan_json import plan_json
from scheduler.reports.plan_markdown import plan_markdown
from scheduler.reports.plan_table import plan_table

FORMATS = ("table", "json", "csv", "markdown", "html")
_SUFFIXES = {".json": "json", ".csv": "csv", ".md": "markdown", ".html": "html", ".htm": "html"}


@click.command("plan")
@common
@click.option("--format", "form", type=click.Choice(FORMATS), help="Default: by --out's ending, else table.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write it there instead.")
@targeting
@click.option("--show-names", is_flag=True, help="Show customers' names in full.")
@click.pass_context
def plan(
    ctx: click.Context,
    *,
    options: Options,
    form: str | None,
    out: Path | None,
    accounts: tuple[str, ...],
    customers: tuple[str, ...],
    show_names: bool,
) -> None:
    """Show what would be changed, and why; changes nothing.

    Reads every account, works out the difference to the limits, and lets the guards count. A file written with
    `--format json` can be applied as it is with `tidegate apply --plan FILE`.

    Exit codes: 0 in sync, 3 corrections pending, 4 something needs a person, 1 an account could not be read.
    """
    settings = opening.read_settings(options, accounts or None)
    scope = opening.scope_of(settings, accounts, customers)
    request = Request(command="plan", who=operator(), accounts=scope.accounts, customers=scope.customers)
    with (
        opening.open_world(settings, observe_only=True, accounts=scope.accounts) as world,
        screen.progress() as progress,
    ):
        made = survey(world, settings.limits, request, progress=progress)
        code = plan_exit_code(made)
        runlog.plan_made(made, code, world)
    made = opening.told(made, settings)
    _give(made, form or _SUFFIXES.get(out.suffix.lower() if out else "", "table"), out, show_names=show_names)
    ctx.exit(code)


def _give(made: Plan, form: str, out: Path | None, *, show_names: bool) -> None:
    if out is None and form == "table":
        screen.show(plan_table(made, width=screen.width(), show_names=show_names))
        return
    text = _written(made, form, show_names=show_names)
    if out is None:
        screen.data(text)
        return
    try:
        out.write_text(text if text.endswith("\n") else f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise UsageFault([f"--out {out}: it could not be written: {error.strerror}"]) from error
    screen.say(f"The plan is in {out} ({form}).")


def _written(made: Plan, form: str, *, show_names: bool) -> str:
    match form:
        case "json":
            return plan_json(made, show_names=show_names)
        case "csv":
            return plan_csv(made, show_names=show_names)
        case "markdown":
            return plan_markdown(made, show_names=show_names)
        case "html":
            from scheduler.reports.plan_html import plan_html  # noqa: PLC0415 - jinja2 costs every other form time

            return plan_html(made, show_names=show_names)
        case _:
            table = plan_table(made, width=screen.PLAIN_WIDTH, show_names=show_names)
            return screen.plain(table)
