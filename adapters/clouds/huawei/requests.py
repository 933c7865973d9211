"""What is asked of Huawei Cloud's partner interface, and what its answers say: the shapes on the wire.

Builds calls for `client` and reads the documents that `errors.answer` lets through. Used by `standings`, `cloud` and
`changes`, which builds the calls that change something.
Nothing raw leaves this module, and no personal data: telephone, mail and contact names are not even looked at.

Source: API reference `api-bpconsole` (mt_01004, mt_01006, mt_01007, mc_00021, espp_00003, cq_001) and the SDK's models.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Generic, TypeVar

from adapters.clouds.huawei.client import Call
from adapters.wire.text import told
from core.exposure import Headroom
from core.limit import Customer, Kind
from core.money import MOST_DIGITS, USD, Money, Rounding
from core.standing import Restriction
from core.witness import WitnessRow

HEADROOM = "consumption quota"
PAGE = 100  # customers, partners and records per page, and ids per batch: the documented maximum of each
# Documented as 10 per second for each API (the rows of these ones could not be seen: the general figure).
RATES: Mapping[str, float] = MappingProxyType(
    dict.fromkeys(
        (
            "ListSubCustomers",
            "ListSubCustomerBudget",
            "ShowSubCustomerBudget",
            "ListSubCustomerBudgetRecords",
            "ListIndirectPartners",
            "ShowPartnerConsumptionQuota",
            "UpdateSubCustomerBudget",
            "FreezeSubCustomers",
            "UnfreezeSubCustomers",
        ),
        10.0,
    )
)

_RESALE = "3"
_DOLLARS = 1
BUDGET_TYPES: Mapping[Kind, str] = MappingProxyType({Kind.MONTHLY: "MONTHLY", Kind.ONE_TIME: "PACKAGE"})
_KINDS: Mapping[str, Kind] = MappingProxyType({text: kind for kind, text in BUDGET_TYPES.items()})
_RESTRICTIONS: Mapping[object, Restriction] = MappingProxyType({0: Restriction.NONE, 1: Restriction.RESTRICTED})
_PLAIN = re.compile(r"\d+(\.\d+)?")
_SIGNED = re.compile(r"-?\d{1,20}(\.\d{1,20})?")
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_MOST_ROWS = 10**6  # more than any partner has customers: an absurd count must not become absurd work

Row = TypeVar("Row")


class AnswerShapeError(Exception):
    """A JSON document that is not what the operation is documented to answer."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of a list: its rows, and how many the vendor says there are in all."""

    rows: tuple[Row, ...]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A customer as the list of customers shows it.

    `restriction` None: the vendor's flag is not one it documents. `associated_at` None: it does not say, or not when.
    """

    customer_id: str
    name: str | None
    restriction: Restriction | None
    associated_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """One customer's budget. `granted` None: none is set. `used` None: not said. Both are as given, unrounded."""

    customer_id: str
    granted: Decimal | None
    used: Decimal | None
    kind: Kind | None
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch of budgets; `broken` has the ids whose row cannot be trusted, with what is wrong with it."""

    budgets: Mapping[str, Budget]
    broken: Mapping[str, str]


def list_customers(*, indirect_partner_id: str | None, offset: int = 0, customer_id: str | None = None) -> Call:
    """Ask for a page of the resale customers, of one's own or of a reseller; or for a single customer."""
    fields = {"association_type": _RESALE, "offset": offset, "limit": PAGE}
    named = {"customer_id": customer_id, "indirect_partner_id": indirect_partner_id}
    return Call(
        operation="ListSubCustomers",
        method="list_sub_customers",
        request_model="ListSubCustomersRequest",
        body_model="QuerySubCustomerListReq",
        fields={**fields, **given(named)},
    )


def list_budgets(customer_ids: Sequence[str], *, indirect_partner_id: str | None) -> Call:
    """Ask for the budgets of up to 100 customers of one reseller, or of one's own."""
    return Call(
        operation="ListSubCustomerBudget",
        method="list_sub_customer_budget",
        request_model="ListSubCustomerBudgetRequest",
        body_model="ListSubCustomerBudgetReq",
        fields={"customer_ids": list(customer_ids), **given({"indirect_partner_id": indirect_partner_id})},
    )


def show_budget(customer: Customer) -> Call:
    """Ask for one customer's budget."""
    return Call(
        operation="ShowSubCustomerBudget",
        method="show_sub_customer_budget",
        request_model="ShowSubCustomerBudgetRequest",
        fields={**who(customer)},
    )


def list_records(customer: Customer, *, offset: int = 0) -> Call:
    """Ask for a page of one customer's budget records."""
    return Call(
        operation="ListSubCustomerBudgetRecords",
        method="list_sub_customer_budget_records",
        request_model="ListSubCustomerBudgetRecordsRequest",
        fields={**who(customer), "offset": offset, "limit": PAGE},
    )


def list_partners(*, offset: int = 0) -> Call:
    """Ask for a page of the second-tier resellers of a distributor."""
    return Call(
        operation="ListIndirectPartners",
        method="list_indirect_partners",
        request_model="ListIndirectPartnersRequest",
        body_model="QueryIndirectPartnersReq",
        fields={"offset": offset, "limit": PAGE},
    )


def show_quota() -> Call:
    """Ask what the partner itself may still owe the vendor."""
    return Call(
        operation="ShowPartnerConsumptionQuota",
        method="show_partner_consumption_quota",
        request_model="ShowPartnerConsumptionQuotaRequest",
    )


def customers_in(document: Mapping[str, object]) -> Page[Listed]:
    """Read a page of customers; raises AnswerShapeError."""
    return Page(tuple(_listed(row) for row in _rows(document, "customer_infos")), _count(document, "count"))


def partners_in(document: Mapping[str, object]) -> Page[str]:
    """Read the ids in a page of resellers; raises AnswerShapeError."""
    ids = tuple(_id(row, "indirect_partner_id") for row in _rows(document, "indirect_partners"))
    return Page(ids, _count(document, "count"))


def budgets_in(document: Mapping[str, object]) -> Batch:
    """Read a batch of budgets; a row that cannot be trusted is told of its customer alone.

    Raises AnswerShapeError where not even the rows' customers can be told.
    """
    currency = currency_of(document)
    budgets: dict[str, Budget] = {}
    broken: dict[str, str] = {}
    for row in _rows(document, "budget_infos"):
        customer_id = _id(row, "customer_id")
        try:
            budget = _budget(customer_id, row, currency)
        except AnswerShapeError as error:
            broken[customer_id] = str(error)
            continue
        if budgets.setdefault(customer_id, budget) != budget:
            broken[customer_id] = "the answer has two different budgets for this customer"
    return Batch(budgets={key: value for key, value in budgets.items() if key not in broken}, broken=broken)


def budget_in(document: Mapping[str, object], customer_id: str) -> Budget:
    """Read the budget of the one customer asked for; raises AnswerShapeError."""
    return _budget(customer_id, document, currency_of(document))


def records_in(document: Mapping[str, object]) -> Page[WitnessRow]:
    """Read a page of budget records; raises AnswerShapeError."""
    currency = currency_of(document)
    rows = tuple(_record(row, currency) for row in _rows(document, "record_list"))
    return Page(rows, _count(document, "total_count"))


def headroom_in(document: Mapping[str, object]) -> Headroom:
    """Read what the partner itself may still owe; raises AnswerShapeError.

    Its figures are decimal texts, and the used part can be negative: a balance that was paid in ahead (cq_001). In
    another currency than US dollars they are left out, since nothing here could be compared with them.
    """
    quota, used = _signed(document, "consumption_quota"), _signed(document, "used_consumption_quota")
    if quota < 0:
        raise AnswerShapeError("consumption_quota is out of range")
    if currency_of(document) != USD:
        return Headroom(title=HEADROOM, limit=None, used=None, left=None)
    limit, spent = Money.from_decimal(quota, Rounding.DOWN), Money.from_decimal(used, Rounding.UP)
    return Headroom(title=HEADROOM, limit=limit, used=spent, left=limit - spent)


def currency_of(document: Mapping[str, object]) -> str:
    """Name the currency of an answer; what is not plainly US dollars in whole units gets a name that says so."""
    currency, measure = document.get("currency"), document.get("measure_id")
    if measure is not None and measure != _DOLLARS:
        return f"{told(currency) or 'an unnamed currency'} in unit {told(str(measure)[:20])}"
    if currency in (None, ""):
        return USD if measure == _DOLLARS else "an unnamed currency"
    return told(str(currency)[:20]) or "an unnamed currency"


def figure(value: object, name: str) -> Decimal | None:
    """Take a vendor's figure exactly: a number or plain decimal text, not negative; None for none.

    Raises AnswerShapeError.
    """
    if value is None:
        return None
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        value = Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise AnswerShapeError(f"{name} is not a number")
    number = Decimal(value)
    # Asked of its digits: an absurd exponent must not become an absurd integer.
    if not number.is_finite() or number < 0 or (number and number.adjusted() >= MOST_DIGITS):
        raise AnswerShapeError(f"{name} is out of range")
    return number


def shaped(read: Callable[[Mapping[str, object]], Row], document: Mapping[str, object]) -> Row:
    """Read a document whatever it holds: every surprise in it is an AnswerShapeError."""
    try:
        return read(document)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise AnswerShapeError(str(error)) from error


def _budget(customer_id: str, row: Mapping[str, object], currency: str) -> Budget:
    granted = figure(row.get("budget_amount"), "budget_amount")
    used = figure(row.get("used_amount"), "used_amount")
    if granted is None or granted == 0:
        # Zero cannot be set, so a zero is one more way to say that there is no budget.
        return Budget(customer_id=customer_id, granted=None, used=used, kind=None, currency=currency)
    kind = _kind(row)
    if kind is None:
        # Which budget it is decides what a change does to it: without the type nothing may be changed.
        raise AnswerShapeError("the budget's type is missing or unknown")
    return Budget(customer_id=customer_id, granted=granted, used=used, kind=kind, currency=currency)


def _listed(row: Mapping[str, object]) -> Listed:
    flag = row.get("is_frozen")
    return Listed(
        customer_id=_id(row, "customer_id"),
        name=told(row.get("customer")) or told(row.get("account_name")),
        restriction=_RESTRICTIONS.get(flag) if type(flag) is int else None,
        associated_at=_associated(row.get("associated_on")),
    )


def _associated(value: object) -> datetime | None:
    """Read a time that only tells more of a customer: what is none must not make the customer unreadable."""
    try:
        return _time(value)
    except (AnswerShapeError, ValueError):
        return None


def _record(row: Mapping[str, object], currency: str) -> WitnessRow:
    amount = figure(row.get("budget_amount"), "budget_amount")
    return WitnessRow(
        granted_after=None if amount is None else Money.from_decimal(amount, Rounding.DOWN, currency),
        kind=_kind(row),
        at=_time(row.get("operation_time")),
        operator=told(row.get("operator")),
        removed=row.get("operation_type") == "DELETE",
    )


def _kind(row: Mapping[str, object]) -> Kind | None:
    name = row.get("budget_type")
    return _KINDS.get(name) if isinstance(name, str) else None


def _signed(document: Mapping[str, object], name: str) -> Decimal:
    text = document.get(name)
    if not isinstance(text, str) or not _SIGNED.fullmatch(text):
        raise AnswerShapeError(f"{name} is not a decimal text")
    return Decimal(text)


def _time(value: object) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise AnswerShapeError("a time is not a text")
    return datetime.strptime(value, _TIME).replace(tzinfo=UTC)


def _rows(document: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    rows = document.get(name)
    if rows is None:
        return []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise AnswerShapeError(f"{name} is not a list of objects")
    return rows


def _count(document: Mapping[str, object], name: str) -> int:
    count = document.get(name)
    if type(count) is not int or not 0 <= count <= _MOST_ROWS:
        raise AnswerShapeError(f"{name} is not a count")
    return count


def _id(row: Mapping[str, object], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise AnswerShapeError(f"a row has no {name}")
    return value


def who(customer: Customer) -> dict[str, str]:
    """Name one customer, and its reseller where it has one, as the operations on one customer want it."""
    return given(
        {"customer_id": customer.key.customer_id, "indirect_partner_id": customer.indirect_partner_id},
    )


def given(fields: Mapping[str, str | None]) -> dict[str, str]:
    """Leave out what is not given."""
    return {name: value for name, value in fields.items() if value is not None}
