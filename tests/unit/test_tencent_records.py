from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.clouds.tencent.records import read_records
from adapters.clouds.tencent.standings import HistoryPage
from core.errors import AccountRefusedError, PermanentReadError, TemporaryReadError
from core.money import Money
from core.witness import WitnessRow

REFUSED = PermanentReadError("x", "InvalidParameterValue", "no")


def row(number: int) -> WitnessRow:
    """One record."""
    return WitnessRow(change=Money(number))


def cents(one: WitnessRow) -> int:
    """What tells the records of these tests apart."""
    assert one.change is not None
    return one.change.cents


@dataclass
class InMemoryHistory:
    """One customer's records, cut into pages as the documentation leaves open."""

    rows: list[WitnessRow]
    base: int = 1
    largest: int = 100
    refuses_larger: bool = False
    offset_by_asked: bool = False
    zero: str = "refused"  # refused | first
    beyond: str = "empty"  # empty | last | refused
    withheld: int = 0
    grows: list[WitnessRow] = field(default_factory=list)
    calls: int = 0

    def ask(self, page: int, size: int) -> HistoryPage:
        """One page."""
        self.calls += 1
        if self.calls > 1 and self.grows:
            self.rows.insert(0, self.grows.pop())
        if size > self.largest and self.refuses_larger:
            raise REFUSED
        if page < self.base:
            if self.zero == "refused":
                raise REFUSED
            page = self.base
        given_size = min(size, self.largest)
        start = (page - self.base) * (size if self.offset_by_asked else given_size)
        shown = self.rows[: len(self.rows) - self.withheld]
        if start >= len(shown) and shown and self.beyond != "empty":
            if self.beyond == "refused":
                raise REFUSED
            start = (len(shown) - 1) // given_size * given_size
        return HistoryPage(total=len(self.rows), rows=tuple(shown[start : start + given_size]))


ODDITIES = [
    {},
    {"base": 0},
    {"base": 0, "beyond": "last"},
    {"base": 0, "beyond": "refused"},
    {"base": 0, "largest": 30},
    {"base": 0, "largest": 30, "beyond": "last"},
    {"zero": "first"},
    {"largest": 20},
    {"largest": 20, "refuses_larger": True},
    {"largest": 40, "offset_by_asked": True},
    {"beyond": "last"},
    {"beyond": "refused"},
]


@pytest.mark.parametrize("oddity", ODDITIES, ids=str)
@pytest.mark.parametrize("count", [0, 1, 30, 60, 99, 100, 101, 130, 200, 230])
def test_all_records_are_read_whatever_the_vendor_is_like(oddity: dict[str, str], count: int) -> None:
    """Pages from 0 or 1, clamped, refused or repeated ones: every record is read once."""
    rows = [row(number) for number in range(count)]
    history = InMemoryHistory(list(rows), **oddity)  # type: ignore[arg-type]
    assert sorted(read_records(history.ask), key=cents) == rows


@pytest.mark.parametrize("oddity", [{}, {"zero": "first"}, {"beyond": "refused"}], ids=str)
@pytest.mark.parametrize("count", [2, 100, 200, 250])
def test_equal_records_are_all_counted(oddity: dict[str, str], count: int) -> None:
    """Records have no ids: equal ones are as many as the vendor says, whole pages of them included."""
    history = InMemoryHistory([row(5)] * count, **oddity)  # type: ignore[arg-type]
    assert read_records(history.ask) == (row(5),) * count


@given(st.integers(0, 260), st.integers(5, 120), st.integers(0, 1), st.sampled_from(["empty", "last", "refused"]))
def test_never_a_part_and_never_too_much(count: int, largest: int, base: int, beyond: str) -> None:
    """What is read is exactly what there is."""
    rows = [row(number) for number in range(count)]
    history = InMemoryHistory(list(rows), base=base, largest=largest, beyond=beyond)
    assert sorted(read_records(history.ask), key=cents) == rows


def test_one_page_costs_one_call() -> None:
    """The usual customer's records cost one call."""
    history = InMemoryHistory([row(number) for number in range(100)])
    read_records(history.ask)
    assert history.calls == 1


def test_a_record_added_meanwhile_starts_the_reading_again() -> None:
    """When the count moves between two pages they may have shifted: the reading starts again and is whole."""
    for count in (150, 200):
        history = InMemoryHistory([row(number) for number in range(count)], grows=[row(900)])
        assert sorted(map(cents, read_records(history.ask))) == [*range(count), 900]


@pytest.mark.parametrize(
    "make",
    [
        lambda rows: InMemoryHistory(rows, withheld=1),
        lambda rows: InMemoryHistory(rows, withheld=1, zero="first"),
        lambda rows: InMemoryHistory(rows, withheld=1, beyond="last"),
        lambda rows: InMemoryHistory(rows, grows=[row(number) for number in range(900, 990)]),
    ],
)
@pytest.mark.parametrize("count", [2, 120])
def test_half_a_history_is_an_error(make: Callable[[list[WitnessRow]], InMemoryHistory], count: int) -> None:
    """A vendor that counts more than it shows, or never holds still, is not believed."""
    history = make([row(number) for number in range(count)])
    if history.grows and count == 2:
        assert len(read_records(history.ask)) == 2
        return
    with pytest.raises(TemporaryReadError, match="whole"):
        read_records(history.ask)


def test_refusals_are_told() -> None:
    """A refused first page and a refused key are told as they are."""

    def refuse(_page: int, _size: int) -> HistoryPage:
        raise REFUSED

    def unknown(page: int, _size: int) -> HistoryPage:
        if page == 1:
            return HistoryPage(total=2, rows=(row(1),))
        raise AccountRefusedError("x", "AuthFailure", "no")

    with pytest.raises(PermanentReadError):
        read_records(refuse)
    with pytest.raises(AccountRefusedError):
        read_records(unknown)
