"""What every test shares: where its files lie, and a new store's schema that is made by the migrations once.

No test may notice either. What is about the migrations themselves is marked `migrations` and runs them.
"""

import functools
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from adapters.store import upgrade

MEMORY_DISK = Path("/dev/shm")  # noqa: S108 - only the folders that pytest makes in it
ROOM = 2 << 30  # bytes that must be free there

# Nothing here proves what a disk does at a power loss; what survives a killed process survives in memory as well.
if MEMORY_DISK.is_dir() and os.access(MEMORY_DISK, os.W_OK) and shutil.disk_usage(MEMORY_DISK).free > ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY_DISK))

_shipped = functools.cache(upgrade.migrations)
_really_run = upgrade._run
_by_rote: dict[tuple[str, str | None], Sequence[str]] = {}


@pytest.fixture(autouse=True)
def _schema_by_rote(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a new store repeat the statements that the migrations led to: they take thirty milliseconds each time."""
    if request.node.get_closest_marker("migrations") is None:
        monkeypatch.setattr(upgrade, "migrations", _shipped)
        monkeypatch.setattr(upgrade, "_run", _run_by_rote)


def _run_by_rote(connection: Connection, scripts: ScriptDirectory) -> None:
    made = (scripts.dir, scripts.get_current_head())
    if _statements(connection):
        _really_run(connection, scripts)
    elif made not in _by_rote:
        _really_run(connection, scripts)
        _by_rote[made] = [*_statements(connection), *_rows(connection)]
    else:
        for statement in _by_rote[made]:
            connection.exec_driver_sql(statement)


def _statements(connection: Connection) -> list[str]:
    query = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
    return [str(sql) for (sql,) in connection.exec_driver_sql(query)]


def _rows(connection: Connection) -> list[str]:
    """Give what the migrations themselves wrote as statements: the version, in a table of one text."""
    tables = [
        str(name) for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
    ]
    written = {name: connection.exec_driver_sql(f'SELECT * FROM "{name}"').all() for name in tables}  # noqa: S608 - our own tables
    filled = {name: rows for name, rows in written.items() if rows}
    ((name, ((version,),)),) = filled.items()
    return [f"INSERT INTO \"{name}\" VALUES ('{version}')"]  # noqa: S608 - our own table and number
