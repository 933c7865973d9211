"""`tidegate settle`: a person's word on a change whose outcome the witnesses cannot tell, or on a dispute."""

import click

from core.run.word import settle_by_word
from core.run.world import World
from scheduler.cli import opening, screen
from scheduler.cli.endings import DONE, Options
from scheduler.cli.options import common, on_record
from scheduler.reports.wording import clean


@click.command("settle")
@common
@click.argument("reference", metavar="INTENT")
@click.option("--applied/--not-applied", "applied", default=None, help="What the vendor's console shows.")
@on_record
@click.pass_context
def settle(ctx: click.Context, *, options: Options, reference: str, applied: bool | None, who: str, why: str) -> None:
    """Put a person's word on record for a change whose outcome is in doubt, or acknowledge a dispute.

    INTENT is the id of the intent or dispute as `tidegate status` shows it. Look the change up in the vendor's console
    first: with the wrong word the next run grants or takes the amount twice.
    """
    settings = opening.read_records_settings(options)
    with opening.open_world(settings, observe_only=True, accounts=frozenset()) as world:
        account = _account_of(world, reference)
    # The customer is read once more, to start its books anew from what stands; that needs its account alone.
    concerned = frozenset({account} & settings.accounts.keys())
    with opening.open_world(settings, observe_only=True, accounts=concerned) as world:
        said = settle_by_word(world, reference, applied=applied, who=who, why=why)
    screen.say(clean(said))
    ctx.exit(DONE)


def _account_of(world: World, reference: str) -> str:
    intent = world.journal.intent(reference)
    if intent is not None:
        return intent.account
    found = (dispute.account for dispute in world.journal.disputes() if reference in {dispute.id, dispute.evidence})
    return next(found, "")
