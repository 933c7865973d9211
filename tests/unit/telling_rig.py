"""Conditions for the tests of what is told."""

from datetime import UTC, datetime, timedelta

from core.alerts import Condition, Severity, Sort
from core.limit import CustomerKey

START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL


def condition(sort: Sort, account: str, severity: Severity = WARNING, *, rung: int = 0) -> Condition:
    """Make a condition of an account's one customer; its sentences name its sort and rung."""
    return Condition(
        sort=sort,
        severity=severity,
        sentence=f"{sort.word} {rung}",
        over=f"no {sort.word} {rung}",
        account=account,
        customer=CustomerKey("steps", "100"),
        subject=str(rung or ""),
        rung=rung,
    )
