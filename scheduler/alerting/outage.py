"""Tells of our own records failing, past our own records: straight to every channel, remembered in memory alone.

Called by the alert job. While the store cannot be written, no alert can be put on record, so none of the others leaves;
this one must. A process that is started anew meanwhile tells it once more, after the same patience.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from core.errors import NotifyFailedError, NotifyUnclearError, TidegateError
from core.ports import Clock, Notifier
from scheduler.alerting.delivery import MOST_UNCLEAR
from scheduler.config import AlertSettings
from scheduler.reports.board import Board
from scheduler.reports.wording import clean

_LOG = structlog.get_logger("tidegate")

# A locked store is free again after seconds, and a backup takes no longer.
PATIENCE: Final = timedelta(minutes=10)
# A channel that did not take it is tried again after this.
AGAIN: Final = timedelta(minutes=5)
_TITLE: Final = "Tidegate: CRITICAL: its own records cannot be used"


class Outage:
    """One process's knowledge of its store. For one thread at a time."""

    def __init__(
        self,
        alerts: Callable[[], AlertSettings | None],
        notifier: Callable[[AlertSettings], Notifier],
        clock: Clock,
    ) -> None:
        self._alerts = alerts
        self._notifier = notifier
        self._clock = clock
        self._since: datetime | None = None
        self._failed_at: datetime | None = None
        self._told: frozenset[str] = frozenset()
        self._tried_at: datetime | None = None
        self._unclear: Counter[str] = Counter()
        # Who still has to hear that an outage is over, and since when it was.
        self._owed: frozenset[str] = frozenset()
        self._over = ""

    def failing(self, why: str) -> None:
        """Note that the store failed; tell every channel once it has failed for long. Never raises."""
        now = self._clock.now()
        self._since, self._failed_at = self._since or now, now
        resting = self._tried_at is not None and now - self._tried_at < AGAIN
        if now - self._since < PATIENCE or resting:
            return
        since = f"{self._since:%Y-%m-%d %H:%M} UTC"
        self._told |= self._tell(
            _TITLE,
            f"Since {since} {clean(why)}.\n\nNothing is changed at any vendor meanwhile, limits are not kept, and no "
            "other alert can be told. Free the disk or mend the file, then see `tidegate status`.",
            but=self._told,
        )
        self._tried_at = now

    def is_over(self, board: Board) -> bool:
        """Whether a run was put on record since the store failed last; True where it never did."""
        at = self._failed_at
        ends = (account.last_run.ended_at for account in board.accounts if account.last_run is not None)
        return at is None or any(end is not None and end > at for end in ends)

    def works(self) -> None:
        """Note that the store can be written; tell those who were told of the outage. Never raises."""
        now = self._clock.now()
        if self._told and self._since is not None:
            self._over = f"Its own records can be used again; they could not since {self._since:%Y-%m-%d %H:%M} UTC."
            self._owed, self._tried_at = self._owed | self._told, None
            self._unclear.clear()
        self._since, self._told = None, frozenset()
        resting = self._tried_at is not None and now - self._tried_at < AGAIN
        if self._owed and not resting:
            title = "Tidegate: over: its own records can be used again"
            self._owed -= self._tell(title, self._over, only=self._owed, critical=False)
            self._tried_at = now if self._owed else None

    def _tell(
        self,
        title: str,
        body: str,
        *,
        but: frozenset[str] = frozenset(),
        only: frozenset[str] | None = None,
        critical: bool = True,
    ) -> frozenset[str]:
        """Send to the channels; give those that took it."""
        alerts = self._alerts()
        if alerts is None:
            return frozenset()
        names = [one.name for one in alerts.channels if one.name not in but and (only is None or one.name in only)]
        taken = set()
        try:
            notifier = self._notifier(alerts)
            for name in names:
                if self._clock.stopping():
                    break
                if self._taken(notifier, name, title, body, critical=critical):
                    taken.add(name)
        except TidegateError as error:
            _LOG.error("alerts_not_sent", why=str(error))
        return frozenset(taken)

    def _taken(self, notifier: Notifier, channel: str, title: str, body: str, *, critical: bool) -> bool:
        try:
            notifier.send(channel, title=title, body=body, critical=critical)
        except NotifyUnclearError as error:
            self._unclear[channel] += 1
            _LOG.warning("alerts_unclear", channel=channel, why=error.why)
            return self._unclear[channel] >= MOST_UNCLEAR
        except NotifyFailedError as error:
            _LOG.error("alerts_not_sent", channel=channel, why=error.why)
            return False
        return True
