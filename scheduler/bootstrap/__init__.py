"""The composition root: the one place where adapters meet core.

Called by the command line, the jobs and the daemon. `load` reads and judges what the partner wrote, without a vendor's
SDK and without SQL; `compose` opens the store and the vendors for the length of a `with`. Nothing is opened on import.
`scheduler.bootstrap.simulated`, what only the demo and the sandbox need, is loaded by them alone.
"""

from adapters.clock import SystemClock
from adapters.clouds.registry import VENDORS
from adapters.limits import write_limits
from scheduler.bootstrap.composing import ask_to_stop, compose, simulate
from scheduler.bootstrap.extras import missing_extras
from scheduler.bootstrap.footprints import Footprint, Footprints, store_mark
from scheduler.bootstrap.loading import default_config, load
from scheduler.bootstrap.outbox import open_outbox
from scheduler.bootstrap.secrets import outlet_secret
from scheduler.bootstrap.telling import channel_faults, channel_notes, notifier
from scheduler.bootstrap.warming import load_libraries

__all__ = [
    "VENDORS",
    "Footprint",
    "Footprints",
    "SystemClock",
    "ask_to_stop",
    "channel_faults",
    "channel_notes",
    "compose",
    "default_config",
    "load",
    "load_libraries",
    "missing_extras",
    "notifier",
    "open_outbox",
    "outlet_secret",
    "simulate",
    "store_mark",
    "write_limits",
]
