import json
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.sandbox.faults import Fault, Mode
from core.money import Money
from tests.surface.cli_rig import (
    ALLOCATE,
    GRANTED,
    PATIENCE,
    RAISED,
    TAKEN,
    WANTED,
    Rig,
    ended,
    opened,
)
from tests.surface.cli_rig import eventually as eventually_so


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """Two simulated vendors, and a configuration whose accounts are looked at every second."""
    with opened(tmp_path) as made:
        made.config.write_text(made.config.read_text().replace('every = "30s"', 'every = "1s"'))
        yield made


def eventually(rig: Rig, true: Callable[[], bool]) -> None:
    """Wait until something is so; fail, with the daemon's log, when it is not in time or the daemon is gone."""

    def so() -> bool:
        assert rig.started[-1].poll() is None, "the daemon is gone"
        return true()

    try:
        eventually_so(so)
    except AssertionError as error:
        error.add_note(rig.log())
        raise


def put(path: Path, text: str) -> None:
    """Write a file in one step, so that no pass reads half of it."""
    fresh = path.with_suffix(".fresh")
    fresh.write_text(text)
    fresh.replace(path)


def events(rig: Rig, name: str) -> list[dict[str, object]]:
    """Give the logged events of this name."""
    lines = [line for line in rig.log().splitlines() if line.endswith("}")]
    return [event for event in map(json.loads, lines) if event["event"] == name]


def passes(rig: Rig, account: str) -> int:
    """Count an account's finished passes."""
    return sum(1 for event in events(rig, "run_finished") if event["accounts"] == [account])


def test_the_daemon_brings_the_world_to_the_limits_and_keeps_it_there(rig: Rig) -> None:
    """It corrects at once, puts back what somebody changes, and SIGTERM is its ordinary end."""
    process = rig.start("daemon")
    eventually(rig, lambda: rig.standing() == WANTED)
    eventually(rig, lambda: passes(rig, "huawei-main") >= 1)
    rig.vendors["huawei"].console_set(RAISED, Money.parse("9000.00"), "alice")
    eventually(rig, lambda: rig.standing() == WANTED)
    process.send_signal(signal.SIGTERM)
    assert ended(process) == 0
    assert "Traceback" not in rig.log()
    assert events(rig, "daemon_stopped")[0]["left_running"] == []
    assert rig.writes() == 5


def test_changed_limits_are_followed_and_broken_ones_are_not(rig: Rig) -> None:
    """What stands in them is followed; a broken file keeps the last whole one in force and is told once."""
    process = rig.start("daemon")
    eventually(rig, lambda: rig.standing() == WANTED)
    whole = rig.limits.read_text()
    put(rig.limits, whole.replace("1500.00", "1.5e3"))
    process.send_signal(signal.SIGHUP)
    eventually(rig, lambda: bool(events(rig, "config_rejected")))
    told = passes(rig, "huawei-main")
    eventually(rig, lambda: passes(rig, "huawei-main") >= told + 2)
    assert len(events(rig, "config_rejected")) == 1
    assert "limits.csv:2" in str(events(rig, "config_rejected")[0]["faults"])
    put(rig.limits, whole.replace("1500.00", "1600.00"))
    eventually(rig, lambda: rig.granted("huawei", RAISED) == "1600.00")
    assert events(rig, "config_mended")
    process.send_signal(signal.SIGINT)
    assert ended(process) == 0


def test_a_hanging_vendor_neither_delays_the_other_nor_the_end(rig: Rig) -> None:
    """While one account waits for an answer that never comes, the other goes on; SIGTERM still ends within 10 s."""
    rig.edit('write_timeout = "2s"', 'write_timeout = "60s"')
    rig.vendors["tencent"].faults.plan(ALLOCATE, Mode.HANG_BEFORE)
    process = rig.start("daemon")
    eventually(rig, lambda: rig.vendors["tencent"].requests().get(ALLOCATE, 0) == 1)
    before = passes(rig, "huawei-main")
    eventually(rig, lambda: passes(rig, "huawei-main") >= before + 2)
    assert events(rig, "job_still_running")
    # The promise itself, counted from the signal: a service manager that waits longer than this kills the process.
    process.send_signal(signal.SIGTERM)
    assert ended(process, within=10) == 0
    (left,) = json.loads(rig.run("status", "--format", "json").stdout)["open_intents"]
    assert left["state"] in {"sent", "uncertain"}
    assert left["customer_id"] == GRANTED


def test_a_second_signal_ends_it_at_once(rig: Rig) -> None:
    """Whoever cannot wait gets exit code 1 immediately."""
    rig.edit('write_timeout = "2s"', 'write_timeout = "60s"')
    rig.vendors["tencent"].faults.plan(ALLOCATE, Mode.HANG_BEFORE)
    process = rig.start("daemon")
    eventually(rig, lambda: rig.vendors["tencent"].requests().get(ALLOCATE, 0) == 1)
    process.send_signal(signal.SIGTERM)
    eventually(rig, lambda: bool(events(rig, "daemon_stopping")))
    process.send_signal(signal.SIGTERM)
    # Had it waited until the passes' own time to end is over, it would be 0.
    assert ended(process) == 1


def test_hangup_reads_everything_now(rig: Rig) -> None:
    """SIGHUP starts a pass on what the files say now, whatever the interval."""
    rig.config.write_text(rig.config.read_text().replace('every = "1s"', 'every = "1h"'))
    process = rig.start("daemon")
    eventually(rig, lambda: passes(rig, "tencent-main") == 1 and rig.standing() == WANTED)
    put(rig.limits, rig.limits.read_text().replace("1000.00", "1100.00"))
    process.send_signal(signal.SIGHUP)
    eventually(rig, lambda: rig.granted("tencent", TAKEN) == "1100.00")
    process.send_signal(signal.SIGTERM)
    assert ended(process) == 0


def test_hangup_during_a_pass_is_followed_by_one_more(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pass whose vendor has not answered yet does not see what changed; one that begins at its end does."""
    rig.config.write_text(rig.config.read_text().replace('every = "1s"', 'every = "1h"\nread_timeout = "5m"'))
    faults = rig.vendors["tencent"].faults
    reached, release = threading.Event(), threading.Event()
    take = faults.take

    def withheld(operation: str) -> Fault | None:
        reached.set()
        release.wait(PATIENCE)
        return take(operation)

    # Not a mock: the simulator as it is, whose answers wait until the test lets them go.
    monkeypatch.setattr(faults, "take", withheld)
    try:
        process = rig.start("daemon")
        assert reached.wait(PATIENCE)
        put(rig.limits, rig.limits.read_text().replace("1000.00", "1100.00"))
        process.send_signal(signal.SIGHUP)
        eventually(rig, lambda: any(event["account"] == "tencent-main" for event in events(rig, "job_still_running")))
        assert passes(rig, "tencent-main") == 0
    finally:
        release.set()
    eventually(rig, lambda: rig.granted("tencent", TAKEN) == "1100.00")
    eventually(rig, lambda: passes(rig, "tencent-main") == 2)
    process.send_signal(signal.SIGTERM)
    assert ended(process) == 0
    assert passes(rig, "tencent-main") == 2


def test_accounts_come_and_go_with_the_configuration(rig: Rig) -> None:
    """An account that is taken out is no longer looked at; the others go on."""
    process = rig.start("daemon")
    eventually(rig, lambda: rig.standing() == WANTED)
    text, limits = rig.config.read_text(), rig.limits.read_text()
    put(rig.config, text[: text.index("[accounts.tencent-main]")])
    put(rig.limits, "\n".join(line for line in limits.splitlines() if "tencent" not in line) + "\n")
    process.send_signal(signal.SIGHUP)
    eventually(rig, lambda: any(event["accounts"] == ["huawei-main"] for event in events(rig, "config_changed")))

    def requests() -> int:
        return sum(rig.vendors["tencent"].requests().values())

    def unasked_while_the_other_passes() -> bool:
        asked, before = requests(), passes(rig, "huawei-main")
        eventually(rig, lambda: passes(rig, "huawei-main") >= before + 2)
        return requests() == asked

    # A pass that was under way when the account was taken out may still end.
    eventually(rig, unasked_while_the_other_passes)
    asked = requests()
    put(rig.limits, limits)
    put(rig.config, text)
    process.send_signal(signal.SIGHUP)
    eventually(rig, lambda: requests() > asked)
    process.send_signal(signal.SIGTERM)
    assert ended(process) == 0


def test_a_configuration_that_is_broken_from_the_start_ends_with_2(rig: Rig) -> None:
    """Without ever having read a whole configuration the daemon does not run."""
    rig.config.write_text(rig.config.read_text().replace("every", "evry"))
    result = rig.run("daemon")
    assert result.exit_code == 2
    assert rig.asked() == 0
