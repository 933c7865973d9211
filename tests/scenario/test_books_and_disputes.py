"""What the books explain, whom they name, and what a person is asked about."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import TemporaryReadError
from core.intent import State
from core.limit import Kind, OnExhaustion
from core.money import Money
from core.policy import Cap, GuardSettings
from core.witness import WitnessRow
from tests.scenario.scripted_cloud import LEVELS, Fate, InMemoryCloud, VirtualClock
from tests.scenario.scripted_office import A_WHILE, LAG, Office, details, held, limit, office

SECOND = timedelta(seconds=1)
READS_LATE = timedelta(seconds=1, milliseconds=500)


@pytest.fixture
def desk() -> Office:
    """One account of differences with one customer at 100.00, seen once."""
    return seen_once(InMemoryCloud(clock=VirtualClock()))


@pytest.fixture
def levels() -> Office:
    """One account of absolute sets with one customer at 100.00, seen once."""
    return seen_once(InMemoryCloud(clock=VirtualClock(), capabilities=LEVELS))


def seen_once(cloud: InMemoryCloud) -> Office:
    """Take in a customer at 100.00 and let a while pass."""
    cloud.add("9", "100", spent="30")
    one = office(cloud)
    assert one.apply(limit(cloud, "9", "100")).exit_code == 0
    one.clock.sleep(A_WHILE)
    return one


@pytest.mark.parametrize("amount", ["150", "60"], ids=["raise", "cut"])
def test_short_times_and_late_reads_end_well(amount: str) -> None:
    """However short the times are set, figures that come a little later dispute nobody."""
    cloud = InMemoryCloud(clock=VirtualClock(), figures_late=READS_LATE)
    cloud.add("9", "100", spent="30")
    desk = office(cloud, quarantine=SECOND, write_timeout=2 * SECOND, lag=timedelta(0))
    codes = [desk.apply(limit(cloud, "9", amount)).exit_code for _ in range(6)]
    codes += desk.codes(limit(cloud, "9", amount), runs=4, every=SECOND)
    assert codes[-1] == 0
    assert (set(codes) <= {0, 3}, list(desk.store.disputes())) == (True, [])
    assert (cloud.truth("9"), len(cloud.sent)) == (f"{amount}.00", 1)


def test_a_dispute_over_a_late_figure_closes_by_itself() -> None:
    """Once the vendor shows our change the customer is free again, without a person's word and in the same run."""
    cloud = InMemoryCloud(clock=VirtualClock())
    cloud.add("9", "100")
    desk = office(cloud, quarantine=SECOND, write_timeout=2 * SECOND, lag=timedelta(0))
    cloud.shown["9"] = Money.parse("100")
    desk.apply(limit(cloud, "9", "150"))
    assert desk.codes(limit(cloud, "9", "150"), runs=2, every=timedelta(minutes=1)) == [4, 4]
    assert len(desk.store.disputes()) == 1
    cloud.shown.clear()
    assert desk.plan(limit(cloud, "9", "150")).holds == ()
    assert desk.apply(limit(cloud, "9", "150")).exit_code == 0
    assert (list(desk.store.disputes()), cloud.truth("9")) == ([], "150.00")


def test_a_put_back_in_the_same_second_settles(desk: Office) -> None:
    """Two records of one second, newest first and none before them, leave the books on what stands."""
    cloud = desk.cloud
    cloud.console("9", "60")
    assert desk.apply(limit(cloud, "9", "100")).exit_code == 0
    first, second = cloud.rows("9")
    assert first.at == second.at
    assert str(desk.store.books("main")[cloud.key("9")].granted) == cloud.truth("9") == "100.00"
    assert desk.codes(limit(cloud, "9", "100"), runs=3) == [0, 0, 0]
    assert len(cloud.sent) == 1


def test_a_lost_call_without_marks_is_settled_by_what_others_left(desk: Office) -> None:
    """Where marks are not proven, records of other changes that make up the total show that ours never came."""
    cloud = desk.cloud
    cloud.keeps_remarks = False
    cloud.fates.append(Fate.LOST_BEFORE)
    desk.apply(limit(cloud, "9", "150"))
    cloud.console("9", "125")
    assert desk.codes(limit(cloud, "9", "150"), runs=3)[-1] == 0
    states = [intent.state for intent in desk.store.intents()]
    assert states == [State.SETTLED_APPLIED, State.SETTLED_NOT_APPLIED]
    assert (cloud.truth("9"), len(cloud.sent)) == ("150.00", 2)


def test_fractions_of_a_cent_dispute_nobody(desk: Office) -> None:
    """The vendor's records add up in its own fractions, each cut off to cents: one at a time or several."""
    for mills in ([100_345, 100_690], [101_035], [101_380, 101_725, 102_070]):
        for total in mills:
            add_fraction(desk.cloud, total)
        granted = desk.cloud.truth("9")
        assert desk.codes(limit(desk.cloud, "9", granted), runs=3, every=2 * LAG) == [0, 0, 0]
    assert (list(desk.store.disputes()), desk.cloud.sent) == ([], [])


def test_fractions_of_a_cent_settle_a_lost_call(desk: Office) -> None:
    """Another's change of a fraction while ours was lost does not make a dispute of it."""
    add_fraction(desk.cloud, 100_345)
    desk.codes(limit(desk.cloud, "9", "100.34"), runs=1)
    desk.cloud.fates.append(Fate.LOST_BEFORE)
    desk.apply(limit(desk.cloud, "9", "150"))
    add_fraction(desk.cloud, 100_690)
    assert desk.codes(limit(desk.cloud, "9", "150"), runs=3)[-1] == 0
    assert (desk.cloud.truth("9"), list(desk.store.disputes())) == ("150.00", [])


def add_fraction(cloud: InMemoryCloud, mills: int, step: int = 345) -> None:
    """Leave a record of `step` thousandths that leads to so many thousandths, both cut off to cents."""
    cloud.clock.sleep(SECOND)
    at = cloud.clock.time.replace(microsecond=0)
    row = WitnessRow(change=Money(step // 10), granted_after=Money(mills // 10), at=at, operator="li.wei")
    cloud.record("9", row)


def test_a_vanished_customer_does_not_keep_a_waiting_run(desk: Office) -> None:
    """With --wait a run ends although the customer of an uncertain change is no longer there."""
    cloud = desk.cloud
    cloud.fates.append(Fate.LOST_BEFORE)
    desk.apply(limit(cloud, "9", "150"))
    cloud.gone.add("9")
    began = desk.clock.time
    ended = desk.apply(wait=True)
    assert ended.exit_code == 4
    assert desk.clock.time - began < timedelta(hours=1)


def test_who_changed_it_is_said_until_our_write_is_settled(desk: Office) -> None:
    """Every plan names who changed the customer, also after the books followed, until it is put back."""
    cloud = desk.cloud
    cloud.console("9", "400", operator="li.wei")
    desk.apply(limit(cloud, "9", "100"), approve=lambda _plan: False)
    for _ in range(3):
        desk.clock.sleep(A_WHILE)
        (correction,) = desk.plan(limit(cloud, "9", "100")).corrections
        assert any("changed outside Tidegate by li.wei" in effect for effect in correction.effects)
    assert desk.apply(limit(cloud, "9", "100")).exit_code == 0
    (correction,) = desk.plan(limit(cloud, "9", "120")).corrections
    assert not any("outside" in effect for effect in correction.effects)


def test_every_operator_is_named(desk: Office) -> None:
    """Of several who changed a customer all are named, whether one run saw it all or each run a part."""
    cloud = desk.cloud
    cloud.console("9", "400", operator="li.wei")
    desk.clock.sleep(SECOND)
    cloud.console("9", "410", operator="wang.fang")
    desk.apply(limit(cloud, "9", "100"), approve=lambda _plan: False)
    desk.clock.sleep(A_WHILE)
    cloud.console("9", "420", operator="zhao.min")
    (correction,) = desk.plan(limit(cloud, "9", "100")).corrections
    said = " ".join(correction.effects)
    assert [name in said for name in ("li.wei", "wang.fang", "zhao.min")] == [True, True, True]


def test_who_changed_it_is_in_the_audit_record(desk: Office) -> None:
    """Each change from outside is on record once, with its operator, although the write that undoes it settles."""
    desk.cloud.console("9", "400", operator="li.wei")
    assert desk.codes(limit(desk.cloud, "9", "100"), runs=2) == [0, 0]
    (note,) = desk.drift_notes()
    assert "by li.wei" in note
    assert "100.00 to 400.00" in note


def test_an_action_is_forgotten_although_settled_unread(levels: Office) -> None:
    """A stranger's record undoes what we know of the exhaustion action, also where ours could not be read back."""
    cloud, wanted = levels.cloud, limit(levels.cloud, "9", "150", on_exhaustion=OnExhaustion.RESTRICT)
    cloud.before_send = lambda: cloud.raising.update(
        {"witness": TemporaryReadError("records", "Down", "the vendor is down")}
    )
    assert levels.apply(wanted).exit_code == 0
    cloud.raising.clear()
    assert levels.codes(wanted, runs=2) == [0, 0]
    assert len(cloud.sent) == 1
    cloud.console("9", "150")
    assert levels.codes(wanted, runs=2) == [0, 0]
    assert [intent.action for intent in cloud.sent[1:]] == ["set_exhaustion"]


def test_an_exhausting_change_of_kind_waits_for_a_second_look() -> None:
    """A change of kind that leaves nothing to spend is not made on one observation."""
    cloud = InMemoryCloud(clock=VirtualClock(), capabilities=LEVELS)
    cloud.add("9", "500", spent="300")
    desk = office(cloud, guards=(GuardSettings(max_exhausted=Cap(count=9)),))
    wanted = replace(limit(cloud, "9", "100", on_exhaustion=OnExhaustion.RESTRICT), kind=Kind.ONE_TIME)
    ended = desk.apply(wanted)
    assert (held(ended), ended.exit_code, cloud.sent) == ({"9": "one_observation"}, 3, [])
    assert desk.codes(wanted, runs=1) == [0]
    assert (cloud.truth("9"), cloud.kept["9"].kind) == ("100.00", Kind.ONE_TIME)


def test_the_sentence_of_a_hold_names_what_was_seen(desk: Office) -> None:
    """Both figures are named, so that a person need not look them up."""
    desk.cloud.silently("9", "60")
    ended = desk.apply(limit(desk.cloud, "9", "100"))
    assert "the books say 100.00, the vendor shows 60.00, and its records do not explain it" in details(ended)
