"""How long core needs to plan 100,000 standings, without a vendor or a store.

Called by `make bench`, or by itself; prints figures and asserts nothing.
"""

import gc
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from core.capabilities import Capabilities, Change
from core.limit import Customer, CustomerKey, Kind, Limit, OnExhaustion, WritePolicy
from core.money import ZERO, Money
from core.plan import Plan
from core.planning import AccountInputs, make_plan
from core.policy import AccountPolicy, Cap, GuardSettings
from core.standing import Restriction, Spend, Standing

STANDINGS = 100_000
TARGET_SECONDS = 1.0
ROUNDS = 3
NOW = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)
CAPABILITIES = Capabilities(
    vendor="cloud",
    title="Cloud",
    change=Change.INCREMENT,
    actions={Kind.CREDIT_LINE: frozenset({OnExhaustion.FREEZE})},
    default_action=OnExhaustion.FREEZE,
    action_readable=True,
    first_grant_states_action=False,
    zero_allowed=True,
    minimum=ZERO,
    maximum=Money(1_000_000_000_00),
    zero_suspends=True,
    quota_readable=True,
    lag=timedelta(minutes=5),
    signature_life=timedelta(minutes=5),
    permanent=True,
)
# Every guard is set, so that none is left out of the measurement, and none of them trips.
GUARDS = GuardSettings(
    max_customers_changed=Cap(count=STANDINGS),
    max_raised=Cap(percent=Decimal(1000)),
    max_cut=Cap(percent=Decimal(1000)),
    max_single_change=Cap(amount=Money(1_000_000_00)),
    max_exhausted=Cap(count=STANDINGS),
)


def world(changed: int) -> AccountInputs:
    """Build an account in which `changed` of every hundred customers are to be raised or cut, by turns."""
    limits, standings, earlier = [], {}, {}
    for number in range(STANDINGS):
        customer = Customer(CustomerKey("cloud", f"{200_000_000_000 + number * 7919 % STANDINGS}"))
        granted, spent = Money(1_000_00), Money(number % 900_00)
        off = number * 61 % 100 < changed
        amount = Money(granted.cents + (1_00 if number % 2 else -1_00)) if off else granted
        limits.append(Limit(account="main", customer=customer, kind=Kind.CREDIT_LINE, amount=amount))
        standing = Standing(
            customer=customer,
            account="main",
            as_of=NOW,
            granted=granted,
            kind=Kind.CREDIT_LINE,
            spent=Spend.exactly(spent),
            available=granted - spent,
            restriction=Restriction.NONE,
            on_exhaustion=OnExhaustion.FREEZE,
        )
        standings[customer.key] = standing
        if amount < granted:
            earlier[customer.key] = standing
    policy = AccountPolicy(name="main", vendor="cloud", write_policy=WritePolicy.SYNC, guards=(GUARDS,))
    return AccountInputs(
        policy=policy,
        capabilities=CAPABILITIES,
        limits=limits,
        standings=standings,
        earlier=earlier,
        quota=Money(100_000_000_00),
        now=NOW,
        limits_total=STANDINGS,
    )


def timed(inputs: AccountInputs) -> tuple[float, Plan]:
    """Plan a few times; give the shortest time in seconds, and the plan."""
    seconds = []
    plan = make_plan([inputs], run="bench", made_at=NOW)
    for _ in range(ROUNDS):
        gc.collect()
        began = time.perf_counter()
        plan = make_plan([inputs], run="bench", made_at=NOW)
        seconds.append(time.perf_counter() - began)
    return min(seconds), plan


def main() -> None:
    """Print one line for each share of customers that need a correction."""
    print(f"planning {STANDINGS:,} standings, target {TARGET_SECONDS:.2f} s")  # noqa: T201 - a bench prints
    for changed in (0, 1, 10, 100):
        seconds, plan = timed(world(changed))
        ratio = seconds / TARGET_SECONDS
        print(  # noqa: T201 - a bench prints
            f"{changed:3d} % to be corrected: {seconds:6.3f} s, {ratio:5.2f} of the target, "
            f"{len(plan.corrections):,} corrections"
        )


if __name__ == "__main__":
    main()
