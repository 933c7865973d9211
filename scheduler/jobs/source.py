"""The configuration and limits as they are on disk, as far as they are whole.

Called by the passes, each at its beginning, by the daemon every few seconds, and at SIGHUP. A change is read once it
has stood still, so that a file that is being written is not taken by half.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import structlog

from core.limit import Limit
from scheduler import bootstrap
from scheduler.bootstrap import Footprint, Footprints
from scheduler.config import ConfigFaults, Settings

_LOG = structlog.get_logger("tidegate")

# How long a change has to stand still before it is read.
QUIET_SECONDS = 1.5

# Called with the settings before and after, and the account whose pass found the change, None: nobody's.
Changed = Callable[[Settings, Settings, str | None], None]


class SettingsSource:
    """The configuration and limits as they are on disk now; where they are broken, as they were last.

    Thread-safe. A broken file is told once for every way in which it is broken, and once more when it is mended.
    The store and the page stay as they were at the start: nothing may be written to another store unnoticed.
    `ticking` gives seconds that only rise.
    """

    def __init__(self, config: Path | None, *, ticking: Callable[[], float] = time.monotonic) -> None:
        # Once: where ./config.toml is gone for a while, the user's own is another configuration.
        config = bootstrap.default_config() if config is None else config
        self._config = config
        self._ticking = ticking
        self._lock = threading.Lock()
        self._footprints = Footprints(config)
        # Taken before the files are read: what changes meanwhile is found by the next look.
        self._read_at = self._footprints.take()
        self._unread: tuple[Footprint, float] | None = None
        self._settings = bootstrap.load(config, outlets=True)
        self._faults: tuple[str, ...] = ()
        self._waiting: tuple[str, ...] = ()
        self._changed: Changed = lambda _before, _after, _account: None

    @property
    def settings(self) -> Settings:
        """The last ones that were whole."""
        return self._settings

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong with the files as they are; nothing while they are in force."""
        return self._faults

    def on_change(self, changed: Changed) -> None:
        """Call this with every new configuration that differs from the one before, from whichever thread finds it."""
        self._changed = changed

    def read(self) -> Settings:
        """Read the files now, whatever is happening to them; give them if they are whole, else what was whole last."""
        with self._lock:
            return self._read(self._footprints.take(), None)

    def look(self) -> Settings:
        """Read the files if they have changed and stand still; give what is in force."""
        with self._lock:
            footprint = self._footprints.take()
            return self._read(footprint, None) if self._stands_still(footprint) else self._settings

    def for_pass(self, account: str | None) -> Settings:
        """Do the same at the beginning of an account's pass; what was broken is tried again, for it may be mended."""
        with self._lock:
            footprint = self._footprints.take()
            untouched = footprint == self._read_at and bool(self._faults)
            return self._read(footprint, account) if untouched or self._stands_still(footprint) else self._settings

    def _stands_still(self, footprint: Footprint) -> bool:
        """Whether there is a change that is over."""
        if footprint == self._read_at:
            self._unread = None
            return False
        if self._unread is None or self._unread[0] != footprint:
            self._unread = (footprint, self._ticking())
            return False
        return self._ticking() - self._unread[1] >= QUIET_SECONDS

    def _read(self, footprint: Footprint, account: str | None) -> Settings:
        self._read_at, self._unread = footprint, None
        try:
            fresh = bootstrap.load(self._config, outlets=True)
        except ConfigFaults as error:
            if self._footprints.take() != footprint:
                return self._settings  # half of it was not there yet
            self._reject(tuple(str(fault) for fault in error.faults))
            return self._settings
        if self._footprints.take() != footprint:
            return self._settings  # written to while it was read: the next look finds the rest
        if self._faults:
            _LOG.info("config_mended")
            self._faults = ()
        before, self._settings = self._settings, self._as_started(fresh)
        if before != self._settings:
            changed = changed_accounts(before, self._settings)
            accounts, limits = sorted(self._settings.accounts), len(self._settings.limits)
            _LOG.info("config_changed", accounts=accounts, limits=limits, changed=sorted(changed))
            self._changed(before, self._settings, account)
        return self._settings

    def _as_started(self, fresh: Settings) -> Settings:
        """Keep what cannot change while the process lives, and say so once."""
        now = self._settings
        waiting = tuple(
            name for name, differs in (("store", fresh.store != now.store), ("web", fresh.web != now.web)) if differs
        )
        if waiting and waiting != self._waiting:
            _LOG.warning("config_needs_restart", keys=list(waiting), kept="as it was at the start")
        self._waiting = waiting
        return replace(fresh, store=now.store, web=now.web)

    def _reject(self, faults: tuple[str, ...]) -> None:
        if faults != self._faults:
            _LOG.error("config_rejected", faults=list(faults), kept="the last one that was whole")
            self._faults = faults


def changed_accounts(before: Settings, after: Settings) -> frozenset[str]:
    """Name the accounts that are new, or whose settings or limits mean something else than before."""
    old, new = _limits(before), _limits(after)
    return frozenset(
        name
        for name, account in after.accounts.items()
        if before.accounts.get(name) != account or old.get(name) != new.get(name)
    )


def _limits(settings: Settings) -> dict[str, list[Limit]]:
    """Give each account's limits; the lines they stand in mean nothing."""
    found: dict[str, list[Limit]] = {}
    for limit in settings.limits:
        found.setdefault(limit.account, []).append(replace(limit, source=None))
    return found
