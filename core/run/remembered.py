"""A vendor as it was seen last: the port Cloud made of stored standings, which asks nobody anything.

Used by core.run.explain, so that what is told from stored facts is judged by the same code as what is read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from core.capabilities import Capabilities
from core.errors import PermanentReadError
from core.exposure import Headroom
from core.intent import Intent
from core.limit import Customer, CustomerKey
from core.money import Money
from core.policy import AccountPolicy
from core.ports import NotSent, Observation, Observations, ProbeResult, Progress, Reply, no_progress
from core.run.world import World
from core.standing import Standing
from core.witness import Witness

_EVER = datetime.max.replace(tzinfo=UTC)
_NOT_ASKED = "the vendor was not asked"


def remembering(world: World, policy: AccountPolicy, capabilities: Capabilities) -> World:
    """Give a world of this one account, in which its vendor shows what was seen of it last, and is not asked."""
    cloud = RememberedCloud(policy.name, capabilities, world.observations, world.clock.now())
    return replace(world, clouds={policy.name: cloud}, policies={policy.name: policy})


class RememberedCloud:
    """Implements `core.ports.Cloud`; `now`: when it was opened, aware UTC."""

    def __init__(self, account: str, capabilities: Capabilities, observations: Observations, now: datetime) -> None:
        self._account = account
        self._capabilities = capabilities
        self._observations = observations
        self._now = now

    @property
    def capabilities(self) -> Capabilities:
        """What the vendor can do."""
        return self._capabilities

    def observe(
        self,
        customers: Sequence[Customer],
        *,
        everyone: bool,  # noqa: ARG002 - whoever was not asked for is not remembered here
        progress: Progress = no_progress,  # noqa: ARG002 - there is nothing to wait for
    ) -> Observation:
        """Give what was seen last of these customers."""
        latest = self._latest([one.key for one in customers])
        never = PermanentReadError("observe", "never_seen", "it was never observed")
        return Observation(
            account=self._account,
            begun_at=self._now,
            standings={one.key: latest[one.key] for one in customers if one.key in latest},
            unreadable={one.key: never for one in customers if one.key not in latest},
        )

    def _latest(self, keys: Sequence[CustomerKey]) -> Mapping[CustomerKey, Standing]:
        """Give what was seen last; of one customer without reading ten thousand."""
        if len(keys) > 1:
            return self._observations.latest(self._account)
        seen = [self._observations.earlier(key, _EVER) for key in keys]
        return {one.key: one for one in seen if one is not None and one.account == self._account}

    def read_again(self, customers: Sequence[Customer]) -> Observation:
        """Give the same."""
        return self.observe(customers, everyone=False)

    def quota(self) -> Money | None:
        """None: it was not asked for."""
        return None

    def headroom(self) -> Headroom | None:
        """None: it was not asked for."""
        return None

    def billed(self, customer: Customer, month: str) -> Money | None:  # noqa: ARG002 - the port's signature
        """None: it was not asked for."""
        return None

    def witness(self, customer: Customer) -> Witness:  # noqa: ARG002 - the port's signature
        """Refuse: the vendor's records are not stored."""
        raise PermanentReadError("witness", "not_asked", _NOT_ASKED)

    def send(self, intent: Intent) -> Reply:  # noqa: ARG002 - the port's signature
        """Send nothing."""
        return NotSent(sentence=_NOT_ASKED)

    def probe(self) -> Sequence[ProbeResult]:
        """Ask nothing."""
        return ()

    def calls(self) -> Mapping[str, int]:
        """None were made."""
        return {}

    def close(self) -> None:
        """Hold nothing open."""
