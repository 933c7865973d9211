"""What a correction does to the customer: every sentence, and when it is said."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.capabilities import Capabilities
from core.effects import effects_of
from core.intent import Action
from core.limit import Kind, Limit, OnExhaustion
from core.plan import Direction, HoldReason
from core.restricting import Lever
from core.standing import Restriction, Standing
from core.target import Target
from tests.unit.strategies import LAWS, LEVELS, STEPS, dollars, limit_of, standing_of


def target(
    granted: str = "100", action: OnExhaustion | None = None, *, exhausts: bool = False, urgent: bool = False
) -> Target:
    """Say what is to stand."""
    return Target(
        granted=dollars(granted), on_exhaustion=action, exhausts=exhausts, capped=False, formula="", urgent=urgent
    )


def said(
    wanted: Target,
    standing: Standing,
    capabilities: Capabilities = STEPS,
    *,
    limit: Limit | None = None,
    direction: Direction = Direction.RAISE,
    lever: Lever | None = None,
    drift: str | None = None,
) -> tuple[str, ...]:
    """Say what a correction does."""
    chosen = limit or limit_of("100", capabilities=capabilities, kind=standing.kind)
    return effects_of(chosen, standing, wanted, capabilities, direction=direction, lever=lever, drift=drift)


def steps(restriction: Restriction | None = Restriction.NONE, used: str = "40") -> Standing:
    """Show a permanent credit."""
    return replace(standing_of("50", used), restriction=restriction)


def levels(
    restriction: Restriction | None = Restriction.NONE, action: OnExhaustion | None = OnExhaustion.ALERT
) -> Standing:
    """Show a budget whose action is as our own last write set it."""
    standing = standing_of("50", "40", capabilities=LEVELS, kind=Kind.MONTHLY, on_exhaustion=action)
    return replace(standing, restriction=restriction)


def test_a_plain_raise_does_nothing_else() -> None:
    """Where there is nothing to know nothing is said."""
    assert said(target(), steps()) == ()
    assert said(target(action=OnExhaustion.ALERT), levels(), LEVELS) == ()


def test_an_amount_that_is_not_simply_written_says_how_it_came_about() -> None:
    """Whoever approves a row sees that its amount is temporary or topped up."""
    limit = replace(limit_of("100"), why="100.00 until 2026-12-01, then 50.00")
    assert said(target(), steps(), limit=limit) == ("the limit is 100.00 until 2026-12-01, then 50.00",)


@pytest.mark.parametrize(
    ("capabilities", "non_stop", "end"),
    [
        (LEVELS, False, "nothing is left to spend"),
        (STEPS, False, "the vendor then suspends its services"),
        (STEPS, True, "no new purchases; with the non-stop privilege its services go on and keep costing"),
        (replace(STEPS, zero_suspends=False), False, "nothing is left to spend"),
    ],
)
def test_exhausting_says_what_it_comes_to(capabilities: Capabilities, end: str, *, non_stop: bool) -> None:
    """What happens to a customer that has nothing left depends on the vendor and on the customer's privilege."""
    standing = levels() if capabilities is LEVELS else steps()
    limit = limit_of("1", capabilities=capabilities, kind=standing.kind, non_stop=non_stop)
    found = said(target(exhausts=True), standing, capabilities, limit=limit, direction=Direction.CUT)
    assert found == (f"exhausts the customer: {end}",)


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        (Action.RELEASE, "lifts the restriction"),
        (Action.RESTRICT, "restricts the customer: no new purchases; running resources go on and keep costing"),
        (
            Action.FREEZE,
            "freezes the customer: purchases and resources stop, and data is deleted after 15 days",
        ),
    ],
)
@pytest.mark.parametrize("direction", Direction)
def test_a_lever_says_what_it_does(action: Action, sentence: str, direction: Direction) -> None:
    """Restricting, freezing and releasing are told whichever way the amount goes, and nothing then contradicts them."""
    for restriction in Restriction:
        found = said(target(), levels(restriction), LEVELS, direction=direction, lever=Lever(action=action))
        assert found == (sentence,)


def test_an_urgent_raise_says_why() -> None:
    """Whoever approves sees that the customer may run dry before the next look."""
    assert said(target(urgent=True), steps()) == ("less is left than the customer may spend until the next look",)


def test_a_native_change_of_kind_is_told() -> None:
    """Another kind takes effect at once; one that is followed changes no kind at the vendor."""
    once = limit_of("100", capabilities=LEVELS, kind=Kind.ONE_TIME)
    assert said(target(), levels(), LEVELS, limit=once) == (
        "kind monthly becomes one_time at once: spend counts from this month on, and never begins anew",
    )
    followed = limit_of("100", kind=Kind.ONE_TIME, on_exhaustion=OnExhaustion.FREEZE)
    assert said(target(), steps(), limit=followed) == ()


@pytest.mark.parametrize("restriction", [Restriction.RESTRICTED, Restriction.FROZEN])
def test_a_raise_alone_lifts_nothing(restriction: Restriction) -> None:
    """A raise of a restricted customer says that it stays restricted, and why where that is known."""
    assert said(target(), levels(restriction), LEVELS) == (
        f"stays {restriction}: a raise alone does not lift the restriction",
    )
    held = Lever(action=None, reason=HoldReason.RELEASE_MANUAL, detail="release = manual")
    assert said(target(), levels(restriction), LEVELS, lever=held) == (f"stays {restriction}: release = manual",)
    for direction in (Direction.CUT, Direction.NEITHER):
        assert said(target(), levels(restriction), LEVELS, direction=direction) == ()


@pytest.mark.parametrize(
    ("granted", "used", "direction", "resumes"),
    [
        ("100", "40", Direction.RAISE, True),
        ("40", "40", Direction.RAISE, False),
        ("30", "40", Direction.RAISE, False),
        ("100", "40", Direction.CUT, False),
    ],
)
def test_credit_above_the_use_resumes_services(granted: str, used: str, direction: Direction, *, resumes: bool) -> None:
    """A suspended customer runs again only by a raise above all that is used."""
    found = said(target(granted), steps(Restriction.SUSPENDED, used), direction=direction)
    assert found == (("the vendor resumes its services",) if resumes else ())


def test_nothing_is_promised_without_figures() -> None:
    """Where the use is not known, or zero does not suspend, no service is said to resume."""
    blind = replace(steps(Restriction.SUSPENDED), spent=None)
    assert said(target(), blind) == ()
    assert said(target(), steps(Restriction.SUSPENDED), replace(STEPS, zero_suspends=False)) == ()


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        (OnExhaustion.ALERT, "at exhaustion: an alert only"),
        (OnExhaustion.RESTRICT, "at exhaustion: no new purchases; running resources go on and keep costing"),
        (OnExhaustion.FREEZE, "at exhaustion: purchases and resources stop, by a call of Tidegate's"),
    ],
)
def test_another_action_at_exhaustion_is_told(action: OnExhaustion, sentence: str) -> None:
    """It is told where it changes or is not known, and not where it is the vendor's own behaviour."""
    assert said(target(action=action), levels(action=None), LEVELS) == (sentence,)
    assert said(target(action=action), levels(action=action), LEVELS) == ()
    assert said(target(action=action), steps()) == ()


def test_the_gravest_comes_first() -> None:
    """Who changed it at the vendor, then who is cut off, then the rest."""
    once = limit_of("1", capabilities=LEVELS, kind=Kind.ONE_TIME)
    found = said(
        target(action=OnExhaustion.RESTRICT, exhausts=True),
        levels(action=None),
        LEVELS,
        limit=once,
        direction=Direction.CUT,
        lever=Lever(action=Action.FREEZE),
        drift="somebody set 500.00 in the console",
    )
    assert [sentence.partition(" ")[0] for sentence in found] == ["somebody", "exhausts", "freezes", "kind", "at"]


@given(
    restriction=st.sampled_from([None, *Restriction]),
    direction=st.sampled_from(Direction),
    lever=st.sampled_from([None, Lever(action=Action.RELEASE), Lever(action=None, reason=HoldReason.ONE_OBSERVATION)]),
    exhausts=st.booleans(),
    followed=st.booleans(),
)
@LAWS
def test_no_plan_contradicts_itself(
    restriction: Restriction | None, direction: Direction, lever: Lever | None, *, exhausts: bool, followed: bool
) -> None:
    """No customer is said to stay restricted and to be released, and no sentence is empty or said twice."""
    capabilities, standing = (STEPS, steps(restriction)) if followed else (LEVELS, levels(restriction))
    found = said(target(exhausts=exhausts), standing, capabilities, direction=direction, lever=lever)
    assert len(set(found)) == len(found)
    assert all(sentence and not sentence.endswith(": ") for sentence in found)
    assert not {"lifts", "stays"} <= {sentence.partition(" ")[0] for sentence in found}
