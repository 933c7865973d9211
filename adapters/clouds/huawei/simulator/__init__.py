"""A simulated Huawei Cloud: its partner interface on loopback, wire-true as far as the vendor documents it.

Used by the demo, the sandbox, the bench and the tests. Imports nothing of the adapter beside it: what the two agree
on is the vendor's documentation alone. `Behaviour` has a switch for everything that the documentation leaves open.
"""

from adapters.clouds.huawei.simulator.accounts import Consumption
from adapters.clouds.huawei.simulator.behaviour import (
    Behaviour,
    BelowUsed,
    FreezeAgain,
    FreezeSuccess,
    FreezeType,
    NoBudget,
    Order,
    Role,
    Success,
)
from adapters.clouds.huawei.simulator.vendor import SimulatedHuawei

__all__ = [
    "Behaviour",
    "BelowUsed",
    "Consumption",
    "FreezeAgain",
    "FreezeSuccess",
    "FreezeType",
    "NoBudget",
    "Order",
    "Role",
    "SimulatedHuawei",
    "Success",
]
