"""What the journal promises of books, disputes, pauses, limits and runs."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import StoreFailedError
from core.limit import Limit, WritePolicy
from core.money import Money
from core.pause import Pause
from core.ports import LimitChange, RunRecord
from tests.contract.store_rig import (
    ACCOUNT,
    MINUTE,
    START,
    STORES,
    AnyStore,
    book_of,
    dispute_of,
    key_of,
    limit_of,
    opened,
)


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AnyStore]:
    """Give a new store."""
    with opened(request.param, tmp_path) as new:
        yield new


def events(store: AnyStore) -> list[str]:
    """Give what the audit says happened since the store was made."""
    return [row.event for row in store.audit()][1:]


# --- books


def test_books_come_back_whole_by_account(store: AnyStore) -> None:
    """A book is found under its account and customer, unknown figures as unknown."""
    bare = replace(book_of("200"), opened=None, granted=None, kind=None, rows=None, row_awaited=True, drift="by li")
    store.keep_books([book_of(), bare, book_of("300", account="other")])
    assert store.books(ACCOUNT) == {key_of(): book_of(), key_of("200"): bare}


def test_a_kept_book_replaces_the_one_before(store: AnyStore) -> None:
    """The latest book counts, and of two in one call the later one."""
    store.keep_books([book_of(), book_of("200")])
    store.keep_books([book_of(granted=11_00), book_of(granted=12_00)])
    assert store.books(ACCOUNT) == {key_of(): book_of(granted=12_00), key_of("200"): book_of("200")}


def test_books_that_did_not_change_leave_no_trace(store: AnyStore) -> None:
    """Keeping what is kept already writes nothing."""
    store.keep_books([book_of(), book_of("200")])
    store.keep_books([book_of(), book_of("200")])
    store.keep_books([])
    assert events(store) == ["books_kept"]


def test_a_single_book_is_in_its_customers_history(store: AnyStore) -> None:
    """A book that was changed on its own can be read from the audit."""
    store.keep_books([book_of()])
    (row,) = store.audit(key_of())
    assert (row.event, row.body["granted"]) == ("book_kept", [10_00, "USD"])


# --- disputes


def test_disputes_are_open_until_closed(store: AnyStore) -> None:
    """Open disputes are given oldest first, by account; a closed one is gone."""
    second, first = dispute_of("b", minutes=2), dispute_of("a", customer=None, minutes=1)
    other = dispute_of("c", account="other")
    for dispute in (second, first, other):
        store.open_dispute(dispute)
    assert store.disputes() == [other, first, second]
    store.close_dispute("a", who="anna", why="seen", at=START)
    assert store.disputes(ACCOUNT) == [second]


@pytest.mark.parametrize("customer", ["100", None])
def test_the_same_evidence_is_disputed_once(store: AnyStore, customer: str | None) -> None:
    """Finding the same evidence again, even after a person closed it, opens nothing."""
    dispute = dispute_of("a", customer=customer)
    assert not store.dispute_known(dispute)
    store.open_dispute(dispute)
    store.open_dispute(dispute_of("b", customer=customer))
    store.close_dispute("a", who="anna", why="seen", at=START)
    store.open_dispute(dispute_of("c", customer=customer))
    assert store.disputes() == []
    assert store.dispute_known(dispute_of("d", customer=customer))
    assert events(store) == ["dispute_opened", "dispute_closed"]


def test_other_evidence_is_another_dispute(store: AnyStore) -> None:
    """Account, customer and evidence each make a dispute of its own."""
    store.open_dispute(dispute_of("a"))
    for name, other in enumerate(
        [dispute_of("", evidence="other"), dispute_of("", customer=None), dispute_of("", account="other")]
    ):
        assert not store.dispute_known(other)
        store.open_dispute(replace(other, id=str(name)))
    assert len(store.disputes()) == 4


def test_one_id_names_one_dispute(store: AnyStore) -> None:
    """An id cannot be used again for other evidence."""
    store.open_dispute(dispute_of("a"))
    with pytest.raises(StoreFailedError, match="other evidence"):
        store.open_dispute(dispute_of("a", evidence="other"))


def test_only_an_open_dispute_can_be_closed(store: AnyStore) -> None:
    """Closing what is not open is an error, twice as well as never opened."""
    store.open_dispute(dispute_of("a"))
    store.close_dispute("a", who="anna", why="seen", at=START)
    for name in ("a", "b"):
        with pytest.raises(KeyError, match=name):
            store.close_dispute(name, who="anna", why="seen", at=START)


def test_who_closed_a_dispute_is_on_record(store: AnyStore) -> None:
    """The person, the reason and the time given are in the customer's history."""
    store.open_dispute(dispute_of("a"))
    store.close_dispute("a", who="anna", why="seen", at=START + MINUTE)
    row = store.audit(key_of())[-1]
    assert (row.event, row.who, row.body["why"], row.at) == ("dispute_closed", "anna", "seen", START + MINUTE)


# --- pauses


def pause_of(account: str | None = ACCOUNT, customer: str | None = None, until: int | None = None) -> Pause:
    """Make a pause that ends so many minutes after the start."""
    end = None if until is None else START + until * MINUTE
    return Pause(account=account, customer_id=customer, who="anna", why="audit", since=START, until=end)


def test_a_pause_is_in_force_until_its_end(store: AnyStore) -> None:
    """At its end a pause is over; without an end it never is."""
    for pause in (pause_of(until=5), pause_of(customer="100")):
        store.pause(pause)
    assert store.pauses(START) == [pause_of(until=5), pause_of(customer="100")]
    assert store.pauses(START + 5 * MINUTE) == [pause_of(customer="100")]


def test_resume_ends_exactly_what_it_names(store: AnyStore) -> None:
    """Resuming an account ends neither the pause of everything nor that of one customer."""
    names: list[tuple[str | None, str | None]] = [(None, None), (ACCOUNT, None), (ACCOUNT, "100"), ("other", None)]
    for account, customer in names:
        store.pause(pause_of(account, customer))
    store.pause(pause_of())
    assert store.resume(account=ACCOUNT, customer_id=None, who="bert", why="done", at=START) == 2
    left = [(pause.account, pause.customer_id) for pause in store.pauses(START)]
    assert left == [(None, None), (ACCOUNT, "100"), ("other", None)]
    assert store.resume(account=None, customer_id=None, who="bert", why="done", at=START) == 1
    assert store.resume(account=ACCOUNT, customer_id="200", who="bert", why="done", at=START) == 0
    assert events(store).count("resumed") == 2


def test_resume_does_not_count_what_has_ended(store: AnyStore) -> None:
    """A pause that ran out is not ended again."""
    store.pause(pause_of(until=5))
    assert store.resume(account=ACCOUNT, customer_id=None, who="bert", why="", at=START + 5 * MINUTE) == 0


# --- limits


def accept(store: AnyStore, *limits: Limit, accounts: tuple[str, ...] = (ACCOUNT,)) -> list[LimitChange]:
    """Accept these limits for the accounts."""
    return list(store.accept_limits(limits, "digest", accounts, START))


def test_accepting_limits_gives_what_differs(store: AnyStore) -> None:
    """New, changed and removed limits are given once, in the order of their customers."""
    accept(store, limit_of("100"), limit_of("200"), limit_of("300"))
    found = accept(store, limit_of("200"), limit_of("300", 60_00), limit_of("400"))
    assert [(change.key.customer_id, change.old, change.new) for change in found] == [
        ("100", limit_of("100"), None),
        ("300", limit_of("300"), limit_of("300", 60_00)),
        ("400", None, limit_of("400")),
    ]
    assert {(change.digest, change.first_seen) for change in found} == {("digest", START)}
    assert accept(store, limit_of("200"), limit_of("300", 60_00), limit_of("400")) == []


def test_accepted_changes_are_kept(store: AnyStore) -> None:
    """Every accepted change is found again, oldest first, and by customer."""
    first = accept(store, limit_of("100"), limit_of("200"))
    second = accept(store, limit_of("100", 60_00), limit_of("200"))
    assert store.limit_changes() == [*first, *second]
    assert store.limit_changes(key_of("100")) == [first[0], *second]
    assert [row.who for row in store.audit(key_of("100"))] == ["bert", "bert"]


def test_comparing_limits_stores_nothing(store: AnyStore) -> None:
    """A dry run sees the same differences and leaves them for the next run."""
    seen = store.limits_changed([limit_of()], [ACCOUNT])
    assert [(change.old, change.new) for change in seen] == [(None, limit_of())]
    assert store.limit_changes() == []
    assert len(accept(store, limit_of())) == 1
    assert store.limits_changed([limit_of()], [ACCOUNT]) == []


def test_only_what_a_limit_asks_for_is_a_difference(store: AnyStore) -> None:
    """Another line, name or remark is no change; any other field is one."""
    accept(store, limit_of())
    words = replace(limit_of(line=9), name="Other", changed_by="eve", reason="because")
    assert store.limits_changed([words], [ACCOUNT]) == []
    for change in (
        {"amount": Money(1)},
        {"on_exhaustion": None},
        {"allow_zero": True},
        {"non_stop": True},
        {"write_policy": WritePolicy.OBSERVE},
        {"customer": replace(limit_of().customer, indirect_partner_id=None)},
    ):
        assert len(store.limits_changed([replace(limit_of(), **change)], [ACCOUNT])) == 1, change


def test_where_a_limit_stands_is_kept_up_to_date(store: AnyStore) -> None:
    """A later change names the line at which the old limit stood last."""
    accept(store, limit_of(line=2))
    accept(store, limit_of(line=9))
    (change,) = accept(store)
    assert change.old == limit_of(line=9)


def test_other_accounts_limits_are_left_alone(store: AnyStore) -> None:
    """Accepting one account's limits neither removes nor adds another's."""
    accept(store, limit_of("100"), limit_of("200", account="other"), accounts=(ACCOUNT, "other"))
    assert accept(store, limit_of("100"), limit_of("300", account="other")) == []
    assert len(store.limits_changed([], ["other"])) == 1


def test_a_customer_that_changes_account_is_one_change(store: AnyStore) -> None:
    """Going over from one account to another is one change, from the old limit to the new."""
    accept(store, limit_of(account="other"), accounts=("other",))
    (change,) = accept(store, limit_of(), accounts=(ACCOUNT, "other"))
    assert (change.old, change.new) == (limit_of(account="other"), limit_of())


def test_a_customer_once_accepted_in_two_accounts_is_compared_with_its_own(store: AnyStore) -> None:
    """Where two accounts' runs each accepted a limit of one customer, the one of the wanted account counts."""
    for account in (ACCOUNT, "other", "third"):
        accept(store, limit_of(account=account), accounts=(account,))
    for account in (ACCOUNT, "third"):
        assert store.limits_changed([limit_of(account=account)], [ACCOUNT, "other", "third"]) == []
    assert len(store.limits_changed([], [ACCOUNT, "other", "third"])) == 1


def test_a_limit_without_its_optional_parts_comes_back_whole(store: AnyStore) -> None:
    """What was not given stays not given."""
    bare = replace(
        limit_of(), on_exhaustion=None, name=None, changed_by=None, reason=None, source=None, allow_zero=True
    )
    policy = replace(limit_of("200"), write_policy=WritePolicy.RAISE_ONLY, non_stop=True)
    accept(store, bare, policy)
    assert [change.new for change in store.limit_changes()] == [bare, policy]


# --- runs


def run_of(name: str, minutes: int = 0) -> RunRecord:
    """Make a run that has begun."""
    return RunRecord(id=name, command="apply", who="anna", begun_at=START + minutes * MINUTE)


def test_runs_are_newest_first(store: AnyStore) -> None:
    """The last runs are given, newest first."""
    for number in range(3):
        store.keep_run(run_of(str(number), number))
    assert [run.id for run in store.runs()] == ["2", "1", "0"]
    assert [run.id for run in store.runs(limit=1)] == ["2"]


def test_a_run_is_replaced_when_it_ends(store: AnyStore) -> None:
    """A run kept again replaces itself, with its plan as it was given."""
    store.keep_run(run_of("a"))
    ended = replace(run_of("a"), ended_at=START + MINUTE, exit_code=4, plan='{"name": "Käufer"}' * 1000, summary="done")
    store.keep_run(ended)
    store.keep_run(ended)
    assert store.runs() == [ended]
    assert events(store) == ["run_kept", "run_kept"]
