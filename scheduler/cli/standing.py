"""`tidegate status`: where everything stands, from our own records; no vendor is asked."""

import click

from scheduler.cli import opening, screen
from scheduler.cli.endings import DONE, Options
from scheduler.cli.options import common
from scheduler.records.overview import overview
from scheduler.reports.plan_json import stable
from scheduler.reports.standing_table import overview_document, overview_table


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
        found = overview(settings, world)
    if form == "json":
        screen.data(stable(overview_document(found)))
    else:
        screen.show(overview_table(found))
    ctx.exit(DONE)
