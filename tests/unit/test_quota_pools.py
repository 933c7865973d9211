"""The pools that corrections draw from: the vendor's figure, or the quotas that are written down."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.intent import Position
from core.limit import Customer, Kind
from core.money import ZERO, Money
from core.plan import Correction, Direction, Hold, HoldReason
from core.planning import make_plan
from core.policy import BudgetQuota
from core.quota import EVERYBODY, Pool, drawn, draws, fit, fits, in_use, pools, refusal, taken
from core.standing import Absence, Standing
from tests.unit.strategies import (
    LAWS,
    LEVELS,
    NOW,
    correction_of,
    customer,
    dollars,
    inputs_of,
    limit_of,
    policy_of,
    standing_of,
)

MONTHLY: Pool = (None, Kind.MONTHLY)
ONCE: Pool = (None, Kind.ONE_TIME)
RESELLERS: Pool = ("p1", Kind.MONTHLY)
QUOTAS = (
    BudgetQuota(kind=Kind.MONTHLY, amount=dollars("1000")),
    BudgetQuota(kind=Kind.ONE_TIME, amount=dollars("500")),
    BudgetQuota(kind=Kind.MONTHLY, amount=dollars("200"), indirect_partner_id="p1"),
)


def budget(number: int, granted: str, kind: Kind = Kind.MONTHLY, partner: str | None = None) -> Standing:
    """Show a budget, perhaps of a reseller's customer."""
    standing = standing_of(granted, "0", number=number, capabilities=LEVELS, kind=kind)
    return replace(standing, customer=Customer(standing.key, partner))


def change(
    before: str | None,
    after: str,
    *,
    kinds: tuple[Kind, Kind] = (Kind.MONTHLY, Kind.MONTHLY),
    partner: str | None = None,
    number: int = 1,
    blocked: bool = False,
) -> Correction:
    """Give a correction of a budget."""
    row = correction_of(before, after, number=number, blocked_by=("write_policy observe",) if blocked else ())
    return replace(
        row,
        customer=Customer(customer(number).key, partner),
        before=Position(granted=row.before.granted, kind=kinds[0] if before is not None else None),
        after=Position(granted=row.after.granted, kind=kinds[1]),
    )


def names(rows: Sequence[Correction]) -> list[str]:
    """Name the customers of rows in their order."""
    return [row.key.customer_id for row in rows]


def names_of(holds: Sequence[Hold]) -> list[str]:
    """Name the customers of holds."""
    return [hold.key.customer_id for hold in holds]


def test_the_vendors_figure_is_one_pool() -> None:
    """Where the vendor says what can be given out, that is the pool of all, whatever is written or stands."""
    assert pools(dollars("7"), QUOTAS, [budget(1, "900")]) == {EVERYBODY: dollars("7")}
    assert draws(change("10", "25"), {EVERYBODY: dollars("7")}) == {EVERYBODY: dollars("15")}
    assert draws(change("25", "10"), {EVERYBODY: dollars("7")}) == {EVERYBODY: dollars("-15")}


def test_a_written_quota_is_less_what_stands() -> None:
    """Each quota is of one kind and one reseller; the budgets that stand are taken from theirs, limited or not."""
    standing = [budget(1, "300"), budget(2, "100", Kind.ONE_TIME), budget(3, "50", partner="p1")]
    standing += [budget(4, "70", partner="p2"), standing_of(Absence.NOT_SET, None, capabilities=LEVELS)]
    standing += [standing_of("9", "0", number=5, capabilities=LEVELS, kind=Kind.MONTHLY, currency="CNY")]
    left = pools(None, QUOTAS, standing)
    assert left == {MONTHLY: dollars("700"), ONCE: dollars("400"), RESELLERS: dollars("150")}


def test_what_is_in_use_is_what_is_not_left() -> None:
    """Of each written quota, in the order written, what is given out and what is left are the whole of it."""
    standing = [budget(1, "300"), budget(2, "1700", partner="p1")]
    left = pools(None, QUOTAS, standing)
    uses = in_use(QUOTAS, standing)
    assert [str(use.granted) for use in uses] == ["300.00", "0.00", "1700.00"]
    assert [use.quota.amount - use.granted for use in uses] == list(left.values())
    assert in_use((), standing) == ()


def test_a_plan_tells_what_of_each_quota_is_in_use() -> None:
    """Customers without a limit, and those that were not read this time, have their share of it."""
    account = replace(
        inputs_of([limit_of("300", capabilities=LEVELS)], [budget(1, "300")], capabilities=LEVELS),
        policy=replace(policy_of(vendor=LEVELS.vendor), quotas=QUOTAS),
        others=[budget(2, "40")],
        elsewhere=[budget(3, "5")],
        skew=timedelta(seconds=-2),
    )
    (summary,) = make_plan([account], run="run", made_at=NOW).accounts
    assert [(use.quota, str(use.granted)) for use in summary.pools] == list(
        zip(QUOTAS, ("345.00", "0.00", "0.00"), strict=True)
    )
    assert summary.skew == timedelta(seconds=-2)


def test_no_quota_no_pool() -> None:
    """Where nothing is known and nothing written, everything fits."""
    left = pools(None, (), [budget(1, "300")])
    assert left == {}
    assert draws(change("1", "900"), left) == {}
    placed, holds = fit([change("1", "900")], left)
    assert (placed[0].quota_after, placed[0].waits, holds) == (None, False, [])


def test_a_reseller_without_a_quota_draws_from_none() -> None:
    """Its budgets are no part of the account's own."""
    left = pools(None, QUOTAS, [])
    assert draws(change("10", "900", partner="p2"), left) == {}
    assert draws(change("10", "25", partner="p1"), left) == {RESELLERS: dollars("15")}


def test_a_first_budget_draws_all_of_itself() -> None:
    """Where nothing stood nothing is given back."""
    assert draws(change(None, "25"), pools(None, QUOTAS, [])) == {MONTHLY: dollars("25")}


def test_a_change_of_kind_moves_from_pool_to_pool() -> None:
    """The new kind's pool needs all of the new amount, the old kind's gets all of the old one back."""
    left = pools(None, QUOTAS, [budget(1, "300")])
    row = change("300", "350", kinds=(Kind.MONTHLY, Kind.ONE_TIME))
    assert draws(row, left) == {ONCE: dollars("350"), MONTHLY: dollars("-300")}
    assert drawn(row, left) == {MONTHLY: dollars("1000"), ONCE: dollars("150"), RESELLERS: dollars("200")}
    too_much = change("300", "501", kinds=(Kind.MONTHLY, Kind.ONE_TIME))
    assert not fits(too_much, left)
    assert refusal(too_much, left) == "it needs 501.00 and 500.00 of the one_time budget quota can still be given out"


def test_a_cut_frees_for_what_waits_alone() -> None:
    """Credit that a cut frees is not there before it is read back: a row that needs it waits, none other does."""
    left = {EVERYBODY: dollars("10")}
    rows = [change("0", "10", number=1), change("0", "5", number=2), change("20", "0", number=3)]
    placed, holds = fit(rows, left)
    assert [(each.row.key.customer_id, each.waits, str(each.quota_after)) for each in placed] == [
        ("c00001", False, "0.00"),
        ("c00003", False, "20.00"),
        ("c00002", True, "15.00"),
    ]
    assert holds == []


def test_what_a_change_of_kind_gives_back_is_not_spent_unread() -> None:
    """The old kind's quota has the amount back only once the change is read back: a raise that needs it waits."""
    left = {MONTHLY: ZERO, ONCE: dollars("500")}
    rows = [change("300", "350", number=1, kinds=(Kind.MONTHLY, Kind.ONE_TIME)), change("0", "200", number=2)]
    placed, _ = fit(rows, left)
    assert [(each.row.key.customer_id, each.waits) for each in placed] == [("c00001", False), ("c00002", True)]


def test_a_cut_that_changes_the_kind_needs_the_other_quota() -> None:
    """Less in all, but of a kind whose quota is used up: it waits, and is held where nothing frees it."""
    left = {MONTHLY: dollars("500"), ONCE: ZERO}
    row = change("300", "200", number=1, kinds=(Kind.MONTHLY, Kind.ONE_TIME))
    _, holds = fit([row], left)
    assert names_of(holds) == ["c00001"]
    freeing = change("250", "10", number=2, kinds=(Kind.ONE_TIME, Kind.ONE_TIME))
    placed, holds = fit([row, freeing], left)
    assert [(each.row.key.customer_id, each.waits) for each in placed] == [("c00002", False), ("c00001", True)]
    assert holds == []


def test_what_never_fits_is_held() -> None:
    """Not even with all cuts: it says what it needs and what there would be, and does not stand in others' way."""
    rows = [change("0", "50", number=1), change("0", "12", number=2), change("20", "15", number=3)]
    placed, holds = fit(rows, {EVERYBODY: dollars("10")})
    assert names([each.row for each in placed]) == ["c00003", "c00002"]
    assert [(hold.key.customer_id, hold.reason) for hold in holds] == [("c00001", HoldReason.QUOTA)]
    assert holds[0].detail == "it needs 50.00 and 15.00 can still be given out"


def test_a_blocked_row_draws_nothing() -> None:
    """What is only listed neither takes credit nor frees it."""
    rows = [
        change("0", "50", number=1, blocked=True),
        change("0", "10", number=2),
        change("90", "0", number=3, blocked=True),
    ]
    placed, holds = fit([*rows, change("0", "5", number=4)], {EVERYBODY: dollars("10")})
    assert [(each.row.key.customer_id, str(each.quota_after)) for each in placed] == [
        ("c00001", "10.00"),
        ("c00002", "0.00"),
        ("c00003", "0.00"),
    ]
    assert names_of(holds) == ["c00004"]


def test_a_refusal_names_the_reseller() -> None:
    """The sentence says whose quota it is."""
    left = pools(None, QUOTAS, [])
    sentence = refusal(change("0", "300", partner="p1"), left)
    assert sentence == "it needs 300.00 and 200.00 of the monthly budget quota of reseller p1 can still be given out"
    assert refusal(change("0", "30"), left) == "it does not fit"


def test_a_quota_already_overdrawn_takes_cuts_only() -> None:
    """Where more stands than the quota is, cuts pass and raises wait for enough of them."""
    left = pools(None, QUOTAS, [budget(1, "1100")])
    assert left[MONTHLY] == dollars("-100")
    rows = [change("0", "10", number=2), change("1100", "1000", number=1)]
    placed, holds = fit(rows, left)
    assert names([each.row for each in placed]) == ["c00001"]
    assert names_of(holds) == ["c00002"]


_AMOUNTS = st.integers(0, 100_00).map(Money)
_KINDS = st.sampled_from([Kind.MONTHLY, Kind.ONE_TIME])


@st.composite
def _rows(draw: st.DrawFn) -> list[Correction]:
    rows = []
    for number in range(draw(st.integers(0, 8))):
        before, after = draw(st.one_of(st.none(), _AMOUNTS)), draw(_AMOUNTS)
        kind = draw(_KINDS)
        row = change(
            None if before is None else str(before),
            str(after),
            number=number,
            kinds=(kind, draw(_KINDS)),
            partner=draw(st.sampled_from([None, "p1", "p2"])),
            blocked=draw(st.integers(0, 5)) == 0,
        )
        rows.append(row)
    order = [Direction.RAISE, Direction.NEITHER, Direction.CUT]
    return sorted(rows, key=lambda row: order.index(row.direction))


_POOLS = st.one_of(
    _AMOUNTS.map(lambda amount: {EVERYBODY: amount}),
    st.fixed_dictionaries({MONTHLY: _AMOUNTS, ONCE: _AMOUNTS, RESELLERS: _AMOUNTS}),
)


@given(rows=_rows(), left=_POOLS)
@LAWS
def test_no_pool_is_ever_overdrawn(rows: list[Correction], left: dict[Pool, Money]) -> None:
    """In the order of the plan no row takes more than its pools have, and nothing given back is spent unread."""
    placed, holds = fit(rows, left)
    assert sorted(names([each.row for each in placed]) + names_of(holds)) == sorted(names(rows))
    at_hand, waited = left, False
    for each in placed:
        assert each.waits or not waited
        if each.waits and not waited:
            at_hand = left  # all that came before was read back
        waited = each.waits
        if each.row.blocked_by:
            continue
        at_hand, left = taken(each.row, at_hand), drawn(each.row, left)
        assert all(amount >= ZERO for amount in at_hand.values())
        touched = draws(each.row, left)
        assert each.quota_after == (left[next(iter(touched))] if touched else None)


@given(rows=_rows(), amount=_AMOUNTS)
@LAWS
def test_what_is_held_fits_nowhere(rows: list[Correction], amount: Money) -> None:
    """A row that is held would not fit after all that is done, and no cut is ever held."""
    placed, holds = fit(rows, {EVERYBODY: amount})
    left = {EVERYBODY: amount}
    for each in placed:
        left = left if each.row.blocked_by else drawn(each.row, left)
    held = {hold.key for hold in holds}
    for row in rows:
        if row.key in held:
            assert row.direction is Direction.RAISE
            assert not fits(row, left)
