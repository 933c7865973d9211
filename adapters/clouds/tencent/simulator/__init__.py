"""Tencent's partner interface, simulated on loopback from its documentation alone.

Front door: started by the registry for the demo, the sandbox, the bench and the tests.
Must not import the adapter beside it: what both got wrong together, no test would see.
"""

from adapters.clouds.tencent.simulator.switches import (
    BadUin,
    Oversize,
    OverWithdrawal,
    Remarks,
    Role,
    RowOrder,
    Switches,
)
from adapters.clouds.tencent.simulator.vendor import SimulatedTencent

__all__ = ["BadUin", "OverWithdrawal", "Oversize", "Remarks", "Role", "RowOrder", "SimulatedTencent", "Switches"]
