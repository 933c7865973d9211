from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.bootstrap import load
from scheduler.config import AccountSettings, ConfigFaults
from scheduler.config.crontab import CrontabFormatError, parse_crontab
from scheduler.daemon.triggers import Rhythm, Timetable

ACCOUNT = """[tidegate]
store = "sqlite:///tidegate.db"
limits = ["limits.csv"]

[accounts.huawei-main]
vendor = "huawei"
write_policy = "observe"
access_key = "env:KEY"
secret_key = "env:KEY"
domain_id = "0123456789abcdef0123456789abcdef"
region = "ap-southeast-1"
billing_timezone = "UTC"
"""


def account(folder: Path, keys: str) -> AccountSettings:
    """Load a configuration whose one account has these keys too."""
    (folder / "limits.csv").write_text("account,customer_id,kind,amount,on_exhaustion\nhuawei-main,c1,monthly,5,\n")
    (folder / "config.toml").write_text(ACCOUNT + keys)
    return load(folder / "config.toml", environ={"KEY": "x"}).accounts["huawei-main"]


def days_of(line: str, begins: datetime) -> set[int]:
    """Give the weekdays, 0 for Monday, on which a line comes within two weeks."""
    found, crontab = begins, parse_crontab(line)
    days = set()
    while (found := crontab.after(found)) < begins + timedelta(days=14):
        days.add(found.weekday())
    return days


@pytest.mark.parametrize(
    ("line", "weekdays"),
    [
        ("0 9 * * 1-5", {0, 1, 2, 3, 4}),
        ("0 9 * * MON-FRI", {0, 1, 2, 3, 4}),
        ("0 9 * * 0", {6}),
        ("0 9 * * 7", {6}),
        ("0 9 * * 5-7", {4, 5, 6}),
        ("0 9 * * *", {0, 1, 2, 3, 4, 5, 6}),
    ],
)
def test_weekdays_are_those_of_every_crontab(line: str, weekdays: set[int]) -> None:
    """Numbers begin with Sunday, which is 7 as well; names do what they say."""
    assert days_of(line, datetime(2026, 6, 1, tzinfo=UTC)) == weekdays


def test_a_day_of_the_month_and_a_weekday_mean_either() -> None:
    """As in every crontab: the first of the month, and every Monday."""
    line = parse_crontab("0 9 1 * mon")
    first = line.after(datetime(2026, 9, 28, 10, tzinfo=UTC))
    assert [first.day, line.after(first).day] == [1, 5]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("10 9 * *", "this is no line of a crontab"),
        (10, "this is no line of a crontab"),
        ("60 9 * * *", "Bad minute"),
        ("0 9 * * mond", "Bad day-of-week"),
        ("0 9 * foo *", "Bad month"),
        ("0 9 0 * *", "Bad day-of-month"),
        ("*/0 9 * * *", "Bad minute"),
        ("30-10 9 * * *", "Bad minute"),
        ("0 9 31 feb *", "Bad day-of-month"),
        ("@daily", "this is no line of a crontab"),
    ],
)
def test_what_is_no_line_is_refused_with_what_to_write(line: object, why: str) -> None:
    """Nothing is guessed at."""
    with pytest.raises(CrontabFormatError, match=r"write minute, hour, day, month and weekday") as refused:
        parse_crontab(line)
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("line", "gap"),
    [
        ("* * * * *", timedelta(minutes=1)),
        ("*/10 8-19 * * mon-fri", timedelta(days=2, hours=12, minutes=10)),
        ("0 6,18 * * *", timedelta(hours=12)),
        ("30 6 1 * *", timedelta(days=31)),
        ("0 0 29 2 *", timedelta(days=4 * 365 + 1)),
    ],
)
def test_the_longest_gap_is_that_of_nights_weekends_and_months(line: str, gap: timedelta) -> None:
    """What cushions and lateness are reckoned with is the longest time in which nobody looks."""
    assert parse_crontab(line).longest_gap == gap


_LISTS = st.lists(st.integers(0, 23), min_size=1, max_size=4, unique=True).map(lambda hours: ",".join(map(str, hours)))


@given(
    minutes=st.sampled_from(["0", "*/7", "5,35", "59"]),
    hours=st.one_of(st.just("*"), _LISTS),
    weekdays=st.sampled_from(["*", "mon-fri", "sat,sun", "3", "0-2"]),
    begins=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds it
)
def test_ticks_never_come_further_apart_than_the_longest_gap(
    minutes: str, hours: str, weekdays: str, begins: datetime
) -> None:
    """Whatever the line and the moment: no gap between two ordinary ticks is longer than said."""
    line = parse_crontab(f"{minutes} {hours} * * {weekdays}")
    table = Timetable(Rhythm(every=line.longest_gap, cron=line, zone="UTC", lag=timedelta(0))).triggers[0]
    times = [table.get_next_fire_time(None, begins)]
    for _ in range(30):
        times.append(table.get_next_fire_time(times[-1], times[-1]))
    assert all(timedelta(0) < later - earlier <= line.longest_gap for earlier, later in pairwise(times))
    assert times[0] - begins <= line.longest_gap


def test_an_account_with_a_line_counts_its_longest_gap_as_its_interval(tmp_path: Path) -> None:
    """Cushions are worked out from the policy's `every`, whichever key says when."""
    found = account(tmp_path, 'cron = "0 9 * * mon-fri"\n')
    assert found.cron is not None
    assert found.policy.every == timedelta(days=3)
    assert account(tmp_path, 'every = "7m"\n').cron is None


def test_a_line_beside_every_is_a_fault_with_its_place(tmp_path: Path) -> None:
    """Two answers to one question are none; so is a line that is not one."""
    with pytest.raises(ConfigFaults) as both:
        account(tmp_path, 'every = "7m"\ncron = "0 9 * * *"\n')
    with pytest.raises(ConfigFaults) as wrong:
        account(tmp_path, 'cron = "0 25 * * *"\n')
    assert [(fault.line, "every says it already" in fault.sentence) for fault in both.value.faults] == [(14, True)]
    assert [(fault.line, "Bad hour" in fault.sentence) for fault in wrong.value.faults] == [(13, True)]
