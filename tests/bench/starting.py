"""How long the commands take that a person waits for, process start included.

Called by `make bench`, or by itself; prints figures and asserts nothing.
"""

import subprocess
import sys
import time
from pathlib import Path

from tests.bench.dry_run import world_of

TARGET_HELP_SECONDS = 0.25
TARGET_PLAN_SECONDS = 2.0
CUSTOMERS = 5  # at each of the two vendors: a plan of ten
ROUNDS = 5
COMMAND = Path(sys.executable).with_name("tidegate")
ENDED_WELL = (0, 3)  # nothing to do, or corrections pending


def timed(*arguments: str) -> float:
    """Run the command a few times; give the median time in seconds."""
    seconds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        ended = subprocess.run([COMMAND, *arguments], capture_output=True, check=False)  # noqa: S603 - our own command
        seconds.append(time.perf_counter() - began)
        if ended.returncode not in ENDED_WELL:
            raise SystemExit(ended.stderr.decode())
    return sorted(seconds)[ROUNDS // 2]


def help_seconds() -> float:
    """Time `tidegate --help`."""
    return timed("--help")


def plan_seconds() -> float:
    """Time a plan of ten customers."""
    with world_of(CUSTOMERS) as made:
        return timed("plan", "--config", str(made.config))


def main() -> None:
    """Print both."""
    print(f"tidegate --help: {help_seconds():.3f} s, target {TARGET_HELP_SECONDS} s")  # noqa: T201 - a bench prints
    print(f"tidegate plan, ten customers: {plan_seconds():.2f} s, target {TARGET_PLAN_SECONDS} s")  # noqa: T201 - a bench prints


if __name__ == "__main__":
    main()
