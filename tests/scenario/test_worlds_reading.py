"""Any world of two vendors: what is merely read, wrongly, in another order or dry, changes nothing."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from core.limit import Kind
from core.money import Money
from core.planning import AccountInputs, make_plan
from core.ports import no_progress
from core.run.observe import observe_account
from core.run.world import Request
from core.standing import Restriction, Spend, Standing
from tests.scenario.calendar_cloud import Glitch
from tests.scenario.year_promises import books_wrong
from tests.scenario.year_worlds import SAME_EVERY_TIME, Script, World, open_world, scripts

WRONG: Mapping[str, Glitch] = {
    "granted": lambda shown: replace(shown, granted=Money(777_77)),
    "nothing granted": lambda shown: replace(shown, granted=Money(1)),
    "much spent": lambda shown: replace(shown, spent=Spend.exactly(Money(777_77)), available=Money(0)),
    "nothing spent": lambda shown: replace(shown, spent=Spend.exactly(Money(0)), available=shown.granted_money),
    "another kind": lambda shown: replace(shown, kind=_other(shown)),
    "restricted": lambda shown: replace(shown, restriction=Restriction.RESTRICTED),
    "free": lambda shown: replace(shown, restriction=Restriction.NONE),
}
GLITCHES = st.tuples(
    st.sampled_from(sorted(WRONG)), st.sampled_from(["observe", "read_again"]), st.integers(0, 3), st.integers(0, 8)
)


def _other(shown: Standing) -> Kind | None:
    return {Kind.MONTHLY: Kind.ONE_TIME, Kind.ONE_TIME: Kind.MONTHLY}.get(shown.kind) if shown.kind else None


def writes(world: World) -> Counter[tuple[object, ...]]:
    """Count the calls made, by whom they were for and what they asked."""
    return Counter(
        (intent.key, intent.action, intent.wanted.granted, intent.change)
        for cloud in world.clouds.values()
        for intent in cloud.sent
    )


@SAME_EVERY_TIME
@given(scripts(["spend", "limit", "nothing"]), GLITCHES)
def test_a_glitch_of_one_read_moves_no_credit(script: Script, glitch: tuple[str, str, int, int]) -> None:
    """One read with any one figure wrong makes no call that the same run without it does not make."""
    what, method, place, when = glitch
    spoiled, sound = open_world(script), open_world(script)
    for world in (spoiled, sound):
        world.run()
    for number, happening in enumerate(script.story):
        if number == when % len(script.story):
            limit = spoiled.limits[place % len(script.plots)]
            spoiled.clouds[limit.account].glitches[(method, limit.key.customer_id)] = WRONG[what]
        for world in (spoiled, sound):
            world.step(happening)
        if number == when % len(script.story):
            assert writes(spoiled) <= writes(sound)
    spoiled.come_to_rest()
    assert books_wrong(spoiled) == []


@SAME_EVERY_TIME
@given(scripts(["spend", "limit", "console", "freeze", "nothing"]), st.integers(0, 99))
def test_the_plan_does_not_depend_on_the_order_of_its_inputs(script: Script, seed: int) -> None:
    """Limits, standings and accounts in another order make the same plan, to the last word."""
    world = open_world(script)
    world.run()
    for happening in script.story[:4]:
        world.step(happening)
        world.desk.clock.sleep(script.every)
        shuffled = Random(seed)  # noqa: S311 - an order, not a secret
        inputs = [
            observe_account(
                world.desk.world, name, world.limits, Request(command="plan", who="chen"), no_progress
            ).inputs
            for name in world.clouds
        ]
        others = [in_disorder(one, shuffled) for one in reversed(inputs)]
        now = world.desk.clock.time
        assert make_plan(inputs, run="r", made_at=now) == make_plan(others, run="r", made_at=now)


def in_disorder(inputs: AccountInputs, shuffled: Random) -> AccountInputs:
    """Give the same inputs in another order."""
    limits, standings = list(inputs.limits), list(inputs.standings.items())
    shuffled.shuffle(limits)
    shuffled.shuffle(standings)
    meters = dict(reversed(list(inputs.meters.items())))
    return replace(inputs, limits=limits, standings=dict(standings), meters=meters, others=inputs.others[::-1])


@SAME_EVERY_TIME
@given(scripts(["spend", "limit", "console", "freeze", "outage", "nothing"], stale=(0, 90)))
def test_a_dry_run_writes_nothing(script: Script) -> None:
    """A plan sends no call, records no intent, moves no book and accepts no limit, whatever the world looks like."""
    world = open_world(script)
    world.run()
    for happening in script.story:
        sent = [len(cloud.sent) for cloud in world.clouds.values()]
        intents, notes = len(world.desk.store.intents()), told(world)
        books = {name: dict(world.desk.store.books(name)) for name in world.clouds}
        world.happen(replace(happening, place=happening.place % len(world.limits)))
        for name in world.clouds:
            world.desk.plan(world.limits, name)
        assert [len(cloud.sent) for cloud in world.clouds.values()] == sent
        assert (len(world.desk.store.intents()), told(world)) == (intents, notes)
        assert {name: dict(world.desk.store.books(name)) for name in world.clouds} == books
        world.step(replace(happening, what="nothing"))


def told(world: World) -> list[str]:
    """Give what the audit chain has, but for the runs themselves."""
    return [row.event for row in world.desk.store.audit() if not row.event.startswith("run")]
