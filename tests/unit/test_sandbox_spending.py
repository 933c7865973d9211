"""Simulated spending and lag as functions of time."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from adapters.sandbox.lagging import Lagging
from adapters.sandbox.spending import Spending, month_start
from core.money import ZERO, Money

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
