"""The transport under both SDKs: sends once, within its window, to the host it was told, and records the facts.

The vendors' clients call `harden` on the session their SDK made. Must not retry, follow, authenticate or judge.
"""

from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Final

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import ChunkedEncodingError, ContentDecodingError, ReadTimeout, SSLError
from urllib3.exceptions import DecodeError, ProtocolError, ReadTimeoutError
from urllib3.exceptions import SSLError as TlsError
from urllib3.util.retry import Retry

from adapters.wire.call import Call, current
from adapters.wire.connection import POOLS
from adapters.wire.failures import (
    AnswerTooLargeError,
    DeadlinePassedError,
    FailedAfterStartError,
    OutsideLineError,
    RedirectRefusedError,
    not_sent,
)

# The largest documented answer (100 customers, 100 records) is below 200 kB.
LARGEST_ANSWER: Final = 10 * 1024 * 1024
CHUNK: Final = 64 * 1024
SHORTEST_TIMEOUT: Final = 0.001  # urllib3 takes no zero

Timeout = float | tuple[float | None, float | None] | None


class HardenedAdapter(HTTPAdapter):
    """Sends one request of the current call, without any retry, proxy or redirect, and reads the whole answer.

    Raises what requests raises, and WireError. The response it returns is consumed: the SDK reads no socket.
    """

    def __init__(self, *, pool: int) -> None:
        super().__init__(
            pool_connections=pool,
            pool_maxsize=pool,
            # Zero in total, not False: a False would let urllib3's bare errors through, which the SDKs do not expect.
            max_retries=Retry(total=0, connect=0, read=False, redirect=False, status=False, other=0),
        )

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: object) -> None:  # noqa: FBT001, FBT002  # requests' signature
        """Make the pools of fenced connections."""
        super().init_poolmanager(connections, maxsize, block=block, **options)
        self.poolmanager.pool_classes_by_scheme = dict(POOLS)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002, FBT001, FBT002  # always streamed: the cap and the deadline are ours
        timeout: object = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002  # requests' signature
        cert: object = None,
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002  # ignored: Tencent's SDK passes the environment's
    ) -> requests.Response:
        """Send and read; everything seen goes into the current call's exchange."""
        call = current.get()
        if call is None:
            raise OutsideLineError
        call.enter()
        try:
            response = super().send(
                request,
                stream=True,
                timeout=_clamped(timeout, call),
                verify=verify,
                cert=cert,  # type: ignore[arg-type]  # passed on as it came
                proxies={},
            )
            _receive(call, response)
        except Exception as error:
            call.failed(error)
            if call.started and not_sent(error):
                raise FailedAfterStartError(call.operation) from error
            raise
        finally:
            call.release()
        return response

    def close(self) -> None:
        """Close every kept connection now; requests leaves that to the garbage collector."""
        pools = self.poolmanager.pools
        for key in pools.keys():  # noqa: SIM118  # urllib3's container refuses to be iterated
            pool = pools.get(key)
            if pool is not None:
                pool.close()
        super().close()


def _clamped(timeout: object, call: Call) -> tuple[float, float]:
    """The SDK's timeouts per socket operation, cut to what is left of the call."""
    connect, read = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    return _shorter(connect, call.seconds_to_connect()), _shorter(read, call.seconds_left())


def _shorter(given: object, left: float) -> float:
    return max(SHORTEST_TIMEOUT, min(given, left) if isinstance(given, int | float) else left)


def _receive(call: Call, response: requests.Response) -> None:
    """Record the head, read the body, refuse redirects."""
    call.answered(response.status_code, response.headers)
    try:
        body = _body(call, response)
    except BaseException:
        response.close()  # what is left on this connection belongs to nobody
        raise
    response._content = body  # noqa: SLF001  # requests has no public way to hand over a body that was read
    response._content_consumed = True  # type: ignore[attr-defined]  # noqa: SLF001  # the same
    call.completed(body)
    if requests.codes.multiple_choices <= response.status_code < requests.codes.bad_request:
        raise RedirectRefusedError(call.operation, response.status_code)


def _body(call: Call, response: requests.Response) -> bytes:
    """The whole body, decoded; raises as requests' own reader does, and when it is too large or too late."""
    parts: list[bytes] = []
    size = 0
    try:
        for part in response.raw.stream(CHUNK, decode_content=True):
            parts.append(part)
            size += len(part)
            if size > LARGEST_ANSWER:
                raise AnswerTooLargeError(call.operation, LARGEST_ANSWER)
            if call.seconds_left() <= 0:
                raise DeadlinePassedError(call.operation)
    except ProtocolError as error:
        raise ChunkedEncodingError(error) from error
    except DecodeError as error:
        raise ContentDecodingError(error) from error
    except ReadTimeoutError as error:
        raise ReadTimeout(error) from error
    except TlsError as error:
        raise SSLError(error) from error
    return b"".join(parts)


def harden(session: requests.Session, *, pool: int = 16) -> None:
    """Make an SDK's session safe: nothing from the environment or .netrc, no proxy, cookie, redirect or retry.

    `pool`: connections kept per host. Afterwards the session only works inside Line.ask and Line.tell.
    """
    session.trust_env = False
    session.max_redirects = 0
    session.proxies.clear()
    session.auth = None
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.cookies.clear()
    adapter = HardenedAdapter(pool=pool)
    for scheme in ("http://", "https://"):
        session.mount(scheme, adapter)
