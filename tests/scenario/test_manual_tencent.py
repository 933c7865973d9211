"""Tencent Cloud's page "Allocating Credit to Reseller's Customer", sentence by sentence.

README.md maps the sentences to these scenarios.
"""

import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.clouds.tencent.simulator import Role, SimulatedTencent
from core.limit import Kind
from scheduler import bootstrap
from tests.scenario.manual_alerts import shares_told, subjects, told
from tests.scenario.manual_partner import LAG, Partner, dollars, partner
from tests.surface.cli_rig import ROOT, customer

FIRST, SECOND = "200000104217", "200000358840"
MAY_EXHAUST = "guards.max_exhausted = { count = 1 }"
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Partner]:
    """A partner on Tencent Cloud with two customers, each with 500 of credit of which 100 is used."""
    customers = (customer(FIRST, Kind.CREDIT_LINE, "500.00"), customer(SECOND, Kind.CREDIT_LINE, "500.00"))
    with partner(tmp_path, "tencent", *customers) as made:
        yield made


def tencent(desk: Partner) -> SimulatedTencent:
    """Look behind the vendor's counter."""
    world = desk.rig.vendors["tencent"]
    assert isinstance(world, SimulatedTencent)
    return world


def withdrawn(desk: Partner, row: str, columns: str) -> None:
    """Withdraw a customer's credit to nothing: allowed by the guard, and seen twice."""
    desk.configure(MAY_EXHAUST)
    desk.write(row, columns=columns)
    assert desk.hold()["reason"] == "one_observation"
    desk.later()


def test_all_customers_are_queried_with_their_available_credit(desk: Partner) -> None:
    """`import` finds every customer with its credit, and a plan says what each has left to spend."""
    desk.rig.limits.unlink()
    assert desk.do("import", "--out", str(desk.rig.limits)).exit_code == 0
    written = [line.split(",")[1:4] for line in desk.rig.limits.read_text().splitlines()[1:]]
    assert sorted(written) == [[FIRST, "credit_line", "500.00"], [SECOND, "credit_line", "500.00"]]
    assert desk.nothing_left()
    desk.write(f"{FIRST},credit_line,800.00,", f"{SECOND},credit_line,800.00,")
    assert [row["available"] for row in desk.plan()["corrections"]] == ["400.00", "400.00"]


def test_one_logs_in_with_the_partner_account(desk: Partner) -> None:
    """`check` says that the key is a partner's; with a customer's key it fails and says so."""
    desk.write(f"{FIRST},credit_line,500.00,")
    assert desk.do("check").exit_code == 0
    tencent(desk).role = Role.CUSTOMER
    refused = desk.do("check")
    assert "UinNoAuth" in refused.output


def test_credit_is_allocated_in_the_customer_list(desk: Partner) -> None:
    """All customers of the limits file are allocated their credit in one run, or one of them by `--customer`."""
    desk.write(f"{FIRST},credit_line,800.00,", f"{SECOND},credit_line,300.00,")
    assert desk.do("apply", "--customer", FIRST).exit_code == 0
    assert (tencent(desk).granted(FIRST), tencent(desk).granted(SECOND)) == (dollars("800.00"), dollars("500.00"))
    desk.apply()
    assert tencent(desk).granted(SECOND) == dollars("300.00")


def test_the_credit_set_is_reported_as_allocated(desk: Partner) -> None:
    """The partner writes the credit it wants; the difference is sent, read back, and reported."""
    desk.write(f"{FIRST},credit_line,800.00,")
    assert desk.correction()["change"] == "300.00"
    shown = desk.apply().output
    assert "1 of 1 change applied and read back" in shown
    assert tencent(desk).applied_writes() == (("AllocateCustomerCredit", FIRST, dollars("300.00")),)


def test_credit_is_at_list_price_and_excludes_vouchers(desk: Partner) -> None:
    """Every plan says list-price estimate, never the invoice; README says that vouchers are excluded."""
    desk.write(f"{FIRST},credit_line,800.00,")
    assert "Spent is the vendor's list-price estimate, never the invoice." in desk.do("plan").stdout
    assert "the vendor's list-price estimate, excluding vouchers" in README


def test_control_of_credit_is_approximate(desk: Partner) -> None:
    """Between spending and its showing a customer overruns its credit; the plan then says so, and moves nothing."""
    tencent(desk).grant_non_stop(FIRST)
    tencent(desk).spend(FIRST, dollars("450.00"))
    assert tencent(desk).available(FIRST) == dollars("-50.00")
    desk.write(f"{FIRST},credit_line,500.00,")
    assert desk.nothing_left()
    desk.write(f"{FIRST},credit_line,540.00,")
    assert "10.00 over what it may spend" in desk.do("plan").stdout
    assert "a customer can overrun any limit" in README


def test_fees_are_seen_with_a_delay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was spent just now shows only later: a plan is as good as its figures, and the next one has them."""
    late = functools.partial(bootstrap.simulate, spend_lag=LAG)
    monkeypatch.setattr(bootstrap, "simulate", late)  # the same vendor, told to be late from the beginning
    with partner(tmp_path, "tencent", customer(FIRST, Kind.CREDIT_LINE, "500.00")) as desk:
        desk.later()
        tencent(desk).spend(FIRST, dollars("250.00"))
        desk.write(f"{FIRST},credit_line,600.00,")
        assert desk.correction()["spent"]["high"] == "100.00"
        desk.later()
        assert desk.correction()["spent"]["high"] == "350.00"


def test_alarms_come_at_75_90_and_100_percent(desk: Partner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each threshold is told once, to the channel that the partner named, and told again when it is over."""
    desk.write(f"{FIRST},credit_line,500.00,")
    with told(desk, monkeypatch) as service:
        spent = functools.partial(tencent(desk).spend, FIRST)
        told_shares = shares_told(desk, service, lambda step: spent(dollars(step)), ["275.00", "75.00", "50.00"])
        assert told_shares == [("WARNING", "75.0"), ("WARNING", "90.0"), ("CRITICAL", "100.0")]
        desk.write(f"{FIRST},credit_line,2000.00,")
        desk.apply()
        assert f"over: customer {FIRST} has spent less than 75 % of its limit again" in subjects(service)[-1]


def test_all_fees_are_payable_by_the_partner(desk: Partner) -> None:
    """README says whose debt it is; a plan says how much of it customers can still make."""
    desk.write(f"{FIRST},credit_line,500.00,", f"{SECOND},credit_line,500.00,")
    outlook = desk.plan()["accounts"][0]["outlook"]
    assert (outlook["granted"], outlook["open"]) == ("1000.00", "800.00")
    assert "All fees your customers incur are payable by you." in README


def test_a_credit_takes_effect_immediately(desk: Partner) -> None:
    """Once `apply` has ended the customer has its new credit, read back, and planning finds nothing left."""
    desk.write(f"{FIRST},credit_line,800.00,")
    desk.apply()
    assert tencent(desk).available(FIRST) == dollars("700.00")
    assert desk.nothing_left()


def test_available_credit_of_zero_suspends_the_service(desk: Partner) -> None:
    """A credit of no more than what is used says that it suspends, and is held until the guard allows it."""
    desk.write(f"{FIRST},credit_line,100.00,")
    desk.plan()
    desk.later()
    hold = desk.hold()
    assert (hold["reason"], hold["blocked_by"]) == ("guard", ["max_exhausted"])
    assert "exhausts the customer: the vendor then suspends its services" in hold["effects"]
    desk.apply(code=4)
    assert (tencent(desk).available(FIRST), tencent(desk).restricted(FIRST)) == (dollars("400.00"), False)


def test_preventing_purchases_alone_needs_the_non_stop_privilege(desk: Partner) -> None:
    """`restrict` without it is refused when the file is read: who grants it, and what would happen, is said."""
    desk.write(f"{FIRST},credit_line,0.00,restrict,true", columns="allow_zero")
    refused = desk.do("plan")
    assert refused.exit_code == 2
    assert "works only for a customer with the non-stop privilege, which the vendor's channel manager" in refused.output
    assert "Write non_stop = true if the customer has it, else freeze" in refused.output


def test_scenario_1_no_new_purchases_but_what_was_purchased_goes_on(desk: Partner) -> None:
    """With the privilege the available credit is set to 0: no new purchases, and no service is suspended."""
    tencent(desk).grant_non_stop(FIRST)
    withdrawn(desk, f"{FIRST},credit_line,0.00,restrict,true,true", "allow_zero,non_stop")
    (exhausts, *_) = desk.correction()["effects"]
    assert exhausts.endswith("no new purchases; with the non-stop privilege its services go on and keep costing")
    desk.apply()
    assert (tencent(desk).available(FIRST), tencent(desk).restricted(FIRST)) == (dollars("0.00"), False)
    assert desk.nothing_left()


def test_scenario_2_no_new_purchases_and_what_was_purchased_stops(desk: Partner) -> None:
    """Without the privilege the same negative credit suspends the customer's services, as the plan said."""
    withdrawn(desk, f"{FIRST},credit_line,0.00,freeze,true", "allow_zero")
    row = desk.correction()
    assert (row["change"], row["after"]["granted"]) == ("-400.00", "100.00")
    assert row["effects"][0] == "exhausts the customer: the vendor then suspends its services"
    desk.apply()
    assert (tencent(desk).available(FIRST), tencent(desk).restricted(FIRST)) == (dollars("0.00"), True)
    assert desk.nothing_left()


def test_withdrawing_has_to_be_meant(desk: Partner) -> None:
    """An amount of 0 is refused without `allow_zero`, because a slip would suspend a customer."""
    desk.write(f"{FIRST},credit_line,0.00,freeze")
    refused = desk.do("plan")
    assert (refused.exit_code, "allow_zero" in refused.output) == (2, True)


def test_the_allocation_records_are_the_history(desk: Partner) -> None:
    """`history` has the vendor's records and ours in one order: who allocated what, in the console or with Tidegate."""
    desk.write(f"{FIRST},credit_line,600.00,")
    desk.apply()
    desk.later()
    tencent(desk).console_set(FIRST, dollars("650.00"), "li.wei")
    desk.later()
    desk.apply()
    lines = [line for line in desk.history() if line["sort"] != "limit"]
    assert [line["sort"] for line in lines] == ["ours", "others", "ours"]
    assert "li.wei" in lines[1]["what"]
    assert tencent(desk).granted(FIRST) == dollars("600.00")
