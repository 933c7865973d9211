"""The database itself: its tables, its file, and how fast it opens."""

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock
from sqlalchemy import create_engine, event
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from adapters.store import open_store
from adapters.store.tables import HEAD, metadata
from adapters.store.upgrade import migrations
from core.errors import StoreFailedError
from core.intent import OPEN_STATES, State
from tests.contract.store_rig import SHORT, StandingClock, intent_of, opened, schema_of, take, url_in

pytestmark = pytest.mark.migrations

OPENS = """
import sys
from adapters.clock import SystemClock
from adapters.store import open_store
assert "sqlalchemy" not in sys.modules
with open_store(sys.argv[1], clock=SystemClock()):
    print([name for name in ("alembic", "filelock") if name in sys.modules])
"""


def test_the_migrations_lead_to_the_tables(tmp_path: Path) -> None:
    """Step by step from nothing gives exactly what the code reads and writes."""
    with opened("sqlite", tmp_path):
        pass
    engine = create_engine(f"sqlite:///{tmp_path / 'direct.db'}")
    metadata.create_all(engine)
    engine.dispose()
    assert schema_of(tmp_path / "tidegate.db") == schema_of(tmp_path / "direct.db")


def test_the_newest_migration_is_the_one_that_opening_looks_for() -> None:
    """The version that counts as up to date is the last step's."""
    assert migrations().get_heads() == [HEAD]


def test_no_schema_can_be_taken_back() -> None:
    """There is no way down that would lose a journal or what was metered."""
    for step in migrations().walk_revisions():
        with pytest.raises(NotImplementedError, match="cannot be taken back"):
            step.module.downgrade()


def test_the_schema_fits_postgresql() -> None:
    """Every table and index can be written in PostgreSQL's words."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            assert "CREATE" in str(CreateIndex(index).compile(dialect=dialect))
    one_open = next(index for index in metadata.tables["intents"].indexes if index.name == "intents_one_open")
    assert "WHERE state IN" in str(CreateIndex(one_open).compile(dialect=dialect))


def test_the_database_itself_refuses_a_second_open_intent(tmp_path: Path) -> None:
    """Even a program that forgets to ask cannot store two open intents of one customer, nor an unknown state."""
    with opened("sqlite", tmp_path) as store:
        take(store)
        store.record(intent_of(1))
    columns = "id, mark, installation, run, who, account, vendor, customer_id, action, inputs_hash, epoch, recorded_at"
    rest = "proven, outcome, code, request_id, state"
    copy = f"INSERT INTO intents ({columns}, {rest}) SELECT 'new', 'new', {columns[10:]}, {rest[:-7]}, ? FROM intents"  # noqa: S608 - fixed words
    with closing(sqlite3.connect(tmp_path / "tidegate.db")) as hand:
        for state in sorted(OPEN_STATES):
            with pytest.raises(sqlite3.IntegrityError, match="UNIQUE constraint failed"):
                hand.execute(copy, (state,))
        with pytest.raises(sqlite3.IntegrityError, match="CHECK constraint failed"):
            hand.execute(copy, ("odd",))
        hand.execute(copy, (State.REFUSED,))


def test_the_files_are_for_their_owner_only(tmp_path: Path) -> None:
    """Nobody else may read the database, its log or its locks, whatever the umask."""
    before = os.umask(0)
    try:
        with opened("sqlite", tmp_path) as store, store.lease("a", "test"):
            files = sorted(tmp_path.iterdir())
    finally:
        os.umask(before)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in files if file.exists()}
    assert {"tidegate.db", "tidegate.db.a.lock"} <= {file.name for file in files}
    assert set(modes.values()) == {0o600}, modes


def test_every_connection_is_durable(tmp_path: Path) -> None:
    """A commit is on the disk when it returns, and readers do not block the writer."""
    with open_store(url_in(tmp_path), clock=StandingClock()) as store, store._database.engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_writes_begin_as_writers(tmp_path: Path) -> None:
    """A writing transaction takes its lock at the beginning, a reading one never."""
    said: list[str] = []
    with open_store(url_in(tmp_path), clock=StandingClock()) as store:
        event.listen(store._database.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
        store.runs()
        store.note_tag_proven("a")
    assert [statement for statement in said if statement.startswith("BEGIN")] == ["BEGIN", "BEGIN IMMEDIATE"]


def test_a_store_keeps_its_installation(tmp_path: Path) -> None:
    """Opening again finds the same installation and adds nothing to the audit."""
    with opened("sqlite", tmp_path) as store:
        installation, head = store.installation, store.head()
    with opened("sqlite", tmp_path) as store:
        assert (store.installation, store.head()) == (installation, head)


def test_another_store_is_another_installation(tmp_path: Path) -> None:
    """Two stores do not take each other's marks for their own."""
    found = set()
    for name in "abc":
        (tmp_path / name).mkdir()
        with opened("sqlite", tmp_path / name) as store:
            found.add(store.installation)
    assert len(found) > 1


def test_a_store_that_is_up_to_date_opens_without_the_upgrader(tmp_path: Path) -> None:
    """Neither Alembic nor the file locks are imported to open a store in use."""
    with opened("sqlite", tmp_path):
        pass
    done = subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", OPENS, url_in(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_a_copy_without_its_log_is_made_ready_again(tmp_path: Path) -> None:
    """A backup taken with VACUUM INTO, which has no write-ahead log, opens as it was."""
    with opened("sqlite", tmp_path) as store:
        installation = store.installation
    with closing(sqlite3.connect(tmp_path / "tidegate.db")) as hand:
        hand.execute("PRAGMA journal_mode = DELETE")
    with opened("sqlite", tmp_path) as store:
        assert store.installation == installation
        assert store.verify() == []


def test_an_interrupted_making_is_made_anew(tmp_path: Path) -> None:
    """An empty file, left where a process died while making the store, becomes a store."""
    (tmp_path / "tidegate.db").touch()
    with opened("sqlite", tmp_path) as store:
        assert store.verify() == []


def test_an_upgrade_under_way_is_waited_for_and_then_told(tmp_path: Path) -> None:
    """While another process makes the store, opening waits a while and then says so."""
    with FileLock(tmp_path / "tidegate.db.lock"), pytest.raises(StoreFailedError, match="making or upgrading it"):
        open_store(url_in(tmp_path), clock=StandingClock(), patience=SHORT)
