"""What the journal promises of leases: one writer per account, and epochs that only rise."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import IntentMovedError, LeaseHeldError
from core.ports import Lease
from tests.contract.store_rig import (
    ACCOUNT,
    SHORT,
    STORES,
    AnyStore,
    StandingClock,
    intent_of,
    opened,
    take,
    url_in,
)

# Takes the account, says so, and keeps it until it is killed.
HOLDER = """
import sys, time
from adapters.clock import SystemClock
from adapters.store import open_store
with open_store(sys.argv[1], clock=SystemClock()) as store, store.lease(sys.argv[2], "the other process") as lease:
    print(lease.epoch, flush=True)
    time.sleep(60)
"""


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AnyStore]:
    """Give a new store."""
    with opened(request.param, tmp_path) as new:
        yield new


def test_epochs_rise_by_one_in_each_account(store: AnyStore) -> None:
    """Every take-over has an epoch higher than any before, each account its own."""
    assert [take(store), take(store), take(store, "other"), take(store)] == [1, 2, 1, 3]


def test_a_held_account_is_refused_and_others_are_not(store: AnyStore) -> None:
    """While an account is held nobody else gets it, in another thread either, and its epoch stays."""
    found: list[object] = []

    def try_it() -> None:
        try:
            with store.lease(ACCOUNT, "thread", timeout=SHORT):
                found.append("taken")
        except LeaseHeldError as error:
            found.append(str(error))
        with store.lease("other", "thread") as lease:
            found.append(lease)

    with store.lease(ACCOUNT, "test"):
        thread = threading.Thread(target=try_it)
        thread.start()
        thread.join()
        assert found == [
            "another Tidegate process is writing to account tencent-main",
            Lease(account="other", epoch=1),
        ]
    assert take(store) == 2


def test_a_holder_that_lets_go_in_time_is_waited_for(store: AnyStore) -> None:
    """A lease that becomes free within the wait is taken."""
    holds, lets_go = threading.Event(), threading.Event()

    def hold() -> None:
        with store.lease(ACCOUNT, "thread"):
            holds.set()
            lets_go.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    assert holds.wait(10)
    threading.Timer(0.1, lets_go.set).start()
    with store.lease(ACCOUNT, "test", timeout=timedelta(seconds=10)) as lease:
        assert lease.epoch == 2
    thread.join()


def test_one_thread_cannot_hold_an_account_twice(store: AnyStore) -> None:
    """Not even the holder itself gets a second lease: it would make its own first one old."""
    with store.lease(ACCOUNT, "test"), pytest.raises(LeaseHeldError), store.lease(ACCOUNT, "test", timeout=SHORT):
        pass
    assert take(store) == 2


def test_a_lease_ends_with_whatever_happened_inside(store: AnyStore) -> None:
    """An error under a lease gives the account back."""
    with pytest.raises(RuntimeError), store.lease(ACCOUNT, "test"):
        raise RuntimeError
    assert take(store) == 2


def test_accounts_with_alike_names_do_not_share_a_lease(store: AnyStore) -> None:
    """Names that no file could carry are accounts of their own."""
    names = ["a/b", "a_b", "a:b", "../a", "Ä" * 60]
    for name in names:
        with store.lease(name, "test"):
            for other in set(names) - {name}:
                with store.lease(other, "test", timeout=SHORT):
                    pass


def test_a_lease_is_on_record(store: AnyStore) -> None:
    """Who took which account when is in the audit."""
    take(store)
    row = store.audit()[-1]
    assert (row.event, row.who, row.account, row.body) == ("lease_taken", "test", ACCOUNT, {"epoch": 1})


def test_two_stores_over_one_file_keep_each_other_out(tmp_path: Path) -> None:
    """Exclusion is the file's, not the object's."""
    with opened("sqlite", tmp_path) as one, opened("sqlite", tmp_path) as two:
        with one.lease(ACCOUNT, "one"), pytest.raises(LeaseHeldError), two.lease(ACCOUNT, "two", timeout=SHORT):
            pass
        assert take(two) == 2


def test_a_killed_holder_loses_the_account_at_once(tmp_path: Path) -> None:
    """Kill -9 frees the account, and what the dead process had under its epoch can no longer be written."""
    with opened("sqlite", tmp_path, StandingClock()) as store:
        holder = subprocess.Popen(  # noqa: S603 - our own interpreter and text
            [sys.executable, "-c", HOLDER, url_in(tmp_path), ACCOUNT], stdout=subprocess.PIPE, text=True
        )
        with holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "1\n"
            with pytest.raises(LeaseHeldError), store.lease(ACCOUNT, "test", timeout=SHORT):
                pass
            holder.kill()
            holder.wait()
            begun = time.monotonic()
            with store.lease(ACCOUNT, "test") as lease:
                assert lease.epoch == 2
                with pytest.raises(IntentMovedError):
                    store.record(intent_of(1, epoch=1))
                store.record(intent_of(1, epoch=2))
            assert time.monotonic() - begun < 1
