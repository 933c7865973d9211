import base64
import hashlib
import re

import pytest
from hypothesis import given, settings

from core.plan import Plan
from scheduler.reports import summary
from scheduler.reports.plan_html import plan_html
from scheduler.reports.wording import clean, customer_id
from tests.unit.page_reader import Reading
from tests.unit.report_plans import HOSTILE, HUAWEI_ID, PLANS, TENCENT_ID, TRIPPED, correction, cut, hold, plan_of

EVERYTHING = plan_of((correction(), cut(exhausts=True)), (hold(),), (TRIPPED,), complete=False, problem="key refused")


class Page(Reading):
    """What a browser would see, without the style sheet that lies in the page."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an element that begins."""
        self._apart(tag)
        super().handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Take its end."""
        super().handle_endtag(tag)
        self._apart(tag)

    def handle_data(self, data: str) -> None:
        """Take a text that is shown."""
        if "style" not in self._open:
            super().handle_data(data)

    def _apart(self, tag: str) -> None:
        if tag != "time":  # a time is within its sentence
            self.words.append(" ")

    @property
    def text(self) -> str:
        """All words, one space between them."""
        return " ".join("".join(self.words).split())

    def count(self, tag: str, **attributes: str) -> int:
        """Count elements with these attributes."""
        return sum(tag == name and attributes.items() <= found.items() for name, found in self.elements)


def page(plan: Plan, *, show_names: bool = True) -> Page:
    """Read a plan's page as a browser does."""
    return Page(plan_html(plan, show_names=show_names))


@settings(max_examples=40, deadline=None)
@given(PLANS)
def test_every_correction_and_hold_has_its_row(plan: Plan) -> None:
    """Whatever is in a plan, the page is well formed and has a row with id, words and figures for each of it."""
    made = page(plan)
    assert made.count("tr") == len(plan.corrections) + len(plan.holds) + bool(plan.corrections) + bool(plan.holds)
    for row in (*plan.corrections, *plan.holds):
        assert customer_id(row.customer) in made.text
    for correction_row in plan.corrections:
        for line in summary.effects(correction_row):
            assert " ".join(line.split()) in made.text


def test_the_page_says_what_the_table_says() -> None:
    """Headline, problems, reasons, guards, accounts, totals and the note on spend are the table's own words."""
    made = page(EVERYTHING)
    lines = [
        *summary.problems(EVERYTHING),
        *summary.guards(EVERYTHING),
        *summary.account_lines(EVERYTHING),
        *summary.why_not(EVERYTHING.holds[0]),
        summary.totals(EVERYTHING),
        summary.FOOTNOTE,
        "+500.00",
        "-2,345,678.90",
        "12,345,678.90",
    ]
    for line in lines:
        assert line in made.text
    assert made.text.count("Guards tripped") == 1


def test_an_empty_plan_is_a_cheerful_page_without_tables() -> None:
    """In sync, the page says so and lists the accounts only."""
    made = page(plan_of())
    assert "All in sync: 6 customers stand where you want them" in made.text
    assert made.count("table") == 0
    assert made.count("h1", **{"class": "well"}) == 1


def test_text_from_outside_is_only_text() -> None:
    """A name or an effect that is markup is shown as it is written, and makes no element."""
    plain, hostile = page(plan_of((correction(),))), page(plan_of((correction(name=HOSTILE, effects=(HOSTILE,)),)))
    assert {tag for tag, _ in hostile.elements} == {tag for tag, _ in plain.elements}
    assert hostile.text.count(clean(HOSTILE)) == 2
    attack = '"><script>alert(1)</script>'
    account = page(plan_of((correction(account=attack),), (hold(account=attack, detail=attack),)))
    assert account.count("script") == 0
    assert account.text.count("<script>alert(1)</script>") == 3


def test_the_page_asks_nobody_for_anything() -> None:
    """No script, no address, no import: what is needed to show the page is in it."""
    text = plan_html(EVERYTHING, show_names=True)
    made = Page(text)
    assert not {tag for tag, _ in made.elements} & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "form",
        "base",
    }
    assert not {name for _, found in made.elements for name in found} & {"src", "href", "style", "srcset", "action"}
    assert not [name for _, found in made.elements for name in found if name.startswith("on")]
    assert not re.search(r"//|url\(|@import|expression\(", text.replace("<!DOCTYPE html>", ""))


def test_the_policy_allows_this_style_sheet_and_nothing_else() -> None:
    """The content policy forbids everything but the one style sheet, by its hash."""
    text = plan_html(EVERYTHING, show_names=True)
    (style,) = re.findall(r"<style>(.*?)</style>", text, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = (
        found["content"] for tag, found in Page(text).elements if found.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_tables_can_be_read_aloud() -> None:
    """Each table has a caption, columns and customers are headers, and the page names its language."""
    made = page(EVERYTHING)
    assert made.count("caption") == made.count("table") == 2
    assert made.count("th", scope="col") == 7 + 5
    assert made.count("th", scope="row") == 3
    assert made.count("html", lang="en") == 1


@pytest.mark.parametrize(
    "rule", ["prefers-color-scheme: dark", "@media print", "size: A4", "max-width: 34rem", "tabular-nums"]
)
def test_the_style_sheet_serves_dark_screens_phones_and_paper(rule: str) -> None:
    """Dark mode, narrow screens and A4 paper each have their rules, and figures have one width."""
    assert rule in plan_html(plan_of(), show_names=False)


def test_names_are_masked_and_ids_whole() -> None:
    """The page hides names unless they were asked for, like every other form."""
    masked = page(plan_of((correction(), cut())), show_names=False)
    assert "Acme" not in masked.text
    assert "A***e" in masked.text
    assert HUAWEI_ID in masked.text
    assert TENCENT_ID in masked.text
