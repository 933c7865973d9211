"""The daemon: `loop` is its main thread, `ticker` and `triggers` are when things happen, `pulse` whether they do.

Called by the command `tidegate daemon`. APScheduler is known here alone. `errands` wakes the main thread, `service`
speaks to systemd, `outlets` has the page and the alerts, to which `showing` gives what they show.
"""

from scheduler.daemon.loop import Daemon
from scheduler.daemon.outlets import AddressTakenError, CannotStartError, Outlets
from scheduler.daemon.service import Service

__all__ = ["AddressTakenError", "CannotStartError", "Daemon", "Outlets", "Service"]
