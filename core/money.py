"""Money as integer cents with a currency.

Used by every other module; decimal strings exist only at the edges.
No float ever enters: a figure that is not exact in cents is rounded in a direction the caller names.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import Enum
from typing import Self

USD = "USD"
CENTS_PER_UNIT = 100
DECIMALS = 2
# Digits before the point: more than any amount needs, and cents still fit a 64-bit column of the store.
MOST_DIGITS = 15
_PLAIN = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?")
_CENT = Decimal("0.01")


class MoneyFormatError(ValueError):
    """A text or figure that is not an amount of money."""

    def __init__(self, text: object, why: str) -> None:
        self.text = str(text)
        self.why = why
        super().__init__(f"{self.text!r} is not an amount: {why}")


class CurrencyMismatchError(ValueError):
    """Two amounts of different currencies met in one calculation."""

    def __init__(self, left: str, right: str) -> None:
        super().__init__(f"cannot combine {left} with {right}")


class Rounding(Enum):
    """Which way a figure with more than two decimals goes."""

    DOWN = ROUND_FLOOR  # limits and grants: never grant a fraction that was not asked for
    UP = ROUND_CEILING  # spend: never believe that less was spent


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount: `cents` (int, may be negative) of `currency` (ISO 4217 code)."""

    cents: int
    currency: str = USD

    @classmethod
    def parse(cls, text: str, currency: str = USD) -> Self:
        """Read a decimal string as a person writes it, at most two decimals.

        Raises MoneyFormatError, whose `why` says what to write instead.
        """
        stripped = text.strip()
        found = _PLAIN.fullmatch(stripped)
        if found is None:
            raise MoneyFormatError(text, _why_not_plain(stripped))
        sign, units, decimals = found.group(1), found.group(2).lstrip("0"), found.group(3) or ""
        if len(decimals) > DECIMALS:
            raise MoneyFormatError(text, "write at most two decimals, such as 12.34")
        if len(units) > MOST_DIGITS:
            raise MoneyFormatError(text, f"write at most {MOST_DIGITS} digits before the point")
        cents = int(units + decimals.ljust(DECIMALS, "0"))
        return cls(-cents if sign == "-" else cents, currency)

    @classmethod
    def from_decimal(cls, value: Decimal, rounding: Rounding, currency: str = USD) -> Self:
        """Take a vendor's figure (any number of decimals) into cents, rounded once and as named.

        Raises MoneyFormatError for what is no finite number or has more than MOST_DIGITS digits before the point.
        """
        if not value.is_finite():
            raise MoneyFormatError(value, "not a finite number")
        if value and value.adjusted() >= MOST_DIGITS:
            raise MoneyFormatError(value, "out of range")
        # quantize and not a product: that one would first be rounded to the context's precision, to the nearest.
        return cls(int(value.quantize(_CENT, rounding=rounding.value).scaleb(DECIMALS)), currency)

    def to_decimal(self) -> Decimal:
        """Give the amount in units of the currency, always with two decimals."""
        return Decimal(self.cents).scaleb(-DECIMALS)

    def __str__(self) -> str:
        sign = "-" if self.cents < 0 else ""
        units, rest = divmod(abs(self.cents), CENTS_PER_UNIT)
        return f"{sign}{units}.{rest:02d}"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.cents + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.cents - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.cents, self.currency)

    def __abs__(self) -> "Money":
        return Money(abs(self.cents), self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.cents < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.cents <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.cents > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.cents >= self._same(other)

    def __bool__(self) -> bool:
        # Zero is a hazard at the vendors; truth testing an amount would hide it.
        message = "compare an amount with an amount, do not test its truth"
        raise TypeError(message)

    def _same(self, other: "Money") -> int:
        if self.currency != other.currency:
            raise CurrencyMismatchError(self.currency, other.currency)
        return other.cents


ZERO = Money(0)


def or_zero(amount: Money | None) -> Money:
    """Give zero for no amount; only where nothing and zero mean the same."""
    return ZERO if amount is None else amount


def total(amounts: "list[Money]") -> Money:
    """Add up amounts of one currency; the sum of none is zero USD."""
    if not amounts:
        return ZERO
    result = amounts[0]
    for amount in amounts[1:]:
        result += amount
    return result


def _why_not_plain(text: str) -> str:
    if not text:
        return "the cell is empty"
    if "," in text or "'" in text or " " in text or "_" in text:
        return "write it without thousands separators and with a point, such as 12500.00"
    if "e" in text.lower():
        return "written in scientific notation (a spreadsheet does that); write it out, such as 12500.00"
    return "write digits and a point, such as 12.34"
