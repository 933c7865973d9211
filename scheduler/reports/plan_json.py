"""The plan as JSON: written for programs and for `apply --plan`, and read back.

Money is decimal strings, unknown is null, times are ISO 8601 in UTC.
The reader trusts nothing: it recomputes the fingerprint from the corrections it read, and what it did not
understand is an error that names the place.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from core.exposure import Outlook
from core.money import Money
from core.plan import (
    FORMAT_VERSION,
    AccountSummary,
    Correction,
    GuardVerdict,
    Hold,
    Plan,
    PoolUse,
    Row,
    Totals,
    position_document,
)
from scheduler.reports.wording import clean, sentence, shown_name

Document = dict[str, object]


def plan_document(plan: Plan, *, show_names: bool) -> Document:
    """Give the plan as plain values, keys in the documented order."""
    return {
        "format_version": FORMAT_VERSION,
        "run": plan.run,
        "made_at": _time(plan.made_at),
        "accounts": [_account(account) for account in plan.accounts],
        "corrections": [_correction(correction, show_names=show_names) for correction in plan.corrections],
        "holds": [_hold(hold, show_names=show_names) for hold in plan.holds],
        "guards": [_guard(verdict) for verdict in plan.guards],
        "totals": _totals(plan.totals),
        "complete": plan.complete,
        "narrowed": plan.narrowed,
        "fingerprint": plan.fingerprint,
    }


def plan_json(plan: Plan, *, show_names: bool) -> str:
    """Write the plan's document as text, without a final newline."""
    return json.dumps(plan_document(plan, show_names=show_names), indent=2, ensure_ascii=False)


def _money(amount: Money | None) -> str | None:
    return None if amount is None else str(amount)


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _row(row: Row, *, reason: str, show_names: bool) -> Document:
    spend = row.spent
    return {
        "order": row.order,
        "account": row.account,
        "vendor": row.key.vendor,
        "customer_id": row.key.customer_id,
        "indirect_partner_id": row.customer.indirect_partner_id,
        "name": shown_name(row.name, show_names=show_names) or None,
        "action": row.action,
        "before": position_document(row.before),
        "after": position_document(row.after),
        "change": _money(row.change),
        "wanted": _money(row.wanted),
        "spent": None
        if spend is None
        else {"low": _money(spend.low), "high": _money(spend.high), "since": _time(spend.since)},
        "available": _money(row.available),
        "currency": row.currency,
        "as_of": _time(row.as_of),
        "reason": reason,
        "detail": sentence(row.detail),
        "effects": [sentence(effect) for effect in row.effects],
        "blocked_by": list(row.blocked_by),
        "exhausted": None
        if row.exhausted is None
        else {"earliest": _time(row.exhausted.earliest), "latest": _time(row.exhausted.latest)},
        "data_deleted_after": _time(row.data_deleted_after),
    }


def _correction(correction: Correction, *, show_names: bool) -> Document:
    return {
        **_row(correction, reason=sentence(correction.detail), show_names=show_names),
        "direction": correction.direction.value,
        "exhausts": correction.exhausts,
        "follows": list(correction.follows),
        "restores": correction.restores,
        "urgent": correction.urgent,
        "waits": correction.waits,
        "quota_after": _money(correction.quota_after),
    }


def _hold(hold: Hold, *, show_names: bool) -> Document:
    return {
        **_row(hold, reason=hold.reason.word, show_names=show_names),
        "direction": hold.direction.value,
        "exhausts": hold.exhausts,
        "needs_attention": hold.reason.needs_attention,
    }


def _account(account: AccountSummary) -> Document:
    return {
        "name": account.name,
        "vendor": account.vendor,
        "write_policy": account.write_policy,
        "customers": account.customers,
        "in_sync": account.in_sync,
        "corrections": account.corrections,
        "holds": account.holds,
        "quota": _money(account.quota),
        "unlimited": list(account.unlimited),
        "problem": None if account.problem is None else sentence(account.problem),
        "notes": [sentence(note) for note in account.notes],
        "attention": [sentence(line) for line in account.attention],
        "outlook": None if account.outlook is None else outlook_document(account.outlook),
        "pools": [_pool(pool) for pool in account.pools],
        "skew_seconds": None if account.skew is None else round(account.skew.total_seconds(), 3),
    }


def _pool(pool: PoolUse) -> Document:
    return {
        "kind": pool.quota.kind,
        "indirect_partner_id": pool.quota.indirect_partner_id,
        "amount": _money(pool.quota.amount),
        "granted": _money(pool.granted),
    }


def outlook_document(outlook: Outlook) -> Document:
    """Give what an account is in for as plain values."""
    room = outlook.headroom
    return {
        "granted": _money(outlook.granted),
        "open": _money(outlook.open),
        "rollover": _money(outlook.rollover),
        "rollover_at": _time(outlook.rollover_at),
        "headroom": None
        if room is None
        else {
            "title": clean(room.title),
            "limit": _money(room.limit),
            "used": _money(room.used),
            "left": _money(room.left),
        },
    }


def _guard(verdict: GuardVerdict) -> Document:
    return {
        "guard": verdict.guard,
        "account": verdict.account,
        "customer": None if verdict.customer is None else str(verdict.customer),
        "tripped": verdict.tripped,
        "figures": verdict.figures,
        "limit": verdict.limit,
        "sentence": verdict.sentence,
    }


def _totals(totals: Totals) -> Document:
    return {
        "corrections": totals.corrections,
        "blocked": totals.blocked,
        "holds": totals.holds,
        "in_sync": totals.in_sync,
        "raised": _money(totals.raised),
        "cut": _money(totals.cut),
    }


def stable(value: Mapping[str, object] | Sequence[object]) -> str:
    """Write any document for programs, the way all reports do."""
    return json.dumps(value, indent=2, ensure_ascii=False)
