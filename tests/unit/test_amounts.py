"""The amount in force: dates that change it, raises that end by themselves, and what top_up adds."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.amounts import resolved, topped_up
from core.limit import Dated, Limit, Temporary, TopUp
from core.money import ZERO, Money
from tests.unit.strategies import LAWS, amounts, dollars, limit_of

TODAY = date(2026, 11, 22)
DAYS = st.integers(-40, 40).map(lambda days: TODAY + timedelta(days=days))


def day(number: int, month: int = 11) -> date:
    """Name a day of 2026."""
    return date(2026, month, number)


def raised(amount: str, until: date, starts: date | None = None) -> Temporary:
    """Write a temporary amount."""
    return Temporary(amount=dollars(amount), until=until, starts=starts)


def filling(step: str = "100", below: str = "20", most: str = "1500") -> TopUp:
    """Write a top_up."""
    return TopUp(step=dollars(step), below=Decimal(below), most=dollars(most))


LATER = Dated(dollars("2000"), day(1, 12))
LIMIT = limit_of("1000.00")


def in_force(limit: Limit, today: date, topped: str = "0") -> tuple[str, str]:
    """Resolve, and give what a person sees."""
    found = resolved(limit, today, dollars(topped))
    return str(found.amount), found.why


def test_what_is_simply_written_needs_no_words() -> None:
    """A limit without dates and topping up stays as it is, and says nothing of how it came about."""
    assert resolved(LIMIT, TODAY) == LIMIT


@pytest.mark.parametrize(
    ("today", "amount", "why"),
    [
        (day(30), "1000.00", "1000.00, then 2000.00 from 2026-12-01"),
        (day(1, 12), "2000.00", "2000.00 from 2026-12-01 on; 1000.00 before"),
        (day(31, 12), "2000.00", "2000.00 from 2026-12-01 on; 1000.00 before"),
    ],
)
def test_a_dated_change_counts_from_the_beginning_of_its_day(today: date, amount: str, why: str) -> None:
    """Until the day before the written amount is in force, from the day on the new one, for good."""
    assert in_force(replace(LIMIT, later=LATER), today) == (amount, why)


@pytest.mark.parametrize(
    ("today", "amount", "why"),
    [
        (day(24), "1000.00", "1000.00, then 1500.00 from 2026-11-25 until 2026-12-01, then 1000.00"),
        (day(25), "1500.00", "1500.00 until 2026-12-01, then 1000.00"),
        (day(30), "1500.00", "1500.00 until 2026-12-01, then 1000.00"),
        (day(1, 12), "1000.00", ""),
    ],
)
def test_a_temporary_amount_is_taken_back_by_itself(today: date, amount: str, why: str) -> None:
    """It is in force from its first day, and no longer on the day it is written to end."""
    assert in_force(replace(LIMIT, temporary=raised("1500", day(1, 12), day(25))), today) == (amount, why)


def test_a_temporary_amount_without_a_beginning_counts_at_once() -> None:
    """Where no first day is written it is in force on any day before its end."""
    limit = replace(LIMIT, temporary=raised("1500", day(1, 12)))
    assert in_force(limit, date(2020, 1, 1)) == ("1500.00", "1500.00 until 2026-12-01, then 1000.00")


@pytest.mark.parametrize("starts", [day(1, 12), day(2, 12)])
def test_a_temporary_amount_that_ends_before_it_begins_never_counts(starts: date) -> None:
    """An empty span of days changes nothing and is not spoken of."""
    limit = replace(LIMIT, temporary=raised("1500", day(1, 12), starts))
    assert [in_force(limit, day(number)) for number in (20, 30)] == [("1000.00", "")] * 2
    assert in_force(limit, day(1, 12)) == ("1000.00", "")


@pytest.mark.parametrize(
    ("temporary", "today", "amount", "why"),
    [
        # The dated change falls into the raise: the raise goes on, and ends at the new amount.
        (raised("1500", day(5, 12)), day(30), "1500.00", "1500.00 until 2026-12-05, then 2000.00"),
        (raised("1500", day(5, 12)), day(4, 12), "1500.00", "1500.00 until 2026-12-05, then 2000.00"),
        (raised("1500", day(5, 12)), day(5, 12), "2000.00", "2000.00 from 2026-12-01 on; 1000.00 before"),
        # The raise ends first.
        (
            raised("1500", day(28)),
            day(27),
            "1500.00",
            "1500.00 until 2026-11-28, then 1000.00, then 2000.00 from 2026-12-01",
        ),
        # Both lie ahead, the raise first.
        (
            raised("1500", day(28), day(25)),
            day(24),
            "1000.00",
            "1000.00, then 1500.00 from 2026-11-25 until 2026-11-28, then 1000.00, then 2000.00 from 2026-12-01",
        ),
        # Both lie ahead, the change first.
        (
            raised("3000", day(9, 12), day(5, 12)),
            day(24),
            "1000.00",
            "1000.00, then 2000.00 from 2026-12-01, then 3000.00 from 2026-12-05 until 2026-12-09, then 2000.00",
        ),
        # The change is in force, the raise lies ahead.
        (
            raised("3000", day(9, 12), day(5, 12)),
            day(1, 12),
            "2000.00",
            "2000.00 from 2026-12-01 on; 1000.00 before; then 3000.00 from 2026-12-05 until 2026-12-09, then 2000.00",
        ),
    ],
)
def test_a_raise_and_a_dated_change_tell_their_whole_course(
    temporary: Temporary, today: date, amount: str, why: str
) -> None:
    """Whichever comes first, the sentence names every amount to come in the order of the days."""
    assert in_force(replace(LIMIT, later=LATER, temporary=temporary), today) == (amount, why)


def test_what_was_topped_up_comes_on_top() -> None:
    """The amount grows by what top_up added, and says so."""
    assert in_force(replace(LIMIT, top_up=filling()), TODAY, "200") == ("1200.00", "1000.00 plus 200.00 topped up")


def test_topping_up_comes_on_top_of_a_raise_and_of_its_course() -> None:
    """A temporary amount is topped up like any other, and both are told."""
    limit = replace(LIMIT, top_up=filling(most="9000"), temporary=raised("1500", day(1, 12)))
    why = "1500.00 plus 200.00 topped up; 1500.00 until 2026-12-01, then 1000.00"
    assert in_force(limit, TODAY, "200") == ("1700.00", why)


def test_topping_up_stops_at_its_most() -> None:
    """What was added before a lower `most` was written counts only up to that."""
    limit = replace(LIMIT, top_up=filling(most="1150"))
    assert in_force(limit, TODAY, "200") == ("1150.00", "1000.00 plus 150.00 topped up")
    assert in_force(limit, TODAY, "150") == ("1150.00", "1000.00 plus 150.00 topped up")


def test_an_amount_above_the_most_is_not_lowered_by_it() -> None:
    """`most` bounds what is added and not what is written."""
    assert in_force(replace(LIMIT, top_up=filling(most="900")), TODAY, "200") == ("1000.00", "")


def test_a_top_up_that_is_gone_adds_nothing() -> None:
    """Where the row no longer says top_up the written amount counts again."""
    assert in_force(LIMIT, TODAY, "200") == ("1000.00", "")


@pytest.mark.parametrize(
    ("spent", "topped", "expected"),
    [
        ("800.00", "0", "0"),  # exactly 20 % is left
        ("800.01", "0", "100.00"),
        ("880.00", "0", "100.00"),  # 20 % of 1100.00 is left then
        ("880.01", "0", "200.00"),
        ("880.00", "100.00", "100.00"),
        ("1200.00", "100.00", "500.00"),
        ("1200.01", "0", "500.00"),  # nothing is enough: up to the most
        ("9999.00", "500.00", "500.00"),
        ("0", "300.00", "300.00"),  # what was added stays
        ("-50.00", "0", "0"),
    ],
)
def test_a_step_is_added_while_too_little_is_left(spent: str, topped: str, expected: str) -> None:
    """Exactly the share left is enough; one cent less brings the next step, up to the most."""
    assert topped_up(replace(LIMIT, top_up=filling()), dollars(spent), dollars(topped)) == dollars(expected)


def test_the_last_step_is_cut_short_at_the_most() -> None:
    """Where a whole step would go above `most`, just what reaches it is added."""
    limit = replace(LIMIT, top_up=filling(step="400", most="1250"))
    assert topped_up(limit, dollars("900"), ZERO) == dollars("250")


def test_topping_up_ends_in_no_time_however_small_the_step() -> None:
    """A cent a step towards a far ceiling is worked out, not walked."""
    limit = replace(LIMIT, top_up=filling(step="0.01", most="900000000000"))
    assert topped_up(limit, dollars("800000000"), ZERO) == dollars("999999000.00")


def test_a_limit_without_top_up_is_not_topped_up() -> None:
    """Nothing is added and nothing taken where no top_up is written."""
    assert topped_up(LIMIT, dollars("5000"), dollars("12")) == dollars("12")


@pytest.mark.parametrize(
    ("below", "spent", "expected"), [("100", "0", "0"), ("100", "0.01", "500"), ("120", "0", "500")]
)
def test_a_share_that_no_amount_reaches_leads_to_the_most(below: str, spent: str, expected: str) -> None:
    """With 100 percent or more to be left, any spend is too much for every amount."""
    limit = replace(LIMIT, top_up=filling(below=below))
    assert topped_up(limit, dollars(spent), ZERO) == dollars(expected)


def test_an_amount_of_nothing_can_be_topped_up() -> None:
    """A base of zero with something spent grows by steps until enough is left."""
    limit = replace(limit_of("0"), top_up=filling())
    assert topped_up(limit, ZERO, ZERO) == ZERO
    assert topped_up(limit, dollars("0.01"), ZERO) == dollars("100")


top_ups = st.builds(
    TopUp,
    step=st.integers(-5, 300_00).map(Money),
    below=st.decimals(min_value=0, max_value=150, places=2),
    most=amounts(0, 3_000_00),
)


@given(amounts(), top_ups, st.integers(-10_00, 4_000_00).map(Money), amounts())
@LAWS
def test_topping_up_never_lowers_never_passes_its_most_and_leaves_enough(
    base: Money, top_up: TopUp, spent: Money, topped: Money
) -> None:
    """Whatever is written and spent: it ends, takes nothing, keeps to `most`, is done at once, and steps are whole."""
    limit = replace(LIMIT, amount=base, top_up=top_up)
    found = topped_up(limit, spent, topped)
    assert found >= topped
    assert found == topped or base + found <= top_up.most
    assert topped_up(limit, spent, found) == found
    added, amount = (found - topped).cents, (base + found).cents
    if top_up.step <= ZERO:
        assert added == 0
    elif added:
        before = amount - (added % top_up.step.cents or top_up.step.cents)
        assert (before - spent.cents) * 100 < top_up.below * before  # the step before was not enough
        assert added % top_up.step.cents == 0 or base + found == top_up.most
    if added and base + found < top_up.most:
        assert (amount - spent.cents) * 100 >= top_up.below * amount


@given(amounts(), st.none() | st.builds(Dated, amounts(), DAYS), st.data())
@LAWS
def test_the_amount_of_a_day_is_the_rule_and_nothing_else(
    base: Money, later: Dated | None, data: st.DataObject
) -> None:
    """The temporary amount within its days, else the dated one from its day, else what is written."""
    temporary = data.draw(
        st.none() | st.builds(Temporary, amount=amounts(), until=DAYS, starts=st.none() | DAYS), label="temporary"
    )
    today = data.draw(DAYS, label="today")
    limit = replace(LIMIT, amount=base, later=later, temporary=temporary)
    expected = base
    if later is not None and today >= later.starts:
        expected = later.amount
    if temporary is not None and (temporary.starts or date.min) <= today < temporary.until:
        expected = temporary.amount
    found = resolved(limit, today)
    assert found.amount == expected
    assert replace(found, amount=base, why="") == limit
    ahead = [resolved(limit, today + timedelta(days=days)).amount for days in range(90)]
    assert found.why or set(ahead) == {base}
