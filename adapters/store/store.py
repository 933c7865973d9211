"""The store as one object: every part over one open database. Made by opening alone."""

from types import TracebackType
from typing import Self

from sqlalchemy import select

from adapters.store.decided import Decided
from adapters.store.history import History
from adapters.store.intents import Intents
from adapters.store.leases import Leases
from adapters.store.ledger import Ledger
from adapters.store.meters import Meters
from adapters.store.seen import Seen
from adapters.store.tables import installation
from adapters.store.telling import Telling
from adapters.store.transactions import Database


class Store(Leases, Intents, Ledger, Decided, History, Seen, Meters, Telling):
    """core.ports.Journal, Observations and Outbox over a database; thread-safe, one per process is enough.

    Any method may raise StoreFailedError; then nothing was written.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        with database.reading("read which installation it belongs to") as connection:
            self._installation: str = connection.execute(select(installation.c.name)).scalar_one()

    @property
    def installation(self) -> str:
        """Four characters [0-9A-Z] made when the store was made."""
        return self._installation

    def close(self) -> None:
        """Close every connection."""
        self._database.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
