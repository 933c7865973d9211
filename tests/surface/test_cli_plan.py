import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.reports.plan_reader import read_plan
from tests.surface import cli_rig
from tests.surface.cli_rig import GRANTED, RAISED, STATED, TAKEN, UNLISTED, WRITES, Rig, opened


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """Two simulated vendors and a configuration."""
    with opened(tmp_path) as made:
        yield made


def test_a_plan_writes_nothing_and_ends_with_3(rig: Rig) -> None:
    """A dry run with corrections pending sends no write to anybody."""
    before = rig.standing()
    result = rig.run("plan")
    assert result.exit_code == 3, result.output
    assert rig.standing() == before
    assert not WRITES & {name for vendor in rig.vendors.values() for name in vendor.requests()}


def test_the_table_shows_everything_at_a_glance(rig: Rig) -> None:
    """Customer, cloud, now, wanted, change and the totals are on standard output."""
    text = rig.run("plan").stdout
    for words in (RAISED, GRANTED, "Huawei", "Tencent", "1,200.00", "1,500.00", "+300.00", "-2,000.00", "Total: 4"):
        assert words in text


def test_json_is_all_there_is_on_standard_output(rig: Rig) -> None:
    """A program can read standard output as it is, and its plan can be read back."""
    result = rig.run("plan", "--format", "json")
    document = json.loads(result.stdout)
    assert read_plan(result.stdout).fingerprint == document["fingerprint"]
    assert {row["customer_id"] for row in document["corrections"]} == {RAISED, STATED, GRANTED, TAKEN}
    assert document["complete"] is True


def test_unlisted_customers_are_reported_but_never_planned(rig: Rig) -> None:
    """A customer that spends without a limit is named as unlimited, and has no row."""
    document = json.loads(rig.run("plan", "--format", "json").stdout)
    assert document["accounts"][0]["unlimited"] == [UNLISTED]
    assert UNLISTED not in {row["customer_id"] for row in document["corrections"]}


def test_csv_and_markdown(rig: Rig) -> None:
    """Both forms have a row for every correction."""
    rows = list(csv.DictReader(io.StringIO(rig.run("plan", "--format", "csv").stdout)))
    assert {row["customer_id"] for row in rows} == {RAISED, STATED, GRANTED, TAKEN}
    assert rig.run("plan", "--format", "markdown").stdout.startswith("### Tidegate plan: 4 corrections")


@pytest.mark.parametrize(
    ("name", "begins"),
    [("p.json", "{"), ("p.csv", "order,"), ("p.md", "### "), ("p.txt", "4 corr"), ("p.html", "<!DOCTYPE html>")],
)
def test_a_file_gets_the_form_of_its_ending(rig: Rig, name: str, begins: str) -> None:
    """`--out` alone chooses the form, and leaves standard output empty."""
    result = rig.run("plan", "--out", str(rig.folder / name))
    assert result.stdout == ""
    assert (rig.folder / name).read_text().startswith(begins)


def test_the_page_holds_every_correction(rig: Rig) -> None:
    """`--format html` writes a document that has every customer and figure of the plan."""
    text = rig.run("plan", "--format", "html").stdout
    assert text.startswith("<!DOCTYPE html>")
    assert text.endswith("</html>\n")
    for words in (RAISED, STATED, GRANTED, TAKEN, "+300.00", "-2,000.00"):
        assert words in text


def test_an_unwritable_file_is_one_sentence(rig: Rig) -> None:
    """A file that cannot be written is a usage error, not a traceback."""
    result = rig.run("plan", "--out", str(rig.folder / "no" / "such" / "p.json"))
    assert result.exit_code == 2
    assert "could not be written" in result.stderr


def test_only_the_named_account_is_asked(rig: Rig) -> None:
    """With `--account` the other vendor gets no request at all."""
    result = rig.run("plan", "--account", "tencent-main", "--format", "json")
    assert {row["account"] for row in json.loads(result.stdout)["corrections"]} == {"tencent-main"}
    assert rig.vendors["huawei"].requests() == {}


def test_only_the_named_customers_are_planned(rig: Rig) -> None:
    """`--customer` may be given several times."""
    result = rig.run("plan", "--customer", RAISED, "--customer", TAKEN, "--format", "json")
    assert {row["customer_id"] for row in json.loads(result.stdout)["corrections"]} == {RAISED, TAKEN}


@pytest.mark.parametrize("arguments", [("--account", "nobody"), ("--customer", "nobody")])
def test_an_unknown_target_is_a_usage_error(rig: Rig, arguments: tuple[str, str]) -> None:
    """A target that is not there ends with 2 before any call."""
    result = rig.run("plan", *arguments)
    assert result.exit_code == 2
    assert "nobody" in result.stderr
    assert rig.asked() == 0


def test_the_config_may_stand_before_the_command(rig: Rig) -> None:
    """`-c` means the same on both sides of the command's name."""
    assert cli_rig.run("-c", str(rig.config), "plan", "--account", "tencent-main").exit_code == 3


def test_every_fault_is_told_at_once_before_any_call(rig: Rig) -> None:
    """Faults of config and limits come together, each with its place, and nothing is sent."""
    rig.edit("write_timeout", "write_timeot")
    rig.limits.write_text(rig.limits.read_text() + "huawei-main,x,monthly,-1,\nnobody,y,monthly,1.234,\n")
    result = rig.run("plan")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "write_timeout" in result.stderr
    assert "limits.csv:6" in result.stderr
    assert "limits.csv:7" in result.stderr
    assert rig.asked() == 0


def test_under_observe_corrections_are_pending_but_blocked(rig: Rig) -> None:
    """A watched account's corrections are listed with what blocks them, and are pending."""
    rig.config.write_text(rig.config.read_text().replace('write_policy = "sync"', 'write_policy = "observe"'))
    result = rig.run("plan", "--format", "json")
    assert result.exit_code == 3
    assert all(row["blocked_by"] for row in json.loads(result.stdout)["corrections"])


def test_a_wrong_key_fails_its_account_only(rig: Rig) -> None:
    """The account whose key is refused is told and ends with 1; the other is planned all the same."""
    (rig.folder / "huawei-secret_key").write_text("wrong\n")
    result = rig.run("plan", "--format", "json")
    document = json.loads(result.stdout)
    assert result.exit_code == 1
    assert document["complete"] is False
    assert document["accounts"][0]["problem"]
    assert {row["customer_id"] for row in document["corrections"]} == {GRANTED, TAKEN}


def test_a_customer_the_vendor_does_not_have_needs_a_person(rig: Rig) -> None:
    """A limit for nobody is not done, named, and ends with 4."""
    rig.vendors["tencent"].remove_customer(GRANTED)
    result = rig.run("plan", "--format", "json")
    assert result.exit_code == 4
    assert [row["reason"] for row in json.loads(result.stdout)["holds"]] == ["unknown_customer"]


def test_names_are_masked_unless_asked_for(rig: Rig) -> None:
    """Customers' names are shown in full only with `--show-names`."""
    assert "Name of" not in rig.run("plan").stdout
    assert f"Name of {RAISED}" in rig.run("plan", "--format", "json", "--show-names").stdout
