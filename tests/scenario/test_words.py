"""A person's word: what it needs, what it closes, and how far it reaches."""

from datetime import timedelta

import pytest

from core.errors import LeaseHeldError
from core.intent import mark_of
from core.limit import Limit
from core.run.word import NothingToSettleError
from tests.scenario.scripted_cloud import Fate, InMemoryCloud, VirtualClock
from tests.scenario.scripted_office import A_WHILE, LAG, Office, held, limit, office

NAMES = [str(100 + number) for number in range(6)]
FOREIGN = [mark_of("ZZZZ", f"01M80H278VCRNZ4QD84R5RTW{number:02d}") for number in range(12)]


@pytest.fixture
def disputed() -> Office:
    """Six customers that moved from 100.00 to 90.00 without any record, all disputed, and one that did not."""
    cloud = InMemoryCloud(clock=VirtualClock())
    for name in [*NAMES, "9"]:
        cloud.add(name, "100")
    desk = office(cloud)
    before, after = limits(cloud, "100"), limits(cloud, "90")
    desk.apply(*before, limit(cloud, "9", "100"))
    for name in NAMES:
        cloud.silently(name, "90")
    desk.codes(*after, limit(cloud, "9", "100"), runs=3, every=2 * LAG)
    assert len(desk.store.disputes()) == len(NAMES)
    return desk


def limits(cloud: InMemoryCloud, amount: str) -> list[Limit]:
    """Want the same for all six."""
    return [limit(cloud, name, amount) for name in NAMES]


def test_a_dispute_is_not_acknowledged_unread(disputed: Office) -> None:
    """While the vendor cannot be read a dispute stays open: nobody would know what was acknowledged."""
    disputed.cloud.is_down = True
    for dispute in disputed.store.disputes():
        with pytest.raises(NothingToSettleError, match="cannot be read at the vendor now"):
            disputed.settle(dispute.id)
    assert len(disputed.store.disputes()) == len(NAMES)


def test_a_figure_the_vendor_leaves_out_is_no_reading(disputed: Office) -> None:
    """An answer without the figure is as good as none: the books are not begun anew from nothing."""
    disputed.cloud.unstated.update(NAMES)
    dispute = disputed.store.disputes()[0]
    with pytest.raises(NothingToSettleError, match="cannot be read at the vendor now"):
        disputed.settle(dispute.id)


def test_acknowledged_disputes_let_raises_go_on(disputed: Office) -> None:
    """Refused while the vendor is down, the word works afterwards: the books agree, and raises are made again."""
    cloud = disputed.cloud
    cloud.is_down = True
    with pytest.raises(NothingToSettleError):
        disputed.settle(disputed.store.disputes()[0].id)
    cloud.is_down = False
    for dispute in disputed.store.disputes():
        disputed.settle(dispute.id)
    assert disputed.apply(*limits(cloud, "90"), limit(cloud, "9", "200")).exit_code == 0
    assert cloud.truth("9") == "200.00"
    assert list(disputed.store.disputes()) == []


def test_an_acknowledgement_takes_the_account(disputed: Office) -> None:
    """While a run writes to the account its books are the run's: the word waits its turn."""
    dispute = disputed.store.disputes()[0]
    with disputed.store.lease("main", "another run"), pytest.raises(LeaseHeldError):
        disputed.settle(dispute.id)
    disputed.settle(dispute.id)
    assert dispute not in disputed.store.disputes()


def test_one_word_for_a_day_of_another_installation() -> None:
    """However many writes another installation made in a day, one word acknowledges them."""
    cloud = InMemoryCloud(clock=VirtualClock())
    for name in NAMES:
        cloud.add(name, "100")
    for name, mark in zip(NAMES * 2, FOREIGN, strict=True):
        cloud.clock.sleep(timedelta(seconds=5))
        cloud.console(name, "110" if mark < FOREIGN[6] else "120", operator="their-key", remark=mark)
    cloud.clock.sleep(A_WHILE)
    desk = office(cloud)
    assert set(held(desk.apply(*limits(cloud, "130"))).values()) == {"two_writers"}
    (dispute,) = desk.store.disputes()
    desk.settle(dispute.id)
    assert desk.apply(*limits(cloud, "130")).exit_code == 0
    assert {cloud.truth(name) for name in NAMES} == {"130.00"}


def test_another_day_of_another_installation_takes_another_word() -> None:
    """A word on yesterday's writes is none on today's: another installation still at it is noticed."""
    cloud = InMemoryCloud(clock=VirtualClock())
    cloud.add("9", "100")
    desk = office(cloud)
    for number in range(2):
        cloud.console("9", f"{110 + number}", operator="their-key", remark=FOREIGN[number])
        assert desk.codes(limit(cloud, "9", "150"), runs=1) == [4]
        (dispute,) = desk.store.disputes()
        desk.settle(dispute.id)
        desk.clock.sleep(timedelta(days=1))
    assert desk.apply(limit(cloud, "9", "150")).exit_code == 0
    assert cloud.truth("9") == "150.00"


def test_a_word_given_unread_blames_nobody() -> None:
    """Our own change, settled by word while the vendor was down, is not somebody else's later."""
    cloud = InMemoryCloud(clock=VirtualClock())
    cloud.add("9", "100")
    desk = office(cloud)
    cloud.fates.append(Fate.LOST_AFTER)
    cloud.hidden["9"] = 1
    desk.apply(limit(cloud, "9", "150"))
    cloud.hidden.clear()
    cloud.is_down = True
    (intent,) = desk.store.open_intents()
    desk.settle(intent.id, applied=True)
    cloud.is_down = False
    assert desk.codes(limit(cloud, "9", "160"), runs=2) == [0, 0]
    assert (cloud.truth("9"), desk.drift_notes()) == ("160.00", [])
