"""What core asks of the world, as promises. adapters/ keeps them, tests/contract checks them.

Pure modules never import this package; only core.run does.
"""

from core.ports.cloud import (
    Cloud,
    Confirmed,
    NotSent,
    Observation,
    ProbeResult,
    Progress,
    Refused,
    Reply,
    Uncertain,
    no_progress,
)
from core.ports.journal import AuditRow, Journal, Lease, LimitChange, RunRecord
from core.ports.observations import Metered, Observations
from core.ports.telling import Notifier, Outbox
from core.ports.time import Clock, Ids

__all__ = [
    "AuditRow",
    "Clock",
    "Cloud",
    "Confirmed",
    "Ids",
    "Journal",
    "Lease",
    "LimitChange",
    "Metered",
    "NotSent",
    "Notifier",
    "Observation",
    "Observations",
    "Outbox",
    "ProbeResult",
    "Progress",
    "Refused",
    "Reply",
    "RunRecord",
    "Uncertain",
    "no_progress",
]
