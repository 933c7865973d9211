"""What the daemon does at each tick: read what is wanted anew, and bring one account to it.

Called by scheduler.daemon in a thread per account. A pass never raises: whatever goes wrong is a log line, and the
next tick tries again. Knows nothing of how ticks come about.
"""

import threading
from collections.abc import Callable
from pathlib import Path

import structlog

from core.errors import TidegateError
from core.limit import WritePolicy
from core.run.reconcile import reconcile
from core.run.world import Request
from scheduler import bootstrap, logs, runlog
from scheduler.config import ConfigFaults, Settings

_LOG = structlog.get_logger("tidegate")

Changed = Callable[[Settings], None]


class SettingsSource:
    """The configuration and limits as they are on disk now; where they are broken, as they were last.

    Thread-safe. A broken file is told once for every way in which it is broken, and once more when it is mended.
    """

    def __init__(self, config: Path | None) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._settings = bootstrap.load(config)
        self._faults: tuple[str, ...] = ()
        self._changed: Changed = lambda _settings: None

    @property
    def settings(self) -> Settings:
        """The last ones that were whole."""
        return self._settings

    def on_change(self, changed: Changed) -> None:
        """Call this with every new configuration that differs from the one before."""
        self._changed = changed

    def read(self) -> Settings:
        """Read the files again; give them if they are whole, else what was whole last."""
        with self._lock:
            try:
                fresh = bootstrap.load(self._config)
            except ConfigFaults as error:
                self._reject(tuple(str(fault) for fault in error.faults))
                return self._settings
            if self._faults:
                _LOG.info("config_mended")
                self._faults = ()
            if fresh != self._settings:
                self._settings = fresh
                _LOG.info("config_changed", accounts=sorted(fresh.accounts), limits=len(fresh.limits))
                self._changed(fresh)
            return fresh

    def _reject(self, faults: tuple[str, ...]) -> None:
        if faults != self._faults:
            _LOG.error("config_rejected", faults=list(faults), kept="the last one that was whole")
            self._faults = faults


class Passes:
    """Runs passes, at most one per account at a time, and can ask all of them to stop."""

    def __init__(self, source: SettingsSource, who: str) -> None:
        self._source = source
        self._who = who
        self._clock = bootstrap.SystemClock()
        self._running: set[str] = set()
        self._readability = runlog.Readability()

    @property
    def running(self) -> tuple[str, ...]:
        """The accounts with a pass under way."""
        return tuple(sorted(self._running))

    def stop(self) -> None:
        """Begin no pass any more, and ask those under way to end. May be called from a signal handler."""
        self._clock.request_stop()

    def run(self, account: str) -> None:
        """Make one pass over one account."""
        if self._clock.stopping():
            return
        self._running.add(account)
        try:
            self._pass(account)
        except (ConfigFaults, TidegateError) as error:
            _LOG.error("run_failed", account=account, why=str(error))
        except Exception:  # noqa: BLE001 - whatever it is, it must not end the other accounts' ticks
            _LOG.exception("run_failed", account=account)
        finally:
            self._running.discard(account)

    def _pass(self, account: str) -> None:
        settings = self._source.read()
        self._readability.keep_only(settings.accounts)
        if account not in settings.accounts:
            return
        only = frozenset({account})
        watching = settings.accounts[account].policy.write_policy is WritePolicy.OBSERVE
        request = Request(command="daemon", who=self._who, accounts=only)
        with bootstrap.compose(
            settings, observe_only=watching, accounts=only, clock=self._clock, learn_secrets=logs.REDACTION.learn
        ) as world:
            result = reconcile(
                world,
                settings.limits,
                request,
                approve=lambda _plan: not self._clock.stopping(),
                watch=runlog.LogWatch(),
            )
            if not self._clock.stopping():  # a reading that was cut short says nothing of the vendor
                self._readability.told(result.plan)
            runlog.run_finished(result, world, command="daemon")
