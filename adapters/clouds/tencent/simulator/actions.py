"""What each simulated action answers, as documented in 1085/51419 to 1085/51424. Called by vendor, under its lock."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from random import Random
from typing import cast

from adapters.clouds.tencent.simulator.customer import Allocation, SimulatedCustomer
from adapters.clouds.tencent.simulator.ledger import Ledger
from adapters.clouds.tencent.simulator.pages import page_of
from adapters.clouds.tencent.simulator.refusal import RefusalError
from adapters.clouds.tencent.simulator.switches import BadUin, RowOrder
from core.money import ZERO, Money

BEIJING = timezone(timedelta(hours=8))
_TIME = "%Y-%m-%d %H:%M:%S"
_MOST_UINS = 50
_CENT = Decimal("0.01")
_FILTERS = frozenset({"ClientUin", "Name", "Remark", "Email"})

Answer = dict[str, object]
Fields = Mapping[str, object]


def number(amount: Money) -> int | float:
    """Money as the vendor writes it: whole amounts as JSON integers."""
    value = amount.to_decimal()
    return int(value) if value == value.to_integral_value() else float(value)


def added_credit(fields: Fields) -> Money:
    """Read AddedCredit; raises RefusalError for an amount that is none (decimals and zero are undocumented)."""
    added = Decimal(cast("Decimal | int", fields["AddedCredit"]))
    if added == 0 or abs(added) >= 10**12 or added != added.quantize(_CENT):
        code = "InvalidParameterValue"
        raise RefusalError(code, "AddedCredit is not a valid amount.")
    return Money(int(added * 100))


def allocate(ledger: Ledger, fields: Fields, *, operator: str, now: datetime) -> Answer:
    """AllocateCustomerCredit."""
    customer = ledger.allocate(
        str(fields["ClientUin"]),
        added_credit(fields),
        operator=operator,
        remark=str(fields.get("Remark", "")),
        now=now,
    )
    return {"TotalCredit": number(customer.total.newest), "RemainingCredit": number(customer.available(now))}


def customers(ledger: Ledger, fields: Fields, *, now: datetime) -> Answer:
    """QueryCustomersCredit."""
    found = _filtered(list(ledger.customers.values()), fields)
    order = fields.get("Order", "desc")
    if order not in ("asc", "desc"):
        code = "InvalidParameterValue"
        raise RefusalError(code, "Order must be asc or desc.")
    if order == "desc":
        found.reverse()
    page = page_of(found, fields, ledger.switches.list_page_base, ledger.switches)
    return {"Total": len(found), "Data": [_listed(ledger, customer, now) for customer in page]}


def by_uin(ledger: Ledger, fields: Fields, *, now: datetime) -> Answer:
    """QueryCreditByUinList."""
    uins = [str(uin) for uin in cast("Sequence[int]", fields["UinList"])]
    if not 1 <= len(uins) <= _MOST_UINS:
        code = "InvalidParameterValue.UinList"
        raise RefusalError(code, "UinList must have 1 to 50 entries.")
    known = [ledger.customers[uin] for uin in dict.fromkeys(uins) if uin in ledger.customers]
    if len(known) < len(set(uins)) and ledger.switches.bad_uin is BadUin.FAILS_BATCH:
        code = "UnauthorizedOperation.NotCustomerUin"
        raise RefusalError(code, "The UIN is not a customer of the current account.")
    rows = []
    for customer in known:
        total, remaining = customer.shown(now, ledger.switches.read_lag)
        rows.append({"Uin": int(customer.uin), "TotalCredit": number(total), "RemainingCredit": number(remaining)})
    return {"Data": rows}


def history(ledger: Ledger, fields: Fields, *, now: datetime) -> Answer:
    """QueryCreditAllocationHistory."""
    customer = ledger.customers.get(str(fields["ClientUin"]))
    if customer is None:
        code = "FailedOperation"
        raise RefusalError(code, "Operation failed.")
    switches = ledger.switches
    records = [record for record in customer.records if record.at <= now - switches.history_lag]
    match switches.history_order:
        case RowOrder.NEWEST_FIRST:
            records.reverse()
        case RowOrder.SHUFFLED:
            Random(customer.uin).shuffle(records)  # noqa: S311 - an order, nothing secret
        case RowOrder.OLDEST_FIRST:
            pass
    if switches.doubled_records:
        records = [record for record in records for _ in range(2)]
    page = page_of(records, fields, switches.history_page_base, switches)
    return {"Total": len(records), "History": [_recorded(record, bare=switches.bare_records) for record in page]}


def partner(ledger: Ledger) -> Answer:
    """QueryPartnerCredit."""
    allocated = ledger.allocated()
    return {
        "AllocatedCredit": number(allocated),
        "TotalCredit": number(ledger.pool),
        "RemainingCredit": number(ledger.pool - allocated),
    }


def _filtered(found: list[SimulatedCustomer], fields: Fields) -> list[SimulatedCustomer]:
    kind, text = fields.get("FilterType"), str(fields.get("Filter", ""))
    if kind is None:
        return found
    if kind not in _FILTERS:
        code = "InvalidParameterValue"
        raise RefusalError(code, "FilterType is not valid.")
    if kind == "ClientUin" and not text.isdecimal():
        code = "InvalidParameterValue.InvalidUin"
        raise RefusalError(code, "The UIN is not valid.")
    if kind == "ClientUin":
        return [customer for customer in found if customer.uin == text]
    texts: dict[str, Callable[[SimulatedCustomer], str]] = {
        "Name": lambda one: one.name,
        "Email": _mail,
        "Remark": lambda _: "",
    }
    return [customer for customer in found if text in texts[str(kind)](customer)]


def _listed(ledger: Ledger, customer: SimulatedCustomer, now: datetime) -> Answer:
    total, remaining = customer.shown(now, ledger.switches.read_lag)
    return {
        "ClientUin": int(customer.uin),
        "Name": customer.name,
        "Type": "reseller",
        "Mobile": f"+65-8{int(customer.uin) % 10_000_000:07d}",
        "Email": _mail(customer),
        "Arrears": "-",  # whatever is owed: the documentation's own example
        "AssociationTime": customer.associated_at.astimezone(BEIJING).strftime(_TIME),
        "RecentExpiry": "",
        "Credit": number(total),
        "RemainingCredit": number(remaining),
        "IdentifyType": 1,
        "Remark": "",
        "Force": customer.force,
    }


def _recorded(record: Allocation, *, bare: bool) -> Answer:
    row: Answer = {
        "AllocatedTime": record.at.astimezone(BEIJING).strftime(_TIME),
        "Operator": record.operator,
        "Credit": number(record.credit),
        "AllocatedCredit": number(record.total),
    }
    return row if bare else {**row, "ClientCreditAfter": number(max(record.available, ZERO)), "Remark": record.remark}


def _mail(customer: SimulatedCustomer) -> str:
    return f"billing-{customer.uin}@customers.example"
