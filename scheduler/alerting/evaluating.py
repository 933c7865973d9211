"""One evaluation: the board against the record, and what turned is kept. Called by the alert job and by commands.

Many processes may evaluate at any time: the record takes what follows it, and of two that see the same one is kept.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from core.alerts import Alert, Channel, Turns
from core.ports import Clock, Ids, Outbox
from core.telling import speaking, turns
from scheduler.alerting.conditions import conditions
from scheduler.alerting.fates import fates
from scheduler.reports.board import Board, StandingAlert


def evaluate(
    outbox: Outbox, board: Board, channels: Sequence[Channel], *, clock: Clock, ids: Ids, pause_after: timedelta
) -> Turns | None:
    """Give what turned, now on record with its messages; None where another process was first, and nothing is kept.

    Raises StoreFailedError; then nothing is kept either, and the next evaluation finds it again.
    """
    standing = outbox.standing_alerts()
    if _is_overtaken(board, [*standing, *outbox.old_alerts(1)], clock.now()):
        return None
    turned = turns(
        standing,
        conditions(board, pause_after=pause_after),
        channels,
        fate=fates(board),
        now=board.made_at,
        new_id=ids.ulid,
    )
    return turned if outbox.keep_turns(turned) else None


def standing_for_board(outbox: Outbox) -> tuple[StandingAlert, ...]:
    """Give what stands and was told, or would have been, the gravest first and then the oldest; for the page.

    Of a ladder only the highest rung.
    """
    told = speaking(alert for alert in outbox.standing_alerts() if alert.told_at is not None)
    return tuple(
        StandingAlert(
            severity=alert.condition.severity.value,
            sentence=alert.condition.sentence,
            since=alert.since,
            account=alert.condition.account,
            customer_id=None if alert.condition.customer is None else alert.condition.customer.customer_id,
        )
        for alert in sorted(told, key=lambda alert: (-alert.condition.severity.rank, alert.since, alert.id))
    )


def _is_overtaken(board: Board, alerts: Iterable[Alert], now: datetime) -> bool:
    """Whether somebody kept turns of a later board: what this one shows may have ended since.

    A time that is yet to come was written by a clock that was set back since, and overtakes nobody.
    """
    times = [
        moment for alert in alerts for moment in (alert.since, alert.told_at, alert.ended_at) if moment is not None
    ]
    return any(board.made_at < moment <= now for moment in times)
