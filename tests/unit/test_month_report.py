from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from core.books import Book, Cause
from core.intent import Action, Position
from core.limit import Customer, Kind
from core.money import ZERO, Money
from core.standing import Restriction
from scheduler.reports.month import InForce, Share, Span, month_begins
from scheduler.reports.reckoning import account_month
from tests.unit.month_facts import (
    ALICE,
    KEY,
    NOVEMBER,
    NOW,
    OTHER,
    day,
    facts,
    intent,
    limit,
    meter,
    only_row,
    period,
    standing,
)

OVER = NOVEMBER + timedelta(days=31)  # a moment in December


def test_the_running_month_shows_the_last_days_figures() -> None:
    """Spend is an interval since the month began, granted is what stands now, the share is of the limit."""
    row = only_row()
    assert row.spent == Span(low=Money(50_000), high=Money(51_000), since=NOVEMBER)
    assert row.share == Share(low=Decimal("50.0"), high=Decimal("51.0"))
    assert row.granted == Money(95_000)
    assert row.seen == date(2026, 11, 22)
    assert row.restriction is Restriction.NONE


def test_a_closed_month_shows_what_it_was_closed_with() -> None:
    """Once a later month was seen, the closed figures count, not the last day's."""
    row = only_row(periods={KEY: period()}, now=OVER, day=date(2026, 12, 1))
    assert row.spent == Span(low=Money(60_000), high=Money(61_000), since=NOVEMBER)


def test_an_unknown_end_is_at_least() -> None:
    """Where the month's last hours were not seen, there is no upper end, neither of spend nor of share."""
    row = only_row(periods={KEY: period(high=None)}, now=OVER)
    assert row.spent == Span(low=Money(60_000), high=None, since=NOVEMBER)
    assert row.share == Share(low=Decimal("60.0"), high=None)
    never_closed = only_row(now=OVER)
    assert never_closed.spent is not None
    assert never_closed.spent.high is None


def test_a_day_that_is_past_is_shown_as_it_was() -> None:
    """With a day named, figures, limit and grant are that day's; what later runs overwrite is left out."""
    row = only_row(
        as_of=True,
        day=date(2026, 11, 21),
        now=datetime(2026, 11, 21, 16, tzinfo=UTC),
        days=(day(21, 40_000, 40_000),),
    )
    assert row.spent == Span(low=Money(40_000), high=Money(40_000), since=NOVEMBER)
    assert (row.granted, row.restriction, row.forecast) == (Money(90_000), None, None)
    assert row.share == Share(low=Decimal("40.0"), high=Decimal("40.0"))


def test_a_month_is_closed_for_a_day_only_when_it_was_by_then() -> None:
    """The closed figures are used as of a day on which a later month had been seen, and not as of one before."""
    days = (day(30, 55_000, 55_000), day(2, 0, 0, "2026-12"))
    closed = facts(as_of=True, now=OVER, day=date(2026, 12, 2), days=days, periods={KEY: period()})
    (after,) = account_month(closed).rows
    (before,) = account_month(replace(closed, days=days[:1])).rows
    assert after.spent == Span(low=Money(60_000), high=Money(61_000), since=NOVEMBER)
    assert before.spent == Span(low=Money(55_000), high=None, since=NOVEMBER)


def test_what_was_never_metered_is_unknown() -> None:
    """A customer without figures is counted as unknown, and no sum pretends to contain it."""
    made = account_month(facts(days=(), meters={}, standings={}))
    (row,) = made.rows
    assert row.spent is None
    assert row.share is None
    assert made.unknown == 1
    assert made.spent == Span(low=ZERO, high=ZERO)
    assert only_row(days=(day(22, None, None),)).spent is None


def test_spend_before_the_first_observation_is_added_where_it_is_written() -> None:
    """In the month of adoption spent_before replaces what nobody could know."""
    first = NOW - timedelta(days=2)
    adopted = meter(first_at=first, since=first, before=1_000)
    written = {KEY: limit(spent_before=Money(20_000))}
    row = only_row(limits=written, meters={KEY: adopted})
    assert row.spent == Span(low=Money(70_000), high=Money(70_000), since=first)
    day_before = only_row(limits=written, meters={KEY: adopted}, as_of=True)
    assert day_before.spent == Span(low=Money(51_000), high=Money(51_000), since=first)
    later = meter(first_at=first - timedelta(days=60))
    assert only_row(limits=written, meters={KEY: later}).spent == Span(
        low=Money(50_000), high=Money(51_000), since=NOVEMBER
    )


def test_amounts_that_were_in_force_are_listed_with_their_days() -> None:
    """A limit that was changed within the month shows both amounts, the newest last."""
    days = (day(3, 0, 0, amount=Money(80_000)), day(10, 1, 1), day(22, 50_000, 51_000))
    row = only_row(days=days)
    assert row.limits == (
        InForce(amount=Money(80_000), since=date(2026, 11, 3)),
        InForce(amount=Money(100_000), since=date(2026, 11, 10)),
    )
    raised = only_row(limits={KEY: limit(amount=120_000)})
    assert raised.limits[-1] == InForce(amount=Money(120_000), since=date(2026, 11, 22))
    only_closed = only_row(days=(), periods={KEY: period()}, now=OVER)
    assert [each.amount for each in only_closed.limits] == [Money(100_000)]


def test_a_customer_without_a_limit_is_reported_too() -> None:
    """Whoever spends without a limit has a row, without share."""
    made = account_month(facts(days=(day(22, 700, 700, key=OTHER, amount=None),), limits={}))
    (row,) = made.rows
    assert row.customer == Customer(OTHER)
    assert (row.limits, row.kind, row.share) == ((), None, None)


@pytest.mark.parametrize("kind", [Kind.CREDIT_LINE, Kind.ONE_TIME])
def test_a_limit_that_is_no_month_has_its_own_share(kind: Kind) -> None:
    """A credit line's share is of what is used now; of a day that is past it is not on record."""
    limits = {KEY: limit(kind=kind)}
    row = only_row(limits=limits)
    assert row.share == (Share(low=Decimal("50.0"), high=Decimal("50.0")) if kind is Kind.CREDIT_LINE else None)
    assert only_row(limits=limits, as_of=True).share is None


def test_the_forecast_is_of_what_is_left() -> None:
    """At 100.00 to 110.00 a day, what is left of 1,000.00 lasts four to five days."""
    forecast = only_row().forecast
    assert forecast is not None
    assert forecast.earliest is not None
    assert forecast.latest is not None
    assert abs(forecast.earliest - NOW - timedelta(days=49) / 11) < timedelta(seconds=1)
    assert abs(forecast.latest - NOW - timedelta(days=5)) < timedelta(seconds=1)


def test_our_changes_are_counted_and_summed() -> None:
    """Raises and cuts are summed apart; a lever moves no money, and a first grant all of itself."""
    first = intent(None, before=Position(), wanted=Position(granted=Money(700)))
    changes = (intent(300), intent(-50), intent(0, Action.RELEASE), first, intent(None, Action.FREEZE))
    row = only_row(intents=changes)
    assert (row.changes.count, row.changes.raised, row.changes.cut) == (5, Money(1_000), Money(50))
    assert account_month(facts(intents=changes)).changes == row.changes


def test_what_others_did_and_what_was_held_stand_in_the_row() -> None:
    """Drift and the holds of the last run belong to their customer."""
    row = only_row(outside=(ALICE,))
    assert row.outside == (ALICE,)
    assert [held.reason for held in row.holds] == ["guard"]


def test_a_stopped_customer_says_when_its_data_is_deleted() -> None:
    """How it stands and until when its data lasts come from the newest standing and our book."""
    book = Book(
        key=KEY,
        account="main",
        opened=None,
        granted=None,
        kind=None,
        as_of=NOW,
        ours=ZERO,
        others=ZERO,
        restriction=Restriction.SUSPENDED,
        cause=Cause.OTHER,
        restricted_since=NOW - timedelta(days=2),
    )
    row = only_row(standings={KEY: standing(restriction=Restriction.SUSPENDED)}, books={KEY: book})
    assert row.restriction is Restriction.SUSPENDED
    assert row.data_deleted_after == NOW + timedelta(days=13)


def test_a_change_after_the_last_look_is_in_what_stands() -> None:
    """What we set last stands, though nobody looked since; a change by others after it is what was seen."""
    ours = intent(300, wanted=Position(granted=Money(77_000)))
    assert only_row(as_of=True, intents=(ours,)).granted == Money(77_000)
    assert only_row(as_of=True, intents=(ours,), days=()).granted == Money(77_000)
    early = intent(300, wanted=Position(granted=Money(77_000)), closed_at=NOW - timedelta(days=2))
    assert only_row(as_of=True, intents=(early,)).granted == Money(90_000)
    undone = replace(ALICE, at=NOW + timedelta(minutes=1))
    assert only_row(as_of=True, intents=(ours,), outside=(undone,)).granted == Money(90_000)
    assert only_row(as_of=True, days=(), meters={}).granted is None


def test_our_book_knows_what_was_written_after_the_last_look() -> None:
    """Right after an apply the newest standing is older than what was read back."""
    book = Book(
        key=KEY,
        account="main",
        opened=None,
        granted=Money(99_000),
        kind=None,
        as_of=NOW,
        ours=ZERO,
        others=ZERO,
        written_at=NOW + timedelta(seconds=1),
    )
    assert only_row(books={KEY: book}).granted == Money(99_000)
    assert only_row(books={KEY: replace(book, written_at=NOW)}).granted == Money(95_000)


def test_another_currency_is_in_no_sum() -> None:
    """What is granted in euros is no part of a sum in dollars."""
    assert account_month(facts(standings={KEY: standing(granted=Money(5, "EUR"))})).granted == ZERO


def test_bills_are_beside_and_never_used() -> None:
    """A bill changes no other figure; without one the sum is unknown, not zero."""
    told = account_month(facts(billed={KEY: Money(48_000)}))
    assert told.billed == Money(48_000)
    assert told.rows[0].billed == Money(48_000)
    assert told.spent == account_month(facts()).spent
    assert account_month(facts(billed={})).billed is None


def test_a_limit_of_nothing_has_no_share() -> None:
    """Nothing can be a share of zero."""
    assert only_row(limits={KEY: limit(amount=0)}, days=(day(22, 1, 1, amount=ZERO),)).share is None


def test_what_is_no_month_is_refused() -> None:
    """A month is a year and a month that there is."""
    assert month_begins("2026-11", "Asia/Shanghai") == NOVEMBER
    for text in ("2026-13", "november", "2026-11-01"):
        with pytest.raises(ValueError, match=r"month|isoformat"):
            month_begins(text, "UTC")
