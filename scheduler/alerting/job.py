"""The daemon's alert job: evaluate the board, deliver what waits, forget what is old. It never raises.

Made and called by the daemon, several times a minute. Where nothing has changed and nothing waits it does nothing: time
alone can begin or end a condition, and once a minute is often enough for that.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from core.alerts import Channel
from core.errors import StoreFailedError, TidegateError
from core.ports import Clock, Ids, Notifier, Outbox
from scheduler.alerting.delivery import Count, Deliveries, deliver
from scheduler.alerting.evaluating import evaluate
from scheduler.alerting.outage import Outage
from scheduler.config import AlertSettings
from scheduler.reports.board import AccountBoard, Board, Tick

_LOG = structlog.get_logger("tidegate")

# How long a board that has not changed is as good as evaluated.
EVALUATED_FOR: Final = timedelta(minutes=1)
# Other processes write messages too, and may be killed before they send them.
LOOKED_FOR: Final = timedelta(minutes=1)
THINNED_EVERY: Final = timedelta(days=1)
KEPT_FOR: Final = timedelta(days=90)
# Without [alerts] nobody is told, but what stands is on the page.
PAUSE_AFTER: Final = timedelta(days=3)
_NO_TICK: Final = Tick()


class AlertJob:
    """One process's alerts. `alerts`: as configured now; `notifier`: made anew for each delivery, as keys may change.

    For one thread at a time.
    """

    def __init__(
        self,
        alerts: Callable[[], AlertSettings | None],
        outbox: Outbox,
        notifier: Callable[[AlertSettings], Notifier],
        *,
        clock: Clock,
        ids: Ids,
        count: Count,
    ) -> None:
        self._alerts = alerts
        self._outbox = outbox
        self._notifier = notifier
        self._clock = clock
        self._ids = ids
        self._count = count
        self._seen: tuple[Board, AlertSettings | None, datetime] | None = None
        self._waiting = True
        self._looked_at: datetime | None = None
        self._thinned_at: datetime | None = None
        self._sent_at: dict[str, datetime] = {}
        self._troubles: dict[str, str] = {}
        self._failed = self._wrote = False
        self._outage = Outage(alerts, notifier, clock)

    def run(self, board: Board) -> None:
        """Tell what there is to tell of this board."""
        alerts = self._alerts()
        self._failed = self._wrote = False
        self._safely("alerts_not_evaluated", lambda: self._evaluate(board, alerts))
        if alerts is not None and not self._clock.stopping():
            self._safely("alerts_not_delivered", lambda: self._deliver(alerts))
        self._safely("alerts_not_thinned", self._thin)
        if not self._failed and (self._wrote or self._outage.is_over(board)):
            self._outage.works()

    def run_without(self, error: TidegateError) -> None:
        """Take note that there is no board to tell of, since our own records could not be read."""
        if isinstance(error, StoreFailedError):
            self._failed = True
            self._outage.failing(str(error))

    def _evaluate(self, board: Board, alerts: AlertSettings | None) -> None:
        now = self._clock.now()
        if self._seen is not None:
            before, so, at = self._seen
            if timedelta(0) <= now - at < EVALUATED_FOR and so == alerts and alike(before, board):
                return
        self._waiting = True
        turned = evaluate(
            self._outbox,
            board,
            channels_of(alerts),
            clock=self._clock,
            ids=self._ids,
            pause_after=PAUSE_AFTER if alerts is None else alerts.pause_after,
        )
        # That there was nothing to keep says nothing of a store that can be read and not written.
        self._wrote = turned is not None and bool(turned.alerts or turned.messages)
        # Where another process was first, this one looks again.
        self._seen = None if turned is None else (board, alerts, now)

    def _deliver(self, alerts: AlertSettings) -> None:
        now = self._clock.now()
        if not self._waiting and self._looked_at and timedelta(0) <= now - self._looked_at < LOOKED_FOR:
            return
        self._looked_at = now
        left = deliver(
            Deliveries(
                outbox=self._outbox,
                notifier=self._notifier(alerts),
                settings=alerts,
                clock=self._clock,
                count=self._count,
                sent_at=self._sent_at,
            )
        )
        self._waiting = left > 0

    def _thin(self) -> None:
        now = self._clock.now()
        if self._thinned_at is None or now - self._thinned_at >= THINNED_EVERY:
            self._thinned_at = now
            self._outbox.thin_alerts(now - KEPT_FOR)

    def _safely(self, event: str, work: Callable[[], None]) -> None:
        """Do one part; what goes wrong is a log line, once for each way, and keeps no other part from its work."""
        try:
            work()
        except TidegateError as error:
            self._waiting = True
            self.run_without(error)
            if self._troubles.get(event) != str(error):
                self._troubles[event] = str(error)
                _LOG.error(event, why=str(error))
        except Exception:  # noqa: BLE001 - whatever it is, the next run tries again
            self._waiting = True
            _LOG.exception(event)
        else:
            self._troubles.pop(event, None)


def channels_of(alerts: AlertSettings | None) -> tuple[Channel, ...]:
    """Give the channels as core needs them; none without [alerts]."""
    return tuple(
        Channel(name=channel.name, severity=channel.severity, accounts=channel.accounts)
        for channel in (() if alerts is None else alerts.channels)
    )


def alike(before: Board, board: Board) -> bool:
    """Whether two boards hold the same facts, as far as that can be told at once; False where it cannot."""
    return before is board or (
        (before.started_at, before.config_faults, before.open_intents, before.disputes, before.pauses)
        == (board.started_at, board.config_faults, board.open_intents, board.disputes, board.pauses)
        and len(before.accounts) == len(board.accounts)
        and all(_alike(old, new) for old, new in zip(before.accounts, board.accounts, strict=True))
    )


def _alike(old: AccountBoard, new: AccountBoard) -> bool:
    # Thousands of customers are compared by being the very same objects, which a board shares with the one before.
    return old is new or (
        old.customers is new.customers
        and replace(old, customers=(), tick=_NO_TICK) == replace(new, customers=(), tick=_NO_TICK)
    )
