"""The law of alerts: what turned between what stands on record and what holds now, and who is told.

Called by scheduler.alerting.evaluating with the conditions of one board; the store keeps what comes out. Pure: the same
record and the same conditions give the same turns, and once those are kept, none.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, assert_never

from core.alerts import Alert, Channel, Condition, Edge, Message, Severity, Sort, Turns
from core.limit import CustomerKey

# Conditions alike but for their subject; the higher rungs of one say what the lower ones say.
_Ladder = tuple[Sort, str | None, CustomerKey | None, str]
_NO_TIME = timedelta(0)

FIRST_REST: Final = timedelta(minutes=1)
LONGEST_REST: Final = timedelta(hours=1)
LONGEST_CRITICAL_REST: Final = timedelta(minutes=5)
# A rest is longer than this share of it by chance, so that what failed together does not come back together.
JITTER: Final = 0.2
# What is critical and has failed for as long as this is tried no more often than the rest.
URGENT_FOR: Final = timedelta(days=3)
_MOST_DOUBLINGS: Final = 6  # from one minute beyond an hour


class Fate(Enum):
    """What is known of a condition on record that is not among those that hold now."""

    OVER = "over"  # it was looked for, and is gone
    UNKNOWN = "unknown"  # nobody could look: it stays as it was
    MOOT = "moot"  # nobody asks any more: it ends without a word


@dataclass(frozen=True, slots=True)
class _Held:
    """A condition that holds, and its alert as on record; a new one where there was none."""

    condition: Condition
    alert: Alert
    is_new: bool

    @property
    def is_graver(self) -> bool:
        """Whether it was told as less than it is."""
        was = self.alert.condition.severity.rank
        return self.alert.told_at is not None and self.condition.severity.rank > was

    def is_due(self, now: datetime) -> bool:
        """Whether it may be told: it has stood long enough, or was told before."""
        stood = now - self.alert.since
        # Where the clock was set back nobody knows how long it stood: better told early than hours late.
        return self.alert.told_at is not None or not _NO_TIME <= stood < self.condition.sort.patience


def turns(
    standing: Iterable[Alert],
    conditions: Iterable[Condition],
    channels: Sequence[Channel],
    *,
    fate: Callable[[Condition], Fate],
    now: datetime,
    new_id: Callable[[], str],
) -> Turns:
    """Hold what stands on record against what holds now.

    `standing`: every alert that has not ended. `fate` is asked of those whose condition is not among `conditions`.
    A new condition goes on record, is told to each channel that wants it once it has stood as long as its sort's
    patience, and ends when it no longer holds; its end is told to those who know of it, where the sort tells its end.
    What has become graver is told again. A channel that does not know yet what it wants to know is told.
    """
    found = _gravest(conditions)
    stored = {alert.condition.identity: alert for alert in standing}
    held = [_held(condition, stored.get(identity), now, new_id) for identity, condition in found.items()]
    gone = [alert for identity, alert in stored.items() if identity not in found]
    ended = _ended(gone, channels, fate=fate, now=now, new_id=new_id)
    begun = _begun(held, channels, now=now, new_id=new_id)
    return Turns(alerts=(*ended.alerts, *begun.alerts), messages=(*ended.messages, *begun.messages))


def speaking(alerts: Iterable[Alert]) -> list[Alert]:
    """Give the alerts without those that a higher rung of the same ladder says."""
    given = list(alerts)
    highest: dict[_Ladder, int] = {}
    for alert in given:
        ladder = _ladder(alert.condition)
        highest[ladder] = max(highest.get(ladder, 0), alert.condition.rung)
    return [alert for alert in given if alert.condition.rung in {0, highest[_ladder(alert.condition)]}]


def rest_after(tries: int, *, urgent: bool) -> timedelta:
    """Give how long a channel rests at least after its failure number `tries` in a row: longer each time."""
    doubled = FIRST_REST * (1 << min(tries - 1, _MOST_DOUBLINGS))
    return min(doubled, LONGEST_CRITICAL_REST if urgent else LONGEST_REST)


def next_try(waiting: Sequence[Message], now: datetime) -> datetime:
    """Give from when on a channel may be sent to, by all that waits for it; now or earlier: it may.

    What is stored as `next_at` nobody may cut short: the rest that something critical would have, or the lease of a
    process that sends. Only where nothing urgent waits is the rest longer: whatever earned it, what is critical does
    not wait behind it. A time beyond any that is ever stored is that of a clock which was set back since.
    """
    bound = now + LONGEST_CRITICAL_REST * (1 + JITTER)
    given = [message for message in waiting if message.next_at <= bound]
    at = max((message.next_at for message in given), default=now)
    failed = [message for message in given if message.tries]
    if not failed or any(_is_urgent(message, now) for message in waiting):
        return at
    tries = max(message.tries for message in failed)
    longer = rest_after(tries, urgent=False) - rest_after(tries, urgent=True)
    return max(at, max(message.next_at for message in failed) + longer)


def _is_urgent(message: Message, now: datetime) -> bool:
    return message.severity is Severity.CRITICAL and now - message.written_at < URGENT_FOR


def _gravest(conditions: Iterable[Condition]) -> dict[str, Condition]:
    found: dict[str, Condition] = {}
    for condition in conditions:
        known = found.get(condition.identity)
        if known is None or condition.severity.rank > known.severity.rank:
            found[condition.identity] = condition
    return found


def _held(condition: Condition, alert: Alert | None, now: datetime, new_id: Callable[[], str]) -> _Held:
    if alert is not None:
        return _Held(condition, alert, is_new=False)
    return _Held(condition, Alert(id=new_id(), condition=condition, since=now), is_new=True)


def _begun(held: Sequence[_Held], channels: Sequence[Channel], *, now: datetime, new_id: Callable[[], str]) -> Turns:
    """Tell what is due and not known yet; of a ladder, each channel hears the highest rung it wants alone."""
    wanting = {each.alert.id: {one.name for one in channels if one.wants(each.condition)} for each in held}
    due = [each for each in held if each.is_due(now)]
    highest: dict[tuple[_Ladder, str], int] = {}
    for each in due:
        for channel in wanting[each.alert.id]:
            place = (_ladder(each.condition), channel)
            highest[place] = max(highest.get(place, 0), each.condition.rung)
    alerts: list[Alert] = [each.alert for each in held if each.is_new and not each.is_due(now)]
    messages: list[Message] = []
    for each in due:
        turned, told_of = _told(each, wanting[each.alert.id], now, new_id)
        alerts += turned
        messages += [
            _message(turned[-1], Edge.BEGAN, channel, now, new_id)
            for channel in sorted(told_of)
            if each.condition.rung >= highest[_ladder(each.condition), channel]
        ]
    return Turns(alerts=alerts, messages=messages)


def _told(held: _Held, wanting: set[str], now: datetime, new_id: Callable[[], str]) -> tuple[list[Alert], set[str]]:
    """Give the alerts that turn where it is told, the one it is told by last, and the channels that did not know."""
    alert = held.alert
    if held.is_graver:
        # What was told stays on record as it was told; the graver fact is an alert of its own, since as long.
        graver = replace(alert, id=new_id(), condition=held.condition, told_at=now, told_to=frozenset(wanting))
        return [replace(alert, ended_at=now), graver], wanting
    owed = wanting - alert.told_to
    if alert.told_at is None:
        return [replace(alert, condition=held.condition, told_at=now, told_to=frozenset(wanting))], owed
    if owed:
        # It may be less grave by now than it was told; on record stays the gravest, or it would be told again.
        condition = replace(held.condition, severity=alert.condition.severity)
        return [replace(alert, condition=condition, told_to=alert.told_to | owed)], owed
    return [], owed


def _ended(
    gone: Iterable[Alert],
    channels: Iterable[Channel],
    *,
    fate: Callable[[Condition], Fate],
    now: datetime,
    new_id: Callable[[], str],
) -> Turns:
    """End what is over or moot; of a ladder, each channel hears of the lowest rung alone that it knew of."""
    reached = {channel.name for channel in channels}
    ended: list[Alert] = []
    told: list[Alert] = []
    for alert in gone:
        match fate(alert.condition):
            case Fate.UNKNOWN:
                continue
            case Fate.OVER if alert.condition.sort.tells_end:
                told.append(replace(alert, ended_at=now))
            case Fate.OVER | Fate.MOOT:
                ended.append(replace(alert, ended_at=now))
            case never:
                assert_never(never)
    lowest = _lowest(told, reached)
    messages = [
        _message(alert, Edge.ENDED, channel, now, new_id)
        for alert in told
        for channel in sorted(alert.told_to & reached)
        if alert.condition.rung in {0, lowest[_ladder(alert.condition), channel]}
    ]
    return Turns(alerts=(*ended, *told), messages=messages)


def _lowest(told: Iterable[Alert], reached: set[str]) -> Mapping[tuple[_Ladder, str], int]:
    found: dict[tuple[_Ladder, str], int] = {}
    for alert in told:
        for channel in alert.told_to & reached:
            place = (_ladder(alert.condition), channel)
            found[place] = min(found.get(place, alert.condition.rung), alert.condition.rung)
    return found


def _ladder(condition: Condition) -> _Ladder:
    return (condition.sort, condition.account, condition.customer, condition.period)


def _rank(severity: Severity) -> int:
    return severity.rank


def _message(alert: Alert, edge: Edge, channel: str, now: datetime, new_id: Callable[[], str]) -> Message:
    condition = alert.condition
    return Message(
        id=new_id(),
        channel=channel,
        alert=alert.id,
        edge=edge,
        # That something grave is over wakes nobody.
        severity=condition.severity if edge is Edge.BEGAN else min(condition.severity, Severity.WARNING, key=_rank),
        sentence=condition.sentence if edge is Edge.BEGAN else condition.over,
        account=condition.account,
        written_at=now,
        next_at=now,
    )
