"""Tidegate itself, composed on the scripted clouds and the in-memory store, as the scenarios drive it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from adapters.clock import UlidIds
from adapters.store.memory import InMemoryStore
from core.intent import Intent
from core.limit import Customer, Limit, OnExhaustion, WritePolicy
from core.money import Money
from core.plan import Plan
from core.policy import AccountPolicy, GuardSettings
from core.run.reconcile import reconcile, survey
from core.run.word import settle_by_word
from core.run.world import Outcome, Request, Result, World
from tests.scenario.scripted_cloud import InMemoryCloud, VirtualClock

LAG = timedelta(minutes=5)
QUARANTINE = timedelta(minutes=10)
WRITE_TIMEOUT = timedelta(seconds=30)
# Longer than anything of a call can still be under way, or a figure late.
A_WHILE = timedelta(minutes=20)
WHO = "chen"


class KilledError(BaseException):
    """The process is gone: nothing may catch it and go on."""


class Unwatched:
    """Nobody looks on."""

    def intent_moved(self, intent: Intent) -> None:
        """Say nothing."""

    def said(self, account: str, sentence: str) -> None:
        """Say nothing."""


def agreed(_plan: Plan) -> bool:
    """Approve of whatever is shown."""
    return True


def meanwhile(action: Callable[[], None]) -> Callable[[Plan], bool]:
    """Approve, after something happened while we asked."""

    def approve(_plan: Plan) -> bool:
        action()
        return True

    return approve


@dataclass(slots=True, kw_only=True)
class Office:
    """One installation with these accounts; `journal` stands before the store where a test wants it to fail."""

    clouds: list[InMemoryCloud]
    clock: VirtualClock
    store: InMemoryStore
    journal: Any
    lag: timedelta = LAG
    quarantine: timedelta = QUARANTINE
    write_timeout: timedelta = WRITE_TIMEOUT
    patience: timedelta = timedelta(seconds=10)
    guards: tuple[GuardSettings, ...] = ()
    books_max: int = 5
    ids: UlidIds = field(default_factory=UlidIds)

    @property
    def cloud(self) -> InMemoryCloud:
        """The first account's."""
        return self.clouds[0]

    @property
    def world(self) -> World:
        """The composition as it is now."""
        return World(
            clouds={cloud.account: cloud for cloud in self.clouds},
            policies={cloud.account: self._policy(cloud) for cloud in self.clouds},
            journal=self.journal,
            observations=self.store,
            clock=self.clock,
            ids=self.ids,
        )

    def _policy(self, cloud: InMemoryCloud) -> AccountPolicy:
        return AccountPolicy(
            name=cloud.account,
            vendor=cloud.capabilities.vendor,
            write_policy=WritePolicy.SYNC,
            guards=self.guards,
            books_max=self.books_max,
            write_timeout=self.write_timeout,
            quarantine=self.quarantine,
            lag=self.lag,
            patience=self.patience,
        )

    def plan(self, *limits: Limit) -> Plan:
        """Run dry."""
        return survey(self.world, limits, Request(command="plan", who=WHO))

    def apply(self, *limits: Limit, approve: Callable[[Plan], bool] = agreed, wait: bool = False) -> Result:
        """Run for real."""
        request = Request(command="apply", who=WHO, wait=wait)
        return reconcile(self.world, limits, request, approve=approve, watch=Unwatched())

    def codes(self, *limits: Limit, runs: int = 6, every: timedelta = A_WHILE) -> list[int]:
        """Run for real so often, and so far apart; give the exit codes."""
        codes = []
        for _ in range(runs):
            self.clock.sleep(every)
            codes.append(self.apply(*limits).exit_code)
        return codes

    def settle(self, reference: str, *, applied: bool | None = None) -> str:
        """Say a person's word."""
        return settle_by_word(self.world, reference, applied=applied, who=WHO, why="looked at the console")

    def drift_notes(self) -> list[str]:
        """Give the sentences of the audit record on changes from outside."""
        return [str(row.body["sentence"]) for row in self.store.audit() if row.event == "drift"]


def office(*clouds: InMemoryCloud, store: InMemoryStore | None = None, **settings: Any) -> Office:
    """Compose one on these accounts, which share a clock; `settings` are Office's."""
    clock = clouds[0].clock
    kept = store or InMemoryStore(clock=clock)
    return Office(clouds=list(clouds), clock=clock, store=kept, journal=kept, **settings)


def limit(cloud: InMemoryCloud, customer_id: str, amount: str, *, on_exhaustion: OnExhaustion | None = None) -> Limit:
    """Want an amount for a customer, of the vendor's first kind."""
    return Limit(
        account=cloud.account,
        customer=Customer(cloud.key(customer_id)),
        kind=min(cloud.capabilities.kinds),
        amount=Money.parse(amount),
        on_exhaustion=on_exhaustion,
    )


def held(result: Result | Plan) -> dict[str, str]:
    """Say what is held, by customer id: by the plan or while it was carried out."""
    plan = result.plan if isinstance(result, Result) else result
    outcomes: Iterable[Outcome] = result.outcomes if isinstance(result, Result) else ()
    words = {hold.key.customer_id: hold.reason.word for hold in plan.holds}
    return words | {row.correction.key.customer_id: row.held.word for row in outcomes if row.held is not None}


def details(result: Result | Plan) -> str:
    """Give all that is said of what is held, in one text."""
    plan = result.plan if isinstance(result, Result) else result
    outcomes: Iterable[Outcome] = result.outcomes if isinstance(result, Result) else ()
    return " | ".join([*(hold.detail for hold in plan.holds), *(row.sentence for row in outcomes)])
