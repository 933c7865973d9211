"""Boards with something to tell, and their conditions, for the tests of alerts."""

from collections.abc import Sequence
from datetime import datetime

from core.alerts import Condition, Sort
from core.books import Cause
from core.intent import Action, Intent, Position, State
from core.limit import Customer, CustomerKey
from core.money import Money
from core.plan import HoldReason
from core.standing import Restriction
from scheduler.alerting.conditions import conditions
from scheduler.reports.board import Board, Waiting
from scheduler.reports.stopped import Stopped
from tests.unit.boards import DAY, HOUR, NOW, account, board, line

HUAWEI = "huawei-main"
PAUSE_AFTER = 3 * DAY
ADDED = Money(15_00)


def found(shown: Board, sort: Sort | None = None) -> list[Condition]:
    """Give the board's conditions, of one sort."""
    return [each for each in conditions(shown, pause_after=PAUSE_AFTER) if sort in {None, each.sort}]


def one_line(**changes: object) -> Board:
    """Give a board of one customer."""
    used, limit = changes.pop("used", 40_000), changes.pop("limit", 100_000)
    assert isinstance(used, int)
    assert isinstance(limit, int)
    return board(account(HUAWEI, [line("1001", used, limit, **changes)]))


def held(reason: HoldReason, detail: str = "") -> Waiting:
    """Give a hold as the board shows it."""
    return Waiting(
        word=reason.word,
        sentence=reason.sentence,
        detail=detail,
        needs_attention=reason.needs_attention,
        wanted=Money(100_00),
    )


def stop(restriction: Restriction, cause: Cause | None = Cause.EXHAUSTION, deleted: datetime | None = None) -> Stopped:
    """Give a customer that is stopped."""
    return Stopped(
        key=CustomerKey("huawei", "1001"),
        account=HUAWEI,
        name="Acme Trading Ltd",
        restriction=restriction,
        cause=cause,
        since=NOW - HOUR,
        data_deleted_after=deleted,
    )


def intent(state: State, *, change: Money | None = ADDED, fence: datetime | None = None) -> Intent:
    """Give an open intent."""
    return Intent(
        id="01INTENT",
        mark="tg",
        run="run",
        who="daemon",
        account=HUAWEI,
        customer=Customer(CustomerKey("huawei", "1001")),
        action=Action.SET_AMOUNT,
        before=Position(),
        wanted=Position(),
        change=change,
        rows_before=None,
        inputs_hash="",
        epoch=1,
        recorded_at=NOW - HOUR,
        state=state,
        fence_at=fence,
        outcome="the connection broke",
    )


def subjects(given: Sequence[Condition]) -> list[str]:
    """Give what tells them apart."""
    return [each.subject for each in given]
