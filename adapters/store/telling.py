"""Alerts on record and the messages they cause, in the database: core.ports.Outbox."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, desc, insert, or_, select, true, update

from adapters.store.instants import instant_text
from adapters.store.parts import Part
from adapters.store.rows import Values
from adapters.store.tables import alerts, messages
from adapters.store.telling_rows import alert_of, alert_values, delivery_values, message_of, message_values
from adapters.store.turning import Place, may_turn, place_of
from core.alerts import Alert, Message, Turns

_AT_ONCE = 400  # named in one question: SQLite takes a thousand terms
_STANDING = alerts.c.ended_at.is_(None)
_WAITING = messages.c.sent_at.is_(None) & messages.c.given_up_at.is_(None)
# What a delivery may change; see delivery_values.
DELIVERY = ("next_at", "tries", "unclear", "sent_at", "given_up_at")
# One statement for any number of moves: thousands take a moment, and the store is locked no longer.
_MOVE = (
    update(messages)
    .where(
        messages.c.id == bindparam("at_id"),
        *(messages.c[name].is_not_distinct_from(bindparam(f"was_{name}")) for name in DELIVERY),
    )
    .values({name: bindparam(f"now_{name}") for name in DELIVERY})
)


class Telling(Part):
    """Alerts and messages. They are no part of the audit: what they say stands there already, or in a run."""

    def standing_alerts(self) -> Sequence[Alert]:
        """Give those that have not ended, oldest first."""
        with self._database.reading("read the alerts") as connection:
            return _standing(connection)

    def keep_turns(self, turns: Turns) -> bool:
        """Store alerts and messages together; False, and nothing stored, where another process was first."""
        if not turns.alerts and not turns.messages:
            return True
        with self._database.writing("keep the alerts") as writing:
            connection = writing.connection
            standing = _standing(connection)
            known = {alert.id for alert in standing}
            others = [alert.id for alert in turns.alerts if alert.id not in known]
            ended = _stored(connection, others)
            if not may_turn(turns, standing, ended=ended, written=_written(connection, turns.messages)):
                return False
            _store(connection, turns.alerts, known)
            if turns.messages:
                connection.execute(insert(messages), [message_values(message) for message in turns.messages])
        return True

    def messages(self, *, until: datetime | None = None) -> Sequence[Message]:
        """Give those neither sent nor given up, oldest first; `until`: only those due by then."""
        due = true() if until is None else messages.c.next_at <= instant_text(until)
        chosen = select(messages).where(_WAITING, due).order_by(messages.c.written_at, messages.c.id)
        with self._database.reading("read the messages") as connection:
            return [message_of(row) for row in connection.execute(chosen).mappings()]

    def keep_message(self, before: Message, after: Message) -> bool:
        """Store what became of a delivery; False where it is no longer as `before` says."""
        return self.keep_messages([(before, after)]) == 1

    def keep_messages(self, moves: Sequence[tuple[Message, Message]]) -> int:
        """Store what became of many deliveries in one transaction; give how many were as their first says."""
        if not moves:
            return 0
        values = [
            {"at_id": before.id, **_named("was", delivery_values(before)), **_named("now", delivery_values(after))}
            for before, after in moves
        ]
        with self._database.writing("keep the messages") as writing:
            return writing.connection.execute(_MOVE, values).rowcount

    def old_alerts(self, limit: int = 200) -> Sequence[Alert]:
        """Give those that have ended, newest first."""
        ended = select(alerts).where(alerts.c.ended_at.is_not(None))
        chosen = ended.order_by(desc(alerts.c.ended_at), desc(alerts.c.id)).limit(limit)
        with self._database.reading("read the alerts") as connection:
            return [alert_of(row) for row in connection.execute(chosen).mappings()]

    def thin_alerts(self, before: datetime) -> None:
        """Forget alerts that ended, and messages that were sent or given up, before this moment."""
        moment = instant_text(before)
        done = or_(messages.c.sent_at < moment, messages.c.given_up_at < moment)
        with self._database.writing("forget old alerts") as writing:
            writing.connection.execute(delete(alerts).where(alerts.c.ended_at < moment))
            writing.connection.execute(delete(messages).where(done))


def _named(when: str, values: Values) -> Values:
    return {f"{when}_{name}": value for name, value in values.items()}


def _standing(connection: Connection) -> list[Alert]:
    chosen = select(alerts).where(_STANDING).order_by(alerts.c.since, alerts.c.id)
    return [alert_of(row) for row in connection.execute(chosen).mappings()]


def _stored(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Give those of these ids that are stored."""
    found: set[str] = set()
    for start in range(0, len(ids), _AT_ONCE):
        chosen = select(alerts.c.id).where(alerts.c.id.in_(ids[start : start + _AT_ONCE]))
        found.update(connection.execute(chosen).scalars())
    return found


def _written(connection: Connection, given: Iterable[Message]) -> set[Place]:
    """Give the places of the messages that tell of the same alerts."""
    ids = sorted({message.alert for message in given})
    found: set[Place] = set()
    for start in range(0, len(ids), _AT_ONCE):
        chosen = select(messages).where(messages.c.alert.in_(ids[start : start + _AT_ONCE]))
        found.update(place_of(message_of(row)) for row in connection.execute(chosen).mappings())
    return found


def _store(connection: Connection, given: Sequence[Alert], known: set[str]) -> None:
    """Change what is known first: an alert that ends makes room for a graver one of its identity."""
    changed = [alert_values(alert) for alert in given if alert.id in known]
    if changed:
        connection.execute(update(alerts).where(alerts.c.id == bindparam("at_id")), list(map(_at_id, changed)))
    fresh = [alert_values(alert) for alert in given if alert.id not in known]
    if fresh:
        connection.execute(insert(alerts), fresh)


def _at_id(values: Values) -> Values:
    """Give the columns with the id under another name, so that an update looks for it and does not set it."""
    return {"at_id" if name == "id" else name: value for name, value in values.items()}
