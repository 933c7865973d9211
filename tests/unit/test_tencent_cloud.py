from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.clouds.tencent.config import CAPABILITIES
from adapters.clouds.tencent.simulator import (
    BadUin,
    Oversize,
    OverWithdrawal,
    Remarks,
    Role,
    RowOrder,
    SimulatedTencent,
    Switches,
)
from adapters.sandbox.faults import Mode
from adapters.sandbox.world import CustomerSpec
from core.errors import AccountRefusedError, PermanentReadError
from core.intent import Action, Intent
from core.limit import Customer, CustomerKey, Kind
from core.money import Money
from core.ports import Confirmed, NotSent, Refused, Uncertain
from core.standing import Restriction, Spend
from tests.unit.tencent_rig import MARK, customer, intent, populate, response, scripted, simulated, uin


def test_a_customer_is_seen_as_it_is() -> None:
    """Grant, spend, available, suspension, name and the vendor's own behaviour at exhaustion are in the standing."""
    vendor = SimulatedTencent()
    (one,) = populate(vendor, 1, granted=100_10, spent=30_05)
    with simulated(vendor) as cloud:
        seen = cloud.observe([one], everyone=False).standings[one.key]
    assert (seen.granted, seen.available) == (Money(100_10), Money(70_05))
    assert seen.spent == Spend.exactly(Money(30_05))
    assert (seen.restriction, seen.name, seen.kind) == (Restriction.NONE, "Customer 0", Kind.CREDIT_LINE)
    assert (seen.account, seen.lag) == ("main", timedelta(minutes=5))


@pytest.mark.parametrize("forced", [True, False])
def test_suspension_is_seen(*, forced: bool) -> None:
    """Forced suspension shows in Force, overuse in negative credit; both are seen, also on reading again."""
    vendor = SimulatedTencent()
    (one,) = populate(vendor, 1)
    vendor.force(uin(0), suspended=True) if forced else vendor.spend(uin(0), Money(100_01))
    assert vendor.restricted(uin(0))
    with simulated(vendor) as cloud:
        assert cloud.observe([one], everyone=False).standings[one.key].restriction is Restriction.SUSPENDED
        assert cloud.read_again([one]).standings[one.key].restriction is Restriction.SUSPENDED


ODD = [
    Switches(list_page_base=0),
    Switches(list_page_base=0, largest_page=13),
    Switches(largest_page=50),
    Switches(largest_page=50, oversize=Oversize.REFUSE),
    Switches(bad_uin=BadUin.OMITTED),
    Switches(page_below_base_is_first=True, page_beyond_end_is_last=True),
]


@pytest.mark.parametrize("switches", ODD, ids=str)
def test_everyone_is_seen_whatever_the_vendor_is_like(switches: Switches) -> None:
    """On the wire too, odd pages and batches lose nobody, and a stranger is absent."""
    vendor = SimulatedTencent(switches=switches)
    asked = list(populate(vendor, 130))
    with simulated(vendor) as cloud:
        seen = cloud.observe([*asked[:70], customer(999)], everyone=True)
    assert set(seen.standings) == {one.key for one in asked[:70]}
    assert {standing.key for standing in seen.others} == {one.key for one in asked[70:]}
    assert {standing.restriction for standing in (*seen.standings.values(), *seen.others)} == {Restriction.NONE}
    assert seen.absent == {customer(999).key}
    assert (seen.unreadable, seen.problems) == ({}, ())


def test_an_impossible_id_is_unreadable_and_never_asked_for() -> None:
    """An id that is no UIN is told in a sentence and does not keep the others from being read."""
    vendor = SimulatedTencent()
    (one,) = populate(vendor, 1)
    broken = Customer(CustomerKey("tencent", "2.00000000011E+11"))
    with simulated(vendor) as cloud:
        for seen in (cloud.observe([one, broken], everyone=False), cloud.read_again([one, broken])):
            assert set(seen.standings) == {one.key}
            assert "digits only" in str(seen.unreadable[broken.key])
        with pytest.raises(PermanentReadError, match="digits only"):
            cloud.witness(broken)
        bad = intent(100, change_it=lambda good: replace(good, customer=broken))
        assert isinstance(cloud.send(bad), NotSent)
    assert vendor.applied_writes() == ()


def test_nobody_asked_is_nothing_asked() -> None:
    """Observing no customers costs no call."""
    vendor = SimulatedTencent()
    with simulated(vendor) as cloud:
        seen = cloud.observe([], everyone=False)
        assert (seen.standings, seen.unreadable, seen.absent, seen.account_problem) == ({}, {}, frozenset(), None)
    assert vendor.requests() == {}


def test_a_failing_page_is_read_by_uin() -> None:
    """When one page of the list fails for good its customers are still read, and only their suspension is unknown."""
    vendor = SimulatedTencent()
    asked = list(populate(vendor, 210))
    vendor.faults.plan("QueryCustomersCredit", Mode.REFUSAL, skip=1)
    with simulated(vendor) as cloud:
        seen = cloud.observe(asked, everyone=True)
    assert set(seen.standings) == {one.key for one in asked}
    unknown = [key for key, standing in seen.standings.items() if standing.restriction is None]
    assert set(unknown) == {one.key for one in asked[100:200]}


def test_a_row_without_figures_is_unreadable_alone() -> None:
    """A customer whose figures are no numbers is unreadable; another unlisted one is a problem told, not a standing."""
    rows = [
        {"ClientUin": int(uin(0)), "Credit": "1", "RemainingCredit": 1, "Force": 0},
        {"ClientUin": int(uin(1)), "Credit": 1.5, "RemainingCredit": 1, "Force": 0},
        {"ClientUin": int(uin(2)), "Credit": None, "RemainingCredit": 1, "Force": 0},
    ]
    with scripted(response(Total=3, Data=rows)) as (cloud, _):
        seen = cloud.observe([customer(0), customer(1)], everyone=True)
    assert set(seen.standings) == {customer(1).key}
    assert set(seen.unreadable) == {customer(0).key}
    assert seen.others == ()
    assert [uin(2) in problem for problem in seen.problems] == [True]


@pytest.mark.parametrize("change", [12_34, -12_34, 1, 899_999_99, -100_00])
def test_an_increment_is_made_to_the_cent(change: int) -> None:
    """What the intent says is added, exactly, with its mark on record, and the reply says what stands."""
    vendor = SimulatedTencent()
    (one,) = populate(vendor, 1)
    with simulated(vendor) as cloud:
        reply = cloud.send(intent(change))
        assert isinstance(reply, Confirmed)
        assert reply.granted == vendor.granted(uin(0)) == Money(100_00 + change)
        assert reply.request_id
        (row,) = cloud.witness(one).marked(MARK)
    assert (row.change, row.granted_after, row.operator) == (Money(change), Money(100_00 + change), "tidegate-key")
    assert row.at is not None
    assert abs(row.at - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_clamped_withdrawal_shows_in_the_reply() -> None:
    """Where the vendor takes only what is left, the reply's total is not the one expected."""
    vendor = SimulatedTencent(switches=Switches(over_withdrawal=OverWithdrawal.CLAMP))
    populate(vendor, 1, spent=60_00)
    with simulated(vendor) as cloud:
        reply = cloud.send(intent(-50_00))
    assert isinstance(reply, Confirmed)
    assert reply.granted == Money(60_00)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (-100_01, "InvalidParameterValue.CreditAmountOutOfRange"),
        (2_000_000_00, "FailedOperation.BalanceInsufficient"),
    ],
)
def test_what_the_vendor_will_not_do_is_refused(change: int, code: str) -> None:
    """Taking more than is left, and giving more than there is, are definite refusals."""
    vendor = SimulatedTencent(switches=Switches(pool_refusal="FailedOperation.BalanceInsufficient"))
    populate(vendor, 1)
    with simulated(vendor) as cloud:
        reply = cloud.send(intent(change))
    assert isinstance(reply, Refused)
    assert (reply.code, reply.account_wide, vendor.applied_writes()) == (code, False, ())


def zero(good: Intent) -> Intent:
    """An increment of nothing."""
    return replace(good, change=Money(0))


def euros(good: Intent) -> Intent:
    """An increment in another currency."""
    return replace(good, change=Money(100, "EUR"))


def release(good: Intent) -> Intent:
    """Something else than a change of the amount."""
    return replace(good, action=Action.RELEASE)


def unstamped(good: Intent) -> Intent:
    """An intent whose send window was never set."""
    return replace(good, send_before=None)


def late(good: Intent) -> Intent:
    """An intent whose send window has passed."""
    return replace(good, send_before=datetime.now(UTC) - timedelta(seconds=1))


@pytest.mark.parametrize("change_it", [zero, euros, release, unstamped, late])
def test_what_cannot_be_sent_is_not(change_it: object) -> None:
    """No request leaves for a change of nothing, of euros, of something else, or after its time."""
    vendor = SimulatedTencent()
    populate(vendor, 1)
    with simulated(vendor) as cloud:
        reply = cloud.send(intent(100, change_it=change_it))  # type: ignore[arg-type]
    assert isinstance(reply, NotSent)
    assert reply.sentence
    assert vendor.requests() == {}


HISTORIES = [
    Switches(history_order=RowOrder.OLDEST_FIRST),
    Switches(history_order=RowOrder.SHUFFLED),
    Switches(history_page_base=0),
    Switches(history_page_base=0, page_beyond_end_is_last=True),
    Switches(largest_page=20),
    Switches(largest_page=20, oversize=Oversize.REFUSE),
    Switches(bare_records=True),
    Switches(remarks=Remarks.DROPPED),
]


@pytest.mark.parametrize("switches", HISTORIES, ids=str)
def test_all_records_are_read_whatever_the_vendor_is_like(switches: Switches) -> None:
    """Order, pages and missing fields are the vendor's business: every record is read once."""
    vendor = SimulatedTencent(switches=switches)
    (one,) = populate(vendor, 1)
    for number in range(119):
        vendor.console_set(uin(0), Money(100_00 + number), f"person {number}")
    with simulated(vendor) as cloud:
        witness = cloud.witness(one)
    assert witness.count == 120
    assert {row.operator for row in witness.rows} == {"console", *(f"person {number}" for number in range(119))}
    assert {row.remark for row in witness.rows} == {None}


def test_a_doubled_record_is_two_records() -> None:
    """Records that look the same are not made one: whoever settles must see both."""
    vendor = SimulatedTencent(switches=Switches(doubled_records=True))
    (one,) = populate(vendor, 1)
    with simulated(vendor) as cloud:
        cloud.send(intent(100))
        assert len(cloud.witness(one).marked(MARK)) == 2


def test_the_quota_is_what_can_be_given_out() -> None:
    """The partner's remaining credit falls by what is given."""
    vendor = SimulatedTencent(allocable=Money(1_000_00))
    populate(vendor, 1)
    with simulated(vendor) as cloud:
        assert cloud.quota() == Money(1_000_00)
        cloud.send(intent(250_50))
        assert cloud.quota() == Money(749_50)


def test_a_customers_key_is_told_for_what_it_is() -> None:
    """A key that is no reseller's makes every customer unreadable and the account a problem, in plain words."""
    vendor = SimulatedTencent(role=Role.CUSTOMER)
    asked = list(populate(vendor, 2))
    with simulated(vendor) as cloud:
        seen = cloud.observe(asked, everyone=False)
        assert isinstance(seen.account_problem, AccountRefusedError)
        assert "second-tier reseller" in seen.account_problem.sentence
        assert set(seen.unreadable) == {one.key for one in asked}
        first, *_ = cloud.probe()
        assert not first.ok
        assert "its distributor must run Tidegate" in first.sentence


def test_the_probe_says_what_the_key_may_do() -> None:
    """With a good key everything is said in sentences, with the credit to give out, and nothing is changed."""
    vendor = SimulatedTencent()
    populate(vendor, 3)
    with simulated(vendor) as cloud:
        results = cloud.probe()
    assert all(result.ok and result.sentence for result in results)
    assert "1000000.00 USD can be given out" in results[0].sentence
    assert "3 customers" in results[1].sentence
    assert vendor.applied_writes() == ()
    assert "AllocateCustomerCredit" not in vendor.requests()


def test_the_probe_says_what_the_keys_policy_forbids() -> None:
    """A read that the policy does not allow is told, and ends the asking as a refused key does."""
    vendor = SimulatedTencent(allowed=frozenset({"QueryPartnerCredit"}))
    with simulated(vendor) as cloud:
        assert [result.ok for result in cloud.probe()] == [True, False]


def test_the_probe_of_an_empty_account_is_no_failure() -> None:
    """Without customers, what needs one is not asked and that is said."""
    with simulated(SimulatedTencent()) as cloud:
        results = cloud.probe()
    assert all(result.ok for result in results)
    assert "no customer" in results[2].sentence


def test_progress_is_told() -> None:
    """A long reading says how far it is and of how many."""
    vendor = SimulatedTencent()
    asked = list(populate(vendor, 250))
    told: list[tuple[str, int, int | None]] = []
    with simulated(vendor) as cloud:
        cloud.observe(asked, everyone=True, progress=lambda what, done, of: told.append((what, done, of)))
    assert told == [("customers", 100, 250), ("customers", 200, 250), ("customers", 250, 250)]


def test_five_thousand_customers_cost_few_calls() -> None:
    """On the wire: at most sixty calls for five thousand customers."""
    vendor = SimulatedTencent()
    for number in range(5_000):
        vendor.add_customer(CustomerSpec(customer_id=uin(number), name="x", granted=Money(number)))
    with simulated(vendor) as cloud:
        seen = cloud.observe([customer(number) for number in range(5_000)], everyone=True)
        assert len(seen.standings) == 5_000
        assert sum(cloud.calls().values()) <= 60


def test_a_filter_that_is_ignored_gives_nobody_else_s_figures() -> None:
    """Where the vendor ignores the filter, the row of another customer is not taken for the one asked for."""
    rows = [{"ClientUin": int(uin(1)), "Credit": 7, "RemainingCredit": 7, "Force": 0}]
    own = [{"Uin": int(uin(0)), "TotalCredit": 5, "RemainingCredit": 5}]
    with scripted(response(Total=1, Data=rows), response(Data=own)) as (cloud, _):
        seen = cloud.observe([customer(0)], everyone=False).standings[customer(0).key]
    assert (seen.granted, seen.restriction) == (Money(5_00), None)


def test_customers_that_are_counted_but_never_listed_are_told() -> None:
    """With everyone asked for, a list that stays shorter than its count is said to be."""
    rows = [{"ClientUin": int(uin(0)), "Credit": 7, "RemainingCredit": 7, "Force": 0}]
    with scripted(response(Total=2, Data=rows)) as (cloud, _):
        seen = cloud.observe([], everyone=True)
    assert ["counts 2 customers" in problem for problem in seen.problems] == [True]
    assert len(seen.others) == 1


def test_the_capabilities_are_the_vendors() -> None:
    """An account says what its vendor can do."""
    with simulated(SimulatedTencent()) as cloud:
        assert cloud.capabilities is CAPABILITIES


def test_a_documented_refusal_or_throttle_is_played_on_request() -> None:
    """Planned refusals, throttles and business errors reach the adapter as the vendor's documented ones."""
    vendor = SimulatedTencent()
    populate(vendor, 1)
    vendor.faults.plan("AllocateCustomerCredit", Mode.REFUSAL)
    vendor.faults.plan("AllocateCustomerCredit", Mode.BUSINESS_ERROR)
    vendor.faults.plan("AllocateCustomerCredit", Mode.TOO_MANY)
    with simulated(vendor) as cloud:
        refused, busy, throttled = (cloud.send(intent(100)) for _ in range(3))
    assert isinstance(refused, Refused)
    assert isinstance(busy, Uncertain)
    assert isinstance(throttled, Refused)
    assert (refused.throttled, busy.code, throttled.throttled) == (False, "OperationDenied.ServiceBusy", True)
    assert vendor.applied_writes() == ()
