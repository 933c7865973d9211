"""A whole run on every vendor's simulator: what was applied plans as nothing, whatever happened to the replies."""

import functools
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sandbox.faults import Mode
from adapters.sandbox.world import CustomerSpec
from adapters.store.memory import InMemoryStore
from adapters.wire import rates
from core.capabilities import Change
from core.intent import Intent, Position
from core.limit import Kind, Limit, OnExhaustion
from core.money import Money
from core.plan import HoldReason, Plan
from core.run.reconcile import reconcile, survey
from core.run.world import Request, Result, World
from tests.contract.cloud_rig import (
    ACCOUNT,
    ALL_VENDORS,
    LARGEST,
    ON_THE_WIRE,
    Rig,
    SwiftClock,
    at_exhaustion,
    opened,
    spec_of,
    worlds,
)

every_vendor = pytest.mark.parametrize("name", ALL_VENDORS)
REQUEST = Request(command="apply", who="contract suite")
FAULTY_RUNS = 5


class Unwatched:
    """Nobody looks on."""

    def intent_moved(self, intent: Intent) -> None:
        """Say nothing."""

    def said(self, account: str, sentence: str) -> None:
        """Say nothing."""


class Tidegate:
    """The ports of one account as the product composes them, on a store in memory."""

    def __init__(self, rig: Rig, *, quarantine: timedelta = timedelta(seconds=0.3)) -> None:
        store = InMemoryStore(clock=rig.clock)
        policy = replace(
            rig.policy,
            lag=timedelta(0),
            write_timeout=timedelta(seconds=0.5),
            quarantine=quarantine,
            patience=timedelta(seconds=4),
        )
        self._world = World(
            clouds={ACCOUNT: rig.cloud},
            policies={ACCOUNT: policy},
            journal=store,
            observations=store,
            clock=rig.clock,
            ids=rig.ids,
        )

    def plan(self, limits: Sequence[Limit]) -> Plan:
        """Make a dry run."""
        return survey(self._world, limits, REQUEST)

    def apply(self, limits: Sequence[Limit]) -> Result:
        """Make a real run that everybody agrees to."""
        return reconcile(self._world, limits, REQUEST, approve=lambda _plan: True, watch=Unwatched())


def limit_for(rig: Rig, spec: CustomerSpec, amount: int, action: OnExhaustion | None) -> Limit:
    """Want this many cents for a customer, never less than what it has spent."""
    kind = Kind(spec.kind) if spec.kind is not None else min(rig.vendor.capabilities.kinds)
    return Limit(
        account=ACCOUNT,
        customer=rig.customer(spec.customer_id),
        kind=kind,
        amount=max(Money(amount), spec.spent + Money(1)),
        on_exhaustion=action,
    )


def assert_as_wanted(rig: Rig, limits: Sequence[Limit]) -> None:
    """Every limited customer stands at its limit."""
    for limit in limits:
        position = rig.position(limit.key.customer_id)
        assert (position.granted, position.kind) == (limit.amount, limit.kind)
        stated = at_exhaustion(rig.vendor.capabilities, limit.on_exhaustion, position.on_exhaustion)
        assert position.on_exhaustion == stated


def assert_nothing_left(tidegate: Tidegate, limits: Sequence[Limit]) -> None:
    """Planning again finds nothing to do and nothing to hold."""
    plan = tidegate.plan(limits)
    assert (plan.corrections, plan.holds) == ((), ())
    assert plan.complete


@every_vendor
@ON_THE_WIRE
@given(data=st.data())
def test_what_was_applied_plans_as_nothing(name: str, data: st.DataObject) -> None:
    """Planning writes nothing; applying makes the world as wanted, touches nobody else, and leaves nothing to do."""
    specs = data.draw(worlds(name, at_least=1))
    with opened(name, specs) as rig:
        limits = []
        for spec in specs:
            actions = sorted(rig.vendor.capabilities.actions[min(rig.vendor.capabilities.kinds)])
            given_action = data.draw(st.sampled_from(actions))
            may_be_empty = spec.granted is not None or not rig.vendor.capabilities.first_grant_states_action
            action = data.draw(st.sampled_from([None, given_action])) if may_be_empty else given_action
            if data.draw(st.integers(0, 3)):
                limits.append(limit_for(rig, spec, data.draw(st.integers(1, LARGEST)), action))
        unlisted = {spec.customer_id for spec in specs} - {limit.key.customer_id for limit in limits}
        before = {customer_id: rig.position(customer_id) for customer_id in unlisted}
        tidegate = Tidegate(rig)
        planned = tidegate.plan(limits)
        assert rig.applied() == 0
        result = tidegate.apply(limits)
        assert result.exit_code == 0, result
        assert rig.applied() == len(planned.corrections)
        assert_as_wanted(rig, limits)
        assert_nothing_left(tidegate, limits)
        assert tidegate.apply(limits).exit_code == 0
        assert rig.applied() == len(planned.corrections)
        assert {customer_id: rig.position(customer_id) for customer_id in unlisted} == before


@functools.cache
def write_operation(name: str) -> str:
    """Find out what the vendor calls the write."""
    spec = spec_of(name, 0, granted=500_00)
    with opened(name, [spec]) as rig:
        rig.cloud.send(
            rig.sent(spec.customer_id, Position(granted=Money(600_00), kind=rig.position(spec.customer_id).kind))
        )
        ((operation, _, _),) = rig.world.applied_writes()
        return operation


@every_vendor
@pytest.mark.parametrize(
    "mode",
    [
        Mode.RESET_BEFORE,
        Mode.RESET_AFTER,
        Mode.HANG_AFTER,
        Mode.TOO_MANY,
        Mode.SERVER_ERROR_AFTER,
        Mode.BUSINESS_ERROR,
        Mode.TRUNCATED,
        Mode.GARBAGE,
        Mode.REDIRECT,
    ],
)
def test_a_lost_reply_is_found_out_and_made_good(name: str, mode: Mode, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a fault on one of three writes the world ends as wanted within a few runs, and no change is made twice."""
    # The runs follow each other at once; a throttled account would still be cooling down.
    monkeypatch.setattr(rates, "FIRST_COOL_DOWN", 0.02)
    specs = [spec_of(name, number, granted=500_00) for number in range(3)]
    with opened(name, specs, clock=SwiftClock()) as rig:
        limits = [limit_for(rig, spec, 600_00 + number, None) for number, spec in enumerate(specs)]
        rig.world.faults.plan(write_operation(name), mode, skip=1)
        tidegate = Tidegate(rig)
        codes: list[int] = []
        while not codes or (codes[-1] != 0 and len(codes) < FAULTY_RUNS):
            codes.append(tidegate.apply(limits).exit_code)
        assert codes[-1] == 0, codes
        assert_as_wanted(rig, limits)
        assert_nothing_left(tidegate, limits)
        assert rig.applied() == len(limits)


@every_vendor
def test_a_write_that_is_applied_late_is_not_made_twice(name: str) -> None:
    """A write applied after its caller gave up, but while the vendor may still take it, is waited for and found."""
    spec = spec_of(name, 0, granted=500_00)
    with opened(name, [spec]) as rig:
        limits = [limit_for(rig, spec, 600_00, None)]
        rig.world.faults.plan(write_operation(name), Mode.LATE, seconds=1.2)
        tidegate = Tidegate(rig, quarantine=timedelta(seconds=1.5))
        codes = [tidegate.apply(limits).exit_code for _ in range(2)]
        assert codes[-1] == 0, codes
        assert_as_wanted(rig, limits)
        assert_nothing_left(tidegate, limits)
        assert rig.applied() == 1


@every_vendor
def test_a_write_that_a_proxy_doubled_is_seen(name: str) -> None:
    """An amount set twice is harmless; an increment applied twice is a person's business, and is never "corrected"."""
    spec = spec_of(name, 0, granted=500_00)
    with opened(name, [spec]) as rig:
        limits = [limit_for(rig, spec, 600_00, None)]
        rig.world.faults.plan(write_operation(name), Mode.DOUBLED)
        tidegate = Tidegate(rig)
        codes = [tidegate.apply(limits).exit_code for _ in range(3)]
        assert rig.applied() == 2
        if rig.vendor.capabilities.change is Change.ABSOLUTE:
            assert codes == [0, 0, 0]
            assert_as_wanted(rig, limits)
        else:
            assert codes == [4, 4, 4]
            assert [hold.reason for hold in tidegate.plan(limits).holds] == [HoldReason.DISPUTED]


def wait_for_next_second() -> None:
    """The vendors' records have whole seconds: what happened so far is told apart from what happens now by its time.

    What follows at once falls into one second, so that the order of its records cannot be told by their times.
    """
    time.sleep(1.02 - time.time() % 1)


@every_vendor
def test_a_console_change_is_put_back_with_who_made_it(name: str) -> None:
    """What a person changes in the vendor's console is planned with that person's name, and put back."""
    spec = spec_of(name, 0, granted=500_00)
    with opened(name, [spec]) as rig:
        limits = [limit_for(rig, spec, 600_00, None)]
        tidegate = Tidegate(rig)
        tidegate.apply(limits)
        wait_for_next_second()
        rig.world.console_set(spec.customer_id, Money(900_00), "li.wei")
        (correction,) = tidegate.plan(limits).corrections
        assert correction.change == Money(-300_00)
        assert any("li.wei" in effect for effect in correction.effects)
        assert tidegate.apply(limits).exit_code == 0
        assert_as_wanted(rig, limits)
        assert_nothing_left(tidegate, limits)


@every_vendor
def test_nobody_is_cut_below_what_is_spent(name: str) -> None:
    """A limit below the spend is held, at first for a second look and then by the guard; the vendor is not asked."""
    spec = spec_of(name, 0, granted=500_00, spent=300_00)
    with opened(name, [spec]) as rig:
        limit = replace(limit_for(rig, spec, 1, None), amount=Money(100_00))
        tidegate = Tidegate(rig)
        results = [tidegate.apply([limit]) for _ in range(2)]
        assert [hold.reason for result in results for hold in result.plan.holds] == [
            HoldReason.ONE_OBSERVATION,
            HoldReason.GUARD,
        ]
        assert [result.exit_code for result in results] == [3, 4]
        assert (rig.applied(), rig.world.granted(spec.customer_id)) == (0, Money(500_00))
