import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest

from adapters.wire import Priority, rates
from adapters.wire.failures import SendWindowClosedError, StoppedError
from adapters.wire.rates import Rates


def never() -> bool:
    """Nobody asked to stop."""
    return False


class Vendor:
    """Enforces `limit` calls in any `seconds`, counting refused calls too, as a gateway does."""

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit = limit
        self._seconds = seconds
        self._times: deque[float] = deque()
        self._lock = threading.Lock()
        self.throttled = 0

    def call(self) -> None:
        """Count a call, and whether it was one too many."""
        with self._lock:
            now = time.monotonic()
            while self._times and now - self._times[0] >= self._seconds:
                self._times.popleft()
            self._times.append(now)
            self.throttled += len(self._times) > self._limit


def in_threads(count: int, work: Callable[[], None]) -> None:
    """Run the work in so many threads at once."""
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_bulk_read_is_hardly_throttled() -> None:
    """At 0.9 of the rate, from eight threads, at most 2 % of the calls are too many in some sliding window."""
    limit, seconds, calls = 10, 0.2, 96  # 50 per second in windows of a fifth, so that the test is short
    vendor = Vendor(limit, seconds)
    paced = Rates({"read": limit / seconds}, share=0.9, stopping=never)

    def read() -> None:
        for _ in range(calls // 8):
            paced.wait("read", Priority.BULK)
            vendor.call()

    begun = time.monotonic()
    in_threads(8, read)
    taken = time.monotonic() - begun
    assert vendor.throttled <= calls * 0.02
    assert taken >= (calls - 1) / (limit / seconds)


def test_there_is_no_burst_at_the_start() -> None:
    """The first calls are as far apart as all others."""
    paced = Rates({"read": 20}, share=1, stopping=never)
    times = []
    for _ in range(4):
        paced.wait("read", Priority.BULK)
        times.append(time.monotonic())
    assert all(later - earlier >= 0.045 for earlier, later in pairwise(times))


def test_the_most_urgent_goes_first() -> None:
    """When several wait for the same operation, verification goes before writes, and writes before bulk reads."""
    paced = Rates({"read": 5}, share=1, stopping=never)
    paced.wait("read", Priority.BULK)
    order: list[Priority] = []

    def wait(priority: Priority) -> None:
        paced.wait("read", priority)
        order.append(priority)

    threads = []
    for priority in (Priority.BULK, Priority.BULK, Priority.WRITE, Priority.VERIFY):
        threads.append(threading.Thread(target=wait, args=(priority,)))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert order == [Priority.VERIFY, Priority.WRITE, Priority.BULK, Priority.BULK]


def test_operations_and_accounts_do_not_wait_for_each_other() -> None:
    """Each operation of each account has a pace of its own."""
    here = Rates({"read": 0.1, "write": 0.1}, share=1, stopping=never)
    there = Rates({"read": 0.1}, share=1, stopping=never)
    begun = time.monotonic()
    here.wait("read", Priority.BULK)
    here.wait("write", Priority.WRITE)
    there.wait("read", Priority.BULK)
    assert time.monotonic() - begun < 0.1


def test_an_operation_without_a_documented_rate_is_a_mistake() -> None:
    """It fails at once instead of going out unpaced."""
    with pytest.raises(KeyError):
        Rates({"read": 1}, share=1, stopping=never).wait("raed", Priority.BULK)


def test_a_wait_ends_when_the_process_is_asked_to_stop() -> None:
    """A stop is noticed within a glance, also in the middle of a long wait."""
    stopping = threading.Event()
    paced = Rates({"read": 0.1}, share=1, stopping=stopping.is_set)
    paced.wait("read", Priority.BULK)
    threading.Timer(0.05, stopping.set).start()
    begun = time.monotonic()
    with pytest.raises(StoppedError):
        paced.wait("read", Priority.BULK)
    assert time.monotonic() - begun < 1


def test_a_turn_that_comes_too_late_is_refused_at_once() -> None:
    """A write does not wait for a turn that lies behind its window, and leaves the queue to others."""
    paced = Rates({"write": 5}, share=1, stopping=never)
    paced.wait("write", Priority.WRITE)
    begun = time.monotonic()
    with pytest.raises(SendWindowClosedError):
        paced.wait("write", Priority.WRITE, seconds=0.05)
    assert time.monotonic() - begun < 0.05
    paced.wait("write", Priority.WRITE, seconds=1)


def test_a_turn_behind_others_is_refused_when_its_time_is_over() -> None:
    """One that waits behind a more urgent call gives up at the end of its window."""
    paced = Rates({"write": 2}, share=1, stopping=never)
    paced.wait("write", Priority.WRITE)
    urgent = threading.Thread(target=paced.wait, args=("write", Priority.VERIFY))
    urgent.start()
    time.sleep(0.05)
    with pytest.raises(SendWindowClosedError):
        paced.wait("write", Priority.WRITE, seconds=0.15)
    urgent.join()


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Hands:
    """Minutes of back-off pass by hand: nobody would wait for them."""
    hands = Hands()
    monkeypatch.setattr(rates, "monotonic", hands)
    return hands


def turn_within(paced: Rates, seconds: float) -> bool:
    """Whether a call would be let through now, or so soon."""
    try:
        paced.wait("read", Priority.BULK, seconds=seconds)
    except SendWindowClosedError:
        return False
    return True


def test_throttling_halves_the_allowance_and_cools_down(clock: Hands) -> None:
    """After a throttled call nothing goes out for half a second to a second, and then at half the pace."""
    paced = Rates({"read": 10}, share=1, stopping=never)
    paced.throttled("read")
    assert paced.allowance("read") == 0.5
    assert not turn_within(paced, 0.4)
    clock.time += 1.0
    assert turn_within(paced, 0.0001)
    clock.time += 0.15
    assert not turn_within(paced, 0.01)
    clock.time += 0.06
    assert turn_within(paced, 0.0001)


def test_calls_under_way_together_count_as_one_throttling(clock: Hands) -> None:
    """Sixteen threads that are throttled at once halve the allowance once."""
    paced = Rates({"read": 10}, share=1, stopping=never)
    for _ in range(16):
        paced.throttled("read")
    assert paced.allowance("read") == 0.5
    assert clock.time == 1000.0


def test_cool_downs_grow_to_thirty_seconds_and_the_allowance_never_reaches_zero(clock: Hands) -> None:
    """A vendor that goes on throttling is asked ever less, but always again."""
    paced = Rates({"read": 10}, share=1, stopping=never)
    for _ in range(12):
        paced.throttled("read")
        clock.time += 31
    assert paced.allowance("read") == 1 / 16
    paced.throttled("read")
    clock.time += 14.9
    assert not turn_within(paced, 0.01)
    clock.time += 15.2
    assert turn_within(paced, 0.01)


@pytest.mark.parametrize(("asked", "cool"), [(20.0, 20.0), (5000.0, 300.0)])
def test_the_vendors_own_wish_is_honoured(clock: Hands, asked: float, cool: float) -> None:
    """Retry-After prolongs the cool-down, up to five minutes."""
    paced = Rates({"read": 10}, share=1, stopping=never)
    paced.throttled("read", timedelta(seconds=asked))
    clock.time += cool - 0.1
    assert not turn_within(paced, 0.01)
    clock.time += 0.2
    assert turn_within(paced, 0.01)


def test_clean_minutes_bring_the_allowance_back(clock: Hands) -> None:
    """Five hundredths of the ceiling come back per clean minute, and never more than the ceiling."""
    paced = Rates({"read": 10}, share=1, stopping=never)
    paced.throttled("read")
    clock.time += 62
    assert turn_within(paced, 0.01)
    assert paced.allowance("read") == pytest.approx(0.55)
    clock.time += 30
    assert turn_within(paced, 0.01)
    assert paced.allowance("read") == pytest.approx(0.55)
    clock.time += 3600
    assert turn_within(paced, 0.01)
    assert paced.allowance("read") == 1.0
