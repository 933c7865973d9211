"""Limits from TOML: `[[limits]]` with the CSV's column names; amounts as texts or numbers, dates as dates or texts.

Called by adapters.limits.reading. Figures arrive as Decimal, so none is ever a float.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from adapters.limits.columns import AMOUNTS, BOOLEANS, COLUMNS, DATES, REQUIRED, SHARES, unknown_column
from adapters.limits.csvfile import Rows
from adapters.limits.faults import LimitFault
from adapters.tomlfile import TomlDocument, TomlFault


def read_toml_limits(name: str, content: bytes) -> tuple[Rows, list[LimitFault]]:
    """Give the rows as (1-based line, cells by column name) and what is wrong with the file's form."""
    try:
        document = TomlDocument(content)
    except TomlFault as error:
        return [], [LimitFault(file=name, line=error.line, sentence=error.sentence)]
    reading = _Reading(name, document)
    return reading.rows(), reading.faults


class _Reading:
    """One file being read; faults are collected."""

    def __init__(self, name: str, document: TomlDocument) -> None:
        self._name = name
        self._document = document
        self.faults: list[LimitFault] = []

    def rows(self) -> Rows:
        tables = self._document.data.get("limits", [])
        for key in self._document.data:
            if key != "limits":
                self._fault(
                    self._document.line_of((key,)), f"there is no key {key!r} here: a limit begins with [[limits]]"
                )
        if not isinstance(tables, list) or not all(isinstance(table, Mapping) for table in tables):
            self._fault(self._document.line_of(("limits",)), "each limit is a section of its own: write [[limits]]")
            return []
        found: Rows = []
        for position, table in enumerate(tables):
            cells = self._cells(position, table)
            found.append((self._document.line_of(("limits", position)), cells))
        return found

    def _cells(self, position: int, table: Mapping[str, object]) -> dict[str, str]:
        cells = dict.fromkeys(REQUIRED, "")
        for key, value in table.items():
            line = self._document.line_of(("limits", position, key))
            if key not in COLUMNS:
                self._fault(line, unknown_column(key, word="key"), key)
                continue
            text = _as_text(key, value)
            if text is None:
                self._fault(line, f"this must be {_expected(key)}", key)
            cells[key] = text or ""
        return cells

    def _fault(self, line: int, sentence: str, column: str | None = None) -> None:
        self.faults.append(LimitFault(file=self._name, line=line, column=column, sentence=sentence))


def _as_text(key: str, value: object) -> str | None:
    """Give the value as a cell of a CSV has it; None when it has the wrong type."""
    if isinstance(value, bool):
        return str(value).lower() if key in BOOLEANS else None
    if key in BOOLEANS:
        return None
    if isinstance(value, str):
        return value.strip()
    if key in DATES:
        # A moment is a date to Python; its time of day would be lost without a word.
        return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else None
    # An id with a point or an exponent came out of a spreadsheet, and may have lost digits there.
    figures = (int, Decimal) if key in AMOUNTS | SHARES else (int,) if key == "customer_id" else ()
    return str(value) if isinstance(value, figures) else None


def _expected(key: str) -> str:
    if key in BOOLEANS:
        return "true or false, without quotes"
    if key in DATES:
        return "a date such as 2026-11-30"
    if key in SHARES:
        return "a number such as 20"
    return "a number or a text such as 12500.00" if key in AMOUNTS else "a text in quotes"
