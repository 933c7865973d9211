"""All that somebody must be told and that holds now: the board as conditions, with the sentences that tell them.

Called by scheduler.alerting.evaluating; pure. It says what holds, never what is new: that is core.telling's.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from core.alerts import Condition, Sort
from core.exposure import shortage
from core.intent import Intent, State
from core.limit import CustomerKey
from core.meter import month_of
from core.pause import Pause
from core.plan import HoldReason
from scheduler.alerting.customers import CUSTOMER_GUARD, account_wide, customer, of_customer
from scheduler.reports.board import AccountBoard, Board
from scheduler.reports.explanation_remedies import REMEDIES
from scheduler.reports.prospects import minute
from scheduler.reports.wording import action, clean, plural, sentence, signed

# Sent, and by now it should be known what became of it.
UNSETTLED = frozenset({State.SENT, State.CONFIRMED, State.UNCERTAIN})
_DAEMON = "daemon"
_UNITS = ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"))
_MINUTE = timedelta(minutes=1)


def conditions(board: Board, *, pause_after: timedelta) -> list[Condition]:
    """Give every condition of the board; `pause_after`: how long a pause may last before somebody is told."""
    return [
        *_of_daemon(board),
        *_of_records(board, pause_after),
        *(each for one in board.accounts for each in _of_account(one, board)),
    ]


def pause_subject(pause: Pause) -> str:
    """Tell a pause from every other."""
    return f"{pause.customer_id or ''}@{pause.since.isoformat()}"


def down_since(board: Board) -> datetime | None:
    """Give when the newest run before the daemon's start was, where that was long before it; None where not.

    Where no account's newest run was a daemon's, none was running that could have stopped.
    """
    runs = [one.last_run for one in board.accounts if one.last_run is not None]
    if board.started_at is None or not any(run.command == _DAEMON for run in runs):
        return None
    ran = [run.ended_at or run.begun_at for run in runs]
    long = min(one.late_after for one in board.accounts)
    return max(ran) if board.started_at - max(ran) > long else None


def is_late(account: AccountBoard, board: Board) -> bool:
    """Whether no run has succeeded for too long, all of that time with the daemon running."""
    if board.started_at is None or account.problem is not None:
        return False
    since = board.started_at if account.read_at is None else max(account.read_at, board.started_at)
    return board.made_at - since > account.late_after


def age(duration: timedelta) -> str:
    """Write how long something has been so, in a unit of which there are at least two."""
    for size, one in _UNITS:
        if duration >= 2 * size:
            return plural(duration // size, one)
    return plural(duration // _MINUTE, "minute")


def _of_daemon(board: Board) -> Iterator[Condition]:
    faults = board.config_faults
    if faults:
        yield Condition(
            sort=Sort.CONFIG,
            severity=Sort.CONFIG.severity,
            sentence=sentence(
                f"the configuration has {plural(len(faults), 'fault')}, so the last whole one stays in force; "
                f"see `tidegate check`: {faults[0]}"
            ),
            over="the configuration is whole again and in force",
        )
    since = down_since(board)
    if since is not None and board.started_at is not None:
        yield Condition(
            sort=Sort.DOWN,
            severity=Sort.DOWN.severity,
            sentence=(
                f"Tidegate did not run for {age(board.started_at - since)}, from {minute(since)} to "
                f"{minute(board.started_at)}: limits were not kept meanwhile; find out what stopped it"
            ),
            subject=since.isoformat(),
        )


def _of_records(board: Board, pause_after: timedelta) -> Iterator[Condition]:
    for intent in board.open_intents:
        if intent.state is State.DISPUTED:
            yield _disputed(intent.account, intent.key, intent.id, f"{_change(intent)} is in doubt: {intent.outcome}")
        elif intent.state in UNSETTLED:
            yield _unsettled(intent)
    for dispute in board.disputes:
        yield _disputed(dispute.account, dispute.customer, dispute.id, dispute.sentence)
    for pause in board.pauses:
        if board.made_at - pause.since >= pause_after:
            yield _paused(pause, board)


def _disputed(account: str, key: CustomerKey | None, name: str, what: str) -> Condition:
    whom = f"account {account}" if key is None else customer(key)
    return Condition(
        sort=Sort.DISPUTE,
        severity=Sort.DISPUTE.severity,
        sentence=sentence(
            f"{whom} is disputed: {what}; look it up in the vendor's console, then say what it shows with "
            f"`tidegate settle {name}`"
        ),
        over=sentence(f"dispute {name} of {whom} is settled"),
        account=account,
        customer=key,
        subject=name,
    )


def _unsettled(intent: Intent) -> Condition:
    when = "" if intent.fence_at is None else f", can be settled from {minute(intent.fence_at)}"
    return Condition(
        sort=Sort.UNCERTAIN,
        severity=Sort.UNCERTAIN.severity,
        sentence=sentence(
            f"{_change(intent)} of {customer(intent.key)} is not settled, nothing else is changed there meanwhile: "
            f"intent {intent.id}{when}; `tidegate apply --wait` settles it"
        ),
        over=f"intent {clean(intent.id)} of {customer(intent.key)} is settled",
        account=intent.account,
        customer=intent.key,
        subject=intent.id,
    )


def _change(intent: Intent) -> str:
    change = signed(intent.change)
    return f"a change ({change})" if change else f"a change ({action(intent.action)})"


def _paused(pause: Pause, board: Board) -> Condition:
    # Whose vendor is not named: only an account's is known, and a pause may be of a customer wherever it is.
    account = None if pause.account is None else board.account(pause.account)
    key = None if pause.customer_id is None or account is None else CustomerKey(account.vendor, pause.customer_id)
    if pause.customer_id is not None:
        whom = f"customer {clean(pause.customer_id)}"
    else:
        whom = "everything" if pause.account is None else f"account {pause.account}"
    until = "" if pause.until is None else f" until {minute(pause.until)}"
    return Condition(
        sort=Sort.PAUSE,
        severity=Sort.PAUSE.severity,
        sentence=sentence(
            f"{whom} has been paused since {minute(pause.since)}{until} by {pause.who}: {pause.why}; nothing is "
            "changed there; `tidegate resume` ends it"
        ),
        over=f"{whom} is not paused any more",
        account=pause.account,
        customer=key,
        subject=pause_subject(pause),
    )


def _of_account(account: AccountBoard, board: Board) -> Iterator[Condition]:
    readable = account.problem is None
    for line in account.customers:
        yield from of_customer(line, board.made_at, readable=readable)
    if readable:
        yield from _guarded(account)
        yield from _held_by_account(account, board)
        yield from _short(account, board)
    else:
        yield _unreadable(account)
    if account.clock_problem is not None:
        told = sentence(f"{account.clock_problem}; set it, by NTP ({account.name})")
        yield _about(account, Sort.CLOCK, told, f"the clock agrees with that of {account.name} again")
    if is_late(account, board):
        since = "ever" if account.read_at is None else f"since {minute(account.read_at)}"
        told = f"no run of {account.name} has succeeded {since}: see the daemon's log, and `tidegate status`"
        yield _about(account, Sort.LATE, told, f"a run of {account.name} has succeeded again")


def _unreadable(account: AccountBoard) -> Condition:
    since = "" if account.problem_since is None else f" since {minute(account.problem_since)}"
    told = sentence(
        f"{account.name} cannot be read{since}: {account.problem}; nothing is changed there meanwhile; "
        "`tidegate check` tries the connection and the key"
    )
    return _about(account, Sort.UNREADABLE, told, f"{account.name} can be read again")


def _guarded(account: AccountBoard) -> Iterator[Condition]:
    """Give the guards that are over the whole account; whom the other holds is told of each customer."""
    for guard, told in sorted(_account_guards(account).items()):
        over = f"guard {clean(guard)} of {account.name} holds nothing any more"
        yield _about(account, Sort.GUARD, sentence(f"a guard of {account.name} is tripped: {told}"), over, guard)


def _account_guards(account: AccountBoard) -> dict[str, str]:
    return {guard: told for guard, told in account.guards.items() if guard != CUSTOMER_GUARD}


def _held_by_account(account: AccountBoard, board: Board) -> Iterator[Condition]:
    """Give what holds whoever is to be changed, once, unless another condition says so."""
    said = {HoldReason.CLOCK} if account.clock_problem is not None else set()
    said |= {HoldReason.GUARD} if _account_guards(account) else set()
    if any(dispute.account == account.name and dispute.customer is None for dispute in board.disputes):
        said |= {HoldReason.TWO_WRITERS}
    held = Counter(account_wide(line.waiting) for line in account.customers if line.waiting is not None)
    for reason, count in held.items():
        if reason is None or reason in said:
            continue
        whom = f"{plural(count, 'customer')} of {account.name}"
        told = sentence(f"{whom} are not brought to their limits: {reason.sentence}; to do: {REMEDIES[reason]}")
        yield _about(account, Sort.HOLD, told, "", reason.word)


def _short(account: AccountBoard, board: Board) -> Iterator[Condition]:
    ahead = account.outlook
    told = None if ahead is None else shortage(ahead, account.quota, board.made_at)
    if told is not None:
        over = f"{account.name} has the credit that its next month needs"
        yield _about(account, Sort.SHORTAGE, f"{account.name}: {told}", over, period=next_month(account))


def next_month(account: AccountBoard) -> str:
    """Name the month that a shortage is about; empty where none lies ahead."""
    at = None if account.outlook is None else account.outlook.rollover_at
    return "" if at is None else month_of(at, account.zone)


def _about(account: AccountBoard, sort: Sort, told: str, over: str, subject: str = "", period: str = "") -> Condition:
    return Condition(
        sort=sort,
        severity=sort.severity,
        sentence=told,
        over=over,
        account=account.name,
        subject=subject,
        period=period,
    )
