"""Finds out what became of calls whose outcome is not settled, and writes it down.

Called before and after applying, and at take-over of an account.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core.books import Book, Cause
from core.capabilities import Change
from core.errors import ReadFailedError
from core.intent import LEVERS, Intent, State
from core.money import ZERO, Money, or_zero
from core.policy import AccountPolicy
from core.ports import Cloud, Lease
from core.run.observe import MAX_SKEW
from core.run.world import Watch, World
from core.settlement import Evidence, Verdict, settle_absolute, settle_increment, settle_lever
from core.standing import Restriction
from core.witness import Witness, WitnessRow, new_rows, oldest_first

# The shortest wait between two looks at a customer that does not show our change yet.
FIRST_WAIT = timedelta(milliseconds=200)
LONGEST_WAIT = timedelta(seconds=5)
# Two reads closer than this are one read, however small the lag is said to be.
SHORTEST_SPACING = timedelta(milliseconds=500)
_SETTLING = frozenset({State.CONFIRMED, State.UNCERTAIN})


@dataclass(slots=True, kw_only=True)
class Settler:
    """Settles one account's open intents. `wait`: stay until nothing is left to find out."""

    world: World
    account: str
    watch: Watch
    wait: bool = False
    settled: list[Intent] = field(default_factory=list)
    # Ids of settled intents after which something else stands than they wanted.
    astray: set[str] = field(default_factory=set)

    @property
    def policy(self) -> AccountPolicy:
        """The account's policy."""
        return self.world.policies[self.account]

    @property
    def cloud(self) -> Cloud:
        """The account's cloud."""
        return self.world.clouds[self.account]

    @property
    def spacing(self) -> timedelta:
        """How far apart two reads must be to count as two."""
        return max(self.policy.lag, SHORTEST_SPACING)

    def take_over(self, lease: Lease) -> None:
        """Close what was never handed to the wire; what was may have arrived. Then settle what can be settled."""
        for intent in self.world.journal.open_intents(self.account):
            mine = replace(intent, epoch=lease.epoch)
            if intent.state is State.RECORDED:
                self._move(intent.state, mine.moved(State.NOT_SENT, outcome="never sent", closed_at=self._now()))
            elif intent.state is State.SENT:
                outcome = "the process ended before the vendor's answer was written down"
                self._move(intent.state, mine.moved(State.UNCERTAIN, outcome=outcome))
        self.settle_open(lease)

    def settle_open(self, lease: Lease) -> None:
        """Look, and look again while it is worth waiting, until nothing more can be settled now."""
        began = self._now()
        pause = FIRST_WAIT
        while True:
            left = self.look(lease)
            if not left or self.world.clock.stopping():
                return
            now = self._now()
            if self.wait and all(self._hopeless(intent, now) for intent in left):
                return
            soonest = min(self._worth_looking_at(intent, now) for intent in left)
            if not self.wait and max(soonest, now) > began + self.policy.patience:
                return
            self.watch.said(self.account, f"waiting for {_changes(len(left))} to show at the vendor")
            self.world.clock.sleep(max(pause, min(soonest - now, LONGEST_WAIT)))
            pause = min(pause * 2, LONGEST_WAIT)

    def _hopeless(self, intent: Intent, now: datetime) -> bool:
        """Whether waiting longer will not help: it could have been settled for long, were the customer readable."""
        return intent.fence_at is not None and now > intent.fence_at + 3 * self.spacing + LONGEST_WAIT

    def _worth_looking_at(self, intent: Intent, now: datetime) -> datetime:
        """When the next look at an intent may decide more than this one did."""
        if intent.state is State.CONFIRMED or intent.fence_at is None:
            return now
        if intent.absent_since is not None:
            return intent.absent_since + self.spacing
        return intent.fence_at

    def look(self, lease: Lease) -> list[Intent]:
        """Read once for every intent that is to be settled; give those still open afterwards."""
        intents = [item for item in self.world.journal.open_intents(self.account) if item.state in _SETTLING]
        if not intents:
            return []
        witnesses = {intent.id: self._witness(intent) for intent in intents}
        observation = self.cloud.read_again([intent.customer for intent in intents])
        proven = self.world.journal.tag_proven(self.account)
        books = self.world.journal.books(self.account)
        left = []
        for intent in intents:
            evidence = Evidence(
                standing=observation.standings.get(intent.key),
                witness=witnesses[intent.id],
                now=self._now(),
                tag_proven=proven,
                spacing=self.spacing,
                clock_holds=observation.skew is None or abs(observation.skew) <= MAX_SKEW,
            )
            mine = replace(intent, epoch=lease.epoch)
            if not self._decide(mine, evidence, books.get(intent.key)):
                left.append(self.world.journal.intent(intent.id) or mine)
        return left

    def _witness(self, intent: Intent) -> Witness | None:
        try:
            return self.cloud.witness(intent.customer)
        except ReadFailedError:
            return None

    def _decide(self, intent: Intent, evidence: Evidence, book: Book | None) -> bool:
        verdict = self._verdict(intent, evidence)
        if verdict.tag_seen and intent.state is State.CONFIRMED and not self.world.journal.tag_proven(self.account):
            self.world.journal.note_tag_proven(self.account)
        if verdict.state is None:
            if verdict.absent:
                self.world.journal.note_absence(replace(intent, absent_since=evidence.now))
            return False
        closed_at = None if verdict.state is State.DISPUTED else evidence.now
        after = intent.moved(verdict.state, outcome=verdict.sentence, proven=verdict.proven, closed_at=closed_at)
        self._move(intent.state, after, self._settled_book(book, after, evidence, verdict))
        self.settled.append(after)
        if after.state is State.SETTLED_APPLIED and not _as_wanted(after, evidence, verdict):
            self.astray.add(after.id)
        return True

    def _verdict(self, intent: Intent, evidence: Evidence) -> Verdict:
        if intent.action in LEVERS:
            return settle_lever(intent, evidence)
        increment = self.cloud.capabilities.change is Change.INCREMENT
        return settle_increment(intent, evidence) if increment else settle_absolute(intent, evidence)

    def _settled_book(self, book: Book | None, intent: Intent, evidence: Evidence, verdict: Verdict) -> Book | None:
        """Give the customer's book as this settlement proves it, to be kept in the same transaction."""
        if book is None or intent.state is State.DISPUTED:
            return None
        if intent.action in LEVERS:
            return _restrained(book, intent, evidence, verdict) if verdict.shown else None
        if intent.state is State.SETTLED_APPLIED and (verdict.proven or verdict.shown):
            return self._applied(book, intent, evidence, verdict)
        if intent.state is State.SETTLED_APPLIED:
            return replace(book, on_exhaustion=None)  # something else stands; the next run finds out who set it
        # Where that is not proven it may have set an exhaustion action all the same: that is unknown now.
        return None if verdict.proven else replace(book, on_exhaustion=None)

    def _applied(self, book: Book, intent: Intent, evidence: Evidence, verdict: Verdict) -> Book:
        witness = evidence.witness
        fresh = new_rows(witness, intent.rows_before or 0) if witness is not None else ()
        before = or_zero(intent.before.granted)
        change = or_zero(intent.wanted.granted) - before
        granted = _granted_after(intent, evidence, verdict)
        others = or_zero(granted) - before - change if granted is not None else ZERO
        return replace(
            book,
            granted=granted,
            kind=intent.wanted.kind or book.kind,
            ours=book.ours + change,
            others=book.others + others + before - or_zero(book.granted),
            rows=witness.count if witness is not None else intent.rows_before,
            on_exhaustion=None if _disturbed(intent, fresh) else intent.wanted.on_exhaustion or book.on_exhaustion,
            row_awaited=not fresh,
            written_at=evidence.now,
            as_of=evidence.now if verdict.shown else book.as_of,
            checked_at=evidence.now,
            mismatch_since=None,
            mismatch_granted=None,
            drift=None,
            drift_at=None,
        )

    def _move(self, before: State, after: Intent, book: Book | None = None) -> None:
        self.world.journal.move(before, after, book)
        self.watch.intent_moved(after)

    def _now(self) -> datetime:
        return self.world.clock.now()


def _restrained(book: Book, intent: Intent, evidence: Evidence, verdict: Verdict) -> Book:
    """Give the book after a call of ours restricted the customer, or lifted that."""
    if intent.wanted.restriction in {None, Restriction.NONE}:
        return replace(book, restriction=Restriction.NONE, cause=None, restricted_since=None, freed_at=None)
    since = intent.sent_at or evidence.now
    cause = Cause.OURS if verdict.proven else Cause.OTHER
    return replace(book, restriction=intent.wanted.restriction, cause=cause, restricted_since=since, freed_at=None)


def _granted_after(intent: Intent, evidence: Evidence, verdict: Verdict) -> Money | None:
    """Give what stands after the change: as read where it shows, else as the records or the intent have it."""
    if verdict.shown and evidence.standing is not None:
        return evidence.standing.granted_money
    return verdict.granted if verdict.granted is not None else intent.wanted.granted


def _as_wanted(intent: Intent, evidence: Evidence, verdict: Verdict) -> bool:
    """Whether what was wanted stands now: by the vendor's records where they name our change, else by the read."""
    if intent.action in LEVERS:
        return verdict.shown
    if verdict.granted is not None or evidence.standing is None:
        return verdict.granted == intent.wanted.granted
    if not verdict.shown and verdict.proven:
        # The records name it, the read may be late: the newest of them says whether it still stands.
        rows = oldest_first(evidence.witness.rows) if evidence.witness is not None else ()
        return bool(rows) and rows[-1].granted_after == intent.wanted.granted
    standing = evidence.standing
    return standing.granted_money == intent.wanted.granted and standing.kind in {intent.wanted.kind, None}


def _disturbed(intent: Intent, fresh: Sequence[WitnessRow]) -> bool:
    """Whether somebody else changed an amount since the records were counted, perhaps after us, and the action too."""
    # One new record is ours, whichever of a second's records it was taken for.
    others = [row for row in fresh if row.granted_after not in {None, intent.wanted.granted}]
    return len(fresh) > 1 and bool(others)


def latest_fence(intents: Sequence[Intent]) -> datetime | None:
    """When the last of these can be settled by the vendor's refusal age; None where there is nothing to wait for."""
    fences = [intent.fence_at for intent in intents if intent.state in _SETTLING and intent.fence_at is not None]
    return max(fences, default=None)


def _changes(count: int) -> str:
    return "1 change" if count == 1 else f"{count} changes"
