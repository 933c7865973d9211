"""The command line against simulated vendors, in this process or as one of its own, for the surface tests."""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tenacity import wait_none

from adapters.sandbox.world import CustomerSpec, SimulatedVendor
from adapters.wire import line, rates
from core.limit import Customer, CustomerKey, Kind, Limit, OnExhaustion
from core.money import Money
from scheduler.cli.entry import command_line
from scheduler.sandbox import Scene, account_of, served

ROOT = Path(__file__).resolve().parents[2]
RAISED = "5d8c1e7a90b34f62a1c7e3b5d9f04826"  # at Huawei
STATED = "8f3b2a6c4d5e4f10b7a9c8d6e5f4a3b2"  # at Huawei, with an action of its own
UNLISTED = "0c7e5d3b1a9f48e6b2d4c6a8f0e1d3c5"  # at Huawei, without a limit
GRANTED = "200000104217"  # at Tencent, raised
TAKEN = "200000358840"  # at Tencent, cut
ALLOCATE = "AllocateCustomerCredit"
UPDATE = "UpdateSubCustomerBudget"
WRITES = {ALLOCATE, UPDATE}
PLENTY = 1_000.0  # times the documented rates


def customer(customer_id: str, kind: Kind, granted: str | None, spent: str = "100.00") -> CustomerSpec:
    """Give one customer as the world begins."""
    amount = None if granted is None else Money.parse(granted)
    return CustomerSpec(
        customer_id=customer_id, name=f"Name of {customer_id}", kind=kind, granted=amount, spent=Money.parse(spent)
    )


def limit(vendor: str, customer_id: str, kind: Kind, amount: str, action: OnExhaustion | None = None) -> Limit:
    """Give one line of the limits file."""
    key = CustomerKey(vendor, customer_id)
    return Limit(
        account=account_of(vendor), customer=Customer(key), kind=kind, amount=Money.parse(amount), on_exhaustion=action
    )


SCENES = {
    "huawei": Scene(
        customers=(
            customer(RAISED, Kind.MONTHLY, "1200.00"),
            customer(STATED, Kind.ONE_TIME, "5000.00"),
            customer(UNLISTED, Kind.MONTHLY, "700.00"),
        ),
        limits=(
            limit("huawei", RAISED, Kind.MONTHLY, "1500.00"),
            limit("huawei", STATED, Kind.ONE_TIME, "4000.00", OnExhaustion.RESTRICT),
        ),
    ),
    "tencent": Scene(
        customers=(customer(GRANTED, Kind.CREDIT_LINE, "800.00"), customer(TAKEN, Kind.CREDIT_LINE, "3000.00")),
        limits=(
            limit("tencent", GRANTED, Kind.CREDIT_LINE, "2000.00"),
            limit("tencent", TAKEN, Kind.CREDIT_LINE, "1000.00"),
        ),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """Two simulated vendors, each with one account, and the files of a configuration for them."""

    folder: Path
    config: Path
    limits: Path
    vendors: dict[str, SimulatedVendor]
    started: "list[subprocess.Popen[str]]" = field(default_factory=list)

    def run(self, *arguments: str, given: str | None = None) -> Result:
        """Run `tidegate ARGUMENTS -c CONFIG` in this process."""
        return run(*arguments, "-c", str(self.config), given=given)

    def start(self, *arguments: str, stdout: int = subprocess.DEVNULL) -> "subprocess.Popen[str]":
        """Start the same as a process of its own, its standard error in the folder's file `log`."""
        with (self.folder / "log").open("w") as log:
            process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "scheduler", *arguments, "-c", str(self.config)],
                cwd=ROOT,
                stdout=stdout,
                stderr=log,
                text=True,
            )
        self.started.append(process)
        return process

    def log(self) -> str:
        """Give what the started process wrote to standard error."""
        return (self.folder / "log").read_text()

    def granted(self, vendor: str, customer_id: str) -> str:
        """Give what stands at a vendor."""
        return str(self.vendors[vendor].granted(customer_id))

    def standing(self) -> dict[str, str]:
        """Give what stands for every customer."""
        return {
            each: self.granted(name, each) for name, vendor in self.vendors.items() for each in vendor.customer_ids()
        }

    def writes(self) -> int:
        """Count the changes that vendors applied through their interfaces."""
        return sum(len(vendor.applied_writes()) for vendor in self.vendors.values())

    def asked(self) -> int:
        """Count the requests that reached a vendor."""
        return sum(sum(vendor.requests().values()) for vendor in self.vendors.values())

    def edit(self, old: str, new: str, *, file: Path | None = None) -> None:
        """Replace a text that stands exactly once in the configuration, or in another file."""
        path = file or self.config
        text = path.read_text()
        assert text.count(old) == 1, text
        path.write_text(text.replace(old, new))


WANTED = {RAISED: "1500.00", STATED: "4000.00", UNLISTED: "700.00", GRANTED: "2000.00", TAKEN: "1000.00"}


def run(*arguments: str, given: str | None = None) -> Result:
    """Run `tidegate ARGUMENTS` in this process; an exception that is not an exit fails the test."""
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        result = CliRunner().invoke(command_line, arguments, input=given)
    finally:
        logging.getLogger().handlers[:] = handlers
        logging.getLogger().setLevel(level)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


class _Plenty(rates.Rates):
    """The paces of an account whose vendor takes so many calls that none waits."""

    def __init__(self, documented: Mapping[str, float], *, share: float, stopping: Callable[[], bool]) -> None:
        super().__init__(documented, share=share * PLENTY, stopping=stopping)


@contextlib.contextmanager
def unhurried() -> Iterator[None]:
    """Let what runs in this process call and repeat at once: how long a line waits is the wire's own tests' business.

    Processes of their own keep the documented rates, and so does the demo.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line, "Rates", _Plenty)
        patch.setattr(line, "BACK_OFF", wait_none())
        patch.setattr(rates, "FIRST_COOL_DOWN", 0.02)
        yield


@contextlib.contextmanager
def opened(folder: Path, scenes: dict[str, Scene] | None = None) -> Iterator[Rig]:
    """Serve the usual two vendors and write a configuration for them."""
    with unhurried(), served(folder, scenes or SCENES, ports={}, enforce_rates=False) as made:
        rig = Rig(folder=folder, config=made.config, limits=made.limits, vendors=dict(made.vendors))
        try:
            yield rig
        finally:
            # A test that failed leaves no process behind; one that passed has seen its own end already.
            for process in rig.started:
                process.kill()
                process.wait()


# Far more than anything here takes, so that a loaded machine fails nothing; what is quick does not wait for it.
PATIENCE = 90.0


def eventually(true: Callable[[], bool], *, within: float = PATIENCE) -> None:
    """Wait until something is so; fail when it is not in time."""
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


def next_second() -> None:
    """Wait for it: the vendors' records have whole seconds, and what falls into one has no order."""
    time.sleep(1.02 - time.time() % 1)


def ended(process: "subprocess.Popen[str]", *, within: float = PATIENCE) -> int:
    """Wait for a process; kill it and fail when it outstays."""
    try:
        return process.wait(timeout=within)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()


def on_terminal(arguments: Sequence[str], answers: str) -> tuple[int, str]:
    """Run `python -m scheduler ARGUMENTS` on a terminal of its own, typing the answers; give exit code and screen."""
    import pty  # noqa: PLC0415 - not on every system; only this function needs it

    child, terminal = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        os.environ["COLUMNS"] = "100"
        os.execv(sys.executable, [sys.executable, "-m", "scheduler", *arguments])  # noqa: S606 - our own module
    shown = bytearray()
    typed = False
    with contextlib.suppress(OSError):  # the terminal's end is an error on Linux
        while chunk := os.read(terminal, 65536):
            shown += chunk
            if not typed and b"]: " in shown:
                os.write(terminal, answers.encode())
                typed = True
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), shown.decode(errors="replace")
