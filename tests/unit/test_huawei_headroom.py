"""What the partner itself may still owe Huawei Cloud, and what the vendor does not tell a partner at all."""

from datetime import timedelta

import pytest

from adapters.clouds.huawei.requests import AnswerShapeError, headroom_in, shaped
from adapters.clouds.huawei.simulator import Behaviour, Consumption
from adapters.sandbox.faults import Mode
from core.errors import AccountRefusedError, TemporaryReadError
from core.exposure import Headroom
from core.money import Money
from tests.unit.huawei_rig import Desk, customer, opened, spec

USD = {"measure_id": 1, "currency": "USD"}
DOCUMENT: dict[str, object] = {"consumption_quota": "1000.00", "used_consumption_quota": "-8.00", **USD}


def test_headroom_is_the_quota_and_what_is_used_of_it() -> None:
    """The vendor's figures as they are, and what is left between them."""
    with opened() as rig:
        assert rig.cloud.headroom() == Headroom(
            title="consumption quota", limit=Money(1_000_000_00), used=Money(1_200_00), left=Money(998_800_00)
        )
        assert rig.world.requests() == {"ShowPartnerConsumptionQuota": 1}


def test_headroom_moves_with_what_is_owed() -> None:
    """A balance paid in ahead makes the used part negative, and what is owed beyond the quota what is left."""
    with opened() as rig:
        rig.world.set_consumption(Consumption(quota=Money(100_00), amount=Money(30_00), unbilled=Money(10_00)))
        room = rig.cloud.headroom()
        assert (room.used, room.left) == (Money(-20_00), Money(120_00))
        rig.world.set_consumption(Consumption(quota=Money(100_00), due=Money(130_00)))
        room = rig.cloud.headroom()
        assert (room.used, room.left) == (Money(130_00), Money(-30_00))


def test_fractions_of_a_cent_leave_less() -> None:
    """The quota is rounded down and what is used up, so that what is left is never more than the vendor's."""
    room = headroom_in({**DOCUMENT, "consumption_quota": "10.999", "used_consumption_quota": "3.001"})
    assert (room.limit, room.used, room.left) == (Money(10_99), Money(3_01), Money(7_98))
    assert headroom_in({**DOCUMENT, "used_consumption_quota": "-3.009"}).used == Money(-3_00)


@pytest.mark.parametrize(
    "change",
    [
        {"consumption_quota": None},
        {"consumption_quota": ""},
        {"consumption_quota": "-1.00"},
        {"consumption_quota": 1000},
        {"consumption_quota": "1e3"},
        {"consumption_quota": "1" * 17},
        {"used_consumption_quota": None},
        {"used_consumption_quota": "+1.00"},
        {"used_consumption_quota": "twelve"},
        {"used_consumption_quota": ["1.00"]},
    ],
)
def test_a_figure_that_is_none_is_not_guessed(change: dict[str, object]) -> None:
    """Missing, negative, absurd and other than text: the answer is refused as a whole."""
    with pytest.raises(AnswerShapeError):
        shaped(headroom_in, {**DOCUMENT, **change})


@pytest.mark.parametrize("unit", [{"currency": "EUR"}, {"measure_id": 3}, {"currency": None, "measure_id": None}])
def test_another_currency_has_no_figures(unit: dict[str, object]) -> None:
    """What is not plainly US dollars cannot be compared with anything here."""
    assert headroom_in({**DOCUMENT, **unit}) == Headroom(title="consumption quota", limit=None, used=None, left=None)


def test_a_headroom_that_cannot_be_read_is_a_failed_read() -> None:
    """A missing permission and a vendor that stays broken are told as such, never as no headroom."""
    denied = Behaviour(denied=frozenset({"ShowPartnerConsumptionQuota"}))
    with opened(behaviour=denied) as rig, pytest.raises(AccountRefusedError):
        rig.cloud.headroom()
    with opened(read_timeout=timedelta(seconds=0.3)) as rig:
        rig.world.faults.plan("ShowPartnerConsumptionQuota", Mode.GARBAGE, times=100)
        with pytest.raises(TemporaryReadError):
            rig.cloud.headroom()


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [(Behaviour(), "1200.00 of 1000000.00 used"), (Behaviour(currency="EUR"), "not in US dollars")],
)
def test_a_probe_tells_the_headroom(behaviour: Behaviour, said: str) -> None:
    """With its figures, or why there are none, and with what happens beyond it."""
    with opened(behaviour=behaviour) as rig:
        (result,) = (each for each in rig.cloud.probe() if each.title == "consumption quota")
        assert result.ok
        assert said in result.sentence
        assert "restricts the partner and all its customers" in result.sentence


def test_there_is_no_bill_to_be_read() -> None:
    """The vendor tells a customer's bill to the customer only, so nothing is asked."""
    with opened(spec("c1")) as rig:
        assert rig.cloud.billed(customer("c1"), "2026-11") is None
        assert rig.world.requests() == {}


def test_the_simulated_quota_is_text() -> None:
    """All figures are texts; the used part is what is owed less what was paid in, so it can be negative."""
    made = Desk()
    _, document = made.ask("GET", "credit/consumption-quota")
    assert (document["used_consumption_quota"], document["measure_id"]) == ("1200.00", 1)
    made.world.set_consumption(Consumption(quota=Money(900_00), amount=Money(50_00), due=Money(1), coupon=Money(2)))
    assert made.ask("GET", "credit/consumption-quota")[1] == {
        "consumption_quota": "900.00",
        "amount": "50.00",
        "coupon_amount": "0.02",
        "due_amount": "0.01",
        "unbilled_amount": "0.00",
        "used_consumption_quota": "-50.01",
        **USD,
    }
