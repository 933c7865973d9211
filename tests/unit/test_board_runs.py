"""What the board says of an account's runs: the newest whole one, the last success, since when it cannot be read."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.limit import WritePolicy
from core.ports import RunRecord
from scheduler.config.crontab import parse_crontab
from scheduler.records import account_boards, runs
from scheduler.records.account_boards import late_after
from scheduler.records.board import board
from tests.unit.board_desk import MAIN, MINUTE, NOON, Desk, Seen, key_of, limit_of, settings_of
from tests.unit.strategies import LAWS

BROKEN = Seen(problem="ListSubCustomers at intl.example: the key was refused (permanent)")


def desk(customers: int = 2, *names: str, **policy: object) -> Desk:
    """Give a desk with so many customers in each account."""
    limits = [limit_of(number, account=name) for name in names or (MAIN,) for number in range(1, customers + 1)]
    return Desk(settings_of(limits, *names, **policy))


def test_an_account_that_never_ran_is_a_board_of_unknowns() -> None:
    """Before the first run every customer has its line, and of all figures but the limit's none is made up."""
    account = desk().account()
    assert (account.last_run, account.read_at, account.in_sync, account.problem, account.quota) == (None,) * 5
    (line, _) = account.customers
    assert (line.granted, line.spent, line.share, line.as_of, line.waiting, line.forecast) == (None,) * 6
    assert (str(line.amount), line.attention) == ("1000.00", ())


@given(
    granted=st.lists(st.sampled_from(["1000", "900", "1100"]), min_size=1, max_size=6),
    policy=st.sampled_from(WritePolicy),
    paused=st.booleans(),
)
@LAWS
def test_counts_are_those_of_the_newest_plan(granted: list[str], policy: WritePolicy, paused: bool) -> None:  # noqa: FBT001 - given
    """For every plan: what is in sync, pending and held on the board is in it, and each row of it is one's waiting."""
    at = desk(len(granted), write_policy=policy)
    seen = Seen(granted=dict(enumerate(granted, 1)), problem="no answer" if paused else None)
    plan = at.runs(seen, dry=True)
    account, (summary,) = at.account(), plan.accounts
    assert (account.in_sync, account.pending, account.held) == (summary.in_sync, summary.corrections, summary.holds)
    waiting = {line.key: line.waiting for line in account.customers if line.waiting is not None}
    rows = {row.key: row for row in (*plan.corrections, *plan.holds)}
    assert waiting.keys() == rows.keys()
    assert all((waiting[key].wanted, waiting[key].change) == (row.wanted, row.change) for key, row in rows.items())
    assert all(waiting[hold.key].word == hold.reason.word for hold in plan.holds)


def test_the_last_success_is_the_newest_run_that_could_read() -> None:
    """Runs that fail do not move it; the first of them says since when, the newest why, in plain words."""
    at = desk()
    at.runs()
    read = at.clock.now()
    first = at.runs(BROKEN).made_at
    at.runs(BROKEN)
    account = at.account()
    assert (account.read_at, account.problem_since, account.problem) == (read, first, "the key was refused")
    assert account.held == len(account.customers)
    at.runs()
    account = at.account()
    assert (account.read_at, account.problem, account.problem_since) == (at.clock.now() - 3 * MINUTE / 60, None, None)


def test_an_account_that_cannot_be_read_shows_what_was_granted_when_it_could() -> None:
    """Its outlook is that of the last success, on a board made afresh too, without a month that has begun since."""
    at = desk()
    at.runs(BROKEN)
    assert at.account().outlook is None, "never read: unknown is no zero"
    at.runs()
    known = at.account().outlook
    assert known is not None
    assert str(known.granted) == "2000.00"
    at.runs(BROKEN)
    assert at.account().outlook == known
    afresh = board(at.settings, at.world).account(MAIN)
    assert afresh is not None
    assert afresh.outlook == known
    ahead = replace(known, rollover=known.granted, rollover_at=NOON)
    assert account_boards._still_ahead(ahead, NOON - MINUTE) == ahead
    assert account_boards._still_ahead(ahead, NOON) == known


def test_a_board_made_afresh_knows_since_when_an_account_cannot_be_read() -> None:
    """However long ago the last success is and whoever ran since, it and the first failure are found."""
    at = desk(2, MAIN, "tencent-eu")
    at.runs()
    read = at.clock.now()
    first = at.runs(BROKEN).made_at
    for _ in range(20):
        at.runs(account="tencent-eu")
    at.runs(BROKEN)
    fresh = board(at.settings, at.world).account(MAIN)
    assert fresh is not None
    assert (fresh.read_at, fresh.problem_since) == (read, first)


def test_an_account_that_runs_rarely_is_found_by_who_kept_its_standings(monkeypatch: pytest.MonkeyPatch) -> None:
    """More of others' runs later than are looked at, its own last run still tells its counts."""
    monkeypatch.setattr(runs, "PLANS_LOOKED_AT", 10)
    at = desk(2, MAIN, "tencent-eu")
    plan = at.runs()
    for _ in range(20):
        at.runs(account="tencent-eu")
    account = board(at.settings, at.world).account(MAIN)
    assert account is not None
    assert account.last_run is not None
    assert (account.last_run.id, account.in_sync, account.read_at) == (plan.run, 2, plan.made_at)


def test_an_account_that_never_could_be_read_says_since_when() -> None:
    """Without any success, the trouble began with the first run."""
    at = desk()
    first = at.runs(BROKEN).made_at
    at.runs(BROKEN)
    account = board(at.settings, at.world).account(MAIN)
    assert account is not None
    assert (account.read_at, account.problem_since) == (None, first)


def test_a_run_over_some_customers_says_little_of_the_account() -> None:
    """Its figures are shown, but the account's counts and last run stay those of the last whole one."""
    at = desk(3)
    whole = at.runs()
    at.board()
    at.runs(Seen(spent={2: "990"}), narrowed=True)
    account = at.account()
    assert account.last_run is not None
    assert (account.last_run.id, account.in_sync, account.read_at) == (whole.run, 3, whole.made_at)
    assert [str(line.spent.low) for line in account.customers if line.spent] == ["100.00", "990.00", "100.00"]


def test_a_run_that_ends_later_is_seen_to_end() -> None:
    """A run under way has no end; once it is over the board says when and how."""
    at = desk()
    plan = at.runs(over=False)
    under_way = at.account().last_run
    assert under_way is not None
    assert (under_way.ended_at, under_way.exit_code) == (None, None)
    at.keep(plan)
    over = at.account().last_run
    assert over is not None
    assert (over.exit_code, over.begun_at) == (0, plan.made_at)
    assert over.ended_at is not None


def test_a_run_without_a_plan_says_nothing() -> None:
    """A text that is no plan, or a plan without this account, leaves everything as it was."""
    at = desk()
    plan = at.runs()
    texts = ("", "no JSON", "[]", '{"accounts": 7}', '{"accounts": [7, {}]}', '{"accounts": [')
    for number, text in enumerate(texts):
        moment = at.clock.now() + number * MINUTE
        at.store.keep_run(RunRecord(id=f"odd{number}", command="plan", who="ann", begun_at=moment, plan=text))
    run = at.account().last_run
    assert run is not None
    assert run.id == plan.run


def test_a_plan_of_an_older_version_tells_what_it_has() -> None:
    """Without quotas, a clock or an outlook in it, its counts are still told; cut short, that it took place."""
    at = desk()
    document = json.loads(at.world.plan_text(at.runs()))
    for name in ("pools", "skew_seconds", "outlook"):
        del document["accounts"][0][name]
    for number, text in enumerate((json.dumps(document), json.dumps(document)[:-20])):
        moment = at.clock.now() + MINUTE
        run = RunRecord(id=f"old{number}", command="plan", who="ann", begun_at=moment, plan=text)
        at.store.keep_run(run)
        account = at.account()
        assert account.last_run is not None
        assert (account.last_run.id, account.in_sync, account.skew, account.outlook) == (run.id, 2, None, None)


def test_old_runs_are_forgotten_and_new_ones_still_told_apart() -> None:
    """After thousands of runs the board follows as it did after the first."""
    at = desk()
    text = at.world.plan_text(at.runs())
    at.board()
    for number in range(2500):
        moment = NOON + number * MINUTE
        at.store.keep_run(RunRecord(id=f"r{number:05d}", command="daemon", who="ann", begun_at=moment, plan=text))
    run = at.account().last_run
    assert run is not None
    assert run.id == "r02499"
    at.store.keep_run(RunRecord(id="z", command="daemon", who="ann", begun_at=NOON + 3000 * MINUTE, plan=text))
    assert at.account().last_run == replace(run, id="z", begun_at=NOON + 3000 * MINUTE)


def test_a_clock_that_is_off_is_told_though_nothing_is_held() -> None:
    """With everything in sync no correction is held for it; the board says it all the same."""
    at = desk()
    at.runs(Seen(skew=timedelta(seconds=-95.25)))
    account = at.account()
    assert account.clock_problem == "this machine's clock is -95 s off the vendor's: nothing is written"
    assert account.skew == timedelta(seconds=-95.25)
    at.runs(Seen(skew=timedelta(seconds=29)))
    account = at.account()
    assert (account.clock_problem, account.skew) == (None, timedelta(seconds=29))


def test_an_account_is_late_after_two_missed_runs_and_never_within_half_an_hour() -> None:
    """Long intervals may be missed twice; short ones are given the time that one slow run may take."""
    assert late_after(timedelta(minutes=1)) == timedelta(minutes=31)
    assert late_after(timedelta(minutes=10)) == timedelta(minutes=40)
    assert late_after(timedelta(hours=1)) == timedelta(hours=3)
    line = parse_crontab("*/10 8-19 * * mon-fri")
    assert late_after(line.longest_gap, line) == line.longest_gap + timedelta(minutes=30)
    monday, friday = datetime(2026, 11, 23, 9, 0, tzinfo=UTC), datetime(2026, 11, 27, 19, 50, tzinfo=UTC)
    assert late_after(line.longest_gap, line, monday) == timedelta(hours=1)
    assert late_after(line.longest_gap, line, friday) == timedelta(days=2, hours=12, minutes=60)


def test_customers_are_named_in_the_order_in_which_they_are_written() -> None:
    """The board keeps the order of the limits files."""
    at = Desk(settings_of([limit_of(number) for number in (3, 1, 2)]))
    assert [line.key for line in at.account().customers] == [key_of(3), key_of(1), key_of(2)]
