"""Whether what an evaluation of alerts turned may still be kept: decided once, for the store and its in-memory twin.

Pure. Both call it while they hold their lock, so that nobody can come between the comparison and the set.
"""

from collections.abc import Collection, Iterable, Mapping

from core.alerts import Alert, Edge, Message, Turns

# What makes a message the same as one that is stored: alert, channel, edge.
Place = tuple[str, str, Edge]


def place_of(message: Message) -> Place:
    """Give what no two messages may share."""
    return (message.alert, message.channel, message.edge)


def may_turn(turns: Turns, standing: Iterable[Alert], *, ended: Collection[str], written: Collection[Place]) -> bool:
    """Whether everything still is as it was when it was evaluated.

    `standing`: alerts stored that have not ended. `ended`: ids of the turned ones that are stored and have ended.
    `written`: places of messages that are stored.
    """
    if len({alert.id for alert in turns.alerts}) != len(turns.alerts):
        return False
    stored = {alert.id: alert for alert in standing}
    taken = {alert.condition.identity: alert.id for alert in stored.values()}
    for alert in turns.alerts:
        if alert.id in ended or not _follows(alert, stored):
            return False
        # One after the other: a graver alert takes the place of one that ends in the same turn.
        if taken.get(alert.condition.identity, alert.id) != alert.id:
            return False
        if alert.ended_at is None:
            taken[alert.condition.identity] = alert.id
        else:
            taken.pop(alert.condition.identity, None)
    places = [place_of(message) for message in turns.messages]
    return len(set(places)) == len(places) and not any(place in written for place in places)


def _follows(after: Alert, stored: Mapping[str, Alert]) -> bool:
    before = stored.get(after.id)
    if before is None:
        return True
    if before.condition.identity != after.condition.identity:
        return False
    if after.ended_at is not None:
        return (before.told_at, before.told_to) == (after.told_at, after.told_to)
    return before.told_at is None or before.told_to < after.told_to
