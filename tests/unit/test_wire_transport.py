import gzip
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import requests
from requests.exceptions import ChunkedEncodingError, ContentDecodingError, InvalidURL, ReadTimeout, SSLError

from adapters.wire import Delivery, Exchange, delivery, not_sent
from adapters.wire.connection import CutHeadersError
from adapters.wire.failures import (
    AnswerTooLargeError,
    DeadlinePassedError,
    OutsideLineError,
    RedirectRefusedError,
    SecondSendError,
    carried,
)
from adapters.wire.transport import LARGEST_ANSWER
from tests.unit.wire_server import Peer, answer, hardened, line, replying, serving, settle, soon


def told(url: str, *, method: str = "POST", seconds: float = 1.0, timeout: float = 5.0) -> Exchange:
    """Tell that URL something through a fresh session."""
    with hardened() as session:
        return line().tell(
            "write", lambda: session.request(method, url, data=b'{"a":1}', timeout=timeout), send_before=soon(seconds)
        )


def reset_after_reading(peer: Peer) -> None:
    """RST instead of an answer."""
    peer.read()
    peer.reset()


def close_after_reading(peer: Peer) -> None:
    """FIN instead of an answer."""
    peer.read()


def hang_after_reading(peer: Peer) -> None:
    """No answer at all."""
    peer.read()
    peer.hang()


def sending(data: bytes) -> Callable[[Peer], None]:
    """One answer made of these bytes, then FIN."""

    def behave(peer: Peer) -> None:
        peer.read()
        peer.send(data)

    return behave


def test_an_answer_is_recorded_whole() -> None:
    """Status, lower-case headers, date and body of an answer are in the exchange, and the error is empty."""
    date = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    with serving(replying(answer(200, b'{"x":1}', "X-Request-Id: r1", date=date))) as server:
        seen = told(server.url)
    assert (seen.status, seen.body, seen.vendor_date) == (200, b'{"x":1}', date)
    assert seen.headers["x-request-id"] == "r1"
    assert (seen.started, seen.guarded, seen.timed_out, seen.error) == (True, True, False, None)
    assert delivery(seen) is Delivery.ANSWERED
    assert server.requests[0].endswith(b'{"a":1}')


def test_the_sdk_gets_a_consumed_response() -> None:
    """The SDK can read content, text and iterate as usual, after the connection is back in its pool."""
    with serving(replying(answer(200, b'{"x":1}'))) as server, hardened() as session:
        got = line().ask("read", lambda: None, lambda _: None)
        kept: list[requests.Response] = []
        line().ask("read", lambda: kept.append(session.get(server.url, stream=True)), lambda seen: seen.status)
        assert got is None
        assert (kept[0].content, kept[0].json(), list(kept[0].iter_content(4))) == (
            b'{"x":1}',
            {"x": 1},
            [b'{"x"', b":1}"],
        )


def test_a_refused_connection_is_not_sent() -> None:
    """Nothing listens: the request was not started."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    seen = told(f"http://127.0.0.1:{port}/")
    assert (seen.started, seen.status, delivery(seen)) == (False, None, Delivery.NOT_SENT)
    assert isinstance(seen.error, requests.ConnectionError)
    assert not_sent(seen.error)


def test_a_url_that_cannot_be_parsed_is_not_sent() -> None:
    """A bad address goes nowhere."""
    seen = told("http://127.0.0.1:port/")
    assert isinstance(seen.error, InvalidURL)
    assert delivery(seen) is Delivery.NOT_SENT


def test_a_failed_tls_handshake_is_not_sent() -> None:
    """A server that speaks no TLS gets a greeting but no byte of the request."""
    with serving(lambda peer: peer.send(b"HTTP/1.1 400 plain\r\n\r\n")) as server:
        seen = told(server.url.replace("http:", "https:"))
    assert isinstance(seen.error, SSLError)
    assert (seen.started, delivery(seen)) == (False, Delivery.NOT_SENT)
    assert b"POST" not in server.received


def test_a_hanging_tls_handshake_is_not_sent() -> None:
    """Though urllib3 calls that a read timeout, no byte of the request was written."""
    with serving(Peer.hang) as server:
        seen = told(server.url.replace("http:", "https:"), timeout=0.1)
    assert isinstance(seen.error, ReadTimeout)
    assert (seen.started, delivery(seen)) == (False, Delivery.NOT_SENT)
    assert b"POST" not in server.received


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "behave",
    [Peer.reset_unread, reset_after_reading, close_after_reading, sending(b"garbage\r\n\r\n")],
    ids=["reset before reading", "reset", "closed", "garbage"],
)
def test_a_broken_connection_is_unknown_and_never_tried_again(behave: Callable[[Peer], None], method: str) -> None:
    """After the first byte a reset, a close and garbage all mean: it may have been applied; one connection is made."""
    with serving(behave) as server:
        seen = told(server.url, method=method)
    assert (seen.started, seen.status, seen.body, delivery(seen)) == (True, None, None, Delivery.UNKNOWN)
    assert seen.error is not None
    assert not not_sent(seen.error)
    assert server.connections == 1


def test_a_socket_timeout_of_the_sdk_is_unknown() -> None:
    """The SDK's own read timeout, shorter than the deadline, is recorded as it is."""
    with serving(hang_after_reading) as server:
        seen = told(server.url, timeout=0.1)
    assert isinstance(seen.error, ReadTimeout)
    assert (seen.timed_out, delivery(seen)) == (False, Delivery.UNKNOWN)
    assert len(server.requests) == 1


def test_a_body_that_stalls_is_no_answer() -> None:
    """A socket timeout inside the body leaves the status known and the body None."""

    def stall(peer: Peer) -> None:
        peer.read()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}")
        peer.hang()

    with serving(stall) as server:
        seen = told(server.url, timeout=0.1)
    assert (seen.status, seen.body, delivery(seen)) == (200, None, Delivery.UNKNOWN)
    assert isinstance(seen.error, ReadTimeout)


def test_a_hang_ends_at_the_deadline() -> None:
    """A server that never answers is given up after twice the send window."""
    with serving(hang_after_reading) as server:
        begun = time.monotonic()
        seen = told(server.url, seconds=0.15)
        assert time.monotonic() - begun < 0.6
    assert delivery(seen) is Delivery.UNKNOWN
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("dripped", "status"),
    [
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 999, None),
        (answer(200, b"x" * 999), 200),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e7\r\n" + b"x" * 999, 200),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 999, 200),
    ],
    ids=["headers", "body", "chunk", "until close"],
)
def test_a_drip_ends_at_the_deadline(dripped: bytes, status: int | None) -> None:
    """Bytes that keep coming do not prolong a call, and the thread that read them ends too."""

    def behave(peer: Peer) -> None:
        peer.read()
        head, mark, body = dripped.partition(b"\r\n\r\n")
        if mark:
            peer.send(head + mark)
            peer.drip(body, seconds=0.02)
        else:
            peer.drip(dripped, seconds=0.02)

    with serving(behave) as server:
        begun = time.monotonic()
        seen = told(server.url, seconds=0.2)
        settle()
        assert time.monotonic() - begun < 1.5
    assert (seen.timed_out, seen.status, seen.body, delivery(seen)) == (True, status, None, Delivery.UNKNOWN)
    assert isinstance(seen.error, DeadlinePassedError)


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    ],
    ids=["length", "chunk", "no last chunk"],
)
def test_a_cut_body_is_no_answer(data: bytes) -> None:
    """A body that ends early leaves the status known and the body None."""
    with serving(sending(data)) as server:
        seen = told(server.url)
    assert (seen.status, seen.body, delivery(seen)) == (200, None, Delivery.UNKNOWN)
    assert isinstance(seen.error, ChunkedEncodingError)


@pytest.mark.parametrize("status", [200, 204])
@pytest.mark.parametrize("tail", ["", "X-Request-Id: r1", "X-Request-Id: r1\r\n"])
def test_a_cut_header_block_is_no_answer(status: int, tail: str) -> None:
    """Headers that end without an empty line are no success, though http.client takes them for one."""
    with serving(sending(f"HTTP/1.1 {status} OK\r\n{tail}".encode())) as server:
        seen = told(server.url)
    assert (seen.status, seen.body, delivery(seen)) == (status, None, Delivery.UNKNOWN)
    assert seen.error is not None
    assert any(isinstance(error, CutHeadersError) for error in carried(seen.error))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 304])
def test_a_redirect_is_recorded_and_not_followed(status: int) -> None:
    """One request is seen, whatever the redirect, and the exchange holds what it said."""
    with serving(replying(answer(status, b"", "Location: /elsewhere"))) as server:
        seen = told(server.url)
        assert len(server.requests) == 1
    assert (seen.status, seen.headers["location"]) == (status, "/elsewhere")
    assert isinstance(seen.error, RedirectRefusedError)


def test_a_gzip_body_is_unpacked() -> None:
    """The exchange holds the body as the SDK reads it."""
    with serving(replying(answer(200, gzip.compress(b'{"x":1}'), "Content-Encoding: gzip"))) as server:
        assert told(server.url).body == b'{"x":1}'


def test_a_bad_gzip_body_is_no_answer() -> None:
    """A body that cannot be unpacked leaves the status known and the body None."""
    with serving(sending(answer(200, b"not gzip at all", "Content-Encoding: gzip"))) as server:
        seen = told(server.url)
    assert (seen.status, seen.body, delivery(seen)) == (200, None, Delivery.UNKNOWN)
    assert isinstance(seen.error, ContentDecodingError)


@pytest.mark.parametrize("packed", [False, True])
def test_an_endless_body_is_cut_off(packed: bool) -> None:  # noqa: FBT001  # a parameter of the test
    """More than the cap is not read, packed or not."""
    body = b" " * (LARGEST_ANSWER + 1)
    reply = answer(200, gzip.compress(body, 1), "Content-Encoding: gzip") if packed else answer(200, body)
    with serving(sending(reply)) as server:
        seen = told(server.url, seconds=5)
    assert (seen.status, seen.body) == (200, None)
    assert isinstance(seen.error, AnswerTooLargeError)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("status", [413, 429, 503])
def test_a_wish_to_be_asked_again_is_not_obeyed(status: int, method: str) -> None:
    """Retry-After is recorded and nothing is sent again: the body of a throttled read is kept too."""
    with serving(replying(answer(status, b'{"code":"slow"}', "Retry-After: 0"))) as server:
        seen = told(server.url, method=method)
        assert len(server.requests) == 1
    assert (seen.status, seen.body, seen.headers["retry-after"]) == (status, b'{"code":"slow"}', "0")


def test_cookies_are_refused() -> None:
    """A vendor's cookie is neither kept nor sent back."""
    with serving(replying(answer(200, b"{}", "Set-Cookie: a=b; Path=/"))) as server, hardened() as session:
        for _ in range(2):
            line().ask("read", lambda: session.get(server.url), lambda seen: seen.status)
        assert not session.cookies
    assert b"cookie" not in server.received.lower()


@pytest.mark.parametrize("reply", [answer(), b"HTTP/1.1 204 No Content\r\n\r\n"], ids=["body", "empty"])
def test_reads_share_a_connection_and_writes_get_a_fresh_one(reply: bytes) -> None:
    """Three reads use one connection; a write never meets one that the vendor may be closing."""
    with serving(replying(reply)) as server, hardened() as session:
        for _ in range(3):
            line().ask("read", lambda: session.get(server.url), lambda seen: seen.status)
        assert server.connections == 1
        for _ in range(2):
            line().tell("write", lambda: session.post(server.url), send_before=soon())
        assert server.connections == 3


def test_a_second_request_in_one_call_is_refused() -> None:
    """An SDK that sends again by itself cannot: one call is one request."""
    with serving(replying(answer())) as server, hardened() as session:
        seen = line().tell("write", lambda: [session.post(server.url) for _ in range(2)], send_before=soon())
        assert len(server.requests) == 1
    assert isinstance(seen.error, SecondSendError)
    assert seen.status == 200


def test_a_hardened_session_works_only_inside_a_line() -> None:
    """Outside ask and tell there would be no deadline and no fence, so nothing is sent."""
    with serving(replying(answer())) as server, hardened() as session:
        with pytest.raises(OutsideLineError):
            session.get(server.url)
        assert server.connections == 0
