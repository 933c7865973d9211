"""A pass that failed before it left a run is told with its account, until somebody's run says how things are."""

from dataclasses import replace
from datetime import datetime

from core.alerts import Sort
from scheduler.alerting.conditions import conditions
from scheduler.daemon.showing import with_failure
from scheduler.jobs import Failure, Failures
from tests.unit.boards import DAY, HOUR, MINUTE, NOW, account, board

WHY = "the secret file is gone"


def failure(at: datetime = NOW, since: datetime = NOW) -> Failure:
    """Give one."""
    return Failure(at=at, since=since, sentence=WHY)


def test_failures_in_a_row_began_with_the_first() -> None:
    """The newest reason counts, from the first on; a pass that reads the account, or its removal, ends it."""
    failures = Failures()
    failures.failed("main", "the store is locked", NOW)
    failures.failed("main", WHY, NOW + HOUR)
    assert failures.of("main") == failure(NOW + HOUR)
    failures.keep_only({"main"})
    failures.read("main")
    assert failures.of("main") is None
    failures.failed("main", WHY, NOW)
    failures.keep_only({"other"})
    assert failures.of("main") is None


def test_a_failure_later_than_the_newest_run_is_told() -> None:
    """The account counts as not readable since then, which is a condition that somebody hears of."""
    shown = with_failure(account("huawei-main", []), failure())
    assert (shown.problem, shown.problem_since, shown.failed_at) == (WHY, NOW, NOW)
    (told,) = conditions(board(shown), pause_after=DAY)
    assert told.sort is Sort.UNREADABLE
    assert WHY in told.sentence


def test_a_run_since_then_says_how_things_are() -> None:
    """Whoever made it: another process may have read the account, or found another reason."""
    read = account("huawei-main", [])
    assert read.last_run is not None
    assert read.last_run.ended_at is not None
    assert with_failure(read, failure(read.last_run.ended_at)) is read
    assert with_failure(read, None) is read


def test_what_could_not_be_read_before_has_not_been_readable_since_then() -> None:
    """An account that was unreadable already stays so since its first unreadable run."""
    read = account("huawei-main", [], problem="it does not answer", problem_since=NOW - DAY, read_at=NOW - 2 * DAY)
    shown = with_failure(read, failure(since=NOW - HOUR))
    assert (shown.problem, shown.problem_since) == (WHY, NOW - DAY)


def test_failures_before_another_process_read_the_account_are_over() -> None:
    """What began before somebody's success begins anew after it."""
    read = account("huawei-main", [])
    assert with_failure(read, failure(since=NOW - HOUR)).problem_since == NOW
    assert with_failure(replace(read, read_at=NOW - 2 * HOUR), failure(since=NOW - HOUR)).problem_since == NOW - HOUR


def test_a_run_that_never_ended_hides_no_failure() -> None:
    """A pass that failed with its run on record left it open."""
    read = account("huawei-main", [])
    assert read.last_run is not None
    open_run = replace(read.last_run, begun_at=NOW - MINUTE, ended_at=None)
    assert with_failure(replace(read, last_run=open_run), failure()).problem == WHY
