"""Which customers cannot buy, or stand still, by our newest records: how, since when, and when their data is deleted.

Used by `status` and the month's report. What is restricted by whom is known from the books alone.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.books import Book, Cause
from core.limit import CustomerKey
from core.restricting import deleted_after
from core.standing import Restriction, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """One customer that is restricted, frozen or suspended; `since`: when we first saw it so, None where unknown."""

    key: CustomerKey
    account: str
    name: str | None
    restriction: Restriction
    cause: Cause | None
    since: datetime | None
    data_deleted_after: datetime | None


def restriction_of(standing: Standing, book: Book | None) -> Restriction | None:
    """Say how a customer is limited: the vendor shows no sort of freeze, our own book of a call of ours does."""
    ours = book is not None and book.cause is Cause.OURS and standing.restriction is Restriction.RESTRICTED
    return book.restriction if book is not None and ours else standing.restriction


def stopped(standing: Standing, book: Book | None, life: timedelta | None) -> Stopped | None:
    """Give what is known of a customer that cannot spend freely; None for one that can, or of whom nobody knows.

    `life`: so long after a freeze or suspension the vendor deletes data.
    """
    restriction = restriction_of(standing, book)
    if restriction in {None, Restriction.NONE}:
        return None
    cause, since = _judged(standing, book)
    return Stopped(
        key=standing.key,
        account=standing.account,
        name=standing.name,
        restriction=restriction or Restriction.NONE,
        cause=cause,
        since=since,
        data_deleted_after=deleted_after(replace(standing, restriction=restriction), since, cause, life),
    )


def _judged(standing: Standing, book: Book | None) -> tuple[Cause | None, datetime | None]:
    """Say why a customer is stopped, and since when.

    What a dry run alone has seen is in no book yet. It is told as the next run will, and as `explain` does: from that
    look on. Only whether a spent limit restricted purchases cannot be told from here.
    """
    if book is None or (book.restriction is None and book.cause is None):
        return Cause.ADOPTED, standing.as_of
    if book.restriction is Restriction.NONE and standing.restriction is not Restriction.RESTRICTED:
        return Cause.OTHER, standing.as_of
    return book.cause, book.restricted_since
