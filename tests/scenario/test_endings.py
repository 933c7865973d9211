"""The exit code says how it stands: 0 only when everything is as wanted and nobody is waited for."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.capabilities import Capabilities
from core.intent import State, mark_of
from core.limit import Kind, Limit
from core.policy import Cap, GuardSettings
from core.run.ending import plan_exit_code
from tests.scenario.scripted_cloud import LEVELS, STEPS, Fate, InMemoryCloud, VirtualClock
from tests.scenario.scripted_office import A_WHILE, Office, limit, meanwhile, office

FOREIGN_MARK = mark_of("ZZZZ", "01M80H278VCRNZ4QD84R5RTWW5")


@pytest.fixture
def steps() -> Office:
    """One account of differences with customers 1 and 2 at 100.00, seen once."""
    cloud = InMemoryCloud(clock=VirtualClock())
    cloud.add("1", "100")
    cloud.add("2", "100")
    one = office(cloud, guards=(GuardSettings(max_limits_removed=Cap(count=0)),))
    assert one.apply(limit(cloud, "1", "100"), limit(cloud, "2", "100")).exit_code == 0
    one.clock.sleep(A_WHILE)
    return one


@pytest.fixture
def levels() -> Office:
    """One account of absolute sets, without lag and with a short fence, with customer 1 at 100.00."""
    cloud = InMemoryCloud(clock=VirtualClock(), capabilities=LEVELS)
    cloud.add("1", "100")
    return office(cloud, lag=timedelta(0), write_timeout=timedelta(seconds=2), quarantine=timedelta(seconds=1))


def test_an_increment_answered_with_another_total_is_unfinished(steps: Office) -> None:
    """Applied as asked, but somebody else came in between: the total is not the one wanted, and the code says so."""
    cloud = steps.cloud
    cloud.before_send = lambda: cloud.console("1", "120")
    ended = steps.apply(limit(cloud, "1", "150"), limit(cloud, "2", "100"))
    assert (cloud.truth("1"), ended.exit_code) == ("170.00", 4)
    assert [row.intent.state for row in ended.outcomes if row.intent] == [State.SETTLED_APPLIED]
    assert steps.codes(limit(cloud, "1", "150"), limit(cloud, "2", "100"), runs=2) == [0, 0]
    assert cloud.truth("1") == "150.00"


def test_a_set_without_effect_is_unfinished(levels: Office) -> None:
    """An answer of success does not stand for the amount: what is read back does."""
    cloud = levels.cloud
    cloud.fates.append(Fate.IGNORED)
    ended = levels.apply(limit(cloud, "1", "150"))
    assert (cloud.truth("1"), ended.exit_code) == ("100.00", 4)


def test_a_kind_that_did_not_change_is_unfinished(levels: Office) -> None:
    """A change of kind without effect leaves the amount as wanted, and is no success all the same."""
    cloud = levels.cloud
    cloud.fates.append(Fate.IGNORED)
    ended = levels.apply(of_kind(limit(cloud, "1", "100"), Kind.ONE_TIME))
    assert (cloud.kept["1"].kind, ended.exit_code) == (Kind.MONTHLY, 4)


def test_a_set_without_effect_leaves_the_books_on_what_stands(levels: Office) -> None:
    """The books never say more than the vendor shows; the next run sets it again and blames nobody."""
    cloud = levels.cloud
    cloud.fates.append(Fate.IGNORED)
    levels.apply(limit(cloud, "1", "150"))
    book = levels.store.books("main")[cloud.key("1")]
    assert (str(book.granted), str(book.ours)) == ("100.00", "0.00")
    assert levels.codes(limit(cloud, "1", "150"), runs=1) == [0]
    assert (cloud.truth("1"), levels.drift_notes()) == ("150.00", [])


def test_a_tripped_max_limits_removed_is_unfinished(steps: Office) -> None:
    """Limits that went missing are looked at by a person, whether or not anything is pending."""
    one = limit(steps.cloud, "1", "100")
    plan = steps.plan(one)
    assert plan.corrections == ()
    assert (plan_exit_code(plan), steps.apply(one).exit_code) == (4, 4)
    assert steps.apply(one).exit_code == 4


def test_an_open_two_writers_is_unfinished(steps: Office) -> None:
    """Another installation's writes keep the code at 4, also where every customer stands as wanted."""
    cloud = steps.cloud
    cloud.console("1", "150", remark=FOREIGN_MARK)
    limits = limit(cloud, "1", "150"), limit(cloud, "2", "100")
    assert steps.apply(*limits).exit_code == 4
    plan = steps.plan(*limits)
    assert plan.corrections == ()
    assert (plan_exit_code(plan), steps.apply(*limits).exit_code) == (4, 4)


def test_an_open_intent_without_a_limit_is_unfinished(steps: Office) -> None:
    """A change still to be found out counts, whether or not its customer has a limit any more."""
    cloud, two = steps.cloud, limit(steps.cloud, "2", "100")
    steps.guards = ()
    cloud.fates.append(Fate.LOST_BEFORE)
    steps.apply(limit(cloud, "1", "150"), two)
    plan = steps.plan(two)
    assert plan.corrections == ()
    assert (plan_exit_code(plan), steps.apply(two).exit_code) == (4, 4)
    assert steps.codes(two, runs=2)[-1] == 0


@pytest.mark.parametrize("capabilities", [STEPS, LEVELS], ids=["increment", "absolute"])
def test_what_stands_as_wanted_at_the_fresh_read_is_no_failure(capabilities: Capabilities) -> None:
    """Somebody set just what was wanted while we asked: nothing is sent, and all is well."""
    cloud = InMemoryCloud(clock=VirtualClock(), capabilities=capabilities)
    cloud.add("1", "200")
    desk = office(cloud)
    desk.apply(limit(cloud, "1", "200"))
    desk.clock.sleep(A_WHILE)
    ended = desk.apply(limit(cloud, "1", "150"), approve=meanwhile(lambda: cloud.console("1", "150")))
    assert (ended.exit_code, cloud.sent, cloud.truth("1")) == (0, [], "150.00")


def of_kind(row: Limit, kind: Kind) -> Limit:
    """Give a limit of another kind."""
    return replace(row, kind=kind)
