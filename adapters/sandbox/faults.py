"""What can go wrong between a caller and a vendor, planned per operation.

Filled by tests, the demo and the sandbox; asked by the loopback server once per request.
A fault knows what it does to the wire, never what a vendor's operation means.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

ANY_OPERATION = "*"


class Mode(StrEnum):
    """How one request fares; `applied` says what the vendor did in the end."""

    REFUSED = "refused"  # the connection is closed without an answer, nothing applied
    RESET_BEFORE = "reset_before"  # request read, connection reset, nothing applied
    RESET_AFTER = "reset_after"  # applied, connection reset before the reply
    HANG_BEFORE = "hang_before"  # no answer for `seconds`, then closed; nothing applied
    HANG_AFTER = "hang_after"  # applied, no answer for `seconds`, then closed
    LATE = "late"  # no answer; applied after `seconds`, when the caller has given up
    TOO_MANY = "too_many"  # the vendor's own throttle answer, nothing applied
    SERVER_ERROR_BEFORE = "server_error_before"  # 503 from a gateway, nothing applied
    SERVER_ERROR_AFTER = "server_error_after"  # applied, then 502 from a gateway
    BUSINESS_ERROR = "business_error"  # a documented business error, nothing applied
    REFUSAL = "refusal"  # a documented definite refusal, nothing applied
    WRONG_CONTENT_TYPE = "wrong_content_type"  # applied, the good body under an odd Content-Type
    TRUNCATED = "truncated"  # applied, the body ends before its Content-Length
    TRUNCATED_HEADERS = "truncated_headers"  # applied, the answer ends inside its headers
    GARBAGE = "garbage"  # applied, 200 with a page of HTML
    REDIRECT = "redirect"  # 307 to the same address, nothing applied
    DRIP = "drip"  # applied, the body comes a byte at a time over `seconds`
    DOUBLED = "doubled"  # a proxy sends it on twice: applied twice, one reply

    @property
    def applied(self) -> bool | None:
        """Whether the request was applied once the fault is over; None: only after its delay, if still running then."""
        if self is Mode.LATE:
            return None
        return self not in _NOT_APPLIED


_NOT_APPLIED = frozenset(
    {
        Mode.REFUSED,
        Mode.RESET_BEFORE,
        Mode.HANG_BEFORE,
        Mode.TOO_MANY,
        Mode.SERVER_ERROR_BEFORE,
        Mode.BUSINESS_ERROR,
        Mode.REFUSAL,
        Mode.REDIRECT,
    }
)

# How long a fault takes unless its plan says otherwise. A hang outlasts every timeout; stopping the server ends it.
DEFAULT_SECONDS: Mapping[Mode, float] = MappingProxyType(
    {Mode.HANG_BEFORE: 3600.0, Mode.HANG_AFTER: 3600.0, Mode.LATE: 2.0, Mode.DRIP: 2.0}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault that happens to one request of `operation`; `seconds` is the length of hangs, delays and drips."""

    operation: str
    mode: Mode
    seconds: float


@dataclass(slots=True)
class _Plan:
    fault: Fault
    times: int
    skip: int


class Faults:
    """The faults still to come, in the order they were planned. Thread-safe."""

    def __init__(self) -> None:
        self._plans: list[_Plan] = []
        self._taken: list[Fault] = []
        self._lock = threading.Lock()

    def plan(self, operation: str, mode: Mode, *, times: int = 1, skip: int = 0, seconds: float | None = None) -> None:
        """Let `mode` happen to the next `times` requests of `operation` after `skip` good ones.

        `operation` is the vendor's own name of it, or ANY_OPERATION. `seconds` None: the mode's default.
        """
        length = DEFAULT_SECONDS.get(mode, 0.0) if seconds is None else seconds
        with self._lock:
            self._plans.append(_Plan(Fault(operation=operation, mode=mode, seconds=length), times, skip))

    def take(self, operation: str) -> Fault | None:
        """Give the fault that this request of `operation` meets, and count it as met."""
        with self._lock:
            for plan in list(self._plans):
                if plan.fault.operation not in (operation, ANY_OPERATION):
                    continue
                if plan.skip > 0:
                    plan.skip -= 1
                    continue
                plan.times -= 1
                if plan.times <= 0:
                    self._plans.remove(plan)
                self._taken.append(plan.fault)
                return plan.fault
        return None

    def taken(self) -> tuple[Fault, ...]:
        """Give the faults that have happened, oldest first."""
        with self._lock:
            return tuple(self._taken)

    def pending(self) -> int:
        """Count the requests that will still meet a fault."""
        with self._lock:
            return sum(plan.times for plan in self._plans)

    def clear(self) -> None:
        """Forget every fault that has not happened."""
        with self._lock:
            self._plans.clear()
