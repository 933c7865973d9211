"""The daemon as a service manager sees it: one process with a socket to it, a watchdog, and the page on."""

import http.client
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.daemon import Daemon, Service
from scheduler.jobs import SettingsSource
from tests.surface.cli_rig import PATIENCE, Rig, ended, eventually, opened
from tests.surface.daemon_rig import HeldPasses, captured_log, events, free_port, hourly, ordinary_signals, run_through


class Manager:
    """Listens on the socket that a service manager would name, and keeps every word with its time."""

    def __init__(self, name: str) -> None:
        self.words: list[tuple[float, str]] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(name.replace("@", "\0", 1))
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while word := self._socket.recv(4096):
            self.words.append((time.monotonic(), word.decode()))

    def heard(self, word: str) -> list[float]:
        """Give when datagrams with this word came."""
        return [at for at, said in self.words if word in said.splitlines()]

    def said(self, beginning: str) -> list[str]:
        """Give the lines that begin so."""
        return [line for _, said in self.words for line in said.splitlines() if line.startswith(beginning)]

    def close(self) -> None:
        """End the listening."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE)  # it must not find the socket closed
        self._socket.close()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """Two simulated vendors and a configuration whose accounts are looked at once."""
    with opened(tmp_path) as made:
        hourly(made)
        yield made


def status(port: int, path: str) -> int:
    """Fetch a page and give its status."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as page:
        page.request("GET", path)
        return page.getresponse().status


def test_a_service_manager_is_told_everything_it_asks_for(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ready once the page serves, a line of status, alive twice within its interval, reloading, ready again, stopping.

    Meanwhile nobody else can take the page's port: a second daemon ends with 2 and names the key.
    """
    name, port = f"@tidegate-test-{os.getpid()}", free_port()
    rig.config.write_text(f'{rig.config.read_text()}\n[web]\nlisten = "127.0.0.1:{port}"\n')
    with closing(Manager(name)) as manager:
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        monkeypatch.setenv("WATCHDOG_USEC", "1000000")
        process = rig.start("daemon")
        monkeypatch.delenv("NOTIFY_SOCKET")
        eventually(lambda: bool(manager.heard("READY=1")))
        assert status(port, "/healthz") == 200
        eventually(lambda: status(port, "/readyz") == 200)
        eventually(lambda: any("2 accounts; last read" in line for line in manager.said("STATUS=")))
        second = rig.run("daemon")
        assert second.exit_code == 1
        assert f"[web] listen = 127.0.0.1:{port} cannot be taken" in second.output
        eventually(lambda: len(manager.heard("WATCHDOG=1")) >= 3)
        process.send_signal(signal.SIGHUP)
        eventually(lambda: len(manager.heard("READY=1")) == 2)
        process.send_signal(signal.SIGTERM)
        assert ended(process, within=10) == 0
        eventually(lambda: bool(manager.heard("STOPPING=1")))
        told = [word.splitlines()[0] for _, word in manager.words]
    assert [word for word in told if not word.startswith(("STATUS", "WATCHDOG"))] == [
        "READY=1",
        "RELOADING=1",
        "READY=1",
        "STOPPING=1",
    ]
    (moment,) = manager.said("MONOTONIC_USEC=")
    assert abs(int(moment.partition("=")[2]) / 1e6 - time.monotonic()) < PATIENCE


def test_while_a_pass_is_stuck_the_manager_hears_nothing(rig: Rig, tmp_path: Path) -> None:
    """A pass without an answer or a step is told once; the watchdog is withheld until it gets on."""
    rig.config.write_text(rig.config.read_text().replace("every", 'read_timeout = "1s"\nevery'))
    source = SettingsSource(rig.config)
    passes = HeldPasses(source, held="tencent-main", stuck_after=timedelta(0))
    name = str(tmp_path / "manager")
    with closing(Manager(name)) as manager, captured_log() as log, ordinary_signals():
        loop = Daemon(source, passes, service=Service({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "600000"}))

        def story() -> None:
            eventually(lambda: ["tencent-main"] in [event["accounts"] for event in events(log, "run_finished")])
            eventually(
                lambda: any("the pass over tencent-main has had no answer" in each for each in loop.pulse.feel())
            )
            silent_since = time.monotonic()
            eventually(lambda: time.monotonic() > silent_since + 1.0)
            assert [at for at in manager.heard("WATCHDOG=1") if at > silent_since + 0.1] == []
            assert any("stuck: tencent-main" in line for line in manager.said("STATUS="))
            passes.release.set()
            released = time.monotonic()
            eventually(lambda: any(at > released for at in manager.heard("WATCHDOG=1")))
            assert loop.pulse.stuck() == ()

        assert run_through(loop, story, always=passes.release.set) == 0
        assert len(events(log, "pass_stuck", "tencent-main")) == 1


@pytest.mark.parametrize("address", ["", "vsock:2:1234", "relative", "/", "/nowhere/at/all"])
def test_without_a_manager_nothing_happens(address: str) -> None:
    """No socket, one of a sort that is not known, or one where nobody listens: nothing is raised."""
    service = Service({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1000000"})
    for say in (service.ready, service.reloading, service.stopping, service.alive):
        say()
    service.status("well")
    assert service.watchdog == (1.0 if address == "/nowhere/at/all" else None)


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_the_watchdog_of_another_process_is_not_ours(environment: dict[str, str], seconds: float | None) -> None:
    """The interval counts where it is a number and meant for this process."""
    assert Service({"NOTIFY_SOCKET": "/run/manager", **environment}).watchdog == seconds
