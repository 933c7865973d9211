"""What is promised of the outbox: a fact is on record once, told once, and no message is lost or sent twice over."""

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.store import open_store
from adapters.store.memory import InMemoryStore
from core.alerts import Alert, Edge, Message, Severity, Turns
from core.errors import StoreFailedError
from core.ports import Outbox
from tests.contract.store_rig import (
    MINUTE,
    START,
    STORES,
    StandingClock,
    alert_of,
    message_of,
    opened,
    told_by,
    url_in,
)

WRITERS = 4
MANY = 2_000


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Outbox]:
    """Give a new store."""
    with opened(request.param, tmp_path) as new:
        yield new


def turned(*alerts: Alert, messages: tuple[Message, ...] = ()) -> Turns:
    """Make turns of these."""
    return Turns(alerts=alerts, messages=messages)


def test_what_is_kept_comes_back_whole(store: Outbox) -> None:
    """Every part of an alert and of a message is read as it was written, whether it is set or not."""
    full = alert_of("1", told_to=("mail", "chat"))
    bare = replace(
        alert_of("2", subject="other", minutes=1),
        condition=replace(alert_of("2").condition, account=None, customer=None),
    )
    message = message_of("1", alert="1")
    other = replace(message_of("2", alert="2", edge=Edge.ENDED), account=None, severity=Severity.INFO)
    assert store.keep_turns(turned(full, bare, messages=(message, other)))
    assert store.standing_alerts() == [full, bare]
    assert store.messages() == [message, other]


def test_an_alert_of_an_identity_stands_once(store: Outbox) -> None:
    """Who comes second with the same fact keeps nothing of its turns, whatever else is among them."""
    assert store.keep_turns(turned(alert_of("1")))
    second = told_by(alert_of("2"), "mail")
    assert not store.keep_turns(turned(alert_of("3", subject="new"), *second.alerts, messages=(*second.messages,)))
    assert store.standing_alerts() == [alert_of("1")]
    assert store.messages() == []


def test_two_alike_in_one_turn_are_kept_neither(store: Outbox) -> None:
    """An evaluation that contradicts itself is not kept."""
    assert not store.keep_turns(turned(alert_of("1"), alert_of("2")))
    assert store.standing_alerts() == []


def test_an_alert_turns_once_in_a_turn_and_stays_about_the_same(store: Outbox) -> None:
    """Neither the same alert twice, nor one that is about another fact than it was, is kept."""
    same = alert_of("1")
    assert not store.keep_turns(turned(same, same))
    assert store.keep_turns(turned(same))
    assert not store.keep_turns(turned(alert_of("1", subject="100", told_to=("mail",))))
    assert store.standing_alerts() == [same]


def test_an_alert_is_told_once(store: Outbox) -> None:
    """Of two that tell the same fact, the second is refused with its messages."""
    store.keep_turns(turned(alert_of("1")))
    first, second = (told_by(alert_of("1"), "mail", number=number) for number in ("a", "b"))
    assert store.keep_turns(first)
    assert not store.keep_turns(second)
    assert store.messages() == [*first.messages]


def test_a_further_channel_is_told_once(store: Outbox) -> None:
    """What is told may be told to more, by one of those who want to; nobody is told twice."""
    store.keep_turns(told_by(alert_of("1"), "mail"))
    further = told_by(alert_of("1", told_to=("mail",)), "chat", number="b")
    assert store.keep_turns(further)
    assert not store.keep_turns(told_by(alert_of("1", told_to=("mail",)), "chat", number="c"))
    assert not store.keep_turns(told_by(alert_of("1", told_to=("mail",)), "pager", number="d"))
    both = told_by(alert_of("1", told_to=("mail", "chat")), "pager", number="e")
    again = replace(both, messages=(*both.messages, message_of("f", alert="1", channel="chat")))
    assert not store.keep_turns(again)
    assert [message.channel for message in store.messages()] == ["mail", "chat"]


def test_an_alert_ends_once_and_may_come_again(store: Outbox) -> None:
    """It ends as it was read, once; then a new one of its identity may stand."""
    store.keep_turns(told_by(alert_of("1"), "mail"))
    unseen = replace(alert_of("1"), ended_at=START + MINUTE)
    assert not store.keep_turns(turned(unseen))
    ended = replace(alert_of("1", told_to=("mail",)), ended_at=START + MINUTE)
    assert store.keep_turns(turned(ended))
    assert not store.keep_turns(turned(ended))
    assert not store.keep_turns(turned(alert_of("1", told_to=("mail", "chat"))))
    assert store.old_alerts() == [ended]
    assert store.keep_turns(turned(alert_of("2", minutes=2)))
    assert store.standing_alerts() == [alert_of("2", minutes=2)]


def test_a_graver_alert_takes_the_place_in_one_turn(store: Outbox) -> None:
    """One that ends makes room for another of its identity, in the order of the turns alone."""
    store.keep_turns(turned(alert_of("1", told_to=("mail",))))
    ended = replace(alert_of("1", told_to=("mail",)), ended_at=START + MINUTE)
    graver = alert_of("2", told_to=("mail",))
    assert not store.keep_turns(turned(graver, ended))
    assert store.keep_turns(turned(ended, graver))
    assert store.standing_alerts() == [graver]


def test_nothing_turned_is_nothing_written(store: Outbox) -> None:
    """An evaluation that finds all as it was is well kept."""
    assert store.keep_turns(Turns())
    assert store.standing_alerts() == []


def test_messages_wait_until_they_are_due(store: Outbox) -> None:
    """Those due by a moment are given, oldest first; those sent or given up no more."""
    messages = [message_of(name, alert=name, minutes=minute) for name, minute in (("a", 2), ("b", 0), ("c", 1))]
    store.keep_turns(turned(messages=(*messages,)))
    assert [message.id for message in store.messages()] == ["b", "c", "a"]
    assert [message.id for message in store.messages(until=START + MINUTE)] == ["b", "c"]
    assert store.keep_message(messages[1], replace(messages[1], sent_at=START))
    assert store.keep_message(messages[2], replace(messages[2], given_up_at=START))
    assert store.messages() == [messages[0]]


def test_a_delivery_is_kept_by_the_one_that_read_it(store: Outbox) -> None:
    """Of two that deliver the same message, the second learns that it was not alone; an unknown one is never kept."""
    message = message_of("1", alert="1")
    store.keep_turns(turned(messages=(message,)))
    failed = replace(message, tries=1, unclear=1, next_at=START + MINUTE)
    assert store.keep_message(message, failed)
    assert not store.keep_message(message, replace(message, sent_at=START))
    assert not store.keep_message(replace(failed, unclear=0), replace(message, sent_at=START))
    assert store.messages() == [failed]
    assert not store.keep_message(message_of("2", alert="2"), message_of("2", alert="2"))


def test_what_is_old_is_forgotten_and_what_stands_or_waits_is_not(store: Outbox) -> None:
    """Ended alerts and delivered messages go after a while; what stands and what is to be delivered stays for ever."""
    alerts = [alert_of(str(minute), subject=str(minute), minutes=minute) for minute in range(4)]
    ended = [replace(alert, ended_at=START + minute * MINUTE) for minute, alert in enumerate(alerts[:3])]
    messages = [message_of(str(minute), alert=str(minute)) for minute in range(4)]
    store.keep_turns(turned(*ended, alerts[3], messages=(*messages,)))
    store.keep_message(messages[0], replace(messages[0], sent_at=START))
    store.keep_message(messages[1], replace(messages[1], given_up_at=START))
    late = replace(messages[2], sent_at=START + MINUTE)
    store.keep_message(messages[2], late)
    store.thin_alerts(START + MINUTE)
    assert store.old_alerts() == [ended[2], ended[1]]
    assert store.old_alerts(1) == [ended[2]]
    assert store.standing_alerts() == [alerts[3]]
    assert store.messages() == [messages[3]]
    # Forgotten is forgotten: the same message may be written again. One that is kept may not.
    again = [message_of(f"again {minute}", alert=str(minute)) for minute in range(3)]
    assert [store.keep_turns(turned(messages=(message,))) for message in again] == [True, True, False]


def test_of_many_that_evaluate_at_once_one_tells(tmp_path: Path) -> None:
    """Threads over several opened stores that see the same facts write each message once."""
    begin = threading.Barrier(WRITERS)

    def evaluate(writer: int) -> int:
        kept = 0
        with open_store(url_in(tmp_path), clock=StandingClock()) as mine:
            begin.wait()
            for turn in range(5):
                alert = alert_of(f"{turn}-{writer}", subject=str(turn))
                kept += mine.keep_turns(told_by(alert, "mail", number=f"{turn}-{writer}"))
        return kept

    open_store(url_in(tmp_path), clock=StandingClock()).close()
    with ThreadPoolExecutor(WRITERS) as pool:
        assert sum(pool.map(evaluate, range(WRITERS))) == 5
    with open_store(url_in(tmp_path), clock=StandingClock()) as store:
        assert len(store.messages()) == len(store.standing_alerts()) == 5


def test_thousands_of_alerts_are_kept_in_one_turn(tmp_path: Path) -> None:
    """At adoption all come at once: they are kept, told, ended and delivered in seconds."""
    with opened("sqlite", tmp_path) as store:
        alerts = [alert_of(f"{number:05d}", subject=str(number)) for number in range(MANY)]
        assert store.keep_turns(turned(*alerts))
        told = [told_by(alert, "mail", number=alert.id) for alert in alerts]
        assert store.keep_turns(
            turned(*[turn.alerts[0] for turn in told], messages=tuple(turn.messages[0] for turn in told))
        )
        assert len(store.messages()) == MANY
        ended = [replace(alert, ended_at=START + MINUTE) for alert in store.standing_alerts()]
        assert store.keep_turns(turned(*ended))
        assert store.standing_alerts() == []


def test_the_database_itself_refuses_a_second_alert_and_a_second_message(tmp_path: Path) -> None:
    """Even a program that forgets to ask cannot let a fact stand twice, nor write its message twice."""
    with opened("sqlite", tmp_path) as store:
        store.keep_turns(told_by(alert_of("1"), "mail"))
    with closing(sqlite3.connect(tmp_path / "tidegate.db")) as hand:
        for table in ("alerts", "messages"):
            names = [name for _, name, *_ in hand.execute(f"PRAGMA table_info({table})") if name != "id"]
            columns = ", ".join(names)
            with pytest.raises(sqlite3.IntegrityError, match="UNIQUE constraint failed"):
                hand.execute(f"INSERT INTO {table} (id, {columns}) SELECT 'new', {columns} FROM {table}")  # noqa: S608 - fixed words


@pytest.mark.parametrize("column", ["sort", "severity", "since"])
def test_an_alert_that_this_version_cannot_have_written_is_told(tmp_path: Path, column: str) -> None:
    """A word or a time that nobody here writes is a failure of the store with a sentence, never a guess."""
    with opened("sqlite", tmp_path) as store:
        store.keep_turns(turned(alert_of("1")))
        with closing(sqlite3.connect(tmp_path / "tidegate.db")) as hand, hand:
            hand.execute(f"UPDATE alerts SET {column} = 'odd'")  # noqa: S608 - fixed words
        with pytest.raises(StoreFailedError, match="a stored row cannot be read"):
            store.standing_alerts()


def test_a_time_in_another_zone_is_the_same_time(store: Outbox) -> None:
    """Whoever writes with another clock's zone, the moment is what counts."""
    message = message_of("1", alert="1", minutes=1)
    store.keep_turns(turned(messages=(message,)))
    assert store.messages(until=START + timedelta(seconds=59)) == []
    assert store.messages(until=START + MINUTE) == [message]


def test_both_stores_are_an_outbox(tmp_path: Path) -> None:
    """Either can stand where core asks for an outbox."""
    twin: Outbox = InMemoryStore(clock=StandingClock())
    assert twin.standing_alerts() == []
    with open_store(url_in(tmp_path), clock=StandingClock()) as durable:
        outbox: Outbox = durable
        assert outbox.standing_alerts() == []
