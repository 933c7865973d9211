"""Plans for the tests of the reports: one made by hand, and hypothesis strategies for any."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from core.exposure import Headroom, Outlook
from core.forecast import Forecast
from core.intent import Action, Position
from core.limit import Customer, CustomerKey, Kind, OnExhaustion, WritePolicy
from core.money import Money
from core.plan import AccountSummary, Correction, Direction, GuardVerdict, Hold, HoldReason, Plan, PoolUse, Totals
from core.policy import BudgetQuota
from core.standing import Restriction, Spend
from scheduler.reports.wording import clean

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HUAWEI_ID = "3f2a9c0d11e24b7f8a6b5c4d3e2f1a0b"
TENCENT_ID = "200012345678"
HOSTILE = "Acme [red]=cmd|' /C calc'!A0[/red]\x1b[2J\u202eevil `tick` <b>\"|\" @all\nsecond line"


def correction(**changes: object) -> Correction:
    """Give a raise at Huawei from 1000 to 1500, with these facts changed."""
    facts: dict[str, object] = {
        "order": 1,
        "account": "huawei-main",
        "customer": Customer(CustomerKey("huawei", HUAWEI_ID)),
        "name": "Acme Trading Ltd",
        "action": Action.SET_AMOUNT,
        "before": Position(granted=Money(100_000), kind=Kind.MONTHLY),
        "after": Position(granted=Money(150_000), kind=Kind.MONTHLY),
        "change": Money(50_000),
        "wanted": Money(150_000),
        "spent": Spend.exactly(Money(81_240)),
        "available": Money(18_760),
        "currency": "USD",
        "as_of": NOON,
        "detail": "limit 1500.00 (limits.csv:2)",
        "direction": Direction.RAISE,
    }
    return Correction(**{**facts, **changes})  # type: ignore[arg-type]  # facts by name


def cut(**changes: object) -> Correction:
    """Give a cut at Tencent, with these facts changed."""
    facts: dict[str, object] = {
        "order": 2,
        "account": "tencent-main",
        "customer": Customer(CustomerKey("tencent", TENCENT_ID)),
        "before": Position(granted=Money(123_456_789_0), kind=Kind.CREDIT_LINE),
        "after": Position(granted=Money(100_000_000_0), kind=Kind.CREDIT_LINE),
        "change": Money(-23_456_789_0),
        "wanted": Money(100_000_000_0),
        "direction": Direction.CUT,
        "quota_after": Money(5_000_000),
        "effects": ("changed outside Tidegate by alice at 2026-11-22 10:00 UTC",),
    }
    return correction(**{**facts, **changes})


def hold(**changes: object) -> Hold:
    """Give a hold in a correction's place."""
    held = correction(order=3, account="tencent-main", customer=Customer(CustomerKey("tencent", "200099"))).held(
        HoldReason.UNCERTAIN, "sent, no answer; can be settled from 12:08"
    )
    return type(held)(**{**{name: getattr(held, name) for name in held.__dataclass_fields__}, **changes})


def plan_of(
    corrections: tuple[Correction, ...] = (),
    holds: tuple[Hold, ...] = (),
    guards: tuple[GuardVerdict, ...] = (),
    *,
    complete: bool = True,
    in_sync: int = 6,
    **of_first: object,
) -> Plan:
    """Put rows into a plan of two accounts; `of_first`: further facts of the first one."""
    accounts = (
        summary("huawei-main", "huawei", **of_first),
        summary("tencent-main", "tencent", quota=Money(7_000_000), unlimited=tuple(str(each) for each in range(8))),
    )
    return Plan(
        run="01JRUN",
        made_at=NOON,
        accounts=accounts,
        corrections=corrections,
        holds=holds,
        guards=guards,
        totals=Totals(
            corrections=sum(1 for row in corrections if not row.blocked_by),
            blocked=sum(1 for row in corrections if row.blocked_by),
            holds=len(holds),
            in_sync=in_sync,
            raised=Money(50_000),
            cut=Money(23_456_789_0),
        ),
        complete=complete,
    )


def summary(name: str, vendor: str, **changes: object) -> AccountSummary:
    """Give one account's figures."""
    facts: dict[str, object] = {
        "name": name,
        "vendor": vendor,
        "write_policy": WritePolicy.SYNC,
        "customers": 4,
        "in_sync": 3,
        "corrections": 1,
        "holds": 0,
        "quota": None,
        "unlimited": (),
    }
    return AccountSummary(**{**facts, **changes})  # type: ignore[arg-type]  # facts by name


TRIPPED = GuardVerdict(
    guard="max_cut",
    account="tencent-main",
    customer=None,
    tripped=True,
    figures="2345678.90",
    limit="1000.00",
    sentence="max_cut: 2345678.90 would be taken, 1000.00 is allowed; if it is meant, raise the guard",
)

APPROVED = GuardVerdict(
    guard="max_raised",
    account="huawei-main",
    customer=None,
    tripped=False,
    figures="500.00",
    limit="100.00",
    sentence="approved up to 1000.00 by ann until 2026-12-01 00:00 UTC: a big tender",
)
AHEAD = Outlook(
    granted=Money(500_000),
    open=Money(120_050),
    rollover=Money(300_000),
    rollover_at=NOON + timedelta(days=8, hours=4),
    headroom=Headroom(title="partner credit", limit=Money(1_000_000), used=Money(990_000), left=Money(10_000)),
)

_TEXT = st.text(max_size=40)
_MONEY = st.builds(Money, st.integers(-(10**12), 10**12))
_MAYBE_MONEY = st.none() | _MONEY
_TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - given one
_POSITIONS = st.builds(
    Position,
    granted=_MAYBE_MONEY,
    kind=st.none() | st.sampled_from(Kind),
    on_exhaustion=st.none() | st.sampled_from(OnExhaustion),
    restriction=st.none() | st.sampled_from(Restriction),
)
_SPENDS = st.builds(
    lambda low, more, since: Spend(low=low, high=low + Money(more), since=since),
    _MONEY,
    st.integers(0, 10**9),
    st.none() | _TIMES,
)
_FORECASTS = st.builds(Forecast, earliest=st.none() | _TIMES, latest=st.none() | _TIMES)
_ROOMS = st.builds(Headroom, title=_TEXT.map(clean), limit=_MAYBE_MONEY, used=_MAYBE_MONEY, left=_MAYBE_MONEY)
_OUTLOOKS = st.builds(
    Outlook,
    granted=_MONEY,
    open=_MONEY,
    rollover=_MAYBE_MONEY,
    rollover_at=st.none() | _TIMES,
    headroom=st.none() | _ROOMS,
)
_CUSTOMERS = st.builds(
    Customer,
    st.builds(
        CustomerKey, st.sampled_from(["huawei", "tencent"]), st.text("0123456789abcdef", min_size=1, max_size=32)
    ),
    st.none() | st.just("partner-7"),
)


def _with_change(row: Correction) -> Correction:
    before, after = row.before.granted, row.after.granted
    change = None if before is None or after is None else after - before
    return correction(**{**{name: getattr(row, name) for name in row.__dataclass_fields__}, "change": change})


CORRECTIONS = st.builds(
    Correction,
    order=st.integers(1, 10**6),
    account=st.sampled_from(["huawei-main", "tencent-main"]),
    customer=_CUSTOMERS,
    name=st.none(),
    action=st.sampled_from(Action),
    before=_POSITIONS,
    after=_POSITIONS,
    change=st.none(),
    wanted=_MONEY,
    spent=st.none() | _SPENDS,
    available=_MAYBE_MONEY,
    currency=st.just("USD"),
    as_of=st.none() | _TIMES,
    effects=st.lists(_TEXT.map(clean), max_size=3).map(tuple),
    blocked_by=st.lists(_TEXT, max_size=2).map(tuple),
    detail=st.just("limit (limits.csv:2)"),
    direction=st.sampled_from(Direction),
    exhausts=st.booleans(),
    exhausted=st.none() | _FORECASTS,
    data_deleted_after=st.none() | _TIMES,
    follows=st.lists(st.sampled_from(Action), max_size=2).map(tuple),
    restores=st.booleans(),
    urgent=st.booleans(),
    waits=st.booleans(),
    quota_after=_MAYBE_MONEY,
).map(_with_change)
HOLDS = st.builds(lambda row, reason: row.held(reason, "why"), CORRECTIONS, st.sampled_from(HoldReason))
PLANS = st.builds(
    plan_of,
    st.lists(CORRECTIONS, max_size=5).map(tuple),
    st.lists(HOLDS, max_size=3).map(tuple),
    st.sampled_from([(), (TRIPPED,), (APPROVED, TRIPPED)]),
    complete=st.booleans(),
    outlook=st.none() | _OUTLOOKS,
    pools=st.lists(
        st.builds(
            PoolUse,
            st.builds(
                BudgetQuota,
                kind=st.sampled_from(Kind),
                amount=_MONEY,
                indirect_partner_id=st.none() | st.just("partner-7"),
            ),
            _MONEY,
        ),
        max_size=2,
    ).map(tuple),
    skew=st.none() | st.integers(-(10**9), 10**9).map(lambda milliseconds: timedelta(milliseconds=milliseconds)),
)
LATER = NOON + timedelta(minutes=8)
