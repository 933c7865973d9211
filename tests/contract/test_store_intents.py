"""What the journal promises of intents, of the store and of its in-memory twin alike."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import IllegalTransitionError, IntentMovedError, OpenIntentError, StoreFailedError
from core.intent import OPEN_STATES, TRANSITIONS, Intent, State
from core.limit import Customer
from core.money import Money
from tests.contract.store_rig import (
    ACCOUNT,
    MINUTE,
    START,
    STORES,
    WAYS,
    AnyStore,
    book_of,
    brought_to,
    intent_of,
    key_of,
    moved_on,
    opened,
    take,
)

CLOSED_STATES = sorted(set(State) - OPEN_STATES)
STEPS = [(before, after) for before, allowed in TRANSITIONS.items() for after in sorted(allowed)]


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AnyStore]:
    """Give a new store whose account was taken once."""
    with opened(request.param, tmp_path) as new:
        take(new)
        yield new


def test_a_recorded_intent_comes_back_whole(store: AnyStore) -> None:
    """Every field of an intent is found again, by its id and by its mark."""
    intent = intent_of(1)
    store.record(intent)
    assert store.intent(intent.id) == store.intent(intent.mark) == intent
    assert store.intent("another") is None


def test_an_intent_with_nothing_known_comes_back_whole(store: AnyStore) -> None:
    """Unknown figures stay unknown and do not become zero."""
    intent = intent_of(1)
    bare = replace(
        intent,
        customer=Customer(intent.key),
        before=replace(intent.before, granted=None, kind=None, restriction=None),
        wanted=replace(intent.wanted, granted=Money(-1, "EUR"), on_exhaustion=None),
        change=None,
        rows_before=None,
    )
    store.record(bare)
    assert store.intent(bare.id) == bare


@pytest.mark.parametrize(("before", "after"), STEPS)
def test_every_step_of_the_state_machine_is_stored(store: AnyStore, before: State, after: State) -> None:
    """After a move the stored intent is the new one, whole."""
    intent = brought_to(store, intent_of(1), before)
    then = moved_on(intent, after)
    store.move(before, then)
    assert store.intent(intent.id) == then


@pytest.mark.parametrize("before", sorted(State))
def test_no_other_step_is_stored(store: AnyStore, before: State) -> None:
    """A step that the state machine does not have is refused and leaves the intent as it was."""
    intent = brought_to(store, intent_of(1), before)
    for state in sorted(set(State) - TRANSITIONS[before]):
        with pytest.raises(IllegalTransitionError):
            store.move(before, replace(intent, state=state))
    assert store.intent(intent.id) == intent


@pytest.mark.parametrize("stored", sorted(State))
def test_a_move_from_another_state_than_the_stored_one_changes_nothing(store: AnyStore, stored: State) -> None:
    """Whoever believes in a state that is no longer stored must stop."""
    intent = brought_to(store, intent_of(1), stored)
    for before in sorted(set(State) - {stored}):
        for state in sorted(TRANSITIONS[before]):
            with pytest.raises(IntentMovedError, match=before):
                store.move(before, replace(intent, state=state))
    assert store.intent(intent.id) == intent


def test_a_move_under_an_old_epoch_changes_nothing(store: AnyStore) -> None:
    """A process whose account was taken over cannot say that it sent something."""
    intent = intent_of(1)
    store.record(intent)
    take(store)
    with pytest.raises(IntentMovedError):
        store.move(State.RECORDED, moved_on(intent, State.SENT))
    assert store.intent(intent.id) == intent


def test_a_move_under_a_new_epoch_carries_it(store: AnyStore) -> None:
    """Whoever takes an account over moves its intents under the new epoch."""
    intent = brought_to(store, intent_of(1), State.SENT)
    epoch = take(store)
    after = moved_on(replace(intent, epoch=epoch), State.UNCERTAIN)
    store.move(State.SENT, after)
    assert store.intent(intent.id) == after


def test_a_move_of_an_unknown_intent_changes_nothing(store: AnyStore) -> None:
    """What was never recorded cannot be moved."""
    with pytest.raises(IntentMovedError):
        store.move(State.RECORDED, moved_on(intent_of(1), State.SENT))
    assert store.intents() == []


def test_a_move_leaves_what_was_recorded(store: AnyStore) -> None:
    """What an intent was recorded for cannot be rewritten by moving it."""
    intent = intent_of(1)
    store.record(intent)
    store.move(State.RECORDED, replace(moved_on(intent, State.SENT), change=Money(9), who="eve", rows_before=None))
    assert store.intent(intent.id) == moved_on(intent, State.SENT)


def test_a_book_is_kept_with_the_move(store: AnyStore) -> None:
    """A settlement and the book that it proves are stored together, or neither is."""
    intent = brought_to(store, intent_of(1), State.CONFIRMED)
    with pytest.raises(IntentMovedError):
        store.move(State.UNCERTAIN, moved_on(replace(intent, state=State.UNCERTAIN), State.DISPUTED), book_of())
    assert store.books(ACCOUNT) == {}
    store.move(State.CONFIRMED, moved_on(intent, State.SETTLED_APPLIED), book_of())
    assert store.books(ACCOUNT) == {key_of(): book_of()}


@pytest.mark.parametrize("state", sorted(OPEN_STATES))
def test_an_open_intent_keeps_others_of_its_customer_out(store: AnyStore, state: State) -> None:
    """A customer has one open intent, whatever it waits for."""
    brought_to(store, intent_of(1), state)
    with pytest.raises(OpenIntentError, match="tencent/100"):
        store.record(intent_of(2))
    store.record(intent_of(3, customer="200"))
    assert [intent.id for intent in store.open_intents()] == [intent_of(1).id, intent_of(3).id]


@pytest.mark.parametrize("state", CLOSED_STATES)
def test_a_closed_intent_lets_the_next_one_in(store: AnyStore, state: State) -> None:
    """Once an intent is closed its customer can be changed again."""
    brought_to(store, intent_of(1), state)
    store.record(intent_of(2))
    assert [intent.id for intent in store.open_intents()] == [intent_of(2).id]


def test_an_open_intent_counts_under_whatever_account(store: AnyStore) -> None:
    """One open intent per customer holds across accounts too."""
    take(store, "other")
    store.record(intent_of(1))
    with pytest.raises(OpenIntentError):
        store.record(intent_of(2, account="other"))


@pytest.mark.parametrize("epoch", [0, 2])
def test_recording_needs_the_epoch_of_the_lease(store: AnyStore, epoch: int) -> None:
    """An intent of an old or a made-up epoch is not recorded."""
    with pytest.raises(IntentMovedError):
        store.record(intent_of(1, epoch=epoch))
    assert store.intents() == []


def test_recording_needs_a_lease_at_all(store: AnyStore) -> None:
    """Nothing is recorded in an account that was never taken."""
    with pytest.raises(IntentMovedError):
        store.record(intent_of(1, account="never taken"))


def test_an_id_or_mark_is_recorded_once(store: AnyStore) -> None:
    """Neither an id nor a mark can name two intents."""
    brought_to(store, intent_of(1), State.NOT_SENT)
    for twin in (intent_of(1), replace(intent_of(2), mark=intent_of(1).mark), replace(intent_of(1), mark="m")):
        with pytest.raises(StoreFailedError, match="recorded already"):
            store.record(twin)
    assert len(store.intents()) == 1


def test_only_a_recorded_intent_can_be_recorded(store: AnyStore) -> None:
    """No intent begins its life as sent."""
    with pytest.raises(IllegalTransitionError):
        store.record(moved_on(intent_of(1), State.SENT))


def test_an_absence_is_noted_without_moving(store: AnyStore) -> None:
    """The first missing of the mark is stored under the current epoch, and the state stays."""
    intent = brought_to(store, intent_of(1), State.UNCERTAIN)
    noted = replace(intent, absent_since=START + 12 * MINUTE, epoch=take(store))
    store.note_absence(noted)
    assert store.intent(intent.id) == noted


def test_an_absence_is_not_noted_by_a_stranger(store: AnyStore) -> None:
    """An old epoch, another state and a closed intent are refused."""
    intent = brought_to(store, intent_of(1), State.UNCERTAIN)
    closed = brought_to(store, intent_of(2, customer="200"), State.NOT_SENT)
    for wrong in (replace(intent, epoch=9), replace(intent, state=State.CONFIRMED), closed, intent_of(3)):
        with pytest.raises(IntentMovedError):
            store.note_absence(replace(wrong, absent_since=START))
    assert store.intent(intent.id) == intent


def test_open_intents_are_oldest_first_and_by_account(store: AnyStore) -> None:
    """Recovery meets the oldest intent first, and only its own account's."""
    take(store, "other")
    for number, (account, minutes) in enumerate([(ACCOUNT, 5), ("other", 1), (ACCOUNT, 3)]):
        store.record(intent_of(number, customer=str(number), account=account, at=START + minutes * MINUTE))
    assert [intent.key.customer_id for intent in store.open_intents()] == ["1", "2", "0"]
    assert [intent.key.customer_id for intent in store.open_intents(ACCOUNT)] == ["2", "0"]


def test_intents_are_newest_first_by_customer_and_account(store: AnyStore) -> None:
    """History is told from its end, for one customer or account, as far back as asked."""
    take(store, "other")
    for number in range(3):
        brought_to(store, intent_of(number, at=START + number * MINUTE), State.NOT_SENT)
    store.record(intent_of(7, customer="200", account="other"))
    assert _numbers(store.intents(key=key_of())) == [2, 1, 0]
    assert _numbers(store.intents(account=ACCOUNT, limit=2)) == [2, 1]
    assert _numbers(store.intents(account="other")) == [7]
    assert _numbers(store.intents()) == [2, 1, 7, 0]


def test_a_read_back_mark_is_remembered_once(store: AnyStore) -> None:
    """That an account's marks can be read back is known from the first time on, for that account only."""
    assert not store.tag_proven(ACCOUNT)
    store.note_tag_proven(ACCOUNT)
    store.note_tag_proven(ACCOUNT)
    assert store.tag_proven(ACCOUNT)
    assert not store.tag_proven("other")
    assert [row.event for row in store.audit()].count("tag_proven") == 1


def test_every_state_has_a_way_to_it() -> None:
    """The ways that these tests go cover the state machine."""
    assert set(WAYS) == set(State)


def _numbers(intents: object) -> list[int]:
    assert isinstance(intents, list)
    return [int(intent.id) for intent in intents if isinstance(intent, Intent)]
