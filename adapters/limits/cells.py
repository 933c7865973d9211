"""The cells of one row by column name, read as what they should be; what they are not is collected as faults.

Used by adapters.limits.row and adapters.limits.moving. An empty cell is "not given"; a faulty one is given as None too,
so that whoever reads on judges only what is there, and one mistake is told once.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from adapters.limits.faults import LimitFault
from adapters.limits.figures import amount_fault, date_fault, share_fault
from core.limit import Source
from core.money import Money

LONGEST_TEXT = 256
# What a spreadsheet writes where a formula has no result, in its English spelling.
_FORMULA_ERROR = re.compile(r"#(REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!)")
_AFTER_APOSTROPHE = "=+-@'\t\r"

Choice = TypeVar("Choice", bound=StrEnum)
Value = TypeVar("Value")


class Cells:
    """One row's `cells`, already without spaces around; faults are collected in `faults`."""

    def __init__(self, cells: Mapping[str, str], source: Source) -> None:
        self._cells = cells
        self.source = source
        self.faults: list[LimitFault] = []
        # Cells without a value at all: nothing else that is wrong with them is worth a line.
        self.void: set[str] = set()

    def text(self, column: str) -> str:
        """What stands there, empty for nothing."""
        return self._cells.get(column, "")

    def fault(self, column: str, sentence: str) -> None:
        """Collect what is wrong with a cell."""
        if column in self.void:
            return
        fault = LimitFault(file=self.source.file, line=self.source.line, column=column, sentence=sentence)
        self.faults.append(fault)

    def judge_texts(self, required: Iterable[str]) -> None:
        """Find what no cell may be, whatever it is for, and which of the required ones are empty."""
        for column, text in self._cells.items():
            if len(text) > LONGEST_TEXT:
                self.fault(column, f"the cell has {len(text)} characters: at most {LONGEST_TEXT} are taken")
                self.void.add(column)
            elif _FORMULA_ERROR.fullmatch(text):
                self.fault(column, f"{text!r} is a spreadsheet's error, not a value: mend the formula and save again")
                self.void.add(column)
            elif not text.isprintable() and any(unicodedata.category(character) == "Cc" for character in text):
                self.fault(column, "the cell has a line break or an invisible control character in it: remove it")
            elif not text and column in required:
                self.fault(column, "it is empty, and every limit needs it")

    def amount(self, column: str) -> Money | None:
        """An amount, zero or more."""
        return self._read(column, amount_fault, Money.parse)

    def day(self, column: str) -> date | None:
        """A date."""
        return self._read(column, date_fault, date.fromisoformat)

    def share(self, column: str) -> Decimal | None:
        """A share in percent, 1 to 99."""
        return self._read(column, share_fault, Decimal)

    def choice(self, column: str, choices: type[Choice]) -> Choice | None:
        """One of a closed set."""
        known = set(choices)
        return self._read(
            column,
            lambda text: None if text in known else f"{text!r} is not one of the choices: {one_of(choices)}",
            choices,
        )

    def boolean(self, column: str) -> bool:
        """True or false; false where nothing is given."""
        text = self.text(column)
        # Spreadsheets write their own booleans in capitals, and nothing can make them do otherwise.
        if text not in {"", "true", "false", "TRUE", "FALSE"}:
            lowered = text.lower()
            instead = lowered if lowered in {"true", "false"} else "true or false"
            self.fault(column, f"{text!r} is neither true nor false: write {instead}")
        return text in {"true", "TRUE"}

    def _read(
        self, column: str, fault_of: Callable[[str], str | None], value_of: Callable[[str], Value]
    ) -> Value | None:
        text = self.text(column)
        if not text or column in self.void:
            return None
        sentence = fault_of(text)
        if sentence is None:
            return value_of(text)
        self.fault(column, sentence)
        return None


def without_apostrophe(text: str) -> str:
    """Take away the apostrophe that keeps a spreadsheet from running a text as a formula (the writer puts it)."""
    return text[1:] if text[:1] == "'" and text[1:2] and text[1] in _AFTER_APOSTROPHE else text


def with_apostrophe(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run as a formula."""
    return f"'{text}" if text[:1] and text[0] in _AFTER_APOSTROPHE else text


def one_of(choices: Iterable[str]) -> str:
    """Say what may be written."""
    names = " or ".join(sorted(choices))
    return f"write {names}" if names else "it has none"
