"""Passes that write at the same time wait for each other, however many there are."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.store import open_store
from adapters.store.engine import sqlite_engine
from adapters.store.transactions import Database
from adapters.store.turns import turn_to_write
from core.errors import StoreFailedError
from tests.contract.store_rig import SHORT, StandingClock, take, url_in

WRITERS = 12


def test_many_passes_write_one_after_the_other(tmp_path: Path) -> None:
    """Each of them has a store of its own, waits longer in all than SQLite would, and none is turned away."""
    with open_store(url_in(tmp_path), clock=StandingClock(), patience=SHORT) as store:
        take(store)
    (path,) = (found for found in tmp_path.iterdir() if found.suffix == ".db")

    def write(_number: int) -> int:
        database = Database(sqlite_engine(path, patience=SHORT), StandingClock(), path)
        try:
            for _ in range(3):
                with database.writing("take its turn"):
                    time.sleep(SHORT.total_seconds() / 4)
        finally:
            database.engine.dispose()
        return 3

    with ThreadPoolExecutor(WRITERS) as threads:
        assert list(threads.map(write, range(WRITERS))) == [3] * WRITERS


def test_who_waits_too_long_says_so(tmp_path: Path) -> None:
    """A writer that stands still holds up nobody for ever."""

    def wait() -> None:
        with turn_to_write(tmp_path / "one.db", "keep a run", longest=timedelta(milliseconds=20)):
            pass

    with ThreadPoolExecutor(1) as threads, turn_to_write(tmp_path / "one.db", "keep a meter"):
        waiting = threads.submit(wait)
        with pytest.raises(StoreFailedError, match="another pass of this process has been writing"):
            waiting.result()
