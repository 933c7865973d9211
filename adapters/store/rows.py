"""Rows of tables to values and back: one pair of functions per value. Called by the parts of the store."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping

from adapters.store.instants import instant_of, instant_text
from core.books import Book, Cause, Dispute, DisputeSort
from core.intent import Action, Intent, Position, State
from core.limit import Customer, CustomerKey, Kind, OnExhaustion
from core.money import Money
from core.standing import Absence, Restriction, Spend, Standing

# Any: what a driver gives for a column is known to the schema, not to the type checker; it ends in this file.
Row = RowMapping | Mapping[str, Any]
Values = dict[str, Any]

_MICROSECOND = timedelta(microseconds=1)


def key_values(key: CustomerKey) -> Values:
    """Give the two columns that name a customer."""
    return {"vendor": key.vendor, "customer_id": key.customer_id}


def key_of(row: Row) -> CustomerKey:
    """Read them."""
    return CustomerKey(row["vendor"], row["customer_id"])


def time_text(moment: datetime | None) -> str | None:
    """Write a time that may be missing."""
    return None if moment is None else instant_text(moment)


def time_of(text: str | None) -> datetime | None:
    """Read a time that may be missing."""
    return None if text is None else instant_of(text)


def money_values(name: str, amount: Money | None) -> Values:
    """Give the two columns of an amount."""
    if amount is None:
        return {f"{name}_cents": None, f"{name}_currency": None}
    return {f"{name}_cents": amount.cents, f"{name}_currency": amount.currency}


def money_of(name: str, row: Row) -> Money | None:
    """Read them."""
    cents = row[f"{name}_cents"]
    return None if cents is None else Money(cents, row[f"{name}_currency"])


def kind_of(word: str | None) -> Kind | None:
    """Read a kind that may be missing."""
    return None if word is None else Kind(word)


def intent_values(intent: Intent) -> Values:
    """Give all columns of an intent but `installation`."""
    return {
        "id": intent.id,
        "mark": intent.mark,
        "run": intent.run,
        "who": intent.who,
        "account": intent.account,
        **key_values(intent.key),
        "indirect_partner_id": intent.customer.indirect_partner_id,
        "action": intent.action,
        **_position_values("before", intent.before),
        **_position_values("wanted", intent.wanted),
        **money_values("change", intent.change),
        "rows_before": intent.rows_before,
        "inputs_hash": intent.inputs_hash,
        "recorded_at": instant_text(intent.recorded_at),
        **movement_values(intent),
    }


def movement_values(intent: Intent) -> Values:
    """Give the columns that a change of state may change."""
    return {
        "epoch": intent.epoch,
        "state": intent.state,
        "sent_at": time_text(intent.sent_at),
        "send_before": time_text(intent.send_before),
        "fence_at": time_text(intent.fence_at),
        "closed_at": time_text(intent.closed_at),
        "absent_since": time_text(intent.absent_since),
        "proven": intent.proven,
        "outcome": intent.outcome,
        "code": intent.code,
        "request_id": intent.request_id,
    }


def intent_of(row: Row) -> Intent:
    """Read an intent."""
    return Intent(
        id=row["id"],
        mark=row["mark"],
        run=row["run"],
        who=row["who"],
        account=row["account"],
        customer=Customer(key_of(row), row["indirect_partner_id"]),
        action=Action(row["action"]),
        before=_position_of("before", row),
        wanted=_position_of("wanted", row),
        change=money_of("change", row),
        rows_before=row["rows_before"],
        inputs_hash=row["inputs_hash"],
        epoch=row["epoch"],
        recorded_at=instant_of(row["recorded_at"]),
        state=State(row["state"]),
        sent_at=time_of(row["sent_at"]),
        send_before=time_of(row["send_before"]),
        fence_at=time_of(row["fence_at"]),
        closed_at=time_of(row["closed_at"]),
        absent_since=time_of(row["absent_since"]),
        proven=row["proven"],
        outcome=row["outcome"],
        code=row["code"],
        request_id=row["request_id"],
    )


def book_values(book: Book) -> Values:
    """Give all columns of a book."""
    return {
        "account": book.account,
        **key_values(book.key),
        **money_values("opened", book.opened),
        **money_values("granted", book.granted),
        "kind": book.kind,
        "as_of": instant_text(book.as_of),
        **money_values("ours", book.ours),
        **money_values("others", book.others),
        "rows": book.rows,
        "on_exhaustion": book.on_exhaustion,
        "written_at": time_text(book.written_at),
        "checked_at": time_text(book.checked_at),
        "row_awaited": book.row_awaited,
        "drift": book.drift,
        "drift_at": time_text(book.drift_at),
        "opened_at": time_text(book.opened_at),
        "restriction": book.restriction,
        "cause": book.cause,
        "restricted_since": time_text(book.restricted_since),
        "freed_at": time_text(book.freed_at),
        **money_values("mismatch_granted", book.mismatch_granted),
        "mismatch_since": time_text(book.mismatch_since),
    }


def book_of(row: Row) -> Book:
    """Read a book."""
    return Book(
        key=key_of(row),
        account=row["account"],
        opened=money_of("opened", row),
        granted=money_of("granted", row),
        kind=kind_of(row["kind"]),
        as_of=instant_of(row["as_of"]),
        ours=Money(row["ours_cents"], row["ours_currency"]),
        others=Money(row["others_cents"], row["others_currency"]),
        rows=row["rows"],
        on_exhaustion=_action(row["on_exhaustion"]),
        written_at=time_of(row["written_at"]),
        checked_at=time_of(row["checked_at"]),
        row_awaited=bool(row["row_awaited"]),
        drift=row["drift"],
        drift_at=time_of(row["drift_at"]),
        opened_at=time_of(row["opened_at"]),
        restriction=_restriction(row["restriction"]),
        cause=None if row["cause"] is None else Cause(row["cause"]),
        restricted_since=time_of(row["restricted_since"]),
        freed_at=time_of(row["freed_at"]),
        mismatch_granted=money_of("mismatch_granted", row),
        mismatch_since=time_of(row["mismatch_since"]),
    )


def dispute_values(dispute: Dispute) -> Values:
    """Give the columns of a dispute; no customer is stored as two empty texts."""
    return {
        "id": dispute.id,
        "sort": dispute.sort,
        "account": dispute.account,
        "vendor": dispute.customer.vendor if dispute.customer else "",
        "customer_id": dispute.customer.customer_id if dispute.customer else "",
        "evidence": dispute.evidence,
        "sentence": dispute.sentence,
        "opened_at": instant_text(dispute.opened_at),
    }


def dispute_of(row: Row) -> Dispute:
    """Read a dispute."""
    return Dispute(
        id=row["id"],
        sort=DisputeSort(row["sort"]),
        account=row["account"],
        customer=key_of(row) if row["vendor"] else None,
        evidence=row["evidence"],
        sentence=row["sentence"],
        opened_at=instant_of(row["opened_at"]),
    )


def standing_values(standing: Standing) -> Values:
    """Give the columns of a standing: its figures and its time."""
    spent = standing.spent
    return {
        "account": standing.account,
        **key_values(standing.key),
        "indirect_partner_id": standing.customer.indirect_partner_id,
        "as_of": instant_text(standing.as_of),
        **money_values("granted", standing.granted_money),
        "granted_absence": standing.granted.value if isinstance(standing.granted, Absence) else None,
        "kind": standing.kind,
        **money_values("spent_low", spent.low if spent else None),
        **money_values("spent_high", spent.high if spent else None),
        "spent_since": time_text(spent.since) if spent else None,
        **money_values("available", standing.available),
        "restriction": standing.restriction,
        "on_exhaustion": standing.on_exhaustion,
        "currency": standing.currency,
        "lag_microseconds": standing.lag // _MICROSECOND,
        "name": standing.name,
        "associated_at": time_text(standing.associated_at),
    }


def standing_of(row: Row) -> Standing:
    """Read a standing."""
    low, high = money_of("spent_low", row), money_of("spent_high", row)
    granted = money_of("granted", row)
    return Standing(
        customer=Customer(key_of(row), row["indirect_partner_id"]),
        account=row["account"],
        as_of=instant_of(row["as_of"]),
        granted=Absence(row["granted_absence"]) if granted is None else granted,
        kind=kind_of(row["kind"]),
        spent=None if low is None or high is None else Spend(low=low, high=high, since=time_of(row["spent_since"])),
        available=money_of("available", row),
        restriction=_restriction(row["restriction"]),
        on_exhaustion=_action(row["on_exhaustion"]),
        currency=row["currency"],
        lag=row["lag_microseconds"] * _MICROSECOND,
        name=row["name"],
        associated_at=time_of(row["associated_at"]),
    )


def _position_values(name: str, position: Position) -> Values:
    return {
        **money_values(f"{name}_granted", position.granted),
        f"{name}_kind": position.kind,
        f"{name}_on_exhaustion": position.on_exhaustion,
        f"{name}_restriction": position.restriction,
    }


def _position_of(name: str, row: Row) -> Position:
    return Position(
        granted=money_of(f"{name}_granted", row),
        kind=kind_of(row[f"{name}_kind"]),
        on_exhaustion=_action(row[f"{name}_on_exhaustion"]),
        restriction=_restriction(row[f"{name}_restriction"]),
    )


def _action(word: str | None) -> OnExhaustion | None:
    return None if word is None else OnExhaustion(word)


def _restriction(word: str | None) -> Restriction | None:
    return None if word is None else Restriction(word)
