from dataclasses import replace
from datetime import date, timedelta

from core.intent import Action, Position
from core.limit import Customer, Dated, Kind, Limit, OnExhaustion, Source, Temporary
from core.money import Money
from core.standing import Restriction
from scheduler.reports.month import Accepted, Change, DayTotal, Whose
from scheduler.reports.month_changes import changed, folded, sentence_of
from scheduler.reports.reckoning import account_month
from tests.unit.month_facts import ALICE, KEY, NOVEMBER, NOW, OTHER, day, facts, intent, limit, period

EARLIER = NOW - timedelta(days=9)
RAISED = limit(amount=200_000, changed_by="maria", reason="contract 114", source=Source("limits.csv", 3))


def accepted(new: Limit | None, old: Limit | None = None, at: timedelta = timedelta(0)) -> Accepted:
    """Give a change of a limit that a run accepted nine days ago."""
    return Accepted(key=(new or old or limit()).key, at=EARLIER + at, old=old, new=new)


def test_everything_is_in_one_order_of_time() -> None:
    """Limits, our changes, others' and people's words come oldest first, each with whose doing it is."""
    word = Change(at=NOW - timedelta(days=1), whose=Whose.PERSON, key=KEY, what="paused", who="ann", why="dispute")
    found = changed(
        facts(accepted=(accepted(RAISED, limit()),), intents=(intent(100_000),), outside=(ALICE,), said=(word,))
    )
    assert [change.whose for change in found] == [Whose.LIMIT, Whose.PERSON, Whose.TIDEGATE, Whose.OTHERS]
    assert [change.at for change in found] == sorted(change.at for change in found)


def test_a_limits_change_says_who_why_and_by_how_much() -> None:
    """The optional columns of the limits file are its who and why."""
    (change,) = changed(facts(accepted=(accepted(RAISED, limit()),)))
    assert (change.who, change.why, change.source) == ("maria", "contract 114", "limits.csv:3")
    assert (change.before, change.after, change.moved) == (Money(100_000), Money(200_000), Money(100_000))
    assert change.what == "limit 2,000.00 monthly freeze, before 1,000.00 monthly freeze"
    said = sentence_of(change)
    assert "(+1,000.00), by maria: contract 114" in said


def test_a_limits_terms_are_told() -> None:
    """New, removed, for a while, from a day on, or changed in other terms: each is said."""
    terms = replace(
        limit(), temporary=Temporary(amount=Money(5), until=date(2026, 12, 1)), later=Dated(Money(7), date(2027, 1, 1))
    )
    told = [
        change.what
        for change in changed(
            facts(accepted=(accepted(terms), accepted(None, limit()), accepted(replace(limit(), name="x"), limit())))
        )
    ]
    assert told[0] == "new limit 1,000.00 monthly freeze, 0.05 until 2026-12-01, 0.07 from 2027-01-01"
    assert told[1] == "limit removed, before 1,000.00 monthly freeze"
    assert told[2].endswith("as before; other terms of it changed")


def test_what_was_accepted_before_the_month_gives_reasons_alone() -> None:
    """A limit of an earlier month is no change of this one, yet it says why a grant followed it."""
    before = Accepted(key=KEY, at=NOVEMBER - timedelta(days=3), old=None, new=RAISED)
    (change,) = changed(facts(accepted=(before,), intents=(intent(5),)))
    assert change.whose is Whose.TIDEGATE
    assert change.why == "the limit is 2,000.00 monthly, by maria: contract 114"


def test_a_grant_that_follows_the_spend_says_so_and_the_reason_is_told_once() -> None:
    """The first change after a limit has its reason; later ones of a followed credit follow what is spent."""
    two = (intent(5, recorded_at=NOW - timedelta(hours=1), id="1"), intent(7, id="2"))
    first, second = changed(facts(accepted=(accepted(RAISED),), intents=two))[1:]
    assert "by maria" in first.why
    assert second.why == "the credit follows what is spent; the limit is 2,000.00 monthly"


def test_our_own_changes_say_what_they_set() -> None:
    """Amounts, kinds, the action at exhaustion and restrictions each have their words."""
    frozen = intent(
        None,
        Action.FREEZE,
        before=Position(restriction=Restriction.NONE),
        wanted=Position(restriction=Restriction.FROZEN),
        proven=False,
    )
    said = intent(300, before=Position(granted=Money(100_000)), wanted=Position(granted=Money(100_300)), who="daemon")
    ours, lever = changed(facts(intents=(said, frozen)))
    assert (ours.what, ours.who, ours.moved) == ("granted 1,003.00, before 1,000.00", "daemon", Money(300))
    assert (lever.what, lever.moved, lever.why) == ("freeze: frozen, before active", None, "no read showed it")


def test_an_adoption_is_one_line_for_people_and_all_of_it_for_programs() -> None:
    """Many new limits of one file that came in together are folded; a few, or of two files, are not."""
    keys = [replace(limit(), customer=Customer(replace(KEY, customer_id=f"c{number}"))) for number in range(6)]
    many = [accepted(replace(each, source=Source("a.csv", line))) for line, each in enumerate(keys, 2)]
    all_of_it = changed(facts(accepted=many))
    (one,) = folded(all_of_it)
    assert len(all_of_it) == 6
    assert (one.what, one.key) == ("6 new limits accepted from a.csv", None)
    assert len(folded(all_of_it[:3])) == 3
    apart = changed(facts(accepted=[*many[:3], *(replace(each, at=NOW - timedelta(hours=1)) for each in many[3:])]))
    assert len(folded(apart)) == 6


def test_an_accounts_days_add_up_customers_as_last_seen() -> None:
    """Each day sums what was known by then; who was not seen counts as before; the last day is the report's own."""
    days = (
        day(20, None, None),
        day(21, 40_000, 40_000),
        day(22, 50_000, 51_000),
        day(21, 700, 700, key=OTHER, amount=None),
    )
    made = account_month(facts(days=days))
    assert made.days == (
        DayTotal(day=date(2026, 11, 20), low=None, high=None, limit=Money(100_000)),
        DayTotal(day=date(2026, 11, 21), low=Money(40_700), high=Money(40_700), limit=Money(100_000)),
        DayTotal(day=date(2026, 11, 22), low=Money(50_700), high=Money(51_700), limit=Money(100_000)),
    )
    assert (made.days[-1].low, made.days[-1].high) == (made.spent.low, made.spent.high)
    assert made.limit == Money(100_000)


def test_a_closed_month_ends_with_what_it_was_closed_with() -> None:
    """The last day shows the closed figures, the days before what was seen on them; an unknown end is at least."""
    over = NOVEMBER + timedelta(days=31)
    made = account_month(facts(periods={KEY: period(high=None)}, now=over, day=date(2026, 12, 1)))
    assert made.days[-1].low == Money(60_000)
    assert made.days[-1].high is None
    assert made.days[0].high == Money(40_000)
    spent_before = account_month(facts(limits={KEY: limit(spent_before=Money(1_000))}))
    assert [each.low for each in spent_before.days] == [Money(41_000), Money(51_000)]


def test_kinds_and_actions_that_we_set_are_told_and_a_removed_limit_gives_no_reason() -> None:
    """A change of kind, of what happens at exhaustion alone, and one that no limit is behind any more."""
    kind = intent(None, Action.SET_KIND, wanted=Position(granted=Money(2), kind=Kind.ONE_TIME))
    stop = intent(None, Action.SET_EXHAUSTION, wanted=Position(granted=Money(2), on_exhaustion=OnExhaustion.ALERT))
    gone = accepted(None, limit())
    found = changed(facts(accepted=(gone,), intents=(kind, stop)))[1:]
    assert [change.what for change in found] == ["granted 0.02, before 0.01, kind one-time", "when used up: alert"]
    assert [change.why for change in found] == ["", ""]
