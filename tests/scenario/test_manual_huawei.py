"""Huawei Cloud's page "Setting One-Time Budgets for Customers", sentence by sentence: permission, quota, budget, type.

What happens upon exhaustion is in test_manual_huawei_exhaustion; README.md maps the sentences to these scenarios.
"""

import functools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.clouds.huawei.simulator import Role, SimulatedHuawei
from core.limit import Kind
from tests.scenario.manual_alerts import shares_told, subjects, told
from tests.scenario.manual_partner import Partner, dollars, partner
from tests.surface.cli_rig import customer

FIRST, SECOND, NEW = "5d8c1e7a90b34f62", "8f3b2a6c4d5e4f10", "0c7e5d3b1a9f48e6"
APRIL = datetime(2026, 4, 1, 4, 0, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Partner]:
    """A partner on Huawei Cloud: one customer with a monthly budget, one with a one-time budget, one without any."""
    customers = (
        customer(FIRST, Kind.MONTHLY, "500.00"),
        customer(SECOND, Kind.ONE_TIME, "500.00"),
        customer(NEW, Kind.ONE_TIME, None, "0.00"),
    )
    with partner(tmp_path, "huawei", *customers) as made:
        yield made


def huawei(desk: Partner) -> SimulatedHuawei:
    """Look behind the vendor's counter."""
    world = desk.rig.vendors["huawei"]
    assert isinstance(world, SimulatedHuawei)
    return world


def test_a_one_time_budget_is_set_within_the_quota_granted(desk: Partner) -> None:
    """With permission and quota a customer gets its one-time budget, and the plan says what is left of the quota."""
    desk.configure('budget_quota_one_time = "2000.00"')
    desk.write(f"{NEW},one_time,800.00,alert")
    row = desk.correction()
    assert (row["action"], row["quota_after"]) == ("set_amount", "700.00")
    desk.apply()
    assert (huawei(desk).granted(NEW), huawei(desk).kind(NEW)) == (dollars("800.00"), "one_time")


def test_without_the_permission_the_vendors_refusal_is_told(desk: Partner) -> None:
    """A partner who may not set budgets reads the vendor's own refusal, and nothing changes."""
    huawei(desk).switch(denied=frozenset({"UpdateSubCustomerBudget"}))
    desk.write(f"{SECOND},one_time,800.00,")
    result = desk.apply(code=4)
    assert "give it the permission; the vendor's words: Access denied." in result.output
    assert huawei(desk).granted(SECOND) == dollars("500.00")


def test_only_customers_of_the_resale_model_have_budgets(desk: Partner) -> None:
    """Who is not among the partner's resale customers is not done, whatever the limits file says."""
    desk.write("ffffffffffffffff,one_time,800.00,alert")
    hold = desk.hold()
    assert (hold["reason"], hold["detail"]) == ("unknown_customer", "limits.csv:2: correct or remove it")


def test_a_budget_counts_gross_expenditure_at_list_price(desk: Partner) -> None:
    """Every plan says that what is spent is the vendor's list-price estimate and never the invoice."""
    desk.write(f"{SECOND},one_time,800.00,")
    shown = desk.do("plan").stdout
    assert "Spent is the vendor's list-price estimate, never the invoice." in shown
    assert desk.correction()["spent"]["high"] == "100.00"


def test_a_one_time_budget_is_not_restored_in_the_following_month(desk: Partner) -> None:
    """In a new month a monthly budget is whole again; of a one-time budget only what was left is left."""
    desk.write(f"{FIRST},monthly,500.00,", f"{SECOND},one_time,500.00,")
    assert desk.nothing_left()
    desk.until(APRIL)
    assert desk.nothing_left()
    desk.write(f"{FIRST},monthly,600.00,", f"{SECOND},one_time,600.00,")
    left = {row["customer_id"]: row["available"] for row in desk.plan()["corrections"]}
    assert left == {FIRST: "500.00", SECOND: "400.00"}


def test_customers_spend_according_to_the_budget_obtained(desk: Partner) -> None:
    """The plan says what a budget leaves to spend; so much the customer can spend, and no more."""
    desk.write(f"{SECOND},one_time,800.00,restrict")
    assert "leaves 700.00 to spend" in desk.do("plan").stdout
    desk.apply()
    huawei(desk).spend(SECOND, dollars("699.99"))
    assert not huawei(desk).restricted(SECOND)
    huawei(desk).spend(SECOND, dollars("0.01"))
    assert huawei(desk).restricted(SECOND)


def test_alerts_come_at_75_90_and_100_percent(desk: Partner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each threshold is told once, to the channel that the partner named, and told again when it is over."""
    desk.write(f"{FIRST},monthly,500.00,")
    with told(desk, monkeypatch) as service:
        spent = functools.partial(huawei(desk).spend, FIRST)
        told_shares = shares_told(desk, service, lambda step: spent(dollars(step)), ["275.00", "75.00", "50.00"])
        assert told_shares == [("WARNING", "75.0"), ("WARNING", "90.0"), ("CRITICAL", "100.0")]
        desk.write(f"{FIRST},monthly,2000.00,")
        desk.apply()
        desk.later()
        desk.apply()
        assert f"over: customer {FIRST} has spent less than 75 % of its limit again" in subjects(service)[-1]


def test_after_an_alert_the_budget_is_adjusted_or_purchases_are_restricted(desk: Partner) -> None:
    """A partner who was alerted raises one customer's budget, and restricts another's purchases with an amount of 0."""
    desk.configure("guards.max_exhausted = { count = 1 }")
    desk.write(f"{FIRST},monthly,900.00,,", f"{SECOND},one_time,0.00,restrict,true", columns="allow_zero")
    desk.apply()
    assert huawei(desk).granted(FIRST) == dollars("900.00")
    assert (huawei(desk).frozen_type(SECOND), huawei(desk).granted(SECOND)) == ("ACCOUNT", dollars("500.00"))
    assert desk.nothing_left()


def test_a_distributor_grants_a_monthly_quota_a_one_time_quota_or_both(desk: Partner) -> None:
    """Each quota is for budgets of its own type: what the one has left helps no budget of the other."""
    desk.configure('budget_quota_monthly = "10000.00"', 'budget_quota_one_time = "600.00"')
    desk.write(f"{FIRST},monthly,900.00,", f"{SECOND},one_time,900.00,")
    plan = desk.plan()
    assert [(row["customer_id"], row["quota_after"]) for row in plan["corrections"]] == [(FIRST, "9100.00")]
    assert [(row["customer_id"], row["reason"]) for row in plan["holds"]] == [(SECOND, "quota")]


def test_what_exceeds_the_quota_waits_for_the_distributor(desk: Partner) -> None:
    """A budget that the one-time quota cannot bear is not done; the hold says what it needs and what there is."""
    desk.configure('budget_quota_one_time = "600.00"')
    desk.write(f"{SECOND},one_time,900.00,")
    hold = desk.hold()
    assert hold["reason"] == "quota"
    assert hold["detail"] == "it needs 400.00 and 100.00 of the one_time budget quota can still be given out"
    desk.apply(code=4)
    assert huawei(desk).granted(SECOND) == dollars("500.00")


def test_the_quota_is_read_in_the_partner_center_and_written_down(desk: Partner) -> None:
    """No interface shows the quota: without the key the plan knows none, and with it counts it."""
    desk.write(f"{SECOND},one_time,600.00,")
    assert desk.correction()["quota_after"] is None
    desk.configure('budget_quota_one_time = "1000.00"')
    assert desk.correction()["quota_after"] == "400.00"


def test_one_signs_in_as_a_partner(desk: Partner) -> None:
    """`check` says that the key is a partner's; with any other account's key it fails and says so."""
    desk.write(f"{FIRST},monthly,500.00,")
    assert "the key works" in desk.do("check").output
    huawei(desk).switch(role=Role.CUSTOMER)
    refused = desk.do("check")
    assert "the vendor's words: You are not a partner." in " ".join(refused.output.split())


def test_the_customer_list_shows_where_everybody_stands(desk: Partner) -> None:
    """`import` writes a limits file of all customers with a budget, and planning right after it is empty."""
    desk.rig.limits.unlink()
    made = desk.do("import", "--out", str(desk.rig.limits))
    assert made.exit_code == 0, made.output
    assert [line.split(",")[1] for line in desk.rig.limits.read_text().splitlines()[1:]] == [FIRST, SECOND]
    assert desk.nothing_left()


def test_a_budget_is_set_for_one_customer_or_for_many_at_once(desk: Partner) -> None:
    """`--customer` sets one customer's budget; without it every customer of the file gets its own."""
    desk.write(f"{FIRST},monthly,900.00,", f"{SECOND},one_time,900.00,")
    assert desk.do("apply", "--customer", FIRST).exit_code == 0
    assert huawei(desk).granted(SECOND) == dollars("500.00")
    desk.apply()
    assert huawei(desk).granted(SECOND) == dollars("900.00")


def test_an_action_is_selected_with_the_first_budget(desk: Partner) -> None:
    """A customer's first budget waits until the file states what happens upon exhaustion; then it is set with it."""
    desk.write(f"{NEW},one_time,800.00,")
    assert desk.hold()["reason"] == "action_unstated"
    desk.write(f"{NEW},one_time,800.00,restrict")
    desk.apply()
    assert (huawei(desk).granted(NEW), huawei(desk).action(NEW)) == (dollars("800.00"), "restrict")


def test_one_time_becomes_monthly_at_once(desk: Partner) -> None:
    """The new type is in force with the change; what counts from then on is the month's expenditure so far."""
    desk.until(APRIL)
    huawei(desk).spend(SECOND, dollars("30.00"))
    desk.write(f"{SECOND},monthly,600.00,")
    row = desk.correction()
    assert row["action"] == "set_kind"
    anew = "the spend of this month so far counts, and it begins anew every month"
    assert f"kind one_time becomes monthly at once: {anew}" in row["effects"]
    desk.apply()
    assert (huawei(desk).kind(SECOND), huawei(desk).granted(SECOND)) == ("monthly", dollars("600.00"))
    desk.later()
    desk.write(f"{SECOND},monthly,700.00,")
    assert desk.correction()["spent"] == {"low": "30.00", "high": "30.00", "since": "2026-03-31T16:00:00+00:00"}


def test_monthly_becomes_one_time_and_counts_from_this_month(desk: Partner) -> None:
    """The new type is in force at once; what adds up is the spend from the month of the change on, for good."""
    desk.until(APRIL)
    huawei(desk).spend(FIRST, dollars("30.00"))
    desk.write(f"{FIRST},one_time,600.00,")
    row = desk.correction()
    anew = "spend counts from this month on, and never begins anew"
    assert f"kind monthly becomes one_time at once: {anew}" in row["effects"]
    assert row["detail"].endswith("the spend, 30.00 so far, counts from this month on, and never begins anew")
    desk.apply()
    assert huawei(desk).kind(FIRST) == "one_time"
    desk.until(APRIL + timedelta(days=31))
    desk.write(f"{FIRST},one_time,700.00,")
    assert desk.correction()["available"] == "570.00"


def test_the_estimate_may_be_ten_minutes_late_after_a_change_of_type(desk: Partner) -> None:
    """For ten minutes after the change the estimate carries no decision: a cut that would need it waits."""
    desk.write(f"{SECOND},monthly,600.00,")
    desk.apply()
    desk.write(f"{SECOND},monthly,400.00,")
    hold = desk.hold()
    assert hold["reason"] == "too_early"
    assert "the budget was changed a moment ago; its spend counts from 2026-03-15 04:10 UTC" in hold["detail"]
    desk.later()
    assert desk.correction()["after"]["granted"] == "400.00"
