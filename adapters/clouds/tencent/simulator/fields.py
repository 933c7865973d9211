"""What each simulated action takes, as documented: names, JSON types, which are required. Used by vendor."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import NoReturn, cast

from adapters.clouds.tencent.simulator.refusal import RefusalError


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, Decimal) or _is_integer(value)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_integers(value: object) -> bool:
    return isinstance(value, list) and all(_is_integer(item) for item in value)


Check = Callable[[object], bool]

REQUIRED: Mapping[str, Mapping[str, Check]] = MappingProxyType(
    {
        "AllocateCustomerCredit": {"ClientUin": _is_integer, "AddedCredit": _is_number},
        "QueryCustomersCredit": {},
        "QueryCreditByUinList": {"UinList": _is_integers},
        "QueryCreditAllocationHistory": {"ClientUin": _is_integer},
        "QueryPartnerCredit": {},
        "DescribeCustomerBillSummary": {"CustomerUin": _is_integer, "Month": _is_text},
    }
)
"""Required fields by action: these are the actions there are."""

_OPTIONAL: Mapping[str, Mapping[str, Check]] = MappingProxyType(
    {
        "AllocateCustomerCredit": {"Remark": _is_text},
        "QueryCustomersCredit": {
            "FilterType": _is_text,
            "Filter": _is_text,
            "Page": _is_integer,
            "PageSize": _is_integer,
            "Order": _is_text,
        },
        "QueryCreditAllocationHistory": {"Page": _is_integer, "PageSize": _is_integer},
        "DescribeCustomerBillSummary": {"PayMode": _is_text, "ActionType": _is_text, "IsConfirmed": _is_text},
    }
)


def fields_of(action: str, body: bytes) -> Mapping[str, object]:
    """Read a request's body; raises RefusalError as the gateway does."""
    try:
        fields = json.loads(body, parse_float=Decimal, parse_constant=_no_constant)
    except ValueError as error:
        raise RefusalError("InvalidParameter", "The request body is not valid JSON.") from error
    if not isinstance(fields, dict):
        raise RefusalError("InvalidParameter", "The request body is not a JSON object.")
    required, optional = REQUIRED[action], _OPTIONAL.get(action, {})
    for name in required:
        if name not in fields:
            raise RefusalError("MissingParameter", f"The request is missing the parameter `{name}`.")
    for name, value in fields.items():
        check = required.get(name) or optional.get(name)
        if check is None:
            raise RefusalError("UnknownParameter", f"The parameter `{name}` is not recognized.")
        if not check(value):
            raise RefusalError("InvalidParameter", f"The parameter `{name}` has the wrong type.")
    return cast("Mapping[str, object]", fields)


def _no_constant(name: str) -> NoReturn:
    message = f"{name} is not JSON"
    raise ValueError(message)
