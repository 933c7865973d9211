"""The loop: every account at its own times, side by side, until it is told to stop.

Called by the command `tidegate daemon`. What a tick does is in scheduler.jobs. The main thread waits for errands and
signals, and looks every few seconds whether everything still moves.
Signals: SIGTERM and SIGINT end it within ten seconds with exit code 0, a second one at once with 1;
SIGHUP reads the configuration now and starts a pass for every account; where one is running, as soon as it has ended.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from types import FrameType

import structlog

from core.intent import Intent
from scheduler import bootstrap
from scheduler.config import AccountSettings, Settings
from scheduler.daemon.errands import Errand, Errands
from scheduler.daemon.outlets import Outlets
from scheduler.daemon.pulse import Pulse
from scheduler.daemon.service import Service
from scheduler.daemon.ticker import Ticker
from scheduler.daemon.triggers import Rhythm
from scheduler.jobs import Passes, SettingsSource, Settling, changed_accounts

_LOG = structlog.get_logger("tidegate")

# Passes under way have this long to end by themselves; the promise is ten seconds in all.
GRACE_SECONDS = 8.0
# How often the files are looked at, and the pulse is felt.
LOOKING_SECONDS = 2.0
FEELING_SECONDS = 10.0


class Daemon:
    """One process's loop. `run` returns the exit code."""

    def __init__(
        self,
        source: SettingsSource,
        passes: Passes,
        *,
        outlets: Outlets | None = None,
        service: Service | None = None,
    ) -> None:
        self.source = source
        self.passes = passes
        self.ticker = Ticker(self)
        self.pulse = Pulse(passes)
        self._outlets = outlets
        self._service = service or Service({})
        self._settling = Settling()
        self._errands = Errands()
        # Accounts that are to have a pass which begins from now on.
        self._asked: set[str] = set()
        self._stops = 0
        self._stop_by = 0.0

    def run(self) -> int:
        """Tick until told to stop; give 0, even when a hanging pass had to be left: its changes are on record.

        Raises what Outlets.open does, before the first tick.
        """
        bootstrap.load_libraries(self.source.settings)
        self.source.on_change(lambda before, after, by: self._errands.put(partial(self.follow, before, after, by)))
        with self._errands.awaited() as awaited, self._handling_signals(), self._shown():
            self.ticker.start()
            self.schedule(self.source.settings)
            self.ticker.chore("look", LOOKING_SECONDS, self.pulse.watching("look", self.source.look))
            self.ticker.chore("pulse", self._feeling_seconds / 2, self.pulse.beat)
            accounts = sorted(self.source.settings.accounts)
            _LOG.info("daemon_started", accounts=accounts, pid=os.getpid())
            self._service.ready()
            self._work(awaited)
            self._stop()
        return 0

    def schedule(self, settings: Settings) -> None:
        """Give every account its ticks, at once and then in its own rhythm; take away those that are gone."""
        known = self.ticker.rhythms()
        for name in known.keys() - settings.accounts.keys():
            self._asked.discard(name)
            self._settling.forget(name)
            self.ticker.remove(name)
        for name, account in settings.accounts.items():
            rhythm = Rhythm.of(account)
            if name not in known:
                # One that was taken out and put in again may still have its old pass under way.
                self._asked.add(name)
                self.ticker.put(name, rhythm, self._tick)
            elif known[name] != rhythm:
                self.ticker.retime(name, rhythm)

    def follow(self, before: Settings, after: Settings, by: str | None) -> None:
        """Take changed settings over; accounts that they concern have a pass at once, but for the one that found it."""
        bootstrap.load_libraries(after)
        known = self.ticker.rhythms().keys()
        self.schedule(after)
        for name in sorted(changed_accounts(before, after) & known - {by}):  # a new one has its first tick anyway
            self._ask(name)

    def notice(self, intents: Sequence[Intent]) -> None:
        """Plan a look at open intents that another process left; a pass that runs sees to its own account."""
        running, now = self.passes.running, self.passes.clock.now()
        for name, account in self.source.settings.accounts.items():
            its = tuple(each for each in intents if each.account == name)
            if name not in running and self._settling.news(name, its, now):
                self._plan_look(account, its)

    def ended(self, account: str) -> None:
        """Ask again for an account that was asked for while its pass ran.

        Left to the main thread: APScheduler may call this while it puts down the very job's next tick.
        """
        # While another pass of it runs it would be turned away again, and again: that one's end asks.
        if account in self._asked and account not in self.passes.running:
            self._errands.put(partial(self._ask, account))

    def dropped(self, account: str) -> None:
        """Log a tick that met its account's pass; `once_more`: another follows as soon as that one has ended."""
        once_more = account in self._asked
        if not once_more:
            self.passes.tally.missed(account, 1)
        _LOG.warning("job_still_running", account=account, once_more=once_more)

    def missed(self, account: str, ticks: int) -> None:
        """Log and count ticks that had no pass of their own."""
        self.passes.tally.missed(account, ticks)
        _LOG.warning("job_missed", account=account, ticks=ticks)

    @property
    def _feeling_seconds(self) -> float:
        """How often the pulse is felt: twice within what the service manager waits for."""
        return min(FEELING_SECONDS, (self._service.watchdog or FEELING_SECONDS * 2) / 2)

    def _work(self, awaited: Callable[[float], Errand | None]) -> None:
        """Do errands until stopped, and feel the pulse now and then."""
        due = time.monotonic()
        while not self._errands.stopped:
            errand = awaited(due - time.monotonic())
            if errand is not None:
                self._do(errand)
            if time.monotonic() >= due:
                self._do(self._feel)
                due = time.monotonic() + self._feeling_seconds

    def _do(self, errand: Errand) -> None:
        try:
            errand()
        except Exception:  # noqa: BLE001 - whatever it is, it must not end the ticks
            _LOG.exception("errand_failed")

    def _feel(self) -> None:
        """Tell the service manager and the log how things are."""
        if self.pulse.set_back():
            _LOG.warning("clock_set_back")
            self.ticker.wind()
        # Nothing is said to the manager while something is stuck: it then starts the process anew.
        if not self.pulse.feel():
            self._service.alive()
        late = () if self._outlets is None else self._outlets.late()
        self._service.status(self.pulse.line(self.source.settings, late))

    def _read_now(self) -> None:
        _LOG.info("config_read_on_signal")
        self._service.reloading()
        self.source.read()
        for name in self.ticker.rhythms():
            self._ask(name)
        self._service.ready()

    def _ask(self, name: str) -> None:
        """Let a pass begin now. APScheduler drops a tick that meets a running pass; `ended` asks again then."""
        self._asked.add(name)
        self.ticker.ask(name)

    def _tick(self, name: str) -> None:
        # Taken off before the pass reads anything: who asks from here on wants a later reading than this one.
        self._asked.discard(name)
        self._pass(name, None)

    def _pass(self, name: str, customers: frozenset[str] | None) -> None:
        """Make a pass and see to what it leaves open. One of some customers gives way: the other settles as well."""
        busy = (lambda: self._asked.add(name)) if customers is None else (lambda: None)
        end = self.passes.run(name, customers, busy=busy)
        account = self.source.settings.accounts.get(name)
        if end is None or account is None or self.passes.clock.stopping():
            return
        self._plan_look(account, end.open_intents)
        if self._outlets is not None:
            self._outlets.redraw()

    def _plan_look(self, account: AccountSettings, intents: Sequence[Intent] | None) -> None:
        look = self._settling.after(account.name, intents, account.policy, self.passes.clock.now())
        if look is None:
            self.ticker.not_once(account.name)
            return
        customers = sorted(look.customers)
        _LOG.info("settle_pass_planned", account=account.name, at=look.at.isoformat(), customers=customers)
        self.ticker.once(account.name, look.at, partial(self._pass, customers=look.customers))

    def _stop(self) -> None:
        _LOG.info("daemon_stopping", running=list(self.passes.running))
        self._service.stopping()
        self.passes.stop()
        self.ticker.stop()
        if self._outlets is not None:
            self._outlets.hush()
        stop_by = self._stop_by or time.monotonic() + GRACE_SECONDS
        while self._running() and time.monotonic() < stop_by:
            time.sleep(0.05)
        left = self._running()
        _LOG.info("daemon_stopped", left_running=list(left))
        if left:
            # Their threads would hold the process; what they sent is on disk and is settled by the next start.
            os._exit(0)

    def _running(self) -> tuple[str, ...]:
        return (*self.passes.running, *self.ticker.chores_running)

    @contextmanager
    def _shown(self) -> Iterator[None]:
        if self._outlets is None:
            yield
            return
        try:
            self._outlets.open(self.ticker, self.pulse, self.notice)
            yield
        finally:
            self._outlets.close()

    @contextmanager
    def _handling_signals(self) -> Iterator[None]:
        def stop(_number: int, _frame: FrameType | None) -> None:
            self._stops += 1
            self._stop_by = time.monotonic() + GRACE_SECONDS
            if self._stops > 1:
                os._exit(1)
            self.passes.stop()
            self._errands.stop()

        def read_again(_number: int, _frame: FrameType | None) -> None:
            self._errands.put(self._read_now)

        handlers = {signal.SIGTERM: stop, signal.SIGINT: stop, signal.SIGHUP: read_again}
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
