"""What should stand: the below-spent rule, the zero rule, kinds, first grants, and what is refused."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.capabilities import Capabilities
from core.limit import Kind, Limit, OnExhaustion
from core.money import ZERO, Money, or_zero
from core.objections import Objection, objections
from core.plan import HoldReason
from core.standing import Absence, Spend, Standing
from core.target import NoTarget, Target
from tests.unit.strategies import (
    LAWS,
    LEVELS,
    STEPS,
    amounts,
    dollars,
    limit_of,
    limits,
    standing_of,
    standings,
    wanted_of,
)

both = pytest.mark.parametrize("capabilities", [STEPS, LEVELS], ids=["steps", "levels"])


def target_of(limit: Limit, standing: Standing, capabilities: Capabilities = STEPS) -> Target:
    """Work out a target that there is."""
    found = wanted_of(limit, standing, capabilities)
    assert isinstance(found, Target), found
    return found


def reason_of(limit: Limit, standing: Standing, capabilities: Capabilities = STEPS) -> HoldReason:
    """Say why there is none."""
    found = wanted_of(limit, standing, capabilities)
    assert isinstance(found, NoTarget), found
    return found.reason


@both
@given(data=st.data())
@LAWS
def test_never_more_than_limit_or_grant(capabilities: Capabilities, data: st.DataObject) -> None:
    """Nothing above both the limit and the grant is ever wanted."""
    limit, standing = data.draw(limits(capabilities=capabilities)), data.draw(standings(capabilities=capabilities))
    found = wanted_of(limit, standing, capabilities)
    if isinstance(found, Target):
        assert or_zero(found.granted) <= max(limit.amount, or_zero(standing.granted_money))


@both
@given(data=st.data())
@LAWS
def test_a_cut_stops_at_what_is_spent(capabilities: Capabilities, data: st.DataObject) -> None:
    """A cut never goes below what may be spent, nor below the limit, and never makes a raise."""
    limit, standing = data.draw(limits(capabilities=capabilities)), data.draw(standings(capabilities=capabilities))
    found = wanted_of(limit, standing, capabilities)
    granted = standing.granted_money
    if isinstance(found, NoTarget) or granted is None or standing.kind is not limit.kind or limit.amount >= granted:
        return
    assert found.granted is not None
    assert limit.amount <= found.granted <= granted
    assert standing.spent is not None
    if found.granted < granted:
        assert found.granted >= standing.spent.high


@both
@given(data=st.data(), more=amounts())
@LAWS
def test_what_the_cap_left_plans_as_nothing(capabilities: Capabilities, data: st.DataObject, more: Money) -> None:
    """Once a target stands it is the target again, also when spend went on."""
    limit, standing = data.draw(limits(capabilities=capabilities)), data.draw(standings(capabilities=capabilities))
    found = wanted_of(limit, standing, capabilities)
    if isinstance(found, NoTarget):
        return
    assert found.granted is not None
    spent = standing.spent
    later = spent and Spend(low=spent.low + more, high=spent.high + more)
    applied = replace(standing, granted=found.granted, kind=limit.kind, spent=later)
    if found.granted <= limit.amount or later is not None:
        assert target_of(limit, applied, capabilities).granted == found.granted


@both
@given(data=st.data())
@LAWS
def test_unknown_spend_never_cuts(capabilities: Capabilities, data: st.DataObject) -> None:
    """Without a figure of spend no amount of the same kind is taken away."""
    limit, standing = data.draw(limits(capabilities=capabilities)), data.draw(standings(capabilities=capabilities))
    blind = replace(standing, spent=None, available=None)
    found = wanted_of(limit, blind, capabilities)
    if isinstance(found, Target) and blind.granted_money is not None and blind.kind is limit.kind:
        assert or_zero(found.granted) >= blind.granted_money


@both
@given(data=st.data())
@LAWS
def test_exhausting_means_nothing_left(capabilities: Capabilities, data: st.DataObject) -> None:
    """A cut that may leave nothing where something may be left says so; one that surely leaves some does not."""
    limit, standing = data.draw(limits(capabilities=capabilities)), data.draw(standings(capabilities=capabilities))
    found = wanted_of(limit, standing, capabilities)
    granted, spent = standing.granted_money, standing.spent
    if isinstance(found, NoTarget) or granted is None or spent is None or standing.kind is not limit.kind:
        return
    assert found.granted is not None
    cut = found.granted < granted
    if cut:
        assert found.exhausts == (found.granted <= spent.high)
    if found.granted > spent.high:
        assert not found.exhausts


@pytest.mark.parametrize(
    ("amount", "granted", "spent", "stands", "exhausts"),
    [
        ("150", "100", "80", "150", False),
        ("100", "100", "80", "100", False),
        ("90", "100", "80", "90", False),
        ("80", "100", "80", "80", True),
        ("50", "100", "80", "80", True),
        ("50", "80", "80", "80", False),
        ("50", "80", "95", "80", False),
        ("50", "100", "130", "100", False),
        ("90", "80", "95", "90", False),
    ],
)
def test_the_below_spent_rule(amount: str, granted: str, spent: str, stands: str, exhausts: bool) -> None:  # noqa: FBT001 - a table's column
    """The design's rule in figures: the limit, or else as near as the spend allows."""
    target = target_of(limit_of(amount), standing_of(granted, spent))
    assert (target.granted, target.exhausts) == (dollars(stands), exhausts)


def test_a_fraction_of_a_cent_is_not_withdrawn() -> None:
    """Where spend lies between two cents the cut stops at the upper one: the vendor would refuse the lower."""
    spent = Spend(low=dollars("79.99"), high=dollars("80.00"))
    assert target_of(limit_of("50"), standing_of("100", spent)).granted == dollars("80.00")


def test_a_cut_into_an_uncertain_spend_exhausts() -> None:
    """With spend known to an interval only, a cut to its upper end may leave nothing, also from inside it."""
    spent = Spend(low=dollars("60"), high=dollars("80"))
    assert target_of(limit_of("50"), standing_of("90", spent)).exhausts


def test_a_capped_cut_says_so() -> None:
    """The formula names the limit, where it is written, and why the cut stops short of it."""
    target = target_of(limit_of("50"), standing_of("100", "80"))
    assert target.capped
    assert target.formula == "limit 50.00 (limits.csv:2), but 80.00 is spent already: the cut stops there"


def test_negative_spend_is_no_room_for_a_negative_grant() -> None:
    """A refund that makes the spend negative does not push a cut below zero."""
    refunded = Spend.exactly(dollars("-20"))
    assert target_of(limit_of("0", allow_zero=True), standing_of("100", refunded)).granted == ZERO


@given(standing=standings(), limit=limits())
@LAWS
def test_zero_is_never_met_by_chance(standing: Standing, limit: Limit) -> None:
    """Zero is wanted only where it was written or stands already."""
    found = wanted_of(limit, standing, STEPS)
    if isinstance(found, Target) and found.granted == ZERO:
        assert ZERO in {limit.amount, standing.granted}


def test_zero_needs_a_word() -> None:
    """Zero is refused where the vendor cannot take it, and needs allow_zero where it can."""
    assert (
        "cannot take an amount of zero"
        in objections(limit_of("0", capabilities=LEVELS, allow_zero=True), LEVELS)[0].sentence
    )
    assert "write allow_zero = true" in objections(limit_of("0"), STEPS)[0].sentence
    assert objections(limit_of("0", allow_zero=True), STEPS) == []


@pytest.mark.parametrize(
    ("limit", "word"),
    [
        (limit_of(Money(-1)), "negative"),
        (limit_of(Money(1_000_000_01)), "the largest amount Steps Cloud takes is 1000000.00"),
        (limit_of("5", kind=Kind.ONE_TIME), "what is to happen when the amount is spent: write alert, freeze"),
        (limit_of("5", kind=Kind.MONTHLY), "no months on Steps Cloud"),
        (limit_of("5", kind=Kind.MONTHLY, on_exhaustion=OnExhaustion.FREEZE), "no months on Steps Cloud"),
        (limit_of("5", on_exhaustion=OnExhaustion.RESTRICT), "no restricting on Steps Cloud"),
        (limit_of("5", on_exhaustion=OnExhaustion.ALERT), "no alerts for a credit line on Steps Cloud"),
        (limit_of("5", non_stop=True), "non_stop contradicts"),
        (limit_of("5", non_stop=True, on_exhaustion=OnExhaustion.FREEZE), "non_stop contradicts"),
    ],
)
def test_what_a_vendor_cannot_keep_is_refused(limit: Limit, word: str) -> None:
    """Every choice that is refused has one sentence that names it."""
    assert [word in objection.sentence for objection in objections(limit, STEPS)] == [True]


def test_an_action_of_another_kind_is_refused() -> None:
    """An exhaustion action that the vendor does not have for the kind names those it has."""
    limit = limit_of("5", capabilities=LEVELS, on_exhaustion=OnExhaustion.FREEZE)
    assert "write alert, restrict, or leave it empty" in objections(limit, LEVELS)[0].sentence


def test_the_smallest_amount_is_kept() -> None:
    """An amount above zero and below the vendor's smallest is refused with that."""
    coarse = replace(LEVELS, minimum=Money(1_00))
    assert objections(limit_of("0.99", capabilities=LEVELS), coarse) == [
        Objection("amount", "the smallest amount Levels Cloud takes is 1.00")
    ]
    assert objections(limit_of("1.00", capabilities=LEVELS), coarse) == []


def test_running_on_contradicts_only_what_stops() -> None:
    """non_stop is refused with freeze, whoever chose it, and with nothing else."""
    able = replace(STEPS, refused={}, actions={Kind.CREDIT_LINE: frozenset(OnExhaustion)})
    assert objections(limit_of("5", non_stop=True, on_exhaustion=OnExhaustion.RESTRICT), able) == []
    assert objections(limit_of("5", non_stop=True), able) != []
    assert objections(limit_of("5", non_stop=True, capabilities=LEVELS), LEVELS) == []


@both
@given(data=st.data())
@LAWS
def test_what_a_vendor_can_keep_is_not_refused(capabilities: Capabilities, data: st.DataObject) -> None:
    """No objection is raised to a native kind with one of its actions and an amount in range."""
    assert objections(data.draw(limits(capabilities=capabilities)), capabilities) == []


@pytest.mark.parametrize("spent", ["10", "100", None])
def test_a_change_of_kind_caps_nothing(spent: str | None) -> None:
    """Spend counted under another kind does not move the amount, but where it may exhaust the target says so."""
    standing = standing_of("500", spent, capabilities=LEVELS, kind=Kind.MONTHLY)
    target = target_of(limit_of("100", capabilities=LEVELS, kind=Kind.ONE_TIME), standing, LEVELS)
    assert target.granted == dollars("100")
    assert not target.capped
    assert target.exhausts == (spent != "10")


def test_a_first_grant_states_its_action() -> None:
    """Where the vendor's default at exhaustion is not ours to guess, a first grant without a word is held."""
    nothing = standing_of(Absence.NOT_SET, None, capabilities=LEVELS)
    assert reason_of(limit_of("5", capabilities=LEVELS), nothing, LEVELS) is HoldReason.ACTION_UNSTATED
    stated = limit_of("5", capabilities=LEVELS, on_exhaustion=OnExhaustion.ALERT)
    assert target_of(stated, nothing, LEVELS).granted == dollars("5")
    assert target_of(limit_of("5"), standing_of(Absence.NOT_SET, None)).granted == dollars("5")


def test_a_first_grant_below_the_spend_exhausts() -> None:
    """Who has spent without a limit is cut off by a first one below that, and the target says so."""
    stated = limit_of("5", capabilities=LEVELS, on_exhaustion=OnExhaustion.RESTRICT)
    assert target_of(stated, standing_of(Absence.NOT_SET, "8", capabilities=LEVELS), LEVELS).exhausts
    assert not target_of(stated, standing_of(Absence.NOT_SET, "4", capabilities=LEVELS), LEVELS).exhausts


def test_what_is_not_said_is_not_zero() -> None:
    """An unknown grant is unreadable, neither zero nor none."""
    assert reason_of(limit_of("5"), standing_of(Absence.UNKNOWN)) is HoldReason.UNREADABLE


def test_another_currency_is_held() -> None:
    """An answer in another currency is held whatever its figures are."""
    for granted in ("1", "5", "100"):
        foreign = standing_of(granted, "0", currency="CNY")
        assert reason_of(limit_of("5"), foreign) is HoldReason.CURRENCY
