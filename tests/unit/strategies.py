"""Limits, standings, corrections and whole accounts for the tests of core, made by hand or by hypothesis.

Two imaginary vendors stand for all: STEPS takes differences and suspends at zero, LEVELS takes amounts and cannot say
what happens at exhaustion.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st

from core.capabilities import Capabilities, Change
from core.intent import Action, Position
from core.judgement import Block, Facts
from core.limit import Customer, CustomerKey, Kind, Limit, OnExhaustion, Source, WritePolicy
from core.meter import Meter
from core.money import ZERO, Money
from core.plan import Correction, Direction
from core.planning import AccountInputs
from core.policy import AccountPolicy, GuardSettings
from core.spending import reading
from core.standing import Absence, Figure, Spend, Standing
from core.target import NoTarget, Target, wanted

ACCOUNT = "main"
NOW = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)
LAG = timedelta(minutes=10)
MOST = 1_000_00

# The same examples in every run: a law that fails, fails for everybody.
LAWS = settings(max_examples=60, deadline=None, derandomize=True, database=None)

STEPS = Capabilities(
    vendor="steps",
    title="Steps Cloud",
    change=Change.INCREMENT,
    actions={Kind.CREDIT_LINE: frozenset({OnExhaustion.FREEZE})},
    default_action=OnExhaustion.FREEZE,
    action_readable=True,
    first_grant_states_action=False,
    zero_allowed=True,
    minimum=ZERO,
    maximum=Money(1_000_000_00),
    zero_suspends=True,
    quota_readable=True,
    lag=LAG,
    signature_life=timedelta(minutes=5),
    permanent=True,
    emulated={Kind.ONE_TIME: frozenset({OnExhaustion.FREEZE, OnExhaustion.ALERT})},
    alert_needs_overrun=True,
    deletes_after=timedelta(days=15),
    refused={
        (Kind.MONTHLY, None): "no months on Steps Cloud",
        (None, OnExhaustion.RESTRICT): "no restricting on Steps Cloud",
        (Kind.CREDIT_LINE, OnExhaustion.ALERT): "no alerts for a credit line on Steps Cloud",
    },
)
LEVELS = Capabilities(
    vendor="levels",
    title="Levels Cloud",
    change=Change.ABSOLUTE,
    actions={
        Kind.MONTHLY: frozenset({OnExhaustion.ALERT, OnExhaustion.RESTRICT}),
        Kind.ONE_TIME: frozenset({OnExhaustion.ALERT, OnExhaustion.RESTRICT}),
    },
    default_action=None,
    action_readable=False,
    first_grant_states_action=True,
    zero_allowed=False,
    minimum=Money(1),
    maximum=Money(1_000_000_00),
    zero_suspends=False,
    quota_readable=False,
    lag=LAG,
    signature_life=timedelta(minutes=15),
    restricts_by_call=True,
    new_customers_restricted=True,
    deletes_after=timedelta(days=15),
)


def dollars(text: str) -> Money:
    """Read an amount as a person writes it."""
    return Money.parse(text)


def customer(number: int = 1, vendor: str = "steps") -> Customer:
    """Name a customer."""
    return Customer(CustomerKey(vendor, f"c{number:05d}"))


def limit_of(
    amount: str | Money,
    *,
    number: int = 1,
    capabilities: Capabilities = STEPS,
    kind: Kind | None = None,
    on_exhaustion: OnExhaustion | None = None,
    allow_zero: bool = False,
    non_stop: bool = False,
    write_policy: WritePolicy | None = None,
) -> Limit:
    """Want an amount, of the vendor's first kind unless one is named."""
    return Limit(
        account=ACCOUNT,
        customer=customer(number, capabilities.vendor),
        kind=kind or min(capabilities.kinds),
        amount=Money.parse(amount) if isinstance(amount, str) else amount,
        on_exhaustion=on_exhaustion,
        allow_zero=allow_zero,
        non_stop=non_stop,
        write_policy=write_policy,
        source=Source("limits.csv", number + 1),
    )


def standing_of(
    granted: str | Figure,
    spent: str | Spend | None = "0",
    *,
    number: int = 1,
    capabilities: Capabilities = STEPS,
    kind: Kind | None = None,
    on_exhaustion: OnExhaustion | None = None,
    currency: str = "USD",
    as_of: datetime = NOW,
) -> Standing:
    """Show a grant and a spend; `available` follows from them."""
    figure: Figure = Money.parse(granted, currency) if isinstance(granted, str) else granted
    spend = Spend.exactly(Money.parse(spent, currency)) if isinstance(spent, str) else spent
    known = isinstance(figure, Money)
    return Standing(
        customer=customer(number, capabilities.vendor),
        account=ACCOUNT,
        as_of=as_of,
        granted=figure,
        kind=(kind or min(capabilities.kinds)) if known else None,
        spent=spend,
        available=figure - spend.high if isinstance(figure, Money) and spend is not None else None,
        on_exhaustion=on_exhaustion,
        currency=currency,
        lag=capabilities.lag,
    )


def policy_of(
    write_policy: WritePolicy = WritePolicy.SYNC,
    *,
    guards: Sequence[GuardSettings] = (),
    protected: frozenset[str] = frozenset(),
    vendor: str = "steps",
) -> AccountPolicy:
    """Decide what an account may do."""
    return AccountPolicy(
        name=ACCOUNT, vendor=vendor, write_policy=write_policy, guards=tuple(guards), protected=protected, lag=LAG
    )


def facts_for(
    capabilities: Capabilities = STEPS,
    *,
    policy: AccountPolicy | None = None,
    blocks: Mapping[CustomerKey, Block] | None = None,
    account_block: Block | None = None,
    raises_block: Block | None = None,
    earlier: Sequence[Standing] = (),
    drift: Mapping[CustomerKey, str] | None = None,
    meters: Sequence[Meter] = (),
) -> Facts:
    """Give what judging needs besides a limit and a standing."""
    return Facts(
        policy=policy or policy_of(vendor=capabilities.vendor),
        capabilities=capabilities,
        blocks=blocks or {},
        account_block=account_block,
        raises_block=raises_block,
        earlier={standing.key: standing for standing in earlier},
        drift=drift or {},
        meters={meter.key: meter for meter in meters},
        now=NOW,
        today=NOW.date(),
    )


def inputs_of(
    limits: Sequence[Limit],
    standings: Sequence[Standing],
    *,
    capabilities: Capabilities = STEPS,
    policy: AccountPolicy | None = None,
    quota: Money | None = None,
    earlier: Sequence[Standing] = (),
) -> AccountInputs:
    """Put an account together."""
    return AccountInputs(
        policy=policy or policy_of(vendor=capabilities.vendor),
        capabilities=capabilities,
        limits=limits,
        standings={standing.key: standing for standing in standings},
        quota=quota,
        earlier={standing.key: standing for standing in earlier},
        now=NOW,
        limits_total=len(limits),
        limits_before=len(limits),
    )


def wanted_of(limit: Limit, standing: Standing, capabilities: Capabilities = STEPS) -> Target | NoTarget:
    """Work out what should stand for a customer that was never metered."""
    return wanted(limit, standing, capabilities, reading(None, limit, standing, capabilities, None), ZERO)


def correction_of(
    before: str | None, after: str, *, number: int = 1, exhausts: bool = False, blocked_by: tuple[str, ...] = ()
) -> Correction:
    """Give a correction as judging makes it; `before` None is a first grant."""
    granted = None if before is None else dollars(before)
    wanted = dollars(after)
    change = None if granted is None else wanted - granted
    moved = wanted if change is None else change
    return Correction(
        order=0,
        account=ACCOUNT,
        customer=customer(number),
        name=None,
        action=Action.SET_AMOUNT,
        before=Position(granted=granted, kind=Kind.CREDIT_LINE),
        after=Position(granted=wanted, kind=Kind.CREDIT_LINE),
        change=change,
        wanted=wanted,
        spent=None,
        available=None,
        currency="USD",
        as_of=NOW,
        direction=Direction.RAISE if moved > ZERO else Direction.CUT if moved < ZERO else Direction.NEITHER,
        exhausts=exhausts,
        blocked_by=blocked_by,
    )


def amounts(least: int = 0, most: int = MOST) -> st.SearchStrategy[Money]:
    """Amounts in USD, in cents from least to most."""
    return st.integers(least, most).map(Money)


@st.composite
def spends(draw: st.DrawFn, most: int = MOST) -> Spend:
    """Spend, exact as a rule, else an interval."""
    low = draw(st.integers(0, most))
    width = draw(st.sampled_from([0, 0, 1, 5_00]))
    return Spend(low=Money(low), high=Money(low + width))


@st.composite
def standings(draw: st.DrawFn, number: int = 1, capabilities: Capabilities = STEPS) -> Standing:
    """One customer as a vendor may show it, with figures missing now and then."""
    granted = draw(st.one_of(amounts(), amounts(), st.sampled_from(list(Absence))))
    spent = draw(st.one_of(spends(), spends(), st.none()))
    kind = draw(st.sampled_from(sorted(capabilities.kinds)))
    action = draw(st.sampled_from([None, *sorted(capabilities.actions[kind])]))
    return standing_of(granted, spent, number=number, capabilities=capabilities, kind=kind, on_exhaustion=action)


@st.composite
def limits(draw: st.DrawFn, number: int = 1, capabilities: Capabilities = STEPS) -> Limit:
    """A limit that the vendor can keep."""
    kind = draw(st.sampled_from(sorted(capabilities.kinds)))
    action = draw(st.sampled_from([None, *sorted(capabilities.actions[kind])]))
    amount = draw(amounts(capabilities.minimum.cents))
    return limit_of(amount, number=number, capabilities=capabilities, kind=kind, on_exhaustion=action, allow_zero=True)


@st.composite
def accounts(draw: st.DrawFn, capabilities: Capabilities = STEPS, most: int = 8) -> AccountInputs:
    """An account with a few customers, all seen twice, and some credit to give out."""
    numbers = range(draw(st.integers(1, most)))
    wanted = [draw(limits(number, capabilities)) for number in numbers]
    shown = [draw(standings(number, capabilities)) for number in numbers]
    quota = draw(st.one_of(st.none(), amounts())) if capabilities.quota_readable else None
    inputs = inputs_of(wanted, shown, capabilities=capabilities, quota=quota, earlier=shown)
    return replace(inputs, policy=policy_of(guards=[GuardSettings()], vendor=capabilities.vendor))
