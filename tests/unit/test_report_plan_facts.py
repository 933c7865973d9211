import csv
import html
import io
import json
from datetime import timedelta

import pytest

from core.exposure import Outlook
from core.forecast import Forecast
from core.intent import Action, Position
from core.limit import Kind
from core.money import Money
from core.plan import Correction, Plan
from core.standing import Restriction, Spend
from scheduler.reports import summary
from scheduler.reports.plan_csv import plan_csv
from scheduler.reports.plan_html import plan_html
from scheduler.reports.plan_json import plan_json
from scheduler.reports.plan_markdown import plan_markdown
from scheduler.reports.plan_reader import PlanFileError, read_plan
from scheduler.reports.prospects import counted_since, exhausted
from tests.unit.report_plans import AHEAD, APPROVED, NOON, correction, cut, hold, plan_of
from tests.unit.test_report_plan_table import printed

SOON = NOON + timedelta(days=5)
LATE = NOON + timedelta(days=11)
DELETED = NOON + timedelta(days=9)
FORECAST = Forecast(earliest=SOON, latest=LATE)


def released(**changes: object) -> Correction:
    """Give a raise after which a restriction is lifted."""
    facts: dict[str, object] = {
        "before": Position(granted=Money(100_000), kind=Kind.MONTHLY, restriction=Restriction.RESTRICTED),
        "after": Position(granted=Money(150_000), kind=Kind.MONTHLY, restriction=Restriction.NONE),
        "follows": (Action.RELEASE,),
    }
    return correction(**{**facts, **changes})


def everywhere(plan: Plan) -> list[str]:
    """Give a plan's words in every form that people read, one space between them."""
    page = plan_html(plan, show_names=False).replace("<time>", "").replace("</time>", "")
    forms = [printed(plan, 400), plan_markdown(plan, show_names=False), page]
    return [" ".join(html.unescape(form).replace("\\", "").split()) for form in forms]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (released(), "in steps: set amount then release"),
        (correction(exhausted=FORECAST), "leaves 687.60 to spend, exhausted between 2026-11-27 and 2026-12-03"),
        (correction(exhausted=Forecast(earliest=SOON, latest=None)), "not exhausted before 2026-11-27"),
        (correction(restores=True), "gives back what a new month gives"),
        (correction(urgent=True), "urgent: made before all others"),
        (correction(data_deleted_after=DELETED), "the customer's data is deleted after 2026-12-01 12:00 UTC"),
        (correction(spent=Spend(low=Money(1), high=Money(2), since=NOON)), "spent is counted since 2026-11-22 12:00"),
    ],
)
def test_every_form_says_what_a_correction_is_about(row: Correction, words: str) -> None:
    """Chain, forecast, urgency, deletion and the beginning of the count stand in table, Markdown and page."""
    for form in everywhere(plan_of((row,))):
        assert words in form


def test_a_plain_row_is_no_longer_than_before() -> None:
    """Without anything of the kind a row says what is left to spend, and nothing else."""
    assert summary.effects(correction()) == ("leaves 687.60 to spend",)
    month = Spend(low=Money(81_240), high=Money(81_240), since=NOON.replace(day=1, hour=0) - timedelta(hours=8))
    assert summary.effects(correction(spent=month)) == ("leaves 687.60 to spend",)


def test_data_that_will_be_deleted_is_told_before_everything() -> None:
    """The first one to lose its data is named at the top, and each row, a hold's too, says when."""
    early = hold(data_deleted_after=NOON + timedelta(days=1))
    plan = plan_of((correction(data_deleted_after=DELETED),), (early,))
    top = "The data of 2 customers is going to be deleted, the first of them 200099 after 2026-11-23 12:00 UTC."
    assert summary.problems(plan) == [top]
    for form in everywhere(plan):
        assert top in form
        assert form.count("the customer's data is deleted after") == 2
    alone = summary.problems(plan_of(holds=(early,)))
    assert alone == ["The data of customer 200099 is deleted after 2026-11-23 12:00 UTC."]


def test_what_is_left_of_a_followed_credit_is_what_is_available() -> None:
    """A permanent credit holds the use of earlier months too: only what is available tells what can be spent."""
    row = cut(
        before=Position(granted=Money(500_000), kind=Kind.CREDIT_LINE),
        after=Position(granted=Money(600_000), kind=Kind.CREDIT_LINE),
        change=Money(100_000),
        available=Money(1_000),
        spent=Spend(low=Money(20_000), high=Money(20_000), since=NOON),
    )
    assert "leaves 1,010.00 to spend" in summary.effects(row)


def test_a_customer_that_is_exhausted_has_no_day_of_exhaustion() -> None:
    """Where nothing is left, when it will be exhausted is no question."""
    row = correction(exhausts=True, exhausted=Forecast(earliest=NOON, latest=NOON))
    assert not any("exhausted on" in line for line in summary.effects(row))


def test_a_restriction_that_changes_is_named() -> None:
    """What stands and what will stand are words, never a member's value."""
    text = printed(plan_of((released(),)), 160)
    assert "restricted" in text
    assert "active" in text


@pytest.mark.parametrize("width", [80, 100])
def test_the_table_stays_on_the_screen(width: int) -> None:
    """With every fact at once nothing runs over the edge."""
    row = released(exhausted=FORECAST, data_deleted_after=DELETED, urgent=True, restores=True)
    plan = plan_of((row,), (hold(data_deleted_after=DELETED),), (APPROVED,), outlook=AHEAD)
    assert max(len(line) for line in printed(plan, width).splitlines()) <= width


def test_an_approval_that_let_something_pass_is_shown() -> None:
    """Whose word let a guard pass stands in every form, and is no guard that was tripped."""
    plan = plan_of((correction(),), guards=(APPROVED,))
    for form in everywhere(plan):
        assert "huawei-main: max_raised: approved up to 1000.00 by ann until 2026-12-01" in form
        assert summary.GUARDS not in form


def test_what_lies_ahead_is_told() -> None:
    """Granted, open to spend, the next month's need and the partner's own room are in every form."""
    for form in everywhere(plan_of((correction(),), outlook=AHEAD)):
        for words in (
            "5,000.00 granted, 1,200.50 of it still open to spend",
            "the month that begins at 2026-11-30 16:00 UTC will need 3,000.00 of credit",
            "the account's own partner credit: 100.00 left of 10,000.00",
        ):
            assert words in form


def test_the_table_is_silent_where_nobody_has_to_provide() -> None:
    """With no month to provide for and a partner with room, the table is as short as ever; the page says it all."""
    plan = plan_of((correction(),), outlook=Outlook(granted=Money(500), open=Money(100)))
    assert "open to spend" not in printed(plan, 160)
    assert "5.00 granted, 1.00 of it still open to spend" in plan_markdown(plan, show_names=False)


def test_json_has_the_new_facts() -> None:
    """Programs get the chain, the forecast and the outlook as plain values, unknown as null."""
    plan = plan_of((released(exhausted=FORECAST, data_deleted_after=DELETED, urgent=True),), outlook=AHEAD)
    document = json.loads(plan_json(plan, show_names=False))
    row = document["corrections"][0]
    assert row["follows"] == ["release"]
    assert (row["restores"], row["urgent"]) == (False, True)
    assert row["exhausted"] == {"earliest": "2026-11-27T12:00:00+00:00", "latest": "2026-12-03T12:00:00+00:00"}
    assert row["data_deleted_after"] == "2026-12-01T12:00:00+00:00"
    assert document["accounts"][0]["outlook"]["open"] == "1200.50"
    assert document["accounts"][0]["outlook"]["headroom"]["left"] == "100.00"
    assert document["accounts"][1]["outlook"] is None


def test_a_chain_that_was_changed_is_refused() -> None:
    """What follows a correction is covered by the fingerprint: no release can be written into a plan file."""
    document = json.loads(plan_json(plan_of((correction(),)), show_names=False))
    document["corrections"][0]["follows"] = ["release"]
    with pytest.raises(PlanFileError, match="fingerprint"):
        read_plan(json.dumps(document))


def test_csv_has_the_new_columns() -> None:
    """A spreadsheet gets the same facts in columns of their own; a hold leaves empty what only a correction has."""
    plan = plan_of((released(exhausted=FORECAST, data_deleted_after=DELETED),), (hold(),))
    done, held = csv.DictReader(io.StringIO(plan_csv(plan, show_names=False)))
    assert done["follows"] == "release"
    assert done["restores"] == "false"
    assert done["after_restriction"] == "none"
    assert done["exhausted_earliest"] == "2026-11-27 12:00:00Z"
    assert done["data_deleted_after"] == "2026-12-01 12:00:00Z"
    assert (held["follows"], held["urgent"], held["exhausted_latest"]) == ("", "", "")


def test_long_advice_is_not_cut_off() -> None:
    """What has to be written to let something pass is shown whole."""
    advice = "write this: " + "x" * 400 + " end"
    assert advice in " ".join(summary.why_not(hold(detail=advice)))


@pytest.mark.parametrize(
    ("forecast", "words"),
    [
        (None, ""),
        (Forecast(earliest=None, latest=None), ""),
        (Forecast(earliest=SOON, latest=SOON + timedelta(hours=2)), "exhausted on 2026-11-27"),
    ],
)
def test_a_forecast_in_words(forecast: Forecast | None, words: str) -> None:
    """What cannot be foreseen is not said; one day is one day."""
    assert exhausted(forecast) == words


@pytest.mark.parametrize(
    ("spend", "words"),
    [
        (None, ""),
        (Spend.exactly(Money(1)), ""),
        (Spend(low=Money(1), high=Money(1), since=NOON.replace(day=1, hour=0)), ""),
        (Spend(low=Money(1), high=Money(1), since=NOON.replace(day=1, hour=7)), ""),
        (
            Spend(low=Money(1), high=Money(1), since=NOON.replace(month=9, day=30, hour=16)),
            "spent is counted since 2026-10-01",
        ),
        (
            Spend(low=Money(1), high=Money(1), since=NOON.replace(day=2, hour=16)),
            "spent is counted since 2026-11-02 16:00 UTC",
        ),
    ],
)
def test_the_beginning_of_a_count_is_told_where_it_is_not_the_months(spend: Spend | None, words: str) -> None:
    """A count of this whole month needs no words, wherever its time zone lies; another beginning does."""
    assert counted_since(spend, NOON) == words
