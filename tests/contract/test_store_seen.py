"""What is promised of observations: the newest standing, an earlier one, and few rows."""

import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path

import pytest

from core.limit import Customer
from core.standing import Absence, Standing
from tests.contract.store_rig import ACCOUNT, MINUTE, START, STORES, AnyStore, key_of, opened, standing_of


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AnyStore]:
    """Give a new store."""
    with opened(request.param, tmp_path) as new:
        yield new


def bare(customer: str = "100") -> Standing:
    """Make a standing of which nothing is known."""
    return Standing(customer=Customer(key_of(customer)), account=ACCOUNT, as_of=START)


@pytest.mark.parametrize(
    "standing",
    [standing_of(), bare(), replace(bare(), granted=Absence.NOT_SET), replace(standing_of(), currency="EUR")],
    ids=["known", "unknown", "not set", "another currency"],
)
def test_a_standing_comes_back_whole(store: AnyStore, standing: Standing) -> None:
    """Known figures, unknown ones and those that are not set are told apart for ever."""
    store.keep("run", [standing])
    assert store.latest() == {key_of(): standing}
    assert store.earlier(key_of(), START) == standing


def test_the_latest_is_given_by_account(store: AnyStore) -> None:
    """Each customer's newest standing is given, all or one account's."""
    store.keep("1", [standing_of("100"), standing_of("200", account="other")])
    store.keep("2", [standing_of("100", spent=5, minutes=1)])
    assert store.latest(ACCOUNT) == {key_of("100"): standing_of("100", spent=5, minutes=1)}
    assert set(store.latest()) == {key_of("100"), key_of("200")}


def test_a_customer_belongs_where_it_was_seen_last(store: AnyStore) -> None:
    """A customer that changed its account is no longer among the old one's latest."""
    store.keep("1", [standing_of(account="other")])
    store.keep("2", [standing_of(minutes=1)])
    assert store.latest("other") == {}
    assert store.latest(ACCOUNT) == {key_of(): standing_of(minutes=1)}


def test_an_earlier_standing_is_the_newest_until_then(store: AnyStore) -> None:
    """At or before a time: not after it, and nothing before the first."""
    for minutes in (1, 2, 3):
        store.keep("run", [standing_of(spent=minutes, minutes=minutes)])
    assert store.earlier(key_of(), START) is None
    assert store.earlier(key_of(), START + 2 * MINUTE) == standing_of(spent=2, minutes=2)
    assert store.earlier(key_of(), START + 2.5 * MINUTE) == standing_of(spent=2, minutes=2)
    assert store.earlier(key_of("200"), START + 9 * MINUTE) is None


def test_unchanged_figures_are_known_from_first_to_last(store: AnyStore) -> None:
    """Of equal standings the first and the last time stay, and a time between finds the first."""
    for minutes in (0, 5, 10, 15):
        store.keep("run", [standing_of(minutes=minutes)])
    assert store.latest() == {key_of(): standing_of(minutes=15)}
    assert store.earlier(key_of(), START + 10 * MINUTE) == standing_of()
    assert store.earlier(key_of(), START + 15 * MINUTE) == standing_of(minutes=15)


def test_figures_that_come_back_are_a_new_standing(store: AnyStore) -> None:
    """Equal figures with others between them are not run together."""
    for minutes, spent in ((0, 1), (5, 2), (10, 1), (15, 1), (20, 1)):
        store.keep("run", [standing_of(spent=spent, minutes=minutes)])
    assert store.earlier(key_of(), START + 7 * MINUTE) == standing_of(spent=2, minutes=5)
    assert store.earlier(key_of(), START + 12 * MINUTE) == standing_of(spent=1, minutes=10)


def test_a_late_answer_does_not_become_the_newest(store: AnyStore) -> None:
    """A standing whose read was begun earlier than the newest's is kept in its place in time."""
    store.keep("1", [standing_of(spent=9, minutes=9)])
    store.keep("2", [standing_of(spent=3, minutes=3), standing_of(spent=9, minutes=4)])
    assert store.latest() == {key_of(): standing_of(spent=9, minutes=9)}
    assert store.earlier(key_of(), START + 5 * MINUTE) == standing_of(spent=3, minutes=3)


def test_of_two_at_one_time_the_one_kept_last_counts(store: AnyStore) -> None:
    """A read repeated at the same time replaces the one before, within one call too."""
    store.keep("1", [standing_of(spent=1), standing_of(spent=2)])
    store.keep("2", [standing_of(spent=3)])
    assert store.latest() == {key_of(): standing_of(spent=3)}
    assert store.earlier(key_of(), START) == standing_of(spent=3)


def test_the_same_read_kept_twice_is_kept_once(store: AnyStore) -> None:
    """Keeping a standing again at its own time changes nothing."""
    for _ in range(2):
        store.keep("run", [standing_of(minutes=1)])
    store.keep("run", [standing_of(minutes=2)])
    assert store.earlier(key_of(), START + MINUTE) == standing_of(minutes=1)


def test_times_are_kept_as_moments(store: AnyStore) -> None:
    """A time written in another zone is the same moment."""
    elsewhere = START.astimezone(timezone(timedelta(hours=8)))
    store.keep("run", [replace(standing_of(), as_of=elsewhere)])
    assert store.latest() == {key_of(): standing_of()}
    assert store.earlier(key_of(), elsewhere) == standing_of()


def test_a_time_without_its_zone_is_refused(tmp_path: Path) -> None:
    """A time that nobody could place later is not stored."""
    with opened("sqlite", tmp_path) as store, pytest.raises(ValueError, match="zone"):
        store.keep("run", [replace(standing_of(), as_of=START.replace(tzinfo=None))])


def test_nothing_is_kept_of_nothing(store: AnyStore) -> None:
    """A run that saw nobody keeps nothing."""
    store.keep("run", [])
    assert store.latest() == {}


HOUR = 60  # minutes; the first standing is of 08:30, so a day begins 15.5 hours later


def kept(store: AnyStore, hours: Iterable[int], customer: str = "100") -> list[int]:
    """Give the hours after the start of which the customer has a standing of its own."""
    found = {store.earlier(key_of(customer), START + hour * HOUR * MINUTE) for hour in hours}
    return sorted((each.as_of - START) // (HOUR * MINUTE) for each in found if each is not None)


def test_old_standings_are_thinned_out_to_one_a_day(store: AnyStore) -> None:
    """Of a spending customer 48 hours stay whole, and of every day before only its last standing."""
    for hour in range(121):
        store.keep("run", [standing_of(spent=hour, minutes=hour * HOUR)])
    assert kept(store, range(121)) == [15, 39, 63, *range(72, 121)]
    assert store.earlier(key_of(), START + 14 * HOUR * MINUTE) is None
    assert store.earlier(key_of(), START + 62 * HOUR * MINUTE) == standing_of(spent=39, minutes=39 * HOUR)


def test_a_customers_old_standings_wait_for_its_next_one(store: AnyStore) -> None:
    """After a year without a run all days are thinned out at once, and others' standings are left alone."""
    for hour in range(48):
        store.keep("run", [standing_of(customer, spent=hour, minutes=hour * HOUR) for customer in ("100", "200")])
    later = 365 * 24
    store.keep("run", [standing_of(spent=50, minutes=later * HOUR)])
    assert kept(store, [*range(48), later]) == [15, 39, 47, later]
    assert kept(store, range(48), "200") == list(range(48))


def test_the_newest_standing_stays_however_old(store: AnyStore) -> None:
    """A customer that was not seen for long keeps what was seen last, and what it is seen with is known since then."""
    for hour in (0, 1, 2):
        store.keep("run", [standing_of(spent=1, minutes=hour * HOUR)])
    assert store.latest() == {key_of(): standing_of(spent=1, minutes=2 * HOUR)}
    store.keep("run", [standing_of(spent=1, minutes=240 * HOUR)])
    assert store.latest() == {key_of(): standing_of(spent=1, minutes=240 * HOUR)}
    assert store.earlier(key_of(), START + 100 * HOUR * MINUTE) == standing_of(spent=1)


def test_a_late_answer_from_long_ago_is_thinned_out_too(store: AnyStore) -> None:
    """A standing older than 48 hours stays only as the last of its day, whenever it is kept."""
    store.keep("run", [standing_of(spent=5, minutes=5 * HOUR), standing_of(spent=9, minutes=200 * HOUR)])
    store.keep("run", [standing_of(spent=4, minutes=4 * HOUR), standing_of(spent=6, minutes=6 * HOUR)])
    assert kept(store, range(201)) == [6, 200]


def test_of_two_at_one_old_time_the_one_kept_last_stays(store: AnyStore) -> None:
    """A day's last standing is the one that counted before."""
    store.keep("run", [standing_of(spent=1), standing_of(spent=2)])
    store.keep("run", [standing_of(spent=3, minutes=100 * HOUR)])
    assert store.earlier(key_of(), START) == standing_of(spent=2)


def test_days_are_told_by_utc(store: AnyStore) -> None:
    """Where a standing's time was written does not move it to another day."""
    elsewhere = timezone(timedelta(hours=14))
    for hour in (15, 16, 17, 100):
        seen = standing_of(spent=hour, minutes=hour * HOUR)
        store.keep("run", [replace(seen, as_of=seen.as_of.astimezone(elsewhere))])
    assert kept(store, range(101)) == [15, 17, 100]


def test_a_spending_customer_fills_a_bounded_number_of_rows(tmp_path: Path) -> None:
    """In the database too a day that is over is one row."""
    with opened("sqlite", tmp_path) as store:
        for hour in range(0, 240, 2):
            store.keep("run", [standing_of(spent=hour, minutes=hour * HOUR)])
    with closing(sqlite3.connect(tmp_path / "tidegate.db")) as hand:
        assert hand.execute("SELECT count(*) FROM observations").fetchone() == (8 + 25,)


def test_a_year_of_equal_standings_is_two_rows(tmp_path: Path) -> None:
    """Unchanged customers do not add a row a run."""
    with opened("sqlite", tmp_path) as store:
        for minutes in range(0, 200, 10):
            store.keep("run", [standing_of(minutes=minutes)])
    with closing(sqlite3.connect(tmp_path / "tidegate.db")) as hand:
        assert hand.execute("SELECT count(*) FROM observations").fetchone() == (2,)


@pytest.mark.parametrize("spent", [0, 1], ids=["unchanged", "changed"])
def test_ten_thousand_standings_are_kept_in_a_moment(tmp_path: Path, spent: int) -> None:
    """A run over ten thousand customers is stored within seconds, the second one too."""
    with opened("sqlite", tmp_path) as store:
        store.keep("1", [standing_of(str(number)) for number in range(10_000)])
        again = [standing_of(str(number), spent=spent, minutes=10) for number in range(10_000)]
        begun = time.process_time()
        store.keep("2", again)
        assert time.process_time() - begun < 3  # takes 0.7 s on an idle core
        assert len(store.latest()) == 10_000
