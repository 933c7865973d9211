"""What the page, the metrics and the alerts are given: the board of our own records, with what only this process knows.

Implements scheduler.web.source.Source. Asked from many threads at once; asks no vendor.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.alerts import Message, Severity
from core.ports import Outbox
from core.run.world import World
from core.windows import open_at
from scheduler.alerting.evaluating import standing_for_board
from scheduler.config import AlertSettings
from scheduler.daemon.pulse import Pulse
from scheduler.daemon.ticker import Ticker
from scheduler.jobs import Failure, Passes, SettingsSource
from scheduler.records.board import LOOKED_EVERY, Boards
from scheduler.reports.board import AccountBoard, Board, Counts, CustomerFile, Health, StandingAlert, Tick
from scheduler.reports.summary import plain_reason

_NOTHING = timedelta(0)
# Reading thousands of messages takes its time, and who asks how long they have waited thinks in minutes.
_UNSENT_SECONDS = 15.0


class Showing:
    """Everything that is shown. `world` has the store and no vendor; `outbox` has the alerts that stand."""

    def __init__(
        self,
        source: SettingsSource,
        passes: Passes,
        ticker: Ticker,
        pulse: Pulse,
        *,
        world: World,
        outbox: Outbox,
    ) -> None:
        self._source = source
        self._passes = passes
        self._ticker = ticker
        self._pulse = pulse
        self._world = world
        self._outbox = outbox
        self._boards = Boards(world, world.clock)
        self._started_at = world.clock.now()
        self._alerts: tuple[float | None, tuple[StandingAlert, ...]] = None, ()
        self._unsent: tuple[float | None, Mapping[str, datetime]] = None, {}
        # As the newest board has it: when it was last read, before this process began or by another one, and how
        # old that may be.
        self._known: Mapping[str, tuple[datetime | None, timedelta]] = {}

    def board(self) -> Board:
        """Give the board as of now. Raises StoreFailedError."""
        settings = self._source.settings
        made = self._boards.current(
            settings,
            ticks=self._ticks(),
            config_faults=self._source.faults,
            started_at=self._started_at,
            alerts=self._standing(),
        )
        self._known = {account.name: (account.read_at, account.late_after) for account in made.accounts}
        return replace(
            made,
            accounts=tuple(with_failure(each, self._passes.failure(each.name)) for each in made.accounts),
            channels=() if settings.alerts is None else tuple(channel.name for channel in settings.alerts.channels),
            unsent_since=self._unsent_since(settings.alerts),
        )

    def _unsent_since(self, alerts: AlertSettings | None) -> Mapping[str, datetime]:
        """Give since when each channel has not taken what is for it, read some seconds ago at most."""
        read_at, since = self._unsent
        if alerts is not None and (read_at is None or time.monotonic() - read_at >= _UNSENT_SECONDS):
            since = unsent_since(self._outbox.messages(), alerts, self._world.clock.now())
            self._unsent = time.monotonic(), since
        return since if alerts is not None else {}

    def redraw(self) -> None:
        """Draw the board now, at the end of a pass: the first reader after it would wait. Raises StoreFailedError."""
        self._boards.redraw(self._source.settings)

    def _standing(self) -> tuple[StandingAlert, ...]:
        """Give the alerts that stand, read a moment ago at most: thousands of them take their time to read."""
        read_at, standing = self._alerts
        if read_at is None or time.monotonic() - read_at >= LOOKED_EVERY.total_seconds():
            standing = standing_for_board(self._outbox)
            self._alerts = time.monotonic(), standing
        return standing

    def customer(self, vendor: str, customer_id: str) -> CustomerFile | None:
        """Give one customer in full; None where no limit names it. Raises StoreFailedError."""
        return self._boards.file(self._source.settings, self.board(), vendor, customer_id)

    def counts(self) -> Counts:
        """Give what was counted since the start."""
        return self._passes.tally.counts()

    def health(self) -> Health:
        """Say whether the process lives and works; from memory, so that it never waits."""
        now, read_at = datetime.now(UTC), self._passes.read_at
        ages: dict[str, timedelta | None] = {}
        late: dict[str, timedelta | None] = {}
        for name in sorted(self._source.settings.accounts):
            before, allowed = self._known.get(name, (None, _NOTHING))
            last = max((at for at in (before, read_at.get(name)) if at is not None), default=None)
            ages[name] = age = None if last is None else max(now - last, _NOTHING)
            if age is None or (name in self._known and age > allowed):
                late[name] = age
        return Health(stuck=self._pulse.stuck(), late=late, ages=ages)

    def _ticks(self) -> dict[str, Tick]:
        under_way = {each.account: each for each in self._passes.under_way()}
        found = {}
        for name in self._source.settings.accounts:
            running = under_way.get(name)
            found[name] = Tick(
                next_at=self._ticker.next_at(name),
                running_since=None if running is None else running.since,
                progressed_at=None if running is None else running.progressed_at,
            )
        return found


def with_failure(account: AccountBoard, failure: Failure | None) -> AccountBoard:
    """Lay upon an account that its last pass left no run, unless a later run, whoever made it, says how things are."""
    if failure is None:
        return account
    ended_at = None if account.last_run is None else account.last_run.ended_at
    if any(at is not None and at >= failure.at for at in (ended_at, account.read_at)):
        return account
    # Another process may have read it in between.
    since = failure.at if account.read_at is not None and account.read_at >= failure.since else failure.since
    if account.problem is not None and account.problem_since is not None:
        since = min(since, account.problem_since)
    return replace(account, problem=plain_reason(failure.sentence), problem_since=since, failed_at=failure.at)


def unsent_since(messages: Sequence[Message], alerts: AlertSettings, now: datetime) -> dict[str, datetime]:
    """Give by channel when the oldest message was written that ought to have been sent; without those that have none.

    What waits for the end of quiet hours is where it should be, unless its channel failed before.
    """
    quiet = bool(alerts.quiet_hours) and open_at(alerts.quiet_hours, now, alerts.zone.key)
    failing = {message.channel for message in messages if message.tries}
    found: dict[str, datetime] = {}
    for message in messages:
        if quiet and message.severity is not Severity.CRITICAL and message.channel not in failing:
            continue
        found[message.channel] = min(message.written_at, found.get(message.channel, message.written_at))
    # To one that is no longer configured nothing is sent.
    return {channel.name: found[channel.name] for channel in alerts.channels if channel.name in found}
