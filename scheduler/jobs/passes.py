"""What the daemon does at each tick: take what is wanted now, and bring one account to it.

Called by scheduler.daemon in a thread per account. A pass never raises: whatever goes wrong is a log line, and the
next tick tries again. Knows nothing of how ticks come about.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from core.errors import TidegateError
from core.intent import Intent
from core.limit import WritePolicy
from core.run.reconcile import reconcile
from core.run.world import Request, Result, World
from scheduler import bootstrap, logs, runlog
from scheduler.config import ConfigFaults, Settings
from scheduler.jobs.failures import Failure, Failures
from scheduler.jobs.journal_file import JournalFile
from scheduler.jobs.source import SettingsSource
from scheduler.jobs.tally import Tally
from scheduler.jobs.underway import Turns, UnderWay

_LOG = structlog.get_logger("tidegate")

# Every call has its own deadline, and one that was cut by it counts as an answer: a vendor that hangs makes no pass
# stuck. Nothing else is silent for so long; where a single call may be, twice its time is waited for.
STUCK_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class PassEnd:
    """How a pass ended. `open_intents`: what is open in the account now; None: it failed before it knew."""

    open_intents: tuple[Intent, ...] | None


class Passes:
    """Runs passes, at most one per account at a time, and can ask all of them to stop."""

    def __init__(
        self, source: SettingsSource, who: str, *, tally: Tally | None = None, stuck_after: timedelta = STUCK_AFTER
    ) -> None:
        self.tally = tally or Tally()
        self._source = source
        self._who = who
        self._stuck_after = stuck_after
        self._clock = bootstrap.SystemClock()
        self._journal = JournalFile()
        self._turns = Turns()
        self._readability = runlog.Readability()
        # When each account was last read in full, since the start.
        self._read_at: dict[str, datetime] = {}
        self._failures = Failures()

    @property
    def running(self) -> tuple[str, ...]:
        """The accounts with a pass under way."""
        return tuple(each.account for each in self._turns.running())

    @property
    def clock(self) -> bootstrap.SystemClock:
        """The clock that all of them wait by."""
        return self._clock

    @property
    def read_at(self) -> dict[str, datetime]:
        """When each account was last read in full, since the start."""
        return dict(self._read_at)

    def failure(self, account: str) -> Failure | None:
        """Give why the account's passes leave no run; None while they do."""
        return self._failures.of(account)

    def under_way(self) -> tuple[UnderWay, ...]:
        """Give the passes under way."""
        return self._turns.running()

    def stuck(self) -> tuple[UnderWay, ...]:
        """Give the passes that have not got on for too long; to be asked now and then."""
        return tuple(each for each in self._turns.running() if each.idle() > max(self._stuck_after, each.patience))

    def stop(self) -> None:
        """Begin no pass any more, and ask those under way to end. May be called from a signal handler."""
        self._clock.request_stop()

    def run(
        self, account: str, customers: frozenset[str] | None = None, *, busy: Callable[[], None] = lambda: None
    ) -> PassEnd | None:
        """Make one pass over one account, or over some of its customers (ids).

        None: there was none, because the process stops, the account is gone, or another pass of it runs; then `busy`
        was called, before that one could end.
        """
        if self._clock.stopping():
            return None
        under_way = UnderWay(account, runlog.LogWatch())
        if not self._turns.take(under_way, busy):
            return None
        result: Result | None = None
        try:
            result = self._pass(account, customers, under_way)
            if result is None:
                return None
            self.tally.passed(account, result, under_way.seconds())
        except (ConfigFaults, TidegateError) as error:
            self._failed(under_way, str(error))
            _LOG.error("run_failed", account=account, why=str(error))
        except Exception:  # noqa: BLE001 - whatever it is, it must not end the other accounts' ticks
            # Its own words are for the log alone, where secrets are taken out.
            self._failed(under_way, "the pass failed unexpectedly: the daemon's log says where")
            _LOG.exception("run_failed", account=account)
        finally:
            self._turns.leave(under_way)
        return PassEnd(open_intents=None if result is None else result.open_intents)

    def _pass(self, account: str, customers: frozenset[str] | None, under_way: UnderWay) -> Result | None:
        settings = self._source.for_pass(account if customers is None else None)
        self._readability.keep_only(settings.accounts)
        self._failures.keep_only(settings.accounts)
        if account not in settings.accounts:
            return None
        under_way.patience = 2 * settings.accounts[account].read_timeout
        only = frozenset({account})
        watching = settings.accounts[account].policy.write_policy is WritePolicy.OBSERVE
        self._journal.raise_if_another(settings)
        with bootstrap.compose(
            settings, observe_only=watching, accounts=only, clock=self._clock, learn_secrets=logs.REDACTION.learn
        ) as world:
            self._journal.opened(settings)
            under_way.asks(world.clouds[account])
            try:
                request = Request(command="daemon", who=self._who, accounts=only, customers=customers)
                result = self._reconciled(world, settings, request, under_way)
            finally:
                self.tally.called(account, world.clouds[account].calls())
            # What another process holds the account for is open too, and this run was not asked about it.
            result = replace(result, open_intents=tuple(world.journal.open_intents(account)))
            if not self._clock.stopping():  # a reading that was cut short says nothing of the vendor
                self._readability.told(result.plan)
                self._note_success(result)
            runlog.run_finished(result, world, command="daemon", seconds=under_way.seconds())
        return result

    def _reconciled(self, world: World, settings: Settings, request: Request, under_way: UnderWay) -> Result:
        return reconcile(
            world,
            settings.limits,
            request,
            # The guards count what one run would change: a run over some customers would be let through by all of them.
            approve=lambda _plan: request.customers is None and not self._clock.stopping(),
            watch=under_way,
            progress=under_way.progress,
        )

    def _failed(self, under_way: UnderWay, why: str) -> None:
        self.tally.passed(under_way.account, None, under_way.seconds())
        if not self._clock.stopping():
            self._failures.failed(under_way.account, why, self._clock.now())

    def _note_success(self, result: Result) -> None:
        for account in result.plan.accounts:
            if account.problem is not None:
                continue
            self._failures.read(account.name)
            if not result.plan.narrowed:
                self._read_at[account.name] = self._clock.now()
