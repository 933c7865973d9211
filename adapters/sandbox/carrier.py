"""One connection's requests and answers, with the faults they meet.

Called by the loopback server with an accepted socket; the only place where a fault becomes bytes or their absence.
"""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar

from adapters.sandbox.faults import Faults, Mode
from adapters.sandbox.message import MalformedRequestError, Request, Response, Simulation, head_of, read_request
from adapters.sandbox.throttle import Throttle

_HTML = {"Content-Type": "text/html; charset=utf-8"}
_UNAVAILABLE = Response(503, b"<html><body><h1>503 Service Unavailable</h1></body></html>", _HTML)
_BAD_GATEWAY = Response(502, b"<html><body><h1>502 Bad Gateway</h1></body></html>", _HTML)
_LOGIN_PAGE = Response(200, b"<!doctype html><html><body><form>Please sign in</form></body></html>", _HTML)
_BROKEN = Response(500, b'{"sandbox": "the simulation failed"}')
_BAD_REQUEST = Response(400, b"<html><body><h1>400 Bad Request</h1></body></html>", _HTML)
_NO_CONTENT = 204
# With this a close sends RST instead of FIN: linger on, for zero seconds.
_LINGER_RESET = struct.pack("ii", 1, 0)
# How much of the answer arrives when it ends inside its headers, after the status line.
_HEADER_BYTES = 8

Answer = TypeVar("Answer")


class _HangUpError(Exception):
    """The connection ends here, without (the rest of) an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One request on its connection; `seconds` is the length of the fault it meets."""

    connection: socket.socket
    request: Request
    operation: str
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """Carries requests to the simulation and its answers back. Thread-safe; one for all connections.

    `failures` collects what the simulation itself raised; the caller then gets a 500.
    """

    simulation: Simulation
    faults: Faults
    throttle: Throttle
    date: Callable[[], datetime]
    stopping: threading.Event
    failures: list[BaseException]

    def carry(self, connection: socket.socket) -> None:
        """Serve requests until either side ends the connection; never raises."""
        with connection.makefile("rb") as stream, contextlib.suppress(OSError, _HangUpError):
            while not self.stopping.is_set():
                try:
                    request = read_request(stream)
                except MalformedRequestError:
                    self.send(connection, _BAD_REQUEST)
                    return
                if request is None:
                    return
                self._serve(connection, request)

    def _serve(self, connection: socket.socket, request: Request) -> None:
        operation = self._guarded(lambda: self.simulation.operation(request), "")
        if not self.throttle.admit(operation):
            self.send(connection, self.simulation.throttled(operation))
            return
        fault = self.faults.take(operation)
        if fault is None:
            self.send(connection, self.apply(request))
            return
        call = _Call(connection=connection, request=request, operation=operation, seconds=fault.seconds)
        PLAYS[fault.mode](self, call)

    def apply(self, request: Request) -> Response:
        """Let the vendor have the request."""
        return self._guarded(lambda: self.simulation.respond(request), _BROKEN)

    def send(self, connection: socket.socket, response: Response) -> None:
        """Answer as the protocol asks."""
        body = b"" if response.status == _NO_CONTENT else response.body
        connection.sendall(head_of(response, self.date()) + body)

    def wait(self, seconds: float) -> None:
        """Let time pass; a server that stops applies and sends nothing more."""
        if self.stopping.wait(seconds):
            raise _HangUpError

    def _guarded(self, ask: Callable[[], Answer], otherwise: Answer) -> Answer:
        try:
            return ask()
        except Exception as error:  # noqa: BLE001 - a simulator's bug must reach the test, not end the server's thread
            self.failures.append(error)
            return otherwise


def _refused(_carrier: Carrier, _call: _Call) -> None:
    raise _HangUpError


def _reset_before(_carrier: Carrier, call: _Call) -> None:
    call.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_RESET)
    raise _HangUpError


def _reset_after(carrier: Carrier, call: _Call) -> None:
    carrier.apply(call.request)
    _reset_before(carrier, call)


def _hang_before(carrier: Carrier, call: _Call) -> None:
    carrier.wait(call.seconds)
    raise _HangUpError


def _hang_after(carrier: Carrier, call: _Call) -> None:
    carrier.apply(call.request)
    _hang_before(carrier, call)


def _late(carrier: Carrier, call: _Call) -> None:
    carrier.wait(call.seconds)
    carrier.apply(call.request)
    raise _HangUpError


def _too_many(carrier: Carrier, call: _Call) -> None:
    carrier.send(call.connection, carrier.simulation.throttled(call.operation))


def _server_error_before(carrier: Carrier, call: _Call) -> None:
    carrier.send(call.connection, _UNAVAILABLE)


def _server_error_after(carrier: Carrier, call: _Call) -> None:
    carrier.apply(call.request)
    carrier.send(call.connection, _BAD_GATEWAY)


def _business_error(carrier: Carrier, call: _Call) -> None:
    carrier.send(call.connection, carrier.simulation.business_error(call.operation))


def _refusal(carrier: Carrier, call: _Call) -> None:
    carrier.send(call.connection, carrier.simulation.refusal(call.operation))


def _wrong_content_type(carrier: Carrier, call: _Call) -> None:
    response = carrier.apply(call.request)
    carrier.send(call.connection, replace(response, headers={**response.headers, **_HTML}))


def _truncated(carrier: Carrier, call: _Call) -> None:
    whole = _with_body(carrier.apply(call.request))
    call.connection.sendall(head_of(whole, carrier.date()) + whole.body[: len(whole.body) // 2])
    raise _HangUpError


def _truncated_headers(carrier: Carrier, call: _Call) -> None:
    head = head_of(carrier.apply(call.request), carrier.date())
    call.connection.sendall(head[: head.index(b"\r\n") + _HEADER_BYTES])
    raise _HangUpError


def _garbage(carrier: Carrier, call: _Call) -> None:
    carrier.apply(call.request)
    carrier.send(call.connection, _LOGIN_PAGE)


def _redirect(carrier: Carrier, call: _Call) -> None:
    carrier.send(call.connection, Response(307, b"", {"Location": call.request.raw_target, **_HTML}))


def _drip(carrier: Carrier, call: _Call) -> None:
    whole = _with_body(carrier.apply(call.request))
    call.connection.sendall(head_of(whole, carrier.date()))
    for byte in whole.body:
        carrier.wait(call.seconds / len(whole.body))
        call.connection.sendall(bytes((byte,)))


def _doubled(carrier: Carrier, call: _Call) -> None:
    carrier.apply(call.request)
    # The proxy sent it again because the first answer did not reach it; the second one goes back.
    carrier.send(call.connection, carrier.apply(call.request))


def _with_body(response: Response) -> Response:
    """An answer without a body (204) has nothing to cut or to drip; an empty document stands in for it."""
    return response if response.body else replace(response, status=200, body=b"{}")


PLAYS: Mapping[Mode, Callable[[Carrier, _Call], None]] = MappingProxyType(
    {
        Mode.REFUSED: _refused,
        Mode.RESET_BEFORE: _reset_before,
        Mode.RESET_AFTER: _reset_after,
        Mode.HANG_BEFORE: _hang_before,
        Mode.HANG_AFTER: _hang_after,
        Mode.LATE: _late,
        Mode.TOO_MANY: _too_many,
        Mode.SERVER_ERROR_BEFORE: _server_error_before,
        Mode.SERVER_ERROR_AFTER: _server_error_after,
        Mode.BUSINESS_ERROR: _business_error,
        Mode.REFUSAL: _refusal,
        Mode.WRONG_CONTENT_TYPE: _wrong_content_type,
        Mode.TRUNCATED: _truncated,
        Mode.TRUNCATED_HEADERS: _truncated_headers,
        Mode.GARBAGE: _garbage,
        Mode.REDIRECT: _redirect,
        Mode.DRIP: _drip,
        Mode.DOUBLED: _doubled,
    }
)
