"""What an amount, a date, a share and an id look like, and what was meant by a text that is none of them.

Used by adapters.limits.cells; texts only.
Spreadsheets change what is typed into them, so most faults name the way back.
"""

import re
from datetime import date
from decimal import Decimal

from core.money import ZERO, Money, MoneyFormatError

LONGEST_AMOUNT = 20
# A year outside these is a slip of the finger.
YEARS = range(2000, 2200)
_GROUPED = re.compile(r"[+-]?\d{1,3}([,.'_ ]\d{3})+([.,]\d{1,2})?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d{1,2}")
_SCIENTIFIC = re.compile(r"[+-]?\d+([.,]\d+)?[eE]\+?\d{1,3}")
# What spreadsheets make of a long id. A hexadecimal id such as 12345e67 is left alone: it has no sign.
_ROUNDED_ID = re.compile(r"\d([.,]\d+)?[eE]\+\d{1,3}")
_MANY_DECIMALS = re.compile(r"[+-]?\d+\.\d+")
_WHOLE_WITH_POINT = re.compile(r"(\d+)\.0*")
_SEPARATORS = re.compile(r"[,.'_ ]")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]00:00(?::00)?)?", re.ASCII)
_SHARE = re.compile(r"\d{1,2}(\.\d{1,2})?", re.ASCII)


def amount_fault(text: str) -> str | None:
    """Say why a text is no amount of a limit and what to write instead; None when it is one."""
    if len(text) > LONGEST_AMOUNT or not text.isascii():
        return f"{text[:LONGEST_AMOUNT]!r} is not an amount: write plain digits and a point, such as 12500.00"
    try:
        amount = Money.parse(text)
    except MoneyFormatError as error:
        plain = _plain_amount(text)
        return f"{text!r} is not an amount: {error.why if plain is None else f'write {plain}'}"
    return f"{text} is negative: an amount is zero or more" if amount < ZERO else None


def date_of(text: str) -> date | None:
    """Read a date as it has to be written; None for anything else."""
    try:
        found = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None
    return found if found is not None and found.year in YEARS else None


def date_fault(text: str) -> str | None:
    """Say why a text is no date and what to write instead; None when it is one."""
    if date_of(text) is not None:
        return None
    found = _YEAR_FIRST.fullmatch(text)
    instead = f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}" if found else ""
    if date_of(instead) is not None and instead != text:
        return f"{text!r} is not a date: write {instead}"
    return f"{text[:LONGEST_AMOUNT]!r} is not a date: write the year, the month and the day, such as 2026-11-30"


def share_fault(text: str) -> str | None:
    """Say why a text is no share of 1 to 99 percent; None when it is one."""
    if _SHARE.fullmatch(text) and 1 <= Decimal(text) <= 99:  # noqa: PLR2004 - the sentence below says the same
        return None
    plain = text.removesuffix("%").strip()
    instead = plain if plain != text and share_fault(plain) is None else "a number from 1 to 99, such as 20"
    return f"{text[:LONGEST_AMOUNT]!r} is not a share in percent: write {instead}"


def _plain_amount(text: str) -> str | None:
    """Guess what was meant by a grouped, comma-separated or scientific figure, None where that would be guesswork."""
    if _MANY_DECIMALS.fullmatch(text):
        return None  # 12.345 may be too exact or grouped: only its writer knows
    stripped = text.strip("$ ").removesuffix("USD").removeprefix("USD").strip()
    if _SCIENTIFIC.fullmatch(stripped):
        return f"{Decimal(stripped.replace(',', '.')):f}"
    if _DECIMAL_COMMA.fullmatch(stripped):
        return stripped.replace(",", ".")
    if _GROUPED.fullmatch(stripped):
        whole, _, rest = stripped.rpartition(stripped[-3]) if stripped[-3] in ",." else (stripped, "", "")
        return _SEPARATORS.sub("", whole) + (f".{rest}" if rest else "")
    return stripped if stripped != text and amount_fault(stripped) is None else None


def mangled(text: str) -> str | None:
    """Recognise an id that went through a spreadsheet as a number."""
    if _ROUNDED_ID.fullmatch(text):
        return (
            f"{text!r} is an id that a spreadsheet turned into a rounded number: "
            "format the column as text and write the whole id again"
        )
    if whole := _WHOLE_WITH_POINT.fullmatch(text):
        return f"{text!r} has a decimal point in it: write {whole[1]}"
    if _GROUPED.fullmatch(text):
        return f"{text!r} has thousands separators in it: write {_SEPARATORS.sub('', text)}"
    return None
