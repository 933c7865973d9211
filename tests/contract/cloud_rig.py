"""One account at one simulated vendor, opened through the registry on the real SDK, for the cloud contract tests.

Knows vendors only by what the registry says of them, so a new vendor is tested without a word here.
"""

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from adapters.clock import SystemClock, UlidIds
from adapters.clouds.registry import OBSERVE, VENDORS, Vendor
from adapters.sandbox.generate import generate
from adapters.sandbox.server import LoopbackServer
from adapters.sandbox.world import CustomerSpec, SimulatedVendor
from core.capabilities import Capabilities
from core.intent import Action, Intent, Position, mark_of
from core.limit import Customer, CustomerKey, Kind, OnExhaustion, WritePolicy
from core.money import ZERO, Money
from core.policy import AccountPolicy
from core.ports import Cloud, Observation
from core.standing import Absence, Restriction, Standing

ACCOUNT = "account"
INSTALLATION = "TEST"
READ_TIMEOUT = timedelta(seconds=5)
WRITE_TIMEOUT = timedelta(seconds=5)
QUARANTINE = timedelta(minutes=20)
# So much of the documented rates that no test waits for them; the rates have tests of their own.
UNHURRIED = 1_000.0
ALL_VENDORS = tuple(sorted(VENDORS))
LARGEST = 10_000_00

# Real sockets in every example: few examples, no deadline, the same ones in every run.
ON_THE_WIRE = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


class SwiftClock(SystemClock):
    """A clock whose waits are over at once: it goes on by as much as was waited for, and the vendor's with it.

    Only for what happens when it is asked for: an answer that is late is late by the machine's clock.
    """

    def __init__(self) -> None:
        super().__init__()
        self._ahead = timedelta(0)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Aware UTC, as late as all waits would have made it."""
        with self._lock:
            return super().now() + self._ahead

    def sleep(self, duration: timedelta) -> None:
        """Let that much time go by."""
        if not self.stopping():
            with self._lock:
                self._ahead += max(duration, timedelta(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """A served world and the adapter that looks at it."""

    vendor: Vendor
    world: SimulatedVendor
    server: LoopbackServer
    cloud: Cloud
    policy: AccountPolicy
    clock: SystemClock
    ids: UlidIds

    def customer(self, customer_id: str) -> Customer:
        """Name one customer as core does."""
        return Customer(CustomerKey(self.vendor.name, customer_id))

    def customers(self, ids: Sequence[str] | None = None) -> list[Customer]:
        """Name these customers, or all of the world."""
        return [self.customer(customer_id) for customer_id in (self.world.customer_ids() if ids is None else ids)]

    def position(self, customer_id: str) -> Position:
        """What stands in the world for one customer."""
        kind, action = self.world.kind(customer_id), self.world.action(customer_id)
        return Position(
            granted=self.world.granted(customer_id),
            kind=None if kind is None else Kind(kind),
            on_exhaustion=None if action is None else OnExhaustion(action),
        )

    def sent(
        self,
        customer_id: str,
        wanted: Position,
        *,
        write_timeout: timedelta = WRITE_TIMEOUT,
        action: Action = Action.SET_AMOUNT,
        restriction: Restriction | None = None,
    ) -> Intent:
        """Give the intent, as it is on disk before its first byte leaves, that makes the world as wanted.

        `restriction`: what our own records say of the customer before, for an intent that lifts it.
        """
        ulid, now = self.ids.ulid(), self.clock.now()
        before = replace(self.position(customer_id), restriction=restriction)
        standing = ZERO if before.granted is None else before.granted
        recorded = Intent(
            id=ulid,
            mark=mark_of(INSTALLATION, ulid),
            run=ulid,
            who="contract suite",
            account=ACCOUNT,
            customer=self.customer(customer_id),
            action=action,
            before=before,
            wanted=wanted,
            change=None if wanted.granted is None else wanted.granted - standing,
            rows_before=None,
            inputs_hash="",
            epoch=1,
            recorded_at=now,
        )
        return recorded.sent(now, write_timeout, QUARANTINE)

    def seen(self) -> int:
        """Count the requests that reached the vendor."""
        return sum(self.server.requests().values())

    def applied(self) -> int:
        """Count the changes that the vendor applied through its interface."""
        return len(self.world.applied_writes())


def at_exhaustion(
    capabilities: Capabilities, wanted: OnExhaustion | None, before: OnExhaustion | None
) -> OnExhaustion | None:
    """What the vendor itself does at exhaustion once a write has wanted this; the rest of it is kept by core."""
    match wanted:
        case None:
            return before
        case OnExhaustion.FREEZE if capabilities.restricts_by_call:
            return OnExhaustion.ALERT
        case OnExhaustion.ALERT if capabilities.alert_needs_overrun:
            return capabilities.default_action
        case OnExhaustion.RESTRICT if capabilities.restrict_needs_non_stop:
            return capabilities.default_action
        case _:
            return wanted


def keys_of(vendor: Vendor, world: SimulatedVendor) -> tuple[dict[str, str], dict[str, str]]:
    """Split what the simulator says of its account: (settings with references, values of secrets by plain name)."""
    given = dict(world.settings())
    secret = {name.removeprefix(OBSERVE) for name in vendor.settings.model_fields if name.startswith(OBSERVE)}
    values = {name: given[name] for name in secret}
    plain = {name: value for name, value in given.items() if name not in secret}
    return {**plain, **{name: f"env:{name.upper()}" for name in secret}}, values


@contextlib.contextmanager
def opened(
    name: str,
    specs: Sequence[CustomerSpec] = (),
    *,
    read_timeout: timedelta = READ_TIMEOUT,
    secrets: Mapping[str, str] | None = None,
    clock: SystemClock | None = None,
) -> Iterator[Rig]:
    """Serve a world with these customers and open its account, both by one clock.

    `secrets` replaces values of the right keys.
    """
    clock = clock or SystemClock()
    vendor = VENDORS[name]
    world = vendor.simulate(now=clock.now)
    for spec in specs:
        world.add_customer(spec)
    policy = AccountPolicy(
        name=ACCOUNT,
        vendor=name,
        write_policy=WritePolicy.SYNC,
        write_timeout=WRITE_TIMEOUT,
        quarantine=QUARANTINE,
        lag=timedelta(0),  # what the simulated vendors are behind, unless they are switched to be
    )
    with world.serve() as server:
        document, values = keys_of(vendor, world)
        cloud = vendor.open(
            policy=policy,
            settings=vendor.settings.model_validate(document),
            secrets={**values, **(secrets or {})},
            rate_share=UNHURRIED,
            read_timeout=read_timeout,
            clock=clock,
        )
        try:
            yield Rig(vendor=vendor, world=world, server=server, cloud=cloud, policy=policy, clock=clock, ids=UlidIds())
        finally:
            cloud.close()
    assert server.failures == []


def ids_of(name: str, count: int) -> list[str]:
    """Give ids in the vendor's form."""
    return [spec.customer_id for spec in generate(name, count, kinds=[*VENDORS[name].capabilities.kinds])]


def spec_of(
    name: str, number: int, *, granted: int | None, spent: int = 0, kind: Kind | None = None, restricted: bool = False
) -> CustomerSpec:
    """Describe the `number`th customer, amounts in cents; nothing is spent while the test looks."""
    first = min(VENDORS[name].capabilities.kinds)
    return CustomerSpec(
        customer_id=ids_of(name, number + 1)[number],
        name=f"Customer {number} [Ltd.]",
        granted=None if granted is None else Money(granted),
        kind=None if granted is None else (kind or first),
        spent=Money(spent),
        restricted=restricted,
    )


@st.composite
def worlds(draw: st.DrawFn, name: str, *, at_least: int = 0) -> list[CustomerSpec]:
    """Small worlds: customers with and without a grant, untouched, half used, used up or overdrawn, some cut off."""
    kinds = sorted(VENDORS[name].capabilities.kinds)
    specs = []
    for number in range(draw(st.integers(at_least, 6))):
        granted = draw(st.none() | st.integers(1, LARGEST))
        spent = 0 if granted is None else draw(st.sampled_from([0, granted // 2, granted, granted * 2]))
        kind, restricted = draw(st.sampled_from(kinds)), draw(st.booleans())
        specs.append(spec_of(name, number, granted=granted, spent=spent, kind=kind, restricted=restricted))
    return specs


def assert_partitioned(observation: Observation, asked: Sequence[Customer]) -> None:
    """Every asked customer is in exactly one of standings, unreadable and absent, and nobody else is."""
    parts = [set(observation.standings), set(observation.unreadable), set(observation.absent)]
    assert sum(len(part) for part in parts) == len(set().union(*parts))
    assert set().union(*parts) == {customer.key for customer in asked}


def assert_true(rig: Rig, standing: Standing) -> None:
    """The standing says what the world is; what it does not know it says it does not know."""
    customer_id = standing.key.customer_id
    granted = rig.world.granted(customer_id)
    if granted is not None:
        assert standing.granted == granted
        kind = rig.world.kind(customer_id)
        assert standing.kind == kind
    elif standing.granted is not Absence.NOT_SET:
        # A vendor whose customers all have a credit shows one that never got any as zero.
        assert rig.vendor.capabilities.zero_allowed
        assert standing.granted == ZERO
    if standing.restriction is not None:
        assert (standing.restriction is not Restriction.NONE) == rig.world.restricted(customer_id)
    assert standing.currency == "USD"
    assert standing.account == ACCOUNT
