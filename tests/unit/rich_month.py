"""A month with everything in it, for the tests of the report's page: two accounts, many sorts of customers."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from core.books import Book, Cause
from core.exposure import Outlook
from core.intent import Action, Intent, Position
from core.limit import Customer, CustomerKey, Kind, Limit, OnExhaustion, Source
from core.meter import Anchor, Count, Day, Meter
from core.money import Money
from core.standing import Restriction, Spend, Standing
from scheduler.reports.month import (
    Accepted,
    AccountFacts,
    Change,
    Held,
    Look,
    MonthReport,
    Outside,
    Whose,
)
from scheduler.reports.reckoning import account_month
from tests.unit.month_facts import FOLLOWED, HEAD, NOVEMBER, NOW, intent

FIRST = date(2026, 11, 1)
_DAYS = 22
_DRIFT = "changed outside Tidegate by alice: 900.00 to 9000.00"
_NAMES = ("Acme Trading Ltd", "Bluefin Logistics GmbH", "Cedar & Sons", "Delta Robotics", "Ember Games", "富士通商")


def rich_report(customers: int = 24, seed: int = 7) -> MonthReport:
    """Give a report of two accounts; the same for the same arguments."""
    chance = random.Random(seed)  # noqa: S311 - data for a picture
    accounts = (
        account_month(account("huawei-main", "huawei", customers, chance)),
        account_month(account("tencent-main", "tencent", customers // 2, chance)),
    )
    return MonthReport(month="2026-11", as_of=None, head=HEAD, accounts=accounts)


def account(name: str, vendor: str, customers: int, chance: random.Random) -> AccountFacts:
    """Give one account's facts: its customers spend at rates of their own, and some things happened to some."""
    keys = [CustomerKey(vendor, f"{vendor[:2]}{number:08d}e7f1a2") for number in range(1, customers + 1)]
    limits = {key: _limit(name, key, number, chance) for number, key in enumerate(keys)}
    rates = {key: limits[key].amount.cents * chance.choice((5, 15, 25, 30, 33, 40, 48)) // 1000 for key in keys}
    days = [_day(name, key, number, rates[key], limits[key]) for key in keys for number in range(_DAYS)]
    spent = {key: _day(name, key, _DAYS - 1, rates[key], limits[key]) for key in keys}
    return AccountFacts(
        name=name,
        vendor=vendor,
        zone="Asia/Shanghai",
        month="2026-11",
        day=FIRST + timedelta(days=_DAYS - 1),
        now=NOW,
        as_of=False,
        capabilities=replace(FOLLOWED, deletes_after=timedelta(days=15)),
        limits={key: limit for place, (key, limit) in enumerate(limits.items()) if place % 11 != 10},
        days=[day for day in days if day.day.day not in (5, 6)],
        meters={key: _meter(name, key, spent[key], rates[key]) for key in keys},
        standings={key: _standing(name, key, spent[key], place) for place, key in enumerate(keys)},
        books={keys[2]: _frozen(name, keys[2])},
        intents=_intents(name, keys, limits),
        outside=(Outside(key=keys[3], at=NOW - timedelta(days=3), sentence=_DRIFT),),
        accepted=[_accepted(key, limits[key], number) for number, key in enumerate(keys)] + _raised(keys, limits),
        said=(_word(keys[1]),),
        look=_look(keys),
    )


def _word(key: CustomerKey) -> Change:
    at = NOW - timedelta(days=8)
    return Change(at=at, whose=Whose.PERSON, key=key, what="paused", who="ann", why="disputed bill")


def _look(keys: Sequence[CustomerKey]) -> Look:
    ahead = NOVEMBER + timedelta(days=30)
    fit = "it does not fit into the credit that can still be given out"
    return Look(
        at=NOW - timedelta(minutes=5),
        quota=Money(1_250_000),
        outlook=Outlook(granted=Money(9_500_000), open=Money(3_450_000), rollover=Money(2_000_000), rollover_at=ahead),
        holds=(
            Held(key=keys[1], reason="paused", sentence="somebody paused it"),
            Held(key=keys[4], reason="quota", sentence=fit),
            Held(key=keys[5], reason="stale_read", sentence="the vendor's figure is not to be trusted yet"),
        ),
    )


def _limit(name: str, key: CustomerKey, number: int, chance: random.Random) -> Limit:
    return Limit(
        account=name,
        customer=Customer(key),
        kind=Kind.ONE_TIME if number % 9 == 8 else Kind.MONTHLY,
        amount=Money(chance.choice((50_000, 120_000, 250_000, 1_000_000))),
        on_exhaustion=OnExhaustion.FREEZE if number % 2 else OnExhaustion.RESTRICT,
        name=_NAMES[number % len(_NAMES)],
        changed_by="maria" if number % 4 == 0 else None,
        reason="contract 2026/114, raised for the launch" if number % 4 == 0 else None,
        source=Source("limits.csv", number + 2),
    )


def _day(name: str, key: CustomerKey, number: int, rate: int, limit: Limit) -> Day:
    low = rate * (number + 1)
    first = int(key.customer_id[2:10]) % 4 == 1
    return Day(
        key=key,
        account=name,
        day=FIRST + timedelta(days=number),
        month="2026-11",
        low=Money(low),
        high=Money(low + (rate if number > 12 else 0)),
        granted=limit.amount,
        amount=Money(limit.amount.cents // 2) if first and number < 12 else limit.amount,
    )


def _meter(name: str, key: CustomerKey, day: Day, rate: int) -> Meter:
    assert day.low is not None
    assert day.high is not None
    before = Anchor(at=NOW - timedelta(days=1), low=day.low - Money(rate), high=day.low - Money(rate))
    return Meter(
        key=key,
        account=name,
        first_at=NOVEMBER,
        metered_at=NOW,
        used=day.low,
        total=Count(period="", since=NOVEMBER, low=day.low, high=day.high),
        month=Count(period="2026-11", since=NOVEMBER, low=day.low, high=day.high),
        days=(before, before),
        weeks=(before, before),
    )


def _standing(name: str, key: CustomerKey, day: Day, place: int) -> Standing:
    assert day.low is not None
    return Standing(
        customer=Customer(key),
        account=name,
        as_of=NOW,
        granted=Money(0) if day.granted is None else day.granted,
        kind=Kind.MONTHLY,
        spent=Spend.exactly(day.low),
        available=Money(0),
        restriction=Restriction.RESTRICTED if place == 2 else Restriction.NONE,
        name=_NAMES[place % len(_NAMES)],
    )


def _frozen(name: str, key: CustomerKey) -> Book:
    return Book(
        key=key,
        account=name,
        opened=Money(0),
        granted=Money(0),
        kind=Kind.MONTHLY,
        as_of=NOW,
        ours=Money(0),
        others=Money(0),
        restriction=Restriction.FROZEN,
        cause=Cause.OURS,
        restricted_since=NOW - timedelta(days=2),
    )


def _accepted(key: CustomerKey, limit: Limit, number: int) -> Accepted:
    return Accepted(key=key, at=NOVEMBER + timedelta(hours=2, milliseconds=number), old=None, new=limit)


def _raised(keys: Sequence[CustomerKey], limits: Mapping[CustomerKey, Limit]) -> list[Accepted]:
    """Give the limits that were raised on the 13th, by whom and why."""
    at = datetime(2026, 11, 12, 17, 0, tzinfo=UTC)
    raised = [limits[key] for key in keys[::4]]
    return [
        Accepted(key=limit.key, at=at, old=replace(limit, amount=Money(limit.amount.cents // 2)), new=limit)
        for limit in raised
    ]


def _intents(name: str, keys: Sequence[CustomerKey], limits: Mapping[CustomerKey, Limit]) -> list[Intent]:
    """Give our own changes: the raises of the 13th, a cut, a freeze."""
    at = datetime(2026, 11, 12, 17, 1, tzinfo=UTC)
    made = [
        _intent(name, key, limits[key].amount.cents // 2, limits[key].amount.cents, at + timedelta(seconds=number))
        for number, key in enumerate(keys[::4])
    ]
    frozen = intent(
        None,
        Action.FREEZE,
        id="01Z",
        account=name,
        customer=Customer(keys[2]),
        before=Position(restriction=Restriction.NONE),
        wanted=Position(restriction=Restriction.FROZEN),
        recorded_at=NOW - timedelta(days=2),
        closed_at=NOW - timedelta(days=2),
    )
    return [*made, _intent(name, keys[3], 900_000, 250_000, NOW - timedelta(days=2, hours=5)), frozen]


def _intent(name: str, key: CustomerKey, before: int, after: int, at: datetime) -> Intent:
    return intent(
        after - before,
        id=f"01{key.customer_id}{at:%d}",
        account=name,
        customer=Customer(key),
        who="daemon",
        before=Position(granted=Money(before)),
        wanted=Position(granted=Money(after)),
        recorded_at=at,
        closed_at=at,
    )
