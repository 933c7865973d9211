"""What was written is there after kill -9, and many who write at once do not step on each other."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.store import open_store
from core.errors import OpenIntentError
from core.intent import State
from tests.contract.store_rig import ACCOUNT, StandingClock, intent_of, opened, take, url_in

pytestmark = pytest.mark.migrations

WRITERS = 4
EACH = 10

# Records and sends one intent, and is killed by its own hand the moment that the store says it is written.
DIES = """
import os, signal, sys
from adapters.store import open_store
from core.intent import State
from tests.contract.store_rig import StandingClock, intent_of, moved_on
store = open_store(sys.argv[1], clock=StandingClock())
with store.lease("tencent-main", "dying"):
    store.record(intent_of(1))
    store.move(State.RECORDED, moved_on(intent_of(1), State.SENT))
    os.kill(os.getpid(), signal.SIGKILL)
"""

# Opens the store, perhaps first of all, and writes to an account of its own, many times.
WRITES = """
import sys
from adapters.store import open_store
from core.errors import OpenIntentError
from tests.contract.store_rig import StandingClock, intent_of, standing_of
number = int(sys.argv[2])
with open_store(sys.argv[1], clock=StandingClock()) as store, store.lease(f"account {number}", "writer") as lease:
    wins = 0
    for turn in range(int(sys.argv[3])):
        try:
            store.record(intent_of(1000 * number + turn, customer=str(turn), account=f"account {number}"))
            wins += 1
        except OpenIntentError:
            pass
        store.keep("run", [standing_of(str(turn), spent=number, minutes=turn)])
    print(store.installation, wins)
"""


def test_what_move_returned_from_survives_kill_9(tmp_path: Path) -> None:
    """A process killed right after `move` returned has left its intent as sent."""
    done = subprocess.run([sys.executable, "-c", DIES, url_in(tmp_path)], check=False)  # noqa: S603 - ours
    assert done.returncode == -9
    with opened("sqlite", tmp_path) as store:
        (intent,) = store.open_intents()
        assert intent.state is State.SENT
        assert store.verify() == []
        assert take(store) == 2


def test_processes_that_begin_at_once_share_one_store(tmp_path: Path) -> None:
    """Several processes make, open and write one store together: one installation, one open intent a customer."""
    command = [sys.executable, "-c", WRITES, url_in(tmp_path)]
    processes = [
        subprocess.Popen([*command, str(number), str(EACH)], stdout=subprocess.PIPE, text=True)  # noqa: S603 - ours
        for number in range(1, WRITERS + 1)
    ]
    answers = [process.communicate()[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0] * WRITERS
    assert len({installation for installation, _ in answers}) == 1
    assert sum(int(wins) for _, wins in answers) == EACH
    with opened("sqlite", tmp_path) as store:
        assert sorted(intent.key.customer_id for intent in store.open_intents()) == sorted(map(str, range(EACH)))
        assert len(store.latest()) == EACH
        assert store.verify() == []


@pytest.mark.parametrize("sort", ["in memory", "sqlite"])
def test_threads_that_race_for_a_customer_get_one_intent(tmp_path: Path, sort: str) -> None:
    """Of many threads that record for one customer at once exactly one succeeds, each time."""
    with opened(sort, tmp_path) as store:
        take(store)
        barrier = threading.Barrier(WRITERS)

        def race(number: int) -> int:
            wins = 0
            for turn in range(EACH):
                barrier.wait(10)
                try:
                    store.record(intent_of(1000 * number + turn, customer=str(turn)))
                    wins += 1
                except OpenIntentError:
                    continue
            return wins

        with ThreadPoolExecutor(WRITERS) as pool:
            assert sum(pool.map(race, range(1, WRITERS + 1))) == EACH
        assert len(store.open_intents(ACCOUNT)) == EACH
        assert store.verify() == []


def test_threads_may_use_one_store_for_many_accounts(tmp_path: Path) -> None:
    """More threads than pooled connections write and read side by side."""
    with open_store(url_in(tmp_path), clock=StandingClock()) as store:

        def work(number: int) -> int:
            account = f"account {number}"
            with store.lease(account, "thread"):
                store.record(intent_of(number, customer=str(number), account=account))
                return len(store.open_intents(account))

        with ThreadPoolExecutor(16) as pool:
            assert list(pool.map(work, range(16))) == [1] * 16
        assert store.verify() == []
