"""Whether 20 accounts with 2,000 customers each stay on their schedule of ten minutes, in one daemon.

Called by `make bench`, or by itself; prints figures and asserts nothing. Twenty simulated partner accounts, ten of each
vendor, answer on loopback and enforce the documented rates, each its own; only the network's delay is missing. A
schedule holds where a round of all accounts takes less than its ten minutes; two rounds are measured, all accounts at
once as at a start, which is worse than ever happens later, when they are spread by their jitter:
the first pass ever, which makes every correction that is due, and one more, as all later ones are.
"""

import contextlib
import json
import signal
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.limit import Customer, CustomerKey, Kind, Limit
from scheduler import bootstrap
from scheduler.bootstrap.simulated import SimulatedVendor, generated_world, secret_keys
from tests.bench.dry_run import RATES
from tests.bench.running import Running, running

ACCOUNTS = 10  # of each of the two vendors
CUSTOMERS = 2_000  # in each
EVERY = 600.0  # seconds
TARGET_ROUND_SECONDS = EVERY
# A quarter of the generated wishes differs from what is granted; with every twelfth of them two customers in a hundred
# have to be changed by the first pass. No partner changes more in ten minutes.
WISHED = 12
_ENDS = ("run_finished", "run_failed")
# Ids of generated customers are 1,000 apart, and no customer may be in two accounts.
_APART = CUSTOMERS * 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One pass over every account. `slowest`: seconds of the longest pass; `cpu`: seconds of the daemon's CPU.

    `calls`: requests that the vendors saw; `applied`: corrections made; `failed`: passes without a result.
    """

    seconds: float
    slowest: float
    cpu: float
    calls: int
    applied: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Both rounds. `missed`: ticks without a pass of their own; `throttled`: calls refused by a vendor as too many."""

    first: Round
    later: Round
    missed: int
    throttled: int
    memory: int

    @property
    def worst(self) -> float:
        """Seconds of the round that took longer."""
        return max(self.first.seconds, self.later.seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """The simulated accounts by name, and the configuration that was written for them."""

    vendors: dict[str, SimulatedVendor]
    config: Path

    def calls(self) -> int:
        """All requests that they saw."""
        return sum(sum(vendor.requests().values()) for vendor in self.vendors.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Where a round begins: passes ended so far, the daemon's CPU, the vendors' requests; by default at the start."""

    ended: int = 0
    cpu: float = 0.0
    calls: int = 0
    began: float = field(default_factory=time.perf_counter)


@contextlib.contextmanager
def served() -> Iterator[Accounts]:
    """Serve all accounts, and write configuration, limits and keys."""
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as name, contextlib.ExitStack() as stack:
        folder, vendors, limits = Path(name), {}, []
        for number in range(ACCOUNTS):
            for vendor in sorted(RATES):
                account = f"{vendor}-{number}"
                vendors[account], wanted = _account(account, vendor, number)
                stack.enter_context(vendors[account].serve(0, enforce_rates=True))
                limits += wanted
        bootstrap.write_limits(folder / "limits.csv", limits)
        yield Accounts(vendors=vendors, config=_config(folder, vendors))


def measured() -> Schedule:
    """Run the daemon for two rounds."""
    with served() as accounts, running(accounts.config) as daemon:
        first = _round(daemon, accounts, Marks())
        marks = _marked(daemon, accounts)
        daemon.process.send_signal(signal.SIGHUP)  # a pass for every account, now
        later = _round(daemon, accounts, marks)
        (metrics,) = daemon.ask("/metrics")
        figures = [line.rpartition(" ") for line in metrics.text.splitlines() if not line.startswith("#")]
        return Schedule(
            first=first,
            later=later,
            missed=_total(figures, "tidegate_ticks_missed_total"),
            throttled=_total(figures, "tidegate_vendor_throttled_total"),
            memory=daemon.memory("VmHWM"),
        )


def _round(daemon: Running, accounts: Accounts, marks: Marks) -> Round:
    """Wait until every account has had one more pass than at the marks; give what that took."""
    daemon.wait(lambda: len(daemon.events(*_ENDS)) >= marks.ended + len(accounts.vendors))
    ends = daemon.events(*_ENDS)[marks.ended :]
    runs = [event for event in ends if event["event"] == "run_finished"]
    made = [event for event in daemon.events("correction_finished") if event["run"] in {run["run"] for run in runs}]
    return Round(
        seconds=time.perf_counter() - marks.began,
        slowest=max((float(str(run["seconds"])) for run in runs), default=0.0),
        cpu=daemon.cpu() - marks.cpu,
        calls=accounts.calls() - marks.calls,
        applied=sum(event.get("state") == "settled_applied" for event in made),
        failed=len(ends) - len(runs),
    )


def _marked(daemon: Running, accounts: Accounts) -> Marks:
    return Marks(ended=len(daemon.events(*_ENDS)), cpu=daemon.cpu(), calls=accounts.calls(), began=time.perf_counter())


def _account(account: str, vendor: str, number: int) -> tuple[SimulatedVendor, list[Limit]]:
    simulated = bootstrap.simulate(vendor)
    customers, wishes = generated_world(vendor, CUSTOMERS, seed=number + 1)
    granted = {spec.customer_id: spec.granted for spec in customers if spec.granted is not None}
    for spec in customers:
        simulated.add_customer(replace(spec, customer_id=_own(spec.customer_id, vendor, number)))
    limits = [
        Limit(
            account=account,
            customer=Customer(CustomerKey(vendor, _own(wish.customer_id, vendor, number)), wish.indirect_partner_id),
            kind=Kind(wish.kind),
            amount=wish.amount if place % WISHED == 0 else granted[wish.customer_id],
            name=wish.name,
        )
        for place, wish in enumerate(wishes)
    ]
    return simulated, limits


def _own(customer_id: str, vendor: str, number: int) -> str:
    return str(int(customer_id) + number * _APART) if vendor == "tencent" else customer_id


def _config(folder: Path, vendors: dict[str, SimulatedVendor]) -> Path:
    lines = ["[tidegate]", 'store = "sqlite:///tidegate.db"', 'limits = ["limits.csv"]', 'lag = "0s"']
    for account, simulated in vendors.items():
        vendor = account.partition("-")[0]
        lines += ["", f"[accounts.{account}]", f'vendor = "{vendor}"', 'write_policy = "sync"', 'every = "10m"']
        for key, value in simulated.settings().items():
            written = value
            if key in secret_keys(vendor):
                written = f"file:{account}-{key}"
                secret = folder / f"{account}-{key}"
                secret.write_text(value, encoding="utf-8")
                secret.chmod(0o600)
            lines.append(f"{key} = {json.dumps(written)}")
    path = folder / "config.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _total(figures: list[tuple[str, str, str]], name: str) -> int:
    return int(sum(float(value) for series, _, value in figures if series.startswith(f"{name}{{")))


def main() -> None:
    """Print both rounds."""
    made = measured()
    print(f"{2 * ACCOUNTS} accounts with {CUSTOMERS:,} customers each, every {EVERY:.0f} s")  # noqa: T201 - a bench prints
    for name, each in (("first round", made.first), ("later round", made.later)):
        print(  # noqa: T201 - a bench prints
            f"  {name}: {each.seconds:.1f} s ({each.seconds / EVERY:.0%} of the interval), slowest pass "
            f"{each.slowest:.1f} s, {each.calls:,} calls, {each.applied:,} applied, {each.failed} failed, "
            f"CPU {each.cpu:.1f} s ({each.cpu / EVERY:.1%} of a core over the interval)"
        )
    print(f"  {made.missed} ticks missed, {made.throttled} calls throttled, {made.memory / 1e6:.0f} MB at most")  # noqa: T201 - a bench prints


if __name__ == "__main__":
    main()
