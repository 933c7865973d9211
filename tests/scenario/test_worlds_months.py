"""Any world over a month's end: it opens once, its amount is given once, pools suffice, nobody on alert is cut off."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.limit import Kind, Limit, OnExhaustion
from core.meter import Meter
from core.money import Money, total
from core.policy import BudgetQuota
from core.standing import Restriction
from tests.scenario.calendar_cloud import Kept
from tests.scenario.year_huawei import CalendarHuawei
from tests.scenario.year_promises import bills_hidden
from tests.scenario.year_spending import month_begins
from tests.scenario.year_tencent import CalendarTencent
from tests.scenario.year_worlds import SAME_EVERY_TIME, Happening, Plot, Script, open_world, scripts

MONTHS = (timedelta(hours=19), timedelta(days=1))


@SAME_EVERY_TIME
@given(scripts(["spend", "nothing", "outage", "console"], every=MONTHS, length=40))
def test_a_month_opens_once_and_closes_once(script: Script) -> None:
    """Each month that is over has one record per customer, and each customer's months follow each other."""
    world = open_world(script)
    world.run()
    for happening in script.story:
        world.step(happening)
    for limit in world.limits:
        cloud = world.clouds[limit.account]
        closed = [period.month for period in world.desk.store.periods(key=limit.key)]
        meter = world.desk.meter(cloud, limit.key.customer_id)
        assert len(closed) == len(set(closed))
        assert closed == sorted(closed)
        assert meter is None or meter.month is None or meter.month.period not in closed


@SAME_EVERY_TIME
@given(scripts(["spend", "nothing", "outage"], vendors=["tencent"], length=30))
def test_a_months_amount_is_given_once(script: Script) -> None:
    """What a monthly customer can still spend and what it has spent this month never make more than its amount.

    But for what the meter does not know for certain, and as long as a bill was not confirmed since the last run.
    """
    plots = tuple(replace(plot, kind=Kind.MONTHLY, action=OnExhaustion.FREEZE) for plot in script.plots)
    world = open_world(replace(script, plots=plots))
    world.run()
    looks: list[list[datetime]] = [[] for _ in world.limits]
    for happening in script.story:
        world.step(happening)
        for place, limit in enumerate(world.limits):
            cloud, kept = world.clouds["tencent"], world.kept(place)
            assert isinstance(cloud, CalendarTencent)
            meter = world.desk.meter(cloud, kept.id)
            if meter is None:
                continue
            looks[place].append(meter.metered_at)
            if is_settled(meter, kept, cloud) and not bills_hidden(cloud, kept, looks[place]):
                given_out = cloud.available(kept) + kept.curve.between(month_begins(kept.advanced), kept.advanced)
                assert given_out <= limit.amount + doubt(meter), (kept.id, given_out, meter)


def is_settled(meter: Meter, kept: Kept, cloud: CalendarTencent) -> bool:
    """Whether the meter is of this month and has seen every bill that was confirmed, twice."""
    if meter.month is None or meter.fell_at is not None or meter.metered_at + cloud.spend_late < kept.advanced - LATELY:
        return False
    is_now = meter.metered_at >= month_begins(kept.advanced) + cloud.capabilities.lag
    return is_now and kept.confirmed[-1][0] <= meter.metered_at - cloud.capabilities.lag


def doubt(meter: Meter) -> Money:
    """Give how much more may have been spent than is known for certain, and what a run takes of time."""
    assert meter.month is not None
    return meter.month.high - meter.month.low + Money(2)


LATELY = timedelta(seconds=30)


@SAME_EVERY_TIME
@given(scripts(["spend", "limit", "console", "nothing"]), st.integers(0, 300_00))
def test_no_quota_is_exceeded_at_any_instant(script: Script, spare: int) -> None:
    """No call asks for more than the pool has, nor for budgets above the written quotas: the clouds check each."""
    world = open_world(script)
    for cloud in world.clouds.values():
        if isinstance(cloud, CalendarTencent):
            cloud.pool = Money(spare)
        if isinstance(cloud, CalendarHuawei):
            world.desk.settings["huawei"]["quotas"] = written(cloud, world.limits, spare)
    world.run()
    for happening in script.story:
        world.step(happening)
        assert [fault for cloud in world.clouds.values() for fault in cloud.broken] == []


def written(cloud: CalendarHuawei, limits: list[Limit], spare: int) -> tuple[BudgetQuota, ...]:
    """Write down quotas with so much to spare over what stands, for the cloud to check and the account to keep."""
    quotas = []
    for kind in (Kind.MONTHLY, Kind.ONE_TIME):
        stands = total([limit.amount for limit in limits if limit.account == cloud.account and limit.kind is kind])
        quotas.append(BudgetQuota(kind=kind, amount=stands + Money(spare)))
    cloud.quotas = {quota.kind: quota.amount for quota in quotas}
    return tuple(quotas)


@SAME_EVERY_TIME
@given(
    scripts(["spend", "nothing"], vendors=["tencent"], length=30),
    st.sampled_from([Kind.MONTHLY, Kind.ONE_TIME, Kind.CREDIT_LINE]),
    st.sampled_from(["20.00", "150.00", "400.00"]),
)
def test_a_customer_on_alert_is_never_cut_off_while_runs_keep_their_interval(
    script: Script, kind: Kind, amount: str
) -> None:
    """With alert and no overrun, a customer that spends less than a tenth of its amount per look is never suspended."""
    plot = Plot(vendor="tencent", kind=kind, action=OnExhaustion.ALERT, amount=amount, rate=0)
    world = open_world(replace(script, plots=(plot,)))
    cloud, kept = world.cloud(0), world.kept(0)
    looks = 2 * script.every + cloud.capabilities.lag
    fastest = Money.parse(amount).cents * timedelta(hours=1) // (10 * looks)
    world.run()
    for happening in script.story:
        kept.rates.append((kept.advanced, fastest * happening.figure // 9))
        world.step(Happening(what="nothing"))
        assert all(restriction is Restriction.NONE for _, restriction in kept.restriction)
