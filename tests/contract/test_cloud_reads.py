"""Every adapter tells the truth about generated worlds, in the fewest calls, or says what it could not read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sandbox.world import CustomerSpec
from core.money import ZERO, Money
from core.standing import Restriction
from tests.contract.cloud_rig import (
    ALL_VENDORS,
    ON_THE_WIRE,
    assert_partitioned,
    assert_true,
    ids_of,
    opened,
    spec_of,
    worlds,
)

every_vendor = pytest.mark.parametrize("name", ALL_VENDORS)


@every_vendor
@ON_THE_WIRE
@given(data=st.data())
def test_observes_every_customer_as_it_is(name: str, data: st.DataObject) -> None:
    """Every customer of a world is read, with the world's own grant, kind, spend, restriction and name."""
    specs = data.draw(worlds(name))
    with opened(name, specs) as rig:
        observation = rig.cloud.observe(rig.customers(), everyone=False)
        assert observation.account_problem is None
        assert set(observation.standings) == {customer.key for customer in rig.customers()}
        assert_partitioned(observation, rig.customers())
        assert observation.others == ()
        for spec in specs:
            standing = observation.standings[rig.customer(spec.customer_id).key]
            assert_true(rig, standing)
            assert standing.name == spec.name
            assert standing.restriction is not None
            if spec.granted is not None:
                assert standing.spent is not None
                assert standing.spent.low <= spec.spent <= standing.spent.high
                assert standing.available == spec.granted - spec.spent


@every_vendor
@ON_THE_WIRE
@given(data=st.data())
def test_tells_apart_asked_unasked_and_absent(name: str, data: st.DataObject) -> None:
    """Asked customers are read, unknown ids are absent, and with `everyone` the rest of the world comes along."""
    specs = data.draw(worlds(name, at_least=1))
    asked = data.draw(st.sets(st.integers(0, len(specs) - 1)))
    unknown = ids_of(name, len(specs) + 2)[len(specs) :]
    everyone = data.draw(st.booleans())
    with opened(name, specs) as rig:
        customers = rig.customers([specs[number].customer_id for number in sorted(asked)] + unknown)
        observation = rig.cloud.observe(customers, everyone=everyone)
        assert_partitioned(observation, customers)
        assert observation.absent == {rig.customer(customer_id).key for customer_id in unknown}
        others = {standing.key.customer_id for standing in observation.others}
        rest = {spec.customer_id for number, spec in enumerate(specs) if number not in asked}
        assert others == (rest if everyone else set())
        for standing in (*observation.standings.values(), *observation.others):
            assert_true(rig, standing)


@every_vendor
@ON_THE_WIRE
@given(data=st.data())
def test_reads_again_what_it_observed(name: str, data: st.DataObject) -> None:
    """Reading a few customers afresh shows the same world, and finds unknown ids absent too."""
    specs = data.draw(worlds(name, at_least=1))
    unknown = ids_of(name, len(specs) + 1)[-1]
    with opened(name, specs) as rig:
        customers = rig.customers([spec.customer_id for spec in specs] + [unknown])
        observation = rig.cloud.read_again(customers)
        assert_partitioned(observation, customers)
        assert observation.absent == {rig.customer(unknown).key}
        for standing in observation.standings.values():
            assert_true(rig, standing)


@every_vendor
def test_reads_a_world_of_many_pages(name: str) -> None:
    """A few hundred customers come whole and right, each once, in few calls."""
    specs = [spec_of_many(name, number, customer_id) for number, customer_id in enumerate(ids_of(name, 230))]
    with opened(name, specs) as rig:
        asked = rig.customers()[::2]
        observation = rig.cloud.observe(asked, everyone=True)
        assert_partitioned(observation, asked)
        assert len(observation.standings) == 115
        assert len({standing.key for standing in observation.others}) == len(observation.others) == 115
        for standing in (*observation.standings.values(), *observation.others):
            assert_true(rig, standing)
        assert rig.seen() <= 12
        assert rig.applied() == 0


def spec_of_many(name: str, number: int, customer_id: str) -> CustomerSpec:
    """Describe one of many: amounts that tell the customers apart."""
    template = spec_of(name, 0, granted=100_00 + number, spent=number)
    return CustomerSpec(
        customer_id=customer_id,
        name=f"Customer {number}",
        granted=template.granted,
        kind=template.kind,
        spent=template.spent,
    )


@every_vendor
def test_sees_what_others_do(name: str) -> None:
    """A change in the vendor's console is seen by the next observation, and by the witness with who made it."""
    spec = spec_of(name, 0, granted=500_00)
    with opened(name, [spec]) as rig:
        customer = rig.customer(spec.customer_id)
        before = rig.cloud.witness(customer)
        rig.world.console_set(spec.customer_id, Money(700_00), "li.wei")
        standing = rig.cloud.observe([customer], everyone=False).standings[customer.key]
        assert standing.granted == Money(700_00)
        after = rig.cloud.witness(customer)
        assert after.count == before.count + 1
        assert [row.operator for row in after.rows if row.granted_after == Money(700_00)] == ["li.wei"]


@every_vendor
def test_forgets_a_customer_that_left(name: str) -> None:
    """A customer whose association ended is absent, and the others stay as they are."""
    specs = [spec_of(name, number, granted=500_00) for number in range(3)]
    with opened(name, specs) as rig:
        asked = rig.customers()
        rig.world.remove_customer(specs[1].customer_id)
        observation = rig.cloud.observe(asked, everyone=False)
        assert observation.absent == {asked[1].key}
        assert set(observation.standings) == {asked[0].key, asked[2].key}


@every_vendor
def test_tells_the_quota_where_the_vendor_has_one(name: str) -> None:
    """Credit still to give out is a figure exactly where the capabilities say so, and falls by what is given."""
    spec = spec_of(name, 0, granted=500_00)
    with opened(name, [spec]) as rig:
        before = rig.cloud.quota()
        assert (before is not None) == rig.vendor.capabilities.quota_readable
        rig.world.console_set(spec.customer_id, Money(700_00), "li.wei")
        after = rig.cloud.quota()
        if before is not None:
            assert after == before - Money(200_00)
            assert after > ZERO


@every_vendor
def test_probes_without_harm(name: str) -> None:
    """Probing asks something, finds nothing wrong with a good key, and changes nothing."""
    specs = [spec_of(name, number, granted=500_00) for number in range(2)]
    with opened(name, specs) as rig:
        results = rig.cloud.probe()
        assert results
        assert [result.sentence for result in results if not result.ok] == []
        assert all(result.title and result.sentence for result in results)
        assert rig.applied() == 0


@every_vendor
def test_counts_its_calls_and_its_skew(name: str) -> None:
    """The adapter's own count of calls is what the vendor saw, and its skew is the vendor's."""
    with opened(name, [spec_of(name, 0, granted=500_00)]) as rig:
        rig.cloud.observe(rig.customers(), everyone=True)
        rig.cloud.witness(rig.customers()[0])
        observation = rig.cloud.observe(rig.customers(), everyone=True)
        counted = {operation: count for operation, count in rig.cloud.calls().items() if operation != "throttled"}
        assert sum(counted.values()) == rig.seen()
        assert rig.cloud.calls().get("throttled", 0) == 0
        assert observation.skew is not None
        assert abs(observation.skew.total_seconds()) < 5


@every_vendor
def test_an_empty_world_is_no_problem(name: str) -> None:
    """A partner without customers is read as such."""
    with opened(name) as rig:
        observation = rig.cloud.observe([], everyone=True)
        assert (observation.standings, observation.others, observation.account_problem) == ({}, (), None)


@every_vendor
def test_shows_a_customer_that_is_cut_off(name: str) -> None:
    """A customer cut off by hand is restricted or suspended, its neighbour is not."""
    specs = [spec_of(name, number, granted=500_00, spent=100, restricted=number == 0) for number in range(2)]
    with opened(name, specs) as rig:
        observation = rig.cloud.observe(rig.customers(), everyone=False)
        first, second = (observation.standings[customer.key] for customer in rig.customers())
        assert first.restriction in (Restriction.RESTRICTED, Restriction.SUSPENDED)
        assert second.restriction is Restriction.NONE
