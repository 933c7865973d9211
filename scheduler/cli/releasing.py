"""`tidegate release`: a person's word that one customer's restriction is to be lifted."""

import click

from core.amounts import resolved
from core.errors import LeaseHeldError
from core.intent import Intent, State
from core.limit import Limit, OnExhaustion
from core.meter import billing_day
from core.run.release import NothingToReleaseError, release_by_word
from core.run.world import Request, World
from scheduler import bootstrap, runlog
from scheduler.cli import opening, screen, stopping
from scheduler.cli.endings import ATTENTION, DONE, STOPPED, Options, tell
from scheduler.cli.naming import limit_named, nobody
from scheduler.cli.options import common, on_record
from scheduler.config import Settings
from scheduler.reports.outcome_table import intent_end
from scheduler.reports.wording import clean, moment


@click.command("release")
@common
@click.argument("customer_id", metavar="CUSTOMER")
@click.option("--account", metavar="NAME", help="The account, where an id exists in two.")
@click.option("--resources", is_flag=True, help="Lift the sort of freeze that stopped the resources too.")
@on_record
@click.option("-y", "--yes", is_flag=True, help="Do not ask; without a terminal nothing is asked anyway.")
@click.pass_context
def release(
    ctx: click.Context,
    *,
    options: Options,
    customer_id: str,
    account: str | None,
    resources: bool,
    who: str,
    why: str,
    yes: bool,
) -> None:
    """Lift one customer's restriction, whoever brought it about; changes no amount.

    On a terminal it asks first. Without --resources the sort is taken from our own records, and the other one is tried
    once if the vendor refuses that. A pause, an open change or a dispute still holds the customer.

    Exit codes: 0 lifted and read back, 4 nothing was lifted or it is not certain, 2 unknown customer, 1 failed.
    """
    options.stopped = STOPPED
    settings = opening.read_records_settings(options)
    limit = _limit(settings, customer_id, account)
    with (
        opening.open_world(settings, observe_only=False, accounts=frozenset({limit.account})) as world,
        stopping.graceful(world.clock) as stops,
    ):
        if (undone := _undone(world, settings, limit)) is not None:
            tell(clean(undone))
        if screen.can_ask() and not yes:
            with stops.asking():
                agreed = click.confirm(f"Lift the restriction of {clean(str(limit.key))}?", err=True)
            if not agreed:
                screen.say("Nothing was changed.")
                ctx.exit(DONE)
        code = _released(world, settings, limit, resources=resources, who=who, why=why)
    ctx.exit(code)


def _undone(world: World, settings: Settings, limit: Limit) -> str | None:
    """Say that the next run would freeze the customer again, by what was seen of it last; None where it would not."""
    account = settings.accounts[limit.account]
    freezes = limit.on_exhaustion is OnExhaustion.FREEZE
    standing = world.observations.latest(limit.account).get(limit.key)
    if not freezes or not bootstrap.VENDORS[account.vendor].capabilities.restricts_by_call:
        return None
    if standing is None or standing.spent is None:
        return None
    amount = resolved(limit, billing_day(world.clock.now(), account.policy.billing_timezone)).amount
    if standing.spent.low < amount:
        return None
    return (
        f"{limit.key} has spent {standing.spent.low} of {amount}: the next run freezes it again, "
        f"unless its limit is raised or it is paused (`tidegate pause --customer {limit.key.customer_id}`)"
    )


def _released(world: World, settings: Settings, limit: Limit, *, resources: bool, who: str, why: str) -> int:
    # On record before anything is sent: whatever becomes of it, who wanted it and why is known.
    world.journal.note(
        "release",
        who=who,
        at=world.clock.now(),
        account=limit.account,
        key=limit.key,
        body={"why": why, "resources": resources},
    )
    request = Request(
        command="release",
        who=who,
        accounts=frozenset({limit.account}),
        customers=frozenset({limit.key.customer_id}),
    )
    limits = settings.limits_of(limit.account)
    try:
        intent = release_by_word(world, limits, limit, request, resources=resources, watch=runlog.LogWatch())
    except (NothingToReleaseError, LeaseHeldError) as error:
        tell(clean(str(error)))
        return ATTENTION
    if intent.state is State.SETTLED_APPLIED:
        screen.say(f"Released: {clean(str(limit.key))}; read back at {moment(intent.closed_at)}.", style="green")
        return DONE
    tell(clean(f"{limit.key}: {_unsettled(intent)}"))
    return ATTENTION


def _unsettled(intent: Intent) -> str:
    said = f"{intent_end(intent.state)}: {intent.outcome}" if intent.outcome else intent_end(intent.state)
    when = f"; `tidegate apply` settles it from {moment(intent.fence_at)} on" if intent.fence_at is not None else ""
    return f"{said}{when}" if intent.is_open else said


def _limit(settings: Settings, customer_id: str, account: str | None) -> Limit:
    limit = limit_named(settings, customer_id, account)
    if limit is None:
        where = f"account {account}" if account is not None else "any account"
        known = [one.key.customer_id for one in settings.limits if account in {one.account, None}]
        raise nobody(customer_id, f"no limit is written for it in {where}", known)
    return limit
