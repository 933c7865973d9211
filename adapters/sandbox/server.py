"""A loopback HTTP/1.1 server that puts a simulated vendor on a real socket, with faults and enforced rates.

Started by the simulators' `serve`; knows no vendor. Never prints, never listens beyond 127.0.0.1.
"""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from adapters.sandbox.carrier import Carrier
from adapters.sandbox.faults import Faults
from adapters.sandbox.message import Request, Response, Simulation, json_response
from adapters.sandbox.throttle import Throttle

__all__ = ["LoopbackServer", "Request", "Response", "Simulation", "json_response"]

HOST = "127.0.0.1"
_BACKLOG = 128
_JOIN_SECONDS = 2.0


class LoopbackServer:
    """Serves one simulation until stopped; a context manager.

    `rates`: documented requests per second to enforce by operation, None: none is enforced.
    `now` gives aware UTC for the `Date` header; `date_skew` is added to it.
    """

    def __init__(
        self,
        simulation: Simulation,
        *,
        faults: Faults,
        now: Callable[[], datetime],
        rates: Mapping[str, float] | None = None,
        port: int = 0,
    ) -> None:
        self.date_skew = timedelta(0)
        # Errors of the simulation itself; a test that served anything should find none here.
        self.failures: list[BaseException] = []
        self._throttle = Throttle(rates)
        self._stopping = threading.Event()
        self._carrier = Carrier(
            simulation=simulation,
            faults=faults,
            throttle=self._throttle,
            date=lambda: now() + self.date_skew,
            stopping=self._stopping,
            failures=self.failures,
        )
        self._port = port
        self._listener: socket.socket | None = None
        self._acceptor: threading.Thread | None = None
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()

    @property
    def endpoint(self) -> str:
        """The address to configure, without a trailing slash."""
        return f"http://{HOST}:{self._port}"

    @property
    def port(self) -> int:
        """The port listened on; 0 before the first start if any free one was asked for."""
        return self._port

    def start(self) -> Self:
        """Listen and serve in the background."""
        self._stopping.clear()
        self._open_listener()
        return self

    def stop(self) -> None:
        """Stop listening, cut every connection and end every hang; twice is the same as once."""
        self._stopping.set()
        self._close_listener()
        self._cut_connections()

    @contextlib.contextmanager
    def unreachable(self) -> Iterator[None]:
        """For a while nobody listens: connections are refused by the kernel, and open ones are cut."""
        self._close_listener()
        self._cut_connections()
        try:
            yield
        finally:
            self._open_listener()

    def requests(self) -> Mapping[str, int]:
        """Count the requests seen by operation, throttled ones included."""
        return self._throttle.requests()

    def throttled(self) -> Mapping[str, int]:
        """Count the throttled requests by operation."""
        return self._throttle.throttled()

    def __enter__(self) -> Self:
        if self._listener is None:
            self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _open_listener(self) -> None:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((HOST, self._port))
            listener.listen(_BACKLOG)
        except OSError:
            listener.close()
            raise
        self._port = listener.getsockname()[1]
        self._listener = listener
        self._acceptor = threading.Thread(target=self._accept, args=(listener,), name="sandbox-accept", daemon=True)
        self._acceptor.start()

    def _close_listener(self) -> None:
        listener, self._listener = self._listener, None
        if listener is None:
            return
        # shutdown wakes the thread that waits in accept; close alone would leave it there.
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        if self._acceptor is not None:
            self._acceptor.join(_JOIN_SECONDS)

    def _cut_connections(self) -> None:
        with self._lock:
            connections = dict(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in connections.values():
            thread.join(_JOIN_SECONDS)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            # Without it a reply written in two pieces waits 40 ms for the peer's delayed acknowledgement.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = threading.Thread(target=self._serve, args=(connection,), name="sandbox-connection", daemon=True)
            with self._lock:
                self._connections[connection] = thread
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            self._carrier.carry(connection)
        finally:
            with self._lock:
                self._connections.pop(connection, None)
            connection.close()
