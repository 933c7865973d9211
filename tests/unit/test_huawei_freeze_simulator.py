"""The simulated Huawei Cloud freezes and unfreezes as the vendor documents it, and shows months end as they may."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.clouds.huawei.simulator import FreezeAgain, FreezeSuccess, FreezeType, Role
from core.money import Money
from tests.unit.huawei_rig import Desk, signed, spec

ACCOUNT, RESOURCES = FreezeType.ACCOUNT, FreezeType.ACCOUNT_AND_RESOURCE
ONE = {"customer_ids": ["c1"], "reason": "mark"}
MONTHS_END = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)  # Beijing's midnight


def desk(*specs: object) -> Desk:
    """A desk with one ordinary customer, or with these."""
    made = Desk()
    for each in specs or (spec("c1"),):
        made.world.add_customer(each)  # type: ignore[arg-type]  # specs
    return made


def freeze(made: Desk, **fields: object) -> tuple[int, dict[str, Any]]:
    """Freeze c1, or what the fields say."""
    return made.ask("POST", "sub-customers/freeze", {**ONE, **fields})


def unfreeze(made: Desk, **fields: object) -> tuple[int, dict[str, Any]]:
    """Unfreeze c1, or what the fields say."""
    return made.ask("POST", "sub-customers/unfreeze", {**ONE, **fields})


def failures(document: dict[str, Any]) -> dict[str, str]:
    """The codes listed in an answer, by customer."""
    return {row["id"]: row["error_code"] for row in document["error_details"]}


@pytest.mark.parametrize("path", ["freeze", "unfreeze"])
@pytest.mark.parametrize(
    "change",
    [
        {"customer_ids": None},
        {"customer_ids": []},
        {"customer_ids": "c1"},
        {"customer_ids": [f"c{number}" for number in range(11)]},
        {"customer_ids": ["x" * 65]},
        {"customer_ids": [""]},
        {"customer_ids": [1]},
        {"reason": None},
        {"reason": ""},
        {"reason": "x" * 257},
        {"reason": 5},
        {"freeze_type": "", "unfreeze_type": ""},
        {"freeze_type": "RESOURCE", "unfreeze_type": "RESOURCE"},
        {"freeze_type": "account", "unfreeze_type": "account"},
        {"indirect_partner_id": "x" * 65},
    ],
)
def test_a_freeze_checks_its_fields(path: str, change: dict[str, object]) -> None:
    """What is missing or out of its range is refused with CBC.0100, and nothing changes."""
    made = desk(spec("c1", restricted=path == "unfreeze"))
    before = made.world.frozen_type("c1")
    status, document = made.ask("POST", f"sub-customers/{path}", {**ONE, **change})
    assert (status, document["error_code"]) == (400, "CBC.0100")
    assert made.world.frozen_type("c1") is before
    assert made.world.applied_writes() == []


@pytest.mark.parametrize(
    ("fields", "stands"),
    [
        ({}, ACCOUNT),
        ({"freeze_type": None}, ACCOUNT),
        ({"freeze_type": "ACCOUNT"}, ACCOUNT),
        ({"freeze_type": "ACCOUNT_AND_RESOURCE"}, RESOURCES),
        ({"indirect_partner_id": ""}, ACCOUNT),
    ],
)
def test_a_freeze_is_of_the_account_unless_it_says_otherwise(fields: dict[str, object], stands: FreezeType) -> None:
    """Left out, the type is ACCOUNT."""
    made = desk()
    assert freeze(made, **fields) == (200, {})
    assert made.world.frozen_type("c1") is stands
    assert made.world.restricted("c1")
    assert made.world.applied_writes() == [("FreezeSubCustomers", "c1", None)]


@pytest.mark.parametrize("stands", FreezeType)
@pytest.mark.parametrize("asked", FreezeType)
def test_an_unfreeze_must_name_the_type_that_stands(stands: FreezeType, asked: FreezeType) -> None:
    """The same type lifts it; the other fails for that customer, with status 200."""
    made = desk()
    made.world.console_freeze("c1", resources=stands is RESOURCES)
    status, document = unfreeze(made, unfreeze_type=str(asked))
    assert status == 200
    assert document == {} if asked is stands else failures(document) == {"c1": "CBC.99008013"}
    assert made.world.frozen_type("c1") is (None if asked is stands else stands)


def test_each_customer_fares_on_its_own() -> None:
    """Strangers and customers of a reseller are listed, the others are done; a name twice counts once."""
    made = desk(spec("c1"), spec("c2", partner="p1"), spec("c3"))
    status, document = freeze(made, customer_ids=["c1", "stranger", "c2", "c3", "c1"])
    assert (status, failures(document)) == (200, {"stranger": "CBC.99000035", "c2": "CBC.99000000"})
    assert [made.world.restricted(each) for each in ("c1", "c2", "c3")] == [True, False, True]
    assert made.world.applied_writes() == [("FreezeSubCustomers", "c1", None), ("FreezeSubCustomers", "c3", None)]
    assert freeze(made, customer_ids=["c2"], indirect_partner_id="p1") == (200, {})


def test_a_failure_of_everybody_is_a_switch() -> None:
    """Undocumented: a list like any other, or an error of the whole call."""
    made = desk()
    made.world.switch(whole_failures=True)
    assert freeze(made, customer_ids=["x", "y"])[1]["error_code"] == "CBC.99000035"
    assert failures(freeze(made, customer_ids=["x", "c1"])[1]) == {"x": "CBC.99000035"}


@pytest.mark.parametrize(
    ("success", "status", "body"),
    [
        (FreezeSuccess.EMPTY_OBJECT, 200, b"{}"),
        (FreezeSuccess.NO_DETAILS, 200, b'{"error_details": []}'),
        (FreezeSuccess.EMPTY, 200, b""),
        (FreezeSuccess.NO_CONTENT, 204, b""),
    ],
)
def test_the_form_of_success_of_a_freeze_is_a_switch(success: FreezeSuccess, status: int, body: bytes) -> None:
    """204, or 200 with nothing, an empty object or an empty list."""
    made = desk()
    made.world.switch(freeze_success=success)
    response = made.world.respond(signed("POST", "/v2/partners/sub-customers/freeze", ONE, made.now))
    assert (response.status, response.body) == (status, body)


@pytest.mark.parametrize(
    ("again", "failed", "stands"),
    [(FreezeAgain.CHANGED, {}, RESOURCES), (FreezeAgain.KEPT, {}, ACCOUNT), (FreezeAgain.REFUSED, True, ACCOUNT)],
)
def test_freezing_again_is_a_switch(again: FreezeAgain, failed: object, stands: FreezeType) -> None:
    """Undocumented: fine with the new type or the old one, or a failure."""
    made = desk()
    made.world.switch(freeze_again=again)
    freeze(made)
    _, document = freeze(made, freeze_type="ACCOUNT_AND_RESOURCE")
    assert bool(document) is bool(failed)
    assert made.world.frozen_type("c1") is stands


def test_unfreezing_who_is_free_is_a_switch() -> None:
    """Undocumented: fine, or a failure."""
    made = desk()
    assert unfreeze(made, unfreeze_type="ACCOUNT_AND_RESOURCE") == (200, {})
    made.world.switch(unfreeze_again=False)
    assert failures(unfreeze(made)[1]) == {"c1": "CBC.99008012"}


@pytest.mark.parametrize("automatic", FreezeType)
def test_what_the_automatic_freeze_stops_is_a_switch(automatic: FreezeType) -> None:
    """At exhaustion it is the account, or its resources too; a freeze that stands is left as it is."""
    made = desk(spec("c1", "100.00", spent="100.00"), spec("c2", "100.00", spent="100.00"))
    made.world.switch(automatic_freeze=automatic)
    made.world.console_freeze("c2", resources=True)
    for customer_id in ("c1", "c2"):
        made.update(customer_id=customer_id, budget_amount=100, frozen_operate_type=1)
    assert (made.world.frozen_type("c1"), made.world.frozen_type("c2")) == (automatic, RESOURCES)


@pytest.mark.parametrize("lifts", [False, True])
def test_whether_a_budget_lifts_a_freeze_of_resources_is_a_switch(lifts: bool) -> None:  # noqa: FBT001 - a column of the table
    """Undocumented: `cancel_partner_frozen` always lifts a freeze of the account, of the resources perhaps."""
    made = desk()
    made.world.switch(cancel_lifts_resources=lifts)
    for resources, stands in [(False, None), (True, None if lifts else RESOURCES)]:
        made.world.console_freeze("c1", resources=resources)
        made.update(customer_id="c1", budget_amount=500, cancel_partner_frozen="1")
        assert made.world.frozen_type("c1") is stands


def test_a_freeze_may_show_late_in_the_list() -> None:
    """Undocumented: `is_frozen` may be behind, for a freeze and for its end."""
    made = desk()
    made.world.switch(freeze_lag=timedelta(minutes=10))
    made.now += timedelta(hours=1)

    def shown() -> int:
        return int(made.ask("POST", "sub-customers/query", {})[1]["customer_infos"][0]["is_frozen"])

    freeze(made)
    assert (shown(), made.world.restricted("c1")) == (0, True)
    made.now += timedelta(minutes=10)
    assert shown() == 1
    made.world.console_release("c1")
    assert (shown(), made.world.restricted("c1")) == (1, False)
    made.now += timedelta(minutes=10)
    assert shown() == 0


def test_a_new_customer_comes_frozen_now() -> None:
    """It has no budget and no record, its account is frozen, and it is associated from this moment on."""
    made = desk()
    made.now += timedelta(days=3)
    made.world.add_customer(spec("c2", None, restricted=True))
    first, second = made.ask("POST", "sub-customers/query", {})[1]["customer_infos"]
    assert (first["associated_on"], second["associated_on"]) == ("2026-03-15T12:00:00Z", "2026-03-18T12:00:00Z")
    assert (second["is_frozen"], made.world.frozen_type("c2"), made.world.granted("c2")) == (1, ACCOUNT, None)
    assert made.ask("GET", "sub-customers/budget/records", {"customer_id": "c2"})[1]["total_count"] == 0
    assert unfreeze(made, customer_ids=["c2"], unfreeze_type="ACCOUNT") == (200, {})
    assert not made.world.restricted("c2")


def test_only_partners_freeze() -> None:
    """A second-tier reseller is refused as everywhere."""
    made = desk()
    made.world.switch(role=Role.RESELLER)
    assert freeze(made)[1]["error_code"] == "CBC.0155"


@pytest.mark.parametrize("lag", [timedelta(0), timedelta(minutes=4), timedelta(minutes=30)])
def test_the_old_months_figure_may_stay_for_a_while(lag: timedelta) -> None:
    """For the delay, or for the lag where that is longer, a new month still shows what the old one came to."""
    delay = timedelta(minutes=10)
    made = desk(spec("c1", spent="80.00"), spec("c2", kind="one_time", spent="80.00"))
    made.world.switch(reset_delay=delay, spend_lag=lag)
    made.now = MONTHS_END + timedelta(minutes=1)
    for customer_id in ("c1", "c2"):
        made.world.spend(customer_id, Money(5_00))
    held = max(delay, lag)
    made.now = MONTHS_END + held - timedelta(seconds=1)
    assert made.budget("c1")["used_amount"] == 80
    made.now = MONTHS_END + held + timedelta(minutes=1)
    assert made.budget("c1")["used_amount"] == 5
    assert made.budget("c2")["used_amount"] == 85


def test_the_budget_itself_restores_at_midnight() -> None:
    """What is shown late keeps nobody frozen: the automatic freeze goes by the new month."""
    made = desk(spec("c1", "100.00", spent="99.00"))
    made.world.switch(reset_delay=timedelta(minutes=10))
    made.update(customer_id="c1", budget_amount=100, frozen_operate_type=1)
    made.now = MONTHS_END + timedelta(minutes=1)
    made.world.spend("c1", Money(2_00))
    assert (made.budget("c1")["used_amount"], made.world.restricted("c1")) == (99, False)


def test_a_customer_that_came_with_the_month_shows_its_own_figure() -> None:
    """There is no old month to be shown of it."""
    made = Desk(now=MONTHS_END + timedelta(minutes=1))
    made.world.switch(reset_delay=timedelta(minutes=10))
    made.world.add_customer(spec("c1", spent="7.00"))
    assert made.budget("c1")["used_amount"] == 7
