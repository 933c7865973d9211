import base64
import hashlib
import re
from dataclasses import replace

import pytest

from core.forecast import Forecast
from core.money import Money
from scheduler.reports.month import NOTE, AccountMonth, Change, Look, MonthReport, Whose
from scheduler.reports.month_attention import expected, left, lines, pressing_first, running_out
from scheduler.reports.month_html import month_html
from scheduler.reports.reckoning import account_month
from scheduler.reports.wording import clean
from scheduler.reports.would_have import WouldHave
from scheduler.reports.would_have_html import would_have_html
from tests.unit.month_facts import ALICE, HEAD, KEY, NOW, day, facts, intent, limit, meter, report
from tests.unit.report_plans import HOSTILE
from tests.unit.rich_month import rich_report
from tests.unit.test_report_plan_html import Page

SEEN = ("script", "link", "img", "iframe", "object", "embed", "form", "base", "image", "use", "foreignObject")


@pytest.fixture(scope="module")
def rich() -> MonthReport:
    """A month of two accounts in which much happened."""
    return rich_report()


@pytest.fixture(scope="module")
def page(rich: MonthReport) -> Page:
    """Its page, names shown."""
    return Page(month_html(rich, show_names=True))


def month(**changes: object) -> AccountMonth:
    """Give an account's month with a change of ours and one of others."""
    return account_month(facts(**{"intents": (intent(300),), "outside": (ALICE,), **changes}))


def test_every_customer_has_its_row_and_those_that_need_somebody_come_first(rich: MonthReport, page: Page) -> None:
    """Finance finds all customers; the one whose data is deleted stands first in its account."""
    rows = [row for account in rich.accounts for row in account.rows]
    for row in rows:
        assert row.key.customer_id in page.text
    first = pressing_first(rich.accounts[0])
    assert len(first) == len(rich.accounts[0].rows)
    assert first[0].data_deleted_after is not None
    shares = [row.share.low for row in first[-5:] if row.share is not None]
    assert shares == sorted(shares, reverse=True)


def test_the_page_tells_the_months_facts(page: Page) -> None:
    """Spend against limits, who exhausts when, who changed what and why, drift, quota, holds and deletion dates."""
    for said in (
        "November 2026",
        "As known on 2026-11-22 12:00 UTC",
        "The month is not over",
        "The data of 2 customers is going to be deleted",
        "cannot buy or run all they want (2 frozen)",
        "have spent the whole limit or more",
        "are expected to exhaust the limit this month; first",
        "somebody paused it",
        "changed outside Tidegate by alice: 900.00 to 9,000.00",
        "will need 20,000.00 of credit, 12,500.00 is left",
        "12,500.00 left to give out",
        "24 new limits accepted from limits.csv",
        "contract 2026/114, raised for the launch",
        "limits.csv:2",
        "maria",
        "disputed bill",
        "freeze: frozen, before active",
        NOTE,
        HEAD,
    ):
        assert said in page.text


def test_pictures_have_words_and_one_bar_stands_for_each_share(rich: MonthReport, page: Page) -> None:
    """A picture of the days for each account and one of all; each names itself; bars are left to the figures."""
    assert page.count("svg", role="img") == len(rich.accounts) + 1
    assert page.count("title") == page.count("desc") + 1 == len(rich.accounts) + 2
    shares = sum(row.share is not None for account in rich.accounts for row in account.rows)
    assert page.count("svg", **{"aria-hidden": "true"}) == shares + len(rich.accounts)


def test_the_page_asks_nobody_for_anything(page: Page, rich: MonthReport) -> None:
    """No script, no address, no style but its own; links lead to places within the page."""
    text = month_html(rich, show_names=False)
    assert not {tag for tag, _ in page.elements} & set(SEEN)
    names = {name for _, found in page.elements for name in found}
    assert not names & {"src", "style", "srcset", "action", "xlink:href"}
    assert not [name for name in names if name.startswith("on")]
    assert all((found["href"] or "").startswith("#") for _, found in page.elements if "href" in found)
    assert not re.search(r"//|url\(|@import|expression\(", text.replace("<!DOCTYPE html>", ""))


@pytest.mark.parametrize("made", [month_html(report(month()), show_names=False), would_have_html([])])
def test_the_policy_allows_the_pages_own_style_alone(made: str) -> None:
    """Everything else is forbidden, by the sheet's hash."""
    (style,) = re.findall(r"<style>(.*?)</style>", made, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'" in made


def test_text_from_outside_is_only_text() -> None:
    """Names, accounts, sentences, who and why are shown as they are written, and make no element."""
    word = Change(at=NOW, whose=Whose.PERSON, key=KEY, what=HOSTILE, who=HOSTILE, why=HOSTILE)
    hostile = Page(
        month_html(
            report(
                month(
                    name=HOSTILE,
                    limits={KEY: limit(name=HOSTILE)},
                    outside=(replace(ALICE, sentence=HOSTILE),),
                    said=(word,),
                    look=Look(at=NOW, problem=HOSTILE),
                )
            ),
            show_names=True,
        )
    )
    plain = Page(month_html(report(month()), show_names=True))
    assert {tag for tag, _ in hostile.elements} == {tag for tag, _ in plain.elements}
    assert hostile.text.count(clean(HOSTILE)) >= 7


def test_names_are_masked_unless_asked_for(rich: MonthReport) -> None:
    """Like every other form, and the page says how to see them."""
    masked = Page(month_html(rich, show_names=False))
    assert "Bluefin" not in masked.text
    assert "Bl***n" in masked.text
    assert "--show-names" in masked.text


def test_tables_can_be_read_aloud(page: Page) -> None:
    """Each table has a caption and each row a header; the page names its language."""
    assert page.count("caption") == page.count("table") == 2 + 2 * 2
    assert page.count("th", scope="row") == page.count("tr") - page.count("table")
    assert page.count("html", lang="en") == 1


def test_a_calm_month_says_that_nothing_needs_anybody() -> None:
    """One account without troubles: no list of them, no table of accounts, no empty tiles."""
    calm = report(account_month(facts(days=(day(21, 1_000, 1_000), day(22, 1_100, 1_100)), look=None)))
    assert lines(calm) == []
    made = Page(month_html(calm, show_names=False))
    assert "Nothing does." in made.text
    assert "Not done" not in made.text
    assert "no run of this account is on record" in made.text
    assert "Nothing was changed." in made.text


def test_an_account_without_anybody_and_a_day_that_is_past() -> None:
    """An empty account says so, without a picture; a named day is in the page's head."""
    empty = month(limits={}, days=(), meters={}, standings={}, intents=(), outside=())
    made = Page(month_html(replace(report(empty), as_of=NOW.date()), show_names=False))
    assert "No customer of this account has a limit or was seen." in made.text
    assert "As it stood at the end of 2026-11-22, billing time." in made.text
    assert made.count("svg", role="img") == 1


def test_an_unread_account_is_said_first() -> None:
    """What could not be read stands above what was read; data that is deleted above all."""
    alone = lines(replace(rich_report(), accounts=rich_report().accounts[:1]))
    assert alone[0] == (True, "The data of customer hu00000003e7f1a2 is deleted after 2026-12-05 12:00 UTC.")
    made = lines(report(month(look=Look(at=NOW, problem="key refused"))))
    assert made[0] == (True, "main could not be read by its last run: key refused.")


def test_what_sync_would_have_sent_is_a_small_page() -> None:
    """Accounts, figures, what would have stopped it; without runs it says so."""
    found = WouldHave(
        account="huawei-main",
        vendor="huawei",
        runs=3,
        days=1,
        first=NOW,
        last=NOW,
        customers=2,
        corrections=2,
        raised=Money(30_000),
        cut=Money(100_000),
        exhausted=0,
        released=0,
        restricted=1,
        frozen=0,
        stops=(),
    )
    made = Page(would_have_html([found]))
    for said in ("What sync would have sent", "300.00", "1,000.00", "1 customer would have been restricted"):
        assert said in made.text
    assert "No run is on record" in Page(would_have_html([])).text


def test_what_only_may_happen_is_not_said_to_happen() -> None:
    """Who may exhaust the limit at the fastest is told apart from who is expected to; an unread spend is named."""
    over = limit(amount=53_000)
    may = report(month(limits={KEY: over}, meters={KEY: replace(meter(), weeks=(), days=meter().days)}))
    (row,) = running_out(may)
    assert left(row) == "20.00"
    (account,) = may.accounts
    only = replace(row, forecast=Forecast(earliest=NOW, latest=None))
    said = [line for _, line in lines(report(replace(account, rows=(only,))))]
    assert "1 customer may exhaust it, at the fastest." in said
    assert expected(only) == "perhaps; not exhausted before 2026-11-22"
    unknown = report(month(days=(day(22, None, None),), meters={}))
    assert (False, "The spend of 1 customer is not known: c00001.") in lines(unknown)
    assert left(month(days=(day(22, None, None),), meters={}).rows[0]) == ""
    overspent = month(limits={KEY: limit(amount=50_500)}).rows[0]
    assert left(replace(overspent, limits=(replace(overspent.limits[0], amount=Money(50_500)),))) == "0.00"
