"""The simulated vendor itself: one partner account at Huawei Cloud, behind a signature check.

Implements `adapters.sandbox.world.SimulatedVendor`. Thread-safe: one lock for all books.
"""

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from adapters.clouds.huawei.simulator import signature
from adapters.clouds.huawei.simulator.accounts import (
    AUTOMATIC_FREEZE,
    DELETE,
    MANUAL_FREEZE,
    Account,
    Consumption,
    Setting,
    kind_of,
    type_of,
)
from adapters.clouds.huawei.simulator.behaviour import Behaviour, FreezeType, Role
from adapters.clouds.huawei.simulator.books import Books
from adapters.clouds.huawei.simulator.operations import OPERATIONS
from adapters.clouds.huawei.simulator.wire import LONGEST_ID, ApiError, Fault
from adapters.sandbox.faults import Faults
from adapters.sandbox.server import LoopbackServer, Request, Response
from adapters.sandbox.world import AppliedWrite, CustomerSpec
from core.money import Money

RATES = dict.fromkeys((name for name, _ in OPERATIONS.values()), 10.0)
TEST_KEY = signature.Key("AKTESTSANDBOX", "SKTESTSANDBOX", "domain0sandbox")

_UNKNOWN_PATH = Fault(404, "APIGW.0101", "The API does not exist or has not been published in the environment")
_THROTTLED = Fault(
    429, "APIGW.0308", "The throttling threshold has been reached: policy user over ratelimit,limit:10,time:1 second"
)
_BUSINESS_ERROR = Fault(200, "CBC.99000000", "You do not have the permission to operate on this customer.")
_REFUSAL = Fault(400, "CBC.0100", "Invalid parameter.")
_NOT_A_PARTNER = Fault(200, "CBC.5001", "You are not a partner.")
_RESELLER = Fault(403, "CBC.0155", "The request is not allowed.")
_ACCESS_DENIED = Fault(403, "CBC.0151", "Access denied.")
_ACTIONS = {MANUAL_FREEZE: "alert", AUTOMATIC_FREEZE: "restrict"}


class SimulatedHuawei:
    """One partner account with its customers. `now`: aware UTC. `behaviour` may be replaced at any time."""

    vendor = "huawei"

    def __init__(self, *, behaviour: Behaviour | None = None, now: Callable[[], datetime] | None = None) -> None:
        self.faults = Faults()
        self._now = now or (lambda: datetime.now(UTC))
        self._books = Books(behaviour or Behaviour())
        self._lock = threading.RLock()
        self._requests: Counter[str] = Counter()
        self._endpoint = ""

    @property
    def behaviour(self) -> Behaviour:
        """The switches in force."""
        return self._books.behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        with self._lock:
            self._books.behaviour = behaviour
            for account in self._books.accounts.values():
                account.spending.lag = behaviour.spend_lag

    def switch(self, **switches: object) -> None:
        """Turn some switches, leaving the others."""
        self.behaviour = replace(self.behaviour, **switches)  # type: ignore[arg-type]  # the names are Behaviour's

    # Simulation

    def operation(self, request: Request) -> str:
        """Name the operation, "" for an unknown one, and count it."""
        name, _ = OPERATIONS.get((request.method, request.path), ("", None))
        with self._lock:
            self._requests[name] += 1
        return name

    def respond(self, request: Request) -> Response:
        """Verify, apply, answer."""
        with self._lock:
            now = self._now()
            for account in self._books.accounts.values():
                account.settle(self.behaviour, now)
            try:
                self._raise_if_refused(request, now)
                _, operate = OPERATIONS[(request.method, request.path)]
                return operate(self._books, request, now)
            except ApiError as error:
                return error.fault.response()

    def throttled(self, operation: str) -> Response:  # noqa: ARG002 - one answer for all
        """Give the gateway's answer to too many requests."""
        return _THROTTLED.response()

    def business_error(self, operation: str) -> Response:  # noqa: ARG002 - one answer for all
        """Give a business error that comes with status 200."""
        return _BUSINESS_ERROR.response()

    def refusal(self, operation: str) -> Response:  # noqa: ARG002 - one answer for all
        """Give a definite refusal."""
        return _REFUSAL.response()

    # The world

    def add_customer(self, spec: CustomerSpec) -> None:
        """Let there be this customer, and its reseller; raises ValueError if its id is taken or impossible."""
        with self._lock:
            if spec.customer_id in self._books.accounts or not 1 <= len(spec.customer_id) <= LONGEST_ID:
                message = f"customer id {spec.customer_id!r} is taken or impossible"
                raise ValueError(message)
            now = self._now()
            account = Account.begun(spec, now)
            account.spending.lag = self.behaviour.spend_lag
            former = self._books.former.pop(spec.customer_id, None)
            if former is not None:
                account.records[:0] = former.records
            self._books.accounts[spec.customer_id] = account
            if spec.indirect_partner_id is not None:
                self._books.partners.setdefault(spec.indirect_partner_id, now)

    def remove_customer(self, customer_id: str) -> None:
        """End the customer's association; its budget goes with it, on record."""
        with self._lock:
            account = self._books.accounts.pop(customer_id)
            budget = account.budget.newest
            if budget is not None:
                account.note(budget, DELETE, "system", self._now())
            self._books.former[customer_id] = account

    def customer_ids(self) -> Sequence[str]:
        """All customers, in the order they came."""
        with self._lock:
            return list(self._books.accounts)

    def granted(self, customer_id: str) -> Money | None:
        """The budget set now; None: none was ever set."""
        with self._lock:
            budget = self._books.accounts[customer_id].budget.newest
            return None if budget is None else budget.amount

    def kind(self, customer_id: str) -> str | None:
        """The kind of the budget; None without one."""
        with self._lock:
            budget = self._books.accounts[customer_id].budget.newest
            return None if budget is None else kind_of(budget.budget_type)

    def restricted(self, customer_id: str) -> bool:
        """Whether the customer is frozen now, in whichever way."""
        return self.frozen_type(customer_id) is not None

    def frozen_type(self, customer_id: str) -> FreezeType | None:
        """How the customer is frozen now; None: not at all."""
        with self._lock:
            account = self._books.accounts[customer_id]
            account.settle(self.behaviour, self._now())
            return account.frozen.newest

    def action(self, customer_id: str) -> str | None:
        """What happens at exhaustion; None: never stated."""
        with self._lock:
            freeze = self._books.accounts[customer_id].freeze
            return None if freeze is None else _ACTIONS[freeze]

    def spend(self, customer_id: str, amount: Money) -> None:
        """Let the customer spend this much right now."""
        with self._lock:
            self._books.accounts[customer_id].spending.spend(amount, self._now())

    def console_freeze(self, customer_id: str, *, resources: bool) -> None:
        """Freeze as a person would in the console, with the resources or without."""
        with self._lock:
            frozen = FreezeType.ACCOUNT_AND_RESOURCE if resources else FreezeType.ACCOUNT
            self._books.accounts[customer_id].stand(frozen, self._now())

    def console_release(self, customer_id: str) -> None:
        """Lift any freeze as a person would in the console."""
        with self._lock:
            self._books.accounts[customer_id].stand(None, self._now())

    def console_set(self, customer_id: str, granted: Money, operator: str, kind: str | None = None) -> None:
        """Change the budget as a person would in the console; `kind` None: as it is."""
        with self._lock:
            budget_type = type_of(kind or self.kind(customer_id))
            setting = Setting(amount=granted, budget_type=budget_type)
            self._books.accounts[customer_id].set(setting, operator, self.behaviour, self._now())

    def set_consumption(self, consumption: Consumption) -> None:
        """Let the partner itself have this quota, and owe this much."""
        with self._lock:
            self._books.consumption = consumption

    def applied_writes(self) -> Sequence[AppliedWrite]:
        """Every change applied through the interface, oldest first."""
        with self._lock:
            return list(self._books.writes)

    def requests(self) -> Mapping[str, int]:
        """Requests seen so far, by operation."""
        with self._lock:
            return dict(self._requests)

    def settings(self) -> Mapping[str, str]:
        """The account's keys for a config, with the endpoint once served."""
        keys = {"access_key": TEST_KEY.access, "secret_key": TEST_KEY.secret, "domain_id": TEST_KEY.domain_id}
        return {**keys, **({"endpoint": self._endpoint} if self._endpoint else {})}

    def serve(self, port: int = 0, *, enforce_rates: bool = False) -> LoopbackServer:
        """Start answering on loopback; the caller stops it."""
        rates = RATES if enforce_rates else None
        server = LoopbackServer(self, faults=self.faults, now=self._now, rates=rates, port=port).start()
        self._endpoint = server.endpoint
        return server

    def _raise_if_refused(self, request: Request, now: datetime) -> None:
        """Check in the order of the real thing: path, signature, who is calling, what its key may do."""
        if (request.method, request.path) not in OPERATIONS:
            raise ApiError(_UNKNOWN_PATH)
        fault = signature.fault_in(request, TEST_KEY, now)
        if fault is not None:
            raise ApiError(Fault(401, "APIGW.0301", f"Incorrect IAM authentication information: {fault}"))
        if self.behaviour.role is Role.CUSTOMER:
            raise ApiError(_NOT_A_PARTNER)
        if self.behaviour.role is Role.RESELLER:
            raise ApiError(_RESELLER)
        if OPERATIONS[(request.method, request.path)][0] in self.behaviour.denied:
            raise ApiError(_ACCESS_DENIED)
