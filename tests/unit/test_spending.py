"""What a meter says of a limit: the period that counts, since when, and what of it is known."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.capabilities import Capabilities
from core.limit import Kind
from core.meter import Period, Rules, month_start
from core.money import ZERO
from core.spending import is_emulated, observed, reading, rules_of
from core.standing import Spend, Standing
from tests.unit.histories import DAY, EVERY, HOUR, LAG, RULES, ZONE, History, histories, shown_by
from tests.unit.looks import (
    EDGE,
    FOLLOWS,
    NOON,
    RESTORING,
    every_ten,
    last,
    looks,
    monthly,
    once,
    read_of,
    spend_of,
    used,
)
from tests.unit.strategies import LAWS, LEVELS, STEPS, dollars, standing_of
from tests.unit.strategies import limit_of as a_limit


@given(history=histories(), since=st.sampled_from([None, date(2026, 1, 20), date(2026, 2, 2), date(2026, 2, 20)]))
@LAWS
def test_the_spend_that_counts_contains_the_truth(history: History, since: date | None) -> None:
    """Whatever a one-time limit counts from, if anything is said of its spend the truth lies within."""
    limit, meter, seen = once(since=since), None, history.reads[0].shown
    first = history.reads[0].at
    for read in history.reads:
        step = observed(meter, shown_by(history, read), limit, RULES)
        if step is None:
            continue
        meter, seen = step.after, max(seen, read.shown)
        found = read_of(meter, limit)
        assert meter.once is not None
        begins = meter.once.since if meter.once.since != first else month_start(first, ZONE)
        truth = history.spent(begins - timedelta(microseconds=1), seen)
        if found.spend is not None:
            assert found.spend.low.cents <= truth <= found.spend.high.cents


@given(history=histories())
@LAWS
def test_months_close_once_and_in_order(history: History) -> None:
    """Each month is recorded once, in order, with a low that is no more than its high."""
    meter, closed = None, []
    for read in history.reads:
        step = observed(meter, shown_by(history, read), monthly(), RULES)
        if step is None:
            continue
        meter = step.after
        closed += [step.closed] if step.closed is not None else []
        assert step.day.month == (meter.month.period if meter.month is not None else "")
    months = [period.month for period in closed]
    assert months == sorted(set(months))
    assert all(period.high is None or ZERO <= period.low <= period.high for period in closed)
    assert all(period.since < period.until for period in closed)


def test_once_counts_from_the_month_in_which_the_kind_began() -> None:
    """What the month had before the limit was written is of the kind too, and the next month begins nothing anew."""
    before = last(None, monthly(), *every_ten("0", "10"))
    meter = last(before, once(), (2 * EVERY, "15"))
    assert meter.once is not None
    assert (meter.once.period, spend_of(meter, once())) == ("from 2026-03", ("15.00", "15.00"))
    april = last(meter, once(), (EDGE - NOON - EVERY, "30"), (EDGE - NOON + EVERY, "33"))
    assert april.once is not None
    assert (april.once.period, april.once.low) == ("from 2026-03", dollars("33"))


def test_a_row_that_comes_back_goes_on() -> None:
    """A one-time limit that was removed and added again has not begun anew."""
    meter = last(None, once(), *every_ten("0", "10"))
    gone = last(meter, None, (2 * EVERY, "20"))
    back = last(gone, once(), (3 * EVERY, "25"))
    assert spend_of(back, once()) == ("25.00", "25.00")


def test_a_new_amount_goes_on() -> None:
    """Another amount does not begin a one-time limit anew."""
    meter = last(last(None, once("100"), *every_ten("0", "10")), once("500"), (2 * EVERY, "20"))
    assert spend_of(meter, once("500")) == ("20.00", "20.00")


def test_a_kind_that_comes_back_begins_anew() -> None:
    """A one-time limit that was another kind for a while counts from the month in which it is one again."""
    meter = last(None, once(), *every_ten("0", "10"))
    away = last(meter, monthly(), (EDGE - NOON + HOUR, "60"))
    assert away.once is None
    back = last(away, once(), (EDGE - NOON + HOUR + EVERY, "65"))
    assert back.once is not None
    assert (back.once.period, back.once.low) == ("from 2026-04", dollars("5"))


def test_since_in_the_past_begins_where_its_month_began() -> None:
    """A day that began a month takes that month's count, and says so."""
    before = last(None, monthly(), (EDGE - NOON - EVERY, "30"), (EDGE - NOON + EVERY, "33"), (EDGE - NOON + HOUR, "40"))
    april = once(since=date(2026, 4, 1))
    meter = last(before, april, (EDGE - NOON + HOUR + EVERY, "41"))
    assert meter.once is not None
    assert (meter.once.period, meter.once.since) == ("since 2026-04-01", EDGE)
    assert meter.once.low == dollars("8")


def test_since_within_the_month_is_at_most_the_months_spend() -> None:
    """What was spent since a day of this month is no more than the month's; how much of it nobody counted."""
    begun = last(None, monthly(), (EDGE - NOON - EVERY, "30"), (EDGE - NOON + EVERY, "30"), start=NOON)
    later = last(begun, monthly(), *[(EDGE - NOON + DAY * day, str(30 + day)) for day in range(1, 9)])
    recent = once(since=date(2026, 4, 8))
    meter = last(later, recent, (EDGE - NOON + 8 * DAY + EVERY, "38"))
    assert meter.once is not None
    assert later.month is not None
    assert (meter.once.low, meter.once.high, meter.once.before) == (ZERO, later.month.high, ZERO)


def test_since_today_counts_from_the_first_read_of_the_day() -> None:
    """What was spent between the last read before it and the first after may be of that day; nothing older is."""
    begins = datetime(2026, 3, 15, 16, 0, tzinfo=UTC)
    limit = once(since=date(2026, 3, 16))
    meter = last(None, limit, (-EVERY, "100"), (timedelta(0), "101"), (EVERY, "108"), (2 * EVERY, "110"), start=begins)
    assert meter.once is not None
    assert (meter.once.since, meter.once.low, meter.once.high) == (begins, dollars("2"), dollars("10"))


def test_a_read_within_the_lag_of_the_day_is_not_counted() -> None:
    """It may be of either day; then nothing is said of the spend, for what is used would be newer than it."""
    begins = datetime(2026, 3, 15, 16, 0, tzinfo=UTC)
    limit = once(since=date(2026, 3, 16))
    meter = last(None, limit, (-EVERY, "100"), start=begins)
    standing = used(begins + LAG / 2, "101")
    assert observed(meter, standing, limit, RULES) is None
    assert reading(meter, limit, standing, FOLLOWS, None).spend is None
    assert observed(meter, standing, once(), RULES) is not None


def test_since_in_the_future_changes_nothing_yet() -> None:
    """Until the day comes a one-time limit counts as it did."""
    limit = once(since=date(2026, 5, 1))
    meter = last(None, limit, *every_ten("0", "10"))
    assert meter.once is not None
    assert (meter.once.period, spend_of(meter, limit)) == ("from 2026-03", ("10.00", "10.00"))


def test_another_day_begins_anew() -> None:
    """Writing another day in since is how a one-time limit is begun again."""
    meter = last(None, once(since=date(2026, 3, 1)), *every_ten("0", "10"))
    begins = datetime(2026, 3, 19, 16, 0, tzinfo=UTC)
    again = once(since=date(2026, 3, 20))
    meter = last(meter, again, (-EVERY, "10"), (EVERY, "10"), (2 * EVERY, "14"), start=begins)
    assert meter.once is not None
    assert (meter.once.period, meter.once.low) == ("since 2026-03-20", dollars("4"))


def test_since_before_the_first_look_needs_a_word() -> None:
    """A month that was over by then may be billed and returned: only spent_before tells what it was."""
    limit = once(since=date(2026, 1, 1))
    meter = last(None, limit, *every_ten("50", "60"))
    found = read_of(meter, limit)
    assert found.spend is None
    assert "write spent_before" in found.why
    assert spend_of(meter, replace(limit, spent_before=dollars("500"))) == ("510.00", "510.00")


def test_since_long_ago_counts_every_month_since_the_first_look() -> None:
    """Written late, it still counts all that was metered, not this month's alone."""
    meter = last(None, monthly(), *every_ten("50", "60"))
    april = last(meter, monthly(), (EDGE - NOON - EVERY, "100"), (EDGE - NOON + EVERY, "100"))
    limit = once(since=date(2026, 2, 1), before="7")
    late = last(april, limit, (EDGE - NOON + 2 * EVERY, "103"))
    spend = read_of(late, limit).spend
    assert spend is not None
    assert (spend.low, spend.high) == (dollars("60"), late.total.high - late.total.before + dollars("7"))


def test_spent_before_takes_the_doubt_away() -> None:
    """What was used at the first look is spent in this period as far as somebody says so, and no further."""
    for limit in (monthly(), once()):
        meter = last(None, limit, *every_ten("300", "305"))
        assert spend_of(meter, limit) == ("5.00", "305.00")
        assert read_of(meter, limit).unmetered == dollars("300")
        march = date(2026, 3, 1) if limit.kind is Kind.MONTHLY else None
        told = replace(limit, spent_before=dollars("20"), since=march)
        if march is not None:
            another = replace(told, since=date(2026, 2, 1))
            assert spend_of(meter, another) == ("5.00", "305.00")
        assert spend_of(meter, told) == ("25.00", "25.00")
        assert read_of(meter, told).unmetered == ZERO


def test_spent_before_is_of_the_first_period_alone() -> None:
    """The month after the adoption was metered whole, so the word means nothing in it."""
    limit = replace(monthly(), spent_before=dollars("20"))
    meter = last(None, limit, (EDGE - NOON - EVERY, "300"), (EDGE - NOON + EVERY, "300"), (EDGE - NOON + HOUR, "301"))
    assert spend_of(meter, limit)[0] == "1.00"


def test_nothing_metered_says_so() -> None:
    """Without a meter, or before a count began, the spend of an emulated kind is not known."""
    found = reading(None, monthly(), used(NOON, "5"), FOLLOWS, None)
    assert (found.spend, found.why) == (None, "its spend was not metered yet")
    meter = last(None, monthly(), *every_ten("0"))
    assert read_of(meter, once()).spend is None


def test_use_and_spend_are_of_one_read() -> None:
    """A read that was not metered says nothing: the use would be newer than the spend, and be granted twice."""
    meter = last(None, monthly(), *every_ten("0", "10"))
    assert reading(meter, monthly(), used(NOON + HOUR, "60"), FOLLOWS, None).spend is None


def test_a_doubtful_fall_widens_what_counts() -> None:
    """While one read alone shows a fall, all that is used now may be new spend."""
    meter = last(None, monthly(), *every_ten("100", "100", "70"))
    assert meter.month is not None
    assert spend_of(meter, monthly()) == ("0.00", "170.00")


def test_a_closed_month_has_its_figures() -> None:
    """It has the limit that was in force, what stood at its end, and both ends of what was spent."""
    limit = monthly("100")
    *_, april = looks(
        None, limit, (EDGE - NOON - HOUR, "10"), (EDGE - NOON - HOUR / 2, "30"), (EDGE - NOON + LAG, "35")
    )
    assert april.closed == Period(
        key=limit.key,
        account=limit.account,
        month="2026-03",
        since=EDGE - HOUR,
        until=EDGE,
        low=dollars("20"),
        high=dollars("75"),
        kind=Kind.MONTHLY,
        amount=dollars("100"),
        granted=dollars("1000"),
    )


def test_a_month_billed_unseen_has_no_known_top() -> None:
    """After two months of silence the old month is at least its low; more cannot be said."""
    *_, june = looks(None, monthly(), (EDGE - NOON - HOUR, "10"), (EDGE - NOON + 65 * DAY, "35"))
    assert june.closed is not None
    assert (june.closed.month, june.closed.high) == ("2026-03", None)


def test_a_restoring_vendors_month_has_no_known_top() -> None:
    """What its figure rose to after the last look is lost when it begins anew."""
    reads = [(EDGE - HOUR, "40"), (EDGE + EVERY, "2"), (EDGE + 2 * EVERY, "2")]
    meter, closed = None, []
    for at, figure in reads:
        standing = standing_of("100", figure, capabilities=LEVELS, kind=Kind.MONTHLY, as_of=at)
        step = observed(meter, standing, a_limit("100", capabilities=LEVELS), RESTORING)
        assert step is not None
        meter = step.after
        closed += [step.closed] if step.closed is not None else []
    assert [(period.month, period.low, period.high) for period in closed] == [("2026-03", dollars("40"), None)]


def test_a_day_has_the_newest_figures() -> None:
    """It is the billing day's, with what may hide behind a fall, the limit in force and what stands."""
    step = looks(None, monthly("100"), *every_ten("10", "30", "5"))[-1]
    day = step.day
    assert (day.day, day.month, day.low, day.high) == (date(2026, 3, 15), "2026-03", ZERO, dollars("35"))
    assert (day.granted, day.amount) == (dollars("1000"), dollars("100"))
    unlimited = looks(None, None, *every_ten("10"))[-1].day
    assert unlimited.amount is None


def _native(figure: str, kind: Kind, at: datetime = NOON) -> Standing:
    return standing_of("100", figure, capabilities=LEVELS, kind=kind, as_of=at)


def test_a_vendors_own_figure_counts_after_a_change_and_the_lag() -> None:
    """A figure read sooner after the budget was changed may be the old one's."""
    limit = a_limit("100", capabilities=LEVELS, kind=Kind.ONE_TIME)
    standing = _native("40", Kind.ONE_TIME)
    early = reading(None, limit, standing, LEVELS, NOON - LEVELS.lag + timedelta(seconds=1))
    assert early.spend is None
    assert "counts from 2026-03-15" in early.why
    assert reading(None, limit, standing, LEVELS, NOON - LEVELS.lag).spend == Spend.exactly(dollars("40"))


def test_a_vendors_own_month_counts_once_it_is_seen_to_begin() -> None:
    """Last month's figure is not this month's spend, and one that was not metered is not either."""
    limit = a_limit("100", capabilities=LEVELS, kind=Kind.MONTHLY)
    step = observed(None, _native("40", Kind.MONTHLY), limit, RESTORING)
    assert step is not None
    spend = reading(step.after, limit, _native("40", Kind.MONTHLY), LEVELS, None).spend
    assert spend is not None
    assert (spend.low, spend.high, spend.since) == (dollars("40"), dollars("40"), month_start(NOON, ZONE))
    newer = _native("40", Kind.MONTHLY, NOON + EVERY)
    assert reading(step.after, limit, newer, LEVELS, None).spend is None
    waiting = replace(step.after, month=None)
    assert "last month's" in reading(waiting, limit, _native("40", Kind.MONTHLY), LEVELS, None).why


def test_a_credit_line_is_read_as_it_is() -> None:
    """What is used of a native permanent credit is its spend, metered or not."""
    assert reading(None, a_limit("100"), used(NOON, "40"), STEPS, NOON).spend == Spend.exactly(dollars("40"))


def test_a_credit_line_is_reached_by_what_is_used() -> None:
    """What counts against a revolving credit is what is used now, not what was spent in the month."""
    assert last(None, a_limit("100"), *every_ten("100")).reached_since == NOON
    assert last(None, a_limit("100"), *every_ten("20", "100", "30")).reached_since is None


@pytest.mark.parametrize(
    ("kind", "capabilities", "emulated"),
    [
        (Kind.MONTHLY, FOLLOWS, True),
        (Kind.ONE_TIME, FOLLOWS, True),
        (Kind.CREDIT_LINE, FOLLOWS, False),
        (Kind.MONTHLY, STEPS, False),
        (Kind.MONTHLY, LEVELS, False),
    ],
)
def test_a_kind_is_followed_where_the_vendor_lacks_it(kind: Kind, capabilities: Capabilities, emulated: bool) -> None:  # noqa: FBT001 - a table's column
    """Whether a kind is emulated follows from the vendor's capabilities alone."""
    assert is_emulated(a_limit("5", kind=kind), capabilities) is emulated


@pytest.mark.parametrize(
    ("every", "gap"), [(EVERY, timedelta(days=3)), (timedelta(days=2), timedelta(days=4, minutes=5))]
)
def test_a_gap_is_three_days_or_two_intervals_and_the_lag(every: timedelta, gap: timedelta) -> None:
    """How a figure is read follows from the account's zone, lag and interval."""
    found = rules_of(STEPS, zone=ZONE, lag=LAG, every=every)
    assert found == Rules(permanent=True, zone=ZONE, lag=LAG, gap=gap)
