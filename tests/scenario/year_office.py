"""Tidegate on the vendors of virtual time, as the worlds and the year drive it: one composition, run after run."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from adapters.clock import UlidIds
from adapters.store.memory import InMemoryStore
from core.limit import CustomerKey, Limit, WritePolicy
from core.meter import Meter
from core.plan import HoldReason, Plan
from core.policy import AccountPolicy
from core.run.reconcile import reconcile, survey
from core.run.world import Request, Result, World
from tests.scenario.calendar_cloud import CalendarCloud
from tests.scenario.scripted_cloud import VirtualClock
from tests.scenario.scripted_office import WHO, Unwatched, agreed

DAILY = timedelta(days=1)
# What passes by itself: with a second look, a figure that counts a little later, or the period that is unsure.
TRANSIENT = frozenset(
    {HoldReason.ONE_OBSERVATION, HoldReason.TOO_EARLY, HoldReason.STALE_READ, HoldReason.SPEND_UNSURE}
)


@dataclass(slots=True, kw_only=True)
class Desk:
    """One installation. `settings`: by account, what its policy has besides the ordinary."""

    clouds: Sequence[CalendarCloud]
    clock: VirtualClock
    store: Any
    every: timedelta = DAILY
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    ids: UlidIds = field(default_factory=UlidIds)

    @property
    def world(self) -> World:
        """The composition as it is now."""
        return World(
            clouds={cloud.account: cloud for cloud in self.clouds},
            policies={cloud.account: self.policy(cloud) for cloud in self.clouds},
            journal=self.store,
            observations=self.store,
            clock=self.clock,
            ids=self.ids,
        )

    def policy(self, cloud: CalendarCloud) -> AccountPolicy:
        """Give an account's policy."""
        given: dict[str, Any] = {"lag": cloud.capabilities.lag, "every": self.every}
        given |= self.settings.get(cloud.account, {})
        return AccountPolicy(
            name=cloud.account, vendor=cloud.capabilities.vendor, write_policy=WritePolicy.SYNC, **given
        )

    def apply(self, limits: Sequence[Limit], account: str) -> Result:
        """Run one account for real, as the daemon does: one after the other, so that time passes the same way."""
        request = Request(command="daemon", who=WHO, accounts=frozenset({account}))
        return reconcile(self.world, limits, request, approve=agreed, watch=Unwatched())

    def plan(self, limits: Sequence[Limit], account: str) -> Plan:
        """Run one account dry."""
        return survey(self.world, limits, Request(command="plan", who=WHO, accounts=frozenset({account})))

    def meter(self, cloud: CalendarCloud, customer_id: str) -> Meter | None:
        """Give a customer's meter as it is kept."""
        found: Meter | None = self.store.meters(cloud.account).get(cloud.key(customer_id))
        return found


def desk(*clouds: CalendarCloud, store: Any = None, **settings: Any) -> Desk:
    """Compose one on these accounts, which share a clock."""
    clock = clouds[0].clock
    return Desk(clouds=clouds, clock=clock, store=store or InMemoryStore(clock=clock), **settings)


def left_to_do(plan: Plan, but: Collection[CustomerKey] = ()) -> list[str]:
    """Say what a plan still has that does not pass by itself, leaving some customers out."""
    rows = [
        f"{row.key} {row.action} {row.before.granted} to {row.after.granted}: {row.detail}"
        for row in plan.pending()
        if row.key not in but
    ]
    held = [
        f"{hold.key} {hold.reason.word}: {hold.detail}"
        for hold in plan.holds
        if hold.reason not in TRANSIENT and hold.key not in but
    ]
    return rows + held


def virtual(begins: datetime) -> VirtualClock:
    """Give a clock that stands at this moment."""
    clock = VirtualClock()
    clock.time = begins
    return clock
