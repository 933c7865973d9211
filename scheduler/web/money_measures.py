"""The metrics of money: sums over an account's customers, what the vendor still allows, what the next month needs.

Read by scheduler.web.metrics. Sums are made of cents and leave out what is not known.
"""

from collections import Counter
from collections.abc import Iterable

from core.money import CENTS_PER_UNIT, Money
from scheduler.reports.board import AccountBoard
from scheduler.web.measures import Form, Measure, Samples, dollars, of_accounts, of_accounts_by, seconds


def _added(pairs: Iterable[tuple[str, Money | None]]) -> dict[str, float]:
    """Add amounts up by a word, as cents; a word of which no amount is known is left out."""
    cents: Counter[str] = Counter()
    for word, amount in pairs:
        if amount is not None:
            cents[word] += amount.cents
    return {word: count / CENTS_PER_UNIT for word, count in cents.items()}


def _limits(account: AccountBoard) -> dict[str, float]:
    return _added((line.kind, line.amount) for line in account.customers)


def _spent_least(account: AccountBoard) -> dict[str, float]:
    return _added((line.kind, None if line.spent is None else line.spent.low) for line in account.customers)


def _spent_most(account: AccountBoard) -> dict[str, float]:
    return _added((line.kind, None if line.spent is None else line.spent.high) for line in account.customers)


def _pools(granted: bool) -> Samples:  # noqa: FBT001 - one of two figures of the same thing
    # A second-tier reseller's pools are not shown: there may be as many as there are customers.
    return of_accounts_by(
        lambda account: _added(
            (pool.kind, pool.granted if granted else pool.amount) for pool in account.pools if pool.whose is None
        )
    )


MONEY_MEASURES = (
    Measure(
        name="tidegate_limits_dollars",
        form=Form.GAUGE,
        meaning="Sum of the limits in force, in US dollars, by kind of limit.",
        samples=of_accounts_by(_limits),
        labels=("account", "kind"),
    ),
    Measure(
        name="tidegate_spent_least_dollars",
        form=Form.GAUGE,
        meaning="Sum of what counts as spent for these limits, in US dollars at list price: at least.",
        samples=of_accounts_by(_spent_least),
        labels=("account", "kind"),
    ),
    Measure(
        name="tidegate_spent_most_dollars",
        form=Form.GAUGE,
        meaning="Sum of what counts as spent for these limits, in US dollars at list price: at most.",
        samples=of_accounts_by(_spent_most),
        labels=("account", "kind"),
    ),
    Measure(
        name="tidegate_granted_dollars",
        form=Form.GAUGE,
        meaning="Sum granted at the vendor to customers with a limit, in US dollars.",
        samples=of_accounts(lambda account: dollars(account.outlook.granted if account.outlook else None)),
        labels=("account",),
    ),
    Measure(
        name="tidegate_open_dollars",
        form=Form.GAUGE,
        meaning="Of what is granted, what customers can still spend, in US dollars.",
        samples=of_accounts(lambda account: dollars(account.outlook.open if account.outlook else None)),
        labels=("account",),
    ),
    Measure(
        name="tidegate_quota_left_dollars",
        form=Form.GAUGE,
        meaning="Credit that the partner can still give out, in US dollars; absent where the vendor does not say.",
        samples=of_accounts(lambda account: dollars(account.quota)),
        labels=("account",),
    ),
    Measure(
        name="tidegate_budget_quota_dollars",
        form=Form.GAUGE,
        meaning="The account's written quota for budgets, in US dollars, by kind of budget.",
        samples=_pools(granted=False),
        labels=("account", "kind"),
    ),
    Measure(
        name="tidegate_budget_quota_granted_dollars",
        form=Form.GAUGE,
        meaning="Of that quota, what budgets add up to, in US dollars.",
        samples=_pools(granted=True),
        labels=("account", "kind"),
    ),
    Measure(
        name="tidegate_headroom_left_dollars",
        form=Form.GAUGE,
        meaning="What the partner may still owe before the vendor stops it with all its customers, in US dollars.",
        samples=of_accounts(
            lambda account: dollars(
                account.outlook.headroom.left if account.outlook and account.outlook.headroom else None
            )
        ),
        labels=("account",),
    ),
    Measure(
        name="tidegate_rollover_need_dollars",
        form=Form.GAUGE,
        meaning="Credit that the next billing month will need, in US dollars; absent where months need none.",
        samples=of_accounts(lambda account: dollars(account.outlook.rollover if account.outlook else None)),
        labels=("account",),
    ),
    Measure(
        name="tidegate_rollover_timestamp_seconds",
        form=Form.GAUGE,
        meaning="When that month begins, in seconds since 1970.",
        samples=of_accounts(lambda account: seconds(account.outlook.rollover_at if account.outlook else None)),
        labels=("account",),
    ),
)
