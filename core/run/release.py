"""A person's word that a customer's restriction is to be lifted, whoever brought it about; through an intent as ever.

Called by `tidegate release`. Changes no amount and asks no guard; a pause, an open change or a dispute still holds it.
"""

from collections.abc import Sequence
from dataclasses import replace

from core.errors import TidegateError
from core.intent import Action, Intent, Position, State
from core.judgement import stricter
from core.limit import Limit
from core.money import ZERO
from core.plan import Correction, Direction
from core.ports import Lease, no_progress
from core.run.apply import AccountWriter
from core.run.observe import AccountView, observe_account
from core.run.settle import Settler
from core.run.world import Request, Watch, World
from core.standing import Restriction, Standing


class NothingToReleaseError(TidegateError):
    """There is no restriction that a call could lift, or something holds the customer; the sentence says which."""


def release_by_word(
    world: World, limits: Sequence[Limit], limit: Limit, request: Request, *, resources: bool, watch: Watch
) -> Intent:
    """Lift one customer's restriction and give the intent as it ended; `limits`: all of the account, as written.

    `resources`: the sort that stopped resources too is to be lifted, else what our records say, and the other sort
    once if that is refused. Raises NothingToReleaseError, LeaseHeldError, StoreFailedError.
    """
    account = limit.account
    with world.journal.lease(account, request.who) as lease:
        settler = Settler(world=world, account=account, watch=watch)
        settler.take_over(lease)
        view = observe_account(world, account, limits, request, no_progress)
        standing = _restricted(view, limit)
        row = _correction(limit, standing, resources=resources)
        return _released(world, request, view, lease, settler, watch, row)


def _restricted(view: AccountView, limit: Limit) -> Standing:
    key, cloud = limit.key, view.inputs.capabilities
    if not cloud.restricts_by_call:
        sentence = f"{cloud.title} lifts a suspension by itself once the credit is raised above what is used"
        raise NothingToReleaseError(sentence)
    block = view.inputs.blocks.get(key) or view.inputs.account_block
    if block is not None:
        raise NothingToReleaseError(f"not done: {block.reason.sentence}: {block.detail}")
    refused = stricter(view.inputs.policy.write_policy, limit.write_policy, Direction.RAISE)
    if key.customer_id in view.inputs.policy.protected:
        refused = ("protected",)
    if refused:
        raise NothingToReleaseError(f"not done: {refused[0]} lets nothing be given to this customer")
    standing = view.inputs.standings.get(key)
    if standing is None or standing.restriction is None:
        why = view.inputs.unreadable.get(key) or view.inputs.problem or "the vendor does not show it"
        raise NothingToReleaseError(f"{key} could not be read: {why}")
    if standing.restriction is Restriction.NONE:
        raise NothingToReleaseError(f"{key} is not restricted")
    return standing


def _correction(limit: Limit, standing: Standing, *, resources: bool) -> Correction:
    before = Position(
        granted=standing.granted_money,
        kind=standing.kind,
        on_exhaustion=standing.on_exhaustion,
        restriction=Restriction.FROZEN if resources else standing.restriction,
    )
    return Correction(
        order=1,
        account=limit.account,
        customer=limit.customer,
        name=limit.name or standing.name,
        action=Action.RELEASE,
        before=before,
        after=replace(before, restriction=Restriction.NONE),
        change=ZERO,
        wanted=limit.amount,
        spent=standing.spent,
        available=standing.available,
        currency=standing.currency,
        as_of=standing.as_of,
        detail="released by a person's word",
        direction=Direction.RAISE,
    )


def _released(
    world: World, request: Request, view: AccountView, lease: Lease, settler: Settler, watch: Watch, row: Correction
) -> Intent:
    writer = AccountWriter(
        world=world, request=request, run=world.ids.ulid(), view=view, lease=lease, watch=watch, settler=settler
    )
    writer.one(row)
    settler.settle_open(lease)
    outcome = writer.outcomes[-1]
    if outcome.intent is None:
        raise NothingToReleaseError(f"not done: {outcome.sentence}")
    settled = next((item for item in settler.settled if item.id == outcome.intent.id), outcome.intent)
    if settled.state is State.REFUSED:
        raise NothingToReleaseError(f"the vendor refused it: {settled.outcome}")
    return settled
