"""What stored plans say of each account: figures, what waits, guards. Each plan is opened once; called by runs.

Plans are ours, yet of any version: what an older one does not have is unknown. A text that is no plan, such as the
fingerprint that a world without a form of its own for plans keeps, says nothing.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from core.exposure import Outlook
from core.limit import CustomerKey, Kind
from core.money import Money, or_zero
from core.plan import GuardVerdict, HoldReason
from core.ports import RunRecord
from scheduler.reports.board import Pool, Waiting
from scheduler.reports.plan_reader import read_outlook
from scheduler.reports.summary import guards_by_name
from scheduler.reports.wording import clean

PENDING = "pending"
# As scheduler.reports.plan_json writes a plan: the accounts stand before all rows, the rest of what is short behind.
_ACCOUNTS = '"accounts": '
_NARROWED = '"narrowed": true'
_END = 500
_DECODER = json.JSONDecoder()
REASONS = {reason.word: reason for reason in HoldReason}

Document = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One account's part of a run's plan. `narrowed`: the run looked at some customers only.

    `problem`: why the account could not be read, as stored. `skew`, `pools`: None where the plan does not tell.
    `waiting`: the plan's corrections and holds.
    """

    run: str
    begun_at: datetime
    narrowed: bool
    in_sync: int | None = None
    pending: int | None = None
    held: int | None = None
    problem: str | None = None
    quota: Money | None = None
    outlook: Outlook | None = None
    skew: timedelta | None = None
    pools: tuple[Pool, ...] | None = None
    unlimited: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    attention: tuple[str, ...] = ()
    guards: Mapping[str, str] = field(default_factory=dict)
    waiting: Mapping[CustomerKey, Waiting] = field(default_factory=dict)


NOTHING = Part(run="", begun_at=datetime.min.replace(tzinfo=UTC), narrowed=False)  # of an account that never ran


def parts_of(run: RunRecord, rows_of: Collection[str]) -> dict[str, Part]:
    """Give what a run's plan says of its accounts, by name; what waits and which guards tripped only for `rows_of`."""
    accounts, narrowed = _opening(run.plan or "")
    # Of a run over some customers only that it took place is ever told.
    wanted = not narrowed and any(name in rows_of for name in accounts)
    plan = _document(run.plan or "") if wanted else {}
    waiting, guards = _waiting(plan), _guards(plan)
    return {
        name: _part(run, facts, narrowed=narrowed, guards=guards.get(name, {}), waiting=waiting.get(name, {}))
        for name, facts in accounts.items()
    }


def _opening(text: str) -> tuple[dict[str, Document], bool]:
    """Read the accounts of a plan, and whether it was narrowed, but not its rows: they are megabytes perhaps."""
    begins = text.find(_ACCOUNTS)
    if begins < 0:
        return {}, False
    try:
        accounts, _ = _DECODER.raw_decode(text, begins + len(_ACCOUNTS))
    except ValueError:
        return {}, False
    found = {str(facts.get("name")): facts for facts in _rows({"accounts": accounts}, "accounts")}
    return found, _NARROWED in text[-_END:]


def _part(
    run: RunRecord,
    facts: Document,
    *,
    narrowed: bool,
    guards: Mapping[str, str],
    waiting: Mapping[CustomerKey, Waiting],
) -> Part:
    problem, skew = facts.get("problem"), facts.get("skew_seconds")
    return Part(
        run=run.id,
        begun_at=run.begun_at,
        narrowed=narrowed,
        in_sync=_count(facts, "in_sync"),
        pending=_count(facts, "corrections"),
        held=_count(facts, "holds"),
        problem=None if problem is None else str(problem),
        quota=_money(facts.get("quota")),
        outlook=read_outlook(facts.get("outlook")),
        skew=timedelta(seconds=skew) if isinstance(skew, int | float) else None,
        pools=_pools(facts),
        unlimited=_texts(facts, "unlimited"),
        notes=_texts(facts, "notes"),
        attention=_texts(facts, "attention"),
        guards=guards,
        waiting=waiting,
    )


def _waiting(plan: Document) -> dict[str, dict[CustomerKey, Waiting]]:
    found: dict[str, dict[CustomerKey, Waiting]] = {}
    for row in _rows(plan, "corrections"):
        found.setdefault(str(row.get("account")), {})[_key(row)] = _correction(row)
    for row in _rows(plan, "holds"):
        found.setdefault(str(row.get("account")), {})[_key(row)] = _hold(row)
    return found


def _key(row: Document) -> CustomerKey:
    return CustomerKey(vendor=str(row.get("vendor")), customer_id=str(row.get("customer_id")))


def _correction(row: Document) -> Waiting:
    blockers = ", ".join(map(clean, _texts(row, "blocked_by")))
    return _row(
        row,
        word=blockers or PENDING,
        sentence=f"not sent: {blockers}" if blockers else "not made yet",
        needs_attention=False,
    )


def _hold(row: Document) -> Waiting:
    word = str(row.get("reason"))
    reason = REASONS.get(word)
    sentence = clean(word) if reason is None else reason.sentence
    if reason is HoldReason.GUARD:
        sentence = f"{sentence}: {', '.join(map(clean, _texts(row, 'blocked_by')))}"
    return _row(row, word=word, sentence=sentence, needs_attention=row.get("needs_attention") is True)


def _row(row: Document, *, word: str, sentence: str, needs_attention: bool) -> Waiting:
    action, detail = row.get("action"), str(row.get("detail") or "")
    return Waiting(
        word=word,
        sentence=sentence,
        detail="" if detail == sentence else detail,
        needs_attention=needs_attention,
        wanted=or_zero(_money(row.get("wanted"))),
        action=None if action is None else str(action),
        change=_money(row.get("change")),
    )


def _guards(plan: Document) -> dict[str, dict[str, str]]:
    tripped = [
        GuardVerdict(
            guard=str(row.get("guard")),
            account=str(row.get("account")),
            customer=_named(row.get("customer")),
            tripped=True,
            figures=str(row.get("figures")),
            limit=str(row.get("limit")),
            sentence=str(row.get("sentence")),
        )
        for row in _rows(plan, "guards")
        if row.get("tripped") is True
    ]
    if not tripped:
        return {}
    moved = {(str(row.get("account")), _key(row)): _moved(row) for row in _rows(plan, "holds")}
    return guards_by_name(tripped, moved)


def _named(text: object) -> CustomerKey | None:
    vendor, slash, customer_id = str(text).partition("/")
    return CustomerKey(vendor, customer_id) if slash else None


def _moved(row: Document) -> int:
    """By how many cents a row moves the grant, as core.plan.Row has it."""
    change = _money(row.get("change"))
    if change is None:
        after = row.get("after")
        change = _money(after.get("granted")) if isinstance(after, Mapping) else None
    return 0 if change is None else abs(change.cents)


def _pools(facts: Document) -> tuple[Pool, ...] | None:
    if not isinstance(facts.get("pools"), list):
        return None
    return tuple(
        Pool(
            kind=Kind(str(pool["kind"])),
            whose=None if pool["indirect_partner_id"] is None else str(pool["indirect_partner_id"]),
            amount=Money.parse(str(pool["amount"])),
            granted=Money.parse(str(pool["granted"])),
        )
        for pool in _rows(facts, "pools")
    )


def _document(text: str) -> Document:
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _rows(document: Document, what: str) -> Iterator[Document]:
    rows = document.get(what, [])
    return (row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else iter(())


def _texts(document: Document, what: str) -> tuple[str, ...]:
    texts = document.get(what, [])
    return tuple(map(str, texts)) if isinstance(texts, list) else ()


def _count(document: Document, what: str) -> int | None:
    value = document.get(what)
    return value if isinstance(value, int) else None


def _money(text: object) -> Money | None:
    return Money.parse(text) if isinstance(text, str) else None
