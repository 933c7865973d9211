"""What should stand of a credit that is followed: the formulas, their two ends, the cushion, and what is held."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.limit import Kind, Limit, OnExhaustion, Overrun
from core.money import ZERO, Money, or_zero
from core.plan import HoldReason
from core.spending import Reading
from core.standing import Absence, Spend, Standing
from core.target import NoTarget, Target, wanted
from tests.unit.strategies import LAWS, NOW, STEPS, amounts, dollars, limit_of, spends, standing_of

_BOTH = frozenset({OnExhaustion.FREEZE, OnExhaustion.ALERT})
FOLLOWS = replace(
    STEPS,
    actions={Kind.CREDIT_LINE: _BOTH},
    emulated={Kind.MONTHLY: _BOTH, Kind.ONE_TIME: _BOTH},
    refused={},
)
FOLLOWED = (Kind.MONTHLY, Kind.ONE_TIME)


def a_limit(amount: str | Money, kind: Kind = Kind.MONTHLY, overrun: Overrun | None = None) -> Limit:
    """Want an amount; with an overrun nobody is to be cut off."""
    action = OnExhaustion.FREEZE if overrun is None else OnExhaustion.ALERT
    return replace(limit_of(amount, kind=kind, on_exhaustion=action, allow_zero=True), overrun=overrun)


def metered(low: str | Money, high: str | Money | None = None, unmetered: Money = ZERO) -> Reading:
    """Say what was spent of the period."""
    ends = [Money.parse(end) if isinstance(end, str) else end for end in (low, high if high is not None else low)]
    return Reading(spend=Spend(low=ends[0], high=ends[1], since=NOW - timedelta(days=1)), unmetered=unmetered)


def found(limit: Limit, standing: Standing, reading: Reading, lead: Money = ZERO) -> Target:
    """Work out what is to stand; what a person must say more about stays as it is."""
    target = wanted(limit, standing, FOLLOWS, reading, lead)
    if isinstance(target, NoTarget) and target.reason is HoldReason.SPEND_UNSURE:
        stays = standing.granted_money
        return Target(granted=stays, on_exhaustion=limit.on_exhaustion, exhausts=False, capped=False, formula="")
    assert isinstance(target, Target), target
    return target


def stands(limit: Limit, granted: str, used: str, reading: Reading, lead: str = "0") -> str:
    """Say what should stand."""
    return str(found(limit, standing_of(granted, used), reading, dollars(lead)).granted)


@pytest.mark.parametrize("kind", FOLLOWED)
@pytest.mark.parametrize(
    ("amount", "granted", "used", "spent", "total"),
    [
        ("100", "0", "0", "0", "100.00"),
        ("100", "0", "250", "0", "350.00"),
        ("100", "350", "280", "30", "350.00"),
        ("100", "350", "280", "10", "370.00"),
        ("100", "350", "350", "100", "350.00"),
        ("100", "400", "350", "100", "350.00"),
        ("100", "400", "350", "130", "350.00"),
        ("100", "300", "350", "130", "300.00"),
        ("100", "350", "80", "100", "80.00"),
        ("100", "50", "-30", "20", "80.00"),
        ("0", "50", "20", "0", "20.00"),
    ],
)
def test_use_and_what_is_left(kind: Kind, amount: str, granted: str, used: str, spent: str, total: str) -> None:
    """Without a doubt the credit is U + max(A - S, 0), and one that is overdrawn is not paid up."""
    assert stands(a_limit(amount, kind), granted, used, metered(spent)) == total


@pytest.mark.parametrize("kind", FOLLOWED)
@pytest.mark.parametrize(
    ("amount", "granted", "used", "spent", "lead", "total"),
    [
        ("100", "0", "0", "0", "0", "100.00"),  # what is left is more than any cushion
        ("100", "100", "89", "89", "0", "100.00"),  # 11 left, above the cushion of 10
        ("100", "100", "91", "91", "0", "111.00"),  # 9 left: twice the cushion
        ("100", "100", "100", "100", "0", "120.00"),
        ("100", "100", "500", "100", "0", "520.00"),
        ("100", "100", "70", "70", "40", "150.00"),  # it spends 40 until the next look but one
        ("100", "200", "91", "91", "0", "111.00"),  # more than the amount and the cushion give
    ],
)
def test_a_cushion_before_everybody_who_is_not_to_be_cut_off(
    kind: Kind, amount: str, granted: str, used: str, spent: str, lead: str, total: str
) -> None:
    """Below the cushion the credit goes to twice the cushion, or to what is left where that is more."""
    assert stands(a_limit(amount, kind, Overrun(None)), granted, used, metered(spent), lead) == total


@pytest.mark.parametrize(
    ("granted", "used", "total"),
    [("50", "0", "100.00"), ("100", "85", "100.00"), ("100", "95", "115.00"), ("100", "130", "150.00")],
)
def test_a_credit_line_with_a_cushion(granted: str, used: str, total: str) -> None:
    """A revolving credit of customers who are not cut off is the larger of A and U with the cushion."""
    limit = a_limit("100", Kind.CREDIT_LINE, Overrun(None))
    assert stands(limit, granted, used, Reading(spend=Spend.exactly(dollars(used)))) == total


@pytest.mark.parametrize(
    ("spent", "total"),
    [("100", "105.00"), ("103", "105.00"), ("105", "100.00"), ("120", "100.00")],
)
def test_the_overrun_ends_the_cushion(spent: str, total: str) -> None:
    """No credit is given above the amount and overrun_max, and one that is overdrawn by more is not paid up."""
    limit = a_limit("100", overrun=Overrun(dollars("5")))
    assert stands(limit, "100", spent, metered(spent)) == total


def test_raises_by_the_most_and_cuts_by_the_least() -> None:
    """Where the spend is an interval so is the target: what stands within it stands as wanted."""
    limit, reading = a_limit("100"), metered("20", "50")
    assert stands(limit, "100", "60", reading) == "110.00"
    assert stands(limit, "110", "60", reading) == "110.00"
    assert stands(limit, "125", "60", reading) == "125.00"
    assert stands(limit, "140", "60", reading) == "140.00"
    assert stands(limit, "150", "60", reading) == "140.00"


def test_not_knowing_takes_no_cushion_back() -> None:
    """A wider interval never cuts the cushion that stands: what is taken is counted by the least."""
    limit = a_limit("100", overrun=Overrun(dollars("30")))
    assert stands(limit, "120", "100", metered("100")) == "120.00"
    assert stands(limit, "120", "100", metered("100", "300")) == "120.00"


readings = st.builds(lambda spend: Reading(spend=spend), spends())
overruns = st.one_of(st.none(), st.just(Overrun(None)), st.builds(Overrun, amounts(0, 5_000)))
kinds = st.sampled_from(FOLLOWED)


@given(
    amount=amounts(),
    kind=kinds,
    overrun=overruns,
    granted=amounts(),
    used=amounts(-100),
    reading=readings,
    lead=amounts(0, 5000),
)
@LAWS
def test_what_was_set_stays(
    amount: Money, kind: Kind, overrun: Overrun | None, granted: Money, used: Money, reading: Reading, lead: Money
) -> None:
    """After the target was set the next target is the same: nothing flaps."""
    limit, standing = a_limit(amount, kind, overrun), standing_of(granted, Spend.exactly(used))
    target = found(limit, standing, reading, lead)
    again = found(limit, replace(standing, granted=or_zero(target.granted)), reading, lead)
    assert (again.granted, again.urgent, again.exhausts) == (target.granted, False, False)


@given(amount=amounts(), kind=kinds, granted=amounts(), used=amounts(), reading=readings, more=amounts())
@LAWS
def test_spending_moves_nothing(
    amount: Money, kind: Kind, granted: Money, used: Money, reading: Reading, more: Money
) -> None:
    """As a customer goes on spending, use and spend rise together and no credit is taken or given."""
    limit, standing = a_limit(amount, kind), standing_of(granted, Spend.exactly(used))
    target = found(limit, standing, reading)
    assert reading.spend is not None
    later = Reading(spend=Spend(low=reading.spend.low + more, high=reading.spend.high + more))
    applied = replace(standing, granted=or_zero(target.granted), spent=Spend.exactly(used + more))
    assert found(limit, applied, later).granted == target.granted


@given(
    amount=amounts(),
    overrun=overruns,
    granted=amounts(),
    used=amounts(),
    spent=amounts(),
    paces=st.lists(amounts(0, 300), max_size=20),
)
@LAWS
def test_a_cushion_is_a_staircase(
    amount: Money, overrun: Overrun | None, granted: Money, used: Money, spent: Money, paces: list[Money]
) -> None:
    """While a customer spends, its credit only rises, and by no less than what is left to the next stair."""
    assume(overrun is not None)
    limit, spend, stood = a_limit(amount, overrun=overrun), spent, granted
    first = found(limit, standing_of(stood, Spend.exactly(used)), metered(spend))
    stood = or_zero(first.granted)
    for pace in paces:
        used, spend = used + pace, spend + pace
        target = found(limit, standing_of(stood, Spend.exactly(used)), metered(spend))
        assert or_zero(target.granted) >= stood
        stood = or_zero(target.granted)


@given(amount=amounts(), kind=kinds, overrun=overruns, granted=amounts(), used=amounts(), reading=readings)
@LAWS
def test_a_raise_gives_no_more_than_is_left(
    amount: Money, kind: Kind, overrun: Overrun | None, granted: Money, used: Money, reading: Reading
) -> None:
    """What is raised is bounded by the amount, and overrun_max, less the most that may have been spent."""
    target = found(a_limit(amount, kind, overrun), standing_of(granted, Spend.exactly(used)), reading)
    assert reading.spend is not None
    above = ZERO if overrun is None else overrun.most
    if target.granted is not None and target.granted > granted and above is not None:
        left = amount + above - reading.spend.high
        assert left > ZERO
        assert target.granted <= used + left


@given(amount=amounts(), kind=kinds, overrun=overruns, granted=amounts(), used=amounts(), reading=readings)
@LAWS
def test_only_what_is_spent_for_certain_exhausts(
    amount: Money, kind: Kind, overrun: Overrun | None, granted: Money, used: Money, reading: Reading
) -> None:
    """Nothing left to spend is a cut's doing only where the least that was spent is the whole amount."""
    target = found(a_limit(amount, kind, overrun), standing_of(granted, Spend.exactly(used)), reading)
    assert reading.spend is not None
    nothing_left = target.granted is not None and target.granted <= used < granted
    assert target.exhausts == nothing_left
    if nothing_left:
        assert reading.spend.low >= amount


@given(
    amount=amounts(),
    kind=kinds,
    overrun=overruns,
    granted=amounts(),
    used=amounts(),
    reading=readings,
    wider=amounts(0, 500),
)
@LAWS
def test_knowing_less_moves_less(
    amount: Money, kind: Kind, overrun: Overrun | None, granted: Money, used: Money, reading: Reading, wider: Money
) -> None:
    """A wider interval neither raises more nor cuts more."""
    limit, standing = a_limit(amount, kind, overrun), standing_of(granted, Spend.exactly(used))
    spend = reading.spend
    assert spend is not None
    doubtful = Reading(spend=Spend(low=max(spend.low - wider, ZERO), high=spend.high + wider))
    known, unsure = (or_zero(found(limit, standing, each).granted) for each in (reading, doubtful))
    assert granted <= unsure <= known or known <= unsure <= granted


@pytest.mark.parametrize(
    ("granted", "used", "urgent"),
    [("100", "91", True), ("100", "89", False), ("130", "100", False), ("100", "99", True)],
)
def test_below_the_cushion_is_urgent(granted: str, used: str, urgent: bool) -> None:  # noqa: FBT001 - a table's column
    """A raise is urgent where less than the cushion is left; no other is."""
    limit = a_limit("100", overrun=Overrun(None))
    assert found(limit, standing_of(granted, used), metered(used)).urgent is urgent
    assert not found(a_limit("500"), standing_of(granted, used), metered(used)).urgent


def test_no_word_no_overrun() -> None:
    """Where no overrun is allowed the cushion ends at the amount."""
    limit = a_limit("100", overrun=Overrun(ZERO))
    assert stands(limit, "90", "89", metered("89")) == "100.00"
    assert stands(limit, "100", "100", metered("100")) == "100.00"


def test_what_was_used_before_is_held_only_where_it_matters() -> None:
    """Not knowing what was spent before is a hold where it leaves the customer with nothing, and silence elsewhere."""
    limit = a_limit("100")
    unsure = metered("5", "305", unmetered=dollars("300"))
    assert stands(limit, "350", "305", unsure) == "350.00"
    held = wanted(limit, standing_of("305", "305"), FOLLOWS, unsure, ZERO)
    assert isinstance(held, NoTarget)
    assert held.reason is HoldReason.SPEND_UNSURE
    assert "up to 300.00" in held.detail
    assert "400.00 is granted" in held.detail
    assert stands(limit, "400", "305", unsure) == "400.00"
    assert stands(limit, "450", "305", unsure) == "400.00"
    assert stands(limit, "350", "305", metered("5", "305")) == "350.00"


@given(amount=amounts(), granted=amounts(), used=amounts(), spent=amounts(0, 1000))
@LAWS
def test_adoption_takes_nothing_for_what_is_not_known(amount: Money, granted: Money, used: Money, spent: Money) -> None:
    """At the first looks a customer loses only what it would lose had it spent nothing before, and keeps its use."""
    assume(spent <= used)
    reading = metered(spent, used, unmetered=used - spent)
    target = wanted(a_limit(amount), standing_of(granted, Spend.exactly(used)), FOLLOWS, reading, ZERO)
    if isinstance(target, NoTarget):
        assert target.reason is HoldReason.SPEND_UNSURE
        return
    stood = or_zero(target.granted)
    assert stood >= min(granted, used + max(amount - spent, ZERO))
    assert stood <= max(granted, used + max(amount - used, ZERO))


def test_what_is_not_known_has_no_target() -> None:
    """Without the use, or without the spend that counts, nothing is wanted, and the reason is told."""
    blind = wanted(a_limit("100"), standing_of("100", None), FOLLOWS, metered("0"), ZERO)
    early = wanted(a_limit("100"), standing_of("100", "5"), FOLLOWS, Reading(spend=None, why="too early"), ZERO)
    assert isinstance(blind, NoTarget)
    assert isinstance(early, NoTarget)
    assert (blind.reason, early.reason, early.detail) == (HoldReason.SPEND_UNKNOWN, HoldReason.TOO_EARLY, "too early")


def test_a_first_grant_is_followed_too() -> None:
    """Where no credit stands it is given from nothing, and nothing is asked for where none is to be."""
    empty = standing_of(Absence.NOT_SET, "0")
    assert found(a_limit("100"), empty, metered("0")).granted == dollars("100")
    assert found(a_limit("0"), empty, metered("0")).granted is None


def test_the_formula_is_one_sentence() -> None:
    """It names the use, the amount and where it is written, the spend, since when, and the cushion."""
    target = found(a_limit("100"), standing_of("100", "60"), metered("20", "50"))
    assert target.formula == (
        "60.00 used at the vendor, and what is left of it: "
        "limit 100.00 (limits.csv:2) less 20.00 to 50.00 spent since 2026-03-14 12:00 UTC"
    )
    cushioned = found(a_limit("100", overrun=Overrun(None)), standing_of("100", "60"), metered("20"), dollars("15"))
    assert cushioned.formula.endswith("; nobody is cut off: at least 15.00 is kept before the customer")
