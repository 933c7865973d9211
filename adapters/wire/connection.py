"""urllib3 connections that pass the call's fence before the first byte and notice a cut header block.

Used by the transport only. They connect first (TCP and TLS), then ask the fence, then write: a slow connect
must not let an old signature out.
"""

import http.client
from collections.abc import Mapping
from typing import Any, Final

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from adapters.wire.call import Call, current
from adapters.wire.failures import OutsideLineError

LINE_ENDS: Final = (b"\r\n", b"\n")


def _call() -> Call:
    call = current.get()
    if call is None:
        raise OutsideLineError
    return call


class _LastLine:
    """A reader that remembers the last line it gave."""

    def __init__(self, reader: Any) -> None:  # noqa: ANN401  # http.client leaves its reader untyped
        self._reader = reader
        self.line = b""

    def readline(self, limit: int = -1) -> bytes:
        self.line = self._reader.readline(limit)
        return self.line

    def __getattr__(self, name: str) -> object:
        return getattr(self._reader, name)


class CutHeadersError(http.client.HTTPException):
    """The connection ended inside the header block; http.client would take what came for the whole."""


class WholeHeadersResponse(http.client.HTTPResponse):
    """An answer whose header block must end with an empty line."""

    def begin(self, **options: Any) -> None:  # noqa: ANN401  # newer Pythons pass some, privately
        """Read the head; a cut one is recorded as far as it came and raised."""
        reader = self.fp
        watched = _LastLine(reader)
        self.fp = watched  # type: ignore[assignment]  # stands in while the head is read
        try:
            super().begin(**options)
        finally:
            if self.fp is not None:  # a failed read has closed it
                self.fp = reader
        if watched.line not in LINE_ENDS:
            _call().answered(self.status, dict(self.headers.items()))
            self.close()
            raise CutHeadersError


class _Fenced(HTTPConnection):
    """Asks the call's fence at every write; knows which one is the first of a request."""

    response_class = WholeHeadersResponse
    _first = True

    def request(self, method: str, url: str, *arguments: Any, **options: Any) -> None:  # noqa: ANN401  # passed on as they are
        """Connect first, then let urllib3 write through `send`."""
        if self.sock is None:
            self.connect()
        self._first = True
        super().request(method, url, *arguments, **options)

    def send(self, data: Any) -> None:  # noqa: ANN401  # http.client's signature
        """Write one part of the request, if the fence lets it."""
        call = _call()
        if self._first:
            call.begin(self.sock)
            self._first = False
        else:
            call.go_on()
        super().send(data)


class FencedConnection(_Fenced):
    """Plain HTTP; for loopback."""


class FencedTlsConnection(_Fenced, HTTPSConnection):
    """HTTPS."""


class _FreshForWrites(HTTPConnectionPool):
    """Never sends a write on a kept connection: the vendor may be closing it, and the write would be uncertain."""

    def _get_conn(self, timeout: float | None = None) -> Any:  # noqa: ANN401  # urllib3's protocol type is private
        connection = super()._get_conn(timeout)
        if _call().is_write:
            connection.close()  # opened anew by whoever sends
        return connection


class FencedPool(_FreshForWrites):
    """Plain HTTP connections to one host."""

    ConnectionCls = FencedConnection


class FencedTlsPool(_FreshForWrites, HTTPSConnectionPool):
    """HTTPS connections to one host."""

    ConnectionCls = FencedTlsConnection


POOLS: Final[Mapping[str, type[HTTPConnectionPool]]] = {"http": FencedPool, "https": FencedTlsPool}
