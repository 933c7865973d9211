"""The page and the alerts as the daemon has them: what they are given, and what keeps it from starting."""

import http.client
import io
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import StoreFailedError
from core.pause import Pause
from core.run.world import Result
from scheduler import bootstrap
from scheduler.bootstrap import extras
from scheduler.daemon import Daemon, Outlets, pulse
from scheduler.daemon.showing import Showing
from scheduler.jobs import Passes, SettingsSource
from scheduler.jobs.underway import UnderWay
from scheduler.reports.board import Board
from tests.surface.cli_rig import PATIENCE, RAISED, UNLISTED, Rig, eventually, opened
from tests.surface.daemon_rig import captured_log, events, free_port, hourly, ordinary_signals, run_through
from tests.unit.notify_rig import CANARIES, Hook, hook

TOKEN = "0123456789abcdefGHIJ"
ALERTS = """
[alerts]
gather = "0s"
[[alerts.channels]]
name = "operations"
url = "env:TIDEGATE_ALERT_URL"
"""


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """Two simulated vendors and a configuration that is looked at once."""
    with opened(tmp_path) as made, ordinary_signals():
        hourly(made)
        yield made


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Our log goes here while a test runs."""
    with captured_log() as target:
        yield target


@pytest.fixture
def service() -> Iterator[Hook]:
    """Serve a channel's address."""
    with hook() as made:
        yield made


def status(port: int, path: str, token: str = "") -> int:
    """Fetch a page, as a browser that was given a token does, and give its status."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as page:
        key = b64encode(f"tidegate:{token}".encode()).decode()
        page.request("GET", path, headers={"Authorization": f"Basic {key}"} if token else {})
        return page.getresponse().status


def raise_unless_shown(showing: Showing | None) -> None:
    """Look at everything that is shown after one pass of each account."""
    assert showing is not None
    board = showing.board()
    assert board.started_at is not None
    assert all(account.tick.next_at is not None for account in board.accounts)
    eventually(lambda: len(showing.board().alerts) > 0)
    assert board.channels == ("operations",)
    file = showing.customer("huawei", RAISED)
    assert file is not None
    assert file.changes
    assert showing.customer("huawei", UNLISTED) is None
    counts = showing.counts()
    assert counts.deliveries["operations", "sent"] >= 1
    assert counts.runs == {("huawei-main", "done"): 1, ("tencent-main", "done"): 1}
    assert counts.corrections["huawei-main", "set_amount", "settled_applied"] == 2
    assert counts.calls["tencent-main", "AllocateCustomerCredit"] == 2
    assert counts.run_seconds["tencent-main"][0] == 1
    assert showing.health().late == {}
    assert all(age is not None and age < timedelta(minutes=1) for age in showing.health().ages.values())


def test_the_page_and_the_alerts_are_given_what_there_is(
    rig: Rig, log: io.StringIO, service: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page asks for its token, a standing fact reaches its channel, and the source knows ticks, counts and ages.

    Neither the token nor a channel's keys are in the log.
    """
    port = free_port()
    monkeypatch.setenv("TIDEGATE_WEB_TOKEN", TOKEN)
    monkeypatch.setenv("TIDEGATE_ALERT_URL", service.address)
    web = f'\n[web]\nlisten = "127.0.0.1:{port}"\ntoken = "env:TIDEGATE_WEB_TOKEN"\n'
    rig.config.write_text(rig.config.read_text() + web + ALERTS)
    source = SettingsSource(rig.config)
    with bootstrap.compose(source.settings, observe_only=True, accounts=frozenset()) as world:
        since = world.clock.now() - timedelta(days=4)
        world.journal.pause(Pause(account=None, customer_id=UNLISTED, who="chen", why="stocktaking", since=since))
    passes = Passes(source, who="test")
    shown = Outlets(source, passes)
    loop = Daemon(source, passes, outlets=shown)

    def story() -> None:
        eventually(lambda: any("stocktaking" in text for text in service.texts()))
        eventually(lambda: len(events(log, "run_finished")) == 2)
        assert (status(port, "/"), status(port, "/", TOKEN)) == (401, 200)
        raise_unless_shown(shown._showing)

    assert run_through(loop, story) == 0
    text = log.getvalue()
    assert not any(secret in text for secret in (TOKEN, *CANARIES))
    with pytest.raises(OSError, match="refused"):
        status(port, "/")


def test_an_account_that_was_never_read_is_late(rig: Rig) -> None:
    """Before its first pass, and for as long as none could read it, an account is not ready."""
    source = SettingsSource(rig.config)
    passes = Passes(source, who="test")
    shown = Outlets(source, passes)
    assert shown.late() == ()
    loop = Daemon(source, passes, outlets=shown)
    with closing(shown):
        shown.open(loop.ticker, loop.pulse, loop.notice)
        assert shown.late() == ("huawei-main", "tencent-main")
        assert loop.pulse.line(source.settings, shown.late()) == (
            "2 accounts; none read yet; late: huawei-main, tencent-main"
        )
        passes.run("huawei-main")
        assert shown.late() == ("tencent-main",)


def test_a_pass_that_fails_before_it_has_a_run_is_told_at_once(rig: Rig, log: io.StringIO) -> None:
    """Its account counts as not readable, with the reason, until the next pass reads it, however long its interval is.

    An exception that nobody foresaw is told without its own words, which may hold anything.
    """
    source = SettingsSource(rig.config)
    passes = StumblingPasses(source, who="test")
    shown = Outlets(source, passes)
    loop = Daemon(source, passes, outlets=shown)
    key = rig.folder / "tencent-secret_key"
    good = key.read_text()

    def problem() -> str | None:
        assert shown._showing is not None
        account = shown._showing.board().account("tencent-main")
        assert account is not None
        assert (account.problem is None) == (account.failed_at is None) == (account.problem_since is None)
        return account.problem

    with closing(shown):
        shown.open(loop.ticker, loop.pulse, loop.notice)
        passes.run("tencent-main")
        assert problem() is None
        key.unlink()
        passes.run("tencent-main")
        assert "tencent-secret_key" in (problem() or "")
        key.write_text(good)
        key.chmod(0o600)
        passes.stumbles = True
        passes.run("tencent-main")
        assert problem() == "the pass failed unexpectedly: the daemon's log says where"
        passes.stumbles = False
        passes.run("tencent-main")
        assert problem() is None
    assert len(events(log, "run_failed")) == 2


def test_alerts_that_hang_are_told_as_stuck(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """What evaluates and delivers is watched as passes are: while it hangs, the watchdog hears nothing."""
    source = SettingsSource(rig.config)
    passes = Passes(source, who="test")
    shown = Outlets(source, passes)
    loop = Daemon(source, passes, outlets=shown)
    found: list[tuple[str, ...]] = []

    def hang() -> Board:
        found.append(loop.pulse.feel())
        raise StoreFailedError("read", "it took too long")

    with closing(shown):
        shown.open(loop.ticker, loop.pulse, loop.notice)
        monkeypatch.setattr(shown._showing, "board", hang)
        monkeypatch.setattr(pulse, "CHORE_SILENCE", timedelta(seconds=-1))
        _, work = loop.ticker._chores["alerts"]
        work()
    assert [sentence.partition(" has ")[0] for sentence in found[0]] == ["the chore alerts"]
    assert loop.pulse.feel() == ()


class StumblingPasses(Passes):
    """Passes that meet, when told so, what nobody foresaw."""

    stumbles = False

    def _pass(self, account: str, customers: frozenset[str] | None, under_way: UnderWay) -> Result | None:
        if self.stumbles:
            raise ValueError(CANARIES[0])
        return super()._pass(account, customers, under_way)


@pytest.mark.parametrize(
    ("section", "missing"), [('[web]\nlisten = "127.0.0.1:1"\n', "starlette"), (ALERTS, "apprise")]
)
def test_a_section_without_its_extra_ends_with_2(
    rig: Rig, section: str, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The daemon and the check say which extra to install, or which section to remove; no vendor is asked."""
    monkeypatch.setenv("TIDEGATE_ALERT_URL", "json://127.0.0.1:1/")
    # What a machine has installed cannot be changed for a test.
    monkeypatch.setattr(extras, "find_spec", lambda _name: None)
    rig.config.write_text(f"{rig.config.read_text()}\n{section}")
    name = section.strip()[1:].partition("]")[0]
    said = f'[{name}] needs the extra {name}, and {missing} is not installed: pip install "WHEEL[{name}]"'
    for ended in (rig.run("daemon"), rig.run("check")):
        assert ended.exit_code == 2
        assert said in " ".join(ended.output.split())
        assert "no faults" not in ended.output
    assert rig.asked() == 0


def test_a_token_that_cannot_be_had_ends_with_2(rig: Rig) -> None:
    """Where others could reach the page, it does not begin without what keeps them out."""
    rig.config.write_text(rig.config.read_text() + '\n[web]\nlisten = "127.0.0.1:1"\ntoken = "env:TIDEGATE_ABSENT"\n')
    ended = rig.run("daemon")
    assert ended.exit_code == 2
    assert "environment variable TIDEGATE_ABSENT is not set" in " ".join(ended.output.split())


def test_a_store_that_fails_is_told_once(rig: Rig, log: io.StringIO) -> None:
    """While no board can be made, alerts wait; the log says so once for each way, and again after it worked."""

    class Failing:
        """What shows, over a store that fails."""

        def __init__(self) -> None:
            self.why = "the disk is full"

        def board(self) -> Board:
            """Fail."""
            raise StoreFailedError("read", self.why)

    class Told:
        """An alert job that counts what it is told of."""

        failures = 0

        def run_without(self, _error: StoreFailedError) -> None:
            """Count it."""
            self.failures += 1

    source = SettingsSource(rig.config)
    shown, failing, told = Outlets(source, Passes(source, who="test")), Failing(), Told()
    for why in ("the disk is full", "the disk is full", "it is locked"):
        failing.why = why
        shown._tell(failing, told, list)  # type: ignore[arg-type] # as much of them as is used
    assert (len(events(log, "board_not_made")), told.failures) == (2, 3)
