"""One partner account on Huawei Cloud, as core sees it: the port `core.ports.Cloud`.

Built by the registry through `open_cloud`. Judges nothing itself: `errors` has the table, `standings` the reading.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

from adapters.clouds.huawei import requests as ask_for
from adapters.clouds.huawei.changes import UnsendableError, call_of
from adapters.clouds.huawei.client import Call, HuaweiClient
from adapters.clouds.huawei.config import CAPABILITIES, OWN_HOSTS, HuaweiSettings
from adapters.clouds.huawei.errors import answer, reply
from adapters.clouds.huawei.requests import HEADROOM, RATES, AnswerShapeError
from adapters.clouds.huawei.standings import Survey
from adapters.endpoints import parse_endpoint
from adapters.wire.exchange import Exchange
from adapters.wire.line import Line, Priority
from core.capabilities import Capabilities
from core.errors import AccountRefusedError, PermanentReadError, ReadFailedError, TemporaryReadError
from core.exposure import Headroom
from core.intent import Intent
from core.limit import Customer
from core.money import Money
from core.policy import AccountPolicy
from core.ports import (
    Clock,
    Cloud,
    NotSent,
    Observation,
    ProbeResult,
    Progress,
    Refused,
    Reply,
    no_progress,
)
from core.witness import Witness, WitnessRow

Row = TypeVar("Row")

# Documented for calls of those who are no partner, or a partner's partner: only who stands above may make them.
_OF_A_RESELLER = frozenset({"CBC.0151", "CBC.18000016"})
_UPDATE = "UpdateSubCustomerBudget"
_FREEZING = (
    "whether customers may be frozen and unfrozen cannot be told without doing it to one, so it was not tried; "
    "the key needs that permission for freeze, for an amount of zero and to lift a restriction"
)
_BEYOND_HEADROOM = "beyond it the vendor restricts the partner and all its customers"


def open_cloud(
    *,
    policy: AccountPolicy,
    settings: HuaweiSettings,
    secrets: Mapping[str, str],
    rate_share: float,
    read_timeout: timedelta,
    clock: Clock,
) -> Cloud:
    """Build the adapter of one account; sends nothing. `secrets`: values of `access_key` and `secret_key`.

    Raises EndpointFault for an address that is none, ValueError for an empty key.
    """
    # Whether a foreign address is allowed was decided when the configuration was read.
    endpoint = parse_endpoint(settings.address, own_hosts=OWN_HOSTS, allow_custom=True)
    client = HuaweiClient(
        endpoint=endpoint.url,
        access_key=secrets["access_key"],
        secret_key=secrets["secret_key"],
        domain_id=settings.domain_id,
        timeout=max(read_timeout, 2 * policy.write_timeout),
    )
    line = Line(rates=RATES, share=rate_share, read_timeout=read_timeout, now=clock.now, stopping=clock.stopping)
    return HuaweiCloud(policy=policy, client=client, line=line, clock=clock)


class HuaweiCloud:
    """Implements `core.ports.Cloud`. Thread-safe."""

    def __init__(self, *, policy: AccountPolicy, client: HuaweiClient, line: Line, clock: Clock) -> None:
        self._policy = policy
        self._client = client
        self._line = line
        self._clock = clock

    @property
    def capabilities(self) -> Capabilities:
        """What the vendor can do, as facts."""
        return CAPABILITIES

    def observe(
        self, customers: Sequence[Customer], *, everyone: bool, progress: Progress = no_progress
    ) -> Observation:
        """Read the standings of these customers, with `everyone` of the unasked ones too."""
        return self._survey(customers, Priority.BULK, everyone=everyone, progress=progress)

    def read_again(self, customers: Sequence[Customer]) -> Observation:
        """Read just these customers afresh, ahead of bulk reads."""
        return self._survey(customers, Priority.VERIFY, everyone=False, progress=no_progress)

    def quota(self) -> Money | None:
        """None: Huawei Cloud shows what a partner may still give out in its console only."""
        return None

    def headroom(self) -> Headroom:
        """Read what the partner itself may still owe; beyond it the vendor restricts the partner and all its customers.

        Raises ReadFailedError.
        """
        return self._ask(ask_for.show_quota(), ask_for.headroom_in)

    def billed(self, customer: Customer, month: str) -> Money | None:  # noqa: ARG002 - nothing to ask with them
        """None: the vendor tells a customer's bill to the customer only (`bills/customer-bills/monthly-sum`)."""
        return None

    def witness(self, customer: Customer) -> Witness:
        """Read all budget records of this customer. Raises ReadFailedError."""
        begun_at = self._clock.now()
        rows: list[WitnessRow] = []
        while True:
            page = self._ask(ask_for.list_records(customer, offset=len(rows)), ask_for.records_in, Priority.VERIFY)
            rows += page.rows
            if len(rows) == page.count:
                return Witness(customer=customer, begun_at=begun_at, rows=tuple(rows))
            if not page.rows or len(rows) > page.count:
                # Records have no id, so a row that moved between two pages cannot be told from one like it.
                sentence = "the budget records changed while they were read"
                raise TemporaryReadError("ListSubCustomerBudgetRecords", "incomplete_list", sentence)

    def send(self, intent: Intent) -> Reply:
        """Send the intent's call exactly once, if `send_before` has not passed."""
        if intent.send_before is None:
            return NotSent(sentence="the intent was not marked as sent")
        try:
            call = call_of(intent)
            self._client.prepare()
        except UnsendableError as error:
            return NotSent(sentence=error.sentence)
        except Exception as error:  # noqa: BLE001 - whatever keeps the SDK from being made ready, nothing has left
            return NotSent(sentence=f"the vendor's SDK could not be made ready ({type(error).__name__})")
        exchange = self._line.tell(call.operation, lambda: self._client.invoke(call), send_before=intent.send_before)
        # A budget is one customer's; freezing and unfreezing take several, and answer for each.
        answered = reply(exchange, customer_id=None if call.operation == _UPDATE else intent.key.customer_id)
        if isinstance(answered, Refused) and answered.throttled and exchange.status != 429:  # noqa: PLR2004 - the line sees that one itself
            self._line.throttled(call.operation)
        return answered

    def probe(self) -> Sequence[ProbeResult]:
        """Ask harmless questions that show what the key may do."""
        partner, customer = self._probe_partner()
        if not partner.ok:
            return [partner]
        return [
            partner,
            self._probe_budgets(customer),
            ProbeResult(title="freezing", ok=True, sentence=_FREEZING),
            self._probe_resellers(),
            self._probe_headroom(),
        ]

    def calls(self) -> Mapping[str, int]:
        """Calls made so far by operation, and `throttled`."""
        return self._line.calls()

    def close(self) -> None:
        """Close connections."""
        self._client.close()

    def _survey(
        self, customers: Sequence[Customer], priority: Priority, *, everyone: bool, progress: Progress
    ) -> Observation:
        def ask(call: Call, read: Callable[[Mapping[str, object]], Row]) -> Row:
            return self._ask(call, read, priority)

        survey = Survey(
            account=self._policy.name,
            lag=self._policy.lag,
            ask=ask,
            begun_at=self._clock.now(),
            progress=progress,
        )
        return survey.observe(customers, everyone=everyone, skew=lambda: self._line.skew)

    def _ask(self, call: Call, read: Callable[[Mapping[str, object]], Row], priority: Priority = Priority.BULK) -> Row:
        def judge(exchange: Exchange) -> Row:
            document = answer(exchange)
            try:
                return ask_for.shaped(read, document)
            except AnswerShapeError as error:
                # Garbled on its way perhaps: worth asking again, never worth guessing.
                sentence = f"the answer is not of the documented form: {error}"
                raise TemporaryReadError(call.operation, "unexpected_answer", sentence) from error

        self._client.prepare()
        return self._line.ask(call.operation, lambda: self._client.invoke(call), judge, priority=priority)

    def _probe_partner(self) -> tuple[ProbeResult, str | None]:
        title = "partner account"
        try:
            page = self._ask(ask_for.list_customers(indirect_partner_id=None), ask_for.customers_in)
        except ReadFailedError as error:
            return ProbeResult(title=title, ok=False, sentence=_why_not(error)), None
        sentence = f"the key works, and the account has {page.count} resale customers of its own"
        return ProbeResult(title=title, ok=True, sentence=sentence), page.rows[0].customer_id if page.rows else None

    def _probe_budgets(self, customer_id: str | None) -> ProbeResult:
        title = "customers' budgets"
        if customer_id is None:
            return ProbeResult(title=title, ok=True, sentence="there is no customer to ask about yet")
        try:
            self._ask(ask_for.list_budgets([customer_id], indirect_partner_id=None), ask_for.budgets_in)
        except ReadFailedError as error:
            return ProbeResult(title=title, ok=False, sentence=f"budgets cannot be read: {_why_not(error)}")
        sentence = "budgets can be read; whether they may be set cannot be told without setting one"
        return ProbeResult(title=title, ok=True, sentence=sentence)

    def _probe_resellers(self) -> ProbeResult:
        title = "second-tier resellers"
        try:
            page = self._ask(ask_for.list_partners(), ask_for.partners_in)
        except TemporaryReadError as error:
            return ProbeResult(title=title, ok=False, sentence=_why_not(error))
        except PermanentReadError:
            sentence = "none: the account is not a distributor, or its key may not list them"
            return ProbeResult(title=title, ok=True, sentence=sentence)
        sentence = f"the account has {page.count}; their customers' limits need indirect_partner_id"
        return ProbeResult(title=title, ok=True, sentence=sentence)

    def _probe_headroom(self) -> ProbeResult:
        try:
            room = self.headroom()
        except ReadFailedError as error:
            return ProbeResult(title=HEADROOM, ok=True, sentence=f"not to be seen with this key: {error.sentence}")
        sentence = "its figures are not in US dollars, so they are not shown"
        if room.limit is not None:
            sentence = f"{room.used} of {room.limit} used"
        return ProbeResult(title=HEADROOM, ok=True, sentence=f"{sentence}; {_BEYOND_HEADROOM}")


def _why_not(error: ReadFailedError) -> str:
    if isinstance(error, AccountRefusedError) and error.code in _OF_A_RESELLER:
        return (
            f"{error.sentence} ({error.code}); a second-tier reseller's key is refused like this too: "
            "then its distributor must run Tidegate"
        )
    return f"{error.sentence} ({error.code})"
