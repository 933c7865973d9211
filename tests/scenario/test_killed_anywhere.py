"""A process that dies at any write to its own records, with any fate of the reply, restarts and ends as wanted."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.sandbox.faults import Mode
from adapters.store import open_store
from core.capabilities import Change
from core.intent import Intent
from core.limit import Limit
from core.run.reconcile import reconcile, survey
from core.run.world import Request, World
from tests.contract.cloud_rig import ACCOUNT, ALL_VENDORS, Rig, SwiftClock, opened, spec_of
from tests.contract.test_cloud_runs import limit_for, write_operation

REQUEST = Request(command="apply", who="scenario")
# The writes to our own records that a process can die at; reads cannot leave anything behind.
WRITES = frozenset({"record", "move", "note_absence", "note_tag_proven", "keep_books", "keep_run", "accept_limits"})
MOST_POINTS = 60
MOST_RUNS = 6


class KilledError(BaseException):
    """The process is gone: nothing may catch it and go on."""


class MortalRecords:
    """The store, until its `point`th write: then the process dies, just before or just after it."""

    def __init__(self, records: Any, *, point: int, after: bool) -> None:
        self._records = records
        self._left = point
        self._after = after

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._records, name)
        return self._deadly(found) if name in WRITES else found

    def _deadly(self, write: Callable[..., object]) -> Callable[..., object]:
        def dying(*arguments: object, **options: object) -> object:
            self._left -= 1
            if self._left == 0 and not self._after:
                raise KilledError
            done = write(*arguments, **options)
            if self._left == 0:
                raise KilledError
            return done

        return dying


class Unwatched:
    """Nobody looks on."""

    def intent_moved(self, intent: Intent) -> None:
        """Say nothing."""

    def said(self, account: str, sentence: str) -> None:
        """Say nothing."""


@contextmanager
def process(rig: Rig, database: Path, mortal: Callable[[Any], Any]) -> Iterator[World]:
    """Compose the product on a store on disk, as one process does."""
    policy = replace(
        rig.policy,
        lag=timedelta(0),
        write_timeout=timedelta(milliseconds=250),
        quarantine=timedelta(milliseconds=100),
        patience=timedelta(seconds=3),
    )
    with open_store(f"sqlite:///{database}", clock=rig.clock) as store:
        yield World(
            clouds={ACCOUNT: rig.cloud},
            policies={ACCOUNT: policy},
            journal=mortal(store),
            observations=mortal(store),
            clock=rig.clock,
            ids=rig.ids,
        )


def run_once(rig: Rig, database: Path, limits: list[Limit], mortal: Callable[[Any], Any] = lambda store: store) -> int:
    """Run one process to its end; gives its exit code, raises KilledError if it died."""
    with process(rig, database, mortal) as world:
        return reconcile(world, limits, REQUEST, approve=lambda _plan: True, watch=Unwatched()).exit_code


def dies_at(rig: Rig, database: Path, limits: list[Limit], point: int, *, after: bool) -> bool:
    """Run a process that dies at this write; False when it ended before it came to it."""
    try:
        run_once(rig, database, limits, lambda store: MortalRecords(store, point=point, after=after))
    except KilledError:
        return True
    return False


@pytest.mark.parametrize("name", ALL_VENDORS)
@pytest.mark.parametrize("fate", [None, Mode.RESET_BEFORE, Mode.RESET_AFTER])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_death_at_any_write_neither_loses_nor_doubles(
    name: str, fate: Mode | None, *, after: bool, tmp_path: Path
) -> None:
    """Whichever write the process dies at, the runs that follow end as wanted, and an increment is applied once."""
    for point in itertools.count(1):
        assert point < MOST_POINTS, "the process never came to its end"
        # A fate of the reply takes the waits of a fence at every point: one customer shows it as well as two.
        specs = [spec_of(name, number, granted=500_00) for number in range(2 if fate is None else 1)]
        with opened(name, specs, clock=SwiftClock()) as rig:
            limits = [limit_for(rig, spec, 600_00 + number, None) for number, spec in enumerate(specs)]
            if fate is not None:
                rig.world.faults.plan(write_operation(name), fate)
            database = tmp_path / f"{point}.db"
            died = dies_at(rig, database, limits, point, after=after)
            codes: list[int] = []
            while not codes or (codes[-1] != 0 and len(codes) < MOST_RUNS):
                codes.append(run_once(rig, database, limits))
            assert codes[-1] == 0, (point, codes)
            for limit in limits:
                assert rig.world.granted(limit.key.customer_id) == limit.amount
            if rig.cloud.capabilities.change is Change.INCREMENT:
                assert rig.applied() == len(limits), (point, rig.world.applied_writes())
            with process(rig, database, lambda store: store) as world:
                assert survey(world, limits, REQUEST).corrections == ()
                assert world.journal.verify() == []
        if not died:
            return
