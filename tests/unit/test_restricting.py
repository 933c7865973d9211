"""Whether a customer is restricted, frozen or released: every row of the decision, and when its data is deleted."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.books import Cause
from core.intent import Action
from core.limit import Limit, OnExhaustion, Release
from core.money import ZERO, Money
from core.plan import HoldReason
from core.policy import AccountPolicy, Agreement, Approval
from core.restricting import Lever, deleted_after, lever
from core.spending import Reading
from core.standing import Restriction, Spend, Standing
from tests.unit.strategies import LAG, LAWS, LEVELS, NOW, STEPS, dollars, limit_of, policy_of, standing_of

AGREED = Agreement(by="A. Nyman", on=date(2026, 1, 1))
APPROVED = Approval(
    account=None,
    customer_id="c00001",
    kind="freeze",
    up_to=None,
    until=NOW + timedelta(days=1),
    approved_by="A. Nyman",
    reason="does not pay",
)
BARE = policy_of(vendor="levels")
ANSWERED = replace(BARE, agreement=AGREED, approvals=(APPROVED,))
RESTRICTIONS = [Restriction.RESTRICTED, Restriction.FROZEN, Restriction.SUSPENDED]


def a_limit(amount: str = "100", action: OnExhaustion = OnExhaustion.RESTRICT) -> Limit:
    """Want an amount of a vendor that restricts by calls of their own."""
    return limit_of(amount, capabilities=LEVELS, on_exhaustion=action, allow_zero=True)


FREEZE = a_limit(action=OnExhaustion.FREEZE)


def shown(restriction: Restriction | None) -> Standing:
    """Show how a customer is restricted."""
    return replace(standing_of("100", "100", capabilities=LEVELS), restriction=restriction)


def spent(low: str, high: str | None = None, since: datetime | None = NOW - LAG) -> Reading:
    """Say what is spent, and since when the amount is for certain."""
    return Reading(spend=Spend(low=dollars(low), high=dollars(high or low)), reached_since=since)


def pulled(
    limit: Limit,
    restriction: Restriction | None,
    reading: Reading,
    cause: Cause | None = None,
    policy: AccountPolicy = ANSWERED,
) -> Lever | None:
    """Decide."""
    return lever(limit, shown(restriction), reading, cause, LEVELS, policy, NOW)


def action_of(found: Lever | None) -> Action | HoldReason | None:
    """Say what is done, or why it is not; None where all stays as it is."""
    return None if found is None else found.action or found.reason


@pytest.mark.parametrize("restriction", [None, *Restriction])
def test_no_lever_where_there_is_none(restriction: Restriction | None) -> None:
    """Where the vendor restricts by itself, or does not say how a customer stands, nothing is done."""
    limit = limit_of("0", allow_zero=True, on_exhaustion=OnExhaustion.FREEZE)
    standing = replace(standing_of("0", "0"), restriction=restriction)
    assert lever(limit, standing, spent("0"), Cause.OURS, STEPS, ANSWERED, NOW) is None
    assert pulled(a_limit("0"), None, spent("0"), Cause.OURS) is None


@pytest.mark.parametrize(
    ("action", "policy", "done"),
    [
        (OnExhaustion.RESTRICT, BARE, Action.RESTRICT),
        (OnExhaustion.FREEZE, ANSWERED, Action.FREEZE),
        (OnExhaustion.FREEZE, BARE, HoldReason.NOT_AGREED),
        (OnExhaustion.FREEZE, replace(BARE, agreement=AGREED), HoldReason.NOT_AGREED),
        (OnExhaustion.FREEZE, replace(BARE, approvals=(APPROVED,)), HoldReason.NOT_AGREED),
    ],
)
def test_zero_stops_a_customer_by_a_call(
    action: OnExhaustion, policy: AccountPolicy, done: Action | HoldReason
) -> None:
    """An amount of zero restricts, or with freeze freezes as far as that is agreed to; it needs no spend."""
    limit = a_limit("0", action)
    found = pulled(limit, Restriction.NONE, Reading(spend=None), policy=policy)
    assert action_of(found) is done
    assert found is not None
    after = {Action.RESTRICT: Restriction.RESTRICTED, Action.FREEZE: Restriction.FROZEN}
    assert found.restriction is after.get(found.action) if found.action is not None else found.restriction is None


@pytest.mark.parametrize("restriction", RESTRICTIONS)
@pytest.mark.parametrize("cause", [None, *Cause])
def test_zero_leaves_who_is_stopped_stopped(restriction: Restriction, cause: Cause | None) -> None:
    """Whoever restricted a customer whose amount is zero: it stays."""
    assert pulled(a_limit("0"), restriction, spent("0"), cause) is None
    assert pulled(a_limit("0", OnExhaustion.FREEZE), restriction, spent("0"), cause) is None


@pytest.mark.parametrize(
    ("reading", "policy", "done"),
    [
        (spent("99.99", "150"), ANSWERED, None),
        (Reading(spend=None, reached_since=NOW - LAG), ANSWERED, None),
        (spent("100", since=None), ANSWERED, HoldReason.ONE_OBSERVATION),
        (spent("100", since=NOW - LAG + timedelta(seconds=1)), ANSWERED, HoldReason.ONE_OBSERVATION),
        (spent("100"), ANSWERED, Action.FREEZE),
        (spent("100"), BARE, HoldReason.NOT_AGREED),
        (spent("100"), replace(BARE, agreement=AGREED), HoldReason.NOT_AGREED),
        (spent("100"), replace(BARE, approvals=(APPROVED,)), HoldReason.NOT_AGREED),
    ],
)
def test_frozen_is_only_what_is_certain_and_answered_for(
    reading: Reading, policy: AccountPolicy, done: Action | HoldReason | None
) -> None:
    """A freeze needs the whole amount spent at least, seen by two reads, the agreement and the approval."""
    assert action_of(pulled(FREEZE, Restriction.NONE, reading, policy=policy)) is done


@pytest.mark.parametrize(
    "approval",
    [
        replace(APPROVED, customer_id="c00002"),
        replace(APPROVED, customer_id=None, account="main"),
        replace(APPROVED, account="another"),
        replace(APPROVED, kind="max_exhausted", up_to=1),
        replace(APPROVED, until=NOW),
    ],
    ids=["another customer", "the account", "another account", "another guard", "expired"],
)
def test_an_approval_is_for_this_customer_and_this_time(approval: Approval) -> None:
    """Nobody else's approval, none for something else and no expired one freezes a customer."""
    policy = replace(ANSWERED, approvals=(approval,))
    assert action_of(pulled(FREEZE, Restriction.NONE, spent("100"), policy=policy)) is HoldReason.NOT_AGREED


@pytest.mark.parametrize("action", [OnExhaustion.ALERT, OnExhaustion.RESTRICT])
def test_only_freeze_freezes(action: OnExhaustion) -> None:
    """With alert or restrict the vendor does what is to be done at exhaustion."""
    assert pulled(a_limit(action=action), Restriction.NONE, spent("500")) is None


@pytest.mark.parametrize(
    ("cause", "spend", "done"),
    [
        (Cause.OURS, spent("40"), Action.RELEASE),
        (Cause.EXHAUSTION, spent("40"), Action.RELEASE),
        (Cause.OURS, spent("99.99"), Action.RELEASE),
        (Cause.OURS, spent("40", "100"), None),
        (Cause.EXHAUSTION, spent("100"), None),
        (Cause.EXHAUSTION, Reading(spend=None), None),
        (Cause.OTHER, spent("40"), HoldReason.RESTRICTED_BY_OTHER),
        (Cause.OTHER, spent("100"), None),
        (Cause.ADOPTED, spent("40"), None),
        (None, spent("40"), None),
        (Cause.NEW, spent("40"), None),
    ],
)
@pytest.mark.parametrize("restriction", [Restriction.RESTRICTED, Restriction.FROZEN])
def test_released_is_only_what_exhaustion_caused(
    cause: Cause | None, spend: Reading, done: Action | HoldReason | None, restriction: Restriction
) -> None:
    """A release needs room by the most that may be spent, and a restriction of ours or of exhaustion."""
    for limit in (a_limit(), FREEZE):
        found = pulled(limit, restriction, spend, cause)
        assert action_of(found) is done
        if done is Action.RELEASE:
            assert found is not None
            assert found.restriction is Restriction.NONE


def test_manual_waits_for_a_person() -> None:
    """With release = manual what would be lifted is held, and nothing else is said."""
    manual = replace(a_limit(), release=Release.MANUAL)
    held = pulled(manual, Restriction.RESTRICTED, spent("40"), Cause.EXHAUSTION)
    assert action_of(held) is HoldReason.RELEASE_MANUAL
    assert pulled(manual, Restriction.RESTRICTED, spent("100"), Cause.EXHAUSTION) is None
    other = pulled(manual, Restriction.RESTRICTED, spent("40"), Cause.OTHER)
    assert action_of(other) is HoldReason.RESTRICTED_BY_OTHER


def test_a_new_customer_is_taken_aboard_on_word_alone() -> None:
    """The vendor's restriction of new customers is lifted with onboard = true, and only that one."""
    aboard = replace(a_limit(), onboard=True)
    assert action_of(pulled(aboard, Restriction.RESTRICTED, Reading(spend=None), Cause.NEW)) is Action.RELEASE
    assert pulled(a_limit(), Restriction.RESTRICTED, spent("0"), Cause.NEW) is None
    assert pulled(aboard, Restriction.RESTRICTED, spent("0"), Cause.ADOPTED) is None


def test_alert_lifts_what_we_did() -> None:
    """Nobody is to be cut off any more: what we did goes though all is spent, and what exhaustion did too."""
    alert = a_limit(action=OnExhaustion.ALERT)
    assert action_of(pulled(alert, Restriction.FROZEN, spent("500"), Cause.OURS)) is Action.RELEASE
    assert action_of(pulled(alert, Restriction.RESTRICTED, spent("500"), Cause.EXHAUSTION)) is Action.RELEASE
    assert pulled(alert, Restriction.RESTRICTED, spent("500"), Cause.ADOPTED) is None


@given(
    amount=st.sampled_from(["0", "100"]),
    action=st.sampled_from(OnExhaustion),
    restriction=st.sampled_from(Restriction),
    low=st.integers(0, 200_00),
    width=st.sampled_from([0, 1, 5000]),
    cause=st.sampled_from([None, *Cause]),
    policy=st.sampled_from([BARE, ANSWERED]),
)
@LAWS
def test_nobody_is_lifted_or_stopped_by_chance(
    amount: str,
    action: OnExhaustion,
    restriction: Restriction,
    low: int,
    width: int,
    cause: Cause | None,
    policy: AccountPolicy,
) -> None:
    """Freezes are answered for and certain, releases have room and a cause of ours, and a hold has a sentence."""
    limit = a_limit(amount, action)
    reading = Reading(spend=Spend(low=Money(low), high=Money(low + width)), reached_since=NOW - LAG)
    found = pulled(limit, restriction, reading, cause, policy)
    if found is None:
        return
    assert (found.action is None) == (found.reason is not None)
    assert found.reason is None or found.detail
    if found.action is Action.FREEZE:
        assert (restriction, policy, action) == (Restriction.NONE, ANSWERED, OnExhaustion.FREEZE)
        assert limit.amount == ZERO or Money(low) >= limit.amount
    if found.action is Action.RELEASE:
        assert cause in {Cause.OURS, Cause.EXHAUSTION}
        assert restriction is not Restriction.NONE
        assert limit.amount > ZERO
        assert Money(low + width) < limit.amount or (cause is Cause.OURS and action is OnExhaustion.ALERT)


_LIFE = timedelta(days=15)


@pytest.mark.parametrize(
    ("restriction", "cause", "told"),
    [
        (Restriction.SUSPENDED, None, True),
        (Restriction.SUSPENDED, Cause.EXHAUSTION, True),
        (Restriction.FROZEN, Cause.OURS, True),
        (Restriction.RESTRICTED, Cause.OURS, False),
        (Restriction.RESTRICTED, Cause.EXHAUSTION, False),
        (Restriction.RESTRICTED, Cause.OTHER, True),
        (Restriction.RESTRICTED, Cause.ADOPTED, True),
        (Restriction.RESTRICTED, None, True),
        (Restriction.NONE, Cause.OURS, False),
        (None, Cause.OURS, False),
    ],
)
def test_data_is_deleted_after_its_days(restriction: Restriction | None, cause: Cause | None, *, told: bool) -> None:
    """It is told for all whose resources stopped or may have; a restriction of purchases alone deletes nothing."""
    expected = NOW + _LIFE if told else None
    assert deleted_after(shown(restriction), NOW, cause, _LIFE) == expected
    assert deleted_after(shown(restriction), None, cause, _LIFE) is None
    assert deleted_after(shown(restriction), NOW, cause, None) is None
