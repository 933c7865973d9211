"""Sees to it that Ctrl-C and SIGTERM are noticed at once, whatever the main thread waits for.

The kernel may hand a signal to any thread of a process, while Python runs its handlers in the main thread alone. There
it would wait until the main thread wakes: with accounts read side by side, that is when the last of them is done.
Used by scheduler.cli.entry around every command. Standard library only; opens nothing but a pipe.
"""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator

# Does nothing but end a wait; nothing else here uses it, and the system ignores it by default.
_NUDGE = signal.SIGURG
# The second one is for a main thread that was just falling asleep when the first one came.
_PAUSES = (0.1, 0.0)


@contextlib.contextmanager
def woken() -> Iterator[None]:
    """Wake the main thread whenever a signal has come, to whichever thread; in another thread, do nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    descriptor = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    handler = signal.signal(_NUDGE, lambda _number, _frame: None)
    watcher = threading.Thread(target=_nudge, args=(reading, threading.get_ident()), name="signals", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(descriptor)
        os.close(writing)
        watcher.join()
        os.close(reading)
        signal.signal(_NUDGE, handler)


def _nudge(reading: int, sleeper: int) -> None:
    """End the sleeper's wait for each signal that Python's own handler in C has written to the pipe."""
    while came := os.read(reading, 1):
        if came[0] == _NUDGE:
            continue
        for pause in _PAUSES:
            signal.pthread_kill(sleeper, _NUDGE)
            time.sleep(pause)
