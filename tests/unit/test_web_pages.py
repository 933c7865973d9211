import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.forecast import Forecast
from core.intent import Action, State
from core.money import Money
from core.plan import HoldReason
from core.standing import Restriction
from scheduler.reports.board import AccountBoard, Attention, Board, CustomerLine, LastRun, Tick
from scheduler.web.accounts import account_cells, state
from scheduler.web.app import page_times
from scheduler.web.choosing import all_chosen
from scheduler.web.customer import customer_cells
from scheduler.web.customers import customers_cells, used_up
from scheduler.web.needs import headline, needs
from scheduler.web.overview import overview_cells
from scheduler.web.places import anchor
from scheduler.web.query import Query
from scheduler.web.rendering import rendered, style
from scheduler.web.saying import attentions, intent_said, left_undone, percent
from scheduler.web.sheet import customers_csv, customers_json
from scheduler.web.times import Times, age
from tests.unit.boards import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    account,
    board,
    file_of,
    intent,
    line,
    many,
    pause,
    quiet,
    renamed,
    stopped,
    waiting,
    wrong,
)
from tests.unit.page_reader import Reading

TIMES = Times("Asia/Shanghai", NOW)


def page(name: str, shown: Board, cells: Mapping[str, object]) -> Reading:
    """Render a page as the application does, and read it."""
    times = page_times(shown, NOW)
    around = {
        "here": name,
        "made": times.when(shown.made_at),
        "stale_page": "",
        "refresh": 0,
        "turn_refresh": "/",
        "version": shown.version,
        "installation": shown.installation,
        "head": shown.head,
        "started": None,
        "show_names": True,
    }
    return Reading(rendered(name, {**around, **cells}))


def overview(shown: Board) -> str:
    """Give the words of the first page."""
    return page("overview", shown, overview_cells(shown, page_times(shown, NOW))).text


def listed(shown: Board) -> str:
    """Give the words of the list."""
    return page("customers", shown, customers_cells(shown, Query(), page_times(shown, NOW), show_names=True)).text


def filed(found: CustomerLine, whose: AccountBoard | None = None) -> str:
    """Give the words of one customer's page."""
    whose = whose or account("huawei-main", [found])
    return page("customer", board(whose), customer_cells(file_of(found, whose), TIMES, show_names=True)).text


def test_the_first_words_say_whether_somebody_is_needed() -> None:
    """All quiet, the headline says so; else it counts what needs somebody, and each thing follows in words."""
    assert headline(quiet(), needs(quiet(), TIMES)) == "Nothing needs anybody"
    shown = wrong()
    found = needs(shown, TIMES)
    assert headline(shown, found) == "10 things need somebody"
    text = overview(shown)
    for need in found:
        assert need.sentence in text
        assert need.remedy.replace("`", "") in text.replace("` ", "").replace(" `", "")
    told = replace(quiet(), alerts=shown.alerts[1:2])
    assert headline(told, needs(told, TIMES)) == "Nothing needs anybody, 1 alert stands"


def test_everything_that_is_wrong_with_an_account_stands_on_its_card() -> None:
    """Why it cannot be read, guards, the clock, the window, who paused it, what lies ahead and who has no limit."""
    text = overview(wrong())
    for words in (
        "It cannot be read since 2026-11-22 07:05 Shanghai: the key was refused (AuthFailure.SecretIdNotFound).",
        "Guard max_raised: 12,500.00 would be given",
        "This machine's clock is 47 s behind",
        "mon-fri 09:00-18:00 (closed now: corrections wait)",
        "Paused by ann since 2026-11-18 12:05 Shanghai, until 2026-11-24 12:05 Shanghai",
        "will need 610,000.00 of credit",
        "480,000.00 of 500,000.00 is given out",
        "14 customers are without a limit, never touched, yet able to spend: free0,",
        "and 4 more",
        "2026-11-22 12:07 (in 2 min) , every 10 min",
        "finished, not everything was done",
        "observe: only watched, nothing is changed",
        "tidegate settle 01DA --who NAME --why TEXT",
        "tidegate resume --all --who NAME --why TEXT",
        "tidegate resume --account huawei-main --customer c-paused --who NAME --why TEXT",
        "limits.csv:17: amount '12,5'",
        "9f2b" * 16,
    ):
        assert words in text


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, "in order"),
        ({"problem": "no answer came"}, "cannot be read"),
        ({"read_at": NOW - 2 * HOUR}, "late"),
        ({"clock_problem": "47 s behind"}, "clock off"),
        ({"guards": {"max_cut": "too much"}}, "needs somebody"),
        ({"read_at": None}, "not read yet"),
        ({"pause": pause(customer_id=None)}, "paused"),
    ],
)
def test_an_account_has_one_word(changes: dict[str, object], word: str) -> None:
    """The gravest thing about an account gives its word; what is grave comes first on the page."""
    shown = account("huawei-main", [], **changes)
    assert state(shown, TIMES)[0] == word
    assert account_cells(shown, TIMES)["word"] == word


def test_every_column_of_the_picture_has_a_colour_of_the_style_sheet() -> None:
    """No column is left to the browser's black: the style sheet that the page loads has a rule for each."""
    drawn = overview_cells(many(100), TIMES)["chart"]
    tones = set(re.findall(r'class="column (\w+)"', str(drawn)))
    rules = style().body.decode()
    assert tones == {"fill", "near", "over", "track"}
    assert all(re.search(rf"\.chart \.column\.{tone} *{{ *fill: *var\(--", rules) for tone in tones)


def test_a_late_account_needs_somebody() -> None:
    """An account that no run has read for too long is named, with how long it is and should be."""
    shown = board(account("huawei-main", [], read_at=NOW - 3 * HOUR))
    (need,) = needs(shown, TIMES)
    assert need.sentence == "huawei-main was last read 3 h ago, and should be every 10 min"


@pytest.mark.parametrize("each", Attention)
def test_every_attention_has_a_word_and_a_sentence(each: Attention) -> None:
    """Whatever a customer is marked for is told in words, even where the particulars are missing."""
    (said,) = attentions(line("c1", attention=(each,)), TIMES)
    assert said.word
    assert said.sentence


@pytest.mark.parametrize("reason", HoldReason)
def test_every_hold_says_why_and_what_to_do(reason: HoldReason) -> None:
    """A correction that was not made is told with its reason and, where somebody can do something, with what."""
    held = waiting(reason.word, reason.sentence, "particulars", needs_attention=True)
    (said,) = attentions(line("c1", waiting=held, attention=(Attention.HELD,)), TIMES)
    assert said.sentence == f"1,500.00 (+500.00) is not set: {reason.sentence}: particulars"
    assert not said.remedy.startswith("nothing")


@pytest.mark.parametrize("each", Action)
def test_a_correction_that_waits_says_what_it_would_do(each: Action) -> None:
    """An amount is told with its change, anything else by its name; what is pending is still to come."""
    known = waiting("pending", "not made yet", "")
    told = left_undone(replace(known, action=each.value), later=True)
    assert told == "1,500.00 (+500.00) is to be set" if each is Action.SET_AMOUNT else told.endswith("is to be made")
    assert " is not " in left_undone(replace(known, action=each.value), later=False)


def test_an_open_change_says_what_to_do_and_when() -> None:
    """Before the fence nothing can be done, after it the next run does; a dispute needs a person's word."""
    assert intent_said(intent(), TIMES)[1].startswith("nothing yet: it can be settled from 2026-11-22 12:10 Shanghai")
    assert intent_said(intent(fence_at=NOW - MINUTE), TIMES)[1].startswith("nothing: the next run settles it")
    remedy = intent_said(intent(state=State.DISPUTED), TIMES)[1]
    assert "`tidegate settle 01JXUNCERTAIN --applied (or --not-applied) --who NAME --why TEXT`" in remedy


def test_a_customers_page_tells_all_of_it() -> None:
    """Figures, the deletion's day, what to do, the chart in words, the reasons and the history are on the page."""
    shown = wrong()
    whose = shown.accounts[0]
    found = next(each for each in whose.customers if each.key.customer_id == "c-frozen")
    text = filed(found, whose)
    for words in (
        "Limit 1,000.00 monthly, restrict",
        "Spent 1,005.00 in 2026-11",
        "Data deleted after 2026-11-25 in 3 days",
        "tidegate release c-frozen --who NAME --why TEXT",
        "100.5 % of the limit is spent",
        "limit: 800.00 from 2026-11-01, then 1,000.00 from 2026-11-10",
        "How it stands at the vendor",
        "changed outside Tidegate by alice: 900.00 to 9,000.00",
        "limit 1,500.00 monthly restrict, before 1,000.00 monthly restrict, by bob",
    ):
        assert words in text


def test_what_lies_upon_a_customer_is_told_though_nobody_has_to_look() -> None:
    """An open change that goes well and a pause of the whole account stand on the customer's page."""
    text = filed(line("c1", intent=intent(state=State.SENT, outcome=""), pause=pause(customer_id=None, until=None)))
    assert "open change +500.00: sent, no answer yet" in text
    assert "paused by ann since 2026-11-18 12:05 Shanghai, until resumed: contract" in text
    assert "tidegate resume --account huawei-main --who NAME --why TEXT" in text


def test_a_disputed_change_is_settled_by_name() -> None:
    """Where a change of ours is disputed, the customer's page gives the command with that change's own name."""
    text = filed(line("c1", intent=intent(state=State.DISPUTED), attention=(Attention.DISPUTED,)))
    assert "whether it was applied, a person has to say" in text
    assert "tidegate settle 01JXUNCERTAIN --applied (or --not-applied)" in text


def test_a_day_of_which_little_is_known_says_so() -> None:
    """In the table beside the picture a day's spend is exact, an interval, a least amount or unknown."""
    whose = account("huawei-main", [line("c1")])
    file = file_of(line("c1"), whose)
    days = (
        replace(file.days[0], low=None, high=None, amount=None, granted=None),
        replace(file.days[1], low=Money(100), high=None),
        replace(file.days[2], low=Money(100), high=Money(200)),
        replace(file.days[3], low=Money(100), high=Money(100)),
    )
    cells = customer_cells(replace(file, days=days, changes=(), sentences=()), TIMES, show_names=True)
    assert [day["spent"] for day in cells["days"]] == ["1.00", "1.00 to 2.00", "at least 1.00", "unknown"]  # type: ignore[attr-defined]  # a list of cells
    assert "Nothing was changed yet." in page("customer", board(whose), cells).text


def test_an_account_without_a_daemon_shows_what_is_known() -> None:
    """Where no process knows the next run, the interval stands alone; a run that never ended says so."""
    ran = LastRun(id="01R", command="apply", who="ann", begun_at=NOW - HOUR, ended_at=None, exit_code=None)
    text = overview(board(account("huawei-main", [], tick=Tick(), last_run=ran)))
    assert "Runs every 10 min" in text
    assert "(60 min ago) , under way, or ended by a kill ( apply by ann)" in text


def test_several_customers_in_one_trouble_are_one_thing() -> None:
    """What concerns many customers is said once, with how many, and leads to the list of them."""
    ends = [NOW + 5 * DAY, NOW + 3 * DAY]
    lines = [
        line(f"c{n}", stopped=stopped(f"c{n}", Restriction.FROZEN, end), attention=(Attention.DELETION,))
        for n, end in enumerate(ends)
    ]
    disputed = [line(f"d{number}", attention=(Attention.DISPUTED,)) for number in range(3)]
    first, second = needs(board(account("huawei-main", [*lines, *disputed])), TIMES)
    assert first.sentence.startswith(
        "2 customers will lose their data, the first after 2026-11-25 12:05 Shanghai (in 3"
    )
    assert (first.link, second.link) == ("/customers?attention=deletion", "/customers?attention=disputed")
    assert second.sentence == "3 customers are disputed: a person has to say what is true"


def test_a_customer_that_was_never_read_has_a_page() -> None:
    """What is not known is called so, and nothing is taken for zero."""
    whose = wrong().accounts[0]
    text = filed(whose.customers[-1], whose)
    assert "Never read." in text
    assert "Spent unknown" in text
    assert "Used up not foreseen" in text
    assert " 0.00" not in text.split("Spend and limit over time")[0]


def test_figures_that_are_old_say_so_in_the_list() -> None:
    """Beside the spend of a customer that was not read for long, or never, stands since when."""
    text = listed(wrong())
    assert text.count("read 5 h ago") == 2
    assert text.count("never read") == 1


@pytest.mark.parametrize(
    ("earliest", "latest", "said"),
    [
        (NOW + DAY, NOW + DAY + HOUR, ("2026-11-23",)),
        (NOW + DAY, NOW + 3 * DAY, ("2026-11-23", "to 2026-11-25")),
        (NOW + DAY, None, ("not before", "2026-11-23")),
        # 20:00 UTC on the last of the month is the first of the next one in Shanghai.
        (datetime(2026, 11, 30, 20, 0, tzinfo=UTC), datetime(2026, 11, 30, 21, 0, tzinfo=UTC), ("2026-12-01",)),
    ],
)
def test_the_day_on_which_a_limit_is_used_up_is_a_billing_day(
    earliest: datetime, latest: datetime | None, said: tuple[str, ...]
) -> None:
    """The forecast is told by day in the account's own billing time."""
    assert used_up(line("c1", forecast=Forecast(earliest=earliest, latest=latest)), TIMES) == said
    assert used_up(line("c1", forecast=None), TIMES) == ()
    assert used_up(line("c1", 100_000), TIMES) == ("already",)


def test_a_share_that_is_not_certain_is_an_interval() -> None:
    """A share is told as far as it is known."""
    found = {each.key.customer_id: percent(each) for each in wrong().accounts[0].customers}
    assert (found["c-fine"], found["c-near"], found["c-never/seen?&%"]) == ("40.0 %", "90.0 to 95.0 %", "")


def test_the_files_hold_what_the_list_finds_with_plain_figures() -> None:
    """CSV and JSON have one record a customer, money in plain decimals, unknown as empty or null."""
    shown = wrong()
    lines = all_chosen(shown, Query(account="huawei-main"), show_names=True)
    rows = list(csv.DictReader(io.StringIO(customers_csv(lines, show_names=True))))
    documents = json.loads(customers_json(lines, show_names=True))
    assert [row["customer_id"] for row in rows] == [each["customer_id"] for each in documents]
    frozen = next(row for row in rows if row["customer_id"] == "c-frozen")
    assert (frozen["spent_low"], frozen["limit"], frozen["data_deleted_after"]) == (
        "1005.00",
        "1000.00",
        "2026-11-25T04:05:30+00:00",
    )
    assert documents[0]["attention"] == ["deletion", "stopped", "spent"]
    unknown = next(each for each in documents if each["customer_id"].startswith("c-never"))
    assert (unknown["spent_low"], unknown["available"], unknown["restriction"]) == (None, None, None)


def test_no_cell_of_the_file_is_a_formula() -> None:
    """A name or an account that a spreadsheet would run is written as text."""
    shown = renamed(quiet(), "=HYPERLINK(1)")
    sheet = customers_csv(all_chosen(shown, Query(), show_names=True), show_names=True)
    assert [row["name"] for row in csv.DictReader(io.StringIO(sheet))] == ["'=HYPERLINK(1)"] * 5


@given(st.text(), st.text())
def test_two_accounts_never_share_a_place(one: str, other: str) -> None:
    """An account's place on the page is its own, and is written in letters, digits and hyphens."""
    assert (anchor(one) == anchor(other)) == (one == other)
    assert anchor(one).replace("-", "").isalnum()


@pytest.mark.parametrize(
    ("since", "said"),
    [
        (timedelta(seconds=3), "just now"),
        (-timedelta(seconds=3), "in a moment"),
        (5 * MINUTE, "5 min ago"),
        (-5 * MINUTE, "in 5 min"),
        (119 * MINUTE, "119 min ago"),
        (3 * HOUR, "3 h ago"),
        (-3 * DAY, "in 3 days"),
    ],
)
def test_an_age_is_told_in_one_unit(since: timedelta, said: str) -> None:
    """How long ago something was is told in the largest unit that still tells enough."""
    assert age(since) == said


def test_times_are_those_of_the_account() -> None:
    """A moment is shown in billing time with the zone's name; a page over several zones is in UTC."""
    shown = TIMES.when(NOW)
    assert shown is not None
    assert (shown.text, shown.zone, shown.iso) == ("2026-11-22 12:05", "Shanghai", "2026-11-22T04:05:30+00:00")
    mixed = board(account("a", []), account("b", [], zone="America/New_York"))
    assert (page_times(quiet(), NOW).zone, page_times(mixed, NOW).zone) == ("Shanghai", "UTC")
    assert Times("America/New_York", NOW).zone == "New York"


def test_ten_thousand_customers_are_a_small_page() -> None:
    """However many customers there are, a page has a hundred of them and stays far below a megabyte."""
    shown = many()
    found = customers_cells(shown, Query(), page_times(shown, NOW), show_names=True)
    assert len(found["rows"]) == 100  # type: ignore[arg-type]  # a list of rows
    text = listed(shown)
    assert "1 to 100 of 10,000 customers" in text
    assert "Page 100" in text
