"""Hours in which changes may be made: what may be written, and exactly which moments it means."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.windows import open_at
from scheduler.config.windows import DAYS, parse_window

WORK = frozenset(range(5))
MONDAY = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "days", "begins", "ends"),
    [
        ("mon-fri 09:00-18:00", WORK, time(9), time(18)),
        ("sat 10:00-12:00", {5}, time(10), time(12)),
        ("daily 22:00-02:00", range(7), time(22), time(2)),
        ("fri-mon 08:30-09:00", {4, 5, 6, 0}, time(8, 30), time(9)),
        ("mon,wed-thu 00:00-24:00", {0, 2, 3}, time(0), time(0)),
        ("  Sun  20:00 - 00:00 ", {6}, time(20), time(0)),
    ],
)
def test_days_and_hours_are_read_as_written(text: str, days: set[int], begins: time, ends: time) -> None:
    """One day, a range, a list or every day; an end at midnight is 00:00 or 24:00."""
    window = parse_window(text)
    assert (window.days, window.begins, window.ends, window.text) == (frozenset(days), begins, ends, text.strip())


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "this is not a window"),
        ("mon-fri", "this is not a window"),
        ("monday 09:00-18:00", "'monday' is no day"),
        ("mon-xyz 09:00-18:00", "'mon-xyz' is no day"),
        ("mon, 09:00-18:00", "'' is no day"),
        ("mon 9-18", "this is not a window"),
        ("mon 9:00-18:00", "this is not a window"),
        ("mon 09:00-25:00", "from 00:00 to 24:00"),
        ("mon 24:00-08:00", "from 00:00 to 24:00"),
        ("mon 09:00-24:01", "from 00:00 to 24:00"),
        ("mon 09:60-18:00", "this is not a window"),
        ("mon 09:00-09:00", "begins and ends at the same time"),
        ("mon \u0660\u0669:00-18:00", "this is not a window"),
        (900, "this is not a window"),
        (None, "this is not a window"),
    ],
)
def test_what_is_no_window_is_told_with_the_form(value: object, words: str) -> None:
    """Whatever is wrong, the fault shows what a window looks like."""
    with pytest.raises(ValueError, match="write days") as caught:
        parse_window(value)
    assert words in str(caught.value)


@given(
    day=st.sampled_from(DAYS), begins=st.integers(0, 1439), length=st.integers(1, 1440), probe=st.integers(0, 10080 - 1)
)
def test_a_window_is_open_from_its_beginning_for_its_length(day: str, begins: int, length: int, probe: int) -> None:
    """For any day and hours, exactly the minutes from beginning to end are open, over midnight or over Sunday too."""
    ends = begins + length
    ends = ends if ends <= 1440 else ends - 1440
    text = f"{day} {begins // 60:02d}:{begins % 60:02d}-{ends // 60:02d}:{ends % 60:02d}"
    if begins == ends:  # a whole day that does not begin at midnight has no form of its own
        return
    first = DAYS.index(day) * 1440 + begins
    is_open = (probe - first) % 10080 < length
    assert open_at([parse_window(text)], MONDAY + timedelta(minutes=probe), "UTC") is is_open
