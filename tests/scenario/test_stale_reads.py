"""Figures and records that are late, raced or wrong: a difference is never worked out from them."""

import pytest

from core.money import Money
from core.run import bookkeeping
from tests.scenario.scripted_cloud import Fate, InMemoryCloud, VirtualClock
from tests.scenario.scripted_office import A_WHILE, LAG, Office, held, limit, meanwhile, office


@pytest.fixture
def desk() -> Office:
    """One account of differences with one customer at 100.00, seen once."""
    cloud = InMemoryCloud(clock=VirtualClock())
    cloud.add("9", "100", spent="30")
    one = office(cloud)
    assert one.apply(limit(cloud, "9", "100")).exit_code == 0
    one.clock.sleep(A_WHILE)
    return one


def test_a_fresh_read_that_differs_from_the_planned_one_sends_nothing(desk: Office) -> None:
    """An increment planned from one total is not sent once the vendor shows another; the next run makes it right."""
    cloud = desk.cloud
    ended = desk.apply(limit(cloud, "9", "150"), approve=meanwhile(lambda: cloud.console("9", "120")))
    assert (held(ended), ended.exit_code, cloud.sent) == ({"9": "moved"}, 4, [])
    assert desk.apply(limit(cloud, "9", "150")).exit_code == 0
    assert cloud.truth("9") == "150.00"


def test_a_record_that_the_figures_do_not_show_yet_sends_nothing(desk: Office) -> None:
    """A console change on record but not in the figures holds the raise; the next run makes it right."""
    cloud = desk.cloud
    cloud.console("9", "400")
    cloud.shown["9"] = Money.parse("100")
    ended = desk.apply(limit(cloud, "9", "150"))
    assert (held(ended), ended.exit_code, cloud.sent) == ({"9": "moved"}, 4, [])
    cloud.shown.clear()
    assert desk.apply(limit(cloud, "9", "150")).exit_code == 0
    assert cloud.truth("9") == "150.00"


def test_a_change_between_the_fresh_read_and_the_records_sends_nothing(desk: Office) -> None:
    """Whoever changes the customer after the last read is seen in the records, and the increment waits."""
    cloud = desk.cloud
    cloud.after_read = lambda: cloud.console("9", "400")
    ended = desk.apply(limit(cloud, "9", "150"))
    assert (held(ended), cloud.sent, cloud.truth("9")) == ({"9": "moved"}, [], "400.00")
    assert desk.apply(limit(cloud, "9", "150")).exit_code == 0
    assert cloud.truth("9") == "150.00"


def test_a_clamping_vendor_is_never_asked_to_cut_below_spend() -> None:
    """A cut worked out from a late figure is not sent, so that nobody is left without credit."""
    cloud = InMemoryCloud(clock=VirtualClock())
    cloud.add("9", "400", spent="90")
    desk = office(cloud)
    desk.apply(limit(cloud, "9", "400"))
    desk.clock.sleep(A_WHILE)
    cloud.console("9", "100")
    cloud.shown["9"] = Money.parse("400")
    cloud.fates.append(Fate.CLAMPED)
    desk.apply(limit(cloud, "9", "150"))
    assert (cloud.truth("9"), cloud.sent) == ("100.00", [])
    cloud.shown.clear()
    cloud.fates.clear()
    assert desk.apply(limit(cloud, "9", "150")).exit_code == 0
    assert cloud.truth("9") == "150.00"


def test_an_unexplained_figure_moves_no_credit(desk: Office) -> None:
    """A figure that no record explains is held as stale, and what stands is left as it is."""
    desk.cloud.shown["9"] = Money.parse("60")
    ended = desk.apply(limit(desk.cloud, "9", "100"))
    assert (held(ended), ended.exit_code) == ({"9": "stale_read"}, 3)
    assert (desk.cloud.truth("9"), desk.cloud.sent) == ("100.00", [])


def test_an_unexplained_figure_that_stays_is_disputed(desk: Office) -> None:
    """Seen again after longer than the lag it goes to a person, and still nothing was sent."""
    desk.cloud.silently("9", "60")
    codes = desk.codes(limit(desk.cloud, "9", "100"), runs=2, every=LAG * 2)
    assert codes == [3, 4]
    assert held(desk.plan(limit(desk.cloud, "9", "100"))) == {"9": "disputed"}
    assert desk.cloud.sent == []


def test_an_unexplained_figure_that_passes_is_forgotten(desk: Office) -> None:
    """Once the figure is right again the customer is in sync, and nobody has to say a word."""
    desk.cloud.shown["9"] = Money.parse("60")
    assert desk.codes(limit(desk.cloud, "9", "100"), runs=1) == [3]
    desk.cloud.shown.clear()
    assert desk.codes(limit(desk.cloud, "9", "100"), runs=2) == [0, 0]
    assert list(desk.store.disputes()) == []


def test_unexplained_figures_that_alternate_are_one_dispute(desk: Office) -> None:
    """Two wrong figures that take turns are as wrong as one, and take one word."""
    for turn in range(6):
        desk.clock.sleep(LAG)
        desk.cloud.shown["9"] = Money.parse("60" if turn % 2 else "70")
        desk.apply(limit(desk.cloud, "9", "100"))
    assert len(desk.store.disputes()) == 1
    assert desk.cloud.sent == []


def test_a_figure_disputed_once_is_disputed_again_when_it_comes_back(desk: Office) -> None:
    """A person's word on one unexplained move is no word on the same move a month later."""
    moves = [("60", "100"), ("100", "60"), ("60", "100")]
    for there, _ in moves:
        desk.cloud.silently("9", there)
        desk.codes(limit(desk.cloud, "9", there), runs=3)
        (dispute,) = desk.store.disputes()
        desk.settle(dispute.id)
        assert desk.codes(limit(desk.cloud, "9", there), runs=1) == [0]


def test_more_unexplained_customers_than_one_run_reads_are_all_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few records one run reads, every customer is read in the end, held until then and disputed."""
    monkeypatch.setattr(bookkeeping, "DRIFT_READS", 4)
    cloud = InMemoryCloud(clock=VirtualClock())
    names = [str(100 + number) for number in range(10)]
    for name in names:
        cloud.add(name, "100")
    desk = office(cloud, books_max=1000)
    limits = [limit(cloud, name, "100") for name in names]
    desk.apply(*limits)
    for name in names:
        cloud.silently(name, "90")
    desk.clock.sleep(A_WHILE)
    assert set(held(desk.apply(*limits)).values()) == {"stale_read"}
    desk.codes(*limits, runs=7, every=LAG)
    assert {dispute.customer for dispute in desk.store.disputes()} == {cloud.key(name) for name in names}
    assert set(cloud.records_read) == set(names)
    assert cloud.sent == []
