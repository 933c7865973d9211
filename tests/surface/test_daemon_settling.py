"""A change whose outcome is not known is looked at again long before its account's next tick, and for it alone."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from adapters.sandbox.faults import Fault, Mode
from scheduler import bootstrap
from scheduler.daemon import Daemon
from scheduler.jobs import Passes, SettingsSource, settling
from tests.surface.cli_rig import ALLOCATE, GRANTED, TAKEN, Rig, eventually, opened
from tests.surface.daemon_rig import HeldPasses, captured_log, events, hourly, ordinary_signals, run_through

HISTORY = "QueryCreditAllocationHistory"
ACCOUNT = "tencent-main"


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """Two simulated vendors, an hour between ticks, and a fence that is far away."""
    with opened(tmp_path) as made:
        hourly(made)
        made.edit('quarantine = "1s"', 'quarantine = "1h"')
        made.edit('lag = "0s"', 'lag = "0s"\nread_timeout = "1s"')
        with ordinary_signals():
            yield made


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Our log goes here while a test runs."""
    with captured_log() as target:
        yield target


def test_an_uncertain_change_is_settled_long_before_the_next_tick(
    rig: Rig, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vendor applied it, its answer was lost and its records are dark: narrowed passes look until they show it.

    Ticks are an hour apart; the other account is not asked again.
    """
    monkeypatch.setattr(settling, "BACKOFF", (0.3, 0.3, 0.5))
    faults = rig.vendors["tencent"].faults
    faults.plan(ALLOCATE, Mode.RESET_AFTER)
    take = faults.take
    dark = [True]

    def darkened(operation: str) -> Fault | None:
        if dark[0] and operation == HISTORY and rig.vendors["tencent"].applied_writes():
            return Fault(operation=operation, mode=Mode.BUSINESS_ERROR, seconds=0.0)
        return take(operation)

    # Not a mock: the simulator as it is, whose records cannot be read for a while.
    monkeypatch.setattr(faults, "take", darkened)
    source = SettingsSource(rig.config)
    passes = Passes(source, who="test")

    def story() -> None:
        eventually(lambda: len(events(log, "settle_pass_planned", ACCOUNT)) >= 2)
        dark[0] = False
        eventually(lambda: bool(events(log, "intent_settled", ACCOUNT)))

    assert run_through(Daemon(source, passes), story) == 0
    (other,) = [event for event in events(log, "run_finished") if event["accounts"] == ["huawei-main"]]
    assert other["narrowed"] is False
    first, *later = [event for event in events(log, "run_finished") if event["accounts"] == [ACCOUNT]]
    assert first["open_intents"] == 1
    assert later
    assert all(event["narrowed"] for event in later)
    planned = events(log, "settle_pass_planned", ACCOUNT)[0]
    assert planned["customers"] in ([GRANTED], [TAKEN])
    assert datetime.fromisoformat(str(planned["at"])).utcoffset() is not None
    assert passes.tally.counts().runs[ACCOUNT, "unfinished"] >= 2


def test_a_settle_pass_gives_way_to_the_accounts_own(rig: Rig) -> None:
    """Where a pass of the account is under way a narrowed one is not made: that one settles as well.

    A tick that meets a narrowed pass is not lost: it is asked for again.
    """
    source = SettingsSource(rig.config)
    passes = HeldPasses(source, held=ACCOUNT)
    loop = Daemon(source, passes)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(loop._tick, ACCOUNT)
        eventually(lambda: passes.running == (ACCOUNT,))
        loop._pass(ACCOUNT, frozenset({GRANTED}))
        assert loop._asked == set()
        loop._tick(ACCOUNT)
        assert loop._asked == {ACCOUNT}
        passes.release.set()
        first.result()
    assert passes.began == [ACCOUNT]


def test_what_a_command_left_open_is_looked_at(rig: Rig, log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """An uncertain change of `tidegate apply` does not wait for the next tick of a daemon that runs beside it."""
    rig.vendors["tencent"].faults.plan(ALLOCATE, Mode.RESET_BEFORE)
    rig.run("apply", "--customer", GRANTED, "--account", ACCOUNT)
    monkeypatch.setattr(settling, "ORPHANED", timedelta(0))
    source = SettingsSource(rig.config)
    loop = Daemon(source, Passes(source, who="test"))
    with bootstrap.compose(source.settings, observe_only=True, accounts=frozenset()) as world:
        left = world.journal.open_intents()
        assert [each.key.customer_id for each in left] == [GRANTED]
        loop.notice(left)
    at = loop.ticker.next_at(ACCOUNT)
    loop.notice(left)
    assert at is not None
    assert loop.ticker.next_at(ACCOUNT) == at
    assert [event["customers"] for event in events(log, "settle_pass_planned", ACCOUNT)] == [[GRANTED]]
