"""Huawei Cloud's page "Setting One-Time Budgets for Customers", sentence by sentence: actions upon budget exhaustion.

How restrictions come about and are lifted, agreement and liability, records and names. README.md maps the sentences to
these scenarios.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.clouds.huawei.simulator import SimulatedHuawei
from adapters.sandbox.world import CustomerSpec
from core.limit import Kind
from tests.scenario.manual_partner import Partner, dollars, partner
from tests.surface.cli_rig import customer, on_terminal, opened
from tests.unit.huawei_rig import opened as keeping
from tests.unit.huawei_rig import spec

FIRST, SECOND, NEW = "5d8c1e7a90b34f62", "8f3b2a6c4d5e4f10", "0c7e5d3b1a9f48e6"
AGREED = 'agreement = { by = "Ann Lee", date = 2026-03-01 }'
APPROVED = f"""
[[approvals]]
customer = "{FIRST}"
kind = "freeze"
until = 2026-04-30
approved_by = "Ann Lee"
reason = "the contract allows it"
"""
FREEZES = "freezes the customer: purchases and resources stop, and data is deleted after 15 days"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Partner]:
    """A partner on Huawei Cloud with one customer, who has spent 100 of a one-time budget of 500."""
    with partner(tmp_path, "huawei", customer(FIRST, Kind.ONE_TIME, "500.00")) as made:
        yield made


def huawei(desk: Partner) -> SimulatedHuawei:
    """Look behind the vendor's counter."""
    world = desk.rig.vendors["huawei"]
    assert isinstance(world, SimulatedHuawei)
    return world


def spent_with_freeze(desk: Partner) -> None:
    """Let the customer spend a budget that freezes it at its end: agreed, approved, about to be seen twice."""
    desk.configure(AGREED)
    desk.append(APPROVED)
    desk.write(f"{FIRST},one_time,500.00,freeze")
    desk.apply()
    huawei(desk).spend(FIRST, dollars("400.00"))
    desk.later()
    assert desk.hold()["reason"] == "one_observation"
    desk.do("apply")  # a dry run keeps no count
    desk.later()


def test_manual_freezing_alerts_and_leaves_the_rest_to_the_partner(desk: Partner) -> None:
    """With `alert` nobody is cut off: above 100 % the customer goes on, and Tidegate does nothing by itself."""
    desk.write(f"{FIRST},one_time,500.00,alert")
    assert "at exhaustion: an alert only" in desk.correction()["effects"]
    desk.apply()
    huawei(desk).spend(FIRST, dollars("500.00"))
    desk.later()
    assert desk.nothing_left()
    assert (huawei(desk).action(FIRST), huawei(desk).restricted(FIRST)) == ("alert", False)


def test_restrict_purchase_stops_purchases_at_exhaustion(desk: Partner) -> None:
    """With `restrict` the vendor itself restricts purchases at 100 %; running resources go on, and the plan says so."""
    desk.write(f"{FIRST},one_time,500.00,restrict")
    said = "at exhaustion: no new purchases; running resources go on and keep costing"
    assert said in desk.correction()["effects"]
    desk.apply()
    huawei(desk).spend(FIRST, dollars("400.00"))
    assert huawei(desk).frozen_type(FIRST) == "ACCOUNT"


def test_restrict_and_freeze_stops_purchases_and_resources(desk: Partner) -> None:
    """With `freeze` Tidegate freezes account and resources once two reads show it; what that does comes first."""
    spent_with_freeze(desk)
    row = desk.correction()
    assert (row["action"], row["effects"][0]) == ("freeze", FREEZES)
    desk.apply()
    assert huawei(desk).frozen_type(FIRST) == "ACCOUNT_AND_RESOURCE"
    assert desk.nothing_left()


def test_freezing_has_to_be_agreed_to(desk: Partner) -> None:
    """Without the account's agreement the limits file is refused; with it every customer needs an approval besides."""
    desk.write(f"{FIRST},one_time,100.00,freeze")
    refused = desk.do("plan")
    assert refused.exit_code == 2
    assert "stops a customer's services, and in the end its data is deleted" in refused.output
    assert 'write agreement = { by = "NAME", date = YYYY-MM-DD }' in refused.output
    desk.configure(AGREED)
    desk.write(f"{FIRST},one_time,500.00,freeze")
    desk.apply()
    huawei(desk).spend(FIRST, dollars("400.00"))
    desk.later()
    desk.do("apply")
    desk.later()
    assert desk.hold()["reason"] == "not_agreed"
    assert not huawei(desk).restricted(FIRST)


def test_nobody_but_the_partner_answers_for_a_freeze(desk: Partner) -> None:
    """The vendor bears no liability: a freeze rests on names and dates in the file, and lapses with the approval."""
    spent_with_freeze(desk)
    assert desk.correction()["action"] == "freeze"
    desk.later(timedelta(days=60))
    desk.do("apply")
    desk.later()
    assert desk.hold()["reason"] == "not_agreed"


def test_more_budget_unrestricts_purchases_with_it(desk: Partner) -> None:
    """A raised budget lifts the restriction that exhaustion caused: the amount first, the release once it stands."""
    desk.write(f"{FIRST},one_time,500.00,restrict")
    desk.apply()
    desk.later()
    desk.apply()
    huawei(desk).spend(FIRST, dollars("400.00"))
    desk.later()
    desk.apply()
    desk.write(f"{FIRST},one_time,900.00,restrict")
    row = desk.correction()
    assert (row["action"], row["follows"]) == ("set_amount", ["release"])
    assert "lifts the restriction" in row["effects"]
    desk.apply()
    assert (huawei(desk).granted(FIRST), huawei(desk).restricted(FIRST)) == (dollars("900.00"), False)


def test_looking_at_a_plan_first_changes_nothing_of_that(desk: Partner) -> None:
    """Whoever plans before applying has the restriction of exhaustion lifted all the same."""
    desk.write(f"{FIRST},one_time,500.00,restrict")
    desk.apply()
    huawei(desk).spend(FIRST, dollars("400.00"))
    desk.later()
    assert desk.nothing_left()
    desk.write(f"{FIRST},one_time,900.00,restrict")
    assert desk.correction()["follows"] == ["release"]


def test_more_budget_unfreezes_resources_with_it(desk: Partner) -> None:
    """What Tidegate froze with its resources a raised budget unfreezes with its resources, before the data is gone."""
    spent_with_freeze(desk)
    desk.apply()
    desk.write(f"{FIRST},one_time,900.00,freeze")
    row = desk.correction()
    assert (row["action"], row["follows"]) == ("set_amount", ["release"])
    assert row["data_deleted_after"].startswith("2026-03-30T04:2")
    desk.apply()
    assert huawei(desk).frozen_type(FIRST) is None
    unfreezing = [write for write in huawei(desk).applied_writes() if write[0] == "UnfreezeSubCustomers"]
    assert unfreezing == [("UnfreezeSubCustomers", FIRST, None)]


def associated(desk: Partner) -> None:
    """Let a customer be associated after the account was first looked at; it is restricted by default."""
    desk.write(f"{FIRST},one_time,500.00,")
    desk.apply()
    desk.later(timedelta(days=1))
    huawei(desk).add_customer(CustomerSpec(customer_id=NEW, name="New Ltd.", restricted=True))
    desk.later()


def test_a_new_customer_is_restricted_until_it_is_onboarded(desk: Partner) -> None:
    """With `onboard` the first budget lifts the restriction that the vendor puts on newly associated customers."""
    associated(desk)
    rows = (f"{FIRST},one_time,500.00,,", f"{NEW},one_time,300.00,restrict,")
    desk.write(*rows, columns="onboard")
    assert "stays restricted: a raise alone does not lift the restriction" in desk.correction()["effects"]
    desk.write(rows[0], f"{rows[1]}true", columns="onboard")
    assert desk.correction()["follows"] == ["release"]
    desk.apply()
    assert (huawei(desk).granted(NEW), huawei(desk).restricted(NEW)) == (dollars("300.00"), False)


def test_purchases_are_unrestricted_by_a_persons_word(desk: Partner) -> None:
    """A restriction that somebody else imposed stays and says so; a person lifts it with `release`."""
    desk.write(f"{FIRST},one_time,500.00,")
    desk.apply()
    huawei(desk).console_freeze(FIRST, resources=False)
    desk.later()
    desk.apply(code=3)
    assert desk.hold()["reason"] == "restricted_by_other"
    assert desk.release(FIRST).exit_code == 0
    assert not huawei(desk).restricted(FIRST)
    again = desk.release(FIRST)
    assert (again.exit_code, "is not restricted" in again.output) == (4, True)


def test_no_budget_does_not_stop_pay_per_use(desk: Partner) -> None:
    """A customer without budget and limit may spend unseen: it is never touched, and every plan names it."""
    huawei(desk).add_customer(customer(SECOND, Kind.MONTHLY, None, "70.00"))
    desk.write(f"{FIRST},one_time,500.00,")
    assert desk.plan()["accounts"][0]["unlimited"] == [SECOND]
    said = " ".join(desk.do("plan").stdout.split())  # however wide the screen is
    assert f"without a limit, never touched, yet able to spend: {SECOND}" in said


def test_charges_end_with_restricting_and_freezing(desk: Partner) -> None:
    """An amount of zero with `freeze` stops purchases and resources; with `restrict` running resources keep costing."""
    desk.configure("guards.max_exhausted = { count = 1 }")
    desk.write(f"{FIRST},one_time,0.00,restrict,true", columns="allow_zero")
    costs = "restricts the customer: no new purchases; running resources go on and keep costing"
    assert costs in desk.correction()["effects"]
    desk.configure(AGREED)
    desk.append(APPROVED)
    desk.write(f"{FIRST},one_time,0.00,freeze,true", columns="allow_zero")
    assert desk.correction()["effects"] == [FREEZES]
    desk.apply()
    assert huawei(desk).frozen_type(FIRST) == "ACCOUNT_AND_RESOURCE"


def test_zero_has_to_be_meant(desk: Partner) -> None:
    """Nobody is stopped by a slip: zero without `allow_zero` is refused, and the guard asks once more."""
    desk.write(f"{FIRST},one_time,0.00,restrict")
    refused = desk.do("plan")
    assert (refused.exit_code, "allow_zero" in refused.output) == (2, True)
    desk.write(f"{FIRST},one_time,0.00,restrict,true", columns="allow_zero")
    assert (desk.hold()["reason"], desk.hold()["blocked_by"]) == ("guard", ["max_exhausted"])


def test_the_adjustment_records_are_the_history(desk: Partner) -> None:
    """`history` has the vendor's records and ours in one order: who set what, in the console or with Tidegate."""
    desk.write(f"{FIRST},one_time,600.00,")
    desk.apply()
    desk.later()
    huawei(desk).console_set(FIRST, dollars("650.00"), "li.wei")
    desk.later()
    desk.apply()
    lines = [line for line in desk.history() if line["sort"] != "limit"]
    assert [line["sort"] for line in lines] == ["ours", "others", "ours"]
    assert "li.wei" in lines[1]["what"]


def test_the_eye_button_shows_or_hides_the_name(desk: Partner) -> None:
    """Names are masked; `--show-names` shows them in full."""
    desk.write(f"{FIRST},one_time,600.00,")
    name = f"Name of {FIRST}"
    assert name not in desk.do("plan").output
    assert name in desk.do("plan", "--show-names").output


def test_ok_is_clicked_on_a_terminal(tmp_path: Path) -> None:
    """`apply` shows the plan, asks, and does what was shown; it is the one click that every procedure ends with."""
    with opened(tmp_path) as rig:
        code, screen = on_terminal(["apply", "--account", "huawei-main", "-c", str(rig.config)], "y\r")
        assert (code, "2 of 2 changes applied and read back" in screen) == (0, True), screen


def test_no_verification_code_is_asked_for() -> None:
    """The code is the console's: the interface has no field for one, and Tidegate sends what is documented."""
    with keeping(spec(FIRST, "500.00", kind="one_time")) as rig:
        rig.send(FIRST, "600.00", Kind.ONE_TIME)
        (body,) = rig.world.bodies("budget")
        assert body.keys() == {"customer_id", "budget_amount", "budget_type"}
