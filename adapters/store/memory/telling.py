"""Alerts on record and the messages they cause, in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from adapters.store.memory.part import Part
from adapters.store.turning import may_turn, place_of
from core.alerts import Alert, Message, Turns


class Telling(Part):
    """Alerts and messages."""

    def standing_alerts(self) -> Sequence[Alert]:
        """Give those that have not ended, oldest first."""
        with self._memory.lock:
            standing = [alert for alert in self._memory.alerts.values() if alert.ended_at is None]
        return sorted(standing, key=lambda alert: (alert.since, alert.id))

    def keep_turns(self, turns: Turns) -> bool:
        """Store alerts and messages together; False, and nothing stored, where another process was first."""
        with self._memory.lock:
            kept = self._memory.alerts
            ended = {alert.id for alert in kept.values() if alert.ended_at is not None}
            written = {place_of(message) for message in self._memory.messages.values()}
            if not may_turn(turns, self.standing_alerts(), ended=ended, written=written):
                return False
            kept.update({alert.id: alert for alert in turns.alerts})
            self._memory.messages.update({message.id: message for message in turns.messages})
        return True

    def messages(self, *, until: datetime | None = None) -> Sequence[Message]:
        """Give those neither sent nor given up, oldest first; `until`: only those due by then."""
        with self._memory.lock:
            waiting = [
                message
                for message in self._memory.messages.values()
                if message.sent_at is None
                and message.given_up_at is None
                and (until is None or message.next_at <= until)
            ]
        return sorted(waiting, key=lambda message: (message.written_at, message.id))

    def keep_message(self, before: Message, after: Message) -> bool:
        """Store what became of a delivery; False where it is no longer as `before` says."""
        with self._memory.lock:
            stored = self._memory.messages.get(before.id)
            if stored is None or _delivery(stored) != _delivery(before):
                return False
            self._memory.messages[before.id] = replace(
                stored,
                next_at=after.next_at,
                tries=after.tries,
                unclear=after.unclear,
                sent_at=after.sent_at,
                given_up_at=after.given_up_at,
            )
        return True

    def keep_messages(self, moves: Sequence[tuple[Message, Message]]) -> int:
        """Store what became of many deliveries together; give how many were as their first says."""
        with self._memory.lock:
            return sum(self.keep_message(before, after) for before, after in moves)

    def old_alerts(self, limit: int = 200) -> Sequence[Alert]:
        """Give those that have ended, newest first."""
        with self._memory.lock:
            ended = [(alert.ended_at, alert.id, alert) for alert in self._memory.alerts.values() if alert.ended_at]
        return [alert for _, _, alert in sorted(ended, key=lambda each: each[:2], reverse=True)[:limit]]

    def thin_alerts(self, before: datetime) -> None:
        """Forget alerts that ended, and messages that were sent or given up, before this moment."""
        with self._memory.lock:
            self._memory.alerts = {
                name: alert for name, alert in self._memory.alerts.items() if not _is_before(alert.ended_at, before)
            }
            self._memory.messages = {
                name: message
                for name, message in self._memory.messages.items()
                if not _is_before(message.sent_at, before) and not _is_before(message.given_up_at, before)
            }


def _delivery(message: Message) -> tuple[datetime, int, int, datetime | None, datetime | None]:
    return message.next_at, message.tries, message.unclear, message.sent_at, message.given_up_at


def _is_before(moment: datetime | None, before: datetime) -> bool:
    return moment is not None and moment < before
