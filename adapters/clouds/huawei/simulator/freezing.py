"""Freezing and unfreezing at the simulated vendor (mc_00027, mc_00028): several customers a call, each on its own.

Called like the other operations. A customer that it fails for is listed in the answer, with status 200; the others
are done. The codes in such lists are not documented.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from adapters.clouds.huawei.simulator import wire
from adapters.clouds.huawei.simulator.accounts import (
    Account,
    AlreadyFrozenError,
    NotFrozenError,
    OtherFreezeError,
)
from adapters.clouds.huawei.simulator.behaviour import Behaviour, FreezeSuccess, FreezeType
from adapters.clouds.huawei.simulator.books import Books
from adapters.clouds.huawei.simulator.wire import ApiError, Fault, Fields
from adapters.sandbox.server import Request, Response

MOST_CUSTOMERS = 10
LONGEST_REASON = 256
_FAULTS: Mapping[type[Exception], Fault] = MappingProxyType(
    {
        AlreadyFrozenError: Fault(400, "CBC.99008011", "The customer has been frozen."),
        NotFrozenError: Fault(400, "CBC.99008012", "The customer is not frozen."),
        OtherFreezeError: Fault(400, "CBC.99008013", "The unfreezing type is different from the freezing type."),
    }
)
_SUCCESSES: Mapping[FreezeSuccess, tuple[int, bytes]] = MappingProxyType(
    {
        FreezeSuccess.EMPTY_OBJECT: (200, b"{}"),
        FreezeSuccess.NO_DETAILS: (200, b'{"error_details": []}'),
        FreezeSuccess.EMPTY: (200, b""),
        FreezeSuccess.NO_CONTENT: (204, b""),
    }
)

Change = Callable[[Account, FreezeType, Behaviour, datetime], None]


def freeze_customers(books: Books, request: Request, now: datetime) -> Response:
    """FreezeSubCustomers (mc_00027)."""
    return _each(books, wire.body_of(request), now, ("FreezeSubCustomers", "freeze_type", Account.freeze_by_call))


def unfreeze_customers(books: Books, request: Request, now: datetime) -> Response:
    """UnfreezeSubCustomers (mc_00028): the type must be that of the freeze."""
    return _each(books, wire.body_of(request), now, ("UnfreezeSubCustomers", "unfreeze_type", Account.unfreeze_by_call))


def _each(books: Books, fields: Fields, now: datetime, what: tuple[str, str, Change]) -> Response:
    operation, name, change = what
    ids = fields.get("customer_ids")
    if not isinstance(ids, list) or not 1 <= len(ids) <= MOST_CUSTOMERS:
        raise wire.invalid("customer_ids")
    ids = list(dict.fromkeys(wire.an_id({"customer_ids": each}, "customer_ids") for each in ids))
    reason = fields.get("reason")
    if not isinstance(reason, str) or not 1 <= len(reason) <= LONGEST_REASON:
        raise wire.invalid("reason")
    freeze_type = FreezeType(wire.text(fields, name, tuple(FreezeType)) or FreezeType.ACCOUNT)
    partner_id = wire.maybe_id(fields, "indirect_partner_id")
    failed: dict[str, Fault] = {}
    for customer_id in ids:
        try:
            change(books.the(customer_id, partner_id), freeze_type, books.behaviour, now)
        except ApiError as error:
            failed[customer_id] = error.fault
        except tuple(_FAULTS) as error:
            failed[customer_id] = _FAULTS[type(error)]
        else:
            books.writes.append((operation, customer_id, None))
    return _answer(books, ids, failed)


def _answer(books: Books, ids: list[str], failed: Mapping[str, Fault]) -> Response:
    if not failed:
        return wire.done(*_SUCCESSES[books.behaviour.freeze_success])
    if books.behaviour.whole_failures and len(failed) == len(ids):
        raise ApiError(failed[ids[0]])
    details = [
        {"error_code": fault.code, "error_msg": fault.message, "id": customer_id}
        for customer_id, fault in failed.items()
    ]
    return wire.told({"error_details": details})
