"""Who connects to the page and how long: silent, slow and many clients, a store that hangs, and probes meanwhile."""

import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from scheduler.reports.board import Board
from scheduler.web import patience
from scheduler.web.fence import MOST_AT_ONCE
from scheduler.web.server import Server
from tests.unit.boards import Shown, quiet
from tests.unit.test_web_server import serving, web

__all__ = ["web"]  # a fixture, by its name


@contextmanager
def connected(server: Server, count: int, said: bytes = b"") -> Iterator[list[socket.socket]]:
    """Hold connections open that have said no more than this."""
    held = [socket.create_connection(("127.0.0.1", server.port), timeout=2) for _ in range(count)]
    try:
        for each in held:
            each.sendall(said)
        yield held
    finally:
        for each in held:
            each.close()


def is_cut(connection: socket.socket) -> bool:
    """Whether the server has ended a connection, waiting for that a while."""
    try:
        return connection.recv(10) == b""
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False


def descriptors() -> int:
    """Count the files and connections that this process has open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


class Waiting(Shown):
    """A source whose store hangs until `go_on` is set."""

    def __init__(self, shown: Board) -> None:
        super().__init__(shown)
        self.go_on = threading.Event()
        self.asked = threading.Semaphore(0)

    def board(self) -> Board:
        """Give the board when it may."""
        self.asked.release()
        self.go_on.wait(10)
        return super().board()


def test_connections_without_a_request_shut_nobody_out_and_are_few(web: requests.Session) -> None:
    """However many connect and say nothing, probes and pages are answered, and the descriptors they take are few."""
    server = serving(Shown(quiet()))
    before, many = descriptors(), 3 * patience.MOST_OPEN
    try:
        with connected(server, many) as held:
            for path in ("/healthz", "/"):
                assert web.get(f"http://127.0.0.1:{server.port}{path}", timeout=2).status_code == 200
            assert descriptors() - before - many <= patience.MOST_OPEN + patience.MOST_TAKEN
            assert is_cut(held[0])
    finally:
        server.stop()


def test_who_is_being_answered_keeps_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for a new connection is never made at the cost of one whose answer is under way; then the new one goes."""
    monkeypatch.setattr(patience, "MOST_OPEN", 2)
    source = Waiting(quiet())
    server = serving(source)
    try:
        with connected(server, 2, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") as asking:
            assert source.asked.acquire(timeout=2)
            assert source.asked.acquire(timeout=2)
            with connected(server, 1) as late:
                assert is_cut(late[0])
            source.go_on.set()
            assert [each.recv(12) for each in asking] == [b"HTTP/1.1 200"] * 2
    finally:
        source.go_on.set()
        server.stop()


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: loc"])
def test_who_does_not_finish_a_request_is_cut(monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    """Silent or half-told, a connection has some seconds to its first whole request, fewer than an answer has."""
    assert patience.HEAD_PATIENCE <= 5 < patience.PATIENCE
    monkeypatch.setattr(patience, "HEAD_PATIENCE", 0.1)
    server = serving(Shown(quiet()))
    try:
        with connected(server, 1, said) as held:
            assert is_cut(held[0])
    finally:
        server.stop()


def test_who_does_not_take_an_answer_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request has its time from its end to the end of its answer, however soon its head had to be there."""
    monkeypatch.setattr(patience, "HEAD_PATIENCE", 0.1)
    monkeypatch.setattr(patience, "PATIENCE", 0.4)
    source = Waiting(quiet())
    server = serving(source)
    try:
        with connected(server, 1, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") as held:
            begun = time.monotonic()
            assert is_cut(held[0])
            assert time.monotonic() - begun > 0.3
    finally:
        source.go_on.set()
        server.stop()


def test_probes_are_answered_while_every_page_waits_for_the_store(web: requests.Session) -> None:
    """A store that hangs takes every thread and every place of pages: more are asked to come again, probes answered."""
    source = Waiting(quiet())
    server = serving(source)
    address = f"http://127.0.0.1:{server.port}"
    try:
        with connected(server, MOST_AT_ONCE, b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n") as held:
            for _ in range(40):  # as many threads as there are
                assert source.asked.acquire(timeout=2)
            for path in ("/healthz", "/readyz"):
                assert web.get(address + path, timeout=2).status_code == 200
            refused = web.get(address, timeout=2)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
            source.go_on.set()
            assert [each.recv(12) for each in held] == [b"HTTP/1.1 200"] * MOST_AT_ONCE
            assert web.get(address, timeout=2).status_code == 200
    finally:
        source.go_on.set()
        server.stop()


def test_asyncio_cannot_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """What it says thousands of times a second while no descriptor is free is said once; something else is said too."""
    patience.hush_asyncio()
    log = logging.getLogger("asyncio")
    for number in range(500):
        log.error("socket.accept() out of system resource\nsocket: <TransportSocket fd=%d>", number)
    log.error("something else")
    assert [record.getMessage().partition("\n")[0] for record in caplog.records if record.name == "asyncio"] == [
        "socket.accept() out of system resource",
        "something else",
    ]
