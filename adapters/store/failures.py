"""The one place where a database's or file system's failure becomes a sentence.

Called by the transactions, the opening and the leases. Every failure becomes StoreFailedError: the cause is kept for
a debugger, the sentence is for the person at the terminal.
"""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from core.errors import StoreFailedError

# By the beginning of SQLite's result code names (sqlite.org/rescode.html); the longest that fits decides.
_SQLITE = {
    "SQLITE_BUSY": "another process keeps it locked; see what else is using the file and try again",
    "SQLITE_LOCKED": "another connection of this process keeps it locked; try again",
    "SQLITE_READONLY": "it may not be written; check who owns the file and folder, and whether the disk is read-only",
    "SQLITE_PERM": "it may not be opened; check who owns the file and its folder",
    "SQLITE_AUTH": "it may not be opened; check who owns the file and its folder",
    "SQLITE_FULL": "the disk is full; make room and try again",
    "SQLITE_CANTOPEN": "the file could not be opened; check that its folder exists and may be written",
    "SQLITE_CORRUPT": "the file is damaged; keep a copy of it and restore the last backup",
    "SQLITE_NOTADB": "the file is not a database; check the path, or restore the last backup",
    "SQLITE_IOERR": "the disk failed to read or write the file; check the disk",
    "SQLITE_NOLFS": "the file is larger than this file system allows",
    "SQLITE_TOOBIG": "a value is larger than a database row may be",
    "SQLITE_NOMEM": "the machine is out of memory",
    "SQLITE_PROTOCOL": "another process keeps it locked; see what else is using the file and try again",
    "SQLITE_CONSTRAINT": "it contradicts what is stored already",
    "SQLITE_SCHEMA": "the file's tables are not those of this version",
    "SQLITE_ERROR": "the file's tables are not those of this version",
}
_SYSTEM = {
    errno.ENOSPC: "the disk is full; make room and try again",
    errno.EDQUOT: "the disk quota is used up; make room and try again",
    errno.EACCES: "it may not be written; check who owns the file and its folder",
    errno.EPERM: "it may not be written; check who owns the file and its folder",
    errno.EROFS: "the disk is read-only",
    errno.ENOENT: "its folder does not exist; make it first",
    errno.ENOTDIR: "its folder does not exist; make it first",
    errno.EISDIR: "its path is a folder, not a file",
    errno.EMFILE: "the process has too many files open",
    errno.ENAMETOOLONG: "its path is too long",
}


@contextmanager
def told_plainly(doing: str) -> Iterator[None]:
    """Turn what fails inside into StoreFailedError; `doing` continues "the store could not ..."."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise StoreFailedError(doing, sentence_for(error)) from error


def sentence_for(error: SQLAlchemyError | sqlite3.Error | OSError) -> str:
    """Say in a sentence what failed and what to do."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        name: str = getattr(cause, "sqlite_errorname", "")  # absent where the module itself raised
        known = [sentence for prefix, sentence in _SQLITE.items() if name.startswith(prefix)]
        return f"{known[0]} ({cause})" if known else str(cause)
    if isinstance(cause, OSError) and cause.errno in _SYSTEM:
        return _SYSTEM[cause.errno]
    return str(cause)
