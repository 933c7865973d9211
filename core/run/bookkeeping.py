"""Compares what is observed with the books: who changed what, stale reads, strangers' marks.

Called by core.run.observe for every run; what it finds is kept by real runs only.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core.books import Book, Dispute, DisputeSort, Explanation, explain, foreign_since_our_write
from core.capabilities import Capabilities, Change
from core.errors import ReadFailedError
from core.intent import State
from core.judgement import Block
from core.limit import CustomerKey
from core.money import ZERO, Money, total
from core.plan import HoldReason
from core.policy import AccountPolicy
from core.ports import Cloud, Journal
from core.standing import Absence, Standing
from core.witness import Witness, WitnessRow

# How many customers' records one run reads to say who changed them, and to see whether our action still stands.
# More are read by the runs that follow; a run over thousands of customers must stay within its calls.
DRIFT_READS = 50
ACTION_READS = 10
STRANGER_AGE = timedelta(days=7)
_MARK = re.compile(r"tg([0-9A-Z]{4})[0-9A-HJKMNP-TV-Z]{26}")
_NOT_APPLIED = frozenset({State.SETTLED_NOT_APPLIED, State.NOT_SENT, State.REFUSED})


@dataclass(slots=True, kw_only=True)
class Findings:
    """What the comparison found; `standings` are the observed ones with what only our own records know."""

    standings: dict[CustomerKey, Standing] = field(default_factory=dict)
    books: dict[CustomerKey, Book] = field(default_factory=dict)
    drift: dict[CustomerKey, str] = field(default_factory=dict)
    blocks: dict[CustomerKey, Block] = field(default_factory=dict)
    disputes: list[Dispute] = field(default_factory=list)
    mismatches: int = 0
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookkeeper:
    """Keeps one account's books during one run."""

    policy: AccountPolicy
    capabilities: Capabilities
    cloud: Cloud
    journal: Journal
    now: datetime

    def compare(self, standings: Mapping[CustomerKey, Standing], books: Mapping[CustomerKey, Book]) -> Findings:
        """Compare each customer without an open intent; reads the vendor's records where something differs."""
        found = Findings(standings=dict(standings), at=self.now)
        reads = 0
        for key, standing in standings.items():
            if standing.granted is Absence.UNKNOWN or standing.currency != ZERO.currency:
                continue  # nothing to compare with; the plan says why the customer is held
            book = books.get(key)
            if book is None:
                found.books[key] = self._opened(standing)
            elif _agrees(book, standing):
                found.books[key] = replace(book, as_of=standing.as_of, mismatch_since=None, mismatch_granted=None)
            else:
                reads += 1
                self._differs(book, standing, found, read=reads <= DRIFT_READS)
        if not self.capabilities.action_readable:
            self._check_actions(found)
        for key, standing in found.standings.items():
            found.standings[key] = _completed(standing, found.books.get(key))
        found.mismatches = sum(1 for book in found.books.values() if book.mismatch_since is not None)
        return found

    def strangers(self, key: CustomerKey, rows: Iterable[WitnessRow]) -> list[Dispute]:
        """Find marks in the vendor's records that our journal cannot account for."""
        return [dispute for row in rows for dispute in self._stranger(key, row)]

    def _opened(self, standing: Standing) -> Book:
        return Book(
            key=standing.key,
            account=standing.account,
            opened=standing.granted_money,
            granted=standing.granted_money,
            kind=standing.kind,
            as_of=standing.as_of,
            ours=ZERO,
            others=ZERO,
        )

    def _differs(self, book: Book, standing: Standing, found: Findings, *, read: bool) -> None:
        found.books[book.key] = book
        witness = self._witness(standing) if read else None
        if witness is None:
            if self._may_be_stale(book):
                found.blocks[book.key] = Block(reason=HoldReason.STALE_READ)
            return
        found.disputes += self.strangers(book.key, witness.rows)
        explanation = explain(book, standing.granted_money, witness)
        if explanation.explained:
            found.books[book.key] = self._followed(book, standing, witness)
            found.drift[book.key] = _who(book, standing, explanation)
        elif self._may_be_stale(book):
            self._stale(book, found)
        elif self.capabilities.change is Change.ABSOLUTE:
            found.books[book.key] = self._followed(book, standing, witness)
            found.drift[book.key] = _who(book, standing, Explanation(explained=False, rows=()))
        else:
            self._mismatch(book, standing, found)

    def _witness(self, standing: Standing) -> Witness | None:
        try:
            return self.cloud.witness(standing.customer)
        except ReadFailedError:
            return None

    def _may_be_stale(self, book: Book) -> bool:
        """Whether the read may be older than our last write: not yet shown since, or too soon after it."""
        if book.written_at is None:
            return False
        if self.now < book.written_at + self.policy.lag:
            return True
        return self.capabilities.change is Change.INCREMENT and book.as_of < book.written_at

    def _stale(self, book: Book, found: Findings) -> None:
        found.blocks[book.key] = Block(
            reason=HoldReason.STALE_READ, detail=f"the books say {book.granted}, the vendor shows another figure"
        )
        barrier_ends = (book.written_at or book.as_of) + self.policy.quarantine
        if self.capabilities.change is Change.INCREMENT and self.now >= barrier_ends and book.granted is not None:
            sentence = f"our last change was settled as {book.granted}, and the vendor still does not show it"
            self._dispute(book, sentence, f"stale {book.written_at}", found)

    def _mismatch(self, book: Book, standing: Standing, found: Findings) -> None:
        granted = standing.granted_money
        if book.mismatch_since is None or book.mismatch_granted != granted:
            found.books[book.key] = replace(book, mismatch_since=self.now, mismatch_granted=granted)
            return
        if self.now - book.mismatch_since > self.policy.lag:
            sentence = f"the books say {book.granted}, the vendor shows {granted}, and its records do not explain it"
            self._dispute(book, sentence, f"books {book.granted} {granted}", found)

    def _dispute(self, book: Book, sentence: str, evidence: str, found: Findings) -> None:
        found.disputes.append(
            Dispute(
                id="",
                sort=DisputeSort.BOOKS,
                account=book.account,
                customer=book.key,
                evidence=evidence,
                sentence=sentence,
                opened_at=self.now,
            )
        )

    def _followed(self, book: Book, standing: Standing, witness: Witness) -> Book:
        granted = standing.granted_money
        moved = granted - book.granted if granted is not None and book.granted is not None else ZERO
        return replace(
            book,
            granted=granted,
            kind=standing.kind or book.kind,
            as_of=standing.as_of,
            others=book.others + moved,
            rows=witness.count,
            rows_sum=rows_sum(witness),
            on_exhaustion=None,
            checked_at=self.now,
            mismatch_since=None,
            mismatch_granted=None,
        )

    def _check_actions(self, found: Findings) -> None:
        """Forget an exhaustion action once a record after ours is not ours; the longest unchecked go first."""
        known = [book for book in found.books.values() if book.on_exhaustion is not None]
        for book in sorted(known, key=lambda book: (book.checked_at or book.as_of, book.key))[:ACTION_READS]:
            witness = self._witness(found.standings[book.key])
            if witness is None:
                continue
            checked = replace(book, checked_at=self.now)
            if foreign_since_our_write(book, witness):
                checked = replace(checked, on_exhaustion=None, rows=witness.count)
            found.books[book.key] = checked

    def _stranger(self, key: CustomerKey, row: WitnessRow) -> list[Dispute]:
        match = _MARK.search(row.remark or "")
        if match is None:
            return []
        mark = match.group(0)
        if match.group(1) != self.journal.installation:
            if row.at is not None and self.now - row.at > STRANGER_AGE:
                return []
            sentence = f"installation {match.group(1)} of Tidegate changed {key}; two must not write to one account"
            return [self._found(DisputeSort.TWO_WRITERS, None, mark, sentence)]
        intent = self.journal.intent(mark)
        if intent is not None and intent.state not in _NOT_APPLIED:
            return []
        sentence = f"the vendor shows {row.change} with our mark, and our journal does not know it as applied"
        return [self._found(DisputeSort.ORPHAN, key, mark, sentence)]

    def _found(self, sort: DisputeSort, key: CustomerKey | None, evidence: str, sentence: str) -> Dispute:
        return Dispute(
            id="",
            sort=sort,
            account=self.policy.name,
            customer=key,
            evidence=evidence,
            sentence=sentence,
            opened_at=self.now,
        )


def rows_sum(witness: Witness) -> Money | None:
    """Add up the changes in the records; None where the vendor gives none."""
    changes = [row.change for row in witness.rows if row.change is not None]
    return total(changes) if changes else None


def _agrees(book: Book, standing: Standing) -> bool:
    same_kind = standing.kind is None or book.kind is None or standing.kind is book.kind
    return book.granted == standing.granted_money and same_kind


def _completed(standing: Standing, book: Book | None) -> Standing:
    """Add what only our own records know: the exhaustion action, and a kind the vendor leaves out."""
    if book is None or book.granted != standing.granted_money:
        return standing
    return replace(
        standing,
        kind=standing.kind or (book.kind if standing.granted_money is not None else None),
        on_exhaustion=standing.on_exhaustion or book.on_exhaustion,
    )


def _who(book: Book, standing: Standing, explanation: Explanation) -> str:
    """Say who changed a customer outside this installation, as far as the vendor's records tell."""
    was = "nothing" if book.granted is None else str(book.granted)
    now = "nothing" if standing.granted_money is None else str(standing.granted_money)
    row = explanation.rows[-1] if explanation.rows else None
    by = f" by {row.operator}" if row is not None and row.operator else ""
    at = f" at {row.at:%Y-%m-%d %H:%M} UTC" if row is not None and row.at is not None else ""
    return f"changed outside Tidegate{by}{at}: {was} to {now}"
