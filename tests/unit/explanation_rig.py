"""One customer to be explained, with its facts made by hand, for the tests of the sentences."""

from dataclasses import replace
from datetime import timedelta

from core.books import Book
from core.capabilities import Capabilities
from core.explained import Explained, Spending
from core.forecast import Forecast, Rate
from core.limit import Customer, CustomerKey, Kind, Limit, Source, WritePolicy
from core.meter import Count, Meter
from core.money import ZERO
from core.policy import AccountPolicy, DriftPolicy
from core.spending import Reading
from core.standing import Restriction, Spend, Standing
from tests.unit.strategies import NOW, STEPS, dollars

CUSTOMER = Customer(CustomerKey("steps", "c00001"))
POLICY = AccountPolicy(name="main", vendor="steps", write_policy=WritePolicy.SYNC)
STANDING = Standing(
    customer=CUSTOMER,
    account="main",
    as_of=NOW,
    granted=dollars("100.00"),
    kind=Kind.CREDIT_LINE,
    spent=Spend.exactly(dollars("40.00")),
    available=dollars("60.00"),
    restriction=Restriction.NONE,
    lag=timedelta(minutes=5),
)
BOOK = Book(
    key=CUSTOMER.key,
    account="main",
    opened=dollars("100.00"),
    granted=dollars("100.00"),
    kind=Kind.CREDIT_LINE,
    as_of=NOW,
    ours=ZERO,
    others=ZERO,
)


def limit(kind: Kind = Kind.CREDIT_LINE, amount: str = "100.00", **changes: object) -> Limit:
    """Want this of the customer."""
    made = Limit(account="main", customer=CUSTOMER, kind=kind, amount=dollars(amount), source=Source("limits.csv", 2))
    return replace(made, **changes)  # type: ignore[arg-type]  # facts by name


def explained(capabilities: Capabilities = STEPS, **changes: object) -> Explained:
    """Give a customer that is in sync, with these facts changed."""
    facts: dict[str, object] = {
        "at": NOW,
        "customer": CUSTOMER,
        "account": "main",
        "name": None,
        "policy": POLICY,
        "capabilities": capabilities,
        "drift_policy": DriftPolicy.REVERT,
        "asked": True,
        "written": limit(),
        "limit": limit(),
        "standing": STANDING,
        "book": BOOK,
    }
    return Explained(**{**facts, **changes})  # type: ignore[arg-type]  # facts by name


def meter(**changes: object) -> Meter:
    """Give a meter begun an hour ago."""
    count = Count(period="2026-03", since=NOW - timedelta(days=14))
    made = Meter(
        key=CUSTOMER.key,
        account="main",
        first_at=NOW - timedelta(hours=1),
        metered_at=NOW,
        used=dollars("40.00"),
        total=count,
        month=count,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # facts by name


def spending(low: str, high: str, rate: Rate | None = None, forecast: Forecast | None = None) -> Explained:
    """Give a customer with this spend, rate and end."""
    spend = Spend(low=dollars(low), high=dollars(high), since=NOW - timedelta(days=14))
    return explained(spending=Spending(meter=meter(), reading=Reading(spend=spend, rate=rate), exhausted=forecast))
