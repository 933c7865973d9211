"""What every simulated vendor offers to the demo, the sandbox, the bench and the tests, whatever its interface is.

Implemented by adapters/clouds/<vendor>/simulator; amounts are what the vendor itself goes by, without any lag.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from adapters.sandbox.faults import Faults
from adapters.sandbox.server import LoopbackServer, Simulation
from core.money import ZERO, Money

# One applied change: (operation, customer id, the amount the call carried or None).
AppliedWrite = tuple[str, str, Money | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSpec:
    """One customer as a simulated world is to begin with.

    `granted` None: nothing was ever granted. `kind`: a `core.limit.Kind` value the vendor has, None: its default.
    `spent` counts to the current billing month; `restricted`: frozen or suspended by hand.
    """

    customer_id: str
    name: str
    granted: Money | None = None
    kind: str | None = None
    spent: Money = ZERO
    spend_per_hour: Money = ZERO
    restricted: bool = False
    indirect_partner_id: str | None = None


class SimulatedVendor(Simulation, Protocol):
    """One partner account at one simulated vendor. Thread-safe."""

    vendor: str
    faults: Faults

    def add_customer(self, spec: CustomerSpec) -> None:
        """Let there be this customer; raises ValueError if its id is taken or impossible."""

    def remove_customer(self, customer_id: str) -> None:
        """End the customer's association with the partner."""

    def customer_ids(self) -> Sequence[str]:
        """All customers, in the order they came."""

    def granted(self, customer_id: str) -> Money | None:
        """The amount granted now; None: none was ever set."""

    def kind(self, customer_id: str) -> str | None:
        """The kind of the grant, a `core.limit.Kind` value; None without a grant."""

    def restricted(self, customer_id: str) -> bool:
        """Whether the customer is frozen or suspended now."""

    def action(self, customer_id: str) -> str | None:
        """What happens at exhaustion, a `core.limit.OnExhaustion` value; None: never stated."""

    def spend(self, customer_id: str, amount: Money) -> None:
        """Let the customer spend this much right now."""

    def console_set(self, customer_id: str, granted: Money, operator: str, kind: str | None = None) -> None:
        """Change the grant as a person would in the vendor's console: to `granted`, on record as `operator`."""

    def applied_writes(self) -> Sequence[AppliedWrite]:
        """Every change applied through the interface, oldest first; the console's are not among them."""

    def requests(self) -> Mapping[str, int]:
        """Requests seen so far, by operation, whatever became of them."""

    def settings(self) -> Mapping[str, str]:
        """The account's vendor keys for a config: the endpoint once served, names and values of the test keys."""

    def serve(self, port: int = 0, *, enforce_rates: bool = False) -> LoopbackServer:
        """Start answering on loopback; port 0: any free one. The caller stops it."""
