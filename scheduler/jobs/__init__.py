"""What the daemon does at its ticks: passes over accounts, what they leave to be settled, what they count.

Called by scheduler.daemon. `source` has what is wanted, `passes` makes the passes, `underway` looks at them while they
run, `failures` keeps why one left no run, `settling` plans when open changes are looked at again, `tally` counts.
"""

from scheduler.jobs.failures import Failure, Failures
from scheduler.jobs.passes import PassEnd, Passes
from scheduler.jobs.settling import Look, Settling
from scheduler.jobs.source import SettingsSource, changed_accounts
from scheduler.jobs.tally import Tally

__all__ = [
    "Failure",
    "Failures",
    "Look",
    "PassEnd",
    "Passes",
    "SettingsSource",
    "Settling",
    "Tally",
    "changed_accounts",
]
