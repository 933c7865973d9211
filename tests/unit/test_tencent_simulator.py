import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.clouds.tencent.simulator import Remarks, SimulatedTencent, Switches
from adapters.sandbox.server import Request
from adapters.sandbox.world import CustomerSpec, SimulatedVendor
from core.money import Money
from tests.unit.tencent_rig import populate, uin

START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
HOST = "127.0.0.1:9002"
SERVICE = "intlpartnersmgt"


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        """The time it shows."""
        return self.now


def changed(request: Request, **headers: str) -> Request:
    """The request with other headers, its signature as it was."""
    replaced = {name.replace("_", "-"): value for name, value in headers.items()}
    return replace(request, headers={**request.headers, **replaced})


def signed(vendor: SimulatedTencent, action: str, fields: object, *, at: datetime = START) -> Request:
    """A request signed step by step as 1085/51413 describes."""
    keys = vendor.settings()
    body = json.dumps(fields).encode()
    stamp, date = str(int(at.timestamp())), at.strftime("%Y-%m-%d")
    canonical = "\n".join(
        [
            "POST",
            "/",
            "",
            "content-type:application/json",
            f"host:{HOST}",
            "",
            "content-type;host",
            hashlib.sha256(body).hexdigest(),
        ]
    )
    scope = f"{date}/{SERVICE}/tc3_request"
    text = "\n".join(["TC3-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("TC3" + keys["secret_key"]).encode()
    for part in (date, SERVICE, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    credential = f"Credential={keys['secret_id']}/{scope}"
    headers = {
        "content-type": "application/json",
        "host": HOST,
        "x-tc-action": action,
        "x-tc-version": "2022-09-28",
        "x-tc-timestamp": stamp,
        "authorization": f"TC3-HMAC-SHA256 {credential}, SignedHeaders=content-type;host, Signature={signature}",
    }
    return Request("POST", "/", [], headers, body, "/")


def ask(vendor: SimulatedTencent, action: str, fields: object, *, at: datetime = START) -> dict[str, object]:
    """Ask without a socket; gives what stands under Response."""
    return response_to(vendor, signed(vendor, action, fields, at=at))


def response_to(vendor: SimulatedTencent, request: Request) -> dict[str, object]:
    """Give what stands under Response; every answer comes with status 200 and a RequestId."""
    answer = vendor.respond(request)
    assert answer.status == 200
    response = json.loads(answer.body)["Response"]
    assert response["RequestId"]
    assert isinstance(response, dict)
    return response


def code(response: Mapping[str, object]) -> str:
    """The code of an error."""
    error = response["Error"]
    assert isinstance(error, dict)
    return str(error["Code"])


def world(**options: object) -> SimulatedTencent:
    """A vendor whose clock stands still."""
    return SimulatedTencent(now=lambda: START, **options)  # type: ignore[arg-type]


def allocate(vendor: SimulatedTencent, amount: float, number: int = 0, **fields: object) -> dict[str, object]:
    """Add credit to a customer."""
    return ask(vendor, "AllocateCustomerCredit", {"ClientUin": int(uin(number)), "AddedCredit": amount, **fields})


def test_it_is_a_simulated_vendor() -> None:
    """It offers what every simulated vendor offers."""
    vendor: SimulatedVendor = world()
    assert vendor.vendor == "tencent"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"authorization": "Basic x"}, "AuthFailure.InvalidAuthorization"),
        ({"authorization": ""}, "AuthFailure.InvalidAuthorization"),
        ({"x_tc_timestamp": "soon"}, "AuthFailure.InvalidAuthorization"),
        ({"x_tc_timestamp": str(int(START.timestamp()) + 1)}, "AuthFailure.SignatureFailure"),
        ({"host": "elsewhere"}, "AuthFailure.SignatureFailure"),
        ({"x_tc_version": "2017-01-01"}, "NoSuchVersion"),
        ({"x_tc_action": "Nothing"}, "InvalidAction"),
    ],
)
def test_only_what_is_signed_and_known_is_let_in(changes: dict[str, str], expected: str) -> None:
    """A changed header that is signed spoils the signature; an unknown version or action has its own code."""
    vendor = world()
    request = changed(signed(vendor, "QueryPartnerCredit", {}), **changes)
    assert code(response_to(vendor, request)) == expected


def test_the_signature_must_cover_what_the_documentation_says() -> None:
    """A signature over fewer headers is none."""
    vendor = world()
    request = signed(vendor, "QueryPartnerCredit", {})
    narrow = request.headers["authorization"].replace("content-type;host", "host")
    assert code(response_to(vendor, changed(request, authorization=narrow))) == "AuthFailure.InvalidAuthorization"


def test_a_changed_body_spoils_the_signature() -> None:
    """The body is signed through its hash."""
    vendor = world()
    request = replace(signed(vendor, "QueryPartnerCredit", {}), body=b"{ }")
    assert b"SignatureFailure" in vendor.respond(request).body


def test_a_wrong_secret_id_is_not_found() -> None:
    """The SecretId is looked up before anything is computed."""
    vendor = world()
    request = signed(vendor, "QueryPartnerCredit", {})
    wrong = request.headers["authorization"].replace(vendor.settings()["secret_id"], "AKIDother")
    assert code(response_to(vendor, changed(request, authorization=wrong))) == "AuthFailure.SecretIdNotFound"


@pytest.mark.parametrize(("off", "accepted"), [(299, True), (-299, True), (301, False), (-301, False)])
def test_a_signature_lives_five_minutes(off: int, *, accepted: bool) -> None:
    """More than five minutes off in either direction is SignatureExpire: the fence."""
    answer = ask(world(), "QueryPartnerCredit", {}, at=START + timedelta(seconds=off))
    assert ("Error" not in answer) == accepted
    assert accepted or code(answer) == "AuthFailure.SignatureExpire"


@pytest.mark.parametrize(
    ("action", "fields", "expected"),
    [
        ("AllocateCustomerCredit", {"ClientUin": 1}, "MissingParameter"),
        ("AllocateCustomerCredit", {"ClientUin": "1", "AddedCredit": 1}, "InvalidParameter"),
        ("AllocateCustomerCredit", {"ClientUin": 1, "AddedCredit": "1"}, "InvalidParameter"),
        ("AllocateCustomerCredit", {"ClientUin": 1, "AddedCredit": 1, "Token": "x"}, "UnknownParameter"),
        ("AllocateCustomerCredit", {"ClientUin": 1, "AddedCredit": 1}, "UnauthorizedOperation.UinNoAuth"),
        ("AllocateCustomerCredit", {"ClientUin": 1, "AddedCredit": 0}, "InvalidParameterValue"),
        ("AllocateCustomerCredit", {"ClientUin": 1, "AddedCredit": 0.001}, "InvalidParameterValue"),
        ("AllocateCustomerCredit", {"ClientUin": 1, "AddedCredit": float("nan")}, "InvalidParameter"),
        ("QueryPartnerCredit", None, "InvalidParameter"),
        ("QueryCustomersCredit", {"Page": -1}, "InvalidParameterValue"),
        ("QueryCreditByUinList", {"UinList": []}, "InvalidParameterValue.UinList"),
        ("QueryCreditByUinList", {"UinList": list(range(1, 52))}, "InvalidParameterValue.UinList"),
        ("QueryCreditByUinList", {"UinList": [1]}, "UnauthorizedOperation.NotCustomerUin"),
        ("QueryCreditAllocationHistory", {"ClientUin": 1}, "FailedOperation"),
        ("QueryCustomersCredit", {"Page": 0}, "InvalidParameterValue"),
        ("QueryCustomersCredit", {"PageSize": 0}, "InvalidParameterValue"),
        ("QueryCustomersCredit", {"Order": "up"}, "InvalidParameterValue"),
        ("QueryCustomersCredit", {"FilterType": "Mobile"}, "InvalidParameterValue"),
        ("QueryCustomersCredit", {"FilterType": "ClientUin", "Filter": "x"}, "InvalidParameterValue.InvalidUin"),
    ],
)
def test_bad_requests_have_their_documented_codes(action: str, fields: object, expected: str) -> None:
    """Missing, unknown, mistyped and impossible fields are refused as documented, and change nothing."""
    vendor = world()
    assert code(ask(vendor, action, fields)) == expected
    assert vendor.applied_writes() == ()


def test_credit_is_an_increment() -> None:
    """The same call twice gives twice, and the answer says what stands."""
    vendor = world()
    populate(vendor, 1, granted=100_00, spent=25_50)
    assert allocate(vendor, 10.25)["TotalCredit"] == 110.25
    answer = allocate(vendor, 10.25)
    assert (answer["TotalCredit"], answer["RemainingCredit"]) == (120.5, 95)
    assert vendor.applied_writes() == (("AllocateCustomerCredit", uin(0), Money(10_25)),) * 2


def test_a_withdrawal_to_zero_suspends_and_credit_resumes() -> None:
    """Available credit taken to exactly 0 stops the services, new credit starts them again."""
    vendor = world()
    populate(vendor, 1, spent=40_00)
    assert code(allocate(vendor, -60.01)) == "InvalidParameterValue.CreditAmountOutOfRange"
    allocate(vendor, -60)
    assert (vendor.available(uin(0)), vendor.restricted(uin(0))) == (Money(0), True)
    allocate(vendor, 1)
    assert not vendor.restricted(uin(0))


def test_use_suspends_below_zero_and_a_confirmed_bill_resumes() -> None:
    """Use that takes credit to 0 stops nothing, below it does; a confirmed bill gives its amount back."""
    vendor = world()
    populate(vendor, 1)
    vendor.spend(uin(0), Money(100_00))
    assert not vendor.restricted(uin(0))
    vendor.spend(uin(0), Money(1))
    assert vendor.restricted(uin(0))
    vendor.confirm_bill(uin(0), Money(50_00))
    assert not vendor.restricted(uin(0))
    assert vendor.granted(uin(0)) == Money(100_00)


def test_the_non_stop_privilege_keeps_services_running() -> None:
    """With the privilege, which nothing shows, neither overuse nor a withdrawal to 0 stops the services."""
    vendor = world()
    populate(vendor, 1)
    vendor.grant_non_stop(uin(0))
    vendor.spend(uin(0), Money(150_00))
    assert not vendor.restricted(uin(0))
    assert vendor.action(uin(0)) == "restrict"
    (row,) = rows_of(ask(vendor, "QueryCustomersCredit", {}))
    assert (row["RemainingCredit"], row["Force"]) == (-50, 0)


def rows_of(answer: Mapping[str, object], name: str = "Data") -> list[dict[str, object]]:
    """The rows of an answer."""
    rows = answer[name]
    assert isinstance(rows, list)
    return rows


def test_the_list_has_the_documented_fields() -> None:
    """Personal data, the useless Arrears and the times are there, as the adapter will meet them."""
    vendor = world()
    populate(vendor, 2)
    answer = ask(vendor, "QueryCustomersCredit", {})
    first = rows_of(answer)[0]
    assert (answer["Total"], first["ClientUin"], first["Arrears"]) == (2, int(uin(1)), "-")
    assert {"Name", "Type", "Mobile", "Email", "AssociationTime", "IdentifyType", "Remark", "Force"} <= set(first)
    oldest = rows_of(ask(vendor, "QueryCustomersCredit", {"Order": "asc"}))[0]
    assert oldest["ClientUin"] == int(uin(0))
    found = ask(vendor, "QueryCustomersCredit", {"FilterType": "Name", "Filter": "mer 0"})
    assert [row["ClientUin"] for row in rows_of(found)] == [int(uin(0))]
    assert ask(vendor, "QueryCustomersCredit", {"FilterType": "Remark", "Filter": "x"})["Total"] == 0


def test_records_show_who_when_and_what() -> None:
    """Every allocation is on record with its remark, in Beijing's time, and the console's with the person's name."""
    vendor = world()
    populate(vendor, 1)
    allocate(vendor, -5, Remark="tgTEST")
    vendor.console_set(uin(0), Money(200_00), "li.wei")
    rows = rows_of(ask(vendor, "QueryCreditAllocationHistory", {"ClientUin": int(uin(0))}), "History")
    assert [(row["Operator"], row["Credit"], row["AllocatedCredit"], row["Remark"]) for row in rows] == [
        ("li.wei", 105, 200, ""),
        ("tidegate-key", -5, 95, "tgTEST"),
        ("console", 100, 100, ""),
    ]
    assert rows[0]["AllocatedTime"] == "2026-11-20 09:00:00"


@pytest.mark.parametrize(("remarks", "kept"), [(Remarks.TRUNCATED, "tgTEST0123456789"), (Remarks.DROPPED, "")])
def test_remarks_may_be_cut_or_lost(remarks: Remarks, kept: str) -> None:
    """A switch says what becomes of a remark."""
    vendor = world(switches=Switches(remarks=remarks))
    populate(vendor, 1)
    allocate(vendor, 1, Remark="tgTEST0123456789ABCDEF")
    rows = rows_of(ask(vendor, "QueryCreditAllocationHistory", {"ClientUin": int(uin(0))}), "History")
    assert rows[0]["Remark"] == kept


def test_reads_may_be_behind_writes() -> None:
    """With lags, new credit and its record show later than the answer to the write; use shows later than it happens."""
    clock = Hand()
    lag = timedelta(seconds=60)
    vendor = SimulatedTencent(now=clock, switches=Switches(read_lag=lag, history_lag=2 * lag), spend_lag=lag)
    populate(vendor, 1)
    clock.now += timedelta(minutes=5)
    answer = ask(vendor, "AllocateCustomerCredit", {"ClientUin": int(uin(0)), "AddedCredit": 50}, at=clock.now)
    vendor.spend(uin(0), Money(10_00))
    assert answer["TotalCredit"] == 150

    def shown() -> tuple[object, object, object]:
        row = rows_of(ask(vendor, "QueryCreditByUinList", {"UinList": [int(uin(0))]}, at=clock.now))[0]
        history = ask(vendor, "QueryCreditAllocationHistory", {"ClientUin": int(uin(0))}, at=clock.now)
        return row["TotalCredit"], row["RemainingCredit"], history["Total"]

    assert shown() == (100, 100, 1)
    clock.now += timedelta(seconds=61)
    assert shown() == (150, 140, 1)
    clock.now += timedelta(seconds=60)
    assert shown() == (150, 140, 2)


def test_the_pool_is_shared() -> None:
    """What customers have is given out of one pool, and more than is left is refused."""
    vendor = world(allocable=Money(100_00))
    populate(vendor, 2)
    allocate(vendor, 60)
    assert code(allocate(vendor, 60, number=1)) == "InvalidParameterValue.CreditAmountOutOfRange"
    allocate(vendor, -30)
    assert allocate(vendor, 60, number=1)["TotalCredit"] == 160
    answer = ask(vendor, "QueryPartnerCredit", {})
    assert (answer["TotalCredit"], answer["AllocatedCredit"], answer["RemainingCredit"]) == (300, 290, 10)
    assert vendor.allocable() == Money(10_00)


@pytest.mark.parametrize(
    ("fields", "cost"),
    [
        ({}, 40),
        ({"IsConfirmed": "0"}, 40),
        ({"IsConfirmed": "1"}, 15.5),
        ({"IsConfirmed": "2"}, 24.5),
        ({"PayMode": "postPay", "ActionType": "postpay_deduct_h"}, 40),
        ({"PayMode": "prePay"}, 0),
        ({"ActionType": "prepay_renew"}, 0),
        ({"IsConfirmed": "3"}, "InvalidParameterValue"),
        ({"PayMode": "later"}, "InvalidParameterValue"),
        ({"Month": "2026-13"}, "InvalidParameterValue.InvalidMonth"),
        ({"CustomerUin": 5}, "UnauthorizedOperation.UinNoAuth"),
        ({"CustomerUin": "5"}, "InvalidParameter"),
        ({"Payer": "x"}, "UnknownParameter"),
    ],
)
def test_the_simulated_bill_is_cut_as_documented(fields: Mapping[str, object], cost: object) -> None:
    """Paid and unpaid, prepaid and pay-as-you-go are told apart; what is not documented is refused."""
    vendor = world()
    populate(vendor, 1, spent=40_00)
    vendor.confirm_bill(uin(0), Money(15_50))
    whole = {"CustomerUin": int(uin(0)), "Month": "2026-11", **fields}
    answer = ask(vendor, "DescribeCustomerBillSummary", whole)
    assert cost == (code(answer) if "Error" in answer else answer["TotalCost"])


@pytest.mark.parametrize("spec", [CustomerSpec(customer_id="abc", name="x"), CustomerSpec(customer_id="0", name="x")])
def test_impossible_customers_are_told(spec: CustomerSpec) -> None:
    """An id that is no UIN, one that is taken, and another vendor's kind are errors of the world's maker."""
    vendor = world()
    populate(vendor, 1)
    with pytest.raises(ValueError, match="UIN"):
        vendor.add_customer(spec)
    with pytest.raises(ValueError, match="taken"):
        populate(vendor, 1)
    with pytest.raises(ValueError, match="kind"):
        vendor.add_customer(replace(spec, customer_id="5", kind="monthly"))
    with pytest.raises(ValueError, match="kind"):
        vendor.console_set(uin(0), Money(1), "li.wei", kind="monthly")


def test_a_customer_can_leave() -> None:
    """After the association has ended, the customer is nobody's and its credit is back in the pool."""
    vendor = world()
    populate(vendor, 2)
    vendor.remove_customer(uin(0))
    assert vendor.customer_ids() == (uin(1),)
    assert ask(vendor, "QueryCustomersCredit", {"FilterType": "ClientUin", "Filter": uin(0)})["Total"] == 0


def test_its_character_can_be_changed_while_it_runs() -> None:
    """Switches may be replaced at any time."""
    vendor = world()
    populate(vendor, 3)
    vendor.switches = replace(vendor.switches, page_below_base_is_first=True)
    assert len(rows_of(ask(vendor, "QueryCustomersCredit", {"Page": 0, "PageSize": 2}))) == 2


def test_a_customer_without_credit_has_none_granted() -> None:
    """Nothing ever allocated shows as zero on the wire and as none in the world."""
    vendor = world()
    vendor.add_customer(CustomerSpec(customer_id=uin(0), name="x"))
    assert (vendor.granted(uin(0)), vendor.kind(uin(0))) == (None, None)
    (row,) = rows_of(ask(vendor, "QueryCustomersCredit", {}))
    assert (row["Credit"], row["RemainingCredit"]) == (0, 0)
