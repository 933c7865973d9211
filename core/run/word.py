"""A person's word on what the witnesses could not settle, kept on record with who and why."""

from dataclasses import dataclass, replace

from core.books import Book, Dispute
from core.errors import ReadFailedError, TidegateError
from core.intent import Intent, State
from core.limit import Customer, CustomerKey
from core.money import or_zero
from core.run.bookkeeping import rows_sum
from core.run.world import World

_BY_WORD = frozenset({State.CONFIRMED, State.UNCERTAIN, State.DISPUTED})


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
    if intent.state not in _BY_WORD:
        raise NothingToSettleError(f"intent {intent.id} is {intent.state}: run `tidegate apply` first, it settles it")
    with world.journal.lease(intent.account, word.who) as lease:
        current = world.journal.intent(intent.id) or intent
        mine = replace(current, epoch=lease.epoch)
        if current.state is State.CONFIRMED:
            disputed = mine.moved(State.DISPUTED, outcome="doubted by a person")
            world.journal.move(current.state, disputed)
            mine = disputed
        state = State.SETTLED_APPLIED if word.applied else State.SETTLED_NOT_APPLIED
        closed = mine.moved(
            state, outcome=f"settled by {word.who}: {word.why}", proven=False, closed_at=world.clock.now()
        )
        world.journal.move(mine.state, closed)
        _rebase(world, intent.account, intent.customer, word)
    return f"intent {intent.id} of {intent.key} is now {state}"


def _acknowledge(world: World, dispute: Dispute, word: Word) -> str:
    now = world.clock.now()
    world.journal.close_dispute(dispute.id, who=word.who, why=word.why, at=now)
    if dispute.customer is not None:
        _rebase(world, dispute.account, _customer(world, dispute.customer), word)
    return f"dispute {dispute.id} ({dispute.sort}) of account {dispute.account} is acknowledged"


def _customer(world: World, key: CustomerKey) -> Customer:
    standing = world.observations.latest().get(key)
    return standing.customer if standing is not None else Customer(key=key)


def _rebase(world: World, account: str, customer: Customer, word: Word) -> None:
    """Start the customer's book anew from what stands, and note the difference as a balancing entry."""
    book = world.journal.books(account).get(customer.key)
    cloud = world.clouds.get(account)
    if book is None or cloud is None:
        return
    standing = cloud.read_again([customer]).standings.get(customer.key)
    if standing is None:
        return
    try:
        witness = cloud.witness(customer)
    except ReadFailedError:
        return
    difference = or_zero(standing.granted_money) - or_zero(book.granted)
    rebased: Book = replace(
        book,
        granted=standing.granted_money,
        kind=standing.kind or book.kind,
        as_of=standing.as_of,
        others=book.others + difference,
        rows=witness.count,
        rows_sum=rows_sum(witness),
        on_exhaustion=None,
        written_at=None,
        mismatch_since=None,
        mismatch_granted=None,
    )
    world.journal.keep_books([rebased])
    body = {"difference": str(difference), "why": word.why}
    world.journal.note("balanced", who=word.who, at=world.clock.now(), account=account, key=customer.key, body=body)
