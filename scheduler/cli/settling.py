"""`tidegate settle`: a person's word on a change whose outcome the witnesses cannot tell, or on a dispute."""

import click

from core.intent import Intent, State
from core.run.word import settle_by_word
from core.run.world import World
from scheduler.cli import opening, screen
from scheduler.cli.endings import DONE, Options, UsageFault
from scheduler.cli.options import common, on_record
from scheduler.reports.wording import action, clean, signed

_BY_WORD = {State.SETTLED_APPLIED: "was applied", State.SETTLED_NOT_APPLIED: "was not applied"}


@click.command("settle")
@common
@click.argument("reference", metavar="INTENT")
@click.option("--applied/--not-applied", "applied", default=None, help="What the vendor's console shows.")
@on_record
@click.pass_context
def settle(ctx: click.Context, *, options: Options, reference: str, applied: bool | None, who: str, why: str) -> None:
    """Put a person's word on record for a change whose outcome is in doubt, or acknowledge a dispute.

    INTENT is the id of the intent or dispute as `tidegate status` shows it; any other is a usage error (exit 2).
    Look the change up in the vendor's console first: with the wrong word the next run grants or takes the amount twice.
    """
    settings = opening.read_records_settings(options)
    with opening.open_world(settings, observe_only=True, accounts=frozenset()) as world:
        account = _account_of(world, reference)
    # The customer is read once more, to start its books anew from what stands; that needs its account alone.
    concerned = frozenset({account} & settings.accounts.keys())
    with opening.open_world(settings, observe_only=True, accounts=concerned) as world:
        before = world.journal.intent(reference)
        said = settle_by_word(world, reference, applied=applied, who=who, why=why)
        after = world.journal.intent(reference)
    # A reference may also be a dispute, which says so itself.
    was_open = before is not None and before.is_open
    screen.say(clean(_ended(after) if was_open and after is not None and after.state in _BY_WORD else said))
    ctx.exit(DONE)


def _ended(intent: Intent) -> str:
    change = signed(intent.change) or action(intent.action)
    word = _BY_WORD[intent.state]
    return f"On record: {change} for {intent.key} {word}. The next run plans this customer from what the vendor shows."


def _account_of(world: World, reference: str) -> str:
    intent = world.journal.intent(reference)
    if intent is not None:
        return intent.account
    found = (dispute.account for dispute in world.journal.disputes() if reference in {dispute.id, dispute.evidence})
    account = next(found, None)
    if account is None:
        raise UsageFault(
            [f"no intent and no dispute is called {clean(reference)}: `tidegate status` shows what is open"]
        )
    return account
