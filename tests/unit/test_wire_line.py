import ast
import inspect
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
import requests

from adapters.wire import Delivery, Exchange, Line, Priority, delivery
from adapters.wire import line as line_module
from adapters.wire.failures import NotCalledError, StoppedError
from core.errors import PermanentReadError, TemporaryReadError
from tests.unit.wire_server import Peer, answer, hardened, line, replying, serving, soon


def judge(exchange: Exchange) -> bytes:
    """A small table: 429 is throttled, other trouble temporary, 4xx permanent, else the body."""
    if exchange.status == requests.codes.too_many_requests:
        asked = timedelta(seconds=float(exchange.headers["retry-after"])) if "retry-after" in exchange.headers else None
        raise TemporaryReadError("read", "429", "slow down", throttled=True, retry_after=asked)
    if exchange.body is None or exchange.status is None or exchange.status >= requests.codes.internal_server_error:
        raise TemporaryReadError("read", "broken", "no answer") from exchange.error
    if exchange.status >= requests.codes.bad_request:
        raise PermanentReadError("read", str(exchange.status), "no")
    return exchange.body


def test_a_read_is_asked_again_until_it_is_answered() -> None:
    """Temporary trouble is repeated, and the answer that then comes is given."""
    with serving(replying(answer(500), answer(503), answer(200, b"at last"))) as server, hardened() as session:
        asking = line()
        assert asking.ask("read", lambda: session.get(server.url), judge) == b"at last"
        assert asking.calls() == {"read": 3, "throttled": 0}


def test_a_read_is_not_asked_for_ever() -> None:
    """After four attempts the last trouble is raised as it is."""
    with serving(replying(answer(500))) as server, hardened() as session:
        with pytest.raises(TemporaryReadError, match="no answer"):
            line().ask("read", lambda: session.get(server.url), judge)
        assert len(server.requests) == 4


def test_a_permanent_no_is_not_asked_again() -> None:
    """PermanentReadError ends the read at once."""
    with serving(replying(answer(403))) as server, hardened() as session:
        with pytest.raises(PermanentReadError):
            line().ask("read", lambda: session.get(server.url), judge)
        assert len(server.requests) == 1


def test_a_mistake_of_our_own_is_not_asked_again() -> None:
    """An error that is no ReadFailedError passes through."""
    with serving(replying(answer())) as server, hardened() as session:
        with pytest.raises(ZeroDivisionError):
            line().ask("read", lambda: session.get(server.url), lambda _: 1 / 0)
        assert len(server.requests) == 1


def test_every_attempt_of_a_read_has_its_own_deadline() -> None:
    """A hanging first answer is given up after the read timeout, and the second one is taken."""
    hung = threading.Event()

    def hang_once(peer: Peer) -> None:
        if not hung.is_set():
            hung.set()
            peer.read()
            peer.hang()
        while peer.read():
            peer.send(answer(200, b"at last"))

    with serving(hang_once) as server, hardened() as session:
        begun = time.monotonic()
        assert line(read_timeout=0.2).ask("read", lambda: session.get(server.url), judge) == b"at last"
        assert time.monotonic() - begun < 1.5


def test_a_throttled_read_slows_its_operation_down() -> None:
    """The read cools down, comes through and is counted; the vendor's own wish is honoured."""
    throttled = answer(429, b"", "Retry-After: 0.3")
    with serving(replying(throttled, answer(200, b"at last"))) as server, hardened() as session:
        asking = line()
        begun = time.monotonic()
        assert asking.ask("read", lambda: session.get(server.url), judge) == b"at last"
        assert time.monotonic() - begun >= 0.3
        assert asking.calls() == {"read": 2, "throttled": 1}


def test_a_wish_to_wait_is_honoured_without_throttling_too() -> None:
    """A temporary answer with a delay is asked again no sooner."""
    times: list[float] = []

    def wait_first(_: Exchange) -> None:
        times.append(time.monotonic())
        if len(times) == 1:
            raise TemporaryReadError("read", "503", "later", retry_after=timedelta(seconds=0.3))

    line().ask("read", lambda: None, wait_first)
    assert times[1] - times[0] >= 0.3


def test_a_write_is_told_exactly_once() -> None:
    """Whatever comes back, one request is made, and nothing is raised."""
    for status in (200, 400, 429, 500, 503):
        with serving(replying(answer(status))) as server, hardened() as session:
            seen = line().tell("write", lambda: session.post(server.url), send_before=soon())
            assert len(server.requests) == 1
        assert (seen.status, delivery(seen)) == (status, Delivery.ANSWERED)


def test_no_retrying_lies_on_the_way_of_a_write() -> None:
    """`tell` and all it calls in the line name nothing of tenacity."""
    tree = ast.parse(inspect.getsource(line_module))
    imported = {
        name.asname or name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module is not None and node.module.startswith("tenacity")
        for name in node.names
    }
    assert "Retrying" in imported
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for method in ("tell", "throttled", "_run", "_seconds_until"):
        names = {node.id for node in ast.walk(functions[method]) if isinstance(node, ast.Name)}
        assert not names & (imported | {"BACK_OFF", "_pause"})


def test_a_throttled_write_slows_its_operation_down() -> None:
    """The table that reads it in the answer says so; the next write does not go out before the cool-down."""
    with serving(replying(answer(429))) as server, hardened() as session:
        telling = line()
        telling.tell("write", lambda: session.post(server.url), send_before=soon())
        telling.throttled("write")
        assert telling.calls() == {"write": 1, "throttled": 1}
        late = telling.tell("write", lambda: session.post(server.url), send_before=soon(0.2))
        assert delivery(late) is Delivery.NOT_SENT
        assert len(server.requests) == 1


def test_a_write_whose_time_is_over_is_not_sent() -> None:
    """`send_before` in the past: the SDK is not even called."""
    seen = line().tell("write", lambda: pytest.fail("called"), send_before=soon(-1))
    assert delivery(seen) is Delivery.NOT_SENT


def test_a_write_that_waits_for_its_turn_too_long_is_not_sent() -> None:
    """The time at the vendor's rate counts against the window."""
    telling = line(rate=1)
    telling.tell("write", lambda: None, send_before=soon())
    seen = telling.tell("write", lambda: pytest.fail("called"), send_before=soon(0.2))
    assert delivery(seen) is Delivery.NOT_SENT


def test_no_new_call_begins_when_the_process_is_asked_to_stop() -> None:
    """A read says `stopping`, a write is not sent."""
    stopped = line(stopping=lambda: True, rate=0.1)
    stopped.ask("read", lambda: None, lambda _: None)
    with pytest.raises(TemporaryReadError) as raised:
        stopped.ask("read", lambda: pytest.fail("called"), lambda _: None)
    assert raised.value.code == "stopping"
    stopped.tell("write", lambda: None, send_before=soon())
    seen = stopped.tell("write", lambda: pytest.fail("called"), send_before=soon(60))
    assert isinstance(seen.error, StoppedError)
    assert delivery(seen) is Delivery.NOT_SENT


def test_a_read_under_way_is_left_when_the_process_is_asked_to_stop() -> None:
    """A hanging read does not keep the process; it is not repeated either."""
    stopping = threading.Event()

    def hang(peer: Peer) -> None:
        peer.read()
        stopping.set()
        peer.hang()

    with serving(hang) as server, hardened() as session:
        asking = line(read_timeout=30, stopping=stopping.is_set)
        begun = time.monotonic()
        with pytest.raises(TemporaryReadError) as raised:
            asking.ask("read", lambda: session.get(server.url), judge)
        assert time.monotonic() - begun < 2
        assert raised.value.code == "stopping"
        assert len(server.requests) == 1


def test_a_write_under_way_gets_a_grace_when_the_process_is_asked_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its answer is waited for a few seconds, then it is unknown, as after any lost answer."""
    monkeypatch.setattr(line_module, "WRITE_GRACE", 0.5)  # five seconds in earnest
    stopping = threading.Event()

    def answer_after_stop(peer: Peer) -> None:
        peer.read()
        stopping.set()
        time.sleep(0.25)
        peer.send(answer())

    def hang(peer: Peer) -> None:
        peer.read()
        peer.hang()

    with serving(answer_after_stop) as server, hardened() as session:
        telling = line(stopping=stopping.is_set)
        seen = telling.tell("write", lambda: session.post(server.url), send_before=soon(30))
    assert delivery(seen) is Delivery.ANSWERED
    with serving(hang) as server, hardened() as session:
        telling = line(stopping=stopping.is_set)
        seen = telling.tell("write", lambda: session.post(server.url), send_before=soon(30))
    assert (seen.timed_out, delivery(seen)) == (True, Delivery.UNKNOWN)


@pytest.mark.parametrize("off", [timedelta(), timedelta(minutes=5), timedelta(minutes=-5)])
def test_the_skew_is_our_clock_minus_the_vendors(off: timedelta) -> None:
    """Positive when we are ahead, and good to a second."""
    with serving(replying(answer(date=datetime.now(UTC) - off))) as server, hardened() as session:
        asking = line()
        assert asking.skew is None
        asking.ask("read", lambda: session.get(server.url), judge)
        assert asking.skew is not None
        assert abs(asking.skew - off) < timedelta(seconds=1)


def test_the_newest_answer_gives_the_skew_and_one_without_a_date_keeps_it() -> None:
    """Writes count too; an answer without a usable `Date` changes nothing."""
    behind = answer(date=datetime.now(UTC) - timedelta(hours=1))
    odd = answer(200, b"{}", "Date: soon")
    with serving(replying(answer(date=datetime.now(UTC)), behind, odd, answer())) as server, hardened() as session:
        telling = line()
        skews = []
        for _ in range(4):
            telling.tell("write", lambda: session.post(server.url), send_before=soon())
            skews.append(telling.skew)
    assert skews[0] is not None
    assert skews[0] < timedelta(minutes=1) < timedelta(minutes=59) < skews[1] == skews[2] == skews[3]  # type: ignore[operator]  # None would fail as well


def test_half_the_round_trip_is_taken_off_the_skew() -> None:
    """A slow answer does not make our clock look late."""

    def slowly(peer: Peer) -> None:
        peer.read()
        time.sleep(0.6)
        date = datetime.now(UTC).replace(microsecond=0)
        peer.send(answer(date=date))
        dates.append(date)

    dates: list[datetime] = []
    with serving(slowly) as server, hardened() as session:
        asking = line()
        asking.ask("read", lambda: session.get(server.url), judge)
        arrived = datetime.now(UTC)
    assert asking.skew is not None
    assert asking.skew < arrived - dates[0] - timedelta(seconds=0.5 + 0.25)


def test_calls_that_never_started_are_not_counted() -> None:
    """A count of calls is one of requests."""
    counting = line()
    counting.ask("read", lambda: None, lambda _: None, priority=Priority.VERIFY)
    assert counting.calls() == {"read": 0, "throttled": 0}


def test_a_rate_of_two_accounts_is_not_shared() -> None:
    """Two lines at one call per ten seconds each let one call through at once."""
    begun = time.monotonic()
    for account in (line(rate=0.1), line(rate=0.1)):
        assert isinstance(account, Line)
        account.ask("read", lambda: None, lambda _: None)
    assert time.monotonic() - begun < 1


def test_a_machine_without_threads_left_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """When no thread can be started the write is told so, and not sent."""

    def none_left(_: threading.Thread) -> None:
        message = "can't start new thread"
        raise RuntimeError(message)

    monkeypatch.setattr(threading.Thread, "start", none_left)  # a machine cannot be filled up for a test
    seen = line().tell("write", lambda: pytest.fail("called"), send_before=soon())
    assert isinstance(seen.error, NotCalledError)
    assert delivery(seen) is Delivery.NOT_SENT
