"""What our own records hold on one customer, and what the vendor's records add. Called by core.run.explain."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from core.explained import LastPlan, LimitChanged, Noted, Records
from core.intent import LEVERS, Intent, State
from core.limit import Customer, CustomerKey, Limit
from core.money import Money, MoneyFormatError
from core.plan import HoldReason
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


def was_absent(journal: Journal, account: str, key: CustomerKey, since: datetime | None) -> bool:
    """Whether the newest plan of the whole account found that the vendor has no such customer.

    `since`: when the customer was seen last; only plans since then can say so, None: it never was.
    """
    for head in journal.run_heads(RUNS_LOOKED_AT, since=since):
        document = _document(journal.run(head.id))
        if document.get("narrowed") or not any(part.get("name") == account for part in _parts(document, "accounts")):
            continue
        return any(
            (row.get("account"), row.get("vendor"), row.get("customer_id")) == (account, key.vendor, key.customer_id)
            and row.get("reason") == HoldReason.UNKNOWN_CUSTOMER.word
            for row in _parts(document, "holds")
        )
    return False


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
    for head in journal.run_heads(RUNS_LOOKED_AT):
        # One plan at a time: the first one or two mostly do.
        for part in _parts(_document(journal.run(head.id)), "accounts"):
            if part.get("name") == account:
                return LastPlan(command=head.command, made_at=head.begun_at, quota=_money(part.get("quota")))
    return None


def _document(run: RunRecord | None) -> dict[str, object]:
    """Give a stored plan; one that is stored as its fingerprint alone holds nothing."""
    try:
        document = json.loads((run.plan if run is not None else None) or "{}")
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _parts(document: Mapping[str, object], name: str) -> list[dict[str, object]]:
    found = document.get(name)
    return [part for part in found if isinstance(part, dict)] if isinstance(found, list) else []


def _money(text: object) -> Money | None:
    try:
        return Money.parse(text) if isinstance(text, str) else None
    except MoneyFormatError:
        return None
