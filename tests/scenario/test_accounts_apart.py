"""Accounts do not share their troubles: whatever one's adapter raises, the others are read and written."""

from datetime import timedelta

import pytest

from core.errors import StoreFailedError
from core.intent import Intent, State
from core.pause import Pause
from tests.scenario.scripted_cloud import LEVELS, START, Fate, InMemoryCloud, VirtualClock
from tests.scenario.scripted_office import A_WHILE, KilledError, Office, details, held, limit, meanwhile, office


@pytest.fixture
def desk() -> Office:
    """Two accounts, `bad` and `good`, of different vendors, each with a customer at 100.00."""
    clock = VirtualClock()
    bad = InMemoryCloud(clock=clock, account="bad", capabilities=LEVELS)
    good = InMemoryCloud(clock=clock, account="good")
    bad.add("1", "100")
    good.add("9", "100")
    return office(bad, good)


def test_an_account_whose_reading_raises_is_reported_alone(desk: Office) -> None:
    """A fault that nobody foresaw ends one account's run, not the other's, and the code is 1."""
    bad, good = desk.clouds
    bad.raising["observe"] = RuntimeError("a fault of the adapter")
    ended = desk.apply(limit(bad, "1", "150"), limit(good, "9", "150"))
    assert (good.truth("9"), bad.truth("1"), ended.exit_code) == ("150.00", "100.00", 1)
    assert [account.problem for account in ended.plan.accounts] == [
        "unexpected: RuntimeError: a fault of the adapter",
        None,
    ]
    assert held(ended) == {"1": "unreadable"}


@pytest.mark.parametrize("method", ["witness", "send", "read_again"])
def test_an_account_whose_writing_raises_is_reported_alone(desk: Office, method: str) -> None:
    """Whatever a write meets, the other account is written, the problem is told, and the code is 1."""
    bad, good = desk.clouds
    ended = desk.apply(
        limit(bad, "1", "90"),
        limit(good, "9", "150"),
        approve=meanwhile(lambda: bad.raising.update({method: RuntimeError("a fault of the adapter")})),
    )
    assert (good.truth("9"), bad.truth("1"), ended.exit_code) == ("150.00", "100.00", 1)
    assert ended.problems == ("account bad: unexpected: RuntimeError: a fault of the adapter",)
    assert desk.store.runs()[0].exit_code == 1


def test_what_was_sent_before_the_fault_is_still_told() -> None:
    """Changes that were made before an account's writing broke are reported as made, not as stopped."""
    cloud = InMemoryCloud(clock=VirtualClock())
    cloud.add("1", "100")
    cloud.add("2", "100")
    desk = office(cloud)
    cloud.before_send = lambda: cloud.raising.update({"send": RuntimeError("a fault of the adapter")})
    ended = desk.apply(limit(cloud, "1", "150"), limit(cloud, "2", "150"))
    first, second = ended.outcomes
    assert (cloud.truth("1"), first.intent and first.intent.state) == ("150.00", State.CONFIRMED)
    assert (cloud.truth("2"), second.intent and second.intent.state) == ("100.00", State.SENT)
    assert {row.state for row in ended.open_intents} == {State.CONFIRMED, State.SENT}
    cloud.raising.clear()
    assert desk.codes(limit(cloud, "1", "150"), limit(cloud, "2", "150"), runs=2)[-1] == 0
    assert (cloud.truth("1"), cloud.truth("2")) == ("150.00", "150.00")


def test_an_account_whose_take_over_raises_is_reported_alone(desk: Office) -> None:
    """An account whose open changes cannot be looked at is not written, and not said to be somebody else's."""
    bad, good = desk.clouds
    bad.fates.append(Fate.LOST_BEFORE)
    bad.add("2", "100")
    desk.apply(limit(bad, "1", "150"))
    bad.raising["read_again"] = RuntimeError("a fault of the adapter")
    ended = desk.apply(limit(bad, "1", "150"), limit(bad, "2", "150"), limit(good, "9", "150"))
    assert (good.truth("9"), bad.truth("2"), ended.exit_code) == ("150.00", "100.00", 1)
    assert held(ended) == {"1": "uncertain", "2": "stopped"}


def test_an_account_that_is_down_is_reported_alone(desk: Office) -> None:
    """An account that cannot be read holds its own customers and makes the code 1."""
    bad, good = desk.clouds
    bad.is_down = True
    ended = desk.apply(limit(bad, "1", "150"), limit(good, "9", "150"))
    assert (good.truth("9"), ended.exit_code, held(ended)) == ("150.00", 1, {"1": "unreadable"})


def test_a_pause_while_the_question_is_open_holds(desk: Office) -> None:
    """A pause set between the plan and the writes stops the writes of its customer."""
    bad, good = desk.clouds
    ended = desk.apply(limit(bad, "1", "150"), limit(good, "9", "150"), approve=meanwhile(lambda: pause(desk, "good")))
    assert (good.sent, bad.truth("1"), ended.exit_code) == ([], "150.00", 4)
    assert held(ended) == {"9": "paused"}
    assert "by boss: stop" in details(ended)


def test_a_pause_between_two_writes_holds_the_second() -> None:
    """A pause set while the customer before was being written stops the one after."""
    cloud = InMemoryCloud(clock=VirtualClock())
    for name in ("1", "2", "3"):
        cloud.add(name, "100")
    desk = office(cloud)
    cloud.before_send = lambda: pause(desk, "main")
    ended = desk.apply(*(limit(cloud, name, "150") for name in ("1", "2", "3")))
    assert [cloud.truth(name) for name in ("1", "2", "3")] == ["150.00", "100.00", "100.00"]
    assert held(ended) == {"2": "paused", "3": "paused"}


def pause(desk: Office, account: str) -> None:
    """Pause an account from now on."""
    desk.store.pause(Pause(account=account, customer_id=None, who="boss", why="stop", since=START))


def test_a_store_that_fails_after_the_send_says_only_that(desk: Office) -> None:
    """The call is out: nobody is told that nothing was sent, and the next run finds it and does not send it again."""
    cloud = desk.clouds[1]
    desk.journal = FullDisk(desk)
    ended = desk.apply(limit(cloud, "9", "150"))
    assert (cloud.truth("9"), ended.exit_code, held(ended)) == ("150.00", 1, {"9": "store"})
    assert all("nothing was sent" not in (row.held.sentence if row.held else "") for row in ended.outcomes)
    desk.journal = desk.store
    desk.clock.sleep(A_WHILE)
    assert desk.apply(limit(cloud, "9", "150")).exit_code == 0
    assert len(cloud.sent) == 1


class FullDisk:
    """The store of an office, that cannot write down an answer any more."""

    def __init__(self, desk: Office) -> None:
        self._store = desk.store

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def move(self, before: State, after: Intent, book: object = None) -> None:
        """Fail at the answer."""
        if after.state is State.CONFIRMED:
            raise StoreFailedError("move an intent", "the disk is full")
        self._store.move(before, after, book)  # type: ignore[arg-type]


def test_a_left_account_blocks_its_customer_with_the_intent() -> None:
    """A call of an account that is not configured any more holds its customer, and the hold says which call."""
    cloud, desk = renamed()
    (intent,) = desk.store.open_intents()
    for _ in range(2):
        desk.clock.sleep(timedelta(hours=1))
        ended = desk.apply(limit(cloud, "9", "150"))
        assert (held(ended), ended.exit_code, cloud.sent) == ({"9": "uncertain"}, 4, [])
        assert intent.id in details(ended)


@pytest.mark.parametrize("applied", [True, False])
def test_a_word_closes_a_left_account_s_intent(*, applied: bool) -> None:
    """A person's word ends it, and the customer is planned again."""
    cloud, desk = renamed()
    desk.clock.sleep(timedelta(hours=1))
    (intent,) = desk.store.open_intents()
    desk.settle(intent.id, applied=applied)
    assert desk.apply(limit(cloud, "9", "150")).exit_code == 0
    assert cloud.truth("9") == "150.00"


def renamed() -> tuple[InMemoryCloud, Office]:
    """Die in a write of account `old`, then go on with the same customer in account `new`."""
    clock = VirtualClock()
    old = InMemoryCloud(clock=clock, account="old")
    old.add("9", "100")
    before = office(old)
    old.before_send = die
    with pytest.raises(KilledError):
        before.apply(limit(old, "9", "150"))
    new = InMemoryCloud(clock=clock, account="new", kept=old.kept)
    return new, office(new, store=before.store)


def die() -> None:
    """End the process."""
    raise KilledError
