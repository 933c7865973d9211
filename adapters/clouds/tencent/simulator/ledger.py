"""The simulated reseller's customers and the credit it can give out. Owned by vendor, under its lock."""

from datetime import datetime, timedelta

from adapters.clouds.tencent.simulator.customer import FORCE_NORMAL, FORCE_SUSPENDED, SimulatedCustomer
from adapters.clouds.tencent.simulator.refusal import RefusalError
from adapters.clouds.tencent.simulator.switches import OverWithdrawal, Remarks, Switches
from adapters.sandbox.lagging import Lagging
from adapters.sandbox.spending import Spending
from adapters.sandbox.world import CustomerSpec
from core.money import ZERO, Money

CREDIT_LINE = "credit_line"
# A customer's first credit is as old as this, so that it and its record are seen whatever the lags.
_BEFORE = timedelta(days=30)
_OUT_OF_RANGE = "InvalidParameterValue.CreditAmountOutOfRange"


class Ledger:
    """Customers by UIN, in the order of their association.

    `allocable` is what the reseller can give out beyond what its customers had at the beginning.
    """

    def __init__(self, *, switches: Switches, allocable: Money, spend_lag: timedelta) -> None:
        self.switches = switches
        self.pool = allocable
        self.customers: dict[str, SimulatedCustomer] = {}
        self._spend_lag = spend_lag

    def add(self, spec: CustomerSpec, *, operator: str, now: datetime) -> None:
        """Let there be this customer; raises ValueError if its id is taken or no UIN, or its kind not the vendor's."""
        uin = spec.customer_id
        if uin in self.customers or not uin.isdecimal() or uin.startswith("0"):
            message = f"{uin!r} is taken or no UIN"
            raise ValueError(message)
        if spec.kind not in (None, CREDIT_LINE):
            message = f"{spec.kind!r} is no kind that this vendor has"
            raise ValueError(message)
        customer = SimulatedCustomer(
            uin=uin,
            name=spec.name,
            associated_at=now - _BEFORE,
            total=Lagging(ZERO, now - _BEFORE),
            spending=Spending(total=spec.spent, per_hour=spec.spend_per_hour, now=now, lag=self._spend_lag),
            force=FORCE_SUSPENDED if spec.restricted else FORCE_NORMAL,
        )
        if spec.granted is not None:
            self.pool += spec.granted
            customer.allocate(spec.granted, operator=operator, remark="", now=now - _BEFORE)
        self.customers[uin] = customer

    def allocated(self) -> Money:
        """The credit that customers have in total."""
        return Money(sum(customer.total.newest.cents for customer in self.customers.values()))

    def allocable(self) -> Money:
        """The credit that can still be given out."""
        return self.pool - self.allocated()

    def allocate(self, uin: str, credit: Money, *, operator: str, remark: str, now: datetime) -> SimulatedCustomer:
        """Do what AllocateCustomerCredit does; raises RefusalError, then nothing has changed."""
        customer = self.customers.get(uin)
        if customer is None:
            code = "UnauthorizedOperation.UinNoAuth"
            raise RefusalError(code, "The account is not authorized for this customer.")
        if credit > self.allocable() and credit > ZERO:
            raise RefusalError(
                self.switches.pool_refusal, "The credit quota has exceeded the limit with the newly allocated quota."
            )
        taken = self._withdrawable(customer, credit, now) if credit < ZERO else credit
        customer.allocate(taken, operator=operator, remark=self._kept(remark), now=now)
        return customer

    def _withdrawable(self, customer: SimulatedCustomer, credit: Money, now: datetime) -> Money:
        available = customer.available(now)
        if available + credit >= ZERO:
            return credit
        if self.switches.over_withdrawal is OverWithdrawal.REFUSE or available <= ZERO:
            raise RefusalError(_OUT_OF_RANGE, "The available credit can be set to 0 at the minimum.")
        return -available

    def _kept(self, remark: str) -> str:
        match self.switches.remarks:
            case Remarks.KEPT:
                return remark
            case Remarks.TRUNCATED:
                return remark[: self.switches.remark_length]
            case Remarks.DROPPED:
                return ""
