"""Writes a limits file for `import`: a new file, never over an old one.

Texts that a spreadsheet would run as a formula get an apostrophe, which the reader takes away again.
"""

import csv
import io
import os
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from adapters.limits.cells import with_apostrophe
from adapters.limits.columns import COLUMNS, REQUIRED
from adapters.limits.faults import LimitsFileExistsError
from adapters.limits.row import UNBOUNDED
from core.limit import Dated, Limit, Overrun, Release, Temporary, TopUp
from core.money import Money

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
        "overrun_max": lambda limit: _overrun(limit.overrun),
        "spent_before": lambda limit: _written(limit.spent_before),
        "since": lambda limit: _written(limit.since),
        "release": lambda limit: "" if limit.release is Release.AUTO else limit.release,
        "onboard": lambda limit: "true" if limit.onboard else "",
        "top_up": lambda limit: _part(limit.top_up, "step"),
        "top_up_below": lambda limit: _part(limit.top_up, "below"),
        "top_up_max": lambda limit: _part(limit.top_up, "most"),
        "temporary_amount": lambda limit: _part(limit.temporary, "amount"),
        "temporary_from": lambda limit: _part(limit.temporary, "starts"),
        "temporary_until": lambda limit: _part(limit.temporary, "until"),
        "next_amount": lambda limit: _part(limit.later, "amount"),
        "next_from": lambda limit: _part(limit.later, "starts"),
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


def _written(value: Money | date | Decimal | None) -> str:
    return "" if value is None else str(value)


def _part(whole: TopUp | Temporary | Dated | None, name: str) -> str:
    return "" if whole is None else _written(getattr(whole, name))


def _overrun(overrun: Overrun | None) -> str:
    if overrun is None:
        return ""
    return UNBOUNDED if overrun.most is None else str(overrun.most)


def _cell(column: str, limit: Limit) -> str:
    # A vendor's name may hold line breaks and control characters; a row of a CSV is one line.
    plain = "".join(character if character.isprintable() else " " for character in _CELLS[column](limit))
    return with_apostrophe(" ".join(plain.split()))
