"""Worlds to be played: two vendors' customers with limits, and what happens to them between runs.

hypothesis draws a Script, `open_world` builds it, `World.step` lets one thing happen and runs. What must hold is said
in year_promises and in the tests; here is only what can happen.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from core.limit import Customer, Kind, Limit, OnExhaustion, Overrun
from core.money import Money, or_zero
from core.policy import Agreement, Approval, Cap, GuardSettings
from core.run.world import Result
from tests.scenario.calendar_cloud import CalendarCloud, Kept
from tests.scenario.year_huawei import CalendarHuawei
from tests.scenario.year_office import Desk, desk, virtual
from tests.scenario.year_spending import month_begins
from tests.scenario.year_tencent import CalendarTencent

# 16:00 UTC is where a billing month begins; 2028 has a 29 February.
EDGE = datetime(2028, 2, 29, 16, 0, tzinfo=UTC)
AMOUNTS = ("20.00", "60.00", "150.00", "400.00")
RATES = (0, 3, 11, 40, 130)
HUAWEI_KINDS = (Kind.MONTHLY, Kind.ONE_TIME)
# Played of every sort in the suite; WORLDS=2000 in the environment plays more, as long as one likes.
MANY = int(os.environ.get("WORLDS", "30"))
SAME_EVERY_TIME = settings(
    max_examples=MANY, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
EXHAUSTING = GuardSettings(max_exhausted=Cap(count=99))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """One customer: its limit, and what it spends."""

    vendor: str
    kind: Kind
    action: OnExhaustion | None
    amount: str
    rate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """What happens before a run: `what` to the customer at this place of the list, with `figure` as it needs."""

    what: str
    place: int = 0
    figure: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A world and its story. `before`: how long before the month's edge it begins; `late`: of the vendors' lags, %."""

    plots: tuple[Plot, ...]
    begins: datetime
    every: timedelta
    late: int
    stale: int
    billed_after: timedelta
    resets_late: timedelta
    story: tuple[Happening, ...]


def plots(vendors: Sequence[str] = ("huawei", "tencent")) -> st.SearchStrategy[Plot]:
    """Draw customers of these vendors, whatever they can do."""

    def of(vendor: str) -> st.SearchStrategy[Plot]:
        kinds = HUAWEI_KINDS if vendor == "huawei" else tuple(Kind)
        return st.builds(
            Plot,
            vendor=st.just(vendor),
            kind=st.sampled_from(kinds),
            action=st.sampled_from(tuple(OnExhaustion)),
            amount=st.sampled_from(AMOUNTS),
            rate=st.sampled_from(RATES),
        )

    return st.one_of([of(vendor) for vendor in vendors])


def scripts(
    happenings: Sequence[str],
    *,
    vendors: Sequence[str] = ("huawei", "tencent"),
    every: Sequence[timedelta] = (timedelta(minutes=10), timedelta(minutes=37), timedelta(days=1)),
    length: int = 14,
    stale: Sequence[int] = (0,),
) -> st.SearchStrategy[Script]:
    """Draw worlds in which these things happen; each begins a few runs before a month's edge."""

    def at_interval(interval: timedelta) -> st.SearchStrategy[Script]:
        happening = st.builds(
            Happening, what=st.sampled_from(happenings), place=st.integers(0, 3), figure=st.integers(0, 9)
        )
        return st.builds(
            Script,
            plots=st.lists(plots(vendors), min_size=2, max_size=4).map(tuple),
            begins=st.integers(-6, 3).map(lambda runs: EDGE + runs * interval + timedelta(minutes=1)),
            every=st.just(interval),
            late=st.sampled_from([0, 50, 100]),
            stale=st.sampled_from(stale),
            billed_after=st.integers(1, length).map(lambda runs: runs * interval + interval / 3),
            resets_late=st.sampled_from([timedelta(0), interval / 2, 2 * interval]),
            story=st.lists(happening, min_size=4, max_size=length).map(tuple),
        )

    return st.sampled_from(every).flatmap(at_interval)


@dataclass(slots=True, kw_only=True)
class World:
    """A script come alive. `limits` by place of the list; `lowered`: places whose limit was changed for this run."""

    script: Script
    clouds: dict[str, CalendarCloud]
    desk: Desk
    limits: list[Limit]
    results: list[Result] = field(default_factory=list)

    def kept(self, place: int) -> Kept:
        """Give a customer as it is now."""
        limit = self.limits[place]
        return self.clouds[limit.account].now(limit.key.customer_id)

    def cloud(self, place: int) -> CalendarCloud:
        """Give the cloud of a customer."""
        return self.clouds[self.limits[place].account]

    def run(self) -> None:
        """Run every account once."""
        for account in self.clouds:
            self.results.append(self.desk.apply(self.limits, account))

    def step(self, happening: Happening) -> None:
        """Let the interval pass, half before something happens and half after it, and run."""
        pause = self.script.every / 2
        self.desk.clock.sleep(pause)
        self.happen(replace(happening, place=happening.place % len(self.limits)))
        self.desk.clock.sleep(pause)
        self.run()
        for cloud in self.clouds.values():
            cloud.is_down = False

    def come_to_rest(self) -> None:
        """Let all faults end, and run until what they left has passed."""
        for cloud in self.clouds.values():
            cloud.glitches.clear()
            cloud.spend_late = cloud.figures_late = cloud.records_late = timedelta(0)
        for _ in range(3):
            self.desk.clock.sleep(timedelta(minutes=30))
            self.run()

    def happen(self, happening: Happening) -> None:
        """Let one thing happen."""
        place, cloud = happening.place, self.cloud(happening.place)
        kept, limit = self.kept(place), self.limits[place]
        if happening.what == "spend":
            kept.rates.append((kept.advanced, RATES[happening.figure % len(RATES)]))
            cloud.advance(kept, kept.advanced)
        elif happening.what == "limit":
            amount = Money.parse(AMOUNTS[happening.figure % len(AMOUNTS)])
            self.limits[place] = replace(limit, amount=amount)
        elif happening.what == "console":
            amount = Money.parse(AMOUNTS[happening.figure % len(AMOUNTS)])
            if amount > cloud.used(kept, kept.advanced):
                cloud.console(kept.id, str(amount))
        elif happening.what == "freeze" and isinstance(cloud, CalendarHuawei):
            if kept.is_free and cloud.used(kept, kept.advanced) < or_zero(kept.granted[-1][1]):
                cloud.freeze_by_hand(kept.id)
        elif happening.what == "outage":
            cloud.is_down = True


def open_world(script: Script, **policy: Any) -> World:
    """Build a world: every customer has stood for twenty days with its amount, and has spent at its rate."""
    clock = virtual(script.begins)
    huawei, tencent = CalendarHuawei(clock=clock), CalendarTencent(clock=clock)
    clouds: dict[str, CalendarCloud] = {"huawei": huawei, "tencent": tencent}
    # A figure that begins anew later than the lag is found out by its fall; whoever comes after the edge sees none.
    huawei.resets_late = script.resets_late if script.begins < EDGE else timedelta(0)
    limits = []
    for number, plot in enumerate(script.plots):
        cloud = clouds[plot.vendor]
        kept = _take_in(cloud, f"1{number}", plot)
        kept.billed_after = script.billed_after
        limits.append(_limit(cloud, kept, plot))
    for cloud in clouds.values():
        cloud.spend_late = cloud.capabilities.lag * script.late / 100
        cloud.figures_late = cloud.records_late = cloud.capabilities.lag * script.stale / 100
    given = {"guards": (EXHAUSTING,), "agreement": Agreement(by="chen", on=date(2028, 1, 1))}
    approvals = tuple(_approval(limit) for limit in limits)
    policies = {name: given | {"approvals": approvals} | policy for name in clouds}
    return World(
        script=script,
        clouds={name: cloud for name, cloud in clouds.items() if cloud.kept},
        desk=desk(*(cloud for cloud in clouds.values() if cloud.kept), every=script.every, settings=policies),
        limits=limits,
    )


def _take_in(cloud: CalendarCloud, customer_id: str, plot: Plot) -> Kept:
    if isinstance(cloud, CalendarTencent):
        restricts = plot.action is OnExhaustion.RESTRICT
        return cloud.take_in(customer_id, plot.amount, plot.rate, non_stop=restricts)
    assert isinstance(cloud, CalendarHuawei)
    automatic = plot.action is OnExhaustion.RESTRICT
    return cloud.take_in(customer_id, plot.amount, plot.rate, kind=plot.kind, automatic=automatic)


def _limit(cloud: CalendarCloud, kept: Kept, plot: Plot) -> Limit:
    cushioned = plot.vendor == "tencent" and plot.action is OnExhaustion.ALERT
    clock = cloud.clock.time
    cloud.advance(kept, clock)
    emulated = plot.vendor == "tencent" and plot.kind is not Kind.CREDIT_LINE
    return Limit(
        account=cloud.account,
        customer=Customer(kept.customer.key),
        kind=plot.kind,
        amount=Money.parse(plot.amount),
        on_exhaustion=plot.action,
        non_stop=kept.non_stop,
        overrun=Overrun(None) if cushioned else None,
        spent_before=kept.curve.between(month_begins(clock), clock) if emulated else None,
    )


def _approval(limit: Limit) -> Approval:
    return Approval(
        account=limit.account,
        customer_id=limit.key.customer_id,
        kind="freeze",
        up_to=None,
        until=datetime(2029, 1, 1, tzinfo=UTC),
        approved_by="chen",
        reason="agreed",
    )
