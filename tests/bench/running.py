"""A real `tidegate daemon` in a process of its own: what it logs, serves, and takes of the machine.

Used by the other benches. CPU and memory are read from /proc, so on Linux alone.
"""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import NoReturn

from tests.bench.starting import COMMAND

PATIENCE = 600.0  # seconds for whatever is waited for
_TICKS = os.sysconf("SC_CLK_TCK")
_STAT_AFTER_NAME = 2  # fields of /proc/PID/stat before the state: the number and the name, which may hold spaces
_USER, _SYSTEM = 14 - _STAT_AFTER_NAME - 1, 15 - _STAT_AFTER_NAME - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of the page. `seconds`: from the first byte asked to the last byte read, on an open connection."""

    status: int
    seconds: float
    size: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """The process, where it logs, and the port of its page."""

    process: "subprocess.Popen[bytes]"
    log: Path
    port: int

    def events(self, *names: str) -> list[dict[str, object]]:
        """Give the events of these names that are logged so far."""
        # The last line may be half written, and a sentence for people is no event.
        whole = self.log.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()
        return [
            event for event in (json.loads(line) for line in whole if line.startswith("{")) if event["event"] in names
        ]

    def wait(self, true: Callable[[], bool]) -> float:
        """Wait until something holds; give how many seconds that took. Ends the bench where it never does."""
        began = time.perf_counter()
        while not true():
            if self.process.poll() is not None or time.perf_counter() - began > PATIENCE:
                self.give_up("the daemon ended, or what was waited for never came")
            time.sleep(0.1)
        return time.perf_counter() - began

    def give_up(self, why: str) -> NoReturn:
        """End the bench with the reason and the end of the daemon's log."""
        raise SystemExit(f"{why}\n{self.log.read_text(encoding='utf-8')[-4000:]}")

    def cpu(self) -> float:
        """Seconds of CPU that it took since it started, in all its threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICKS

    def memory(self, what: str = "VmRSS") -> int:
        """Bytes of memory it has now; with VmHWM, the most it ever had."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith(f"{what}:"))
        return int(kilobytes) * 1024

    def ask(self, *paths: str) -> list[Answer]:
        """Ask for these pages one after the other, on one connection as a browser would."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.connect()
            return [_answer(connection, path) for path in paths]
        finally:
            connection.close()


@contextmanager
def running(config: Path) -> Iterator[Running]:
    """Run the daemon on a configuration, with the page on a free port, and end it as a service manager would."""
    port = _free_port()
    # The page is the last section, if it is there at all.
    text = config.read_text(encoding="utf-8").partition("[web]")[0]
    config.write_text(f'{text}\n[web]\nlisten = "127.0.0.1:{port}"\n', encoding="utf-8")
    log = config.with_name("daemon.log")
    with (
        log.open("wb") as file,
        subprocess.Popen([COMMAND, "daemon", "--config", config], stdout=file, stderr=file) as process,  # noqa: S603 - our own command
    ):
        made = Running(process=process, log=log, port=port)
        try:
            made.wait(lambda: bool(made.events("daemon_started")))
            yield made
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def _answer(connection: HTTPConnection, path: str) -> Answer:
    began = time.perf_counter()
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    seconds = time.perf_counter() - began
    return Answer(status=response.status, seconds=seconds, size=len(body), text=body.decode(errors="replace"))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port
