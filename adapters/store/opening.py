"""Opening a store: from its address to a Store at this version's schema. Called by open_store."""

from datetime import timedelta
from pathlib import Path

from adapters.store.engine import create_file, is_write_ahead, make_write_ahead, sqlite_engine
from adapters.store.failures import told_plainly
from adapters.store.store import Store
from adapters.store.tables import HEAD
from adapters.store.transactions import Database
from adapters.store.versions import version_of
from core.errors import StoreFailedError
from core.ports import Clock

_SQLITE = "sqlite:///"
_POSTGRESQL = "postgresql"


def opened(url: str, *, clock: Clock, patience: timedelta) -> Store:
    """Open it, making or upgrading it where needed; raises StoreFailedError."""
    path = _path_of(url)
    doing = f"open {path}"
    if not path.parent.is_dir():
        raise StoreFailedError(doing, f"the folder {path.parent} does not exist; make it first")
    if path.is_dir():
        raise StoreFailedError(doing, "its path is a folder; name a file in it")
    with told_plainly(doing):
        create_file(path)
    database = Database(sqlite_engine(path, patience=patience), clock, path)
    try:
        if not _is_ready(database, doing):
            _make_ready(database, doing, patience)
        return Store(database)
    except BaseException:
        database.engine.dispose()
        raise


def mark_of(url: str) -> tuple[int, int] | None:
    """Give what makes the store's file this one, None where there is no such file. Raises StoreFailedError."""
    try:
        facts = _path_of(url).stat()
    except OSError:
        return None
    return facts.st_dev, facts.st_ino


def _path_of(url: str) -> Path:
    if url.startswith(_POSTGRESQL):
        why = 'PostgreSQL is not available yet; write store = "sqlite:///tidegate.db"'
        raise StoreFailedError("open its database", why)
    name = url.removeprefix(_SQLITE)
    if name == url or name in ("", ":memory:") or "?" in name:
        why = f'{url!r} is not an address it knows; write a file, such as "sqlite:///tidegate.db"'
        raise StoreFailedError("open its database", why)
    return Path(name)


def _is_ready(database: Database, doing: str) -> bool:
    with database.reading(doing) as connection:
        return version_of(connection, doing) == HEAD and is_write_ahead(connection)


def _make_ready(database: Database, doing: str, patience: timedelta) -> None:
    from filelock import FileLock, Timeout  # noqa: PLC0415 - needed once in a store's life; see leases

    from adapters.store.upgrade import upgrade  # noqa: PLC0415 - Alembic takes 0.1 s to import

    # Several processes may find the store missing at the same time; turning the write-ahead log on waits for nobody.
    lock = FileLock(database.path.with_name(f"{database.path.name}.lock"), mode=0o600, fallback_to_soft=False)
    with told_plainly(doing):
        try:
            lock.acquire(timeout=patience.total_seconds())
        except Timeout as error:
            raise StoreFailedError(doing, "another process is making or upgrading it; try again") from error
    try:
        with told_plainly(doing):
            write_ahead = make_write_ahead(database.engine)
        if not write_ahead:
            raise StoreFailedError(doing, "its file system cannot keep a write-ahead log; name a file on a local disk")
        upgrade(database, doing)
    finally:
        lock.release()
