import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog.testing
import time_machine

from scheduler.bootstrap import Footprints
from scheduler.config.crontab import parse_crontab
from scheduler.daemon import pulse as pulse_module
from scheduler.daemon.errands import Errands
from scheduler.daemon.pulse import Pulse
from scheduler.daemon.ticker import Ticker
from scheduler.daemon.triggers import Rhythm
from scheduler.jobs import Passes
from scheduler.jobs.underway import Turns, UnderWay
from scheduler.runlog import LogWatch

NOON = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
EVERY = Rhythm(every=timedelta(minutes=10), cron=None, zone="UTC", lag=timedelta(0))
DAILY = Rhythm(every=timedelta(days=1), cron=parse_crontab("0 9 * * *"), zone="UTC", lag=timedelta(0))
PATIENCE = 30.0


class Heard:
    """Keeps what a ticker tells."""

    def __init__(self) -> None:
        self.endings: list[str] = []
        self.drops: list[str] = []
        self.misses: list[tuple[str, int]] = []

    def ended(self, account: str) -> None:
        """Keep it."""
        self.endings.append(account)

    def dropped(self, account: str) -> None:
        """Keep it."""
        self.drops.append(account)

    def missed(self, account: str, ticks: int) -> None:
        """Keep it."""
        self.misses.append((account, ticks))


def nothing(_account: str) -> None:
    """Do nothing at a tick."""


def eventually(true: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_after_the_clock_was_set_back_nothing_waits_for_yesterday() -> None:
    """Every account is asked at once and ticks on from there, where its next tick would be a day away."""
    ticker = Ticker(Heard())
    with time_machine.travel(NOON, tick=False):
        ticker.put("main", EVERY, nothing)
        ticker.chore("look", 2.0, bool)
    with time_machine.travel(NOON - timedelta(days=1), tick=False):
        assert ticker.next_at("main") == NOON
        ticker.wind()
        assert ticker.next_at("main") == NOON - timedelta(days=1)


def test_a_clock_that_was_set_back_is_noticed_once() -> None:
    """By more than half a minute; one that runs on, or is set forward, is none of it."""
    with time_machine.travel(NOON) as machine:
        pulse = Pulse(NoPasses())
        assert not pulse.set_back()
        machine.shift(3600)
        assert not pulse.set_back()
        machine.shift(-600)
        assert pulse.set_back()
        assert not pulse.set_back()


class NoPasses(Passes):
    """Passes that were never begun."""

    def __init__(self) -> None:
        self._turns = Turns()


def test_a_loop_or_ticks_that_stand_still_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not beat for a minute is stuck, and says for how long; the next beat ends it."""
    pulse = Pulse(NoPasses())
    assert pulse.feel() == ()
    monkeypatch.setattr(pulse_module, "SILENCE", timedelta(0))
    assert [sentence.partition(" for ")[0] for sentence in pulse.stuck()] == [
        "the loop has not turned",
        "no tick has come",
    ]
    monkeypatch.undo()
    pulse.beat()
    assert pulse.stuck() == ()


def test_a_chore_that_hangs_is_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes no step for too long is told by its name, until it makes one or ends, however it ends."""
    pulse = Pulse(NoPasses())
    found: list[tuple[str, ...]] = []

    def work() -> None:
        found.append(pulse.stuck())
        monkeypatch.setattr(pulse_module, "CHORE_SILENCE", timedelta(microseconds=-1))
        found.append(pulse.stuck())
        monkeypatch.undo()
        pulse.got_on("alerts")
        found.append(pulse.stuck())
        raise KeyError

    with pytest.raises(KeyError):
        pulse.watching("alerts", work)()
    before, (hangs,), after = found
    assert before == after == ()
    assert hangs.startswith("the chore alerts has made no step for ")
    pulse.got_on("alerts")
    monkeypatch.setattr(pulse_module, "CHORE_SILENCE", timedelta(microseconds=-1))
    assert pulse.stuck() == ()


def test_a_ticker_tells_of_ends_drops_and_misses() -> None:
    """A tick that ends, one that meets the one before, and those that were slept through, each with its account."""
    heard = Heard()
    ticker = Ticker(heard)
    going = threading.Event()
    began: list[str] = []

    def work(account: str) -> None:
        began.append(account)
        assert going.wait(PATIENCE)

    ticker.start()
    try:
        ticker.put("main", EVERY, work)
        eventually(lambda: began == ["main"])
        ticker.ask("main")
        eventually(lambda: heard.drops == ["main"])
        going.set()
        eventually(lambda: heard.endings == ["main"])
        # An hour is slept through: six ticks are due, one is made.
        ticker._scheduler.modify_job("main", next_run_time=datetime.now(UTC) - timedelta(hours=1))
        eventually(lambda: bool(heard.misses))
        assert heard.misses[0][0] == "main"
        assert heard.misses[0][1] in {5, 6}
    finally:
        going.set()
        ticker.stop()


def test_an_account_ticks_once_more_beside_its_rhythm() -> None:
    """A wish for one more tick moves no other; a later wish, or none, takes its place; and all of it can be gone."""
    ticker = Ticker(Heard())
    began: list[str] = []
    ticker.start()
    try:
        ticker.put("main", DAILY, nothing)
        ticker.once("main", datetime.now(UTC), began.append)
        eventually(lambda: began == ["main"])
        ordinary = ticker.next_at("main")
        soon = datetime.now(UTC) + timedelta(seconds=50)
        ticker.once("main", datetime.now(UTC) + timedelta(days=20), nothing)
        ticker.once("main", soon, nothing)
        assert ticker.next_at("main") == soon
        ticker.not_once("main")
        ticker.not_once("main")
        assert ticker.next_at("main") == ordinary
        ticker.retime("main", EVERY)
        assert ticker.rhythms() == {"main": EVERY}
        ticker.remove("main")
        ticker.ask("main")
        assert ticker.next_at("main") is None
    finally:
        ticker.stop()


def test_a_tick_or_a_chore_that_raises_is_a_log_line() -> None:
    """It ends nothing; the account counts as ended, and what a chore raises again and again is told once."""
    heard = Heard()
    ticker = Ticker(heard)
    tries: list[None] = []

    def broken(*given: object) -> None:
        tries.append(None)
        if given or len(tries) < 4:
            message = "a bug"
            raise RuntimeError(message)

    with structlog.testing.capture_logs() as told:
        ticker.start()
        try:
            ticker.chore("look", 0.02, broken)
            eventually(lambda: len(tries) > 4)
            assert ticker._troubles == {}
            ticker.put("main", EVERY, broken)
            eventually(lambda: heard.endings == ["main"] and ticker.chores_running == ())
        finally:
            ticker.stop()
    assert [(line["event"], line["job"]) for line in told] == [("job_failed", "chore look"), ("job_failed", "main")]


def test_errands_are_done_in_turn_and_wake_the_one_who_waits() -> None:
    """Whoever puts one, whenever; after a stop none is given any more."""
    errands = Errands()
    done: list[str] = []
    errands.put(lambda: done.append("before"))
    with errands.awaited() as awaited:
        assert awaited(0.0) is not None
        assert awaited(0.0) is None
        threading.Timer(0.05, lambda: errands.put(lambda: done.append("later"))).start()
        errand = awaited(PATIENCE)
        assert errand is not None
        errand()
        for _ in range(100_000):
            errands._wake()  # one that nobody reads fills up, and still nobody waits
        errands.stop()
        errands.put(lambda: done.append("never"))
        assert awaited(PATIENCE) is None
        assert errands.stopped
    errands.put(lambda: done.append("never"))
    assert done == ["later"]


def test_a_signal_ends_the_wait() -> None:
    """Even one whose handler does nothing, and whichever thread the kernel gives it to."""
    before = signal.signal(signal.SIGUSR1, lambda _number, _frame: None)
    try:
        with Errands().awaited() as awaited:
            threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGUSR1)).start()
            began = time.monotonic()
            assert awaited(PATIENCE) is None
            assert time.monotonic() - began < PATIENCE / 2
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_a_footprint_tells_any_change_of_any_file(tmp_path: Path) -> None:
    """Contents of the same length, a file put in the place of another, a new match, one that is gone."""
    config, limits = tmp_path / "config.toml", tmp_path / "limits.csv"
    config.write_text('[tidegate]\nlimits = ["*.csv"]\n')
    limits.write_text("one")
    footprints = Footprints(config)
    seen = [footprints.take()]
    assert footprints.take() == seen[0]
    written = limits.stat().st_mtime_ns
    limits.write_text("two")
    os.utime(limits, ns=(written, written))
    seen.append(footprints.take())
    (tmp_path / "more.csv").write_text("three")
    seen.append(footprints.take())
    limits.unlink()
    seen.append(footprints.take())
    config.write_text("this is not TOML")
    seen.append(footprints.take())
    config.write_text("[tidegate]\n")
    seen.append(footprints.take())
    config.write_text('[tidegate]\nlimits = ["more.csv", 5]\n')
    seen.append(footprints.take())
    config.unlink()
    seen.append(footprints.take())
    assert len(set(seen)) == len(seen)
    assert all(str(tmp_path / "more.csv") in dict(footprint) for footprint in seen[2:])


def test_a_pass_gets_on_by_every_answer() -> None:
    """A call that ended, whatever its end, is a sign of life; so is whatever the pass says."""
    under_way = UnderWay("main", LogWatch())
    under_way._moved_at -= 100
    assert under_way.idle() >= timedelta(seconds=100)
    under_way.asks(Answering())  # type: ignore[arg-type] # as much of a cloud as is asked
    assert under_way.idle() < timedelta(seconds=50)
    under_way._moved_at -= 100
    assert under_way.idle() >= timedelta(seconds=100)
    under_way.said("main", "waiting for 1 change to show at the vendor")
    assert under_way.idle() < timedelta(seconds=50)
    assert under_way.seconds() >= 0


class Answering:
    """A cloud of which three calls have ended."""

    def calls(self) -> dict[str, int]:
        """Count them."""
        return {"throttled": 1, "QueryCredit": 2}
