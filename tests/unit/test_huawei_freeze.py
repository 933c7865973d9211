"""Restricting, freezing and releasing a customer of Huawei Cloud, on the real SDK against the simulated vendor."""

from datetime import timedelta

import pytest

from adapters.clouds.huawei.simulator import Behaviour, FreezeAgain, FreezeSuccess, FreezeType
from adapters.sandbox.faults import Mode
from adapters.sandbox.server import json_response
from core.intent import Action
from core.limit import OnExhaustion
from core.ports import Confirmed, NotSent, Refused, Uncertain
from core.standing import Restriction
from tests.unit.huawei_rig import customer, customers, observed, opened, spec

MARK = "tgTEST01ARZ3NDEKTSV4RRFFQ69G5FAV"
ACCOUNT, RESOURCES = FreezeType.ACCOUNT, FreezeType.ACCOUNT_AND_RESOURCE


@pytest.mark.parametrize(("action", "stands"), [(Action.RESTRICT, ACCOUNT), (Action.FREEZE, RESOURCES)])
def test_each_action_has_its_type(action: Action, stands: FreezeType) -> None:
    """Restricting freezes the account, freezing its resources too; the type is stated, with our mark as the reason."""
    with opened(spec("c1"), spec("c2")) as rig:
        assert isinstance(rig.tell(action, "c1"), Confirmed)
        assert (rig.world.frozen_type("c1"), rig.world.frozen_type("c2")) == (stands, None)
        assert rig.world.bodies("/freeze") == [{"customer_ids": ["c1"], "reason": MARK, "freeze_type": str(stands)}]
        assert rig.world.applied_writes() == [("FreezeSubCustomers", "c1", None)]
        assert rig.world.requests() == {"FreezeSubCustomers": 1}


@pytest.mark.parametrize(
    ("known", "resources"),
    [
        (Restriction.FROZEN, True),
        (Restriction.RESTRICTED, False),
        (Restriction.NONE, False),
        (Restriction.SUSPENDED, False),
        (None, False),
    ],
)
def test_a_release_names_the_type_that_is_known(known: Restriction | None, resources: bool) -> None:  # noqa: FBT001 - a column of the table
    """What our records call frozen is lifted with its resources, anything else as the account alone."""
    with opened(spec("c1")) as rig:
        rig.world.console_freeze("c1", resources=resources)
        assert isinstance(rig.tell(Action.RELEASE, "c1", known=known), Confirmed)
        assert not rig.world.restricted("c1")
        stated = str(RESOURCES if resources else ACCOUNT)
        assert rig.world.bodies("/unfreeze") == [{"customer_ids": ["c1"], "reason": MARK, "unfreeze_type": stated}]
        assert rig.world.applied_writes() == [("UnfreezeSubCustomers", "c1", None)]


@pytest.mark.parametrize("known", [Restriction.FROZEN, Restriction.RESTRICTED])
@pytest.mark.parametrize("whole", [False, True])
def test_a_release_of_the_other_type_is_refused(known: Restriction, whole: bool) -> None:  # noqa: FBT001 - a column of the table
    """Listed as a failure or told as an error of the whole call: refused with code and words, and asked once only."""
    with opened(spec("c1"), behaviour=Behaviour(whole_failures=whole)) as rig:
        rig.world.console_freeze("c1", resources=known is Restriction.RESTRICTED)
        reply = rig.tell(Action.RELEASE, "c1", known=known)
        assert isinstance(reply, Refused)
        assert reply.code == "CBC.99008013"
        assert "different from the freezing type" in reply.sentence
        assert reply.request_id
        assert (reply.account_wide, reply.throttled) == (False, False)
        assert rig.world.restricted("c1")
        assert rig.world.requests() == {"UnfreezeSubCustomers": 1}


@pytest.mark.parametrize("success", FreezeSuccess)
def test_every_form_of_success_of_a_freeze_is_taken(success: FreezeSuccess) -> None:
    """204, an empty 200, an empty object and an empty list of failures all confirm, freezing and unfreezing."""
    with opened(spec("c1"), behaviour=Behaviour(freeze_success=success)) as rig:
        assert isinstance(rig.tell(Action.FREEZE, "c1"), Confirmed)
        assert isinstance(rig.tell(Action.RELEASE, "c1", known=Restriction.FROZEN), Confirmed)


@pytest.mark.parametrize(
    ("again", "reply", "stands"),
    [
        (FreezeAgain.CHANGED, Confirmed, RESOURCES),
        (FreezeAgain.KEPT, Confirmed, ACCOUNT),
        (FreezeAgain.REFUSED, Refused, ACCOUNT),
    ],
)
def test_freezing_who_is_frozen_is_told_as_the_vendor_tells_it(
    again: FreezeAgain, reply: type, stands: FreezeType
) -> None:
    """Undocumented: a success that may or may not have changed the type, or a refusal."""
    with opened(spec("c1", restricted=True), behaviour=Behaviour(freeze_again=again)) as rig:
        assert isinstance(rig.tell(Action.FREEZE, "c1"), reply)
        assert rig.world.frozen_type("c1") is stands


@pytest.mark.parametrize(("fine", "reply"), [(True, Confirmed), (False, Refused)])
def test_releasing_who_is_free_is_told_as_the_vendor_tells_it(fine: bool, reply: type) -> None:  # noqa: FBT001 - a column of the table
    """Undocumented: a success, or a refusal; the customer is free in either case."""
    with opened(spec("c1"), behaviour=Behaviour(unfreeze_again=fine)) as rig:
        assert isinstance(rig.tell(Action.RELEASE, "c1", known=Restriction.RESTRICTED), reply)
        assert not rig.world.restricted("c1")


@pytest.mark.parametrize("action", [Action.RESTRICT, Action.FREEZE, Action.RELEASE])
def test_a_resellers_customer_is_frozen_in_its_name(action: Action) -> None:
    """The reseller goes with the call; without it, or under another's name, the vendor refuses for that customer."""
    with opened(spec("c1", partner="p1", restricted=action is Action.RELEASE), spec("c2", partner="p2")) as rig:
        before = rig.world.frozen_type("c1")
        without, wrong = rig.tell(action, "c1"), rig.tell(action, "c1", partner="p2")
        assert isinstance(without, Refused)
        assert isinstance(wrong, Refused)
        assert (without.code, wrong.code) == ("CBC.99000000", "CBC.99000037")
        assert not without.account_wide
        assert rig.world.frozen_type("c1") is before
        assert isinstance(rig.tell(action, "c1", partner="p1"), Confirmed)
        assert rig.world.restricted("c1") is not (action is Action.RELEASE)


def test_a_key_without_the_permission_is_refused_for_the_account() -> None:
    """Freezing has a permission of its own; without it the answer says so, and budgets can still be set."""
    with opened(spec("c1"), behaviour=Behaviour(denied=frozenset({"FreezeSubCustomers"}))) as rig:
        reply = rig.tell(Action.FREEZE, "c1")
        assert isinstance(reply, Refused)
        assert (reply.code, reply.account_wide) == ("CBC.0151", True)
        assert isinstance(rig.send("c1", "600.00"), Confirmed)


@pytest.mark.parametrize(
    ("body", "reply"),
    [
        ({"error_details": [{"error_code": "CBC.99008012", "error_msg": "no", "id": "c2"}]}, Uncertain),
        ({"error_details": [{"error_code": "CBC.99007197", "error_msg": "too fast", "id": "c1"}]}, Refused),
        ({"error_details": {}}, Uncertain),
        ({"error_code": "CBC.99005024", "error_msg": "not resale"}, Refused),
    ],
)
def test_an_answer_counts_for_our_customer_only(body: dict[str, object], reply: type) -> None:
    """What names somebody else or is no list settles nothing; what names ours, or is an error, is a refusal."""
    with opened(spec("c1"), spec("c2")) as rig:
        rig.world.answers["POST freeze"] = json_response(200, body)
        assert isinstance(rig.tell(Action.FREEZE, "c1"), reply)
        assert rig.world.requests() == {"FreezeSubCustomers": 1}


def test_a_garbled_answer_to_a_freeze_settles_nothing() -> None:
    """A page of HTML, or a connection lost after the freeze was done, leaves it uncertain and is not asked again."""
    with opened(spec("c1")) as rig:
        for mode in (Mode.GARBAGE, Mode.RESET_AFTER):
            rig.world.faults.plan("FreezeSubCustomers", mode)
            assert isinstance(rig.tell(Action.FREEZE, "c1"), Uncertain)
        assert rig.world.frozen_type("c1") is RESOURCES
        assert rig.world.requests() == {"FreezeSubCustomers": 2}


def test_a_release_that_cannot_leave_is_not_sent() -> None:
    """With nobody listening nothing was sent, and the customer stays as it is."""
    with opened(spec("c1", restricted=True)) as rig:
        with rig.server.unreachable():
            assert isinstance(rig.tell(Action.RELEASE, "c1"), NotSent)
        assert rig.world.restricted("c1")


def test_with_freeze_the_vendor_itself_does_not_freeze() -> None:
    """Under freeze a budget is one to be frozen by hand, since Tidegate does that; and no budget lifts a freeze."""
    with opened(spec("c1", spent="80.00", restricted=True)) as rig:
        assert isinstance(rig.send("c1", "90.00", on_exhaustion=OnExhaustion.RESTRICT), Confirmed)
        assert isinstance(rig.send("c1", "50.00", on_exhaustion=OnExhaustion.FREEZE), Confirmed)
        assert [body["frozen_operate_type"] for body in rig.world.bodies("/budget")] == [1, 0]
        assert all("cancel_partner_frozen" not in body for body in rig.world.bodies("/budget"))
        rig.world.console_release("c1")
        assert not rig.world.restricted("c1")


def test_a_frozen_customer_shows_as_restricted_whichever_way() -> None:
    """The vendor's flag does not tell how a customer is frozen, so no read calls it frozen."""
    with opened(spec("c1"), spec("c2"), spec("c3")) as rig:
        rig.tell(Action.RESTRICT, "c1")
        rig.tell(Action.FREEZE, "c2")
        found = observed(rig, customers(["c1", "c2", "c3"])).standings
        assert [found[customer(each).key].restriction for each in ("c1", "c2", "c3")] == [
            Restriction.RESTRICTED,
            Restriction.RESTRICTED,
            Restriction.NONE,
        ]


def test_a_freeze_may_show_late() -> None:
    """Undocumented: the flag may be behind, and is read as it is shown."""
    with opened(spec("c1"), behaviour=Behaviour(freeze_lag=timedelta(hours=1))) as rig:
        assert isinstance(rig.tell(Action.FREEZE, "c1"), Confirmed)
        (standing,) = observed(rig, customers(["c1"])).standings.values()
        assert (standing.restriction, rig.world.restricted("c1")) == (Restriction.NONE, True)


def test_a_customer_says_since_when_it_is_the_partners() -> None:
    """A customer that is associated now is frozen, without a budget, and says when it came."""
    with opened(spec("c1")) as rig:
        begun = rig.clock.now().replace(microsecond=0)
        rig.world.add_customer(spec("c2", None, restricted=True))
        found = observed(rig, customers(["c1"]), everyone=True)
        (newcomer,) = found.others
        assert newcomer.restriction is Restriction.RESTRICTED
        assert newcomer.associated_at is not None
        assert begun <= newcomer.associated_at <= rig.clock.now()
        assert rig.cloud.witness(newcomer.customer).count == 0
        assert found.standings[customer("c1").key].associated_at is not None
