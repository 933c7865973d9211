import subprocess
import sys

import pytest

from tests.surface.cli_rig import PATIENCE, ROOT

# Threads that come and go take the signal in the main thread's place, about once in seven times.
BUSY = """
import os, signal, sys, threading, time
from scheduler.cli.waking import woken

came = threading.Lock()
came.acquire()
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

def work():
    while True:
        thread = threading.Thread(target=lambda: sum(range(20000)))
        thread.start()
        thread.join()
        time.sleep(0.0005)

for _ in range(6):
    threading.Thread(target=work, daemon=True).start()
with woken():
    print("ready", flush=True)
    came.acquire()
"""


@pytest.mark.parametrize("attempt", range(8))
def test_a_signal_to_another_thread_wakes_the_main_one(attempt: int) -> None:
    """Asleep on a lock, the main thread still hears of a signal that the kernel gave to a busy thread."""
    with subprocess.Popen([sys.executable, "-c", BUSY], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own text
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n", attempt
            process.terminate()
            assert process.wait(timeout=PATIENCE) == 0
        finally:
            process.kill()
