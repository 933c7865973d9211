"""Meters what an account's observation showed, in the order in which observations were begun.

Called by core.run.observe; what it finds is kept by real runs only, under compare-and-set: an observation counts once.
A dry run may be of a draft of the limits, and what a limit counts from is in the meter. Customers with an open change,
or whose figures may be stale, are not metered.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from core.capabilities import Capabilities
from core.limit import CustomerKey, Limit
from core.meter import Meter, Rules
from core.policy import AccountPolicy
from core.ports import Metered
from core.spending import observed, rules_of
from core.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Metering:
    """One account's meters after an observation, and what is to be kept of it."""

    meters: Mapping[CustomerKey, Meter]
    before: Mapping[CustomerKey, Meter]
    changes: tuple[Metered, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Meterer:
    """Meters one account. `limits`: all of the account, as written."""

    policy: AccountPolicy
    capabilities: Capabilities
    limits: Mapping[CustomerKey, Limit] = field(default_factory=dict)

    @property
    def rules(self) -> Rules:
        """How the account's figures are read."""
        policy = self.policy
        return rules_of(self.capabilities, zone=policy.billing_timezone, lag=policy.lag, every=policy.every)

    def meter(
        self,
        standings: Iterable[Standing],
        before: Mapping[CustomerKey, Meter],
        blocked: Collection[CustomerKey],
    ) -> Metering:
        """Count these observations onto the meters there were."""
        rules = self.rules
        meters = dict(before)
        changes = []
        for standing in standings:
            key = standing.key
            if key in blocked:
                continue
            earlier = before.get(key)
            found = observed(earlier, standing, self.limits.get(key), rules)
            if found is None:
                continue
            meters[key] = found.after
            changes.append(
                Metered(
                    before=earlier.metered_at if earlier is not None else None,
                    after=found.after,
                    day=found.day,
                    closed=(found.closed,) if found.closed is not None else (),
                )
            )
        return Metering(meters=meters, before=before, changes=tuple(changes))

    def again(self, standing: Standing, meter: Meter | None) -> Meter | None:
        """Count one fresh read for judging again; it is not kept."""
        found = observed(meter, standing, self.limits.get(standing.key), self.rules)
        return found.after if found is not None else meter
