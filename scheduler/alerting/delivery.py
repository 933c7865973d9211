"""Hands what waits in the outbox to its channels: gathered, in quiet hours only what is critical, never lost.

Called by scheduler.alerting.job and the command line. A channel's oldest waiting message is its lock: whoever moves its
`next_at` ahead, by compare-and-set, and sees that nobody holds another one, sends everything that waits there, and
notes all of it in one transaction. So two processes never both send. Where one is killed between sending and noting,
the text is sent once more when the lease has run out: twice is better than never.
"""

import random
from collections.abc import Callable, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from core.alerts import Edge, Message, Severity
from core.errors import NotifyFailedError, NotifyStoppedError, NotifyUnclearError
from core.ports import Clock, Notifier, Outbox
from core.telling import JITTER, next_try, rest_after
from core.windows import open_at
from scheduler.alerting.texts import text_of
from scheduler.config import AlertSettings

_LOG = structlog.get_logger("tidegate")

# Longer than the deadline of a send and the noting of thousands of messages together; no longer than the shortest of
# the longest rests, since core.telling.next_try takes what is beyond for the time of a clock that was set back.
LEASE: Final = timedelta(minutes=5)
# Between two texts of a channel, where something critical does not wait until others have gathered.
CRITICAL_APART: Final = timedelta(seconds=10)
GIVEN_UP_AFTER: Final = timedelta(days=3)
# A machine that was off for days has tried nothing: these take seven hours.
LEAST_TRIES: Final = 12
# How often a text is handed to a channel that takes it and never answers, before it counts as delivered.
MOST_UNCLEAR: Final = 3

Count = Callable[[str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliveries:
    """What every delivery needs. `sent_at`: when this process last sent to each channel; kept between deliveries.

    `count` is told (channel, outcome) with outcome sent, failed, unclear (per text) or given_up (per message).
    """

    outbox: Outbox
    notifier: Notifier
    settings: AlertSettings
    clock: Clock
    count: Count
    sent_at: MutableMapping[str, datetime] = field(default_factory=dict)
    chance: Callable[[], float] = random.random


def deliver(deliveries: Deliveries) -> int:
    """Send what is due, all channels side by side; give how many messages still wait.

    Raises StoreFailedError; what was sent by then and not noted is sent once more.
    """
    now = deliveries.clock.now()
    waiting: dict[str, list[Message]] = {}
    for message in deliveries.outbox.messages():
        waiting.setdefault(message.channel, []).append(message)
    gone = waiting.keys() - {channel.name for channel in deliveries.settings.channels}
    left = sum(_give_up_gone(deliveries, waiting.pop(channel), now) for channel in gone)
    due = {channel: _due(deliveries, channel, messages, now) for channel, messages in waiting.items()}
    left += sum(len(waiting[channel]) for channel in due if not due[channel])
    busy = [channel for channel in due if due[channel]]
    if not busy:
        return left
    with ThreadPoolExecutor(len(busy), thread_name_prefix="alerts") as pool:
        return left + sum(pool.map(lambda channel: _deliver(deliveries, waiting[channel], due[channel]), busy))


def _deliver(deliveries: Deliveries, waiting: Sequence[Message], due: Sequence[Message]) -> int:
    """Send what is due to one channel; give how many messages still wait there."""
    now = deliveries.clock.now()
    lock = waiting[0]
    claimed = replace(lock, next_at=now + LEASE)
    if not deliveries.outbox.keep_message(lock, claimed):
        return len(waiting)  # another process sends
    others = _others(deliveries, claimed)
    wanted = {message.id for message in due}
    waiting = [claimed, *others]
    due = [message for message in waiting if message.id in wanted]
    if not due or next_try([lock, *others], now) > now:
        # An older message has come since, and who read it sends now or has sent already.
        deliveries.outbox.keep_message(claimed, lock)
        return len(waiting)
    text = text_of(due, deliveries.settings.zone, deliveries.settings.link, now)
    try:
        deliveries.notifier.send(lock.channel, title=text.title, body=text.body, critical=text.critical)
    except NotifyStoppedError:
        deliveries.outbox.keep_message(claimed, lock)
        return len(waiting)
    except NotifyUnclearError as error:
        return _unclear(deliveries, waiting, due, error.why)
    except NotifyFailedError as error:
        deliveries.count(lock.channel, "failed")
        return _failed(deliveries, waiting, error.why)
    deliveries.count(lock.channel, "sent")
    deliveries.sent_at[lock.channel] = deliveries.clock.now()
    _LOG.info("alerts_sent", channel=lock.channel, messages=len(due), critical=text.critical)
    return _sent(deliveries, waiting, due)


def _others(deliveries: Deliveries, lock: Message) -> list[Message]:
    """Give what waits for the channel besides the lock, as it stands since the lock was taken."""
    found = deliveries.outbox.messages()
    return [message for message in found if message.channel == lock.channel and message.id != lock.id]


def _due(deliveries: Deliveries, channel: str, waiting: Sequence[Message], now: datetime) -> Sequence[Message]:
    """Give what is to be sent to a channel now, nothing while it is sent to, rests, gathers or is quiet."""
    if next_try(waiting, now) > now:
        return ()
    settings = deliveries.settings
    critical = [message for message in waiting if message.severity is Severity.CRITICAL]
    quiet = bool(settings.quiet_hours) and open_at(settings.quiet_hours, now, settings.zone.key)
    # What is over goes with what is told at night: later it would be the last word on what has begun again by then.
    night = [each for each in waiting if each in critical or each.edge is Edge.ENDED] if critical else []
    chosen = night if quiet else waiting
    last = deliveries.sent_at.get(channel)
    since = None if last is None or last > now else now - last
    if critical:
        return chosen if since is None or since >= min(CRITICAL_APART, settings.gather) else ()
    if not chosen or (since is not None and since < settings.gather):
        return ()
    # A message from the future was written before the clock was set back.
    gathered = any(not timedelta(0) <= now - message.written_at < settings.gather for message in chosen)
    return chosen if gathered else ()


def _sent(deliveries: Deliveries, waiting: Sequence[Message], due: Sequence[Message]) -> int:
    """Note what was sent, all of it together: until then nobody else sends. The first that waits is the lock."""
    now, lock = deliveries.clock.now(), waiting[0]
    sent = {message.id for message in due}
    # In quiet hours the lock may be a message that waits on; whatever failed before, the channel works.
    free = replace(lock, sent_at=now) if lock.id in sent else replace(lock, next_at=now, tries=0)
    told = [(message, replace(message, sent_at=now)) for message in due if message.id != lock.id]
    deliveries.outbox.keep_messages([*told, (lock, free)])
    return len(waiting) - len(sent)


def _unclear(deliveries: Deliveries, waiting: Sequence[Message], due: Sequence[Message], why: str) -> int:
    """Note that a text was handed over without an answer; what was so too often counts as delivered."""
    channel, now = waiting[0].channel, deliveries.clock.now()
    deliveries.count(channel, "unclear")
    deliveries.sent_at[channel] = now
    handed = {message.id: replace(message, unclear=message.unclear + 1) for message in due}
    enough = [message.id for message in handed.values() if message.unclear >= MOST_UNCLEAR]
    handed |= {name: replace(handed[name], sent_at=now) for name in enough}
    # The lock first, which stays held until the rest is noted; nobody else touches any of it until then.
    deliveries.outbox.keep_messages([(message, handed[message.id]) for message in due])
    _LOG.warning("alerts_unclear", channel=channel, why=why, messages=len(due), taken_for_delivered=len(enough))
    left = [after for message in waiting if (after := handed.get(message.id, message)).sent_at is None]
    return _failed(deliveries, left, why) if left else 0


def _failed(deliveries: Deliveries, waiting: Sequence[Message], why: str) -> int:
    """Let the channel rest, longer each time; give up what has waited too long. `waiting`: as it stands on record."""
    channel, now = waiting[0].channel, deliveries.clock.now()
    tries = max(message.tries for message in waiting) + 1
    rest = rest_after(tries, urgent=True) * (1 + JITTER * deliveries.chance())
    hopeless = _hopeless(deliveries, waiting, tries, now)
    names = {message.id for message in hopeless}
    kept = next((message for message in waiting if message.id not in names), None)
    following = None
    if kept is not None:
        # First of all, and on one that stays: it keeps the channel at rest when the others are given up.
        at_rest = replace(kept, tries=tries, next_at=now + rest)
        deliveries.outbox.keep_message(kept, at_rest)
        following = next_try([at_rest, *(message for message in waiting if message is not kept)], now)
    next_at = None if following is None else following.isoformat()
    _LOG.warning("alerts_not_sent", channel=channel, why=why, messages=len(waiting), tries=tries, next_at=next_at)
    _give_up(deliveries, hopeless, now, why)
    return len(waiting) - len(hopeless)


def _hopeless(deliveries: Deliveries, waiting: Sequence[Message], tries: int, now: datetime) -> Sequence[Message]:
    """Give what is to be given up: old, tried often enough, and telling of nothing that still stands."""
    old = [message for message in waiting if tries >= LEAST_TRIES and _is_old(message, now)]
    if not old:
        return ()
    standing = {alert.id for alert in deliveries.outbox.standing_alerts()}
    return [message for message in old if message.edge is Edge.ENDED or message.alert not in standing]


def _give_up_gone(deliveries: Deliveries, waiting: Sequence[Message], now: datetime) -> int:
    """Give up what is too old for a channel that nobody has configured; give how many messages are not."""
    old = [message for message in waiting if _is_old(message, now)]
    _give_up(deliveries, old, now, "there is no such channel any more")
    return len(waiting) - len(old)


def _give_up(deliveries: Deliveries, messages: Sequence[Message], now: datetime, why: str) -> None:
    for message in messages:
        if deliveries.outbox.keep_message(message, replace(message, given_up_at=now)):
            deliveries.count(message.channel, "given_up")
            _LOG.error("alert_given_up", channel=message.channel, sentence=message.sentence, why=why)


def _is_old(message: Message, now: datetime) -> bool:
    return now - message.written_at >= GIVEN_UP_AFTER
