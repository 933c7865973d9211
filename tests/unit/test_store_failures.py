"""Whatever is wrong with the database is said in a sentence, and nothing is half written."""

import errno
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import InvalidRequestError, OperationalError

from adapters.store import failures, open_store, opening
from adapters.store.failures import sentence_for, told_plainly
from adapters.store.store import Store
from core.errors import StoreFailedError
from core.intent import State
from core.ports import RunRecord
from tests.contract.store_rig import (
    ACCOUNT,
    SHORT,
    START,
    StandingClock,
    brought_to,
    intent_of,
    moved_on,
    standing_of,
    take,
    url_in,
)

pytestmark = pytest.mark.migrations

NOBODY = 65534


@contextmanager
def impatient(folder: Path) -> Iterator[Store]:
    """Open a store that does not wait long for locks."""
    with open_store(url_in(folder), clock=StandingClock(), patience=SHORT) as store:
        yield store


def refusal(url: str) -> str:
    """Give the sentence with which opening fails."""
    with pytest.raises(StoreFailedError) as caught:
        open_store(url, clock=StandingClock(), patience=SHORT)
    return str(caught.value)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """Make a database in use and give its folder."""
    with impatient(tmp_path) as store:
        take(store)
        brought_to(store, intent_of(1), State.SENT)
        store.keep("run", [standing_of(str(number)) for number in range(300)])
    return tmp_path


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql+psycopg://localhost/tidegate", "PostgreSQL is not available yet"),
        ("mysql://localhost/tidegate", "not an address it knows"),
        ("sqlite://", "not an address it knows"),
        ("sqlite:///", "not an address it knows"),
        ("sqlite:///:memory:", "not an address it knows"),
        ("sqlite:///t.db?mode=ro", "not an address it knows"),
        ("tidegate.db", "not an address it knows"),
    ],
)
def test_an_address_that_cannot_be_is_refused(url: str, words: str) -> None:
    """An address of another sort says what to write instead."""
    assert words in refusal(url)
    assert "sqlite:///tidegate.db" in refusal(url)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """The folder is not made: a wrong path would begin an empty journal elsewhere."""
    assert f"the folder {tmp_path / 'none'} does not exist" in refusal(url_in(tmp_path / "none"))
    assert not (tmp_path / "none").exists()


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    """A path that is a folder says so."""
    assert "its path is a folder" in refusal(f"sqlite:///{tmp_path}")


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    """Somebody's text file is named and not touched."""
    text = "account,customer_id\n" * 200
    (tmp_path / "tidegate.db").write_text(text)
    assert "the file is not a database" in refusal(url_in(tmp_path))
    assert (tmp_path / "tidegate.db").read_text() == text


def test_another_programs_database_is_left_as_it_is(tmp_path: Path) -> None:
    """A database with tables that are not ours is named and gets none of ours."""
    with closing(sqlite3.connect(tmp_path / "tidegate.db")) as hand:
        hand.execute("CREATE TABLE notes (text)")
    assert "another program's database" in refusal(url_in(tmp_path))
    with closing(sqlite3.connect(tmp_path / "tidegate.db")) as hand:
        assert hand.execute("SELECT name FROM sqlite_master").fetchall() == [("notes",)]


def test_a_file_system_without_shared_memory_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where SQLite cannot keep its log it answers with the mode it has; that is said and not gone on with."""
    # No such file system is at hand: this stands for SQLite's answer on one.
    monkeypatch.setattr(opening, "make_write_ahead", lambda _engine: False)
    assert "name a file on a local disk" in refusal(url_in(tmp_path))


def test_a_newer_schema_is_not_touched(made: Path) -> None:
    """A database of a later version asks for that version."""
    with closing(sqlite3.connect(made / "tidegate.db")) as hand:
        hand.executescript("UPDATE schema_version SET version_num = '9999'")
    assert "a newer version of Tidegate made it" in refusal(url_in(made))


def test_a_lost_table_is_told(made: Path) -> None:
    """A database that lost a table fails in a sentence."""
    with impatient(made) as store:
        with closing(sqlite3.connect(made / "tidegate.db")) as hand:
            hand.executescript("DROP TABLE runs")
        with pytest.raises(StoreFailedError, match="could not read the runs: the file's tables are not those"):
            store.runs()


def test_a_damaged_file_is_told(made: Path) -> None:
    """Bytes gone bad in the middle are damage, said as such."""
    path = made / "tidegate.db"
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(size - 4096))
    with pytest.raises(StoreFailedError, match=r"damaged|cannot be read|not a database"), impatient(made) as store:
        store.latest()


def test_a_word_of_no_version_is_told(made: Path) -> None:
    """A row that says what no version could have written is no traceback."""
    with impatient(made) as store:
        with closing(sqlite3.connect(made / "tidegate.db")) as hand:
            hand.executescript("UPDATE intents SET action = 'nonsense'")
        with pytest.raises(StoreFailedError, match="a stored row cannot be read"):
            store.intents()


def test_a_locked_database_is_waited_for_and_then_told(made: Path) -> None:
    """While another process keeps the write lock, writes fail in a sentence after the wait, and reads go on."""
    with impatient(made) as store, closing(sqlite3.connect(made / "tidegate.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        intent = intent_of(1)
        assert len(store.open_intents()) == 1
        assert len(store.latest()) == 300
        run = RunRecord(id="run", command="plan", who="anna", begun_at=START)
        with pytest.raises(StoreFailedError, match="could not keep a run: another process keeps it locked"):
            store.keep_run(run)
        with pytest.raises(StoreFailedError, match="could not keep what was observed"):
            store.keep("run", [standing_of("1")])
        with pytest.raises(StoreFailedError, match="another process keeps it locked"):
            store.move(State.SENT, moved_on(moved_on(intent, State.SENT), State.UNCERTAIN))
        with pytest.raises(StoreFailedError, match="another process keeps it locked"), store.lease(ACCOUNT, "test"):
            pass
        other.rollback()
        store.keep_run(run)
        assert take(store) == 2
        assert store.verify() == []


def test_opening_is_not_blocked_by_a_writer(made: Path) -> None:
    """A dry run opens and reads the store while a real run is in the middle of writing."""
    with closing(sqlite3.connect(made / "tidegate.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM intents")
        with impatient(made) as store:
            assert len(store.open_intents()) == 1
        other.rollback()


def test_a_read_only_database_is_told(made: Path) -> None:
    """What may not be written says so, and stays readable."""
    with impatient(made) as store:
        with store._database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only = ON")  # stays with the pooled connection
        with pytest.raises(StoreFailedError, match="could not take account tencent-main for writing: it may not be"):
            take(store)
        assert len(store.open_intents()) == 1


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs another user to be")
def test_somebody_elses_files_are_told() -> None:
    """A file or folder that another user owns fails in a sentence, not in a traceback."""
    # Root is refused nothing, so another user asks; imports come first, for he may not read our packages.
    script = (
        "import os, sys\n"
        "from adapters.clock import SystemClock\n"
        "from adapters.store import open_store, opening, upgrade\n"
        "import filelock, encodings.idna, sqlalchemy.dialects.sqlite\n"
        "from core.errors import StoreFailedError\n"
        "open_store(sys.argv[1], clock=SystemClock()).close()\n"
        f"os.setuid({NOBODY})\n"
        "for url in sys.argv[1:]:\n"
        "    try:\n"
        "        open_store(url, clock=SystemClock()).close()\n"
        "    except StoreFailedError as error:\n"
        "        print(error)\n"
    )
    with tempfile.TemporaryDirectory() as name:  # pytest's own folder lets nobody else in
        folder = Path(name)
        folder.chmod(0o755)
        for database, mode in (("closed.db", 0o600), ("readable.db", 0o644)):
            open_store(f"sqlite:///{folder / database}", clock=StandingClock()).close()
            (folder / database).chmod(mode)
        urls = [f"sqlite:///{folder / database}" for database in ("closed.db", "readable.db", "new.db")]
        done = subprocess.run([sys.executable, "-c", script, *urls], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert done.stderr == ""
    sentences = done.stdout.splitlines()
    assert len(sentences) == 3, sentences
    assert all("check" in sentence for sentence in sentences), sentences


def test_a_full_disk_is_told_and_nothing_is_half_written(made: Path) -> None:
    """Where there is no room the whole change is taken back, and the journal goes on when there is."""
    with impatient(made) as store:
        before = (store.latest(), store.head())
        with store._database.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreFailedError, match="could not keep what was observed: the disk is full; make room"):
            store.keep("run", [standing_of(str(number), spent=1, minutes=1) for number in range(3000)])
        big = RunRecord(id="run", command="plan", who="anna", begun_at=START, plan=os.urandom(200_000).hex())
        with pytest.raises(StoreFailedError, match="could not keep a run: the disk is full"):
            store.keep_run(big)
        assert (store.latest(), store.head()) == before
        with store._database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
        store.keep_run(big)
        assert store.runs() == [big]
        assert store.verify() == []


def test_every_result_code_of_sqlite_has_a_sentence() -> None:
    """No error code that SQLite documents for failures is left to its own words."""
    told = tuple(failures._SQLITE)
    # No failures of a database: what a program asks wrongly, and answers that are none.
    ours = (
        "SQLITE_ABORT", "SQLITE_EMPTY", "SQLITE_FORMAT", "SQLITE_INTERNAL", "SQLITE_INTERRUPT", "SQLITE_MISMATCH",
        "SQLITE_MISUSE", "SQLITE_NOTFOUND", "SQLITE_RANGE", "SQLITE_NOTICE", "SQLITE_WARNING", "SQLITE_OK",
        "SQLITE_DONE", "SQLITE_ROW", "SQLITE_DENY", "SQLITE_IGNORE",
    )  # fmt: skip
    codes = [name for name in dir(sqlite3) if re.fullmatch(r"SQLITE_[A-Z]+", name) and getattr(sqlite3, name) < 102]
    results = [name for name in codes if not name.startswith(("SQLITE_CREATE", "SQLITE_DROP", "SQLITE_ALTER"))]
    actions = {
        "SQLITE_ANALYZE", "SQLITE_ATTACH", "SQLITE_DELETE", "SQLITE_DETACH", "SQLITE_FUNCTION", "SQLITE_INSERT",
        "SQLITE_PRAGMA", "SQLITE_READ", "SQLITE_RECURSIVE", "SQLITE_REINDEX", "SQLITE_SAVEPOINT", "SQLITE_SELECT",
        "SQLITE_TRANSACTION", "SQLITE_UPDATE",
    }  # fmt: skip
    assert [name for name in results if name not in actions and not name.startswith(told + ours)] == []


def test_what_is_unknown_is_told_in_its_own_words() -> None:
    """An error without a sentence of ours is not swallowed."""
    assert sentence_for(OSError(errno.ENOSPC, "No space left")) == "the disk is full; make room and try again"
    assert sentence_for(OSError(errno.EIO, "Input/output error")) == "[Errno 5] Input/output error"
    assert sentence_for(InvalidRequestError("something else")) == "something else"
    assert sentence_for(OperationalError("SELECT", {}, sqlite3.OperationalError("odd"))) == "odd"


def test_the_cause_is_kept() -> None:
    """A debugger finds what the sentence was made of."""
    cause = OSError(errno.EROFS, "Read-only file system")
    with pytest.raises(StoreFailedError, match="the disk is read-only") as caught, told_plainly("do it"):
        raise cause
    assert caught.value.__cause__ is cause
