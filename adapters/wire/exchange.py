"""What one HTTP call really did, seen below the SDKs.

Both SDKs report success on garbage and lose what a failure was; so the transport under them writes down
the facts, and the vendors' error tables judge those.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True, kw_only=True)
class Exchange:
    """Filled in while one call runs; read after it ended or was given up.

    `send_before`: no byte may leave later (writes only). `guarded`: the hardened transport took the request, so
    `started` can be believed. `started`: the request was handed to the connected socket,
    so it may have reached the vendor. `status`, `headers` (lower-case names), `body`: the answer as far as it came;
    `body` is None until it was read whole. `error`: what the SDK or the transport raised.
    `timed_out`: the wall-clock deadline passed before the call ended.
    """

    operation: str
    send_before: datetime | None = None
    guarded: bool = False
    started: bool = False
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    vendor_date: datetime | None = None
    error: BaseException | None = None
    timed_out: bool = False
