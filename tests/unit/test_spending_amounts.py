"""What the spend makes of an amount: reached for certain, to be given back by a month, topped up."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from core.limit import Kind, Limit, TopUp
from core.money import ZERO, Money
from core.spending import limit_of, observed
from tests.unit.histories import EVERY, HOUR, RULES, ZONE
from tests.unit.looks import EDGE, NOON, RESTORING, every_ten, last, looks, monthly, once, spend_of, used
from tests.unit.strategies import LEVELS, dollars, standing_of
from tests.unit.strategies import limit_of as a_limit

TOP_UP = TopUp(step=dollars("50"), below=Decimal(20), most=dollars("300"))


@pytest.mark.parametrize("limit", [monthly("10"), once("10")], ids=["monthly", "once"])
def test_the_amount_is_reached_for_certain(limit: Limit) -> None:
    """It is reached since the first read whose low shows it, and no later one moves that."""
    meter = last(None, limit, *every_ten("0", "9"))
    assert meter.reached_since is None
    meter = last(meter, limit, (2 * EVERY, "10"))
    assert meter.reached_since == NOON + 2 * EVERY
    assert last(meter, limit, (3 * EVERY, "12")).reached_since == NOON + 2 * EVERY


def test_another_amount_is_reached_anew() -> None:
    """A new amount, though spent already, is reached since it was first metered with it."""
    meter = last(None, monthly("10"), *every_ten("0", "50"))
    assert last(meter, monthly("20"), (2 * EVERY, "51")).reached_since == NOON + 2 * EVERY
    assert last(meter, monthly("90"), (2 * EVERY, "51")).reached_since is None
    assert last(meter, None, (2 * EVERY, "51")).reached_since is None


def test_another_month_is_reached_anew() -> None:
    """What was spent last month reaches nothing in this one."""
    meter = last(None, monthly("10"), (EDGE - NOON - HOUR, "0"), (EDGE - NOON - EVERY, "50"))
    assert meter.reached_since is not None
    assert last(meter, monthly("10"), (EDGE - NOON + EVERY, "51")).reached_since is None


def test_a_glitch_reaches_nothing() -> None:
    """An amount that one wrong read alone has reached is not reached when a second could have shown it."""
    meter = last(None, monthly("100"), *every_ten("0", "10", "900"))
    assert meter.reached_since is not None
    for figure in ("11", "12"):
        meter = last(meter, monthly("100"), (meter.metered_at - NOON + EVERY, figure))
        assert meter.reached_since is None
        assert spend_of(meter, monthly("100"))[0] <= "12.00"


def test_the_reach_counts_what_was_spent_before() -> None:
    """With spent_before written the amount is reached that much sooner."""
    limit = replace(monthly("100"), spent_before=dollars("95"), since=date(2026, 3, 1))
    assert last(None, limit, *every_ten("0", "5")).reached_since == NOON + EVERY


def test_a_month_gives_back_its_amount_once() -> None:
    """It is to be given back from the month's first read until the credit is as high as it should be."""
    limit = monthly("100")
    march = last(None, limit, (EDGE - NOON - HOUR, "0"), *[(EDGE - NOON - EVERY * n, "80") for n in (2, 1)])
    assert not march.to_restore
    step = observed(march, used(EDGE + EVERY, "80", granted="100"), limit, RULES)
    assert step is not None
    assert step.after.to_restore
    still = observed(step.after, used(EDGE + 2 * EVERY, "82", granted="100"), limit, RULES)
    assert still is not None
    assert still.after.to_restore
    given = observed(still.after, used(EDGE + 3 * EVERY, "82", granted="180"), limit, RULES)
    assert given is not None
    assert not given.after.to_restore
    cut = observed(given.after, used(EDGE + 4 * EVERY, "82", granted="90"), limit, RULES)
    assert cut is not None
    assert not cut.after.to_restore


@pytest.mark.parametrize("limit", [once(), a_limit("100"), None], ids=["once", "credit line", "none"])
def test_only_months_give_back(limit: Limit | None) -> None:
    """No other kind restores anything when a month begins."""
    meter = last(None, limit, (EDGE - NOON - EVERY, "80"))
    step = observed(meter, used(EDGE + EVERY, "80", granted="90"), limit, RULES)
    assert step is not None
    assert not step.after.to_restore


def test_a_new_amount_is_no_restoring() -> None:
    """A month that begins with another amount, or an amount that changes meanwhile, is an ordinary raise."""
    march = last(None, monthly("100"), (EDGE - NOON - EVERY, "80"))
    april = observed(march, used(EDGE + EVERY, "80", granted="90"), monthly("200"), RULES)
    assert april is not None
    assert not april.after.to_restore
    kept = observed(march, used(EDGE + EVERY, "80", granted="90"), monthly("100"), RULES)
    assert kept is not None
    changed = observed(kept.after, used(EDGE + 2 * EVERY, "80", granted="90"), monthly("200"), RULES)
    assert changed is not None
    assert not changed.after.to_restore


def test_top_up_adds_steps_for_what_two_reads_show() -> None:
    """A step is added once little is left, as many as it needs, when a second read shows the spend."""
    limit = replace(monthly("100"), top_up=TOP_UP)
    meter = last(None, limit, *every_ten("0", "79", "79"))
    assert meter.topped == ZERO
    meter = last(meter, limit, (3 * EVERY, "95"))
    assert meter.topped == ZERO
    meter = last(meter, limit, (4 * EVERY, "95"))
    assert (meter.topped, meter.amount) == (dollars("50"), dollars("150"))
    meter = last(meter, limit, (5 * EVERY, "170"), (6 * EVERY, "170"))
    assert meter.topped == dollars("150")


def test_top_up_follows_no_glitch() -> None:
    """One read that shows too much adds nothing, now or later: what was topped up is not taken back."""
    limit = replace(monthly("100"), top_up=TOP_UP)
    assert all(look.after.topped == ZERO for look in looks(None, limit, *every_ten("0", "10", "900", "11", "12", "13")))
    wrong = standing_of("100", "900", capabilities=LEVELS, kind=Kind.MONTHLY, as_of=NOON)
    native = replace(a_limit("100", capabilities=LEVELS, kind=Kind.MONTHLY), top_up=TOP_UP)
    step = observed(None, wrong, native, RESTORING)
    assert step is not None
    assert step.after.topped == ZERO


def test_top_up_ends_at_its_ceiling() -> None:
    """Whatever is spent, amount and topping together stay at most."""
    limit = replace(monthly("100"), top_up=TOP_UP)
    meter = last(None, limit, *every_ten("0", "900", "900"))
    assert meter.amount == TOP_UP.most


@pytest.mark.parametrize(
    ("limit", "left"), [(monthly("100"), ZERO), (once("100"), dollars("50"))], ids=["month", "once"]
)
def test_top_up_begins_anew_with_a_month_alone(limit: Limit, left: Money) -> None:
    """A month's topping is over with it; a one-time limit's stays."""
    limit = replace(limit, top_up=TOP_UP)
    meter = last(None, limit, *[(EDGE - NOON - HOUR + after, figure) for after, figure in every_ten("0", "95", "95")])
    assert meter.topped == dollars("50")
    assert last(meter, limit, (EDGE - NOON + EVERY, "95")).topped == left


def test_the_amount_in_force_is_of_a_day_in_the_billing_zone() -> None:
    """What top_up added is in force as long as the limit has one."""
    meter = last(None, monthly(), *every_ten("0"))
    topped = replace(meter, topped=dollars("50"))
    limit = replace(monthly("100"), top_up=TOP_UP)
    found = limit_of(limit, topped, NOON, ZONE)
    assert found is not None
    assert found.amount == dollars("150")
    plain = limit_of(monthly("100"), topped, NOON, ZONE)
    assert plain is not None
    assert plain.amount == dollars("100")
    assert limit_of(None, topped, NOON, ZONE) is None
