"""A Tencent account on the real SDK, for the unit tests: against the simulator, or against scripted answers."""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest
from tenacity import wait_none

from adapters.clouds.tencent.cloud import TencentCloud, open_cloud
from adapters.clouds.tencent.config import TencentSettings
from adapters.clouds.tencent.simulator import SimulatedTencent
from adapters.sandbox.faults import Faults
from adapters.sandbox.server import LoopbackServer, Request, Response
from adapters.sandbox.world import CustomerSpec
from adapters.wire import line
from core.intent import Action, Intent, Position
from core.limit import Customer, CustomerKey, WritePolicy
from core.money import Money
from core.policy import AccountPolicy

MARK = "tgTEST01JD0000000000000000000000"
FIRST_UIN = 200_000_000_000
READ_TIMEOUT = timedelta(seconds=5)
ANY_KEYS: Mapping[str, str] = MappingProxyType({"secret_id": "id", "secret_key": "key"})


class WallClock:
    """The wall clock as core asks for it."""

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC)

    def sleep(self, duration: timedelta) -> None:
        """Nobody sleeps here."""

    def stopping(self) -> bool:
        """Nobody asks to stop."""
        return False


class Scripted:
    """A vendor that answers with what it is told, whatever it is asked, and remembers what arrived."""

    def __init__(self, *answers: Response) -> None:
        self.seen: list[Request] = []
        self._answers = list(answers)

    def operation(self, request: Request) -> str:
        """Name the action as it was named."""
        return request.headers.get("x-tc-action", "")

    def respond(self, request: Request) -> Response:
        """Give the next answer; the last one goes on for ever."""
        self.seen.append(request)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def throttled(self, operation: str) -> Response:
        """Not asked for."""
        raise NotImplementedError(operation)

    business_error = refusal = throttled


def response(status: int = 200, content_type: str = "application/json", **fields: object) -> Response:
    """Answer in the vendor's envelope."""
    body = json.dumps({"Response": {**fields, "RequestId": "r-1"}}).encode()
    return Response(status, body, {"Content-Type": content_type})


def error(code: str, content_type: str = "application/json", status: int = 200) -> Response:
    """Answer with the vendor's error."""
    return response(status, content_type, Error={"Code": code, "Message": "no"})


def policy(lag: timedelta = timedelta(minutes=5)) -> AccountPolicy:
    """The account as core has it."""
    return AccountPolicy(name="main", vendor="tencent", write_policy=WritePolicy.SYNC, lag=lag)


@contextlib.contextmanager
def account(
    endpoint: str,
    *,
    keys: Mapping[str, str] = ANY_KEYS,
    read_timeout: timedelta = READ_TIMEOUT,
    rate_share: float = 1_000.0,
) -> Iterator[TencentCloud]:
    """Open an account at this endpoint, unless told otherwise unhurried by rates, that reads again at once."""
    settings = TencentSettings(secret_id="env:A", secret_key="env:B", endpoint=endpoint)
    cloud = open_cloud(
        policy=policy(),
        settings=settings,
        secrets={"secret_id": keys["secret_id"], "secret_key": keys["secret_key"]},
        rate_share=rate_share,
        read_timeout=read_timeout,
        clock=WallClock(),
    )
    assert isinstance(cloud, TencentCloud)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(line, "BACK_OFF", wait_none())
            yield cloud
    finally:
        cloud.close()


@contextlib.contextmanager
def scripted(*answers: Response) -> Iterator[tuple[TencentCloud, Scripted]]:
    """An account whose vendor gives these answers."""
    vendor = Scripted(*answers)
    server = LoopbackServer(vendor, faults=Faults(), now=lambda: datetime.now(UTC))
    with server, account(server.endpoint) as cloud:
        yield cloud, vendor


@contextlib.contextmanager
def simulated(vendor: SimulatedTencent) -> Iterator[TencentCloud]:
    """An account at this simulated vendor."""
    with vendor.serve() as server:
        with account(server.endpoint, keys=vendor.settings()) as cloud:
            yield cloud
        assert server.failures == []


def uin(number: int) -> str:
    """The UIN of the numbered customer."""
    return str(FIRST_UIN + number)


def customer(number: int) -> Customer:
    """The numbered customer as core names it."""
    return Customer(CustomerKey("tencent", uin(number)))


def populate(vendor: SimulatedTencent, count: int, *, granted: int = 100_00, spent: int = 0) -> Sequence[Customer]:
    """Let there be this many customers, amounts in cents."""
    for number in range(count):
        spec = CustomerSpec(
            customer_id=uin(number), name=f"Customer {number}", granted=Money(granted), spent=Money(spent)
        )
        vendor.add_customer(spec)
    return [customer(number) for number in range(count)]


def intent(
    change: int | None,
    *,
    number: int = 0,
    send_before: timedelta = timedelta(seconds=5),
    change_it: Callable[[Intent], Intent] = lambda same: same,
) -> Intent:
    """An increment in cents as it is on disk before its first byte leaves."""
    now = datetime.now(UTC)
    recorded = Intent(
        id=MARK[6:],
        mark=MARK,
        run="run",
        who="tests",
        account="main",
        customer=customer(number),
        action=Action.SET_AMOUNT,
        before=Position(granted=Money(100_00)),
        wanted=Position(granted=Money(100_00 + (change or 0))),
        change=None if change is None else Money(change),
        rows_before=1,
        inputs_hash="",
        epoch=1,
        recorded_at=now,
    )
    return change_it(recorded.sent(now, send_before, timedelta(minutes=6)))
