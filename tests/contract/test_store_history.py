"""What the journal promises of its audit: everything that changed, in one chain that shows when it was touched."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from core.intent import State
from tests.contract.store_rig import (
    ACCOUNT,
    START,
    STORES,
    AnyStore,
    StandingClock,
    brought_to,
    dispute_of,
    intent_of,
    key_of,
    opened,
    take,
)


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AnyStore]:
    """Give a new store."""
    with opened(request.param, tmp_path) as new:
        yield new


def test_a_new_store_begins_the_chain(store: AnyStore) -> None:
    """The first row says that the store was made, and for which installation."""
    (row,) = store.audit()
    assert (row.number, row.event, row.body) == (1, "store_made", {"installation": store.installation})
    assert store.head() == row.digest
    assert store.verify() == []


def test_an_installation_has_four_plain_characters(store: AnyStore) -> None:
    """The installation fits into a mark."""
    assert len(store.installation) == 4
    assert store.installation.isascii()
    assert store.installation.isalnum()
    assert store.installation == store.installation.upper()


def test_an_intents_life_is_in_its_customers_history(store: AnyStore) -> None:
    """From recording to settlement every step is one row, with what it changed and by whom."""
    take(store)
    brought_to(store, intent_of(1), State.SETTLED_APPLIED)
    rows = store.audit(key_of())
    assert [(row.event, row.body.get("from"), row.body["state"]) for row in rows] == [
        ("intent_recorded", None, "recorded"),
        ("intent_moved", "recorded", "sent"),
        ("intent_moved", "sent", "confirmed"),
        ("intent_moved", "confirmed", "settled_applied"),
    ]
    assert {(row.who, row.account, row.body["mark"]) for row in rows} == {("anna", ACCOUNT, intent_of(1).mark)}
    assert store.verify() == []


def test_every_row_links_to_the_one_before(store: AnyStore) -> None:
    """Numbers have no gap, digests are all different, and the head is the last."""
    take(store)
    brought_to(store, intent_of(1), State.REFUSED)
    rows = store.audit()
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert len({row.digest for row in rows}) == len(rows)
    assert store.head() == rows[-1].digest


def test_a_note_carries_whatever_is_said(store: AnyStore) -> None:
    """A note of one's own is a row with the time given; what JSON does not have is kept as text."""
    body = {"seconds": timedelta(seconds=3), "who": "Jürgen", "nested": {"list": [1, None, True]}}
    store.note("drift", who="anna", at=START, account=ACCOUNT, key=key_of(), body=body)
    store.note("nothing more", who="anna", at=START)
    row = store.audit(key_of())[0]
    assert row.body == {"seconds": "0:00:03", "who": "Jürgen", "nested": {"list": [1, None, True]}}
    assert (row.event, row.at, row.account, row.key) == ("drift", START, ACCOUNT, key_of())
    assert store.audit()[-1].body == {}
    assert store.verify() == []


def test_what_fails_is_not_in_the_chain(store: AnyStore) -> None:
    """A change that was refused leaves no row."""
    before = store.head()
    with pytest.raises(KeyError):
        store.close_dispute("unknown", who="anna", why="", at=START)
    assert store.head() == before


def test_reading_leaves_no_trace(store: AnyStore) -> None:
    """No question appends to the chain."""
    before = store.head()
    store.intents()
    store.open_intents()
    store.limits_changed([], [ACCOUNT])
    store.verify()
    assert store.head() == before


TAMPERING = {
    "UPDATE audit SET body = replace(body, '2500', '9900') WHERE number = 3": ["row 3 (intent_recorded"],
    "UPDATE audit SET who = 'eve' WHERE number = 4": ["row 4 (intent_moved"],
    "UPDATE audit SET at = '2026-11-22T08:30:00.000000Z' WHERE number = 5": ["row 5 (intent_moved"],
    "UPDATE audit SET digest = 'd' WHERE number = 5": ["row 5 (intent_moved", "row 6 (dispute_opened"],
    "UPDATE audit SET body = 'no JSON' WHERE number = 6": ["row 6 (dispute_opened"],
    "UPDATE audit SET customer_id = NULL, vendor = NULL WHERE number = 6": ["row 6 (dispute_opened"],
    "DELETE FROM audit WHERE number = 2": ["row 2 missing before row 3"],
    "DELETE FROM audit WHERE number = 6; DELETE FROM audit WHERE number = 2": ["row 2 missing"],
    "DELETE FROM audit WHERE number BETWEEN 4 AND 5": ["rows 4 to 5 missing before row 6", "state"],
    "DELETE FROM audit WHERE number <= 2": ["rows 1 to 2 missing before row 3"],
    "UPDATE intents SET state = 'settled_not_applied'": ["is not as the audit says: state differ"],
    "UPDATE intents SET wanted_granted_cents = 1": ["is not as the audit says: wanted differ"],
    "UPDATE intents SET action = 'nonsense'": ["cannot be read"],
    "UPDATE intents SET id = '7'": ["intent 7 is stored, but the audit never recorded it", "no longer stored"],
    "DELETE FROM intents": ["is in the audit, but is no longer stored"],
}


@pytest.mark.parametrize("statement", sorted(TAMPERING))
def test_tampering_is_found(tmp_path: Path, statement: str) -> None:
    """Whatever is changed or removed in the database by hand is named by the verification."""
    with opened("sqlite", tmp_path, StandingClock()) as store:
        take(store)
        brought_to(store, intent_of(1), State.CONFIRMED)
        store.open_dispute(dispute_of("a"))
        assert store.verify() == []
        with closing(sqlite3.connect(tmp_path / "tidegate.db")) as hand:
            hand.executescript(statement)
        found = store.verify()
        for words in TAMPERING[statement]:
            assert any(words in sentence for sentence in found), found


def test_rows_cut_off_at_the_end_show_in_the_head(tmp_path: Path) -> None:
    """A chain cut short verifies, but its head is not the one that was logged."""
    with opened("sqlite", tmp_path) as store:
        store.note("last", who="anna", at=START)
        logged = store.head()
        with closing(sqlite3.connect(tmp_path / "tidegate.db")) as hand:
            hand.executescript("DELETE FROM audit WHERE number = 2")
        assert store.verify() == []
        assert store.head() != logged
