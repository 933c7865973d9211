"""All that the simulated vendor knows of one partner, and whose customer is whose.

Owned by the vendor object, which locks it; read and written by `operations` and `freezing`.
"""

from dataclasses import dataclass, field
from datetime import datetime

from adapters.clouds.huawei.simulator.accounts import ORDINARY, Account, Consumption
from adapters.clouds.huawei.simulator.behaviour import Behaviour
from adapters.clouds.huawei.simulator.wire import ApiError, Fault
from adapters.sandbox.world import AppliedWrite

NOT_OUR_RESELLER = Fault(400, "CBC.99000037", "You do not have the permission on this Huawei Cloud reseller.")
_NOT_OURS = Fault(400, "CBC.99000035", "The customer is not a customer of the partner.")
_NOT_PERMITTED = Fault(400, "CBC.99000000", "You do not have the permission to operate on this customer.")


@dataclass(slots=True)
class Books:
    """All that the vendor knows of one partner. `former`: customers whose association ended."""

    behaviour: Behaviour
    accounts: dict[str, Account] = field(default_factory=dict)
    former: dict[str, Account] = field(default_factory=dict)
    partners: dict[str, datetime] = field(default_factory=dict)
    writes: list[AppliedWrite] = field(default_factory=list)
    consumption: Consumption = ORDINARY

    def reachable(self, partner_id: str | None) -> list[Account]:
        """Customers of the partner itself, or of one of its resellers; oldest first."""
        return [account for account in self.accounts.values() if account.partner_id == partner_id]

    def the(self, customer_id: str, partner_id: str | None) -> Account:
        """Find one customer to be operated on. A reseller named for a customer of one's own is ignored."""
        account = self.accounts.get(customer_id)
        if account is None:
            raise ApiError(_NOT_OURS)
        if account.partner_id is not None and partner_id is None:
            raise ApiError(_NOT_PERMITTED)
        if account.partner_id is not None and account.partner_id != partner_id:
            raise ApiError(NOT_OUR_RESELLER)
        return account
