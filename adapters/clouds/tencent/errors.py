"""Tencent's errors in one table: what each says about whether a change was applied, and what a read makes of it.

Used by requests (reads) and cloud (writes). Judges the facts of an exchange; never the SDK's word, which calls an
error body with an odd content type a success and cannot tell "not sent" from "maybe applied".
Definite refusals are a whitelist: whatever is not in the table may have been applied.
Facts: International documentation 1085/51413 and 1085/51426; error codes per action from the SDKs
(tencentcloud-sdk-go-intl-en client.go, intlpartnersmgt v20220928 errorcodes.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from types import MappingProxyType
from typing import TypeVar

from adapters.clouds.tencent.standings import Allocated, MalformedAnswerError, allocated, opened
from adapters.wire.exchange import Exchange
from adapters.wire.failures import Delivery, delivery
from core.errors import AccountRefusedError, PermanentReadError, ReadFailedError, TemporaryReadError
from core.ports import Confirmed, NotSent, Refused, Reply, Uncertain

Parsed = TypeVar("Parsed")


class Meaning(Enum):
    """What an error says of a write; in brackets what a read makes of it."""

    REFUSED = "refused"  # definitely not applied (asking again will not help)
    ROLE = "role"  # definitely not applied; of the account's own figures: the key's account may not ask at all
    THROTTLED = "throttled"  # definitely not applied, fewer calls are wanted (ask again later)
    AUTHENTICATION = "authentication"  # definitely not applied, and no other call of this key will fare better
    NOT_SENT = "not sent"  # the SDK would not send it
    UNCERTAIN = "uncertain"  # it may have been applied (ask again)
    UNCERTAIN_LASTING = "uncertain, lasting"  # it may have been applied (asking again will not help)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the meaning, and a sentence for people."""

    meaning: Meaning
    sentence: str


_KEY = "the key was refused"
_REQUEST = "the request was refused as it stands"

# A trailing * takes in every detail of the category: "AuthFailure*" is AuthFailure and AuthFailure.Anything.
TABLE: Mapping[str, Row] = MappingProxyType(
    {
        "AuthFailure*": Row(Meaning.AUTHENTICATION, _KEY),
        "AuthFailure.SignatureExpire": Row(
            Meaning.AUTHENTICATION, "the signature was too old: this machine's clock is more than five minutes off"
        ),
        "AuthFailure.SignatureFailure": Row(Meaning.AUTHENTICATION, f"{_KEY}: the SecretKey does not fit the SecretId"),
        "AuthFailure.SecretIdNotFound": Row(Meaning.AUTHENTICATION, f"{_KEY}: there is no such SecretId"),
        "AuthFailure.InvalidSecretId": Row(Meaning.AUTHENTICATION, f"{_KEY}: this is no SecretId"),
        "AuthFailure.UnauthorizedOperation": Row(
            Meaning.AUTHENTICATION, f"{_KEY}: its policy does not allow this call"
        ),
        "UnauthorizedOperation*": Row(Meaning.ROLE, "the key's account may not do this"),
        "UnauthorizedOperation.UinNoAuth": Row(
            Meaning.ROLE, "the key's account may not do this: it is no reseller of this customer"
        ),
        "UnauthorizedOperation.NotCustomerUin": Row(Meaning.REFUSED, "this UIN is not a customer of the account"),
        "RequestLimitExceeded*": Row(Meaning.THROTTLED, "too many calls"),
        "RequestSizeLimitExceeded": Row(Meaning.REFUSED, "the request was too large"),
        "InvalidParameter*": Row(Meaning.REFUSED, _REQUEST),
        "InvalidParameterValue*": Row(Meaning.REFUSED, _REQUEST),
        "InvalidParameterValue.CreditAmountOutOfRange": Row(
            Meaning.REFUSED, "the amount is more than can be given out, or more than can be taken back"
        ),
        "InvalidParameterValue.InvalidMonth": Row(Meaning.REFUSED, "the vendor has no bills of this month"),
        "MissingParameter": Row(Meaning.REFUSED, _REQUEST),
        "UnknownParameter": Row(Meaning.REFUSED, _REQUEST),
        "InvalidAction": Row(Meaning.REFUSED, "the vendor does not know this call"),
        "ActionOffline": Row(Meaning.REFUSED, "the vendor has taken this call away"),
        "NoSuchVersion": Row(Meaning.REFUSED, "the vendor has taken this version of its interface away"),
        "UnsupportedRegion": Row(Meaning.REFUSED, _REQUEST),
        "FailedOperation.BalanceInsufficient": Row(Meaning.REFUSED, "the account has not enough credit left to give"),
        "FailedOperation.UinNotAgent": Row(Meaning.UNCERTAIN_LASTING, "this UIN is not a customer of the account"),
        "FailedOperation*": Row(Meaning.UNCERTAIN, "the vendor says that the operation failed, not why"),
        "OperationDenied*": Row(Meaning.UNCERTAIN, "the vendor denied the operation, not saying why"),
        "OperationDenied.ServiceBusy": Row(Meaning.UNCERTAIN, "the vendor's service was busy"),
        "InternalError*": Row(Meaning.UNCERTAIN, "the vendor had a fault of its own"),
        "ServiceUnavailable": Row(Meaning.UNCERTAIN, "the vendor's service was not available"),
        "ResourceUnavailable": Row(Meaning.UNCERTAIN, "the vendor's service was not available"),
        # Documented for all Tencent services, but not in the whitelist: no page says that nothing was applied.
        "DryRunOperation": Row(Meaning.UNCERTAIN_LASTING, "the vendor took it for a dry run"),
        "InvalidRequest": Row(Meaning.UNCERTAIN_LASTING, _REQUEST),
        "IpInBlacklist": Row(Meaning.UNCERTAIN_LASTING, "this machine's address is blocked at the vendor"),
        "IpNotInWhitelist": Row(Meaning.UNCERTAIN_LASTING, "this machine's address is not allowed at the vendor"),
        "LimitExceeded*": Row(Meaning.UNCERTAIN_LASTING, "a limit of the vendor was exceeded"),
        "NoSuchProduct": Row(Meaning.UNCERTAIN_LASTING, "the vendor does not know this service"),
        "ResourceInUse": Row(Meaning.UNCERTAIN, "the vendor says that something is in use"),
        "ResourceInsufficient": Row(Meaning.UNCERTAIN, "the vendor says that something is used up"),
        "ResourceNotFound": Row(Meaning.UNCERTAIN_LASTING, "the vendor did not find what was asked for"),
        "ResponseSizeLimitExceeded": Row(Meaning.UNCERTAIN_LASTING, "the answer was too large"),
        "UnsupportedOperation": Row(Meaning.UNCERTAIN_LASTING, "the vendor does not support this"),
        "UnsupportedProtocol": Row(Meaning.UNCERTAIN_LASTING, "the vendor does not support this protocol"),
        # The SDK's own codes.
        "InvalidCredential": Row(Meaning.NOT_SENT, "the key is empty or has spaces in it"),
        "ClientParamsError": Row(Meaning.NOT_SENT, "the SDK would not send it"),
        "ClientError": Row(Meaning.NOT_SENT, "the SDK would not send it"),
        # One code for "never connected" and "the answer was lost": the exchange decides first, then this.
        "ClientNetworkError": Row(Meaning.UNCERTAIN, "the connection broke before the answer had come"),
        "ServerNetworkError": Row(Meaning.UNCERTAIN, "the vendor answered with an HTTP error"),
    }
)

UNKNOWN = Row(Meaning.UNCERTAIN, "the vendor answered with an error that is not documented")

_HALF_ANSWERED = Row(Meaning.UNCERTAIN, "the connection broke before the answer had come")
_TIMED_OUT = Row(Meaning.UNCERTAIN, "no answer came in time")


def row_of(code: str) -> Row:
    """Find the row of a code: the exact one first, then its category's."""
    category = code.partition(".")[0]
    return TABLE.get(code) or TABLE.get(f"{category}*") or UNKNOWN


def reply_of(exchange: Exchange) -> Reply:
    """Judge a write by what was seen on the wire; never raises."""
    match delivery(exchange):
        case Delivery.NOT_SENT:
            return NotSent(sentence=f"the vendor could not be reached ({_kind(exchange.error)}); nothing was sent")
        case Delivery.UNKNOWN:
            return _unanswered(exchange)
        case Delivery.ANSWERED:
            return _answered(exchange)


def judge(
    operation: str, parse: Callable[[Mapping[str, object]], Parsed], *, whole_account: bool = False
) -> Callable[[Exchange], Parsed]:
    """Build the judgement of one read: give the parsed answer or raise a ReadFailedError.

    `whole_account`: the question is about the account itself, so a refusal of the role is one of the account.
    """

    def judged(exchange: Exchange) -> Parsed:
        if exchange.body is None or exchange.status is None:
            row = _failure(exchange)
            raise TemporaryReadError(operation, _kind(exchange.error), row.sentence)
        try:
            response = opened(exchange.body)
            code = error_code(response)
            if code:
                raise read_error(operation, code, whole_account=whole_account)
            _raise_if_status(operation, exchange.status)
            _request_id(response)
            return parse(response)
        except MalformedAnswerError as error:
            _raise_if_status(operation, exchange.status)
            raise TemporaryReadError(operation, "UnexpectedAnswer", str(error)) from error

    return judged


def read_error(operation: str, code: str, *, whole_account: bool = False) -> ReadFailedError:
    """Make the error of a read that the vendor answered with this code."""
    row = row_of(code)
    match row.meaning:
        case Meaning.AUTHENTICATION:
            return AccountRefusedError(operation, code, row.sentence)
        case Meaning.ROLE if whole_account:
            return AccountRefusedError(operation, code, _ROLE_SENTENCE)
        case Meaning.THROTTLED:
            return TemporaryReadError(operation, code, row.sentence, throttled=True)
        case Meaning.UNCERTAIN:
            return TemporaryReadError(operation, code, row.sentence)
        case Meaning.REFUSED | Meaning.ROLE | Meaning.NOT_SENT | Meaning.UNCERTAIN_LASTING:
            return PermanentReadError(operation, code, row.sentence)


_ROLE_SENTENCE = (
    "the key works, but its account is no reseller that may ask this: a key of a customer or of a second-tier "
    "reseller (then its distributor must run Tidegate), or one whose policy does not allow the call"
)


def error_code(response: Mapping[str, object]) -> str:
    """Give the code of an answer's Error, "" when it has none; raises MalformedAnswerError for half a one."""
    if "Error" not in response:
        return ""
    error = response["Error"]
    code = error.get("Code") if isinstance(error, Mapping) else None
    if not isinstance(code, str) or not code:
        message = "the answer has an Error without a Code"
        raise MalformedAnswerError(message)
    return code


def _answered(exchange: Exchange) -> Reply:
    if exchange.status != HTTPStatus.OK:
        row = TABLE["ServerNetworkError"]
        return Uncertain(code=f"HTTP {exchange.status}", sentence=f"{row.sentence} (status {exchange.status})")
    try:
        response = opened(exchange.body or b"")
        code, request_id = error_code(response), _request_id(response)
        if code:
            # Beside a result an error proves nothing.
            return _refusal(code, request_id) if "TotalCredit" not in response else _uncertain(code, request_id)
        result: Allocated = allocated(response)
    except MalformedAnswerError as error:
        return Uncertain(code="UnexpectedAnswer", sentence=f"the vendor's answer cannot be believed: {error}")
    return Confirmed(granted=result.total, request_id=request_id)


def _refusal(code: str, request_id: str) -> Reply:
    row = row_of(code)
    match row.meaning:
        case Meaning.REFUSED | Meaning.ROLE | Meaning.THROTTLED | Meaning.AUTHENTICATION:
            return Refused(
                code=code,
                sentence=row.sentence,
                request_id=request_id,
                throttled=row.meaning is Meaning.THROTTLED,
                account_wide=row.meaning is Meaning.AUTHENTICATION,
            )
        case Meaning.NOT_SENT | Meaning.UNCERTAIN | Meaning.UNCERTAIN_LASTING:
            return _uncertain(code, request_id)


def _uncertain(code: str, request_id: str) -> Uncertain:
    return Uncertain(code=code, sentence=row_of(code).sentence, request_id=request_id)


def _unanswered(exchange: Exchange) -> Reply:
    row = _failure(exchange)
    if row.meaning is Meaning.NOT_SENT and not exchange.started:
        return NotSent(sentence=row.sentence)
    return Uncertain(code=_kind(exchange.error), sentence=row.sentence)


def _failure(exchange: Exchange) -> Row:
    """Find the row of a call that got no whole answer."""
    if exchange.timed_out:
        return _TIMED_OUT
    # The SDK's own refusals carry a code; everything else that was raised is a broken connection.
    code = getattr(exchange.error, "code", None)
    return TABLE.get(code, _HALF_ANSWERED) if isinstance(code, str) else _HALF_ANSWERED


def _kind(error: BaseException | None) -> str:
    """Name a failure by its class: texts of exceptions may hold whatever the vendor sent."""
    if error is None:
        return "TimedOut"
    # The SDK wraps; what it wrapped says more.
    return type(error.__context__ or error).__name__


def _raise_if_status(operation: str, status: int) -> None:
    if status == HTTPStatus.OK:
        return
    raise TemporaryReadError(
        operation,
        f"HTTP {status}",
        f"the vendor answered with HTTP status {status}",
        throttled=status == HTTPStatus.TOO_MANY_REQUESTS,
    )


def _request_id(response: Mapping[str, object]) -> str:
    request_id = response.get("RequestId")
    if isinstance(request_id, str) and request_id:
        return request_id
    message = "the answer has no RequestId"
    raise MalformedAnswerError(message)
