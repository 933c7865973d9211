"""The sentences of an explanation on the limit and on what stands and is spent."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from core.books import Cause
from core.capabilities import Capabilities
from core.explained import Billed, LimitChanged, Records, Spending
from core.forecast import Forecast, Rate
from core.limit import Kind, OnExhaustion, Overrun, Release, TopUp
from core.meter import Period
from core.money import Money
from core.spending import Reading
from core.standing import Absence, Restriction, Spend
from scheduler.reports.explanation_limit import end_of, limit_lines
from scheduler.reports.explanation_standing import duration, spend_lines, standing_lines
from tests.unit.explanation_rig import BOOK, CUSTOMER, STANDING, explained, limit, meter, spending
from tests.unit.strategies import LEVELS, NOW, STEPS, dollars

# The limit


@pytest.mark.parametrize(
    ("capabilities", "action", "overrun", "said"),
    [
        (LEVELS, None, None, "whatever is set at Levels Cloud; Tidegate leaves that as it is"),
        (LEVELS, OnExhaustion.ALERT, None, "nobody is cut off; Levels Cloud only sends an alert"),
        (LEVELS, OnExhaustion.RESTRICT, None, "Levels Cloud allows no new purchases; running resources go on"),
        (
            LEVELS,
            OnExhaustion.FREEZE,
            None,
            "Tidegate freezes the customer at Levels Cloud: purchases and resources stop",
        ),
        (
            STEPS,
            None,
            None,
            "Steps Cloud suspends the customer's services by itself, and its data may be deleted 15 days",
        ),
        (STEPS, OnExhaustion.FREEZE, None, "Steps Cloud suspends the customer's services by itself"),
        (
            STEPS,
            OnExhaustion.ALERT,
            Overrun(None),
            "raises the credit ahead of the spend, as far as it goes",
        ),
        (
            STEPS,
            OnExhaustion.ALERT,
            Overrun(Money(5000)),
            "by at most 50.00 above the limit, and that holds",
        ),
        (replace(STEPS, restrict_needs_non_stop=True), OnExhaustion.RESTRICT, None, "by its non-stop privilege"),
        (replace(STEPS, deletes_after=None), None, None, "suspends the customer's services by itself"),
    ],
)
def test_what_happens_at_the_end_is_said_for_this_vendor(
    capabilities: Capabilities, action: OnExhaustion | None, overrun: Overrun | None, said: str
) -> None:
    """The same word in the limits file means what this vendor makes of it."""
    assert said in end_of(limit(on_exhaustion=action, overrun=overrun), capabilities)


def test_a_limit_kept_by_following_says_so() -> None:
    """A kind that the vendor lacks is kept by Tidegate, and the reader is told how."""
    once = limit(Kind.ONE_TIME)
    (first, *_) = limit_lines(explained(written=once, limit=once))
    assert first == (
        "The limit is 100.00, one-time: a cap on everything spent from its first month on, which never begins anew; "
        "Steps Cloud has only permanent credit, so Tidegate keeps it by following what is used."
    )


@pytest.mark.parametrize(("action", "word"), [(OnExhaustion.RESTRICT, "restricted"), (OnExhaustion.FREEZE, "frozen")])
def test_zero_where_the_vendor_takes_none_is_said_to_act_at_once(action: OnExhaustion, word: str) -> None:
    """An amount of zero is no limit to be reached, it is a stop."""
    stop = limit(Kind.MONTHLY, "0.00", on_exhaustion=action)
    lines = limit_lines(explained(LEVELS, written=stop, limit=stop))
    assert f"Levels Cloud takes no amount of zero, so the customer is {word} at once." in lines[1]


def test_everything_on_its_line_that_changes_its_meaning_is_told() -> None:
    """How the amount came about, topping up, what was spent before, since when, release and onboarding."""
    written = limit(
        top_up=TopUp(step=Money(10_00), below=Decimal(20), most=Money(2000_00)),
        spent_before=Money(7_00),
        since=date(2026, 3, 1),
        release=Release.MANUAL,
        onboard=True,
        changed_by="ann",
    )
    said = " ".join(limit_lines(explained(written=written, limit=replace(written, why="1000.00 plus 10.00 topped up"))))
    assert "How that amount came about: 1,000.00 plus 10.00 topped up." in said
    assert "It is raised by 10.00 whenever less than 20 % is left, up to 2,000.00 in a period." in said
    assert "Spent before Tidegate first saw the customer, as written: 7.00." in said
    assert "Its spend counts from 2026-03-01, as written." in said
    assert "(release = manual)" in said
    assert "(onboard = true)" in said
    assert "Changed by ann." in said


def test_a_limit_without_a_place_or_a_reviser_is_told_without_them() -> None:
    """What is not known is not made up."""
    bare = limit(source=None, reason="audit")
    lines = limit_lines(explained(written=bare, limit=bare))
    assert lines[-2] == "Changed: audit."
    assert not any(line.startswith("Written") for line in lines)


@pytest.mark.parametrize(
    ("changes", "pending", "said"),
    [
        ((), False, "Not accepted yet: the next `tidegate apply`, or the daemon, does that."),
        (((None, "80.00"),), True, "Not accepted yet in place of 80.00 credit line: the next"),
        (((None, "100.00"),), False, "In force since 2026-03-15 12:00:00 UTC."),
        (((None, "80.00"), ("80.00", "100.00")), False, "In force since 2026-03-15 12:00:00 UTC in place of 80.00"),
    ],
)
def test_since_when_a_limit_is_in_force(
    changes: tuple[tuple[str | None, str], ...],
    pending: bool,  # noqa: FBT001 - a parameter of the table
    said: str,
) -> None:
    """A limit is in force from the run that accepted it, and not before."""
    rows = tuple(
        LimitChanged(at=NOW, old=None if old is None else limit(amount=old), new=limit(amount=new), digest="")
        for old, new in changes
    )
    assert said in limit_lines(explained(records=Records(limits=rows, pending=pending)))[-1]


def test_a_limit_that_was_removed_is_remembered() -> None:
    """A customer that had a limit is told from one that never had."""
    gone = LimitChanged(at=NOW, old=limit(), new=None, digest="")
    lines = limit_lines(explained(written=None, limit=None, records=Records(limits=(gone,))))
    assert lines[1] == "It had one, 100.00 credit line, until 2026-03-15 12:00:00 UTC."


# How it stands


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_of_a_restriction_has_a_sentence(cause: Cause) -> None:
    """Why a customer is restricted is said in words, and only our own beginning is called known."""
    book = replace(BOOK, restriction=Restriction.RESTRICTED, cause=cause, restricted_since=NOW)
    lines = standing_lines(explained(standing=replace(STANDING, restriction=Restriction.RESTRICTED), book=book))
    assert ("when that was first seen" in lines[2]) is (cause is not Cause.OURS)
    assert lines[3].startswith("Why: ")


def test_a_restriction_nobody_can_explain_is_not_explained() -> None:
    """Without books there is no reason, and with an unknown state there is no restriction to tell."""
    stopped = explained(standing=replace(STANDING, restriction=Restriction.SUSPENDED), book=None)
    assert standing_lines(stopped)[-2:] == [
        "It is suspended (the vendor stopped its services).",
        "Why is not known.",
    ]
    unknown = explained(standing=replace(STANDING, restriction=None))
    assert standing_lines(unknown)[-1] == "Whether it is restricted is not known."


@pytest.mark.parametrize("cause", [Cause.OTHER, Cause.ADOPTED, Cause.OURS])
def test_a_customer_suspended_without_credit_is_suspended_for_that(cause: Cause) -> None:
    """A vendor suspends at exhaustion by itself: nobody else did it. What we did ourselves is ours all the same."""
    book = replace(BOOK, restriction=Restriction.SUSPENDED, cause=cause, restricted_since=NOW)
    standing = replace(STANDING, restriction=Restriction.SUSPENDED, available=dollars("-3.00"))
    why = standing_lines(explained(standing=standing, book=book))[3]
    used_up = "Why: its credit is used up: available at the vendor is -3.00."
    assert why == (used_up if cause is not Cause.OURS else "Why: a call of Tidegate's did it.")
    left = replace(standing, available=dollars("0.01"))
    assert standing_lines(explained(standing=left, book=book))[3] != used_up


def test_nothing_granted_is_not_a_grant_of_zero() -> None:
    """No budget and an unknown one are told apart from any amount."""
    none = replace(STANDING, granted=Absence.NOT_SET, kind=None, available=None)
    assert (
        "Nothing is granted at the vendor; used 40.00, available unknown" in standing_lines(explained(standing=none))[1]
    )
    unknown = replace(none, granted=Absence.UNKNOWN)
    assert "Granted unknown; used 40.00" in standing_lines(explained(standing=unknown))[1]


def test_how_late_the_figures_may_be_is_told_with_their_age() -> None:
    """A stored reading says how old it is and how far behind it may be."""
    old = replace(STANDING, as_of=NOW - timedelta(hours=3, minutes=12))
    lines = standing_lines(explained(standing=old, asked=False))
    assert lines[0] == (
        "As last seen, 3 h 12 min ago, at 2026-03-15 08:48:00 UTC; the vendor's figures may be 5 min behind."
    )


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=-5), "0 s"),
        (timedelta(seconds=42), "42 s"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=3, hours=4), "3 days 4 h"),
    ],
)
def test_a_length_of_time_is_told_in_its_largest_units(span: timedelta, said: str) -> None:
    """Nobody counts seconds of a day."""
    assert duration(span) == said


# What is spent


def test_unknown_spend_says_why() -> None:
    """Unknown is a sentence, not a zero."""
    why = Reading(spend=None, why="the budget was changed a moment ago")
    assert spend_lines(explained(spending=Spending(reading=why)))[0] == (
        "What is spent of the limit is not known: the budget was changed a moment ago."
    )
    silent = Spending(reading=Reading(spend=None))
    assert "the vendor did not say what is used" in spend_lines(explained(spending=silent))[0]


def test_each_part_that_widens_the_spend_is_named() -> None:
    """What was before the first look, a fall that is not confirmed, and what may hide between readings."""
    found = Spending(
        meter=meter(fell_at=NOW, fell_to=Money(3_00)),
        reading=Reading(spend=Spend(low=Money(10_00), high=Money(25_00), since=NOW), unmetered=Money(7_00)),
    )
    lines = spend_lines(explained(spending=found))
    assert lines[0] == "Spent of 100.00: 10.00 to 25.00, counted since 2026-03-15 12:00:00 UTC."
    assert lines[1].startswith("Up to 7.00 of it was used before the first observation, at 2026-03-15 11:00:00 UTC")
    assert "no second reading has shown that yet: up to 3.00 may have been spent since." in lines[2]
    assert lines[3].startswith("Between readings, up to 5.00 more may have been spent than was seen")


@pytest.mark.parametrize(
    ("low", "high", "earliest", "latest", "said"),
    [
        ("100.00", "100.00", NOW, NOW, "The limit of 100.00 is spent."),
        ("40.00", "40.00", None, None, "will not be spent in the next ten years if that goes on."),
        ("40.00", "120.00", NOW, None, "The limit of 100.00 may be spent already, or perhaps never."),
        (
            "40.00",
            "50.00",
            NOW + timedelta(days=1),
            NOW + timedelta(days=2),
            "will be spent at 2026-03-16 12:00:00 UTC at the earliest, and by 2026-03-17 12:00:00 UTC if that goes on.",
        ),
    ],
)
def test_when_a_limit_will_be_spent_is_an_interval(
    low: str, high: str, earliest: datetime | None, latest: datetime | None, said: str
) -> None:
    """A forecast says no more than the spend and the rate do."""
    rate = Rate(low=Decimal(100), high=Decimal(200))
    lines = spend_lines(spending(low, high, rate, Forecast(earliest=earliest, latest=latest)))
    assert "It spends 24.00 to 48.00 a day, by the last days and weeks." in lines
    assert said in lines[-1]


def test_the_last_closed_month_and_the_bills_are_told() -> None:
    """What a month came to is exact, an interval or a least figure; a bill is an audit figure or a reason."""
    month = Period(
        key=CUSTOMER.key,
        account="main",
        month="2026-02",
        since=NOW,
        until=NOW,
        low=Money(90_00),
        high=Money(95_00),
        kind=Kind.MONTHLY,
        amount=Money(100_00),
        granted=None,
    )
    found = explained(
        spending=Spending(periods=(month,)), billed=(Billed(month="2026-02", amount=None, why="not closed"),)
    )
    assert spend_lines(found) == [
        "Nothing was metered yet.",
        "The last month that is closed, 2026-02: 90.00 to 95.00 spent, with a limit of 100.00.",
        "Billed for 2026-02: not known, not closed.",
    ]
    lost = replace(month, high=None, amount=None)
    assert spend_lines(explained(spending=Spending(periods=(lost,))))[1] == (
        "The last month that is closed, 2026-02: at least 90.00 spent."
    )
