import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from adapters.sandbox.faults import Mode
from core.limit import Kind
from core.money import Money
from tests.surface.cli_rig import ALLOCATE, GRANTED, RAISED, TAKEN, WANTED, Rig, customer, next_second, opened


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """Two simulated vendors and a configuration."""
    with opened(tmp_path) as made:
        yield made


def document(rig: Rig, *arguments: str) -> Any:
    """Run a command with `--format json` and read what it printed."""
    return json.loads(rig.run(*arguments, "--format", "json").stdout)


def test_status_asks_no_vendor_and_needs_no_key(rig: Rig) -> None:
    """Where everything stands is told from our own records, even where the keys are gone."""
    (rig.folder / "huawei-secret_key").unlink()
    result = rig.run("status")
    assert result.exit_code == 0, result.output
    assert "never" in result.stdout
    assert rig.asked() == 0


def test_status_shows_each_accounts_last_run(rig: Rig) -> None:
    """After a plan the figures of that plan are status."""
    rig.run("plan")
    accounts = {account["name"]: account for account in document(rig, "status")["accounts"]}
    assert accounts["tencent-main"]["pending"] == 2
    assert accounts["tencent-main"]["command"] == "plan"


def test_a_pause_stops_changes_and_a_resume_ends_it(rig: Rig) -> None:
    """A paused customer is not done and says by whom and why; resumed, it is corrected."""
    paused = rig.run("pause", "--customer", GRANTED, "--why", "month end", "--who", "ann", "--until", "2h")
    assert paused.exit_code == 0
    assert paused.stdout == ""
    assert document(rig, "status")["pauses"][0]["who"] == "ann"
    assert rig.run("apply").exit_code == 4
    holds = document(rig, "plan")["holds"]
    assert [(row["customer_id"], row["reason"]) for row in holds] == [(GRANTED, "paused")]
    assert "month end" in holds[0]["detail"]
    assert rig.run("resume", "--customer", GRANTED, "--why", "done").exit_code == 0
    assert rig.run("apply").exit_code == 0
    assert rig.standing() == WANTED


def test_resuming_what_is_not_paused_fails_with_a_sentence(rig: Rig) -> None:
    """Nobody believes something resumed that was never paused."""
    result = rig.run("resume", "--account", "tencent-main", "--why", "x")
    assert result.exit_code == 1
    assert "nothing is paused" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("pause", "--why", "x"),
        ("pause", "--all", "--account", "tencent-main", "--why", "x"),
        ("pause", "--all"),
        ("pause", "--all", "--why", "x", "--until", "2020-01-01"),
        ("pause", "--all", "--why", "x", "--until", "soon"),
        ("pause", "--account", "nobody", "--why", "x"),
    ],
)
def test_a_pause_says_exactly_what_and_why(rig: Rig, arguments: tuple[str, ...]) -> None:
    """Without a target, a reason or a time to come, a pause is a usage error."""
    assert rig.run(*arguments).exit_code == 2


def test_history_tells_limits_ours_and_others_in_one_order(rig: Rig) -> None:
    """A customer's limit, our change, and the change behind our back are one list with who did each."""
    rig.run("apply")
    next_second()
    rig.vendors["huawei"].console_set(RAISED, Money.parse("9000.00"), "alice")
    assert rig.run("apply").exit_code == 0
    lines = document(rig, "history", "--customer", RAISED)
    assert [line["sort"] for line in lines] == ["limit", "ours", "others", "ours"]
    assert "alice" in lines[2]["what"]
    assert "1500.00 to 9000.00" in lines[2]["what"]
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)
    assert RAISED in rig.run("history").stdout


def test_history_is_verified_and_tampering_is_found(rig: Rig) -> None:
    """A record that is whole says so with its head, and nothing else unless asked; a changed row ends with 1."""
    rig.run("apply")
    whole = rig.run("history", "--verify")
    assert whole.exit_code == 0
    assert "The record is whole" in whole.stderr
    assert whole.stdout == ""
    assert TAKEN in rig.run("history", "--verify", "--customer", TAKEN).stdout
    with sqlite3.connect(rig.folder / "tidegate.db") as database:
        database.execute("UPDATE audit SET who = 'somebody' WHERE number = 3")
    database.close()
    assert rig.run("history", "--verify").exit_code == 1


def test_a_persons_word_settles_what_is_uncertain(rig: Rig) -> None:
    """An open change is closed on a person's word, on record with who and why, and then made anew."""
    rig.vendors["tencent"].faults.plan(ALLOCATE, Mode.RESET_BEFORE)
    rig.edit('quarantine = "1s"', 'quarantine = "30s"')
    assert rig.run("apply", "--customer", GRANTED).exit_code == 4
    (left,) = document(rig, "status")["open_intents"]
    said = ("settle", left["id"], "--not-applied", "--why", "not in the console", "--who", "ann")
    assert rig.run(*said).exit_code == 1, "the vendor could still apply it"
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=5)):
        word = rig.run(*said)
        assert word.exit_code == 0, word.output
        assert f"+1,200.00 for tencent/{GRANTED} was not applied" in word.stderr
        assert document(rig, "status")["open_intents"] == []
        assert any("ann" in line["why"] for line in document(rig, "history", "--customer", GRANTED))
        assert rig.run("apply").exit_code == 0
    assert rig.standing() == WANTED


def test_settling_nothing_fails_with_a_sentence(rig: Rig) -> None:
    """A reference that names nothing is told as such."""
    result = rig.run("settle", "01JNOTHING", "--applied", "--why", "x")
    assert result.exit_code == 2
    assert "01JNOTHING" in result.stderr


def test_import_writes_what_stands_and_the_plan_is_empty(rig: Rig) -> None:
    """A limits file made from the vendors changes nothing when it is planned."""
    rig.limits.unlink()
    result = rig.run("import", "--out", str(rig.limits))
    assert result.exit_code == 0, result.output
    assert "5 limits written" in result.stderr
    assert rig.run("plan").exit_code == 0
    assert "Name of" not in rig.limits.read_text()


def test_import_counts_customers_without_a_budget(rig: Rig) -> None:
    """A customer that nothing was ever granted is left out, and told."""
    rig.vendors["huawei"].add_customer(customer("f" * 32, Kind.MONTHLY, None, "0.00"))
    result = rig.run("import", "--out", str(rig.folder / "new.csv"))
    assert "1 customer without one left out" in result.stderr
    assert "f" * 32 not in (rig.folder / "new.csv").read_text()


def test_import_never_overwrites(rig: Rig) -> None:
    """A file that is there stays as it is."""
    before = rig.limits.read_text()
    assert rig.run("import", "--out", str(rig.limits)).exit_code == 2
    assert rig.limits.read_text() == before


def test_import_writes_nothing_when_an_account_could_not_be_read(rig: Rig) -> None:
    """A file with a whole account missing would look complete, so there is none."""
    (rig.folder / "huawei-secret_key").write_text("wrong\n")
    result = rig.run("import", "--out", str(rig.folder / "new.csv"))
    assert result.exit_code == 1
    assert not (rig.folder / "new.csv").exists()


def test_check_says_what_the_keys_may_do_and_what_is_not_guarded(rig: Rig) -> None:
    """Each account's probes and the money caps that are not set are shown; nothing is changed."""
    result = rig.run("check")
    assert result.exit_code == 0, result.output
    for words in ("huawei-main", "tencent-main", "Caps not set: max_raised, max_cut", "4 limits, no faults"):
        assert words in " ".join(result.stdout.split())
    assert rig.writes() == 0


def test_check_fails_on_a_wrong_key(rig: Rig) -> None:
    """A key that is refused ends with 1 and stands out."""
    (rig.folder / "tencent-secret_key").write_text("wrong\n")
    result = rig.run("check")
    assert result.exit_code == 1
    assert "NO" in result.stdout


def test_check_is_content_with_caps_that_are_set(rig: Rig) -> None:
    """A cap that is set, anywhere, is not complained about."""
    rig.config.write_text(rig.config.read_text() + "\n[guards]\nmax_cut = { amount = 1000.00 }\n")
    assert "max_raised, max_single_change" in rig.run("check").stdout
    assert TAKEN in rig.run("plan", "--format", "json").stdout


def test_import_leaves_out_what_is_not_in_usd(rig: Rig) -> None:
    """A customer that the vendor counts in another currency is left out, and said."""
    rig.vendors["huawei"].switch(currency="EUR")  # type: ignore[attr-defined]  # this simulator's own switch
    result = rig.run("import", "--out", str(rig.folder / "new.csv"))
    assert result.exit_code == 0, result.output
    assert "the vendor answered in EUR" in result.stderr
    assert "huawei" not in (rig.folder / "new.csv").read_text()


def test_a_pause_may_end_at_a_date_or_after_a_while(rig: Rig) -> None:
    """Dates, times with zones and durations are all understood; without a zone it is UTC."""
    for text in ("2099-12-31", "2099-12-31T18:00+08:00", "1h30m", "3d"):
        assert rig.run("pause", "--all", "--why", "x", "--until", text).exit_code == 0
    untils = {pause["until"] for pause in document(rig, "status")["pauses"]}
    assert {"2099-12-31T00:00:00+00:00", "2099-12-31T10:00:00+00:00"} <= untils
    assert "everything" in rig.run("resume", "--all", "--why", "x").stderr


def test_many_first_limits_are_one_line_of_history(rig: Rig) -> None:
    """A file's first acceptance does not bury what happened; a customer's own history has its limit."""
    rig.run("apply")
    table = rig.run("history").stdout
    assert "4 limits accepted from limits.csv" in table
    assert "limit 2,000.00 credit line" not in table
    assert "limit 2,000.00 credit line" in rig.run("history", "--customer", GRANTED).stdout
    assert len(document(rig, "history", "--customer", GRANTED)) == 2


def test_history_writes_every_amount_in_the_same_way(rig: Rig) -> None:
    """What the vendor's record says of others' changes has thousands separators like our own."""
    rig.run("apply")
    rig.vendors["huawei"].console_set(RAISED, Money.parse("9000.00"), "alice")
    rig.run("apply")
    table = " ".join(rig.run("history", "--customer", RAISED).stdout.split())
    assert "9,000.00" in table
    assert "9000.00" not in table


def test_check_marks_only_what_was_asked(rig: Rig) -> None:
    """A probe that was not put is neither good nor bad; amounts are written as everywhere."""
    shown = rig.run("check").stdout
    assert " --   changing credit" in shown
    assert "1,000,000.00 USD" in shown
