"""Limits with everything that may be said of one, as the reader would give them: for the writer and the store."""

import string
from datetime import date, timedelta

from hypothesis import strategies as st

from core.limit import (
    Customer,
    CustomerKey,
    Dated,
    Kind,
    Limit,
    OnExhaustion,
    Overrun,
    Release,
    Temporary,
    TopUp,
    WritePolicy,
)
from core.money import Money

_IDS = st.text(string.ascii_letters + string.digits + "=+-@'_", min_size=1, max_size=12).filter(
    lambda text: not text[0].isdigit()
)
_UINS = st.integers(1, 10**12).map(str)
_TEXTS = st.none() | st.text(
    st.characters(exclude_categories=["C", "Z"]) | st.sampled_from("=+-@'"), min_size=1, max_size=20
)
_AMOUNTS = st.integers(1, 10**10).map(Money)
_CEILINGS = st.integers(10**10 + 1, 10**11).map(Money)
_DAYS = st.dates(date(2002, 1, 1), date(2100, 1, 1))
_TOP_UPS = st.builds(TopUp, step=_AMOUNTS, below=st.decimals(1, 99, places=2), most=_CEILINGS)


@st.composite
def _temporary(draw: st.DrawFn) -> Temporary:
    until, days = draw(_DAYS), draw(st.none() | st.integers(1, 400))
    starts = None if days is None else until - timedelta(days=days)
    return Temporary(amount=draw(_AMOUNTS), until=until, starts=starts)


def _anywhere(vendor: str, ids: st.SearchStrategy[str]) -> dict[str, st.SearchStrategy[object]]:
    """Give what any limit may say, whatever its vendor."""
    partner = st.sampled_from([None, "p1"])
    return {
        "customer": st.builds(Customer, st.builds(CustomerKey, st.just(vendor), ids), partner),
        "amount": _AMOUNTS,
        "allow_zero": st.booleans(),
        "write_policy": st.none() | st.sampled_from(WritePolicy),
        "release": st.sampled_from(Release),
        "top_up": st.none() | _TOP_UPS,
        "temporary": st.none() | _temporary(),
        "later": st.none() | st.builds(Dated, _AMOUNTS, _DAYS),
        "name": _TEXTS,
        "changed_by": _TEXTS,
        "reason": _TEXTS,
    }


def any_limit() -> st.SearchStrategy[Limit]:
    """Give a limit of account `h` (Huawei Cloud) or `t` (Tencent Cloud) that its vendor can keep, without a source."""
    native = st.builds(
        Limit,
        account=st.just("h"),
        kind=st.sampled_from([Kind.MONTHLY, Kind.ONE_TIME]),
        on_exhaustion=st.none() | st.sampled_from(OnExhaustion),
        onboard=st.booleans(),
        **_anywhere("huawei", _IDS),
    )
    emulated = st.builds(
        Limit,
        account=st.just("t"),
        kind=st.just(Kind.ONE_TIME),
        on_exhaustion=st.just(OnExhaustion.ALERT),
        non_stop=st.booleans(),
        overrun=st.builds(Overrun, st.none() | _AMOUNTS),
        spent_before=st.none() | st.integers(0, 10**9).map(Money),
        since=st.none() | _DAYS,
        **_anywhere("tencent", _UINS),
    )
    return native | emulated
