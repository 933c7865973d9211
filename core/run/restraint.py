"""Follows who restricted a customer, observation by observation: only so can it be known what may be lifted.

Called by core.run.bookkeeping. A restriction is exhaustion's only where it appeared between the same two observations
in which spend crossed the amount, and our own write had set the action that restricts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.books import Book, Cause
from core.capabilities import Capabilities
from core.errors import ReadFailedError
from core.intent import LEVERS, State
from core.limit import CustomerKey, OnExhaustion
from core.meter import Meter
from core.ports import Cloud, Journal
from core.standing import Absence, Restriction, Standing


def first_seen(books: Mapping[CustomerKey, Book]) -> datetime | None:
    """Give when an account was observed for the first time."""
    return min((book.opened_at for book in books.values() if book.opened_at is not None), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What was known before an observation: the customer as it was when the book was kept last, and its meter."""

    looked: Standing | None
    meter: Meter | None
    lag: timedelta


def followed(book: Book, standing: Standing, before: Callable[[], Before]) -> Book:
    """Give the book with what this observation shows of the restriction."""
    shown = standing.restriction
    if shown is None:
        return book
    free = {None, Restriction.NONE}
    if shown is Restriction.NONE:
        # One read may be stale: with it would go the knowledge that the restriction is ours to lift.
        known = book.restriction in free or (
            book.freed_at is not None and standing.as_of - book.freed_at >= before().lag
        )
        if known:
            return replace(book, restriction=shown, cause=None, restricted_since=None, freed_at=None)
        return replace(book, freed_at=book.freed_at or standing.as_of)
    if book.restriction not in free:
        kept = book.restriction if shown is Restriction.RESTRICTED and book.cause is Cause.OURS else shown
        return replace(book, restriction=kept, freed_at=None)
    cause = Cause.ADOPTED if book.restriction is None else _appeared(book, standing, before())
    return replace(book, restriction=shown, cause=cause, restricted_since=standing.as_of, freed_at=None)


def opened(
    standing: Standing, first: datetime | None, cloud: Cloud, capabilities: Capabilities, journal: Journal
) -> tuple[Cause | None, Restriction | None]:
    """Give why a customer that is seen for the first time is restricted, and how; no cause where it is not."""
    shown = standing.restriction
    if shown in {None, Restriction.NONE}:
        return None, shown
    ours = _ours(standing, journal)
    if ours is not None:
        return Cause.OURS, ours
    came = standing.associated_at
    is_new = capabilities.new_customers_restricted and first is not None and came is not None and came > first
    if not is_new or standing.granted is not Absence.NOT_SET:
        return Cause.ADOPTED, shown
    try:
        records = cloud.witness(standing.customer).count
    except ReadFailedError:
        return Cause.ADOPTED, shown  # what cannot be proven is not lifted
    return (Cause.NEW if records == 0 else Cause.ADOPTED), shown


def _ours(standing: Standing, journal: Journal) -> Restriction | None:
    """Give how our last call restricted the customer, under whatever name its account had then."""
    levers = [
        intent
        for intent in journal.intents(key=standing.key)
        if intent.action in LEVERS and intent.state is State.SETTLED_APPLIED and intent.proven
    ]
    wanted = levers[0].wanted.restriction if levers else None
    return None if wanted is Restriction.NONE else wanted


def _appeared(book: Book, standing: Standing, before: Before) -> Cause:
    """Say who restricted a customer that was free: exhaustion, where it came to that just before it was restricted.

    Whether spend reached the amount or a cut of ours the spend; or it had when we looked last and not before that,
    since a vendor may take a moment to act on its own figure.
    """
    looked = before.looked
    if book.on_exhaustion is not OnExhaustion.RESTRICT or looked is None or not _is_spent(standing):
        return Cause.OTHER
    reached = before.meter.reached_since if before.meter is not None else None
    just_then = reached is not None and reached >= looked.as_of
    return Cause.EXHAUSTION if not _is_spent(looked) or just_then else Cause.OTHER


def _is_spent(standing: Standing) -> bool:
    granted, spent = standing.granted_money, standing.spent
    return granted is not None and spent is not None and granted <= spent.low
