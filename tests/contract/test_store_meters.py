"""What is promised of meters: an observation is metered once, a month is closed once, a day shows its last figures."""

import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from adapters.store import open_store
from core.errors import StoreFailedError
from core.limit import CustomerKey, Kind
from core.meter import Anchor, Count, Day, Meter
from core.money import Money
from core.ports import Metered
from tests.contract.store_rig import (
    ACCOUNT,
    MINUTE,
    START,
    STORES,
    AnyStore,
    StandingClock,
    day_of,
    key_of,
    meter_of,
    metered_of,
    opened,
    period_of,
    url_in,
)

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
WRITERS, TURNS = 4, 10
MANY = 10_000


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AnyStore]:
    """Give a new store."""
    with opened(request.param, tmp_path) as new:
        yield new


def test_an_observation_is_metered_once(store: AnyStore) -> None:
    """Whoever comes second with the same observation changes nothing."""
    assert store.keep_meters([metered_of(spent=5)]) == 1
    assert store.keep_meters([metered_of(spent=6)]) == 0
    assert store.keep_meters([metered_of(before=0, minutes=10, spent=7)]) == 1
    assert store.keep_meters([metered_of(before=0, minutes=11, spent=8)]) == 0
    assert store.meters(ACCOUNT) == {key_of(): meter_of(spent=7, minutes=10)}


def test_what_does_not_follow_leaves_the_others_alone(store: AnyStore) -> None:
    """Of many customers those that moved meanwhile are left out, and the others are kept."""
    store.keep_meters([metered_of("100"), metered_of("200")])
    store.keep_meters([metered_of("200", before=0, minutes=1, spent=1)])
    later = [metered_of(customer, before=0, minutes=2, spent=2) for customer in ("100", "200", "300")]
    assert store.keep_meters([*later, metered_of("400", spent=4)]) == 2
    assert store.meters(ACCOUNT) == {
        key_of("100"): meter_of("100", spent=2, minutes=2),
        key_of("200"): meter_of("200", spent=1, minutes=1),
        key_of("400"): meter_of("400", spent=4),
    }


def test_what_is_not_kept_leaves_no_day_and_closes_no_month(store: AnyStore) -> None:
    """Figures of an observation that was not metered are not written down anywhere."""
    store.keep_meters([metered_of(spent=1)])
    second = replace(metered_of(spent=9, day=23), closed=(period_of(),))
    assert store.keep_meters([second]) == 0
    assert store.periods() == []
    assert store.days(since=FIRST, until=LAST) == [day_of(spent=1)]


def test_one_call_may_meter_a_customer_several_times(store: AnyStore) -> None:
    """Observations that follow each other are metered in their order, and one that does not is left out."""
    turns = [
        metered_of(spent=1),
        metered_of(before=0, minutes=1, spent=2),
        metered_of(before=0, minutes=2, spent=3),
        metered_of(before=1, minutes=3, spent=4, day=23),
    ]
    assert store.keep_meters(turns) == 3
    assert store.meters(ACCOUNT) == {key_of(): meter_of(spent=4, minutes=3)}
    assert store.days(since=FIRST, until=LAST) == [day_of(spent=2), day_of(spent=4, day=23)]


def test_nothing_is_kept_of_no_meters(store: AnyStore) -> None:
    """A run that metered nobody keeps nothing."""
    assert store.keep_meters([]) == 0
    assert store.meters(ACCOUNT) == {}


def test_a_meter_moves_with_its_customer(store: AnyStore) -> None:
    """A customer that changed its account goes on with the meter it had."""
    store.keep_meters([metered_of(account="other"), metered_of("200", account="other")])
    assert store.keep_meters([metered_of(before=0, minutes=1)]) == 1
    assert store.meters(ACCOUNT) == {key_of(): meter_of(minutes=1)}
    assert set(store.meters("other")) == {key_of("200")}


def test_the_same_moment_in_another_zone_is_the_same(store: AnyStore) -> None:
    """What a meter follows is a moment, however it is written."""
    store.keep_meters([metered_of()])
    elsewhere = START.astimezone(timezone(timedelta(hours=8)))
    assert store.keep_meters([replace(metered_of(minutes=1), before=elsewhere)]) == 1


def test_a_month_is_closed_once(store: AnyStore) -> None:
    """A month that is closed stays as it was closed, even for the one who is next to meter."""
    twice = (period_of(spent=1), period_of(spent=2))
    store.keep_meters([replace(metered_of(), closed=twice)])
    assert store.periods() == [period_of(spent=1)]
    again = (period_of(spent=3), period_of(month="2026-11", spent=4))
    assert store.keep_meters([replace(metered_of(before=0, minutes=1), closed=again)]) == 1
    assert store.periods() == [period_of(spent=1), period_of(month="2026-11", spent=4)]


def test_closed_months_are_given_by_account_month_and_customer(store: AnyStore) -> None:
    """Oldest first and by customer, all or those that were asked for."""
    for customer, account in (("200", ACCOUNT), ("100", ACCOUNT), ("300", "other")):
        months = [period_of(customer, month=month, account=account) for month in ("2026-10", "2026-09")]
        store.keep_meters([replace(metered_of(customer, account=account), closed=tuple(months))])
    found = [(period.month, period.key.customer_id) for period in store.periods()]
    assert found == [(month, name) for month in ("2026-09", "2026-10") for name in ("100", "200", "300")]
    assert store.periods(account="other", month="2026-10") == [period_of("300", account="other")]
    assert store.periods(key=key_of("100"), month="2026-09") == [period_of("100", month="2026-09")]
    assert store.periods(month="2026-12") == []


def test_a_closed_month_comes_back_whole(store: AnyStore) -> None:
    """What was unknown of a month stays unknown for ever."""
    bare = replace(period_of("200"), high=None, kind=None, amount=None, granted=None)
    full = replace(period_of("100"), granted=Money(7), low=Money(-3))
    store.keep_meters([replace(metered_of("100"), closed=(full,)), replace(metered_of("200"), closed=(bare,))])
    assert store.periods() == [full, bare]


def test_a_day_shows_its_last_figures(store: AnyStore) -> None:
    """Each metered observation replaces its day's figures and no other's."""
    store.keep_meters([metered_of(spent=1)])
    store.keep_meters([metered_of(before=0, minutes=1, spent=2)])
    unknown = replace(day_of(day=23), low=None, high=None, granted=None, amount=Money(5))
    store.keep_meters([replace(metered_of(before=1, minutes=2), day=unknown)])
    assert store.days(since=FIRST, until=LAST) == [day_of(spent=2), unknown]


def test_days_are_given_by_account_and_customer(store: AnyStore) -> None:
    """Both ends are among them, oldest first and by customer."""
    for before, day in ((None, 1), (1, 2), (2, 3), (3, 4)):
        turns = [
            metered_of(customer, before=before, minutes=day, day=day, account=account)
            for customer, account in (("200", ACCOUNT), ("100", ACCOUNT), ("300", "other"))
        ]
        assert store.keep_meters(turns) == 3
    two, three = date(2026, 11, 2), date(2026, 11, 3)
    found = [(day.day, day.key.customer_id) for day in store.days(account=ACCOUNT, since=two, until=three)]
    assert found == [(day, name) for day in (two, three) for name in ("100", "200")]
    assert store.days(key=key_of("300"), since=three, until=three) == [day_of("300", day=3, account="other")]
    assert store.days(account="other", key=key_of("100"), since=FIRST, until=LAST) == []
    assert store.days(since=three, until=two) == []


def test_customers_of_different_days_are_kept_in_one_call(store: AnyStore) -> None:
    """Some may have their next day while others are still in the one before."""
    store.keep_meters([metered_of("100", day=3), metered_of("200", day=4)])
    later = [metered_of("100", before=0, minutes=1, spent=1, day=4), metered_of("200", before=0, minutes=1, day=4)]
    assert store.keep_meters(later) == 2
    found = [(day.day.day, day.key.customer_id) for day in store.days(since=FIRST, until=LAST)]
    assert found == [(3, "100"), (4, "100"), (4, "200")]


moneys = st.builds(Money, st.integers(-(10**17), 10**17), st.sampled_from(["USD", "EUR"]))
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - as hypothesis wants them
texts = st.text(max_size=5)
counts = st.builds(Count, period=texts, since=moments, low=moneys, high=moneys, before=moneys)
anchors = st.lists(st.builds(Anchor, at=moments, low=moneys, high=moneys), max_size=2).map(tuple)
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    CustomerKey: st.just(key_of()),
    str: texts,
    bool: st.booleans(),
    datetime: moments,
    Money: moneys,
    Count: counts,
    Kind: st.sampled_from(Kind),
    tuple[Anchor, ...]: anchors,
}
BY_TYPE = PLAIN | {of | None: st.none() | values for of, values in PLAIN.items()}
ANY_METER = st.fixed_dictionaries({field.name: BY_TYPE[get_type_hints(Meter)[field.name]] for field in fields(Meter)})


@given(ANY_METER.map(lambda values: Meter(**values)))
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_meter_comes_back_whole(store: AnyStore, meter: Meter) -> None:
    """Whatever a meter holds is given back to the last cent and microsecond."""
    known = store.meters(meter.account).get(meter.key)
    before = None if known is None else known.metered_at
    wrong = START if before is None else before + MINUTE
    day = Day(key=meter.key, account="", day=FIRST, month="", low=None, high=None, granted=None, amount=None)
    assert store.keep_meters([Metered(before=wrong, after=meter, day=day)]) == 0
    kept = store.keep_meters([Metered(before=before, after=meter, day=day)])
    if kept:  # else the customer's meter is another account's
        assert store.meters(meter.account)[meter.key] == meter


@pytest.mark.parametrize("sort", STORES)
def test_threads_that_race_for_an_observation_meter_it_once(tmp_path: Path, sort: str) -> None:
    """Of many who metered the same observation at once exactly one is kept, each time."""
    with opened(sort, tmp_path) as store:
        barrier = threading.Barrier(WRITERS)

        def race(number: int) -> int:
            kept = 0
            for turn in range(TURNS):
                barrier.wait(10)
                before = turn - 1 if turn else None
                kept += store.keep_meters([metered_of(before=before, minutes=turn, spent=number, day=1 + turn)])
            return kept

        with ThreadPoolExecutor(WRITERS) as pool:
            assert sum(pool.map(race, range(WRITERS))) == TURNS
        last = store.meters(ACCOUNT)[key_of()]
        assert last.metered_at == START + (TURNS - 1) * MINUTE
        days = store.days(since=FIRST, until=LAST)
        assert len(days) == TURNS
        assert days[-1].low == last.used


def test_all_is_kept_or_nothing(tmp_path: Path) -> None:
    """Where one of many cannot be stored, none is, nor its day."""
    timeless = replace(period_of("200"), until=START.replace(tzinfo=None))
    with opened("sqlite", tmp_path) as store:
        given = [metered_of("100"), replace(metered_of("200"), closed=(timeless,))]
        with pytest.raises(ValueError, match="zone"):
            store.keep_meters(given)
        assert store.meters(ACCOUNT) == {}
        assert store.days(since=FIRST, until=LAST) == []


SPOILT = {
    "UPDATE meters SET document = 'no JSON'": "Expecting value",
    "UPDATE meters SET document = '[]'": "stands where a dict belongs",
    "UPDATE meters SET document = '{}'": "missing 4 required keyword-only arguments",
    "UPDATE meters SET document = json_set(document, '$.used', 12)": "12 is no amount",
    "UPDATE meters SET document = json_set(document, '$.used', json('[1, 2]'))": "is no amount",
    "UPDATE meters SET document = json_set(document, '$.first_at', 'soon')": "soon",
    "UPDATE meters SET document = json_set(document, '$.total', null)": "None stands where a dict belongs",
    "UPDATE meters SET document = json_set(document, '$.days', 'x')": "stands where a list belongs",
    "UPDATE meters SET document = json_remove(document, '$.total.since')": "missing 1 required keyword-only",
    "UPDATE meters SET metered_at = 'soon'": "soon",
}


@pytest.mark.parametrize("statement", sorted(SPOILT))
def test_a_meter_that_somebody_spoilt_is_told(tmp_path: Path, statement: str) -> None:
    """A row changed by hand fails in a sentence and is never taken for a meter."""
    with opened("sqlite", tmp_path) as store:
        store.keep_meters([metered_of()])
        with closing(sqlite3.connect(tmp_path / "tidegate.db")) as hand:
            hand.executescript(statement)
        with pytest.raises(StoreFailedError, match="could not read the meters: a stored row cannot be read") as caught:
            store.meters(ACCOUNT)
        assert SPOILT[statement] in str(caught.value)


def test_a_person_can_read_a_meter(tmp_path: Path) -> None:
    """With any database client, what is metered is found by customer and by field."""
    with opened("sqlite", tmp_path) as store:
        store.keep_meters([replace(metered_of(spent=1234), closed=(period_of(spent=5),))])
    with closing(sqlite3.connect(tmp_path / "tidegate.db")) as hand:
        found = hand.execute("SELECT account, metered_at, document ->> '$.total.low' FROM meters").fetchall()
        assert found == [(ACCOUNT, "2026-11-22T08:30:00.123456Z", '[1234,"USD"]')]
        assert hand.execute("SELECT day, low_cents FROM days").fetchall() == [("2026-11-22", 1234)]
        assert hand.execute("SELECT month, high_cents, kind FROM months").fetchall() == [("2026-10", 6, "monthly")]


def many(before: float | None, minutes: float, day: int = 22) -> list[Metered]:
    """Meter ten thousand customers."""
    anchors = tuple(Anchor(at=START, low=Money(1), high=Money(2)) for _ in range(2))
    found = []
    for number in range(MANY):
        metered = metered_of(str(number), before=before, minutes=minutes, spent=number, day=day)
        found.append(replace(metered, after=replace(metered.after, days=anchors, weeks=anchors)))
    return found


def test_ten_thousand_meters_are_kept_in_a_moment(tmp_path: Path) -> None:
    """A run over ten thousand customers is metered within seconds, and read before it."""
    with opened("sqlite", tmp_path) as store:
        store.keep_meters(many(None, 0))
        again = many(0, 10)
        begun = time.process_time()
        assert store.keep_meters(again) == MANY
        assert time.process_time() - begun < 4  # takes 0.9 s on an idle core
        begun = time.process_time()
        assert len(store.meters(ACCOUNT)) == MANY
        assert time.process_time() - begun < 4  # takes 0.9 s on an idle core


def test_a_long_history_slows_no_run_down(tmp_path: Path) -> None:
    """Whoever keeps days and months looks at those alone, and not at all that lie before."""
    said: list[tuple[str, Any]] = []
    with open_store(url_in(tmp_path), clock=StandingClock()) as store:
        event.listen(store._database.engine, "before_cursor_execute", lambda *all_of_it: said.append(all_of_it[2:4]))
        given = [replace(metered_of(customer), closed=(period_of(customer),)) for customer in ("100", "200")]
        store.keep_meters(given)
        store.keep_meters([replace(metered_of("300"), closed=(period_of("300"),))])
    with closing(sqlite3.connect(tmp_path / "tidegate.db")) as hand:
        asked = [(statement, values) for statement, values in said if re.search("FROM (days|months)", statement)]
        plans = [str(hand.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()) for statement, values in asked]
    assert len(plans) == 4
    assert [plan for plan in plans if "SEARCH" not in plan or "SCAN" in plan] == []
