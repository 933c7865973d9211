from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from core.intent import Action, Intent, Position, State
from core.limit import Customer, CustomerKey, WritePolicy
from core.policy import AccountPolicy
from scheduler.jobs.settling import BACKOFF, MARGIN, Settling, next_look

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LAG = timedelta(minutes=10)
POLICY = AccountPolicy(name="main", vendor="tencent", write_policy=WritePolicy.SYNC, lag=LAG)


def intent(name: str, state: State = State.UNCERTAIN, *, fence: timedelta | None = timedelta(minutes=30)) -> Intent:
    """Give an open intent of the customer `name`."""
    return Intent(
        id=name,
        mark="tg",
        run="run",
        who="test",
        account="main",
        customer=Customer(CustomerKey("tencent", name)),
        action=Action.SET_AMOUNT,
        before=Position(),
        wanted=Position(),
        change=None,
        rows_before=None,
        inputs_hash="",
        epoch=1,
        recorded_at=NOW,
        state=state,
        fence_at=None if fence is None else NOW + fence,
    )


def looks(one: Intent, number: int) -> list[timedelta]:
    """Give the looks at one intent that stays open, counted from now."""
    found, now = [], NOW
    for tries in range(number):
        now = next_look([one], tries=tries, now=now, lag=LAG)
        found.append(now - NOW)
    return found


def test_looks_come_soon_then_rarer_and_right_after_the_fence() -> None:
    """An answer that is late shows in seconds or minutes; one that is lost is settled when the vendor refuses it."""
    found = looks(intent("one"), 9)
    assert found[0] == timedelta(seconds=20)
    assert timedelta(minutes=30) + MARGIN in found
    assert all(later - earlier <= timedelta(seconds=BACKOFF[-1]) for earlier, later in pairwise(found))


def test_a_missed_mark_is_looked_for_again_after_the_lag() -> None:
    """Absence counts when two reads show it; the second comes no later than it can count."""
    missed = replace(intent("one"), absent_since=NOW)
    assert next_look([missed], tries=len(BACKOFF), now=NOW, lag=LAG) == NOW + LAG + MARGIN


def test_without_a_fence_the_steps_alone_count() -> None:
    """A confirmed change that does not show yet has nothing else to wait for."""
    steps = looks(intent("one", State.CONFIRMED, fence=None), len(BACKOFF) + 2)
    assert steps[-1] - steps[-2] == steps[-2] - steps[-3] == timedelta(seconds=BACKOFF[-1])


def test_what_waits_for_a_person_is_not_looked_at() -> None:
    """A dispute is nobody's but a person's; what was settled needs nobody."""
    settling = Settling()
    assert (
        settling.after("main", [intent("one", State.DISPUTED), intent("two", State.SETTLED_APPLIED)], POLICY, NOW)
        is None
    )


def test_only_the_customers_concerned_are_looked_at() -> None:
    """The pass is narrowed to those whose outcome is open."""
    look = Settling().after("main", [intent("one"), intent("two", State.DISPUTED)], POLICY, NOW)
    assert look is not None
    assert look.customers == {"one"}
    assert look.at == NOW + timedelta(seconds=BACKOFF[0])


def test_looks_in_vain_grow_rarer_and_a_new_intent_begins_anew() -> None:
    """What has been looked at in vain waits longer; what has just become uncertain does not wait with it."""
    settling = Settling()
    steps = [settling.after("main", [intent("one")], POLICY, NOW) for _ in range(3)]
    assert [look.at - NOW for look in steps if look is not None] == [timedelta(seconds=each) for each in BACKOFF[:3]]
    both = settling.after("main", [intent("one"), intent("two")], POLICY, NOW)
    assert both is not None
    assert both.at - NOW == timedelta(seconds=BACKOFF[0])


def test_a_pass_that_failed_forgets_nothing() -> None:
    """It does not know what is open; so what was open is looked at again, unless the account is gone."""
    settling = Settling()
    settling.after("main", [intent("one")], POLICY, NOW)
    again = settling.after("main", None, POLICY, NOW)
    assert again is not None
    assert again.customers == {"one"}
    settling.forget("main")
    assert settling.after("main", None, POLICY, NOW) is None


def test_what_a_command_left_is_news_until_it_is_planned() -> None:
    """Not at once, since the command may still be at it; nor what waits for a person; nor what is known."""
    settling, later = Settling(), NOW + timedelta(minutes=2)
    left = [intent("one"), intent("two", State.DISPUTED)]
    assert settling.news("main", left, NOW) == ()
    assert settling.news("main", left, later) == (left[0],)
    settling.after("main", left, POLICY, later)
    assert settling.news("main", left, later) == ()
