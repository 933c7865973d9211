"""The port to a vendor: one partner account, what can be asked of it and what it answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from core.capabilities import Capabilities
from core.errors import ReadFailedError
from core.exposure import Headroom
from core.intent import Intent
from core.limit import Customer, CustomerKey
from core.money import Money
from core.standing import Standing
from core.witness import Witness

# Called with (what is being read, done, of how many or None).
Progress = Callable[[str, int, int | None], None]


def no_progress(what: str, done: int, of: int | None) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one account's vendor answered.

    Every asked customer is in exactly one of `standings`, `unreadable`, `absent`.
    `absent`: the vendor answered fully and does not have this customer under this account.
    `others`: customers the vendor lists that were not asked for (empty unless `everyone` was asked).
    `skew`: our clock minus the vendor's `Date` header, None when no answer carried one.
    `account_problem`: set when the account as a whole could not be read (wrong key, vendor down).
    """

    account: str
    begun_at: datetime
    standings: Mapping[CustomerKey, Standing]
    unreadable: Mapping[CustomerKey, ReadFailedError] = field(default_factory=dict)
    absent: frozenset[CustomerKey] = frozenset()
    others: tuple[Standing, ...] = ()
    skew: timedelta | None = None
    account_problem: ReadFailedError | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """The vendor answered as documented for success. `granted`: what it says stands now, where it says so."""

    granted: Money | None = None
    request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The vendor definitely did not apply it (the whitelist of the vendor's error table)."""

    code: str
    sentence: str
    request_id: str = ""
    throttled: bool = False
    account_wide: bool = False  # the key was refused: no other write of this account will fare better


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """No byte of the request reached the vendor (no connection, or the send window had passed)."""

    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertain:
    """Anything else: it may have been applied, or may still be."""

    code: str
    sentence: str
    request_id: str = ""


Reply = Confirmed | Refused | NotSent | Uncertain


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """One harmless question asked by `check`: what it shows the key may do, and what came of it."""

    title: str
    ok: bool
    sentence: str


class Cloud(Protocol):
    """One partner account at one vendor. Thread-safe; one object per account, built once, closed at the end.

    Reads retry throttled and temporary failures themselves, within the rates and the read timeout;
    what still fails is told per customer, never raised, except where a method says so.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What the vendor can do, as facts."""

    def observe(
        self, customers: Sequence[Customer], *, everyone: bool, progress: Progress = no_progress
    ) -> Observation:
        """Read the standings of these customers in the fewest calls.

        `everyone`: also list those that were not asked for. Never raises for a vendor's fault.
        """

    def read_again(self, customers: Sequence[Customer]) -> Observation:
        """Read just these customers afresh, ahead of bulk reads: before a write and to settle one."""

    def quota(self) -> Money | None:
        """Credit that can still be given out by this account; None where the vendor has no such figure.

        Raises ReadFailedError.
        """

    def headroom(self) -> Headroom | None:
        """What the partner itself may still owe; None where the vendor has no such figure. Raises ReadFailedError."""

    def billed(self, customer: Customer, month: str) -> Money | None:
        """The bill of one customer for a month ("2026-11"), to compare with and never to decide by.

        None where the vendor does not tell a partner. Slow: as few as one call a second. Raises ReadFailedError.
        """

    def witness(self, customer: Customer) -> Witness:
        """All the vendor's records of this customer's changes, ahead of bulk reads. Raises ReadFailedError."""

    def send(self, intent: Intent) -> Reply:
        """Send the intent's call exactly once, if `send_before` has not passed. Never raises, never retries."""

    def probe(self) -> Sequence[ProbeResult]:
        """Ask harmless questions that show what the key may do. Never raises for a vendor's fault."""

    def calls(self) -> Mapping[str, int]:
        """Calls made so far by operation, and `throttled` for those the vendor throttled."""

    def close(self) -> None:
        """Close connections."""
