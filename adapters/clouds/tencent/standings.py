"""What Tencent's answers mean: strict JSON, exact figures, rows, standings.

Used by requests (to judge answers), errors (to open them) and cloud (to make standings).
Must not call anything. Personal data (Mobile, Email) is never taken out of an answer, so it can be neither kept nor
logged; of a customer only the Name goes on.
Facts: International documentation 1085/51419 to 1085/51424, 1085/48347 and 1085/53953, and models of intlpartnersmgt
v20220928.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import cast

from adapters.wire.text import told
from core.exposure import Headroom
from core.limit import Customer, Kind, OnExhaustion
from core.money import MOST_DIGITS, ZERO, Money, MoneyFormatError, Rounding
from core.standing import Restriction, Spend, Standing
from core.witness import WitnessRow

# The history's times carry no zone; bills and bind times are UTC+8, so these are taken to be.
BEIJING = timezone(timedelta(hours=8))
_TIME = "%Y-%m-%d %H:%M:%S"
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")

_CENT = Decimal("0.01")
# The vendor computes in binary floating point: 0.1 + 0.7 comes as 0.7999999999999999 and is 0.80, not 0.79. Taken as
# 0.79 it would be corrected by a cent for ever. Bills have eight decimals at most, so this hides nothing of weight.
_NOISE = Decimal("0.000001")
# Finer than any figure, coarse enough for arithmetic on it to stay exact.
_FINEST = -40
# More than any reseller has customers, or a customer records: an absurd count must not become absurd work.
_MOST_ROWS = 10**6
_EXACT = Context(prec=64)
_UINT64_DIGITS = 20

# The two values of `Force` that are known: 0 was seen, 2 is what ForceQN sets.
FORCE_NORMAL = 0
FORCE_SUSPENDED = 2


class MalformedAnswerError(ValueError):
    """An answer that is not what the documentation promises; the sentence names the field, never its content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRow:
    """One customer's credit as listed. `uin` is digits; `force` and `name` are None where the question gives none.

    `fault` says why there are no figures; then `total` and `remaining` are None.
    """

    uin: str
    total: Decimal | None = None
    remaining: Decimal | None = None
    force: int | None = None
    name: str | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditPage:
    """One page of customers, and how many the vendor says there are."""

    total: int
    rows: tuple[CreditRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """One page of a customer's allocations, and how many the vendor says there are."""

    total: int
    rows: tuple[WitnessRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocated:
    """What a successful AllocateCustomerCredit answers: the customer's credit afterwards."""

    total: Money
    remaining: Money


def opened(body: bytes) -> Mapping[str, object]:
    """Give what stands under `Response`.

    Raises MalformedAnswerError for anything that is not plain JSON: a doubled key, which Python's own parser lets
    through, could hide a second figure behind the first. NaN, Infinity and endless exponents are read as Decimal NaN,
    which `figure` refuses: they are the fault of one figure, and not of those beside it.
    """
    try:
        answer = json.loads(body, parse_float=_decimal, parse_constant=_no_figure, object_pairs_hook=_no_doubled_key)
    except (ValueError, RecursionError) as error:
        message = "the answer is not plain JSON"
        raise MalformedAnswerError(message) from error
    if not isinstance(answer, dict) or not isinstance(answer.get("Response"), dict):
        message = "the answer has no Response"
        raise MalformedAnswerError(message)
    return cast("Mapping[str, object]", answer["Response"])


def figure(fields: Mapping[str, object], name: str) -> Decimal:
    """Give a number of the answer exactly; raises MalformedAnswerError when it is missing, a text or absurd."""
    value = fields.get(name)
    # bool is an int to Python, but not to the documentation.
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        message = f"{name} is not a number"
        raise MalformedAnswerError(message)
    number = Decimal(value)
    if number == 0:
        return Decimal(0)
    # Asked of its digits: arithmetic on an absurd exponent would overflow.
    if not number.is_finite() or number.adjusted() >= MOST_DIGITS or int(number.as_tuple().exponent) < _FINEST:
        message = f"{name} is out of range"
        raise MalformedAnswerError(message)
    return number


def money_down(number: Decimal) -> Money:
    """Take a figure into cents, a fraction of a cent was not granted; raises MalformedAnswerError for an absurd one."""
    return _money(_settled(number).quantize(_CENT, ROUND_FLOOR, _EXACT), Rounding.DOWN)


def money_up(number: Decimal) -> Money:
    """Take a figure of spend into cents, never believe that less was spent; raises MalformedAnswerError."""
    return _money(_settled(number).quantize(_CENT, ROUND_CEILING, _EXACT), Rounding.UP)


def _money(cents: Decimal, rounding: Rounding) -> Money:
    try:
        return Money.from_decimal(cents, rounding)
    except MoneyFormatError as error:
        # Two figures in range may have a difference that is not.
        message = "an amount is out of range"
        raise MalformedAnswerError(message) from error


def _settled(number: Decimal) -> Decimal:
    nearest = number.quantize(_CENT, ROUND_HALF_EVEN, _EXACT)
    return nearest if abs(_EXACT.subtract(number, nearest)) < _NOISE else number


def customers_page(response: Mapping[str, object]) -> CreditPage:
    """Read an answer of QueryCustomersCredit."""
    rows = tuple(_credit_row(fields, uin="ClientUin", total="Credit") for fields in _rows(response, "Data"))
    return CreditPage(total=_count(response), rows=rows)


def credits_by_uin(response: Mapping[str, object]) -> tuple[CreditRow, ...]:
    """Read an answer of QueryCreditByUinList, which says nothing of `Force` and names."""
    return tuple(_credit_row(fields, uin="Uin", total="TotalCredit") for fields in _rows(response, "Data"))


def history_page(response: Mapping[str, object]) -> HistoryPage:
    """Read an answer of QueryCreditAllocationHistory; Remark and ClientCreditAfter may be missing."""
    return HistoryPage(total=_count(response), rows=tuple(_witness_row(row) for row in _rows(response, "History")))


def allocable(response: Mapping[str, object]) -> Money:
    """Read QueryPartnerCredit: the credit that can still be given out."""
    return money_down(figure(response, "RemainingCredit"))


def headroom(response: Mapping[str, object]) -> Headroom:
    """Read QueryPartnerCredit: the account's own credit; a figure that is not there is None, an absurd one a fault."""
    total, used, left = (
        None if response.get(name) is None else figure(response, name)
        for name in ("TotalCredit", "AllocatedCredit", "RemainingCredit")
    )
    if total is None and used is None and left is None:
        message = "the answer has none of the credit's figures"
        raise MalformedAnswerError(message)
    return Headroom(
        title="partner credit",
        limit=None if total is None else money_down(total),
        used=None if used is None else money_up(used),
        left=None if left is None else money_down(left),
    )


def billed(response: Mapping[str, object]) -> Money:
    """Read DescribeCustomerBillSummary: what the month's bills add up to, a begun cent for a whole one."""
    return money_up(figure(response, "TotalCost"))


def month_fault(text: str) -> str | None:
    """Say what is wrong with a month, or None if it is one."""
    return None if _MONTH.fullmatch(text) else "a month is written as year and month, such as 2026-11"


def allocated(response: Mapping[str, object]) -> Allocated:
    """Read the answer of AllocateCustomerCredit."""
    return Allocated(
        total=money_down(figure(response, "TotalCredit")), remaining=money_down(figure(response, "RemainingCredit"))
    )


def standing_of(row: CreditRow, customer: Customer, *, account: str, as_of: datetime, lag: timedelta) -> Standing:
    """Make the standing of one customer; raises MalformedAnswerError when the vendor gave no figures to believe.

    `restriction` is SUSPENDED for either of two reasons: `Force` says so (a person or ForceQN did it, whatever credit
    is left), or what is available is below zero (then services stop, 1085/48347). It is not for exactly zero, where
    the documentation's pages disagree and `Force` decides. Of a customer with the non-stop privilege, which no field
    shows, the second reason stops purchases only: `available` tells whether it applies.
    """
    if row.total is None or row.remaining is None:
        raise MalformedAnswerError(row.fault)
    used = _EXACT.subtract(row.total, row.remaining)
    return Standing(
        customer=customer,
        account=account,
        as_of=as_of,
        granted=money_down(row.total),
        kind=Kind.CREDIT_LINE,
        spent=_spend(used),
        available=money_down(row.remaining),
        restriction=_restriction(row.remaining, row.force),
        on_exhaustion=OnExhaustion.FREEZE,
        lag=lag,
        name=row.name,
    )


def _spend(used: Decimal) -> Spend | None:
    spend = Spend(low=money_down(used), high=money_up(used))
    # More left than was ever given contradicts the documentation: then nothing is known of the spend.
    return spend if spend.low >= ZERO else None


def _restriction(remaining: Decimal, force: int | None) -> Restriction | None:
    """Negative credit suspends whatever `Force` says; a `Force` that is not known proves nothing."""
    if remaining < 0 or force == FORCE_SUSPENDED:
        return Restriction.SUSPENDED
    return Restriction.NONE if force == FORCE_NORMAL else None


def _credit_row(fields: Mapping[str, object], *, uin: str, total: str) -> CreditRow:
    number = _whole(fields, uin)
    try:
        granted, remaining = figure(fields, total), figure(fields, "RemainingCredit")
    except MalformedAnswerError as error:
        # Only this customer is unreadable; the rest of the page is as good as before.
        return CreditRow(uin=str(number), fault=f"the vendor's figures cannot be used: {error}")
    if granted < 0:
        return CreditRow(uin=str(number), fault=f"the vendor's figures cannot be used: {total} is negative")
    force = fields.get("Force")
    return CreditRow(
        uin=str(number),
        total=granted,
        remaining=remaining,
        force=force if isinstance(force, int) and not isinstance(force, bool) else None,
        name=told(fields.get("Name")),
    )


def _witness_row(fields: Mapping[str, object]) -> WitnessRow:
    return WitnessRow(
        change=_money_or_none(fields, "Credit"),
        granted_after=_money_or_none(fields, "AllocatedCredit"),
        at=_time_or_none(fields.get("AllocatedTime")),
        operator=told(fields.get("Operator")),
        remark=told(fields.get("Remark")),
    )


def _money_or_none(fields: Mapping[str, object], name: str) -> Money | None:
    try:
        return money_down(figure(fields, name))
    except MalformedAnswerError:
        return None


def _time_or_none(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        return datetime.strptime(text, _TIME).replace(tzinfo=BEIJING).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _rows(response: Mapping[str, object], name: str) -> Sequence[Mapping[str, object]]:
    """Give the rows; null stands for none, as Go and Java servers write an empty list."""
    rows = response.get(name, ())
    if rows is None:
        return ()
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        message = f"{name} is not a list of rows"
        raise MalformedAnswerError(message)
    return rows


def _count(response: Mapping[str, object]) -> int:
    total = _whole(response, "Total")
    if not 0 <= total <= _MOST_ROWS:
        message = "Total is out of range"
        raise MalformedAnswerError(message)
    return total


def _whole(fields: Mapping[str, object], name: str) -> int:
    value = fields.get(name)
    # UINs are integers in these answers but digits in quotes in their sisters: both are taken, and nothing else.
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _UINT64_DIGITS:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    message = f"{name} is not a whole number"
    raise MalformedAnswerError(message)


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond what can be counted
        return _no_figure(text)


def _no_figure(_: str) -> Decimal:
    return Decimal("NaN")


def _no_doubled_key(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        message = "a key is there twice"
        raise ValueError(message)
    return fields
