"""What the audit rows say: one function per thing that can happen, giving the entry for it.

Called by the store and its in-memory twin, so that both write the same history.
"""

import hashlib
from collections.abc import Sequence

from adapters.store.chain import Entry, canonical
from adapters.store.documents import (
    book_document,
    dispute_document,
    intent_document,
    limit_document,
    movement_document,
    pause_document,
)
from adapters.store.instants import instant_text
from core.books import Book, Dispute
from core.intent import Intent, State
from core.pause import Pause
from core.ports import Lease, LimitChange, RunRecord

OURSELVES = "tidegate"  # who did it, where no person and no run is named


def store_made(installation: str) -> Entry:
    """Say that the store was made."""
    return Entry(event="store_made", who=OURSELVES, body={"installation": installation})


def lease_taken(lease: Lease, who: str) -> Entry:
    """Say that an account was taken for writing."""
    return Entry(event="lease_taken", who=who, account=lease.account, body={"epoch": lease.epoch})


def intent_recorded(intent: Intent) -> Entry:
    """Say all of an intent."""
    return _about(intent, "intent_recorded", intent_document(intent))


def intent_moved(before: State, after: Intent) -> Entry:
    """Say what a change of state changed."""
    names = {"id": after.id, "mark": after.mark, "from": before}
    return _about(after, "intent_moved", {**names, **movement_document(after)})


def absence_noted(intent: Intent) -> Entry:
    """Say that the mark was first missed after the fence."""
    return _about(intent, "intent_absence_noted", {"id": intent.id, "mark": intent.mark, **movement_document(intent)})


def tag_proven(account: str) -> Entry:
    """Say that a mark was read back in this account for the first time."""
    return Entry(event="tag_proven", who=OURSELVES, account=account)


def books_kept(books: Sequence[Book]) -> Entry:
    """Say that books changed: one in full, several by a digest, for a run may touch ten thousand."""
    if len(books) == 1:
        book = books[0]
        return Entry(event="book_kept", who=OURSELVES, account=book.account, key=book.key, body=book_document(book))
    accounts = sorted({book.account for book in books})
    digest = hashlib.sha256("\n".join(canonical(book_document(book)) for book in books).encode()).hexdigest()
    return Entry(
        event="books_kept",
        who=OURSELVES,
        account=accounts[0] if len(accounts) == 1 else None,
        body={"accounts": accounts, "books": len(books), "sha256": digest},
    )


def dispute_opened(dispute: Dispute) -> Entry:
    """Say that something needs a person."""
    return Entry(
        event="dispute_opened",
        who=OURSELVES,
        account=dispute.account,
        key=dispute.customer,
        body=dispute_document(dispute),
    )


def dispute_closed(dispute: Dispute, *, who: str, why: str) -> Entry:
    """Say who closed a dispute and why."""
    body = {**dispute_document(dispute), "why": why}
    return Entry(event="dispute_closed", who=who, account=dispute.account, key=dispute.customer, body=body)


def paused(pause: Pause) -> Entry:
    """Say who paused what."""
    return Entry(event="paused", who=pause.who, account=pause.account, body=pause_document(pause))


def resumed(*, account: str | None, customer_id: str | None, who: str, why: str, ended: int) -> Entry:
    """Say who ended pauses."""
    body = {"customer_id": customer_id, "why": why, "ended": ended}
    return Entry(event="resumed", who=who, account=account, body=body)


def limit_accepted(change: LimitChange) -> Entry:
    """Say which limit became which."""
    limit = change.new or change.old
    return Entry(
        event="limit_accepted",
        who=(change.new.changed_by if change.new is not None else None) or OURSELVES,
        account=None if limit is None else limit.account,
        key=change.key,
        body={"old": limit_document(change.old), "new": limit_document(change.new), "digest": change.digest},
    )


def run_kept(run: RunRecord) -> Entry:
    """Say how far a run is; its plan by digest, for it may be long."""
    body = {
        "id": run.id,
        "command": run.command,
        "begun_at": instant_text(run.begun_at),
        "ended_at": None if run.ended_at is None else instant_text(run.ended_at),
        "exit_code": run.exit_code,
        "summary": run.summary,
        "plan_sha256": None if run.plan is None else hashlib.sha256(run.plan.encode()).hexdigest(),
    }
    return Entry(event="run_kept", who=run.who, body=body)


def _about(intent: Intent, event: str, body: dict[str, object]) -> Entry:
    return Entry(event=event, who=intent.who, account=intent.account, key=intent.key, body=body)
