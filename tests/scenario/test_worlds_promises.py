"""Any world of two vendors, months passing: what is promised holds, run by run."""

from datetime import datetime

from hypothesis import given

from tests.scenario.year_promises import (
    bills_hidden,
    books_wrong,
    meter_misses,
    nothing_between,
    shown_late,
    unfinished,
    watch,
)
from tests.scenario.year_worlds import SAME_EVERY_TIME, Script, World, open_world, scripts


def broken(world: World) -> list[str]:
    """Give what the clouds saw that may not be."""
    return [fault for cloud in world.clouds.values() for fault in cloud.broken]


@SAME_EVERY_TIME
@given(scripts(["spend", "limit", "console", "nothing"], stale=(0, 90)))
def test_a_plan_right_after_a_run_has_nothing_left_but_what_passes_by_itself(script: Script) -> None:
    """Whatever happened before a run, right after it there is nothing left to do that waiting does not do."""
    world = open_world(script)
    watch(world)
    world.run()
    for happening in script.story:
        world.step(happening)
        assert unfinished(world) == []
        assert broken(world) == []
    world.come_to_rest()
    assert books_wrong(world) == []


@SAME_EVERY_TIME
@given(scripts(["spend", "limit", "console", "nothing", "outage"], stale=(0, 90)))
def test_the_metered_interval_contains_the_truth(script: Script) -> None:
    """The metered spend is an interval that contains what was truly spent, as far as the vendor has shown it."""
    world = open_world(script)
    world.run()
    looks: list[list[datetime]] = [[] for _ in world.limits]
    for happening in script.story:
        world.step(happening)
        for place, seen in enumerate(looks):
            cloud, kept = world.cloud(place), world.kept(place)
            meter = world.desk.meter(cloud, kept.id)
            if meter is None:
                continue
            if meter.metered_at not in seen:
                seen.append(meter.metered_at)
            if not bills_hidden(cloud, kept, seen):
                assert meter_misses(cloud, kept, meter) is None


@SAME_EVERY_TIME
@given(scripts(["spend", "limit", "console", "nothing"]))
def test_the_metered_interval_is_exact_where_nothing_lies_between_two_looks(script: Script) -> None:
    """Between two looks without a bill, a month's edge or a gap, just what was spent is added to both its ends."""
    world = open_world(script)
    world.run()
    for happening in script.story:
        before = [world.desk.meter(world.cloud(place), world.kept(place).id) for place in range(len(world.limits))]
        world.step(happening)
        for place, earlier in enumerate(before):
            cloud, kept = world.cloud(place), world.kept(place)
            meter = world.desk.meter(cloud, kept.id)
            if earlier is not None and meter is not None and nothing_between(cloud, kept, earlier, meter):
                spent = kept.curve.between(earlier.metered_at - shown_late(cloud), meter.metered_at - shown_late(cloud))
                assert earlier.month is not None
                assert meter.month is not None
                assert meter.month.low - earlier.month.low == spent
                assert meter.month.high - earlier.month.high == spent


@SAME_EVERY_TIME
@given(scripts(["spend", "limit", "console", "freeze", "outage", "nothing"], stale=(0, 90)))
def test_nobody_is_cut_off_or_released_who_should_not_be(script: Script) -> None:
    """No call cuts off a customer whose amount is not spent, lifts what others restricted, or exceeds a quota."""
    world = open_world(script)
    watch(world)
    world.run()
    for happening in script.story:
        world.step(happening)
        assert broken(world) == []
