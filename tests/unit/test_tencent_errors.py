import inspect
import json

import pytest
import requests.exceptions
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from adapters.clouds.tencent.errors import TABLE, UNKNOWN, Meaning, judge, reply_of, row_of
from adapters.wire.exchange import Exchange
from core.errors import AccountRefusedError, PermanentReadError, ReadFailedError, TemporaryReadError
from core.ports import Confirmed, NotSent, Refused, Uncertain

# 1085/51426 and the codes that the SDKs list for the actions used here.
DEFINITE = [
    "AuthFailure", "AuthFailure.InvalidAuthorization", "AuthFailure.InvalidSecretId", "AuthFailure.MFAFailure",
    "AuthFailure.SecretIdNotFound", "AuthFailure.SignatureExpire", "AuthFailure.SignatureFailure",
    "AuthFailure.TokenFailure", "AuthFailure.UnauthorizedOperation", "UnauthorizedOperation",
    "UnauthorizedOperation.UinNoAuth", "UnauthorizedOperation.NotCustomerUin", "InvalidParameter",
    "InvalidParameter.Page", "InvalidParameterValue", "InvalidParameterValue.CreditAmountOutOfRange",
    "InvalidParameterValue.InvalidUin", "InvalidParameterValue.UinList", "InvalidParameterValue.InvalidMonth",
    "MissingParameter", "UnknownParameter", "InvalidAction", "UnsupportedRegion", "ActionOffline", "NoSuchVersion",
    "RequestLimitExceeded", "RequestLimitExceeded.UinLimitExceeded", "RequestLimitExceeded.IPLimitExceeded",
    "RequestLimitExceeded.GlobalRegionUinLimitExceeded", "RequestSizeLimitExceeded",
    "FailedOperation.BalanceInsufficient",
]  # fmt: skip
INDEFINITE = [
    "FailedOperation", "FailedOperation.UinNotAgent", "FailedOperation.InvalidSubAgentUin", "OperationDenied",
    "OperationDenied.ServiceBusy", "InternalError", "InternalError.Database", "ServiceUnavailable",
    "ResourceUnavailable", "DryRunOperation", "InvalidRequest", "IpInBlacklist", "IpNotInWhitelist",
    "LimitExceeded", "NoSuchProduct", "ResourceInUse", "ResourceInsufficient", "ResourceNotFound",
    "ResponseSizeLimitExceeded", "UnsupportedOperation", "UnsupportedProtocol",
]  # fmt: skip
SDK_CODES = ["ClientNetworkError", "ServerNetworkError", "ClientParamsError", "ClientError", "InvalidCredential"]
GOOD = {"TotalCredit": 100, "RemainingCredit": 40.5, "RequestId": "r-1"}


def answered(payload: object, status: int = 200, content_type: str = "application/json") -> Exchange:
    """A whole answer."""
    body = payload if isinstance(payload, bytes) else json.dumps({"Response": payload}).encode()
    return Exchange(
        operation="x", guarded=True, started=True, status=status, headers={"content-type": content_type}, body=body
    )


def error(code: str) -> dict[str, object]:
    """The vendor's error."""
    return {"Error": {"Code": code, "Message": "no"}, "RequestId": "r-1"}


@pytest.mark.parametrize("code", DEFINITE + INDEFINITE + SDK_CODES)
def test_every_documented_code_is_in_the_table(code: str) -> None:
    """No documented code and no code of the SDK falls through to the row for unknown ones."""
    assert row_of(code) is not UNKNOWN


@pytest.mark.parametrize("code", DEFINITE)
def test_a_definite_refusal_is_one(code: str) -> None:
    """A code of the whitelist means that nothing was applied, and says whether the key itself is refused."""
    reply = reply_of(answered(error(code)))
    assert isinstance(reply, Refused)
    assert reply.sentence
    assert reply.account_wide == code.startswith("AuthFailure")
    assert reply.throttled == code.startswith("RequestLimitExceeded")


@pytest.mark.parametrize("code", [*INDEFINITE, *SDK_CODES, "Whatever", "Whatever.New", "MissingParameter.New", ""])
def test_everything_else_is_uncertain(code: str) -> None:
    """A code outside the whitelist may follow a change that was applied."""
    assert isinstance(reply_of(answered(error(code))), Uncertain)


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "text/html", "text/plain", ""])
def test_the_content_type_decides_nothing(content_type: str) -> None:
    """An error under any content type is an error and a success a success; the SDK takes the former for the latter."""
    refused = reply_of(answered(error("InvalidParameterValue"), content_type=content_type))
    assert isinstance(refused, Refused)
    assert isinstance(reply_of(answered(GOOD, content_type=content_type)), Confirmed)


@pytest.mark.parametrize("status", [201, 204, 302, 307, 400, 401, 403, 429, 500, 502, 503])
@pytest.mark.parametrize("payload", [GOOD, error("InvalidParameterValue"), b"<html></html>", b""])
def test_no_other_status_says_anything_of_a_write(status: int, payload: object) -> None:
    """Whatever stands in the body, a status other than 200 leaves a write uncertain."""
    assert isinstance(reply_of(answered(payload, status)), Uncertain)


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"RequestId": "r"},
        {"TotalCredit": 1, "RemainingCredit": 1},
        {**GOOD, "TotalCredit": None},
        {**GOOD, "TotalCredit": "100"},
        {**GOOD, "RequestId": ""},
        {**GOOD, "RequestId": 5},
        {**GOOD, "Error": None},
        {**GOOD, "Error": {}},
        {**GOOD, **error("InvalidParameterValue")},
        {"Error": {"Code": "InvalidParameterValue"}},
        b"<html></html>",
        b"",
        b'{"Response": null}',
        b'{"Response": {"TotalCredit": NaN, "RemainingCredit": 1, "RequestId": "r"}}',
    ],
)
def test_a_success_is_complete_or_uncertain(payload: object) -> None:
    """Anything but the documented shape of success or refusal is neither."""
    assert isinstance(reply_of(answered(payload)), Uncertain)


def test_a_success_says_what_stands() -> None:
    """A good reply gives the new total exactly and the request's id."""
    reply = reply_of(answered(b'{"Response": {"TotalCredit": 100.10, "RemainingCredit": -1, "RequestId": "r-9"}}'))
    assert isinstance(reply, Confirmed)
    assert (str(reply.granted), reply.request_id) == ("100.10", "r-9")


def every_requests_exception() -> list[type[Exception]]:
    """The classes of requests.exceptions."""
    return [
        kind
        for _, kind in inspect.getmembers(requests.exceptions, inspect.isclass)
        if issubclass(kind, requests.exceptions.RequestException) and kind is not requests.exceptions.JSONDecodeError
    ]


@pytest.mark.parametrize("kind", every_requests_exception())
@pytest.mark.parametrize("wrapped", [False, True], ids=["raw", "in the SDK's"])
@pytest.mark.parametrize("started", [False, True])
def test_every_exception_of_requests_is_judged(kind: type[Exception], *, wrapped: bool, started: bool) -> None:
    """Whatever requests raises, raw or wrapped, ends a write as not sent or uncertain, and a read as temporary."""
    raised: BaseException = kind("x")
    if wrapped:
        outer = TencentCloudSDKException("ClientNetworkError", "x")
        outer.__context__ = raised
        raised = outer
    exchange = Exchange(operation="x", guarded=True, started=started, error=raised)
    reply = reply_of(exchange)
    assert isinstance(reply, Uncertain if started else NotSent)
    assert reply.sentence
    with pytest.raises(TemporaryReadError):
        judge("x", dict)(exchange)


@pytest.mark.parametrize("code", SDK_CODES)
def test_every_error_of_the_sdk_is_judged(code: str) -> None:
    """The SDK's own refusal to send is not sent only as long as nothing was started."""
    before = Exchange(operation="x", error=TencentCloudSDKException(code, "x"))
    after = Exchange(operation="x", guarded=True, started=True, error=TencentCloudSDKException(code, "x"))
    expected = NotSent if TABLE[code].meaning is Meaning.NOT_SENT else Uncertain
    assert isinstance(reply_of(before), expected)
    assert isinstance(reply_of(after), Uncertain)


def test_no_answer_in_time_is_uncertain() -> None:
    """A call given up at its deadline may still be applied."""
    exchange = Exchange(operation="x", guarded=True, started=True, timed_out=True)
    assert isinstance(reply_of(exchange), Uncertain)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("AuthFailure.SignatureFailure", AccountRefusedError),
        ("RequestLimitExceeded", TemporaryReadError),
        ("OperationDenied.ServiceBusy", TemporaryReadError),
        ("InternalError", TemporaryReadError),
        ("FailedOperation", TemporaryReadError),
        ("Whatever.New", TemporaryReadError),
        ("FailedOperation.UinNotAgent", PermanentReadError),
        ("InvalidParameterValue", PermanentReadError),
        ("IpNotInWhitelist", PermanentReadError),
        ("UnauthorizedOperation.UinNoAuth", PermanentReadError),
    ],
)
def test_a_read_is_asked_again_only_where_that_helps(code: str, expected: type[ReadFailedError]) -> None:
    """Reads tell what passes from what stays and from what the account may not do."""
    with pytest.raises(ReadFailedError) as raised:
        judge("x", dict)(answered(error(code)))
    assert type(raised.value) is expected


def test_a_refused_role_is_the_accounts_where_the_account_is_asked() -> None:
    """The same code on a question about the account itself says what kind of key this is."""
    with pytest.raises(AccountRefusedError, match="its distributor must run Tidegate"):
        judge("x", dict, whole_account=True)(answered(error("UnauthorizedOperation.UinNoAuth")))


@pytest.mark.parametrize("payload", [b"<html></html>", b"", {}, {"Total": 0}])
@pytest.mark.parametrize("status", [200, 307, 429, 503])
def test_a_read_of_nonsense_is_temporary(payload: object, status: int) -> None:
    """What cannot be read is asked for again, slower after a 429."""
    with pytest.raises(TemporaryReadError) as raised:
        judge("x", dict)(answered(payload, status))
    assert raised.value.throttled == (status == 429)
