"""The first page: whether somebody is needed, how every account stands, and what happened lately.

Called by scheduler.web.app; gives the values of `overview.jinja`.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from core.books import Dispute
from core.limit import CustomerKey
from core.pause import Pause
from scheduler.reports.board import Board, StandingAlert
from scheduler.reports.charts import Column, counting_chart
from scheduler.reports.history_table import HistoryLine
from scheduler.reports.wording import clean, figures_grouped, sentence
from scheduler.web.accounts import account_cells, trouble
from scheduler.web.choosing import needs_somebody
from scheduler.web.happenings import happening
from scheduler.web.needs import headline, is_well, needs
from scheduler.web.places import Places
from scheduler.web.saying import intent_said, paused, resume, settle
from scheduler.web.times import Times

Cells = dict[str, object]
MOST_ALERTS = 50
MOST_OPEN = 50
MOST_PAUSES = 50
MOST_CHANGES = 25
_SEVERITIES = {"critical": "cut", "warning": "attention", "info": "soft"}
_BRACKETS = (
    ("<50 %", Decimal(50), "fill"),
    ("50-75 %", Decimal(75), "fill"),
    ("75-90 %", Decimal(90), "fill"),
    ("90-100 %", Decimal(100), "near"),
)


def overview_cells(board: Board, times: Times) -> Cells:
    """Give what the page shows; `times` are those of the whole page."""
    found = needs(board, times)
    places = Places(board, times)
    began = board.started_at
    accounts = sorted(
        board.accounts, key=lambda account: (trouble(account, places.times(account.name), began), account.name)
    )
    return {
        "headline": headline(board, found),
        "well": is_well(board, found),
        "needs": found,
        "tiles": _tiles(board, times.now),
        "chart": _chart(board),
        "alerts": [_alert(alert, places) for alert in board.alerts[:MOST_ALERTS]],
        "more_alerts": max(len(board.alerts) - MOST_ALERTS, 0),
        "accounts": [account_cells(account, places.times(account.name), began) for account in accounts],
        "open": list(_open(board, places))[:MOST_OPEN],
        "more_open": max(len(board.disputes) + len(board.open_intents) - MOST_OPEN, 0),
        "pauses": [_pause(pause, places) for pause in board.pauses[:MOST_PAUSES]],
        "more_pauses": max(len(board.pauses) - MOST_PAUSES, 0),
        "changes": [_change(line, places) for line in board.changes[:MOST_CHANGES]],
    }


def _tiles(board: Board, now: datetime) -> list[tuple[str, str]]:
    lines = [line for account in board.accounts for line in account.customers]
    somebody = sum(needs_somebody(line, now) for line in lines)
    told = sum(1 for line in lines if line.attention)
    in_sync = [account.in_sync for account in board.accounts if account.in_sync is not None]
    return [
        ("Customers", f"{len(lines):,}"),
        ("In sync", f"{sum(in_sync):,}" if in_sync else "unknown"),
        ("Need somebody", f"{somebody:,}"),
        ("Worth knowing", f"{told - somebody:,}"),
    ]


def _chart(board: Board) -> str:
    found = [0] * (len(_BRACKETS) + 2)
    for account in board.accounts:
        for line in account.customers:
            if line.share is None:
                found[-1] += 1
                continue
            low = line.share.low
            found[next((place for place, (_, end, _) in enumerate(_BRACKETS) if low < end), len(_BRACKETS))] += 1
    names = [*((name, tone) for name, _, tone in _BRACKETS), ("≥100 %", "over"), ("unknown", "track")]
    columns = [Column(name=name, count=count, tone=tone) for (name, tone), count in zip(names, found, strict=True)]
    return counting_chart(columns, title="Customers by how much of their limit is spent")


def _change(line: HistoryLine, places: Places) -> Cells:
    vendor, slash, customer_id = line.whom.partition("/")
    account = places.whose(line.whom)
    link = places.link(CustomerKey(vendor, customer_id) if slash else None, account)
    return happening(line, places.times(account)) | {"link": link}


def _alert(alert: StandingAlert, places: Places) -> Cells:
    return {
        "severity": clean(alert.severity),
        "tone": _SEVERITIES.get(alert.severity, "soft"),
        "sentence": figures_grouped(sentence(alert.sentence)),
        "account": clean(alert.account or ""),
        "customer": clean(alert.customer_id or ""),
        "when": places.times(alert.account).when(alert.since),
    }


def _open(board: Board, places: Places) -> Iterator[Cells]:
    for dispute in board.disputes:
        yield _dispute(dispute, places)
    for intent in sorted(board.open_intents, key=lambda intent: intent.recorded_at):
        times = places.times(intent.account)
        said, remedy = intent_said(intent, times)
        yield {
            "id": clean(intent.id),
            "account": clean(intent.account),
            "whom": clean(intent.key.customer_id),
            "link": places.link(intent.key, intent.account),
            "when": times.when(intent.sent_at or intent.recorded_at),
            "said": figures_grouped(said),
            "remedy": remedy,
        }


def _dispute(dispute: Dispute, places: Places) -> Cells:
    key = dispute.customer
    return {
        "id": clean(dispute.id),
        "account": clean(dispute.account),
        "whom": clean(key.customer_id) if key is not None else "the whole account",
        "link": places.link(key, dispute.account),
        "when": places.times(dispute.account).when(dispute.opened_at),
        "said": figures_grouped(sentence(dispute.sentence)),
        "remedy": settle(dispute.id, choose=False),
    }


def _pause(pause: Pause, places: Places) -> Cells:
    times = places.times(pause.account)
    parts = [
        f"customer {pause.customer_id}" if pause.customer_id else "",
        f"account {pause.account}" if pause.account else "",
    ]
    return {
        "whom": clean(", ".join(part for part in parts if part)) or "everything",
        "said": paused(pause, times),
        "when": times.when(pause.since),
        "until": times.when(pause.until),
        "who": clean(pause.who),
        "why": sentence(pause.why),
        "remedy": resume(pause),
    }
