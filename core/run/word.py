"""A person's word on what the witnesses could not settle, kept on record with who and why."""

from dataclasses import dataclass, replace

from core.books import Book, Dispute
from core.errors import ReadFailedError, TidegateError
from core.intent import Intent, State
from core.limit import Customer, CustomerKey
from core.money import or_zero
from core.run.world import World
from core.standing import Absence


class NothingToSettleError(TidegateError):
    """The reference names nothing that a person's word can settle; the sentence says what there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a person says. `applied` None: only acknowledges a dispute."""

    applied: bool | None
    who: str
    why: str


def settle_by_word(world: World, reference: str, *, applied: bool | None, who: str, why: str) -> str:
    """Settle an intent (by id or mark) or acknowledge a dispute (by id or evidence); give one sentence.

    `applied` None only acknowledges a dispute. Raises NothingToSettleError, LeaseHeldError, StoreFailedError.
    """
    word = Word(applied=applied, who=who, why=why)
    intent = world.journal.intent(reference)
    if intent is not None and intent.is_open:
        return _settle_intent(world, intent, word)
    for dispute in world.journal.disputes():
        if reference in {dispute.id, dispute.evidence}:
            return _acknowledge(world, dispute, word)
    if intent is not None:
        raise NothingToSettleError(f"intent {reference} is closed already: {intent.state}")
    raise NothingToSettleError(f"no intent and no dispute is called {reference}: see `tidegate status`")


def _settle_intent(world: World, intent: Intent, word: Word) -> str:
    if word.applied is None:
        raise NothingToSettleError(f"intent {intent.id} needs --applied or --not-applied")
    now = world.clock.now()
    if not word.applied and intent.fence_at is not None and now < intent.fence_at:
        when = f"{intent.fence_at:%Y-%m-%d %H:%M:%S} UTC"
        raise NothingToSettleError(f"the vendor may still apply intent {intent.id} until {when}: look again after that")
    with world.journal.lease(intent.account, word.who) as lease:
        mine = _taken_over(world, replace(world.journal.intent(intent.id) or intent, epoch=lease.epoch))
        if not mine.is_open:
            return f"intent {intent.id} of {intent.key} was never sent; it is now {mine.state}"
        state = State.SETTLED_APPLIED if word.applied else State.SETTLED_NOT_APPLIED
        outcome = f"settled by {word.who}: {word.why}"
        closed = mine.moved(state, outcome=outcome, proven=False, closed_at=now)
        rebased = _rebased(world, intent.account, intent.customer, word)
        world.journal.move(mine.state, closed, rebased)
    return f"intent {intent.id} of {intent.key} is now {state}"


def _taken_over(world: World, intent: Intent) -> Intent:
    """Bring an intent to a state that a word can close; its account may have left the configuration."""
    now = world.clock.now()
    steps = {
        State.RECORDED: (State.NOT_SENT, "never sent"),
        State.SENT: (State.UNCERTAIN, "the process ended before the vendor's answer was written down"),
        State.CONFIRMED: (State.DISPUTED, "doubted by a person"),
    }
    if intent.state not in steps:
        return intent
    state, outcome = steps[intent.state]
    moved = intent.moved(state, outcome=outcome, closed_at=now if state is State.NOT_SENT else None)
    world.journal.move(intent.state, moved)
    return moved


def _acknowledge(world: World, dispute: Dispute, word: Word) -> str:
    """Close a dispute; its customer's book starts anew from what stands, read before anything is closed."""
    with world.journal.lease(dispute.account, word.who):
        if dispute.customer is not None:
            rebased = _rebased(world, dispute.account, _customer(world, dispute.customer), word)
            if rebased is not None:
                world.journal.keep_books([rebased])
            elif dispute.account in world.clouds:
                sentence = f"{dispute.customer} cannot be read at the vendor now: acknowledge it when it can be"
                raise NothingToSettleError(sentence)
        world.journal.close_dispute(dispute.id, who=word.who, why=word.why, at=world.clock.now())
    return f"dispute {dispute.id} ({dispute.sort}) of account {dispute.account} is acknowledged"


def _customer(world: World, key: CustomerKey) -> Customer:
    standing = world.observations.latest().get(key)
    return standing.customer if standing is not None else Customer(key=key)


def _rebased(world: World, account: str, customer: Customer, word: Word) -> Book | None:
    """Give the customer's book begun anew from what stands, with the difference noted as a balancing entry.

    None where it cannot be read, or the account is not configured any more.
    """
    book = world.journal.books(account).get(customer.key)
    cloud = world.clouds.get(account)
    if book is None or cloud is None:
        return None
    standing = cloud.read_again([customer]).standings.get(customer.key)
    if standing is None or standing.granted is Absence.UNKNOWN:
        return None
    try:
        witness = cloud.witness(customer)
    except ReadFailedError:
        return None
    difference = or_zero(standing.granted_money) - or_zero(book.granted)
    body = {"difference": str(difference), "why": word.why}
    world.journal.note("balanced", who=word.who, at=world.clock.now(), account=account, key=customer.key, body=body)
    return replace(
        book,
        granted=standing.granted_money,
        kind=standing.kind or book.kind,
        as_of=standing.as_of,
        others=book.others + difference,
        rows=witness.count,
        on_exhaustion=None,
        written_at=None,
        row_awaited=False,
        mismatch_since=None,
        mismatch_granted=None,
        drift=None,
        drift_at=None,
    )
