"""The loopback server: what a caller sees of every fault, and what the simulation saw of it."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest

from adapters.sandbox.carrier import PLAYS
from adapters.sandbox.faults import Faults, Mode
from adapters.sandbox.server import LoopbackServer, Request, Response, json_response

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TIMEOUT = 0.3


class CountingSimulation:
    """A vendor whose only operation adds one."""

    def __init__(self) -> None:
        self.applied = 0
        self.seen: list[Request] = []
        self._lock = threading.Lock()

    def operation(self, request: Request) -> str:
        """Name the operation after the path."""
        return request.path.strip("/")

    def respond(self, request: Request) -> Response:
        """Add one and say how many there are."""
        if request.path == "/odd":
            return Response(299, b"", {"Date": "yesterday", "Content-Type": "text/plain"})
        if request.path == "/broken":
            message = "a simulator's bug"
            raise ZeroDivisionError(message)
        with self._lock:
            self.applied += 1
            self.seen.append(request)
            if request.path == "/empty":
                return Response(204)
            return json_response(200, {"applied": self.applied})

    def throttled(self, operation: str) -> Response:
        """Say that there were too many."""
        return json_response(429, {"throttled": operation})

    def business_error(self, operation: str) -> Response:
        """Fail with 200, as some vendors do."""
        return json_response(200, {"error": operation})

    def refusal(self, operation: str) -> Response:
        """Refuse for good."""
        return json_response(400, {"refused": operation})


class Rig:
    """A simulation, its faults and its server."""

    def __init__(self, rates: dict[str, float] | None = None) -> None:
        self.simulation = CountingSimulation()
        self.faults = Faults()
        self.server = LoopbackServer(self.simulation, faults=self.faults, rates=rates, now=lambda: NOON)

    def call(self, path: str = "/add", body: bytes = b"{}") -> tuple[int, bytes, dict[str, str]]:
        """Send one POST on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=TIMEOUT)
        try:
            connection.request("POST", path, body)
            reply = connection.getresponse()
            return reply.status, reply.read(), {name.lower(): value for name, value in reply.getheaders()}
        finally:
            connection.close()

    def fails(self) -> str:
        """Send one POST that must fail; give the name of the error."""
        try:
            status, body, _ = self.call()
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__
        return f"answered {status} {body!r}"


@pytest.fixture
def rig() -> Iterator[Rig]:
    """Serve a counting vendor."""
    rig = Rig()
    with rig.server:
        yield rig
    assert all(isinstance(failure, ZeroDivisionError) for failure in rig.server.failures)


def test_answers_with_the_simulations_document(rig: Rig) -> None:
    """A good request is applied once and its answer comes back as JSON."""
    status, body, headers = rig.call()
    assert (status, body, headers["content-type"]) == (200, b'{"applied": 1}', "application/json")


def test_shows_the_request_as_it_was_sent(rig: Rig) -> None:
    """Path and query are unquoted, blank values and order are kept, the raw target stays."""
    rig.call("/a%20dd?b=%7E&a=&b=2", b"\x00x")
    seen = rig.simulation.seen[0]
    assert (seen.method, seen.path, seen.query) == ("POST", "/a dd", [("b", "~"), ("a", ""), ("b", "2")])
    assert (seen.raw_target, seen.body) == ("/a%20dd?b=%7E&a=&b=2", b"\x00x")
    assert seen.headers["host"] == f"127.0.0.1:{rig.server.port}"


def test_tells_the_injected_date_with_its_skew(rig: Rig) -> None:
    """The Date header is the injected now plus the settable skew."""
    rig.server.date_skew = timedelta(seconds=90)
    _, _, headers = rig.call()
    assert parsedate_to_datetime(headers["date"]) == NOON + timedelta(seconds=90)


def test_keeps_a_connection_for_many_requests_without_delay(rig: Rig) -> None:
    """Fifty requests on one connection take no delayed-acknowledgement pauses, empty answers included."""
    connection = http.client.HTTPConnection("127.0.0.1", rig.server.port, timeout=2)
    begun = time.monotonic()
    for number in range(50):
        connection.request("POST", "/empty" if number % 2 else "/add", b"{}")
        reply = connection.getresponse()
        assert reply.status == (204 if number % 2 else 200)
        reply.read()
    connection.close()
    assert time.monotonic() - begun < 1.0
    assert rig.simulation.applied == 50


def test_every_mode_has_its_play() -> None:
    """No mode of failure is without what it does to the wire."""
    assert set(PLAYS) == set(Mode)


BROKEN = {
    Mode.REFUSED: "RemoteDisconnected",
    Mode.RESET_BEFORE: "ConnectionResetError",
    Mode.RESET_AFTER: "ConnectionResetError",
    Mode.HANG_BEFORE: "TimeoutError",
    Mode.HANG_AFTER: "TimeoutError",
    Mode.TRUNCATED: "IncompleteRead",
}


@pytest.mark.parametrize("mode", BROKEN)
def test_breaks_the_connection_as_the_mode_says(rig: Rig, mode: Mode) -> None:
    """A broken exchange fails as named, is applied exactly if its mode says so, and the next one is good."""
    rig.faults.plan("add", mode)
    assert rig.fails() == BROKEN[mode]
    assert rig.simulation.applied == int(bool(mode.applied))
    assert rig.fails().startswith("answered 200")
    assert rig.server.requests() == {"add": 2}


ANSWERED = {
    Mode.TOO_MANY: (429, b'{"throttled": "add"}'),
    Mode.BUSINESS_ERROR: (200, b'{"error": "add"}'),
    Mode.REFUSAL: (400, b'{"refused": "add"}'),
    Mode.REDIRECT: (307, b""),
    Mode.DOUBLED: (200, b'{"applied": 2}'),
    Mode.WRONG_CONTENT_TYPE: (200, b'{"applied": 1}'),
}


@pytest.mark.parametrize("mode", ANSWERED)
def test_answers_as_the_mode_says(rig: Rig, mode: Mode) -> None:
    """A whole answer is the mode's own, and what was applied agrees with what the mode says of it."""
    rig.faults.plan("add", mode)
    status, body, headers = rig.call()
    assert (status, body) == ANSWERED[mode]
    assert rig.simulation.applied == (2 if mode is Mode.DOUBLED else int(bool(mode.applied)))
    if mode is Mode.REDIRECT:
        assert headers["location"] == "/add"
    if mode is Mode.WRONG_CONTENT_TYPE:
        assert headers["content-type"] != "application/json"


@pytest.mark.parametrize(
    ("mode", "status"), [(Mode.SERVER_ERROR_BEFORE, 503), (Mode.SERVER_ERROR_AFTER, 502), (Mode.GARBAGE, 200)]
)
def test_answers_with_a_page_that_is_no_json(rig: Rig, mode: Mode, status: int) -> None:
    """Gateway errors and garbage come as HTML, whether the request was applied or not."""
    rig.faults.plan("add", mode)
    got, body, headers = rig.call()
    assert (got, headers["content-type"].split(";")[0]) == (status, "text/html")
    assert body.startswith(b"<")
    assert rig.simulation.applied == int(bool(mode.applied))


def test_ends_inside_its_headers(rig: Rig) -> None:
    """A truncated head shows a status line and no end of headers, though the request was applied."""
    rig.faults.plan("add", Mode.TRUNCATED_HEADERS)
    with socket.create_connection(("127.0.0.1", rig.server.port), timeout=1) as raw:
        raw.sendall(b"POST /add HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        got = b""
        while piece := raw.recv(4096):
            got += piece
    assert got.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\n\r\n" not in got
    assert rig.simulation.applied == 1


def test_applies_after_the_caller_gave_up(rig: Rig) -> None:
    """A late request is not applied when the caller's patience ends, and is applied afterwards."""
    rig.faults.plan("add", Mode.LATE, seconds=TIMEOUT + 0.2)
    assert rig.fails() == "TimeoutError"
    assert rig.simulation.applied == 0
    deadline = time.monotonic() + 2
    while rig.simulation.applied == 0 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert rig.simulation.applied == 1


def test_drips_a_whole_answer(rig: Rig) -> None:
    """A dripping body takes its seconds in all, each byte well within a socket's timeout."""
    rig.faults.plan("add", Mode.DRIP, seconds=0.5)
    begun = time.monotonic()
    assert rig.call()[1] == b'{"applied": 1}'
    assert time.monotonic() - begun > 0.4


@pytest.mark.parametrize("mode", [Mode.TRUNCATED, Mode.DRIP])
def test_gives_an_empty_answer_something_to_break(rig: Rig, mode: Mode) -> None:
    """Cutting or dripping an answer without a body still shows the fault."""
    rig.faults.plan("empty", mode, seconds=0.05)
    if mode is Mode.DRIP:
        assert rig.call("/empty")[:2] == (200, b"{}")
    else:
        with pytest.raises(http.client.IncompleteRead):
            rig.call("/empty")


def test_a_late_request_dies_with_the_server() -> None:
    """Stopping the server ends hangs at once and applies nothing more."""
    rig = Rig()
    with rig.server:
        rig.faults.plan("add", Mode.LATE, seconds=3600)
        rig.faults.plan("add", Mode.HANG_BEFORE)
        assert rig.fails() == "TimeoutError"
        assert rig.fails() == "TimeoutError"
        begun = time.monotonic()
    assert time.monotonic() - begun < 1.0
    assert rig.simulation.applied == 0


def test_refuses_connections_while_unreachable(rig: Rig) -> None:
    """An unreachable vendor refuses at the socket, sees no request, and answers afterwards on the same address."""
    with rig.server.unreachable():
        assert rig.fails() == "ConnectionRefusedError"
    assert rig.fails().startswith("answered 200")
    assert rig.server.requests() == {"add": 1}


def test_enforces_rates_before_anything_else() -> None:
    """The request over the rate gets the vendor's throttle answer, is counted, and uses up no planned fault."""
    rig = Rig(rates={"add": 2.0})
    with rig.server:
        answers = [rig.call()[0] for _ in range(2)]
        rig.faults.plan("add", Mode.DOUBLED)
        answers.append(rig.call()[0])
    assert answers == [200, 200, 429]
    assert (rig.server.requests(), rig.server.throttled()) == ({"add": 3}, {"add": 1})
    assert rig.faults.pending() == 1


def test_keeps_a_simulations_own_failure_for_the_test(rig: Rig) -> None:
    """A bug in a simulator becomes a 500 and is kept, and the server goes on."""
    assert rig.call("/broken")[0] == 500
    assert [type(failure) for failure in rig.server.failures] == [ZeroDivisionError]
    assert rig.call()[0] == 200


@pytest.mark.parametrize(
    "raw",
    [
        b"nonsense\r\n\r\n",
        b"POST /add HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST /add HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST /add HTTP/1.1\r\n" + b"X-Header: 1\r\n" * 200 + b"\r\n",
    ],
)
def test_turns_away_what_is_no_request(rig: Rig, raw: bytes) -> None:
    """Malformed requests get 400 and reach no vendor."""
    with socket.create_connection(("127.0.0.1", rig.server.port), timeout=1) as connection:
        connection.sendall(raw)
        assert connection.recv(64).startswith(b"HTTP/1.1 400 ")
    assert rig.server.requests() == {}


def test_forgets_a_request_that_was_never_finished(rig: Rig) -> None:
    """A caller that dies inside its own body is not a request."""
    with socket.create_connection(("127.0.0.1", rig.server.port), timeout=1) as connection:
        connection.sendall(b"POST /add HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(64) == b""
    assert rig.server.requests() == {}


def test_serves_many_callers_at_once(rig: Rig) -> None:
    """Sixteen callers side by side each get an answer, and a hung one delays nobody."""
    rig.faults.plan("add", Mode.HANG_BEFORE)
    assert rig.fails() == "TimeoutError"
    answers: list[int] = []
    callers = [threading.Thread(target=lambda: answers.append(rig.call()[0])) for _ in range(16)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert answers == [200] * 16
    assert rig.simulation.applied == 16


def test_sends_what_the_simulation_insists_on(rig: Rig) -> None:
    """A simulation's own Date, Content-Type and undocumented status come through as they are."""
    status, _, headers = rig.call("/odd")
    assert (status, headers["date"], headers["content-type"]) == (299, "yesterday", "text/plain")


def test_joins_a_header_that_comes_twice(rig: Rig) -> None:
    """A repeated header is one value, joined as the protocol says."""
    with socket.create_connection(("127.0.0.1", rig.server.port), timeout=1) as connection:
        connection.sendall(b"POST /add HTTP/1.1\r\nX-A: 1\r\nx-a: 2\r\n\r\n")
        assert connection.recv(64).startswith(b"HTTP/1.1 200 ")
    assert rig.simulation.seen[0].headers["x-a"] == "1, 2"


def test_says_when_its_port_is_taken(rig: Rig) -> None:
    """Two servers cannot share a port, and the second one's failure leaves nothing open."""
    second = LoopbackServer(rig.simulation, faults=rig.faults, now=lambda: NOON, port=rig.server.port)
    with pytest.raises(OSError, match="in use"):
        second.start()
    assert rig.server.endpoint == f"http://127.0.0.1:{second.port}"
    assert rig.call()[0] == 200


def test_starts_and_stops_more_than_once() -> None:
    """Stopping twice is stopping once, and a stopped server can serve again where it was."""
    rig = Rig()
    with rig.server:
        first = rig.server.endpoint
        rig.server.stop()
        rig.server.stop()
        assert rig.fails() == "ConnectionRefusedError"
        rig.server.start()
        assert rig.server.endpoint == first
        assert rig.call()[0] == 200


def test_prints_nothing(rig: Rig, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither good nor broken exchanges write to stdout or stderr."""
    rig.faults.plan("add", Mode.RESET_AFTER)
    rig.fails()
    rig.call()
    assert capfd.readouterr() == ("", "")
