"""Shapes on the simulated vendor's wire: errors, checked fields, numbers.

Used by `operations` and `vendor`. Source: the API reference's error pages and field tables (`api-bpconsole`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from uuid import uuid4

from adapters.sandbox.server import Request, Response, json_response
from core.money import Money

LONGEST_ID = 64
LARGEST_AMOUNT = Decimal(2_147_483_647)
LARGEST_OFFSET = 40_000_000
LARGEST_RECORD_OFFSET = 2_147_483_647
LARGEST_PAGE = 100
DEFAULT_PAGE = 10
_CENT = Decimal("0.01")

Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Fault:
    """An error as the interface documents it: HTTP status, code, message."""

    status: int
    code: str
    message: str

    def response(self) -> Response:
        """Give the answer; the gateway's own errors carry the request's id in the body too."""
        identity = uuid4().hex
        body = {"error_code": self.code, "error_msg": self.message}
        if self.code.startswith("APIGW."):
            body["request_id"] = identity
        return json_response(self.status, body, _headers(identity))


class ApiError(Exception):
    """A request ends in this fault."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault)


def invalid(name: str) -> ApiError:
    """Give the error for a field that is missing or out of its range."""
    return ApiError(Fault(400, "CBC.0100", f"Invalid parameter: {name}."))


def told(payload: object) -> Response:
    """Answer a read."""
    return json_response(200, payload, _headers(uuid4().hex))


def done(status: int, body: bytes) -> Response:
    """Answer a write."""
    return Response(status, body, _headers(uuid4().hex))


def body_of(request: Request) -> Fields:
    """Read a JSON object with exact numbers; an empty body is an empty object."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise invalid("Content-Type")
    try:
        parsed = json.loads(request.body or b"{}", parse_float=Decimal)
    except ValueError as error:
        raise invalid("body") from error
    if not isinstance(parsed, dict):
        raise invalid("body")
    return parsed


def query_of(request: Request) -> Fields:
    """Read the query; whole numbers become int."""
    return {
        name: int(value) if value.isdecimal() and name in {"offset", "limit"} else value
        for name, value in request.query
    }


def an_id(fields: Fields, name: str) -> str:
    """Read a mandatory id of 1 to 64 characters."""
    value = fields.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_ID:
        raise invalid(name)
    return value


def maybe_id(fields: Fields, name: str) -> str | None:
    """Read an optional id; null and an empty text are the same as none."""
    return None if fields.get(name) in (None, "") else an_id(fields, name)


def text(fields: Fields, name: str, allowed: tuple[str, ...]) -> str | None:
    """Read an optional text out of a closed set; null is none, an empty text is not allowed."""
    value = fields.get(name)
    if value is None:
        return None
    if value not in allowed:
        raise invalid(name)
    return str(value)


def page_of(fields: Fields, largest_offset: int) -> tuple[int, int]:
    """Read offset and limit, with their documented defaults and ranges."""
    return _number(fields, "offset", 0, 0, largest_offset), _number(fields, "limit", DEFAULT_PAGE, 1, LARGEST_PAGE)


def amount(fields: Fields, name: str) -> Money:
    """Read an amount: a number above 0, at most 2147483647, with at most two decimals."""
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise invalid(name)
    try:
        exact = Decimal(value)
        cents = exact.quantize(_CENT)
    except InvalidOperation as error:
        raise invalid(name) from error
    if not 0 < exact <= LARGEST_AMOUNT or exact != cents:
        raise invalid(name)
    return Money(int(cents.scaleb(2)))


def number(money: Money) -> float:
    """Write an amount as a JSON number; below 2^53 cents the shortest text of this float is the exact amount."""
    return money.cents / 100


def stamp(moment: datetime) -> str:
    """Write a time in the interface's form."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _number(fields: Fields, name: str, default: int, low: int, high: int) -> int:
    value = fields.get(name)
    if value is None:
        return default
    if type(value) is not int or not low <= value <= high:
        raise invalid(name)
    return value


def _headers(identity: str) -> dict[str, str]:
    return {"X-Request-Id": identity, "Server": "api-gateway"}
