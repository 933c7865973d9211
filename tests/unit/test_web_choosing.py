from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.limit import Kind
from core.standing import Restriction
from scheduler.reports.board import Attention, Board, CustomerLine
from scheduler.web.choosing import PAGE_LENGTH, all_chosen, chosen, needs_somebody
from scheduler.web.query import ATTENTIONS, RESTRICTIONS, Column, Query
from tests.unit.boards import DAY, NOW, account, board, line, many, stopped, wrong
from tests.unit.strategies import LAWS

CROWD = many(600)
TROUBLE = wrong()
NAMES = [each.name for each in (*CROWD.accounts, *TROUBLE.accounts)]
QUERIES = st.builds(
    Query,
    search=st.sampled_from(["", "0", "c-", "2000", "main", "nobody"]),
    attention=st.sampled_from(["", *ATTENTIONS]),
    account=st.sampled_from(["", *NAMES]),
    vendor=st.sampled_from(["", "huawei", "tencent"]),
    kind=st.none() | st.sampled_from(Kind),
    restriction=st.sampled_from(["", *RESTRICTIONS]),
    column=st.sampled_from(Column),
    falling=st.booleans(),
    page=st.integers(1, 9),
)


def read(text: str) -> Query:
    """Read an address as the page does."""
    return Query.read(dict(parse_qsl(urlsplit(text).query)), accounts=NAMES, vendors=["huawei", "tencent"])


def everybody(shown: Board) -> list[CustomerLine]:
    """All customers of a board."""
    return [each for found in shown.accounts for each in found.customers]


@LAWS
@given(QUERIES)
def test_an_address_says_what_was_asked(query: Query) -> None:
    """Written as an address and read again, a query is the same."""
    assert read(query.address()) == query


@LAWS
@given(QUERIES, st.sampled_from([CROWD, TROUBLE]))
def test_the_pages_hold_everybody_once_in_the_order_of_the_file(query: Query, shown: Board) -> None:
    """Turning all pages shows each customer that is asked for once, in the order in which the file has them."""
    first = chosen(shown, query.at(1), show_names=True)
    pages = [chosen(shown, query.at(number), show_names=True) for number in range(1, first.pages + 1)]
    turned = [each for page in pages for each in page.lines]
    assert turned == list(all_chosen(shown, query, show_names=True))
    assert len(turned) == len({each.key for each in turned}) == first.found
    assert all(len(page.lines) <= PAGE_LENGTH for page in pages)


@LAWS
@given(QUERIES, st.sampled_from([CROWD, TROUBLE]))
def test_a_filter_lets_through_what_it_names_and_nothing_else(query: Query, shown: Board) -> None:
    """Who is shown meets every part of the query, and who meets every part is shown."""

    def meets(each: CustomerLine) -> bool:
        named = any(query.search in text.lower() for text in (each.key.customer_id, each.account, each.name or ""))
        attends = {
            "": True,
            "any": bool(each.attention),
            "none": not each.attention,
            "somebody": needs_somebody(each, NOW),
        }.get(query.attention, query.attention in each.attention)
        return (
            named
            and attends
            and query.account in {"", each.account}
            and query.vendor in {"", each.vendor}
            and query.kind in {None, each.kind}
            and query.restriction in {"", each.restriction or "unknown"}
        )

    shown_keys = {each.key for each in all_chosen(shown, query, show_names=True)}
    assert shown_keys == {each.key for each in everybody(shown) if meets(each)}


@LAWS
@given(QUERIES, st.sampled_from([CROWD, TROUBLE]))
def test_the_counts_are_what_each_filter_would_give(query: Query, shown: Board) -> None:
    """The number beside each attention is that of the customers it would show."""
    counts = chosen(shown, query, show_names=True).counts
    for word in ("", *ATTENTIONS):
        assert counts[word] == chosen(shown, query.asking(word), show_names=True).found


@pytest.mark.parametrize("column", [column for column in Column if column is not Column.ATTENTION])
def test_the_unknown_comes_last_either_way(column: Column) -> None:
    """Turning the order round reverses what is known; what is not known stays at the end."""
    rising = all_chosen(TROUBLE, Query(column=column), show_names=True)
    falling = all_chosen(TROUBLE, Query(column=column, falling=True), show_names=True)
    known = column in {Column.CUSTOMER, Column.ACCOUNT, Column.LIMIT}
    if not known:
        assert rising[-1].key.customer_id == falling[-1].key.customer_id == "c-never/seen?&%"
    assert {each.key for each in rising} == {each.key for each in falling}


def test_what_is_most_pressing_comes_first() -> None:
    """Without being asked the list begins with what is gravest, and among equals with who has spent most."""
    shown = board(
        account(
            "huawei-main",
            [
                line("quiet", 99_000),
                line("near", 80_000, attention=(Attention.NEAR,)),
                line("nearer", 95_000, attention=(Attention.NEAR,)),
                line("held", 10, attention=(Attention.HELD, Attention.NEAR)),
                line("frozen", 10, attention=(Attention.DELETION, Attention.STOPPED)),
            ],
        )
    )
    found = [each.key.customer_id for each in chosen(shown, Query(), show_names=False).lines]
    assert found == ["frozen", "held", "nearer", "near", "quiet"]


def test_data_that_will_be_deleted_presses_by_the_days_that_are_left() -> None:
    """Within seven days it comes first, the nearest before all, and needs somebody; earlier it is as any other stop."""
    told = (Attention.DELETION, Attention.STOPPED)
    stops = {days: stopped("", Restriction.FROZEN, NOW + days * DAY) for days in (15, 8, 7, 2)}
    customers = [line(f"in {days}", stopped=stop, attention=told) for days, stop in stops.items()]
    disputed = line("disputed", attention=(Attention.DISPUTED,))
    shown = board(account("huawei-main", [*customers, disputed]))
    found = [each.key.customer_id for each in chosen(shown, Query(), show_names=False).lines]
    assert found == ["in 2", "in 7", "disputed", "in 8", "in 15"]
    somebody = chosen(shown, Query(attention="somebody"), show_names=False)
    assert (somebody.found, somebody.counts["somebody"]) == (3, 3)


@given(st.dictionaries(st.sampled_from(["q", "attention", "account", "kind", "sort", "dir", "page"]), st.text()))
def test_an_unknown_value_is_as_if_it_were_not_given(given_values: dict[str, str]) -> None:
    """Whatever an address holds, what is read from it is among what there is."""
    query = Query.read(given_values, accounts=["a"], vendors=[])
    assert query.attention in {"", *ATTENTIONS}
    assert query.account in {"", "a"}
    assert query.page >= 1
    assert len(query.search) <= 100


def test_a_page_behind_the_last_is_the_last() -> None:
    """Whoever turns too far sees the last page and its number."""
    found = chosen(CROWD, replace(Query(), page=999_999), show_names=False)
    assert (found.number, found.pages, found.last) == (6, 6, 600)
    nobody = chosen(CROWD, Query(search="nobody"), show_names=False)
    assert (nobody.number, nobody.pages, nobody.first, nobody.last) == (1, 1, 0, 0)


def test_a_hidden_name_is_not_searched() -> None:
    """While names are masked, searching for one finds nobody: the answer would give it away letter by letter."""
    assert chosen(CROWD, Query(search="acme"), show_names=True).found > 0
    assert chosen(CROWD, Query(search="acme"), show_names=False).found == 0
