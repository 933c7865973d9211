"""The vendor's own records of one customer's changes: who changed what, and whether our call is among them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from core.limit import Customer, Kind
from core.money import Money

# A mark that a vendor cut short still names one call, as long as 8 of its 16 random characters are left.
UNIQUE_LENGTH = 24
# So many records of one second are put into order by their totals; more of them do not happen by hand or by us.
MOST_IN_A_SECOND = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessRow:
    """One record at the vendor.

    `remark`: the text the writer left, where the vendor keeps one (our mark is in there, if it is ours).
    `change`: the difference, for increments; `granted_after`: what stood afterwards.
    `at`: aware UTC, seconds resolution. Anything the vendor did not give is None.
    """

    change: Money | None = None
    granted_after: Money | None = None
    kind: Kind | None = None
    at: datetime | None = None
    operator: str | None = None
    remark: str | None = None
    removed: bool = False  # the record says that the grant was taken away as a whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """All records of one customer, in no particular order; `begun_at` is when the first page was asked for."""

    customer: Customer
    begun_at: datetime
    rows: tuple[WitnessRow, ...]

    @property
    def count(self) -> int:
        """How many records there are."""
        return len(self.rows)

    def marked(self, mark: str) -> tuple[WitnessRow, ...]:
        """The rows that carry the mark."""
        return tuple(row for row in self.rows if row.remark is not None and _carries(row.remark, mark))


def _carries(remark: str, mark: str) -> bool:
    return mark in remark or (len(remark) >= UNIQUE_LENGTH and mark.startswith(remark))


def new_rows(witness: Witness, rows_before: int) -> tuple[WitnessRow, ...]:
    """Give the rows that came after the first `rows_before`, oldest first; rows without a time count as old."""
    fresh = witness.count - rows_before
    if fresh <= 0:
        return ()
    return oldest_first(row for row in witness.rows if row.at is not None)[-fresh:]


def oldest_first(rows: Iterable[WitnessRow]) -> tuple[WitnessRow, ...]:
    """Put records into order: by time, and within one second so that each total follows from the one before."""
    ordered: list[WitnessRow] = []
    for _, second in groupby(sorted(rows, key=row_time), key=row_time):
        together = list(second)
        total = ordered[-1].granted_after if ordered else None
        chained = _chained(together, total) if 1 < len(together) <= MOST_IN_A_SECOND else None
        ordered += together if chained is None else chained
    return tuple(ordered)


def _chained(rows: Sequence[WitnessRow], total: Money | None) -> list[WitnessRow] | None:
    """Order rows so that each one's change leads from the total before it to its own; None where that cannot be."""
    if not rows:
        return []
    for place, row in enumerate(rows):
        if row.change is None or row.granted_after is None:
            return None
        if total is None or row.granted_after - row.change == total:
            rest = _chained([*rows[:place], *rows[place + 1 :]], row.granted_after)
            if rest is not None:
                return [row, *rest]
    return None


def row_time(row: WitnessRow) -> float:
    """Order rows by time, those without one first."""
    return row.at.timestamp() if row.at is not None else 0.0
