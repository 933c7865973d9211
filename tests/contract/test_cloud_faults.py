"""Whatever happens on the wire, an adapter never claims what it cannot know: the truth is the simulated vendor's."""

import time
from datetime import timedelta
from typing import assert_never

import pytest
from tenacity import wait_none

from adapters.clouds.registry import VENDORS
from adapters.sandbox.faults import ANY_OPERATION, Mode
from adapters.wire import line, rates
from core.capabilities import Change
from core.errors import ReadFailedError
from core.intent import Action, Intent, Position
from core.money import Money
from core.ports import Confirmed, NotSent, Refused, Reply, Uncertain
from core.witness import Witness
from tests.contract.cloud_rig import ALL_VENDORS, Rig, assert_partitioned, assert_true, opened, spec_of

every_vendor = pytest.mark.parametrize("name", ALL_VENDORS)
every_mode = pytest.mark.parametrize("mode", Mode)


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry at once: how long a read waits between attempts is the wire's own tests' business."""
    monkeypatch.setattr(line, "BACK_OFF", wait_none())
    monkeypatch.setattr(rates, "FIRST_COOL_DOWN", 0.02)
    monkeypatch.setattr(rates, "LONGEST_COOL_DOWN", 0.05)


# Long enough for a good answer on loopback, short enough that hangs cost little.
PATIENCE = timedelta(seconds=0.4)
# Nothing good is coming there, so nothing is lost by giving up at once.
IMPATIENCE = timedelta(seconds=0.08)
LATE_SECONDS = 0.9
DRIP_SECONDS = 5.0
SETTLING_SECONDS = 3.0


def seconds_of(mode: Mode) -> float | None:
    """Let delays outlast the patience of the caller."""
    match mode:
        case Mode.LATE:
            return LATE_SECONDS
        case Mode.DRIP:
            return DRIP_SECONDS
        case _:
            return None


def assert_honest(reply: Reply, applied: int) -> None:
    """Confirmed only of what was applied, refused or not sent only of what was not."""
    match reply:
        case Confirmed():
            assert applied >= 1
        case Refused() | NotSent():
            assert applied == 0
            assert reply.sentence
        case Uncertain():
            assert reply.sentence
        case _:
            assert_never(reply)


def wait_for_late_write(rig: Rig) -> None:
    """Wait until the write that was held back is applied."""
    deadline = time.monotonic() + SETTLING_SECONDS
    while rig.applied() == 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert rig.applied() == 1


# What each mode must come to, where only one answer is right.
EXPECTED: dict[Mode, type[Reply]] = {
    Mode.REFUSED: Uncertain,
    Mode.RESET_BEFORE: Uncertain,
    Mode.RESET_AFTER: Uncertain,
    Mode.HANG_BEFORE: Uncertain,
    Mode.HANG_AFTER: Uncertain,
    Mode.LATE: Uncertain,
    Mode.TOO_MANY: Refused,
    Mode.SERVER_ERROR_BEFORE: Uncertain,
    Mode.SERVER_ERROR_AFTER: Uncertain,
    Mode.REFUSAL: Refused,
    Mode.TRUNCATED: Uncertain,
    Mode.TRUNCATED_HEADERS: Uncertain,
    Mode.GARBAGE: Uncertain,
    Mode.REDIRECT: Uncertain,
    Mode.DRIP: Uncertain,
}


# A mode that waits costs the whole patience: once, for a raise, is enough there.
SLOW = frozenset({Mode.HANG_BEFORE, Mode.HANG_AFTER, Mode.LATE, Mode.DRIP})
RAISE, CUT = 600_00, 400_00
CASES = [(mode, wanted) for mode in Mode for wanted in (RAISE, CUT) if wanted == RAISE or mode not in SLOW]
FREEZING = [name for name in ALL_VENDORS if VENDORS[name].capabilities.restricts_by_call]
BY_CALL = [
    (mode, action)
    for mode in Mode
    for action in (Action.FREEZE, Action.RESTRICT, Action.RELEASE)
    if action is Action.FREEZE or mode not in SLOW
]


@every_vendor
@pytest.mark.parametrize(("mode", "wanted"), CASES)
def test_a_write_is_judged_rightly(name: str, mode: Mode, wanted: int) -> None:
    """Under every fault the reply is no more than what the vendor knows, one request is seen, and the records agree."""
    spec = spec_of(name, 0, granted=500_00)
    with opened(name, [spec]) as rig:
        (customer,) = rig.customers()
        before = rig.cloud.witness(customer)
        position = Position(granted=Money(wanted), kind=rig.position(spec.customer_id).kind)
        intent = rig.sent(spec.customer_id, position, write_timeout=PATIENCE)
        assert_judged(rig, intent, mode)
        assert_recorded(rig, intent.mark, before, rig.cloud.witness(customer))


@pytest.mark.parametrize("name", FREEZING)
@pytest.mark.parametrize(("mode", "action"), BY_CALL)
def test_a_freeze_and_a_release_are_judged_rightly(name: str, mode: Mode, action: Action) -> None:
    """Under every fault the reply is no more than what the vendor knows, and one request is seen."""
    spec = spec_of(name, 0, granted=500_00, restricted=action is Action.RELEASE)
    with opened(name, [spec]) as rig:
        intent = rig.sent(spec.customer_id, Position(), write_timeout=PATIENCE, action=action)
        assert_judged(rig, intent, mode)
        assert rig.world.restricted(spec.customer_id) is ((rig.applied() > 0) is not (action is Action.RELEASE))


def assert_judged(rig: Rig, intent: Intent, mode: Mode) -> None:
    """Under this fault the call is made once, given up in time, and its reply claims no more than the truth."""
    seen = rig.seen()
    rig.world.faults.plan(ANY_OPERATION, mode, seconds=seconds_of(mode))
    begun = time.monotonic()
    reply = rig.cloud.send(intent)
    assert time.monotonic() - begun < 4 * PATIENCE.total_seconds()
    if mode is Mode.LATE:
        assert rig.applied() == 0
        wait_for_late_write(rig)
    assert rig.applied() == (2 if mode is Mode.DOUBLED else int(mode.applied is not False))
    assert_honest(reply, rig.applied())
    assert isinstance(reply, EXPECTED.get(mode, (Confirmed, Refused, Uncertain))), reply
    assert rig.seen() == seen + 1
    if mode is Mode.TOO_MANY:
        assert isinstance(reply, Refused)
        assert reply.throttled
    assert rig.world.faults.pending() == 0


def assert_recorded(rig: Rig, mark: str, before: Witness, after: Witness) -> None:
    """The vendor's records show every application and nothing else, and the mark where the vendor keeps one."""
    assert after.count - before.count == rig.applied()
    if rig.vendor.capabilities.change is Change.INCREMENT:
        assert len(after.marked(mark)) == rig.applied()


@every_vendor
@every_mode
def test_a_read_survives_one_fault(name: str, mode: Mode) -> None:
    """After one fault anywhere in it a read is right or says what it could not read; nobody vanishes."""
    specs = [spec_of(name, number, granted=500_00 + number, spent=number) for number in range(3)]
    with opened(name, specs, read_timeout=PATIENCE) as rig:
        for skip in range(2):
            rig.world.faults.clear()
            rig.world.faults.plan(ANY_OPERATION, mode, skip=skip, seconds=seconds_of(mode))
            observation = rig.cloud.observe(rig.customers(), everyone=False)
            assert_partitioned(observation, rig.customers())
            assert observation.absent == frozenset()
            for standing in observation.standings.values():
                assert_true(rig, standing)


LASTING = [
    Mode.RESET_BEFORE,
    Mode.HANG_BEFORE,
    Mode.TOO_MANY,
    Mode.SERVER_ERROR_BEFORE,
    Mode.BUSINESS_ERROR,
    Mode.REFUSAL,
    Mode.TRUNCATED,
    Mode.GARBAGE,
    Mode.REDIRECT,
]


@every_vendor
@pytest.mark.parametrize("mode", LASTING)
def test_a_vendor_that_stays_broken_makes_customers_unreadable(name: str, mode: Mode) -> None:
    """While nothing gets through, every customer is unreadable: none is absent and none has a figure."""
    specs = [spec_of(name, number, granted=500_00) for number in range(2)]
    with opened(name, specs, read_timeout=IMPATIENCE) as rig:
        rig.world.faults.plan(ANY_OPERATION, mode, times=1_000_000)
        observation = rig.cloud.observe(rig.customers(), everyone=True)
        assert set(observation.unreadable) == {customer.key for customer in rig.customers()}
        assert (observation.standings, observation.absent, observation.others) == ({}, frozenset(), ())
        assert all(problem.sentence for problem in observation.unreadable.values())
        with pytest.raises(ReadFailedError):
            rig.cloud.witness(rig.customers()[0])
        assert any(not result.ok for result in rig.cloud.probe())


@every_vendor
def test_a_vendor_that_is_down_makes_customers_unreadable(name: str) -> None:
    """With nobody listening the account has a problem, every customer is unreadable, and the next read is good."""
    specs = [spec_of(name, number, granted=500_00) for number in range(2)]
    with opened(name, specs, read_timeout=PATIENCE) as rig:
        with rig.server.unreachable():
            observation = rig.cloud.observe(rig.customers(), everyone=False)
        assert observation.account_problem is not None
        assert set(observation.unreadable) == {customer.key for customer in rig.customers()}
        assert set(rig.cloud.observe(rig.customers(), everyone=False).standings) == set(observation.unreadable)


@every_vendor
def test_a_witness_is_whole_or_not_at_all(name: str) -> None:
    """The vendor's records are read whole after a fault, or a read error is raised; never a part of them."""
    spec = spec_of(name, 0, granted=500_00)
    with opened(name, [spec], read_timeout=PATIENCE) as rig:
        (customer,) = rig.customers()
        for number in range(130):
            rig.world.console_set(spec.customer_id, Money(600_00 + number), "li.wei")
        whole = rig.cloud.witness(customer).count
        assert whole >= 130
        for mode in (Mode.RESET_BEFORE, Mode.GARBAGE, Mode.TRUNCATED, Mode.BUSINESS_ERROR):
            rig.world.faults.plan(ANY_OPERATION, mode, skip=1)
            try:
                assert rig.cloud.witness(customer).count == whole
            except ReadFailedError as error:
                assert error.sentence  # noqa: PT017 - either outcome is right
            rig.world.faults.clear()
