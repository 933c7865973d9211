"""Meters, closed months and days as rows and back. Called by meters.

A meter is one JSON document beside the columns that are asked by; the other two are columns throughout, for they are
what a person with a database client adds up.
"""

from datetime import date

from adapters.store.forms import document_fields, document_text, fields_form, made
from adapters.store.instants import instant_of, instant_text
from adapters.store.rows import Row, Values, key_of, key_values, kind_of, money_of, money_values
from core.meter import Day, Meter, Period
from core.money import Money

_METER = fields_form(Meter, without=frozenset({"key", "account", "metered_at"}))


def meter_values(meter: Meter) -> Values:
    """Give the columns of a meter."""
    return {
        **key_values(meter.key),
        "account": meter.account,
        "metered_at": instant_text(meter.metered_at),
        "document": document_text(meter, _METER),
    }


def meter_of(row: Row) -> Meter:
    """Read a meter; raises ValueError."""
    columns = {"key": key_of(row), "account": row["account"], "metered_at": instant_of(row["metered_at"])}
    meter: Meter = made(Meter, {**columns, **document_fields(row["document"], _METER)})
    return meter


def period_values(period: Period) -> Values:
    """Give the columns of a closed month."""
    return {
        **key_values(period.key),
        "month": period.month,
        "account": period.account,
        "since": instant_text(period.since),
        "until": instant_text(period.until),
        **money_values("low", period.low),
        **money_values("high", period.high),
        "kind": period.kind,
        **money_values("amount", period.amount),
        **money_values("granted", period.granted),
    }


def period_of(row: Row) -> Period:
    """Read a closed month."""
    return Period(
        key=key_of(row),
        account=row["account"],
        month=row["month"],
        since=instant_of(row["since"]),
        until=instant_of(row["until"]),
        low=Money(row["low_cents"], row["low_currency"]),
        high=money_of("high", row),
        kind=kind_of(row["kind"]),
        amount=money_of("amount", row),
        granted=money_of("granted", row),
    )


def day_values(day: Day) -> Values:
    """Give the columns of a day."""
    return {
        **key_values(day.key),
        "day": day.day.isoformat(),
        "account": day.account,
        "month": day.month,
        **money_values("low", day.low),
        **money_values("high", day.high),
        **money_values("granted", day.granted),
        **money_values("amount", day.amount),
    }


def day_of(row: Row) -> Day:
    """Read a day."""
    return Day(
        key=key_of(row),
        account=row["account"],
        day=date.fromisoformat(row["day"]),
        month=row["month"],
        low=money_of("low", row),
        high=money_of("high", row),
        granted=money_of("granted", row),
        amount=money_of("amount", row),
    )
