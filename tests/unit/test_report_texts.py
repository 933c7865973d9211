import csv
import io
import string

from hypothesis import given, settings
from hypothesis import strategies as st

from core.money import Money
from core.plan import Plan
from core.tally import Tally, way_out
from scheduler.reports.plan_csv import HEADER, harmless, plan_csv
from scheduler.reports.plan_markdown import plan_markdown
from scheduler.reports.wording import LONGEST_TEXT, clean, figures_grouped, grouped, masked, plural, shown_name, signed
from tests.unit.report_plans import HOSTILE, PLANS, TRIPPED, correction, cut, hold, plan_of
from tests.unit.strategies import NOW, policy_of

QUICK = settings(max_examples=40, deadline=None)


@QUICK
@given(PLANS)
def test_a_csv_has_one_row_per_correction_and_hold(plan: Plan) -> None:
    """Whatever is in a plan, its CSV has as many rows, each with every column."""
    rows = list(csv.reader(io.StringIO(plan_csv(plan, show_names=True))))
    assert tuple(rows[0]) == HEADER
    assert len(rows) == 1 + len(plan.corrections) + len(plan.holds)
    assert {len(row) for row in rows} == {len(HEADER)}


def test_csv_figures_are_plain_numbers() -> None:
    """A spreadsheet gets numbers it can add up: a minus sign, a point, no separators."""
    row = next(csv.DictReader(io.StringIO(plan_csv(plan_of((cut(),)), show_names=False))))
    assert row["change"] == "-2345678.90"
    assert row["before_granted"] == "12345678.90"


@given(st.text(alphabet="=+-@\t\r|!A1", min_size=1))
def test_no_text_cell_is_a_formula(text: str) -> None:
    """No text from outside begins a formula."""
    assert not harmless(text).startswith(("=", "+", "-", "@"))


def test_a_hostile_name_in_csv_is_one_harmless_cell() -> None:
    """A name that is a formula and has a line break stays one quoted cell."""
    name = "=cmd|' /C calc'!A0\nx"
    row = next(csv.DictReader(io.StringIO(plan_csv(plan_of((correction(name=name),)), show_names=True))))
    assert row["name"] == "'=cmd|' /C calc'!A0 x"


def test_markdown_has_the_tables_of_a_review() -> None:
    """A pull request's reader sees corrections, what is not done, tripped guards, totals and the fingerprint."""
    plan = plan_of((correction(), cut()), (hold(),), (TRIPPED,))
    text = plan_markdown(plan, show_names=False)
    for words in ("### Tidegate plan: 2 corrections", "| +500.00 |", "**Not done**", "**Guards tripped**", "Total: "):
        assert words in text
    assert plan.fingerprint[:16] in text
    assert "never the invoice" in text


def test_markdown_of_an_empty_plan_is_short() -> None:
    """In sync there is no table."""
    text = plan_markdown(plan_of(), show_names=False)
    assert "all in sync" in text
    assert "|" not in text


def test_hostile_text_is_no_markup_in_markdown() -> None:
    """Names cannot break out of their cell, mention anybody or become HTML."""
    lines = plan_markdown(plan_of((correction(name=HOSTILE, effects=(HOSTILE,)),)), show_names=True).splitlines()
    head = next(line for line in lines if line.startswith("| # |"))
    row = next(line for line in lines if line.startswith("| 1 |"))
    effects = row.replace("\\|", "").split(" | ")[-1]
    assert row.replace("\\|", "").count("|") == head.count("|")
    assert "<b>" not in effects
    assert " @" not in effects
    assert "\\`tick\\`" in effects


@given(st.text())
def test_cleaned_text_is_one_short_line_without_controls(text: str) -> None:
    """Nothing that comes from outside can move a cursor, forge a line or fill a screen."""
    shown = clean(text)
    assert len(shown) <= LONGEST_TEXT
    assert all(character.isprintable() for character in shown)
    assert clean(shown) == shown


@given(st.text(alphabet=string.ascii_letters + " .", max_size=40))
def test_a_masked_name_gives_away_three_characters(name: str) -> None:
    """Of a name only its ends are shown, and never its length."""
    hidden = masked(name)
    assert len(hidden.replace("***", "")) <= 3
    assert name.strip() == "" or clean(name) != hidden


def test_masked_names_can_be_told_apart() -> None:
    """The first word counts, not the `Ltd.` that many names end with."""
    assert masked("Harbour Trading Co., Ltd.") == "Ha***r"
    assert masked("Highland Foods Co., Ltd.") == "Hi***d"
    assert masked("Acme Ltd.") == "A***e"


def test_amounts_within_a_sentence_are_grouped() -> None:
    """Only figures with two decimals are amounts; ids and dates stay as they are."""
    assert figures_grouped("1200.00 of 1000000.00 USD, 999.00") == "1,200.00 of 1,000,000.00 USD, 999.00"
    for untouched in ("200000104217", "limits.csv:1200", "2026-11-22", "10000.0.0.1", "1234.567"):
        assert figures_grouped(untouched) == untouched


def test_what_is_to_be_written_stays_as_the_configuration_takes_it() -> None:
    """What a guard says to write is read back with its amounts, and a quotation stays too."""
    tally = Tally(figure=3_000_000, base=0, is_money=True)
    said = figures_grouped(f"30000.00 exceeds 1200.00; {way_out('max_raised', tally, policy_of(), NOW, None)}")
    assert said.startswith("30,000.00 exceeds 1,200.00; if it is meant")
    assert said.count('= "30000.00"') == 2
    assert figures_grouped('"1200.00" of 1200.00, see 9" or 1200.00') == '"1200.00" of 1,200.00, see 9" or 1,200.00'


def test_names_of_one_or_two_characters_are_hidden_too() -> None:
    """A short name is not given away by its ends."""
    assert masked("李") == "李***"
    assert masked("李四") == "李***"
    assert shown_name(None, show_names=True) == ""


@given(st.integers(-(10**15), 10**15))
def test_grouped_amounts_are_the_amounts(cents: int) -> None:
    """Separators change nothing of a figure."""
    assert Money.parse(grouped(Money(cents)).replace(",", "")) == Money(cents)
    assert cents == 0 or Money.parse(signed(Money(cents)).replace(",", "")) == Money(cents)


def test_what_is_not_in_usd_says_so() -> None:
    """Every report says that amounts are in USD, so another currency stands beside its figure."""
    assert grouped(Money(123_456, "EUR")) == "1,234.56 EUR"
    assert grouped(Money(123_456)) == "1,234.56"


def test_counting_in_words() -> None:
    """One is one, all else is many."""
    assert plural(1, "customer") == "1 customer"
    assert plural(0, "customer") == "0 customers"
    assert plural(2_000, "entry", "entries") == "2,000 entries"
