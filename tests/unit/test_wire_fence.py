import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import requests
import urllib3.util.connection
from requests.exceptions import ConnectTimeout
from requests.exceptions import SSLError as RequestsTlsError

from adapters.wire import Delivery, Exchange, Line, delivery, not_sent
from adapters.wire.call import Call, current
from adapters.wire.deadline import within_deadline
from adapters.wire.failures import DeadlinePassedError, FailedAfterStartError, SendWindowClosedError, carried
from tests.unit.wire_server import Peer, answer, hardened, line, replying, serving, settle, soon, utc_now


@pytest.fixture
def slow_connect(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Make every TCP connect do something else first: loopback itself cannot be slow where urllib3 looks."""
    real = urllib3.util.connection.create_connection

    def slow(before: Callable[[], object]) -> None:
        def create(*arguments: object, **options: object) -> socket.socket:
            before()
            return real(*arguments, **options)  # type: ignore[arg-type]  # passed on as they came

        monkeypatch.setattr(urllib3.util.connection, "create_connection", create)

    return slow


def test_a_slow_connect_does_not_let_an_old_signature_out(
    slow_connect: Callable[[Callable[[], object]], None],
) -> None:
    """A connection that stands only after `send_before` carries not one byte of the request."""
    slow_connect(lambda: time.sleep(0.25))
    with serving(Peer.drain) as server, hardened() as session:
        seen = line().tell("write", lambda: session.post(server.url, data=b"{}"), send_before=soon(0.2))
        settle()
    assert server.connections == 1
    assert server.received == b""
    assert (seen.started, seen.timed_out, delivery(seen)) == (False, False, Delivery.NOT_SENT)
    assert isinstance(seen.error, SendWindowClosedError)
    assert not_sent(seen.error)


def test_a_clock_set_forward_while_connecting_closes_the_window(
    slow_connect: Callable[[Callable[[], object]], None],
) -> None:
    """After a suspend only the wall clock shows the time that passed; it counts too."""
    ahead = timedelta()

    def sleep_on() -> None:
        nonlocal ahead
        ahead = timedelta(minutes=10)

    slow_connect(sleep_on)
    suspended = Line(
        rates={"write": 100},
        share=1,
        read_timeout=timedelta(seconds=1),
        now=lambda: utc_now() + ahead,
        stopping=lambda: False,
    )
    with serving(Peer.drain) as server, hardened() as session:
        seen = suspended.tell("write", lambda: session.post(server.url), send_before=soon(1))
    assert server.received == b""
    assert delivery(seen) is Delivery.NOT_SENT


def test_a_clock_set_back_does_not_open_the_window_again(
    slow_connect: Callable[[Callable[[], object]], None],
) -> None:
    """The window is held against the monotonic clock too: a signature does not become younger."""
    behind = timedelta()

    def step_back() -> None:
        nonlocal behind
        behind = timedelta(minutes=10)
        time.sleep(0.25)

    slow_connect(step_back)
    stepped = Line(
        rates={"write": 100},
        share=1,
        read_timeout=timedelta(seconds=1),
        now=lambda: utc_now() - behind,
        stopping=lambda: False,
    )
    with serving(Peer.drain) as server, hardened() as session:
        seen = stepped.tell("write", lambda: session.post(server.url), send_before=soon(0.2))
    assert server.received == b""
    assert delivery(seen) is Delivery.NOT_SENT


def test_a_vendor_that_accepts_too_late_gets_nothing() -> None:
    """With a full backlog the connect itself hangs; it ends with the window, and nothing follows it."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, hardened() as session:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            seen = line().tell("write", lambda: session.post(f"http://127.0.0.1:{port}/"), send_before=soon(0.2))
            settle()
            first, _ = listener.accept()
            with first:
                listener.settimeout(0.05)
                with pytest.raises(TimeoutError):
                    listener.accept()
    assert isinstance(seen.error, ConnectTimeout)
    assert delivery(seen) is Delivery.NOT_SENT


def test_a_request_whose_window_closes_half_way_stays_half() -> None:
    """The head went out in time, the body would not: it is held back, so the vendor has no whole request."""

    def parts() -> Iterator[bytes]:
        yield b"first"
        time.sleep(0.25)
        yield b"second"

    with serving(Peer.drain) as server, hardened() as session:
        seen = line().tell("write", lambda: session.post(server.url, data=parts()), send_before=soon(0.2))
        settle()
    assert b"first" in server.received
    assert b"second" not in server.received
    assert delivery(seen) is Delivery.UNKNOWN


def test_a_late_thread_can_neither_write_nor_change_what_was_handed_back() -> None:
    """A call that wakes after it was given up sends nothing, and its exchange stays as it was."""
    with serving(Peer.drain) as server, hardened() as session:

        def sleep_then_send() -> None:
            time.sleep(0.3)
            session.post(server.url)

        seen = line().tell("write", sleep_then_send, send_before=soon(0.1))
        before = repr(seen)
        settle()
        assert repr(seen) == before
        assert server.connections == 0
    assert (seen.started, seen.timed_out) == (False, True)
    assert isinstance(seen.error, DeadlinePassedError)


def test_a_late_answer_does_not_change_what_was_handed_back() -> None:
    """An answer that comes after the call was given up is not taken for one."""

    def answer_late(peer: Peer) -> None:
        peer.read()
        time.sleep(0.3)
        peer.send(answer())

    with serving(answer_late) as server, hardened() as session:
        seen = line().tell("write", lambda: session.post(server.url), send_before=soon(0.1))
        settle()
    # Whether the socket or the clock on the wall gives up first is a matter of microseconds.
    assert (seen.started, seen.status, delivery(seen)) == (True, None, Delivery.UNKNOWN)


def test_an_interrupt_leaves_no_fence_open() -> None:
    """Ctrl-C while waiting for a call closes the call: its thread can start nothing any more."""
    call = Call(Exchange(operation="write", send_before=soon(5)), now=utc_now, seconds=5)

    def interrupt() -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        within_deadline(call, lambda: time.sleep(0.3), stopping=interrupt, grace=0)
    with pytest.raises(DeadlinePassedError):
        call.enter()
    settle()


def test_a_call_runs_in_the_context_of_its_caller() -> None:
    """Context variables, as logs bind them, reach the call's thread; the call itself stays in it."""
    seen: list[Call | None] = []
    call = Call(Exchange(operation="read"), now=utc_now, seconds=1)
    within_deadline(call, lambda: seen.append(current.get()), stopping=lambda: False, grace=0)
    assert seen == [call]
    assert current.get() is None


def test_a_hung_call_does_not_hold_up_the_end_of_the_process() -> None:
    """A process with a call that will never return ends at once."""
    program = """
import time
from datetime import UTC, datetime, timedelta
from adapters.wire import Line
now = lambda: datetime.now(UTC)
line = Line(rates={"w": 9}, share=1, read_timeout=timedelta(seconds=1), now=now, stopping=lambda: False)
print(line.tell("w", lambda: time.sleep(60), send_before=now() + timedelta(seconds=0.1)).timed_out)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=True)  # noqa: S603  # our own program
    assert ended.stdout.strip() == "True"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1 with its key, in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    options = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(folder / "key"), "-out", str(folder / "pem")]
    subprocess.run([openssl, *options.split(), *names], check=True, capture_output=True)  # noqa: S603  # fixed arguments
    both = folder / "both.pem"
    both.write_bytes((folder / "key").read_bytes() + (folder / "pem").read_bytes())
    return both


def over_tls(certificate: Path, behave: Callable[[Peer], None], *, delay: float = 0.0) -> Callable[[Peer], None]:
    """The behaviour behind a TLS handshake that takes at least `delay` seconds."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def behaving(peer: Peer) -> None:
        time.sleep(delay)
        peer.upgrade(context)
        behave(peer)

    return behaving


def test_tls_works_and_records_like_plain_http(certificate: Path) -> None:
    """The fence lies behind the handshake, and the answer is recorded."""
    with serving(over_tls(certificate, replying(answer()))) as server, hardened() as session:
        url = server.url.replace("http:", "https:")
        for _ in range(2):
            seen = line().tell("write", lambda: session.post(url, verify=str(certificate)), send_before=soon(2))
            assert (seen.status, seen.body, seen.error) == (200, b"{}", None)


def test_a_slow_handshake_does_not_let_an_old_signature_out(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A TLS handshake that ends after the window is followed by nothing."""
    # The transport cuts socket timeouts to the window; without that the handshake can outlast it, as a drip could.
    monkeypatch.setattr(Call, "seconds_to_connect", Call.seconds_left)
    with serving(over_tls(certificate, replying(answer()), delay=0.25)) as server, hardened() as session:
        url = server.url.replace("http:", "https:")
        seen = line().tell("write", lambda: session.post(url, verify=str(certificate)), send_before=soon(0.2))
        settle()
        assert server.received == b""
    assert isinstance(seen.error, SendWindowClosedError)
    assert delivery(seen) is Delivery.NOT_SENT


@pytest.mark.parametrize(
    ("begun", "status"), [(b"", None), (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}", 200)], ids=["head", "body"]
)
def test_a_tls_failure_after_the_start_never_looks_unsent(certificate: Path, begun: bytes, status: int | None) -> None:
    """A broken record inside an answer is wrapped, so that its class cannot pass for a failed handshake."""

    def break_tls(peer: Peer) -> None:
        peer.read()
        peer.send(begun)
        peer.send_below_tls(b"HTTP/1.1 200 plain\r\n\r\n")

    with serving(over_tls(certificate, break_tls)) as server, hardened() as session:
        url = server.url.replace("http:", "https:")
        seen = line().tell("write", lambda: session.post(url, verify=str(certificate)), send_before=soon(2))
    assert isinstance(seen.error, FailedAfterStartError)
    assert (seen.status, seen.body) == (status, None)
    assert any(isinstance(error, RequestsTlsError) for error in carried(seen.error))
    assert not not_sent(seen.error)
    assert delivery(seen) is Delivery.UNKNOWN


def test_an_unknown_certificate_is_not_sent(certificate: Path) -> None:
    """A certificate that does not verify ends the call before the request."""
    with serving(over_tls(certificate, replying(answer()))) as server, hardened() as session:
        url = server.url.replace("http:", "https:")
        seen = line().tell("write", lambda: session.post(url), send_before=soon(2))
        assert server.received == b""
    assert isinstance(seen.error, requests.exceptions.SSLError)
    assert delivery(seen) is Delivery.NOT_SENT


def test_the_window_is_closed_at_its_very_end() -> None:
    """`send_before` itself is too late."""
    moment = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    call = Call(Exchange(operation="write", send_before=moment), now=lambda: moment, seconds=1)
    with pytest.raises(SendWindowClosedError):
        call.enter()
