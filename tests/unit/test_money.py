"""Money: exact cents, one way to write them, no way to hide zero."""

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import (
    MOST_DIGITS,
    ZERO,
    CurrencyMismatchError,
    Money,
    MoneyFormatError,
    Rounding,
    or_zero,
    total,
)
from tests.unit.strategies import LAWS

LARGEST = 10 ** (MOST_DIGITS + 2) - 1
cents = st.integers(-LARGEST, LARGEST)
decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12)


@given(cents)
@LAWS
def test_what_is_written_reads_back(amount: int) -> None:
    """Every amount reads back from its own text, to the cent."""
    assert Money.parse(str(Money(amount))) == Money(amount)


@given(cents)
@LAWS
def test_a_decimal_is_exact(amount: int) -> None:
    """The decimal of an amount has two decimals and gives the same amount, whichever way one rounds."""
    value = Money(amount).to_decimal()
    assert value.as_tuple().exponent == -2
    assert {Money.from_decimal(value, rounding) for rounding in Rounding} == {Money(amount)}


@pytest.mark.parametrize(
    ("text", "amount"),
    [("12.34", 1234), ("12.3", 1230), ("12", 1200), ("+7.00", 700), ("-0.05", -5), (" 1.00 ", 100), ("007", 700)],
)
def test_reads_what_a_person_writes(text: str, amount: int) -> None:
    """Signs, missing decimals, leading zeros and spaces around it are understood."""
    assert Money.parse(text) == Money(amount)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("", "the cell is empty"),
        ("   ", "the cell is empty"),
        ("1.005", "at most two decimals"),
        ("0.000", "at most two decimals"),
        ("12,500.00", "without thousands separators"),
        ("12'500", "without thousands separators"),
        ("12 500", "without thousands separators"),
        ("12_500", "without thousands separators"),
        ("12,50", "with a point"),
        ("1.2E+4", "scientific notation"),
        ("1e4", "scientific notation"),
        ("NaN", "write digits and a point"),
        ("inf", "write digits and a point"),
        ("$5", "write digits and a point"),
        (".5", "write digits and a point"),
        ("5.", "write digits and a point"),
        ("--5", "write digits and a point"),
        ("\u0665", "write digits and a point"),
        ("\uff15.00", "write digits and a point"),
        ("1" + "0" * MOST_DIGITS, "digits before the point"),
        ("9" * 5000, "digits before the point"),
    ],
)
def test_refuses_what_could_be_meant_otherwise(text: str, advice: str) -> None:
    """Whatever is not plainly one amount is refused with a word on what to write instead."""
    with pytest.raises(MoneyFormatError) as caught:
        Money.parse(text)
    assert advice in caught.value.why
    assert caught.value.text == text


@given(st.text(max_size=12))
@LAWS
def test_nothing_else_is_raised(text: str) -> None:
    """Any text is an amount or a MoneyFormatError."""
    with contextlib.suppress(MoneyFormatError):
        assert Money.parse(text) == Money.parse(str(Money.parse(text)))


@pytest.mark.parametrize(
    ("text", "down", "up"),
    [
        ("1.005", 100, 101),
        ("-1.005", -101, -100),
        ("1.00", 100, 100),
        ("0E+30", 0, 0),
        ("1E-30", 0, 1),
        ("0.00999999999999999999999999999999999999", 0, 1),
        ("123.45000000000000000000000000000000000001", 12345, 12346),
    ],
)
def test_rounds_as_named(text: str, down: int, up: int) -> None:
    """Limits round down and spend rounds up, in one step however many decimals the vendor gives."""
    assert Money.from_decimal(Decimal(text), Rounding.DOWN) == Money(down)
    assert Money.from_decimal(Decimal(text), Rounding.UP) == Money(up)


@given(decimals)
@LAWS
def test_rounding_brackets_the_figure(value: Decimal) -> None:
    """The figure lies between the two roundings, which are at most one cent apart."""
    down, up = Money.from_decimal(value, Rounding.DOWN), Money.from_decimal(value, Rounding.UP)
    assert down.to_decimal() <= value <= up.to_decimal()
    assert up.cents - down.cents in {0, 1}


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+15", "1E+999999"])
def test_refuses_figures_that_are_none(text: str) -> None:
    """A vendor's figure that is not finite, or absurd, is not an amount."""
    with pytest.raises(MoneyFormatError):
        Money.from_decimal(Decimal(text), Rounding.DOWN)


@pytest.mark.parametrize("amount", [ZERO, Money(1)])
def test_has_no_truth(amount: Money) -> None:
    """An amount cannot be tested for truth: zero would be taken for nothing."""
    with pytest.raises(TypeError, match="do not test its truth"):
        bool(amount)


def test_currencies_do_not_mix() -> None:
    """No sum, difference or comparison crosses currencies, and amounts of two are never equal."""
    ours, theirs = Money(100), Money(100, "CNY")
    assert ours != theirs
    for combine in (
        lambda: ours + theirs,
        lambda: ours - theirs,
        lambda: ours < theirs,
        lambda: ours <= theirs,
        lambda: ours > theirs,
        lambda: ours >= theirs,
        lambda: total([ours, theirs]),
    ):
        with pytest.raises(CurrencyMismatchError, match="USD with CNY"):
            combine()


@given(cents, cents)
@LAWS
def test_adds_like_whole_numbers(left: int, right: int) -> None:
    """Sums, differences, signs and order are those of the cents."""
    one, other = Money(left), Money(right)
    assert (one + other).cents == left + right
    assert (one - other).cents == left - right
    assert (-one).cents == -left
    assert abs(one).cents == abs(left)
    assert (one < other, one <= other, one > other, one >= other) == (
        left < right,
        left <= right,
        left > right,
        left >= right,
    )


@given(st.lists(cents))
@LAWS
def test_a_total_is_the_sum(amounts: list[int]) -> None:
    """The total of any amounts is exact, and that of none is zero."""
    assert total([Money(amount) for amount in amounts]) == Money(sum(amounts))


def test_nothing_becomes_zero_only_when_asked() -> None:
    """`or_zero` gives zero for no amount and leaves an amount as it is."""
    assert or_zero(None) == ZERO
    assert or_zero(Money(7)) == Money(7)
