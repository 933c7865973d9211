"""What the board says of a customer: its figures, what waits, what lies upon it, and why it needs somebody's eyes."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from core.amounts import resolved
from core.books import Dispute, DisputeSort
from core.intent import State
from core.judgement import Block
from core.limit import Dated, Kind, OnExhaustion, WritePolicy
from core.money import Money
from core.pause import Pause
from core.plan import HoldReason, PoolUse
from core.policy import BudgetQuota, Cap, GuardSettings
from core.standing import Restriction
from scheduler.reports.board import Attention, Pool
from scheduler.reports.summary import guards
from tests.unit.board_desk import MAIN, MINUTE, NOON, Desk, Seen, key_of, limit_of, settings_of

WAITS = Seen(granted={1: "800"})
OPEN = (State.SENT, State.UNCERTAIN)
MADE = (State.SENT, State.CONFIRMED, State.SETTLED_APPLIED)


def desk(*amounts: str, **policy: object) -> Desk:
    """Give a desk with a customer for each amount, by default one of 1000."""
    wanted = enumerate(amounts or ("1000",), 1)
    return Desk(settings_of([limit_of(number, amount) for number, amount in wanted], **policy))


@pytest.mark.parametrize(
    ("spent", "share", "attention"),
    [
        ("0", "0.0", ()),
        ("749.99", "74.9", ()),
        ("750", "75.0", (Attention.NEAR,)),
        ("999.99", "99.9", (Attention.NEAR,)),
        ("1000", "100.0", (Attention.SPENT,)),
        ("1200", "120.0", (Attention.SPENT,)),
    ],
)
def test_what_is_spent_is_near_from_the_lowest_threshold_and_spent_from_a_hundred(
    spent: str, share: str, attention: tuple[Attention, ...]
) -> None:
    """By what is spent for certain, rounded down; one word of the two."""
    at = desk()
    at.runs(Seen(spent={1: spent}))
    line = at.line()
    assert line.share is not None
    assert (str(line.share.low), line.attention) == (share, attention)
    assert (line.name, line.as_of, line.period) == ("Käufer GmbH", NOON + MINUTE, "")


def test_the_amount_is_the_one_in_force_today() -> None:
    """A dated amount takes its place on the board when its day begins in the billing zone, without any run."""
    limit = limit_of(1, "500", later=Dated(Money.parse("700"), date(2026, 11, 23)))
    at = Desk(settings_of([limit]))
    at.runs(Seen(granted={1: "500"}, spent={1: "350"}))
    before = at.line()
    assert (before.amount, before.attention) == (resolved(limit, date(2026, 11, 22)).amount, ())
    at.clock.sleep(timedelta(hours=13))
    after = at.line()
    assert str(after.amount) == "700.00"
    assert after.share is not None
    assert str(after.share.low) == "50.0"


def test_a_monthly_limit_counts_its_month() -> None:
    """What a followed limit has spent is metered, named with its month, and an interval where it is not certain."""
    at = Desk(settings_of([limit_of(1, kind=Kind.MONTHLY, on_exhaustion=OnExhaustion.FREEZE)]))
    at.runs(Seen(spent={1: "100"}))
    at.runs(Seen(spent={1: "160"}))
    line = at.line()
    assert line.spent is not None
    assert (str(line.spent.low), str(line.spent.high), line.period) == ("60.00", "160.00", "2026-11")
    assert line.share is not None
    assert (str(line.share.low), str(line.share.high)) == ("6.0", "16.0")


def test_spend_counts_on_while_a_change_is_open() -> None:
    """A figure that is not metered because a change is open does not make the spend unknown."""
    at = Desk(settings_of([limit_of(1, kind=Kind.MONTHLY, on_exhaustion=OnExhaustion.FREEZE)]))
    at.runs(Seen(spent={1: "100"}))
    at.runs(Seen(spent={1: "160"}))
    at.changes(1, *OPEN)
    at.runs(Seen(spent={1: "170"}, blocks={1: Block(reason=HoldReason.UNCERTAIN)}), dry=True)
    line = at.line()
    assert line.spent is not None
    assert str(line.spent.low) == "60.00"
    assert line.as_of == NOON + 3 * MINUTE + timedelta(seconds=0)


def test_a_dry_run_shows_what_it_saw() -> None:
    """A plan made by hand keeps no meters; what it saw is counted all the same, as that plan counted it."""
    at = Desk(settings_of([limit_of(1, kind=Kind.MONTHLY, on_exhaustion=OnExhaustion.FREEZE)]))
    at.runs(Seen(spent={1: "100"}))
    at.runs(Seen(spent={1: "190"}), dry=True)
    line = at.line()
    assert line.spent is not None
    assert str(line.spent.low) == "90.00"


def test_a_frozen_customer_comes_first() -> None:
    """Data that is going to be deleted is the most pressing of all."""
    at = desk()
    at.runs(Seen(restriction=Restriction.SUSPENDED, spent={1: "1000"}))
    line = at.line()
    assert line.stopped is not None
    assert line.stopped.data_deleted_after == NOON + MINUTE + timedelta(days=15)
    assert line.attention == (Attention.DELETION, Attention.STOPPED, Attention.SPENT)


def test_a_correction_waits_until_it_is_made() -> None:
    """Pending as planned; once applied and read back it waits no longer and the customer is in sync."""
    at = desk("1000", "1000")
    plan = at.runs(WAITS)
    line = at.line()
    assert line.waiting is not None
    assert (line.waiting.word, line.waiting.action, str(line.waiting.change)) == ("pending", "set_amount", "200.00")
    assert line.attention == (Attention.PENDING,)
    at.changes(1, *MADE, run=plan.run)
    account = at.account()
    assert (account.in_sync, account.pending) == (2, 0)
    assert at.line().waiting is None


def test_what_a_write_policy_blocks_says_so() -> None:
    """Under `observe` a correction is listed with what blocks it, and needs nobody."""
    at = desk(write_policy=WritePolicy.OBSERVE)
    at.runs(WAITS)
    waiting = at.line().waiting
    assert waiting is not None
    assert (waiting.word, waiting.sentence) == ("write_policy observe", "not sent: write_policy observe")
    assert not waiting.needs_attention


@pytest.mark.parametrize(
    ("states", "word", "attention"),
    [
        ((State.SENT, State.REFUSED), "refused", Attention.HELD),
        ((State.NOT_SENT,), "not_sent", Attention.HELD),
        ((*OPEN, State.SETTLED_NOT_APPLIED), "pending", Attention.PENDING),
    ],
)
def test_a_correction_that_was_tried_in_vain_says_how_it_ended(
    states: tuple[State, ...], word: str, attention: Attention
) -> None:
    """Refused or never sent needs somebody; what was certainly not applied is simply tried again."""
    at = desk()
    plan = at.runs(WAITS)
    at.changes(1, *states, run=plan.run)
    line = at.line()
    assert line.waiting is not None
    assert (line.waiting.word, line.attention) == (word, (attention,))
    assert at.account().pending == 1


def test_an_uncertain_change_is_the_customers_and_is_followed_to_its_end() -> None:
    """While its outcome is not known it is on the line; a person's word, in whatever process, takes it away."""
    at = desk()
    plan = at.runs(WAITS)
    intent = at.changes(1, *OPEN, run=plan.run)
    line = at.line()
    assert line.intent == intent
    assert line.attention == (Attention.UNCERTAIN, Attention.HELD)
    assert line.waiting is not None
    assert line.waiting.word == "uncertain"
    at.store.move(State.UNCERTAIN, intent.moved(State.SETTLED_APPLIED))
    line = at.line()
    assert (line.intent, line.waiting, line.attention) == (None, None, ())


def test_disputes_are_the_customers_and_the_boards() -> None:
    """A dispute about a customer is on its line until it is closed; one about the account is on the board alone."""
    at = desk()
    at.runs()
    for name, customer in (("a", key_of(1)), ("b", None)):
        at.store.open_dispute(
            Dispute(
                id=name,
                sort=DisputeSort.BOOKS,
                account=MAIN,
                customer=customer,
                evidence=name,
                sentence="it does not add up",
                opened_at=at.clock.now(),
            )
        )
    board = at.board()
    assert [dispute.id for dispute in board.disputes] == ["a", "b"]
    (line,) = board.accounts[0].customers
    assert line.dispute is not None
    assert (line.dispute.id, line.attention) == ("a", (Attention.DISPUTED,))
    at.store.close_dispute("a", who="ann", why="seen", at=at.clock.now())
    assert (at.line().dispute, at.line().attention) == (None, ())


def test_a_hold_goes_with_what_held_it() -> None:
    """A pause that was lifted, or a change that was settled, since the plan leaves a correction for the next run."""
    at = desk("1000", "1000", "1000")
    blocks = {
        1: Block(reason=HoldReason.PAUSED, detail="by ann"),
        2: Block(reason=HoldReason.UNCERTAIN),
        3: Block(reason=HoldReason.DISPUTED),
    }
    at.runs(Seen(granted={1: "800", 2: "800", 3: "800"}, blocks=blocks))
    waiting = [line.waiting for line in at.account().customers]
    assert [None if one is None else (one.word, one.needs_attention) for one in waiting] == [("pending", False)] * 3
    at.store.pause(Pause(account=MAIN, customer_id=None, who="ann", why="audit", since=at.clock.now()))
    at.changes(2, *OPEN)
    at.changes(3, *OPEN, State.DISPUTED)
    waiting = [line.waiting for line in at.account().customers]
    assert [None if one is None else one.word for one in waiting] == ["paused", "uncertain", "disputed"]


def test_pauses_lie_upon_those_they_cover_and_end_by_themselves() -> None:
    """The narrowest is shown; a whole account's is told with the account, and marks no customer for attention."""
    at = desk("1000", "1000")
    at.runs()
    everything = Pause(account=None, customer_id=None, who="ann", why="audit", since=at.clock.now())
    until = at.clock.now() + timedelta(hours=1)
    one = replace(everything, account=MAIN, customer_id=key_of(1).customer_id, why="month end", until=until)
    at.store.pause(everything)
    at.store.pause(one)
    board = at.board()
    account = board.accounts[0]
    assert (account.pause, len(board.pauses)) == (everything, 2)
    assert [(line.pause, line.attention) for line in account.customers] == [
        (one, (Attention.PAUSED,)),
        (everything, ()),
    ]
    at.clock.sleep(timedelta(hours=1))
    assert [line.pause for line in at.account().customers] == [everything, everything]
    at.store.resume(account=None, customer_id=None, who="ann", why="over", at=at.clock.now())
    assert (at.account().pause, at.line().pause) == (None, None)


def test_protected_customers_are_named() -> None:
    """A customer that nobody may touch says so."""
    at = desk("1000", "1000", protected=frozenset({key_of(2).customer_id}))
    assert [line.protected for line in at.account().customers] == [False, True]


def test_written_quotas_are_shown_with_what_is_given_out() -> None:
    """Before a plan tells, from what was seen last; a plan knows those without a limit as well, and is believed."""
    quota = BudgetQuota(kind=Kind.CREDIT_LINE, amount=Money.parse("5000"))
    at = desk("1000", "1000", quotas=(quota,))
    nothing = Pool(kind=Kind.CREDIT_LINE, whose=None, amount=Money.parse("5000"), granted=Money.parse("0"))
    assert at.account().pools == (nothing,)
    plan = at.runs()
    assert at.account().pools == (replace(nothing, granted=Money.parse("2000")),)
    use = PoolUse(quota=quota, granted=Money.parse("2700"))
    told = replace(plan, run="999", accounts=tuple(replace(one, pools=(use,)) for one in plan.accounts))
    at.keep(told)
    assert at.account().pools == (replace(nothing, granted=Money.parse("2700")),)


def test_tripped_guards_are_told_once_each() -> None:
    """The sentence says what the guard counted and how to let it pass; who is held for it says its name."""
    at = desk("1000", "1000", guards=(GuardSettings(max_single_change=Cap(amount=Money.parse("100"))),))
    plan = at.runs(Seen(granted={1: "800", 2: "500"}))
    account = at.account()
    (told,) = guards(plan)
    assert account.guards == {"max_single_change": told.removeprefix(f"{MAIN}, ")}
    assert "1 more customer by less" in told
    waiting = at.line().waiting
    assert waiting is not None
    assert (waiting.word, waiting.sentence) == ("guard", "a guard is tripped: max_single_change")


def test_a_guard_over_a_first_grant_is_told_by_its_size() -> None:
    """Where nothing stands yet, the customer whose first grant is the largest is the one that is named."""
    cap = GuardSettings(max_single_change=Cap(amount=Money.parse("100")))
    at = desk("500", "900", "700", guards=(cap,))
    plan = at.runs(Seen(granted={1: "", 2: "", 3: ""}, spent={1: "0", 2: "0", 3: "0"}))
    (told,) = guards(plan)
    assert f"customer {key_of(2).customer_id}" in told
    assert at.account().guards == {"max_single_change": told.removeprefix(f"{MAIN}, ")}


def test_figures_in_another_currency_have_no_share() -> None:
    """What is counted in money that nobody here counts in is no part of a limit."""
    at = desk()
    at.runs(Seen(spent={1: "100"}))
    at.clock.sleep(timedelta(hours=2))
    at.runs(Seen(spent={1: "200"}))
    assert at.line().forecast is not None
    at.runs(Seen(currency="CNY"))
    line = at.line()
    assert (line.share, line.forecast) == (None, None)
    assert line.waiting is not None
    assert line.waiting.word == "currency"


def test_a_customer_without_an_observation_is_held_as_unreadable() -> None:
    """An account that cannot be read leaves its customers' last figures on the board, and says that all are held."""
    at = desk()
    at.runs(Seen(spent={1: "400"}))
    at.runs(Seen(problem="no answer came"))
    line = at.line()
    assert line.spent is not None
    assert str(line.spent.low) == "400.00"
    assert line.waiting is not None
    assert (line.waiting.word, line.attention) == ("unreadable", (Attention.HELD,))
