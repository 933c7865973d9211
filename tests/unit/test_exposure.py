"""What a partner is in for: granted, open, and what the next month will need, told five days ahead."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.capabilities import Capabilities
from core.exposure import AHEAD, Headroom, Outlook, outlook, shortage
from core.limit import Dated, Kind, Limit, OnExhaustion, Temporary, TopUp
from core.money import ZERO, Money
from core.standing import Absence, Spend, Standing
from tests.unit.strategies import LAWS, LEVELS, NOW, STEPS, dollars, limit_of, standing_of

ZONE = "Asia/Shanghai"
BEGINS = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)  # April in the billing zone
FOLLOWS = replace(STEPS, emulated={Kind.MONTHLY: frozenset({OnExhaustion.FREEZE})})
HEADROOM = Headroom(title="consumption quota", limit=dollars("9"), used=dollars("2"), left=dollars("7"))


def monthly(amount: str, number: int = 1) -> Limit:
    """Want a month's amount of a vendor that has no months."""
    return limit_of(amount, number=number, kind=Kind.MONTHLY, on_exhaustion=OnExhaustion.FREEZE)


def ahead(
    *pairs: tuple[Limit, Standing],
    capabilities: Capabilities = FOLLOWS,
    now: datetime = NOW,
    headroom: Headroom | None = None,
) -> Outlook:
    """Add customers up."""
    limits, standings = [limit for limit, _ in pairs], {standing.key: standing for _, standing in pairs}
    found = outlook(limits, standings, capabilities, now=now, zone=ZONE, headroom=headroom)
    assert found is not None
    return found


def test_granted_and_open_add_up() -> None:
    """What stands, and what of it can still be spent; an overdrawn customer has nothing left, and takes none away."""
    found = ahead(
        (limit_of("1", number=1), standing_of("100", "40", number=1)),
        (limit_of("1", number=2), standing_of("50", "80", number=2)),
        headroom=HEADROOM,
    )
    assert found == Outlook(granted=dollars("150"), open=dollars("60"), headroom=HEADROOM)


@pytest.mark.parametrize(
    "standing",
    [
        standing_of(Absence.UNKNOWN, "0"),
        standing_of(Absence.NOT_SET, "0"),
        standing_of("100", "0", currency="CNY"),
        standing_of("100", "0", number=7),
    ],
    ids=["unknown", "not set", "another currency", "not read"],
)
def test_what_is_not_known_is_left_out(standing: Standing) -> None:
    """A customer that could not be read adds nothing, and is no reason to say nothing of the others."""
    found = ahead((monthly("100"), standing), (monthly("10", 2), standing_of("10", "4", number=2)))
    assert (found.granted, found.open, found.rollover) == (dollars("10"), dollars("6"), dollars("4"))


@pytest.mark.parametrize(
    "standings", [[], [standing_of(Absence.UNKNOWN, "0")], [standing_of("1", "0", currency="CNY")]]
)
def test_nothing_known_is_no_zero(standings: list[Standing]) -> None:
    """Where of no customer it is known what stands there is no outlook, and no shortage; without limits it is zero."""
    read = {standing.key: standing for standing in standings}
    found = outlook([monthly("100")], read, FOLLOWS, now=NOW, zone=ZONE, headroom=HEADROOM)
    assert (found, shortage(found, ZERO, BEGINS)) == (None, None)
    assert outlook([], {}, FOLLOWS, now=NOW, zone=ZONE, headroom=None) == Outlook(granted=ZERO, open=ZERO)
    assert ahead((monthly("100"), standing_of(Absence.NOT_SET, "0"))).granted == ZERO


@pytest.mark.parametrize(
    ("granted", "used", "need"),
    [
        ("100", "0", "0"),
        ("100", "40", "40"),
        ("350", "280", "30"),
        ("500", "280", "0"),
        ("0", "0", "100"),
        ("80", "-20", "20"),
    ],
)
def test_the_next_month_gives_back_its_amount(granted: str, used: str, need: str) -> None:
    """When a month begins the credit goes to what is used and the whole amount again."""
    found = ahead((monthly("100"), standing_of(granted, used)))
    assert (found.rollover, found.rollover_at) == (dollars(need), BEGINS)


@pytest.mark.parametrize(
    ("limit", "capabilities"),
    [
        (limit_of("100"), FOLLOWS),
        (limit_of("100", kind=Kind.ONE_TIME, on_exhaustion=OnExhaustion.FREEZE), STEPS),
        (limit_of("100", capabilities=LEVELS, kind=Kind.MONTHLY), LEVELS),
    ],
    ids=["credit line", "once", "the vendor's own months"],
)
def test_only_followed_months_need_credit(limit: Limit, capabilities: Capabilities) -> None:
    """Where nothing is given back by us nothing is needed, and no date is named."""
    found = ahead((limit, standing_of("1", "1", capabilities=capabilities)), capabilities=capabilities)
    assert (found.rollover, found.rollover_at) == (None, None)


def test_the_amount_is_the_one_of_that_day() -> None:
    """A dated change, and a temporary raise that ends by then, count as they will be; topping up begins anew."""
    standing = standing_of("100", "100")
    dated = replace(monthly("100"), later=Dated(dollars("250"), date(2026, 4, 1)))
    assert ahead((dated, standing)).rollover == dollars("250")
    over = replace(monthly("100"), temporary=Temporary(amount=dollars("900"), until=date(2026, 4, 1)))
    assert ahead((over, standing)).rollover == dollars("100")
    lasts = replace(monthly("100"), temporary=Temporary(amount=dollars("900"), until=date(2026, 4, 2)))
    assert ahead((lasts, standing)).rollover == dollars("900")
    topped = TopUp(step=dollars("50"), below=dollars("20").to_decimal(), most=dollars("300"))
    assert ahead((replace(monthly("100"), top_up=topped), standing)).rollover == dollars("100")


def test_shortage_is_told_from_five_days_ahead() -> None:
    """Not before, and only where what can be given out is less than what the month needs."""
    found = ahead((monthly("100"), standing_of("100", "100")))
    assert timedelta(days=5) == AHEAD
    assert shortage(found, dollars("99.99"), BEGINS - AHEAD - timedelta(seconds=1)) is None
    assert shortage(found, dollars("99.99"), BEGINS - AHEAD) == (
        "the month that begins at 2026-03-31 16:00 UTC needs 100.00 of credit, and 99.99 can be given out: "
        "ask the vendor for more, or lower limits"
    )
    assert shortage(found, dollars("100"), BEGINS - AHEAD) is None


def test_no_shortage_without_figures() -> None:
    """Where no month needs credit, or the vendor does not say how much there is, nothing is claimed."""
    needed, none = ahead((monthly("100"), standing_of("100", "100"))), ahead((limit_of("1"), standing_of("1", "1")))
    assert shortage(needed, None, BEGINS) is None
    assert shortage(none, ZERO, BEGINS) is None


@given(figures=st.lists(st.tuples(*[st.integers(-50_00, 500_00)] * 3), max_size=6))
@LAWS
def test_the_rollover_is_what_opening_the_month_takes(figures: list[tuple[int, int, int]]) -> None:
    """Giving out just the rollover brings every customer that has less to its use and its amount, in any order."""
    pairs = []
    for number, (amount, granted, used) in enumerate(figures):
        standing = standing_of(Money(abs(granted)), Spend.exactly(Money(used)), number=number)
        pairs.append((monthly(str(Money(abs(amount))), number), standing))
    need = sum(max(max(used, 0) + abs(amount) - abs(granted), 0) for amount, granted, used in figures)
    found = ahead(*pairs)
    assert found == ahead(*reversed(pairs))
    assert found.rollover == (Money(need) if pairs else None)
