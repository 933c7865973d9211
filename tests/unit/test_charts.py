import re
import xml.etree.ElementTree as ET
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.money import Money
from scheduler.reports.charts import (
    HEIGHT,
    WIDTH,
    Column,
    Point,
    counting_chart,
    description,
    share_bar,
    spending_chart,
    spent_bar,
)
from tests.unit.report_plans import HOSTILE

FIRST = date(2026, 11, 1)
_MAYBE = st.none() | st.builds(Money, st.integers(0, 10**13)) | st.builds(Money, st.integers(0, 100), st.just("EUR"))


def at(number: int, low: int | None = None, high: int | None = None, **amounts: int) -> Point:
    """Give the figures of the `number`th day of November, in cents."""
    given_low, given_high = (None if each is None else Money(each) for each in (low, high))
    money = {name: Money(cents) for name, cents in amounts.items()}
    return Point(day=FIRST + timedelta(days=number - 1), low=given_low, high=given_high, **money)


@st.composite
def series(draw: st.DrawFn) -> list[Point]:
    """Give days in order, some missing, with any figures."""
    days = sorted(draw(st.sets(st.integers(0, 500), min_size=1, max_size=20)))
    return [
        Point(
            day=FIRST + timedelta(days=day),
            low=draw(_MAYBE),
            high=draw(_MAYBE),
            limit=draw(_MAYBE),
            granted=draw(_MAYBE),
        )
        for day in days
    ]


def drawn(svg: str) -> ET.Element:
    """Read a picture as a browser does."""
    return ET.fromstring(svg)  # noqa: S314 - made here


def paths(svg: str, name: str) -> list[str]:
    """Give the paths of one class."""
    return [each.attrib["d"] for each in drawn(svg).iter("path") if each.attrib["class"] == name]


def words(svg: str, name: str) -> list[str | None]:
    """Give the texts of one class."""
    return [each.text for each in drawn(svg).iter("text") if each.attrib["class"].split()[0] == name]


@settings(max_examples=60, deadline=None)
@given(series())
def test_any_series_is_a_well_formed_picture_within_its_frame(points: list[Point]) -> None:
    """Whatever is known or missing, the picture is sound, and every line lies within it."""
    svg = spending_chart(points, title="any")
    for each in drawn(svg).iter("path"):
        if "h" not in each.attrib["d"]:  # the samples beside the words are drawn by steps
            for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", each.attrib["d"]):
                assert 0 <= float(x) <= WIDTH
                assert 0 <= float(y) <= HEIGHT
    assert "nan" not in svg
    assert len(words(svg, "day")) <= 14


def test_the_picture_says_in_words_what_it_shows() -> None:
    """Title and description give the figures to those who cannot see the picture; it is marked as one."""
    points = [at(1, 0, 0, limit=100_000), at(22, 50_000, 51_000, limit=150_000, granted=120_000)]
    root = drawn(spending_chart(points, title="Acme's <spend>"))
    assert root.attrib["role"] == "img"
    assert root.findtext("title") == "Acme's <spend>"
    assert root.findtext("desc") == (
        "Spent by 2026-11-22: 500.00 to 510.00; limit: 1,000.00 from 2026-11-01, then 1,500.00 from 2026-11-22; "
        "granted: 1,200.00."
    )


def test_a_limit_that_changes_is_a_step_and_reaches_the_end_of_the_month() -> None:
    """The limit is drawn level, with one step where it changed, up to the axis' last day."""
    points = [at(number, number * 100, number * 100, limit=5_000 if number < 12 else 9_000) for number in range(1, 23)]
    limit, _sample = paths(spending_chart(points, title="x", until=date(2026, 11, 30)), "limit")
    found = re.fullmatch(r"M[\d.]+ ([\d.]+)H[\d.]+V([\d.]+)H([\d.]+)", limit)
    assert found is not None
    before, after, end = map(float, found.groups())
    assert before > after
    assert end == pytest.approx(634, abs=1)


def test_missing_days_are_dashed_over_and_lone_days_are_dots() -> None:
    """Nobody takes a straight line over days without figures for figures."""
    svg = spending_chart([at(1, 10, 10), at(2, 20, 20), at(8, 90, 90)], title="x")
    (gap,) = paths(svg, "spent gap")
    assert gap.count("M") == 1
    assert len(list(drawn(svg).iter("circle"))) == 1
    assert len(list(drawn(spending_chart([at(1, 10, 10), at(4, 40, 40)], title="x")).iter("circle"))) == 2


def test_an_interval_is_a_band_and_an_exact_figure_is_none() -> None:
    """The band is there, and named, exactly where the spend is not certain."""
    assert paths(spending_chart([at(1, 0, 0), at(2, 100, 200)], title="x"), "band")
    exact = spending_chart([at(1, 0, 0), at(2, 100, 100)], title="x")
    assert not paths(exact, "band")
    assert words(exact, "key") == ["Spent"]


def test_what_is_not_known_is_said() -> None:
    """Without a figure, without a limit, without any day the picture says so instead of showing a zero."""
    assert "no spend is known" in words(spending_chart([at(1, limit=500)], title="x"), "name")
    assert "nothing is on record yet" in words(spending_chart([], title="x"), "name")
    assert words(spending_chart([at(1, 5, 5)], title="x"), "key") == ["Spent"]
    assert description([at(1, 5)]) == "Spent by 2026-11-01: at least 0.05."


@pytest.mark.parametrize(
    ("cents", "labels"),
    [
        (0, ["0", "1"]),
        (100, ["0.00", "0.25", "0.50", "0.75", "1.00"]),
        (251_667, ["0", "1,000", "2,000", "3,000"]),
        (2_900_000_000, ["0", "10 M", "20 M", "30 M"]),
    ],
)
def test_the_axis_has_round_amounts(cents: int, labels: list[str]) -> None:
    """Amounts beside the lines are round, few, and reach above the spend."""
    found = words(spending_chart([at(1, cents, cents)], title="x"), "amount")
    assert found[0] == "USD"
    assert [label.removesuffix(".00") for label in labels if label] == [
        (label or "").removesuffix(".00") for label in found[1:]
    ]


def test_a_grant_far_above_the_spend_does_not_press_it_to_the_floor() -> None:
    """A permanent credit that earlier months used up is told, not drawn."""
    svg = spending_chart([at(1, 100, 100, limit=1_000, granted=900_000)], title="x")
    assert "Granted" not in words(svg, "key")
    assert "granted: 9,000.00" in svg


def test_spend_begins_anew_with_a_month() -> None:
    """No line leads down from one month's end to the next one's beginning."""
    svg = spending_chart([at(29, 90, 90), at(30, 100, 100), at(31, 3, 3), at(32, 5, 5)], title="x")
    assert len(paths(svg, "spent")) == 2 + 1  # the sample beside the word is one too


def test_texts_from_outside_are_only_text() -> None:
    """A hostile name makes no element."""
    for svg in (
        spending_chart([at(1, 5, 5)], title=HOSTILE),
        counting_chart([Column(name=HOSTILE, count=1)], title=HOSTILE),
    ):
        assert not list(drawn(svg).iter("b"))
        assert "<b>" not in svg


@pytest.mark.parametrize(
    ("low", "tone", "end"), [(0, "fill", "0"), (50, "fill", "50"), (95, "near", "95"), (100, "over", "100")]
)
def test_a_bar_is_as_long_as_its_share_and_marks_100_percent(low: int, tone: str, end: str) -> None:
    """The bar's end is its percent, its class says how near it is, the mark is at 100 %."""
    svg = spent_bar(Money(low), Money(low), Money(100))
    assert paths(svg, tone) == [f"M0 0H{end}V9H0z"]
    assert paths(svg, "mark") == ["M100 0V9"]
    assert 'aria-hidden="true"' in svg


def test_a_bar_beyond_its_end_is_full_and_an_unknown_one_is_absent() -> None:
    """Ten times the limit is no longer than the bar; without spend or limit there is none."""
    assert paths(share_bar(1000.0, None), "over") == ["M0 0H125V9H0z"]
    assert paths(share_bar(20.0, 40.0), "maybe") == ["M20 0H40V9H20z"]
    assert (
        spent_bar(None, None, Money(5)) == spent_bar(Money(5), None, None) == spent_bar(Money(5), None, Money(0)) == ""
    )


def test_columns_count_and_say_it() -> None:
    """One customer among thousands has a column that can be seen, and every count is in words too."""
    svg = counting_chart([Column(name="few", count=1, tone="over"), Column(name="many", count=9_999)], title="Shares")
    heights = [float(each.attrib["height"]) for each in drawn(svg).iter("rect")]
    assert heights[0] >= 2
    assert words(svg, "count") == ["1", "9,999"]
    assert drawn(svg).findtext("desc") == "Customers: few: 1, many: 9,999."
    assert counting_chart([], title="x")
