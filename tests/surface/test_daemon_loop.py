import io
import json
import logging
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from apscheduler.events import EVENT_JOB_MISSED, JobEvent

from scheduler import daemon, logs
from scheduler.config import ConfigFaults
from scheduler.daemon import Daemon
from scheduler.jobs import Passes, SettingsSource
from tests.surface.cli_rig import WANTED, Rig, eventually, opened


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """Two simulated vendors and a configuration."""
    with opened(tmp_path) as made:
        yield made


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Our log goes here while a test runs."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    target = io.StringIO()
    logs.configure(level=logging.INFO, stream=target)
    yield target
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def events(log: io.StringIO, name: str) -> list[dict[str, object]]:
    """Give the logged events of this name."""
    return [event for event in map(json.loads, log.getvalue().splitlines()) if event["event"] == name]


def test_the_loop_ticks_until_it_is_told_to_stop(rig: Rig, log: io.StringIO) -> None:
    """First passes begin at once, SIGHUP begins new ones, SIGTERM ends the loop with 0."""
    source = SettingsSource(rig.config)
    loop = Daemon(source, Passes(source, who="test"))

    def story() -> None:
        eventually(lambda: rig.standing() == WANTED and len(events(log, "run_finished")) == 2)
        os.kill(os.getpid(), signal.SIGHUP)
        eventually(lambda: len(events(log, "run_finished")) == 4)
        os.kill(os.getpid(), signal.SIGTERM)

    teller = threading.Thread(target=story)
    handlers = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGHUP)
    teller.start()
    assert loop.run() == 0
    teller.join()
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGHUP)) == handlers
    assert events(log, "daemon_started")[0]["accounts"] == ["huawei-main", "tencent-main"]
    assert events(log, "daemon_stopped")


def test_a_pass_that_cannot_be_made_is_a_log_line(rig: Rig, log: io.StringIO) -> None:
    """A store that cannot be opened, or a key that is gone, ends the pass, not the loop."""
    source = SettingsSource(rig.config)
    (rig.folder / "tidegate.db").mkdir()
    Passes(source, who="test").run("huawei-main")
    assert "the store could not" in str(events(log, "run_failed")[0]["why"])


def test_a_bug_in_a_pass_does_not_end_the_loop(rig: Rig, log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is raised inside a pass is logged with its traceback, and nothing is raised."""

    def broken(_source: SettingsSource) -> None:
        message = "a bug"
        raise RuntimeError(message)

    source = SettingsSource(rig.config)
    monkeypatch.setattr(SettingsSource, "read", broken)
    passes = Passes(source, who="test")
    passes.run("huawei-main")
    assert "RuntimeError: a bug" in str(events(log, "run_failed")[0]["exception"])
    assert passes.running == ()


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


def test_a_changed_interval_is_taken_over(rig: Rig) -> None:
    """An account's new interval is in force from the next reading on."""
    source = SettingsSource(rig.config)
    loop = Daemon(source, Passes(source, who="test"))
    loop.schedule(source.settings)
    rig.config.write_text(rig.config.read_text().replace('every = "30s"', 'every = "7s"'))
    loop.schedule(source.read())
    assert loop.intervals() == {"huawei-main": 7.0, "tencent-main": 7.0}


def test_a_missed_tick_is_logged(log: io.StringIO) -> None:
    """A tick that could not be run in time leaves a line with its account."""
    daemon.log_event(JobEvent(EVENT_JOB_MISSED, "huawei-main", "default"))
    assert events(log, "job_missed")[0]["account"] == "huawei-main"


def test_a_source_needs_a_whole_configuration_to_begin_with(rig: Rig) -> None:
    """There is nothing to fall back to at the start."""
    rig.limits.unlink()
    with pytest.raises(ConfigFaults):
        SettingsSource(rig.config)
