"""The simulated vendor's operations on its books: checks, effects and answers as the API reference has them.

Called by the vendor object, under its lock, for requests that are genuine. Personal data in answers is invented, and
there because the real answers have it. Freezing and unfreezing have a module of their own, `freezing`.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from adapters.clouds.huawei.simulator import wire
from adapters.clouds.huawei.simulator.accounts import (
    AUTOMATIC_FREEZE,
    DELETE,
    MANUAL_FREEZE,
    MONTHLY,
    PACKAGE,
    SETTING,
    Account,
    BelowUsedError,
    Budget,
    Setting,
)
from adapters.clouds.huawei.simulator.behaviour import NoBudget, Role, Success
from adapters.clouds.huawei.simulator.books import NOT_OUR_RESELLER, Books
from adapters.clouds.huawei.simulator.freezing import freeze_customers, unfreeze_customers
from adapters.clouds.huawei.simulator.wire import ApiError, Fault, Fields
from adapters.sandbox.server import Request, Response

API_OPERATOR = "partner-api"
# Codes for these two are not documented; like any unknown CBC code with 400 they are refusals.
_BELOW_USED = Fault(400, "CBC.99008001", "The budget cannot be less than the used amount.")
_NO_BUDGET = Fault(400, "CBC.99008002", "No budget is set.")
_ACCESS_DENIED = Fault(403, "CBC.0151", "Access denied.")
_SUCCESSES: Mapping[Success, tuple[int, bytes]] = MappingProxyType(
    {Success.NO_CONTENT: (204, b""), Success.EMPTY: (200, b""), Success.EMPTY_OBJECT: (200, b"{}")}
)


def update_budget(books: Books, request: Request, now: datetime) -> Response:
    """UpdateSubCustomerBudget (mt_01005)."""
    fields = wire.body_of(request)
    amount = wire.amount(fields, "budget_amount")
    budget_type = wire.text(fields, "budget_type", (MONTHLY, PACKAGE)) or MONTHLY
    freeze, unfreeze = fields.get("frozen_operate_type"), fields.get("cancel_partner_frozen")
    if freeze not in (None, "", MANUAL_FREEZE, AUTOMATIC_FREEZE) or isinstance(freeze, bool):
        raise wire.invalid("frozen_operate_type")
    if unfreeze not in (None, "", "0", "1", 0, 1) or isinstance(unfreeze, bool):
        raise wire.invalid("cancel_partner_frozen")
    account = books.the(wire.an_id(fields, "customer_id"), wire.maybe_id(fields, "indirect_partner_id"))
    setting = Setting(
        amount=amount,
        budget_type=budget_type,
        freeze=freeze if isinstance(freeze, int) else None,
        unfreeze=unfreeze in ("1", 1),
    )
    try:
        account.set(setting, API_OPERATOR, books.behaviour, now)
    except BelowUsedError as error:
        raise ApiError(_BELOW_USED) from error
    books.writes.append(("UpdateSubCustomerBudget", account.customer_id, amount))
    return wire.done(*_SUCCESSES[books.behaviour.success])


def show_budget(books: Books, request: Request, now: datetime) -> Response:
    """ShowSubCustomerBudget (mt_01004)."""
    fields = wire.query_of(request)
    account = books.the(wire.an_id(fields, "customer_id"), wire.maybe_id(fields, "indirect_partner_id"))
    shown = _shown(books, account, now)
    if shown is None:
        if books.behaviour.no_budget is NoBudget.ERROR:
            raise ApiError(_NO_BUDGET)
        shown = {}
    return wire.told({**shown, **_unit(books)})


def list_budgets(books: Books, request: Request, now: datetime) -> Response:
    """ListSubCustomerBudget (mt_01006): ids that are not to be seen are left out without a word."""
    fields = wire.body_of(request)
    ids = fields.get("customer_ids")
    if not isinstance(ids, list) or not 1 <= len(ids) <= wire.LARGEST_PAGE:
        raise wire.invalid("customer_ids")
    partner_id = _partner(books, fields)
    known = {account.customer_id: account for account in books.reachable(partner_id)}
    infos = []
    for customer_id in dict.fromkeys(wire.an_id({"customer_ids": each}, "customer_ids") for each in ids):
        shown = _shown(books, known[customer_id], now) if customer_id in known else None
        if shown is not None:
            infos.append({"customer_id": customer_id, **shown})
    return wire.told({"budget_infos": infos, **_unit(books)})


def list_records(books: Books, request: Request, now: datetime) -> Response:
    """ListSubCustomerBudgetRecords (mt_01007)."""
    fields = wire.query_of(request)
    offset, limit = wire.page_of(fields, wire.LARGEST_RECORD_OFFSET)
    operation = wire.text(fields, "operation_type", (SETTING, DELETE))
    budget_type = wire.text(fields, "budget_type", (MONTHLY, PACKAGE))
    account = books.the(wire.an_id(fields, "customer_id"), wire.maybe_id(fields, "indirect_partner_id"))
    rows = [
        {
            "budget_amount": wire.number(record.amount),
            "operation_type": record.operation,
            "operation_time": wire.stamp(record.at),
            "operator": record.operator,
            "budget_type": record.budget_type,
            "partner_corp_name": "Example Partner Ltd.",
            "partner_account_name": "example-partner",
        }
        for record in account.records
        if operation in (None, record.operation)
        and budget_type in (None, record.budget_type)
        and record.at <= now - books.behaviour.record_delay
    ]
    page = books.behaviour.record_order.arrange(rows)[offset : offset + limit]
    return wire.told({"total_count": len(rows), "record_list": page, **_unit(books)})


def list_customers(books: Books, request: Request, now: datetime) -> Response:
    """ListSubCustomers (mc_00021); every customer here is in the resale model."""
    fields = wire.body_of(request)
    offset, limit = wire.page_of(fields, wire.LARGEST_OFFSET)
    association = wire.text(fields, "association_type", ("1", "3"))
    customer_id = wire.maybe_id(fields, "customer_id")
    accounts = [
        account
        for account in books.reachable(_partner(books, fields))
        if association in (None, "3") and customer_id in (None, account.customer_id) and _is_named(account, fields)
    ]
    page = books.behaviour.list_order.arrange(accounts)[offset : offset + limit]
    return wire.told({"count": len(accounts), "customer_infos": [_info(books, account, now) for account in page]})


def list_partners(books: Books, request: Request, _now: datetime) -> Response:
    """ListIndirectPartners (espp_00003), for distributors only."""
    fields = wire.body_of(request)
    offset, limit = wire.page_of(fields, wire.LARGEST_OFFSET)
    if books.behaviour.role is not Role.DISTRIBUTOR:
        raise ApiError(_ACCESS_DENIED)
    wanted = wire.maybe_id(fields, "indirect_partner_id")
    ids = [partner_id for partner_id in books.partners if wanted in (None, partner_id)]
    page = [
        {
            "indirect_partner_id": partner_id,
            "mobile_phone": "139****0000",
            "email": f"{partner_id}@reseller.example",
            "account_name": f"account-{partner_id}",
            "name": f"Reseller {partner_id}",
            "associated_on": wire.stamp(books.partners[partner_id]),
            "account_manager_id": "",
            "account_manager_name": "",
        }
        for partner_id in ids[offset : offset + limit]
    ]
    return wire.told({"count": len(ids), "indirect_partners": page})


def show_quota(books: Books, _request: Request, _now: datetime) -> Response:
    """ShowPartnerConsumptionQuota (cq_001); its figures are texts, and the used part may be negative."""
    consumption = books.consumption
    figures = {
        "consumption_quota": str(consumption.quota),
        "amount": str(consumption.amount),
        "coupon_amount": str(consumption.coupon),
        "due_amount": str(consumption.due),
        "unbilled_amount": str(consumption.unbilled),
        "used_consumption_quota": str(consumption.used),
    }
    return wire.told({**figures, **_unit(books)})


Operation = Callable[[Books, Request, datetime], Response]
OPERATIONS: Mapping[tuple[str, str], tuple[str, Operation]] = MappingProxyType(
    {
        ("POST", "/v2/partners/sub-customers/budget"): ("UpdateSubCustomerBudget", update_budget),
        ("GET", "/v2/partners/sub-customers/budget"): ("ShowSubCustomerBudget", show_budget),
        ("POST", "/v2/partners/sub-customers/budget/query"): ("ListSubCustomerBudget", list_budgets),
        ("GET", "/v2/partners/sub-customers/budget/records"): ("ListSubCustomerBudgetRecords", list_records),
        ("POST", "/v2/partners/sub-customers/query"): ("ListSubCustomers", list_customers),
        ("POST", "/v2/partners/indirect-partners/query"): ("ListIndirectPartners", list_partners),
        ("POST", "/v2/partners/sub-customers/freeze"): ("FreezeSubCustomers", freeze_customers),
        ("POST", "/v2/partners/sub-customers/unfreeze"): ("UnfreezeSubCustomers", unfreeze_customers),
        ("GET", "/v2/partners/credit/consumption-quota"): ("ShowPartnerConsumptionQuota", show_quota),
    }
)


def _partner(books: Books, fields: Fields) -> str | None:
    partner_id = wire.maybe_id(fields, "indirect_partner_id")
    if partner_id is not None and partner_id not in books.partners:
        raise ApiError(NOT_OUR_RESELLER)
    return partner_id


def _unit(books: Books) -> dict[str, object]:
    return {"measure_id": books.behaviour.measure_id, "currency": books.behaviour.currency}


def _shown(books: Books, account: Account, now: datetime) -> dict[str, object] | None:
    """Give a budget as it is shown; None where nothing is shown of a customer without one."""
    budget: Budget | None = account.budget.read(now, books.behaviour.read_lag)
    if budget is not None:
        return {
            "budget_amount": wire.number(budget.amount),
            "used_amount": wire.number(account.shown(budget, books.behaviour, now)),
            "budget_type": budget.budget_type,
        }
    match books.behaviour.no_budget:
        case NoBudget.NULL:
            return {"budget_amount": None, "used_amount": None, "budget_type": None}
        case NoBudget.ABSENT:
            return {}
        case NoBudget.ZERO:
            return {"budget_amount": 0, "used_amount": 0, "budget_type": MONTHLY}
        case NoBudget.OMITTED | NoBudget.ERROR:
            return None


def _is_named(account: Account, fields: Fields) -> bool:
    """Match the fuzzy name filters."""
    wanted: Sequence[tuple[str, str]] = (("customer", account.name), ("account_name", _login(account)))
    return all(str(fields.get(name) or "").lower() in value.lower() for name, value in wanted)


def _login(account: Account) -> str:
    return f"account-{account.customer_id}"


def _info(books: Books, account: Account, now: datetime) -> dict[str, object]:
    return {
        "customer": account.name,
        "account_name": _login(account),
        "customer_id": account.customer_id,
        "associated_on": wire.stamp(account.associated_on),
        "association_type": "3",
        "label": "",
        "telephone": "138****0000",
        "verified_status": "2",
        "country_code": "0086",
        "customer_type": 1,
        "is_frozen": int(account.frozen.read(now, books.behaviour.freeze_lag) is not None),
        "account_managers": [{"account_name": "manager", "account_id": "0"}],
        "xaccount_id": f"xaccount-{account.customer_id}",
        "xaccount_type": "huaweicloud",
        "customer_level": "V1",
        "email": f"finance@{account.customer_id}.example",
    }
