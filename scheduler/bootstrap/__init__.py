"""The composition root: the one place where adapters meet core.

Called by the command line, the jobs and the daemon. `load` reads and judges what the partner wrote, without a vendor's
SDK and without SQL; `compose` opens the store and the vendors for the length of a `with`. Nothing is opened on import.
`scheduler.bootstrap.simulated`, what only the demo and the sandbox need, is loaded by them alone.
"""

from adapters.clock import SystemClock
from adapters.clouds.registry import VENDORS
from adapters.limits import write_limits
from scheduler.bootstrap.composing import ask_to_stop, compose, simulate
from scheduler.bootstrap.loading import default_config, load

__all__ = [
    "VENDORS",
    "SystemClock",
    "ask_to_stop",
    "compose",
    "default_config",
    "load",
    "simulate",
    "write_limits",
]
