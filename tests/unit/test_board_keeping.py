"""That a board is cheap when nothing happened, and never older than what happened."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import StoreFailedError
from core.intent import State
from core.limit import Source
from core.pause import Pause
from scheduler.records import tail
from scheduler.records.board import Boards, board
from scheduler.reports.board import Board, StandingAlert, Tick
from scheduler.reports.history_table import Sort
from tests.unit.board_desk import MAIN, MINUTE, NOON, Desk, Seen, key_of, limit_of, settings_of

OTHER = "tencent-other"


def desk(customers: int = 2) -> Desk:
    """Give a desk of two accounts that both ran."""
    at = Desk(
        settings_of([limit_of(n, account=name) for name in (MAIN, OTHER) for n in range(1, customers + 1)], MAIN, OTHER)
    )
    at.runs()
    at.runs(account=OTHER)
    return at


def customers(made: Board) -> tuple[object, object]:
    """Give both accounts' customers, to be compared by identity."""
    return made.accounts[0].customers, made.accounts[1].customers


def test_what_nothing_happened_to_is_given_again_as_it_was() -> None:
    """Minutes later the customers are the very same objects; only the moment is another."""
    at = desk()
    before, after = at.board(), at.board()
    assert after.made_at > before.made_at
    assert all(new is old for new, old in zip(customers(after), customers(before), strict=True))


def test_a_run_changes_its_own_account_alone() -> None:
    """The other account's customers stay the very same objects."""
    at = desk()
    before = at.board()
    at.runs(Seen(spent={1: "500"}))
    after = at.board()
    assert customers(after)[1] is customers(before)[1]
    assert customers(after)[0] is not customers(before)[0]
    spent = after.accounts[0].customers[0].spent
    assert spent is not None
    assert str(spent.low) == "500.00"


def test_a_pause_changes_those_it_covers_alone() -> None:
    """Of all others the lines are the very same objects."""
    at = desk()
    before = at.board().accounts[0].customers
    pause = Pause(account=None, customer_id=key_of(1).customer_id, who="ann", why="x", since=at.clock.now())
    at.store.pause(pause)
    after = at.board().accounts[0].customers
    assert (after[0].pause, after[1] is before[1]) == (pause, True)


def test_the_store_is_looked_at_every_two_seconds_at_most() -> None:
    """What happens within two seconds is seen when they are over, not before."""
    at = desk()
    at.board()
    at.store.pause(Pause(account=None, customer_id=None, who="ann", why="x", since=at.clock.now()))
    assert at.boards.current(at.settings).pauses == ()
    at.clock.sleep(timedelta(seconds=2))
    assert len(at.boards.current(at.settings).pauses) == 1


def test_other_settings_are_seen_at_once() -> None:
    """A changed limit, threshold or account is on the board without waiting, and only its account is drawn anew."""
    at = desk()
    before = at.board()
    limits = [limit_of(1, "2000"), *at.settings.limits[1:]]
    at.settings = replace(at.settings, limits=tuple(limits))
    after = at.boards.current(at.settings)
    assert str(after.accounts[0].customers[0].amount) == "2000.00"
    assert after.accounts[1].customers is before.accounts[1].customers
    same = replace(at.settings)
    assert at.boards.current(same).accounts[0].customers is after.accounts[0].customers
    at.settings = replace(at.settings, accounts={MAIN: at.settings.accounts[MAIN]}, limits=tuple(limits[:2]))
    assert [account.name for account in at.boards.current(at.settings).accounts] == [MAIN]


def test_an_account_that_is_new_in_the_settings_has_its_runs() -> None:
    """What ran before under its name, by hand perhaps, is found."""
    at = desk()
    whole = at.settings
    at.settings = replace(whole, accounts={MAIN: whole.accounts[MAIN]}, limits=whole.limits[:2])
    assert len(at.board().accounts) == 1
    at.settings = whole
    account = at.account(OTHER)
    assert account.last_run is not None
    assert account.in_sync == 2


def test_what_only_the_daemon_knows_is_laid_upon_the_board() -> None:
    """Ticks by account, faults of the files, the start and the alerts that stand."""
    at = desk()
    tick = Tick(next_at=NOON)
    alert = StandingAlert(severity="warning", sentence="x", since=NOON, account=MAIN, customer_id=None)
    made = at.boards.current(
        at.settings, ticks={MAIN: tick}, config_faults=("line 3",), started_at=NOON, alerts=[alert]
    )
    assert [account.tick for account in made.accounts] == [tick, Tick()]
    assert (made.config_faults, made.started_at, made.alerts) == (("line 3",), NOON, (alert,))
    assert (made.installation, made.head) == (at.store.installation, at.store.head())
    assert at.boards.current(at.settings).account(MAIN) == replace(made.accounts[0], tick=Tick())


def test_a_store_that_fails_is_asked_again() -> None:
    """A board that could not be made takes nothing for read; the next one has everything."""
    at = desk()
    at.board()
    at.runs(Seen(spent={1: "500"}))
    pauses, failing = at.store.pauses, iter([True])

    def fail_once(now: object) -> object:
        if next(failing, False):
            raise StoreFailedError("read the pauses", "the disk is gone")
        return pauses(now)  # type: ignore[arg-type]  # passed on as it came

    at.store.pauses = fail_once  # type: ignore[method-assign,assignment]  # no store here fails by itself
    with pytest.raises(StoreFailedError):
        at.board()
    spent = at.line().spent
    assert spent is not None
    assert str(spent.low) == "500.00"


def test_while_one_thread_draws_the_others_are_given_the_board_before() -> None:
    """A page need not wait for a large account to be read."""
    at = desk()
    before = at.board()
    at.runs(Seen(spent={1: "500"}))
    reading, go_on = threading.Event(), threading.Event()
    latest = at.store.latest

    def slowly(account: str | None = None) -> object:
        reading.set()
        assert go_on.wait(30)
        return latest(account)

    at.store.latest = slowly  # type: ignore[method-assign,assignment]  # to hold the drawing
    at.clock.sleep(MINUTE)
    drawn: list[Board] = []
    drawing = threading.Thread(target=lambda: drawn.append(at.boards.current(at.settings)))
    drawing.start()
    assert reading.wait(30)
    assert at.boards.current(at.settings).accounts == before.accounts
    go_on.set()
    drawing.join(30)
    assert drawn[0].accounts != before.accounts
    assert at.boards.current(at.settings).accounts == drawn[0].accounts


def test_recent_changes_are_told_newest_first_by_whom() -> None:
    """Limits, our changes, others' and people's words; many limits that came in together are one line."""
    at = desk()
    limits = [replace(limit_of(n), source=Source("limits.csv", n + 1), changed_by="bert") for n in range(1, 6)]
    at.store.accept_limits(limits, "d" * 64, [MAIN], at.clock.now())
    at.clock.sleep(MINUTE)
    intent = at.changes(1, State.SENT, State.UNCERTAIN)
    at.clock.sleep(MINUTE)
    at.store.note("drift", who="vendor", at=at.clock.now(), account=MAIN, key=key_of(1), body={"sentence": "by alice"})
    at.clock.sleep(MINUTE)
    at.store.pause(
        Pause(account=None, customer_id=key_of(1).customer_id, who="ann", why="month end", since=at.clock.now())
    )
    lines = at.board().changes
    assert [(line.sort, line.who) for line in lines] == [
        (Sort.PERSON, "ann"),
        (Sort.OTHERS, ""),
        (Sort.OURS, "ann"),
        (Sort.LIMIT, "limits file"),
    ]
    assert lines[0].whom == f"customer/{key_of(1).customer_id}"
    assert lines[3].what == "5 limits accepted from limits.csv"
    at.store.move(State.UNCERTAIN, intent.moved(State.SETTLED_NOT_APPLIED))
    assert at.board().changes[2].what != lines[2].what
    assert board(at.settings, at.world).changes == at.board().changes


def test_a_file_of_very_many_limits_is_not_counted_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more limits than are read for the board's list it says that there are at least so many."""
    monkeypatch.setattr(tail, "_LIMITS_LOOKED_AT", 5)
    at = desk()
    limits = [replace(limit_of(n), source=Source("limits.csv", n + 1)) for n in range(1, 10)]
    at.store.accept_limits(limits, "d" * 64, [MAIN], at.clock.now())
    assert at.board().changes[0].what == "5 or more limits accepted from limits.csv"


def test_changes_that_many_threads_record_are_all_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many are recorded between two looks, and in whatever order of time, each plan's row finds its own."""
    monkeypatch.setattr(tail, "_INTENTS_AT_ONCE", 4)
    monkeypatch.setattr(tail, "CHANGES_TOLD", 6)
    at = Desk(settings_of([limit_of(number) for number in range(1, 61)]))
    plan = at.runs(Seen(granted=dict.fromkeys(range(1, 61), "800")))
    for count in (1, 5, 30, 60):
        while at.passes < count + 1:
            at.changes(at.passes, State.SENT, State.CONFIRMED, State.SETTLED_APPLIED, run=plan.run)
            at.clock.sleep(timedelta(milliseconds=300 * (-1 if at.passes % 3 == 0 else 1)))
        account = at.account()
        assert (account.pending, account.in_sync) == (60 - count, count)
        assert sum(1 for line in account.customers if line.waiting is not None) == 60 - count
        assert board(at.settings, at.world).accounts[0].pending == 60 - count
    assert len(at.board().changes) == 6


def test_a_record_of_very_many_rows_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a great many rows at once nothing is taken for unchanged, and people's words are still found."""
    monkeypatch.setattr(tail, "_MANY_ROWS", 3)
    at = desk()
    before = at.board()
    at.store.keep_books(at.store.books(MAIN).values())
    at.runs(Seen(spent={1: "500"}))
    at.store.pause(Pause(account=None, customer_id=None, who="ann", why="audit", since=at.clock.now()))
    for number in range(5):
        at.store.note("nothing", who="ann", at=at.clock.now() + number * MINUTE)
    after = at.board()
    assert after.accounts[0].customers is not before.accounts[0].customers
    assert after.changes[0].who == "ann"


def test_boards_of_two_processes_are_the_same() -> None:
    """One made afresh from the store says what one says that has followed it all along."""
    at = desk()
    at.board()
    at.runs(Seen(granted={1: "900"}))
    at.changes(1, State.SENT, State.UNCERTAIN)
    at.clock.sleep(timedelta(seconds=3))
    followed = at.boards.current(at.settings)
    assert Boards(at.world, at.clock).current(at.settings) == followed
