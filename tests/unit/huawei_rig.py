"""A simulated Huawei Cloud that keeps what it was sent, with the adapter opened on it, for the Huawei tests."""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tenacity import wait_none

from adapters.clock import SystemClock
from adapters.clouds.huawei.cloud import HuaweiCloud, open_cloud
from adapters.clouds.huawei.config import HuaweiSettings
from adapters.clouds.huawei.simulator import Behaviour, SimulatedHuawei
from adapters.clouds.huawei.simulator.signature import ALGORITHM, sign
from adapters.clouds.huawei.simulator.vendor import TEST_KEY
from adapters.sandbox.server import LoopbackServer, Request, Response
from adapters.sandbox.world import CustomerSpec
from adapters.wire import line
from core.intent import Action, Intent, Position
from core.limit import Customer, CustomerKey, Kind, OnExhaustion, WritePolicy
from core.money import ZERO, Money
from core.policy import AccountPolicy
from core.ports import Observation, Reply
from core.standing import Restriction

SIGNED = ["host", "x-domain-id", "x-sdk-date"]
QUICK = timedelta(seconds=1)
PLENTY = 1_000.0  # of the documented rates: no test waits for them


class KeepingHuawei(SimulatedHuawei):
    """The simulated vendor, keeping every request it was to answer; `answers` replaces answers, first come."""

    def __init__(self, behaviour: Behaviour | None = None) -> None:
        super().__init__(behaviour=behaviour)
        self.kept: list[Request] = []
        self.answers: dict[str, Response] = {}

    def respond(self, request: Request) -> Response:
        """Keep it, then answer, as told or as the vendor would."""
        self.kept.append(request)
        genuine = super().respond(request)
        return self.answers.get(f"{request.method} {request.path.rpartition('/')[2]}", genuine)

    def bodies(self, ending: str) -> list[dict[str, object]]:
        """The bodies of the POST requests to paths with this ending, oldest first."""
        found = [request for request in self.kept if request.method == "POST" and request.path.endswith(ending)]
        return [json.loads(request.body) for request in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class HuaweiRig:
    """A served world and the adapter that looks at it."""

    world: KeepingHuawei
    server: LoopbackServer
    cloud: HuaweiCloud
    clock: SystemClock = field(default_factory=SystemClock)

    def intent(
        self,
        customer_id: str,
        amount: str,
        kind: Kind | None = Kind.MONTHLY,
        on_exhaustion: OnExhaustion | None = None,
        *,
        action: Action = Action.SET_AMOUNT,
        partner: str | None = None,
    ) -> Intent:
        """Give the intent that sets this budget, as it is on disk before its first byte leaves."""
        now = self.clock.now()
        return Intent(
            id="1",
            mark="tgTEST01ARZ3NDEKTSV4RRFFQ69G5FAV",
            run="1",
            who="test",
            account="huawei-main",
            customer=customer(customer_id, partner),
            action=action,
            before=Position(),
            wanted=Position(granted=Money.parse(amount), kind=kind, on_exhaustion=on_exhaustion),
            change=None,
            rows_before=None,
            inputs_hash="",
            epoch=1,
            recorded_at=now,
        ).sent(now, timedelta(seconds=5), timedelta(minutes=20))

    def send(
        self, customer_id: str, amount: str, kind: Kind = Kind.MONTHLY, on_exhaustion: OnExhaustion | None = None
    ) -> Reply:
        """Send the intent that sets this budget."""
        return self.cloud.send(self.intent(customer_id, amount, kind, on_exhaustion))

    def tell(
        self, action: Action, customer_id: str, *, known: Restriction | None = None, partner: str | None = None
    ) -> Reply:
        """Send the intent that restricts, freezes or releases; `known`: what our records say of the customer before."""
        intent = self.intent(customer_id, "0.00", action=action, partner=partner)
        return self.cloud.send(replace(intent, before=Position(restriction=known), wanted=Position()))


def customer(customer_id: str, partner: str | None = None) -> Customer:
    """Name a customer as core does."""
    return Customer(CustomerKey("huawei", customer_id), partner)


def customers(customer_ids: Sequence[str]) -> list[Customer]:
    """Name customers of the account's own."""
    return [customer(customer_id) for customer_id in customer_ids]


def spec(
    customer_id: str,
    granted: str | None = "500.00",
    *,
    spent: str = "0.00",
    kind: str = "monthly",
    restricted: bool = False,
    partner: str | None = None,
) -> CustomerSpec:
    """Describe a customer of the world."""
    return CustomerSpec(
        customer_id=customer_id,
        name=f"Company {customer_id}",
        granted=None if granted is None else Money.parse(granted),
        kind=None if granted is None else kind,
        spent=Money.parse(spent),
        spend_per_hour=ZERO,
        restricted=restricted,
        indirect_partner_id=partner,
    )


@contextlib.contextmanager
def opened(
    *specs: CustomerSpec,
    behaviour: Behaviour | None = None,
    keys: Mapping[str, str] | None = None,
    read_timeout: timedelta = timedelta(seconds=5),
) -> Iterator[HuaweiRig]:
    """Serve a world with these customers and open its account; `keys` replaces values of the right keys.

    What is read again is read at once: how long a line waits before is the wire's own tests' business.
    """
    world = KeepingHuawei(behaviour)
    for each in specs:
        world.add_customer(each)
    clock = SystemClock()
    with world.serve() as server, pytest.MonkeyPatch.context() as patch:
        patch.setattr(line, "BACK_OFF", wait_none())
        given = {**world.settings(), **(keys or {})}
        settings = HuaweiSettings(
            access_key="env:ACCESS", secret_key="env:SECRET", domain_id=given["domain_id"], endpoint=given["endpoint"]
        )
        policy = AccountPolicy(name="huawei-main", vendor="huawei", write_policy=WritePolicy.SYNC)
        cloud = open_cloud(
            policy=policy,
            settings=settings,
            secrets={"access_key": given["access_key"], "secret_key": given["secret_key"]},
            rate_share=PLENTY,
            read_timeout=read_timeout,
            clock=clock,
        )
        assert isinstance(cloud, HuaweiCloud)
        try:
            yield HuaweiRig(world=world, server=server, cloud=cloud, clock=clock)
        finally:
            cloud.close()
    assert server.failures == []


def signed(
    method: str, path: str, fields: Mapping[str, object] | None, now: datetime, *, body: bytes | None = None
) -> Request:
    """Write a request as a caller other than the SDK would, `fields` in the body or in the query."""
    query = [] if method == "POST" or fields is None else [(name, str(value)) for name, value in fields.items()]
    if body is None:
        body = json.dumps(fields).encode() if method == "POST" else b""
    headers = {
        "host": "127.0.0.1",
        "content-type": "application/json",
        "x-domain-id": TEST_KEY.domain_id,
        "x-sdk-date": now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"),
    }
    bare = Request(method, path, query, headers, body, path)
    signature = sign(bare, SIGNED, TEST_KEY.secret)
    authorization = f"{ALGORITHM} Access={TEST_KEY.access}, SignedHeaders={';'.join(SIGNED)}, Signature={signature}"
    return Request(method, path, query, {**headers, "authorization": authorization}, body, path)


@dataclass(slots=True)
class Desk:
    """Asks a simulated vendor directly, without a socket, at a time of the test's choosing."""

    now: datetime = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)
    world: SimulatedHuawei = field(init=False)

    def __post_init__(self) -> None:
        self.world = SimulatedHuawei(now=lambda: self.now)

    def ask(self, method: str, path: str, fields: Mapping[str, object] | None = None) -> tuple[int, dict[str, Any]]:
        """Give status and document of the answer."""
        response = self.world.respond(signed(method, f"/v2/partners/{path}", fields, self.now))
        return response.status, json.loads(response.body) if response.body else {}

    def update(self, **fields: object) -> tuple[int, object]:
        """Set a budget; give status and error code."""
        status, document = self.ask("POST", "sub-customers/budget", fields)
        return status, document.get("error_code")

    def budget(self, customer_id: str) -> dict[str, Any]:
        """Show a budget."""
        return self.ask("GET", "sub-customers/budget", {"customer_id": customer_id})[1]


def named(prefix: str, count: int) -> list[str]:
    """Give ids that sort as they are numbered."""
    return [f"{prefix}{number:04d}" for number in range(count)]


def ids(keyed: object) -> set[str]:
    """The customer ids among the keys of a part of an observation."""
    return {key.customer_id for key in keyed}  # type: ignore[attr-defined]  # any mapping or set of keys


def observed(rig: HuaweiRig, asked: list[Customer], *, everyone: bool = False) -> Observation:
    """Observe, and check that every asked customer is in exactly one part."""
    observation = rig.cloud.observe(asked, everyone=everyone)
    parts = [set(observation.standings), set(observation.unreadable), set(observation.absent)]
    assert sum(map(len, parts)) == len(set().union(*parts))
    assert set().union(*parts) == {each.key for each in asked}
    return observation


def answering(rig: HuaweiRig, path: str, answer: Callable[[Request, Response], Response]) -> None:
    """Let the vendor answer this path otherwise: `answer` gets the request and the genuine answer."""
    respond = rig.world.respond

    def otherwise(request: Request) -> Response:
        genuine = respond(request)
        return answer(request, genuine) if request.path.endswith(path) else genuine

    rig.world.respond = otherwise  # type: ignore[method-assign]  # one vendor that answers otherwise
