"""One call under way: the fence before its first byte, and the pen that writes its exchange.

Line makes it, the deadline ends it, the transport finds it in `current`, which the call's thread carries.
After `close` nothing that the call's thread still does can change the exchange or start a write.
"""

import socket
import threading
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Final

from adapters.wire.exchange import Exchange
from adapters.wire.failures import DeadlinePassedError, SecondSendError, SendWindowClosedError

# Sent whole seconds are cut off, so the vendor's clock shows half a second more on average (RFC 9110, 5.6.7).
DATE_RESOLUTION: Final = timedelta(seconds=1)


class Call:
    """One call; its transport side runs in one thread, `close` may come from another.

    `now`: the clock against which `send_before` is held, aware. `seconds`: the wall-clock deadline from here on.
    """

    def __init__(self, exchange: Exchange, *, now: Callable[[], datetime], seconds: float) -> None:
        self._exchange = exchange
        self._now = now
        self._lock = threading.Lock()
        self._ends_at = monotonic() + seconds
        # Held against both clocks: the wall clock can be set back, the monotonic one stands still in a suspend.
        self._window_ends_at = (
            None if exchange.send_before is None else monotonic() + (exchange.send_before - now()).total_seconds()
        )
        self._over = False
        self._begun_at: float | None = None
        self._handle: socket.socket | None = None
        self._skew: timedelta | None = None

    @property
    def operation(self) -> str:
        """The operation's name, for messages."""
        return self._exchange.operation

    @property
    def is_write(self) -> bool:
        """Whether the call has a send window, as only writes have."""
        return self._exchange.send_before is not None

    @property
    def started(self) -> bool:
        """Whether the request was handed to a connected socket."""
        return self._exchange.started

    @property
    def skew(self) -> timedelta | None:
        """Our clock minus the vendor's at the middle of the round trip; None without a usable `Date` header."""
        return self._skew

    def seconds_left(self) -> float:
        """Seconds until the deadline, negative after it."""
        return self._ends_at - monotonic()

    def seconds_to_connect(self) -> float:
        """Seconds in which a connection is still of use: until the deadline, for a write until its window closes."""
        left = self.seconds_left()
        return left if self._window_ends_at is None else min(left, self._window_ends_at - monotonic())

    def enter(self) -> None:
        """Note that the hardened transport has the request; refuse what is already too late to connect for."""
        with self._lock:
            self._refuse_if_late()
            self._exchange.guarded = True

    def begin(self, sock: socket.socket) -> None:
        """Open the fence for the first byte on this connected socket, or raise; then the request counts as started.

        The gap to the socket write that follows cannot be closed from user space; the quarantine covers it.
        """
        with self._lock:
            self._refuse_if_late()
            if self._exchange.started:
                raise SecondSendError(self.operation)
            # A duplicate of our own: closing and shutting it down can never hit a number the system gave away again.
            self._handle = socket.fromfd(sock.fileno(), sock.family, sock.type)
            self._begun_at = monotonic()
            self._exchange.started = True

    def go_on(self) -> None:
        """Allow the next part of a request that has started; a request cut short is no request to the vendor."""
        with self._lock:
            self._refuse_if_late()

    def _refuse_if_late(self) -> None:
        exchange = self._exchange
        if (
            exchange.send_before is not None
            and self._window_ends_at is not None
            and (monotonic() >= self._window_ends_at or self._now() >= exchange.send_before)
        ):
            raise SendWindowClosedError(exchange.operation, exchange.send_before)
        if self._over:
            raise DeadlinePassedError(exchange.operation)

    def answered(self, status: int, headers: Mapping[str, str]) -> None:
        """Record the head of the answer."""
        arrived = self._now()
        with self._lock:
            if self._over:
                return
            self._exchange.status = status
            self._exchange.headers = {name.lower(): value for name, value in headers.items()}
            date = self._exchange.vendor_date = _date(self._exchange.headers.get("date"))
            if date is not None and self._begun_at is not None:
                half_way = arrived - timedelta(seconds=(monotonic() - self._begun_at) / 2)
                self._skew = half_way - (date + DATE_RESOLUTION / 2)

    def completed(self, body: bytes) -> None:
        """Record the whole body."""
        with self._lock:
            if not self._over:
                self._exchange.body = body

    def failed(self, error: BaseException) -> None:
        """Record a failure; a later one (the SDK's, which carries the transport's) replaces it."""
        with self._lock:
            if not self._over:
                self._exchange.error = error

    def release(self) -> None:
        """Let go of the socket: the transport is done with it."""
        with self._lock:
            handle, self._handle = self._handle, None
        if handle is not None:
            handle.close()

    def close(self, *, timed_out: bool = False) -> Exchange:
        """End the call and give a copy of what is known.

        `timed_out`: it was given up; a socket it still reads from is shut down, so that its thread can end.
        """
        with self._lock:
            if not self._over:
                self._over = True
                if timed_out:
                    self._exchange.timed_out = True
                    self._exchange.error = self._exchange.error or DeadlinePassedError(self.operation)
                    self._shut_down()
            return replace(self._exchange, headers=dict(self._exchange.headers))

    def _shut_down(self) -> None:
        if self._handle is not None:
            try:
                self._handle.shutdown(socket.SHUT_RDWR)
            except OSError:  # the other side was faster
                return


def _date(text: str | None) -> datetime | None:
    """An HTTP date as an aware time; None for anything else."""
    if text is None:
        return None
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return None if date.tzinfo is None else date


# Set by the deadline in the call's own thread; both SDKs send from the thread that called them
# (huaweicloudsdkcore/http/http_client.py `do_request_sync`, tencentcloud/common/http/request.py `request`).
current: ContextVar[Call | None] = ContextVar("current_call", default=None)
