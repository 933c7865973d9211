"""The metrics of each account: whether it was read and when, when it is next, and what keeps it from being written.

Read by scheduler.web.metrics.
"""

from collections.abc import Iterator

from scheduler.reports.board import AccountBoard
from scheduler.web.measures import Facts, Form, Measure, Sample, of_accounts, seconds

# What a command ends with that could not read its account.
_FAILED = 1


def _readable(account: AccountBoard) -> bool | None:
    if account.problem is not None:
        return False
    return True if account.read_at is not None else None


def _last_ended(account: AccountBoard) -> float | None:
    """Give when the newest run ended, also one that failed before it was on record."""
    return seconds(account.failed_at or (account.last_run.ended_at if account.last_run else None))


def _last_exit_code(account: AccountBoard) -> int | None:
    if account.failed_at is not None:
        return _FAILED
    return account.last_run.exit_code if account.last_run else None


def _late(facts: Facts) -> Iterator[Sample]:
    for account in {**facts.health.ages, **facts.health.late}:
        yield Sample((account,), account in facts.health.late)


ACCOUNT_MEASURES = (
    Measure(
        name="tidegate_account_info",
        form=Form.GAUGE,
        meaning="Always 1; the labels say which vendor's the account is and what may be written.",
        samples=lambda facts: [
            Sample((account.name, account.vendor, account.write_policy), 1) for account in facts.board.accounts
        ],
        labels=("account", "vendor", "policy"),
    ),
    Measure(
        name="tidegate_account_readable",
        form=Form.GAUGE,
        meaning="1 when the newest run or pass could read the account, 0 when not; absent before the first.",
        samples=of_accounts(_readable),
        labels=("account",),
    ),
    Measure(
        name="tidegate_account_late",
        form=Form.GAUGE,
        meaning="1 when no run could read the account for longer than its interval allows, else 0; as /readyz.",
        samples=_late,
        labels=("account",),
    ),
    Measure(
        name="tidegate_last_success_timestamp_seconds",
        form=Form.GAUGE,
        meaning="When the account was last read, in seconds since 1970; absent when never.",
        samples=of_accounts(lambda account: seconds(account.read_at)),
        labels=("account",),
    ),
    Measure(
        name="tidegate_late_after_seconds",
        form=Form.GAUGE,
        meaning="How old the last success may become before it is late, in seconds.",
        samples=of_accounts(lambda account: account.late_after.total_seconds()),
        labels=("account",),
    ),
    Measure(
        name="tidegate_last_run_timestamp_seconds",
        form=Form.GAUGE,
        meaning="When the newest run of the account ended, in seconds since 1970; absent while it is under way.",
        samples=of_accounts(_last_ended),
        labels=("account",),
    ),
    Measure(
        name="tidegate_last_run_exit_code",
        form=Form.GAUGE,
        meaning="Exit code of the newest run of the account: 0, 1, 3 or 4; absent while it is under way.",
        samples=of_accounts(_last_exit_code),
        labels=("account",),
    ),
    Measure(
        name="tidegate_next_run_timestamp_seconds",
        form=Form.GAUGE,
        meaning="When the daemon will next look at the account, in seconds since 1970.",
        samples=of_accounts(lambda account: seconds(account.tick.next_at)),
        labels=("account",),
    ),
    Measure(
        name="tidegate_running",
        form=Form.GAUGE,
        meaning="1 while the daemon makes a pass over the account, else 0.",
        samples=of_accounts(lambda account: account.tick.running_since is not None),
        labels=("account",),
    ),
    Measure(
        name="tidegate_clock_problem",
        form=Form.GAUGE,
        meaning="1 when this machine's clock is too far off the vendor's to write anything, else 0.",
        samples=of_accounts(lambda account: account.clock_problem is not None),
        labels=("account",),
    ),
    Measure(
        name="tidegate_paused",
        form=Form.GAUGE,
        meaning="1 when the whole account is paused, else 0.",
        samples=of_accounts(lambda account: account.pause is not None),
        labels=("account",),
    ),
    Measure(
        name="tidegate_window_open",
        form=Form.GAUGE,
        meaning="1 when changes may be made by the account's windows, else 0; always 1 without windows.",
        samples=of_accounts(lambda account: account.window_open),
        labels=("account",),
    ),
)
