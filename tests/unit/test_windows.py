"""The hours in which corrections may be made, and the wall clock's jumps."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.policy import Window
from core.windows import next_opening, open_at
from tests.unit.strategies import LAWS

WEEKDAYS = frozenset(range(5))
DAILY = frozenset(range(7))
SHANGHAI = "Asia/Shanghai"
NEW_YORK = "America/New_York"  # set forward on 2026-03-08 at 07:00 UTC, back on 2026-11-01 at 06:00 UTC


def window(begins: str, ends: str, days: frozenset[int] = DAILY) -> Window:
    """Write a window."""
    return Window(days=days, begins=time.fromisoformat(begins), ends=time.fromisoformat(ends), text=f"{begins}-{ends}")


def at(text: str) -> datetime:
    """Name a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


OFFICE = (window("09:00", "18:00", WEEKDAYS),)
NIGHT = (window("22:00", "02:00", frozenset({4})),)  # Friday night


def test_without_windows_it_is_always_open() -> None:
    """Where no window is written nothing is shut, and the next opening is now."""
    moment = at("2026-11-22 03:00")
    assert open_at((), moment, SHANGHAI)
    assert next_opening((), moment, SHANGHAI) == moment


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23 00:59:59", False),  # Monday, 08:59:59 in Shanghai
        ("2026-11-23 01:00", True),
        ("2026-11-23 09:59:59", True),
        ("2026-11-23 10:00", False),
        ("2026-11-22 03:00", False),  # Sunday
    ],
)
def test_a_window_is_open_from_its_beginning_until_before_its_end(moment: str, is_open: bool) -> None:  # noqa: FBT001 - a table's column
    """The hours are the billing zone's; the end is no longer in it."""
    assert open_at(OFFICE, at(moment), SHANGHAI) is is_open


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-20 21:59", False),  # Friday
        ("2026-11-20 22:00", True),
        ("2026-11-21 01:59", True),
        ("2026-11-21 02:00", False),
        ("2026-11-20 01:00", False),  # the night of Thursday
        ("2026-11-21 22:00", False),  # Saturday
    ],
)
def test_a_window_over_midnight_belongs_to_the_day_it_begins(moment: str, is_open: bool) -> None:  # noqa: FBT001 - a table's column
    """Friday's night goes on into Saturday morning, and Thursday's is none."""
    assert open_at(NIGHT, at(moment), "UTC") is is_open


def test_a_window_until_midnight_is_open_to_the_last_moment() -> None:
    """An end at 00:00 is the end of the day."""
    evening = (window("18:00", "00:00", frozenset({6})),)
    assert open_at(evening, at("2026-11-22 23:59:59.999999"), "UTC")
    assert not open_at(evening, at("2026-11-23 00:00"), "UTC")


@pytest.mark.parametrize(
    ("windows", "moment", "opening"),
    [
        (OFFICE, "2026-11-20 10:00", "2026-11-23 01:00"),  # Friday evening: Monday morning
        (OFFICE, "2026-11-23 00:30", "2026-11-23 01:00"),
        (OFFICE, "2026-11-23 05:00", "2026-11-23 05:00"),
        ((*OFFICE, window("20:00", "21:00")), "2026-11-20 10:00", "2026-11-20 12:00"),
        (NIGHT, "2026-11-20 18:00", "2026-11-27 14:00"),
    ],
)
def test_the_next_opening_is_the_first_beginning_to_come(windows: Sequence[Window], moment: str, opening: str) -> None:
    """Now when it is open, else the soonest beginning of any window."""
    found = next_opening(windows, at(moment), SHANGHAI)
    assert found == at(opening)
    assert found is not None
    assert found.tzinfo is UTC


def test_a_window_on_no_day_never_opens() -> None:
    """Without a day there is no next opening."""
    never = (window("09:00", "18:00", frozenset()),)
    assert not open_at(never, at("2026-11-23 03:00"), SHANGHAI)
    assert next_opening(never, at("2026-11-23 03:00"), SHANGHAI) is None


@pytest.mark.parametrize(
    ("shut", "moment", "opening"),
    [
        # Set forward from 02:00 to 03:00: a window that begins in the hour that is not opens with the jump.
        (window("02:15", "03:15"), "2026-03-08 06:00", "2026-03-08 07:00"),
        # One that lies in it altogether falls out that day.
        (window("02:15", "02:45"), "2026-03-08 06:00", "2026-03-09 06:15"),
        (window("02:15", "02:45", frozenset({6})), "2026-03-07 06:00", "2026-03-15 06:15"),
        # 09:00 is one hour earlier in UTC from then on.
        (window("09:00", "10:00"), "2026-03-07 15:00", "2026-03-08 13:00"),
        # Set back from 02:00 to 01:00: 01:10 comes twice.
        (window("01:10", "01:20"), "2026-11-01 05:00", "2026-11-01 05:10"),
        (window("01:10", "01:20"), "2026-11-01 05:30", "2026-11-01 06:10"),
        (window("00:50", "01:30"), "2026-11-01 05:40", "2026-11-01 06:00"),
    ],
)
def test_openings_follow_the_wall_clock_over_its_changes(shut: Window, moment: str, opening: str) -> None:
    """Whatever the clock does, the next opening is where it first shows a time in the window."""
    assert next_opening((shut,), at(moment), NEW_YORK) == at(opening)


@given(
    st.lists(
        st.builds(
            lambda days, begins, ends: window(f"{begins // 4:02d}:{begins % 4 * 15:02d}", f"{ends:02d}:30", days),
            st.frozensets(st.integers(0, 6)),
            st.integers(0, 95),
            st.integers(0, 23),
        ),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from(["2026-03-06 00:00", "2026-10-30 00:00", "2026-06-10 00:00"]),
    st.integers(0, 60 * 24 * 4),
    st.sampled_from([NEW_YORK, SHANGHAI, "Australia/Lord_Howe", "Europe/Berlin"]),
)
@LAWS
def test_the_next_opening_is_open_and_nothing_is_before_it(
    windows: list[Window], week: str, minutes: int, zone: str
) -> None:
    """A walk in steps of five minutes finds it shut up to the next opening, and open there."""
    moment = at(week) + timedelta(minutes=minutes)
    opening = next_opening(windows, moment, zone)
    end = moment + timedelta(days=8) if opening is None else opening
    assert opening is None or (opening >= moment and open_at(windows, opening, zone))
    steps = range(0, int((end - moment).total_seconds()), 300)
    assert not any(open_at(windows, moment + timedelta(seconds=step), zone) for step in steps)
