from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.meter import month_start
from scheduler.config.crontab import parse_crontab
from scheduler.daemon.triggers import AFTER_THE_LAG, BEFORE_THE_END, MonthEdges, Rhythm, Timetable

SHANGHAI, NEW_YORK = "Asia/Shanghai", "America/New_York"
# By how much chance may put an edge off; far less than lies between the edge and what it is for.
CHANCE = timedelta(seconds=20)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds it


def rhythm(every: timedelta, zone: str = SHANGHAI, *, lag: timedelta = timedelta(minutes=10), cron: str = "") -> Rhythm:
    """Give an account's rhythm."""
    line = parse_crontab(cron) if cron else None
    return Rhythm(every=every if line is None else line.longest_gap, cron=line, zone=zone, lag=lag)


def ticks(of: Rhythm, begins: datetime, number: int) -> list[datetime]:
    """Give the first ticks from a moment on, each worked out when the one before is over."""
    table = Timetable(of)
    found = [begins]
    for _ in range(number):
        found.append(table.get_next_fire_time(found[-1], found[-1]))
    return found[1:]


@pytest.mark.parametrize(
    ("zone", "lag", "ends"),
    [
        (SHANGHAI, timedelta(minutes=10), datetime(2026, 11, 30, 16, 0, tzinfo=UTC)),
        (NEW_YORK, timedelta(minutes=10), datetime(2026, 12, 1, 5, 0, tzinfo=UTC)),
        # On this 1st the clock is set back at two in the morning: three hours later is two o'clock, and not three.
        (NEW_YORK, timedelta(hours=3), datetime(2026, 11, 1, 4, 0, tzinfo=UTC)),
        (SHANGHAI, timedelta(hours=30), datetime(2026, 12, 31, 16, 0, tzinfo=UTC)),
    ],
)
def test_a_billing_month_ends_and_begins_with_a_pass(zone: str, lag: timedelta, ends: datetime) -> None:
    """However long the interval: one pass just before the month ends, one as soon as the new one's figures count."""
    before, after = ticks(rhythm(timedelta(days=20), zone, lag=lag), ends - timedelta(days=3), 2)
    assert ends - BEFORE_THE_END <= before <= ends - BEFORE_THE_END + CHANCE
    counts = ends + lag + AFTER_THE_LAG
    assert counts <= after <= counts + CHANCE


@given(begins=MOMENTS, zone=st.sampled_from([SHANGHAI, NEW_YORK, "UTC"]), hours=st.integers(0, 40))
def test_between_edges_lies_what_the_billing_zone_says(begins: datetime, zone: str, hours: int) -> None:
    """Edges come in turn, one before and one after each month's beginning in the billing zone, whatever its clock."""
    lag = timedelta(hours=hours)
    edges = MonthEdges(zone, lag)
    times = [edges.get_next_fire_time(None, begins)]
    for _ in range(24):
        times.append(edges.get_next_fire_time(times[-1], begins))
    assert all(earlier < later for earlier, later in pairwise(times))
    for time in times:
        begun = month_start(time + BEFORE_THE_END, zone)
        offsets = time - begun + BEFORE_THE_END, time - begun - lag - AFTER_THE_LAG
        assert any(timedelta(0) <= offset <= CHANCE for offset in offsets), time


@given(begins=MOMENTS, minutes=st.integers(1, 600))
def test_an_interval_is_never_overrun(begins: datetime, minutes: int) -> None:
    """With or without a month's edge in between, the next tick comes after the interval and a tenth at the latest."""
    every = timedelta(minutes=minutes)
    times = ticks(rhythm(every), begins, 40)
    late = min(every * 0.1, timedelta(minutes=1))
    assert all(timedelta(0) < later - earlier <= every + late for earlier, later in pairwise(times))


@pytest.mark.parametrize(
    ("begins", "hours"),
    [(datetime(2026, 3, 8, 4, 59, tzinfo=UTC), 4), (datetime(2026, 11, 1, 3, 59, tzinfo=UTC), 4)],
    ids=["set forward", "set back"],
)
def test_a_changed_clock_leaves_no_gap(begins: datetime, hours: int) -> None:
    """Where the wall clock jumps, an account with a crontab line is looked at as often as in any other night."""
    times = ticks(rhythm(timedelta(0), NEW_YORK, lag=timedelta(days=3), cron="*/20 * * * *"), begins, 3 * hours + 1)
    steps = {later - earlier for earlier, later in pairwise([time.astimezone(UTC) for time in times])}
    # The edge before the month's end, on the first of November, is one tick more.
    assert max(steps) == timedelta(minutes=20)


def test_a_time_that_a_night_does_not_have_comes_when_the_gap_is_over() -> None:
    """Half past two in the night in which the clock is set forward from two to three: it comes at three."""
    night = datetime(2026, 3, 7, 20, 0, tzinfo=UTC)
    (tick,) = ticks(rhythm(timedelta(0), NEW_YORK, cron="30 2 * * *"), night, 1)
    assert tick.astimezone(ZoneInfo(NEW_YORK)).date().day == 8
    assert tick.astimezone(UTC) == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)


def test_ticks_that_were_slept_through_are_counted() -> None:
    """Ten minutes apart and an hour asleep: the scheduler makes one tick of them, and five are said to be missed."""
    table = Timetable(rhythm(timedelta(minutes=10), cron="*/10 * * * *"))
    due, wakes = datetime(2026, 6, 10, 12, 0, tzinfo=UTC), datetime(2026, 6, 10, 12, 55, tzinfo=UTC)
    while (following := table.get_next_fire_time(due, wakes)) <= wakes:
        due = following
    assert table.get_next_fire_time(due, wakes) == following
    assert table.take_missed() == 5
    assert table.take_missed() == 0
