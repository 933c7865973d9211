from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.clouds.tencent.listing import PAGE_SIZE, CreditReader, Credits
from adapters.clouds.tencent.requests import MOST_UINS
from adapters.clouds.tencent.standings import CreditPage, CreditRow
from adapters.wire.line import Priority
from core.errors import AccountRefusedError, PermanentReadError, ReadFailedError, TemporaryReadError

DOWN = TemporaryReadError("x", "ServiceBusy", "busy")
NOT_OURS = PermanentReadError("x", "UnauthorizedOperation.NotCustomerUin", "not ours")


def row(uin: str) -> CreditRow:
    """One customer's row."""
    return CreditRow(uin=uin, total=Decimal(1), remaining=Decimal(1), force=0)


@dataclass
class InMemoryVendor:
    """The three questions answered from a list, with the oddities that the documentation leaves room for."""

    uins: list[str]
    base: int = 1
    largest: int = PAGE_SIZE
    refuses_larger: bool = False
    offset_by_asked: bool = False
    zero_is_first: bool = False
    failing_pages: dict[int, ReadFailedError] = field(default_factory=dict)
    failing_list: ReadFailedError | None = None
    failing_uins: ReadFailedError | None = None
    bad_fails_batch: bool = True
    most: int = MOST_UINS
    shift: int = 0
    calls: int = 0

    def customers(self, page: int, size: int) -> CreditPage:
        """One page."""
        self.calls += 1
        if self.failing_list:
            raise self.failing_list
        if page in self.failing_pages:
            raise self.failing_pages[page]
        if size > self.largest and self.refuses_larger:
            raise PermanentReadError("x", "InvalidParameterValue", "size")
        if page < self.base and not self.zero_is_first:
            raise PermanentReadError("x", "InvalidParameterValue", "page")
        given_size = min(size, self.largest)
        start = max(0, page - self.base) * (size if self.offset_by_asked else given_size)
        # With a shift, rows move back while pages are read: each page shows some of the last one's again.
        start = max(0, start - self.shift * max(0, page - self.base))
        return CreditPage(total=len(self.uins), rows=tuple(map(row, self.uins[start : start + given_size])))

    def customer(self, uin: str, priority: Priority) -> CreditRow | None:
        """One customer of the list."""
        assert priority in Priority
        self.calls += 1
        if self.failing_list:
            raise self.failing_list
        return row(uin) if uin in self.uins else None

    def credits(self, uins: Sequence[str], priority: Priority) -> tuple[CreditRow, ...]:
        """Customers by UIN."""
        assert priority in Priority
        assert len(uins) <= MOST_UINS
        self.calls += 1
        if self.failing_uins:
            raise self.failing_uins
        known = [uin for uin in uins if uin in self.uins]
        if len(known) < len(uins) and self.bad_fails_batch:
            raise NOT_OURS
        return tuple(map(row, known[: self.most]))

    def read(self, wanted: Sequence[str], *, everyone: bool = False) -> Credits:
        """Read once."""
        return CreditReader(self, priority=Priority.BULK).read(wanted, everyone=everyone)


def uins(count: int, start: int = 1000) -> list[str]:
    """So many UINs."""
    return [str(number) for number in range(start, start + count)]


ODDITIES = [
    {},
    {"base": 0},
    {"base": 0, "largest": 30},
    {"largest": 50},
    {"largest": 20},
    {"largest": 20, "refuses_larger": True},
    {"largest": 30, "refuses_larger": True, "base": 0},
    {"largest": 40, "offset_by_asked": True},
    {"largest": 50, "zero_is_first": True},
    {"shift": 3},
    {"most": 7},
    {"bad_fails_batch": False},
]


@pytest.mark.parametrize("oddity", ODDITIES, ids=str)
@pytest.mark.parametrize("count", [0, 1, 80, 100, 130, 250])
def test_everyone_is_read_whatever_the_vendor_is_like(oddity: dict[str, int], count: int) -> None:
    """Clamped, refused or shifting pages, pages from 0 and spoilt batches: everybody is read, strangers are absent."""
    vendor = InMemoryVendor(uins(count), **oddity)  # type: ignore[arg-type]
    strangers = uins(2, start=9000)
    read = vendor.read(vendor.uins + strangers, everyone=True)
    assert set(read.rows) == set(vendor.uins)
    assert (read.absent, read.failures, read.problem) == (set(strangers), {}, None)


@given(
    count=st.integers(0, 260),
    largest=st.integers(5, 120),
    wanted=st.sets(st.integers(0, 300), max_size=40),
    base=st.integers(0, 1),
    refuses=st.booleans(),
    everyone=st.booleans(),
)
def test_every_wanted_customer_ends_in_exactly_one_place(
    *, count: int, largest: int, wanted: set[int], base: int, refuses: bool, everyone: bool
) -> None:
    """Whatever the world and its pages, wanted customers are read if they exist and absent if they do not."""
    vendor = InMemoryVendor(uins(count, 0), base=base, largest=largest, refuses_larger=refuses)
    read = vendor.read([str(number) for number in sorted(wanted)], everyone=everyone)
    assert {int(uin) for uin in read.absent} == {number for number in wanted if number >= count}
    assert {str(number) for number in wanted if number < count} <= set(read.rows)
    assert read.failures == {}
    if everyone:
        assert set(read.rows) == set(vendor.uins)


@pytest.mark.parametrize(("largest", "calls"), [(100, 60), (50, 101)])
def test_five_thousand_customers_are_read_in_few_calls(largest: int, calls: int) -> None:
    """All of them in at most 60 calls where a page holds a hundred, and 101 where it is clamped to fifty."""
    vendor = InMemoryVendor(uins(5_000), largest=largest)
    assert len(vendor.read(vendor.uins).rows) == 5_000
    assert vendor.calls <= calls


@pytest.mark.parametrize(("count", "calls"), [(1, 1), (2, 3), (5, 6)])
def test_few_of_many_are_asked_for_by_themselves(count: int, calls: int) -> None:
    """A few customers out of thousands do not cost a reading of the whole list."""
    vendor = InMemoryVendor(uins(5_000))
    read = vendor.read(vendor.uins[-count:])
    assert set(vendor.uins[-count:]) <= set(read.rows)
    assert vendor.calls <= calls


def test_a_failed_page_loses_nobody() -> None:
    """The customers of a page that fails are read by UIN, without their Force."""
    vendor = InMemoryVendor(uins(500), failing_pages={3: DOWN})
    read = vendor.read(vendor.uins)
    assert set(read.rows) == set(vendor.uins)
    assert vendor.calls <= 9


def test_what_cannot_be_read_either_way_is_unreadable() -> None:
    """With UINs failing too, exactly the failed page's customers are unreadable."""
    vendor = InMemoryVendor(uins(500), failing_pages={3: DOWN}, failing_uins=DOWN)
    read = vendor.read(vendor.uins)
    assert set(read.failures) == set(vendor.uins[200:300])
    assert len(read.rows) == 400
    assert (read.absent, read.problem) == (set(), None)


def test_without_the_list_customers_are_read_by_uin() -> None:
    """A list that never answers leaves the other road, and few calls are wasted on it."""
    vendor = InMemoryVendor(uins(200), failing_list=DOWN)
    read = vendor.read(vendor.uins)
    assert set(read.rows) == set(vendor.uins)
    assert vendor.calls <= 6


def test_a_vendor_that_is_down_is_the_accounts_problem() -> None:
    """With no answer at all everybody is unreadable, nobody absent, and the asking ends soon."""
    vendor = InMemoryVendor(uins(2_000), failing_list=DOWN, failing_uins=DOWN)
    read = vendor.read(vendor.uins)
    assert set(read.failures) == set(vendor.uins)
    assert read.problem is DOWN
    assert vendor.calls <= 4


def test_a_refused_key_ends_the_asking() -> None:
    """After a refusal of the key nothing else is asked."""
    refused = AccountRefusedError("x", "AuthFailure.SecretIdNotFound", "no")
    vendor = InMemoryVendor(uins(500), failing_list=refused)
    read = vendor.read(vendor.uins)
    assert (read.problem, vendor.calls) == (refused, 1)
    assert set(read.failures.values()) == {refused}


def test_a_list_that_is_refused_for_good_ends() -> None:
    """A list refused whatever the page size is given up, and the customers are read by UIN."""
    vendor = InMemoryVendor(uins(60), failing_list=PermanentReadError("x", "InvalidParameterValue", "no"))
    assert set(vendor.read(vendor.uins).rows) == set(vendor.uins)


def test_a_refused_single_uin_is_absent_only_if_it_is_not_ours() -> None:
    """A refusal that says nothing of whose customer it is makes the customer unreadable, not absent."""
    refused = PermanentReadError("x", "InvalidParameterValue.UinList", "no")
    vendor = InMemoryVendor([], failing_list=DOWN, failing_uins=refused)
    read = vendor.read(["5"])
    assert (read.absent, read.failures) == (set(), {"5": refused})


def test_many_bad_uins_cannot_cost_a_call_each() -> None:
    """When thousands of asked UINs are nobody's, the splitting has an end; a whole list makes them absent."""
    vendor = InMemoryVendor(uins(10))
    strangers = uins(2_500, start=50_000)
    read = vendor.read(vendor.uins + strangers)
    assert read.absent == set(strangers)
    assert vendor.calls < 250


def test_reading_again_asks_for_force_only_where_that_is_cheap() -> None:
    """A handful is read by UIN with one more call each for its Force; fifty are read in one call."""
    vendor = InMemoryVendor(uins(60))
    few = CreditReader(vendor, priority=Priority.VERIFY).read_again(vendor.uins[:3])
    assert ([one.force for one in few.rows.values()], vendor.calls) == ([0, 0, 0], 4)
    vendor.calls = 0
    CreditReader(vendor, priority=Priority.VERIFY).read_again(vendor.uins[:50])
    assert vendor.calls == 1


def test_a_batch_answered_in_part_is_asked_for_again() -> None:
    """Customers that a batch's answer leaves out are asked for again before they count as absent."""
    vendor = InMemoryVendor(uins(30), failing_list=DOWN, most=7, bad_fails_batch=False)
    read = vendor.read([*vendor.uins, "9000"])
    assert (set(read.rows), read.absent) == (set(vendor.uins), {"9000"})


def test_a_list_that_fails_halfway_is_not_asked_one_by_one() -> None:
    """When the list has failed twice in a row, the few customers left are read by UIN at once."""
    vendor = InMemoryVendor(uins(203), failing_pages={2: DOWN, 3: DOWN})
    read = vendor.read([*vendor.uins[:100], *vendor.uins[200:]])
    assert read.failures == {}
    assert vendor.calls == 4


def test_reading_again_goes_on_without_the_list() -> None:
    """When the list does not answer, the figures stand and only the Force is unknown."""
    vendor = InMemoryVendor(uins(3), failing_list=DOWN)
    read = CreditReader(vendor, priority=Priority.VERIFY).read_again(vendor.uins)
    assert set(read.rows) == set(vendor.uins)
    assert read.failures == {}
