"""`tidegate alerts`: what stands, what waits, a test of each channel, telling without a daemon; no key in any of it."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from click.testing import Result

from adapters.clock import SystemClock
from adapters.notify import service
from core.pause import Pause
from scheduler import bootstrap, logs
from scheduler.alerting.delivery import LEASE, Deliveries, deliver
from scheduler.cli import notifying, screen
from scheduler.reports.alerts_table import AlertsShown, alerts_table
from tests.contract.store_rig import START as RIG_START
from tests.contract.store_rig import alert_of
from tests.surface.cli_rig import PATIENCE, eventually, opened, run
from tests.surface.cli_rig import Rig as Vendors
from tests.unit.alert_rig import HandClock, settings_of
from tests.unit.notify_rig import CANARIES, Hook, hook

CONFIG = """[tidegate]
store = "sqlite:///tidegate.db"
limits = ["limits.csv"]
[accounts.tencent-main]
vendor = "tencent"
write_policy = "observe"
secret_id = "env:TIDEGATE_ABSENT"
secret_key = "env:TIDEGATE_ABSENT"
"""
ALERTS = """[alerts]
link = "https://tidegate.example.com"
[[alerts.channels]]
name = "operations"
url = "env:TIDEGATE_ALERT_URL"
"""
LIMITS = "account,customer_id,kind,amount,on_exhaustion\ntencent-main,200000104217,credit_line,1.00,\n"
SECOND = '[[alerts.channels]]\nname = "finance"\nurl = "env:TIDEGATE_ALERT_URL_2"\n'


def paused(config: Path, account: str | None = None, customer: str | None = None) -> None:
    """Put a pause on record that began so long ago that somebody must be told."""
    settings = bootstrap.load(config, accounts=frozenset())
    with bootstrap.compose(settings, observe_only=True, accounts=frozenset()) as world:
        since = world.clock.now() - timedelta(days=4)
        world.journal.pause(
            Pause(account=account, customer_id=customer, who="chen", why="stocktaking", since=since, until=None)
        )


@dataclass(frozen=True, slots=True)
class Desk:
    """A folder with a configuration whose keys are nowhere, since nothing here asks a vendor; and a channel."""

    folder: Path
    service: Hook

    def run(self, *arguments: str) -> Result:
        """Run a command; no key of the channel is in what it prints."""
        result = run(*arguments, "-c", str(self.folder / "config.toml"))
        assert not any(canary in result.output for canary in CANARIES)
        return result

    def configure(self, alerts: str) -> None:
        """Write another [alerts]."""
        (self.folder / "config.toml").write_text(CONFIG + alerts)

    def pause(self) -> None:
        """Make something that somebody must be told."""
        paused(self.folder / "config.toml")

    def document(self) -> dict[str, list[dict[str, object]]]:
        """Give what stands and waits, for programs."""
        found: dict[str, list[dict[str, object]]] = json.loads(self.run("alerts", "--format", "json").stdout)
        return found


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Give a desk; its channel works."""
    with hook() as service:
        monkeypatch.setenv("TIDEGATE_ALERT_URL", service.address)
        (tmp_path / "limits.csv").write_text(LIMITS)
        made = Desk(tmp_path, service)
        made.configure(ALERTS)
        yield made


def test_what_happened_is_told_and_shown(desk: Desk) -> None:
    """Nothing stands at first; a pause that lasts too long is sent with the page's address, and shown as standing."""
    assert "Nothing stands that anybody has to be told." in desk.run("alerts").stdout
    desk.pause()
    sent = desk.run("alerts", "--send")
    assert (sent.exit_code, sent.stderr.splitlines()[-1]) == (0, "1 text sent; 0 messages wait.")
    assert "everything has been paused" in desk.service.texts()[0]
    assert "https://tidegate.example.com" in desk.service.texts()[0]
    assert desk.run("alerts", "--send").stderr == "0 texts sent; 0 messages wait.\n"
    shown = desk.run("alerts").stdout
    assert "everything has been paused" in " ".join(shown.split())
    assert "operations: nothing waits" in shown
    (standing,) = desk.document()["standing"]
    assert (standing["sort"], standing["severity"], standing["account"]) == ("pause", "warning", None)
    assert standing["subject"] is not None


def test_a_channel_that_takes_nothing_is_shown_with_its_next_try(desk: Desk) -> None:
    """A failure ends with 4; the message waits, with how often it failed; no key is in the store or in any output."""
    desk.service.status = 500
    desk.pause()
    sent = desk.run("alerts", "--send")
    assert (sent.exit_code, "1 failed" in sent.stderr) == (4, True)
    assert "1 message waits" in " ".join(desk.run("alerts").stdout.split())
    assert "failed 1 time, next try at" in " ".join(desk.run("alerts").stdout.split())
    (channel,) = desk.document()["channels"]
    assert (channel["name"], channel["waiting"], channel["tries"]) == ("operations", 1, 1)
    desk.configure("")
    assert "No [alerts] is configured" in desk.run("alerts").stdout
    assert "operations, which is no longer configured" in " ".join(desk.run("alerts").stdout.split())
    stored = b"".join(path.read_bytes() for path in desk.folder.glob("tidegate.db*"))
    assert not any(canary.encode() in stored for canary in CANARIES)


def test_a_channel_that_does_not_answer_is_told_from_one_that_takes_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text that was taken without an answer ends with 4, is said to be that, and waits to be sent again."""
    monkeypatch.setattr(service, "READ_SECONDS", 0.2)  # seconds that a test has better use for
    desk.service.hold.clear()
    desk.pause()
    sent = desk.run("alerts", "--send")
    said = "0 texts sent, 1 taken without an answer; 1 message waits."
    assert (sent.exit_code, sent.stderr.splitlines()[-1]) == (4, said)
    (message,) = desk.document()["messages"]
    assert (message["unclear"], message["tries"]) == (1, 1)


def test_each_channel_is_tested(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every channel gets a test message, or the one that is named; one that takes nothing is named, with the reason."""
    tested = desk.run("alerts", "--test")
    assert (tested.exit_code, tested.stdout) == (0, "ok  operations: it was taken\n")
    assert "This is a test of the channel operations" in desk.service.texts()[0]
    desk.configure(ALERTS + SECOND)
    monkeypatch.setenv("TIDEGATE_ALERT_URL_2", f"json://127.0.0.1:1/{CANARIES[1]}")
    both = desk.run("alerts", "--test")
    assert (both.exit_code, both.stdout.splitlines()) == (
        4,
        ["ok  operations: it was taken", "NO  finance: it could not be reached (connection refused)"],
    )
    assert desk.run("alerts", "--test", "operations").exit_code == 0
    assert len(desk.service.posted) == 3
    assert desk.document()["messages"] == []


def test_what_is_written_wrongly_ends_with_2(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown channel, no [alerts], two errands at once, a secret that is missing, an address nobody understands."""
    unknown = desk.run("alerts", "--test", "nobody")
    assert (unknown.exit_code, "there are operations" in unknown.stderr) == (2, True)
    assert desk.run("alerts", "--test", "--send").exit_code == 2
    monkeypatch.setenv("TIDEGATE_ALERT_URL", f"slack://{CANARIES[1]}")
    odd = desk.run("alerts", "--test")
    assert (odd.exit_code, "config.toml:13" in odd.stderr, "slack://" in odd.stderr) == (2, True, True)
    monkeypatch.delenv("TIDEGATE_ALERT_URL")
    missing = desk.run("alerts", "--send")
    assert (missing.exit_code, "TIDEGATE_ALERT_URL is not set" in missing.stderr) == (2, True)
    monkeypatch.setitem(sys.modules, "apprise", None)  # what Python takes for "not installed"
    monkeypatch.setenv("TIDEGATE_ALERT_URL", desk.service.address)
    extra = desk.run("alerts", "--test")
    assert (extra.exit_code, 'pip install "WHEEL[alerts]"' in extra.stderr) == (2, True)
    desk.configure("")
    assert "no [alerts] is configured" in desk.run("alerts", "--test").stderr
    assert desk.service.posted == []


def test_a_kill_while_a_text_is_under_way_loses_nothing(desk: Desk, tmp_path: Path) -> None:
    """Killed by the kernel between evaluating and sending, what was to be told is on record, and told by the next."""
    desk.pause()
    desk.service.hold.clear()
    rig = Vendors(folder=tmp_path, config=desk.folder / "config.toml", limits=desk.folder / "limits.csv", vendors={})
    process = rig.start("alerts", "--send")
    try:
        eventually(lambda: bool(desk.document()["messages"]))
        eventually(lambda: desk.document()["messages"][0]["written_at"] != desk.document()["messages"][0]["next_at"])
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)
    desk.service.hold.set()
    assert desk.run("alerts", "--send").stderr == "0 texts sent; 1 message waits.\n"
    before = len(desk.service.posted)
    clock = HandClock()
    clock.moment = SystemClock().now() + LEASE + timedelta(seconds=1)
    settings = settings_of(channels=["operations"])
    loaded = bootstrap.load(desk.folder / "config.toml", accounts=frozenset())
    assert loaded.alerts is not None
    notifier = bootstrap.notifier(loaded.alerts, base=tmp_path, learn_secrets=logs.REDACTION.learn)
    with bootstrap.open_outbox(loaded, clock=clock) as outbox:
        left = deliver(
            Deliveries(outbox=outbox, notifier=notifier, settings=settings, clock=clock, count=lambda *_: None)
        )
    assert (left, len(desk.service.posted)) == (0, before + 1)
    assert "everything has been paused" in desk.service.texts()[-1]


def test_telling_never_changes_how_a_command_ends(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that is gone, a mistake of ours, a slow channel, Ctrl-C: each is one line on standard error."""
    settings = bootstrap.load(desk.folder / "config.toml", accounts=frozenset())
    notifying.tell_afterwards(replace(settings, store="sqlite:////nowhere/tidegate.db"))
    assert "tidegate: alerts: the store could not" in capsys.readouterr().err
    with monkeypatch.context() as patch:
        patch.setattr(notifying, "tell_once", _mistaken)  # what nobody thought of
        notifying.tell_afterwards(settings)
    assert "tidegate: alerts: unexpected: KeyError" in capsys.readouterr().err
    desk.pause()
    desk.service.hold.clear()
    notifying.tell_afterwards(settings, patience=0.3)
    assert "it took longer than 0 seconds" in capsys.readouterr().err
    desk.service.hold.set()
    with monkeypatch.context() as patch:
        patch.setattr(Event, "wait", _interrupted)  # where a person's Ctrl-C arrives
        notifying.tell_afterwards(settings)
    assert "it was stopped" in capsys.readouterr().err


def _mistaken(*_given: object) -> None:
    raise KeyError


_WAIT = Event.wait


def _interrupted(event: Event, timeout: float | None = None) -> bool:
    if timeout == notifying.PATIENCE:
        raise KeyboardInterrupt
    return _WAIT(event, timeout)


def test_many_alerts_are_shown_in_short() -> None:
    """On a terminal the gravest sixty, of a ladder the highest rung; what is not sure yet, and that nobody is told."""
    names = [f"{number:03}" for number in range(62)]
    standing = [alert_of(name, subject=name, told_to=("ops",)) for name in names] + [alert_of("x", subject="x")]
    lower = alert_of("low", subject="50", told_to=("ops",))
    standing += [replace(lower, condition=replace(lower.condition, rung=1))]
    table = screen.plain(alerts_table(AlertsShown(standing=standing, waiting=(), channels=()), RIG_START))
    assert "and 2 more; --format json has all" in table
    assert "1 more fact must stand a while longer before anybody is told." in table


def test_the_check_sees_to_the_channels_and_sends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`check` names the channels, or what is wrong with one and at which line; `apply` tells at its end."""
    with hook() as service, opened(tmp_path) as rig:
        assert "No [alerts] is written" in rig.run("check").stdout
        rig.config.write_text(rig.config.read_text() + "\n" + ALERTS)
        monkeypatch.setenv("TIDEGATE_ALERT_URL", service.address)
        assert "Alerts: 1 channel, operations" in rig.run("check").stdout
        monkeypatch.setenv("TIDEGATE_ALERT_URL", f"zzz://{CANARIES[1]}")
        refused = rig.run("check")
        assert (refused.exit_code, "alerts.channels.url" in refused.output) == (2, True)
        assert CANARIES[1] not in refused.output
        assert service.posted == []
        _apply_tells(rig, service, monkeypatch)


def _apply_tells(rig: Vendors, service: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    """See that `apply` tells at its end, and that a channel that fails or hangs changes nothing but one line."""
    monkeypatch.setenv("TIDEGATE_ALERT_URL", service.address)
    assert rig.run("apply").exit_code == 0
    assert service.posted == []
    paused(rig.config, customer="200000104217")
    service.status = 500
    failed = rig.run("apply")
    assert failed.exit_code == 0
    assert (
        "tidegate: alerts: 1 channel did not take what there was to tell; `tidegate alerts` says more" in failed.stderr
    )
    paused(rig.config, account="huawei-main")
    service.hold.clear()
    monkeypatch.setattr(notifying, "PATIENCE", 0.2)
    assert rig.run("apply").exit_code == 0
    monkeypatch.delenv("TIDEGATE_ALERT_URL")
    assert rig.run("apply").exit_code == 0
