"""`tidegate pause` and `tidegate resume`: a person's word that nothing is to be changed for a while."""

from datetime import datetime

import click

from core.pause import Pause
from scheduler.cli import opening, screen
from scheduler.cli.endings import DONE, FAILED, Options, UsageFault, tell
from scheduler.cli.options import Moment, common, on_record
from scheduler.reports.wording import clean, moment


@click.command("pause")
@common
@click.option("--account", metavar="NAME", help="Only this account.")
@click.option("--customer", metavar="ID", help="Only this customer.")
@click.option("--all", "everything", is_flag=True, help="All accounts.")
@on_record
@click.option("--until", type=Moment(), metavar="TIME", help="When it ends by itself, such as 2026-12-31 or 2h.")
@click.pass_context
def pause(
    ctx: click.Context,
    *,
    options: Options,
    account: str | None,
    customer: str | None,
    everything: bool,
    who: str,
    why: str,
    until: datetime | None,
) -> None:
    """Change nothing for an account, a customer or all, until resumed or until a time.

    Plans go on and show what is not done because of it; what was sent before is still settled.
    """
    settings = opening.read_records_settings(options)
    whom = _whom(account, customer, everything=everything)
    opening.scope_of(settings, [account] if account else [], [customer] if customer else [])
    with opening.open_world(settings, observe_only=True, accounts=frozenset()) as world:
        now = world.clock.now()
        world.journal.pause(Pause(account=account, customer_id=customer, who=who, why=why, since=now, until=until))
    screen.say(f"Paused: {whom}, {f'until {moment(until)}' if until else 'until resumed'}.")
    ctx.exit(DONE)


@click.command("resume")
@common
@click.option("--account", metavar="NAME", help="The account that was paused.")
@click.option("--customer", metavar="ID", help="The customer that was paused.")
@click.option("--all", "everything", is_flag=True, help="The pause of all accounts.")
@on_record
@click.pass_context
def resume(
    ctx: click.Context,
    *,
    options: Options,
    account: str | None,
    customer: str | None,
    everything: bool,
    who: str,
    why: str,
) -> None:
    """End a pause; name exactly what was paused.

    Exit codes: 0 resumed, 1 nothing was paused there.
    """
    settings = opening.read_records_settings(options)
    whom = _whom(account, customer, everything=everything)
    with opening.open_world(settings, observe_only=True, accounts=frozenset()) as world:
        now = world.clock.now()
        ended = world.journal.resume(account=account, customer_id=customer, who=who, why=why, at=now)
    if not ended:
        tell(f"nothing is paused under exactly these words: {whom}; `tidegate status` lists what is")
        ctx.exit(FAILED)
    screen.say(f"Resumed: {whom}.")
    ctx.exit(DONE)


def _whom(account: str | None, customer: str | None, *, everything: bool) -> str:
    """Say what is meant; a usage error where that is nothing, or everything and something at once."""
    named = account is not None or customer is not None
    if everything == named:
        raise UsageFault(["name what is meant: --account NAME, --customer ID, both, or --all"])
    parts = [f"customer {customer}" if customer else "", f"account {account}" if account else ""]
    return clean(", ".join(part for part in parts if part)) or "everything"
