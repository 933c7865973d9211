"""Limits from CSV, as spreadsheets write it: UTF-8 with or without a byte order mark, commas, one header row.

Called by adapters.limits.reading. Every fault has its line and column; a faulty row never hides the next one.
"""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO

from adapters.limits.cells import without_apostrophe
from adapters.limits.columns import COLUMNS, HEADER, OPTIONAL, REQUIRED, unknown_column
from adapters.limits.faults import LimitFault

# The byte order marks of UTF-16, which spreadsheets write as "Unicode text".
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}

Rows = list[tuple[int, dict[str, str]]]


def read_csv(name: str, content: bytes) -> tuple[Rows, list[LimitFault]]:
    """Give the rows as (1-based line, cells by column name) and what is wrong with the file's form."""
    faults: list[LimitFault] = []
    text = _decoded(name, content, faults)
    if text is None:
        return [], faults
    lines = _Lines(name, text, faults)
    header = next(lines, None)
    if header is None:
        if not faults:
            faults.append(LimitFault(file=name, sentence=f"the file is empty: it begins with the line {HEADER}"))
        return [], faults
    columns = _columns(name, header, faults)
    if columns is None:
        return [], faults
    rows = [(line, cells) for line, row in lines if (cells := _cells(name, line, row, columns, faults)) is not None]
    return rows, faults


class _Lines(Iterator[tuple[int, list[str]]]):
    """Rows that hold something, with the line each begins at; a quoted cell may span lines."""

    def __init__(self, name: str, text: str, faults: list[LimitFault]) -> None:
        # A stream and not splitlines(): that would also split at characters which belong to the cell they are in.
        self._reader = csv.reader(StringIO(text, newline=""), strict=True)
        self._name = name
        self._faults = faults

    def __next__(self) -> tuple[int, list[str]]:
        while True:
            line = self._reader.line_num + 1
            try:
                row = [cell.strip() for cell in next(self._reader)]
            except csv.Error as error:
                sentence = f"not readable as CSV ({error}): check the quotes of this row"
                self._faults.append(LimitFault(file=self._name, line=line, sentence=sentence))
                raise StopIteration from error
            if any(row):
                return line, row


def _decoded(name: str, content: bytes, faults: list[LimitFault]) -> str | None:
    line, sentence = 1, 'the file is UTF-16: save it as "CSV UTF-8"'
    if not content.startswith(_UTF_16):
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            sentence = 'this line is not UTF-8: save the file as "CSV UTF-8"'
    faults.append(LimitFault(file=name, line=line, sentence=sentence))
    return None


def _columns(name: str, header: tuple[int, list[str]], faults: list[LimitFault]) -> list[str] | None:
    """Give the column names; None when the rows below cannot be told apart."""
    line, cells = header
    found: list[str] = []

    def fault(sentence: str, column: str | None = None) -> None:
        found.append(sentence)
        faults.append(LimitFault(file=name, line=line, column=column, sentence=sentence))

    other = next((word for mark, word in _OTHER_SEPARATORS.items() if len(cells) == 1 and mark in cells[0]), None)
    if other is not None:
        fault(f"the cells are separated by {other}: save the file as CSV with commas")
        return None
    for position, cell in enumerate(cells, start=1):
        if not cell:
            fault(f"column {position} has no name: name it or remove it")
        elif cell not in COLUMNS:
            fault(unknown_column(cell), cell)
        elif cell in cells[: position - 1]:
            fault(f"the column {cell} is there twice: remove one", cell)
    missing = [column for column in REQUIRED if column not in cells]
    if missing:
        fault(f"the header lacks {', '.join(missing)}: the first line is {HEADER}")
    return cells if not missing else None


def _cells(
    name: str, line: int, row: Sequence[str], columns: Sequence[str], faults: list[LimitFault]
) -> dict[str, str] | None:
    left_out = columns[len(row) :]
    if len(row) <= len(columns) and not set(left_out) - set(OPTIONAL):
        # Many who add an optional column fill it in one row only, and leave the commas out of the others.
        cells = [*row, *[""] * len(left_out)]
        return {column: without_apostrophe(cell) for column, cell in zip(columns, cells, strict=True)}
    if left_out:
        missing = ", ".join(column or "a column without a name" for column in left_out)
        sentence = f"the row ends early: {missing} is missing (an empty cell still needs its comma)"
    else:
        sentence = (
            f"the row has {len(row)} cells and the header {len(columns)}: "
            "a comma inside a cell needs quotes around the cell, an amount has no comma"
        )
    faults.append(LimitFault(file=name, line=line, sentence=sentence))
    return None
