"""Intents in the database: recorded once, moved by compare-and-set under the account's lease, never deleted."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, desc, insert, or_, select, update

from adapters.store import entries
from adapters.store.decisions import OURS, moved, raise_unless_legal, raise_unless_recorded
from adapters.store.instants import instant_text
from adapters.store.leases import holds_lease, lease_is_ours
from adapters.store.ledger import replace_books
from adapters.store.parts import Part, of_account, of_customer
from adapters.store.rows import intent_of, intent_values, movement_values
from adapters.store.tables import installation, intents, tag_proofs
from adapters.store.transactions import Writing
from core.books import Book
from core.errors import IntentMovedError, OpenIntentError, StoreFailedError
from core.intent import OPEN_STATES, Intent, State
from core.limit import CustomerKey

_IS_OPEN = intents.c.state.in_(sorted(OPEN_STATES))


class Intents(Part):
    """The intents."""

    def record(self, intent: Intent) -> None:
        """Store a recorded intent; raises IntentMovedError on an old epoch, OpenIntentError on a second open one."""
        raise_unless_recorded(intent)
        with self._database.writing("record an intent") as writing:
            if not holds_lease(writing.connection, intent):
                raise IntentMovedError(intent.id, OURS)
            # Asked first, for the error's sake; that there is never a second one is the unique index's promise.
            if _exists(writing, _IS_OPEN & of_customer(intents, intent.key)):
                raise OpenIntentError(str(intent.key))
            if _exists(writing, or_(intents.c.id == intent.id, intents.c.mark == intent.mark)):
                raise StoreFailedError("record an intent", f"intent {intent.id} or its mark is recorded already")
            ours = select(installation.c.name).scalar_subquery()
            writing.connection.execute(insert(intents).values(installation=ours, **intent_values(intent)))
            writing.say(entries.intent_recorded(intent))

    def move(self, before: State, after: Intent, book: Book | None = None) -> None:
        """Store `after` if the stored state is `before` and its epoch is the lease's, and the book with it.

        Raises IntentMovedError.
        """
        raise_unless_legal(before, after)
        with self._database.writing(f"move intent {after.id} to {after.state}") as writing:
            stored = self._compare_and_set(writing, before, after)
            writing.say(entries.intent_moved(before, stored))
            if book is not None:
                replace_books(writing, [book])

    def note_absence(self, intent: Intent) -> None:
        """Store `absent_since` of an open intent by the same compare-and-set; raises IntentMovedError."""
        with self._database.writing(f"note that intent {intent.id} is not in the vendor's records") as writing:
            if not intent.is_open:
                raise IntentMovedError(intent.id, intent.state)
            stored = self._compare_and_set(writing, intent.state, intent)
            writing.say(entries.absence_noted(stored))

    def intent(self, reference: str) -> Intent | None:
        """Find an intent by id or mark."""
        found = self._find(or_(intents.c.id == reference, intents.c.mark == reference), limit=1)
        return found[0] if found else None

    def open_intents(self, account: str | None = None) -> Sequence[Intent]:
        """Give the open ones, oldest first."""
        return self._find(_IS_OPEN & of_account(intents, account))[::-1]

    def intents(
        self, *, key: CustomerKey | None = None, account: str | None = None, limit: int = 1000
    ) -> Sequence[Intent]:
        """Give them newest first."""
        return self._find(of_customer(intents, key) & of_account(intents, account), limit=limit)

    def tag_proven(self, account: str) -> bool:
        """Whether a confirmed write's mark was once read back in this account."""
        with self._database.reading("read what is known of an account") as connection:
            return connection.execute(_proof(account)).first() is not None

    def note_tag_proven(self, account: str) -> None:
        """Remember that it was; once is enough."""
        now = instant_text(self._database.clock.now())
        with self._database.writing("note that marks can be read back") as writing:
            if writing.connection.execute(_proof(account)).first() is not None:
                return
            writing.connection.execute(insert(tag_proofs).values(account=account, proven_at=now))
            writing.say(entries.tag_proven(account))

    def _compare_and_set(self, writing: Writing, before: State, after: Intent) -> Intent:
        same = (intents.c.id == after.id) & (intents.c.state == before) & (intents.c.account == after.account)
        changed = writing.connection.execute(
            update(intents).where(same, lease_is_ours(after)).values(**movement_values(after))
        )
        if changed.rowcount != 1:
            raise IntentMovedError(after.id, before)
        row = writing.connection.execute(select(intents).where(intents.c.id == after.id)).mappings().one()
        return moved(intent_of(row), after)

    def _find(self, condition: ColumnElement[bool], *, limit: int | None = None) -> list[Intent]:
        newest_first = (desc(intents.c.recorded_at), desc(intents.c.id))
        chosen = select(intents).where(condition).order_by(*newest_first).limit(limit)
        with self._database.reading("read the intents") as connection:
            return [intent_of(row) for row in connection.execute(chosen).mappings()]


def _proof(account: str) -> Select[tuple[str]]:
    return select(tag_proofs.c.account).where(tag_proofs.c.account == account)


def _exists(writing: Writing, condition: ColumnElement[bool]) -> bool:
    return writing.connection.execute(select(intents.c.id).where(condition).limit(1)).first() is not None
