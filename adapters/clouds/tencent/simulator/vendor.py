"""The simulated vendor as a whole: authenticates, dispatches, answers, and lets a test look behind the counter.

Implements `adapters.sandbox.world.SimulatedVendor`; served by adapters.sandbox.server.
"""

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from uuid import uuid4

from adapters.clouds.tencent.simulator import actions, bills
from adapters.clouds.tencent.simulator.customer import FORCE_NORMAL, FORCE_SUSPENDED, SimulatedCustomer
from adapters.clouds.tencent.simulator.fields import REQUIRED, fields_of
from adapters.clouds.tencent.simulator.ledger import CREDIT_LINE, Ledger
from adapters.clouds.tencent.simulator.refusal import RefusalError
from adapters.clouds.tencent.simulator.signature import refusal_of
from adapters.clouds.tencent.simulator.switches import Role, Switches
from adapters.sandbox.faults import Faults
from adapters.sandbox.server import LoopbackServer, Request, Response, json_response
from adapters.sandbox.world import AppliedWrite, CustomerSpec
from core.money import Money

SERVICE = "intlpartnersmgt"
VERSION = "2022-09-28"
ALLOCATE = "AllocateCustomerCredit"
RATES: Mapping[str, float] = MappingProxyType({**dict.fromkeys(REQUIRED, 5.0), "DescribeCustomerBillSummary": 1.0})
"""Requests per second that the documentation allows, by action."""

_SECRET_ID = "AKIDsimulatedtencent000000000000"  # noqa: S105 - a name
_SECRET_KEY = "simulated-tencent-key"  # noqa: S105 - of the simulated vendor, good for nothing else
_CONSOLE = "console"


def _now() -> datetime:
    return datetime.now(UTC)


class SimulatedTencent:
    """One reseller account at a simulated Tencent Cloud. Thread-safe.

    `now`: aware clock. `allocable`: credit to give out beyond what customers begin with. `spend_lag`: how late
    RemainingCredit shows spend. `operator`: whom records name for calls of the key. `allowed`: actions that the key's
    policy allows, None: all.
    """

    vendor = "tencent"

    def __init__(
        self,
        *,
        now: Callable[[], datetime] = _now,
        switches: Switches | None = None,
        allocable: Money = Money(1_000_000_00),  # noqa: B008 - an immutable value
        spend_lag: timedelta = timedelta(0),
        role: Role = Role.RESELLER,
        allowed: frozenset[str] | None = None,
        operator: str = "tidegate-key",
    ) -> None:
        self.faults = Faults()
        self.role = role
        self.allowed = allowed
        self._now = now
        self._operator = operator
        self._ledger = Ledger(switches=switches or Switches(), allocable=allocable, spend_lag=spend_lag)
        self._lock = threading.RLock()
        self._requests: Counter[str] = Counter()
        self._writes: list[AppliedWrite] = []
        self._endpoint = ""

    # What the server asks.

    def operation(self, request: Request) -> str:
        """Name the action, "" for one there is not."""
        action = request.headers.get("x-tc-action", "")
        name = action if action in REQUIRED else ""
        with self._lock:
            self._requests[name] += 1
        return name

    def respond(self, request: Request) -> Response:
        """Authenticate, apply, answer; errors come with status 200, as everything that was processed does."""
        with self._lock:
            now = self._now()
            try:
                return _answer(self._acted(request, now))
            except RefusalError as error:
                return _error(error.code, error.message)

    def throttled(self, operation: str) -> Response:
        """The gateway's answer to too many requests."""
        return _error("RequestLimitExceeded", f"Your current request times exceed the limit of {operation}.")

    def business_error(self, operation: str) -> Response:
        """An error that says nothing of whether it was applied."""
        return _error("OperationDenied.ServiceBusy", f"{operation}: System busy. Please try again later.")

    def refusal(self, operation: str) -> Response:
        """An error that says that it was not."""
        if operation == ALLOCATE:
            return _error("InvalidParameterValue.CreditAmountOutOfRange", "The credit quota has exceeded the limit.")
        return _error("InvalidParameterValue", "The parameter value is not valid.")

    # The world.

    @property
    def switches(self) -> Switches:
        """What the vendor does where its documentation is silent; may be replaced at any time."""
        return self._ledger.switches

    @switches.setter
    def switches(self, switches: Switches) -> None:
        with self._lock:
            self._ledger.switches = switches

    def add_customer(self, spec: CustomerSpec) -> None:
        """Let there be this customer; raises ValueError if its id is taken or impossible."""
        with self._lock:
            self._ledger.add(spec, operator=_CONSOLE, now=self._now())

    def remove_customer(self, customer_id: str) -> None:
        """End the customer's association."""
        with self._lock:
            del self._ledger.customers[customer_id]

    def customer_ids(self) -> Sequence[str]:
        """All UINs, in the order of association."""
        with self._lock:
            return tuple(self._ledger.customers)

    def granted(self, customer_id: str) -> Money | None:
        """TotalCredit; None if nothing was ever allocated."""
        with self._lock:
            customer = self._customer(customer_id)
            return customer.total.newest if customer.ever_granted else None

    def available(self, customer_id: str) -> Money:
        """What is left, negative after overuse."""
        with self._lock:
            return self._customer(customer_id).available(self._now())

    def allocable(self) -> Money:
        """Credit that the account can still give out."""
        with self._lock:
            return self._ledger.allocable()

    def kind(self, customer_id: str) -> str | None:
        """The one kind there is; None without a grant."""
        return CREDIT_LINE if self.granted(customer_id) is not None else None

    def restricted(self, customer_id: str) -> bool:
        """Whether services are stopped now."""
        with self._lock:
            customer = self._customer(customer_id)
            return customer.suspended(self._now(), zero_suspends=self._ledger.switches.zero_suspends)

    def action(self, customer_id: str) -> str | None:
        """What happens at exhaustion: the vendor's own behaviour, or nothing with the non-stop privilege."""
        with self._lock:
            return "restrict" if self._customer(customer_id).non_stop else "freeze"

    def spend(self, customer_id: str, amount: Money) -> None:
        """Let the customer spend this much right now."""
        with self._lock:
            self._customer(customer_id).spending.spend(amount, self._now())

    def confirm_bill(self, customer_id: str, amount: Money) -> Money:
        """Confirm a paid bill: its amount is available again, so used credit falls, to zero at most.

        The spend of no month falls. Gives what was returned; raises ValueError for a negative amount.
        """
        with self._lock:
            return self._customer(customer_id).spending.confirm(amount, self._now())

    def spent(self, customer_id: str, since: datetime | None = None) -> Money:
        """What was really spent since a moment, None: since ever; confirmed bills change nothing of it."""
        with self._lock:
            spending, now = self._customer(customer_id).spending, self._now()
            return spending.actual(now) if since is None else spending.actual_since(since, now)

    def grant_non_stop(self, customer_id: str) -> None:
        """Let the channel manager give the privilege that no interface shows."""
        with self._lock:
            self._customer(customer_id).non_stop = True

    def force(self, customer_id: str, *, suspended: bool) -> None:
        """Suspend by force, or end that, as ForceQN and the console do."""
        with self._lock:
            self._customer(customer_id).force = FORCE_SUSPENDED if suspended else FORCE_NORMAL

    def console_set(self, customer_id: str, granted: Money, operator: str, kind: str | None = None) -> None:
        """Change TotalCredit to `granted` as a person would, on record as `operator`; raises ValueError for a kind."""
        if kind not in (None, CREDIT_LINE):
            message = f"{kind!r} is no kind that this vendor has"
            raise ValueError(message)
        with self._lock:
            customer = self._customer(customer_id)
            change = granted - customer.total.newest
            customer.allocate(change, operator=operator, remark="", now=self._now())

    def applied_writes(self) -> Sequence[AppliedWrite]:
        """Every allocation made through the interface, with what was added, oldest first."""
        with self._lock:
            return tuple(self._writes)

    def requests(self) -> Mapping[str, int]:
        """Requests seen so far, by action."""
        with self._lock:
            return dict(self._requests)

    def settings(self) -> Mapping[str, str]:
        """The account's keys for a config."""
        return {"secret_id": _SECRET_ID, "secret_key": _SECRET_KEY, "endpoint": self._endpoint}

    def serve(self, port: int = 0, *, enforce_rates: bool = False) -> LoopbackServer:
        """Start answering on loopback."""
        rates = RATES if enforce_rates else None
        server = LoopbackServer(self, faults=self.faults, rates=rates, now=self._now, port=port).start()
        self._endpoint = server.endpoint
        return server

    # Inside.

    def _customer(self, uin: str) -> SimulatedCustomer:
        return self._ledger.customers[uin]

    def _acted(self, request: Request, now: datetime) -> actions.Answer:
        action = self._admitted(request, now)
        fields, ledger = fields_of(action, request.body), self._ledger
        match action:
            case "AllocateCustomerCredit":
                return self._allocated(fields, now)
            case "QueryCustomersCredit":
                return actions.customers(ledger, fields, now=now)
            case "QueryCreditByUinList":
                return actions.by_uin(ledger, fields, now=now)
            case "QueryCreditAllocationHistory":
                return actions.history(ledger, fields, now=now)
            case "DescribeCustomerBillSummary":
                return bills.summary(ledger, fields, now=now)
            case _:
                return actions.partner(ledger)

    def _admitted(self, request: Request, now: datetime) -> str:
        """Let in what is signed, known and allowed; gives the action."""
        refusal = refusal_of(
            request,
            secret_id=_SECRET_ID,
            secret_key=_SECRET_KEY,
            service=SERVICE,
            now=now,
            life=self._ledger.switches.signature_life,
        )
        if refusal:
            raise RefusalError(refusal, "The provided credentials could not be validated.")
        action = request.headers.get("x-tc-action", "")
        if request.headers.get("x-tc-version") != VERSION:
            code = "NoSuchVersion"
            raise RefusalError(code, "The specified API version is not found.")
        if request.method != "POST" or request.path != "/" or action not in REQUIRED:
            code = "InvalidAction"
            raise RefusalError(code, "The specified API or version is not found.")
        if self.allowed is not None and action not in self.allowed:
            code = "AuthFailure.UnauthorizedOperation"
            raise RefusalError(code, "You are not authorized to perform this operation.")
        if self.role is Role.CUSTOMER:
            code = "UnauthorizedOperation.UinNoAuth"
            raise RefusalError(code, "The account is not authorized.")
        return action

    def _allocated(self, fields: actions.Fields, now: datetime) -> actions.Answer:
        uin = str(fields["ClientUin"])
        answer = actions.allocate(self._ledger, fields, operator=self._operator, now=now)
        self._writes.append((ALLOCATE, uin, self._customer(uin).records[-1].credit))
        return answer


def _answer(fields: actions.Answer) -> Response:
    return json_response(200, {"Response": {**fields, "RequestId": str(uuid4())}})


def _error(code: str, message: str) -> Response:
    return _answer({"Error": {"Code": code, "Message": message}})
