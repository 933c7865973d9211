from core.limit import Customer, CustomerKey, Kind, Limit, Source
from core.money import Money
from core.plan import HoldReason
from scheduler.reports.pointing import nearest, with_addresses, with_places
from scheduler.reports.summary import problems
from tests.unit.report_plans import hold, plan_of

KEY = CustomerKey("tencent", "200000104271")


def test_an_unknown_customer_is_told_with_its_line() -> None:
    """The line of the limits file is named; other holds keep their words."""
    limit = Limit(
        account="tencent-main",
        customer=Customer(KEY),
        kind=Kind.CREDIT_LINE,
        amount=Money(100),
        source=Source("limits.csv", 12),
    )
    unknown = hold(customer=Customer(KEY), reason=HoldReason.UNKNOWN_CUSTOMER, detail="")
    shown = with_places(plan_of(holds=(unknown, hold())), [limit])
    assert shown.holds[0].detail == "limits.csv:12: correct or remove it"
    assert shown.holds[1] == hold()


def test_an_account_that_does_not_answer_is_told_with_its_address() -> None:
    """Host and port stand at the failed call; accounts without a problem have none."""
    problem = "ListSubCustomers: no answer came from the vendor (no_answer)"
    shown = with_addresses(plan_of(problem=problem, complete=False), {"huawei-main": "127.0.0.1:9001"})
    assert shown.accounts[0].problem == problem.replace(": ", " at 127.0.0.1:9001: ")
    assert shown.accounts[1].problem is None
    assert problems(shown)[0].startswith(
        "huawei-main could not be read at 127.0.0.1:9001: no answer came from the vendor. None of"
    )


def test_a_slip_of_the_hand_is_recognised() -> None:
    """One or two characters apart is meant; further apart, or twice as near, is a guess and is not made."""
    assert nearest("200000104271", ["200000104217", "999999999999"]) == "200000104217"
    assert nearest("20000010421", ["200000104217"]) == "200000104217"
    assert nearest("200000104217", ["200000104999"]) is None
    assert nearest("200000104217", ["200000104218", "200000104219"]) is None
    assert nearest("abc", ["a", "abcdefgh"]) == "a"
    assert nearest("abc", []) is None
