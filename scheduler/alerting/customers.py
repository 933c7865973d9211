"""What of one customer somebody must be told: shares of its limit, being stopped, data to be deleted, what is not done.

Called by scheduler.alerting.conditions for every line of the board; pure. What the line does not know gives nothing.
A customer's name is never told: alerts go to places that nobody here knows.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from core.alerts import Condition, Severity, Sort
from core.books import Cause
from core.limit import CustomerKey, OnExhaustion
from core.money import Money
from core.plan import HoldReason
from core.standing import Restriction
from scheduler.reports.board import CustomerLine, Waiting
from scheduler.reports.explanation_remedies import REMEDIES
from scheduler.reports.prospects import minute
from scheduler.reports.stopped import Stopped
from scheduler.reports.wording import clean, grouped, sentence

_ALL = Decimal(100)
_DAY = timedelta(days=1)
# Days before the vendor deletes data, each of them a rung.
DELETION_DAYS = (7, 3, 1)
REASONS = {reason.word: reason for reason in HoldReason}
# A person's own word, or told by a sort of its own.
_SAID_OTHERWISE = frozenset({HoldReason.PAUSED, HoldReason.PROTECTED, HoldReason.UNCERTAIN, HoldReason.DISPUTED})
# What holds whoever is to be changed in an account says nothing of one customer.
OF_ACCOUNT = frozenset(
    {
        HoldReason.GUARD,
        HoldReason.CLOCK,
        HoldReason.TWO_WRITERS,
        HoldReason.BOOKS,
        HoldReason.LEASE,
        HoldReason.STORE,
        HoldReason.STOPPED,
    }
)
# The guard that judges each customer's change alone: what it holds is told of that customer.
CUSTOMER_GUARD = "max_single_change"
_AT_THE_END = {
    OnExhaustion.RESTRICT: "at 100 % it can buy nothing more",
    OnExhaustion.FREEZE: "at 100 % its services stop",
    None: "at 100 % the vendor may stop it",
}
_IS = {
    Restriction.RESTRICTED: "is restricted and can buy nothing",
    Restriction.FROZEN: "is frozen: its services stand still",
    Restriction.SUSPENDED: "is suspended by the vendor: its services stand still",
}
_BECAUSE = {
    Cause.OURS: "Tidegate did it, by its limit",
    Cause.EXHAUSTION: "its limit is used up",
    Cause.NEW: "the vendor restricts new customers, and this one has no budget yet",
    Cause.ADOPTED: "it was so when Tidegate first saw it",
    Cause.OTHER: "somebody else did it",
    None: "by whom is not known",
}
_UNEXPLAINED = frozenset({Cause.ADOPTED, Cause.OTHER, None})


def customer(key: CustomerKey) -> str:
    """Name a customer by its id."""
    return f"customer {clean(key.customer_id)}"


def threshold_subject(threshold: Decimal) -> str:
    """Write a threshold as it stands in an alert's identity."""
    return f"{threshold.normalize():f}"


def of_customer(line: CustomerLine, now: datetime, *, readable: bool) -> Iterator[Condition]:
    """Give what holds of one customer. `readable` False: only what comes nearer though nobody can look."""
    if readable:
        yield from _thresholds(line)
        yield from _guarded(line)
        yield from _held(line)
    if line.stopped is not None:
        if readable:
            yield _stopped(line, line.stopped)
        yield from _deletion(line, line.stopped, now)


def account_wide(waiting: Waiting | None) -> HoldReason | None:
    """Give the reason of a hold that needs somebody and is the whole account's."""
    if waiting is None or not waiting.needs_attention or is_guarded(waiting):
        return None
    reason = REASONS.get(waiting.word)
    return reason if reason in OF_ACCOUNT else None


def is_guarded(waiting: Waiting) -> bool:
    """Whether the guard that judges each customer alone holds it; one over the account holds all that it counts."""
    return waiting.word == HoldReason.GUARD.word and waiting.detail.startswith(f"{CUSTOMER_GUARD}:")


def _thresholds(line: CustomerLine) -> Iterator[Condition]:
    if line.share is None or line.spent is None:
        return
    share = line.share.low
    reached = {each for each in line.thresholds if each <= share}
    if not reached:  # nearly always, and there may be tens of thousands
        return
    who = customer(line.key)
    for threshold in sorted(reached):
        cut_off = threshold >= _ALL and line.on_exhaustion is not OnExhaustion.ALERT and _is_used_up(line)
        amounts = f"{_at_least(line)}{grouped(line.spent.low)} of {grouped(line.amount)}"
        yield Condition(
            sort=Sort.THRESHOLD,
            severity=Severity.CRITICAL if cut_off else Sort.THRESHOLD.severity,
            sentence=f"{who} has spent {share} % of its limit, {amounts}; {_what_follows(line, share)}",
            over=f"{who} has spent less than {threshold_subject(threshold)} % of its limit again",
            account=line.account,
            customer=line.key,
            subject=threshold_subject(threshold),
            period=line.period,
            rung=int(threshold * 100),
        )


def _what_follows(line: CustomerLine, share: Decimal) -> str:
    if line.on_exhaustion is OnExhaustion.ALERT:
        return "it is not cut off"
    if _is_held_back(line, share):
        return _not_in_force(line)
    ahead = "" if share >= _ALL else f"{_AT_THE_END[line.on_exhaustion]}: "
    return f"{ahead}raise its limit if it is to go on"


def _is_used_up(line: CustomerLine) -> bool:
    """Whether nothing is left of what the vendor grants, as far as is known: what is not known may stop a customer.

    What is granted may be a change of ours that came after the last look at what is available.
    """
    spent, granted = line.spent, line.granted
    if spent is not None and granted is not None and granted <= spent.low:
        return True
    if line.available is not None:
        return _is_empty(line.available)
    # Where Tidegate follows what is used, more than the limit stands though nothing of it is left.
    return granted is None or line.waiting is None


def _is_held_back(line: CustomerLine, share: Decimal) -> bool:
    """Whether the limit stops nobody when it is spent, since the vendor grants more."""
    if share >= _ALL:
        return not _is_used_up(line)
    granted = line.granted
    return line.waiting is not None and granted is not None and granted > line.amount and not _is_used_up(line)


def _not_in_force(line: CustomerLine) -> str:
    why = "" if line.waiting is None else f" ({clean(line.waiting.sentence)})"
    if line.granted is None:
        return f"{grouped(line.available)} is still available at the vendor: the limit is not in force{why}"
    return f"the vendor still grants {grouped(line.granted)}: the limit is not in force{why}"


def _is_empty(available: Money | None) -> bool:
    return available is not None and available.cents <= 0


def _at_least(line: CustomerLine) -> str:
    exact = line.spent is not None and line.spent.low == line.spent.high
    return "" if exact else "at least "


def _stopped(line: CustomerLine, stop: Stopped) -> Condition:
    who = customer(line.key)
    grave = stop.restriction is not Restriction.RESTRICTED
    deleted = stop.data_deleted_after
    data = "" if deleted is None else f"; its data {_is_deleted(stop)} after {minute(deleted)}"
    return Condition(
        sort=Sort.STOPPED,
        severity=Severity.CRITICAL if grave else Sort.STOPPED.severity,
        sentence=f"{who} {_IS[stop.restriction]} ({_because(line, stop)}){data}; see `tidegate explain {_id(line)}`",
        over=f"{who} is not stopped any more",
        account=line.account,
        customer=line.key,
    )


def _because(line: CustomerLine, stop: Stopped) -> str:
    # A vendor suspends by itself when the credit is used up, and does not say so.
    if stop.restriction is Restriction.SUSPENDED and stop.cause in _UNEXPLAINED and _is_empty(line.available):
        return "its credit is used up"
    return _BECAUSE[stop.cause]


def _is_deleted(stop: Stopped) -> str:
    """Say how certain it is: of one that is only restricted it is not known whether its resources stand still."""
    return "may be deleted" if stop.restriction is Restriction.RESTRICTED else "is deleted"


def _deletion(line: CustomerLine, stop: Stopped, now: datetime) -> Iterator[Condition]:
    deleted = stop.data_deleted_after
    if deleted is None:
        return
    for days in DELETION_DAYS:
        if deleted - now > days * _DAY:
            continue
        when = (
            "may be deleted by the vendor now, since" if deleted <= now else f"{_is_deleted(stop)} by the vendor after"
        )
        yield Condition(
            sort=Sort.DELETION,
            severity=Sort.DELETION.severity,
            sentence=(
                f"the data of {customer(line.key)} {when} {minute(deleted)}: raise its limit or lift the stop with "
                f"`tidegate release {_id(line)}`, or save the data"
            ),
            account=line.account,
            customer=line.key,
            subject=str(days),
            rung=DELETION_DAYS[0] + 1 - days,
        )


def _guarded(line: CustomerLine) -> Iterator[Condition]:
    waiting = line.waiting
    if waiting is None or not is_guarded(waiting):
        return
    who = customer(line.key)
    yield Condition(
        sort=Sort.GUARD,
        severity=Sort.GUARD.severity,
        sentence=sentence(f"a guard holds {who}: {waiting.detail}"),
        over=f"guard {CUSTOMER_GUARD} holds {who} no more",
        account=line.account,
        customer=line.key,
        subject=CUSTOMER_GUARD,
    )


def _held(line: CustomerLine) -> Iterator[Condition]:
    waiting = line.waiting
    if waiting is None or not waiting.needs_attention:
        return
    reason = REASONS.get(waiting.word)
    if reason in _SAID_OTHERWISE or reason in OF_ACCOUNT:
        return
    detail = f" ({waiting.detail})" if waiting.detail else ""
    todo = f"; to do: {REMEDIES[reason]}" if reason is not None else ""
    yield Condition(
        sort=Sort.HOLD,
        severity=Sort.HOLD.severity,
        sentence=sentence(f"{customer(line.key)} is not brought to its limit: {waiting.sentence}{detail}{todo}"),
        account=line.account,
        customer=line.key,
        subject=waiting.word,
    )


def _id(line: CustomerLine) -> str:
    return clean(line.key.customer_id)
