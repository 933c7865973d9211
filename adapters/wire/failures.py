"""What went wrong on the wire, and whether anything can have reached the vendor.

WireError
├── OutsideLineError       a hardened session was used without a Line: there is no deadline and no fence
├── NotCalledError         the machine could not start the call
├── StoppedError           the process was asked to stop before the call was made
├── SendWindowClosedError  `send_before` passed before the request was written
├── SecondSendError        the SDK tried to send a second request within one call
├── DeadlinePassedError    the wall-clock deadline of the call passed
├── RedirectRefusedError   the vendor answered 3xx; it is not followed
├── AnswerTooLargeError    the answer is larger than any documented one
└── FailedAfterStartError  a failure that usually precedes sending came after it (TLS while reading, say)

The transport raises them through the SDKs; the vendors' error tables ask `delivery`. Nothing here reads a text.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from typing import Final

import requests.exceptions as of_requests
import urllib3.exceptions as of_urllib3

from adapters.wire.exchange import Exchange
from core.errors import TidegateError


class WireError(TidegateError):
    """Base of what our own transport raises."""


class OutsideLineError(WireError):
    """A hardened session was used without a Line."""

    def __init__(self) -> None:
        super().__init__("a request was made outside Line.ask and Line.tell: it would have neither deadline nor fence")


class NotCalledError(WireError):
    """The machine could not start the call (no thread left)."""

    def __init__(self, operation: str) -> None:
        super().__init__(f"{operation}: not called, no thread could be started for it")


class StoppedError(WireError):
    """The process was asked to stop before the call was made."""

    def __init__(self, operation: str) -> None:
        super().__init__(f"{operation}: not called, the process was asked to stop")


class SendWindowClosedError(WireError):
    """The time after which a request must not leave has passed; nothing of it was written, or its body was not."""

    def __init__(self, operation: str, send_before: datetime | None) -> None:
        when = "" if send_before is None else f" at {send_before.isoformat()}"
        super().__init__(f"{operation}: the send window closed{when} before the request left")


class SecondSendError(WireError):
    """An SDK tried to send a second request within one call."""

    def __init__(self, operation: str) -> None:
        super().__init__(f"{operation}: a second request within one call was refused")


class DeadlinePassedError(WireError):
    """The wall-clock deadline of the call passed before it ended."""

    def __init__(self, operation: str) -> None:
        super().__init__(f"{operation}: given up at its deadline")


class RedirectRefusedError(WireError):
    """The vendor answered with a redirect, which is never followed."""

    def __init__(self, operation: str, status: int) -> None:
        super().__init__(f"{operation}: redirect {status} refused")


class AnswerTooLargeError(WireError):
    """The answer is larger than `limit` bytes."""

    def __init__(self, operation: str, limit: int) -> None:
        super().__init__(f"{operation}: the answer is larger than {limit} bytes")


class FailedAfterStartError(WireError):
    """A failure that usually comes before sending came after the first byte was handed over."""

    def __init__(self, operation: str) -> None:
        super().__init__(f"{operation}: failed after the request had started")


class Evidence(Enum):
    """What the class of an exception says about the request."""

    NOT_SENT = "not sent"  # raised only where nothing was written yet
    MAYBE_SENT = "maybe sent"  # raised at any later point, or at an unknown one
    CARRIER = "carrier"  # says nothing itself: what it carries decides


# Every class of both libraries is here; a test walks their modules. Only what those libraries raise before the
# first byte counts as not sent (requests 2.34 adapters.py `send`, urllib3 2.8 connectionpool.py `urlopen`).
EVIDENCE: Final[dict[type[BaseException], Evidence]] = {
    of_urllib3.NewConnectionError: Evidence.NOT_SENT,
    of_urllib3.NameResolutionError: Evidence.NOT_SENT,
    of_urllib3.ConnectTimeoutError: Evidence.NOT_SENT,
    of_urllib3.SSLError: Evidence.NOT_SENT,
    of_urllib3.ProxyError: Evidence.NOT_SENT,
    of_requests.ConnectTimeout: Evidence.NOT_SENT,
    of_requests.SSLError: Evidence.NOT_SENT,
    of_requests.ProxyError: Evidence.NOT_SENT,
    of_requests.InvalidURL: Evidence.NOT_SENT,
    of_requests.InvalidProxyURL: Evidence.NOT_SENT,
    of_requests.RequestException: Evidence.CARRIER,
    of_requests.ConnectionError: Evidence.CARRIER,
    of_urllib3.HTTPError: Evidence.CARRIER,
    of_urllib3.PoolError: Evidence.CARRIER,
    of_urllib3.RequestError: Evidence.CARRIER,
    of_urllib3.MaxRetryError: Evidence.CARRIER,
    # An address that does not parse: requests makes InvalidURL of it, and the request goes nowhere.
    of_urllib3.LocationValueError: Evidence.CARRIER,
    of_urllib3.LocationParseError: Evidence.CARRIER,
    SendWindowClosedError: Evidence.NOT_SENT,
    StoppedError: Evidence.NOT_SENT,
    NotCalledError: Evidence.NOT_SENT,
    OutsideLineError: Evidence.NOT_SENT,
    WireError: Evidence.MAYBE_SENT,
    SecondSendError: Evidence.MAYBE_SENT,
    DeadlinePassedError: Evidence.MAYBE_SENT,
    RedirectRefusedError: Evidence.MAYBE_SENT,
    AnswerTooLargeError: Evidence.MAYBE_SENT,
    FailedAfterStartError: Evidence.MAYBE_SENT,
    **dict.fromkeys(
        (
            of_requests.ChunkedEncodingError,
            of_requests.ContentDecodingError,
            of_requests.FileModeWarning,
            of_requests.HTTPError,
            of_requests.InvalidHeader,
            of_requests.InvalidJSONError,
            of_requests.InvalidSchema,
            of_requests.JSONDecodeError,
            of_requests.MissingSchema,
            of_requests.ReadTimeout,
            of_requests.RequestsDependencyWarning,
            of_requests.RequestsWarning,
            of_requests.RetryError,
            of_requests.StreamConsumedError,
            of_requests.Timeout,
            of_requests.TooManyRedirects,
            of_requests.UnrewindableBodyError,
            of_requests.URLRequired,
            of_urllib3.BodyNotHttplibCompatible,
            of_urllib3.ClosedPoolError,
            of_urllib3.DecodeError,
            of_urllib3.DependencyWarning,
            of_urllib3.EmptyPoolError,
            of_urllib3.FullPoolError,
            of_urllib3.HeaderParsingError,
            of_urllib3.HostChangedError,
            of_urllib3.HTTPWarning,
            of_urllib3.IncompleteRead,
            of_urllib3.InsecurePlatformWarning,
            of_urllib3.InsecureRequestWarning,
            of_urllib3.InvalidChunkLength,
            of_urllib3.InvalidHeader,
            of_urllib3.NotOpenSSLWarning,
            of_urllib3.ProtocolError,
            of_urllib3.ProxySchemeUnknown,
            of_urllib3.ProxySchemeUnsupported,
            of_urllib3.ReadTimeoutError,
            of_urllib3.ResponseError,
            of_urllib3.ResponseNotChunked,
            of_urllib3.SecurityWarning,
            of_urllib3.SystemTimeWarning,
            of_urllib3.TimeoutError,
            of_urllib3.TimeoutStateError,
            of_urllib3.UnrewindableBodyError,
            of_urllib3.URLSchemeUnknown,
        ),
        Evidence.MAYBE_SENT,
    ),
}


def evidence(kind: type[BaseException]) -> Evidence:
    """What this class says; a class of neither library (an SDK's wrapper, the system's own) only carries."""
    for known in kind.__mro__:
        if known in EVIDENCE:
            return EVIDENCE[known]
    return Evidence.CARRIER


def carried(error: BaseException) -> Iterator[BaseException]:
    """The error and all it carries: causes, contexts, urllib3's `reason` and exceptions among the arguments."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        item = waiting.pop()
        if not isinstance(item, BaseException) or id(item) in seen:
            continue
        seen.add(id(item))
        yield item
        waiting += [item.__cause__, item.__context__, getattr(item, "reason", None), *item.args]


def not_sent(error: BaseException) -> bool:
    """Whether this failure can only come from before the first byte: at least one sign of that, and none against.

    Judges an error alone; `delivery` judges an exchange and is what a write must ask.
    """
    found = {evidence(type(item)) for item in carried(error)}
    return Evidence.NOT_SENT in found and Evidence.MAYBE_SENT not in found


class Delivery(Enum):
    """What is known of a request's fate from the wire alone."""

    NOT_SENT = "not sent"  # no byte of it was handed to a connected socket
    UNKNOWN = "unknown"  # it may have arrived, and may still act
    ANSWERED = "answered"  # a whole answer came back, whatever it says


def delivery(exchange: Exchange) -> Delivery:
    """Judge an exchange; `started` is the first fact, the class of the error only counts without it."""
    if exchange.status is not None and exchange.body is not None:
        return Delivery.ANSWERED
    if exchange.started:
        return Delivery.UNKNOWN
    if exchange.guarded or (exchange.error is not None and not_sent(exchange.error)):
        return Delivery.NOT_SENT
    return Delivery.UNKNOWN  # the SDK may have gone round our transport: nothing is known
