"""Which corrections a guard counts and holds: restoring is no raise, cutting off moves no money, a release is free."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from core.guards import AccountFigures, judge_guards
from core.intent import Action
from core.money import Money
from core.plan import Correction, Direction, GuardVerdict, Hold
from core.policy import Cap, GuardSettings
from tests.unit.strategies import NOW, correction_of, dollars, policy_of

FIGURES = AccountFigures(customers=10, granted=dollars("1000"), limits_before=10)
GONE = replace(FIGURES, vanished=3, limits_removed=3)
# Three raises of 10.00, three cuts of 10.00: nobody is exhausted.
ROWS = tuple(correction_of("100.00", "110.00" if number % 2 else "90.00", number=number) for number in range(6))


def guarded(
    rows: Sequence[Correction], settings: GuardSettings, figures: AccountFigures = FIGURES
) -> tuple[list[Correction], list[Hold], list[GuardVerdict]]:
    """Let the guards of one account judge."""
    return judge_guards(rows, policy_of(guards=[settings]), figures, NOW)


def tripped(verdicts: Sequence[GuardVerdict]) -> set[str]:
    """Name the guards that tripped."""
    return {verdict.guard for verdict in verdicts if verdict.tripped}


def restraint(action: Action, *, number: int = 1, exhausts: bool = False, direction: Direction) -> Correction:
    """Give a row that freezes, restricts or releases: the whole grant stands in it, and none of it moves."""
    row = correction_of(None, "500.00", number=number, exhausts=exhausts)
    return replace(row, action=action, before=row.after, direction=direction)


def test_restoring_is_not_raising() -> None:
    """What only gives back what a new period gives has a cap of its own, and each holds its own rows."""
    rows = [replace(row, restores=row.customer == ROWS[1].customer) for row in ROWS]
    ten, twenty = Cap(amount=dollars("10")), Cap(amount=dollars("20"))
    assert guarded(rows, GuardSettings(max_raised=twenty, max_restored=ten))[1] == []
    less = Cap(amount=dollars("9.99"))
    _, holds, verdicts = guarded(rows, GuardSettings(max_raised=twenty, max_restored=less))
    assert tripped(verdicts) == {"max_restored"}
    assert [hold.key for hold in holds] == [rows[1].key]
    _, holds, verdicts = guarded(rows, GuardSettings(max_raised=Cap(amount=dollars("19.99")), max_restored=ten))
    assert tripped(verdicts) == {"max_raised"}
    assert [hold.key for hold in holds] == [rows[3].key, rows[5].key]


def test_restoring_is_no_surprise_but_may_be_a_large_change() -> None:
    """Rows that restore are not counted as customers changed, else every month would begin with a hold."""
    rows = [replace(correction_of("100", "110", number=n), restores=True) for n in range(2)]
    settings = GuardSettings(max_customers_changed=Cap(count=1))
    assert tripped(guarded(rows, settings)[2]) == set()
    settings = GuardSettings(max_single_change=Cap(amount=dollars("9.99")))
    assert len(guarded(rows, settings)[1]) == 2


NOTHING_ALLOWED = GuardSettings(
    max_customers_changed=Cap(count=0),
    max_raised=Cap(amount=Money(0)),
    max_restored=Cap(amount=Money(0)),
    max_cut=Cap(amount=Money(0)),
    max_single_change=Cap(amount=Money(0)),
    max_vanished=Cap(count=0),
    max_limits_removed=Cap(count=0),
)


@pytest.mark.parametrize("direction", list(Direction))
def test_a_release_is_held_by_no_guard(direction: Direction) -> None:
    """With every guard tripped by others a release goes on, whatever amount and direction its row has."""
    release = restraint(Action.RELEASE, number=9, exhausts=True, direction=direction)
    others = [replace(row, exhausts=row.direction is Direction.CUT) for row in ROWS]
    rows = [*others, release, replace(release, restores=True)]
    passing, holds, verdicts = guarded(rows, replace(NOTHING_ALLOWED, max_single_change=None), GONE)
    assert tripped(verdicts) == {"max_exhausted", "max_vanished", "max_limits_removed"}
    assert passing == rows[-2:]
    assert len(holds) == len(rows) - 2


def test_releases_alone_are_counted_by_no_guard() -> None:
    """A run that only releases trips nothing."""
    rows = [restraint(Action.RELEASE, number=n, direction=Direction.RAISE) for n in range(3)]
    passing, holds, verdicts = guarded(rows, NOTHING_ALLOWED)
    assert (passing, holds, tripped(verdicts)) == (rows, [], set())


@pytest.mark.parametrize("action", [Action.FREEZE, Action.RESTRICT])
def test_cutting_off_moves_no_money(action: Action) -> None:
    """The amount that stands in the row of a freeze is not taken: it is no cut and no single change."""
    rows = [restraint(action, direction=Direction.CUT)]
    passing, holds, verdicts = guarded(rows, replace(NOTHING_ALLOWED, max_customers_changed=Cap(count=1)))
    assert (passing, holds, tripped(verdicts)) == (rows, [], set())


@pytest.mark.parametrize("action", [Action.FREEZE, Action.RESTRICT])
def test_cutting_off_is_a_change_and_exhausts_where_it_says_so(action: Action) -> None:
    """It counts as a customer changed, and under max_exhausted only if its row exhausts."""
    rows = [restraint(action, number=n, exhausts=n == 0, direction=Direction.CUT) for n in range(3)]
    passing, holds, verdicts = guarded(rows, GuardSettings(max_customers_changed=Cap(count=2)))
    assert tripped(verdicts) == {"max_exhausted"}
    assert ([hold.key for hold in holds], passing) == ([rows[0].key], rows[1:])
    _, holds, verdicts = guarded(rows[1:], GuardSettings(max_customers_changed=Cap(count=1)))
    assert tripped(verdicts) == {"max_customers_changed"}
    assert len(holds) == 2


def test_a_cut_that_is_held_leaves_the_freeze_beside_it() -> None:
    """max_cut holds what takes an amount, and nothing else that goes down."""
    rows = [correction_of("100", "50", number=1), restraint(Action.FREEZE, number=2, direction=Direction.CUT)]
    passing, holds, _ = guarded(rows, GuardSettings(max_cut=Cap(amount=dollars("49.99"))))
    assert ([hold.key for hold in holds], passing) == ([rows[0].key], rows[1:])
