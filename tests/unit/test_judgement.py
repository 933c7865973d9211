"""One customer judged: what is held and why, what write policies block, what the effects say."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.capabilities import Capabilities
from core.intent import Action
from core.judgement import Block, Facts, judge, with_spend_that_counts
from core.limit import Kind, Limit, OnExhaustion, WritePolicy
from core.money import Money
from core.pause import Pause
from core.plan import Correction, Direction, Hold, HoldReason
from core.standing import Absence, Restriction, Spend, Standing
from core.target import Target
from tests.unit.strategies import (
    ACCOUNT,
    LAWS,
    LEVELS,
    NOW,
    STEPS,
    customer,
    dollars,
    facts_for,
    limit_of,
    limits,
    policy_of,
    standing_of,
    standings,
    wanted_of,
)

KEY = customer().key
both = pytest.mark.parametrize("capabilities", [STEPS, LEVELS], ids=["steps", "levels"])


def corrected(limit: Limit, standing: Standing, facts: Facts | None = None) -> Correction:
    """Judge a customer that is to be corrected."""
    found = judge(limit, standing, None, facts or facts_for())
    assert isinstance(found, Correction), found
    return found


def held(limit: Limit, standing: Standing | None, facts: Facts | None = None) -> Hold:
    """Judge a customer that is to be held."""
    found = judge(limit, standing, None, facts or facts_for())
    assert isinstance(found, Hold), found
    return found


@both
@given(data=st.data())
@LAWS
def test_in_sync_is_what_the_target_says(capabilities: Capabilities, data: st.DataObject) -> None:
    """Nothing is to be done exactly where the target stands already, with its kind and its action."""
    limit, standing = data.draw(limits(capabilities=capabilities)), data.draw(standings(capabilities=capabilities))
    found = judge(limit, standing, None, facts_for(capabilities, earlier=[standing]))
    target = wanted_of(limit, standing, capabilities)
    stands = (
        isinstance(target, Target)
        and standing.granted == target.granted
        and standing.kind is limit.kind
        and (target.on_exhaustion in {None, standing.on_exhaustion} or capabilities.action_readable)
    )
    assert (found is None) == stands


@pytest.mark.parametrize("reason", [HoldReason.UNCERTAIN, HoldReason.DISPUTED, HoldReason.STALE_READ])
@pytest.mark.parametrize("amount", ["5", "10", "20"])
def test_an_open_change_is_never_planned_over(reason: HoldReason, amount: str) -> None:
    """A customer whose last change is not settled is held whatever its figures say, even that it is in sync."""
    facts = facts_for(blocks={KEY: Block(reason=reason, detail="because")})
    hold = held(limit_of(amount), standing_of("10"), facts)
    assert (hold.reason, hold.detail, hold.action) == (reason, "because", None)
    assert held(limit_of(amount), None, facts).reason is reason


def test_a_pause_holds_corrections_only() -> None:
    """A paused customer that is in sync is in sync; one to be corrected is held with what would be done."""
    facts = facts_for(blocks={KEY: Block(reason=HoldReason.PAUSED, detail="by anna: audit")})
    assert judge(limit_of("10"), standing_of("10"), None, facts) is None
    hold = held(limit_of("20"), standing_of("10"), facts)
    assert (hold.reason, hold.detail, hold.change) == (HoldReason.PAUSED, "by anna: audit", dollars("10"))
    assert hold.blocked_by == ("paused",)


def test_the_accounts_block_holds_its_corrections() -> None:
    """What stops an account holds its corrections, and no customer that is in sync."""
    facts = facts_for(account_block=Block(reason=HoldReason.CLOCK, detail="ours is +40 s off the vendor's"))
    assert held(limit_of("20"), standing_of("10"), facts).reason is HoldReason.CLOCK
    assert judge(limit_of("10"), standing_of("10"), None, facts) is None


def test_a_raises_block_lets_cuts_pass() -> None:
    """What stops an account's raises leaves its cuts alone."""
    facts = facts_for(raises_block=Block(reason=HoldReason.BOOKS), earlier=[standing_of("10")])
    assert held(limit_of("20"), standing_of("10"), facts).reason is HoldReason.BOOKS
    assert corrected(limit_of("5"), standing_of("10"), facts).direction is Direction.CUT


def test_the_protected_are_held() -> None:
    """A protected customer is held both ways."""
    facts = facts_for(policy=policy_of(protected=frozenset({KEY.customer_id})))
    for amount in ("5", "20"):
        assert held(limit_of(amount), standing_of("10"), facts).reason is HoldReason.PROTECTED


def test_no_answer_is_held() -> None:
    """A customer without a standing is held for the reason given, else as unreadable."""
    missing = Block(reason=HoldReason.UNKNOWN_CUSTOMER)
    found = judge(limit_of("5"), None, missing, facts_for())
    assert isinstance(found, Hold)
    assert found.reason is HoldReason.UNKNOWN_CUSTOMER
    assert held(limit_of("5"), None).reason is HoldReason.UNREADABLE


def test_a_fall_of_spend_counts_when_seen_twice() -> None:
    """A cut goes by the higher spend until an earlier observation shows the lower one too."""
    now = standing_of("100", "10")
    glitch = corrected(limit_of("50"), now, facts_for(earlier=[standing_of("100", "80")]))
    assert glitch.after.granted == dollars("80")
    fallen = corrected(limit_of("50"), now, facts_for(earlier=[standing_of("100", "10")]))
    assert fallen.after.granted == dollars("50")


@given(standing=standings(), earlier=standings())
@LAWS
def test_spend_that_counts_is_the_higher_one(standing: Standing, earlier: Standing) -> None:
    """An earlier observation only ever raises the spend, and touches nothing else."""
    counted = with_spend_that_counts(standing, earlier)
    assert replace(counted, spent=standing.spent) == standing
    if standing.spent is None or earlier.spent is None:
        assert counted == standing
        return
    assert counted.spent is not None
    assert counted.spent.low == max(standing.spent.low, earlier.spent.low)
    assert counted.spent.high >= standing.spent.high


@pytest.mark.parametrize(
    "earlier",
    [
        standing_of("100", "80", capabilities=LEVELS, kind=Kind.ONE_TIME),
        standing_of("100", "80", capabilities=LEVELS, currency="CNY"),
        standing_of("100", None, capabilities=LEVELS),
    ],
    ids=["another kind", "another currency", "no figure"],
)
def test_other_spend_is_not_compared(earlier: Standing) -> None:
    """Spend of another kind or currency, or none, says nothing about this one, and stops nobody's plan."""
    now = standing_of("100", "10", capabilities=LEVELS, kind=Kind.MONTHLY)
    assert with_spend_that_counts(now, earlier) == now


def test_spend_of_a_kind_left_out_is_compared() -> None:
    """Where the vendor left the kind out, the earlier spend still counts: too little would be cut, never too much."""
    earlier = replace(standing_of("100", "80"), kind=None)
    counted = with_spend_that_counts(standing_of("100", "10"), earlier)
    assert counted.spent == Spend.exactly(dollars("80"))


def test_taking_the_last_credit_rests_on_two_observations() -> None:
    """A cut to nothing waits until an observation at least the lag older shows the same."""
    limit, now = limit_of("50"), standing_of("100", "80")
    once = held(limit, now)
    assert once.reason is HoldReason.ONE_OBSERVATION
    assert once.detail == "seen once, at 2026-03-15 12:00 UTC; it counts when a read at least 10 min later shows it too"
    assert corrected(limit, now, facts_for(earlier=[standing_of("100", "60")])).exhausts


@pytest.mark.parametrize(
    "earlier",
    [standing_of("100", "10"), standing_of("100", None), standing_of("100", "80", currency="CNY")],
    ids=["left enough", "no figure", "another currency"],
)
def test_an_earlier_observation_must_show_it_too(earlier: Standing) -> None:
    """An earlier observation that does not show the limit used up is no second one."""
    assert held(limit_of("50"), standing_of("100", "80"), facts_for(earlier=[earlier])).reason is (
        HoldReason.ONE_OBSERVATION
    )


def test_a_harmless_cut_needs_one_observation() -> None:
    """A cut that leaves something to spend is made at once."""
    assert corrected(limit_of("50"), standing_of("100", "40")).direction is Direction.CUT


def test_a_first_grant_is_not_kept_waiting() -> None:
    """A first grant below the spend is marked as exhausting, for the guard; there is nothing to see twice."""
    limit = limit_of("5", capabilities=LEVELS, on_exhaustion=OnExhaustion.RESTRICT)
    nothing = standing_of(Absence.NOT_SET, "8", capabilities=LEVELS)
    assert corrected(limit, nothing, facts_for(LEVELS)).exhausts


POLICIES = [
    (WritePolicy.OBSERVE, None, False, False),
    (WritePolicy.RAISE_ONLY, None, True, False),
    (WritePolicy.LOWER_ONLY, None, False, True),
    (WritePolicy.SYNC, None, True, True),
    (WritePolicy.SYNC, WritePolicy.OBSERVE, False, False),
    (WritePolicy.SYNC, WritePolicy.RAISE_ONLY, True, False),
    (WritePolicy.SYNC, WritePolicy.LOWER_ONLY, False, True),
    (WritePolicy.OBSERVE, WritePolicy.SYNC, False, False),
    (WritePolicy.RAISE_ONLY, WritePolicy.SYNC, True, False),
    (WritePolicy.LOWER_ONLY, WritePolicy.SYNC, False, True),
    (WritePolicy.RAISE_ONLY, WritePolicy.LOWER_ONLY, False, False),
    (WritePolicy.LOWER_ONLY, WritePolicy.RAISE_ONLY, False, False),
]


@pytest.mark.parametrize(("account", "own", "raises", "cuts"), POLICIES)
def test_the_stricter_policy_wins(account: WritePolicy, own: WritePolicy | None, raises: bool, cuts: bool) -> None:  # noqa: FBT001 - a table's columns
    """A correction passes when the account's policy and the customer's own both let its direction pass."""
    facts = facts_for(policy=policy_of(account))
    for amount, passes in (("20", raises), ("5", cuts)):
        row = corrected(limit_of(amount, write_policy=own), standing_of("10"), facts)
        assert (row.blocked_by == ()) is passes
        assert all(blocker.startswith("write_policy ") for blocker in row.blocked_by)


def test_a_blocking_policy_is_named() -> None:
    """The row says which policy blocks it: the account's first, else the customer's."""
    facts = facts_for(policy=policy_of(WritePolicy.RAISE_ONLY))
    row = corrected(limit_of("5", write_policy=WritePolicy.OBSERVE), standing_of("10"), facts)
    assert row.blocked_by == ("write_policy raise_only",)
    row = corrected(limit_of("20", write_policy=WritePolicy.OBSERVE), standing_of("10"), facts)
    assert row.blocked_by == ("write_policy observe",)


@pytest.mark.parametrize("policy", [WritePolicy.RAISE_ONLY, WritePolicy.LOWER_ONLY])
def test_a_raise_that_exhausts_needs_sync(policy: WritePolicy) -> None:
    """A larger amount of another kind that leaves nothing to spend is no mere giving, and no mere taking."""
    limit = limit_of("20", capabilities=LEVELS, kind=Kind.ONE_TIME)
    standing = standing_of("10", "30", capabilities=LEVELS, kind=Kind.MONTHLY)
    seen = [standing]
    row = corrected(limit, standing, facts_for(LEVELS, policy=policy_of(policy), earlier=seen))
    assert (row.direction, row.exhausts) == (Direction.RAISE, True)
    assert row.blocked_by == (f"write_policy {policy}",)
    assert corrected(limit, standing, facts_for(LEVELS, earlier=seen)).blocked_by == ()


def test_a_kind_that_exhausts_rests_on_two_observations() -> None:
    """A change of kind that may leave nothing to spend waits for a second observation, as a cut does."""
    limit = limit_of("20", capabilities=LEVELS, kind=Kind.ONE_TIME)
    standing = standing_of("10", "30", capabilities=LEVELS, kind=Kind.MONTHLY)
    held = judge(limit, standing, None, facts_for(LEVELS))
    assert isinstance(held, Hold)
    assert held.reason is HoldReason.ONE_OBSERVATION


@pytest.mark.parametrize(
    ("standing", "action", "change"),
    [
        (standing_of("10", "1", capabilities=LEVELS, on_exhaustion=OnExhaustion.RESTRICT), Action.SET_AMOUNT, "10"),
        (standing_of("10", "1", capabilities=LEVELS, kind=Kind.ONE_TIME), Action.SET_KIND, "10"),
        (standing_of("20", "1", capabilities=LEVELS, kind=Kind.ONE_TIME), Action.SET_KIND, "0"),
        (standing_of("20", "1", capabilities=LEVELS), Action.SET_EXHAUSTION, "0"),
        (
            standing_of("20", "1", capabilities=LEVELS, on_exhaustion=OnExhaustion.ALERT),
            Action.SET_EXHAUSTION,
            "0",
        ),
        (standing_of(Absence.NOT_SET, None, capabilities=LEVELS), Action.SET_AMOUNT, None),
    ],
)
def test_says_what_it_does(standing: Standing, action: Action, change: str | None) -> None:
    """The action names the most that changes; a first grant has no difference."""
    limit = limit_of("20", capabilities=LEVELS, kind=Kind.MONTHLY, on_exhaustion=OnExhaustion.RESTRICT)
    row = corrected(limit, standing, facts_for(LEVELS))
    assert row.action is action
    assert row.change == (None if change is None else dollars(change))
    assert row.moved == (dollars("20") if change is None else dollars(change))
    assert row.after.on_exhaustion is OnExhaustion.RESTRICT


def test_an_unmanaged_action_is_left_alone() -> None:
    """An empty on_exhaustion changes nothing at exhaustion, whatever stands there."""
    standing = standing_of("20", "1", capabilities=LEVELS, on_exhaustion=OnExhaustion.ALERT)
    limit = limit_of("20", capabilities=LEVELS, kind=standing.kind)
    assert judge(limit, standing, None, facts_for(LEVELS)) is None


def test_the_effects_say_what_happens_to_the_customer() -> None:
    """Exhausting, suspended services, restrictions that stay and actions at exhaustion are each said."""
    twice = facts_for(earlier=[standing_of("100", "80")], drift={KEY: "changed by bob"})
    row = corrected(limit_of("50"), standing_of("100", "80"), twice)
    assert row.effects == ("changed by bob", "exhausts the customer: the vendor then suspends its services")
    suspended = replace(standing_of("100", "120"), restriction=Restriction.SUSPENDED)
    assert corrected(limit_of("200"), suspended).effects == ("the vendor resumes its services",)
    assert corrected(limit_of("110"), suspended).effects == ()
    restricted = replace(standing_of("10", "20", capabilities=LEVELS), restriction=Restriction.RESTRICTED)
    limit = limit_of("30", capabilities=LEVELS, kind=Kind.ONE_TIME, on_exhaustion=OnExhaustion.ALERT)
    assert corrected(limit, replace(restricted, kind=Kind.MONTHLY), facts_for(LEVELS)).effects == (
        "kind monthly becomes one_time at once: spend counts from this month on, and never begins anew",
        "stays restricted: a raise alone does not lift the restriction",
        "at exhaustion: an alert only",
    )


def test_shows_what_it_rests_on() -> None:
    """A correction carries the figures it was worked out from, so that a person can check it."""
    standing = replace(standing_of("100", "40"), name="Ann")
    row = corrected(limit_of("70"), standing)
    assert (row.before.granted, row.after.granted, row.change) == (dollars("100"), dollars("70"), Money(-30_00))
    assert (row.wanted, row.spent, row.available) == (dollars("70"), standing.spent, dollars("60"))
    assert (row.name, row.as_of, row.detail) == ("Ann", standing.as_of, "limit 70.00 (limits.csv:2)")


@pytest.mark.parametrize(
    ("action", "effect"),
    [
        (OnExhaustion.ALERT, "at exhaustion: an alert only"),
        (OnExhaustion.RESTRICT, "at exhaustion: no new purchases; running resources go on and keep costing"),
        (OnExhaustion.FREEZE, "at exhaustion: purchases and resources stop, by a call of Tidegate's"),
    ],
)
def test_a_new_action_is_said(action: OnExhaustion, effect: str) -> None:
    """Where the action at exhaustion is set by us, the row says what it will do."""
    limit = limit_of("20", capabilities=LEVELS, on_exhaustion=action)
    row = corrected(limit, standing_of("20", "1", capabilities=LEVELS), facts_for(LEVELS))
    assert (row.action, row.effects) == (Action.SET_EXHAUSTION, (effect,))


def test_another_currency_is_never_in_sync() -> None:
    """An answer that names another currency is held even where its bare figure is just what is wanted."""
    standing = replace(standing_of("10"), currency="CNY")
    assert held(limit_of("10"), standing).reason is HoldReason.CURRENCY


MINUTE = timedelta(minutes=1)
PAUSE = Pause(account=None, customer_id=None, who="anna", why="audit", since=NOW)


@pytest.mark.parametrize(
    ("pause", "covered"),
    [
        (PAUSE, True),
        (replace(PAUSE, account=ACCOUNT), True),
        (replace(PAUSE, account="another"), False),
        (replace(PAUSE, customer_id=KEY.customer_id), True),
        (replace(PAUSE, customer_id="another"), False),
        (replace(PAUSE, account="another", customer_id=KEY.customer_id), False),
        (replace(PAUSE, until=NOW + MINUTE), True),
        (replace(PAUSE, until=NOW), False),
        (replace(PAUSE, until=NOW - MINUTE), False),
    ],
)
def test_a_pause_covers_what_it_names(pause: Pause, covered: bool) -> None:  # noqa: FBT001 - a table's column
    """A pause holds all accounts, one account or one customer, until its end and not at it."""
    assert pause.covers(ACCOUNT, KEY, NOW) is covered
