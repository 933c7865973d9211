"""What the daemon's log says while an account cannot be read: when it begins, why, and when it is over; no more."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.sandbox.server import LoopbackServer
from core.run.world import Result
from scheduler.jobs import Passes, SettingsSource
from scheduler.jobs.underway import UnderWay
from tests.surface.cli_rig import Rig, opened
from tests.surface.daemon_rig import captured_log, events

ACCOUNT = "tencent-main"


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """Two simulated vendors and a configuration."""
    with opened(tmp_path) as made:
        yield made


@pytest.fixture
def server(rig: Rig) -> Iterator[LoopbackServer]:
    """Serve one of the vendors at a second address, the one that is configured now: it can be taken off the wire."""
    vendor = rig.vendors["tencent"]
    before = vendor.settings()["endpoint"]
    with vendor.serve() as second:
        rig.edit(before, second.endpoint)
        yield second


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Our log goes here while a test runs."""
    with captured_log() as target:
        yield target


def test_an_account_that_cannot_be_read_is_told_once_and_so_is_its_return(
    rig: Rig, server: LoopbackServer, log: io.StringIO
) -> None:
    """One error line when the vendor goes, one when the reason is another, one info line when it is back.

    In between every run that failed is a warning of its own.
    """
    passes = Passes(SettingsSource(rig.config), who="test")
    key = rig.folder / "tencent-secret_key"
    good = key.read_text()
    passes.run(ACCOUNT)
    with server.unreachable():
        passes.run(ACCOUNT)
        passes.run(ACCOUNT)
        (gone,) = events(log, "account_unreadable")
    key.write_text("somethingElse123\n")
    passes.run(ACCOUNT)
    passes.run(ACCOUNT)
    _, refused = events(log, "account_unreadable")
    assert not events(log, "account_readable_again")
    key.write_text(good)
    passes.run(ACCOUNT)
    passes.run(ACCOUNT)
    (again,) = events(log, "account_readable_again")
    assert len(events(log, "account_unreadable")) == 2
    assert (gone["level"], refused["level"], again["level"]) == ("error", "error", "info")
    assert {event["account"] for event in (gone, refused, again)} == {ACCOUNT}
    assert "the connection broke" in str(gone["why"])
    assert "AuthFailure" in str(refused["why"])
    runs = [(event["exit_code"], event["level"]) for event in events(log, "run_finished")]
    assert runs == [(0, "info"), *[(1, "warning")] * 4, (0, "info"), (0, "info")]


def test_an_account_that_was_taken_out_meanwhile_is_told_anew(
    rig: Rig, server: LoopbackServer, log: io.StringIO
) -> None:
    """What was known of an account goes with it: back in the configuration and still unreadable, it is told again."""
    source = SettingsSource(rig.config)
    passes = Passes(source, who="test")
    whole, limits = rig.config.read_text(), rig.limits.read_text()
    with server.unreachable():
        passes.run(ACCOUNT)
        rig.config.write_text(whole[: whole.index(f"[accounts.{ACCOUNT}]")])
        rig.limits.write_text("\n".join(line for line in limits.splitlines() if "tencent" not in line) + "\n")
        source.read()
        passes.run("huawei-main")
        rig.limits.write_text(limits)
        rig.config.write_text(whole)
        source.read()
        passes.run(ACCOUNT)
    assert [event["account"] for event in events(log, "account_unreadable")] == [ACCOUNT, ACCOUNT]


def test_a_reading_that_a_stop_cut_short_says_nothing(rig: Rig, server: LoopbackServer, log: io.StringIO) -> None:
    """The last pass before the end asks no more questions; that is no news of the vendor."""
    passes = StoppedPasses(SettingsSource(rig.config), who="test")
    with server.unreachable():
        passes.run(ACCOUNT)
    assert events(log, "run_finished")[0]["exit_code"] == 1
    assert not events(log, "account_unreadable")


class StoppedPasses(Passes):
    """Passes that are told to stop just as one has begun."""

    def _pass(self, account: str, customers: frozenset[str] | None, under_way: UnderWay) -> Result | None:
        self.stop()
        return super()._pass(account, customers, under_way)
