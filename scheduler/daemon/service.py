"""The service manager (systemd), told how the daemon is: ready, reloading, stopping, alive.

Used by scheduler.daemon.loop. One datagram per word, to the socket that the environment names; without one, as in a
shell or a container, nothing happens. A manager that is gone or busy is no reason to stop: nothing here raises.
"""

import os
import socket
import time
from collections.abc import Mapping
from contextlib import suppress

# The longest that a word may wait for a manager whose queue is full.
_PATIENCE_SECONDS = 0.5
_MICRO = 1_000_000


class Service:
    """One process's line to its manager. `watchdog`: seconds within which it wants to hear from us, None: never."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._address = _address(environ.get("NOTIFY_SOCKET", ""))
        self.watchdog = _watchdog(environ) if self._address else None
        self._said = ""

    def ready(self) -> None:
        """Say that the work has begun; after `reloading`, that the new files are in force."""
        self._tell("READY=1")

    def reloading(self) -> None:
        """Say that the files are being read; the time is the clock's that the manager compares with."""
        self._tell(f"RELOADING=1\nMONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        """Say that the end has begun."""
        self._tell("STOPPING=1")

    def alive(self) -> None:
        """Say that the work goes on; whoever calls this has looked."""
        self._tell("WATCHDOG=1")

    def status(self, line: str) -> None:
        """Show one line to whoever asks the manager; the same line is not sent twice."""
        if line != self._said:
            self._said = line
            self._tell(f"STATUS={' '.join(line.split())}")

    def _tell(self, words: str) -> None:
        if self._address is None:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
            line.settimeout(_PATIENCE_SECONDS)
            line.sendto(words.encode(), self._address)


def _address(name: str) -> bytes | None:
    """Give the socket's address; a leading @ stands for the zero byte of an abstract one."""
    if not name.startswith(("/", "@")) or len(name) == 1:
        return None
    encoded = os.fsencode(name)
    return b"\0" + encoded[1:] if name[0] == "@" else encoded


def _watchdog(environ: Mapping[str, str]) -> float | None:
    """Give the manager's interval, where it is meant for this process."""
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    written = environ.get("WATCHDOG_USEC", "")
    return int(written) / _MICRO if written.isdigit() and int(written) else None
