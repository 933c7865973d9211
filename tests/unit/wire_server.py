"""A raw-socket server on loopback that can do what no HTTP library lets a server do; for the tests of the wire."""

import contextlib
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import requests

from adapters.wire import Line, harden


class Peer:
    """One accepted connection."""

    def __init__(self, server: "RawServer", connection: socket.socket) -> None:
        self._server = server
        self._connection = connection
        self.closed = False

    def read(self) -> bytes:
        """Read one request, or b"" when the client closed; whole ones are noted with the server."""
        held = b""
        while b"\r\n\r\n" not in held:
            if not (part := self._receive()):
                return b""
            held += part
        head, _, body = held.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        while length is not None and len(body) < int(length[1]):
            if not (part := self._receive()):
                return b""
            body += part
        request = head + b"\r\n\r\n" + body
        self._server.requests.append(request)
        return request

    def _receive(self) -> bytes:
        try:
            part = self._connection.recv(65536)
        except OSError:
            return b""
        self._server.received += part
        return part

    def drain(self) -> None:
        """Read until the client closes."""
        while self._receive():
            pass

    def send(self, data: bytes) -> None:
        """Send, unless the client is gone."""
        with contextlib.suppress(OSError):
            self._connection.sendall(data)

    def upgrade(self, context: ssl.SSLContext) -> None:
        """Shake hands as a TLS server; a client that will not leaves a connection that reads as closed."""
        try:
            self._connection = context.wrap_socket(self._connection, server_side=True)
        except OSError:
            self.closed = True

    def send_below_tls(self, data: bytes) -> None:
        """Send bytes that are no TLS record."""
        with socket.socket(fileno=self._connection.detach()) as plain:
            plain.sendall(data)

    def reset(self) -> None:
        """Close with RST."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def reset_unread(self) -> None:
        """Close with RST as soon as the request begins to arrive."""
        self._connection.recv(1, socket.MSG_PEEK)
        self.reset()

    def close(self) -> None:
        """Close with FIN."""
        self.closed = True
        self._connection.close()

    def hang(self) -> None:
        """Say nothing until the server ends or the client closes."""
        self._connection.settimeout(0.05)
        while not self._server.ending.is_set():
            try:
                if not self._connection.recv(65536):
                    return
            except TimeoutError:
                continue
            except OSError:
                return

    def drip(self, data: bytes, *, seconds: float) -> None:
        """Send a byte at a time until the client closes."""
        for byte in data:
            if self._server.ending.wait(seconds):
                return
            try:
                self._connection.sendall(bytes([byte]))
            except OSError:
                return


Behaviour = Callable[[Peer], None]


class RawServer:
    """Runs `behave` for every connection; `requests`: the whole ones, `received`: every byte."""

    def __init__(self, behave: Behaviour) -> None:
        self._behave = behave
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self.ending = threading.Event()
        self.requests: list[bytes] = []
        self.received = b""
        self.connections = 0
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def _accept(self) -> None:
        self._listener.settimeout(0.02)
        while not self.ending.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        peer = Peer(self, connection)
        self._behave(peer)
        peer.close()

    def close(self) -> None:
        """End every thread."""
        self.ending.set()
        self._accepting.join()
        for thread in self._threads:
            thread.join()
        self._listener.close()


@contextlib.contextmanager
def serving(behave: Behaviour) -> Iterator[RawServer]:
    """Run the server for the length of a test; every client must have closed its session before."""
    server = RawServer(behave)
    try:
        yield server
    finally:
        server.close()


def answer(status: int = 200, body: bytes = b"{}", *headers: str, date: datetime | None = None) -> bytes:
    """A whole answer."""
    lines = [f"HTTP/1.1 {status} Words", f"Content-Length: {len(body)}", *headers]
    if date is not None:
        lines.append(f"Date: {format_datetime(date, usegmt=True)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def replying(*answers: bytes, last: bytes | None = None) -> Behaviour:
    """Answer the requests in this order, over any number of connections, then with the last one for ever."""
    waiting = list(answers)
    lock = threading.Lock()

    def behave(peer: Peer) -> None:
        while peer.read():
            with lock:
                data = waiting.pop(0) if len(waiting) > 1 else (last or waiting[0])
            peer.send(data)

    return behave


@contextlib.contextmanager
def hardened() -> Iterator[requests.Session]:
    """A session as the vendors' clients harden it."""
    with requests.Session() as session:
        harden(session)
        yield session


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def line(*, read_timeout: float = 2.0, rate: float = 1000.0, stopping: Callable[[], bool] = lambda: False) -> Line:
    """A line with the operations `read` and `write` at a rate that does not slow a test."""
    return Line(
        rates={"read": rate, "write": rate},
        share=1.0,
        read_timeout=timedelta(seconds=read_timeout),
        now=utc_now,
        stopping=stopping,
    )


def soon(seconds: float = 1.0) -> datetime:
    """A `send_before` that many seconds from now."""
    return utc_now() + timedelta(seconds=seconds)


def settle() -> None:
    """Wait until every thread of a call has ended."""
    until = time.monotonic() + 3
    while any(thread.name.startswith("wire ") for thread in threading.enumerate()):
        assert time.monotonic() < until, "a call's thread lives on"
        time.sleep(0.01)
