import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.intent import Action, Position
from core.limit import Customer, CustomerKey, Kind
from core.money import ZERO, Money
from core.plan import Correction, Hold, HoldReason
from core.standing import Restriction
from scheduler.reports.plan_json import plan_document
from scheduler.reports.would_have import AccountLook, WouldHave, look_of, would_have
from scheduler.reports.would_have_forms import (
    HEADER,
    NOTHING,
    would_have_csv,
    would_have_json,
    would_have_markdown,
    would_have_table,
)
from tests.unit.report_plans import NOON, correction, hold, plan_of
from tests.unit.test_report_endings import printed

ACCOUNT = "huawei-main"
OBSERVE = ("write_policy observe",)


def raised(to: int = 150_000, customer: str = "c1", **changes: object) -> Correction:
    """Give a raise from 1,000.00 that only the write policy blocked."""
    facts: dict[str, object] = {
        "customer": Customer(CustomerKey("huawei", customer)),
        "after": Position(granted=Money(to), kind=Kind.MONTHLY),
        "change": Money(to - 100_000),
        "wanted": Money(to),
        "blocked_by": OBSERVE,
    }
    return correction(**{**facts, **changes})


def document(
    corrections: Sequence[Correction] = (),
    holds: Sequence[Hold] = (),
    *,
    customers: int = 4,
    problem: str | None = None,
) -> dict[str, Any]:
    """Give a stored plan in which the account has so many limits."""
    made = dict(plan_document(plan_of(tuple(corrections), tuple(holds), problem=problem), show_names=False))
    accounts = made["accounts"]
    assert isinstance(accounts, list)
    return {**made, "accounts": [{**accounts[0], "customers": customers}, *accounts[1:]]}


def looks(*documents: Mapping[str, object]) -> list[AccountLook]:
    """Give what runs an hour apart saw of the account."""
    found = []
    for number, each in enumerate(documents):
        at = NOON + timedelta(hours=number)
        look = look_of(each, ACCOUNT, at, at.date())
        assert look is not None
        found.append(look)
    return found


def added(*documents: Mapping[str, object]) -> WouldHave:
    """Add them up."""
    (found,) = would_have(looks(*documents))
    return found


def test_the_same_correction_run_after_run_counts_once() -> None:
    """What is planned again and again, because nobody sends it, would have been sent once."""
    found = added(*(document([raised()]) for _ in range(30)))
    assert (found.corrections, found.customers, found.raised, found.cut) == (1, 1, Money(50_000), ZERO)
    assert (found.runs, found.days) == (30, 2)


def test_a_correction_that_disappeared_counts_again() -> None:
    """Once a run saw nothing to do, the same correction is another one."""
    assert added(document([raised()]), document(), document([raised()])).corrections == 2


def test_a_target_that_moves_counts_the_difference() -> None:
    """A second raise starts from what the first would have set: sync would never have sent the whole again."""
    found = added(document([raised(150_000)]), document([raised(160_000)]), document([raised(140_000)]))
    assert (found.corrections, found.raised, found.cut) == (3, Money(60_000), Money(20_000))


def cut_to(spent: int, wanted: int = 30_000) -> Correction:
    """Give a cut from 1,000.00 to a limit of 300.00 that stops at what is spent."""
    position = Position(granted=Money(spent), kind=Kind.MONTHLY)
    return raised(spent, after=position, wanted=Money(wanted))


def test_a_cut_to_what_is_spent_counts_once_while_spend_grows() -> None:
    """The first cut would have stood: the same limit planned again is no other change, and no raise."""
    found = added(*(document([cut_to(40_000 + number)]) for number in (0, 3, 3, 9)))
    assert (found.corrections, found.raised, found.cut) == (1, ZERO, Money(60_000))


def test_a_cut_that_goes_further_adds_only_money() -> None:
    """Where less turns out to be spent the cut would have gone on down, once; another limit is another change."""
    found = added(*(document([cut_to(spent)]) for spent in (40_000, 39_000, 39_500, 39_000)))
    assert (found.corrections, found.raised, found.cut) == (1, ZERO, Money(61_000))
    found = added(document([cut_to(40_000)]), document([cut_to(45_000, 45_000)]))
    assert (found.corrections, found.raised, found.cut) == (2, Money(5_000), Money(60_000))


def test_another_month_is_another_change() -> None:
    """When a month begins the same limit may want another amount, and sync would have sent it."""
    first, second = looks(document([cut_to(40_000)]), document([cut_to(30_000)]))
    later = look_of(document([cut_to(30_000)]), ACCOUNT, NOON + timedelta(days=30), (NOON + timedelta(days=30)).date())
    assert later is not None
    assert would_have([first, second])[0].corrections == 1
    assert would_have([first, later])[0].corrections == 2


def test_what_stands_otherwise_starts_anew() -> None:
    """Where somebody changed the customer meanwhile, the next correction starts from what stands."""
    second = raised(160_000, before=Position(granted=Money(110_000), kind=Kind.MONTHLY), change=Money(50_000))
    assert added(document([raised()]), document([second])).raised == Money(100_000)


@pytest.mark.parametrize(
    "between",
    [
        document(problem="the key was refused"),
        document(customers=1),
        document(holds=[raised().held(HoldReason.UNREADABLE, "no answer")]),
    ],
)
def test_who_was_not_looked_at_has_not_disappeared(between: Mapping[str, object]) -> None:
    """An account or a customer that could not be read, and a run for a few customers, end nothing."""
    assert added(document([raised()]), between, document([raised()])).corrections == 1


def test_only_what_a_write_policy_blocked_counts() -> None:
    """What was really sent is no would-have."""
    found = added(document([raised(blocked_by=())]))
    assert (found.corrections, found.customers) == (0, 0)


def test_exhausting_releasing_and_freezing_are_counted() -> None:
    """Who would have been exhausted, released, restricted and frozen is told, followers of a chain too."""
    steps = (
        raised(customer="a", follows=(Action.RELEASE,)),
        raised(customer="b", action=Action.FREEZE, exhausts=True),
        raised(customer="c", action=Action.RESTRICT),
    )
    found = added(document(steps))
    assert (found.exhausted, found.released, found.restricted, found.frozen) == (1, 1, 1, 1)
    assert found.raised == Money(50_000), "levers move no money"


def test_a_first_grant_is_granted_whole() -> None:
    """A customer that had nothing gets all of it."""
    assert added(document([raised(before=Position(), change=None)])).raised == Money(150_000)


def test_a_release_alone_moves_nothing() -> None:
    """A release is a correction without money, and not the raise that stood before it."""
    lifted = raised(
        100_000,
        action=Action.RELEASE,
        after=Position(granted=Money(100_000), kind=Kind.MONTHLY, restriction=Restriction.NONE),
    )
    found = added(document([lifted]))
    assert (found.corrections, found.raised, found.released) == (1, ZERO, 1)


def test_guards_and_holds_that_would_have_stopped_something_are_told() -> None:
    """Each guard is named with its customers; a hold has its sentence; run after run counts once."""
    guarded = raised().held(HoldReason.GUARD, "too much", ("max_raised", "max_single_change"))
    early = raised(customer="c2").held(HoldReason.TOO_EARLY, "wait")
    found = added(*(document(holds=[guarded, early]) for _ in range(5)))
    assert [(stop.name, stop.is_guard, stop.times, stop.customers) for stop in found.stops] == [
        ("max_raised", True, 1, 1),
        ("max_single_change", True, 1, 1),
        ("too_early", False, 1, 1),
    ]
    again = added(document(holds=[early]), document(), document(holds=[early]))
    assert (again.stops[0].times, again.stops[0].customers) == (2, 1)


def test_plans_of_older_versions_are_read() -> None:
    """A stored plan without chains, and one with a reason that no longer exists, says what it says."""
    old = document([raised()], [hold(account=ACCOUNT)])
    for row in old["corrections"]:
        del row["follows"], row["exhausts"]
        row["after"] = None
    old["holds"][0]["reason"] = "boredom"
    old["accounts"][0].pop("customers")
    found = added(old)
    assert (found.corrections, found.exhausted, found.stops) == (1, 0, ())


@pytest.mark.parametrize("other", [{}, {"accounts": "none"}, {"accounts": [{"name": "somebody"}]}])
def test_a_run_that_did_not_plan_the_account_is_no_look(other: Mapping[str, object]) -> None:
    """Runs of other accounts say nothing of this one."""
    assert look_of(other, ACCOUNT, NOON, NOON.date()) is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5)), max_size=3), min_size=1, max_size=6))
def test_looking_twice_as_often_adds_nothing(runs: list[list[tuple[str, int]]]) -> None:
    """Every run seen twice in a row comes to the same sums."""
    plans = [document([raised(100_000 * to, name) for name, to in dict(run).items()]) for run in runs]
    once, twice = added(*plans), added(*(plan for plan in plans for _ in range(2)))
    sums = [(found.corrections, found.customers, found.raised, found.cut) for found in (once, twice)]
    assert sums[0] == sums[1]


def test_every_form_says_over_what_was_looked() -> None:
    """Runs, days and what would have stopped something stand in the table and in Markdown."""
    held = raised(customer="c2").held(HoldReason.GUARD, "too much", ("max_raised",))
    frozen = raised(customer="c3", action=Action.FREEZE)
    restricted = raised(customer="c4", action=Action.RESTRICT)
    early = raised(customer="c5").held(HoldReason.TOO_EARLY, "wait")
    full = document([raised(), frozen, restricted], [held, early])
    found = [added(full, document(), full)]
    for text in (
        " ".join(printed(would_have_table(found), 160).split()),
        " ".join(would_have_markdown(found).replace("\\", "").split()),
    ):
        assert "looked at 3 runs on 1 day, from 2026-11-22 12:00 UTC to 2026-11-22 14:00 UTC" in text
        assert "guard max_raised would have stopped changes of 1 customer, 2 times" in text
        assert "would not have been changed: the vendor's spend figure does not count" in text
        assert "1 customer would have been frozen" in text
        assert "1 customer would have been restricted" in text
        assert "1,000.00" in text


def test_the_table_fits_the_screen() -> None:
    """At 80 columns nothing runs over the edge."""
    found = [added(document([raised(99_999_999_99)]))]
    assert max(len(line) for line in printed(would_have_table(found), 80).splitlines()) <= 80


def test_programs_get_plain_values() -> None:
    """JSON and CSV have money as decimal strings and every figure."""
    held = raised(customer="c2").held(HoldReason.GUARD, "too much", ("max_raised",))
    found = [added(document([raised()], [held]))]
    (account,) = json.loads(would_have_json(found))["accounts"]
    assert (account["name"], account["raised"], account["customers"]) == (ACCOUNT, "500.00", 1)
    assert account["stopped_by"] == [
        {"name": "max_raised", "guard": True, "why": "guard max_raised", "times": 1, "customers": 1}
    ]
    header, line = csv.reader(io.StringIO(would_have_csv(found)))
    assert tuple(header) == HEADER
    assert dict(zip(header, line, strict=True))["stopped_by"] == "max_raised 1"


def test_without_runs_it_says_how_to_make_some() -> None:
    """Nothing on record is said as such, not as nothing to do."""
    assert would_have([]) == []
    assert NOTHING in " ".join(printed(would_have_table([])).split())
    assert NOTHING in would_have_markdown([])
    for text in (would_have_markdown([], NOON.date()), " ".join(printed(would_have_table([], NOON.date())).split())):
        assert "No run is on record since 2026-11-22: leave out --since" in text
