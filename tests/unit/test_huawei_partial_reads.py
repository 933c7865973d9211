"""Reads that fail in parts: a failed part makes exactly its own customers unreadable, and hides nobody."""

import json
from collections.abc import Callable

import pytest

from adapters.clouds.huawei.simulator import Behaviour
from adapters.clouds.huawei.standings import HANDS
from adapters.sandbox.faults import ANY_OPERATION, Mode
from adapters.sandbox.server import Request, Response, json_response
from core.errors import PermanentReadError, TemporaryReadError
from core.money import Money
from core.standing import Absence, Restriction
from tests.unit.huawei_rig import (
    QUICK,
    answering,
    customer,
    customers,
    ids,
    named,
    observed,
    opened,
    spec,
)


def failing(*bodies: str) -> Callable[[Request, Response], Response]:
    """Answer requests whose body has any of these texts with an error of the vendor's own."""

    def answer(request: Request, genuine: Response) -> Response:
        broken = any(text in request.body.decode() for text in bodies)
        return json_response(500, {"error_code": "CBC.0999", "error_msg": "other error"}) if broken else genuine

    return answer


def test_a_reseller_that_is_not_ours_makes_only_its_customers_unreadable() -> None:
    """The vendor refuses its name; the others are read, and the account has no problem."""
    with opened(spec("c1"), spec("c2", partner="p1")) as rig:
        observation = observed(rig, [customer("c1"), customer("c2", "p1"), customer("c3", "stranger")])
        assert ids(observation.standings) == {"c1", "c2"}
        assert [error.code for error in observation.unreadable.values()] == ["CBC.99000037"]
        assert observation.account_problem is None


def test_a_failed_list_of_resellers_is_told() -> None:
    """While the resellers cannot be listed, their customers are missing among the unasked, and that is said."""
    with opened(spec("c1"), spec("c2", partner="p1"), read_timeout=QUICK) as rig:
        rig.world.faults.plan("ListIndirectPartners", Mode.SERVER_ERROR_BEFORE, times=100)
        observation = observed(rig, customers(["c1"]), everyone=True)
        assert ids(observation.standings) == {"c1"}
        assert [problem.split(":")[0] for problem in observation.problems] == [
            "customers of second-tier resellers could not be listed"
        ]


def test_a_failed_look_up_leaves_the_restriction_unknown() -> None:
    """A budget that was read stands, though whether the customer is frozen could not be asked."""
    with opened(spec("c1"), read_timeout=QUICK) as rig:
        rig.world.faults.plan("ListSubCustomers", Mode.SERVER_ERROR_BEFORE, times=100)
        (standing,) = rig.cloud.read_again(customers(["c1"])).standings.values()
        assert (standing.granted, standing.restriction) == (Money(500_00), None)


def test_one_customer_that_cannot_be_asked_about_is_the_accounts_problem() -> None:
    """When not one question was answered, the account as a whole could not be read."""
    with opened(spec("c1"), read_timeout=QUICK) as rig:
        rig.world.faults.plan(ANY_OPERATION, Mode.SERVER_ERROR_BEFORE, times=100)
        observation = rig.cloud.read_again(customers(["c1"]))
        assert ids(observation.unreadable) == {"c1"}
        assert isinstance(observation.account_problem, TemporaryReadError)


def test_a_lookup_takes_only_the_customer_it_asked_for() -> None:
    """Rows of others in the answer to a look-up are not mixed up with it."""
    with opened(spec("c1"), spec("c2", restricted=True)) as rig:
        everybody = [{"customer_id": "c2", "is_frozen": 1}, {"customer_id": "c1", "is_frozen": 0}]
        answering(rig, "sub-customers/query", lambda *_: json_response(200, {"count": 2, "customer_infos": everybody}))
        (standing,) = rig.cloud.read_again(customers(["c1"])).standings.values()
        assert standing.restriction is Restriction.NONE


def test_a_document_of_another_shape_is_asked_for_again_and_never_guessed() -> None:
    """Good JSON without what the operation is to answer makes its customers unreadable."""
    with opened(spec("c1"), spec("c2"), read_timeout=QUICK) as rig:
        answering(rig, "budget/query", lambda *_: json_response(200, {"budget_infos": [{"budget_amount": 5}]}))
        observation = observed(rig, customers(["c1", "c2"]))
        assert {error.code for error in observation.unreadable.values()} == {"unexpected_answer"}
        assert rig.world.requests()["ListSubCustomerBudget"] > 1


def test_an_omission_that_cannot_be_confirmed_is_unreadable() -> None:
    """When asking alone fails, whether there is a budget is unknown."""
    with opened(spec("c1", None), spec("c2"), read_timeout=QUICK) as rig:
        rig.world.faults.plan("ShowSubCustomerBudget", Mode.SERVER_ERROR_BEFORE, times=100)
        observation = observed(rig, customers(["c1", "c2"]))
        assert ids(observation.unreadable) == {"c1"}
        assert isinstance(observation.unreadable[customer("c1").key], TemporaryReadError)


def test_a_failed_batch_makes_exactly_its_customers_unreadable() -> None:
    """Of three batches one stays broken: its hundred are unreadable, the others are read."""
    known = named("c", 250)
    with opened(*(spec(each) for each in known), read_timeout=QUICK) as rig:
        answering(rig, "budget/query", failing("c0150"))
        observation = observed(rig, customers(known), everyone=True)
        assert ids(observation.unreadable) == set(known[100:200])
        assert ids(observation.standings) == {*known[:100], *known[200:]}
        assert observation.account_problem is None


def test_a_failed_page_hides_nobody() -> None:
    """Who may stand on a page that failed is not called absent; who has a budget stands with unknown restriction."""
    known = named("c", 250)
    unsure = named("x", 25)
    with opened(*(spec(each) for each in known), read_timeout=QUICK) as rig:
        answering(rig, "sub-customers/query", failing('"offset": 100'))
        observation = observed(rig, customers([*known, *unsure]), everyone=True)
        assert ids(observation.standings) == set(known)
        unknown = {each.key.customer_id for each in observation.standings.values() if each.restriction is None}
        assert unknown == set(known[100:200])
        assert ids(observation.unreadable) == set(unsure)
        assert observation.problems


def test_a_few_that_a_failed_page_may_hide_are_looked_up() -> None:
    """When a page fails, a handful without a budget is asked for one by one, and is absent or not by that answer."""
    known = named("c", 250)
    with opened(*(spec(each) for each in known), spec("new", None), read_timeout=QUICK) as rig:
        answering(rig, "sub-customers/query", failing('"offset": 200'))
        observation = observed(rig, customers([*known, "new", "unknown"]))
        assert ids(observation.absent) == {"unknown"}
        assert observation.standings[customer("new").key].granted is Absence.NOT_SET


def test_a_list_that_moves_while_it_is_read_hides_nobody() -> None:
    """A page that repeats rows leaves the list short of its count: who was not seen is not called absent."""

    def repeating(request: Request, genuine: Response) -> Response:
        document = json.loads(genuine.body)
        if '"customer_id"' in request.body.decode():
            return genuine
        document["customer_infos"] = [{"customer_id": each, "is_frozen": 0} for each in named("c", 100)]
        return json_response(200, document)

    strangers = named("x", 30)
    with opened(*(spec(each) for each in named("c", 150))) as rig:
        answering(rig, "sub-customers/query", repeating)
        observation = observed(rig, customers([*named("c", 150), *strangers]), everyone=True)
        assert ids(observation.standings) == set(named("c", 150))
        assert ids(observation.unreadable) == set(strangers)
        assert {error.code for error in observation.unreadable.values()} == {"incomplete_list"}


def test_smaller_pages_than_asked_for_are_followed() -> None:
    """A vendor that gives fewer rows a page than were asked for is read to its end all the same."""

    def by_forty(_: Request, genuine: Response) -> Response:
        document = json.loads(genuine.body)
        document["customer_infos"] = document["customer_infos"][:40]
        return json_response(200, document)

    with opened(*(spec(each, None) for each in named("c", 130))) as rig:
        answering(rig, "sub-customers/query", by_forty)
        observation = observed(rig, customers([*named("c", 130), "unknown"]), everyone=True)
        assert len(observation.standings) == 130
        assert ids(observation.absent) == {"unknown"}


def test_one_impossible_id_does_not_spoil_its_batch() -> None:
    """A batch refused for one of its ids is halved until only that one is unreadable."""
    known = named("c", 99)
    with opened(*(spec(each) for each in known)) as rig:
        observation = observed(rig, customers([*known, "x" * 65]), everyone=True)
        assert ids(observation.standings) == set(known)
        (error,) = observation.unreadable.values()
        assert (error.code, isinstance(error, PermanentReadError)) == ("CBC.0100", True)
        assert rig.world.requests()["ListSubCustomerBudget"] <= 16


@pytest.mark.parametrize(
    "row",
    [
        {"budget_amount": "abc", "used_amount": 0, "budget_type": "MONTHLY"},
        {"budget_amount": 5, "used_amount": -3, "budget_type": "MONTHLY"},
        {"budget_amount": 5, "used_amount": 0, "budget_type": "YEARLY"},
    ],
)
def test_a_broken_row_makes_its_customer_unreadable(row: dict[str, object]) -> None:
    """A figure that is none or a type that is unknown holds that customer, and no other."""

    def broken(_: Request, genuine: Response) -> Response:
        document = json.loads(genuine.body)
        for each in document["budget_infos"]:
            each.update(row if each["customer_id"] == "c1" else {})
        return json_response(200, document)

    with opened(spec("c1"), spec("c2")) as rig:
        answering(rig, "budget/query", broken)
        observation = observed(rig, customers(["c1", "c2"]))
        assert ids(observation.unreadable) == {"c1"}
        assert ids(observation.standings) == {"c2"}


def test_a_measure_that_is_no_number_does_not_end_the_read() -> None:
    """The SDK raises ValueError over it after the answer has come; the answer is read all the same."""

    def odd(_: Request, genuine: Response) -> Response:
        return json_response(200, {**json.loads(genuine.body), "measure_id": "abc"})

    with opened(spec("c1")) as rig:
        answering(rig, "budget/query", odd)
        (standing,) = observed(rig, customers(["c1"])).standings.values()
        assert standing.currency == "USD in unit abc"


def test_a_vendor_that_is_down_is_not_asked_for_every_batch() -> None:
    """After a few failures without a single success the rest is not asked: all are unreadable, with the reason."""
    asked = customers(named("c", 5000))
    with opened(read_timeout=QUICK) as rig:
        rig.world.faults.plan(ANY_OPERATION, Mode.SERVER_ERROR_BEFORE, times=1_000_000)
        observation = observed(rig, asked, everyone=True)
        assert len(observation.unreadable) == 5000
        assert isinstance(observation.account_problem, TemporaryReadError)
        assert observation.others == ()
        # Four attempts of what was under way on each of the lanes, and nothing of the 50 batches beyond.
        assert sum(rig.world.requests().values()) <= 4 * 3 * HANDS


@pytest.mark.parametrize("denied", ["ListSubCustomers", "ListSubCustomerBudget"])
def test_a_missing_permission_is_the_accounts_problem(denied: str) -> None:
    """A key that may read only one half makes the account a problem, and nobody absent."""
    with opened(spec("c1"), spec("c2"), behaviour=Behaviour(denied=frozenset({denied}))) as rig:
        observation = observed(rig, customers(["c1", "c2", "unknown"]))
        assert observation.account_problem is not None
        assert observation.account_problem.code == "CBC.0151"
        assert observation.absent == frozenset()
