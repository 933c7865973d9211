"""What the daemon takes from its files, and when: changes that stand still, whole or not at all."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.limit import WritePolicy
from scheduler.daemon import Daemon
from scheduler.jobs import Passes, SettingsSource, changed_accounts
from tests.surface.cli_rig import RAISED, WANTED, Rig, eventually, opened
from tests.surface.daemon_rig import captured_log, events, hourly, ordinary_signals, run_through


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """Two simulated vendors and a configuration that is looked at by itself once an hour."""
    with opened(tmp_path) as made:
        hourly(made)
        yield made


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Our log goes here while a test runs."""
    with captured_log() as target:
        yield target


class Ticking:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """Give them."""
        return self.seconds


@pytest.fixture
def ticking() -> Ticking:
    """The source's clock."""
    return Ticking()


def amounts(source: SettingsSource) -> set[str]:
    """Give the amounts that are in force."""
    return {str(limit.amount) for limit in source.settings.limits}


def test_a_changed_file_is_followed_without_a_signal(rig: Rig, log: io.StringIO) -> None:
    """Long before the next tick: the account whose limits changed has a pass at once, the other has none."""
    source = SettingsSource(rig.config)
    loop = Daemon(source, Passes(source, who="test"))

    def story() -> None:
        eventually(lambda: rig.standing() == WANTED and len(events(log, "run_finished")) == 2)
        rig.edit("1500.00", "1600.00", file=rig.limits)
        eventually(lambda: rig.granted("huawei", RAISED) == "1600.00")
        eventually(lambda: len(events(log, "run_finished")) == 3)

    with ordinary_signals():
        assert run_through(loop, story) == 0
    assert events(log, "config_changed")[0]["changed"] == ["huawei-main"]
    assert len(events(log, "run_finished")) == 3


def test_a_file_is_taken_once_it_stands_still(rig: Rig, ticking: Ticking, log: io.StringIO) -> None:
    """While it is being written nothing of it is taken, though its first lines are whole; neither by a pass."""
    source = SettingsSource(rig.config, ticking=ticking)
    whole = rig.limits.read_text().replace("1500.00", "1600.00")
    half = whole[: whole.index("tencent-main")]
    before = amounts(source)
    for text in ("account,", half, whole):
        rig.limits.write_text(text)
        assert source.look() is source.for_pass("huawei-main") is source.settings
        ticking.seconds += 1.4  # it is written on before it has stood still for long enough
    assert amounts(source) == before
    ticking.seconds += 0.2
    source.look()
    assert amounts(source) == before - {"1500.00"} | {"1600.00"}
    assert not events(log, "config_rejected")


def test_a_file_that_went_back_to_what_it_was_changes_nothing(rig: Rig, ticking: Ticking) -> None:
    """A name that is gone for a moment, as while it is replaced, is no change."""
    source = SettingsSource(rig.config, ticking=ticking)
    aside = rig.limits.with_suffix(".aside")
    rig.limits.rename(aside)
    source.look()
    aside.rename(rig.limits)
    ticking.seconds += 2
    before = source.settings
    source.look()
    ticking.seconds += 2
    assert source.look() == before
    assert source.faults == ()


def test_a_new_file_that_a_glob_matches_is_a_change(rig: Rig, ticking: Ticking, log: io.StringIO) -> None:
    """Also while the configuration that names the glob was not taken, because it matched nothing."""
    source = SettingsSource(rig.config, ticking=ticking)
    rig.edit('limits = ["limits.csv"]', 'limits = ["limits.csv", "more/*.csv"]')
    for _ in range(2):
        source.look()
        ticking.seconds += 2
    assert "no file matches 'more/*.csv'" in source.faults[0]
    (rig.folder / "more").mkdir()
    header, first, *_ = rig.limits.read_text().splitlines()
    (rig.folder / "more" / "one.csv").write_text(f"{header}\n{first.replace(RAISED, 'f' * 32)}\n")
    for _ in range(2):
        source.look()
        ticking.seconds += 2
    assert source.faults == ()
    assert len(source.settings.limits) == 5
    assert [event["event"] for event in events(log, "config_mended")] == ["config_mended"]


def test_a_fault_outside_the_files_is_tried_again_at_each_pass(rig: Rig, ticking: Ticking) -> None:
    """A secret that was not there is no change of a file; the next pass finds that it is."""
    source = SettingsSource(rig.config, ticking=ticking)
    secret = rig.folder / "tencent-secret_key"
    secret.rename(rig.folder / "aside")
    source.read()
    assert source.faults
    (rig.folder / "aside").rename(secret)
    source.look()
    assert source.faults
    source.for_pass("huawei-main")
    assert source.faults == ()


def test_what_cannot_change_while_it_runs_is_said_and_left(rig: Rig, log: io.StringIO) -> None:
    """Another store or another page needs a restart; the rest of the same change is taken."""
    source = SettingsSource(rig.config)
    store = source.settings.store
    rig.edit("tidegate.db", "other.db")
    rig.edit("1500.00", "1600.00", file=rig.limits)
    rig.config.write_text(rig.config.read_text() + '\n[web]\nlisten = "127.0.0.1:8642"\n')
    for _ in range(2):
        source.read()
    assert (source.settings.store, source.settings.web) == (store, None)
    assert "1600.00" in amounts(source)
    (said,) = events(log, "config_needs_restart")
    assert said["keys"] == ["store", "web"]


def test_lines_that_moved_change_no_account(rig: Rig) -> None:
    """An account is concerned where its settings or limits mean something else, wherever they stand."""
    source = SettingsSource(rig.config)
    before = source.settings
    header, *lines = rig.limits.read_text().splitlines()
    rig.limits.write_text("\n".join([header, "", *lines]) + "\n")
    moved = source.read()
    assert changed_accounts(before, moved) == frozenset()
    rig.config.write_text(rig.config.read_text().replace('write_policy = "sync"', 'write_policy = "observe"', 1))
    observing = source.read()
    assert observing.accounts["huawei-main"].policy.write_policy is WritePolicy.OBSERVE
    assert changed_accounts(moved, observing) == {"huawei-main"}


def test_the_account_whose_pass_found_a_change_has_no_second_one(rig: Rig, ticking: Ticking) -> None:
    """It is just about to use what it found."""
    source = SettingsSource(rig.config, ticking=ticking)
    found: list[str | None] = []
    source.on_change(lambda _before, _after, account: found.append(account))
    rig.edit("1500.00", "1600.00", file=rig.limits)
    source.look()
    ticking.seconds += 2
    source.for_pass("huawei-main")
    assert found == ["huawei-main"]


def test_a_configuration_that_is_gone_for_a_while_stays_in_force(rig: Rig, ticking: Ticking) -> None:
    """Without its file the last whole one goes on, and its limits files are still followed."""
    source = SettingsSource(rig.config, ticking=ticking)
    rig.config.rename(rig.folder / "aside")
    for _ in range(2):
        source.look()
        ticking.seconds += 2
    assert "there is no such file" in source.faults[0]
    assert source.settings.accounts
    (rig.folder / "aside").rename(rig.config)
    for _ in range(2):
        source.look()
        ticking.seconds += 2
    assert source.faults == ()
