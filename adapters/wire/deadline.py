"""A wall-clock deadline around an SDK call, which the SDKs' own timeouts (per socket operation) are not.

Line calls it. The call runs in a daemon thread of its own: a hung one is left behind, can neither start a write
nor change what was handed back, and cannot hold up the end of the process (concurrent.futures would join it).
"""

import threading
from collections.abc import Callable
from contextvars import copy_context
from time import monotonic
from typing import Final

from adapters.wire.call import Call, current
from adapters.wire.exchange import Exchange
from adapters.wire.failures import NotCalledError

GLANCE: Final = 0.1  # seconds between two looks at `stopping`


def within_deadline(call: Call, work: Callable[[], object], *, stopping: Callable[[], bool], grace: float) -> Exchange:
    """Run `work` as this call and give the facts; never raises for a fault of the call.

    Given up at the call's deadline, or `grace` seconds after the process was asked to stop.
    """
    done = threading.Event()

    def run() -> None:
        current.set(call)
        try:
            work()
        except BaseException as error:  # noqa: BLE001  # recorded, not lost: the vendor's table judges it
            call.failed(error)
        finally:
            done.set()

    thread = threading.Thread(target=copy_context().run, args=(run,), name=f"wire {call.operation}", daemon=True)
    try:
        thread.start()
    except RuntimeError as error:
        unable = NotCalledError(call.operation)
        unable.__cause__ = error
        call.failed(unable)
        return call.close()
    try:
        return call.close(timed_out=not _ended(done, call, stopping, grace))
    finally:
        call.close(timed_out=True)  # an interrupt on the way here must not leave the fence open


def _ended(done: threading.Event, call: Call, stopping: Callable[[], bool], grace: float) -> bool:
    """Wait for the end; False when the deadline or the grace ran out first."""
    stop_at: float | None = None
    while (left := call.seconds_left()) > 0:
        if done.wait(min(left, GLANCE)):
            return True
        if stop_at is None and stopping():
            stop_at = monotonic() + grace
        if stop_at is not None and monotonic() >= stop_at:
            return False
    return done.is_set()
