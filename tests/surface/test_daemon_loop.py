import io
import os
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from scheduler.config import ConfigFaults
from scheduler.daemon import Daemon
from scheduler.daemon import loop as loop_module
from scheduler.jobs import Passes, SettingsSource
from tests.surface.cli_rig import WANTED, Rig, eventually, opened
from tests.surface.daemon_rig import HeldPasses, captured_log, events, hourly, ordinary_signals, run_through


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """Two simulated vendors and a configuration."""
    with opened(tmp_path) as made:
        yield made


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Our log goes here while a test runs."""
    with captured_log() as target:
        yield target


@pytest.fixture(autouse=True)
def _harmless(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever goes wrong in a loop in this process, it ends no process: neither by a late signal nor by itself."""
    monkeypatch.setattr(loop_module, "GRACE_SECONDS", 3600.0)
    with ordinary_signals():
        yield


def test_the_loop_ticks_until_it_is_told_to_stop(rig: Rig, log: io.StringIO) -> None:
    """First passes begin at once, SIGHUP begins new ones, SIGTERM ends the loop with 0."""
    source = SettingsSource(rig.config)
    loop = Daemon(source, Passes(source, who="test"))

    def story() -> None:
        eventually(lambda: rig.standing() == WANTED and len(events(log, "run_finished")) >= 2)
        told = len(events(log, "run_finished"))
        os.kill(os.getpid(), signal.SIGHUP)
        eventually(lambda: len(events(log, "run_finished")) >= told + 2)

    handlers = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGHUP)
    assert run_through(loop, story) == 0
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGHUP)) == handlers
    assert events(log, "daemon_started")[0]["accounts"] == ["huawei-main", "tencent-main"]
    assert events(log, "daemon_stopped")


def test_what_is_asked_for_during_a_pass_is_done_once_after_it(rig: Rig, log: io.StringIO) -> None:
    """However often SIGHUP comes while a pass runs, one more begins when it ends, and never two at a time."""
    hourly(rig)
    source = SettingsSource(rig.config)
    passes = HeldPasses(source, held="tencent-main")
    loop = Daemon(source, passes)

    def skipped(times: int) -> bool:
        return len(events(log, "job_still_running", "tencent-main")) == times

    def story() -> None:
        eventually(lambda: passes.running == ("tencent-main",))
        for count in (1, 2, 3):
            os.kill(os.getpid(), signal.SIGHUP)
            eventually(partial(skipped, count))
        assert passes.began.count("tencent-main") == 1
        passes.release.set()
        eventually(lambda: passes.ended.count("tencent-main") == 2)
        # A third one comes only when it is asked for: had one come by itself, there would be four in the end.
        eventually(lambda: passes.running == ())
        os.kill(os.getpid(), signal.SIGHUP)
        eventually(lambda: passes.ended.count("tencent-main") >= 3)

    assert run_through(loop, story, always=passes.release.set) == 0
    assert passes.began.count("tencent-main") == 3
    assert passes.most_at_a_time == 1
    assert {event["once_more"] for event in events(log, "job_still_running", "tencent-main")} == {True}


def test_an_account_that_comes_back_during_its_pass_has_one_after_it(rig: Rig, log: io.StringIO) -> None:
    """Taken out of the configuration and put in again while its pass runs, it waits for no interval either."""
    hourly(rig)
    source = SettingsSource(rig.config)
    passes = HeldPasses(source, held="tencent-main")
    loop = Daemon(source, passes)
    whole, limits = rig.config.read_text(), rig.limits.read_text()

    def story() -> None:
        eventually(lambda: passes.running == ("tencent-main",))
        rig.config.write_text(whole[: whole.index("[accounts.tencent-main]")])
        rig.limits.write_text("\n".join(line for line in limits.splitlines() if "tencent" not in line) + "\n")
        source.read()
        eventually(lambda: loop.ticker.rhythms().keys() == {"huawei-main"})
        rig.limits.write_text(limits)
        rig.config.write_text(whole)
        source.read()
        eventually(lambda: bool(events(log, "job_still_running")))
        passes.release.set()
        eventually(lambda: passes.ended.count("tencent-main") == 2)

    assert run_through(loop, story, always=passes.release.set) == 0
    assert passes.most_at_a_time == 1


def test_a_pass_that_cannot_be_made_is_a_log_line(rig: Rig, log: io.StringIO) -> None:
    """A store that cannot be opened, or a key that is gone, ends the pass, not the loop."""
    source = SettingsSource(rig.config)
    (rig.folder / "tidegate.db").mkdir()
    Passes(source, who="test").run("huawei-main")
    assert "the store could not" in str(events(log, "run_failed")[0]["why"])


def test_a_bug_in_a_pass_does_not_end_the_loop(rig: Rig, log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is raised inside a pass is logged with its traceback, and nothing is raised."""

    def broken(_source: SettingsSource, _account: str) -> None:
        message = "a bug"
        raise RuntimeError(message)

    source = SettingsSource(rig.config)
    monkeypatch.setattr(SettingsSource, "for_pass", broken)
    passes = Passes(source, who="test")
    passes.run("huawei-main")
    assert "RuntimeError: a bug" in str(events(log, "run_failed")[0]["exception"])
    assert passes.running == ()


def test_a_bug_in_an_errand_does_not_end_the_loop(rig: Rig, log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is raised in the main thread's work is logged, and the ticks go on; so do they when the clock jumps."""
    hourly(rig)
    source = SettingsSource(rig.config)
    loop = Daemon(source, Passes(source, who="test"))
    jumps = [True]

    def broken() -> None:
        message = "a bug"
        raise RuntimeError(message)

    def story() -> None:
        eventually(lambda: len(events(log, "run_finished")) >= 2)
        monkeypatch.setattr(source, "read", broken)
        os.kill(os.getpid(), signal.SIGHUP)
        eventually(lambda: bool(events(log, "errand_failed")))

    monkeypatch.setattr(loop.pulse, "set_back", lambda: bool(jumps and jumps.pop()))
    assert run_through(loop, story) == 0
    assert len(events(log, "clock_set_back")) == 1


def test_after_a_stop_no_pass_begins(rig: Rig) -> None:
    """Told to stop, a late tick asks no vendor."""
    passes = Passes(SettingsSource(rig.config), who="test")
    passes.stop()
    passes.run("huawei-main")
    assert rig.asked() == 0


def test_an_account_that_is_gone_is_not_looked_at(rig: Rig) -> None:
    """A tick for an account that the configuration no longer has does nothing."""
    Passes(SettingsSource(rig.config), who="test").run("nobody")
    assert rig.asked() == 0


def test_a_broken_file_is_told_once_per_way_of_being_broken(rig: Rig, log: io.StringIO) -> None:
    """The same faults are not repeated at every tick; other faults and the mending are told."""
    source = SettingsSource(rig.config)
    whole = rig.limits.read_text()
    for broken in ("1.5e3", "1.5e3", "-1"):
        rig.limits.write_text(whole.replace("1500.00", broken))
        assert source.read() == source.settings
    assert len(events(log, "config_rejected")) == 2
    rig.limits.write_text(whole)
    source.read()
    assert len(events(log, "config_mended")) == 1
    assert not events(log, "config_changed")


def test_a_changed_rhythm_is_taken_over(rig: Rig) -> None:
    """An account's new interval, or line of a crontab, is in force from the next reading on."""
    source = SettingsSource(rig.config)
    loop = Daemon(source, Passes(source, who="test"))
    loop.schedule(source.settings)
    rig.config.write_text(rig.config.read_text().replace('every = "30s"', 'every = "7s"', 1))
    rig.edit('every = "30s"', 'cron = "*/7 * * * *"')
    before = source.settings
    loop.follow(before, source.read(), None)
    rhythms = loop.ticker.rhythms()
    assert {rhythm.every.total_seconds() for rhythm in rhythms.values()} == {7.0, 420.0}


def test_missed_ticks_are_logged_and_counted(rig: Rig, log: io.StringIO) -> None:
    """Ticks that could not be run in time leave a line with their account and their number."""
    source = SettingsSource(rig.config)
    loop = Daemon(source, Passes(source, who="test"))
    loop.missed("huawei-main", 5)
    loop.dropped("huawei-main")
    assert (events(log, "job_missed")[0]["account"], events(log, "job_missed")[0]["ticks"]) == ("huawei-main", 5)
    assert loop.passes.tally.counts().missed == {"huawei-main": 6}


def test_a_source_needs_a_whole_configuration_to_begin_with(rig: Rig) -> None:
    """There is nothing to fall back to at the start."""
    rig.limits.unlink()
    with pytest.raises(ConfigFaults):
        SettingsSource(rig.config)
