"""The guards: where each edge lies, what is held when one trips, and what its sentence tells to write."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.guards import AccountFigures, caps, judge_guards
from core.limit import WritePolicy
from core.money import Money
from core.plan import Correction, Direction, GuardVerdict, Hold, HoldReason
from core.policy import AccountPolicy, Cap, GuardSettings
from tests.unit.strategies import LAWS, NOW, correction_of, dollars, policy_of

COUNTED = {"max_customers_changed", "max_vanished", "max_limits_removed", "max_exhausted"}
WEIGHED = {"max_raised", "max_restored", "max_cut", "max_single_change"}
FIGURES = AccountFigures(customers=10, granted=dollars("1000"), limits_before=10)
# Three raises of 10.00, three cuts of 10.00: nobody is exhausted.
ROWS = tuple(
    correction_of("100.00", "110.00" if number % 2 else "90.00", number=number, exhausts=False) for number in range(6)
)


def guarded(
    rows: Sequence[Correction], settings: GuardSettings | AccountPolicy, figures: AccountFigures = FIGURES
) -> tuple[list[Correction], list[Hold], list[GuardVerdict]]:
    """Let the guards of one account judge."""
    policy = settings if isinstance(settings, AccountPolicy) else policy_of(guards=[settings])
    return judge_guards(rows, policy, figures, NOW)


def tripped(verdicts: Sequence[GuardVerdict]) -> set[str]:
    """Name the guards that tripped."""
    return {verdict.guard for verdict in verdicts if verdict.tripped}


def rows_for(name: str) -> Sequence[Correction]:
    """Give corrections of which `name` measures 3 customers, 30.00, or 10.00 of each."""
    if name == "max_exhausted":
        return [correction_of("100.00", "90.00", number=number, exhausts=number < 3) for number in range(6)]
    if name == "max_restored":
        return [replace(row, restores=row.direction is Direction.RAISE) for row in ROWS]
    return ROWS[:3] if name == "max_customers_changed" else ROWS


def settings_for(name: str, cap: Cap) -> GuardSettings:
    """Set one guard, and let customers be exhausted where that is not the question."""
    return GuardSettings(**{"max_exhausted": Cap(count=99), name: cap})


GONE = AccountFigures(customers=10, granted=dollars("100"), vanished=3, limits_removed=3, limits_before=10)
EDGES: list[tuple[str, Callable[[int], Cap], int]] = [
    *((name, lambda edge: Cap(count=edge), 3) for name in sorted(COUNTED)),
    *((name, lambda edge: Cap(percent=Decimal(edge)), 30) for name in sorted(COUNTED)),
    *((name, lambda edge: Cap(amount=Money(edge)), 30_00) for name in ("max_cut", "max_raised", "max_restored")),
    *((name, lambda edge: Cap(percent=Decimal(edge)), 30) for name in ("max_cut", "max_raised", "max_restored")),
    ("max_single_change", lambda edge: Cap(amount=Money(edge)), 10_00),
    ("max_single_change", lambda edge: Cap(percent=Decimal(edge)), 10),
]


@pytest.mark.parametrize(("name", "cap", "measured"), EDGES)
def test_trips_above_its_edge_only(name: str, cap: Callable[[int], Cap], measured: int) -> None:
    """Each guard lets exactly its figure pass, and trips one step below that."""
    rows = rows_for(name)
    for edge, trips in ((measured + 1, False), (measured, False), (measured - 1, True)):
        passing, holds, verdicts = guarded(rows, settings_for(name, cap(edge)), GONE)
        assert tripped(verdicts) == ({name} if trips else set()), edge
        assert bool(holds) is trips
        assert len(passing) + len(holds) == len(rows)


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("max_exhausted", {0, 1, 2}),
        ("max_vanished", {0, 1, 2, 3, 4, 5}),
        ("max_limits_removed", {0, 1, 2, 3, 4, 5}),
        ("max_customers_changed", {0, 1, 2}),
        ("max_cut", {0, 2, 4}),
        ("max_raised", {1, 3, 5}),
        ("max_restored", {1, 3, 5}),
    ],
)
def test_holds_the_sort_it_counts(name: str, held: set[int]) -> None:
    """A tripped guard holds every correction of the sort it counts, and lets the others pass."""
    cap = Cap(count=0) if name in COUNTED else Cap(amount=Money(0))
    rows = rows_for(name)
    passing, holds, _ = guarded(rows, settings_for(name, cap), GONE)
    assert {hold.key for hold in holds} == {rows[number].key for number in held}
    assert {row.key for row in passing} == {row.key for row in rows} - {hold.key for hold in holds}


def test_a_single_change_holds_its_customer() -> None:
    """max_single_change holds the customers whose own change is too large, one verdict each."""
    rows = [correction_of("100", "110", number=1), correction_of("100", "300", number=2), correction_of("100", "120")]
    passing, holds, verdicts = guarded(rows, GuardSettings(max_single_change=Cap(amount=dollars("20"))))
    assert [hold.key for hold in holds] == [rows[1].key]
    assert passing == [rows[0], rows[2]]
    spoken = [verdict for verdict in verdicts if verdict.guard == "max_single_change"]
    assert [(verdict.customer, verdict.tripped) for verdict in spoken] == [(rows[1].key, True)]


@pytest.mark.parametrize(
    ("cap", "trips"),
    [
        (Cap(amount=dollars("29.99"), percent=Decimal(2)), True),
        (Cap(amount=dollars("30"), percent=Decimal(2)), False),
        (Cap(amount=dollars("29.99"), percent=Decimal(3)), False),
        (Cap(), False),
    ],
)
def test_every_given_figure_must_be_exceeded(cap: Cap, trips: bool) -> None:  # noqa: FBT001 - a table's column
    """A guard with two figures trips when both are exceeded, and one with none never does."""
    _, _, verdicts = guarded(ROWS, GuardSettings(max_raised=cap))
    assert ("max_raised" in tripped(verdicts)) is trips


@pytest.mark.parametrize(
    ("name", "cap", "trips"),
    [
        ("max_customers_changed", Cap(percent=Decimal(99)), True),
        ("max_customers_changed", Cap(percent=Decimal(100)), False),
        ("max_customers_changed", Cap(count=0, percent=Decimal(20)), True),
        ("max_customers_changed", Cap(count=1, percent=Decimal(20)), False),
        ("max_exhausted", Cap(percent=Decimal(99)), True),
        ("max_exhausted", Cap(percent=Decimal(100)), False),
        ("max_cut", Cap(percent=Decimal(9)), True),
        ("max_cut", Cap(percent=Decimal(10)), False),
    ],
)
def test_one_customer_of_one_is_all_of_them(name: str, cap: Cap, trips: bool) -> None:  # noqa: FBT001 - a table's column
    """In an account with a single customer any share below 100 percent holds it: a small set is no hole."""
    lonely = AccountFigures(customers=1, granted=dollars("100"))
    rows = [correction_of("100", "90", exhausts=name == "max_exhausted")]
    _, holds, verdicts = guarded(rows, settings_for(name, cap), lonely)
    assert tripped(verdicts) == ({name} if trips else set())
    assert len(holds) == (1 if trips else 0)


@pytest.mark.parametrize(("percent", "trips"), [("33.3", True), ("33.4", False)])
def test_a_share_is_not_rounded(percent: str, trips: bool) -> None:  # noqa: FBT001 - a table's column
    """One customer of three is a third, and no rounded figure of it."""
    three = AccountFigures(customers=3, granted=dollars("300"))
    cap = Cap(percent=Decimal(percent))
    _, _, verdicts = guarded([correction_of("100", "110")], GuardSettings(max_customers_changed=cap), three)
    assert bool(tripped(verdicts)) is trips


@pytest.mark.parametrize("name", ["max_vanished", "max_limits_removed"])
def test_the_last_customer_that_goes_is_more_than_any_share(name: str) -> None:
    """Where no customer is left to take a share of, one that is gone trips."""
    gone = AccountFigures(customers=0, granted=Money(0), vanished=1, limits_removed=1, limits_before=0)
    rows = [correction_of("100", "110")]
    _, holds, verdicts = guarded(rows, settings_for(name, Cap(percent=Decimal(100))), gone)
    assert tripped(verdicts) == {name}
    assert [hold.key for hold in holds] == [rows[0].key]


@pytest.mark.parametrize("name", ["max_raised", "max_single_change"])
def test_a_share_of_nothing_trips(name: str) -> None:
    """Where nothing is granted yet any raise is more than every share of it."""
    empty = AccountFigures(customers=10, granted=Money(0))
    rows = [correction_of(None, "10.00")]
    _, holds, verdicts = guarded(rows, settings_for(name, Cap(percent=Decimal(1000))), empty)
    assert tripped(verdicts) == {name}
    assert [hold.key for hold in holds] == [rows[0].key]


def test_nothing_is_no_share_of_nothing() -> None:
    """A share of an empty account does not trip when nothing is counted."""
    empty = AccountFigures(customers=0, granted=Money(0))
    percent = Cap(percent=Decimal(0))
    settings = GuardSettings(max_raised=percent, max_vanished=percent, max_exhausted=percent, max_cut=percent)
    assert tripped(guarded([], settings, empty)[2]) == set()


@pytest.mark.parametrize("places", [(2, 5), (5, 2), (2, None), (None, 2)])
def test_the_stricter_of_two_places_wins(places: tuple[int | None, int | None]) -> None:
    """Where the global section and the account's both set a guard, the smaller figure counts."""
    settings = [
        GuardSettings(max_customers_changed=None if count is None else Cap(count=count), max_exhausted=Cap(count=9))
        for count in places
    ]
    _, holds, verdicts = guarded(ROWS[:3], policy_of(guards=settings))
    assert tripped(verdicts) == {"max_customers_changed"}
    assert len(holds) == 3
    assert [verdict.limit for verdict in verdicts if verdict.tripped] == ["2 customers"]


def test_nobody_is_exhausted_by_default() -> None:
    """Without a word on it no customer may be exhausted; the others pass."""
    rows = [correction_of("100", "90", number=1, exhausts=True), correction_of("100", "90", number=2)]
    for policy in (policy_of(), policy_of(guards=[GuardSettings(), GuardSettings(max_cut=Cap(count=0))])):
        assert caps(policy, "max_exhausted") == [Cap(count=0)]
    passing, holds, verdicts = guarded(rows, policy_of())
    assert passing == [rows[1]]
    assert [(hold.key, hold.reason, hold.exhausts) for hold in holds] == [(rows[0].key, HoldReason.GUARD, True)]
    assert tripped(verdicts) == {"max_exhausted"}


def test_one_place_may_allow_what_the_other_leaves_out() -> None:
    """A word on max_exhausted in either place replaces the default."""
    settings = [GuardSettings(max_exhausted=Cap(count=1)), GuardSettings()]
    assert guarded([correction_of("100", "90", exhausts=True)], policy_of(guards=settings))[1] == []


def test_guards_that_are_not_set_are_off() -> None:
    """Only max_exhausted speaks when nothing is set."""
    _, holds, verdicts = guarded(ROWS, policy_of())
    assert holds == []
    assert [verdict.guard for verdict in verdicts] == ["max_exhausted"]


def test_observe_counts_what_sync_would_send() -> None:
    """In an account that is only observed the guards hold just what they would hold when it wrote."""
    observed = [correction_of("100", "110", number=n, blocked_by=("write_policy observe",)) for n in range(3)]
    settings = GuardSettings(max_customers_changed=Cap(count=2), max_single_change=Cap(amount=dollars("50")))
    _, holds, verdicts = guarded(observed, policy_of(WritePolicy.OBSERVE, guards=[settings]))
    written = [correction_of("100", "110", number=n) for n in range(3)]
    _, expected, _ = guarded(written, settings)
    assert [hold.key for hold in holds] == [hold.key for hold in expected]
    assert [hold.blocked_by for hold in holds] == [("max_customers_changed",)] * 3
    assert tripped(verdicts) == {"max_customers_changed"}


@pytest.mark.parametrize("policy", [WritePolicy.SYNC, WritePolicy.RAISE_ONLY, WritePolicy.LOWER_ONLY])
def test_what_is_blocked_is_not_counted(policy: WritePolicy) -> None:
    """A correction that a write policy keeps back trips no guard and stays listed."""
    rows = [correction_of("100", "110", number=n, blocked_by=("write_policy observe",)) for n in range(3)]
    settings = GuardSettings(max_customers_changed=Cap(count=0), max_single_change=Cap(amount=Money(0)))
    passing, holds, _ = guarded(rows, policy_of(policy, guards=[settings]))
    assert (passing, holds) == (rows, [])


def test_what_one_guard_holds_the_next_does_not_count() -> None:
    """The guards judge in order: customers held for one reason leave room under the next."""
    rows = [correction_of("100", "90", number=n, exhausts=n < 3) for n in range(4)]
    settings = GuardSettings(max_exhausted=Cap(count=2), max_cut=Cap(amount=dollars("10")))
    passing, holds, verdicts = guarded(rows, settings)
    assert tripped(verdicts) == {"max_exhausted"}
    assert (len(passing), len(holds)) == (1, 3)


@pytest.mark.parametrize(
    ("name", "cap", "sentence"),
    [
        (
            "max_cut",
            Cap(amount=dollars("20"), percent=Decimal(1)),
            "max_cut: 30.00 (30.0 %) would be taken, 20.00 and 1 % is allowed; if it is meant, approve it: "
            '[[approvals]] account = "main", kind = "max_cut", up_to = "30.00", until = 2026-03-22, '
            'approved_by = "…", reason = "…"; or write max_cut = { amount = "30.00" } '
            "wherever it is set, [guards] or [accounts.main.guards], for this change "
            "(an approval's keys stand on lines of their own)",
        ),
        (
            "max_customers_changed",
            Cap(percent=Decimal(5)),
            "max_customers_changed: 3 customers (30.0 %) would be changed, 5 % is allowed; if it is meant, approve it: "
            '[[approvals]] account = "main", kind = "max_customers_changed", up_to = 3, until = 2026-03-22, '
            'approved_by = "…", reason = "…"; or write max_customers_changed = { count = 3 } '
            "wherever it is set, [guards] or [accounts.main.guards], for this change "
            "(an approval's keys stand on lines of their own)",
        ),
    ],
)
def test_a_tripped_guard_says_what_to_write(name: str, cap: Cap, sentence: str) -> None:
    """The sentence gives the figures, the limit, the approval and the setting that would do; held rows carry it."""
    _, holds, verdicts = guarded(rows_for(name), settings_for(name, cap), GONE)
    assert [verdict.sentence for verdict in verdicts if verdict.tripped] == [sentence]
    assert {hold.detail for hold in holds} == {sentence}
    assert {hold.blocked_by for hold in holds} == {(name,)}
    assert {hold.reason for hold in holds} == {HoldReason.GUARD}


def test_the_default_guard_says_where_to_write() -> None:
    """A guard that nobody has set is to be written into the account's section."""
    _, holds, _ = guarded([correction_of("100", "90", exhausts=True)], policy_of())
    assert holds[0].detail.startswith("max_exhausted: 1 customer (10.0 %) would be exhausted, none is allowed; ")
    assert "; or write max_exhausted = { count = 1 } under [accounts.main.guards] for this change (" in holds[0].detail


@given(st.lists(st.tuples(st.integers(1, 50_00), st.integers(1, 50_00), st.booleans()), max_size=12), st.data())
@LAWS
def test_what_the_sentence_says_lets_it_pass(rows: list[tuple[int, int, bool]], data: st.DataObject) -> None:
    """Writing the figure that a tripped guard names lets just that guard pass."""
    name = data.draw(st.sampled_from(sorted(WEIGHED | COUNTED)))
    counts = name in COUNTED
    cap = Cap(count=data.draw(st.integers(0, 3))) if counts else Cap(amount=Money(data.draw(st.integers(0, 60_00))))
    changes = [
        replace(
            correction_of(str(Money(before)), str(Money(after)), number=number, exhausts=flag),
            restores=flag and after > before,
        )
        for number, (before, after, flag) in enumerate(rows)
    ]
    _, _, verdicts = guarded(changes, settings_for(name, cap), GONE)
    figures = [verdict.figures.split(" ")[0] for verdict in verdicts if verdict.tripped and verdict.guard == name]
    if figures:
        widest = Cap(count=max(map(int, figures))) if counts else Cap(amount=max(map(Money.parse, figures)))
        assert name not in tripped(guarded(changes, settings_for(name, widest), GONE)[2])
