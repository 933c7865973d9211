"""The rate of spending and the day an amount is spent: intervals that contain what a simulated customer does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.forecast import DAY, WEEK, Forecast, Rate, exhaustion, expected, rate_of, with_anchors
from core.meter import Anchor, Count, Meter
from core.money import ZERO, Money
from core.standing import Spend
from tests.unit.strategies import ACCOUNT, LAWS, NOW, amounts, customer, dollars

HOUR = timedelta(hours=1)
STEADY = Rate(low=Decimal(100), high=Decimal(200))  # one to two dollars an hour


def metered(at: datetime = NOW, low: int = 0, high: int = 0, *, first: datetime = NOW, before: int = 0) -> Meter:
    """Give a meter that has counted so many cents."""
    return Meter(
        key=customer().key,
        account=ACCOUNT,
        first_at=first,
        metered_at=at,
        used=ZERO,
        total=Count(period="", since=first, low=Money(low), high=Money(high), before=Money(before)),
        month=None,
    )


def followed(meter: Meter, hours: float, low: int, high: int | None = None) -> Meter:
    """Give the meter some hours later, after a spend between low and high cents, with its anchors."""
    total = meter.total.risen(Money(low), Money(low if high is None else high))
    return with_anchors(replace(meter, metered_at=meter.metered_at + hours * HOUR, total=total))


def walked(hours: int, cents: int, step: int = 1) -> Meter:
    """Meter a steady spend of so many cents an hour, one observation every `step` hours."""
    meter = with_anchors(metered())
    for _ in range(0, hours, step):
        meter = followed(meter, step, cents * step)
    return meter


def ages(meter: Meter, anchors: tuple[Anchor, ...]) -> list[float]:
    """Give how many hours old the anchors are."""
    return [(meter.metered_at - anchor.at) / HOUR for anchor in anchors]


def test_the_first_observation_is_the_first_anchor() -> None:
    """Days and weeks begin where the meter does, with what it had counted."""
    meter = with_anchors(metered(low=3, high=7))
    assert meter.days == meter.weeks == (Anchor(at=NOW, low=Money(3), high=Money(7)),)
    assert with_anchors(meter) is meter


@pytest.mark.parametrize(
    ("hours", "days", "weeks"),
    [
        (23, [23], [23]),
        (24, [24, 0], [24]),
        (47, [47, 23], [47]),
        (48, [24, 0], [48]),
        (167, [47, 23], [167]),
        (168, [24, 0], [168, 0]),
        (335, [47, 23], [335, 167]),
        (336, [24, 0], [168, 0]),
    ],
)
def test_anchors_rotate_when_the_newer_is_as_old_as_the_span(hours: int, days: list[int], weeks: list[int]) -> None:
    """With an observation every hour each edge lies exactly at one day, and at seven."""
    meter = walked(hours, 5)
    assert (ages(meter, meter.days), ages(meter, meter.weeks)) == (days, weeks)


def test_an_anchor_has_the_count_of_its_moment() -> None:
    """Anchors are taken from the total, both ends of it."""
    meter = followed(followed(with_anchors(metered()), 24, 100, 150), 1, 10)
    assert meter.days == (Anchor(at=NOW, low=ZERO, high=ZERO), Anchor(at=NOW + DAY, low=Money(100), high=Money(150)))


def test_no_anchor_is_taken_while_a_fall_is_not_confirmed() -> None:
    """What was spent before a fall may be counted after it, so the moment is no place to count from."""
    fallen = replace(walked(23, 5), fell_at=NOW + 24 * HOUR)
    later = followed(fallen, 1, 0)
    assert later.days == fallen.days
    assert followed(replace(later, fell_at=None), 1, 0).days != fallen.days


def test_a_history_under_an_hour_has_no_rate() -> None:
    """59 minutes say nothing; an hour does."""
    meter = with_anchors(metered())
    assert rate_of(followed(meter, 0.99, 100)) is None
    assert rate_of(followed(meter, 1, 100)) == Rate(low=Decimal(100), high=Decimal(100))


def test_a_steady_spend_has_one_rate() -> None:
    """Where every hour is the same and nothing is in doubt, both ends are that hour's spend."""
    for hours in (5, 30, 200, 500):
        assert rate_of(walked(hours, 12)) == Rate(low=Decimal(12), high=Decimal(12))


def test_the_rate_goes_from_the_slower_to_the_faster_of_day_and_week() -> None:
    """A customer that woke up today spends between the week's average and the day's."""
    meter = walked(9 * 24, 10)
    for _ in range(24):
        meter = followed(meter, 1, 90)
    rate = rate_of(meter)
    # The day anchor is 24 h old; the week's is 10 days old: from the first observation on, 7 days apart.
    assert ages(meter, meter.days) == [24, 0]
    assert ages(meter, meter.weeks) == [240, 72]
    assert rate == Rate(low=Decimal((216 * 10 + 24 * 90) / 240), high=Decimal(90))


def test_a_doubt_from_before_the_anchor_does_not_widen_the_rate() -> None:
    """A gap days ago is in both counts and falls out of the difference."""
    meter = followed(with_anchors(metered()), 24, 0, 50_00)
    for _ in range(24 * 14):
        meter = followed(meter, 1, 10)
    assert rate_of(meter) == Rate(low=Decimal(10), high=Decimal(10))


def test_what_was_spent_before_the_first_observation_is_no_rate() -> None:
    """Without an anchor the rate is over the whole history, less what is only not known from before."""
    meter = metered(NOW + 10 * HOUR, low=100, high=5_100, before=5_000)
    assert rate_of(meter) == Rate(low=Decimal(10), high=Decimal(10))


def test_a_young_anchor_is_not_divided_by() -> None:
    """Where an anchor was just taken for the first time the whole history counts, and nothing divides by zero."""
    meter = with_anchors(metered(NOW + 10 * HOUR, low=100, high=100))
    assert rate_of(meter) == Rate(low=Decimal(10), high=Decimal(10))


def test_a_fall_that_is_not_confirmed_may_be_spend() -> None:
    """What stands there since the fall comes on top of the faster end only."""
    meter = replace(walked(10, 10), fell_at=NOW + 10 * HOUR, fell_to=Money(50))
    assert rate_of(meter) == Rate(low=Decimal(10), high=Decimal(15))


def test_the_ends_are_rounded_outwards() -> None:
    """A third of a cent goes down in the slow end and up in the fast one."""
    rate = rate_of(followed(with_anchors(metered()), 3, 1))
    assert rate is not None
    assert Fraction(rate.low) * 3 < 1 < Fraction(rate.high) * 3


def test_the_day_an_amount_is_spent_is_an_interval() -> None:
    """The earliest is with the most that may be spent at the fastest, the latest the other way round."""
    spent = Spend(low=dollars("60"), high=dollars("80"))
    assert exhaustion(dollars("100"), spent, STEADY, NOW) == Forecast(
        earliest=NOW + timedelta(hours=10), latest=NOW + timedelta(hours=40)
    )


@pytest.mark.parametrize(
    ("amount", "earliest", "latest"),
    [("80.01", True, True), ("80", False, True), ("60.01", False, True), ("60", False, False)],
)
def test_what_is_spent_already_is_spent_now(amount: str, earliest: bool, latest: bool) -> None:  # noqa: FBT001 - a table's columns
    """Each end is now from the cent on at which its spend reaches the amount."""
    found = exhaustion(dollars(amount), Spend(low=dollars("60"), high=dollars("80")), STEADY, NOW)
    assert found is not None
    assert found.earliest is not None
    assert found.latest is not None
    assert (found.earliest > NOW, found.latest > NOW) == (earliest, latest)


def test_without_a_rate_nothing_is_foreseen() -> None:
    """No rate, no forecast; not even of what is spent already."""
    assert exhaustion(ZERO, Spend.exactly(dollars("5")), None, NOW) is None


def test_who_does_not_spend_is_not_foreseen_to_exhaust() -> None:
    """An end with a rate of zero has no day; the other may have one."""
    spent = Spend.exactly(ZERO)
    still = Rate(low=Decimal(0), high=Decimal(0))
    assert exhaustion(dollars("1"), spent, still, NOW) == Forecast(earliest=None, latest=None)
    slow = Rate(low=Decimal(0), high=Decimal(100))
    assert exhaustion(dollars("1"), spent, slow, NOW) == Forecast(earliest=NOW + HOUR, latest=None)
    assert exhaustion(ZERO, spent, still, NOW) == Forecast(earliest=NOW, latest=NOW)


def test_what_lies_more_than_ten_years_ahead_is_not_foreseen() -> None:
    """3652 days are a forecast, an hour more is none, and a rate next to nothing breaks no calendar."""
    spent, cent_an_hour = Spend.exactly(ZERO), Rate(low=Decimal(1), high=Decimal(1))
    last = Forecast(earliest=NOW + 3652 * DAY, latest=NOW + 3652 * DAY)
    nothing = Forecast(earliest=None, latest=None)
    assert exhaustion(Money(3652 * 24), spent, cent_an_hour, NOW) == last
    assert exhaustion(Money(3652 * 24 + 1), spent, cent_an_hour, NOW) == nothing
    least = Rate(low=Decimal("1e-40"), high=Decimal("1e-30"))
    assert exhaustion(Money(10**17), spent, least, NOW) == nothing


@pytest.mark.parametrize(("hours", "cents"), [(0, 0), (1, 200), (0.5, 100), (0.001, 1), (24, 4800), (24.001, 4801)])
def test_what_is_expected_is_the_most_rounded_up(hours: float, cents: int) -> None:
    """The faster end for the whole time, and a part of a cent is a cent."""
    assert expected(STEADY, hours * HOUR) == Money(cents)


steps = st.lists(
    st.tuples(
        st.sampled_from([1 / 6, 1, 5, 24, 30, 24 * 8]), st.integers(0, 50_00), st.integers(0, 100), st.booleans()
    ),
    min_size=1,
    max_size=40,
)


@given(steps)
@LAWS
def test_the_rate_contains_the_true_averages(spending: list[tuple[float, int, int, bool]]) -> None:
    """Whatever is spent and however wide the counts: the averages since both anchors lie within the rate."""
    truth: dict[datetime, int] = {NOW: 0}
    meter, spent = with_anchors(metered()), 0
    for hours, cents, share, exact in spending:
        spent += cents
        below, above = (0, 0) if exact else (cents * share // 100, share)
        meter = followed(meter, hours, cents - below, cents + above)
        truth[meter.metered_at] = spent
        rate = rate_of(meter)
        if meter.metered_at - NOW < HOUR:
            assert rate is None
            continue
        assert rate is not None
        assert 0 <= rate.low <= rate.high
        for anchors in (meter.days, meter.weeks):
            lasted = Fraction((meter.metered_at - anchors[0].at) // timedelta(microseconds=1), 3_600_000_000)
            if lasted >= 1:
                average = (spent - truth[anchors[0].at]) / lasted
                assert Fraction(rate.low) <= average <= Fraction(rate.high)


@given(st.lists(st.sampled_from([1 / 6, 1, 5, 12]), max_size=150))
@LAWS
def test_the_older_anchor_is_one_to_two_spans_old(gaps: list[float]) -> None:
    """Once there has been that long, and but for the time between two observations."""
    meter = with_anchors(metered())
    for gap in gaps:
        meter = followed(meter, gap, 1)
        for anchors, span in ((meter.days, DAY), (meter.weeks, WEEK)):
            assert len(anchors) <= 2
            age = meter.metered_at - anchors[0].at
            assert age >= min(span, meter.metered_at - NOW)
            assert age < 2 * span + 2 * 12 * HOUR


@given(
    amounts(-10_00, 10_000_00),
    amounts(-10_00, 10_000_00),
    st.integers(0, 50_00),
    st.decimals(0, 1000, places=4),
    st.decimals(0, 1000, places=4),
)
@LAWS
def test_the_earliest_is_never_after_the_latest(
    amount: Money, low: Money, width: int, slow: Decimal, wider: Decimal
) -> None:
    """The ends are in order and not in the past, and spending on at either rate reaches the amount just then."""
    spent, rate = Spend(low=low, high=low + Money(width)), Rate(low=slow, high=slow + wider)
    found = exhaustion(amount, spent, rate, NOW)
    assert found is not None
    earliest, latest = found.earliest, found.latest
    assert earliest is None or earliest >= NOW
    assert latest is None or (earliest is not None and earliest <= latest)
    if latest is not None and latest > NOW:
        assert expected(Rate(low=slow, high=slow), latest - NOW) >= amount - spent.low
    if earliest is not None and earliest > NOW:
        assert expected(rate, earliest - NOW) <= amount - spent.high
        assert earliest.tzinfo is UTC
