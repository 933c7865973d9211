"""Writes a limits file for `import`: a new file, never over an old one.

Texts that a spreadsheet would run as a formula get an apostrophe, which the reader takes away again.
"""

import csv
import io
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from adapters.limits.cells import with_apostrophe
from adapters.limits.columns import COLUMNS, REQUIRED
from adapters.limits.faults import LimitsFileExistsError
from core.limit import Limit

_CELLS: Mapping[str, Callable[[Limit], str]] = MappingProxyType(
    {
        "account": lambda limit: limit.account,
        "customer_id": lambda limit: limit.key.customer_id,
        "kind": lambda limit: limit.kind,
        "amount": lambda limit: str(limit.amount),
        "on_exhaustion": lambda limit: limit.on_exhaustion or "",
        "name": lambda limit: limit.name or "",
        "write_policy": lambda limit: limit.write_policy or "",
        "non_stop": lambda limit: "true" if limit.non_stop else "",
        "allow_zero": lambda limit: "true" if limit.allow_zero else "",
        "indirect_partner_id": lambda limit: limit.customer.indirect_partner_id or "",
        "changed_by": lambda limit: limit.changed_by or "",
        "reason": lambda limit: limit.reason or "",
    }
)


def write_limits(path: Path, rows: Iterable[Limit]) -> int:
    """Write the rows as CSV and give their number; optional columns appear where a row needs them.

    Raises LimitsFileExistsError, leaving the file that is there as it is, and OSError.
    """
    limits = list(rows)
    written = limits_csv(limits).encode()
    try:
        with path.open("xb") as file:
            file.write(written)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        raise LimitsFileExistsError(path) from error
    return len(limits)


def limits_csv(limits: Iterable[Limit]) -> str:
    """Give the same file as a text."""
    table = [{column: _cell(column, limit) for column in COLUMNS} for limit in limits]
    columns = [column for column in COLUMNS if column in REQUIRED or any(row[column] for row in table)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row[column] for column in columns] for row in table)
    return text.getvalue()


def _cell(column: str, limit: Limit) -> str:
    # A vendor's name may hold line breaks and control characters; a row of a CSV is one line.
    plain = "".join(character if character.isprintable() else " " for character in _CELLS[column](limit))
    return with_apostrophe(" ".join(plain.split()))
