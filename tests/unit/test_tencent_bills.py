"""Bills and the partner's own credit, read with the real SDK: figures to compare with, never to decide by."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from adapters.clouds.tencent.requests import BILL, RATES
from adapters.clouds.tencent.simulator import Role, SimulatedTencent, Switches
from adapters.clouds.tencent.simulator.vendor import RATES as SIMULATED_RATES
from adapters.sandbox.faults import Mode
from adapters.sandbox.server import Response
from adapters.wire import line
from core.errors import AccountRefusedError, PermanentReadError, TemporaryReadError
from core.exposure import Headroom
from core.limit import Customer, CustomerKey
from core.money import ZERO, Money
from core.standing import Restriction, Spend
from tests.contract.spoiling import ABSURD, Spoiler
from tests.unit.tencent_rig import account, customer, error, intent, populate, response, scripted, simulated, uin

# Beijing's November has one second left.
NOVEMBER_ENDS = datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC)


class Calendar:
    """A simulated vendor's clock, moved by hand; signatures made now are good at any of its times."""

    def __init__(self) -> None:
        self.now = NOVEMBER_ENDS
        life = timedelta(days=100_000)
        self.vendor = SimulatedTencent(now=lambda: self.now, switches=Switches(signature_life=life))


@pytest.fixture
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask once: how often and when a read is repeated is the wire's own tests' business."""
    monkeypatch.setattr(line, "ATTEMPTS", 1)


def raw(total_cost: str) -> Response:
    """An answer whose bill is written exactly so."""
    body = f'{{"Response": {{"TotalCost": {total_cost}, "RequestId": "r-1"}}}}'
    return Response(200, body.encode(), {"Content-Type": "application/json"})


def test_a_bill_is_the_months_spend_in_beijing() -> None:
    """Each billing month has its own bill: over, under way, or none yet."""
    world = Calendar()
    (one,) = populate(world.vendor, 1, spent=30_05)
    with simulated(world.vendor) as cloud:
        assert cloud.billed(one, "2026-11") == Money(30_05)
        world.now += timedelta(seconds=1)
        world.vendor.spend(uin(0), Money(7_77))
        assert (cloud.billed(one, "2026-11"), cloud.billed(one, "2026-12")) == (Money(30_05), Money(7_77))
        assert cloud.billed(one, "2027-01") == ZERO
        assert cloud.billed(one, "2026-10") == ZERO


def test_a_confirmed_bill_returns_credit_and_stays_on_the_bill() -> None:
    """Used credit falls and what is available rises by the bill; grant, bill and true spend stay as they were."""
    world = Calendar()
    (one,) = populate(world.vendor, 1, granted=100_00, spent=30_05)
    with simulated(world.vendor) as cloud:
        assert world.vendor.confirm_bill(uin(0), Money(20_00)) == Money(20_00)
        seen = cloud.observe([one], everyone=False).standings[one.key]
        assert (seen.granted, seen.available) == (Money(100_00), Money(89_95))
        assert seen.spent == Spend.exactly(Money(10_05))
        assert world.vendor.confirm_bill(uin(0), Money(20_00)) == Money(10_05)
        assert cloud.read_again([one]).standings[one.key].spent == Spend.exactly(ZERO)
        assert cloud.billed(one, "2026-11") == world.vendor.spent(uin(0)) == Money(30_05)
    assert world.vendor.spent(uin(0), NOVEMBER_ENDS + timedelta(seconds=1)) == ZERO
    with pytest.raises(ValueError, match="taken back"):
        world.vendor.confirm_bill(uin(0), Money(-1))


def test_what_a_confirmed_bill_returned_can_be_withdrawn() -> None:
    """After a confirmation credit may be taken back to zero available, below what was ever spent, and not further."""
    vendor = SimulatedTencent()
    (one,) = populate(vendor, 1, granted=100_00, spent=60_00)
    vendor.confirm_bill(uin(0), Money(50_00))
    with simulated(vendor) as cloud:
        cloud.send(intent(-90_01))
        assert vendor.granted(uin(0)) == Money(100_00)
        cloud.send(intent(-90_00))
        seen = cloud.read_again([one]).standings[one.key]
    assert (seen.granted, seen.available, seen.spent) == (Money(10_00), ZERO, Spend.exactly(Money(10_00)))


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("0", 0),
        ("12", 12_00),
        ("12.34", 12_34),
        ("12.341", 12_35),
        ("0.30000000000000004", 30),
        ("-3.456", -3_45),
        ("123456789012.12", 12_345_678_901_212),
    ],
)
def test_a_bill_is_read_exactly_and_rounded_up(text: str, cents: int) -> None:
    """No binary float lies between the wire and the cents; a begun cent is a whole one, a float's noise is none."""
    with scripted(raw(text)) as (cloud, vendor):
        assert cloud.billed(customer(0), "2026-11") == Money(cents)
    assert [request.headers["x-tc-action"] for request in vendor.seen] == [BILL]
    assert json.loads(vendor.seen[0].body) == {"CustomerUin": int(uin(0)), "Month": "2026-11"}


@pytest.mark.usefixtures("_at_once")
@pytest.mark.parametrize("answer", [response(), *(raw(text) for text in ("null", '"12.34"', "NaN", "1e15", "true"))])
def test_an_answer_without_a_bill_is_a_failed_read(answer: Response) -> None:
    """A sum that is missing or no number is not taken for nothing spent."""
    with scripted(answer) as (cloud, _), pytest.raises(TemporaryReadError, match="TotalCost"):
        cloud.billed(customer(0), "2026-11")


@pytest.mark.parametrize("month", ["2026-13", "2026-00", "2026-1", "26-11", "2026-11-01", "2026/11", "", "２０２６-11"])  # noqa: RUF001 - digits that are none to the vendor
def test_what_is_no_month_is_never_asked_for(month: str) -> None:
    """A month is a year and a month; anything else is told without a call."""
    with scripted(response(TotalCost=1)) as (cloud, vendor):
        with pytest.raises(PermanentReadError, match="2026-11"):
            cloud.billed(customer(0), month)
        with pytest.raises(PermanentReadError, match="digits only"):
            cloud.billed(Customer(CustomerKey("tencent", "abc")), "2026-11")
    assert vendor.seen == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("InvalidParameterValue.InvalidMonth", PermanentReadError),
        ("UnauthorizedOperation.UinNoAuth", PermanentReadError),
        ("AuthFailure.UnauthorizedOperation", AccountRefusedError),
    ],
)
def test_a_refused_bill_says_why(code: str, expected: type[PermanentReadError]) -> None:
    """The codes documented for bills are put into sentences; one customer's bill says nothing of the account."""
    with scripted(error(code)) as (cloud, vendor):
        with pytest.raises(PermanentReadError) as raised:
            cloud.billed(customer(0), "2026-11")
        assert type(raised.value) is expected
        assert raised.value.sentence
    assert len(vendor.seen) == 1


def test_a_busy_vendor_is_asked_for_a_bill_again() -> None:
    """Bills are retried as any read is."""
    vendor = SimulatedTencent()
    (one,) = populate(vendor, 1)
    vendor.faults.plan(BILL, Mode.BUSINESS_ERROR)
    with simulated(vendor) as cloud:
        assert cloud.billed(one, "2020-01") == ZERO
    assert vendor.requests() == {BILL: 2}


def test_bills_are_asked_for_once_a_second() -> None:
    """A vendor that enforces its documented rates throttles nothing at the usual share of them."""
    assert RATES[BILL] == SIMULATED_RATES[BILL] == 1
    vendor = SimulatedTencent()
    (one,) = populate(vendor, 1)
    with vendor.serve(enforce_rates=True) as server:
        with account(server.endpoint, keys=vendor.settings(), rate_share=0.9) as cloud:
            for _ in range(2):
                cloud.billed(one, "2020-01")
            assert cloud.calls() == {BILL: 2, "throttled": 0}
        assert server.failures == []


def test_the_partners_own_credit_is_told() -> None:
    """Limit, use and rest are QueryPartnerCredit's three figures; a customer's spend moves none of them."""
    vendor = SimulatedTencent(allocable=Money(1_000_00))
    populate(vendor, 2, granted=100_10)
    with simulated(vendor) as cloud:
        before = cloud.headroom()
        assert before == Headroom(
            title="partner credit", limit=Money(1_200_20), used=Money(200_20), left=Money(1_000_00)
        )
        vendor.spend(uin(0), Money(50_00))
        assert cloud.headroom() == before
        cloud.send(intent(250_50))
        after = cloud.headroom()
        assert (after.limit, after.used, after.left) == (Money(1_200_20), Money(450_70), Money(749_50))
        assert cloud.quota() == after.left


def test_what_the_partners_credit_does_not_say_is_unknown() -> None:
    """A missing figure is None and spoils no other; fractions of a cent make the headroom smaller, never larger."""
    with scripted(response(TotalCredit=10.009, AllocatedCredit=None, RemainingCredit=1.239)) as (cloud, _):
        assert cloud.headroom() == Headroom(title="partner credit", limit=Money(10_00), used=None, left=Money(1_23))
    with scripted(response(AllocatedCredit=8.761)) as (cloud, _):
        assert cloud.headroom() == Headroom(title="partner credit", limit=None, used=Money(8_77), left=None)


@pytest.mark.usefixtures("_at_once")
@pytest.mark.parametrize("name", ["TotalCredit", "AllocatedCredit", "RemainingCredit"])
@pytest.mark.parametrize("text", ABSURD)
def test_an_absurd_partner_credit_is_a_failed_read(name: str, text: str) -> None:
    """A figure that no amount is makes the whole answer one that is not believed."""
    vendor = SimulatedTencent()
    Spoiler(texts={name: text}).stand_before(vendor)
    with simulated(vendor) as cloud, pytest.raises(TemporaryReadError, match=name):
        cloud.headroom()


@pytest.mark.usefixtures("_at_once")
def test_a_partner_credit_without_figures_is_a_failed_read() -> None:
    """Nothing at all is no answer, and a key that may not ask is the account's trouble."""
    with scripted(response()) as (cloud, _), pytest.raises(TemporaryReadError, match="none of the credit's"):
        cloud.headroom()
    with simulated(SimulatedTencent(role=Role.CUSTOMER)) as cloud, pytest.raises(AccountRefusedError):
        cloud.headroom()


def test_a_forced_suspension_is_not_ended_by_credit() -> None:
    """Suspended by hand, a customer stays so whatever is granted; suspended by use, new credit resumes."""
    vendor = SimulatedTencent()
    forced, overused = populate(vendor, 2)
    vendor.force(uin(0), suspended=True)
    vendor.spend(uin(1), Money(100_01))
    with simulated(vendor) as cloud:

        def restrictions() -> list[Restriction | None]:
            seen = cloud.observe([forced, overused], everyone=False).standings
            assert [vendor.restricted(uin(0)), vendor.restricted(uin(1))] == [
                seen[one.key].restriction is Restriction.SUSPENDED for one in (forced, overused)
            ]
            return [seen[one.key].restriction for one in (forced, overused)]

        assert restrictions() == [Restriction.SUSPENDED, Restriction.SUSPENDED]
        cloud.send(intent(500_00))
        cloud.send(intent(1, number=1))
        assert restrictions() == [Restriction.SUSPENDED, Restriction.NONE]
        vendor.force(uin(0), suspended=False)
        assert restrictions() == [Restriction.NONE, Restriction.NONE]


def test_the_non_stop_privilege_shows_in_no_field() -> None:
    """Two overused customers look the same to the adapter, though the one with the privilege runs on."""
    vendor = SimulatedTencent()
    asked = list(populate(vendor, 2, spent=100_01))
    vendor.grant_non_stop(uin(0))
    assert [vendor.restricted(uin(number)) for number in range(2)] == [False, True]
    with simulated(vendor) as cloud:
        seen = [cloud.observe(asked, everyone=False).standings[one.key] for one in asked]
    assert {(one.restriction, one.available) for one in seen} == {(Restriction.SUSPENDED, Money(-1))}
