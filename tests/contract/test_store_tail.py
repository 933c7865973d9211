"""What the journal and the observations promise of their newest end: what may be asked again and again, and cheaply."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.pause import Pause
from core.ports import RunRecord
from tests.contract.store_rig import (
    ACCOUNT,
    MINUTE,
    START,
    STORES,
    AnyStore,
    key_of,
    limit_of,
    metered_of,
    opened,
    standing_of,
)


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AnyStore]:
    """Give a new store."""
    with opened(request.param, tmp_path) as new:
        yield new


def run_of(number: int) -> RunRecord:
    """Make a run with a plan, so many minutes after the start."""
    at = START + number * MINUTE
    return RunRecord(
        id=str(number), command="plan", who="anna", begun_at=at, ended_at=at, exit_code=3, plan="{}", summary="all well"
    )


def test_a_runs_head_is_the_run_without_its_plan_and_summary(store: AnyStore) -> None:
    """Who ran what, when and how it ended is told without the plan; the plan by asking for the one run."""
    runs = [run_of(number) for number in range(5)]
    for run in runs:
        store.keep_run(run)
    heads = [replace(run, plan=None, summary="") for run in reversed(runs)]
    assert store.run_heads() == heads
    assert store.run_heads(2) == heads[:2]
    assert store.run_heads(2, before=heads[1]) == heads[2:4]
    assert store.run_heads(since=heads[2].begun_at) == heads[:3]
    assert store.run_heads(2, before=heads[0], since=heads[1].begun_at) == heads[1:2]
    assert (store.run("3"), store.run("nobody's")) == (runs[3], None)


def test_the_record_is_followed_from_any_row_on(store: AnyStore) -> None:
    """Rows after a number, and of some events alone, are what stands there in the whole chain; the last is the last."""
    store.note("drift", who="vendor", at=START, account=ACCOUNT, key=key_of())
    store.pause(Pause(account=ACCOUNT, customer_id=None, who="anna", why="", since=START))
    store.note("drift", who="vendor", at=START, account=ACCOUNT)
    whole = store.audit()
    assert [row.number for row in whole] == [1, 2, 3, 4]
    assert store.audit(after=2) == whole[2:]
    assert store.audit(after=-5) == whole
    assert store.audit(events=["paused"]) == whole[2:3]
    assert store.audit(events=[]) == []
    assert store.audit(key_of(), after=1, events=["drift"]) == whole[1:2]
    assert store.last_row() == whole[-1]
    assert store.last_row().digest == store.head()


def test_the_newest_accepted_limits_are_given_oldest_first(store: AnyStore) -> None:
    """However few are asked for, they are the last ones, in the order in which they were accepted."""
    for amount in (1, 2, 3):
        store.accept_limits([limit_of(amount=amount)], f"file {amount}", [ACCOUNT], START + amount * MINUTE)
    digests = [change.digest for change in store.limit_changes(newest=2)]
    assert digests == ["file 2", "file 3"]
    assert store.limit_changes(newest=0) == []
    assert store.limit_changes(newest=9) == store.limit_changes()
    assert store.limit_changes(key_of("200"), newest=9) == []


def test_it_is_known_which_runs_kept_what_was_seen_last(store: AnyStore) -> None:
    """Each run that kept a customer's newest standing is named, with the latest time of those it kept."""
    store.keep("first", [standing_of("100"), standing_of("200"), standing_of("300", account="other")])
    assert store.kept_by(ACCOUNT) == {"first": START}
    store.keep("second", [standing_of("100", spent=1, minutes=1), standing_of("200", minutes=2)])
    assert store.kept_by(ACCOUNT) == {"second": START + 2 * MINUTE}
    store.keep("third", [standing_of("200", minutes=3)])
    assert store.kept_by(ACCOUNT) == {"second": START + MINUTE, "third": START + 3 * MINUTE}
    assert store.kept_by("nobody's") == {}


def test_single_meters_are_given_without_those_of_the_account(store: AnyStore) -> None:
    """Asked for customers and no account, the store gives just theirs, whoever metered them."""
    store.keep_meters([metered_of("100"), metered_of("200"), metered_of("300", account="other")])
    assert store.meters(None, [key_of("100"), key_of("300"), key_of("900")]).keys() == {key_of("100"), key_of("300")}
    assert store.meters(None) == {}
