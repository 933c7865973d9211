import json
from datetime import timedelta

from adapters.store.memory import InMemoryStore
from core.exposure import Outlook
from core.money import Money
from core.plan import Plan
from core.ports import RunRecord
from scheduler.records.collecting import newest_looks, newest_runs
from scheduler.reports.plan_json import plan_json
from tests.unit.report_plans import NOON, correction, hold, plan_of


def kept(count: int, plan: Plan | None = None) -> InMemoryStore:
    """Give a store with so many runs, a minute apart, the last one at noon."""
    store = InMemoryStore()
    text = None if plan is None else plan_json(plan, show_names=False)
    for number in range(count):
        at = NOON - timedelta(minutes=count - 1 - number)
        store.keep_run(RunRecord(id=f"{number:05d}", command="plan", who="ann", begun_at=at, plan=text))
    return store


def test_runs_are_given_once_newest_first() -> None:
    """However many there are, each comes once, and the newest first."""
    for count in (0, 3, 50, 51, 700):
        ids = [run.id for run in newest_runs(kept(count))]
        assert ids == [f"{number:05d}" for number in reversed(range(count))]


def test_no_more_runs_are_read_than_are_looked_at() -> None:
    """A very long record is not read to its beginning."""
    runs = newest_runs(kept(300))
    assert [next(runs).id for _ in range(3)] == ["00299", "00298", "00297"]


def test_a_run_that_begins_meanwhile_is_not_given_twice() -> None:
    """Runs go on while a report is made."""
    store = kept(60)
    runs = newest_runs(store)
    first = next(runs)
    store.keep_run(RunRecord(id="late", command="daemon", who="ann", begun_at=NOON + timedelta(minutes=1)))
    ids = [first.id, *(run.id for run in runs)]
    assert len(ids) == len(set(ids)) == 60


def test_the_newest_look_before_a_moment_is_found() -> None:
    """Each account's newest run before its moment tells quota, outlook and what was held."""
    plan = plan_of(
        (correction(),), (hold(),), outlook=Outlook(granted=Money(500), open=Money(100)), problem="the key was refused"
    )
    store = kept(5, plan)
    found = newest_looks(store, {"huawei-main": NOON, "tencent-main": NOON + timedelta(hours=1), "nobody": NOON})
    assert found.keys() == {"huawei-main", "tencent-main"}
    huawei, tencent = found["huawei-main"], found["tencent-main"]
    assert (huawei.at, tencent.at) == (NOON - timedelta(minutes=1), NOON)
    assert huawei.outlook == Outlook(granted=Money(500), open=Money(100))
    assert huawei.problem == "the key was refused"
    assert (tencent.quota, tencent.outlook) == (Money(7_000_000), None)
    assert [(held.reason, held.sentence) for held in tencent.holds] == [
        ("uncertain", "the outcome of an earlier change is not known yet")
    ]


def test_runs_without_a_plan_say_nothing() -> None:
    """A run that ended before it had a plan, or whose plan is no document, is passed over."""
    store = kept(1)
    store.keep_run(RunRecord(id="odd", command="plan", who="ann", begun_at=NOON, plan=json.dumps(["no plan"])))
    store.keep_run(RunRecord(id="odder", command="plan", who="ann", begun_at=NOON, plan='{"accounts": 7}'))
    assert newest_looks(store, {"huawei-main": NOON + timedelta(hours=1)}) == {}
