"""A year of both vendors in virtual time, on the real store; `make year` runs it.

Prints a short summary, and every fault if there is one; ends with 1 then. Two processes play half of both vendors'
customers each, as two installations would, so that two cores have about a minute to work.
"""

import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path

from adapters.store import open_store
from core.intent import State
from core.money import Money
from core.standing import Restriction
from tests.scenario.year_office import virtual
from tests.scenario.year_story import BEGINS, Year, open_year, unexplained

CUSTOMERS = 200
PARTS = 2
# From 28 December 2027 over all of 2028, with its 29 February, and into January.
DAYS = 4 + 366 + 3
FAULTS_SHOWN = 25
# Every write is made durable; where there is such a folder that costs nothing, and what is tested is the same.
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of one part's year; amounts in cents."""

    counts: Counter[str]
    changes: Counter[str]
    stopped: Counter[str]
    faults: list[str] = field(default_factory=list)

    def __add__(self, other: "Played") -> "Played":
        return Played(
            counts=self.counts + other.counts,
            changes=self.changes + other.changes,
            stopped=self.stopped + other.stopped,
            faults=self.faults + other.faults,
        )


def main() -> int:
    """Play the year and say what came of it."""
    began = time.perf_counter()
    with ProcessPoolExecutor(max_workers=PARTS) as processes:
        played = reduce(Played.__add__, processes.map(play, range(PARTS)))
    seconds = time.perf_counter() - began
    lines = [*summary(played, seconds), *played.faults[:FAULTS_SHOWN]]
    lines.append(f"{len(played.faults)} things do not add up" if played.faults else "every cent is explained")
    print("\n".join(lines))  # noqa: T201 - this is the report
    return 1 if played.faults else 0


def play(part: int) -> Played:
    """Play the year of one part of the customers, on a store of its own."""
    clock = virtual(BEGINS)
    with (
        tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder,
        open_store(f"sqlite:///{Path(folder) / 'year.db'}", clock=clock) as store,
    ):
        year = open_year(CUSTOMERS, store=store, clock=clock, parts=PARTS, part=part)
        year.play(DAYS)
        return counted(year)


def counted(year: Year) -> Played:
    """Count what happened."""
    store, now, faults = year.desk.store, year.desk.clock.time, list(unexplained(year))
    intents = [intent for cloud in year.clouds for intent in store.intents(account=cloud.account, limit=1_000_000)]
    deeds = [deed for cloud in year.clouds for deed in cloud.deeds]
    stops = [deed for deed in deeds if isinstance(deed.after, Restriction) and deed.after is not Restriction.NONE]
    return Played(
        counts=Counter(
            customers=len(year.limits),
            runs=year.runs,
            outages=year.outages,
            consoles=year.consoles,
            months=len(store.periods()),
            hidden=year.hidden,
            refused=sum(len(cloud.refused) for cloud in year.clouds),
            spent=sum(kept.curve.cents(now) for cloud in year.clouds for kept in cloud.kept.values()),
        ),
        changes=Counter(str(intent.action) for intent in intents if intent.state is State.SETTLED_APPLIED),
        stopped=Counter(deed.by for deed in stops),
        faults=faults,
    )


def summary(played: Played, seconds: float) -> list[str]:
    """Say what happened."""
    counts = played.counts
    return [
        f"{counts['customers']} customers of two vendors, {DAYS} days, {counts['runs']} runs in {seconds:.0f} s",
        f"{counts['outages']} outages, {counts['consoles']} console changes, {counts['months']} customer months closed",
        f"{Money(counts['spent'])} USD spent; in {counts['hidden']} months a bill was spent again between two looks",
        f"applied: {listed(played.changes)}; refused by the vendor: {counts['refused']}",
        f"customers stopped: {listed(played.stopped)}",
    ]


def listed(counts: Counter[str]) -> str:
    """Write counts in a row."""
    return ", ".join(
        f"{count} by {name}" if " " in name else f"{count} {name}" for name, count in sorted(counts.items())
    )


if __name__ == "__main__":
    sys.exit(main())
