"""The board of real runs against simulated vendors: it says what `plan`, `status`, `report` and `explain` say."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.run.reconcile import survey
from core.run.world import Request, World
from scheduler import bootstrap
from scheduler.config import Settings
from scheduler.records.board import Boards, board
from scheduler.records.customer_file import customer_file
from scheduler.reports.board import Attention, Board
from tests.contract.store_rig import StandingClock
from tests.surface.cli_rig import GRANTED, RAISED, STATED, TAKEN, Rig, opened


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """Two simulated vendors and a configuration."""
    with opened(tmp_path) as made:
        yield made


@contextmanager
def looking(rig: Rig) -> Iterator[tuple[Settings, World]]:
    """Open the store as the page does: without any vendor."""
    settings = bootstrap.load(rig.config)
    with bootstrap.compose(settings, observe_only=True, accounts=frozenset()) as world:
        yield settings, world


def board_of(rig: Rig) -> Board:
    """Make the board once."""
    with looking(rig) as (settings, world):
        return board(settings, world)


def document(rig: Rig, *arguments: str) -> Any:
    """Run a command with `--format json` and read what it printed."""
    return json.loads(rig.run(*arguments, "--format", "json").stdout)


def counts(made: Board) -> dict[str, tuple[object, ...]]:
    """Give each account's counts."""
    return {each.name: (each.in_sync, each.pending, each.held) for each in made.accounts}


def test_the_board_says_what_plan_status_and_report_say(rig: Rig) -> None:
    """Counts are the plan's, then what was made of it; shares and grants are the report's and the plan's."""
    plan = document(rig, "plan")
    made = board_of(rig)
    assert counts(made) == {
        part["name"]: (part["in_sync"], part["corrections"], part["holds"]) for part in plan["accounts"]
    }
    rows = {row["customer_id"]: row for row in plan["corrections"]}
    lines = {line.key.customer_id: line for account in made.accounts for line in account.customers}
    assert {name: str(line.waiting.change) for name, line in lines.items() if line.waiting} == {
        name: row["change"] for name, row in rows.items()
    }
    assert all(str(lines[name].granted) == row["before"]["granted"] for name, row in rows.items())
    assert all(lines[name].attention == (Attention.PENDING,) for name in rows)
    assert rig.run("apply").exit_code == 0
    made = board_of(rig)
    assert counts(made) == {"huawei-main": (2, 0, 0), "tencent-main": (2, 0, 0)}
    status = {each["name"]: each for each in document(rig, "status")["accounts"]}
    assert counts(made) == {name: (each["in_sync"], each["pending"], each["held"]) for name, each in status.items()}
    assert {str(each.quota) for each in made.accounts} == {str(each["quota"]) for each in status.values()}
    lines = {line.key.customer_id: line for account in made.accounts for line in account.customers}
    reported = {
        row["customer_id"]: row for account in document(rig, "report")["accounts"] for row in account["customers"]
    }
    for name, line in lines.items():
        row = reported[name]
        assert str(line.granted) == row["granted"]
        assert (str(line.share.low) if line.share else None) == row["share"]["low"]
    assert all(line.waiting is None and line.attention == () for line in lines.values())


def test_a_board_that_is_held_open_sees_what_commands_do(rig: Rig) -> None:
    """Another process's pause, apply and resume are on the board once they are on record."""
    with looking(rig) as (settings, world):
        clock = StandingClock(world.clock.now())
        boards = Boards(world, clock)

        def looked() -> Board:
            clock.sleep(timedelta(seconds=3))
            return boards.current(settings)

        assert counts(looked())["tencent-main"] == (None, None, None)
        rig.run("pause", "--customer", GRANTED, "--who", "ann", "--why", "month end")
        assert [pause.who for pause in looked().pauses] == ["ann"]
        assert rig.run("apply").exit_code == 4
        made = looked()
        assert counts(made) == {"huawei-main": (2, 0, 0), "tencent-main": (1, 0, 1)}
        held = {line.key.customer_id: line for line in made.accounts[1].customers}[GRANTED]
        assert held.waiting is not None
        assert (held.waiting.word, held.attention) == ("paused", (Attention.HELD, Attention.PAUSED))
        assert {line.who for line in made.changes} >= {"ann", "limits file"}
        rig.run("resume", "--customer", GRANTED, "--why", "over")
        assert rig.run("apply", "--customer", GRANTED).exit_code == 0
        made = looked()
        line = {line.key.customer_id: line for line in made.accounts[1].customers}[GRANTED]
        assert (line.waiting, line.pause, str(line.granted), line.attention) == (None, None, "2000.00", ())
        assert board(settings, world).accounts == made.accounts


def test_a_customers_file_says_what_explain_and_history_say(rig: Rig) -> None:
    """Its sentences are those of `explain --stored`, its changes those of `history`, newest first; days are metered."""
    rig.run("pause", "--customer", TAKEN, "--who", "ann", "--why", "month end")
    rig.run("resume", "--customer", TAKEN, "--why", "over")
    rig.run("apply")
    with looking(rig) as (settings, world):
        boards = Boards(world, world.clock)
        made = boards.current(settings)
        file = boards.file(settings, made, "tencent", TAKEN)
        assert boards.file(settings, made, "tencent", TAKEN) == customer_file(world, settings, made, "tencent", TAKEN)
        assert boards.file(settings, made, "tencent", "nobody") is None
        assert boards.file(settings, made, "huawei", TAKEN) is None
    assert file is not None
    assert (file.line.key.customer_id, file.account.name, len(file.days)) == (TAKEN, "tencent-main", 1)
    told = document(rig, "history", "--customer", TAKEN)
    assert [line.at.isoformat() for line in file.changes] == [line["at"] for line in reversed(told)]
    assert [line.what for line in file.changes] == [line["what"] for line in reversed(told)]
    assert {line.what for line in file.changes} >= {"paused", "resumed"}
    explained = "".join(rig.run("explain", TAKEN, "--stored").stdout.split())
    sentences = [line for _, lines in file.sentences for line in lines if not line.startswith("As last seen")]
    assert all("".join(line.split()) in explained for line in sentences), explained
    assert all("".join(title.split()) in explained for title, _ in file.sentences)


def test_an_account_that_cannot_be_read_says_since_when(rig: Rig) -> None:
    """`status` and the board name the first run that failed, the reason in plain words, and what was read before."""
    rig.run("apply")
    (rig.folder / "tencent-secret_key").write_text("broken-on-purpose\n")
    assert rig.run("plan").exit_code == 1
    first = board_of(rig).accounts[1]
    assert rig.run("plan").exit_code == 1
    huawei, tencent = board_of(rig).accounts
    assert (huawei.problem, huawei.problem_since) == (None, None)
    assert tencent.last_run is not None
    assert first.last_run is not None
    assert tencent.problem_since == first.last_run.begun_at < tencent.last_run.begun_at
    assert tencent.read_at is not None
    assert tencent.read_at < tencent.problem_since
    assert tencent.problem
    assert "ListSubCustomers" not in tencent.problem.split(":")[0]
    assert [str(line.granted) for line in tencent.customers] == ["2000.00", "1000.00"]
    rig.run("pause", "--account", "tencent-main", "--who", "ann", "--why", "keys")
    account = {each["name"]: each for each in document(rig, "status")["accounts"]}["tencent-main"]
    assert (account["problem"], account["paused"]) == (tencent.problem, True)
    assert account["problem_since"] == tencent.problem_since.isoformat()
    text = " ".join(rig.run("status").stdout.split())
    assert f"tencent-main could not be read since {tencent.problem_since:%Y-%m-%d %H:%M} UTC" in text
    assert f"it was last read at {tencent.read_at:%Y-%m-%d %H:%M} UTC" in text
    assert "paused" in text


def test_a_clock_that_is_off_is_on_the_board_though_all_is_in_sync(rig: Rig) -> None:
    """What stops every write is told before anything is to be written."""
    rig.run("apply")
    settings = bootstrap.load(rig.config)
    late = StandingClock(datetime.now(UTC) + timedelta(minutes=2))
    with bootstrap.compose(settings, observe_only=True, clock=late) as world:
        plan = survey(world, settings.limits, Request(command="plan", who="test"))
        huawei, tencent = board(settings, world).accounts
    assert plan.totals.in_sync == len(settings.limits)
    for account in (huawei, tencent):
        assert account.skew is not None
        assert abs(account.skew - timedelta(minutes=2)) < timedelta(seconds=20)
        assert account.clock_problem is not None
        assert "s off the vendor's: nothing is written" in account.clock_problem
    assert "off the vendor's: nothing is written" in " ".join(rig.run("status").stdout.split())


def test_no_customers_line_is_missing(rig: Rig) -> None:
    """Every limit that is written has its line, and nobody else has one."""
    found = {line.key.customer_id for account in board_of(rig).accounts for line in account.customers}
    assert found == {RAISED, STATED, GRANTED, TAKEN}
