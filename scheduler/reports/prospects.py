"""What lies ahead, in words: when an amount will be spent, when data is deleted, what an account is in for.

Used by every form of the plan, by `status`, `check` and the month's report, so that they say it alike.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.exposure import Headroom, Outlook
from core.forecast import Forecast
from core.standing import Spend
from scheduler.reports.wording import clean, grouped

# Billing time lies between UTC-12 and UTC+14, on a quarter of an hour.
_FURTHEST_AHEAD = timedelta(hours=14)
_FURTHEST_APART = timedelta(hours=26)
_QUARTER = 15  # minutes


def exhausted(forecast: Forecast | None) -> str:
    """Say when an amount will be spent, by day in UTC; empty where that cannot be foreseen."""
    if forecast is None or forecast.earliest is None:
        return ""
    earliest = _day(forecast.earliest)
    if forecast.latest is None:
        return f"not exhausted before {earliest}"
    latest = _day(forecast.latest)
    return f"exhausted on {earliest}" if earliest == latest else f"exhausted between {earliest} and {latest}"


def data_deleted(after: datetime | None) -> str:
    """Say when the vendor deletes a customer's data; empty where it does not."""
    return "" if after is None else f"the customer's data is deleted after {minute(after)}"


def minute(at: datetime) -> str:
    """Write a time to the minute, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def counted_since(spend: Spend | None, as_of: datetime | None) -> str:
    """Say since when spend was counted, where that is not simply the month's beginning; else empty.

    Where a billing month begins depends on the account's time zone, which no plan carries: a beginning is told by
    lying on a quarter of an hour, at which midnight of a first day is somewhere.
    """
    if spend is None or spend.since is None:
        return ""
    first = _first_of_month(spend.since)
    if first is None or as_of is None:
        return f"spent is counted since {minute(spend.since)}"
    local = as_of + (datetime(first.year, first.month, 1, tzinfo=UTC) - spend.since)
    return "" if (local.year, local.month) == (first.year, first.month) else f"spent is counted since {first}"


def since_in(since: datetime, zone: str) -> str:
    """Write a beginning in billing time: a day where it is the day's own, else to the minute in UTC."""
    local = since.astimezone(ZoneInfo(zone))
    whole = (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)
    return str(local.date()) if whole else minute(since)


def outlook_lines(outlook: Outlook | None) -> list[str]:
    """Say what an account is in for: what customers may still spend, what the next month needs, the partner's room."""
    if outlook is None:
        return []
    lines = [f"{grouped(outlook.granted)} granted, {grouped(outlook.open)} of it still open to spend"]
    if outlook.rollover is not None and outlook.rollover_at is not None:
        begins = minute(outlook.rollover_at)
        lines.append(f"the month that begins at {begins} will need {grouped(outlook.rollover)} of credit")
    room = headroom(outlook.headroom)
    return [*lines, room] if room else lines


def pressing(outlook: Outlook | None) -> list[str]:
    """Give those of the lines that a person should see in every plan: a month to provide for, a partner running dry."""
    if outlook is None:
        return []
    lines = outlook_lines(outlook)
    left = outlook.headroom.left if outlook.headroom is not None else None
    short = left is not None and left < outlook.open
    if outlook.rollover is None and not short:
        return []
    return lines if short else lines[:2]


def headroom(room: Headroom | None) -> str:
    """Say what the partner itself may still owe the vendor; empty where the vendor does not say."""
    if room is None or (room.left is None and room.limit is None):
        return ""
    of = f" of {grouped(room.limit)}" if room.limit is not None else ""
    return f"the account's own {clean(room.title)}: {grouped(room.left)} left{of}"


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _first_of_month(at: datetime) -> date | None:
    """Give the first day of a month that begins at this moment somewhere, None where none does."""
    if at.second or at.microsecond or at.minute % _QUARTER:
        return None
    first = (at + _FURTHEST_AHEAD).astimezone(UTC).replace(day=1, hour=0, minute=0)
    return first.date() if at + _FURTHEST_AHEAD - first <= _FURTHEST_APART else None
