"""The sentences of an explanation on what would be done, what stands in the way, and the last changes."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.books import Dispute, DisputeSort
from core.capabilities import Capabilities
from core.explained import LimitChanged, Noted, Records, Room, Spending, Verdict
from core.exposure import Headroom
from core.forecast import Forecast
from core.intent import Action, Position
from core.limit import Kind, OnExhaustion, WritePolicy
from core.money import Money
from core.pause import Pause
from core.plan import HoldReason
from core.policy import Window
from core.target import NoTarget, Target
from core.witness import WitnessRow
from scheduler.reports.explanation import sections
from scheduler.reports.explanation_changes import MOST, change_lines
from scheduler.reports.explanation_json import explanation_document
from scheduler.reports.explanation_plan import drift_lines, now_lines, open_lines, policy_lines, quota_lines
from scheduler.reports.explanation_plan import target_lines as target_of
from scheduler.reports.explanation_remedies import REMEDIES
from scheduler.reports.explanation_standing import standing_lines
from tests.unit.explanation_rig import BOOK, CUSTOMER, POLICY, STANDING, explained, limit
from tests.unit.report_plans import CORRECTIONS, HOLDS, correction
from tests.unit.strategies import LAWS, LEVELS, NOW, STEPS, dollars

# What would be done


def test_every_reason_has_a_remedy() -> None:
    """Nobody is told that something is not done without what to do about it."""
    assert set(REMEDIES) == set(HoldReason)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"action": Action.RELEASE}, "The next apply will release the customer."),
        (
            {"action": Action.SET_KIND, "after": Position(granted=Money(1000_00), kind=Kind.ONE_TIME)},
            "The next apply will change the kind from monthly to one-time, and the amount from 1,000.00 to 1,000.00.",
        ),
        (
            {"action": Action.SET_EXHAUSTION, "after": Position(on_exhaustion=OnExhaustion.RESTRICT)},
            "The next apply will set what happens at exhaustion to restrict (before: unknown).",
        ),
        (
            {"before": Position(), "change": None},
            "The next apply will set the amount from nothing to 1,500.00.",
        ),
        ({"blocked_by": ("write_policy observe",)}, "It would set the amount from 1,000.00 to 1,500.00 (+500.00)."),
    ],
)
def test_every_action_is_a_sentence(changes: dict[str, object], said: str) -> None:
    """What the next apply does, or would do, is said in words."""
    assert now_lines(explained(verdict=Verdict(row=correction(**changes))))[0] == said


def test_what_follows_a_change_is_told_after_it() -> None:
    """A raise that is followed by a release says both."""
    row = correction(follows=(Action.RELEASE,))
    assert now_lines(explained(verdict=Verdict(row=row)))[1] == "Then: release."


def test_doing_nothing_has_its_reason() -> None:
    """In sync, adopted, unlimited and unread are four different reasons to do nothing."""
    said = {
        now_lines(explained())[0],
        now_lines(explained(verdict=Verdict(adopted=True)))[0],
        now_lines(explained(limit=None, written=None))[0],
        now_lines(explained(standing=None))[0],
    }
    assert len(said) == 4


def test_programs_are_told_the_same_reasons_in_one_word() -> None:
    """Each way of doing nothing has a word of its own in the document, an end of the limit its two times."""
    found = {
        "in_sync": explained(),
        "adopted": explained(verdict=Verdict(adopted=True)),
        "unlimited": explained(limit=None, written=None),
        "unknown": explained(standing=None),
    }
    documents = {word: explanation_document(each, show_names=False) for word, each in found.items()}
    assert {word: document["now"]["verdict"] for word, document in documents.items()} == {word: word for word in found}  # type: ignore[index]
    ahead = Spending(exhausted=Forecast(earliest=NOW, latest=None))
    spend = explanation_document(explained(spending=ahead), show_names=False)["spend"]
    assert isinstance(spend, dict)
    assert spend["exhausted"] == {"earliest": NOW.isoformat(), "latest": None}


def test_a_target_says_its_formula_or_why_there_is_none() -> None:
    """Figures in a formula are written like everywhere else."""
    found = Target(granted=Money(1200_00), on_exhaustion=None, exhausts=True, capped=True, formula="limit 1200.00")
    assert target_of(explained(verdict=Verdict(target=found))) == [
        "1,200.00 should stand at the vendor: limit 1,200.00.",
        "That leaves nothing to spend that is left now.",
    ]
    none = replace(found, granted=None, exhausts=False)
    assert target_of(explained(verdict=Verdict(target=none)))[0].startswith("No amount is set: ")
    unknown = NoTarget(reason=HoldReason.TOO_EARLY, detail="its spend was not metered yet")
    assert "its spend was not metered yet." in target_of(explained(verdict=Verdict(target=unknown)))[0]
    assert target_of(explained()) == ["It cannot be worked out."]


def test_what_may_be_written_is_told_with_customer_protection_and_hours() -> None:
    """Each thing that keeps a change back is one sentence."""
    opens = Window(days=frozenset({0}), begins=time(9), ends=time(18), text="mon 09:00-18:00")
    policy = replace(POLICY, protected=frozenset({"c00001"}), windows=(opens,), billing_timezone="UTC")
    written = limit(write_policy=WritePolicy.RAISE_ONLY)
    assert policy_lines(explained(policy=policy, written=written)) == [
        "Account main: sync, both raises and cuts are sent.",
        "This customer: raise_only; the stricter of the two wins.",
        "The customer is protected in the configuration: nothing is changed.",
        "Changes may be made from 2026-03-16 09:00:00 UTC on.",
    ]
    never = replace(policy, windows=(replace(opens, days=frozenset()),))
    assert policy_lines(explained(policy=never))[-1] == "No window ever opens."


def test_credit_to_give_out_is_told_wherever_it_comes_from() -> None:
    """The vendor's own figure, a written quota, a failed read, and the partner's own headroom."""
    written = Room(written=(("monthly", Money(500_00)),))
    assert quota_lines(explained(LEVELS, room=written)) == ["Of the written monthly budget quota 500.00 is left."]
    failed = Room(problem="no answer came")
    assert quota_lines(explained(room=failed)) == ["What can still be given out could not be read: no answer came."]
    room = Room(quota=Money(9_00), headroom=Headroom(title="partner credit", limit=None, used=None, left=Money(8_00)))
    assert quota_lines(explained(room=room)) == [
        "The account can still give out 9.00.",
        "Partner credit: 8.00 is left to the partner itself.",
    ]
    assert quota_lines(explained()) == ["What can still be given out was not asked of Steps Cloud."]


def test_a_difference_that_nobody_explains_is_told_as_such() -> None:
    """Where the reading differs from the books and no record says who, that is said."""
    other = replace(STANDING, granted=dollars("70.00"))
    assert drift_lines(explained(standing=other)) == [
        "What stands differs from our books, which say 100.00; who changed it is not known."
    ]
    settled = replace(BOOK, granted=dollars("70.00"), written_at=NOW + timedelta(minutes=1))
    late = explained(book=settled)
    assert drift_lines(late) == [
        "Nobody is known to have changed its amount or kind at the vendor since our last change."
    ]
    assert "Our own change was read back since: by our books 70.00 stands now." in standing_lines(late)


def test_disputes_and_pauses_are_told_with_what_ends_them() -> None:
    """A dispute names the word to say, a pause its end."""
    dispute = Dispute(
        id="01J",
        sort=DisputeSort.BOOKS,
        account="main",
        customer=CUSTOMER.key,
        evidence="",
        sentence="the books say 1000.00",
        opened_at=NOW,
    )
    pause = Pause(account=None, customer_id=None, who="ann", why="audit", since=NOW, until=NOW + timedelta(days=1))
    assert open_lines(explained(records=Records(disputes=(dispute,), pauses=(pause,)))) == [
        "Disputed since 2026-03-15 12:00:00 UTC: the books say 1,000.00; `tidegate settle 01J`.",
        "Paused by ann since 2026-03-15 12:00:00 UTC, until 2026-03-16 12:00:00 UTC: audit.",
    ]


# The last changes


def test_only_the_newest_changes_are_told_newest_first() -> None:
    """Ten are enough to see why; the rest is history's."""
    notes = tuple(
        Noted(at=NOW + timedelta(minutes=at), event="balanced", who="ann", sentence=str(at)) for at in range(12)
    )
    lines = change_lines(explained(records=Records(notes=notes)))
    assert len(lines) == MOST
    assert lines[0].endswith("person: counted anew from what the vendor shows, by ann (11).")
    assert change_lines(explained()) == ["Nothing is on record yet."]


def test_the_vendors_own_records_replace_our_note_of_a_change() -> None:
    """One change from outside is told once: by the vendor's record where it was read, else by our note."""
    drift = Noted(at=NOW, event="drift", who="vendor", sentence="changed outside Tidegate by li")
    noted = Records(notes=(drift,), limits=(LimitChanged(at=NOW, old=limit(), new=None, digest=""),))
    assert any("others: changed outside Tidegate by li." in line for line in change_lines(explained(records=noted)))
    rows = (
        WitnessRow(at=None, granted_after=Money(1)),
        WitnessRow(at=NOW, change=Money(-30_00), granted_after=Money(70_00), operator="li", remark="typo"),
        WitnessRow(at=NOW, removed=True),
    )
    lines = change_lines(explained(records=replace(noted, foreign=rows)))
    assert "2026-03-15 12:00:00 UTC, others: -30.00 to 70.00, by the vendor's records, by li (typo)." in lines
    assert "2026-03-15 12:00:00 UTC, others: the grant was removed, by the vendor's records." in lines
    assert "2026-03-15 12:00:00 UTC, limit: limit none, before 100.00 credit line, by limits file." in lines
    assert not any("changed outside Tidegate" in line for line in lines)


# All of it


@LAWS
@given(row=st.none() | CORRECTIONS | HOLDS, capabilities=st.sampled_from([STEPS, LEVELS]), limited=st.booleans())
def test_whatever_is_planned_every_section_is_whole_sentences(
    row: object,
    capabilities: Capabilities,
    limited: bool,  # noqa: FBT001 - drawn
) -> None:
    """No section is empty, and each line is one sentence that ends, for people and programs alike."""
    found = explained(
        capabilities,
        verdict=Verdict(row=row),  # type: ignore[arg-type]  # drawn
        **({} if limited else {"limit": None, "written": None}),
    )
    told = sections(found)
    assert all(section.lines for section in told)
    assert [line for section in told for line in section.lines if not line.endswith(".") or "\n" in line] == []
    document = explanation_document(found, show_names=False)
    assert {section.name for section in told} <= document.keys()


def test_times_are_told_in_utc() -> None:
    """Whatever zone a time came in."""
    east = datetime(2026, 3, 15, 20, 0, tzinfo=UTC).astimezone()
    assert "2026-03-15 20:00:00 UTC" in standing_lines(explained(standing=replace(STANDING, as_of=east)))[0]
