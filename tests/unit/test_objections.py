"""What a vendor cannot keep of a limit: every sentence, and what it tells to write instead."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from core.capabilities import Capabilities
from core.limit import Dated, Kind, Limit, OnExhaustion, Overrun, Temporary, TopUp
from core.money import ZERO, Money
from core.objections import Objection, objections
from tests.unit.strategies import LEVELS, STEPS, dollars, limit_of

_ALL = frozenset(OnExhaustion)
FOLLOWS = replace(
    STEPS,
    actions={Kind.CREDIT_LINE: _ALL},
    emulated={Kind.MONTHLY: _ALL, Kind.ONE_TIME: _ALL},
    restrict_needs_non_stop=True,
    refused={},
)
CALLS = replace(LEVELS, actions={Kind.MONTHLY: _ALL, Kind.ONE_TIME: _ALL})


def on_steps(
    amount: str = "100", kind: Kind = Kind.MONTHLY, action: OnExhaustion | None = OnExhaustion.FREEZE
) -> Limit:
    """Want something of a vendor whose permanent credit is followed."""
    return limit_of(amount, kind=kind, on_exhaustion=action)


def on_levels(
    amount: str = "100", kind: Kind = Kind.MONTHLY, action: OnExhaustion | None = OnExhaustion.RESTRICT
) -> Limit:
    """Want something of a vendor that counts the spend itself."""
    return limit_of(amount, capabilities=LEVELS, kind=kind, on_exhaustion=action)


def said(limit: Limit, capabilities: Capabilities) -> list[tuple[str, str]]:
    """Give columns and sentences."""
    return [(objection.column, objection.sentence) for objection in objections(limit, capabilities)]


def only(limit: Limit, capabilities: Capabilities) -> Objection:
    """Give the one objection there is."""
    (objection,) = objections(limit, capabilities)
    return objection


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("action", OnExhaustion)
def test_everything_written_right_is_kept(kind: Kind, action: OnExhaustion) -> None:
    """Each kind with each action, written with what it needs, has no objection."""
    overrun = Overrun(None) if action is OnExhaustion.ALERT else None
    limit = replace(on_steps(kind=kind, action=action), non_stop=action is OnExhaustion.RESTRICT, overrun=overrun)
    assert said(limit, FOLLOWS) == []
    if kind in CALLS.kinds:
        assert said(replace(on_levels(kind=kind, action=action), onboard=True), CALLS) == []


def test_a_refused_choice_has_the_vendors_own_sentence() -> None:
    """What is deliberately not offered is told in the adapter's words, under the column to change."""
    assert said(on_steps(), STEPS) == [("kind", "no months on Steps Cloud")]
    assert said(on_steps(kind=Kind.ONE_TIME, action=OnExhaustion.RESTRICT), STEPS) == [
        ("on_exhaustion", "no restricting on Steps Cloud")
    ]
    assert ("on_exhaustion", "no alerts for a credit line on Steps Cloud") in said(
        on_steps(kind=Kind.CREDIT_LINE, action=OnExhaustion.ALERT), STEPS
    )


def test_a_kind_that_cannot_be_kept_names_those_that_can() -> None:
    """Native or followed, all are named."""
    sentence = "kind credit_line is not something Levels Cloud can do: write monthly or one_time"
    assert said(on_levels(kind=Kind.CREDIT_LINE), LEVELS) == [("kind", sentence)]


def test_a_followed_kind_must_say_what_happens() -> None:
    """Nobody but us can know what is to be done when the amount is spent; a native kind may leave it open."""
    assert said(on_steps(action=None), FOLLOWS) == [
        (
            "on_exhaustion",
            "kind monthly on Steps Cloud is kept by Tidegate, which must know what is to happen when the amount is "
            "spent: write alert, freeze, restrict",
        )
    ]
    assert said(on_levels(action=None), LEVELS) == []
    assert said(on_steps(kind=Kind.CREDIT_LINE, action=None), FOLLOWS) == []


def test_an_action_that_is_not_offered_names_those_that_are() -> None:
    """The sentence says what can be written for the kind."""
    sentence = (
        "on_exhaustion freeze is not something Levels Cloud can do for kind monthly: "
        "write alert, restrict, or leave it empty"
    )
    assert said(on_levels(action=OnExhaustion.FREEZE), LEVELS) == [("on_exhaustion", sentence)]


def test_an_empty_cell_is_no_way_out_of_a_followed_kind() -> None:
    """Where on_exhaustion must be written nobody is told to leave it empty."""
    narrow = replace(FOLLOWS, emulated={Kind.MONTHLY: frozenset({OnExhaustion.FREEZE})})
    objection = only(replace(on_steps(action=OnExhaustion.RESTRICT), non_stop=True), narrow)
    assert (
        objection.sentence
        == "on_exhaustion restrict is not something Steps Cloud can do for kind monthly: write freeze"
    )


def test_restrict_is_a_privilege_that_somebody_must_name() -> None:
    """Where no API shows who runs on at zero, non_stop must be written, or another action."""
    objection = only(on_steps(action=OnExhaustion.RESTRICT), FOLLOWS)
    assert objection.column == "on_exhaustion"
    assert "without it the customer's services stop too" in objection.sentence
    assert objection.sentence.endswith("Write non_stop = true if the customer has it, else freeze")


def test_alert_needs_an_overrun_where_it_is_kept_by_credit() -> None:
    """How far above the amount the credit may go is somebody's decision, none included."""
    objection = only(on_steps(action=OnExhaustion.ALERT), FOLLOWS)
    assert objection.column == "overrun_max"
    assert "holds only while Tidegate runs: write overrun_max" in objection.sentence
    assert said(replace(on_steps(action=OnExhaustion.ALERT), overrun=Overrun(ZERO)), FOLLOWS) == []


@pytest.mark.parametrize("action", [OnExhaustion.FREEZE, None])
def test_non_stop_contradicts_what_stops(action: OnExhaustion | None) -> None:
    """Nothing would stop for a customer that runs on, whoever chose freeze."""
    limit = replace(on_steps(kind=Kind.CREDIT_LINE, action=action), non_stop=True)
    assert said(limit, FOLLOWS) == [
        ("non_stop", "non_stop contradicts on_exhaustion freeze: nothing would stop for this customer")
    ]


@pytest.mark.parametrize(
    ("limit", "capabilities", "column", "sentence"),
    [
        (
            replace(on_steps(), overrun=Overrun(ZERO)),
            FOLLOWS,
            "overrun_max",
            "overrun_max means something only with alert, where it is kept by credit",
        ),
        (
            replace(on_levels(action=OnExhaustion.ALERT), overrun=Overrun(None)),
            LEVELS,
            "overrun_max",
            "overrun_max means something only with alert, where it is kept by credit",
        ),
        (
            replace(on_levels(), spent_before=dollars("5")),
            LEVELS,
            "spent_before",
            "Levels Cloud counts the spend of kind monthly itself: remove spent_before",
        ),
        (
            replace(on_steps(kind=Kind.CREDIT_LINE), spent_before=dollars("5")),
            FOLLOWS,
            "spent_before",
            "Steps Cloud counts the spend of kind credit_line itself: remove spent_before",
        ),
        (
            replace(on_levels(kind=Kind.ONE_TIME), since=date(2026, 1, 1)),
            LEVELS,
            "since",
            "Levels Cloud counts from the month in which the kind was set: remove since",
        ),
        (
            replace(on_steps(), since=date(2026, 1, 1)),
            FOLLOWS,
            "since",
            "since means something only for kind one_time: a month begins by itself",
        ),
        (
            replace(on_steps(), onboard=True),
            FOLLOWS,
            "onboard",
            "Steps Cloud restricts no new customers: remove onboard",
        ),
    ],
    ids=["overrun", "overrun", "spent_before", "spent_before", "since", "since of a month", "onboard"],
)
def test_what_would_do_nothing_is_refused(limit: Limit, capabilities: Capabilities, column: str, sentence: str) -> None:
    """What is written and means nothing here would be believed to do something."""
    assert said(limit, capabilities) == [(column, sentence)]


@pytest.mark.parametrize(
    ("limit", "sentence"),
    [
        (replace(on_levels(), amount=Money(-1)), "an amount cannot be negative"),
        (
            replace(on_levels(), temporary=Temporary(amount=Money(-1), until=date(2026, 5, 1))),
            "an amount cannot be negative",
        ),
        (replace(on_levels(), later=Dated(Money(-1), date(2026, 5, 1))), "an amount cannot be negative"),
        (replace(on_levels(), amount=Money(99)), "the smallest amount Levels Cloud takes is 1.00"),
        (
            replace(on_levels(), later=Dated(Money(99), date(2026, 5, 1))),
            "the smallest amount Levels Cloud takes is 1.00",
        ),
        (replace(on_levels(), amount=Money(1_000_000_01)), "the largest amount Levels Cloud takes is 1000000.00"),
        (
            replace(on_levels(), temporary=Temporary(amount=Money(1_000_000_01), until=date(2026, 5, 1))),
            "the largest amount Levels Cloud takes is 1000000.00",
        ),
        (
            replace(on_levels(), top_up=TopUp(step=Money(1), below=Decimal(5), most=Money(1_000_000_01))),
            "the largest amount Levels Cloud takes is 1000000.00",
        ),
        (
            replace(on_levels(), amount=ZERO),
            "an amount of zero stops the customer: write allow_zero = true if that is meant",
        ),
        (
            replace(on_levels(), later=Dated(ZERO, date(2026, 5, 1))),
            "an amount of zero stops the customer: write allow_zero = true if that is meant",
        ),
    ],
)
def test_every_amount_a_limit_may_come_to_is_judged(limit: Limit, sentence: str) -> None:
    """The amount, a temporary one, a dated one and the ceiling of topping up must all be the vendor's to take."""
    coarse = replace(CALLS, minimum=Money(1_00))
    assert said(limit, coarse) == [("amount", sentence)]


@pytest.mark.parametrize("action", [None, OnExhaustion.ALERT])
def test_zero_where_the_vendor_takes_none_needs_a_way(action: OnExhaustion | None) -> None:
    """It is kept by restricting or freezing, so one of these must be chosen; where neither can be, there is no way."""
    limit = replace(on_levels("0", action=action), allow_zero=True)
    assert "write on_exhaustion = restrict (no new purchases) or freeze" in only(limit, CALLS).sentence
    bare = replace(CALLS, restricts_by_call=False)
    assert only(limit, bare).sentence == ("Levels Cloud cannot take an amount of zero: write the smallest amount, 0.01")


@pytest.mark.parametrize("action", [OnExhaustion.RESTRICT, OnExhaustion.FREEZE])
def test_zero_is_kept_by_a_call(action: OnExhaustion) -> None:
    """With the word for zero and a way to stop the customer nothing is objected."""
    assert said(replace(on_levels("0", action=action), allow_zero=True), CALLS) == []
    assert said(replace(on_steps("0"), allow_zero=True), FOLLOWS) == []


def test_zero_does_not_hide_another_fault() -> None:
    """An amount that is too large is told though another is zero."""
    limit = replace(
        on_levels("0", action=OnExhaustion.FREEZE), allow_zero=True, later=Dated(Money(100000001), date(2026, 5, 1))
    )
    assert said(limit, CALLS) == [("amount", "the largest amount Levels Cloud takes is 1000000.00")]


def test_all_faults_at_once() -> None:
    """Nobody mends a file one fault at a time."""
    limit = replace(on_steps("0", action=OnExhaustion.FREEZE), non_stop=True, onboard=True, overrun=Overrun(None))
    assert [column for column, _ in said(limit, FOLLOWS)] == ["amount", "non_stop", "overrun_max", "onboard"]
