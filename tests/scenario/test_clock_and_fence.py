"""What a clock that is off, or a fence that has not passed, must keep from being concluded."""

from datetime import timedelta

import pytest

from core.intent import State
from core.run.word import NothingToSettleError
from tests.scenario.scripted_cloud import LEVELS, Fate, InMemoryCloud, VirtualClock
from tests.scenario.scripted_office import A_WHILE, QUARANTINE, Office, held, limit, office

AHEAD = timedelta(minutes=30)


@pytest.fixture
def desk() -> Office:
    """One account of differences with one customer at 100.00, proven to keep marks."""
    cloud = InMemoryCloud(clock=VirtualClock())
    cloud.add("9", "90")
    one = office(cloud)
    assert one.apply(limit(cloud, "9", "100")).exit_code == 0
    one.clock.sleep(A_WHILE)
    cloud.sent.clear()
    return one


def test_nothing_is_settled_by_absence_while_the_clock_is_off(desk: Office) -> None:
    """A clock that jumped ahead makes no call older: what is still under way arrives, once, and is found."""
    cloud = desk.cloud
    cloud.fates.append(Fate.LOST_BEFORE)
    assert desk.apply(limit(cloud, "9", "150")).exit_code == 4
    desk.clock.sleep(AHEAD)
    cloud.skew = AHEAD
    for _ in range(3):
        desk.clock.sleep(A_WHILE)
        cloud.skew += A_WHILE
        ended = desk.apply(limit(cloud, "9", "150"))
        assert [intent.state for intent in ended.open_intents] == [State.UNCERTAIN]
    desk.clock.time -= cloud.skew
    cloud.skew = None
    cloud.apply(cloud.sent[0])
    assert desk.apply(limit(cloud, "9", "150")).exit_code == 0
    assert (cloud.truth("9"), len(cloud.sent)) == ("150.00", 1)


def test_no_set_is_given_up_while_the_clock_is_off() -> None:
    """For an absolute set too the fence is only as good as the clock that it is read from."""
    cloud = InMemoryCloud(clock=VirtualClock(), capabilities=LEVELS)
    cloud.add("9", "100")
    desk = office(cloud)
    cloud.fates.append(Fate.LOST_BEFORE)
    desk.apply(limit(cloud, "9", "150"))
    desk.clock.sleep(AHEAD)
    cloud.skew = AHEAD
    assert held(desk.apply(limit(cloud, "9", "150"))) == {"9": "uncertain"}
    desk.clock.time -= AHEAD
    cloud.skew = None
    assert desk.codes(limit(cloud, "9", "150"), runs=2) == [0, 0]
    assert cloud.truth("9") == "150.00"


def test_a_clock_that_is_off_writes_nothing(desk: Office) -> None:
    """More than half a minute off the vendor's clock, no correction is made."""
    desk.cloud.skew = timedelta(seconds=31)
    ended = desk.apply(limit(desk.cloud, "9", "150"))
    assert (held(ended), ended.exit_code, desk.cloud.sent) == ({"9": "clock"}, 4, [])


def test_not_applied_before_the_fence_is_refused(desk: Office) -> None:
    """Nobody can know that a call will not arrive while the vendor would still take it; the time is named."""
    cloud = desk.cloud
    cloud.fates.append(Fate.LOST_BEFORE)
    desk.apply(limit(cloud, "9", "150"))
    (intent,) = desk.store.open_intents()
    assert intent.fence_at is not None
    with pytest.raises(NothingToSettleError, match=f"{intent.fence_at:%Y-%m-%d %H:%M:%S} UTC"):
        desk.settle(intent.id, applied=False)
    assert desk.store.open_intents() == [intent]
    desk.clock.sleep(A_WHILE)
    desk.settle(intent.id, applied=False)
    assert desk.apply(limit(cloud, "9", "150")).exit_code == 0
    assert cloud.truth("9") == "150.00"


def test_applied_may_be_said_at_any_time(desk: Office) -> None:
    """What a person sees at the vendor is there: that word needs no fence, and nothing is sent again."""
    cloud = desk.cloud
    cloud.fates.append(Fate.LOST_AFTER)
    cloud.hidden["9"] = 1
    desk.apply(limit(cloud, "9", "150"))
    (intent,) = desk.store.open_intents()
    cloud.hidden.clear()
    desk.settle(intent.id, applied=True)
    assert desk.apply(limit(cloud, "9", "150")).exit_code == 0
    assert (cloud.truth("9"), len(cloud.sent)) == ("150.00", 1)


def test_a_late_call_is_found_and_not_sent_again(desk: Office) -> None:
    """A call that arrives after its reply was given up for lost is found by its mark."""
    cloud = desk.cloud
    cloud.fates.append(Fate.LATE)
    assert desk.apply(limit(cloud, "9", "150")).exit_code == 4
    assert desk.codes(limit(cloud, "9", "150"), runs=2) == [0, 0]
    assert (cloud.truth("9"), len(cloud.sent)) == ("150.00", 1)


def test_a_call_that_arrives_just_before_the_fence_is_not_sent_again(desk: Office) -> None:
    """Missing from any number of reads proves nothing while the vendor would still take the call."""
    cloud = desk.cloud
    cloud.arrives_after = QUARANTINE - timedelta(seconds=1)
    cloud.fates.append(Fate.LATE)
    desk.apply(limit(cloud, "9", "150"))
    codes = desk.codes(limit(cloud, "9", "150"), runs=8, every=timedelta(minutes=2))
    assert codes[-1] == 0
    assert (cloud.truth("9"), len(cloud.sent)) == ("150.00", 1)


def test_a_second_copy_after_settlement_is_disputed(desk: Office) -> None:
    """Our change that arrives twice is nobody else's: the customer is disputed, and nobody is blamed for it."""
    cloud = desk.cloud
    assert desk.apply(limit(cloud, "9", "150")).exit_code == 0
    desk.clock.sleep(timedelta(seconds=2))
    cloud.apply(cloud.sent[0])
    desk.clock.sleep(A_WHILE)
    ended = desk.apply(limit(cloud, "9", "150"))
    assert (held(ended), ended.exit_code) == ({"9": "disputed"}, 4)
    assert desk.drift_notes() == []
    assert [dispute.customer for dispute in desk.store.disputes()] == [cloud.key("9")]
    assert len(cloud.sent) == 1


def test_an_acknowledged_second_copy_is_taken_back(desk: Office) -> None:
    """Once a person has looked, the amount granted twice is put right, and it stays so."""
    cloud = desk.cloud
    desk.apply(limit(cloud, "9", "150"))
    desk.clock.sleep(timedelta(seconds=2))
    cloud.apply(cloud.sent[0])
    desk.codes(limit(cloud, "9", "150"), runs=1)
    (dispute,) = desk.store.disputes()
    desk.settle(dispute.id)
    assert desk.codes(limit(cloud, "9", "150"), runs=3) == [0, 0, 0]
    assert cloud.truth("9") == "150.00"
