"""An absurd figure of Huawei Cloud's is the trouble of the one customer whose it is, and never an exception."""

import time

import pytest

from adapters.sandbox.server import json_response
from adapters.wire import line
from core.errors import PermanentReadError, ReadFailedError, TemporaryReadError
from core.money import Money
from core.ports import Uncertain
from core.witness import Witness
from tests.contract.spoiling import ABSURD, Spoiler
from tests.unit.huawei_rig import HuaweiRig, answering, customer, customers, ids, observed, opened, spec

THREE = (spec("c1"), spec("c2"), spec("c3"))
absurd = pytest.mark.parametrize("text", [*ABSURD, "-1", '"-1"', "-900000000000000"])


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask once: how often and when a read is repeated is the wire's own tests' business."""
    monkeypatch.setattr(line, "ATTEMPTS", 1)


def assert_first_is_unreadable(rig: HuaweiRig) -> None:
    """The first customer is unreadable, however it is read, and the other two are read."""
    asked = customers(["c1", "c2", "c3"])
    for seen in (observed(rig, asked, everyone=True), rig.cloud.read_again(asked)):
        assert ids(seen.unreadable) == {"c1"}
        assert all(isinstance(error, PermanentReadError) for error in seen.unreadable.values())
        assert ids(seen.standings) == {"c2", "c3"}
    strangers = rig.cloud.observe([], everyone=True)
    assert {standing.key.customer_id for standing in strangers.others} == {"c2", "c3"}
    assert len(strangers.problems) == 1


@absurd
@pytest.mark.parametrize("field", ["budget_amount", "used_amount"])
def test_an_absurd_figure_is_unreadable_alone(field: str, text: str) -> None:
    """A budget or a spend that no amount is spoils one customer of its batch."""
    with opened(*THREE) as rig:
        Spoiler(texts={field: text}).stand_before(rig.world)
        assert_first_is_unreadable(rig)


@pytest.mark.parametrize("text", ["[]", "{}", "1e99999999", "NaN", "null"])
def test_an_absurd_kind_is_unreadable_alone(text: str) -> None:
    """A budget whose type is not even a word spoils one customer of its batch."""
    with opened(*THREE) as rig:
        Spoiler(texts={"budget_type": text}).stand_before(rig.world)
        assert_first_is_unreadable(rig)


def test_the_largest_figures_are_read_to_the_cent() -> None:
    """What just is an amount is taken, also where rounding up the spend adds a digit."""
    with opened(*THREE) as rig:
        largest = "999999999999999.999"
        Spoiler(texts={"budget_amount": largest, "used_amount": largest}).stand_before(rig.world)
        standing = observed(rig, customers(["c1"])).standings[customer("c1").key]
    assert standing.granted == Money(99_999_999_999_999_999)
    assert standing.spent is not None
    assert (standing.spent.high, standing.available) == (Money(100_000_000_000_000_000), Money(-1))


@absurd
def test_an_absurd_record_fails_the_witness(text: str) -> None:
    """Half a history would prove what is not so: it is read again later."""
    with opened(*THREE) as rig:
        rig.send("c1", "600.00")
        assert isinstance(rig.cloud.witness(customer("c1")), Witness)
        Spoiler(texts={"budget_amount": text}).stand_before(rig.world)
        with pytest.raises(TemporaryReadError):
            rig.cloud.witness(customer("c1"))


@pytest.mark.parametrize("text", [*ABSURD, "-1"])
def test_an_absurd_count_is_a_failed_read_at_once(text: str) -> None:
    """A count of customers or records that cannot be believed is neither followed nor computed with."""
    with opened(*THREE) as rig:
        Spoiler(texts={"count": text, "total_count": text}).stand_before(rig.world)
        begun = time.process_time()
        seen = observed(rig, customers(["c1", "c2", "c3"]), everyone=True)
        assert ids(seen.standings) == {"c1", "c2", "c3"}
        assert {standing.restriction for standing in seen.standings.values()} == {None}
        assert seen.problems
        with pytest.raises(ReadFailedError):
            rig.cloud.witness(customer("c1"))
        assert time.process_time() - begun < 5  # takes 0.1 s; the SDK would compute for hours


@absurd
def test_an_absurd_answer_to_a_write_is_uncertain(text: str) -> None:
    """The vendor may have applied what it answers so strangely."""
    with opened(*THREE) as rig:
        answering(rig, "sub-customers/budget", lambda *_: json_response(200, {"budget_amount": 0}))
        Spoiler(texts={"budget_amount": text}).stand_before(rig.world)
        assert isinstance(rig.send("c1", "600.00"), Uncertain)


def test_a_list_of_resellers_without_end_is_read_to_its_count() -> None:
    """A vendor that repeats a page of resellers is asked as often as its count makes necessary, however often."""
    page = {"indirect_partners": [{"indirect_partner_id": "p1"}], "count": 300}
    with opened(*THREE) as rig:
        answering(rig, "indirect-partners/query", lambda *_: json_response(200, page))
        assert ids(observed(rig, customers(["c1"]), everyone=True).standings) == {"c1"}
