"""Transactions: all of a change and its audit row, or nothing. Called by every part of the store."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, desc, insert, select

from adapters.store.chain import Entry, Place, canonical, link_all
from adapters.store.engine import WRITING
from adapters.store.failures import told_plainly
from adapters.store.instants import instant_text
from adapters.store.tables import audit
from adapters.store.turns import turn_to_write
from core.errors import StoreFailedError
from core.ports import AuditRow, Clock


@dataclass(frozen=True, slots=True)
class Writing:
    """One write transaction: `connection` to change rows, `say` to append what happened to the audit chain."""

    connection: Connection
    clock: Clock

    def say(self, *entries: Entry, at: datetime | None = None) -> None:
        """Append the entries in their order; `at`: when it happened, now if not given."""
        rows = link_all(entries, at=at or self.clock.now(), last=last_place(self.connection))
        values = [_audit_values(row) for row in rows]
        if values:
            self.connection.execute(insert(audit), values)


@dataclass(frozen=True, slots=True)
class Database:
    """The open database, as every part of the store gets it; `path` is where its lock files lie beside."""

    engine: Engine
    clock: Clock
    path: Path

    @contextmanager
    def reading(self, doing: str) -> Iterator[Connection]:
        """Read one consistent state; never blocks a writer and is not blocked by one."""
        with told_plainly(doing), self.engine.connect() as connection, connection.begin():
            try:
                yield connection
            except (ValueError, zlib.error) as error:  # a word, time or document that this version cannot have written
                why = f"a stored row cannot be read ({error}); see `tidegate history --verify`"
                raise StoreFailedError(doing, why) from error

    @contextmanager
    def writing(self, doing: str) -> Iterator[Writing]:
        """Write all or nothing; committed and synced when the block is left, rolled back when it raises."""
        with turn_to_write(self.path, doing), told_plainly(doing), self.engine.connect() as connection:
            connection.execution_options(**{WRITING: True})
            with connection.begin():
                yield Writing(connection, self.clock)


def last_place(connection: Connection) -> Place:
    """Give the number and digest that the next audit row follows."""
    row = connection.execute(select(audit.c.number, audit.c.digest).order_by(desc(audit.c.number)).limit(1)).first()
    return Place() if row is None else Place(row.number, row.digest)


def _audit_values(row: AuditRow) -> dict[str, object]:
    return {
        "number": row.number,
        "at": instant_text(row.at),
        "event": row.event,
        "who": row.who,
        "account": row.account,
        "vendor": row.key.vendor if row.key else None,
        "customer_id": row.key.customer_id if row.key else None,
        "body": canonical(row.body),
        "digest": row.digest,
    }
