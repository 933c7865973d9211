"""Making a new database, or bringing an old one up to this version's schema. Called by opening, under its lock.

The only file that imports Alembic, and not imported while the schema is up to date.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, select

from adapters.store import entries
from adapters.store.decisions import new_installation
from adapters.store.instants import instant_text
from adapters.store.tables import VERSION_TABLE, installation, metadata
from adapters.store.transactions import Database
from adapters.store.versions import version_of
from core.errors import StoreFailedError

_one_at_a_time = Lock()  # Alembic keeps the migration under way in a global of its module


def upgrade(database: Database, doing: str) -> None:
    """Run the migrations that are missing, all of them or none; raises StoreFailedError for a newer schema."""
    scripts = migrations()
    known = {script.revision for script in scripts.walk_revisions()}
    # Its two lines about every upgrade mean nothing to our users.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with _one_at_a_time, database.writing(doing) as writing:
        version = version_of(writing.connection, doing)
        if version is not None and version not in known:
            raise StoreFailedError(doing, "a newer version of Tidegate made it; upgrade this one")
        _run(writing.connection, scripts)
        if writing.connection.execute(select(installation.c.name)).first() is None:
            name = new_installation()
            made_at = instant_text(database.clock.now())
            writing.connection.execute(insert(installation).values(id=1, name=name, made_at=made_at))
            writing.say(entries.store_made(name))


def migrations() -> ScriptDirectory:
    """Give the numbered steps that are shipped with this version."""
    return ScriptDirectory(str(Path(__file__).parent / "migrations"))


def _run(connection: Connection, scripts: ScriptDirectory) -> None:
    def steps(revision: str | Sequence[str], _context: MigrationContext) -> list[MigrationStep]:
        return list(scripts._upgrade_revs("head", revision))  # type: ignore[arg-type] # noqa: SLF001 - as alembic.command does

    with EnvironmentContext(Config(), scripts, fn=steps, destination_rev="head") as environment:
        environment.configure(
            connection=connection,
            target_metadata=metadata,
            version_table=VERSION_TABLE,
            render_as_batch=True,  # SQLite cannot alter most of a table; batches copy it
            # The transaction is ours already: schema, version and first audit row are committed together.
            transactional_ddl=False,
        )
        environment.run_migrations()
