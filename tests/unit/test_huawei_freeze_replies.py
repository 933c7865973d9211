"""What an answer to freezing or unfreezing says: a list of failures, an error, a success, or nothing to be believed."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.clouds.huawei.errors import CODES, Class, reply
from adapters.wire.exchange import Exchange
from core.ports import Confirmed, Refused, Reply, Uncertain

JSON = {"content-type": "application/json;charset=utf-8", "x-request-id": "rid"}
OURS = {"error_code": "CBC.99008013", "error_msg": "the type is another", "id": "c1"}

_scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["c1", "CBC.1"])
_names = st.sampled_from(["id", "error_code", "error_msg", "error_details", "other"])
documents = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=3), max_leaves=12
)


def judged(body: object, *, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    """What is made of this answer to a call for the customer c1; a body that is no bytes is written as JSON."""
    exchange = Exchange(
        operation="UnfreezeSubCustomers",
        send_before=datetime.now(UTC),
        guarded=True,
        started=True,
        status=status,
        headers=JSON if headers is None else headers,
        body=body if isinstance(body, bytes) else json.dumps(body).encode(),
    )
    return reply(exchange, customer_id="c1")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (204, b""),
        (200, {}),
        (200, {"error_details": []}),
        (200, {"error_details": None}),
    ],
)
def test_no_failure_is_a_success(status: int, body: object) -> None:
    """The documented statuses with nothing in them, or with an empty list."""
    assert judged(body, status=status) == Confirmed(request_id="rid")


@pytest.mark.parametrize("details", [[OURS], [OURS, {**OURS, "error_code": "CBC.2"}], [{**OURS, "more": 1}]])
def test_a_failure_of_our_customer_is_a_refusal(details: list[object]) -> None:
    """Its code and words are told, whatever comes after it."""
    given_reply = judged({"error_details": details})
    assert isinstance(given_reply, Refused)
    assert (given_reply.code, given_reply.request_id) == ("CBC.99008013", "rid")
    assert given_reply.sentence == "the vendor did not do it for this customer; the vendor's words: the type is another"
    assert (given_reply.throttled, given_reply.account_wide) == (False, False)


@pytest.mark.parametrize(
    "details",
    [
        [{**OURS, "id": "c2"}],
        [OURS, {**OURS, "id": "c2"}],
        [{**OURS, "id": "C1"}],
        [{**OURS, "id": ["c1"]}],
        [{"error_code": "CBC.1", "error_msg": "whose?"}],
        [{**OURS, "error_code": ""}],
        [{**OURS, "error_code": None}],
        [{**OURS, "error_code": 5}],
        ["c1"],
        [[]],
        [None],
        {},
        {"c1": OURS},
        OURS,
        "c1",
        "",
        0,
        False,
    ],
)
def test_a_list_that_is_not_plainly_ours_settles_nothing(details: object) -> None:
    """Somebody else in it, no code, or no list at all: it may have been done."""
    given_reply = judged({"error_details": details})
    assert isinstance(given_reply, Uncertain)
    assert given_reply.code == "unexpected_answer"


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (200, {"error_details": [], "more": 1}, JSON),
        (200, {"error_details": [OURS], "more": 1}, JSON),
        (200, {"error_details": [OURS]}, {"content-type": "text/html"}),
        (202, {"error_details": []}, JSON),
        (206, {"error_details": [OURS]}, JSON),
        (200, b'{"error_details": [', JSON),
        (200, [OURS], JSON),
        (204, b"", {}),
        (503, {"error_details": [OURS]}, JSON),
        (302, {"error_details": [OURS]}, JSON),
    ],
)
def test_only_the_documented_form_is_judged_as_a_list(status: int, body: object, headers: dict[str, str]) -> None:
    """Under another status or content type, with other fields beside it or cut short, it is no answer."""
    assert isinstance(judged(body, status=status, headers=headers), Uncertain)


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_known_code_means_in_a_list_what_it_always_means(code: str) -> None:
    """But never anything of the account; after an error of the vendor's own it may have been done all the same."""
    given_reply = judged({"error_details": [{**OURS, "error_code": code}]})
    match CODES[code].kind:
        case Class.UNSURE:
            assert isinstance(given_reply, Uncertain)
        case kind:
            assert isinstance(given_reply, Refused)
            assert given_reply.throttled is (kind is Class.THROTTLED)
            assert not given_reply.account_wide
            assert CODES[code].sentence in given_reply.sentence


@pytest.mark.parametrize(
    ("status", "code", "account_wide"), [(400, "CBC.99008013", False), (200, "CBC.5001", True), (403, "CBC.0151", True)]
)
def test_an_error_of_the_whole_call_is_judged_as_for_a_budget(status: int, code: str, account_wide: bool) -> None:  # noqa: FBT001 - a column of the table
    """With a code of its own the answer is an error, whatever it lists besides."""
    body = {"error_code": code, "error_msg": "words", "error_details": [{**OURS, "id": "c2"}]}
    given_reply = judged(body, status=status)
    assert isinstance(given_reply, Refused)
    assert (given_reply.code, given_reply.account_wide) == (code, account_wide)


def test_a_budget_has_no_list_of_failures() -> None:
    """The answer to a budget that lists failures is not one that is documented."""
    exchange = Exchange(operation="x", guarded=True, started=True, status=200, headers=JSON)
    exchange.body = b'{"error_details": []}'
    assert isinstance(reply(exchange), Uncertain)


def test_the_words_in_a_list_are_made_harmless() -> None:
    """Control characters and pages of text do not reach a log line."""
    given_reply = judged({"error_details": [{**OURS, "error_code": "a\x1b[31m", "error_msg": "b\n" + "x" * 5000}]})
    assert isinstance(given_reply, Refused)
    assert (given_reply.code + given_reply.sentence).isprintable()
    assert len(given_reply.sentence) < 400


@given(details=documents)
def test_whatever_is_listed_only_ours_refuses_and_only_nothing_confirms(details: object) -> None:
    """Any JSON under the name: a success only for none, a refusal only where every entry is ours and has a code."""
    match judged({"error_details": details}):
        case Confirmed():
            assert details in (None, [])
        case Refused():
            assert isinstance(details, list)
            assert details
            assert all(isinstance(each, dict) and each["id"] == "c1" and each["error_code"] for each in details)
        case other:
            assert isinstance(other, Uncertain)
            assert other.sentence
