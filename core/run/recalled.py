"""What our own records hold on one customer, and what the vendor's records add. Called by core.run.explain."""

import json
from collections.abc import Sequence
from datetime import timedelta

from core.explained import LastPlan, LimitChanged, Noted, Records
from core.intent import LEVERS, Intent, State
from core.limit import Customer, CustomerKey, Limit
from core.money import Money, MoneyFormatError
from core.ports import AuditRow, Journal, RunRecord
from core.run.world import World
from core.witness import Witness, WitnessRow, oldest_first

RUNS_LOOKED_AT = 200
# Older ones than that are history's to tell.
INTENTS_LOOKED_AT = 200
# Our own audit rows repeat intents, limits and books; these tell what nothing else does.
_TOLD = frozenset({"drift", "unexplained", "dispute_opened", "dispute_closed", "balanced", "release"})
# How far a record's time may lie from the call it belongs to, where the vendor keeps no mark of ours.
_OUR_WINDOW = timedelta(minutes=2)


def records_of(
    world: World, account: str, customer: Customer, limits: Sequence[Limit], witness: Witness | None
) -> Records:
    """Collect them; `limits`: all of the account, as written. Raises StoreFailedError."""
    journal, key, now = world.journal, customer.key, world.clock.now()
    intents = tuple(journal.intents(key=key, limit=INTENTS_LOOKED_AT))
    disputes = journal.disputes(account)
    return Records(
        limits=tuple(
            LimitChanged(at=change.first_seen, old=change.old, new=change.new, digest=change.digest)
            for change in journal.limit_changes(key)
        ),
        intents=intents,
        notes=tuple(_noted(row) for row in reversed(journal.audit(key)) if row.event in _TOLD),
        foreign=_foreign(witness, intents) if witness is not None else None,
        pending=any(change.key == key for change in journal.limits_changed(limits, [account])),
        open_intents=tuple(intent for intent in journal.open_intents() if intent.key == key),
        disputes=tuple(dispute for dispute in disputes if dispute.customer in {key, None}),
        pauses=tuple(pause for pause in journal.pauses(now) if pause.covers(account, key, now)),
        last_plan=_last_plan(journal, account),
    )


def is_on_record(world: World, account: str, key: CustomerKey) -> bool:
    """Whether anything was ever stored of this customer under this account."""
    if key in world.observations.meters(account) or key in world.journal.books(account):
        return True
    return any(intent.account == account for intent in world.journal.intents(key=key, limit=1))


def _noted(row: AuditRow) -> Noted:
    sentence = str(row.body.get("sentence") or row.body.get("why") or "")
    if not sentence and row.event == "unexplained":
        sentence = f"the books say {row.body.get('books')}, the vendor shows {row.body.get('shown')}"
    return Noted(at=row.at, event=row.event, who=row.who, sentence=sentence)


def _foreign(witness: Witness, intents: Sequence[Intent]) -> tuple[WitnessRow, ...]:
    """Give the vendor's records that belong to no call of ours, oldest first."""
    marked = {id(row) for intent in intents for row in witness.marked(intent.mark)}
    return tuple(
        row
        for row in oldest_first(witness.rows)
        if id(row) not in marked and not any(_belongs(row, intent) for intent in intents)
    )


def _belongs(row: WitnessRow, intent: Intent) -> bool:
    """Whether a record without a mark says just what a call of ours set, at that time."""
    if row.remark or row.at is None or intent.sent_at is None:
        return False
    if intent.action in LEVERS or intent.state in {State.REFUSED, State.NOT_SENT}:
        return False
    return row.granted_after == intent.wanted.granted and abs(row.at - intent.sent_at) < _OUR_WINDOW


def _last_plan(journal: Journal, account: str) -> LastPlan | None:
    for run in journal.runs(RUNS_LOOKED_AT):
        for part in _accounts(run):
            if part.get("name") == account:
                return LastPlan(command=run.command, made_at=run.begun_at, quota=_money(part.get("quota")))
    return None


def _accounts(run: RunRecord) -> list[dict[str, object]]:
    """Give the accounts of a stored plan; a plan that is stored as its fingerprint alone has none."""
    try:
        document = json.loads(run.plan or "{}")
    except ValueError:
        return []
    found = document.get("accounts", []) if isinstance(document, dict) else []
    return [part for part in found if isinstance(part, dict)]


def _money(text: object) -> Money | None:
    try:
        return Money.parse(text) if isinstance(text, str) else None
    except MoneyFormatError:
        return None
