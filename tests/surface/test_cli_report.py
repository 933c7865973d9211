import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from core.money import Money
from tests.surface.cli_rig import GRANTED, RAISED, STATED, TAKEN, UNLISTED, Rig, opened

# Noon in Shanghai, so that an hour more or less is still the same billing day.
START = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
TODAY, YESTERDAY = "2026-11-20", "2026-11-19"


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """Two simulated vendors and a configuration, at a fixed time."""
    with time_machine.travel(START), opened(tmp_path) as made:
        yield made


def document(rig: Rig, *arguments: str) -> dict[str, Any]:
    """Give a report as a program reads it."""
    result = rig.run("report", *arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)  # type: ignore[no-any-return]  # a document is a dict


def rows(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Give a report's customers by id."""
    return {row["customer_id"]: row for account in report["accounts"] for row in account["customers"]}


def test_a_report_is_made_from_our_records_alone(rig: Rig) -> None:
    """After one run every customer that was seen has its row, and no vendor is asked for the report."""
    assert rig.run("apply").exit_code == 0
    asked = rig.asked()
    found = rows(document(rig))
    assert rig.asked() == asked
    assert found.keys() == {RAISED, STATED, UNLISTED, GRANTED, TAKEN}
    assert found[RAISED]["changes"] == {"count": 1, "raised": "300.00", "cut": "0.00"}
    assert found[TAKEN]["changes"]["cut"] == "2000.00"
    assert found[GRANTED]["granted"] == "2000.00"
    assert found[RAISED]["limits"][-1]["amount"] == "1500.00"
    assert found[UNLISTED]["limits"] == []


def test_the_table_is_for_people(rig: Rig) -> None:
    """The table has ids, figures, what we changed and what spend is not."""
    rig.run("apply")
    text = " ".join(rig.run("report").stdout.split())
    for words in ("Month 2026-11", RAISED, "1,500.00", "changed by Tidegate: 1 change, +300.00", "never the invoice"):
        assert words in text
    assert "Name of" not in text
    assert f"Name of {RAISED}" in " ".join(rig.run("report", "--show-names").stdout.split())


def test_the_report_of_a_day_is_the_same_for_ever(rig: Rig) -> None:
    """What happens later changes nothing of a day that is over, down to the last character."""
    rig.run("apply")
    with time_machine.travel(START + timedelta(days=1)):
        before = document(rig, "--as-of", TODAY)
        rig.vendors["huawei"].console_set(RAISED, Money.parse("9000.00"), "alice")
        rig.vendors["tencent"].spend(GRANTED, Money.parse("55.00"))
        rig.edit("1000.00", "1100.00", file=rig.limits)
        rig.run("apply")
    with time_machine.travel(START + timedelta(days=40)):
        rig.run("apply")
        assert document(rig, "--as-of", TODAY) == before
        later = rows(document(rig, "--as-of", "2026-11-21"))
    assert rows(before)[TAKEN]["limits"] == [{"amount": "1000.00", "since": TODAY}]
    assert [each["amount"] for each in later[TAKEN]["limits"]] == ["1000.00", "1100.00"]
    assert "alice" in later[RAISED]["changed_outside"][0]["what"]


def test_a_limit_that_was_removed_is_in_force_before(rig: Rig) -> None:
    """As of a day on which it had been removed a customer has no limit, as of the day before it still has."""
    rig.run("apply")
    with time_machine.travel(START + timedelta(days=1)):
        kept = [line for line in rig.limits.read_text().splitlines() if TAKEN not in line]
        rig.limits.write_text("\n".join(kept) + "\n")
        rig.run("apply")
    with time_machine.travel(START + timedelta(days=2)):
        assert rows(document(rig, "--as-of", TODAY))[TAKEN]["kind"] == "credit_line"
        assert rows(document(rig, "--as-of", "2026-11-21"))[TAKEN]["kind"] is None


def test_a_kind_that_tidegate_keeps_is_reported_like_any(rig: Rig) -> None:
    """A month on a vendor without months has its spend, its share and, near the end, what the next one will need."""
    header, *lines = rig.limits.read_text().splitlines()
    kept = [line for line in lines if GRANTED not in line]
    followed = f"tencent-main,{GRANTED},monthly,3000000.00,freeze,100.00,2026-11-01"
    named = [f"{header},spent_before,since", *(f"{line},," for line in kept), followed]
    rig.limits.write_text("\n".join(named) + "\n")
    rig.run("apply", "--account", "tencent-main")
    with time_machine.travel(START + timedelta(days=8)):
        rig.run("apply", "--account", "tencent-main")
        row = rows(document(rig))[GRANTED]
        text = " ".join(rig.run("check", "--account", "tencent-main").stdout.split())
    assert (row["kind"], row["spent"]["low"], row["limits"][0]["amount"]) == ("monthly", "100.00", "3000000.00")
    assert row["spent"]["since"].startswith("2026-11-20T04:00")
    assert "the month that begins at 2026-11-30 16:00 UTC will need 2,999,300.00 of credit" in text
    assert " can be given out: ask the vendor for more, or lower limits" in text


def test_before_our_first_day_nothing_was_seen(rig: Rig) -> None:
    """As of a day before the first run the report is empty, and its record had no end yet."""
    rig.run("apply")
    report = document(rig, "--as-of", YESTERDAY)
    assert rows(report) == {}
    assert report["audit_head"] == ""
    assert all(account["last_run"] is None for account in report["accounts"])


def test_a_past_month_is_closed(rig: Rig) -> None:
    """After the month has turned, its report has the figures it was closed with and none of the new month's changes."""
    rig.run("apply")
    with time_machine.travel(START + timedelta(days=20)):
        rig.vendors["tencent"].spend(GRANTED, Money.parse("5.00"))
        rig.run("apply")
        old, new = rows(document(rig, "--month", "2026-11")), rows(document(rig))
    assert old[GRANTED]["changes"]["count"] == 1
    assert new[GRANTED]["changes"]["count"] == 0
    assert old[GRANTED]["spent"]["high"] is None, "nobody looked when the month ended"
    assert old[RAISED]["spent"] == {"low": "100.00", "high": None, "since": "2026-10-31T16:00:00+00:00"}


def test_only_the_named_account(rig: Rig) -> None:
    """`--account` narrows the report."""
    rig.run("apply")
    assert [each["name"] for each in document(rig, "--account", "tencent-main")["accounts"]] == ["tencent-main"]


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("r.json", "{"),
        ("r.csv", "month,"),
        ("r.md", "### Tidegate: Month"),
        ("r.html", "<!DOCTYPE html>"),
        ("r.txt", "Month 2026"),
    ],
)
def test_a_file_gets_the_form_of_its_ending(rig: Rig, name: str, begins: str) -> None:
    """`--out` alone chooses the form, and leaves standard output empty."""
    result = rig.run("report", "--out", str(rig.folder / name))
    assert result.stdout == ""
    assert (rig.folder / name).read_text().startswith(begins)
    assert rig.run("report", "--out", str(rig.folder / "no" / "such")).exit_code == 2


def test_every_form_says_what_was_changed_by_whom_and_why(rig: Rig) -> None:
    """A limit's who and why, our change that followed it and a person's word are in each form, in order of time."""
    rig.run("apply")
    with time_machine.travel(START + timedelta(hours=2)):
        head, *lines = rig.limits.read_text().splitlines()
        assert any(line.startswith(f"huawei-main,{RAISED},") for line in lines)
        raised = [
            line.replace("1500.00", "1800.00") + ("maria,tender 7" if RAISED in line else ",")
            for line in map(_more, lines)
        ]
        rig.limits.write_text("\n".join([f"{head},changed_by,reason", *raised]) + "\n")
        rig.run("apply")
        rig.run("pause", "--customer", TAKEN, "--why", "month end", "--who", "ann", "--until", "2h")
        found = document(rig)["accounts"]
        told = [each for each in found[0]["changed"] if each["customer_id"] == RAISED][-2:]
        assert [(each["whose"], each["change"]) for each in told] == [("limit", "300.00"), ("tidegate", "300.00")]
        assert (told[0]["who"], told[0]["why"], told[0]["before"]) == ("maria", "tender 7", "1500.00")
        assert told[1]["why"] == "the limit is 1,800.00 monthly, by maria: tender 7"
        (word,) = [each for each in found[1]["changed"] if each["whose"] == "person"]
        assert (word["customer_id"], word["who"], word["why"]) == (TAKEN, "ann", "month end")
        assert not [each for each in found[0]["changed"] if each["whose"] == "person"]
        assert found[0]["days"][-1]["limits"] == found[0]["limits"] == "5800.00"
        for form in ("html", "markdown", "csv", "table"):
            assert "tender 7" in " ".join(rig.run("report", "--format", form).stdout.split())


def _more(line: str) -> str:
    return f"{line},"


def test_bills_are_shown_beside(rig: Rig) -> None:
    """With `--billed` the vendor that tells is asked for each customer; the other tells none."""
    rig.run("apply")
    found = rows(document(rig, "--billed"))
    assert found[GRANTED]["billed"] == "100.00"
    assert found[RAISED]["billed"] is None
    assert rows(document(rig))[GRANTED]["billed"] is None


def test_a_bill_that_cannot_be_read_is_told(rig: Rig) -> None:
    """The report stands without it, and standard error says how many and why."""
    rig.run("apply")
    (rig.folder / "tencent-secret_key").write_text("wrong\n")
    result = rig.run("report", "--billed")
    assert result.exit_code == 0
    assert "tencent-main: 2 bills could not be read" in result.stderr


def test_observing_says_what_sync_would_have_sent(rig: Rig) -> None:
    """Runs that plan the same again and again count once, and guards are named that would have stopped something."""
    rig.config.write_text(rig.config.read_text().replace('write_policy = "sync"', 'write_policy = "observe"'))
    rig.edit("1000.00", "50.00", file=rig.limits)
    for _ in range(3):
        assert rig.run("plan").exit_code in {3, 4}
    huawei, tencent = document(rig, "--would-have")["accounts"]
    assert (huawei["runs"], huawei["customers"], huawei["corrections"]) == (3, 2, 2)
    assert (huawei["raised"], huawei["cut"]) == ("300.00", "1000.00")
    assert tencent["raised"] == "1200.00"
    assert {"max_exhausted": 1}.items() <= {stop["name"]: stop["times"] for stop in tencent["stopped_by"]}.items()
    assert rig.writes() == 0
    assert document(rig, "--would-have", "--since", "2026-11-21")["accounts"] == []
    assert "on record since 2026-11-30" in rig.run("report", "--would-have", "--since", "2026-11-30").stdout
    assert "What `sync` would have sent" in rig.run("report", "--would-have").stdout
    assert rig.run("report", "--would-have", "--format", "markdown").stdout.startswith("### Tidegate: what")
    assert "What sync would have sent" in rig.run("report", "--would-have", "--format", "html").stdout
    text = rig.run("report", "--would-have", "--format", "csv", "--account", "tencent-main").stdout
    assert [line["account"] for line in csv.DictReader(io.StringIO(text))] == ["tencent-main"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--month", "2026-13"),
        ("--month", "2026-12"),
        ("--as-of", "yesterday"),
        ("--as-of", "2026-11-23"),
        ("--as-of", TODAY, "--month", "2026-12"),
        ("--since", TODAY),
        ("--would-have", "--month", "2026-11"),
        ("--would-have", "--billed"),
        ("--account", "nobody"),
    ],
)
def test_what_cannot_be_reported_is_a_usage_error(rig: Rig, arguments: tuple[str, ...]) -> None:
    """A month or day that has not begun, and options that contradict each other, end with 2."""
    assert rig.run("report", *arguments).exit_code == 2


def test_a_day_that_lasts_is_said_to_last(rig: Rig) -> None:
    """Until a day is over its report may still change, and that is said."""
    assert f"{TODAY} is not over yet" in rig.run("report", "--as-of", TODAY).stderr


def test_records_that_cannot_be_read_end_with_1(rig: Rig) -> None:
    """A report without records is no report."""
    rig.run("apply")
    with sqlite3.connect(rig.folder / "tidegate.db") as database:
        database.execute("DROP TABLE days")
    database.close()
    assert rig.run("report").exit_code == 1


def test_status_names_customers_that_stand_still(rig: Rig) -> None:
    """A customer that its vendor suspended is in `status`, with the time its data is deleted after."""
    rig.run("apply")
    rig.vendors["tencent"].spend(GRANTED, Money.parse("1950.00"))
    with time_machine.travel(START + timedelta(hours=1)):
        rig.run("plan")
        rig.run("apply")
        text = rig.run("status").stdout
        (stopped,) = json.loads(rig.run("status", "--format", "json").stdout)["stopped"]
    assert "1 customer cannot buy, or stand still:" in text
    assert GRANTED in text
    assert (stopped["customer_id"], stopped["restriction"]) == (GRANTED, "suspended")
    assert stopped["data_deleted_after"].startswith("2026-12-05")


def test_check_says_what_can_still_be_spent(rig: Rig) -> None:
    """Before the first run nothing is known of it; afterwards it is what was last seen."""
    assert "known after the first `tidegate plan`" in rig.run("check").stdout
    rig.run("plan")
    text = " ".join(rig.run("check").stdout.split())
    (rig.folder / "tencent-secret_key").write_text("wrong\n")
    assert rig.run("check").exit_code == 1
    assert "As last seen, at 2026-11-20 04:00 UTC: 6,200.00 granted, 6,000.00 of it still open to spend" in text


def test_history_names_what_stands_before_and_after_a_restriction(rig: Rig) -> None:
    """A change that moves no money says from which restriction to which it went."""
    lines = rig.limits.read_text().splitlines()
    header, *rest = [f"{line},{'true' if RAISED in line else ''}" for line in lines]
    rest = [line.replace("1500.00,", "0.00,restrict") for line in rest]
    rig.limits.write_text("\n".join([header.removesuffix(",") + ",allow_zero", *rest]) + "\n")
    rig.config.write_text(rig.config.read_text() + "\n[guards]\nmax_exhausted = { count = 5 }\n")
    result = rig.run("apply", "--customer", RAISED)
    assert result.exit_code == 0, result.output
    history = json.loads(rig.run("history", "--customer", RAISED, "--format", "json").stdout)
    assert [line["what"] for line in history if line["sort"] == "ours"] == [
        "restrict (active to restricted): applied and read back"
    ]
