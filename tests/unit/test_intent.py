"""The state machine of intents: exactly the steps of the design, and what a sent intent carries."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import IllegalTransitionError
from core.intent import MARK_LENGTH, OPEN_STATES, TRANSITIONS, Intent, State, mark_of
from tests.unit.settling import intent_of
from tests.unit.strategies import NOW

DESIGN = {
    ("recorded", "sent"),
    ("recorded", "not_sent"),
    ("sent", "confirmed"),
    ("sent", "refused"),
    ("sent", "not_sent"),
    ("sent", "uncertain"),
    ("confirmed", "settled_applied"),
    ("confirmed", "disputed"),
    ("uncertain", "settled_applied"),
    ("uncertain", "settled_not_applied"),
    ("uncertain", "disputed"),
    ("disputed", "settled_applied"),
    ("disputed", "settled_not_applied"),
}
OPEN = {"recorded", "sent", "confirmed", "uncertain", "disputed"}
ULID = "01JQ8ZKX4T5N6P7R8S9VABCDEF"


def intent_in(state: State) -> Intent:
    """Give an intent in a state, however it came there."""
    return replace(intent_of(), state=state)


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", State)
def test_has_just_the_steps_of_the_design(before: State, after: State) -> None:
    """Every step of the design can be made, and no other."""
    intent = intent_in(before)
    if (before, after) in DESIGN:
        moved = intent.moved(after, outcome="because")
        assert (moved.state, moved.outcome) == (after, "because")
        assert replace(moved, state=before, outcome=intent.outcome) == intent
    else:
        with pytest.raises(IllegalTransitionError, match=f"cannot go from {before} to {after}"):
            intent.moved(after)


@pytest.mark.parametrize("state", State)
def test_open_is_what_still_blocks(state: State) -> None:
    """An intent blocks its customer while its end is not known; a closed one has no step left."""
    assert intent_in(state).is_open is (state in OPEN)
    assert (state in OPEN_STATES) is (state in OPEN)
    assert (not TRANSITIONS[state]) is (state not in OPEN)


def test_a_sent_intent_carries_its_fence() -> None:
    """Before the first byte the intent says until when it may leave, and after when the vendor refuses it."""
    sent = intent_in(State.RECORDED).sent(NOW, timedelta(seconds=30), timedelta(minutes=10))
    assert (sent.state, sent.sent_at, sent.send_before) == (State.SENT, NOW, NOW + timedelta(seconds=30))
    assert sent.fence_at is not None
    assert sent.fence_at >= NOW + timedelta(seconds=30, minutes=10)


@pytest.mark.parametrize("state", sorted(set(State) - {State.RECORDED}))
def test_is_sent_once(state: State) -> None:
    """Only a recorded intent can be sent: what was sent is never sent again."""
    with pytest.raises(IllegalTransitionError):
        intent_in(state).sent(NOW, timedelta(seconds=30), timedelta(minutes=10))


def test_a_mark_is_32_characters() -> None:
    """The mark is tg, the installation and the ULID, in ASCII that any remark takes."""
    mark = mark_of("T3ST", ULID)
    assert mark == f"tgT3ST{ULID}"
    assert len(mark) == MARK_LENGTH == 32


@pytest.mark.parametrize(
    ("installation", "ulid"), [("TES", ULID), ("TESTS", ULID), ("TEST", ULID[:-1]), ("TÉST", ULID)]
)
def test_another_mark_is_refused(installation: str, ulid: str) -> None:
    """A mark of another length, or not in ASCII, is a fault of ours and is said so."""
    with pytest.raises(ValueError, match="a mark has 32 ASCII characters"):
        mark_of(installation, ulid)
