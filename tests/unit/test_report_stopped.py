import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.books import Book, Cause
from core.exposure import Outlook
from core.limit import Customer, CustomerKey, WritePolicy
from core.money import ZERO, Money
from core.standing import Restriction, Standing
from scheduler.reports.standing_table import MOST_STOPPED, AccountStanding, Overview, overview_document, overview_table
from scheduler.reports.stopped import Stopped, restriction_of, stopped
from tests.unit.report_plans import HUAWEI_ID, NOON, TENCENT_ID
from tests.unit.test_report_endings import printed

LIFE = timedelta(days=15)
KEY = CustomerKey("huawei", HUAWEI_ID)
SEEN = NOON - timedelta(days=3)
STANDING = Standing(customer=Customer(KEY), account="huawei-main", as_of=NOON, restriction=Restriction.RESTRICTED)
BOOK = Book(
    key=KEY,
    account="huawei-main",
    opened=None,
    granted=None,
    kind=None,
    as_of=NOON,
    ours=ZERO,
    others=ZERO,
    restriction=Restriction.FROZEN,
    cause=Cause.OURS,
    restricted_since=SEEN,
)
STOPPED = Stopped(
    key=CustomerKey("tencent", TENCENT_ID),
    account="tencent-main",
    name="Acme Trading Ltd",
    restriction=Restriction.SUSPENDED,
    cause=Cause.OTHER,
    since=SEEN,
    data_deleted_after=SEEN + LIFE,
)
ACCOUNT = AccountStanding(name="tencent-main", vendor="tencent", write_policy=WritePolicy.SYNC, limits=3)


def overview(*customers: Stopped, account: AccountStanding = ACCOUNT) -> Overview:
    """Give what `status` shows with these customers."""
    return Overview(accounts=(account,), open_intents=(), disputes=(), pauses=(), stopped=customers)


def test_our_own_freeze_is_known_from_our_book_alone() -> None:
    """The vendor shows a restriction of no sort; the book of a call of ours says which it is."""
    assert restriction_of(STANDING, BOOK) is Restriction.FROZEN
    assert restriction_of(STANDING, replace(BOOK, cause=Cause.ADOPTED)) is Restriction.RESTRICTED
    assert restriction_of(STANDING, None) is Restriction.RESTRICTED
    assert restriction_of(replace(STANDING, restriction=Restriction.NONE), BOOK) is Restriction.NONE


def test_a_frozen_customer_loses_its_data() -> None:
    """Since when it stands still and until when its data lasts are told together."""
    found = stopped(STANDING, BOOK, LIFE)
    assert found is not None
    assert (found.restriction, found.since, found.data_deleted_after) == (Restriction.FROZEN, SEEN, SEEN + LIFE)


def test_what_only_a_dry_run_has_seen_is_told_from_that_look_on() -> None:
    """Without a book, or with one from before it stood still, the next run will say so too: from then on it is kept."""
    found = stopped(STANDING, None, LIFE)
    assert found is not None
    assert (found.cause, found.since, found.data_deleted_after) == (Cause.ADOPTED, NOON, NOON + LIFE)
    free = replace(BOOK, restriction=Restriction.NONE, cause=None, restricted_since=None, as_of=SEEN)
    found = stopped(replace(STANDING, restriction=Restriction.SUSPENDED), free, LIFE)
    assert found is not None
    assert (found.cause, found.since, found.data_deleted_after) == (Cause.OTHER, NOON, NOON + LIFE)


def test_a_restriction_that_may_be_of_purchases_alone_has_no_day_before_a_run_has_seen_it() -> None:
    """Whether a spent limit restricted it, which stops no resources, is found by a run."""
    free = replace(BOOK, restriction=Restriction.NONE, cause=None, restricted_since=None, as_of=SEEN)
    found = stopped(STANDING, free, LIFE)
    assert found is not None
    assert (found.cause, found.since, found.data_deleted_after) == (None, None, None)


@pytest.mark.parametrize("restriction", [None, Restriction.NONE])
def test_whoever_can_spend_is_not_stopped(restriction: Restriction | None) -> None:
    """Neither a free customer nor one of whom nothing is known is shown as stopped."""
    assert stopped(replace(STANDING, restriction=restriction), None, LIFE) is None


def test_status_names_who_stands_still_and_whose_data_goes_first() -> None:
    """The one whose data goes first comes first, with how, since when and until when."""
    later = replace(
        STOPPED, key=KEY, account="huawei-main", restriction=Restriction.RESTRICTED, data_deleted_after=None
    )
    text = " ".join(printed(overview_table(overview(later, STOPPED)), 160).split())
    assert "2 customers cannot buy, or stand still:" in text
    assert text.index(TENCENT_ID) < text.index(HUAWEI_ID)
    for words in ("suspended", "by somebody else", "2026-11-19", "2026-12-04", "A***e, Tencent, tencent-main"):
        assert words in text
    assert "by the vendor" in text
    assert "Acme" not in text


def test_status_fits_a_narrow_screen() -> None:
    """At 80 columns ids and dates are whole and nothing runs over the edge."""
    text = printed(overview_table(overview(STOPPED, replace(STOPPED, key=KEY, cause=None, since=None))), 80)
    assert max(len(line) for line in text.splitlines()) <= 80
    assert HUAWEI_ID in text
    assert "2026-12-04" in text


def test_very_many_are_counted_and_json_has_all() -> None:
    """A person reads the first ones; a program gets every one."""
    many = [replace(STOPPED, key=CustomerKey("tencent", f"{number:012d}")) for number in range(MOST_STOPPED + 5)]
    assert "and 5 more: --format json lists all" in printed(overview_table(overview(*many)), 160)
    document = json.loads(json.dumps(overview_document(overview(*many))))
    assert len(document["stopped"]) == len(many)
    assert document["stopped"][0]["data_deleted_after"] == "2026-12-04T12:00:00+00:00"
    assert document["stopped"][0]["restriction"] == "suspended"


def test_status_says_what_an_account_is_in_for() -> None:
    """What can still be spent, what the next month needs and what can be given out are those of the last look."""
    ahead = Outlook(
        granted=Money(500_000),
        open=Money(120_050),
        rollover=Money(300_000),
        rollover_at=datetime(2026, 11, 30, 16, tzinfo=UTC),
    )
    looked = replace(ACCOUNT, outlook=ahead, quota=Money(7_000_000))
    text = " ".join(printed(overview_table(overview(account=looked)), 100).split())
    assert "tencent-main: when last looked at, 5,000.00 granted, 1,200.50 of it still open to spend" in text
    assert "the month that begins at 2026-11-30 16:00 UTC will need 3,000.00 of credit" in text
    assert "70,000.00 left to give out" in text
    document = json.loads(json.dumps(overview_document(overview(account=looked))))
    assert document["accounts"][0]["outlook"]["open"] == "1200.50"
    assert document["accounts"][0]["quota"] == "70000.00"
