"""Why one customer's plan is what it is, for programs: the facts, and below each heading the sentences of the table.

Money is decimal strings, unknown is null, times are ISO 8601 in UTC. Used by `tidegate explain --format json`.
"""

from datetime import datetime

from core.explained import Explained
from core.forecast import Forecast
from core.intent import Intent
from core.limit import Limit
from core.money import Money
from core.plan import Correction, Hold, position_document
from core.standing import Spend
from core.target import Target
from scheduler.reports.explanation import sections
from scheduler.reports.explanation_changes import last_changes
from scheduler.reports.explanation_standing import per_day
from scheduler.reports.history_table import history_document
from scheduler.reports.outcome_table import intent_end
from scheduler.reports.plan_json import Document
from scheduler.reports.wording import clean, shown_name

FORMAT_VERSION = 1


def explanation_document(explained: Explained, *, show_names: bool) -> Document:
    """Give it as plain values, keys in the documented order."""
    sentences = {section.name: section.lines for section in sections(explained)}
    document: dict[str, Document] = {
        "limit": _limit(explained),
        "standing": _standing(explained),
        "spend": _spend(explained),
        "target": _target(explained),
        "now": _now(explained),
        "guards": _guards(explained),
        "write_policy": _write_policy(explained),
        "quota": _quota(explained),
        "drift": _drift(explained),
        "open": _open(explained),
        "changes": {"lines": history_document(last_changes(explained))},
    }
    return {
        "format_version": FORMAT_VERSION,
        "at": _time(explained.at),
        "account": explained.account,
        "vendor": explained.key.vendor,
        "customer_id": explained.key.customer_id,
        "name": shown_name(explained.name, show_names=show_names) or None,
        "asked": explained.asked,
        "problem": None if explained.problem is None else clean(explained.problem),
        "absent": explained.absent,
        **{name: facts | {"sentences": sentences[name]} for name, facts in document.items()},
    }


def _limit(explained: Explained) -> Document:
    limit, changes = explained.limit, explained.records.limits
    if limit is None:
        return {"limited": False}
    return {
        "limited": True,
        **_written(limit),
        "how": clean(limit.why) or None,
        "accepted": not explained.records.pending and bool(changes),
        "since": _time(changes[-1].at) if changes else None,
        "changed_by": None if limit.changed_by is None else clean(limit.changed_by),
        "reason": None if limit.reason is None else clean(limit.reason),
    }


def _written(limit: Limit) -> Document:
    return {
        "kind": limit.kind,
        "amount": _money(limit.amount),
        "on_exhaustion": limit.on_exhaustion,
        "release": limit.release,
        "file": None if limit.source is None else limit.source.file,
        "line": None if limit.source is None else limit.source.line,
    }


def _standing(explained: Explained) -> Document:
    standing, book = explained.standing, explained.book
    return {
        "granted": None if standing is None else _money(standing.granted_money),
        "kind": None if standing is None else standing.kind,
        "used": None if standing is None else _interval(standing.spent),
        "available": None if standing is None else _money(standing.available),
        "currency": None if standing is None else standing.currency,
        "on_exhaustion": None if standing is None else standing.on_exhaustion,
        "restriction": None if standing is None else standing.restriction,
        "restricted_because": None if book is None else book.cause,
        "restricted_since": None if book is None else _time(book.restricted_since),
        "data_deleted_after": _time(explained.deleted_after),
        "as_of": None if standing is None else _time(standing.as_of),
        "lag_seconds": None if standing is None else int(standing.lag.total_seconds()),
    }


def _spend(explained: Explained) -> Document:
    found = explained.spending
    reading, count = found.reading, found.count
    pace = None if reading is None or reading.rate is None else per_day(reading.rate)
    return {
        "spent": None if reading is None else _interval(reading.spend),
        "metered": None if count is None else _interval(Spend(low=count.low, high=count.high, since=count.since)),
        "unmetered": None if reading is None else _money(reading.unmetered),
        "per_day": None if pace is None else {"low": _money(pace.low), "high": _money(pace.high)},
        "exhausted": _forecast(found.exhausted),
        "months": [
            {
                "month": period.month,
                "low": _money(period.low),
                "high": _money(period.high),
                "limit": _money(period.amount),
            }
            for period in found.periods[-1:]
        ],
        "billed": [
            {"month": bill.month, "amount": _money(bill.amount), "why": clean(bill.why) or None}
            for bill in explained.billed
        ],
    }


def _target(explained: Explained) -> Document:
    target = explained.verdict.target
    if not isinstance(target, Target):
        return {
            "granted": None,
            "on_exhaustion": None,
            "exhausts": None,
            "formula": None,
            "reason": None if target is None else target.reason.word,
        }
    return {
        "granted": _money(target.granted),
        "on_exhaustion": target.on_exhaustion,
        "exhausts": target.exhausts,
        "formula": clean(target.formula),
        "reason": None,
    }


def _now(explained: Explained) -> Document:
    row = explained.verdict.row
    facts: Document = {
        "verdict": _verdict(explained),
        "action": None if row is None else row.action,
        "before": None if row is None else position_document(row.before),
        "after": None if row is None else position_document(row.after),
        "change": None if row is None else _money(row.change),
        "effects": [] if row is None else [clean(effect) for effect in row.effects],
        "blocked_by": [] if row is None else list(row.blocked_by),
        "follows": list(row.follows) if isinstance(row, Correction) else [],
        "reason": row.reason.word if isinstance(row, Hold) else None,
        "detail": clean(row.detail) if isinstance(row, Hold) else None,
    }
    return facts


def _verdict(explained: Explained) -> str:
    row = explained.verdict.row
    if row is not None:
        return "hold" if isinstance(row, Hold) else "correction"
    if explained.limit is None:
        return "unlimited"
    if explained.standing is None:
        return "unknown"
    return "adopted" if explained.verdict.adopted else "in_sync"


def _guards(explained: Explained) -> Document:
    return {
        "guards": [
            {
                "guard": verdict.guard,
                "tripped": verdict.tripped,
                "figures": verdict.figures,
                "limit": verdict.limit,
                "sentence": verdict.sentence,
            }
            for verdict in explained.verdict.guards
        ],
        "approvals": [
            {
                "account": approval.account,
                "customer_id": approval.customer_id,
                "kind": approval.kind,
                "until": _time(approval.until),
                "approved_by": clean(approval.approved_by),
                "reason": clean(approval.reason),
            }
            for approval in explained.verdict.approvals
        ],
    }


def _write_policy(explained: Explained) -> Document:
    written = explained.written
    return {
        "account": explained.policy.write_policy,
        "customer": None if written is None else written.write_policy,
        "protected": explained.key.customer_id in explained.policy.protected,
    }


def _quota(explained: Explained) -> Document:
    room = explained.room
    return {
        "left": _money(room.quota),
        "written": {name: _money(left) for name, left in room.written},
        "headroom": None if room.headroom is None else _money(room.headroom.left),
    }


def _drift(explained: Explained) -> Document:
    book = explained.book
    return {
        "policy": explained.drift_policy,
        "what": None if book is None or book.drift is None else clean(book.drift),
        "noticed_at": None if book is None else _time(book.drift_at),
    }


def _open(explained: Explained) -> Document:
    records = explained.records
    return {
        "intents": [_intent(intent) for intent in records.open_intents],
        "disputes": [
            {"id": dispute.id, "sort": dispute.sort, "sentence": clean(dispute.sentence)}
            for dispute in records.disputes
        ],
        "pauses": [
            {"who": clean(pause.who), "why": clean(pause.why), "since": _time(pause.since), "until": _time(pause.until)}
            for pause in records.pauses
        ],
    }


def _intent(intent: Intent) -> Document:
    return {
        "id": intent.id,
        "action": intent.action,
        "change": _money(intent.change),
        "state": intent.state,
        "stands": intent_end(intent.state),
        "recorded_at": _time(intent.recorded_at),
        "fence_at": _time(intent.fence_at),
        "outcome": clean(intent.outcome),
    }


def _interval(spend: Spend | None) -> Document | None:
    if spend is None:
        return None
    return {"low": _money(spend.low), "high": _money(spend.high), "since": _time(spend.since)}


def _forecast(forecast: Forecast | None) -> Document | None:
    if forecast is None:
        return None
    return {"earliest": _time(forecast.earliest), "latest": _time(forecast.latest)}


def _money(amount: Money | None) -> str | None:
    return None if amount is None else str(amount)


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
