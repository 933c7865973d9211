"""The simulated Huawei Cloud does what the vendor documents, at any time of the test's choosing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.clouds.huawei.simulator import Behaviour, BelowUsed, NoBudget, Order, Role, SimulatedHuawei, Success
from adapters.sandbox.world import SimulatedVendor
from core.money import Money
from tests.unit.huawei_rig import Desk, signed, spec

LIMIT = {"customer_id": "c1", "budget_amount": 100}
# Beijing's April begins eight hours before UTC's.
APRIL = datetime(2026, 3, 31, 16, 0, 1, tzinfo=UTC)


def desk(*specs: object) -> Desk:
    """A desk with one ordinary customer, or with these."""
    made = Desk()
    for each in specs or (spec("c1"),):
        made.world.add_customer(each)  # type: ignore[arg-type]  # specs
    return made


def test_it_is_a_simulated_vendor() -> None:
    """It offers what demo, sandbox and tests ask of any vendor."""
    vendor: SimulatedVendor = SimulatedHuawei()
    assert vendor.vendor == "huawei"
    assert set(vendor.settings()) == {"access_key", "secret_key", "domain_id"}
    assert vendor.customer_ids() == []


@pytest.mark.parametrize(
    "change",
    [
        {"customer_id": None},
        {"customer_id": ""},
        {"customer_id": "x" * 65},
        {"customer_id": 5},
        {"budget_amount": None},
        {"budget_amount": 0},
        {"budget_amount": -1},
        {"budget_amount": 10.001},
        {"budget_amount": 2147483647.01},
        {"budget_amount": "100"},
        {"budget_amount": True},
        {"budget_type": ""},
        {"budget_type": "YEARLY"},
        {"frozen_operate_type": 2},
        {"frozen_operate_type": True},
        {"cancel_partner_frozen": "2"},
        {"indirect_partner_id": "x" * 65},
    ],
)
def test_an_update_checks_its_fields(change: dict[str, object]) -> None:
    """What is missing or out of its range is refused with CBC.0100, and nothing changes."""
    made = desk()
    assert made.update(**{**LIMIT, **change}) == (400, "CBC.0100")
    assert made.world.granted("c1") == Money(500_00)
    assert made.world.applied_writes() == []


@pytest.mark.parametrize(
    ("fields", "kind", "action"),
    [
        ({}, "monthly", "alert"),
        ({"budget_type": None}, "monthly", "alert"),
        ({"budget_type": "PACKAGE"}, "one_time", "alert"),
        ({"frozen_operate_type": 1}, "monthly", "restrict"),
        ({"frozen_operate_type": None}, "monthly", "alert"),
        ({"frozen_operate_type": ""}, "monthly", "alert"),
        ({"cancel_partner_frozen": 0, "indirect_partner_id": ""}, "monthly", "alert"),
    ],
)
def test_an_update_sets_what_it_says(fields: dict[str, object], kind: str, action: str) -> None:
    """Left out, the type is MONTHLY, and a first budget is frozen by hand."""
    made = desk(spec("c1", None))
    assert made.update(**LIMIT, **fields) == (204, None)
    assert (made.world.granted("c1"), made.world.kind("c1"), made.world.action("c1")) == (Money(100_00), kind, action)
    assert made.world.applied_writes() == [("UpdateSubCustomerBudget", "c1", Money(100_00))]


def test_leaving_the_type_out_makes_a_one_time_budget_monthly() -> None:
    """The trap of an amount-only update."""
    made = desk(spec("c1", kind="one_time"))
    made.update(**LIMIT)
    assert made.world.kind("c1") == "monthly"


def test_whose_customer_it_is_decides() -> None:
    """Strangers, customers of a reseller without its name and under another's name have their own codes."""
    made = desk(spec("c1"), spec("c2", partner="p1"), spec("c3", partner="p2"))
    assert made.update(**{**LIMIT, "customer_id": "stranger"}) == (400, "CBC.99000035")
    assert made.update(**{**LIMIT, "customer_id": "c2"}) == (400, "CBC.99000000")
    assert made.update(**{**LIMIT, "customer_id": "c2"}, indirect_partner_id="p2") == (400, "CBC.99000037")
    assert made.update(**{**LIMIT, "customer_id": "c2"}, indirect_partner_id="p1") == (204, None)
    assert made.update(**LIMIT, indirect_partner_id="p1") == (204, None)


def test_a_month_restores_a_monthly_budget_and_no_other() -> None:
    """At Beijing's midnight the monthly used amount begins anew; the one-time one goes on."""
    made = desk(spec("c1", spent="80.00"), spec("c2", kind="one_time", spent="80.00"))
    made.now = datetime(2026, 3, 31, 15, 59, tzinfo=UTC)
    made.world.spend("c1", Money(10_00))
    made.world.spend("c2", Money(10_00))
    assert (made.budget("c1")["used_amount"], made.budget("c2")["used_amount"]) == (90, 90)
    made.now = APRIL
    assert (made.budget("c1")["used_amount"], made.budget("c2")["used_amount"]) == (0, 90)


def test_a_change_of_type_counts_from_this_month_and_a_change_of_amount_restarts_nothing() -> None:
    """Monthly to one-time counts from the month of the change; one-time to monthly is month-to-date."""
    made = desk(spec("c1", kind="one_time", spent="80.00"))
    made.now = APRIL + timedelta(days=1)
    made.world.spend("c1", Money(5_00))
    made.update(**LIMIT, budget_type="PACKAGE")
    assert made.budget("c1")["used_amount"] == 85
    made.update(**LIMIT, budget_type="MONTHLY")
    assert made.budget("c1")["used_amount"] == 5
    made.update(**LIMIT, budget_type="PACKAGE")
    assert made.budget("c1")["used_amount"] == 5


def test_the_automatic_freeze_comes_with_exhaustion() -> None:
    """A used-up budget set to automatic freezes; a raise alone does not lift that, cancel_partner_frozen does."""
    made = desk(spec("c1", "100.00", spent="90.00"))
    made.world.spend("c1", Money(10_00))
    assert not made.world.restricted("c1")
    made.update(**LIMIT, frozen_operate_type=1)
    assert made.world.restricted("c1")
    made.update(customer_id="c1", budget_amount=500)
    assert made.world.restricted("c1")
    made.update(customer_id="c1", budget_amount=500, cancel_partner_frozen="1")
    assert not made.world.restricted("c1")
    made.world.switch(raise_unfreezes=True)
    made.world.console_freeze("c1", resources=False)
    made.update(customer_id="c1", budget_amount=600)
    assert not made.world.restricted("c1")


def test_lists_show_who_is_frozen_and_have_personal_data() -> None:
    """Pages, filters and fields are the documented ones; `is_frozen` is 0 or 1."""
    made = desk(spec("c1"), spec("c2", restricted=True), spec("c3", partner="p1"))
    status, page = made.ask("POST", "sub-customers/query", {"association_type": "3", "limit": 1, "offset": 1})
    assert (status, page["count"]) == (200, 2)
    (info,) = page["customer_infos"]
    assert (info["customer_id"], info["is_frozen"], info["association_type"]) == ("c2", 1, "3")
    assert {"email", "telephone", "account_managers", "verified_status", "customer_level"} <= set(info)
    for fields, count in [
        ({"customer_id": "c1"}, 1),
        ({"customer_id": "nobody"}, 0),
        ({"customer": "company C2"}, 1),
        ({"account_name": "account-c1"}, 1),
        ({"indirect_partner_id": "p1"}, 1),
        ({"association_type": "1"}, 0),
        ({}, 2),
    ]:
        assert made.ask("POST", "sub-customers/query", fields)[1]["count"] == count
    for wrong in ({"limit": 101}, {"limit": 0}, {"offset": -1}, {"offset": 40_000_001}, {"association_type": "2"}):
        assert made.ask("POST", "sub-customers/query", wrong)[1]["error_code"] == "CBC.0100"


def test_a_batch_takes_a_hundred_ids_and_omits_strangers() -> None:
    """Unknown ids and a reseller's are left out without a word; none, too many and impossible ones are refused."""
    made = desk(spec("c1"), spec("c2", partner="p1"))
    _, document = made.ask("POST", "sub-customers/budget/query", {"customer_ids": ["c1", "c2", "stranger", "c1"]})
    infos = [{"customer_id": "c1", "budget_amount": 500.0, "used_amount": 0.0, "budget_type": "MONTHLY"}]
    assert document == {"budget_infos": infos, "measure_id": 1, "currency": "USD"}
    for ids in ([], ["c"] * 101, ["x" * 65], "c1"):
        wrong = made.ask("POST", "sub-customers/budget/query", {"customer_ids": ids})
        assert (wrong[0], wrong[1]["error_code"]) == (400, "CBC.0100")
    unknown = {"customer_ids": ["c2"], "indirect_partner_id": "stranger"}
    assert made.ask("POST", "sub-customers/budget/query", unknown)[1]["error_code"] == "CBC.99000037"


def test_records_keep_every_change() -> None:
    """Settings by the interface and by the console, paged and filtered; UTC seconds; a removal is a DELETE."""
    made = desk()
    made.update(**LIMIT)
    made.now += timedelta(minutes=1)
    made.world.console_set("c1", Money(70_00), "li.wei", "one_time")
    _, document = made.ask("GET", "sub-customers/budget/records", {"customer_id": "c1", "limit": 2})
    assert document["total_count"] == 3
    assert document["record_list"] == [
        {
            "budget_amount": 70.0,
            "operation_type": "SETTING",
            "operation_time": "2026-03-15T12:01:00Z",
            "operator": "li.wei",
            "budget_type": "PACKAGE",
            "partner_corp_name": "Example Partner Ltd.",
            "partner_account_name": "example-partner",
        },
        {
            "budget_amount": 100.0,
            "operation_type": "SETTING",
            "operation_time": "2026-03-15T12:00:00Z",
            "operator": "partner-api",
            "budget_type": "MONTHLY",
            "partner_corp_name": "Example Partner Ltd.",
            "partner_account_name": "example-partner",
        },
    ]


def test_records_are_filtered() -> None:
    """Records can be asked for by type, by operation and from an offset on; anything else is refused."""
    made = desk()
    made.update(**LIMIT)
    made.world.console_set("c1", Money(70_00), "li.wei", "one_time")
    filters: list[tuple[dict[str, object], int]] = [
        ({"budget_type": "PACKAGE"}, 1),
        ({"operation_type": "DELETE"}, 0),
        ({"offset": 2}, 3),
    ]
    for wanted, count in filters:
        fields: dict[str, object] = {"customer_id": "c1", **wanted}
        assert made.ask("GET", "sub-customers/budget/records", fields)[1]["total_count"] == count
    impossible: dict[str, object] = {"budget_type": "", "operation_type": "SET", "limit": 101}
    for name, value in impossible.items():
        fields = {"customer_id": "c1", name: value}
        assert made.ask("GET", "sub-customers/budget/records", fields)[1]["error_code"] == "CBC.0100"


@pytest.mark.parametrize(
    ("order", "amounts"),
    [
        (Order.OLDEST_FIRST, [500, 1, 2, 3]),
        (Order.NEWEST_FIRST, [3, 2, 1, 500]),
        (Order.MIXED, [1, 3, 2, 500]),
    ],
)
def test_the_order_of_records_is_a_switch(order: Order, amounts: list[int]) -> None:
    """Undocumented: oldest first, newest first or in no order to be guessed."""
    made = desk()
    made.world.switch(record_order=order)
    for amount in (1, 2, 3):
        made.update(customer_id="c1", budget_amount=amount)
    _, document = made.ask("GET", "sub-customers/budget/records", {"customer_id": "c1"})
    assert [row["budget_amount"] for row in document["record_list"]] == amounts


def test_whether_the_same_amount_leaves_a_record_is_a_switch() -> None:
    """Undocumented: setting what stands already is on record, or is not."""
    made = desk()
    made.world.switch(records_same=False)
    made.update(customer_id="c1", budget_amount=500)
    assert made.ask("GET", "sub-customers/budget/records", {"customer_id": "c1"})[1]["total_count"] == 1
    made.world.switch(records_same=True)
    made.update(customer_id="c1", budget_amount=500)
    assert made.ask("GET", "sub-customers/budget/records", {"customer_id": "c1"})[1]["total_count"] == 2


def test_lags_are_switches() -> None:
    """Budgets, their records and what is used can each show late."""
    made = desk()
    late = timedelta(minutes=10)
    made.world.switch(read_lag=late, record_delay=late, spend_lag=late)
    made.now += timedelta(hours=1)
    made.world.spend("c1", Money(7_00))
    made.update(**LIMIT)
    assert (made.budget("c1")["budget_amount"], made.budget("c1")["used_amount"]) == (500, 0)
    assert made.ask("GET", "sub-customers/budget/records", {"customer_id": "c1"})[1]["total_count"] == 1
    made.now += late
    assert (made.budget("c1")["budget_amount"], made.budget("c1")["used_amount"]) == (100, 7)
    assert made.ask("GET", "sub-customers/budget/records", {"customer_id": "c1"})[1]["total_count"] == 2


def test_a_budget_below_what_is_used_is_a_switch() -> None:
    """Undocumented: accepted, or refused with a code of the vendor's."""
    made = desk(spec("c1", spent="200.00"))
    made.world.switch(below_used=BelowUsed.REFUSED)
    assert made.update(**LIMIT)[0] == 400
    made.world.switch(below_used=BelowUsed.ACCEPTED)
    assert made.update(**LIMIT) == (204, None)


@pytest.mark.parametrize(
    ("form", "shown", "batch"),
    [
        (NoBudget.OMITTED, {}, []),
        (NoBudget.ERROR, {"error_code": "CBC.99008002", "error_msg": "No budget is set."}, []),
        (NoBudget.ABSENT, {}, [{}]),
        (NoBudget.NULL, {"budget_amount": None}, [{"budget_amount": None}]),
        (NoBudget.ZERO, {"budget_amount": 0}, [{"budget_amount": 0}]),
    ],
)
def test_how_no_budget_is_shown_is_a_switch(
    form: NoBudget, shown: dict[str, object], batch: list[dict[str, object]]
) -> None:
    """Undocumented: left out, null, absent, zero or an error."""
    made = desk(spec("c1", None))
    made.world.switch(no_budget=form)
    assert shown.items() <= made.budget("c1").items()
    assert ("budget_amount" in made.budget("c1")) == ("budget_amount" in shown)
    infos = made.ask("POST", "sub-customers/budget/query", {"customer_ids": ["c1"]})[1]["budget_infos"]
    assert isinstance(infos, list)
    assert len(infos) == len(batch)
    assert all(expected.items() <= info.items() for expected, info in zip(batch, infos, strict=True))


@pytest.mark.parametrize(
    ("success", "status", "body"),
    [(Success.NO_CONTENT, 204, b""), (Success.EMPTY, 200, b""), (Success.EMPTY_OBJECT, 200, b"{}")],
)
def test_the_form_of_success_is_a_switch(success: Success, status: int, body: bytes) -> None:
    """204, or 200 with nothing or an empty object."""
    made = desk()
    made.world.switch(success=success)
    response = made.world.respond(signed("POST", "/v2/partners/sub-customers/budget", LIMIT, made.now))
    assert (response.status, response.body) == (status, body)


@pytest.mark.parametrize(
    ("role", "status", "code"),
    [
        (Role.DISTRIBUTOR, 200, None),
        (Role.PROVIDER, 403, "CBC.0151"),
        (Role.RESELLER, 403, "CBC.0155"),
        (Role.CUSTOMER, 200, "CBC.5001"),
    ],
)
def test_who_calls_decides_what_may_be_asked(role: Role, status: int, code: str | None) -> None:
    """Only a distributor has resellers; a second-tier reseller and a mere customer may ask nothing."""
    made = desk(spec("c1", partner="p1"))
    made.world.behaviour = Behaviour(role=role)
    answered, document = made.ask("POST", "indirect-partners/query", {})
    assert (answered, document.get("error_code")) == (status, code)
    budgets = made.ask("GET", "sub-customers/budget", {"customer_id": "c1", "indirect_partner_id": "p1"})[1]
    assert ("budget_amount" in budgets) == (role in (Role.DISTRIBUTOR, Role.PROVIDER))


def test_a_distributor_lists_its_resellers() -> None:
    """Ids, names and personal data of the resellers that customers came with."""
    made = desk(spec("c1", partner="p1"), spec("c2", partner="p2"), spec("c3", partner="p2"))
    _, document = made.ask("POST", "indirect-partners/query", {"limit": 1, "offset": 1})
    (partner,) = document["indirect_partners"]
    assert (document["count"], partner["indirect_partner_id"]) == (2, "p2")
    assert {"mobile_phone", "email", "account_manager_name"} <= set(partner)


def test_the_gateway_answers_before_the_application() -> None:
    """An unknown path is 404, a bad signature 401, both in the gateway's own form with the request's id."""
    made = desk()
    for request, status, code in [
        (signed("GET", "/v2/partners/nothing", None, made.now), 404, "APIGW.0101"),
        (
            signed("GET", "/v2/partners/credit/consumption-quota", None, made.now - timedelta(hours=1)),
            401,
            "APIGW.0301",
        ),
    ]:
        response = made.world.respond(request)
        assert response.status == status
        assert code.encode() in response.body
        assert b"request_id" in response.body
        assert response.headers["X-Request-Id"]
    assert made.world.throttled("any").status == 429
    assert made.world.business_error("any").status == 200
    assert made.world.refusal("any").status == 400


def test_a_body_that_is_no_json_object_is_refused() -> None:
    """Lists, text and garbage in place of the body are a parameter error."""
    made = desk()
    for fields in (["c1"], "c1"):
        assert made.ask("POST", "sub-customers/budget", fields)[1]["error_code"] == "CBC.0100"  # type: ignore[arg-type]  # on purpose
    good = signed("POST", "/v2/partners/sub-customers/budget", LIMIT, made.now)
    headers = {**good.headers, "content-type": "text/plain"}
    assert b"Content-Type" in made.world.respond(replace(good, headers=headers)).body
    garbled = signed("POST", "/v2/partners/sub-customers/budget", LIMIT, made.now, body=b"{")
    assert b"CBC.0100" in made.world.respond(garbled).body
    assert made.update(customer_id="c1", budget_amount=10**40) == (400, "CBC.0100")


def test_customers_come_and_go() -> None:
    """A taken or impossible id is refused; one that left and came back brings its records along."""
    made = desk()
    for wrong in ("c1", "", "x" * 65):
        with pytest.raises(ValueError, match="taken or impossible"):
            made.world.add_customer(spec(wrong))
    with pytest.raises(ValueError, match="no budget of kind credit_line"):
        made.world.add_customer(spec("c2", kind="credit_line"))
    made.world.remove_customer("c1")
    assert made.update(**LIMIT) == (400, "CBC.99000035")
    made.world.add_customer(spec("c1", None))
    assert made.world.granted("c1") is None
    assert made.ask("GET", "sub-customers/budget/records", {"customer_id": "c1"})[1]["total_count"] == 2
