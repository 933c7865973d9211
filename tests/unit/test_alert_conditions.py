"""What the board says of accounts, records and the daemon itself, and what it does not say twice."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.alerts import Condition, Severity, Sort
from core.books import Dispute, DisputeSort
from core.exposure import Outlook
from core.guards import AccountFigures, judge_guards
from core.intent import State
from core.money import Money
from core.pause import Pause
from core.plan import HoldReason
from core.policy import Cap, GuardSettings
from core.standing import Restriction
from scheduler.alerting.conditions import age
from scheduler.reports.board import AccountBoard, LastRun
from tests.unit.alert_facts import HUAWEI, found, held, intent, one_line, stop, subjects
from tests.unit.board_desk import Desk, Seen, key_of, limit_of, settings_of
from tests.unit.boards import DAY, HOUR, MINUTE, NOW, account, board, line
from tests.unit.strategies import correction_of, policy_of


def test_a_board_on_which_all_is_well_gives_nothing() -> None:
    """Nobody is told that nothing is wrong."""
    assert found(one_line()) == []


def test_what_holds_a_whole_account_is_one_fact() -> None:
    """Thousands held for the account's sake are one sentence with their number."""
    lines = [line(str(number), waiting=held(HoldReason.BOOKS)) for number in range(3)]
    (told,) = found(board(account(HUAWEI, lines)))
    assert (told.customer, told.subject) == (None, "books")
    assert told.sentence.startswith("3 customers of huawei-main are not brought to their limits: ")


def test_a_guard_is_told_once_and_not_for_each_customer_it_holds() -> None:
    """The guard's sentence says it all; where none came with the plan, the holds say so."""
    lines = [line(str(number), waiting=held(HoldReason.GUARD)) for number in range(3)]
    (told,) = found(board(account(HUAWEI, lines, guards={"max_cut": "max_cut: 3 customers would be cut"})))
    assert (told.sort, told.subject) == (Sort.GUARD, "max_cut")
    (bare,) = found(board(account(HUAWEI, lines)))
    assert (bare.sort, bare.subject) == (Sort.HOLD, "guard")


def test_each_customer_that_its_own_guard_holds_is_told() -> None:
    """A second customer is a fact of its own; what a guard over the account holds besides is told once."""
    settings = GuardSettings(max_single_change=Cap(amount=Money(20_00)))
    rows = [correction_of("100", "300", number=number) for number in (1, 2)]
    _, holds, verdicts = judge_guards(
        rows, policy_of(guards=[settings]), AccountFigures(customers=2, granted=Money(1)), NOW
    )
    lines = [line(hold.key.customer_id, waiting=held(hold.reason, hold.detail)) for hold in holds]
    lines.append(line("1001", waiting=held(HoldReason.GUARD, "max_cut: 500.00 would be taken")))
    guards = {verdict.guard: verdict.sentence for verdict in verdicts if verdict.tripped}
    first, second, whole = found(board(account(HUAWEI, lines, guards={**guards, "max_cut": "max_cut: 500.00"})))
    assert [each.identity for each in (first, second, whole)] == [
        f"guard|{HUAWEI}|huawei/c00001|max_single_change|",
        f"guard|{HUAWEI}|huawei/c00002|max_single_change|",
        f"guard|{HUAWEI}||max_cut|",
    ]
    assert second.sentence.startswith("a guard holds customer c00002: max_single_change: 200.00 (200.0 %) would be")
    assert 'customer = "c00002"' in second.sentence
    assert second.over == "guard max_single_change holds customer c00002 no more"
    # Where no guard over the account came with the plan, what one holds is still told.
    bare = found(board(account(HUAWEI, lines, guards=guards)))
    assert [(each.sort, each.subject) for each in bare][2:] == [(Sort.HOLD, "guard")]
    assert bare[2].sentence.startswith("1 customer of huawei-main")


def test_a_customer_that_its_own_guard_comes_to_hold_later_is_told_too() -> None:
    """By the records of runs: who is held first stays the same fact, and so does who comes to it."""
    cap = GuardSettings(max_single_change=Cap(amount=Money(100_00)))
    at = Desk(settings_of([limit_of(1), limit_of(2)], guards=(cap,)))
    at.runs(Seen(granted={1: "800"}))
    (first,) = found(at.board(), Sort.GUARD)
    at.runs(Seen(granted={1: "800", 2: "500"}))
    again, second = found(at.board(), Sort.GUARD)
    assert (again.identity, second.customer) == (first.identity, key_of(2))


def test_a_clock_that_is_off_is_told_once() -> None:
    """The account says so, and the customers held for it do not say it again."""
    shown = account(HUAWEI, [line("1001", waiting=held(HoldReason.CLOCK))], clock_problem="this clock is +45 s off")
    (told,) = found(board(shown))
    assert (told.sort, told.severity) == (Sort.CLOCK, Severity.CRITICAL)


def test_two_writers_are_told_by_their_dispute() -> None:
    """A dispute about the whole account is told as such, and its holds do not say it again."""
    dispute = Dispute(
        id="01DISPUTE",
        sort=DisputeSort.TWO_WRITERS,
        account=HUAWEI,
        customer=None,
        evidence="mark",
        sentence="another installation writes here",
        opened_at=NOW,
    )
    lines = [line("1001", waiting=held(HoldReason.TWO_WRITERS))]
    (told,) = found(board(account(HUAWEI, lines), disputes=(dispute,)))
    assert (told.sort, told.subject, told.customer) == (Sort.DISPUTE, "01DISPUTE", None)
    assert "`tidegate settle 01DISPUTE`" in told.sentence


def test_an_account_that_cannot_be_read_says_nothing_of_its_customers() -> None:
    """Figures of yesterday begin nothing; only what comes nearer by itself is told all the same."""
    lines = [
        line("1001", 99_000, waiting=held(HoldReason.UNREADABLE)),
        line("1002", restriction=Restriction.FROZEN, stopped=stop(Restriction.FROZEN, deleted=NOW + DAY / 2)),
    ]
    broken = account(
        HUAWEI, lines, problem="the key is wrong", problem_since=NOW - HOUR, guards={"max_cut": "3 would be cut"}
    )
    told = found(board(broken))
    assert [each.sort for each in told] == [Sort.DELETION] * 3 + [Sort.UNREADABLE]
    assert "cannot be read since 2026-11-22 03:05 UTC: the key is wrong" in told[-1].sentence


def test_one_customer_that_cannot_be_read_is_a_hold() -> None:
    """Where the account itself is well, its customer's trouble is told."""
    assert subjects(found(one_line(waiting=held(HoldReason.UNREADABLE)))) == ["unreadable"]


@pytest.mark.parametrize(
    ("changes", "started", "late"),
    [
        ({"read_at": NOW - 41 * MINUTE}, NOW - DAY, True),
        ({"read_at": NOW - 39 * MINUTE}, NOW - DAY, False),
        ({"read_at": None}, NOW - DAY, True),
        ({"read_at": None}, NOW - 39 * MINUTE, False),
        ({"read_at": NOW - DAY}, NOW - 39 * MINUTE, False),
        ({"read_at": NOW - DAY}, None, False),
        ({"read_at": NOW - DAY, "problem": "no answer"}, NOW - 2 * DAY, False),
    ],
)
def test_an_account_is_late_while_the_daemon_runs(
    changes: dict[str, object], started: datetime | None, late: object
) -> None:
    """Not when the daemon has just started, nor without one, nor where it is told that it cannot be read."""
    shown = board(account(HUAWEI, [], **changes), started_at=started)
    assert bool(found(shown, Sort.LATE)) is late


@pytest.mark.parametrize(
    ("state", "sort"),
    [
        (State.RECORDED, None),
        (State.SENT, Sort.UNCERTAIN),
        (State.CONFIRMED, Sort.UNCERTAIN),
        (State.UNCERTAIN, Sort.UNCERTAIN),
        (State.DISPUTED, Sort.DISPUTE),
    ],
)
def test_an_open_change_is_told_by_its_id(state: State, sort: Sort | None) -> None:
    """What was sent and is not settled waits for time, what is disputed for a person; what was not sent for nobody."""
    told = found(board(account(HUAWEI, []), open_intents=(intent(state, fence=NOW + HOUR),)))
    assert [(each.sort, each.subject) for each in told] == ([] if sort is None else [(sort, "01INTENT")])
    assert all("+15.00" in each.sentence for each in told)


def test_a_change_without_an_amount_is_named_by_what_it_does() -> None:
    """Not every change moves money."""
    (told,) = found(board(account(HUAWEI, []), open_intents=(intent(State.UNCERTAIN, change=None),)))
    assert "a change (set amount) of customer 1001 is not settled" in told.sentence


@pytest.mark.parametrize(
    ("whose", "said"),
    [
        ((None, None), "everything has been paused"),
        ((HUAWEI, None), f"account {HUAWEI} has been paused"),
        ((HUAWEI, "1001"), "customer 1001 has been paused"),
        ((None, "1001"), "customer 1001 has been paused"),
        (("gone", "1001"), "customer 1001 has been paused"),
    ],
)
def test_a_pause_is_told_when_it_has_lasted(whose: tuple[str | None, str | None], said: str) -> None:
    """Whoever paused whatever: after a while somebody is reminded, with who, why and until when."""
    pause = Pause(account=whose[0], customer_id=whose[1], who="anna", why="audit", since=NOW - 3 * DAY, until=NOW + DAY)
    fresh = replace(pause, since=NOW - 3 * DAY + MINUTE)
    (told,) = found(board(account(HUAWEI, []), pauses=(pause, fresh)), Sort.PAUSE)
    assert told.sentence.startswith(said)
    assert "until 2026-11-23 04:05 UTC by anna: audit" in told.sentence


def test_a_month_that_needs_more_credit_than_there_is_is_told_of_that_month() -> None:
    """By what can be given out now; whatever else waits in the account is told for itself."""
    ahead = Outlook(
        granted=Money(1),
        open=Money(1),
        rollover=Money(900_00),
        rollover_at=datetime(2026, 11, 30, 16, tzinfo=UTC),
    )
    soon = datetime(2026, 11, 28, tzinfo=UTC)
    short = account(HUAWEI, [], outlook=ahead, quota=Money(500_00), attention=("something else",))
    (told,) = found(board(short, made_at=soon), Sort.SHORTAGE)
    assert told.period == "2026-12"
    assert "needs 900.00 of credit, and 500.00 can be given out" in told.sentence
    assert found(board(short, made_at=soon - 4 * DAY), Sort.SHORTAGE) == []
    for quota in (Money(900_00), None):
        assert found(board(replace(short, quota=quota), made_at=soon), Sort.SHORTAGE) == []


def test_broken_files_are_one_fact() -> None:
    """However many faults there are, one sentence names their number and the first."""
    (told,) = found(board(config_faults=("limits.csv:7: no such account", "limits.csv:8: too")))
    assert told.account is None
    assert "2 faults" in told.sentence
    assert told.sentence.endswith("limits.csv:7: no such account")


@pytest.mark.parametrize(
    ("command", "ended", "down"),
    [
        ("daemon", NOW - 13 * DAY, True),
        ("apply", NOW - 13 * DAY, False),
        ("daemon", NOW - 12 * DAY - 39 * MINUTE, False),
        ("daemon", NOW - 3 * MINUTE, False),
    ],
)
def test_a_daemon_that_was_down_is_told_by_the_next(command: str, ended: datetime, down: object) -> None:
    """Until its first run, and for as long as it was down one fact, however often it starts."""
    run = LastRun(id="01", command=command, who="", begun_at=ended - MINUTE, ended_at=ended, exit_code=0)
    told = found(board(account(HUAWEI, [], last_run=run)), Sort.DOWN)
    assert bool(told) is down
    again = board(account(HUAWEI, [], last_run=run), started_at=NOW - 12 * DAY + MINUTE)
    assert [each.identity for each in found(again, Sort.DOWN)] == [each.identity for each in told]


def test_without_a_daemon_nobody_was_down() -> None:
    """A command that evaluates knows of no daemon."""
    run = LastRun(id="01", command="daemon", who="", begun_at=NOW - DAY, ended_at=None, exit_code=None)
    assert found(board(account(HUAWEI, [], last_run=run), started_at=None)) == []


def everything() -> list[Condition]:
    """Give a condition of each sort."""
    frozen = stop(Restriction.FROZEN, deleted=NOW + DAY)
    ahead = Outlook(granted=Money(1), open=Money(1), rollover=Money(9), rollover_at=NOW + DAY)
    whole = account(
        HUAWEI,
        [
            line("1001", 99_000, restriction=Restriction.FROZEN, stopped=frozen, waiting=held(HoldReason.REFUSED)),
        ],
        guards={"max_cut": "3 customers"},
        outlook=ahead,
        quota=Money(1),
        clock_problem="45 s off",
        read_at=NOW - DAY,
    )
    broken = account("tencent-main", [], problem="no answer")
    run = LastRun(id="01", command="daemon", who="", begun_at=NOW - 20 * DAY, ended_at=None, exit_code=None)
    pause = Pause(account=None, customer_id=None, who="anna", why="x", since=NOW - 9 * DAY)
    accounts: list[AccountBoard] = [replace(each, last_run=run) for each in (whole, broken)]
    intents = (intent(State.UNCERTAIN), replace(intent(State.DISPUTED), id="02INTENT"))
    return found(board(*accounts, pauses=(pause,), open_intents=intents, config_faults=("a fault",)))


def test_every_sort_is_made_and_says_its_end_where_it_is_told() -> None:
    """No sort is forgotten; each sentence is one line without a customer's name; each end that is told has words."""
    told = everything()
    assert {each.sort for each in told} == set(Sort)
    for each in told:
        assert each.sentence
        assert "\n" not in each.sentence + each.over
        assert "Acme" not in each.sentence + each.over
        assert bool(each.over) == each.sort.tells_end, each
    assert len({each.identity for each in told}) == len(told)


@pytest.mark.parametrize(
    ("duration", "said"),
    [
        (timedelta(seconds=90), "1 minute"),
        (119 * MINUTE, "119 minutes"),
        (2 * HOUR, "2 hours"),
        (47 * HOUR, "47 hours"),
        (2 * DAY, "2 days"),
    ],
)
def test_ages_are_told_in_a_unit_that_fits(duration: timedelta, said: str) -> None:
    """Two of a unit at least, or minutes."""
    assert age(duration) == said


def test_text_from_outside_cannot_break_a_line() -> None:
    """What a vendor or a person wrote is cleaned before it is told."""
    evil = "x\n\x1b[2Jy\u202ez"
    shown = board(
        account(HUAWEI, [line("1001", waiting=held(HoldReason.REFUSED, evil))], guards={"max_cut": evil}),
        account("tencent-main", [], problem=evil),
        config_faults=(evil,),
        pauses=(Pause(account=None, customer_id=None, who=evil, why=evil, since=NOW - 9 * DAY),),
    )
    told = found(shown)
    assert len(told) == 5
    assert all(each.sentence.isprintable() for each in told)
