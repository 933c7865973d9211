"""Makes the board from our own records: at once for a command, again and again for the page, the metrics, the alerts.

Asks no vendor. What other processes do (`tidegate apply`, `pause`, `settle`) is seen once it is on record, two seconds
later at most; whatever nothing happened to is given again as it was.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.metadata import version

from core.limit import Limit
from core.ports import Clock
from core.run.world import World
from scheduler.config import Settings
from scheduler.records.account_boards import AccountBoards, Lately, Written
from scheduler.records.customer_file import comparing_once, customer_file
from scheduler.records.runs import Runs
from scheduler.records.tail import Tail
from scheduler.reports.board import Board, CustomerFile, StandingAlert, Tick

LOOKED_EVERY = timedelta(seconds=2)


def board(settings: Settings, world: World) -> Board:
    """Make the board once, for a command. Raises StoreFailedError."""
    return Boards(world, world.clock).current(settings)


class Boards:
    """Makes boards of one store. Thread-safe."""

    def __init__(self, world: World, clock: Clock) -> None:
        self._world = world
        self._clock = clock
        self._version = version("tidegate")
        self._lock = threading.Lock()
        self._runs = Runs(world)
        self._tail = Tail(world.journal)
        self._drawing = AccountBoards(world)
        self._looked_at: datetime | None = None
        self._news = True
        self._lately = Lately()
        self._settings: Settings | None = None
        self._written: Mapping[str, Written] = {}
        self._last: Board | None = None
        self._compared: tuple[Settings, str, World] | None = None

    def current(
        self,
        settings: Settings,
        *,
        ticks: Mapping[str, Tick] | None = None,
        config_faults: tuple[str, ...] = (),
        started_at: datetime | None = None,
        alerts: Sequence[StandingAlert] = (),
    ) -> Board:
        """Give the board as of now; the keywords are what only the daemon's process knows. Raises StoreFailedError.

        While one thread draws a large board, the others are given the one before.
        """
        made = self._made(settings)
        known = ticks or {}
        return replace(
            made,
            accounts=tuple(
                replace(account, tick=known[account.name]) if account.name in known else account
                for account in made.accounts
            ),
            config_faults=config_faults,
            started_at=started_at,
            alerts=tuple(alerts),
        )

    def redraw(self, settings: Settings) -> None:
        """Draw what has just changed, so that no reader has to wait for it. Raises StoreFailedError."""
        with self._lock:
            self._looked_at = None
            self._last = self._draw(settings)

    def file(self, settings: Settings, board: Board, vendor: str, customer_id: str) -> CustomerFile | None:
        """Give one customer of a board in full; None where no limit names it. Raises StoreFailedError."""
        with self._lock:
            if self._compared is None or self._compared[:2] != (settings, board.head):
                self._compared = settings, board.head, comparing_once(self._world)
            world = self._compared[2]
        return customer_file(world, settings, board, vendor, customer_id)

    def _made(self, settings: Settings) -> Board:
        last = self._last if self._settings is settings else None
        if not self._lock.acquire(blocking=last is None) and last is not None:
            return last
        try:
            self._last = self._draw(settings)
            return self._last
        finally:
            self._lock.release()

    def _draw(self, settings: Settings) -> Board:
        now = self._clock.now()
        self._follow(settings)
        self._look(settings, now)
        over = [one for one in self._lately.pauses if one.until is not None and one.until <= now]
        if over:
            in_force = tuple(one for one in self._lately.pauses if one not in over)
            self._lately = replace(self._lately, pauses=in_force)
        accounts = [
            self._drawing.drawn(written, self._runs.of(name), self._lately, Tick(), now)
            for name, written in self._written.items()
        ]
        return Board(
            # When the records were read: another process may have seen newer ones meanwhile.
            made_at=self._looked_at or now,
            version=self._version,
            installation=self._world.journal.installation,
            head=self._tail.head,
            accounts=tuple(accounts),
            open_intents=self._lately.open_intents,
            disputes=self._lately.disputes,
            pauses=self._lately.pauses,
            changes=self._tail.changes(),
        )

    def _follow(self, settings: Settings) -> None:
        """Note which accounts are written otherwise than before."""
        if self._settings is settings:
            return
        limits: dict[str, list[Limit]] = {name: [] for name in settings.accounts}
        for limit in settings.limits:
            limits[limit.account].append(limit)
        written = {}
        for name in sorted(settings.accounts):
            before = self._written.get(name)
            fresh = Written(account=settings.accounts[name], limits=tuple(limits[name]))
            number = 0 if before is None else before.number
            same = before == replace(fresh, number=number)
            written[name] = before if before is not None and same else replace(fresh, number=number + 1)
        self._settings, self._written = settings, written
        self._drawing.keep_only(written)
        # An account that is new here may have runs in the store.
        self._runs.seek(settings.accounts)

    def _look(self, settings: Settings, now: datetime) -> None:
        """Read what may have changed, unless that was done a moment ago."""
        if self._looked_at is not None and timedelta(0) <= now - self._looked_at < LOOKED_EVERY:
            return
        # Kept until all of it was read: a store that fails in between is asked again.
        self._news = self._tail.refresh() or self._news
        if self._news:
            journal = self._world.journal
            open_intents = tuple(journal.open_intents())
            self._runs.refresh(settings.accounts)
            # What became of the rows of a plan is told by the changes that were made since.
            wholes = {name: self._runs.of(name).whole for name in settings.accounts}
            begun = {name: part.begun_at for name, part in wholes.items() if part.waiting}
            self._tail.follow_intents(open_intents, min(begun.values(), default=None))
            self._lately = Lately(
                open_intents=open_intents,
                disputes=tuple(journal.disputes()),
                pauses=tuple(journal.pauses(now)),
                since=self._tail.intents_since(begun),
                touched={name: self._tail.touched(name) for name in settings.accounts},
            )
            self._news = False
        self._looked_at = now
