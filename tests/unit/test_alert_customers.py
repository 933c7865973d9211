"""What of one customer somebody must be told, and in whose words."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from core.alerts import Severity, Sort
from core.books import Cause
from core.limit import OnExhaustion
from core.money import Money
from core.plan import HoldReason
from core.standing import Restriction, Spend
from scheduler.reports.board import Waiting
from scheduler.reports.month import Share
from tests.unit.alert_facts import HUAWEI, found, held, one_line, stop, subjects
from tests.unit.boards import DAY, NOW, account, board


def test_each_threshold_that_is_reached_is_a_rung() -> None:
    """At 92 % two thresholds are reached, of one ladder, in the limit's own period."""
    low, high = found(one_line(used=92_300), Sort.THRESHOLD)
    assert subjects([low, high]) == ["75", "90"]
    assert low.rung < high.rung
    assert {low.period, high.period} == {"2026-11"}
    assert low.identity != high.identity
    assert high.sentence == (
        "customer 1001 has spent 92.3 % of its limit, 923.00 of 1,000.00; "
        "at 100 % it can buy nothing more: raise its limit if it is to go on"
    )
    assert high.over == "customer 1001 has spent less than 90 % of its limit again"


@pytest.mark.parametrize(
    ("action", "severity"),
    [
        (OnExhaustion.RESTRICT, Severity.CRITICAL),
        (OnExhaustion.FREEZE, Severity.CRITICAL),
        (None, Severity.CRITICAL),
        (OnExhaustion.ALERT, Severity.WARNING),
    ],
)
def test_the_whole_limit_is_grave_where_the_customer_is_cut_off(
    action: OnExhaustion | None, severity: Severity
) -> None:
    """At 100 % it matters whether anybody is stopped; what is not known may stop it."""
    whole = found(one_line(used=100_000, on_exhaustion=action), Sort.THRESHOLD)[-1]
    assert (whole.subject, whole.severity) == ("100", severity)
    assert ("it is not cut off" in whole.sentence) == (action is OnExhaustion.ALERT)


OBSERVED = Waiting(
    word="observe", sentence="not sent: observe", detail="", needs_attention=False, wanted=Money(3_100_00)
)


@pytest.mark.parametrize("waiting", [OBSERVED, held(HoldReason.GUARD, "max_cut: too much")])
def test_a_limit_that_is_held_back_cuts_nobody_off(waiting: Waiting) -> None:
    """What the vendor grants is far from spent: no cry for help, but what still stands there and why."""
    shown = one_line(
        used=13_803_00, limit=3_100_00, granted=Money(63_000_50), available=Money(49_197_50), waiting=waiting
    )
    *_, whole = found(shown, Sort.THRESHOLD)
    assert (whole.subject, whole.severity) == ("100", Severity.WARNING)
    assert whole.sentence.endswith(
        f"; the vendor still grants 63,000.50: the limit is not in force ({waiting.sentence})"
    )
    near = replace(
        shown.accounts[0].customers[0],
        spent=Spend.exactly(Money(2_480_00)),
        share=Share(low=Decimal("80.0"), high=Decimal("80.0")),
    )
    (told,) = found(board(account(HUAWEI, [near])), Sort.THRESHOLD)
    assert "the limit is not in force" in told.sentence


@pytest.mark.parametrize(
    ("granted", "available", "waiting", "grave"),
    [
        (63_000_50, 0, OBSERVED, True),
        (63_000_50, -1, OBSERVED, True),
        (63_000_50, 1, OBSERVED, False),
        (63_000_50, None, OBSERVED, False),
        (63_000_50, None, None, True),
        (13_803_00, 5_00, OBSERVED, True),
        (None, None, OBSERVED, True),
        (None, 1, None, False),
    ],
)
def test_the_whole_limit_is_grave_where_the_grant_is_used_up(
    granted: int | None, available: int | None, waiting: Waiting | None, grave: object
) -> None:
    """By what the vendor says is left, or by our own change that it does not show yet; the unknown may stop it."""
    shown = one_line(
        used=13_803_00,
        limit=3_100_00,
        granted=None if granted is None else Money(granted),
        available=None if available is None else Money(available),
        waiting=waiting,
    )
    whole = found(shown, Sort.THRESHOLD)[-1]
    assert (whole.severity is Severity.CRITICAL) is grave
    assert ("the limit is not in force" in whole.sentence) is not grave


def test_what_may_have_been_spent_is_not_told_as_spent() -> None:
    """An interval counts by its lower end, and says so."""
    spend, share = Spend(low=Money(76_000), high=Money(95_000)), Share(low=Decimal("76.0"), high=Decimal("95.0"))
    (told,) = found(one_line(spent=spend, share=share), Sort.THRESHOLD)
    assert told.subject == "75"
    assert "at least 760.00 of 1,000.00" in told.sentence


def test_a_share_that_is_not_known_is_no_share() -> None:
    """Unknown is neither reached nor not reached."""
    assert found(one_line(used=99_000, share=None, spent=None), Sort.THRESHOLD) == []


def test_thresholds_may_be_odd_or_beyond_all() -> None:
    """Whatever `alert_at` says is told, twice the same only once."""
    odd = (Decimal("112.50"), Decimal("87.5"), Decimal("87.50"))
    assert subjects(found(one_line(used=120_000, thresholds=odd), Sort.THRESHOLD)) == ["87.5", "112.5"]


@pytest.mark.parametrize("restriction", [Restriction.RESTRICTED, Restriction.FROZEN, Restriction.SUSPENDED])
def test_a_stopped_customer_is_one_fact_that_may_become_graver(restriction: Restriction) -> None:
    """Restricted, frozen and suspended have one identity, and the last two are grave."""
    shown = one_line(restriction=restriction, stopped=stop(restriction))
    (told,) = found(shown)
    assert told.identity == f"stopped|{HUAWEI}|huawei/1001||"
    assert (told.severity is Severity.CRITICAL) == (restriction is not Restriction.RESTRICTED)
    assert "(its limit is used up); see `tidegate explain 1001`" in told.sentence


@pytest.mark.parametrize("cause", [*Cause, None])
def test_every_cause_of_a_stop_has_its_words(cause: Cause | None) -> None:
    """Whoever did it, or nobody knows who, the sentence says so."""
    (told,) = found(one_line(restriction=Restriction.RESTRICTED, stopped=stop(Restriction.RESTRICTED, cause)))
    assert told.sentence.count("(") == 1


@pytest.mark.parametrize("cause", [Cause.OTHER, Cause.ADOPTED, None])
def test_a_customer_suspended_without_credit_is_suspended_for_that(cause: Cause | None) -> None:
    """Nobody else did what the vendor does by itself; with credit left, somebody may have."""
    suspended = {"restriction": Restriction.SUSPENDED, "stopped": stop(Restriction.SUSPENDED, cause)}
    (told,) = found(one_line(available=Money(0), **suspended))
    assert "is suspended by the vendor: its services stand still (its credit is used up);" in told.sentence
    (told,) = found(one_line(available=Money(1), **suspended))
    assert "used up" not in told.sentence


def test_the_data_of_one_that_is_only_restricted_may_be_deleted() -> None:
    """Whether its resources stand still too is not known, and so not whether its data goes."""
    for restriction, said in ((Restriction.RESTRICTED, "may be deleted"), (Restriction.FROZEN, "is deleted")):
        shown = one_line(restriction=restriction, stopped=stop(restriction, Cause.OTHER, NOW + 6 * DAY))
        stopped, deletion = found(shown)
        assert f"its data {said} after 2026-11-28" in stopped.sentence
        assert f"the data of customer 1001 {said} by the vendor after 2026-11-28" in deletion.sentence


@pytest.mark.parametrize(
    ("left", "days"),
    [
        (8 * DAY, []),
        (7 * DAY, ["7"]),
        (3 * DAY, ["7", "3"]),
        (DAY, ["7", "3", "1"]),
        (-DAY, ["7", "3", "1"]),
    ],
)
def test_data_to_be_deleted_is_told_at_seven_three_and_one_days(left: timedelta, days: list[str]) -> None:
    """Each step is a rung, the last one the highest, whatever was missed."""
    frozen = stop(Restriction.FROZEN, deleted=NOW + left)
    told = found(one_line(restriction=Restriction.FROZEN, stopped=frozen), Sort.DELETION)
    assert subjects(told) == days
    assert sorted(told, key=lambda each: each.rung) == told
    assert all(f"{frozen.data_deleted_after:%Y-%m-%d %H:%M} UTC" in each.sentence for each in told)


def test_a_hold_says_what_to_do() -> None:
    """One condition for each customer and reason, with the particulars and the remedy."""
    (told,) = found(one_line(waiting=held(HoldReason.QUOTA, "150.00 are missing")))
    assert (told.sort, told.subject) == (Sort.HOLD, "quota")
    assert told.sentence == (
        "customer 1001 is not brought to its limit: it does not fit into the credit that can still be given out "
        "(150.00 are missing); to do: give back credit elsewhere, or ask the vendor for more"
    )


@pytest.mark.parametrize("reason", HoldReason)
def test_every_hold_that_needs_somebody_is_told_somewhere(reason: HoldReason) -> None:
    """All but a person's own word, and what has a sort of its own; what needs nobody is not told."""
    told = found(one_line(waiting=held(reason)), Sort.HOLD)
    own = {HoldReason.PAUSED, HoldReason.PROTECTED, HoldReason.UNCERTAIN, HoldReason.DISPUTED}
    assert bool(told) == (reason.needs_attention and reason not in own)
