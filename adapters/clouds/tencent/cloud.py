"""One Tencent reseller account behind `core.ports.Cloud`.

Built by `open_cloud` through the registry, driven by core.run. It puts answers into core's words; what is asked lies
in requests, how it is read whole in listing and records, what errors mean in errors.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from adapters.clouds.tencent.client import SdkClient
from adapters.clouds.tencent.config import CAPABILITIES, OWN_HOSTS, VENDOR, TencentSettings, customer_id_fault
from adapters.clouds.tencent.listing import CreditReader, Credits
from adapters.clouds.tencent.probe import Probe
from adapters.clouds.tencent.records import read_records
from adapters.clouds.tencent.requests import RATES, Questions
from adapters.clouds.tencent.standings import CreditRow, MalformedAnswerError, month_fault, standing_of
from adapters.endpoints import parse_endpoint
from adapters.wire.line import Line, Priority
from core.capabilities import Capabilities
from core.errors import PermanentReadError, ReadFailedError
from core.exposure import Headroom
from core.intent import Intent
from core.limit import Customer, CustomerKey
from core.money import Money
from core.policy import AccountPolicy
from core.ports import Clock, Cloud, Observation, ProbeResult, Progress, Reply, no_progress
from core.standing import Standing
from core.witness import Witness


def open_cloud(
    *,
    policy: AccountPolicy,
    settings: TencentSettings,
    secrets: Mapping[str, str],
    rate_share: float,
    read_timeout: timedelta,
    clock: Clock,
) -> Cloud:
    """Build one account; sends nothing.

    `secrets`: `secret_id` and `secret_key`. Raises AccountRefusedError for a key that cannot be one, EndpointFault.
    """
    # Whether a host other than the vendor's is meant was asked when the configuration was read.
    endpoint = parse_endpoint(settings.endpoint, own_hosts=OWN_HOSTS, allow_custom=True)
    client = SdkClient(
        secret_id=secrets["secret_id"], secret_key=secrets["secret_key"], endpoint=endpoint, read_timeout=read_timeout
    )
    line = Line(rates=RATES, share=rate_share, read_timeout=read_timeout, now=clock.now, stopping=clock.stopping)
    return TencentCloud(policy=policy, client=client, line=line, clock=clock)


class TencentCloud:
    """One account at Tencent Cloud; thread-safe. See `core.ports.Cloud` for the promises."""

    def __init__(self, *, policy: AccountPolicy, client: SdkClient, line: Line, clock: Clock) -> None:
        self._policy = policy
        self._client = client
        self._line = line
        self._clock = clock
        self._questions = Questions(client, line)

    @property
    def capabilities(self) -> Capabilities:
        """What the vendor can do."""
        return CAPABILITIES

    def observe(
        self, customers: Sequence[Customer], *, everyone: bool, progress: Progress = no_progress
    ) -> Observation:
        """Read these customers' credit and suspension, and with `everyone` that of all others."""
        reader = CreditReader(self._questions, priority=Priority.BULK, progress=progress)
        begun_at = self._clock.now()
        read = reader.read(_by_uin(customers), everyone=everyone)
        return self._observation(customers, read, begun_at, everyone=everyone)

    def read_again(self, customers: Sequence[Customer]) -> Observation:
        """Read these customers afresh, ahead of bulk reads; of many at once `Force` is not read."""
        reader = CreditReader(self._questions, priority=Priority.VERIFY)
        begun_at = self._clock.now()
        read = reader.read_again(_by_uin(customers))
        return self._observation(customers, read, begun_at, everyone=False)

    def quota(self) -> Money:
        """Credit that the account can still give out; raises ReadFailedError."""
        return self._questions.allocable(Priority.VERIFY)

    def headroom(self) -> Headroom:
        """The partner credit: what was given to the account, what of it is allocated, what is left.

        Raises ReadFailedError.
        """
        return self._questions.headroom()

    def billed(self, customer: Customer, month: str) -> Money:
        """What one customer's bills of a month ("2026-11", UTC+8) add up to, so far while it lasts.

        Figures lag by hours and the month closes on the 5th of the next (1085/48339): to compare with, not to decide
        by. One call a second. Raises ReadFailedError.
        """
        uin = customer.key.customer_id
        fault = customer_id_fault(uin)
        if fault:
            raise PermanentReadError("billed", "InvalidCustomerId", fault)
        if fault := month_fault(month):
            raise PermanentReadError("billed", "InvalidMonth", fault)
        return self._questions.billed(uin, month)

    def witness(self, customer: Customer) -> Witness:
        """All allocations of this customer, by whomever; raises ReadFailedError."""
        uin = customer.key.customer_id
        fault = customer_id_fault(uin)
        if fault:
            raise PermanentReadError("witness", "InvalidCustomerId", fault)
        begun_at = self._clock.now()
        rows = read_records(partial(self._questions.history, uin))
        return Witness(customer=customer, begun_at=begun_at, rows=rows)

    def send(self, intent: Intent) -> Reply:
        """Add the intent's change to the customer's credit, once."""
        return self._questions.allocate(intent)

    def probe(self) -> Sequence[ProbeResult]:
        """Ask what shows the key's rights, changing nothing."""
        return Probe(self._questions).results()

    def calls(self) -> Mapping[str, int]:
        """Calls made so far by action, and `throttled`."""
        return self._line.calls()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _observation(
        self, customers: Sequence[Customer], read: Credits, begun_at: datetime, *, everyone: bool
    ) -> Observation:
        asked = _by_uin(customers)
        made = {uin: self._standing(row, asked.get(uin), begun_at) for uin, row in read.rows.items()}
        failed = {uin: error for uin, error in made.items() if isinstance(error, ReadFailedError)} | read.failures
        good = {uin: standing for uin, standing in made.items() if isinstance(standing, Standing)}
        strangers = [uin for uin in made if uin not in asked] if everyone else []
        return Observation(
            account=self._policy.name,
            begun_at=begun_at,
            standings={asked[uin].key: standing for uin, standing in good.items() if uin in asked},
            unreadable=_impossible(customers) | {asked[uin].key: failed[uin] for uin in failed if uin in asked},
            absent=frozenset(asked[uin].key for uin in read.absent),
            others=tuple(good[uin] for uin in strangers if uin in good),
            skew=self._line.skew,
            account_problem=read.problem,
            problems=(
                *_unlisted(read, everyone=everyone),
                *(f"customer {uin}: {failed[uin]}" for uin in strangers if uin in failed),
            ),
        )

    def _standing(self, row: CreditRow, customer: Customer | None, as_of: datetime) -> Standing | ReadFailedError:
        customer = customer or Customer(CustomerKey(VENDOR, row.uin))
        try:
            return standing_of(row, customer, account=self._policy.name, as_of=as_of, lag=self._policy.lag)
        except MalformedAnswerError as error:
            return PermanentReadError("observe", "UnexpectedAnswer", str(error))


def _by_uin(customers: Sequence[Customer]) -> dict[str, Customer]:
    """The customers that can be asked for."""
    return {one.key.customer_id: one for one in customers if customer_id_fault(one.key.customer_id) is None}


def _impossible(customers: Sequence[Customer]) -> dict[CustomerKey, ReadFailedError]:
    """The customers that cannot: their ids would not survive the way to the vendor and back."""
    faults = {one.key: customer_id_fault(one.key.customer_id) for one in customers}
    return {key: PermanentReadError("observe", "InvalidCustomerId", fault) for key, fault in faults.items() if fault}


def _unlisted(read: Credits, *, everyone: bool) -> list[str]:
    if not everyone or read.whole or read.total is None:
        return []
    return [f"the vendor counts {read.total} customers, but only {len(read.rows)} could be read: some are not shown"]
