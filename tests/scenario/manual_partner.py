"""A partner who works by a vendor's manual, but with Tidegate: limits in a file, the command line, and a calendar.

Used by the scenarios named after the manuals' sentences. The vendors are the simulated ones on loopback, asked through
the real SDKs; time is moved for everybody in this process at once, so that months and the ten minutes by which figures
are late pass in no time.
"""

import contextlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from click.testing import Result

from adapters.sandbox.world import CustomerSpec
from adapters.wire.rates import Rates
from core.money import Money
from scheduler.sandbox import Scene
from tests.surface.cli_rig import Rig
from tests.surface.cli_rig import opened as served

START = datetime(2026, 3, 15, 4, 0, tzinfo=UTC)
LAG = timedelta(minutes=10)
HEADER = "account,customer_id,kind,amount,on_exhaustion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """One partner with one account. `account`: its name; `rig`: the files and the served vendor."""

    account: str
    rig: Rig
    calendar: time_machine.Traveller

    def write(self, *rows: str, columns: str = "") -> None:
        """Write the limits file: `ID,kind,amount,on_exhaustion` and what `columns` names besides."""
        header = HEADER + (f",{columns}" if columns else "")
        self.rig.limits.write_text("\n".join([header, *(f"{self.account},{row}" for row in rows)]) + "\n")

    def configure(self, *lines: str) -> None:
        """Add keys to the account."""
        given = f"[accounts.{self.account}]"
        self.rig.edit(given, "\n".join([given, *lines]))

    def append(self, text: str) -> None:
        """Add sections to the configuration."""
        self.rig.config.write_text(f"{self.rig.config.read_text()}\n{text}\n")

    def later(self, duration: timedelta = LAG + timedelta(minutes=1)) -> None:
        """Let time pass, by default as much as figures may be late."""
        self.calendar.shift(duration)

    def until(self, moment: datetime) -> None:
        """Let time pass until a moment."""
        self.calendar.move_to(moment)

    def do(self, *arguments: str) -> Result:
        """Run a command."""
        return self.rig.run(*arguments)

    def plan(self) -> Any:
        """Give the plan as its JSON."""
        return json.loads(self.do("plan", "--format", "json").stdout)

    def correction(self) -> Any:
        """Give the plan's one correction; nothing is held."""
        plan = self.plan()
        assert (len(plan["corrections"]), plan["holds"]) == (1, []), plan
        return plan["corrections"][0]

    def hold(self) -> Any:
        """Give the plan's one hold; nothing is to be corrected."""
        plan = self.plan()
        assert (plan["corrections"], len(plan["holds"])) == ([], 1), plan
        return plan["holds"][0]

    def nothing_left(self) -> bool:
        """Whether planning finds nothing to do and nothing to hold."""
        plan = self.plan()
        return (plan["corrections"], plan["holds"], plan["complete"]) == ([], [], True)

    def apply(self, *, code: int = 0) -> Result:
        """Bring every customer to its limit; the exit code is as expected."""
        result = self.do("apply")
        assert result.exit_code == code, result.output
        return result

    def release(self, customer_id: str) -> Result:
        """Lift a customer's restriction by a person's word."""
        return self.do("release", customer_id, "--who", "Ann Lee", "--why", "the invoice is paid")

    def history(self) -> Sequence[Any]:
        """Give who changed what, as JSON."""
        found: Sequence[Any] = json.loads(self.do("history", "--format", "json").stdout)
        return found


@contextlib.contextmanager
def partner(folder: Path, vendor: str, *customers: CustomerSpec) -> Iterator[Partner]:
    """Open an account with these customers; it is the middle of a month, and figures may be ten minutes late."""
    scenes = {vendor: Scene(customers=customers, limits=())}
    with (
        pytest.MonkeyPatch.context() as unhurried,
        time_machine.travel(START, tick=True) as calendar,
        served(folder, scenes) as rig,
    ):
        # The vendors' call rates have tests of their own; here nobody waits for them.
        unhurried.setattr(Rates, "wait", lambda *_arguments, **_named: None)
        rig.edit('lag = "0s"', 'lag = "10m"')
        yield Partner(account=f"{vendor}-main", rig=rig, calendar=calendar)


def dollars(text: str) -> Money:
    """Read an amount."""
    return Money.parse(text)
