"""What is to become of changes that others made at the vendor: reverted, reported or adopted, by the account's policy.

Called by core.run.observe. A row of the limits file that was changed after such a change is the newer word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.books import Book
from core.judgement import Block
from core.limit import CustomerKey, Limit, WritePolicy
from core.plan import HoldReason
from core.policy import AccountPolicy, DriftPolicy
from core.ports import Journal


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted:
    """What the policy makes of the changes from outside: customers held, and those left as they are."""

    blocks: Mapping[CustomerKey, Block]
    adopted: frozenset[CustomerKey]


def policy_of(policy: AccountPolicy) -> DriftPolicy:
    """Give the account's policy; where nothing is written at the vendor, a change there can only be reported."""
    if policy.drift is not None:
        return policy.drift
    return DriftPolicy.REPORT if policy.write_policy is WritePolicy.OBSERVE else DriftPolicy.REVERT


def drifted(
    policy: AccountPolicy,
    books: Mapping[CustomerKey, Book],
    limits: Mapping[CustomerKey, Limit],
    journal: Journal,
    now: datetime,
) -> Drifted:
    """Say what becomes of every customer that was changed from outside."""
    chosen = policy_of(policy)
    if not any(book.drift is not None for book in books.values()):
        return Drifted(blocks={}, adopted=frozenset())
    changed = {change.key for change in journal.limits_changed(list(limits.values()), [policy.name])}
    blocks: dict[CustomerKey, Block] = {}
    adopted: set[CustomerKey] = set()
    for key, book in books.items():
        if book.drift is None or key not in limits or key in changed or _overruled(book, journal):
            continue
        if chosen is DriftPolicy.ADOPT:
            adopted.add(key)
        elif chosen is DriftPolicy.REPORT and policy.write_policy is not WritePolicy.OBSERVE:
            blocks[key] = Block(reason=HoldReason.DRIFT, detail=f"{book.drift}; drift = report leaves it")
        elif (ends := _grace_ends(book, policy)) is not None and now < ends:
            until = f"{ends:%Y-%m-%d %H:%M} UTC"
            blocks[key] = Block(reason=HoldReason.DRIFT_GRACE, detail=f"{book.drift}; left alone until {until}")
    return Drifted(blocks=blocks, adopted=frozenset(adopted))


def _overruled(book: Book, journal: Journal) -> bool:
    """Whether the customer's limit was changed since."""
    since = book.drift_at
    return since is None or any(change.first_seen >= since for change in journal.limit_changes(book.key))


def _grace_ends(book: Book, policy: AccountPolicy) -> datetime | None:
    return book.drift_at + policy.drift_grace if book.drift_at is not None and policy.drift_grace else None
