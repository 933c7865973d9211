"""The alert job: tells each fact once, does nothing when nothing changed, and never raises."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import structlog

from adapters.clock import UlidIds
from core.alerts import Edge
from core.errors import StoreFailedError
from core.pause import Pause
from core.ports import Notifier, Outbox
from scheduler.alerting.job import KEPT_FOR, AlertJob, alike, channels_of
from scheduler.alerting.texts import text_of
from scheduler.config import AlertSettings
from scheduler.reports.board import Board
from tests.unit.alert_rig import MINUTE, SECOND, SHANGHAI, START, DeliveryRig

TICK = 15 * SECOND
PAUSED = Pause(
    account=None, customer_id=None, who="chen", why="stocktaking", since=START - timedelta(days=4), until=None
)
BOARD = Board(made_at=START, version="1", installation="ABCD", head="", accounts=())


class Watched:
    """An outbox that counts how often it is read, and fails where it is told to."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self.reads = 0
        self.fails = False

    def __getattr__(self, name: str) -> Any:
        """Give the rest as it is, counting what reads."""
        if self.fails:
            raise StoreFailedError("read the alerts", "disk full")
        self.reads += name in {"messages", "standing_alerts"}
        return getattr(self._outbox, name)


class JobRig(DeliveryRig):
    """An alert job over an outbox of its own, and the board that it is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.watched = Watched(self.store)
        self.alerts: AlertSettings | None = self.settings
        self.job = AlertJob(
            lambda: self.alerts, self.watched, self._made, clock=self.clock, ids=UlidIds(), count=self._count
        )

    def tick(self, board: Board = BOARD) -> int:
        """Run once on the board as of now, a tick later; give how often the outbox was read."""
        self.clock.sleep(TICK)
        self.watched.reads = 0
        self.job.run(replace(board, made_at=self.clock.now()))
        return self.watched.reads

    def _made(self, _alerts: AlertSettings) -> Notifier:
        return self.notifier


def test_a_fact_is_told_when_it_begins_and_when_it_ends() -> None:
    """A pause that lasts too long is told once, however often it is seen, and once more when it is over."""
    rig = JobRig()
    for _ in range(30):
        rig.tick(replace(BOARD, pauses=(PAUSED,)))
    for _ in range(30):
        rig.tick()
    first, second = rig.notifier.handed
    assert first.title.startswith("Tidegate: WARNING: everything has been paused since 2026-11-18 04:00 UTC by chen")
    assert first.title.endswith("stocktaking")
    assert "Over: everything is not paused any more" in second.body


def test_an_idle_job_reads_nothing() -> None:
    """With the same facts and nothing waiting, three of four ticks do not touch the store; the fourth looks twice."""
    rig = JobRig()
    rig.tick()
    assert [rig.tick() for _ in range(8)] == [0, 0, 0, 2] * 2


def test_a_change_on_the_board_is_seen_at_once() -> None:
    """A board with other facts is evaluated, however short ago the last one was."""
    rig = JobRig()
    rig.tick()
    assert rig.tick(replace(BOARD, pauses=(PAUSED,))) > 0
    assert len(rig.store.standing_alerts()) == 1


def test_without_alerts_facts_stand_on_record_and_nobody_is_told() -> None:
    """The page shows what stands without [alerts]; once channels are written they are told what still stands."""
    rig = JobRig()
    rig.alerts = None
    rig.tick(replace(BOARD, pauses=(PAUSED,)))
    assert len(rig.store.standing_alerts()) == 1
    assert channels_of(None) == ()
    assert rig.store.messages() == []
    rig.alerts = rig.settings
    for _ in range(6):
        rig.tick(replace(BOARD, pauses=(PAUSED,)))
    assert len(rig.notifier.handed) == 1


def test_what_goes_wrong_is_logged_once_and_tried_again() -> None:
    """A store that fails ends no job; the same reason is one log line until it works again."""
    rig = JobRig()
    rig.watched.fails = True
    with structlog.testing.capture_logs() as logged:
        for _ in range(3):
            rig.tick(replace(BOARD, pauses=(PAUSED,)))
    (told,) = [line for line in logged if line["event"] == "alerts_not_evaluated"]
    assert "disk full" in told["why"]
    rig.watched.fails = False
    for _ in range(6):
        rig.tick(replace(BOARD, pauses=(PAUSED,)))
    assert len(rig.notifier.handed) == 1


def test_even_a_mistake_of_ours_does_not_end_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that nobody thought of is logged, and the next tick goes on."""

    def mistaken(_channel: str, **_given: object) -> None:
        raise ZeroDivisionError

    rig = JobRig()
    rig.write()
    rig.clock.sleep(MINUTE)
    monkeypatch.setattr(rig.notifier, "send", mistaken)  # what no notifier ever raises
    with structlog.testing.capture_logs() as logged:
        rig.tick()
    assert "alerts_not_delivered" in [line["event"] for line in logged]


def test_what_ended_long_ago_is_forgotten_daily() -> None:
    """Alerts that ended three months ago leave the store, at most a day later."""
    rig = JobRig()
    rig.tick(replace(BOARD, pauses=(PAUSED,)))
    for _ in range(9):
        rig.tick()
    assert len(rig.store.old_alerts()) == 1
    rig.clock.sleep(KEPT_FOR + timedelta(days=1))
    rig.tick()
    assert rig.store.old_alerts() == []


def test_boards_are_alike_while_their_facts_are_the_same_objects() -> None:
    """Only the time may differ; new faults, pauses or accounts make another board."""
    assert alike(BOARD, BOARD)
    assert alike(BOARD, replace(BOARD, made_at=START + MINUTE))
    assert not alike(BOARD, replace(BOARD, config_faults=("x",)))
    assert not alike(BOARD, replace(BOARD, pauses=(PAUSED,)))


def test_a_fact_that_began_and_ended_meanwhile_is_one_line() -> None:
    """What was over before anybody was told stands in one line, with both times."""
    rig = DeliveryRig()
    began = rig.write(alert="a", sentence="it cannot be read")
    rig.clock.sleep(30 * MINUTE)
    ended = rig.write(alert="a", edge=Edge.ENDED, sentence="it can be read again")
    text = text_of([began, ended], SHANGHAI, None, rig.clock.now())
    assert "- 12:00 it cannot be read; over at 12:30: it can be read again" in text.body
    assert text.title == "Tidegate: WARNING: over: it can be read again"
    assert text.body.endswith("Times are Asia/Shanghai.")


def test_long_sentences_are_fewer_in_a_text() -> None:
    """A text stays short enough for a telephone even where sentences are long; the rest is counted."""
    rig = DeliveryRig()
    long = [rig.write(sentence=f"fact {number} " + "x" * 390) for number in range(40)]
    text = text_of(long, SHANGHAI, None, rig.clock.now())
    assert len(text.body) < 3600
    assert "and 32 more" in text.body
