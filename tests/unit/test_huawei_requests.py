"""The shapes on Huawei Cloud's wire: exact figures in both directions, and nothing guessed."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.clouds.huawei.requests import (
    AnswerShapeError,
    Batch,
    budget_in,
    budgets_in,
    currency_of,
    customers_in,
    figure,
    records_in,
    shaped,
)
from core.limit import Kind
from core.money import Money
from core.standing import Restriction

USD = {"measure_id": 1, "currency": "USD"}


def batch_of(*rows: dict[str, object]) -> Batch:
    """Read a batch of these rows."""
    return budgets_in({"budget_infos": list(rows), **USD})


@pytest.mark.parametrize(
    ("value", "expected"),
    [(50, "50"), (Decimal("50.0"), "50.0"), ("50.00", "50.00"), (0, "0"), (Decimal("1E+3"), "1000"), (None, None)],
)
def test_a_figure_is_taken_as_it_is(value: object, expected: str | None) -> None:
    """Whole numbers, decimals and plain texts are exact; null is none."""
    assert figure(value, "x") == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    "value",
    [True, 1.5, "", "abc", "1e3", "1,000", "-1", -1, {"a": 1}, [1], Decimal("NaN"), Decimal("1E+999999"), 10**16],
)
def test_what_is_no_figure_is_refused(value: object) -> None:
    """Booleans, floats, objects, negative, endless and absurd figures are refused."""
    with pytest.raises(AnswerShapeError):
        figure(value, "x")


@given(st.decimals(min_value=0, max_value=10**12, places=6), st.decimals(min_value=0, max_value=10**12, places=6))
def test_any_figures_survive_the_json(granted: Decimal, used: Decimal) -> None:
    """What the vendor writes is what is read, to the last decimal, through JSON."""
    text = f'{{"budget_amount": {granted:f}, "used_amount": {used:f}, "budget_type": "PACKAGE"}}'
    document = {**json.loads(text, parse_float=Decimal), **USD}
    budget = budget_in(document, "c1")
    assert (budget.granted, budget.used) == (granted or None, used)


@pytest.mark.parametrize(
    "row",
    [
        {"budget_amount": None, "used_amount": None, "budget_type": None},
        {},
        {"budget_amount": 0, "used_amount": 0, "budget_type": "MONTHLY"},
    ],
)
def test_every_form_of_no_budget_is_no_budget(row: dict[str, object]) -> None:
    """Null, absent and zero amounts all say that none is set: zero cannot be set."""
    budget = batch_of({"customer_id": "c1", **row}).budgets["c1"]
    assert (budget.granted, budget.kind) == (None, None)


@pytest.mark.parametrize(
    "row",
    [
        {"budget_amount": "abc", "used_amount": 1, "budget_type": "MONTHLY"},
        {"budget_amount": 5, "used_amount": -1, "budget_type": "MONTHLY"},
        {"budget_amount": True, "used_amount": 1, "budget_type": "MONTHLY"},
        {"budget_amount": 5, "used_amount": 1, "budget_type": "QUARTERLY"},
        {"budget_amount": 5, "used_amount": 1, "budget_type": None},
        {"budget_amount": 5, "used_amount": 1},
    ],
)
def test_one_broken_row_breaks_no_other(row: dict[str, object]) -> None:
    """A row with a figure or a type that is none is told of its customer alone."""
    good = {"customer_id": "c2", "budget_amount": 7, "used_amount": 1, "budget_type": "MONTHLY"}
    batch = batch_of({"customer_id": "c1", **row}, good)
    assert list(batch.broken) == ["c1"]
    assert list(batch.budgets) == ["c2"]


def test_two_budgets_for_one_customer_are_a_contradiction() -> None:
    """The same row twice is one row; two different ones are neither."""
    row: dict[str, object] = {"customer_id": "c1", "budget_amount": 7, "used_amount": 1, "budget_type": "MONTHLY"}
    assert list(batch_of(row, dict(row)).budgets) == ["c1"]
    batch = batch_of(row, {**row, "budget_amount": 8})
    assert (list(batch.budgets), list(batch.broken)) == ([], ["c1"])


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (USD, "USD"),
        ({"currency": "USD"}, "USD"),
        ({"measure_id": 1}, "USD"),
        ({"measure_id": 1, "currency": "CNY"}, "CNY"),
        ({"measure_id": 3, "currency": "USD"}, "USD in unit 3"),
        ({"measure_id": "abc", "currency": "USD"}, "USD in unit abc"),
        ({}, "an unnamed currency"),
    ],
)
def test_only_plain_dollars_are_dollars(document: dict[str, object], expected: str) -> None:
    """Another currency, another unit or none at all gets a name that is not USD."""
    assert currency_of(document) == expected


@pytest.mark.parametrize(
    ("flag", "expected"),
    [(1, Restriction.RESTRICTED), (0, Restriction.NONE), (2, None), (None, None), ("1", None), (True, None)],
)
def test_only_documented_flags_say_whether_a_customer_is_frozen(flag: object, expected: Restriction | None) -> None:
    """0 and 1 are known; anything else is unknown, never "not frozen"."""
    page = customers_in({"count": 1, "customer_infos": [{"customer_id": "c1", "is_frozen": flag}]})
    assert page.rows[0].restriction is expected


def test_a_customers_name_is_taken_and_nothing_else_of_the_person() -> None:
    """The verified name goes before the login name; mail and telephone are nowhere."""
    info = {"customer_id": "c1", "customer": "", "account_name": "login", "email": "a@b.example", "telephone": "123"}
    (row,) = customers_in({"count": 1, "customer_infos": [info]}).rows
    assert row.name == "login"
    (row,) = customers_in({"count": 1, "customer_infos": [{**info, "customer": "Company"}]}).rows
    assert row.name == "Company"
    assert "a@b.example" not in repr(row)
    assert "123" not in repr(row)


def test_records_are_read_whole() -> None:
    """Amount, kind, time, operator and the removal of a budget are taken from a record."""
    record = {
        "budget_amount": 50,
        "operation_type": "DELETE",
        "operation_time": "2026-03-15T12:00:01Z",
        "operator": "system",
        "budget_type": "PACKAGE",
    }
    (row,) = records_in({"total_count": 1, "record_list": [record], **USD}).rows
    assert (row.granted_after, row.kind, row.operator, row.removed) == (Money(5000), Kind.ONE_TIME, "system", True)
    assert row.at == datetime(2026, 3, 15, 12, 0, 1, tzinfo=UTC)
    assert (row.change, row.remark) == (None, None)


@pytest.mark.parametrize(
    "document",
    [
        {"record_list": []},
        {"total_count": "1", "record_list": []},
        {"total_count": 1, "record_list": "none"},
        {"total_count": 1, "record_list": ["row"]},
        {"total_count": 1, "record_list": [{"operation_time": "yesterday"}]},
        {"total_count": 1, "record_list": [{"operation_time": 5}]},
        {"total_count": 1, "record_list": [{"budget_amount": [1]}]},
        {"total_count": -1},
    ],
)
def test_a_shape_that_is_not_documented_is_not_guessed(document: dict[str, object]) -> None:
    """Missing counts, rows that are no objects, impossible times and figures are refused as a whole."""
    with pytest.raises(AnswerShapeError):
        shaped(records_in, {**document, **USD})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-15T12:00:01Z", datetime(2026, 3, 15, 12, 0, 1, tzinfo=UTC)),
        (None, None),
        ("", None),
        ("2026-03-15", None),
        ("2026-13-15T12:00:01Z", None),
        (1773576001, None),
        (["2026-03-15T12:00:01Z"], None),
    ],
)
def test_a_time_of_association_that_is_none_harms_nobody(text: object, expected: datetime | None) -> None:
    """Absent or malformed it is unknown, and the customer is read all the same."""
    info = {"customer_id": "c1", "is_frozen": 0, "associated_on": text}
    (row,) = customers_in({"count": 1, "customer_infos": [info]}).rows
    assert (row.associated_at, row.restriction) == (expected, Restriction.NONE)
