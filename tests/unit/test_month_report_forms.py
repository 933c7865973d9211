import csv
import io
import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.money import Money
from scheduler.reports.month import NOTE, AccountMonth, Look, MonthReport, Share, Span
from scheduler.reports.month_forms import HEADER, month_csv, month_json, month_markdown
from scheduler.reports.month_table import month_table, share, span
from scheduler.reports.reckoning import account_month
from tests.unit.month_facts import ALICE, HEAD, KEY, NOVEMBER, NOW, OTHER, day, facts, intent, report
from tests.unit.report_plans import HOSTILE
from tests.unit.test_report_endings import printed


def month() -> AccountMonth:
    """Give an account with a customer of everything, and one without a limit."""
    unlimited = day(22, 700, 700, key=OTHER, amount=None)
    days = (day(3, 0, 0, amount=Money(80_000)), day(22, 50_000, 51_000), unlimited)
    return account_month(facts(days=days, intents=(intent(300), intent(-50)), outside=(ALICE,), billed={KEY: Money(5)}))


def words(made: MonthReport, width: int = 120, *, show_names: bool = False) -> str:
    """Print the table, one space between its words."""
    return " ".join(printed(month_table(made, show_names=show_names), width).split())


def test_the_table_says_everything_of_a_customer() -> None:
    """Figures, kind, earlier amounts, our changes, others', what was held and the bill are there."""
    text = words(report(month()), 200)
    for said in (
        "Month 2026-11",
        "main (Steps, 2 customers, month by Asia/Shanghai)",
        "A***e, monthly",
        "50.0 to",
        "51.0 %",
        "limits: 800.00 from 2026-11-03, 1,000.00 from 2026-11-22",
        "exhausted between 2026-11-26 and 2026-11-27",
        "changed by Tidegate: 2 changes, +3.00, -0.50",
        "changed outside Tidegate by alice: 900.00 to 9,000.00",
        "not done: a guard is tripped",
        "billed so far: 0.05",
        "no limit",
        "spent in all: 507.00 to 517.00",
        "450.00 of it still open to spend",
        "70,000.00 left to give out",
        HEAD,
    ):
        assert said in text


def test_the_list_price_note_is_in_every_report() -> None:
    """No report lets spend pass for the invoice, and each says that vouchers are not in it."""
    made = report(month())
    assert "never the invoice" in NOTE
    assert "without vouchers" in NOTE
    assert NOTE in words(made)
    assert NOTE in month_markdown(made, show_names=False)
    assert json.loads(month_json(made, show_names=False))["note"] == NOTE


@pytest.mark.parametrize("width", [80, 100, 160])
def test_no_line_is_longer_than_the_screen(width: int) -> None:
    """At every usual width nothing runs over the edge and no figure loses a digit."""
    text = printed(month_table(report(month()), show_names=False), width)
    assert max(len(line) for line in text.splitlines()) <= width
    for figure in ("1,000.00", "500.00", "510.00", "950.00"):
        assert figure in text


def test_an_account_without_customers_or_runs_says_so() -> None:
    """Where there is nothing to report, that is said."""
    empty = account_month(facts(days=(), limits={}, look=None))
    text = words(report(empty))
    assert "0 customers" in text
    assert "no run of this account is on record" in text
    assert "no run of this account is on record" in month_markdown(report(empty), show_names=False)
    assert json.loads(month_json(report(empty), show_names=False))["accounts"][0]["last_run"] is None
    unread = Look(at=NOW, problem="the key was refused")
    assert "it could not be read: the key was refused" in words(report(account_month(facts(look=unread))))


def test_intervals_in_words() -> None:
    """What is not known upwards is at least something, and what is not known at all is called unknown."""
    assert span(None) == "unknown"
    assert span(Span(low=Money(5), high=None)) == "at least 0.05"
    assert span(Span(low=Money(5), high=Money(5))) == "0.05"
    assert share(None) == ""
    assert share(Share(low=Decimal("5.0"), high=None)) == "at least 5.0 %"


def test_names_are_masked_and_text_from_outside_is_only_text() -> None:
    """Names need to be asked for, in every form; a hostile one is only text."""
    (row, _) = month().rows
    hostile = account_month(facts())
    hostile = type(hostile)(
        **{
            **{name: getattr(hostile, name) for name in hostile.__dataclass_fields__},
            "rows": (
                type(row)(**{**{name: getattr(row, name) for name in row.__dataclass_fields__}, "name": HOSTILE}),
            ),
        }
    )
    for form in (month_json, month_csv, month_markdown):
        assert "Acme Trading" not in form(report(month()), show_names=False)
        assert "Acme Trading Ltd" in form(report(month()), show_names=True)
        assert "\x1b" not in form(report(hostile), show_names=True)
    assert "\x1b[2J" not in words(report(hostile), show_names=True)


def test_json_has_every_fact_as_a_plain_value() -> None:
    """Money and percents are strings, unknown is null, times are ISO 8601."""
    document = json.loads(month_json(report(month(), as_of=date(2026, 11, 22)), show_names=False))
    assert (document["month"], document["as_of"], document["audit_head"]) == ("2026-11", "2026-11-22", HEAD)
    (account,) = document["accounts"]
    assert account["since"] == NOVEMBER.isoformat()
    assert account["last_run"]["outlook"]["open"] == "450.00"
    row, unlimited = account["customers"]
    assert row["spent"] == {"low": "500.00", "high": "510.00", "since": NOVEMBER.isoformat()}
    assert row["share"] == {"low": "50.0", "high": "51.0"}
    assert row["changes"] == {"count": 2, "raised": "3.00", "cut": "0.50"}
    assert row["changed_outside"][0]["what"] == ALICE.sentence
    assert row["holds"] == [{"reason": "guard", "why": "a guard is tripped"}]
    assert (unlimited["limits"], unlimited["share"], unlimited["kind"], unlimited["billed"]) == ([], None, None, None)


def test_csv_has_one_line_a_customer() -> None:
    """A spreadsheet gets one line for each customer with every column filled or empty."""
    text = month_csv(report(month()), show_names=False)
    assert {len(line) for line in csv.reader(io.StringIO(text))} == {len(HEADER)}
    row, unlimited = csv.DictReader(io.StringIO(text))
    assert (row["spent_low"], row["spent_high"], row["limit"]) == ("500.00", "510.00", "1000.00")
    assert row["limits"] == "800.00 from 2026-11-03; 1000.00 from 2026-11-22"
    assert (unlimited["limit"], unlimited["share_low"]) == ("", "")
    bare = account_month(facts(days=(), meters={}, standings={}, now=NOW + timedelta(days=30)))
    (nothing,) = csv.DictReader(io.StringIO(month_csv(report(bare), show_names=False)))
    assert (nothing["spent_low"], nothing["seen"], nothing["exhausted_latest"]) == ("", "", "")


def test_markdown_has_a_table_an_account() -> None:
    """A ticket gets a table with a row for each customer, and the totals below it."""
    text = month_markdown(report(month(), as_of=date(2026, 11, 22)), show_names=False)
    assert text.startswith("### Tidegate: Month 2026-11, as of the end of 2026-11-22")
    assert f"| `{KEY.customer_id}`" in text
    assert "- spent in all: 507.00 to 517.00" in text


def test_a_long_list_of_changes_is_folded_in_markdown_and_cut_on_a_screen() -> None:
    """Markdown folds it away, the table shows the newest and says where the rest is, JSON has all of it."""
    many = tuple(intent(1, id=f"{number:02}", recorded_at=NOW - timedelta(minutes=number)) for number in range(30))
    made = report(account_month(facts(intents=many)))
    text = month_markdown(made, show_names=False)
    assert "<summary>What was changed and why (30 lines)</summary>" in text
    assert text.count("</details>") == 1
    assert "18 earlier changes: --format html, json or markdown tells them" in words(made, 200)
    assert len(json.loads(month_json(made, show_names=False))["accounts"][0]["changed"]) == 30
