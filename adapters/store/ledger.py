"""Books and disputes in the database."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, bindparam, delete, insert, select, update

from adapters.store import entries
from adapters.store.instants import instant_text
from adapters.store.parts import Part, of_account, of_customer
from adapters.store.rows import book_of, book_values, dispute_of, dispute_values, key_of
from adapters.store.tables import books as table
from adapters.store.tables import disputes
from adapters.store.transactions import Writing
from core.books import Book, Dispute
from core.errors import StoreFailedError
from core.limit import CustomerKey

_SAME_PLACE = (
    table.c.account == bindparam("an_account"),
    table.c.vendor == bindparam("a_vendor"),
    table.c.customer_id == bindparam("an_id"),
)


class Ledger(Part):
    """The books, and what does not add up in them."""

    def books(self, account: str) -> Mapping[CustomerKey, Book]:
        """Give the account's books."""
        with self._database.reading("read the books") as connection:
            rows = connection.execute(select(table).where(table.c.account == account)).mappings()
            found = [book_of(row) for row in rows]
        return {book.key: book for book in found}

    def keep_books(self, books: Iterable[Book]) -> None:
        """Insert or replace those that differ from what is stored."""
        with self._database.writing("keep the books") as writing:
            replace_books(writing, books)

    def disputes(self, account: str | None = None) -> Sequence[Dispute]:
        """Give the open ones, oldest first."""
        chosen = select(disputes).where(disputes.c.closed_at.is_(None), of_account(disputes, account))
        with self._database.reading("read the disputes") as connection:
            rows = connection.execute(chosen.order_by(disputes.c.opened_at, disputes.c.id)).mappings()
            return [dispute_of(row) for row in rows]

    def open_dispute(self, dispute: Dispute) -> None:
        """Store a dispute; the same evidence is stored once, even when it was closed."""
        values = dispute_values(dispute)
        evidence = [
            disputes.c[name] == values[name] for name in ("account", "vendor", "customer_id", "sort", "evidence")
        ]
        with self._database.writing("open a dispute") as writing:
            if writing.connection.execute(select(disputes.c.id).where(*evidence)).first() is not None:
                return
            if writing.connection.execute(select(disputes.c.id).where(disputes.c.id == dispute.id)).first() is not None:
                raise StoreFailedError("open a dispute", f"dispute {dispute.id} exists with other evidence")
            writing.connection.execute(insert(disputes).values(**dispute_values(dispute)))
            writing.say(entries.dispute_opened(dispute))

    def dispute_known(self, dispute: Dispute) -> bool:
        """Whether the same evidence is stored, in an open dispute or a closed one."""
        with self._database.reading("read the disputes") as connection:
            return connection.execute(_with_evidence_of(dispute)).first() is not None

    def close_dispute(self, dispute_id: str, *, who: str, why: str, at: datetime) -> None:
        """Close it; raises KeyError if there is none open with this id."""
        still_open = (disputes.c.id == dispute_id) & disputes.c.closed_at.is_(None)
        with self._database.writing("close a dispute") as writing:
            row = writing.connection.execute(select(disputes).where(still_open)).mappings().first()
            if row is None:
                raise KeyError(dispute_id)
            writing.connection.execute(
                update(disputes).where(still_open).values(closed_at=instant_text(at), closed_by=who, closed_why=why)
            )
            writing.say(entries.dispute_closed(dispute_of(row), who=who, why=why), at=at)


def replace_books(writing: Writing, books: Iterable[Book]) -> None:
    """Insert or replace, as part of a change that may be about more than books, those that differ."""
    given = {(book.account, book.key): book for book in books}
    if not given:
        return
    of_accounts = table.c.account.in_(sorted({account for account, _ in given}))
    one = next(iter(given.values())).key if len(given) == 1 else None  # what a settlement changes: no need to read all
    rows = writing.connection.execute(select(table).where(of_accounts, of_customer(table, one))).mappings()
    stored = {(row["account"], key_of(row)): dict(row) for row in rows}
    fresh = [book for place, book in given.items() if stored.get(place) != book_values(book)]
    if not fresh:
        return
    # Taken out and put in: the one way to replace that every database spells alike.
    old = [{"an_account": book.account, "a_vendor": book.key.vendor, "an_id": book.key.customer_id} for book in fresh]
    writing.connection.execute(delete(table).where(*_SAME_PLACE), old)
    writing.connection.execute(insert(table), [book_values(book) for book in fresh])
    writing.say(entries.books_kept(fresh))


def _with_evidence_of(dispute: Dispute) -> Select[tuple[str]]:
    values = dispute_values(dispute)
    names = ("account", "vendor", "customer_id", "sort", "evidence")
    return select(disputes.c.id).where(*[disputes.c[name] == values[name] for name in names])
