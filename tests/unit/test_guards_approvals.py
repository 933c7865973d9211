"""Approvals: a person's word lets a guard pass, up to a figure and until a time, and nothing further."""

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.guards import AccountFigures, freeze_approved, judge_guards
from core.intent import Action
from core.money import Money
from core.plan import Correction, Direction, GuardVerdict, Hold
from core.policy import AccountPolicy, Approval, Cap, GuardSettings
from tests.unit.strategies import ACCOUNT, LAWS, NOW, correction_of, customer, dollars, policy_of

LATER = NOW + timedelta(days=7)
MOMENT = timedelta(microseconds=1)
FIGURES = AccountFigures(customers=10, granted=dollars("100"), vanished=3, limits_removed=3, limits_before=10)
COUNTED = ("max_customers_changed", "max_exhausted", "max_limits_removed", "max_vanished")
WEIGHED = ("max_cut", "max_raised", "max_restored")
MISSING = ("max_limits_removed", "max_vanished")
CUSTOMERS = tuple(name for name in COUNTED if name not in MISSING)  # those that count what is in the rows


def approval(
    kind: str,
    up_to: int | None,
    *,
    number: int | None = None,
    account: str | None = ACCOUNT,
    until: datetime = LATER,
    reason: str = "a new contract",
) -> Approval:
    """Approve for the account, or for one customer of it."""
    return Approval(
        account=account,
        customer_id=None if number is None else customer(number).key.customer_id,
        kind=kind,
        up_to=up_to,
        until=until,
        approved_by="Ann Lee",
        reason=reason,
    )


def policy_with(name: str, cap: Cap, *approvals: Approval, places: Sequence[Cap] = ()) -> AccountPolicy:
    """Set one guard, let customers be exhausted where that is not the question, and approve."""
    settings = [GuardSettings(**{"max_exhausted": Cap(count=99), name: place}) for place in (cap, *places)]
    return replace(policy_of(guards=settings), approvals=approvals)


def judged(
    rows: Sequence[Correction], policy: AccountPolicy, now: datetime = NOW
) -> tuple[list[Correction], list[Hold], list[GuardVerdict]]:
    """Let the guards of one account judge."""
    return judge_guards(rows, policy, FIGURES, now)


def spoken(verdicts: Sequence[GuardVerdict], name: str) -> GuardVerdict:
    """Give the one verdict of a guard."""
    (verdict,) = [verdict for verdict in verdicts if verdict.guard == name]
    return verdict


def rows_for(name: str, *moves: int) -> list[Correction]:
    """Give corrections of the sort that a guard counts, one for each of these amounts in dollars."""
    sign = -1 if name in {"max_cut", "max_exhausted"} else 1
    rows = [correction_of("100", str(100 + sign * move), number=number) for number, move in enumerate(moves, 1)]
    return [replace(row, restores=name == "max_restored", exhausts=name == "max_exhausted") for row in rows]


def caps_for(name: str) -> list[Cap]:
    """Give caps of every form, each exceeded by three customers or 60.00."""
    if name in WEIGHED:
        one = [Cap(amount=dollars("59.99")), Cap(percent=Decimal(59))]
        return [*one, Cap(amount=dollars("59.99"), percent=Decimal(59))]
    return [Cap(count=2), Cap(percent=Decimal(29)), Cap(count=2, percent=Decimal(29))]


EVERY = [(name, cap) for name in (*COUNTED, *WEIGHED) for cap in caps_for(name)]


@pytest.mark.parametrize(("name", "cap"), EVERY)
def test_an_account_is_approved_up_to_the_figure_that_is_written(name: str, cap: Cap) -> None:
    """Each guard, whatever its cap gives, passes on an approval of just its figure, and trips on one less."""
    rows = rows_for(name, 10, 20, 30)
    figure = 60_00 if name in WEIGHED else 3
    assert judged(rows, policy_with(name, cap))[0] == []
    passing, holds, verdicts = judged(rows, policy_with(name, cap, approval(name, figure)))
    assert (passing, holds) == (rows, [])
    shown = "60.00" if name in WEIGHED else "3 customers"
    assert not spoken(verdicts, name).tripped
    expected = f"approved up to {shown} by Ann Lee until 2026-03-22 12:00 UTC: a new contract"
    assert spoken(verdicts, name).sentence == expected
    passing, holds, verdicts = judged(rows, policy_with(name, cap, approval(name, figure - 1)))
    assert spoken(verdicts, name).tripped
    assert (passing, len(holds)) == ([], 3)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        *((name, None) for name in (*COUNTED, *WEIGHED, "max_single_change")),
        *((name, 1) for name in (*CUSTOMERS, *WEIGHED, "max_single_change")),
    ],
)
def test_an_approval_ends_at_its_until(name: str, number: int | None) -> None:
    """It holds to the last moment before, and is ignored from then on, for accounts and for customers."""
    cap = Cap(amount=Money(0)) if name in (*WEIGHED, "max_single_change") else Cap(count=0)
    rows = rows_for(name, 10)
    policy = policy_with(name, cap, approval(name, 99_00, number=number))
    assert judged(rows, policy, LATER - MOMENT)[:2] == (rows, [])
    assert judged(rows, policy, LATER)[0] == []


@pytest.mark.parametrize(
    "stray",
    [
        approval("max_cut", 99_00),
        approval("max_raised", 99_00, account="other"),
        approval("max_raised", 99_00, account=None),
        approval("max_raised", None),
        approval("max_raised", 99_00, number=7),
        approval("max_raised", 99_00, number=1, account="other"),
        approval("freeze", None, number=1),
    ],
)
def test_an_approval_of_something_else_lets_nothing_pass(stray: Approval) -> None:
    """Another kind, another account, another customer, nobody's, or one without a figure is none."""
    rows = rows_for("max_raised", 10)
    passing, holds, verdicts = judged(rows, policy_with("max_raised", Cap(amount=Money(0)), stray))
    assert (passing, len(holds)) == ([], 1)
    assert spoken(verdicts, "max_raised").tripped


def test_the_default_of_max_exhausted_can_be_approved() -> None:
    """Where nobody wrote max_exhausted an approval is enough, for the account or for the customer."""
    rows = rows_for("max_exhausted", 10)
    for word in (approval("max_exhausted", 1), approval("max_exhausted", 1, number=1)):
        assert judged(rows, replace(policy_of(), approvals=(word,)))[:2] == (rows, [])
    assert judged(rows, replace(policy_of(), approvals=(approval("max_exhausted", 0),)))[0] == []


def test_an_approval_passes_every_place_the_guard_is_set_in() -> None:
    """The stricter of two places wins over the other, and the approval over both."""
    rows, strict = rows_for("max_raised", 30), Cap(amount=dollars("5"))
    held = judged(rows, policy_with("max_raised", Cap(amount=dollars("40")), places=[strict]))
    assert spoken(held[2], "max_raised").limit == "5.00"
    policy = policy_with("max_raised", Cap(amount=dollars("20")), approval("max_raised", 30_00), places=[strict])
    assert judged(rows, policy)[:2] == (rows, [])


def test_the_largest_of_several_approvals_counts() -> None:
    """Whatever their order, and an expired larger one is none of them."""
    rows = rows_for("max_raised", 30)
    words = [approval("max_raised", 10_00), approval("max_raised", 30_00), approval("max_raised", 20_00)]
    for order in (words, words[::-1]):
        assert judged(rows, policy_with("max_raised", Cap(amount=Money(0)), *order))[1] == []
    expired = approval("max_raised", 30_00, until=NOW)
    assert judged(rows, policy_with("max_raised", Cap(amount=Money(0)), words[0], expired))[0] == []


@pytest.mark.parametrize("name", [*CUSTOMERS, *WEIGHED])
@pytest.mark.parametrize("account", [ACCOUNT, None])
def test_an_approved_customer_is_not_counted(name: str, account: str | None) -> None:
    """Taken out, what is left is judged as usual: it may pass now, and the verdict says by whose word."""
    rows = rows_for(name, 10, 20, 30)
    own = 30_00 if name in WEIGHED else 1
    cap = Cap(amount=dollars("30")) if name in WEIGHED else Cap(count=2)
    word = approval(name, own, number=3, account=account)
    passing, holds, verdicts = judged(rows, policy_with(name, cap, word))
    assert (passing, holds) == (rows, [])
    verdict = spoken(verdicts, name)
    assert not verdict.tripped
    assert verdict.sentence.startswith("c00003 approved up to ")
    assert verdict.figures == ("30.00 (30.0 %)" if name in WEIGHED else "2 customers (20.0 %)")


@pytest.mark.parametrize("name", [*CUSTOMERS, *WEIGHED])
def test_an_approved_customer_passes_though_the_others_trip(name: str) -> None:
    """The rest is still too much: it is held, and the approved customer is not."""
    rows = rows_for(name, 10, 20, 30)
    own = 30_00 if name in WEIGHED else 1
    cap = Cap(amount=dollars("29.99")) if name in WEIGHED else Cap(count=1)
    passing, holds, verdicts = judged(rows, policy_with(name, cap, approval(name, own, number=3)))
    assert passing == [rows[2]]
    assert {hold.key for hold in holds} == {rows[0].key, rows[1].key}
    assert " besides what is approved, " in spoken(verdicts, name).sentence


@pytest.mark.parametrize("name", [*CUSTOMERS, *WEIGHED])
def test_a_customer_is_approved_up_to_its_own_figure(name: str) -> None:
    """One cent more than was approved for it, or an approval of no customer, and it counts like any other."""
    rows = rows_for(name, 10, 20, 30)
    short = 29_99 if name in WEIGHED else 0
    cap = Cap(amount=dollars("30")) if name in WEIGHED else Cap(count=2)
    passing, holds, _ = judged(rows, policy_with(name, cap, approval(name, short, number=3)))
    assert (passing, len(holds)) == ([], 3)


def test_account_and_customer_approvals_add_up() -> None:
    """The account's approval is held against what is left when approved customers are taken out."""
    rows = rows_for("max_raised", 10, 20, 30)
    words = (approval("max_raised", 30_00, number=3), approval("max_raised", 30_00))
    assert judged(rows, policy_with("max_raised", Cap(amount=Money(0)), *words))[1] == []
    words = (words[0], approval("max_raised", 29_99))
    passing, holds, _ = judged(rows, policy_with("max_raised", Cap(amount=Money(0)), *words))
    assert (passing, len(holds)) == ([rows[2]], 2)


@pytest.mark.parametrize("name", MISSING)
def test_a_customers_approval_does_not_change_what_is_missing(name: str) -> None:
    """Who is gone is counted whatever was approved for somebody who is still there."""
    rows = rows_for(name, 10)
    passing, holds, _ = judged(rows, policy_with(name, Cap(count=2), approval(name, 9, number=1)))
    assert (passing, len(holds)) == ([], 1)


def test_nothing_is_said_of_approvals_that_were_not_needed() -> None:
    """A guard that would pass anyhow names no approval."""
    words = (approval("max_raised", 60_00), approval("max_raised", 60_00, number=1))
    _, _, verdicts = judged(rows_for("max_raised", 10), policy_with("max_raised", Cap(amount=dollars("10")), *words))
    assert spoken(verdicts, "max_raised").sentence == ""


def test_many_approved_customers_are_named_in_part() -> None:
    """The first three are named, the others counted."""
    rows = rows_for("max_raised", *range(10, 15))
    words = [approval("max_raised", 99_00, number=number) for number in range(1, 6)]
    _, _, verdicts = judged(rows, policy_with("max_raised", Cap(amount=Money(0)), *words))
    parts = spoken(verdicts, "max_raised").sentence.split("; ")
    assert [part.split(" ")[0] for part in parts] == ["c00001", "c00002", "c00003", "and"]
    assert parts[-1] == "and 2 customers more"
    _, _, verdicts = judged(rows[:3], policy_with("max_raised", Cap(amount=Money(0)), *words))
    assert len(spoken(verdicts, "max_raised").sentence.split("; ")) == 3


@pytest.mark.parametrize("number", [None, 2])
@pytest.mark.parametrize("cap", [Cap(amount=dollars("20")), Cap(percent=Decimal(20))])
def test_a_single_change_is_approved_for_its_customer_or_for_the_account(number: int | None, cap: Cap) -> None:
    """Exactly its amount passes and says so; a cent less holds it."""
    rows = rows_for("max_single_change", 10, 30)
    word = approval("max_single_change", 30_00, number=number)
    passing, holds, verdicts = judged(rows, policy_with("max_single_change", cap, word))
    assert (passing, holds) == (rows, [])
    verdict = spoken(verdicts, "max_single_change")
    assert (verdict.customer, verdict.tripped) == (rows[1].key, False)
    assert verdict.sentence.startswith("approved up to 30.00 by Ann Lee until ")
    short = approval("max_single_change", 29_99, number=number)
    passing, holds, _ = judged(rows, policy_with("max_single_change", cap, short))
    assert (passing, [hold.key for hold in holds]) == (rows[:1], [rows[1].key])


def test_one_customers_single_change_is_not_anothers() -> None:
    """Its approval lets no other customer pass."""
    rows = rows_for("max_single_change", 30, 30)
    word = approval("max_single_change", 30_00, number=2)
    passing, holds, _ = judged(rows, policy_with("max_single_change", Cap(amount=dollars("20")), word))
    assert (passing, [hold.key for hold in holds]) == ([rows[1]], [rows[0].key])


def test_an_approval_of_one_kind_leaves_the_other_guards_on() -> None:
    """A single change that is approved is still counted in the account's sum."""
    settings = [GuardSettings(max_single_change=Cap(amount=dollars("20")), max_raised=Cap(amount=dollars("29.99")))]
    policy = replace(policy_of(guards=settings), approvals=(approval("max_single_change", 30_00, number=1),))
    _, holds, _ = judged(rows_for("max_raised", 30), policy)
    assert [hold.blocked_by for hold in holds] == [("max_raised",)]


def test_a_freeze_is_approved_as_one_customer_exhausted() -> None:
    """A freeze that exhausts counts as one customer, whatever amount stands in its row."""
    row = correction_of(None, "500", number=1, exhausts=True)
    rows = [replace(row, action=Action.FREEZE, direction=Direction.CUT)]
    policy = replace(policy_of(), approvals=(approval("max_exhausted", 1, number=1),))
    assert judged(rows, policy)[:2] == (rows, [])


def test_freezing_needs_an_approval_for_this_very_customer() -> None:
    """The account's word, another customer's, another kind's and an expired one do not let anybody be frozen."""
    ours = customer(1).key.customer_id

    def found(*approvals: Approval, now: datetime = NOW) -> Approval | None:
        return freeze_approved(replace(policy_of(), approvals=approvals), ours, now)

    word = approval("freeze", None, number=1)
    assert found(approval("freeze", None, number=2), word) == word
    assert found(replace(word, account=None)) is not None
    assert found(word, now=LATER - MOMENT) == word
    assert found(word, now=LATER) is None
    assert found() is None
    assert found(approval("freeze", None)) is None
    assert found(approval("freeze", None, number=2)) is None
    assert found(approval("max_exhausted", 1, number=1)) is None
    assert found(replace(word, account="other")) is None


def snippet_of(sentence: str) -> str:
    """Take the approval out of a tripped guard's sentence, and put it on lines as a file has it."""
    line = sentence.partition("approve it: ")[2].partition("; or write ")[0]
    assert line.startswith("[[approvals]] ")
    return line.replace("]] ", "]]\n").replace(", ", "\n")


def from_toml(text: str) -> Approval:
    """Read an approval as the configuration does."""
    (table,) = tomllib.loads(text)["approvals"]
    up_to = table["up_to"]
    day = table["until"] + timedelta(days=1)
    return Approval(
        account=table["account"],
        customer_id=table.get("customer"),
        kind=table["kind"],
        up_to=up_to if isinstance(up_to, int) else Money.parse(up_to).cents,
        until=datetime(day.year, day.month, day.day, tzinfo=UTC),
        approved_by=table["approved_by"],
        reason=table["reason"],
    )


def test_the_day_of_a_proposed_approval_is_the_billing_zones() -> None:
    """Where it is a day later already, the proposed end is too."""
    policy = replace(policy_with("max_raised", Cap(amount=Money(0))), billing_timezone="Asia/Shanghai")
    evening = datetime(2026, 3, 15, 16, 0, tzinfo=UTC)
    for now, until in ((evening - MOMENT, "2026-03-22"), (evening, "2026-03-23")):
        _, holds, _ = judged(rows_for("max_raised", 10), policy, now)
        assert f"until = {until}, " in holds[0].detail


def test_a_proposed_approval_quotes_any_name() -> None:
    """A quotation mark or a backslash in a name does not break the line."""
    policy = replace(policy_with("max_raised", Cap(amount=Money(0))), name='a "b" \\ ü')
    _, holds, _ = judged(rows_for("max_raised", 10), policy)
    assert from_toml(snippet_of(holds[0].detail)).account == 'a "b" \\ ü'


SORTS: dict[str, Callable[[int], Cap]] = {
    **dict.fromkeys(COUNTED, lambda edge: Cap(count=edge % 3)),
    **dict.fromkeys((*WEIGHED, "max_single_change"), lambda edge: Cap(amount=Money(edge))),
}


@given(
    st.sampled_from(sorted(SORTS)),
    st.integers(0, 60_00),
    st.lists(st.tuples(st.integers(1, 50_00), st.integers(1, 50_00), st.booleans()), max_size=10),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30_00)), max_size=3),
)
@LAWS
def test_the_approval_that_the_sentence_gives_lets_it_pass(
    name: str, edge: int, rows: list[tuple[int, int, bool]], words: list[tuple[int, int]]
) -> None:
    """Copied into the file, it lets just that guard pass, whatever is approved already; nothing else is lost."""
    changes = [
        replace(
            correction_of(str(Money(before)), str(Money(after)), number=number, exhausts=flag),
            restores=flag and after > before,
        )
        for number, (before, after, flag) in enumerate(rows)
    ]
    policy = policy_with(name, SORTS[name](edge), *(approval(name, up_to, number=n) for n, up_to in words))
    passing, holds, verdicts = judged(changes, policy)
    assert len(passing) + len(holds) == len(changes)
    tripped = [verdict for verdict in verdicts if verdict.guard == name and verdict.tripped]
    proposed = tuple(from_toml(snippet_of(verdict.sentence)) for verdict in tripped)
    followed = replace(policy, approvals=policy.approvals + proposed)
    _, _, verdicts = judged(changes, followed)
    assert not any(verdict.tripped for verdict in verdicts if verdict.guard == name)


@given(
    st.sampled_from(sorted(SORTS)),
    st.integers(0, 60_00),
    st.lists(st.tuples(st.integers(1, 50_00), st.integers(1, 50_00), st.booleans()), max_size=10),
    st.lists(st.tuples(st.none() | st.integers(0, 5), st.integers(0, 90_00)), max_size=4),
)
@LAWS
def test_approvals_never_hold_more_and_expired_ones_change_nothing(
    name: str, edge: int, rows: list[tuple[int, int, bool]], words: list[tuple[int | None, int]]
) -> None:
    """With one guard set, every row that passes without approvals passes with them; expired ones are as none."""
    changes = [
        replace(correction_of(str(Money(before)), str(Money(after)), number=number, exhausts=flag), restores=flag)
        for number, (before, after, flag) in enumerate(rows)
    ]
    bare = policy_with(name, SORTS[name](edge))
    policy = replace(bare, approvals=tuple(approval(name, up_to, number=number) for number, up_to in words))
    without = judged(changes, bare)
    passing = {row.key for row in judged(changes, policy)[0]}
    assert passing >= {row.key for row in without[0]}
    late = judged(changes, policy, LATER)
    assert [row.key for row in late[0]] == [row.key for row in without[0]]
    assert [hold.blocked_by for hold in late[1]] == [hold.blocked_by for hold in without[1]]
