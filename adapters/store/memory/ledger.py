"""Books and disputes, in memory."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from adapters.store import entries
from adapters.store.memory.part import Part
from core.books import Book, Dispute
from core.errors import StoreFailedError
from core.limit import CustomerKey


class Ledger(Part):
    """The books, and what does not add up in them."""

    def books(self, account: str) -> Mapping[CustomerKey, Book]:
        """Give the account's books."""
        with self._memory.lock:
            return {key: book for (owner, key), book in self._memory.books.items() if owner == account}

    def keep_books(self, books: Iterable[Book]) -> None:
        """Insert or replace those that differ."""
        with self._memory.lock:
            self._memory.keep_books(books)

    def disputes(self, account: str | None = None) -> Sequence[Dispute]:
        """Give the open ones, oldest first."""
        with self._memory.lock:
            chosen = [
                one
                for one in self._memory.disputes.values()
                if one.id not in self._memory.closed_disputes and account in (None, one.account)
            ]
        return sorted(chosen, key=lambda one: (one.opened_at, one.id))

    def open_dispute(self, dispute: Dispute) -> None:
        """Store it, unless its evidence is stored."""
        with self._memory.lock:
            if self.dispute_known(dispute):
                return
            if dispute.id in self._memory.disputes:
                raise StoreFailedError("open a dispute", f"dispute {dispute.id} exists with other evidence")
            self._memory.disputes[dispute.id] = dispute
            self._memory.say(entries.dispute_opened(dispute))

    def dispute_known(self, dispute: Dispute) -> bool:
        """Whether its evidence is stored."""
        with self._memory.lock:
            return any(_same_evidence(dispute, other) for other in self._memory.disputes.values())

    def close_dispute(self, dispute_id: str, *, who: str, why: str, at: datetime) -> None:
        """Close it; raises KeyError."""
        with self._memory.lock:
            if dispute_id not in self._memory.disputes or dispute_id in self._memory.closed_disputes:
                raise KeyError(dispute_id)
            self._memory.closed_disputes.add(dispute_id)
            self._memory.say(entries.dispute_closed(self._memory.disputes[dispute_id], who=who, why=why), at=at)


def _same_evidence(left: Dispute, right: Dispute) -> bool:
    return (left.account, left.customer, left.sort, left.evidence) == (
        right.account,
        right.customer,
        right.sort,
        right.evidence,
    )
