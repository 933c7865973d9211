"""`tidegate explain`: why one customer's plan is what it is, in sentences, against simulated vendors."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from adapters.sandbox.faults import ANY_OPERATION, Mode
from core.limit import Kind, OnExhaustion
from core.money import Money
from scheduler.sandbox import Scene
from tests.surface.cli_rig import (
    ALLOCATE,
    GRANTED,
    RAISED,
    STATED,
    TAKEN,
    UNLISTED,
    Rig,
    customer,
    limit,
    opened,
)

HEADINGS = [
    "The limit",
    "How it stands at the vendor",
    "What is spent",
    "What should stand",
    "What would be done now",
    "Guards and approvals",
    "What may be written",
    "Credit to give out",
    "Changed by others",
    "Open, disputed, paused",
    "The last changes",
]
NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """Two simulated vendors and a configuration."""
    with opened(tmp_path) as made:
        yield made


def explained(rig: Rig, *arguments: str, code: int = 0) -> str:
    """Explain a customer; give the text with its lines joined, as far as sentences go."""
    result = rig.run("explain", *arguments)
    assert result.exit_code == code, result.output
    return " ".join(result.stdout.split())


def document(rig: Rig, *arguments: str, code: int = 0) -> Any:
    """Explain a customer as JSON."""
    result = rig.run("explain", *arguments, "--format", "json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def unreachable(rig: Rig, vendor: str) -> None:
    """Let a vendor answer nobody."""
    rig.vendors[vendor].faults.plan(ANY_OPERATION, Mode.BUSINESS_ERROR, times=1000)


def test_everything_is_told_under_headings_in_the_order_it_follows(rig: Rig) -> None:
    """From the limit over what stands and is spent to what would be done, each under its heading."""
    lines = rig.run("explain", RAISED).stdout.splitlines()
    assert [line for line in lines if line in HEADINGS] == HEADINGS


def test_a_raise_is_explained_from_the_line_of_the_file_to_the_change(rig: Rig) -> None:
    """What is written where, what stands, and what the next apply will do."""
    text = explained(rig, RAISED)
    assert "The limit is 1,500.00, monthly: a cap on what is spent in each billing month, kept by Huawei Cloud" in text
    assert "when the limit is spent: whatever is set at Huawei Cloud; Tidegate leaves that as it is." in text
    assert "Written in limits.csv:2." in text
    assert "Not accepted yet: the next `tidegate apply`, or the daemon, does that." in text
    assert "Granted 1,200.00, monthly; used 100.00, available 1,100.00, at list prices." in text
    assert "Spent of 1,500.00: 100.00, counted since" in text
    assert "1,500.00 should stand at the vendor: limit 1,500.00 (limits.csv:2)." in text
    assert "The next apply will set the amount from 1,200.00 to 1,500.00 (+300.00). Leaves 1,400.00 to spend." in text
    assert "max_exhausted passes: 0 customers" in text
    assert "Account huawei-main: sync, both raises and cuts are sent." in text
    assert "Huawei Cloud shows no such figure, and no budget quota is written." in text


def test_explaining_changes_nothing_and_is_no_run(rig: Rig) -> None:
    """Nothing is sent, and the account's last run stays the one that looked at all of it."""
    rig.run("plan", "--account", "tencent-main")
    before = rig.run("status").stdout
    explained(rig, GRANTED)
    assert rig.writes() == 0
    assert rig.run("status").stdout == before


def test_after_an_apply_it_is_in_sync_and_the_changes_say_who(rig: Rig) -> None:
    """The limit has a beginning, nothing is to be done, and the newest change comes first."""
    rig.run("apply", "--customer", STATED)
    told = document(rig, STATED)
    assert told["now"]["sentences"] == ["Nothing: it is in sync."]
    assert told["limit"]["accepted"] is True
    assert told["limit"]["sentences"][-1].startswith("In force since ")
    assert "At exhaustion: restrict, known from our own last change." in told["standing"]["sentences"]
    newest, accepted, *_ = told["changes"]["lines"]
    assert newest["what"] == "-1,000.00 (5,000.00 to 4,000.00): applied and read back"
    assert accepted["what"] == "limit 4,000.00 one-time restrict, before none"
    assert newest["at"] > accepted["at"]


def test_who_changed_it_at_the_vendor_is_named(rig: Rig) -> None:
    """A change in the console is told with who and when, and with what becomes of it."""
    rig.run("apply", "--customer", GRANTED)
    rig.vendors["tencent"].console_set(GRANTED, Money.parse("900.00"), "alice")
    text = explained(rig, GRANTED)
    assert "Changed outside Tidegate by alice at" in text
    assert "What becomes of it: the limit is set again by the next run (drift = revert)." in text
    assert "others: -1,100.00 to 900.00, by the vendor's records, by alice." in text
    assert "The next apply will set the amount from 900.00 to 2,000.00 (+1,100.00)." in text


def test_the_document_has_the_same_facts_with_money_as_text(rig: Rig) -> None:
    """Programs get amounts as decimal strings, the unknown as null, and the sentences people read."""
    told = document(rig, GRANTED)
    assert told["format_version"] == 1
    assert told["limit"]["amount"] == "2000.00"
    assert (told["limit"]["file"], told["limit"]["line"]) == ("limits.csv", 4)
    assert told["standing"]["granted"] == "800.00"
    assert told["spend"]["spent"] == {"low": "100.00", "high": "100.00", "since": None}
    assert told["spend"]["per_day"] is None
    assert told["target"]["granted"] == "2000.00"
    assert told["now"]["verdict"] == "correction"
    assert told["now"]["change"] == "1200.00"
    assert told["quota"]["left"] == "1000000.00"
    assert told["quota"]["sentences"][0] == "The account can still give out 1,000,000.00."
    assert told["name"] == "N***e"


def test_a_customer_without_a_limit_is_said_to_be_unlimited(rig: Rig) -> None:
    """What the vendor has and nobody limited is told with what it spends, and never touched."""
    text = explained(rig, UNLISTED)
    assert "No limit is written for this customer: it is unlimited here, and Tidegate changes nothing." in text
    assert "Granted 700.00, monthly; used 100.00" in text
    assert "so far: 100.00, counted since" in text
    assert "Nothing: a customer without a limit is never touched." in text


def test_an_unlimited_customer_stays_known_by_what_was_metered(rig: Rig) -> None:
    """Once a run saw it, it can be explained without asking anybody."""
    rig.run("apply", "--account", "huawei-main")
    asked = rig.asked()
    told = document(rig, UNLISTED, "--stored")
    assert told["now"]["verdict"] == "unlimited"
    assert "so far: 100.00, counted since" in told["spend"]["sentences"][0]
    assert rig.asked() == asked


def test_an_id_that_means_nothing_is_answered_with_the_nearest(rig: Rig) -> None:
    """A typing error ends with 2 and says what may have been meant."""
    result = rig.run("explain", "200000104218")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "200000104218: no account has such a customer; did you mean 200000104217?" in result.stderr


def test_an_account_that_is_not_there_is_a_usage_error(rig: Rig) -> None:
    """The accounts there are are named."""
    result = rig.run("explain", RAISED, "--account", "huawei-min")
    assert result.exit_code == 2
    assert "the configuration has huawei-main, tencent-main" in result.stderr


def test_one_id_under_two_vendors_needs_the_account(tmp_path: Path) -> None:
    """Which one is meant is asked, never guessed."""
    scenes = {
        "huawei": Scene(
            customers=(customer(GRANTED, Kind.MONTHLY, "50.00"),),
            limits=(limit("huawei", GRANTED, Kind.MONTHLY, "60.00"),),
        ),
        "tencent": Scene(
            customers=(customer(GRANTED, Kind.CREDIT_LINE, "800.00"),),
            limits=(limit("tencent", GRANTED, Kind.CREDIT_LINE, "900.00"),),
        ),
    }
    with opened(tmp_path, scenes) as rig:
        result = rig.run("explain", GRANTED)
        assert result.exit_code == 2
        assert "is a customer of huawei-main and tencent-main: say which with --account NAME" in result.stderr
        assert "The limit is 60.00" in explained(rig, GRANTED, "--account", "huawei-main")
        assert "The limit is 900.00" in explained(rig, GRANTED, "--account", "tencent-main")


def test_an_unlimited_id_under_two_vendors_needs_the_account_too(tmp_path: Path) -> None:
    """Also where no limit is written for either."""
    scenes = {
        "huawei": Scene(
            customers=(customer(GRANTED, Kind.MONTHLY, "50.00"), customer(RAISED, Kind.MONTHLY, "50.00")),
            limits=(limit("huawei", RAISED, Kind.MONTHLY, "60.00"),),
        ),
        "tencent": Scene(customers=(customer(GRANTED, Kind.CREDIT_LINE, "800.00"),), limits=()),
    }
    with opened(tmp_path, scenes) as rig:
        assert "say which with --account NAME" in rig.run("explain", GRANTED).stderr
        assert "Granted 800.00, credit line" in explained(rig, GRANTED, "--account", "tencent-main")


def test_stored_asks_no_vendor_and_needs_no_key(rig: Rig) -> None:
    """What was seen last is told with its age, even where the keys are gone."""
    rig.run("plan")
    asked = rig.asked()
    (rig.folder / "tencent-secret_key").unlink()
    text = explained(rig, GRANTED, "--stored")
    assert "As last seen, " in text
    assert "Granted 800.00, credit line; used 100.00" in text
    assert "Judged by what is stored; a run reads the vendor anew." in text
    assert "By the last plan, at" in text
    assert "it was 1,000,000.00." in text
    assert rig.asked() == asked


def test_stored_knows_nothing_of_a_customer_never_seen(rig: Rig) -> None:
    """What was never observed is unknown, not zero; the limit is told all the same."""
    told = document(rig, GRANTED, "--stored")
    assert told["standing"]["granted"] is None
    assert told["standing"]["sentences"] == ["Nothing is stored of how it stands."]
    assert told["limit"]["amount"] == "2000.00"
    assert rig.run("explain", UNLISTED, "--stored").exit_code == 2


def test_stored_knows_that_the_vendor_lists_a_customer_no_more(rig: Rig) -> None:
    """It is held as in the newest plan, beside the figures seen last; a plan over others says nothing of it."""
    assert rig.run("plan").exit_code == 3
    before = document(rig, GRANTED, "--stored")
    assert before["now"]["verdict"] == "correction"
    rig.vendors["tencent"].remove_customer(GRANTED)
    rig.run("plan")
    rig.run("plan", "--customer", TAKEN)
    told = document(rig, GRANTED, "--stored")
    assert (told["now"]["verdict"], told["now"]["reason"]) == ("hold", "unknown_customer")
    assert told["standing"]["granted"] == before["standing"]["granted"]


def test_a_vendor_that_does_not_answer_ends_with_1_and_what_is_stored(rig: Rig) -> None:
    """Who asks why in the middle of an outage still learns what was known before it."""
    rig.run("apply", "--customer", STATED)
    unreachable(rig, "huawei")
    text = explained(rig, STATED, code=1)
    assert "Huawei Cloud could not be read now: " in text
    assert "As last seen, " in text
    assert "Granted 5,000.00, one-time; used 100.00" in text
    assert "Our own change was read back since: by our books 4,000.00 stands now." in text
    assert "Not done: the vendor did not answer for this customer" in text
    assert "What to do: the next run asks again; if it stays, `tidegate check` tries the connection" in text


def test_an_unknown_id_is_not_called_unknown_while_a_vendor_does_not_answer(rig: Rig) -> None:
    """Nobody is told that a customer does not exist by a vendor that said nothing."""
    unreachable(rig, "tencent")
    result = rig.run("explain", "200000999999")
    assert result.exit_code == 1
    assert "account tencent-main could not be read" in result.stderr


def test_a_limit_for_nobody_is_explained_as_such(rig: Rig) -> None:
    """A customer that left the vendor is told from its limit, with what to do about it."""
    rig.vendors["huawei"].remove_customer(RAISED)
    text = explained(rig, RAISED)
    assert "Huawei Cloud has no such customer under this account." in text
    assert "What to do: correct its line in the limits file, or remove it." in text


def test_what_was_billed_is_an_audit_figure(rig: Rig) -> None:
    """The bills of two months are shown beside the spend where the vendor tells them, and never decide."""
    spend = document(rig, GRANTED, "--billed")["spend"]
    assert [bill["amount"] for bill in spend["billed"]] == ["100.00", "0.00"]
    assert spend["sentences"][-2].endswith(": 100.00; an audit figure, never used for decisions.")
    assert "Huawei Cloud does not tell a partner what a customer is billed." in explained(rig, RAISED, "--billed")
    assert rig.run("explain", GRANTED, "--billed", "--stored").exit_code == 2


def test_an_open_change_is_told_with_the_time_it_can_be_settled(rig: Rig) -> None:
    """A change whose answer was lost holds the customer, and says until when."""
    rig.edit('quarantine = "1s"', 'quarantine = "10m"')
    rig.vendors["tencent"].faults.plan(ALLOCATE, Mode.RESET_BEFORE)
    assert rig.run("apply", "--customer", GRANTED).exit_code == 4
    told = document(rig, GRANTED)
    assert told["open"]["intents"][0]["state"] == "uncertain"
    assert "it can be settled from" in told["open"]["sentences"][0]
    assert told["now"]["reason"] == "uncertain"
    assert "What to do: `tidegate apply` settles it from the time given on" in told["now"]["sentences"][1]


def test_a_pause_is_told_with_who_and_why(rig: Rig) -> None:
    """A paused customer is not done by somebody's word, and the word is there."""
    rig.run("pause", "--customer", GRANTED, "--why", "month end", "--who", "ann")
    text = explained(rig, GRANTED)
    assert "Not done: somebody paused it: by ann: month end. It would be +1,200.00." in text
    assert "Paused by ann since" in text


def test_a_tripped_guard_is_told_with_what_would_let_it_pass(rig: Rig) -> None:
    """The correction is held in one line, and the guard says the whole approval to write."""
    text = rig.config.read_text()
    rig.config.write_text(text + '\n[guards]\nmax_single_change = { amount = "100.00" }\n')
    said = explained(rig, GRANTED)
    assert "Not done: a guard is tripped: max_single_change. It would be +1,200.00." in said
    assert "max_single_change is tripped: " in said
    assert 'approved_by = "…", reason = "…"' in said


def test_an_approval_in_force_is_told(rig: Rig) -> None:
    """By whose word a guard lets it pass stands beside the guard."""
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date()
    approval = (
        f'[[approvals]]\ncustomer = "{GRANTED}"\nkind = "max_single_change"\nup_to = "2000.00"\nuntil = {tomorrow}\n'
        'approved_by = "li"\nreason = "new contract"\n'
    )
    text = rig.config.read_text()
    rig.config.write_text(f'{text}\n[guards]\nmax_single_change = {{ amount = "100.00" }}\n\n{approval}')
    said = explained(rig, GRANTED)
    assert "An approval of max_single_change for this customer is in force, by li until" in said
    assert "The next apply will set the amount from 800.00 to 2,000.00 (+1,200.00)." in said


def test_a_write_policy_that_blocks_is_told_for_account_and_customer(rig: Rig) -> None:
    """Under observe the change is listed as what would be, and not sent."""
    rig.config.write_text(rig.config.read_text().replace('write_policy = "sync"', 'write_policy = "observe"'))
    text = explained(rig, RAISED)
    assert "It would set the amount from 1,200.00 to 1,500.00 (+300.00)." in text
    assert "Not sent: write_policy observe." in text
    assert "Account huawei-main: observe, nothing is sent." in text


def test_why_a_limit_was_changed_and_by_whom_is_kept(rig: Rig) -> None:
    """Who changed the line and why is told with the limit, and the change stands among the last ones."""
    rig.run("apply", "--customer", GRANTED)
    rows = rig.limits.read_text().splitlines()
    header = rows[0].split(",")
    row = next(line for line in rows if GRANTED in line).split(",")
    row[header.index("amount")] = "2500.00"
    rig.limits.write_text(f"{rows[0]},changed_by,reason\n{','.join(row)},chen,larger contract\n")
    assert "Not accepted yet in place of 2,000.00 credit line" in explained(rig, GRANTED, "--stored")
    rig.run("apply", "--customer", GRANTED)
    text = explained(rig, GRANTED)
    assert "Changed by chen: larger contract." in text
    assert "in place of 2,000.00 credit line." in text
    assert "limit: limit 2,500.00 credit line, before 2,000.00 credit line, by chen (larger contract;" in text


def test_the_rate_and_the_end_of_a_limit_are_honest_intervals(tmp_path: Path) -> None:
    """After some hours of observations it says how much is spent a day and between when the limit is."""
    with time_machine.travel(NOON, tick=True) as clock, opened(tmp_path) as rig:
        rig.run("apply", "--customer", RAISED)
        clock.shift(timedelta(hours=4))
        rig.vendors["huawei"].spend(RAISED, Money.parse("40.00"))
        told = document(rig, RAISED)
    day = told["spend"]["per_day"]
    assert 239 < float(day["low"]) <= float(day["high"]) < 241
    said = " ".join(told["spend"]["sentences"])
    assert " a day, by the last days and weeks. The limit of 1,500.00 will be spent at 2026-11-24" in said
    assert told["spend"]["exhausted"]["earliest"] <= told["spend"]["exhausted"]["latest"]


def test_spend_before_the_first_look_is_an_interval_and_says_so(tmp_path: Path) -> None:
    """Where Tidegate itself counts, what was used before nobody knows when widens the spend, in words."""
    scenes = {
        "tencent": Scene(
            customers=(customer(TAKEN, Kind.CREDIT_LINE, "800.00", spent="300.00"),),
            limits=(limit("tencent", TAKEN, Kind.MONTHLY, "1000.00", OnExhaustion.FREEZE),),
        )
    }
    with opened(tmp_path, scenes) as rig:
        text = explained(rig, TAKEN)
    assert "Tencent Cloud has only permanent credit, so Tidegate keeps it by following what is used." in text
    assert "Spent of 1,000.00: 0.00 to 300.00, counted since" in text
    assert "Up to 300.00 of it was used before the first observation, at" in text
    assert "spent_before in the limits file says how much of it counts." in text


def test_a_restriction_by_others_says_since_when_and_until_when(rig: Rig) -> None:
    """A freeze from the console is not ours to lift by itself, and the vendor's deletion has a date."""
    rig.run("apply", "--customer", STATED)
    rig.vendors["huawei"].console_freeze(STATED, resources=True)  # type: ignore[attr-defined]
    text = explained(rig, STATED)
    assert "It is restricted (no new purchases; whether its resources are stopped too cannot be read) since" in text
    assert "when that was first seen. Why: somebody else did it" in text
    assert "The vendor may delete its data from" in text
    assert "Not done: somebody else restricted the customer, so it is not released" in text
    assert "What to do: ask who restricted it; `tidegate release` lifts it." in text


def test_names_are_masked_unless_asked_for(rig: Rig) -> None:
    """A name is shown in full only with --show-names."""
    assert f"Name of {RAISED}" not in explained(rig, RAISED)
    assert f"Name of {RAISED}" in explained(rig, RAISED, "--show-names")
