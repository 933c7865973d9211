"""Compares what is observed with the books: who changed what, stale reads, strangers' marks.

Called by core.run.observe for every run, and by core.run.apply before a write; what it finds is kept by real runs only.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from core.books import Book, Cause, Dispute, DisputeSort, explain, foreign_since_our_write
from core.capabilities import Capabilities, Change
from core.errors import ReadFailedError
from core.intent import Intent, State
from core.judgement import Block
from core.limit import CustomerKey
from core.meter import Meter
from core.money import ZERO
from core.plan import HoldReason
from core.policy import AccountPolicy
from core.ports import Cloud, Journal
from core.run.restraint import Before, first_seen, followed, opened
from core.standing import Absence, Restriction, Standing
from core.witness import Witness, WitnessRow

# How many customers' records one run reads to say who changed them, and to see whether our action still stands.
# More are read by the runs that follow; a run over thousands of customers must stay within its calls.
DRIFT_READS = 200
ACTION_READS = 10
STRANGER_AGE = timedelta(days=7)
# So many changes from outside are told of a customer until our write is settled; the oldest go first.
MOST_TOLD = 3
BETWEEN = "; "
# How a dispute about a change of ours that does not show begins; it is over once the books agree.
STALE = "stale"
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
    agreeing: set[CustomerKey] = field(default_factory=set)
    drifted: dict[CustomerKey, str] = field(default_factory=dict)  # only what this comparison found
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
    meters: Mapping[CustomerKey, Meter] = field(default_factory=dict)  # as they were before this observation
    # What was observed of a customer at a moment, or last before it.
    earlier: Callable[[CustomerKey, datetime], Standing | None] = lambda _key, _moment: None

    def compare(self, standings: Mapping[CustomerKey, Standing], books: Mapping[CustomerKey, Book]) -> Findings:
        """Compare each customer without an open intent; reads the vendor's records where something differs."""
        found = Findings(standings=dict(standings), at=self.now)
        differing: list[Book] = []
        first = first_seen(books)
        for key, standing in standings.items():
            # Unknown, or in a currency nobody here counts in: nothing to compare; the plan says why it is held.
            if standing.granted is not Absence.UNKNOWN and standing.currency == ZERO.currency:
                differing += self._agreed(books.get(key), standing, found, first)
        # The longest unread go first, so that every one is read in the end however many there are.
        differing.sort(key=lambda book: (book.checked_at or book.as_of, book.key))
        for place, book in enumerate(differing):
            self._differs(book, standings[book.key], found, read=place < DRIFT_READS)
        if not self.capabilities.action_readable:
            self._check_actions(found)
        for key in found.books:
            found.books[key] = book = followed(found.books[key], standings[key], partial(self._before, books.get(key)))
            found.standings[key] = _completed(found.standings[key], book)
            if book.drift is not None:
                found.drift[key] = book.drift
        found.mismatches = sum(1 for book in found.books.values() if book.mismatch_since is not None)
        return found

    def _before(self, book: Book | None) -> Before:
        """Give what was known when the book was kept last: dry runs look too, but keep no books."""
        looked = self.earlier(book.key, book.as_of) if book is not None else None
        meter = self.meters.get(book.key) if book is not None else None
        return Before(looked=looked, meter=meter, lag=self.policy.lag)

    def _agreed(self, book: Book | None, standing: Standing, found: Findings, first: datetime | None) -> list[Book]:
        """Keep a book that agrees, open one that is not there; give the one that differs."""
        if book is None:
            found.books[standing.key] = self._opened(standing, first)
            return []
        if not _agrees(book, standing):
            return [book]
        found.books[book.key] = replace(book, as_of=standing.as_of, mismatch_since=None, mismatch_granted=None)
        found.agreeing.add(book.key)
        return []

    def strangers(self, key: CustomerKey, rows: Iterable[WitnessRow]) -> list[Dispute]:
        """Find marks in the vendor's records that our journal cannot account for, or that stand there twice."""
        rows = list(rows)
        # Read together: a customer that is followed closely has hundreds of records by the end of a year.
        known = {intent.mark: intent for intent in self.journal.intents(key=key)} if rows else {}
        found = [dispute for row in rows for dispute in self._stranger(key, row, known)]
        times = Counter(match.group(0) for row in rows if (match := _MARK.search(row.remark or "")))
        for mark, count in times.items():
            if count > 1 and mark[2:6] == self.journal.installation:
                sentence = f"the vendor's records show our change {mark} {count} times"
                found.append(self._found(DisputeSort.ORPHAN, key, f"{mark} {count} times", sentence))
        return found

    def _opened(self, standing: Standing, first: datetime | None) -> Book:
        cause, restriction = opened(standing, first, self.cloud, self.capabilities, self.journal)
        return Book(
            key=standing.key,
            account=standing.account,
            opened=standing.granted_money,
            granted=standing.granted_money,
            kind=standing.kind,
            as_of=standing.as_of,
            ours=ZERO,
            others=ZERO,
            opened_at=standing.as_of,
            restriction=restriction,
            cause=cause,
            restricted_since=standing.as_of if cause is not None else None,
        )

    def _differs(self, book: Book, standing: Standing, found: Findings, *, read: bool) -> None:
        found.books[book.key] = book
        increment = self.capabilities.change is Change.INCREMENT
        witness = self._witness(standing) if read else None
        if witness is None:
            if increment or self._may_be_stale(book):
                detail = "it differs from our books, and the vendor's records of it were not read yet"
                found.blocks[book.key] = Block(reason=HoldReason.STALE_READ, detail=detail)
            return
        found.books[book.key] = book = replace(book, checked_at=self.now)
        found.disputes += self.strangers(book.key, witness.rows)
        explanation = explain(book, standing.granted_money, witness)
        if not explanation.explained and self._may_be_stale(book):
            self._stale(book, found)
        elif not explanation.explained and increment:
            self._mismatch(book, standing, found)
        elif not explanation.explained and not self._seen_before(book, standing):
            # One read may be wrong: only a second one makes it somebody's change.
            since, granted = self.now, standing.granted_money
            found.books[book.key] = replace(book, mismatch_since=since, mismatch_granted=granted)
        else:
            moved = self._moved(book, standing, witness)
            others = [row for row in explanation.rows if not self._ours(row)]
            if others or not explanation.rows:
                found.drifted[book.key] = _who(book, standing, others)
                moved = replace(moved, drift=_told(book.drift, found.drifted[book.key]), drift_at=self._since(others))
            found.books[book.key] = moved

    def _seen_before(self, book: Book, standing: Standing) -> bool:
        """Whether an earlier observation showed the same figure that no record explains."""
        return book.mismatch_since is not None and book.mismatch_granted == standing.granted_money

    def _since(self, rows: Sequence[WitnessRow]) -> datetime:
        """Give when a change from outside was made, by the vendor's records; now, where they do not say."""
        return max((row.at for row in rows if row.at is not None), default=self.now)

    def _ours(self, row: WitnessRow) -> bool:
        match = _MARK.search(row.remark or "")
        return match is not None and match.group(1) == self.journal.installation

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
        # As long as the vendor may have been working on the call, and then as late as its figures may be.
        still = 2 * self.policy.write_timeout + self.policy.quarantine + self.policy.lag
        barrier_ends = (book.written_at or book.as_of) + still
        if self.capabilities.change is Change.INCREMENT and self.now >= barrier_ends and book.granted is not None:
            sentence = f"our last change was settled as {book.granted}, and the vendor still does not show it"
            found.disputes.append(self._found(DisputeSort.BOOKS, book.key, f"{STALE} {book.written_at}", sentence))

    def _mismatch(self, book: Book, standing: Standing, found: Findings) -> None:
        granted = standing.granted_money
        # A figure that nothing explains may be a glitch: a difference worked out from it would grant or take twice.
        sentence = f"the books say {book.granted}, the vendor shows {granted}, and its records do not explain it"
        found.blocks[book.key] = Block(reason=HoldReason.STALE_READ, detail=sentence)
        since = book.mismatch_since or self.now
        found.books[book.key] = replace(book, mismatch_since=since, mismatch_granted=granted)
        if self.now - since > self.policy.lag:
            evidence = f"books {since:%Y-%m-%dT%H:%M:%S.%f}"
            found.disputes.append(self._found(DisputeSort.BOOKS, book.key, evidence, sentence))

    def _moved(self, book: Book, standing: Standing, witness: Witness) -> Book:
        granted = standing.granted_money
        moved = granted - book.granted if granted is not None and book.granted is not None else ZERO
        return replace(
            book,
            granted=granted,
            kind=standing.kind or book.kind,
            as_of=standing.as_of,
            others=book.others + moved,
            rows=witness.count,
            on_exhaustion=None if foreign_since_our_write(book, witness) else book.on_exhaustion,
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

    def _stranger(self, key: CustomerKey, row: WitnessRow, known: Mapping[str, Intent]) -> list[Dispute]:
        match = _MARK.search(row.remark or "")
        if match is None:
            return []
        mark = match.group(0)
        if match.group(1) != self.journal.installation:
            if row.at is not None and self.now - row.at > STRANGER_AGE:
                return []
            sentence = f"installation {match.group(1)} of Tidegate changed {key}; two must not write to one account"
            # One word acknowledges a whole day of the other's writes.
            evidence = f"{match.group(1)} {row.at:%Y-%m-%d}" if row.at is not None else match.group(1)
            return [self._found(DisputeSort.TWO_WRITERS, None, evidence, sentence)]
        intent = known.get(mark) or self.journal.intent(mark)
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


def is_over(dispute: Dispute, found: Findings) -> bool:
    """Whether a dispute about a change of ours that did not show is answered: the books agree now."""
    return dispute.customer in found.agreeing and dispute.evidence.startswith(STALE)


def _agrees(book: Book, standing: Standing) -> bool:
    same_kind = standing.kind is None or book.kind is None or standing.kind is book.kind
    return book.granted == standing.granted_money and same_kind


def _completed(standing: Standing, book: Book) -> Standing:
    """Add what only our own records know: the exhaustion action, the sort of freeze, a kind the vendor leaves out."""
    if standing.restriction is Restriction.RESTRICTED and book.cause is Cause.OURS:
        standing = replace(standing, restriction=book.restriction)
    if book.granted != standing.granted_money:
        return standing
    return replace(
        standing,
        kind=standing.kind or (book.kind if standing.granted_money is not None else None),
        on_exhaustion=standing.on_exhaustion or book.on_exhaustion,
    )


def _told(before: str | None, sentence: str) -> str:
    """Add a sentence to what is told already: our next write takes all of it back, not only the last."""
    told = before.split(BETWEEN) if before is not None else []
    return BETWEEN.join([*told[1 - MOST_TOLD :], sentence])


def _who(book: Book, standing: Standing, rows: Sequence[WitnessRow]) -> str:
    """Say who changed a customer outside this installation, as far as the vendor's records tell."""
    was = "nothing" if book.granted is None else str(book.granted)
    now = "nothing" if standing.granted_money is None else str(standing.granted_money)
    row = rows[-1] if rows else None
    names = dict.fromkeys(row.operator for row in rows if row.operator)
    by = f" by {', '.join(names)}" if names else ""
    at = f" at {row.at:%Y-%m-%d %H:%M} UTC" if row is not None and row.at is not None else ""
    return f"changed outside Tidegate{by}{at}: {was} to {now}"
