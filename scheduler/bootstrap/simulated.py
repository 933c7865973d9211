"""The simulated vendors as the composition root gives them out: to scheduler.sandbox, and to nobody else.

Not loaded by a command that serves none.
"""

from collections.abc import Sequence

from adapters.sandbox.faults import Mode
from adapters.sandbox.generate import Wish, generate, wishes
from adapters.sandbox.world import CustomerSpec, SimulatedVendor
from scheduler.bootstrap import VENDORS

__all__ = ["CustomerSpec", "SimulatedVendor", "Wish", "generated_world", "lose_next_reply", "secret_keys"]


def generated_world(vendor: str, size: int, seed: int) -> tuple[Sequence[CustomerSpec], Sequence[Wish]]:
    """Make up customers that go on spending, and what a partner might want for them; the same seed, the same world."""
    customers = generate(vendor, size, seed=seed, kinds=sorted(VENDORS[vendor].capabilities.kinds))
    return customers, wishes(customers, seed=seed)


def lose_next_reply(vendor: SimulatedVendor, operation: str) -> None:
    """Let the vendor apply the next call of `operation`, and the connection break before its answer."""
    vendor.faults.plan(operation, Mode.RESET_AFTER)


def secret_keys(vendor: str) -> frozenset[str]:
    """Name the vendor's keys that are secrets: those with an `observe_` twin, which is the registry's own rule."""
    fields = VENDORS[vendor].settings.model_fields
    return frozenset(key for key in fields if f"observe_{key}" in fields)
