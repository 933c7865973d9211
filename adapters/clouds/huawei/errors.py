"""What Huawei Cloud's answers mean: one table of its codes, and the two judgements made from it.

Used for every call of the adapter. Judges the facts of an exchange (status, headers, body), never what the SDK made
of them: it drops error codes from answers with a 2xx status and takes a page of HTML for a success.

Sources: the API reference's pages of the operations and its pages of error codes (`api-bpconsole`), the gateway's
(`devg-apisign/api-sign-errorcode`), and `core/exceptions/exception_handler.py` of the SDK for the shapes of an error.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from http import HTTPStatus
from types import MappingProxyType
from typing import NoReturn, assert_never

from adapters.wire.exchange import Exchange
from adapters.wire.failures import Delivery, WireError, delivery
from core.errors import AccountRefusedError, PermanentReadError, TemporaryReadError
from core.ports import Confirmed, NotSent, Refused, Reply, Uncertain

_LONGEST_MESSAGE = 200
_SHAPE = "unexpected_answer"


class Class(Enum):
    """What an error means for the call that met it."""

    REFUSED = "refused"  # definitely not applied; asking again will not help
    THROTTLED = "throttled"  # definitely not applied; fewer calls, later
    ACCOUNT = "account"  # definitely not applied; no other call of this account will fare better
    UNSURE = "unsure"  # a read may be asked again; a write may have been applied


@dataclass(frozen=True, slots=True)
class Meaning:
    """One row of the table: the class, and the sentence a person reads."""

    kind: Class
    sentence: str


_GATEWAY_PATH = Meaning(Class.REFUSED, "the endpoint does not know this call: check region or endpoint")
# A second-tier reseller's key is refused with one of these; which one is not documented.
_NO_RIGHT = (
    "the access key is wrong or may not use the partner interface; "
    "if it is a second-tier reseller's, its distributor must run Tidegate"
)
_NO_PARTNER = (
    "the account is not a partner that may use this interface; "
    "if it is a second-tier reseller, its distributor must run Tidegate"
)
_KEY_REFUSED = Meaning(Class.ACCOUNT, "the access key was refused: check both keys, and this machine's clock")
_FAILED = Meaning(Class.REFUSED, "the vendor did not do it for this customer")
_TOO_FAST = Meaning(Class.THROTTLED, "the vendor asks for fewer calls")

CODES: Mapping[str, Meaning] = MappingProxyType(
    {
        "CBC.0100": Meaning(Class.REFUSED, "the vendor did not accept one of the values"),
        "CBC.0101": Meaning(Class.REFUSED, "the vendor did not accept one of the values"),
        "CBC.0150": Meaning(Class.ACCOUNT, "the vendor does not allow this on the account's site: check the region"),
        "CBC.0151": Meaning(Class.ACCOUNT, "the access key may not make this call: give it the permission"),
        "CBC.0154": Meaning(Class.ACCOUNT, "the account's sign-in was refused as invalid or expired"),
        "CBC.0155": Meaning(Class.ACCOUNT, _NO_RIGHT),
        "CBC.0156": Meaning(Class.REFUSED, "the customer does not belong to this site: check the region"),
        "CBC.0250": _TOO_FAST,
        "CBC.0999": Meaning(Class.UNSURE, "the vendor met an error of its own"),
        "CBC.5001": Meaning(Class.ACCOUNT, _NO_PARTNER),
        "CBC.18000016": Meaning(Class.REFUSED, "the vendor says that the permissions do not suffice"),
        "CBC.99000000": Meaning(Class.REFUSED, "the account has no permission on this customer"),
        "CBC.99000035": Meaning(Class.REFUSED, "this is not a customer of the account"),
        "CBC.99000037": Meaning(Class.REFUSED, "the account may not act for this second-tier reseller"),
        "CBC.99000087": Meaning(Class.UNSURE, "the vendor says that something went wrong, and to try again later"),
        "CBC.99005024": Meaning(Class.REFUSED, "the customer is not in the resale model: it has no budget"),
        "CBC.99007197": _TOO_FAST,
        "APIGW.0101": _GATEWAY_PATH,
        "APIGW.0103": _GATEWAY_PATH,
        "APIGW.0104": _GATEWAY_PATH,
        "APIGW.0105": _GATEWAY_PATH,
        "APIGW.0106": _GATEWAY_PATH,
        # The gateway uses it for its own back-end faults as well; those come with 5xx, which is judged first.
        "APIGW.0201": Meaning(Class.REFUSED, "the gateway did not accept the request"),
        "APIGW.0301": _KEY_REFUSED,
        "APIGW.0308": _TOO_FAST,
    }
)
"""Every documented code, by its normalised spelling (the gateway's occur as APIG. and as APIGW.)."""

# Codes that blame one customer among those asked for together; the others are worth asking without it.
BLAMES_A_CUSTOMER = frozenset({"CBC.0100", "CBC.0101", "CBC.0156", "CBC.99000000", "CBC.99000035", "CBC.99005024"})

_SIGNED_OUT = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_GATEWAY_REFUSALS = frozenset({400, 401, 403, 404, 405, 413})
# The pairs of names under which an error stands (SDK: exception_handler.py); the last one is common enough to
# occur in a good answer too, so it counts only where the status says error.
_NAMES = (("error_code", "error_msg"), ("errorCode", "errorMsg"))
_LOOSE_NAMES = ("code", "message")
# Where freezing and unfreezing list whom they failed for (mc_00027, mc_00028; SDK: customer_error_detail.py).
_DETAILS = "error_details"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An error as the vendor told it.

    `code` is normalised, or the status where there is none; `vendors`: the body had the shape of the vendor's errors.
    """

    status: int
    code: str
    message: str
    vendors: bool


def answer(exchange: Exchange) -> Mapping[str, object]:
    """Give the JSON object that a read was answered with; numbers are Decimal or int.

    Raises TemporaryReadError, PermanentReadError or AccountRefusedError.
    """
    operation = exchange.operation
    if exchange.status is not None and 300 <= exchange.status < 400:  # noqa: PLR2004 - the redirects
        sentence = "the endpoint points elsewhere, which is not followed: check region or endpoint"
        raise PermanentReadError(operation, str(exchange.status), sentence)
    if exchange.status is None or exchange.body is None or exchange.timed_out:
        raise TemporaryReadError(operation, _silence(exchange), _unanswered(exchange))
    fault = _fault(exchange.status, exchange.body)
    if fault is not None:
        _raise(operation, fault, retry_after=_retry_after(exchange))
    document = _document(exchange.body) if _is_json(exchange) else None
    if exchange.status != HTTPStatus.OK or document is None:
        raise TemporaryReadError(operation, _SHAPE, _strange(exchange))
    return document


def reply(exchange: Exchange, *, customer_id: str | None = None) -> Reply:
    """Say what became of a write. Anything that is not known to be a success or a refusal is uncertain.

    `customer_id`: the one customer of a call that can take several, whose answer lists whom it failed for.
    """
    request_id = _request_id(exchange)
    state = delivery(exchange)
    if state is Delivery.NOT_SENT:
        return NotSent(sentence=_unsent(exchange))
    if state is Delivery.UNKNOWN or exchange.timed_out or exchange.status is None or exchange.body is None:
        return Uncertain(code=_silence(exchange), sentence=_unanswered(exchange), request_id=request_id)
    fault = _fault(exchange.status, exchange.body)
    if fault is not None:
        return _refusal(fault, request_id, meaning_of(fault))
    if customer_id is not None and (listed := _listed_failures(exchange)) is not None:
        return _reply_for(customer_id, listed, exchange)
    if _is_success(exchange):
        return Confirmed(request_id=request_id)
    return Uncertain(code=_SHAPE, sentence=_strange(exchange), request_id=request_id)


def meaning_of(fault: Fault) -> Meaning:
    """Classify an error: the status where it decides, then the code, then what is safe."""
    status, code = fault.status, fault.code
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Meaning(Class.UNSURE, "the vendor met an error of its own")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _TOO_FAST
    if code in CODES:
        return CODES[code]
    if status in _SIGNED_OUT and fault.vendors:
        return Meaning(Class.ACCOUNT, "the vendor refused the account's access key")
    if status == HTTPStatus.BAD_REQUEST and code.startswith("CBC."):
        return Meaning(Class.REFUSED, "the vendor refused it")
    if status in _GATEWAY_REFUSALS and code.startswith("APIGW."):
        return Meaning(Class.REFUSED, "the vendor's gateway refused it")
    return Meaning(Class.UNSURE, "the vendor's answer is not one it documents")


def _refusal(fault: Fault, request_id: str, meaning: Meaning) -> Reply:
    sentence = _told(meaning, fault)
    match meaning.kind:
        case Class.REFUSED | Class.THROTTLED | Class.ACCOUNT:
            return Refused(
                code=fault.code,
                sentence=sentence,
                request_id=request_id,
                throttled=meaning.kind is Class.THROTTLED,
                account_wide=meaning.kind is Class.ACCOUNT,
            )
        case Class.UNSURE:
            return Uncertain(code=fault.code, sentence=sentence, request_id=request_id)
        case _:
            assert_never(meaning.kind)


def _listed_failures(exchange: Exchange) -> object:
    """Give what an answer with status 200 has under `error_details`, null being an empty list; None for any other."""
    if exchange.status != HTTPStatus.OK or not _is_json(exchange):
        return None
    document = _document(exchange.body or b"") or {}
    if set(document) != {_DETAILS}:
        return None
    return [] if document[_DETAILS] is None else document[_DETAILS]


def _reply_for(customer_id: str, listed: object, exchange: Exchange) -> Reply:
    """Judge a list of failures: documented for status 200, of those alone for whom nothing was done."""
    request_id = _request_id(exchange)
    if listed == []:
        return Confirmed(request_id=request_id)
    fault = _fault_of(customer_id, listed)
    if fault is None:
        return Uncertain(code=_SHAPE, sentence=_strange(exchange), request_id=request_id)
    refused = _refusal(fault, request_id, CODES.get(fault.code, _FAILED))
    # Told of one customer, it says nothing of the account, whatever the code would mean for a whole call.
    return replace(refused, account_wide=False) if isinstance(refused, Refused) else refused


def _fault_of(customer_id: str, listed: object) -> Fault | None:
    """Read the first of some failures that are all of this one customer; None if any is not, or has no code."""
    faults: list[Fault] = []
    for row in listed if isinstance(listed, list) else ():
        code = row.get("error_code") if isinstance(row, dict) else None
        if not isinstance(code, str) or not code or row.get("id") != customer_id:
            return None
        message = _clean(row.get("error_msg"))
        faults.append(Fault(status=HTTPStatus.OK, code=_normalised(code), message=message, vendors=True))
    return faults[0] if faults else None


def _raise(operation: str, fault: Fault, *, retry_after: timedelta | None) -> NoReturn:
    meaning = meaning_of(fault)
    sentence = _told(meaning, fault)
    match meaning.kind:
        case Class.ACCOUNT:
            raise AccountRefusedError(operation, fault.code, sentence)
        case Class.REFUSED:
            raise PermanentReadError(operation, fault.code, sentence)
        case Class.THROTTLED:
            raise TemporaryReadError(operation, fault.code, sentence, throttled=True, retry_after=retry_after)
        case Class.UNSURE:
            if fault.status in _SIGNED_OUT:
                raise AccountRefusedError(operation, fault.code, "the vendor refused the account's access key")
            raise TemporaryReadError(operation, fault.code, sentence)
        case _:
            assert_never(meaning.kind)


def _is_success(exchange: Exchange) -> bool:
    """Documented: 204 without content. Taken too: 200 that says itself that it is empty, or `{}`.

    A connection cut inside the headers looks like an empty answer, so an empty 200 must state its length.
    """
    body = (exchange.body or b"").strip()
    if exchange.status == HTTPStatus.NO_CONTENT:
        return not body and bool(exchange.headers)
    if exchange.status != HTTPStatus.OK:
        return False
    if not body:
        return exchange.headers.get("content-length", "").strip() == "0"
    return _is_json(exchange) and _document(body) == {}


def _fault(status: int, body: bytes) -> Fault | None:
    """Find the error in an answer; one with 4xx or 5xx has one, whatever its body."""
    failed = status >= HTTPStatus.BAD_REQUEST
    document = _document(body)
    code, message = _stated(document, loose=failed) if document is not None else ("", "")
    if code:
        return Fault(status=status, code=_normalised(code), message=message, vendors=True)
    if failed:
        return Fault(status=status, code=str(status), message="", vendors=False)
    return None


def _stated(document: Mapping[str, object], *, loose: bool, depth: int = 0) -> tuple[str, str]:
    for code, message in (*_NAMES, _LOOSE_NAMES) if loose else _NAMES:
        if document.get(code) not in (None, ""):
            return str(document[code]), _clean(document.get(message))
    if loose and depth == 0:
        for value in document.values():
            if isinstance(value, dict) and (found := _stated(value, loose=True, depth=1))[0]:
                return found
    return "", ""


def _normalised(code: str) -> str:
    return _clean(code.replace("APIG.", "APIGW.", 1) if code.startswith("APIG.") else code)


def _document(body: bytes) -> dict[str, object] | None:
    """Read a JSON object without any float in it; None for anything else.

    NaN, Infinity and endless exponents become Decimal NaN, which no figure may be: the fault of one customer.
    """
    try:
        parsed = json.loads(body, parse_float=_decimal, parse_constant=_no_figure)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond what can be counted
        return _no_figure(text)


def _no_figure(_: str) -> Decimal:
    return Decimal("NaN")


def _is_json(exchange: Exchange) -> bool:
    return "json" in exchange.headers.get("content-type", "").lower()


def _clean(text: object) -> str:
    """Make a vendor's text fit for one line of a log: printable, short."""
    if text is None:
        return ""
    printable = "".join(character if character.isprintable() else " " for character in str(text))
    return " ".join(printable.split())[:_LONGEST_MESSAGE]


def _told(meaning: Meaning, fault: Fault) -> str:
    return f"{meaning.sentence}; the vendor's words: {fault.message}" if fault.message else meaning.sentence


def _unanswered(exchange: Exchange) -> str:
    if exchange.timed_out:
        return "the vendor did not answer in time"
    if exchange.status is not None:
        return f"the vendor's answer broke off{_named(exchange)}"
    return f"no answer came from the vendor{_named(exchange)}"


def _unsent(exchange: Exchange) -> str:
    if isinstance(exchange.error, WireError):
        return str(exchange.error)
    return f"no connection to the vendor could be made{_named(exchange)}"


def _silence(exchange: Exchange) -> str:
    return "timeout" if exchange.timed_out else "no_answer"


def _strange(exchange: Exchange) -> str:
    return f"the answer (status {exchange.status}) is not of the documented form"


def _named(exchange: Exchange) -> str:
    # The class alone: its text may hold a URL with a customer's id.
    return f" ({type(exchange.error).__name__})" if exchange.error is not None else ""


def _request_id(exchange: Exchange) -> str:
    return _clean(exchange.headers.get("x-request-id", ""))


def _retry_after(exchange: Exchange) -> timedelta | None:
    text = exchange.headers.get("retry-after", "").strip()
    return timedelta(seconds=int(text)) if re.fullmatch(r"\d{1,4}", text) else None
