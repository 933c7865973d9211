"""Writes, records and probes of a Huawei Cloud account, on the real SDK against the simulated vendor."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.clouds.huawei.config import CAPABILITIES
from adapters.clouds.huawei.simulator import Behaviour, BelowUsed, Order, Role, Success
from adapters.sandbox.faults import Mode
from adapters.sandbox.server import json_response
from core.errors import AccountRefusedError, ReadFailedError, TemporaryReadError
from core.intent import Action
from core.limit import Kind, OnExhaustion
from core.money import Money
from core.ports import Confirmed, NotSent, Refused, Uncertain
from tests.unit.huawei_rig import HuaweiRig, customer, customers, opened, spec


@pytest.mark.parametrize("success", Success)
def test_every_form_of_success_is_taken(success: Success) -> None:
    """204, an empty 200 and an empty object all confirm, and the budget stands."""
    with opened(spec("c1"), behaviour=Behaviour(success=success)) as rig:
        assert isinstance(rig.send("c1", "600.00"), Confirmed)
        assert rig.world.granted("c1") == Money(600_00)


def test_a_business_error_with_status_200_confirms_nothing() -> None:
    """The SDK drops the code from such an answer and calls it a success; ours is the refusal it is."""
    with opened(spec("c1")) as rig:
        rig.world.faults.plan("UpdateSubCustomerBudget", Mode.BUSINESS_ERROR)
        reply = rig.send("c1", "600.00")
        assert isinstance(reply, Refused)
        assert reply.code == "CBC.99000000"
        assert rig.world.granted("c1") == Money(500_00)


@pytest.mark.parametrize("kind", [Kind.MONTHLY, Kind.ONE_TIME])
def test_an_amount_keeps_its_kind(kind: Kind) -> None:
    """The type goes with every update: left out, the vendor would make every budget monthly."""
    with opened(spec("c1", kind=kind)) as rig:
        rig.send("c1", "600.00", kind)
        assert rig.world.kind("c1") == kind


def test_an_exhaustion_action_that_is_not_managed_is_not_sent() -> None:
    """Without one in the limit the vendor's setting is left as it is."""
    with opened(spec("c1")) as rig:
        rig.send("c1", "600.00", on_exhaustion=OnExhaustion.RESTRICT)
        rig.send("c1", "700.00")
        assert rig.world.action("c1") == "restrict"
        assert ["frozen_operate_type" in body for body in rig.world.bodies("/budget")] == [True, False]


def test_a_persons_freeze_is_never_lifted() -> None:
    """No update asks for the freeze to be lifted."""
    with opened(spec("c1", restricted=True)) as rig:
        rig.send("c1", "900.00", on_exhaustion=OnExhaustion.ALERT)
        assert rig.world.restricted("c1")
        assert all("cancel_partner_frozen" not in body for body in rig.world.bodies("/budget"))


def test_a_resellers_customer_is_set_in_its_name() -> None:
    """The reseller goes with the update of its customer, and without it the vendor refuses."""
    with opened(spec("c1", partner="p1")) as rig:
        assert isinstance(rig.cloud.send(rig.intent("c1", "600.00", partner="p1")), Confirmed)
        assert isinstance(rig.cloud.send(rig.intent("c1", "700.00")), Refused)
        assert isinstance(rig.cloud.send(rig.intent("c1", "700.00", partner="p2")), Refused)
        assert rig.world.granted("c1") == Money(600_00)


def test_what_the_vendor_would_not_take_is_not_sent() -> None:
    """The SDK checks nothing: amounts, kinds and actions out of range never reach the wire."""
    with opened(spec("c1")) as rig:
        impossible = [
            rig.intent("c1", "0.00"),
            rig.intent("c1", "2147483647.01"),
            rig.intent("c1", "5.00", None),
            rig.intent("c1", "5.00", Kind.CREDIT_LINE),
            rig.intent("c" * 65, "5.00"),
            rig.intent("c" * 65, "5.00", action=Action.FREEZE),
            rig.intent("c1", "5.00", action=Action.RELEASE, partner="p" * 65),
        ]
        euros = rig.intent("c1", "5.00")
        impossible += [replace(euros, wanted=replace(euros.wanted, granted=Money(500, "EUR")))]
        impossible += [replace(euros, wanted=replace(euros.wanted, granted=None)), replace(euros, send_before=None)]
        for intent in impossible:
            reply = rig.cloud.send(intent)
            assert isinstance(reply, NotSent)
            assert reply.sentence
        assert rig.world.requests() == {}


def test_an_exhaustion_action_alone_is_an_update_of_the_same_amount() -> None:
    """The action is set by setting the budget that stands again."""
    with opened(spec("c1")) as rig:
        intent = rig.intent("c1", "500.00", on_exhaustion=OnExhaustion.RESTRICT, action=Action.SET_EXHAUSTION)
        assert isinstance(rig.cloud.send(intent), Confirmed)
        assert (rig.world.action("c1"), rig.world.granted("c1")) == ("restrict", Money(500_00))


def test_a_budget_below_what_is_used_may_be_refused() -> None:
    """Where the vendor refuses it, its unknown code with 400 is a definite refusal."""
    with opened(spec("c1", spent="300.00"), behaviour=Behaviour(below_used=BelowUsed.REFUSED)) as rig:
        assert isinstance(rig.send("c1", "299.99"), Refused)
        assert rig.world.granted("c1") == Money(500_00)
        rig.world.switch(below_used=BelowUsed.ACCEPTED)
        assert isinstance(rig.send("c1", "299.99"), Confirmed)


def test_a_throttle_answer_with_status_400_slows_the_line_down() -> None:
    """The application's own throttle code counts as throttled, though its status is 400."""
    with opened(spec("c1")) as rig:
        rig.world.answers["POST budget"] = json_response(400, {"error_code": "CBC.99007197", "error_msg": "too fast"})
        reply = rig.send("c1", "500.00")
        assert isinstance(reply, Refused)
        assert reply.throttled
        assert rig.cloud.calls()["throttled"] == 1


@pytest.mark.parametrize("order", Order)
def test_all_records_are_read_in_any_order(order: Order) -> None:
    """More records than a page holds are all there, whichever way the vendor orders them."""
    with opened(spec("c1", "1.00"), behaviour=Behaviour(record_order=order)) as rig:
        for cents in range(101, 331):
            rig.world.console_set("c1", Money(cents), "li.wei")
        witness = rig.cloud.witness(customer("c1"))
        amounts = [row.granted_after for row in witness.rows if row.granted_after is not None]
        assert sorted(amounts) == [Money(cents) for cents in range(100, 331)]
        assert rig.world.requests() == {"ListSubCustomerBudgetRecords": 3}


def test_records_show_who_did_it_and_that_a_budget_went_away() -> None:
    """The console's operator and the removal with the association are on record; a stranger's records are not ours."""
    with opened(spec("c1")) as rig:
        rig.world.console_set("c1", Money(700_00), "li.wei", "one_time")
        rig.world.remove_customer("c1")
        with pytest.raises(ReadFailedError):
            rig.cloud.witness(customer("c1"))
        rig.world.add_customer(spec("c1", None))
        rows = rig.cloud.witness(customer("c1")).rows
        assert [(row.operator, row.kind, row.removed) for row in rows] == [
            ("system", Kind.ONE_TIME, True),
            ("li.wei", Kind.ONE_TIME, False),
            ("system", Kind.MONTHLY, False),
        ]


@pytest.mark.parametrize("records", [[], [{}, {}]])
def test_records_that_do_not_add_up_are_no_witness(records: list[object]) -> None:
    """Fewer or more rows than the vendor counts are a failed read, never a shorter or longer history."""
    with opened(spec("c1"), read_timeout=timedelta(seconds=1)) as rig:
        document = {"total_count": 1, "measure_id": 1, "currency": "USD", "record_list": records}
        rig.world.answers["GET records"] = json_response(200, document)
        with pytest.raises(TemporaryReadError, match="changed while they were read"):
            rig.cloud.witness(customer("c1"))


def probed(rig: HuaweiRig) -> dict[str, tuple[bool, str]]:
    """What the probe says, by title."""
    return {result.title: (result.ok, result.sentence) for result in rig.cloud.probe()}


def test_a_probe_of_a_good_key_says_what_it_may_do() -> None:
    """Partner, budgets, resellers and the quota as information; nothing is changed."""
    with opened(spec("c1"), spec("c2", partner="p1")) as rig:
        said = probed(rig)
        assert all(ok for ok, _ in said.values())
        assert "it was not tried" in said["freezing"][1]
        assert "1 resale customers" in said["partner account"][1]
        assert "the account has 1" in said["second-tier resellers"][1]
        assert "1200.00 of 1000000.00 used" in said["consumption quota"][1]
        assert rig.world.applied_writes() == []


@pytest.mark.parametrize(
    ("behaviour", "title", "ok", "said"),
    [
        (Behaviour(role=Role.CUSTOMER), "partner account", False, "its distributor must run Tidegate"),
        (Behaviour(role=Role.RESELLER), "partner account", False, "its distributor must run Tidegate"),
        (Behaviour(role=Role.PROVIDER), "second-tier resellers", True, "not a distributor"),
        (Behaviour(denied=frozenset({"ListSubCustomerBudget"})), "customers' budgets", False, "CBC.0151"),
        (Behaviour(denied=frozenset({"ShowPartnerConsumptionQuota"})), "consumption quota", True, "not to be seen"),
    ],
)
def test_a_probe_says_in_words_what_a_key_cannot_do(behaviour: Behaviour, title: str, ok: bool, said: str) -> None:  # noqa: FBT001 - a column of the table
    """Each role and each missing permission has its sentence."""
    with opened(spec("c1"), behaviour=behaviour) as rig:
        result = probed(rig)[title]
        assert result[0] is ok
        assert said in result[1]


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.RESELLER])
def test_the_key_of_somebody_else_stops_the_account(role: Role) -> None:
    """A key that is no partner's makes the account a problem, and a write account-wide refused."""
    with opened(spec("c1"), behaviour=Behaviour(role=role)) as rig:
        observation = rig.cloud.observe(customers(["c1"]), everyone=True)
        assert isinstance(observation.account_problem, AccountRefusedError)
        reply = rig.send("c1", "600.00")
        assert isinstance(reply, Refused)
        assert reply.account_wide


def test_a_wrong_secret_is_the_accounts_problem() -> None:
    """A signature that does not verify is told as the key's fault, and the rest is not asked."""
    ids = [f"c{number}" for number in range(1000)]
    with opened(spec("c1"), keys={"secret_key": "WRONG"}) as rig:
        observation = rig.cloud.observe(customers(ids), everyone=True)
        assert isinstance(observation.account_problem, AccountRefusedError)
        assert len(observation.unreadable) == 1000
        assert sum(rig.world.requests().values()) < 12


def test_there_is_no_quota_to_read() -> None:
    """The vendor shows in its console only what a partner may still give out."""
    with opened() as rig:
        assert rig.cloud.quota() is None
        assert rig.world.requests() == {}


def test_probes_say_what_does_not_answer() -> None:
    """Questions that fail for the moment are told as such, with the vendor's code, and the others are asked."""
    with opened(read_timeout=timedelta(seconds=1)) as rig:
        rig.world.faults.plan("ListIndirectPartners", Mode.SERVER_ERROR_BEFORE, times=100)
        said = probed(rig)
        assert said["customers' budgets"] == (True, "there is no customer to ask about yet")
        assert said["second-tier resellers"] == (False, "the vendor met an error of its own (503)")


def test_a_closed_window_is_told_as_such() -> None:
    """A write that comes too late is not sent, and the sentence says that it was the window."""
    with opened(spec("c1")) as rig:
        intent = rig.intent("c1", "600.00")
        late = replace(intent, send_before=rig.clock.now() - timedelta(seconds=1))
        reply = rig.cloud.send(late)
        assert isinstance(reply, NotSent)
        assert "the send window closed" in reply.sentence
        assert rig.world.requests() == {}


def test_it_states_the_vendors_facts() -> None:
    """The account's capabilities are the vendor's."""
    with opened() as rig:
        assert rig.cloud.capabilities is CAPABILITIES


def test_an_sdk_that_cannot_be_made_ready_sends_nothing() -> None:
    """Whatever keeps the SDK from being built, a write says that nothing was sent."""
    with opened(spec("c1")) as rig:
        rig.cloud._client._endpoint = None  # type: ignore[assignment]  # on purpose
        reply = rig.send("c1", "600.00")
        assert isinstance(reply, NotSent)
        assert "SDK" in reply.sentence


def test_a_garbled_reply_settles_nothing() -> None:
    """A page of HTML in place of the answer to a write leaves it uncertain, though it was applied."""
    with opened(spec("c1")) as rig:
        rig.world.faults.plan("UpdateSubCustomerBudget", Mode.GARBAGE)
        assert isinstance(rig.send("c1", "600.00"), Uncertain)
        assert rig.world.granted("c1") == Money(600_00)
