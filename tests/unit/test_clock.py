"""The real clock and the real names."""

import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import FrameType

import pytest
import time_machine
from ulid import ULID

from adapters.clock import SystemClock, UlidIds

LONG = timedelta(seconds=30)


def test_now_is_aware_utc() -> None:
    """The time carries its zone, and is the machine's."""
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert abs(datetime.now(UTC) - now) < LONG


def test_sleep_lasts_as_long_as_asked() -> None:
    """Without a request to stop a sleep ends by itself, not before its time."""
    clock = SystemClock()
    begun = time.monotonic()
    clock.sleep(timedelta(milliseconds=50))
    assert time.monotonic() - begun >= 0.05
    assert not clock.stopping()


@pytest.mark.parametrize("duration", [timedelta(0), timedelta(seconds=-5)])
def test_no_time_is_no_sleep(duration: timedelta) -> None:
    """Nothing, or less, is not waited for."""
    begun = time.monotonic()
    SystemClock().sleep(duration)
    assert time.monotonic() - begun < 1


def test_a_request_to_stop_wakes_every_sleeper() -> None:
    """All threads that sleep wake at once, and none sleeps again."""
    clock = SystemClock()
    begun = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        sleepers = [pool.submit(clock.sleep, LONG) for _ in range(8)]
        threading.Timer(0.1, clock.request_stop).start()
        for sleeper in sleepers:
            sleeper.result(timeout=10)
    clock.sleep(timedelta.max)
    assert clock.stopping()
    assert time.monotonic() - begun < 10


def test_a_signal_handler_may_request_the_stop() -> None:
    """A signal that interrupts the sleeping thread itself ends the sleep, as often as it comes."""
    clock = SystemClock()

    def handle(_number: int, _frame: FrameType | None) -> None:
        clock.request_stop()
        clock.request_stop()

    before = signal.signal(signal.SIGALRM, handle)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        begun = time.monotonic()
        clock.sleep(LONG)
        assert time.monotonic() - begun < 10
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert clock.stopping()


def test_ids_are_ulids_of_now() -> None:
    """An id has 26 characters and carries the time at which it was made."""
    name = UlidIds().ulid()
    assert len(name) == 26
    assert abs(ULID.from_str(name).datetime - datetime.now(UTC)) < LONG


def test_ids_rise_strictly_in_all_threads() -> None:
    """No two ids are equal, and each thread's are in the order they were made."""
    ids = UlidIds()
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: [ids.ulid() for _ in range(500)], range(4)))
    assert all(each == sorted(each) for each in made)
    assert len({name for each in made for name in each}) == 2000


def test_ids_rise_when_the_clock_is_set_back() -> None:
    """A machine whose clock is set back does not order new intents before old ones."""
    ids = UlidIds()
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC)):
        later = ids.ulid()
    assert ids.ulid() > later
