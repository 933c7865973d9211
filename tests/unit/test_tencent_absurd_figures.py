"""An absurd figure of Tencent's is the trouble of the one customer whose it is, and never an exception."""

import pytest

from adapters.clouds.tencent.simulator import SimulatedTencent
from adapters.wire import line
from core.errors import ReadFailedError, TemporaryReadError
from core.money import Money
from core.ports import Uncertain
from core.standing import Standing
from tests.contract.spoiling import ABSURD, Spoiler
from tests.unit.tencent_rig import customer, intent, populate, simulated, uin

# Each is an amount, their difference is none.
OVERFLOWING = {"Credit": "9e14", "TotalCredit": "9e14", "RemainingCredit": "-9e14"}
absurd = pytest.mark.parametrize("text", [*ABSURD, "null", "-900000000000000.001e1"])


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask once: how often and when a read is repeated is the wire's own tests' business."""
    monkeypatch.setattr(line, "ATTEMPTS", 1)


def spoiled(**texts: str) -> SimulatedTencent:
    """A vendor of three customers whose answers have this in their first row."""
    vendor = SimulatedTencent()
    populate(vendor, 3, granted=100_00)
    Spoiler(texts=texts).stand_before(vendor)
    return vendor


def assert_first_is_unreadable(vendor: SimulatedTencent) -> None:
    """The first customer is unreadable, however it is read, and the other two are read."""
    asked = [customer(number) for number in range(3)]
    with simulated(vendor) as cloud:
        for seen in (cloud.observe(asked, everyone=True), cloud.read_again(asked)):
            assert set(seen.unreadable) == {asked[0].key}
            assert all(isinstance(error, ReadFailedError) for error in seen.unreadable.values())
            assert set(seen.standings) == {asked[1].key, asked[2].key}
        strangers = cloud.observe(asked[1:], everyone=True)
        assert (strangers.unreadable, strangers.others) == ({}, ())
        assert [uin(0) in problem for problem in strangers.problems] == [True]


@absurd
def test_an_absurd_grant_is_unreadable_alone(text: str) -> None:
    """A grant that no amount is spoils one customer."""
    assert_first_is_unreadable(spoiled(Credit=text, TotalCredit=text))


@absurd
def test_an_absurd_rest_is_unreadable_alone(text: str) -> None:
    """What is left may be negative; what is no amount spoils one customer."""
    assert_first_is_unreadable(spoiled(RemainingCredit=text))


def test_figures_whose_difference_is_absurd_are_unreadable_alone() -> None:
    """Two amounts may be as far apart as no amount is."""
    assert_first_is_unreadable(spoiled(**OVERFLOWING))


def test_a_negative_grant_is_unreadable_and_a_negative_rest_is_overuse() -> None:
    """Nobody was granted less than nothing, but more than everything may be used."""
    assert_first_is_unreadable(spoiled(Credit="-1", TotalCredit="-1"))
    with simulated(spoiled(RemainingCredit="-1")) as cloud:
        seen = cloud.observe([customer(0)], everyone=False).standings[customer(0).key]
    assert isinstance(seen, Standing)
    assert seen.available == Money(-1_00)


@absurd
def test_an_absurd_answer_to_a_write_is_uncertain(text: str) -> None:
    """The vendor may have applied what it answers so strangely."""
    with simulated(spoiled(TotalCredit=text)) as cloud:
        assert isinstance(cloud.send(intent(1)), Uncertain)


@absurd
def test_an_absurd_quota_is_a_failed_read(text: str) -> None:
    """What can be given out is not guessed."""
    with simulated(spoiled(RemainingCredit=text)) as cloud, pytest.raises(TemporaryReadError):
        cloud.quota()


@absurd
def test_an_absurd_record_has_no_figures(text: str) -> None:
    """A record without figures still counts as one; another's are not touched."""
    vendor = SimulatedTencent()
    (one,) = populate(vendor, 1)
    with simulated(vendor) as cloud:
        cloud.send(intent(1))
        cloud.send(intent(2))
        whole = cloud.witness(one)
        Spoiler(texts={"Credit": text, "AllocatedCredit": text}).stand_before(vendor)
        spoiled = cloud.witness(one)
    assert spoiled.count == whole.count > 1
    assert [row.change for row in spoiled.rows].count(None) == 1
    assert [row.granted_after for row in spoiled.rows].count(None) == 1


@pytest.mark.parametrize("text", [*ABSURD, "-1", "1e6"])
def test_an_absurd_count_hides_nobody(text: str) -> None:
    """A count that cannot be believed ends the list, not the reading: customers are read by UIN."""
    asked = [customer(number) for number in range(3)]
    with simulated(spoiled(Total=text)) as cloud:
        assert set(cloud.observe(asked, everyone=False).standings) == {one.key for one in asked}
        with pytest.raises(TemporaryReadError):
            cloud.witness(asked[0])
