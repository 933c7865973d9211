"""Evaluations of whole boards against a real record: once, by whoever comes first, and not by who is behind."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from adapters.clock import UlidIds
from adapters.store import open_store
from adapters.store.memory import InMemoryStore
from core.alerts import Channel, Edge, Message, Turns
from core.errors import StoreFailedError
from core.ports import Outbox
from core.standing import Restriction
from scheduler.alerting.evaluating import evaluate, standing_for_board
from scheduler.reports.board import Board, CustomerLine
from tests.contract.store_rig import StandingClock, url_in
from tests.unit.boards import DAY, HOUR, MINUTE, NOW, account, board, line

HUAWEI = "huawei-main"
MAIL = Channel(name="mail")
IDS = UlidIds()
MANY = 2_000


class Office:
    """A record, and a clock by which boards are made and evaluated."""

    def __init__(self, outbox: Outbox | None = None) -> None:
        self.clock = StandingClock(NOW)
        self.outbox: Outbox = outbox or InMemoryStore(clock=self.clock)

    def look(self, *lines: CustomerLine, after: timedelta = timedelta(0), **changes: object) -> Turns | None:
        """Make a board with these customers so long after the start, and evaluate it."""
        self.clock.moment = NOW + after
        return self.evaluate(shown(lines, self.clock.moment, **changes))

    def evaluate(self, given: Board) -> Turns | None:
        """Evaluate a board now."""
        return evaluate(self.outbox, given, [MAIL], clock=self.clock, ids=IDS, pause_after=3 * DAY)

    def said(self) -> list[tuple[Edge, str]]:
        """Give everything written so far that is not delivered."""
        return [(message.edge, message.sentence.partition(" %")[0]) for message in self.outbox.messages()]


def shown(lines: Sequence[CustomerLine], at: datetime, **changes: object) -> Board:
    """Give a board made at a moment, of one account that was read just before."""
    return board(account(HUAWEI, lines, **{"read_at": at - MINUTE, **changes}), made_at=at)


def test_a_fresh_record_tells_what_is_already_so() -> None:
    """The first evaluation ever tells of customers that had spent their limit before, each once."""
    office = Office()
    office.look(line("1001", 92_300), line("1002", 50_000), line("1003", 100_000))
    assert office.said() == [
        (Edge.BEGAN, "customer 1001 has spent 92.3"),
        (Edge.BEGAN, "customer 1003 has spent 100.0"),
    ]
    assert office.look(line("1001", 95_000), line("1003", 110_000), after=MINUTE) == Turns(alerts=(), messages=())


def test_a_month_with_an_outage_in_it_tells_each_fact_once() -> None:
    """Through unreadable hours, an unknown figure and the month's edge nothing is told twice and nothing wrongly."""
    office = Office()
    office.look(line("1001", 92_300))
    office.look(line("1001", 92_300), after=HOUR, problem="no answer")
    office.look(line("1001", share=None), after=2 * HOUR)
    office.look(line("1001", 93_000), after=3 * HOUR)
    office.look(line("1001", 1_000, period="2026-12"), after=9 * DAY)
    office.look(line("1001", 76_000, period="2026-12"), after=20 * DAY)
    office.look(line("1001", 76_000, 200_000, period="2026-12"), after=21 * DAY)
    assert office.said() == [
        (Edge.BEGAN, "customer 1001 has spent 92.3"),
        (Edge.BEGAN, "customer 1001 has spent 76.0"),
        (Edge.ENDED, "customer 1001 has spent less than 75"),
    ]


def test_an_outage_is_told_when_it_lasts_and_when_it_is_over() -> None:
    """One failed pass is nobody's news."""
    office = Office()
    office.look(problem="no answer")
    office.look(after=10 * MINUTE)
    office.look(after=20 * MINUTE, problem="no answer")
    assert office.said() == []
    office.look(after=35 * MINUTE, problem="no answer")
    office.look(after=45 * MINUTE)
    assert [edge for edge, _ in office.said()] == [Edge.BEGAN, Edge.ENDED]


def test_who_is_behind_changes_nothing() -> None:
    """A board made before another process kept what turned later cannot bring back what is over."""
    office = Office()
    office.look(line("1001", 92_300))
    old = shown([line("1001", 92_300)], NOW + MINUTE)
    office.look(line("1001", 10_000), after=2 * MINUTE)
    before = office.said()
    assert office.evaluate(old) is None
    assert office.said() == before
    assert office.outbox.standing_alerts() == []


def test_the_same_board_may_be_evaluated_again() -> None:
    """Minutes later it is still the newest there is, and tells nothing that was told."""
    office = Office()
    same = shown([line("1001", 92_300)], NOW)
    office.evaluate(same)
    office.clock.moment += 5 * MINUTE
    assert office.evaluate(same) == Turns(alerts=(), messages=())


def test_a_clock_that_was_set_back_holds_nothing_up() -> None:
    """A record from the time that the clock showed wrongly does not silence what is found by the right one."""
    office = Office()
    office.look(line("1001", 92_300), after=DAY)
    assert office.look(line("1001", 92_300), line("1002", 92_300)) is not None
    assert len(office.said()) == 2


class Failing(InMemoryStore):
    """A store whose disk is full, or whose process dies, when turns are to be kept."""

    fails = True

    def keep_turns(self, turns: Turns) -> bool:
        """Fail, or not."""
        if self.fails:
            raise StoreFailedError("keep the alerts", "the disk is full")
        return super().keep_turns(turns)


def test_what_was_not_kept_is_found_again() -> None:
    """An evaluation that died before it was on record has told nothing, and the next tells all of it."""
    store = Failing(clock=StandingClock(NOW))
    office = Office(store)
    with pytest.raises(StoreFailedError):
        office.look(line("1001", 92_300))
    store.fails = False
    office.look(line("1001", 92_300), after=MINUTE)
    assert office.said() == [(Edge.BEGAN, "customer 1001 has spent 92.3")]


def test_of_processes_that_evaluate_at_once_one_tells(tmp_path: Path) -> None:
    """Daemon and command with stores of their own, the same board and many turns: each fact is told once."""
    open_store(url_in(tmp_path), clock=StandingClock(NOW)).close()
    begin = threading.Barrier(3)

    def live(_process: int) -> None:
        with open_store(url_in(tmp_path), clock=StandingClock(NOW)) as mine:
            office = Office(mine)
            for turn in range(6):
                begin.wait()
                customers = [line("1001", 95_000 if turn % 2 else 10_000), line(f"2{turn}", 80_000)]
                office.look(*customers, after=turn * MINUTE)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(live, range(3)))
    with open_store(url_in(tmp_path), clock=StandingClock(NOW)) as store:
        messages = store.messages()
    assert len({(message.alert, message.edge) for message in messages}) == len(messages)
    told = [message.sentence for message in messages if "customer 1001" in message.sentence]
    assert [sentence.startswith("customer 1001 has spent less") for sentence in told] == [
        False,
        True,
        False,
        True,
        False,
    ]
    assert sum(_began(message) for message in messages if "customer 2" in message.sentence) == 6


def _began(message: Message) -> bool:
    return message.edge is Edge.BEGAN


def test_adoption_of_thousands_is_kept_and_evaluated_again_in_no_time(tmp_path: Path) -> None:
    """Thousands above their thresholds are one turn of a second or so, and looking again turns nothing."""
    lines = [line(str(number), 92_300) for number in range(MANY)]
    with open_store(url_in(tmp_path), clock=StandingClock(NOW)) as store:
        office = Office(store)
        turned = office.look(*lines)
        assert turned is not None
        assert (len(turned.alerts), len(turned.messages)) == (2 * MANY, MANY)
        assert office.look(*lines, after=MINUTE) == Turns(alerts=(), messages=())
        assert len(standing_for_board(store)) == MANY


def test_the_page_is_given_what_was_told_the_gravest_first() -> None:
    """What patience still holds back is not shown, and of a ladder only the highest rung."""
    office = Office()
    office.look(line("1001", 92_300))
    office.look(
        line("1001", 92_300),
        line("1002", 100_000, restriction=Restriction.NONE),
        after=MINUTE,
        problem=None,
        clock_problem="45 s off",
    )
    office.look(line("1001", 92_300), line("1002", 100_000), after=2 * MINUTE, problem="no answer")
    alerts = standing_for_board(office.outbox)
    assert [(alert.severity, alert.account, alert.customer_id) for alert in alerts] == [
        ("critical", HUAWEI, "1002"),
        ("critical", HUAWEI, None),
        ("warning", HUAWEI, "1001"),
    ]
    assert alerts[-1].since == NOW
    assert replace(alerts[0], sentence="") == replace(alerts[0], sentence="", account=HUAWEI)
