"""Reading where customers stand: the fewest calls, and never a customer called absent or unlimited by mistake."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from adapters.clouds.huawei.simulator import Behaviour, NoBudget, Order
from adapters.sandbox.server import Request, Response, json_response
from core.limit import Kind
from core.money import Money
from core.standing import Absence, Restriction, Spend
from tests.unit.huawei_rig import (
    KeepingHuawei,
    answering,
    customer,
    customers,
    ids,
    named,
    observed,
    opened,
    spec,
)


def without(customer_id: str) -> Callable[[Request, Response], Response]:
    """Answer a batch without this customer."""

    def answer(_: Request, genuine: Response) -> Response:
        document = json.loads(genuine.body)
        document["budget_infos"] = [row for row in document["budget_infos"] if row["customer_id"] != customer_id]
        return json_response(200, document)

    return answer


def test_figures_are_those_of_the_vendor() -> None:
    """Granted, kind, spent, available, restriction and name are what stands; the action cannot be read."""
    with opened(
        spec("c1", "500.00", spent="120.50", restricted=True), spec("c2", "70.00", spent="90.00", kind="one_time")
    ) as rig:
        standings = observed(rig, customers(["c1", "c2"])).standings
        first, second = standings[customer("c1").key], standings[customer("c2").key]
        assert (first.granted, first.kind, first.restriction) == (Money(500_00), Kind.MONTHLY, Restriction.RESTRICTED)
        assert (first.spent, first.available) == (Spend.exactly(Money(120_50)), Money(379_50))
        assert (first.name, first.on_exhaustion, first.currency) == ("Company c1", None, "USD")
        assert (second.granted, second.kind, second.available) == (Money(70_00), Kind.ONE_TIME, Money(-20_00))
        assert (second.restriction, second.lag) == (Restriction.NONE, timedelta(minutes=10))


def test_fractions_of_a_cent_never_help_the_spender() -> None:
    """Granted goes down, what is spent is an interval around the vendor's figure, available is the least of it."""
    row = {"customer_id": "c1", "budget_amount": 10.999, "used_amount": "3.1419", "budget_type": "MONTHLY"}
    with opened(spec("c1")) as rig:
        rig.world.answers["POST query"] = json_response(
            200,
            {"measure_id": 1, "currency": "USD", "budget_infos": [row], "count": 1, "customer_infos": [row]},
        )
        (standing,) = observed(rig, customers(["c1"])).standings.values()
        assert standing.granted == Money(10_99)
        assert standing.spent == Spend(low=Money(3_14), high=Money(3_15))
        assert standing.available == Money(7_84)


@pytest.mark.parametrize("order", Order)
def test_thousands_are_read_in_hundreds(order: Order) -> None:
    """350 customers take 4 lists and 4 batches, whichever way the vendor orders its pages."""
    known = named("c", 350)
    with opened(*(spec(each, f"{number + 1}.00") for number, each in enumerate(known))) as rig:
        rig.world.switch(list_order=order)
        observation = observed(rig, customers([*known, "unknown"]), everyone=True)
        assert ids(observation.absent) == {"unknown"}
        assert [observation.standings[customer(each).key].granted for each in known] == [
            Money(cents * 100) for cents in range(1, 351)
        ]
        requests = rig.world.requests()
        assert requests == {"ListSubCustomers": 4, "ListSubCustomerBudget": 4, "ListIndirectPartners": 1}


def test_a_few_among_many_are_looked_up_one_by_one() -> None:
    """For few customers of a large account the whole list is not read."""
    with opened(*(spec(each) for each in named("c", 450))) as rig:
        observation = observed(rig, customers(["c0000", "c0449", "unknown"]))
        assert ids(observation.standings) == {"c0000", "c0449"}
        assert ids(observation.absent) == {"unknown"}
        assert rig.world.requests() == {"ListSubCustomers": 3, "ListSubCustomerBudget": 1}


def test_one_customer_is_two_calls() -> None:
    """Reading one customer again asks for it alone, in the list and in the budgets."""
    with opened(*(spec(each) for each in named("c", 150))) as rig:
        (standing,) = rig.cloud.read_again([customer("c0149")]).standings.values()
        assert (standing.granted, standing.restriction) == (Money(500_00), Restriction.NONE)
        assert rig.world.requests() == {"ListSubCustomers": 1, "ListSubCustomerBudget": 1}


def test_resellers_customers_are_asked_for_in_their_name() -> None:
    """Customers of several resellers are grouped, one reseller per call; under a wrong name they are absent."""
    with opened(spec("c1"), spec("c2", partner="p1"), spec("c3", partner="p2"), spec("c4", partner="p2")) as rig:
        asked = [customer("c1"), customer("c2", "p1"), customer("c3", "p2"), customer("c4")]
        observation = observed(rig, asked)
        assert ids(observation.standings) == {"c1", "c2", "c3"}
        assert ids(observation.absent) == {"c4"}
        assert rig.world.requests()["ListSubCustomerBudget"] == 3


def test_everyone_includes_customers_of_all_resellers() -> None:
    """Unasked customers, a reseller's too, are told with their figures and with the reseller that they need."""
    with opened(spec("c1"), spec("c2"), spec("c3", "30.00", partner="p1"), spec("c4", None, partner="p1")) as rig:
        observation = observed(rig, customers(["c1"]), everyone=True)
        assert [(each.key.customer_id, each.customer.indirect_partner_id) for each in observation.others] == [
            ("c2", None),
            ("c3", "p1"),
            ("c4", "p1"),
        ]
        assert [each.granted for each in observation.others] == [Money(500_00), Money(30_00), Absence.NOT_SET]
        assert observation.problems == ()


def test_hundreds_of_resellers_and_of_unasked_customers_are_read() -> None:
    """Resellers come in pages too, and unasked customers are read in full batches as the list comes in."""
    own = named("c", 230)
    with opened(*(spec(each) for each in own), *(spec(f"r{each}", partner=f"p{each}") for each in range(101))) as rig:
        observation = observed(rig, [], everyone=True)
        assert len(observation.others) == 331
        requests = rig.world.requests()
        assert requests["ListIndirectPartners"] == 2
        assert requests["ListSubCustomerBudget"] == 3 + 101


@pytest.mark.parametrize("form", NoBudget)
def test_a_customer_without_a_budget_is_known_to_have_none(form: NoBudget) -> None:
    """However the vendor shows it, "not set" is known, not unknown and not zero."""
    with opened(spec("c1", None), spec("c2"), behaviour=Behaviour(no_budget=form)) as rig:
        observation = observed(rig, customers(["c1", "c2"]))
        standing = observation.standings[customer("c1").key]
        assert (standing.granted, standing.kind) == (Absence.NOT_SET, None)
        assert standing.restriction is Restriction.NONE


def test_an_omission_is_confirmed_before_it_is_believed() -> None:
    """A listed customer that a batch leaves out is asked for alone, and read if it has a budget after all."""
    with opened(spec("c1", "42.00"), spec("c2")) as rig:
        answering(rig, "budget/query", without("c1"))
        observation = observed(rig, customers(["c1", "c2"]))
        assert observation.standings[customer("c1").key].granted == Money(42_00)
        assert rig.world.requests()["ShowSubCustomerBudget"] == 1


def test_many_omissions_are_not_asked_one_by_one() -> None:
    """Beyond twenty the omission alone counts, or a new account would cost a call for each customer."""
    with opened(*(spec(each, None) for each in named("c", 21))) as rig:
        observation = observed(rig, customers(named("c", 21)))
        assert {each.granted for each in observation.standings.values()} == {Absence.NOT_SET}
        assert "ShowSubCustomerBudget" not in rig.world.requests()


@pytest.mark.parametrize(
    ("behaviour", "currency"),
    [
        (Behaviour(currency="CNY"), "CNY"),
        (Behaviour(measure_id=3), "USD in unit 3"),
        (Behaviour(currency=""), "USD"),
    ],
)
def test_another_currency_is_told_as_such(behaviour: Behaviour, currency: str) -> None:
    """A standing in another currency or unit says so, for core to hold it."""
    with opened(spec("c1"), behaviour=behaviour) as rig:
        (standing,) = observed(rig, customers(["c1"])).standings.values()
        assert standing.currency == currency
        assert standing.granted == Money(500_00, currency)


def test_a_key_that_may_not_list_resellers_is_no_problem() -> None:
    """A partner that is no distributor is refused there, and everything else is read."""
    with opened(spec("c1"), behaviour=Behaviour(denied=frozenset({"ListIndirectPartners"}))) as rig:
        observation = observed(rig, [], everyone=True)
        assert [each.key.customer_id for each in observation.others] == ["c1"]
        assert (observation.account_problem, observation.problems) == (None, ())


def test_no_personal_data_goes_on() -> None:
    """Mail and telephone, which every list has, are in no observation."""
    with opened(spec("c1"), spec("c2", partner="p1")) as rig:
        text = repr(observed(rig, customers(["c1"]), everyone=True))
        assert "Company c1" in text
        for personal in ("@", "138****", "139****", "manager"):
            assert personal not in text


def test_progress_is_told() -> None:
    """A long read says how far it is."""
    told: list[tuple[str, int, int | None]] = []
    with opened(*(spec(each) for each in named("c", 150))) as rig:
        rig.cloud.observe(
            customers(named("c", 150)), everyone=False, progress=lambda what, done, of: told.append((what, done, of))
        )
    assert ("customers", 150, 150) in told
    assert ("budgets", 150, 150) in told


def test_reads_that_lag_are_told_as_they_are() -> None:
    """What the vendor shows late is what is read; nothing is invented."""
    with opened(spec("c1"), behaviour=Behaviour(read_lag=timedelta(hours=1))) as rig:
        assert isinstance(rig.world, KeepingHuawei)
        rig.send("c1", "600.00")
        (standing,) = observed(rig, customers(["c1"])).standings.values()
        assert (standing.granted, rig.world.granted("c1")) == (Money(500_00), Money(600_00))
