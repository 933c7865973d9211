"""Real processes, really killed while a vendor holds their call: the next runs make it good."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.clouds.registry import VENDORS
from adapters.sandbox.faults import Mode
from adapters.sandbox.world import SimulatedVendor
from core.capabilities import Change
from core.money import Money
from core.ports import Clock
from core.run.world import World
from scheduler import bootstrap
from scheduler.bootstrap import composing
from scheduler.config import Settings
from tests.contract.cloud_rig import ALL_VENDORS, SwiftClock, keys_of, spec_of
from tests.contract.test_cloud_runs import write_operation
from tests.surface.cli_rig import run, unhurried

ROOT = Path(__file__).parents[2]
MOST_RUNS = 6
LONGEST_RUN = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A folder with a configuration, and the vendor it speaks of."""

    name: str
    world: SimulatedVendor
    clock: SwiftClock
    folder: Path
    environment: dict[str, str]

    def start(self, command: str) -> "subprocess.Popen[bytes]":
        """Start the command line as its users do."""
        return subprocess.Popen(  # noqa: S603 - our own interpreter on our own package
            [sys.executable, "-m", "scheduler", command, "-c", str(self.folder / "config.toml")],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def run(self, command: str) -> tuple[int, str]:
        """Run the command to its end, in this process: it finds nothing there of one that was killed but its files.

        What it waits for goes by at once, here and at the vendor.
        """
        with pytest.MonkeyPatch.context() as patch, unhurried():
            patch.setattr(bootstrap, "compose", self._composed)
            for name in self.environment.keys() - os.environ.keys():
                patch.setenv(name, self.environment[name])
            result = run(command, "-c", str(self.folder / "config.toml"))
        return result.exit_code, result.output

    def _composed(
        self, settings: Settings, *, clock: Clock | None, **options: Any
    ) -> contextlib.AbstractContextManager[World]:
        return composing.compose(settings, clock=clock or self.clock, **options)


@pytest.fixture(params=ALL_VENDORS)
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """Two customers at one vendor, both to be raised."""
    vendor = VENDORS[request.param]
    clock = SwiftClock()
    world = vendor.simulate(now=clock.now)
    with world.serve():
        specs = [spec_of(vendor.name, number, granted=500_00) for number in range(2)]
        document, values = keys_of(vendor, world)
        keys = "\n".join(f'{name} = "{value}"' for name, value in document.items())
        rows = "\n".join(f"main,{spec.customer_id},{spec.kind},{600 + number}.00," for number, spec in enumerate(specs))
        for spec in specs:
            world.add_customer(spec)
        (tmp_path / "limits.csv").write_text(f"account,customer_id,kind,amount,on_exhaustion\n{rows}\n")
        (tmp_path / "config.toml").write_text(
            '[tidegate]\nstore = "sqlite:///tidegate.db"\nlimits = ["limits.csv"]\n'
            'quarantine = "1s"\nwrite_timeout = "1s"\nlag = "0s"\n\n'
            f'[accounts.main]\nvendor = "{vendor.name}"\nwrite_policy = "sync"\n{keys}\n'
        )
        secrets = {name.upper(): value for name, value in values.items()}
        environment = {**os.environ, **secrets}
        yield Office(name=vendor.name, world=world, clock=clock, folder=tmp_path, environment=environment)


def wait_for_the_call(office: Office, operation: str) -> None:
    """Wait until the vendor has read one request of this operation."""
    until = time.monotonic() + LONGEST_RUN
    while not office.world.requests().get(operation, 0):
        assert time.monotonic() < until, "the call never came"
        time.sleep(0.01)


def assert_ends_as_wanted(office: Office) -> None:
    """The runs that follow end with 0 and the world as wanted, every increment applied once."""
    runs: list[tuple[int, str]] = []
    while not runs or (runs[-1][0] != 0 and len(runs) < MOST_RUNS):
        runs.append(office.run("apply"))
    assert runs[-1][0] == 0, runs
    granted = [office.world.granted(customer_id) for customer_id in office.world.customer_ids()]
    assert granted == [Money(600_00), Money(601_00)]
    if VENDORS[office.name].capabilities.change is Change.INCREMENT:
        assert len(office.world.applied_writes()) == len(granted)


@pytest.mark.parametrize("fate", [Mode.HANG_BEFORE, Mode.HANG_AFTER])
def test_a_kill_while_the_vendor_holds_the_call(office: Office, fate: Mode) -> None:
    """Killed with its call at the vendor, applied or not, the next runs settle it and end as wanted, applied once."""
    operation = write_operation(office.name)
    office.world.faults.plan(operation, fate, seconds=0.5)
    process = office.start("apply")
    wait_for_the_call(office, operation)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=LONGEST_RUN)
    assert_ends_as_wanted(office)
    code, output = office.run("plan")
    assert code == 0, output


def test_kills_at_any_time_end_as_wanted(office: Office) -> None:
    """Killed again and again, each time a little later, the runs end as wanted and nothing is applied twice."""
    for delay in (0.5, 0.8, 1.0, 1.2, 1.5):
        process = office.start("apply")
        try:
            process.wait(timeout=delay)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate(timeout=LONGEST_RUN)
    assert_ends_as_wanted(office)
