"""`tidegate explain`: why one customer's plan is what it is."""

from collections.abc import Sequence

import click

from core.explained import Explained
from core.limit import Customer, CustomerKey
from core.run.explain import Question, explain
from core.run.recalled import is_on_record
from core.run.remembered import remembering
from core.run.world import World
from scheduler import bootstrap
from scheduler.cli import opening, screen
from scheduler.cli.endings import DONE, FAILED, CannotGoOnError, Options, UsageFault
from scheduler.cli.naming import limit_named, nobody, several
from scheduler.cli.options import common, operator
from scheduler.config import Settings
from scheduler.reports.explanation import explanation_table
from scheduler.reports.explanation_json import explanation_document
from scheduler.reports.plan_json import stable
from scheduler.reports.wording import clean


@click.command("explain")
@common
@click.argument("customer_id", metavar="CUSTOMER")
@click.option("--account", metavar="NAME", help="The account, where an id exists in two.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--stored", is_flag=True, help="From our own records alone; asks no vendor.")
@click.option("--billed", is_flag=True, help="Ask also what was billed: an audit figure, never used for decisions.")
@click.option("--show-names", is_flag=True, help="Show the customer's name in full.")
@click.pass_context
def explain_customer(
    ctx: click.Context,
    *,
    options: Options,
    customer_id: str,
    account: str | None,
    form: str,
    stored: bool,
    billed: bool,
    show_names: bool,
) -> None:
    """Say why one customer's plan is what it is, in sentences.

    The limit and where it was written, how the customer stands, what is spent, what would be done now and what stands
    in the way, and the last changes. Reads the vendor as a dry run does, and changes nothing.

    Exit codes: 0 explained, 1 the vendor could not be read (what is stored is told all the same), 2 unknown customer.
    """
    if stored and billed:
        raise UsageFault(["--billed asks the vendor, and --stored asks nobody: leave one of them out"])
    settings = opening.read_records_settings(options)
    questions = _questions(settings, customer_id, account, ask=not stored, billed=billed)
    opened = frozenset() if stored else frozenset(question.account for question in questions)
    with (
        opening.open_world(settings, observe_only=True, accounts=opened) as world,
        screen.progress() as progress,
    ):
        found = [explain(_world(world, settings, one), one, progress=progress.of(one.account)) for one in questions]
        told = _told(world, settings, customer_id, found)
    if form == "json":
        screen.data(stable(explanation_document(told, show_names=show_names)))
    else:
        screen.show(explanation_table(told, show_names=show_names))
    ctx.exit(DONE if told.problem is None else FAILED)


def _questions(settings: Settings, customer_id: str, account: str | None, *, ask: bool, billed: bool) -> list[Question]:
    """Give whom to explain: the account with its limit, else every account that may have such a customer."""
    limit = limit_named(settings, customer_id, account)
    if limit is not None:
        names = [limit.account]
    else:
        names = [account] if account is not None else sorted(settings.accounts)
        names = [name for name in names if _may_have(settings, name, customer_id)]
    return [
        Question(
            customer=limit.customer
            if limit is not None
            else Customer(CustomerKey(settings.accounts[name].vendor, customer_id)),
            account=name,
            limits=settings.limits_of(name),
            who=operator(),
            ask=ask,
            billed=billed,
        )
        for name in names
    ]


def _told(world: World, settings: Settings, customer_id: str, found: Sequence[Explained]) -> Explained:
    """Choose what is to be told: a customer with a limit, one that a vendor shows, or one that is on record."""
    certain = [one for one in found if one.limit is not None or (one.standing is not None and one.problem is None)]
    chosen = certain or [one for one in found if is_on_record(world, one.account, one.key)]
    if len(chosen) > 1:
        raise several(customer_id, [one.account for one in chosen])
    if chosen:
        return chosen[0]
    unread = [f"account {one.account} could not be read: {one.problem}" for one in found if one.asked and one.problem]
    if unread:
        raise CannotGoOnError(clean(f"no limit is written for {customer_id}, and {'; '.join(unread)}"))
    known = {limit.key.customer_id for limit in settings.limits}
    known |= {key.customer_id for name in settings.accounts for key in world.observations.meters(name)}
    where = (
        "no account has" if any(one.asked for one in found) else "no limit is written for, and nothing is stored of,"
    )
    raise nobody(customer_id, f"{where} such a customer", known)


def _world(world: World, settings: Settings, question: Question) -> World:
    """Give the world itself, or one in which the vendor shows what was seen of it last."""
    if question.ask:
        return world
    account = settings.accounts[question.account]
    return remembering(world, account.policy, bootstrap.VENDORS[account.vendor].capabilities)


def _may_have(settings: Settings, account: str, customer_id: str) -> bool:
    """Whether an id is one that this account's vendor could have given."""
    vendor = bootstrap.VENDORS[settings.accounts[account].vendor]
    return vendor.customer_id_fault(customer_id) is None
