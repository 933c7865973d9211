"""The books: what we changed plus what others changed must be what the vendor shows.

Kept per customer from the first observation on; read by settlement, attribution of drift and the stale-read rules.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.limit import CustomerKey, Kind, OnExhaustion
from core.money import Money, total
from core.standing import Restriction
from core.witness import Witness, WitnessRow, new_rows, oldest_first

# How far a record's time may lie from the write it belongs to: the vendor's clock has whole seconds.
_OUR_WINDOW = timedelta(minutes=2)


class Cause(StrEnum):
    """Why a customer is restricted, as far as it can be known."""

    OURS = "ours"  # a call of ours, settled
    EXHAUSTION = "exhaustion"  # the vendor, at 100 %, by the action that our own write had set
    NEW = "new"  # the vendor restricts new customers, and this one never had a budget
    ADOPTED = "adopted"  # it was restricted when we first saw it
    OTHER = "other"  # somebody else, since


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """One customer's book.

    `granted`: the last grant that is explained; `opened`: the grant of the first observation.
    `ours`, `others`: sums of changes since then. `rows`: how many records the vendor had then, None: never read.
    `on_exhaustion`: the action our last settled write set, None once a record is not ours.
    `written_at`: when our last write was settled. `mismatch_*`: an unexplained grant and when it was first seen.
    `opened_at`: when the customer was first seen. `restriction`: as last seen, or as we set it; `cause`: who brought
    it about; `restricted_since`: since when it was seen; `freed_at`: when
    one read alone showed it lifted. `drift_at`: when the last change from outside was made.
    `checked_at`: when the vendor's records were last read. `row_awaited`: our last write's own record was not among
    the `rows` yet when it was settled. `drift`: who changed the customer since our last write, as a sentence.
    """

    key: CustomerKey
    account: str
    opened: Money | None
    granted: Money | None
    kind: Kind | None
    as_of: datetime
    ours: Money
    others: Money
    rows: int | None = None
    on_exhaustion: OnExhaustion | None = None
    written_at: datetime | None = None
    checked_at: datetime | None = None
    row_awaited: bool = False
    drift: str | None = None
    drift_at: datetime | None = None
    opened_at: datetime | None = None
    restriction: Restriction | None = None
    cause: Cause | None = None
    restricted_since: datetime | None = None
    freed_at: datetime | None = None
    mismatch_granted: Money | None = None
    mismatch_since: datetime | None = None


class DisputeSort(StrEnum):
    """What is disputed, other than an intent itself."""

    ORPHAN = "orphan"  # a record carries our mark, but our journal does not know it as applied
    TWO_WRITERS = "two_writers"  # another installation of Tidegate writes to this account
    BOOKS = "books"  # the vendor's figure is not explained by its own records


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """Something a person must look at; `customer` None: the whole account. `evidence` names it uniquely."""

    id: str
    sort: DisputeSort
    account: str
    customer: CustomerKey | None
    evidence: str
    sentence: str
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Whether the vendor's records account for what it shows, and by which rows (newest last)."""

    explained: bool
    rows: tuple[WitnessRow, ...]


def explain(book: Book, granted: Money | None, witness: Witness) -> Explanation:
    """Account for a grant that is not the book's, from the vendor's records.

    Increments are added up since the rows the book knows, else followed back along the totals after each row;
    for absolute sets the newest row must say what stands.
    """
    rows = _since(book, witness)
    if granted is None or book.granted is None:
        return Explanation(explained=True, rows=rows)
    if any(row.change is not None for row in rows):
        added = total([row.change for row in rows if row.change is not None])
        # The vendor may keep fractions of a cent, and each row's was cut off by itself.
        if abs((book.granted + added - granted).cents) <= _fractions(rows, granted):
            return Explanation(explained=True, rows=rows)
        chain = _chain(book.granted, granted, witness)
        return Explanation(explained=bool(chain), rows=chain or rows)
    explained = bool(rows) and rows[-1].granted_after == granted
    return Explanation(explained=explained, rows=rows)


def _fractions(rows: tuple[WitnessRow, ...], granted: Money) -> int:
    """How many cents may be missing from a sum of rounded rows; of a single one only if it says what stands itself."""
    return len(rows) if len(rows) > 1 or rows[-1].granted_after == granted else 0


def foreign_since_our_write(book: Book, witness: Witness) -> bool:
    """Whether anybody else left a record after our last settled write.

    Where our own record had not come by then, one row that says just what we set, at that time, is ours.
    """
    fresh = new_rows(witness, book.rows if book.rows is not None else witness.count)
    late = any(_says_what_we_set(book, row) for row in fresh) if book.row_awaited else False
    return len(fresh) > late


def _says_what_we_set(book: Book, row: WitnessRow) -> bool:
    if book.written_at is None or row.at is None:
        return False
    same = row.granted_after == book.granted and row.kind in {book.kind, None}
    return same and abs(row.at - book.written_at) < _OUR_WINDOW


def _since(book: Book, witness: Witness) -> tuple[WitnessRow, ...]:
    if book.rows is not None:
        return new_rows(witness, book.rows)
    recent = [row for row in witness.rows if row.at is not None and row.at >= book.as_of - _OUR_WINDOW]
    return oldest_first(recent)


def _chain(start: Money, end: Money, witness: Witness) -> tuple[WitnessRow, ...]:
    """Follow totals back from what stands to what the book says; empty where the chain breaks.

    The newest row must say what stands: else an old row, long undone, could explain a read that is merely late.
    """
    found: list[WitnessRow] = []
    at = end
    for row in reversed(oldest_first(row for row in witness.rows if row.at is not None)):
        if row.granted_after != at or row.change is None:
            return ()
        found.append(row)
        at -= row.change
        if at == start:
            return tuple(reversed(found))
    return ()
