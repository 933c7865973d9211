import json
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from adapters.sandbox.faults import Mode
from adapters.store import open_store
from core.money import Money
from scheduler.bootstrap import composing
from tests.surface.cli_rig import (
    ALLOCATE,
    GRANTED,
    RAISED,
    STATED,
    TAKEN,
    UPDATE,
    WANTED,
    Rig,
    ended,
    eventually,
    on_terminal,
    opened,
)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """Two simulated vendors and a configuration."""
    with opened(tmp_path) as made:
        yield made


def saved_plan(rig: Rig) -> Path:
    """Write the plan to a file."""
    path = rig.folder / "plan.json"
    assert rig.run("plan", "--out", str(path)).exit_code == 3
    return path


def test_apply_makes_the_world_as_wanted_and_the_next_plan_is_empty(rig: Rig) -> None:
    """All limits stand at the vendors, unlisted customers as before, and there is nothing left to do."""
    result = rig.run("apply")
    assert result.exit_code == 0, result.output
    assert "4 of 4 changes applied and read back." in result.stdout
    assert rig.standing() == WANTED
    assert rig.run("plan").exit_code == 0
    assert rig.run("apply").exit_code == 0
    assert rig.writes() == 4


def test_apply_in_sync_says_so(rig: Rig) -> None:
    """With nothing to do, the plan's cheerful line is all."""
    rig.run("apply")
    assert rig.run("apply").stdout.startswith("All in sync: 4 customers")


def test_only_the_named_customer_is_changed(rig: Rig) -> None:
    """Targeting is the same as for plan."""
    assert rig.run("apply", "--customer", TAKEN).exit_code == 0
    assert rig.standing()[TAKEN] == "1000.00"
    assert rig.standing()[RAISED] == "1200.00"


def test_under_observe_nothing_is_sent(rig: Rig) -> None:
    """A watched account is only reported, also by apply; what is merely blocked is pending."""
    rig.config.write_text(rig.config.read_text().replace('write_policy = "sync"', 'write_policy = "observe"'))
    assert rig.run("apply").exit_code == 3
    assert rig.writes() == 0


def test_a_saved_plan_is_applied_as_it_was_shown(rig: Rig) -> None:
    """What the file shows is done, all of it."""
    assert rig.run("apply", "--plan", str(saved_plan(rig))).exit_code == 0
    assert rig.standing() == WANTED


def test_a_customer_that_moved_since_the_plan_was_saved_is_left_alone(rig: Rig) -> None:
    """A customer changed in between is refused, the others are done, and a person is needed."""
    path = saved_plan(rig)
    rig.vendors["tencent"].console_set(GRANTED, Money.parse("1300.00"), "alice")
    result = rig.run("apply", "--plan", str(path))
    assert result.exit_code == 4, result.output
    assert rig.standing() == {**WANTED, GRANTED: "1300.00"}


def test_a_limit_changed_since_the_plan_was_saved_is_not_applied(rig: Rig) -> None:
    """The file is what was agreed to; a newer limit waits for a newer plan."""
    path = saved_plan(rig)
    rig.edit("1500.00", "9999.00", file=rig.limits)
    assert rig.run("apply", "--plan", str(path)).exit_code == 4
    assert rig.standing()[RAISED] == "1200.00"


def test_a_tampered_plan_is_refused_before_any_call(rig: Rig) -> None:
    """A plan file that was edited ends with 2, and no vendor hears of it."""
    path = saved_plan(rig)
    asked = rig.asked()
    path.write_text(path.read_text().replace('"1500.00"', '"15000.00"'))
    result = rig.run("apply", "--plan", str(path))
    assert result.exit_code == 2
    assert "plan.json" in result.stderr
    assert rig.asked() == asked


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"{}"])
def test_what_is_no_plan_file_is_a_usage_error(rig: Rig, content: bytes | None) -> None:
    """Missing, binary or foreign files are refused with a sentence."""
    path = rig.folder / "other.json"
    if content is not None:
        path.write_bytes(content)
    result = rig.run("apply", "--plan", str(path))
    assert result.exit_code == 2
    assert "other.json" in result.stderr


def test_a_lost_reply_is_settled_in_the_same_run(rig: Rig) -> None:
    """A grant whose answer was lost is found by its mark, never sent again, and told as applied."""
    rig.vendors["tencent"].faults.plan(ALLOCATE, Mode.RESET_AFTER)
    result = rig.run("apply")
    assert result.exit_code == 0, result.output
    assert rig.standing() == WANTED
    assert rig.writes() == 4


def test_a_call_that_never_arrived_is_settled_later_and_then_made(rig: Rig) -> None:
    """What cannot be proven yet ends with 4 and says when it can; later runs settle it and do it, once."""
    rig.vendors["tencent"].faults.plan(ALLOCATE, Mode.RESET_BEFORE, times=2)
    rig.edit('quarantine = "1s"', 'quarantine = "30s"')
    first = rig.run("apply", "--account", "tencent-main")
    assert first.exit_code == 4, first.output
    assert "can be settled from" in first.stdout
    assert "Run `tidegate apply` again after" in first.stdout
    status = json.loads(rig.run("status", "--format", "json").stdout)
    assert {intent["state"] for intent in status["open_intents"]} == {"uncertain"}
    assert rig.standing()[GRANTED] == "800.00"


def test_waiting_stays_until_nothing_is_uncertain(rig: Rig) -> None:
    """With `--wait` the run ends only when every outcome is known."""
    rig.vendors["tencent"].faults.plan(ALLOCATE, Mode.RESET_BEFORE)
    rig.edit('write_timeout = "2s"', 'write_timeout = "1s"')
    rig.run("apply", "--account", "tencent-main", "--wait")
    assert json.loads(rig.run("status", "--format", "json").stdout)["open_intents"] == []
    eventually(lambda: rig.run("apply").exit_code == 0)
    assert rig.standing() == WANTED
    assert rig.writes() == 4


def test_a_refusal_needs_a_person(rig: Rig) -> None:
    """What the vendor refuses is told in its words; the rest is done; the run ends with 4."""
    rig.vendors["huawei"].faults.plan(UPDATE, Mode.REFUSAL)
    result = rig.run("apply")
    assert result.exit_code == 4
    assert "refused by the vendor" in result.stdout
    assert rig.writes() == 3


def test_a_locked_store_sends_nothing(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """When our own records cannot be written, nothing goes out, and one sentence says why."""
    rig.run("plan")
    monkeypatch.setattr(composing, "open_store", partial(open_store, patience=timedelta(seconds=0.2)))
    with sqlite3.connect(rig.folder / "tidegate.db", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        result = rig.run("apply")
    other.close()
    assert result.exit_code == 1
    assert "the store could not" in result.stderr
    assert rig.writes() == 0


def test_without_a_terminal_nothing_is_asked(rig: Rig) -> None:
    """In a script apply goes ahead; a question there would hang it."""
    result = rig.run("apply", given="")
    assert result.exit_code == 0
    assert "Send" not in result.output


@pytest.mark.parametrize(("answer", "code", "writes"), [("n\r", 3, 0), ("y\r", 0, 4)])
def test_on_a_terminal_the_plan_is_shown_and_agreed_to(rig: Rig, answer: str, code: int, writes: int) -> None:
    """A person sees the plan and decides; "no" changes nothing."""
    exit_code, screen = on_terminal(["apply", "-c", str(rig.config)], answer)
    assert exit_code == code, screen
    assert "+300.00" in screen
    assert "Send 4 corrections?" in screen
    assert "huawei-main: customers" in screen
    assert "tencent-main: customers" in screen
    assert rig.writes() == writes
    assert "Traceback" not in screen


def test_the_first_ctrl_c_lets_the_change_under_way_end(rig: Rig) -> None:
    """Interrupted, apply stops after the change under way, says so, and a later run does the rest, once."""
    rig.edit('write_timeout = "2s"', 'write_timeout = "4s"')
    rig.vendors["tencent"].faults.plan(ALLOCATE, Mode.HANG_AFTER, seconds=1.0)
    process = rig.start("apply", "--account", "tencent-main")
    eventually(lambda: rig.vendors["tencent"].requests().get(ALLOCATE, 0) == 1)
    process.send_signal(signal.SIGINT)
    assert ended(process) == 1
    assert "stopping after the change under way" in rig.log()
    assert "every change is recorded" in rig.log()
    assert "Traceback" not in rig.log()
    assert len(rig.vendors["tencent"].applied_writes()) == 1
    eventually(lambda: rig.run("apply").exit_code == 0)
    assert rig.standing() == WANTED
    assert rig.writes() == 4


def test_standard_output_may_be_closed_early(rig: Rig) -> None:
    """`tidegate apply | head` does its work and ends quietly."""
    process = rig.start("apply", stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    assert ended(process) == 0
    assert "Traceback" not in rig.log()
    assert "BrokenPipe" not in rig.log()
    assert rig.standing() == {**WANTED, STATED: "4000.00"}


def test_a_plan_file_that_is_not_there_is_told_in_plain_words(rig: Rig) -> None:
    """No error number: what is wrong, and which command writes a plan."""
    result = rig.run("apply", "--plan", "nosuch.json")
    assert result.exit_code == 2
    assert "--plan nosuch.json: there is no such file: write one with `tidegate plan" in result.stderr
    assert "Errno" not in result.stderr


def test_a_plan_file_that_is_done_says_so(rig: Rig) -> None:
    """Applied twice, the file's corrections stand; nothing is said of the rest of the world."""
    path = saved_plan(rig)
    rig.run("apply", "--plan", str(path))
    again = rig.run("apply", "--plan", str(path))
    assert again.exit_code == 0
    assert again.stdout.startswith("Nothing of plan.json is left to do: its corrections stand as wanted.")
    assert "All in sync" not in again.stdout


def test_the_question_names_the_file_and_progress_is_shown(rig: Rig) -> None:
    """Whoever agrees sees whose corrections they are, and then how many were sent and read back."""
    path = rig.folder / "plan.json"
    rig.run("plan", "--customer", GRANTED, "--out", str(path))
    exit_code, screen = on_terminal(["apply", "--plan", str(path), "-c", str(rig.config)], "y\r")
    assert exit_code == 0, screen
    assert "Send 1 correction of plan.json?" in screen
    assert "tencent-main: changes sent" in screen
    assert "tencent-main: changes read back" in screen
    assert rig.writes() == 1


def test_an_unknown_customer_is_told_with_its_line_and_the_id_meant(rig: Rig) -> None:
    """A slip in an id ends with where it is written and what was probably meant."""
    slip = f"{RAISED[:-1]}7"
    rig.edit(RAISED, slip, file=rig.limits)
    text = " ".join(rig.run("apply").stdout.split())
    assert f"limits.csv:2: correct or remove it; did you mean {RAISED}?" in text


def test_the_footnotes_of_an_apply_are_short(rig: Rig) -> None:
    """The caps that are not set are one line; the record's end is for those who ask for more."""
    said = rig.run("apply").stderr
    assert said.count("Not every money cap is set for huawei-main, tencent-main") == 1
    assert "The record of changes ends with" not in said
    assert "The record of changes ends with" in rig.run("apply", "-v").stderr
