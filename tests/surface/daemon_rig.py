"""The daemon's loop in this process: run through a story and always ended, its log read, its passes held open."""

import contextlib
import io
import json
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import structlog

from core.run.world import Result
from scheduler import logs
from scheduler.daemon import Daemon
from scheduler.jobs import Passes, SettingsSource
from scheduler.jobs.passes import STUCK_AFTER
from scheduler.jobs.underway import UnderWay
from tests.surface.cli_rig import PATIENCE, Rig


def hourly(rig: Rig) -> None:
    """Let no tick come by itself after the first."""
    rig.config.write_text(rig.config.read_text().replace('every = "30s"', 'every = "1h"'))


def events(log: io.StringIO, name: str, account: str | None = None) -> list[dict[str, object]]:
    """Give the logged events of this name, of all accounts or of one."""
    logged = [event for event in map(json.loads, log.getvalue().splitlines()) if event["event"] == name]
    return [event for event in logged if account in {None, event.get("account")}]


def free_port() -> int:
    """Give a port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@contextlib.contextmanager
def captured_log() -> Iterator[io.StringIO]:
    """Send our log to memory for a while."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    target = io.StringIO()
    logs.configure(level=logging.INFO, stream=target)
    try:
        yield target
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()


@contextlib.contextmanager
def ordinary_signals() -> Iterator[None]:
    """Let the signals that a loop lives by do nothing for a while: one that comes too late would end the test run."""
    before = {number: signal.signal(number, _nothing) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _nothing(_number: int, _frame: object) -> None:
    pass


def run_through(loop: Daemon, story: Callable[[], None], *, always: Callable[[], None] = lambda: None) -> int:
    """Run the loop here while another thread goes through the story; give the loop's exit code.

    However the story ends, `always` is done and SIGTERM sent after it; what it raised is raised here.
    """

    def tell() -> None:
        try:
            story()
        finally:
            always()
            os.kill(os.getpid(), signal.SIGTERM)

    with ThreadPoolExecutor(max_workers=1) as teller:
        telling = teller.submit(tell)
        code = loop.run()
        telling.result()
    return code


class HeldPasses(Passes):
    """Real passes that note when they begin and end; those over one account end only once `release` is set."""

    def __init__(self, source: SettingsSource, held: str, *, stuck_after: timedelta = STUCK_AFTER) -> None:
        super().__init__(source, who="test", stuck_after=stuck_after)
        self.release = threading.Event()
        self.began: list[str] = []
        self.ended: list[str] = []
        self.most_at_a_time = 0
        self._held = held

    def _pass(self, account: str, customers: frozenset[str] | None, under_way: UnderWay) -> Result | None:
        self.began.append(account)
        self.most_at_a_time = max(self.most_at_a_time, self.began.count(account) - self.ended.count(account))
        result = super()._pass(account, customers, under_way)
        if account == self._held:
            assert self.release.wait(PATIENCE)
        self.ended.append(account)
        return result
