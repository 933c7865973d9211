"""Delivery by several processes, and by one that is stopped or killed: never twice, never not at all."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from adapters.notify import InMemoryNotifier
from core.alerts import Message, Severity, Turns
from core.errors import NotifyStoppedError
from core.ports import Outbox
from scheduler.alerting.delivery import LEASE, deliver
from tests.unit.alert_rig import MINUTE, SECOND, START, DeliveryRig, settings_of

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Elsewhere:
    """An outbox behind which another process delivers whenever this one has changed something."""

    def __init__(self, outbox: Outbox, other: Callable[[], object]) -> None:
        self._outbox = outbox
        self._other = other

    def __getattr__(self, name: str) -> Any:
        """Give the rest as it is."""
        return getattr(self._outbox, name)

    def keep_message(self, before: Message, after: Message) -> bool:
        """Keep it, and let the other process have its turn."""
        kept = self._outbox.keep_message(before, after)
        self._other()
        return kept

    def keep_messages(self, moves: Sequence[tuple[Message, Message]]) -> int:
        """Let the other process have its turn, and keep them."""
        self._other()
        return self._outbox.keep_messages(moves)


class Stale(Elsewhere):
    """An outbox that still shows what was read before."""

    def __init__(self, outbox: Any, read: Sequence[Message]) -> None:
        super().__init__(outbox, lambda: None)
        self._read = read

    def messages(self, *, until: datetime | None = None) -> Sequence[Message]:
        """Give what was read before."""
        del until
        return self._read


@pytest.mark.parametrize("severity", list(Severity))
def test_two_processes_never_both_send(severity: Severity) -> None:
    """Whatever another process does between two steps of a delivery, each fact is told once."""
    rig, other = DeliveryRig(), DeliveryRig()
    other.store, other.clock = rig.store, rig.clock
    for _ in range(3):
        rig.write(severity)
    rig.clock.sleep(MINUTE)

    class Meanwhile(InMemoryNotifier):
        def send(self, channel: str, *, title: str, body: str, critical: bool) -> None:
            """Let the other process have its turn while this text is under way."""
            rig.write(severity)
            other.deliver()
            rig.notifier.send(channel, title=title, body=body, critical=critical)
            other.deliver()

    rig.deliver(Meanwhile(), Elsewhere(rig.store, other.deliver))
    other.clock.sleep(MINUTE)
    other.deliver()
    assert rig.notifier.facts() + other.notifier.facts() == {f"fact {n}": 1 for n in range(1, 5)}


@pytest.mark.parametrize("done", [False, True])
def test_an_older_message_that_comes_between_reading_and_claiming_lets_nothing_out_twice(*, done: bool) -> None:
    """Who claims a lock that is no longer the oldest sees that somebody else sends, or has sent, and sends nothing."""
    rig, other = DeliveryRig(settings_of(gather=timedelta(0))), DeliveryRig(settings_of(gather=timedelta(0)))
    other.store, other.clock = rig.store, rig.clock
    read = [rig.write(), rig.write()]
    late = replace(read[0], id="late", alert="late", sentence="fact 9.", written_at=START - SECOND, next_at=START)

    class Before(Elsewhere):
        _first = True

        def messages(self, *, until: datetime | None = None) -> Sequence[Message]:
            """Show at first what there was before the older one came."""
            first, self._first = self._first, False
            return read if first else self._outbox.messages(until=until)

    class Meanwhile(InMemoryNotifier):
        def send(self, channel: str, *, title: str, body: str, critical: bool) -> None:
            """Let the slower one have its turn while this text is under way, or leave it to come after."""
            if not done:
                assert rig.deliver(outbox=Before(rig.store, lambda: None)) == 3
            rig.notifier.send(channel, title=title, body=body, critical=critical)

    assert rig.store.keep_turns(Turns(messages=(late,)))
    other.deliver(Meanwhile())
    if done:
        rig.deliver(outbox=Before(rig.store, lambda: None))
    rig.after(HOUR)
    assert rig.notifier.facts() + other.notifier.facts() == {"fact 1": 1, "fact 2": 1, "fact 9": 1}


def test_the_slower_of_two_processes_leaves_it() -> None:
    """Who read the outbox before another process sent finds its messages moved, and sends nothing."""
    rig = DeliveryRig()
    rig.write()
    rig.clock.sleep(MINUTE)
    read = rig.store.messages()
    assert rig.deliver() == 0

    rig.restart()
    assert rig.deliver(outbox=Stale(rig.store, read)) == 1
    assert rig.notifier.facts() == {"fact 1": 1}


@pytest.mark.parametrize("after_sending", [False, True])
def test_a_kill_loses_nothing(*, after_sending: bool) -> None:
    """Killed before the text left it is sent after the lease; killed after it left, once more: never not at all."""
    rig = DeliveryRig()
    rig.write()
    rig.write()
    rig.clock.sleep(MINUTE)

    class Killed(InMemoryNotifier):
        def send(self, channel: str, *, title: str, body: str, critical: bool) -> None:
            """End the process in the middle."""
            if after_sending:
                rig.notifier.send(channel, title=title, body=body, critical=critical)
            raise SystemExit

    with pytest.raises(SystemExit):
        rig.deliver(Killed())
    rig.restart()
    assert rig.after(LEASE - SECOND) == 2
    assert rig.after(SECOND) == 0
    times = 2 if after_sending else 1
    assert rig.notifier.facts() == {"fact 1": times, "fact 2": times}


def test_what_another_process_gave_up_is_counted_there() -> None:
    """A message that moved meanwhile is not given up twice."""
    rig = DeliveryRig()
    message = rig.write(channel="gone")
    rig.clock.sleep(3 * DAY)
    rig.store.keep_message(message, replace(message, given_up_at=rig.clock.now()))
    stale = replace(rig.deliveries(), outbox=Stale(rig.store, [message]))
    assert deliver(stale) == 0
    assert rig.counts == {}


def test_a_stop_leaves_a_message_as_it_was() -> None:
    """Nothing was handed over since the process is to stop: the next one finds no rest, no lease and no failure."""
    rig = DeliveryRig()
    rig.write()
    rig.clock.sleep(MINUTE)
    before = rig.store.messages()

    class Stopping(InMemoryNotifier):
        def send(self, channel: str, *, title: str, body: str, critical: bool) -> None:
            """Say that nothing leaves any more."""
            del title, body, critical
            raise NotifyStoppedError(channel, "the process is to stop")

    assert rig.deliver(Stopping()) == 1
    assert (rig.store.messages(), rig.counts) == (before, {})
    rig.restart()
    assert rig.deliver() == 0


def test_a_lease_is_no_rest_that_something_critical_could_cut() -> None:
    """While another process sends, a critical message waits; where that one was killed, for the lease at most."""
    rig = DeliveryRig()
    message = rig.write()
    rig.store.keep_message(message, replace(message, tries=7, next_at=rig.clock.now() + LEASE))
    rig.write(Severity.CRITICAL)
    assert rig.after(LEASE - SECOND) == 2
    assert rig.after(SECOND) == 0
