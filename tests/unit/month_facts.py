"""One account's facts of November 2026, for the tests of the month's report."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from core.exposure import Outlook
from core.intent import Action, Intent, Position, State
from core.limit import Customer, CustomerKey, Kind, Limit, OnExhaustion
from core.meter import Anchor, Count, Day, Meter, Period
from core.money import Money
from core.standing import Restriction, Spend, Standing
from scheduler.reports.month import AccountFacts, AccountMonth, Held, Look, MonthReport, MonthRow, Outside
from scheduler.reports.reckoning import account_month
from tests.unit.strategies import STEPS

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KEY = CustomerKey("steps", "c00001")
OTHER = CustomerKey("steps", "c00002")
NOVEMBER = datetime(2026, 10, 31, 16, 0, tzinfo=UTC)  # in Shanghai
HEAD = "a" * 64
# Keeps every kind by following a permanent credit.
FOLLOWED = replace(STEPS, emulated={kind: frozenset(OnExhaustion) for kind in (Kind.MONTHLY, Kind.ONE_TIME)})


def limit(key: CustomerKey = KEY, amount: int = 100_000, kind: Kind = Kind.MONTHLY, **changes: object) -> Limit:
    """Give a limit of 1,000.00 a month."""
    facts: dict[str, object] = {"on_exhaustion": OnExhaustion.FREEZE, "name": "Acme Trading Ltd", **changes}
    return Limit(account="main", customer=Customer(key), kind=kind, amount=Money(amount), **facts)  # type: ignore[arg-type]  # by name


def day(number: int, low: int | None, high: int | None, month: str = "2026-11", **changes: object) -> Day:
    """Give one billing day's figures; the day is the month's own unless one is named."""
    facts: dict[str, object] = {
        "key": KEY,
        "account": "main",
        "day": date(int(month[:4]), int(month[5:]), number),
        "month": month,
        "low": None if low is None else Money(low),
        "high": None if high is None else Money(high),
        "granted": Money(90_000),
        "amount": Money(100_000),
    }
    return Day(**{**facts, **changes})  # type: ignore[arg-type]  # by name


def period(low: int = 60_000, high: int | None = 61_000, **changes: object) -> Period:
    """Give the closed month."""
    facts: dict[str, object] = {
        "key": KEY,
        "account": "main",
        "month": "2026-11",
        "since": NOVEMBER,
        "until": NOVEMBER + timedelta(days=30),
        "low": Money(low),
        "high": None if high is None else Money(high),
        "kind": Kind.MONTHLY,
        "amount": Money(100_000),
        "granted": Money(90_000),
    }
    return Period(**{**facts, **changes})  # type: ignore[arg-type]  # by name


def meter(first_at: datetime = NOVEMBER, since: datetime = NOVEMBER, before: int = 0) -> Meter:
    """Give the running meter: 500.00 to 510.00 this month, 100.00 of it on the last day."""
    anchor = Anchor(at=NOW - timedelta(days=1), low=Money(40_000), high=Money(40_000))
    return Meter(
        key=KEY,
        account="main",
        first_at=first_at,
        metered_at=NOW,
        used=Money(50_000),
        total=Count(period="", since=first_at, low=Money(50_000), high=Money(51_000)),
        month=Count(period="2026-11", since=since, low=Money(50_000), high=Money(51_000), before=Money(before)),
        days=(anchor, anchor),
        weeks=(anchor, anchor),
    )


def standing(**changes: object) -> Standing:
    """Give the newest standing."""
    facts: dict[str, object] = {
        "customer": Customer(KEY),
        "account": "main",
        "as_of": NOW,
        "granted": Money(95_000),
        "kind": Kind.CREDIT_LINE,
        "spent": Spend.exactly(Money(50_000)),
        "available": Money(45_000),
        "restriction": Restriction.NONE,
        "name": "Acme at the vendor",
    }
    return Standing(**{**facts, **changes})  # type: ignore[arg-type]  # by name


def intent(change: int | None, action: Action = Action.SET_AMOUNT, **changes: object) -> Intent:
    """Give a change of ours that was applied."""
    facts: dict[str, object] = {
        "id": "01J",
        "mark": "tg",
        "run": "01R",
        "who": "ann",
        "account": "main",
        "customer": Customer(KEY),
        "action": action,
        "before": Position(granted=Money(1)),
        "wanted": Position(granted=Money(2)),
        "change": None if change is None else Money(change),
        "rows_before": None,
        "inputs_hash": "",
        "epoch": 1,
        "recorded_at": NOW,
        "closed_at": NOW,
        "state": State.SETTLED_APPLIED,
    }
    return Intent(**{**facts, **changes})  # type: ignore[arg-type]  # by name


LOOK = Look(
    at=NOW - timedelta(minutes=5),
    quota=Money(7_000_000),
    outlook=Outlook(granted=Money(95_000), open=Money(45_000)),
    holds=(Held(key=KEY, reason="guard", sentence="a guard is tripped"),),
)
ALICE = Outside(key=KEY, at=NOW, sentence="changed outside Tidegate by alice: 900.00 to 9000.00")


def facts(**changes: object) -> AccountFacts:
    """Give an account with one customer that was seen on two days."""
    made: dict[str, object] = {
        "name": "main",
        "vendor": "steps",
        "zone": "Asia/Shanghai",
        "month": "2026-11",
        "day": date(2026, 11, 22),
        "now": NOW,
        "as_of": False,
        "capabilities": FOLLOWED,
        "limits": {KEY: limit()},
        "days": (day(21, 40_000, 40_000), day(22, 50_000, 51_000)),
        "meters": {KEY: meter()},
        "standings": {KEY: standing()},
        "look": LOOK,
    }
    return AccountFacts(**{**made, **changes})  # type: ignore[arg-type]  # by name


def only_row(**changes: object) -> MonthRow:
    """Give the one customer's row."""
    (row,) = account_month(facts(**changes)).rows
    return row


def report(*accounts: AccountMonth, as_of: date | None = None) -> MonthReport:
    """Put accounts into a report."""
    return MonthReport(month="2026-11", as_of=as_of, head=HEAD, accounts=accounts)
