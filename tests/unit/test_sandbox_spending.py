"""Simulated spending and lag as functions of time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sandbox.lagging import Lagging
from adapters.sandbox.spending import Spending, month_end, month_start
from core.money import ZERO, Money
from core.money import total as sum_of

NOON = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LAG = timedelta(minutes=10)
# Beijing is eight hours ahead: its April begins when UTC's March still has eight hours.
APRIL = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)


def spending(*, total: int = 0, per_hour: int = 0, now: datetime = NOON, lag: timedelta = LAG) -> Spending:
    """Spend from cents."""
    return Spending(total=Money(total), per_hour=Money(per_hour), now=now, lag=lag)


def test_goes_on_by_itself() -> None:
    """The rate is cents per hour, rounded down to whole cents."""
    subject = spending(total=100, per_hour=60)
    assert subject.actual(NOON + HOUR) == Money(160)
    assert subject.actual(NOON + timedelta(seconds=59)) == Money(100)
    assert subject.actual(NOON + timedelta(minutes=1)) == Money(101)


def test_reports_late() -> None:
    """The reported figure is the actual one of `lag` ago; what was there at the beginning shows at once."""
    subject = spending(total=100, per_hour=600)
    assert subject.reported(NOON) == Money(100)
    assert subject.reported(NOON + LAG) == Money(100)
    assert subject.reported(NOON + HOUR) == subject.actual(NOON + HOUR - LAG)


def test_takes_spend_by_hand_and_gives_it_back() -> None:
    """Spend by hand counts at once, is reported late, and a negative amount is a refund."""
    subject = spending(total=100)
    subject.spend(Money(50), NOON + HOUR)
    assert subject.actual(NOON + HOUR) == Money(150)
    assert subject.reported(NOON + HOUR) == Money(100)
    assert subject.reported(NOON + HOUR + LAG) == Money(150)
    subject.spend(Money(-120), NOON + 2 * HOUR)
    assert subject.actual(NOON + 3 * HOUR) == Money(30)


def test_a_confirmed_bill_is_used_no_more_and_spent_all_the_same() -> None:
    """A confirmation lowers what is used, late as all that is shown; what was spent, ever and this month, stays."""
    subject = spending(total=100, per_hour=60)
    assert subject.confirm(Money(90), NOON + HOUR) == Money(90)
    after = NOON + HOUR
    assert (subject.used(after), subject.reported_used(after)) == (Money(70), Money(150))
    assert subject.reported_used(after + LAG) == Money(70)
    assert subject.used(after - timedelta(seconds=1)) == subject.actual(after - timedelta(seconds=1))
    assert subject.actual(after) == subject.actual_month(after) == Money(160)
    assert subject.actual_since(NOON - HOUR, after) == Money(160)
    assert subject.used(after + HOUR) == Money(130)


def test_no_more_is_returned_than_is_used() -> None:
    """A bill larger than what is used returns just that, and a confirmation cannot be taken back."""
    subject = spending(total=100)
    assert subject.confirm(Money(500), NOON + HOUR) == Money(100)
    assert subject.confirm(Money(1), NOON) == ZERO
    assert (subject.used(NOON + HOUR), subject.confirmed(NOON + HOUR)) == (ZERO, Money(100))
    with pytest.raises(ValueError, match="taken back"):
        subject.confirm(Money(-1), NOON + HOUR)


def test_each_month_has_its_own_spend() -> None:
    """Any moment names its month: whole once it is over, so far while it lasts, nothing before it."""
    subject = spending(total=1000, per_hour=60)
    subject.spend(Money(7), APRIL)
    march = subject.actual(APRIL) - Money(7)
    assert subject.actual_of(NOON, NOON) == Money(1000)
    assert subject.actual_of(NOON, APRIL + HOUR) == subject.actual_of(NOON, month_end(APRIL)) == march
    assert subject.actual_of(APRIL, APRIL + HOUR) == Money(67)
    assert subject.actual_of(APRIL, NOON) == ZERO
    assert subject.actual_of(NOON - timedelta(days=31), APRIL) == ZERO


def test_bills_are_confirmed_oldest_first() -> None:
    """Of what is confirmed, the earlier month's spend is returned before the later one's."""
    subject = spending(total=1000)
    later = APRIL + HOUR
    subject.spend(Money(300), later)
    subject.confirm(Money(400), later)
    assert (subject.confirmed_of(NOON, later), subject.confirmed_of(APRIL, later)) == (Money(400), ZERO)
    subject.confirm(Money(700), later + HOUR)
    assert subject.confirmed_of(NOON, later) == Money(400)
    assert subject.confirmed_of(NOON, later + HOUR) == Money(1000)
    assert subject.confirmed_of(APRIL, later + HOUR) == Money(100)


def test_months_end_where_the_next_begin() -> None:
    """Short months, leap years and the turn of the year have their ends in Beijing."""
    assert month_end(NOON) == month_end(month_start(NOON)) == APRIL
    assert month_end(datetime(2028, 2, 10, tzinfo=UTC)) == datetime(2028, 2, 29, 16, 0, tzinfo=UTC)
    assert month_end(datetime(2026, 12, 31, 15, 59, tzinfo=UTC)) == datetime(2026, 12, 31, 16, 0, tzinfo=UTC)


def test_can_be_set_and_slowed() -> None:
    """Total and rate can be changed at a moment, without changing what went before."""
    subject = spending(total=100, per_hour=60)
    subject.set_total(Money(500), NOON + HOUR)
    subject.set_rate(ZERO, NOON + 2 * HOUR)
    assert subject.actual(NOON + timedelta(minutes=30)) == Money(130)
    assert subject.actual(NOON + 9 * HOUR) == Money(560)


def test_the_month_begins_in_beijing() -> None:
    """The billing month's edge is midnight of UTC+8, so the monthly figure restarts at 16:00 UTC."""
    assert month_start(APRIL) == APRIL
    assert month_start(APRIL - timedelta(seconds=1)) == datetime(2026, 2, 28, 16, 0, tzinfo=UTC)
    subject = spending(total=1000, per_hour=60)
    assert subject.actual_month(APRIL) == ZERO
    assert subject.actual_month(APRIL + HOUR) == Money(60)
    assert subject.actual(APRIL + HOUR) > Money(1060)


def test_the_old_month_is_still_shown_within_the_lag() -> None:
    """After a month's end the reported monthly figure falls only once the lag has passed."""
    subject = spending(total=1000)
    assert subject.reported_month(APRIL + LAG - timedelta(seconds=1)) == Money(1000)
    assert subject.reported_month(APRIL + LAG) == ZERO


def test_counts_since_a_moment() -> None:
    """Spend since a moment leaves out what came before it, and shows nothing within the lag."""
    subject = spending(total=1000, per_hour=60)
    start = NOON + 2 * HOUR
    subject.spend(Money(7), start)
    assert subject.actual_since(start, start + HOUR) == Money(67)
    assert subject.reported_since(start, start) == ZERO
    assert subject.reported_since(start, start + LAG) == Money(7)


@given(
    steps=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 5_000)), max_size=6),
    at=st.integers(0, 60_000),
)
def test_never_spends_backwards(steps: list[tuple[int, int]], at: int) -> None:
    """With no refunds the figures only rise, the shown one never passes the actual one, and parts add up."""
    subject = spending(total=10, per_hour=70)
    moment = NOON
    for minutes, cents in steps:
        moment += timedelta(minutes=minutes)
        subject.spend(Money(cents), moment)
    here, later = NOON + timedelta(minutes=at), NOON + timedelta(minutes=at + 60)
    assert ZERO <= subject.reported(here) <= subject.actual(here) <= subject.actual(later)
    assert subject.actual_since(here, later) >= ZERO
    assert subject.actual_since(NOON, later) == subject.actual(later)


@given(
    steps=st.lists(st.tuples(st.integers(0, 60_000), st.integers(0, 5_000), st.integers(0, 9_000)), max_size=6),
    after=st.integers(0, 60_000),
)
def test_confirmations_and_months_lose_no_cent(steps: list[tuple[int, int, int]], after: int) -> None:
    """Spend is the same with bills confirmed and without, is used or returned, and its months add up to it."""
    subject, bare = spending(total=10, per_hour=70), spending(total=10, per_hour=70)
    moment = NOON
    for minutes, cents, bill in steps:
        moment += timedelta(minutes=minutes)
        subject.spend(Money(cents), moment)
        bare.spend(Money(cents), moment)
        subject.confirm(Money(bill), moment)
    now = moment + timedelta(minutes=after)
    assert subject.actual(now) == bare.actual(now) == subject.used(now) + subject.confirmed(now)
    assert min(subject.used(now), subject.reported_used(now)) >= ZERO
    months = [NOON]
    while month_end(months[-1]) <= now:
        months.append(month_end(months[-1]))
    assert sum_of([subject.actual_of(month, now) for month in months]) == subject.actual(now)
    assert sum_of([subject.confirmed_of(month, now) for month in months]) == subject.confirmed(now)
    assert subject.actual_of(now, now) == subject.actual_month(now)


def test_a_lagging_reader_sees_the_past() -> None:
    """A value is read as it was `lag` ago, and as it first was before that."""
    subject = Lagging("first", NOON)
    subject.set("second", NOON + HOUR)
    assert (subject.newest, subject.changed_at) == ("second", NOON + HOUR)
    assert subject.read(NOON + HOUR, LAG) == "first"
    assert subject.read(NOON + HOUR + LAG, LAG) == "second"
    assert subject.at(NOON - HOUR) == "first"
    assert subject.read(NOON + HOUR, timedelta(0)) == "second"


def test_a_lagging_value_never_changes_its_past() -> None:
    """A change dated before the newest one takes effect after it."""
    subject = Lagging(1, NOON)
    subject.set(2, NOON + HOUR)
    subject.set(3, NOON)
    assert subject.at(NOON) == 1
    assert subject.newest == 3
