import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from scheduler.web.server import Server
from tests.surface.page_rig import CHROMIUM, DESK, FLAGS, NARROWEST, PHONE, needs_chromium, served, visiting
from tests.unit.boards import Shown, many, quiet, wrong

pytestmark = needs_chromium
PAGES = ("/", "/customers", "/customers/huawei/c-frozen", "/customers/huawei/c-near", "/customers?q=nobody-at-all")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests of this file, and no longer: while it is open, asyncio runs in this thread."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def trouble() -> Iterator[Server]:
    """Everything wrong, names shown."""
    with served(Shown(wrong())) as server:
        yield server


@pytest.fixture(scope="module")
def crowd() -> Iterator[Server]:
    """Ten thousand customers."""
    with served(Shown(many())) as server:
        yield server


def focused(page: Page) -> str:
    """Say what has the focus, by its words or its name."""
    found = page.evaluate(
        """() => { const now = document.activeElement;
        return now.name || now.id || now.textContent.trim().replace(/\\s+/g, ' ') }"""
    )
    return str(found)


def tab_to(page: Page, name: str) -> None:
    """Go on with the tabulator until this has the focus."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if focused(page) == name:
            return
    pytest.fail(f"the keyboard never reaches {name}")


@pytest.mark.parametrize(("dark", "width"), [(False, DESK), (True, PHONE)], ids=["light", "dark and narrow"])
def test_an_auditor_of_accessibility_finds_nothing(browser: Browser, trouble: Server, dark: bool, width: int) -> None:  # noqa: FBT001 - a parameter of the test
    """By the rules of axe-core, WCAG 2.2 AA and good practice included, no page has a fault, however it is shown."""
    with visiting(browser, trouble, width=width, dark=dark) as visit:
        for path in PAGES[:3]:
            page = visit.go(path)
            page.evaluate("() => document.querySelectorAll('details').forEach(each => { each.open = true })")
            found = Axe().run(page)
            assert found.violations_count == 0, f"{path}: {found.generate_report()}"


def test_no_page_is_wider_than_its_window(browser: Browser, trouble: Server) -> None:
    """Nothing has to be scrolled sideways, from the narrowest phone on, with hostile names and long commands."""
    with visiting(browser, trouble) as visit:
        for path in (*PAGES[:3], "/nowhere"):
            page = visit.go(path)
            page.evaluate("() => document.querySelectorAll('details').forEach(each => { each.open = true })")
            for width in (NARROWEST, 700, 1024, DESK):
                page.set_viewport_size({"width": width, "height": 900})
                assert page.evaluate("document.documentElement.scrollWidth") == width, path


def test_the_pages_ask_nobody_and_complain_of_nothing(browser: Browser, trouble: Server) -> None:
    """No page has a script or breaks its own policy, and everything it loads is from where it came."""
    with visiting(browser, trouble) as visit:
        for path in PAGES:
            page = visit.go(path)
            assert page.locator("script").count() == 0
            assert (
                page.evaluate(
                    "[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames())"
                    ".filter(name => name === 'style' || name.startsWith('on'))"
                )
                == []
            )
            assert page.evaluate("getComputedStyle(document.querySelector('.product')).fontWeight") == "650"
        assert visit.complaints == []
        assert visit.strangers == []
        assert {re.sub(r".*(css|svg)$", r"\1", url) for url in visit.asked} >= {"css", "svg"}


def test_the_list_is_worked_with_the_keyboard_alone(browser: Browser, crowd: Server) -> None:
    """Skipping to the content, searching, filtering, ordering and turning the page need no mouse and no script."""
    with visiting(browser, crowd, calm=True) as visit:
        page = visit.go("/customers")
        page.keyboard.press("Tab")
        assert focused(page) == "Skip to the content"
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert (page.locator(".skip").bounding_box() or {"y": -1})["y"] >= 0
        assert outline == "solid"
        page.keyboard.press("Enter")
        assert focused(page) == "content"
        tab_to(page, "q")
        page.keyboard.type("tencent-3")
        tab_to(page, "kind")
        page.keyboard.type("credit")
        tab_to(page, "Show")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text("1 to 100 of 2,500 found among 10,000 customers")
        page.get_by_role("columnheader", name="Spent").get_by_role("link").press("Enter")
        expect(page.get_by_role("columnheader", name="Spent")).to_have_attribute("aria-sort", "descending")
        figures = [float(text.replace(",", "")) for text in page.locator("td[data-title=Spent] span").all_inner_texts()]
        assert figures == sorted(figures, reverse=True)
        page.get_by_role("link", name="Next").press("Enter")
        expect(page.get_by_role("status")).to_contain_text("101 to 200")
        assert "sort=spent" in page.url
        page.get_by_role("link", name="spent").first.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("1 to 100")
        page.locator("th.customer a").first.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_screen_reader_finds_its_way(browser: Browser, trouble: Server) -> None:
    """Every page has one first heading, its landmarks, named tables, and pictures that say what they show."""
    with visiting(browser, trouble, width=PHONE) as visit:
        for path in PAGES:
            page = visit.go(path)
            assert page.get_by_role("heading", level=1).count() == 1
            for landmark in ("banner", "main", "contentinfo"):
                assert page.get_by_role(landmark).count() == 1
            assert page.get_by_role("navigation", name="Pages", exact=True).count() == 1
            for table in page.locator("table").all():
                assert (table.locator("caption").text_content() or "").strip()
        page = visit.go("/customers/huawei/c-near")
        picture = page.locator("svg.chart")
        assert "Spent by 2026-11-22" in picture.locator("desc").inner_html()
        assert page.get_by_role("row").count() > 4


def test_what_is_narrow_hides_nothing_that_has_the_focus(browser: Browser, crowd: Server) -> None:
    """On a phone every link and field that the keyboard reaches can be seen."""
    with visiting(browser, crowd, width=PHONE) as visit:
        page = visit.go("/customers?q=0000")
        hidden = page.evaluate(
            """[...document.querySelectorAll('a, button, input:not([type=hidden]), select')]
            .filter(each => !each.matches('.skip') && each.getClientRects().length)
            .filter(each => each.getBoundingClientRect().width < 8 || each.closest('thead')).length"""
        )
        assert hidden == 0


def test_a_quiet_board_is_calm(browser: Browser) -> None:
    """When nothing needs anybody the first words say so, and no panel is red or yellow."""
    with served(Shown(quiet())) as server, visiting(browser, server) as visit:
        page = visit.go("/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Nothing needs anybody")
        assert page.locator("main .problem, main .notice, main .needs").count() == 0


def test_a_page_left_open_says_that_it_is_old(browser: Browser, trouble: Server) -> None:
    """Ten minutes after it was loaded a page tells so by itself, without a script; one that refreshes does not."""
    with visiting(browser, trouble) as visit:
        page = visit.go("/")
        assert not page.locator(".aged").is_visible()
        page.evaluate("document.querySelector('.aged').getAnimations()[0].currentTime = 600_002")
        assert page.locator(".aged").is_visible()
        assert visit.go("/?refresh=60").locator(".aged").count() == 0


def test_it_prints_without_what_paper_cannot_do(browser: Browser, trouble: Server) -> None:
    """On paper there is no navigation and no form, and the figures are there."""
    with visiting(browser, trouble) as visit:
        page = visit.go("/customers")
        page.emulate_media(media="print")
        assert not page.get_by_role("navigation").first.is_visible()
        assert not page.locator("form").is_visible()
        assert page.locator("td[data-title=Limit]").first.is_visible()
