"""What is over, what nobody could see, and what nobody asks any more."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.alerts import Condition, Sort
from core.exposure import Outlook
from core.intent import Action, Intent, Position, State
from core.limit import Customer, CustomerKey
from core.money import Money
from core.pause import Pause
from core.plan import HoldReason
from core.telling import Fate
from scheduler.alerting.conditions import pause_subject
from scheduler.alerting.fates import fates
from scheduler.reports.board import AccountBoard, Board, CustomerLine, Waiting
from tests.unit.boards import DAY, MINUTE, NOW, account, board, line

HUAWEI = "huawei-main"
KEY = CustomerKey("huawei", "1001")
OVER, UNKNOWN, MOOT = Fate.OVER, Fate.UNKNOWN, Fate.MOOT
OUTLOOK = Outlook(
    granted=Money(1), open=Money(1), rollover=Money(1), rollover_at=datetime(2026, 11, 30, 16, tzinfo=UTC)
)
PAUSE = Pause(account=HUAWEI, customer_id=None, who="anna", why="x", since=NOW - DAY)


def gone(
    sort: Sort, *, of_account: bool = False, subject: str = "", period: str = "", whose: str | None = HUAWEI
) -> Condition:
    """Make a condition on record that the board does not show."""
    return Condition(
        sort=sort,
        severity=sort.severity,
        sentence="",
        account=whose,
        customer=None if of_account else KEY,
        subject=subject,
        period=period,
    )


THRESHOLD = gone(Sort.THRESHOLD, subject="90", period="2026-11")
STOPPED, DELETION, HOLD = gone(Sort.STOPPED), gone(Sort.DELETION, subject="3"), gone(Sort.HOLD, subject="quota")
SHORTAGE = gone(Sort.SHORTAGE, of_account=True, period="2026-12")
LATE = gone(Sort.LATE, of_account=True)


def with_line(changes: Mapping[str, object] | None = None, **of_account: object) -> Board:
    """Give a board with the customer's line, changed so, in an account changed so."""
    return board(account(HUAWEI, [line("1001", 40_000, 100_000, **(changes or {}))], **of_account))


def fate(shown: Board, condition: Condition) -> Fate:
    """Judge one condition."""
    return fates(shown)(condition)


@pytest.mark.parametrize("condition", [THRESHOLD, STOPPED, DELETION, HOLD])
def test_what_was_looked_for_and_is_gone_is_over(condition: Condition) -> None:
    """A customer whose figures are known, and who is well, is well again."""
    assert fate(with_line(), condition) is OVER


@pytest.mark.parametrize("condition", [THRESHOLD, STOPPED, DELETION, HOLD, replace(HOLD, customer=None), SHORTAGE])
def test_an_account_that_cannot_be_read_ends_nothing_of_its_customers(condition: Condition) -> None:
    """Nor a guard, nor a clock: nobody could look."""
    shown = with_line(problem="no answer", outlook=OUTLOOK, quota=Money(9))
    assert fate(shown, condition) is UNKNOWN
    for sort in (Sort.GUARD, Sort.CLOCK, Sort.LATE):
        assert fate(shown, gone(sort, of_account=True)) is UNKNOWN


@pytest.mark.parametrize("condition", [THRESHOLD, STOPPED, DELETION, HOLD])
def test_a_customer_that_has_no_limit_any_more_ends_without_a_word(condition: Condition) -> None:
    """Nobody asks what becomes of it, whether it left the file or its account did."""
    assert fate(board(account(HUAWEI, [line("1002")])), condition) is MOOT
    assert fate(board(), condition) is MOOT


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"share": None}, UNKNOWN),
        ({"period": "2026-12"}, MOOT),
        ({"period": "2026-12", "share": None}, MOOT),
        ({"thresholds": (Decimal(75),)}, MOOT),
        ({"thresholds": (Decimal("90.0"),)}, OVER),
    ],
)
def test_a_threshold_is_asked_for_in_its_period_while_it_is_set(changes: dict[str, object], expected: Fate) -> None:
    """A share that is not known ends nothing; a month that is over, or a threshold taken out, ends in silence."""
    assert fate(with_line(changes), THRESHOLD) is expected


@pytest.mark.parametrize("condition", [STOPPED, DELETION])
def test_a_restriction_that_the_vendor_does_not_show_is_not_lifted(condition: Condition) -> None:
    """Unknown is not active."""
    assert fate(with_line({"restriction": None}), condition) is UNKNOWN


def test_a_customer_that_could_not_be_read_keeps_its_holds() -> None:
    """What else held it is not known until it is read again."""
    reason = HoldReason.UNREADABLE
    waiting = Waiting(
        word=reason.word, sentence=reason.sentence, detail="", needs_attention=True, wanted=Money(1), action=None
    )
    assert fate(with_line({"waiting": waiting}), HOLD) is UNKNOWN


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        (None, OVER),
        ("pending", OVER),
        (HoldReason.GUARD.word, OVER),
        (HoldReason.QUOTA.word, OVER),
        (HoldReason.WINDOW.word, UNKNOWN),
        (HoldReason.UNREADABLE.word, UNKNOWN),
        (HoldReason.CLOCK.word, UNKNOWN),
    ],
)
def test_a_customers_guard_is_over_when_it_judged_and_let_pass(word: str | None, expected: Fate) -> None:
    """What is held before any guard looks, by the hour or the account's trouble, is not let through by it."""
    waiting = (
        None if word is None else Waiting(word=word, sentence="", detail="", needs_attention=True, wanted=Money(1))
    )
    assert fate(with_line({"waiting": waiting}), gone(Sort.GUARD, subject="max_single_change")) is expected
    assert fate(board(account(HUAWEI, [])), gone(Sort.GUARD, subject="max_single_change")) is MOOT


@pytest.mark.parametrize("sort", [Sort.UNREADABLE, Sort.GUARD, Sort.CLOCK, Sort.LATE, Sort.HOLD])
def test_an_account_that_is_well_has_nothing_left(sort: Sort) -> None:
    """It was read lately, and nothing of the sort was found; an account that is not configured ends in silence."""
    assert fate(board(account(HUAWEI, [])), gone(sort, of_account=True)) is OVER
    assert fate(board(account("other", [])), gone(sort, of_account=True)) is MOOT


@pytest.mark.parametrize("read_at", [None, NOW - 41 * MINUTE])
def test_only_a_run_ends_that_none_succeeded(read_at: datetime | None) -> None:
    """A daemon that has just started, or a command, knows of no success yet."""
    for started in (NOW, None):
        assert fate(board(account(HUAWEI, [], read_at=read_at), started_at=started), LATE) is UNKNOWN


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"outlook": OUTLOOK, "quota": Money(9)}, OVER),
        ({"outlook": OUTLOOK, "quota": None}, UNKNOWN),
        ({"outlook": None, "quota": Money(9)}, UNKNOWN),
        ({"outlook": replace(OUTLOOK, rollover_at=datetime(2026, 12, 31, 16, tzinfo=UTC)), "quota": Money(9)}, MOOT),
        ({"outlook": replace(OUTLOOK, rollover_at=None), "quota": Money(9)}, MOOT),
    ],
)
def test_a_shortage_is_over_before_its_month_or_not_at_all(changes: dict[str, object], expected: Fate) -> None:
    """Once the month has begun, what it needed is nobody's question; what is not known ends nothing."""
    assert fate(board(account(HUAWEI, [], **changes)), SHORTAGE) is expected


def test_a_pause_that_lasts_is_not_over() -> None:
    """It is no longer told because more patience was configured, or its account is gone; else somebody ended it."""
    condition = gone(Sort.PAUSE, of_account=True, subject=pause_subject(PAUSE))
    everything = gone(Sort.PAUSE, of_account=True, whose=None)
    shown = account(HUAWEI, [])
    assert fate(board(shown, pauses=(PAUSE,)), condition) is MOOT
    assert fate(board(shown, pauses=(replace(PAUSE, since=NOW),)), condition) is OVER
    assert fate(board(), condition) is MOOT
    assert fate(board(), everything) is OVER


def test_a_change_that_came_to_be_disputed_is_not_settled() -> None:
    """While the intent is open, only its dispute is told; closed, it is settled, wherever its account is."""
    open_intent = Intent(
        id="01INTENT",
        mark="",
        run="",
        who="",
        account=HUAWEI,
        customer=Customer(KEY),
        action=Action.SET_AMOUNT,
        before=Position(),
        wanted=Position(),
        change=None,
        rows_before=None,
        inputs_hash="",
        epoch=1,
        recorded_at=NOW,
        state=State.DISPUTED,
    )
    for sort in (Sort.UNCERTAIN, Sort.DISPUTE):
        condition = gone(sort, subject="01INTENT")
        assert fate(board(open_intents=(open_intent,)), condition) is MOOT
        assert fate(board(), condition) is OVER


def test_files_that_are_whole_are_whole_and_a_start_is_no_fact_for_long() -> None:
    """What is about the daemon needs no account."""
    assert fate(board(), gone(Sort.CONFIG, whose=None, of_account=True)) is OVER
    assert fate(board(), gone(Sort.DOWN, whose=None, of_account=True)) is MOOT


def test_every_sort_has_a_fate() -> None:
    """Whatever stands on record, any board has an answer."""
    lines: list[CustomerLine] = [line("1001")]
    accounts: list[AccountBoard] = [account(HUAWEI, lines)]
    for shown in (board(), board(*accounts)):
        for sort in Sort:
            for of_account in (True, False):
                subject = "90" if sort is Sort.THRESHOLD else ""
                assert fate(shown, gone(sort, of_account=of_account, subject=subject)) in Fate
