"""Every write that an adapter offers makes the simulated world exactly as wanted, once, and leaves its witness."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.clouds.registry import VENDORS
from core.capabilities import Change
from core.intent import Action, Intent, Position
from core.limit import Kind, OnExhaustion
from core.money import Money
from core.ports import Confirmed, NotSent, Refused
from core.standing import Restriction
from core.witness import Witness
from tests.contract.cloud_rig import (
    ALL_VENDORS,
    LARGEST,
    ON_THE_WIRE,
    Rig,
    assert_true,
    at_exhaustion,
    ids_of,
    opened,
    spec_of,
)

every_vendor = pytest.mark.parametrize("name", ALL_VENDORS)
FREEZING = [name for name in ALL_VENDORS if VENDORS[name].capabilities.restricts_by_call]


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort of write: from no grant or from another kind, to a kind with an exhaustion action or none given."""

    name: str
    before: Kind | None
    kind: Kind
    action: OnExhaustion | None

    def __str__(self) -> str:
        return f"{self.name}: {self.before or 'nothing'} to {self.kind}, {self.action or 'no action'}"


def sorts() -> list[Sort]:
    """Every sort of write of every vendor, from its capabilities alone."""
    found = []
    for name in ALL_VENDORS:
        capabilities = VENDORS[name].capabilities
        for kind in sorted(capabilities.kinds):
            for action in (None, *sorted(capabilities.actions[kind])):
                found += [Sort(name, before, kind, action) for before in sorted(capabilities.kinds)]
                if action is not None or not capabilities.first_grant_states_action:
                    found.append(Sort(name, None, kind, action))
    return found


def assert_witnessed(rig: Rig, intent: Intent, before: Witness) -> None:
    """The vendor's records have one row more, and it is this write's."""
    after = rig.cloud.witness(intent.customer)
    assert after.count == before.count + 1
    if rig.vendor.capabilities.change is Change.INCREMENT:
        (row,) = after.marked(intent.mark)
        # Whole: a shortened mark is still found, but is no longer sure to be the only one of its kind.
        assert row.remark == intent.mark
        assert row.change == intent.change
    else:
        row = next(row for row in after.rows if row not in before.rows)
        assert row.kind is intent.wanted.kind
    assert row.granted_after == intent.wanted.granted
    assert row.at is not None
    assert abs(row.at - rig.clock.now()) < timedelta(minutes=1)
    assert not row.removed


@pytest.mark.parametrize("sort", sorts(), ids=str)
@ON_THE_WIRE
@given(granted=st.integers(2, LARGEST), wanted=st.integers(1, LARGEST), spent_percent=st.integers(0, 100))
def test_makes_the_world_as_wanted(sort: Sort, granted: int, wanted: int, spent_percent: int) -> None:
    """A raise, a cut, a first grant, another kind or action: confirmed, applied once, read back, on record."""
    spent = 0 if sort.before is None else min(granted, wanted) * spent_percent // 100
    specs = [
        spec_of(sort.name, 0, granted=None if sort.before is None else granted, spent=spent, kind=sort.before),
        spec_of(sort.name, 1, granted=777, kind=sort.before),
    ]
    with opened(sort.name, specs) as rig:
        target, neighbour = rig.customers()
        if rig.position(target.key.customer_id).granted == Money(wanted):
            wanted += 1
        action_before = rig.position(target.key.customer_id).on_exhaustion
        neighbour_before = rig.position(neighbour.key.customer_id)
        before = rig.cloud.witness(target)
        seen = rig.seen()
        intent = rig.sent(
            target.key.customer_id, Position(granted=Money(wanted), kind=sort.kind, on_exhaustion=sort.action)
        )
        reply = rig.cloud.send(intent)
        assert isinstance(reply, Confirmed), reply
        assert reply.granted in (None, Money(wanted))
        assert rig.seen() == seen + 1
        ((_, customer_id, _),) = rig.world.applied_writes()
        assert customer_id == target.key.customer_id
        now = rig.position(target.key.customer_id)
        assert (now.granted, now.kind) == (Money(wanted), sort.kind)
        assert now.on_exhaustion == at_exhaustion(rig.vendor.capabilities, sort.action, action_before)
        assert rig.position(neighbour.key.customer_id) == neighbour_before
        assert_true(rig, rig.cloud.read_again([target]).standings[target.key])
        assert_witnessed(rig, intent, before)


@pytest.mark.parametrize("name", FREEZING)
@pytest.mark.parametrize(
    ("action", "known"), [(Action.RESTRICT, Restriction.RESTRICTED), (Action.FREEZE, Restriction.FROZEN)]
)
def test_restricts_and_releases(name: str, action: Action, known: Restriction) -> None:
    """Each is confirmed, applied once and read back; it moves no grant, leaves no record and touches nobody else."""
    with opened(name, [spec_of(name, number, granted=500_00) for number in range(2)]) as rig:
        target, neighbour = rig.customers()
        customer_id = target.key.customer_id
        position, records = rig.position(customer_id), rig.cloud.witness(target).count
        for number, (step, before, restricted) in enumerate([(action, None, True), (Action.RELEASE, known, False)]):
            seen = rig.seen()
            intent = rig.sent(customer_id, Position(), action=step, restriction=before)
            assert isinstance(rig.cloud.send(intent), Confirmed)
            assert (rig.seen(), rig.applied()) == (seen + 1, number + 1)
            assert rig.world.applied_writes()[-1][1:] == (customer_id, None)
            assert rig.world.restricted(customer_id) is restricted
            standing = rig.cloud.read_again([target]).standings[target.key]
            assert_true(rig, standing)
            assert (standing.restriction is Restriction.NONE) is not restricted
            assert rig.position(customer_id) == position
        assert rig.cloud.witness(target).count == records
        assert not rig.world.restricted(neighbour.key.customer_id)


@pytest.mark.parametrize("name", FREEZING)
@pytest.mark.parametrize("action", [Action.RESTRICT, Action.FREEZE, Action.RELEASE])
def test_restricts_nobody_who_is_not_ours(name: str, action: Action) -> None:
    """It is a definite refusal for that customer alone, with the vendor's code and a sentence."""
    with opened(name, [spec_of(name, 0, granted=500_00)]) as rig:
        stranger = rig.customer(ids_of(name, 2)[1])
        intent = rig.sent(rig.customers()[0].key.customer_id, Position(), action=action)
        reply = rig.cloud.send(replace(intent, customer=stranger))
        assert isinstance(reply, Refused), reply
        assert reply.code
        assert reply.sentence
        assert not reply.account_wide
        assert rig.applied() == 0


@every_vendor
def test_sends_nothing_after_its_window(name: str) -> None:
    """A write whose window has passed is not sent, and no request is seen."""
    spec = spec_of(name, 0, granted=500_00)
    with opened(name, [spec]) as rig:
        wanted = Position(granted=Money(600_00), kind=rig.position(spec.customer_id).kind)
        late = rig.sent(spec.customer_id, wanted, write_timeout=timedelta(seconds=-1))
        assert isinstance(rig.cloud.send(late), NotSent)
        assert rig.seen() == 0


@every_vendor
def test_knows_that_nothing_left_when_nobody_listens(name: str) -> None:
    """A refused connection is "not sent", and the next write goes through."""
    spec = spec_of(name, 0, granted=500_00)
    with opened(name, [spec]) as rig:
        wanted = Position(granted=Money(600_00), kind=rig.position(spec.customer_id).kind)
        rig.cloud.observe(rig.customers(), everyone=False)
        with rig.server.unreachable():
            assert isinstance(rig.cloud.send(rig.sent(spec.customer_id, wanted)), NotSent)
        assert rig.applied() == 0
        assert isinstance(rig.cloud.send(rig.sent(spec.customer_id, wanted)), Confirmed)
        assert rig.world.granted(spec.customer_id) == Money(600_00)


@every_vendor
def test_is_refused_for_a_customer_that_is_not_ours(name: str) -> None:
    """A write for an unknown customer is a definite refusal with the vendor's code and a sentence."""
    with opened(name, [spec_of(name, 0, granted=500_00)]) as rig:
        stranger = ids_of(name, 2)[1]
        known = rig.customers()[0].key.customer_id
        wanted = Position(granted=Money(600_00), kind=rig.position(known).kind)
        reply = rig.cloud.send(replace(rig.sent(known, wanted), customer=rig.customer(stranger)))
        assert isinstance(reply, Refused), reply
        assert reply.code
        assert reply.sentence
        assert not reply.account_wide
        assert rig.applied() == 0
