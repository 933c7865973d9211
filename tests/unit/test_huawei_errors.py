"""The one table of Huawei Cloud's errors: complete, and never more certain than it may be."""

import inspect
import json
from datetime import UTC, datetime

import pytest
import requests.exceptions
from huaweicloudsdkcore.exceptions import exceptions as sdk_exceptions

from adapters.clouds.huawei.errors import CODES, answer, reply
from adapters.wire.exchange import Exchange
from core.errors import AccountRefusedError, PermanentReadError, ReadFailedError, TemporaryReadError
from core.ports import Confirmed, NotSent, Refused, Reply, Uncertain

JSON = {"content-type": "application/json", "date": "Sun, 15 Mar 2026 12:00:00 GMT", "x-request-id": "rid"}
HTML = {**JSON, "content-type": "text/html"}


def answered(status: int, body: object = None, headers: dict[str, str] | None = None) -> Exchange:
    """An exchange that was answered; a body that is no bytes is written as JSON."""
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return Exchange(
        operation="UpdateSubCustomerBudget",
        send_before=datetime.now(UTC),
        guarded=True,
        started=True,
        status=status,
        headers=JSON if headers is None else headers,
        body=content,
    )


def failed(error: BaseException, *, started: bool) -> Exchange:
    """An exchange that was not answered."""
    return Exchange(operation="UpdateSubCustomerBudget", guarded=True, started=started, error=error)


def read_error(exchange: Exchange) -> ReadFailedError:
    """What a read makes of it."""
    with pytest.raises(ReadFailedError) as raised:
        answer(exchange)
    return raised.value


# Every row of the documentation: status, code, what a write makes of it, what a read does.
REFUSED, THROTTLED, ACCOUNT, UNSURE = "refused", "throttled", "account", "unsure"
DOCUMENTED = [
    (400, "CBC.0100", REFUSED),
    (400, "CBC.0101", REFUSED),
    (400, "CBC.99005024", REFUSED),
    (200, "CBC.99005024", REFUSED),
    (400, "CBC.99000037", REFUSED),
    (400, "CBC.99000035", REFUSED),
    (400, "CBC.99000000", REFUSED),
    (200, "CBC.99000000", REFUSED),
    (200, "CBC.5001", ACCOUNT),
    (400, "CBC.18000016", REFUSED),
    (401, "CBC.0154", ACCOUNT),
    (403, "CBC.0154", ACCOUNT),
    (403, "CBC.0150", ACCOUNT),
    (403, "CBC.0151", ACCOUNT),
    (403, "CBC.0155", ACCOUNT),
    (403, "CBC.0156", REFUSED),
    (429, "CBC.0250", THROTTLED),
    (400, "CBC.99007197", THROTTLED),
    (400, "CBC.99000087", UNSURE),
    (500, "CBC.0999", UNSURE),
    (429, "APIGW.0308", THROTTLED),
    (429, "APIG.0308", THROTTLED),
    (401, "APIGW.0301", ACCOUNT),
    (401, "APIG.0301", ACCOUNT),
    (404, "APIGW.0101", REFUSED),
    (400, "APIGW.0201", REFUSED),
    (413, "APIGW.0201", REFUSED),
    (500, "APIGW.0201", UNSURE),
    (404, "APIGW.0103", REFUSED),
    (404, "APIGW.0104", REFUSED),
    (400, "APIGW.0105", REFUSED),
    (400, "APIGW.0106", REFUSED),
]


def class_of_reply(given: Reply) -> str:
    """Name the class that a write's reply amounts to."""
    match given:
        case Refused(throttled=True):
            return THROTTLED
        case Refused(account_wide=True):
            return ACCOUNT
        case Refused():
            return REFUSED
        case Uncertain():
            return UNSURE
        case _:
            return "none"


def class_of_error(error: ReadFailedError) -> str:
    """Name the class that a read's failure amounts to."""
    match error:
        case TemporaryReadError(throttled=True):
            return THROTTLED
        case TemporaryReadError():
            return UNSURE
        case AccountRefusedError():
            return ACCOUNT
        case _:
            return REFUSED


@pytest.mark.parametrize(("status", "code", "expected"), DOCUMENTED)
def test_every_documented_error_has_its_class(status: int, code: str, expected: str) -> None:
    """A write and a read see the documented class, with the code, the vendor's words and the request's id."""
    exchange = answered(status, {"error_code": code, "error_msg": "some words"})
    written, read = reply(exchange), read_error(exchange)
    assert (class_of_reply(written), class_of_error(read)) == (expected, expected)
    assert isinstance(written, Refused | Uncertain)
    assert written.code == read.code == code.replace("APIG.", "APIGW.")
    assert written.request_id == "rid"
    assert "some words" in written.sentence
    assert "some words" in read.sentence


def test_the_table_holds_the_documented_codes_and_no_others() -> None:
    """Table and documentation name the same codes."""
    assert set(CODES) == {code.replace("APIG.", "APIGW.") for _, code, _ in DOCUMENTED}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, {"error_code": "CBC.99008765", "error_msg": ""}, REFUSED),
        (400, {"error_code": "XYZ.1", "error_msg": ""}, UNSURE),
        (200, {"error_code": "CBC.99008765", "error_msg": ""}, UNSURE),
        (409, {"error_code": "CBC.99008765", "error_msg": ""}, UNSURE),
        (502, {"error_code": "CBC.0100", "error_msg": ""}, UNSURE),
        (502, b"<html>Bad Gateway</html>", UNSURE),
        (503, None, UNSURE),
        (429, b"<html>slow down</html>", THROTTLED),
        (403, {"error_code": "ANY.1", "error_msg": "domain_id has no access to this api"}, ACCOUNT),
        (404, {"error_code": "APIGW.9999", "error_msg": ""}, REFUSED),
        (400, {"errorCode": "CBC.0100", "errorMsg": ""}, REFUSED),
        (400, {"code": "CBC.0100", "message": ""}, REFUSED),
        (400, {"error": {"code": "CBC.0100", "message": ""}}, REFUSED),
        (400, {"error_code": "CBC.0100", "error_message": "one key only"}, REFUSED),
        (400, {"error_code": 1234, "error_msg": "a number"}, UNSURE),
        (400, b"<html>Bad Request</html>", UNSURE),
        (404, b"not json", UNSURE),
    ],
)
def test_undocumented_errors_are_no_more_certain_than_they_may_be(status: int, body: object, expected: str) -> None:
    """Unknown CBC codes with 400 are refusals; any other unknown answer leaves a write uncertain."""
    exchange = answered(status, body)
    assert class_of_reply(reply(exchange)) == expected
    assert class_of_error(read_error(exchange)) == expected


@pytest.mark.parametrize("status", [401, 403])
def test_a_page_in_place_of_a_refusal_stops_reads_and_leaves_writes_uncertain(status: int) -> None:
    """401 and 403 from something that is not the vendor refuse the account's reads, but settle no write."""
    exchange = answered(status, b"<html>Forbidden</html>", HTML)
    assert isinstance(reply(exchange), Uncertain)
    assert isinstance(read_error(exchange), AccountRefusedError)


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (204, b"", JSON),
        (200, b"", {"content-length": "0"}),
        (200, b"{}", JSON),
        (200, b" {} \n", {"content-type": "application/json;charset=UTF-8"}),
    ],
)
def test_a_write_succeeds_only_as_documented(status: int, body: bytes, headers: dict[str, str]) -> None:
    """204 without content, or 200 that is empty or an empty object, confirms."""
    assert isinstance(reply(answered(status, body, headers)), Confirmed)


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (200, b"<html>login</html>", HTML),
        (200, b"{}", HTML),
        (200, b"", {}),
        (200, b"", JSON),
        (204, b"", {}),
        (200, b'{"ok": true}', JSON),
        (200, b"[]", JSON),
        (200, b"null", JSON),
        (201, b"{}", JSON),
        (202, b"", JSON),
        (301, b"", JSON),
        (302, b"", JSON),
        (304, b"", JSON),
        (307, b"", JSON),
    ],
)
def test_nothing_else_confirms_a_write(status: int, body: bytes, headers: dict[str, str]) -> None:
    """Pages, redirects, other statuses and answers cut inside their headers leave a write uncertain."""
    assert isinstance(reply(answered(status, body, headers)), Uncertain)


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind"),
    [
        (200, b"<html>login</html>", HTML, TemporaryReadError),
        (200, b'{"count": 0}', HTML, TemporaryReadError),
        (200, b"[]", JSON, TemporaryReadError),
        (200, b'{"count": 1', JSON, TemporaryReadError),
        (200, b"", JSON, TemporaryReadError),
        (204, b"", JSON, TemporaryReadError),
        (307, b"", JSON, PermanentReadError),
    ],
)
def test_a_read_takes_only_a_json_object(
    status: int, body: bytes, headers: dict[str, str], kind: type[ReadFailedError]
) -> None:
    """Anything but a JSON object under its own content type is a failed read."""
    assert isinstance(read_error(answered(status, body, headers)), kind)


def exceptions_of(module: object) -> list[type[Exception]]:
    """Every exception class that a module defines or shows."""
    members = inspect.getmembers(module, inspect.isclass)
    return [member for _, member in members if issubclass(member, Exception) and not issubclass(member, Warning)]


ALL = sorted(
    {*exceptions_of(sdk_exceptions), *exceptions_of(requests.exceptions), ValueError, TypeError, OSError},
    key=lambda kind: f"{kind.__module__}.{kind.__name__}",
)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_exception_is_mapped(kind: type[Exception]) -> None:
    """Whatever is raised: before the first byte a write is not sent, after it uncertain, and a read temporary."""
    error = kind.__new__(kind)
    error.args = ("https://host/?customer_id=c1",)
    assert isinstance(reply(failed(error, started=False)), NotSent)
    assert isinstance(reply(failed(error, started=True)), Uncertain)
    read = read_error(failed(error, started=True))
    assert isinstance(read, TemporaryReadError)
    assert "customer_id" not in str(read)


def test_a_call_that_was_given_up_is_uncertain_whatever_came() -> None:
    """After the deadline even a good head settles nothing."""
    exchange = answered(204, b"")
    exchange.timed_out = True
    exchange.body = None
    assert reply(exchange) == Uncertain(code="timeout", sentence="the vendor did not answer in time", request_id="rid")


def test_an_error_of_the_sdk_after_the_answer_changes_nothing() -> None:
    """What the SDK raises while it makes objects of a good answer does not spoil it."""
    exchange = answered(200, {"measure_id": "abc"})
    exchange.error = ValueError("invalid literal for int()")
    assert answer(exchange) == {"measure_id": "abc"}


def test_the_vendors_words_are_made_harmless() -> None:
    """A page of HTML or control characters in a message do not reach a log line."""
    words = "a\x1b[31m\n" + "x" * 5000
    given = reply(answered(400, {"error_code": "CBC.0100", "error_msg": words}))
    assert isinstance(given, Refused)
    assert given.sentence.isprintable()
    assert len(given.sentence) < 400


def test_retry_after_is_passed_on() -> None:
    """A throttled read carries the seconds the vendor asks for."""
    throttled = answered(429, {"error_code": "APIGW.0308", "error_msg": ""}, {**JSON, "retry-after": "3"})
    error = read_error(throttled)
    assert isinstance(error, TemporaryReadError)
    assert error.retry_after is not None
    assert error.retry_after.total_seconds() == 3
