import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.clouds.tencent.standings import (
    CreditRow,
    MalformedAnswerError,
    allocated,
    credits_by_uin,
    customers_page,
    figure,
    history_page,
    money_down,
    money_up,
    opened,
    standing_of,
)
from core.limit import Kind, OnExhaustion
from core.money import Money
from core.standing import Restriction, Spend, Standing
from tests.unit.tencent_rig import customer, uin

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def standing(**fields: object) -> Standing:
    """The standing made of one row."""
    row = {"uin": uin(0), "total": Decimal(100), "remaining": Decimal(40), "force": 0} | fields
    return standing_of(CreditRow(**row), customer(0), account="main", as_of=NOW, lag=timedelta(minutes=5))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "body",
    [
        b'{"Response": {"TotalCredit": 1, "TotalCredit": 2}}',
        b"<html></html>",
        b"",
        b"[]",
        b"{}",
        b'{"Response": null}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_only_plain_json_is_read(body: bytes) -> None:
    """A doubled key, which Python's parser takes, and whatever is no Response are refused."""
    with pytest.raises(MalformedAnswerError):
        opened(body)


@pytest.mark.parametrize(
    "value",
    ['"12.34"', "true", "null", "[1]", "1e400", "1e-400", "1e15", "1e99999999", f"1{'0' * 20}e{'9' * 20}", "NaN"],
)
def test_only_a_number_is_a_figure(value: str) -> None:
    """Texts, booleans, absurd numbers and what JSON does not have are no figures."""
    with pytest.raises(MalformedAnswerError):
        figure(opened(f'{{"Response": {{"Credit": {value}}}}}'.encode()), "Credit")


@pytest.mark.parametrize(
    ("text", "down", "up"),
    [
        ("100", 100_00, 100_00),
        ("12.34", 12_34, 12_34),
        ("12.349", 12_34, 12_35),
        ("-0.001", -1, 0),
        ("0.30000000000000004", 30, 30),
        ("0.7999999999999999", 80, 80),
        ("0.00999999999999999999999999999999999", 1, 1),
        ("99999999999.98999", 9_999_999_999_998, 9_999_999_999_999),
    ],
)
def test_figures_go_into_cents_the_safe_way(text: str, down: int, up: int) -> None:
    """Grants are rounded down and spend up, but the noise of binary floats is not taken for a lost cent."""
    assert (money_down(Decimal(text)), money_up(Decimal(text))) == (Money(down), Money(up))


@given(st.integers(-(10**14), 10**14), st.integers(-(10**14), 10**14))
def test_sums_of_floats_are_read_as_the_cents_they_mean(left: int, right: int) -> None:
    """Whatever a vendor adds up in floats is read back to the cent (up to a billion)."""
    left, right = left // 1000, right // 1000
    answer = json.dumps({"Response": {"Credit": left / 100 + right / 100}}).encode()
    assert money_down(figure(opened(answer), "Credit")) == Money(left + right)


def test_a_standing_is_put_into_words() -> None:
    """Total, remaining and their difference become grant, available and spend; the kind and action are the vendor's."""
    made = standing(name="Customer 0")
    assert (made.granted, made.available) == (Money(100_00), Money(40_00))
    assert made.spent == Spend.exactly(Money(60_00))
    assert (made.kind, made.on_exhaustion, made.name) == (Kind.CREDIT_LINE, OnExhaustion.FREEZE, "Customer 0")


@pytest.mark.parametrize(
    ("remaining", "force", "restriction"),
    [
        ("0", 0, Restriction.NONE),
        ("40", 2, Restriction.SUSPENDED),
        ("-0.01", 0, Restriction.SUSPENDED),
        ("-0.01", None, Restriction.SUSPENDED),
        ("40", None, None),
        ("40", 1, None),
    ],
)
def test_suspension_is_read_from_force_and_credit(remaining: str, force: int | None, restriction: object) -> None:
    """Force 2 or negative credit is suspended, Force 0 is not, and an unknown Force proves nothing."""
    assert standing(remaining=Decimal(remaining), force=force).restriction is restriction


def test_spend_is_an_interval_around_the_figure() -> None:
    """A use with fractions of a cent lies between the spend's ends."""
    assert standing(remaining=Decimal("39.995")).spent == Spend(low=Money(60_00), high=Money(60_01))


def test_more_left_than_given_is_no_spend() -> None:
    """Remaining above total contradicts the documentation: the spend is unknown, not negative."""
    assert standing(remaining=Decimal(101)).spent is None


def test_one_bad_row_spoils_only_itself() -> None:
    """A row without figures, or with a negative total, makes no standing; the others of its page do."""
    rows = [
        {"ClientUin": 1, "Credit": None, "RemainingCredit": 1},
        {"ClientUin": 2, "Credit": -5, "RemainingCredit": 1},
        {"ClientUin": 3, "Credit": 5, "RemainingCredit": 1, "Force": True},
    ]
    page = customers_page({"Total": 3, "Data": rows})
    assert [bool(row.fault) for row in page.rows] == [True, True, False]
    assert page.rows[2].force is None
    with pytest.raises(MalformedAnswerError, match="figures"):
        standing_of(page.rows[0], customer(0), account="main", as_of=NOW, lag=timedelta(0))


def test_personal_data_goes_no_further() -> None:
    """Of a customer only the name is kept: not mail, not telephone, not the useless Arrears."""
    row = {
        "ClientUin": 1,
        "Credit": 5,
        "RemainingCredit": 1,
        "Name": " A ",
        "Mobile": "+65-1",
        "Email": "a@b.example",
        "Arrears": "-",
    }
    text = repr(customers_page({"Total": 1, "Data": [row]}))
    assert "name='A'" in text
    assert "+65" not in text
    assert "example" not in text


def test_uins_are_taken_as_integers_and_digits() -> None:
    """A UIN is digits to core whether it came as an integer or in quotes."""
    rows = [{"Uin": 200012345678, "TotalCredit": 1, "RemainingCredit": 1}] * 2
    assert [row.uin for row in credits_by_uin({"Data": [rows[0], rows[1] | {"Uin": "200012345678"}]})] == [
        "200012345678",
        "200012345678",
    ]


@pytest.mark.parametrize(
    "response",
    [
        {"Total": 1},
        {"Total": "x", "Data": []},
        {"Total": -1, "Data": []},
        {"Total": 1, "Data": {}},
        {"Total": 1, "Data": [1]},
        {"Total": 1, "Data": [{"Credit": 1}]},
        {"Total": True, "Data": []},
        {"Total": "9" * 5000, "Data": []},
    ],
)
def test_a_page_is_as_documented_or_refused(response: dict[str, object]) -> None:
    """A page whose count, rows or UINs are not what they should be is no answer."""
    with pytest.raises(MalformedAnswerError):
        customers_page(response)


def test_null_is_an_empty_list() -> None:
    """No rows may come as null."""
    assert customers_page({"Total": 0, "Data": None}).rows == ()
    assert history_page({"Total": 0, "History": None}).rows == ()


def test_records_are_read_with_what_they_have() -> None:
    """A record as in the documentation's example is read; its time is Beijing's; what it lacks is None."""
    row = {
        "AllocatedTime": "2022-07-28 15:04:08",
        "Operator": "100",
        "Credit": 100,
        "AllocatedCredit": Decimal("100.5"),
    }
    (read,) = history_page({"Total": 1, "History": [row]}).rows
    assert read.at == datetime(2022, 7, 28, 7, 4, 8, tzinfo=UTC)
    assert (read.change, read.granted_after, read.operator, read.remark) == (Money(100_00), Money(100_50), "100", None)
    (bare,) = history_page({"Total": 1, "History": [{"AllocatedTime": "today", "Credit": "1"}]}).rows
    (empty,) = history_page({"Total": 1, "History": [{}]}).rows
    for one in (bare, empty):
        assert (one.at, one.change, one.granted_after) == (None, None, None)


def test_a_result_needs_both_its_figures() -> None:
    """A reply without a total or a remaining credit is no success."""
    for fields in ({}, {"TotalCredit": 1}, {"RemainingCredit": 1}, {"TotalCredit": None, "RemainingCredit": 1}):
        with pytest.raises(MalformedAnswerError):
            allocated(fields)
