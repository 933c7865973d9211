"""Carries out one account's part of a plan, under its lease: one call for one customer at a time.

Called by core.run.reconcile. Every call has its intent on disk before the first byte leaves; whatever goes wrong
afterwards, the intent says what to find out. Raises that fit go first, then cuts, then, once the cuts are read
back, the raises that waited for them.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core.capabilities import Change
from core.errors import IntentMovedError, OpenIntentError, ReadFailedError, StoreFailedError
from core.intent import LEVERS, Action, Intent, State, mark_of
from core.judgement import Block
from core.limit import CustomerKey
from core.money import Money
from core.plan import Correction, Direction, HoldReason, correction_facts, position_document
from core.planning import pools_of
from core.policy import AccountPolicy
from core.ports import Cloud, Confirmed, Lease, NotSent, Refused, Reply, Uncertain
from core.quota import EVERYBODY, Pool, drawn, fits, refusal, taken
from core.run.again import Again
from core.run.bookkeeping import Bookkeeper
from core.run.observe import AccountView
from core.run.settle import Settler
from core.run.shown import is_shown
from core.run.world import Outcome, Request, Watch, World
from core.standing import Restriction
from core.witness import Witness, oldest_first

FRESH = timedelta(seconds=60)
BATCH = 50  # customers read again together: the smaller of the vendors' batch sizes
# After so many calls in a row without a clear answer the rest of the account waits for the next run.
PATIENCE_WITH_SILENCE = 5


@dataclass(slots=True, kw_only=True)
class AccountWriter:
    """Writes to one account. `standings` are the freshest known; `silence` counts calls without a clear answer."""

    world: World
    request: Request
    run: str
    view: AccountView
    lease: Lease
    watch: Watch
    settler: Settler
    outcomes: list[Outcome] = field(default_factory=list)
    stop: Block | None = None
    silence: int = 0
    # Customers whose next call follows one of this run that is settled: just read, and shown with the first.
    _linked: set[CustomerKey] = field(default_factory=set)

    @property
    def policy(self) -> AccountPolicy:
        """The account's policy."""
        return self.view.inputs.policy

    @property
    def cloud(self) -> Cloud:
        """The account's cloud."""
        return self.world.clouds[self.policy.name]

    @property
    def _again(self) -> Again:
        return Again(view=self.view, is_increment=self._is_increment, now=self.world.clock.now())

    @property
    def _is_increment(self) -> bool:
        return self.cloud.capabilities.change is Change.INCREMENT

    def apply(self, corrections: Sequence[Correction]) -> list[Outcome]:
        """Carry out this account's pending corrections; give what became of each, in order."""
        first = [row for row in corrections if not row.waits]
        waiting = [row for row in corrections if row.waits]
        try:
            self._phase(first)
            if waiting:
                self._phase(self._affordable(waiting))
            links = self._next_links(corrections)
            if links:
                self._phase(links)
        except StoreFailedError as error:
            self.stop = Block(reason=HoldReason.STORE, detail=str(error))
        except IntentMovedError as error:
            self.stop = Block(reason=HoldReason.LEASE, detail=str(error))
        done = {outcome.correction.key for outcome in self.outcomes}
        for row in corrections:
            if row.key not in done:
                block = self.stop or Block(reason=HoldReason.STOPPED)
                self._hold(row, block.reason, block.detail)
        return self.outcomes

    def _phase(self, rows: Sequence[Correction]) -> None:
        """Send these, then settle what was confirmed, so that the next phase may count on it."""
        for start in range(0, len(rows), BATCH):
            for row in self._read_again(rows[start : start + BATCH]):
                if self._paused(row):
                    continue
                self._stop_if_asked()
                if self.stop is not None:
                    self._hold(row, self.stop.reason, self.stop.detail)
                    continue
                self.one(row)
            if start + BATCH < len(rows):
                # A long run settles as it goes: what is read back need not be found out after a crash.
                self.settler.look(self.lease)
        self.settler.settle_open(self.lease)

    def _stop_if_asked(self) -> None:
        if self.stop is None and self.world.clock.stopping():
            self.stop = Block(reason=HoldReason.STOPPED)
        if self.stop is None and self.silence >= PATIENCE_WITH_SILENCE:
            detail = f"{self.silence} calls in a row had no clear answer; the rest waits for the next run"
            self.stop = Block(reason=HoldReason.NOT_SENT, detail=detail)

    def _paused(self, row: Correction) -> bool:
        """Hold a customer that somebody paused since it was planned: a run, or its question, may take long."""
        now = self.world.clock.now()
        pause = next((item for item in self.world.journal.pauses(now) if item.covers(row.account, row.key, now)), None)
        if pause is not None:
            self._hold(row, HoldReason.PAUSED, f"by {pause.who}: {pause.why}")
        return pause is not None

    def _affordable(self, waiting: Sequence[Correction]) -> list[Correction]:
        """Let those raises pass that fit into the credit as it is after the cuts, read back from the vendor."""
        try:
            left = self._left()
        except ReadFailedError as error:
            for row in waiting:
                self._hold(row, HoldReason.QUOTA, f"the credit could not be read after the cuts: {error.sentence}")
            return []
        passing = []
        for row in waiting:
            if not fits(row, left):
                self._hold(row, HoldReason.QUOTA, f"after the cuts {refusal(row, left)}")
                continue
            left = taken(row, left)
            passing.append(row)
        return passing

    def _left(self) -> dict[Pool, Money]:
        """Give what can be given out now: the vendor's figure, else what is written less what may stand by now."""
        quota = self.cloud.quota()
        if quota is not None:
            return {EVERYBODY: quota}
        left, applied = pools_of(self.view.inputs), self._applied()
        for outcome in self.outcomes:
            row = outcome.correction
            if outcome.intent is None or outcome.held is not None:
                continue
            # What a change frees is there only once it is read back; what it takes may be gone as soon as it was sent.
            left = drawn(row, left) if outcome.intent.id in applied else taken(row, left)
        return left

    def _applied(self) -> set[str]:
        """Ids of the intents that were settled as applied, with nothing else standing since."""
        settled = {intent.id for intent in self.settler.settled if intent.state is State.SETTLED_APPLIED}
        return settled - self.settler.astray

    def _next_links(self, rows: Sequence[Correction]) -> list[Correction]:
        """Give the calls that follow those now settled, such as a release after a raise; each by a read of its own."""
        applied = self._applied()
        follows = {row.key: row for row in rows if row.follows}
        made = [
            follows[outcome.correction.key]
            for outcome in self.outcomes
            if outcome.intent is not None and outcome.intent.id in applied and outcome.correction.key in follows
        ]
        if not made:
            return []
        observation = self.cloud.read_again([row.customer for row in made])
        links = []
        for row in made:
            fresh = observation.standings.get(row.key)
            link = self._again.next_link(row, fresh) if fresh is not None else None
            if isinstance(link, Correction):
                self._linked.add(row.key)
                links.append(link)
            elif link is not None:
                self.outcomes.append(link)
        return links

    def _read_again(self, rows: Sequence[Correction]) -> list[Correction]:
        """Read cuts, and whatever was read too long ago, afresh; give what is still to be done."""
        now = self.world.clock.now()
        stale = [row for row in rows if self._needs_reading(row) or _older(row, now - FRESH)]
        stale = [row for row in stale if row.key not in self._linked]
        if not stale:
            return [row for row in rows if row.key in self._linked or self._as_shown(row)]
        observation = self.cloud.read_again([row.customer for row in stale])
        ready = []
        for row in rows:
            if row not in stale:
                ready += [row] if self._as_shown(row) else []
                continue
            fresh = observation.standings.get(row.key)
            if fresh is None:
                error = observation.unreadable.get(row.key) or observation.account_problem
                self._hold(row, HoldReason.UNREADABLE, error.sentence if error else "it is no longer there")
                continue
            again = self._again.judged(row, fresh)
            if isinstance(again, Outcome):
                self.outcomes.append(again)
            elif self._as_shown(again):
                ready.append(again)
        return ready

    def _needs_reading(self, row: Correction) -> bool:
        # A difference is only as good as the figure it was worked out from; absolute raises bear an older read, unless
        # it shows something else than our books: what one read alone shows may be a glitch.
        moves = row.direction is Direction.CUT or row.exhausts or row.action in LEVERS
        differs = row.key not in self.view.findings.agreeing
        return self._is_increment or moves or differs or self.request.only is not None

    def _as_shown(self, row: Correction) -> bool:
        """Under `--plan FILE` only what the file shows may happen; spend alone moves nothing."""
        if self.request.only is None:
            return True
        shown = self.request.only.get((row.account, str(row.key)))
        if shown is not None and is_shown(shown, correction_facts(row)):
            return True
        detail = "it is not in the plan file" if shown is None else "the customer or its limit changed since the plan"
        self._hold(row, HoldReason.MOVED, detail)
        return False

    def one(self, row: Correction, *, retried: bool = False) -> None:
        """Record, send once, and write down the answer; a release refused for its sort is tried once with the other."""
        try:
            rows_before = self._rows_before(row)
        except ReadFailedError as error:
            self._hold(row, HoldReason.UNREADABLE, f"the vendor's records could not be read: {error.sentence}")
            return
        if rows_before is None:
            return
        intent = self._intent(row, rows_before)
        try:
            self.world.journal.record(intent)
        except OpenIntentError as error:
            self._hold(row, HoldReason.UNCERTAIN, str(error))
            return
        self.watch.intent_moved(intent)
        sent = intent.sent(self.world.clock.now(), self.policy.write_timeout, self.policy.quarantine)
        self._move(intent.state, sent)
        reply = self.cloud.send(sent)
        after = self._answered(sent, reply)
        self._move(sent.state, after)
        self._count_silence(reply)
        if _other_sort(row, reply) is not None and not retried:
            self.one(_other_sort(row, reply) or row, retried=True)
            return
        held = {State.REFUSED: HoldReason.REFUSED, State.NOT_SENT: HoldReason.NOT_SENT}.get(after.state)
        self.outcomes.append(Outcome(correction=row, intent=after, held=held, sentence=after.outcome))

    def _rows_before(self, row: Correction) -> int | None:
        """Count the vendor's records and look for marks that are not ours to ignore; None: held."""
        witness = self.cloud.witness(row.customer)
        keeper = Bookkeeper(
            policy=self.policy,
            capabilities=self.cloud.capabilities,
            cloud=self.cloud,
            journal=self.world.journal,
            now=self.world.clock.now(),
        )
        found = [item for item in keeper.strangers(row.key, witness.rows) if not self.world.journal.dispute_known(item)]
        if not found and self._just_changed(row, witness):
            detail = "the vendor's records show a change that its figures do not show yet; the next run plans it anew"
            self._hold(row, HoldReason.MOVED, detail)
            return None
        if not found:
            return witness.count
        for dispute in found:
            self.world.journal.open_dispute(replace(dispute, id=self.world.ids.ulid()))
        account_wide = next((dispute for dispute in found if dispute.customer is None), None)
        if account_wide is not None:
            self.stop = Block(reason=HoldReason.TWO_WRITERS, detail=account_wide.sentence)
            self._hold(row, HoldReason.TWO_WRITERS, account_wide.sentence)
        else:
            self._hold(row, HoldReason.DISPUTED, found[0].sentence)
        return None

    def _just_changed(self, row: Correction, witness: Witness) -> bool:
        """Whether a record of the last moments says another total than the one the difference was worked out from.

        Only recent records that our books do not know: what an older record's total means is the vendor's affair.
        """
        book = self.view.findings.books.get(row.key)
        if not self._is_increment or (book is not None and book.rows == witness.count):
            return False
        since = self.world.clock.now() - self.policy.lag - FRESH
        recent = [item for item in oldest_first(witness.rows) if item.at is not None and item.at >= since]
        totals = {item.granted_after for item in recent if item.at == recent[-1].at}
        return bool(totals) and None not in totals and row.before.granted not in totals

    def _intent(self, row: Correction, rows_before: int) -> Intent:
        ulid = self.world.ids.ulid()
        is_lever = row.action in LEVERS
        # The first call of a chain leaves the restriction to the next.
        wanted = row.after if is_lever else replace(row.after, restriction=row.before.restriction)
        change = row.moved if self._is_increment else row.change
        return Intent(
            id=ulid,
            mark=mark_of(self.world.journal.installation, ulid),
            run=self.run,
            who=self.request.who,
            account=row.account,
            customer=row.customer,
            action=row.action or Action.SET_AMOUNT,
            before=row.before,
            wanted=wanted,
            change=None if is_lever else change,
            rows_before=rows_before,
            inputs_hash=_inputs_hash(row),
            epoch=self.lease.epoch,
            recorded_at=self.world.clock.now(),
        )

    def _answered(self, sent: Intent, reply: Reply) -> Intent:
        now = self.world.clock.now()
        match reply:
            case Confirmed():
                expected = sent.wanted.granted
                if reply.granted is not None and reply.granted != expected:
                    sentence = f"the vendor answered that {reply.granted} stands now, not {expected}"
                    return sent.moved(State.UNCERTAIN, outcome=sentence, request_id=reply.request_id)
                return sent.moved(State.CONFIRMED, outcome="confirmed by the vendor", request_id=reply.request_id)
            case Refused():
                if reply.account_wide:
                    self.stop = Block(reason=HoldReason.REFUSED, detail=reply.sentence)
                return sent.moved(
                    State.REFUSED,
                    outcome=reply.sentence,
                    code=reply.code,
                    request_id=reply.request_id,
                    closed_at=now,
                )
            case NotSent():
                return sent.moved(State.NOT_SENT, outcome=reply.sentence, closed_at=now)
            case Uncertain():
                return sent.moved(State.UNCERTAIN, outcome=reply.sentence, code=reply.code, request_id=reply.request_id)

    def _count_silence(self, reply: Reply) -> None:
        self.silence = self.silence + 1 if isinstance(reply, NotSent | Uncertain) else 0

    def _move(self, before: State, after: Intent) -> None:
        self.world.journal.move(before, after)
        self.watch.intent_moved(after)

    def _hold(self, row: Correction, reason: HoldReason, sentence: str) -> None:
        self.outcomes.append(Outcome(correction=row, held=reason, sentence=sentence or reason.sentence))


def _other_sort(row: Correction, reply: Reply) -> Correction | None:
    """Give a refused release with the other sort of restriction: which one it is cannot be read."""
    if row.action is not Action.RELEASE or not isinstance(reply, Refused) or reply.throttled or reply.account_wide:
        return None
    frozen = row.before.restriction is Restriction.FROZEN
    other = Restriction.RESTRICTED if frozen else Restriction.FROZEN
    return replace(row, before=replace(row.before, restriction=other))


def _older(row: Correction, moment: datetime) -> bool:
    return row.as_of is None or row.as_of < moment


def _inputs_hash(row: Correction) -> str:
    """Hash what the change was worked out from, so that the journal can show that two intents rest on the same."""
    facts = {
        "before": position_document(row.before),
        "wanted": str(row.wanted),
        "spent": None if row.spent is None else [str(row.spent.low), str(row.spent.high)],
        "as_of": None if row.as_of is None else row.as_of.isoformat(),
        "detail": row.detail,
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
