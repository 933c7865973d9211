"""The meter: an interval that contains the truth, exact where nothing fell and no month ended."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.limit import Kind
from core.meter import Count, Counted, Meter, Rules, billing_day, counted, day_start, month_of, month_start
from core.meter import next_month_start as month_end
from core.money import ZERO, Money
from core.standing import Absence, Spend, Standing
from tests.unit.histories import (
    DAY,
    EVERY,
    HOUR,
    LAG,
    MINUTE,
    RULES,
    ZONE,
    History,
    histories,
    same_month,
    shown_by,
)
from tests.unit.strategies import LAWS, LEVELS, dollars, standing_of

NOON = datetime(2026, 3, 15, 4, 0, tzinfo=UTC)  # in the billing zone
EDGE = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)  # April begins in the billing zone
RESTORING = Rules(permanent=False, zone=ZONE, lag=LAG, gap=RULES.gap)
_MANY = settings(LAWS, max_examples=250)
_INSTANT = timedelta(microseconds=1)


def shown(at: datetime, used: str, *, granted: str = "1000", kind: Kind = Kind.CREDIT_LINE) -> Standing:
    """Give one read of a permanent credit."""
    return replace(standing_of(granted, Spend.exactly(dollars(used)), as_of=at), kind=kind)


def budget(at: datetime, spent: str, kind: Kind = Kind.MONTHLY) -> Standing:
    """Give one read of a budget whose spend the vendor counts."""
    return standing_of("100", Spend.exactly(dollars(spent)), capabilities=LEVELS, kind=kind, as_of=at)


def steps(standings: list[Standing], rules: Rules = RULES) -> Iterator[Counted]:
    """Meter standings one after the other; those that do not count give nothing."""
    meter = None
    for standing in standings:
        step = counted(meter, standing, rules)
        if step is not None:
            meter = step.after
            yield step


def metered(standings: list[Standing], rules: Rules = RULES) -> Meter:
    """Give the meter after the last."""
    return list(steps(standings, rules))[-1].after


def every_ten(*used: str, start: datetime = NOON) -> list[Standing]:
    """Give reads ten minutes apart."""
    return [shown(start + number * EVERY, figure) for number, figure in enumerate(used)]


def interval(count: Count | None) -> tuple[str, str]:
    """Give the ends of a count."""
    assert count is not None
    return str(count.low), str(count.high)


def contains(count: Count, meter: Meter, truth: int) -> bool:
    """Whether a count, with what a fall may hide, contains what was truly spent."""
    return count.low.cents <= truth <= count.high.cents + meter.unconfirmed.cents


def month_named(name: str) -> datetime:
    """Give a moment in a billing month."""
    return datetime.strptime(f"{name}-15 +0000", "%Y-%m-%d %z")


def truly(history: History, month: datetime, until: datetime) -> int:
    """Cents spent in the billing month of a moment, until another."""
    return history.spent(month_start(month, ZONE) - _INSTANT, until)


def check_the_law(history: History, wrong: tuple[int, int] | None) -> None:
    """Hold month, total and closed months against what was spent; the wrong read itself is not judged."""
    meter, seen, first = None, history.reads[0].shown, None
    for number, read in enumerate(history.reads):
        glitch = wrong[1] if wrong is not None and wrong[0] == number else None
        step = counted(meter, shown_by(history, read, glitch), RULES)
        if step is None:
            continue
        meter = step.after
        if glitch is not None:
            continue
        seen = max(seen, read.shown)
        first = first or read.shown
        if step.closed is not None:
            ended = month_named(step.closed.period)
            truth = truly(history, ended, month_end(ended, ZONE) - _INSTANT)
            assert step.closed.low.cents <= truth
            assert not step.whole or truth <= step.closed.high.cents
        assert meter.month is not None
        assert meter.month.period == month_of(read.at, ZONE)
        assert contains(meter.month, meter, truly(history, read.at, seen))
        since_first = replace(meter.total, high=meter.total.high - meter.total.before)
        assert contains(since_first, meter, history.spent(first, seen))


@given(history=histories())
@_MANY
def test_the_interval_contains_the_truth(history: History) -> None:
    """Whatever is spent, billed, late or not looked at for weeks: the counts contain what was truly spent."""
    check_the_law(history, None)


@given(
    history=histories(st.sampled_from([EVERY, EVERY, EVERY, HOUR, DAY, 3 * DAY])),
    cents=st.sampled_from([-500, 0, 1, 60, 99, 101, 150, 400, 1500, 90000]),
    data=st.data(),
)
@_MANY
def test_a_glitch_is_forgiven_by_the_next_read(history: History, cents: int, data: st.DataObject) -> None:
    """One read that shows anything at all within a month leaves no count that does not contain the truth."""
    inside = [number for number in range(1, len(history.reads)) if same_month(history, number)]
    assume(inside)
    check_the_law(history, (data.draw(st.sampled_from(inside)), cents))


@given(history=histories(st.sampled_from([3 * MINUTE, EVERY]), billed=False, late=False, most=12))
@LAWS
def test_exact_where_nothing_fell(history: History) -> None:
    """Without a bill, a gap and a month's end the total is exact, and the month but for what was before."""
    assume(month_of(history.reads[0].at, ZONE) == month_of(history.reads[-1].at, ZONE))
    meter = metered([shown_by(history, read) for read in history.reads])
    assert meter.month is not None
    spent = history.spent(history.reads[0].shown, history.reads[-1].shown)
    assert meter.total.low.cents == meter.total.high.cents - meter.total.before.cents == spent
    assert meter.month.low == meter.month.high - meter.month.before == meter.total.low


@given(history=histories(), data=st.data())
@LAWS
def test_the_order_of_observations_is_the_order_they_were_begun(history: History, data: st.DataObject) -> None:
    """An observation begun no later than the newest that counted is ignored, whatever it shows."""
    meter = metered([shown_by(history, read) for read in history.reads])
    early = data.draw(st.sampled_from(history.reads))
    late = shown_by(history, replace(early, at=min(early.at, meter.metered_at)), wrong=123_456)
    assert counted(meter, late, RULES) is None


def test_adoption_counts_from_the_first_look() -> None:
    """What was used before may be of this month or not: it is all of the width, and named."""
    count = metered(every_ten("300", "305")).month
    assert count == Count(period="2026-03", since=NOON, low=dollars("5"), high=dollars("305"), before=dollars("300"))


def test_a_bill_widens_by_what_is_used() -> None:
    """A fall that two reads show is a bill: low stays, and all that is used now may have been spent since."""
    meter = metered(every_ten("100", "110", "110", "40", "42"))
    assert (meter.used, meter.fell_at) == (dollars("42"), None)
    assert interval(meter.month) == ("10.00", "152.00")


def test_one_fall_is_no_bill_yet() -> None:
    """What one read alone shows moves nothing; what may be spent since is told apart until a second read."""
    meter = metered(every_ten("100", "110", "110", "40"))
    assert interval(meter.month) == ("10.00", "110.00")
    assert meter.unconfirmed == dollars("40")


def test_two_reads_within_the_lag_are_one() -> None:
    """Both may be late by the same stale figure, so the fall is still not confirmed."""
    meter = metered([*every_ten("100"), shown(NOON + EVERY, "90"), shown(NOON + EVERY + 4 * MINUTE, "91")])
    assert (meter.used, meter.unconfirmed) == (dollars("100"), dollars("91"))
    confirmed = counted(meter, shown(NOON + EVERY + LAG, "91"), RULES)
    assert confirmed is not None
    assert (confirmed.after.used, confirmed.after.unconfirmed) == (dollars("91"), ZERO)


def test_a_glitch_that_shows_too_little_costs_nothing() -> None:
    """After one low read the counts are what they would have been without it."""
    glitched, whole = metered(every_ten("100", "110", "0", "125")), metered(every_ten("100", "110", "115", "125"))
    assert interval(glitched.month) == interval(whole.month) == ("25.00", "125.00")


def test_a_glitch_that_shows_too_much_is_not_spent_for_certain() -> None:
    """A rise that one read alone has shown is taken out of the low by the fall that follows at once."""
    assert interval(metered(every_ten("100", "110", "110", "900")).month) == ("800.00", "900.00")
    assert interval(metered(every_ten("100", "110", "110", "900", "111")).month) == ("10.00", "900.00")
    assert interval(metered(every_ten("100", "110", "110", "900", "111", "112")).month) == ("10.00", "1012.00")


def test_what_two_reads_have_shown_stays_counted() -> None:
    """A rise that a second read shows is spent, though a bill makes the figure fall afterwards."""
    assert interval(metered(every_ten("100", "200", "200", "50", "50")).month) == ("100.00", "250.00")


def test_a_long_silence_may_hide_a_bill() -> None:
    """After a gap all that is used may be new, though the figure rose; the low is the rise alone."""
    late = NOON + RULES.gap + MINUTE
    assert interval(metered([shown(NOON, "100"), shown(late, "130")]).month) == ("30.00", "230.00")
    assert interval(metered([shown(NOON, "100"), shown(late - MINUTE, "130")]).month) == ("30.00", "130.00")


def test_a_fall_counts_the_silence_before_it() -> None:
    """A figure that comes back after one low read may still hide a bill, if the last good read is a gap ago."""
    meter = metered([shown(NOON, "100"), shown(NOON + HOUR, "70"), shown(NOON + HOUR + EVERY, "110")])
    assert interval(meter.month) == ("10.00", "210.00")


def test_a_month_begins_in_the_billing_zone() -> None:
    """The 31st at 16:05 UTC is April in Beijing, and what lies between the last reads may be either month's."""
    before, after = shown(EDGE - MINUTE, "100"), shown(EDGE + LAG, "108")
    _, march, april = steps([shown(NOON, "90"), before, after])
    assert march.after.month is not None
    assert (april.after.month is not None, april.began, april.whole) == (True, True, True)
    assert april.closed is not None
    assert (april.closed.period, *interval(april.closed)) == ("2026-03", "10.00", "198.00")


def test_the_new_month_takes_what_the_edge_leaves_open() -> None:
    """It begins with nothing for certain; what a second read shows again of the old month stays the old month's."""
    standings = [shown(EDGE - 3 * EVERY + MINUTE * number * 10, used) for number, used in enumerate(("90", "90", "97"))]
    meter = metered([*standings, shown(EDGE + EVERY, "108")])
    assert meter.month == Count(period="2026-04", since=EDGE, high=dollars("11"))
    fallen = metered([*standings, shown(EDGE + EVERY, "92")])
    assert fallen.month == Count(period="2026-04", since=EDGE, high=dollars("7"))


@pytest.mark.parametrize("late", [timedelta(0), LAG - _INSTANT])
def test_a_figure_within_the_lag_of_the_edge_is_not_counted(late: timedelta) -> None:
    """It may be of either month, so the observation is as good as none."""
    assert counted(None, shown(EDGE + late, "100"), RULES) is None
    assert counted(metered([shown(NOON, "100")]), shown(EDGE + late, "100"), RULES) is None
    assert counted(None, shown(EDGE + LAG, "100"), RULES) is not None


def test_a_month_that_closes_on_a_fall_has_no_known_top() -> None:
    """Where the first read of a month shows less, what the old one came to is at least its low, and no more is said."""
    *_, april = steps([shown(EDGE - 2 * EVERY, "90"), shown(EDGE - EVERY, "100"), shown(EDGE + EVERY, "20")])
    assert (april.closed is not None, april.whole) == (True, False)


def test_a_rise_from_before_the_month_is_not_certain_in_it() -> None:
    """Where a month begins with a low glitch, the way back up may have been spent in the old one."""
    before = [shown(EDGE - 2 * EVERY, "100"), shown(EDGE - EVERY, "100")]
    meter = metered([*before, shown(EDGE + LAG, "0"), shown(EDGE + 3 * LAG, "112")])
    assert interval(meter.month) == ("0.00", "12.00")
    assert meter.total.low == dollars("12")


def test_off_over_a_months_end() -> None:
    """A day's silence over the end is the month's edge and a gap: all that is used may be of the new month."""
    *_, april = steps([shown(EDGE - 10 * HOUR, "100"), shown(EDGE + 10 * HOUR, "130")])
    assert interval(april.after.month) == ("0.00", "130.00")
    assert (april.closed is not None, april.whole) == (True, True)


def test_off_for_two_months() -> None:
    """Months that were billed unseen have no known top, and each adds as much as the credit to what is in doubt."""
    *_, june = steps([shown(EDGE - DAY, "100", granted="500"), shown(EDGE + 65 * DAY, "130", granted="500")])
    assert june.after.month == Count(period="2026-06", since=month_start(EDGE + 65 * DAY, ZONE), high=dollars("130"))
    assert (june.closed is not None, june.whole) == (True, False)
    assert june.after.total.high - june.after.total.before == dollars("1630")


def test_negative_figures_count_from_below_zero() -> None:
    """A figure below zero is no spend; a rise from there is, and a fall to there hides none."""
    assert interval(metered(every_ten("-20", "5")).month) == ("25.00", "25.00")
    meter = metered(every_ten("50", "50", "-20", "-20"))
    assert (interval(meter.month), meter.unconfirmed) == (("0.00", "50.00"), ZERO)


def test_what_says_nothing_of_spend_does_not_count() -> None:
    """No figure, or one in another currency, leaves the meter as it was."""
    assert counted(None, standing_of(Absence.UNKNOWN, None, as_of=NOON), RULES) is None
    assert counted(None, standing_of("5", "1", currency="CNY", as_of=NOON), RULES) is None


def test_a_vendors_own_month_is_taken_as_it_is() -> None:
    """Where the vendor counts the month, its figure is the month's from its beginning on."""
    meter = metered([budget(NOON, "40"), budget(NOON + EVERY, "42")], RESTORING)
    assert meter.month == Count(period="2026-03", since=month_start(NOON, ZONE), low=dollars("42"), high=dollars("42"))


def test_last_months_figure_is_not_the_new_months() -> None:
    """Until two reads show that the figure fell, the new month's spend is not known."""
    reads = [budget(EDGE - HOUR, "40"), *(budget(EDGE + EVERY * number, "40") for number in (1, 2))]
    march, waiting, again = steps(reads, RESTORING)
    assert march.after.month is not None
    assert (waiting.after.month, waiting.closed, waiting.began) == (None, march.after.month, False)
    assert (again.after.month, again.closed) == (None, None)
    fallen = counted(again.after, budget(EDGE + 3 * EVERY, "2"), RESTORING)
    assert fallen is not None
    assert fallen.after.month is None
    april = counted(fallen.after, budget(EDGE + 4 * EVERY, "3"), RESTORING)
    assert april is not None
    assert april.began
    assert interval(april.after.month) == ("3.00", "3.00")


def test_nothing_spent_last_month_needs_no_fall() -> None:
    """A figure of zero cannot fall: the new month begins with the first read that may be its own."""
    *_, april = steps([budget(EDGE - HOUR, "0"), budget(EDGE + EVERY, "7")], RESTORING)
    assert (april.began, interval(april.after.month)) == (True, ("7.00", "7.00"))


def test_a_fall_within_a_vendors_month_is_an_interval() -> None:
    """Until two reads show it, the lower figure or the higher may be true."""
    fell = metered([budget(NOON, "40"), budget(NOON + EVERY, "30")], RESTORING)
    assert interval(fell.month) == ("30.00", "40.00")
    assert interval(
        metered([*[budget(NOON, "40")], *[budget(NOON + EVERY * n, "30") for n in (1, 2)]], RESTORING).month
    ) == (
        "30.00",
        "30.00",
    )


def test_another_kind_begins_anew() -> None:
    """What a vendor counts under another kind is no rise, no fall and no part of the month so far."""
    march = metered([budget(NOON, "40"), budget(NOON + EVERY, "500", Kind.ONE_TIME)], RESTORING)
    assert (march.used, march.sure, interval(march.month)) == (dollars("500"), dollars("500"), ("40.00", "40.00"))
    back = counted(march, budget(NOON + 2 * EVERY, "41"), RESTORING)
    assert back is not None
    assert (interval(back.after.month), back.closed, back.after.fell_at) == (("41.00", "41.00"), None, None)


def test_another_kind_in_another_month_closes_the_old_one() -> None:
    """A month is not lost because the kind changed with it."""
    *_, april = steps([budget(NOON, "40", Kind.ONE_TIME), budget(EDGE + EVERY, "3")], RESTORING)
    assert (april.closed is not None, april.began, interval(april.after.month)) == (True, True, ("3.00", "3.00"))


def test_months_and_days_are_the_zones() -> None:
    """The edges of months and days are where the billing zone has them, also over a year's end and a leap day."""
    new_year = datetime(2027, 12, 31, 17, 0, tzinfo=UTC)
    assert month_of(new_year, ZONE) == "2028-01"
    assert month_start(new_year, ZONE) == datetime(2027, 12, 31, 16, 0, tzinfo=UTC)
    assert month_end(datetime(2028, 2, 10, tzinfo=UTC), ZONE) == datetime(2028, 2, 29, 16, 0, tzinfo=UTC)
    assert day_start(billing_day(new_year, ZONE), ZONE) == datetime(2027, 12, 31, 16, 0, tzinfo=UTC)


@given(moment=st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - the bounds are naive by hypothesis
@LAWS
def test_every_moment_lies_in_one_month(moment: datetime) -> None:
    """A month begins at or before each of its moments, ends after it, and the next begins just there."""
    begins, ends = month_start(moment, ZONE), month_end(moment, ZONE)
    assert begins <= moment < ends
    assert month_of(begins, ZONE) == month_of(ends - _INSTANT, ZONE) != month_of(ends, ZONE)


@given(cents=st.lists(st.integers(-500, 5000), min_size=1, max_size=12))
@LAWS
def test_a_vendors_month_lies_between_the_last_two_levels(cents: list[int]) -> None:
    """Within a month the interval always holds the newest figure, and is exact again once two reads agree."""
    reads = [
        replace(budget(NOON, "0"), as_of=NOON + EVERY * number, spent=Spend.exactly(Money(figure)))
        for number, figure in enumerate([*cents, cents[-1], cents[-1]])
    ]
    for step, read in zip(steps(reads, RESTORING), reads, strict=True):
        assert step.after.month is not None
        assert read.spent is not None
        assert step.after.month.low <= read.spent.high <= step.after.month.high
    month = metered(reads, RESTORING).month
    assert month is not None
    assert month.low == month.high
