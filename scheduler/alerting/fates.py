"""What has become of a condition on record that the board does not show any more: over, not to be seen, or moot.

Called by scheduler.alerting.evaluating; pure. Only what was looked for and not found is over: an account that could
not be read, or a figure that the vendor did not give, ends nothing.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import assert_never

from core.alerts import Condition, Sort
from core.limit import CustomerKey
from core.plan import HoldReason
from core.telling import Fate
from scheduler.alerting.conditions import next_month, pause_subject
from scheduler.alerting.customers import OF_ACCOUNT
from scheduler.reports.board import AccountBoard, Board, CustomerLine

# What holds a customer before any guard has judged its change, and passes with time or with the account's trouble.
_UNJUDGED = frozenset(
    reason.word
    for reason in (
        HoldReason.UNREADABLE,
        HoldReason.TOO_OLD,
        HoldReason.STALE_READ,
        HoldReason.ONE_OBSERVATION,
        HoldReason.TOO_EARLY,
        HoldReason.DRIFT_GRACE,
        HoldReason.WINDOW,
        *(OF_ACCOUNT - {HoldReason.GUARD}),
    )
)


def fates(board: Board) -> Callable[[Condition], Fate]:
    """Give the judge of what is not among the board's conditions."""
    return _Fates(board).of


class _Fates:
    """One board's judge."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._lines: dict[str, Mapping[CustomerKey, CustomerLine]] = {}

    def of(self, condition: Condition) -> Fate:
        """Judge one condition that the board does not show."""
        match condition.sort:
            case Sort.CONFIG:
                return Fate.OVER
            case Sort.DOWN:
                return Fate.MOOT
            case Sort.DISPUTE | Sort.UNCERTAIN:
                return self._of_record(condition)
            case Sort.PAUSE:
                return self._of_pause(condition)
            case Sort.THRESHOLD | Sort.STOPPED | Sort.DELETION:
                return self._of_customer(condition)
            case Sort.HOLD | Sort.GUARD if condition.customer is not None:
                return self._of_customer(condition)
            case Sort.HOLD | Sort.UNREADABLE | Sort.LATE | Sort.GUARD | Sort.CLOCK | Sort.SHORTAGE:
                return self._of_account(condition)
            case never:
                assert_never(never)

    def _of_record(self, condition: Condition) -> Fate:
        """An intent whose outcome came to be disputed is not settled; that it is disputed is told for itself."""
        still_open = any(intent.id == condition.subject for intent in self._board.open_intents)
        return Fate.MOOT if still_open else Fate.OVER

    def _of_pause(self, condition: Condition) -> Fate:
        """A pause that lasts is one that may last longer now before somebody is told."""
        lasts = any(
            pause.account == condition.account and pause_subject(pause) == condition.subject
            for pause in self._board.pauses
        )
        gone = condition.account is not None and self._board.account(condition.account) is None
        return Fate.MOOT if lasts or gone else Fate.OVER

    def _of_account(self, condition: Condition) -> Fate:
        account = self._board.account(condition.account or "")
        if account is None:
            return Fate.MOOT
        readable = account.problem is None
        match condition.sort:
            case Sort.LATE:
                recent = account.read_at is not None and self._board.made_at - account.read_at <= account.late_after
                return Fate.OVER if readable and recent else Fate.UNKNOWN
            case Sort.SHORTAGE if readable:
                return _of_shortage(condition, account)
            case _:
                return Fate.OVER if readable else Fate.UNKNOWN

    def _of_customer(self, condition: Condition) -> Fate:
        account = self._board.account(condition.account or "")
        line = None if account is None or condition.customer is None else self._line(account, condition.customer)
        if account is None or line is None:
            return Fate.MOOT
        if condition.sort is Sort.THRESHOLD and not _is_asked(condition, line):
            return Fate.MOOT
        return Fate.OVER if account.problem is None and _is_known(condition, line) else Fate.UNKNOWN

    def _line(self, account: AccountBoard, key: CustomerKey) -> CustomerLine | None:
        if account.name not in self._lines:
            self._lines[account.name] = {line.key: line for line in account.customers}
        return self._lines[account.name].get(key)


def _of_shortage(condition: Condition, account: AccountBoard) -> Fate:
    if account.outlook is None or account.quota is None:
        return Fate.UNKNOWN
    return Fate.OVER if condition.period == next_month(account) else Fate.MOOT


def _is_asked(condition: Condition, line: CustomerLine) -> bool:
    """Whether its period still runs and its threshold is still set."""
    return condition.period == line.period and Decimal(condition.subject) in line.thresholds


def _is_known(condition: Condition, line: CustomerLine) -> bool:
    """Whether the line says something about what the condition is about."""
    if condition.sort is Sort.THRESHOLD:
        return line.share is not None
    if condition.sort is Sort.HOLD:
        return _word(line) != HoldReason.UNREADABLE.word
    if condition.sort is Sort.GUARD:
        return _word(line) not in _UNJUDGED
    return line.restriction is not None


def _word(line: CustomerLine) -> str:
    return "" if line.waiting is None else line.waiting.word
