"""Faults and rates as planned, without a wire."""

import pytest

from adapters.sandbox.faults import ANY_OPERATION, Faults, Mode
from adapters.sandbox.throttle import Throttle


def test_happens_as_often_as_planned_after_the_skipped_ones() -> None:
    """`skip` good requests come first, then `times` bad ones, then good ones again."""
    faults = Faults()
    faults.plan("write", Mode.RESET_AFTER, times=2, skip=1)
    met = [faults.take("write") for _ in range(4)]
    assert [fault.mode if fault else None for fault in met] == [None, Mode.RESET_AFTER, Mode.RESET_AFTER, None]


def test_concerns_its_own_operation_only() -> None:
    """Another operation neither meets the fault nor counts towards its skipped requests."""
    faults = Faults()
    faults.plan("write", Mode.GARBAGE, skip=1)
    assert faults.take("read") is None
    assert faults.take("write") is None
    fault = faults.take("write")
    assert fault is not None
    assert fault.mode is Mode.GARBAGE


def test_can_concern_any_operation() -> None:
    """A fault planned for any operation happens to the next request, whatever it is."""
    faults = Faults()
    faults.plan(ANY_OPERATION, Mode.REDIRECT)
    fault = faults.take("read")
    assert fault is not None
    assert fault.mode is Mode.REDIRECT


def test_happens_in_the_order_planned() -> None:
    """Several plans for one operation are worked off one after the other, and remembered."""
    faults = Faults()
    faults.plan("write", Mode.TOO_MANY)
    faults.plan("write", Mode.LATE, seconds=0.5)
    assert faults.pending() == 2
    first, second = faults.take("write"), faults.take("write")
    assert faults.taken() == (first, second)
    assert second is not None
    assert second.seconds == 0.5


def test_clearing_leaves_nothing_to_come() -> None:
    """After clearing, every request is good."""
    faults = Faults()
    faults.plan("write", Mode.DOUBLED, times=9)
    faults.clear()
    assert faults.take("write") is None


@pytest.mark.parametrize("mode", Mode)
def test_every_mode_says_whether_it_applies(mode: Mode) -> None:
    """Only the late mode leaves it open whether the change is applied."""
    assert (mode.applied is None) == (mode is Mode.LATE)


class Seconds:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Give the time."""
        return self.now


def test_admits_no_more_than_the_rate_in_any_second() -> None:
    """The window slides: room opens exactly one second after the oldest admitted request."""
    clock = Seconds()
    throttle = Throttle({"read": 2.0}, monotonic=clock)
    admitted = []
    for moment in (0.0, 0.5, 0.9, 1.0, 1.4, 1.5):
        clock.now = moment
        admitted.append(throttle.admit("read"))
    assert admitted == [True, True, False, True, False, True]
    assert (throttle.requests(), throttle.throttled()) == ({"read": 6}, {"read": 2})


def test_admits_slow_operations_once_in_a_longer_window() -> None:
    """Half a request per second is one in two seconds."""
    clock = Seconds()
    throttle = Throttle({"bill": 0.5}, monotonic=clock)
    assert throttle.admit("bill")
    clock.now = 1.9
    assert not throttle.admit("bill")
    clock.now = 2.0
    assert throttle.admit("bill")


def test_throttled_requests_can_use_up_the_window() -> None:
    """Where rejected requests count, a caller that keeps knocking stays out."""
    clock = Seconds()
    throttle = Throttle({"read": 1.0}, monotonic=clock, count_rejected=True)
    admitted = []
    for moment in (0.0, 0.6, 1.2):
        clock.now = moment
        admitted.append(throttle.admit("read"))
    assert admitted == [True, False, False]


def test_leaves_operations_without_a_rate_alone() -> None:
    """What has no documented rate is never throttled, only counted."""
    throttle = Throttle(None)
    assert all(throttle.admit("read") for _ in range(50))
    assert throttle.requests() == {"read": 50}
