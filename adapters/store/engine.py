"""The SQLite engine: connections with the durability and the locking that the journal needs.

Called by opening alone. Everything that only SQLite understands is in this file; another database gets a sibling.
"""

import os
import sqlite3
from datetime import timedelta
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event

WRITING = "tidegate_writing"  # execution option of a connection whose transaction is going to write


def create_file(path: Path) -> None:
    """Make an empty database file that nobody else may read, if there is none; raises OSError.

    SQLite gives its write-ahead log and shared memory the same mode. An existing file keeps the mode it has.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        return
    # The name must outlast a power loss as well: SQLite syncs what is in the file, not the folder it is in.
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def sqlite_engine(path: Path, *, patience: timedelta) -> Engine:
    """Give an engine over the file; opens nothing yet. A locked database is waited for as long as `patience`."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": patience.total_seconds(), "check_same_thread": False},
        poolclass=QueuePool,
        pool_size=4,
        max_overflow=-1,  # a thread that must write may never wait for another one's connection
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def is_write_ahead(connection: Connection) -> bool:
    """Whether readers and the one writer already stay out of each other's way."""
    return str(connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()) == "wal"


def make_write_ahead(engine: Engine) -> bool:
    """Turn the write-ahead log on, for good; needs the file for itself for a moment.

    False where the file system has no shared memory for it, as some network ones.
    """
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        (mode,) = cursor.fetchone() or ("",)
        cursor.close()
    finally:
        raw.close()
    return bool(mode == "wal")


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own BEGINs come too late (a read would not hold its snapshot) and are never IMMEDIATE.
    connection.isolation_level = None
    # FULL: a commit is on the disk when it returns. With NORMAL a power loss may take the last ones back.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    # IMMEDIATE takes the write lock at once and waits for it; a transaction that begins as a reader and then writes
    # fails without waiting when another one wrote in between.
    writing = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
