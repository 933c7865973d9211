"""The hash chain of audit rows: canonical JSON, digests, and finding where a chain was broken.

Called by the store and its in-memory twin. Pure: it knows neither a database nor what the rows are about.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from adapters.store.instants import instant_text
from core.limit import CustomerKey
from core.ports import AuditRow

NO_ROW_BEFORE = "0" * 64  # stands for the digest before the first row


@dataclass(frozen=True, slots=True)
class Place:
    """Where the next row is linked to: the last row's number and digest."""

    number: int = 0
    digest: str = NO_ROW_BEFORE


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is to be said by one audit row, before it has a number and a place in the chain."""

    event: str
    who: str
    account: str | None = None
    key: CustomerKey | None = None
    body: Mapping[str, object] = field(default_factory=dict)


def canonical(document: Mapping[str, object]) -> str:
    """Give the one text that stands for a document: keys sorted, no spaces, ASCII; what JSON lacks goes by `str`."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), default=str)


def link_all(entries: Iterable[Entry], *, at: datetime, last: Place) -> Iterator[AuditRow]:
    """Make the entries the next rows of the chain, in their order.

    A row's body is what a reader of its stored text would get.
    """
    for entry in entries:
        row = AuditRow(
            number=last.number + 1,
            at=at,
            event=entry.event,
            who=entry.who,
            key=entry.key,
            account=entry.account,
            body=json.loads(canonical(entry.body)),
            digest="",
        )
        row = replace(row, digest=digest_of(row, last.digest))
        last = Place(row.number, row.digest)
        yield row


def digest_of(row: AuditRow, previous: str) -> str:
    """Give sha256 of the previous digest and the row's canonical JSON, as 64 hexadecimal digits."""
    document = {
        "number": row.number,
        "at": instant_text(row.at),
        "event": row.event,
        "who": row.who,
        "vendor": row.key.vendor if row.key else None,
        "customer_id": row.key.customer_id if row.key else None,
        "account": row.account,
        "body": row.body,
    }
    return hashlib.sha256((previous + canonical(document)).encode()).hexdigest()


def breaks(rows: Iterable[AuditRow]) -> list[str]:
    """Give a sentence for every place where the chain does not hold.

    Each row is judged by the digest stored before it, so that one changed row is one break. Rows cut off at the end
    leave no trace here: compare the last digest with one that a run logged.
    """
    found = []
    number, previous = 0, NO_ROW_BEFORE
    for row in rows:
        if row.number != number + 1:
            missing = f"row {number + 1}" if row.number == number + 2 else f"rows {number + 1} to {row.number - 1}"
            found.append(f"audit {missing} missing before row {row.number}")
        elif row.digest != digest_of(row, previous):
            found.append(
                f"audit row {row.number} ({row.event}, {instant_text(row.at)}) was changed after it was written"
            )
        number, previous = row.number, row.digest
    return found
