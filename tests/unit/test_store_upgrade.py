"""A store of an earlier version becomes one of this version with all that is in it, or stays as it was."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from adapters.store import open_store, opening, upgrade
from adapters.store.store import Store
from core.errors import StoreFailedError
from core.intent import State
from core.limit import WritePolicy
from tests.contract.store_rig import (
    ACCOUNT,
    START,
    StandingClock,
    book_of,
    key_of,
    limit_of,
    metered_of,
    schema_of,
    standing_of,
    take,
    url_in,
)

pytestmark = pytest.mark.migrations

FIRST_SCHEMA = Path(__file__).with_name("store_v0001.sql")
MIGRATIONS = Path(upgrade.__file__).with_name("migrations")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a store as the first version left it and give its folder."""
    with closing(sqlite3.connect(tmp_path / "tidegate.db")) as hand:
        hand.executescript(FIRST_SCHEMA.read_text(encoding="utf-8"))
    return tmp_path


def store_in(folder: Path) -> Store:
    """Open the store that lies there."""
    return open_store(url_in(folder), clock=StandingClock())


def version_in(folder: Path) -> str:
    """Ask the database for its schema's version."""
    with closing(sqlite3.connect(folder / "tidegate.db")) as hand:
        (version,) = hand.execute("SELECT version_num FROM schema_version").fetchone()
    return str(version)


def test_an_upgraded_store_has_the_schema_of_a_new_one(folder: Path) -> None:
    """Whichever way a database came to this version, its tables are the same."""
    store_in(folder).close()
    (folder / "new").mkdir()
    store_in(folder / "new").close()
    assert version_in(folder) == version_in(folder / "new") == "0003"
    assert schema_of(folder / "tidegate.db") == schema_of(folder / "new" / "tidegate.db")


def test_the_journal_is_as_it_was(folder: Path) -> None:
    """Intents, decisions and the whole audit stay, to the last digest, and the next lease is a new epoch."""
    with closing(sqlite3.connect(folder / "tidegate.db")) as hand:
        (head,) = hand.execute("SELECT digest FROM audit ORDER BY number DESC LIMIT 1").fetchone()
    with store_in(folder) as store:
        assert store.head() == head
        assert store.verify() == []
        assert [intent.state for intent in store.open_intents()] == [State.UNCERTAIN, State.RECORDED]
        assert {intent.state for intent in store.intents()} > {State.SETTLED_APPLIED, State.REFUSED}
        assert [dispute.id for dispute in store.disputes()] == ["a"]
        assert [pause.why for pause in store.pauses(START)] == ["move"]
        assert [run.plan for run in store.runs()] == ['{"corrections": []}']
        assert store.tag_proven(ACCOUNT)
        assert take(store) == 2


def test_accepted_limits_are_not_accepted_anew(folder: Path) -> None:
    """A limit that was accepted before asks for the same after the upgrade."""
    raised = replace(limit_of("200", line=3), write_policy=WritePolicy.RAISE_ONLY)
    with store_in(folder) as store:
        assert store.limits_changed([limit_of("100"), raised], [ACCOUNT]) == []
        (change,) = store.limits_changed([limit_of("100")], [ACCOUNT])
    assert (change.old, change.new) == (raised, None)


def test_what_was_not_known_then_is_unknown(folder: Path) -> None:
    """Books and standings come back with nothing in the columns that are new."""
    added = ("drift_at", "opened_at", "restriction", "cause", "restricted_since", "freed_at")
    nothing: dict[str, None] = dict.fromkeys(added)
    with store_in(folder) as store:
        assert store.books(ACCOUNT) == {
            key_of("100"): replace(book_of("100"), drift=None, **nothing),  # type: ignore[arg-type] # all are optional
            key_of("200"): replace(book_of("200"), **nothing),  # type: ignore[arg-type] # as above
        }
        assert store.latest() == {
            key_of("100"): replace(standing_of("100", minutes=10), associated_at=None),
            key_of("200"): replace(standing_of("200", spent=6, minutes=10), associated_at=None),
        }
        assert store.earlier(key_of("200"), START) == replace(standing_of("200", spent=5), associated_at=None)


def test_an_upgraded_store_goes_on(folder: Path) -> None:
    """What this version writes is kept beside what the first one wrote."""
    with store_in(folder) as store:
        assert store.keep_meters([metered_of()]) == 1
        store.keep_books([book_of("100", granted=7)])
        store.keep("run", [standing_of("100", spent=9, minutes=20)])
    with store_in(folder) as store:
        assert store.books(ACCOUNT)[key_of("100")] == book_of("100", granted=7)
        assert store.latest()[key_of("100")] == standing_of("100", spent=9, minutes=20)
        assert len(store.days(since=date(2026, 11, 22), until=date(2026, 11, 22))) == 1
        assert store.verify() == []


def test_an_upgrade_that_fails_has_changed_nothing(folder: Path) -> None:
    """Where a step cannot be made, those before it are taken back with it."""
    with closing(sqlite3.connect(folder / "tidegate.db")) as hand:
        hand.execute("CREATE TABLE months (text)")
    before = schema_of(folder / "tidegate.db")
    with pytest.raises(StoreFailedError, match="could not open"):
        store_in(folder)
    assert version_in(folder) == "0001"
    assert schema_of(folder / "tidegate.db") == before


def test_the_version_before_refuses_an_upgraded_store(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code that lacks the newest schema asks for a newer Tidegate and touches nothing."""
    store_in(folder).close()
    then = folder / "migrations"
    shutil.copytree(MIGRATIONS, then)
    (then / "versions" / "v0003_alerts.py").unlink()
    # What makes code older: the steps it has, and the last of them.
    monkeypatch.setattr(upgrade, "migrations", lambda: ScriptDirectory(str(then)))
    monkeypatch.setattr(opening, "HEAD", "0002")
    with pytest.raises(StoreFailedError, match="a newer version of Tidegate made it; upgrade this one"):
        store_in(folder)
    assert version_in(folder) == "0003"


def test_a_store_of_the_second_schema_gets_its_outbox(folder: Path) -> None:
    """A store that lacks alerts and messages alone gets them, and what was metered is left as it was."""
    with store_in(folder) as store:
        store.keep_meters([metered_of()])
    with closing(sqlite3.connect(folder / "tidegate.db")) as hand:
        hand.executescript("DROP TABLE alerts; DROP TABLE messages; UPDATE schema_version SET version_num = '0002'")
    with store_in(folder) as store:
        assert (store.standing_alerts(), store.messages(), store.old_alerts()) == ([], [], [])
        assert set(store.meters(ACCOUNT)) == {key_of()}
        assert store.verify() == []
    assert version_in(folder) == "0003"
