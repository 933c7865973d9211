"""A plan as a value: the same for every order of its inputs, numbered, counted, fitted to the credit at hand."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.capabilities import Capabilities
from core.judgement import Block
from core.limit import Kind, OnExhaustion, WritePolicy
from core.money import ZERO, Money
from core.plan import Correction, Direction, HoldReason, Plan, fingerprint_of
from core.planning import AccountInputs, facts_of, make_plan
from core.policy import Cap, GuardSettings
from core.standing import Absence, Spend, Standing
from tests.unit.strategies import (
    LAWS,
    LEVELS,
    NOW,
    STEPS,
    accounts,
    customer,
    dollars,
    inputs_of,
    limit_of,
    policy_of,
    standing_of,
)

EVERYBODY_MAY_BE_EXHAUSTED = GuardSettings(max_exhausted=Cap(count=1000))


def planned(*inputs: AccountInputs) -> Plan:
    """Make a plan."""
    return make_plan(inputs, run="run", made_at=NOW)


def shuffled(inputs: AccountInputs, seed: int) -> AccountInputs:
    """Give the same account with everything in another order."""
    mixed = random.Random(seed)  # noqa: S311 - an order, not a secret
    limits = list(inputs.limits)
    standings = list(inputs.standings.items())
    mixed.shuffle(limits)
    mixed.shuffle(standings)
    return replace(inputs, limits=limits, standings=dict(standings))


def moves(*rows: tuple[str, str], available: tuple[str, ...] = (), quota: str | None = None) -> AccountInputs:
    """Build an account from (granted, wanted) pairs; `available` says what is left to each, else all of it."""
    left = available or tuple(granted for granted, _ in rows)
    standings = [
        standing_of(granted, str(dollars(granted) - dollars(rest)), number=number)
        for number, ((granted, _), rest) in enumerate(zip(rows, left, strict=True))
    ]
    limits = [limit_of(wanted, number=number, allow_zero=True) for number, (_, wanted) in enumerate(rows)]
    credit = None if quota is None else dollars(quota)
    policy = policy_of(guards=[EVERYBODY_MAY_BE_EXHAUSTED])
    return inputs_of(limits, standings, quota=credit, earlier=standings, policy=policy)


def numbers(plan: Plan) -> list[int]:
    """Name the corrected customers in the plan's order."""
    return [int(row.key.customer_id.removeprefix("c")) for row in plan.corrections]


@given(inputs=accounts(), more=accounts(LEVELS), seed=st.integers(0, 1000))
@LAWS
def test_the_order_of_inputs_does_not_matter(inputs: AccountInputs, more: AccountInputs, seed: int) -> None:
    """Shuffled limits, standings and accounts give the same plan, row for row."""
    other = replace(more, policy=replace(more.policy, name="second"))
    assert planned(shuffled(other, seed), shuffled(inputs, seed)) == planned(inputs, other)


@given(accounts())
@LAWS
def test_rows_are_numbered_through(inputs: AccountInputs) -> None:
    """Corrections are 1 to n in order, and holds go on counting from there."""
    plan = planned(inputs)
    assert [row.order for row in plan.corrections] == list(range(1, len(plan.corrections) + 1))
    assert [row.order for row in plan.holds] == list(
        range(len(plan.corrections) + 1, len(plan.corrections) + len(plan.holds) + 1)
    )


@given(accounts())
@LAWS
def test_every_limit_is_accounted_for(inputs: AccountInputs) -> None:
    """Each customer is in sync, corrected or held, exactly once; the totals say how many of each."""
    plan = planned(inputs)
    keys = [row.key for row in plan.corrections] + [row.key for row in plan.holds]
    assert len(keys) == len(set(keys))
    assert plan.totals.in_sync + len(keys) == len(inputs.limits)
    assert plan.totals.corrections == len(plan.pending())
    assert plan.totals.blocked == len(plan.corrections) - len(plan.pending())
    assert plan.totals.holds == len(plan.holds)
    [account] = plan.accounts
    assert (account.customers, account.corrections, account.holds) == (
        len(inputs.limits),
        len(plan.corrections),
        len(plan.holds),
    )


@given(accounts())
@LAWS
def test_the_totals_are_exact(inputs: AccountInputs) -> None:
    """Raised and cut are the sums of what the pending corrections move, to the cent."""
    plan = planned(inputs)
    moved = [_cents(row.after.granted) - _cents(row.before.granted) for row in plan.pending()]
    assert plan.totals.raised.cents == sum(change for change in moved if change > 0)
    assert plan.totals.cut.cents == -sum(change for change in moved if change < 0)


def _cents(amount: Money | None) -> int:
    return 0 if amount is None else amount.cents


@given(accounts())
@LAWS
def test_the_running_credit_is_right_and_never_negative(inputs: AccountInputs) -> None:
    """Each row's quota_after is the credit at hand less all that was given before it, and never below zero."""
    plan = planned(inputs)
    if inputs.quota is None:
        assert {row.quota_after for row in plan.corrections} <= {None}
        return
    left = inputs.quota
    for row in plan.corrections:
        left -= ZERO if row.blocked_by else row.moved
        assert row.quota_after == left
        assert left >= ZERO


@given(accounts())
@LAWS
def test_phases_follow_each_other(inputs: AccountInputs) -> None:
    """Raises that fit come first, least available first; then what moves no money, cuts, and raises that wait."""
    plan = planned(inputs)
    phases = [_phase(row) for row in plan.corrections]
    assert phases == sorted(phases)
    for phase in range(4):
        left = [
            -1 if row.available is None else row.available.cents for row in plan.corrections if _phase(row) == phase
        ]
        known = [cents for cents in left if cents != -1]
        assert known == sorted(known)
        assert left[: len(left) - len(known)] == [-1] * (len(left) - len(known))


def _phase(row: Correction) -> int:
    return 3 if row.waits else [Direction.RAISE, Direction.NEITHER, Direction.CUT].index(row.direction)


def test_the_most_urgent_raise_goes_first() -> None:
    """Of the raises that fit, the customer with the least left to spend comes first, an unknown rest before all."""
    inputs = moves(("100", "110"), ("100", "110"), ("100", "110"), available=("50", "5", "20"), quota="100")
    blind = replace(inputs.standings[customer(0).key], spent=None, available=None)
    assert numbers(planned(inputs)) == [1, 2, 0]
    assert numbers(planned(replace(inputs, standings={**inputs.standings, blind.key: blind}))) == [0, 1, 2]


def test_a_raise_waits_for_the_cuts_that_pay_for_it() -> None:
    """What does not fit now comes after the cuts, marked as waiting, with the credit they free counted."""
    plan = planned(moves(("100", "105"), ("100", "160"), ("200", "140"), quota="10"))
    assert numbers(plan) == [0, 2, 1]
    assert [row.waits for row in plan.corrections] == [False, False, True]
    assert [row.quota_after for row in plan.corrections] == [dollars("5"), dollars("65"), dollars("5")]


def test_a_smaller_raise_does_not_wait_behind_a_larger() -> None:
    """A raise that does not fit leaves the credit to less urgent ones that do."""
    plan = planned(moves(("100", "200"), ("100", "110"), available=("0", "50"), quota="10"))
    assert numbers(plan) == [1]
    assert [hold.reason for hold in plan.holds] == [HoldReason.QUOTA]


def test_what_can_never_fit_is_held() -> None:
    """A raise that does not fit even after all cuts is held, and the hold says what is missing."""
    plan = planned(moves(("100", "200"), ("100", "90"), quota="10"))
    [hold] = plan.holds
    assert (hold.reason, hold.detail) == (HoldReason.QUOTA, "it needs 100.00 and 20.00 can still be given out")
    assert hold.blocked_by == ("quota",)


def test_without_a_figure_of_credit_everything_fits() -> None:
    """A vendor that shows no credit to give out holds nothing back and gets no quota column."""
    plan = planned(moves(("100", "100000"), ("100", "90")))
    assert [row.quota_after for row in plan.corrections] == [None, None]
    assert plan.holds == ()


def test_a_blocked_raise_takes_no_credit() -> None:
    """A correction that is not sent neither uses nor frees credit."""
    inputs = moves(("100", "190"), ("100", "150"), ("300", "100"), available=("1", "2", "3"), quota="60")
    blocked = [replace(limit, write_policy=WritePolicy.OBSERVE) for limit in (inputs.limits[0], inputs.limits[2])]
    plan = planned(replace(inputs, limits=[blocked[0], inputs.limits[1], blocked[1]]))
    assert [row.quota_after for row in plan.corrections] == [dollars("60"), dollars("10"), dollars("10")]
    assert plan.totals.raised == dollars("50")
    assert plan.totals.cut == ZERO


def test_an_unread_credit_holds_raises_only() -> None:
    """When the credit to give out could not be read, raises are held and cuts go on."""
    inputs = replace(moves(("100", "110"), ("100", "90")), quota_problem="throttled")
    plan = planned(inputs)
    assert numbers(plan) == [1]
    [hold] = plan.holds
    assert (hold.reason, plan.complete) == (HoldReason.UNREADABLE, False)
    assert "throttled" in hold.detail
    given_reason = Block(reason=HoldReason.BOOKS)
    assert facts_of(replace(inputs, raises_block=given_reason)).raises_block == given_reason


@given(inputs=accounts(), seed=st.integers(0, 1000))
@LAWS
def test_the_fingerprint_ignores_order_and_time(inputs: AccountInputs, seed: int) -> None:
    """The same corrections have the same fingerprint, in any order, read at any time."""
    plan = planned(inputs)
    mixed = list(plan.corrections)
    random.Random(seed).shuffle(mixed)  # noqa: S311 - an order, not a secret
    assert fingerprint_of(tuple(mixed)) == plan.fingerprint
    later = {key: replace(row, as_of=row.as_of + timedelta(hours=1)) for key, row in inputs.standings.items()}
    assert make_plan([replace(inputs, standings=later)], run="other", made_at=NOW).fingerprint == plan.fingerprint


def test_the_fingerprint_ignores_spend_that_changes_nothing() -> None:
    """Spend that goes on within the limit leaves the fingerprint as it is; spend that exhausts changes it."""
    prints = [planned(moves(("100", "80"), available=(left,))).fingerprint for left in ("90", "60", "20")]
    assert prints[0] == prints[1]
    assert prints[1] != prints[2]


def test_the_fingerprint_covers_what_would_be_sent() -> None:
    """Another amount, kind, action, customer or grant before it gives another fingerprint."""
    standing = standing_of("100", "1", capabilities=LEVELS, kind=Kind.MONTHLY)
    limit = limit_of("200", capabilities=LEVELS, kind=Kind.MONTHLY)
    worlds = [
        (limit, standing),
        (replace(limit, amount=dollars("200.01")), standing),
        (replace(limit, kind=Kind.ONE_TIME), standing),
        (replace(limit, on_exhaustion=OnExhaustion.ALERT), standing),
        (replace(limit, on_exhaustion=OnExhaustion.RESTRICT), standing),
        (limit, replace(standing, granted=dollars("100.01"))),
        (
            limit_of("200", number=2, capabilities=LEVELS, kind=Kind.MONTHLY),
            standing_of("100", "1", number=2, capabilities=LEVELS, kind=Kind.MONTHLY),
        ),
    ]
    prints = {planned(inputs_of([one], [other], capabilities=LEVELS)).fingerprint for one, other in worlds}
    assert len(prints) == len(worlds)


@pytest.mark.parametrize("capabilities", [STEPS, LEVELS], ids=["steps", "levels"])
@given(data=st.data())
@LAWS
def test_what_was_applied_plans_as_nothing(capabilities: Capabilities, data: st.DataObject) -> None:
    """When every correction stands as planned, planning again leaves nothing pending."""
    inputs = data.draw(accounts(capabilities))
    loosened = replace(inputs, policy=replace(inputs.policy, guards=(EVERYBODY_MAY_BE_EXHAUSTED,)))
    plan = planned(loosened)
    stands = dict(loosened.standings)
    for row in plan.corrections:
        known = stands[row.key]
        action = row.after.on_exhaustion or known.on_exhaustion
        stands[row.key] = replace(known, granted=_money(row), kind=row.after.kind, on_exhaustion=action)
    again = planned(replace(loosened, standings=stands, quota=None, earlier=stands))
    corrected = {row.key for row in plan.corrections}
    assert not corrected & {row.key for row in (*again.corrections, *again.holds) if not _blind(stands[row.key])}


def _money(row: Correction) -> Money:
    assert row.after.granted is not None
    return row.after.granted


def _blind(standing: Standing) -> bool:
    """Whether spend is unknown, so that a capped grant cannot be told from one that is too large."""
    return standing.spent is None


def test_who_is_missing_is_held_for_its_reason() -> None:
    """A customer the vendor does not have, one it did not answer for and one of a failed account are told apart."""
    limits = [limit_of("5", number=number) for number in range(3)]
    inputs = replace(
        inputs_of(limits, []),
        absent=frozenset({limits[0].key}),
        unreadable={limits[1].key: "page 2 failed"},
        problem="the key was refused",
    )
    plan = planned(inputs)
    assert [(hold.reason, hold.detail) for hold in plan.holds] == [
        (HoldReason.UNKNOWN_CUSTOMER, ""),
        (HoldReason.UNREADABLE, "page 2 failed"),
        (HoldReason.UNREADABLE, "the key was refused"),
    ]
    assert plan.complete is False
    assert plan.accounts[0].problem == "the key was refused"


def test_one_bad_customer_stops_nobody() -> None:
    """A customer answered in another currency, whose earlier figures were in ours, is held; the rest is planned."""
    good, bad = standing_of("10", "1", number=1), standing_of("10", "1", number=2, currency="CNY")
    limits = [limit_of("20", number=1), limit_of("5", number=2)]
    earlier = [standing_of("10", "8", number=2)]
    plan = planned(
        inputs_of(limits, [good, bad], earlier=earlier, policy=policy_of(guards=[EVERYBODY_MAY_BE_EXHAUSTED]))
    )
    assert numbers(plan) == [1]
    assert [hold.reason for hold in plan.holds] == [HoldReason.CURRENCY]


def test_accounts_are_planned_apart() -> None:
    """A guard that trips in one account holds nothing of another, and their credits are not mixed."""
    tight = replace(
        moves(("100", "110"), quota="50"), policy=policy_of(guards=[GuardSettings(max_raised=Cap(amount=ZERO))])
    )
    free = inputs_of(
        [replace(limit_of("70", number=7), account="second")],
        [replace(standing_of("50", number=7), account="second")],
        policy=replace(policy_of(), name="second"),
        quota=dollars("20"),
    )
    plan = planned(free, tight)
    assert [(row.account, row.quota_after) for row in plan.corrections] == [("second", ZERO)]
    assert [(hold.account, hold.reason) for hold in plan.holds] == [("main", HoldReason.GUARD)]
    assert [account.name for account in plan.accounts] == ["main", "second"]


def test_the_unlisted_who_spend_are_named() -> None:
    """Customers without a limit are never corrected; those who spend, or may spend unseen, are reported."""
    spender, idle = standing_of(Absence.NOT_SET, "3", number=8), standing_of(Absence.NOT_SET, "0", number=9)
    blind = standing_of(Absence.NOT_SET, None, number=7)
    plan = planned(replace(inputs_of([], []), others=[spender, idle, blind]))
    assert plan.accounts[0].unlimited == ("c00007", "c00008")
    assert plan.corrections == ()


def test_a_plan_of_nothing_is_complete() -> None:
    """No accounts give an empty, complete plan with a fingerprint of its own."""
    plan = planned()
    assert (plan.corrections, plan.holds, plan.complete) == ((), (), True)
    assert plan.fingerprint != planned(moves(("1", "2"))).fingerprint


def test_an_interval_of_spend_is_kept() -> None:
    """A row shows the spend it was judged by, as the interval it is."""
    spent = Spend(low=dollars("60"), high=dollars("70"))
    standing = standing_of("100", spent)
    [row] = planned(inputs_of([limit_of("80")], [standing])).corrections
    assert row.spent == spent
