import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings

from core.plan import FORMAT_VERSION, Plan
from scheduler.reports.plan_json import plan_document, plan_json
from scheduler.reports.plan_reader import PlanFileError, read_plan
from tests.unit.report_plans import HOSTILE, PLANS, TRIPPED, correction, cut, hold, plan_of

ROW_FIELDS = {
    *("order", "account", "vendor", "customer_id", "name", "action", "before", "after", "change", "wanted", "spent"),
    *("available", "currency", "as_of", "reason", "effects", "blocked_by"),
}


def _document() -> dict[str, Any]:
    plan = plan_of((correction(), cut()), (hold(),), (TRIPPED,))
    return json.loads(plan_json(plan, show_names=True))  # type: ignore[no-any-return]  # a document is a dict


@settings(max_examples=40, deadline=None)
@given(PLANS)
def test_what_is_written_is_read_back(plan: Plan) -> None:
    """Every plan survives being written and read, fingerprint included."""
    again = read_plan(plan_json(plan, show_names=True))
    assert again == plan
    assert again.fingerprint == plan.fingerprint


def test_a_plan_of_an_older_version_is_read_without_what_it_did_not_tell() -> None:
    """A file from before the quotas in use and the clock's difference were told is still a plan."""
    document = plan_document(plan_of((correction(),)), show_names=True)
    for account in document["accounts"]:  # type: ignore[attr-defined]  # a list of documents
        del account["pools"], account["skew_seconds"]
    assert [(account.pools, account.skew) for account in read_plan(json.dumps(document)).accounts] == [((), None)] * 2


def test_the_documented_keys_are_there() -> None:
    """The document has the documented keys, and every row all of a row's."""
    document = _document()
    assert {
        "format_version",
        "run",
        "accounts",
        "corrections",
        "holds",
        "guards",
        "totals",
        "complete",
        "fingerprint",
    } <= (document.keys())
    for row in (*document["corrections"], *document["holds"]):
        assert row.keys() >= ROW_FIELDS
        assert set(row["before"]) == {"granted", "kind", "on_exhaustion", "restriction"}
        assert row["spent"] is None or set(row["spent"]) == {"low", "high", "since"}


def test_money_is_decimal_strings_and_unknown_is_null() -> None:
    """Amounts are plain strings with two decimals; what is not known is null, never zero."""
    row = json.loads(plan_json(plan_of((correction(spent=None, available=None),)), show_names=False))["corrections"][0]
    assert row["change"] == "500.00"
    assert row["before"]["granted"] == "1000.00"
    assert row["spent"] is None
    assert row["available"] is None


def test_a_holds_reason_is_one_word_of_a_closed_list() -> None:
    """A program can tell holds apart by their reason alone."""
    assert _document()["holds"][0]["reason"] == "uncertain"


def test_names_are_masked_unless_asked_for() -> None:
    """A plan that is passed on shows no customer's name by accident."""
    plan = plan_of((correction(name="Acme Trading Ltd"),))
    assert "Acme Trading" not in plan_json(plan, show_names=False)
    assert "Acme Trading Ltd" in plan_json(plan, show_names=True)


def test_control_characters_of_a_name_do_not_reach_the_document() -> None:
    """A hostile name is shown without what would move a cursor."""
    name = plan_document(plan_of((correction(name=HOSTILE),)), show_names=True)["corrections"][0]["name"]  # type: ignore[index]  # a document
    assert "\x1b" not in name
    assert "\u202e" not in name


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("corrections", 0, "after", "granted"), "9999.00"),
        (("corrections", 0, "customer_id"), "somebody-else"),
        (("corrections", 0, "account"), "tencent-main"),
        (("corrections", 1, "before", "granted"), "1.00"),
        (("corrections", 0, "change"), "500000.00"),
        (("corrections", 0, "wanted"), "1500.01"),
        (("corrections", 0, "order"), True),
        (("corrections", 0, "as_of"), "2026-11-22T12:00:00"),
        (("corrections", 0, "currency"), 7),
        (("corrections", 0, "action"), "destroy"),
        (("corrections", 0, "blocked_by"), "write_policy observe"),
        (("holds", 0, "reason"), "boredom"),
        (("fingerprint",), "0" * 64),
        (("format_version",), FORMAT_VERSION + 1),
        (("guards", 0, "customer"), "no-slash"),
    ],
)
def test_a_file_that_was_changed_is_refused(path: tuple[str | int, ...], value: object) -> None:
    """Whatever was changed in a plan file after it was written, it is not applied."""
    document = copy.deepcopy(_document())
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(PlanFileError):
        read_plan(json.dumps(document))


def test_a_correction_left_out_is_noticed() -> None:
    """A file with a row removed does not fit its fingerprint."""
    document = _document()
    document["corrections"].pop()
    with pytest.raises(PlanFileError, match="fingerprint"):
        read_plan(json.dumps(document))


@pytest.mark.parametrize("text", ["", "[]", "7", "{}", "not json", '{"format_version": 1}', '{"format_version": null}'])
def test_what_is_no_plan_is_refused_with_a_sentence(text: str) -> None:
    """Any other file is refused by one readable error."""
    with pytest.raises(PlanFileError):
        read_plan(text)


def test_the_place_of_a_fault_is_named() -> None:
    """A missing field is named by its path in the file."""
    document = _document()
    del document["corrections"][1]["spent"]["high"]
    with pytest.raises(PlanFileError, match=r"corrections\[1\]\.spent\.high: it is missing"):
        read_plan(json.dumps(document))
