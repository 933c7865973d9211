"""`tidegate history`: what was changed when, by whom, in one order of time; and whether the record is whole."""

import click
from click.core import ParameterSource

from scheduler.cli import opening, screen
from scheduler.cli.endings import DONE, FAILED, Options, tell
from scheduler.cli.options import common
from scheduler.records.history import history_lines
from scheduler.reports.history_table import history_document, history_table
from scheduler.reports.plan_json import stable
from scheduler.reports.wording import clean


@click.command("history")
@common
@click.option("--customer", metavar="ID", help="Only this customer.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--verify", is_flag=True, help="Check that no row of the record was changed or removed.")
@click.option("--limit", "most", type=click.IntRange(min=1), default=200, show_default=True, help="The newest so many.")
@click.pass_context
def history(ctx: click.Context, *, options: Options, customer: str | None, form: str, verify: bool, most: int) -> None:
    """Show what was changed when, by whom: limits, our changes, others' changes and people's decisions.

    With --verify the verdict comes first, and alone unless --customer, --limit or --format json asks for the rows.

    Exit codes: 0, and with --verify 1 when the record was tampered with.
    """
    settings = opening.read_records_settings(options)
    with opening.open_world(settings, observe_only=True, accounts=frozenset()) as world:
        breaks = world.journal.verify() if verify else ()
        head = world.journal.head()
        asked = customer is not None or ctx.get_parameter_source("most") is not ParameterSource.DEFAULT
        lines = history_lines(world.journal, customer, together=form == "table" and customer is None)[-most:]
    for sentence in breaks:
        tell(clean(sentence))
    if verify and not breaks:
        screen.say(f"The record is whole: nothing was changed or removed. It ends with {head}.", style="green")
    if form == "json":
        screen.data(stable(history_document(lines)))
    elif asked or not verify:
        screen.show(history_table(lines))
    ctx.exit(FAILED if breaks else DONE)
