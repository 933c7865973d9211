"""Values as JSON documents: what audit rows carry, and how accepted limits are stored.

Called by entries and by the limits tables. Money is a decimal string with its currency, times are UTC text.
"""

import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from adapters.store.instants import instant_text
from core.books import Book, Dispute
from core.intent import Intent, Position
from core.limit import (
    Customer,
    CustomerKey,
    Dated,
    Kind,
    Limit,
    OnExhaustion,
    Overrun,
    Release,
    Source,
    Temporary,
    TopUp,
    WritePolicy,
)
from core.money import Money
from core.pause import Pause

Document = dict[str, object]
Value = TypeVar("Value")


def money_document(amount: Money | None) -> list[object] | None:
    """Give cents and currency, None for none."""
    return None if amount is None else [amount.cents, amount.currency]


def position_document(position: Position) -> Document:
    """Give a position."""
    return {
        "granted": money_document(position.granted),
        "kind": position.kind,
        "on_exhaustion": position.on_exhaustion,
        "restriction": position.restriction,
    }


def intent_document(intent: Intent) -> Document:
    """Give everything that is known of an intent when it is recorded."""
    return {
        "id": intent.id,
        "mark": intent.mark,
        "run": intent.run,
        "indirect_partner_id": intent.customer.indirect_partner_id,
        "action": intent.action,
        "before": position_document(intent.before),
        "wanted": position_document(intent.wanted),
        "change": money_document(intent.change),
        "rows_before": intent.rows_before,
        "inputs_hash": intent.inputs_hash,
        "recorded_at": instant_text(intent.recorded_at),
        **movement_document(intent),
    }


def movement_document(intent: Intent) -> Document:
    """Give what a change of state may change."""
    times = {
        name: getattr(intent, name) for name in ("sent_at", "send_before", "fence_at", "closed_at", "absent_since")
    }
    return {
        "state": intent.state,
        "epoch": intent.epoch,
        "proven": intent.proven,
        "outcome": intent.outcome,
        "code": intent.code,
        "request_id": intent.request_id,
        **{name: _moment(moment) for name, moment in times.items()},
    }


def book_document(book: Book) -> Document:
    """Give a book."""
    return {
        "vendor": book.key.vendor,
        "customer_id": book.key.customer_id,
        "account": book.account,
        "opened": money_document(book.opened),
        "granted": money_document(book.granted),
        "kind": book.kind,
        "as_of": instant_text(book.as_of),
        "ours": money_document(book.ours),
        "others": money_document(book.others),
        "rows": book.rows,
        "on_exhaustion": book.on_exhaustion,
        "written_at": _moment(book.written_at),
        "checked_at": _moment(book.checked_at),
        "row_awaited": book.row_awaited,
        "drift": book.drift,
        "drift_at": _moment(book.drift_at),
        "opened_at": _moment(book.opened_at),
        "restriction": book.restriction,
        "cause": book.cause,
        "restricted_since": _moment(book.restricted_since),
        "freed_at": _moment(book.freed_at),
        "mismatch_granted": money_document(book.mismatch_granted),
        "mismatch_since": _moment(book.mismatch_since),
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else instant_text(moment)


def dispute_document(dispute: Dispute) -> Document:
    """Give a dispute."""
    return {
        "id": dispute.id,
        "sort": dispute.sort,
        "evidence": dispute.evidence,
        "sentence": dispute.sentence,
        "opened_at": instant_text(dispute.opened_at),
    }


def pause_document(pause: Pause) -> Document:
    """Give a pause."""
    return {
        "customer_id": pause.customer_id,
        "why": pause.why,
        "since": instant_text(pause.since),
        "until": _moment(pause.until),
    }


def limit_document(limit: Limit | None) -> Document | None:
    """Give a limit with the place where it was written, None for none; `why` is worked out anew each time."""
    if limit is None:
        return None
    return {
        "account": limit.account,
        "vendor": limit.key.vendor,
        "customer_id": limit.key.customer_id,
        "indirect_partner_id": limit.customer.indirect_partner_id,
        "kind": limit.kind,
        "amount": money_document(limit.amount),
        "on_exhaustion": limit.on_exhaustion,
        "allow_zero": limit.allow_zero,
        "non_stop": limit.non_stop,
        "write_policy": limit.write_policy,
        "overrun": None if limit.overrun is None else {"most": money_document(limit.overrun.most)},
        "spent_before": money_document(limit.spent_before),
        "since": _day_text(limit.since),
        "release": limit.release,
        "onboard": limit.onboard,
        "top_up": _top_up_document(limit.top_up),
        "temporary": _temporary_document(limit.temporary),
        "later": _later_document(limit.later),
        "name": limit.name,
        "changed_by": limit.changed_by,
        "reason": limit.reason,
        "source": None if limit.source is None else [limit.source.file, limit.source.line],
    }


def limit_text(limit: Limit) -> str:
    """Give a limit as the text that is stored."""
    return json.dumps(limit_document(limit), separators=(",", ":"))


def limit_of(text: str) -> Limit:
    """Read what `limit_text` wrote, in this version or in one that knew fewer fields."""
    known: Document = json.loads(text)
    key = CustomerKey(str(known["vendor"]), str(known["customer_id"]))
    partner, action, policy = known["indirect_partner_id"], known["on_exhaustion"], known["write_policy"]
    source = known["source"]
    return Limit(
        account=str(known["account"]),
        customer=Customer(key, None if partner is None else str(partner)),
        kind=Kind(str(known["kind"])),
        amount=_amount(known["amount"]),
        on_exhaustion=None if action is None else OnExhaustion(str(action)),
        allow_zero=bool(known["allow_zero"]),
        non_stop=bool(known["non_stop"]),
        write_policy=None if policy is None else WritePolicy(str(policy)),
        overrun=_read(known, "overrun", lambda part: Overrun(_read(part, "most", _amount))),
        spent_before=_read(known, "spent_before", _amount),
        since=_read(known, "since", _day),
        release=_read(known, "release", lambda word: Release(str(word))) or Release.AUTO,
        onboard=bool(known.get("onboard")),
        top_up=_read(known, "top_up", _top_up),
        temporary=_read(known, "temporary", _temporary),
        later=_read(known, "later", lambda part: Dated(_amount(part["amount"]), _day(part["starts"]))),
        name=_text(known["name"]),
        changed_by=_text(known["changed_by"]),
        reason=_text(known["reason"]),
        source=None if source is None else Source(*source),  # type: ignore[misc] # a list of file and line
    )


def _top_up_document(top_up: TopUp | None) -> Document | None:
    if top_up is None:
        return None
    step, most = money_document(top_up.step), money_document(top_up.most)
    return {"step": step, "below": str(top_up.below), "most": most}


def _top_up(known: Any) -> TopUp:  # noqa: ANN401 - a part of a document, as written above
    return TopUp(step=_amount(known["step"]), below=Decimal(known["below"]), most=_amount(known["most"]))


def _temporary_document(temporary: Temporary | None) -> Document | None:
    if temporary is None:
        return None
    amount = money_document(temporary.amount)
    return {"amount": amount, "until": _day_text(temporary.until), "starts": _day_text(temporary.starts)}


def _temporary(known: Any) -> Temporary:  # noqa: ANN401 - a part of a document, as written above
    amount, until = _amount(known["amount"]), _day(known["until"])
    return Temporary(amount=amount, until=until, starts=_read(known, "starts", _day))


def _later_document(later: Dated | None) -> Document | None:
    return None if later is None else {"amount": money_document(later.amount), "starts": _day_text(later.starts)}


def _read(known: Document, name: str, value_of: Callable[[Any], Value]) -> Value | None:
    """Read a field; None where it is null, or was not known yet."""
    part = known.get(name)
    return None if part is None else value_of(part)


def _amount(known: Any) -> Money:  # noqa: ANN401 - a list of cents and currency, as written above
    return Money(*known)


def _day_text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(text: object) -> date:
    return date.fromisoformat(str(text))


def _text(value: object) -> str | None:
    return None if value is None else str(value)
