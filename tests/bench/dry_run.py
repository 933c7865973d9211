"""What a dry run over 5,000 customers at each vendor costs: calls, throttled calls, and time.

Called by `make bench`, or by itself; prints figures and asserts nothing. The real adapters and SDKs ask simulated
vendors on loopback that enforce the documented rates; only the network's delay is missing.
"""

import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.clouds.huawei.requests import RATES as HUAWEI
from adapters.clouds.tencent.requests import RATES as TENCENT
from core.plan import Plan
from core.run.reconcile import survey
from core.run.world import Request
from scheduler import bootstrap
from scheduler.sandbox import Sandbox, account_of, generated, served

CUSTOMERS = 5_000
TARGET_CALLS = 220
TARGET_THROTTLED = 0.02
TARGET_RATIO = 1.2
RATES: Mapping[str, Mapping[str, float]] = {"huawei": HUAWEI, "tencent": TENCENT}


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What one run took. `allowed`: the seconds that its slowest operation needs at the configured share of its rate.

    `calls`, `seen`: by vendor and operation, as the client made them and as the vendor saw them.
    """

    plan: Plan
    seconds: float
    allowed: float
    throttled: int
    calls: Mapping[str, Mapping[str, int]]
    seen: Mapping[str, Mapping[str, int]]

    @property
    def total(self) -> int:
        """All requests that the vendors saw."""
        return sum(sum(counts.values()) for counts in self.seen.values())


@contextmanager
def world_of(customers: int) -> Iterator[Sandbox]:
    """Serve that many customers at each vendor, under the documented rates."""
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as folder:
        scenes = {vendor: generated(vendor, customers, seed=1) for vendor in RATES}
        with served(Path(folder), scenes, ports={}) as made:
            yield made


def dry_run(made: Sandbox) -> DryRun:
    """Plan once, in this process."""
    settings = bootstrap.load(made.config)
    share = {account.vendor: float(account.rate_share) for account in settings.accounts.values()}
    with bootstrap.compose(settings, observe_only=True) as world:
        began = time.perf_counter()
        plan = survey(world, settings.limits, Request(command="plan", who="bench"))
        seconds = time.perf_counter() - began
        calls = {vendor: dict(world.clouds[account_of(vendor)].calls()) for vendor in RATES}
    throttled = sum(counts.pop("throttled", 0) for counts in calls.values())
    allowed = max(
        (count - 1) / (RATES[vendor][operation] * share[vendor])
        for vendor, counts in calls.items()
        for operation, count in counts.items()
    )
    seen = {vendor: dict(simulated.requests()) for vendor, simulated in made.vendors.items()}
    return DryRun(plan=plan, seconds=seconds, allowed=allowed, throttled=throttled, calls=calls, seen=seen)


def measured() -> DryRun:
    """Serve the world and plan it once."""
    with world_of(CUSTOMERS) as made:
        return dry_run(made)


def main() -> None:
    """Print what the vendors saw, and what it took."""
    run = measured()
    for vendor, counts in run.seen.items():
        print(f"{vendor}: " + ", ".join(f"{name} {count}" for name, count in sorted(counts.items())))  # noqa: T201 - a bench prints
    print(f"{run.total} calls, {run.throttled} throttled, {run.seconds:.1f} s of {run.allowed:.1f} s")  # noqa: T201 - a bench prints
    print(f"{len(run.plan.corrections):,} corrections, {len(run.plan.holds):,} holds, complete: {run.plan.complete}")  # noqa: T201 - a bench prints


if __name__ == "__main__":
    main()
