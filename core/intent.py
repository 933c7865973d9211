"""The durable record of one call for one customer that is about to be sent, and its state machine.

Recorded by core.run.apply, settled by core.run.settle, kept by the Journal port.

    recorded ──► sent ──► confirmed ──► settled_applied
        │         ├─────► refused   └─► disputed
        │         ├─────► not_sent
        │         └─────► uncertain ──► settled_applied | settled_not_applied | disputed
        └───────► not_sent              disputed ──► settled_applied | settled_not_applied (a person's word)
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from core.errors import IllegalTransitionError
from core.limit import Customer, CustomerKey, Kind, OnExhaustion
from core.money import Money
from core.standing import Restriction

MARK_PREFIX = "tg"
INSTALLATION_LENGTH = 4
MARK_LENGTH = 32


class State(StrEnum):
    """Where an intent stands."""

    RECORDED = "recorded"  # on disk, not handed to the wire
    SENT = "sent"  # on disk that it may reach the vendor
    CONFIRMED = "confirmed"  # the vendor answered well; not yet read back
    REFUSED = "refused"  # the vendor definitely did not apply it
    NOT_SENT = "not_sent"  # no byte reached the vendor
    UNCERTAIN = "uncertain"  # it may or may not have been applied, now or later
    SETTLED_APPLIED = "settled_applied"
    SETTLED_NOT_APPLIED = "settled_not_applied"
    DISPUTED = "disputed"  # the witnesses contradict each other: a person decides


OPEN_STATES = frozenset({State.RECORDED, State.SENT, State.CONFIRMED, State.UNCERTAIN, State.DISPUTED})

TRANSITIONS: dict[State, frozenset[State]] = {
    State.RECORDED: frozenset({State.SENT, State.NOT_SENT}),
    State.SENT: frozenset({State.CONFIRMED, State.REFUSED, State.NOT_SENT, State.UNCERTAIN}),
    State.CONFIRMED: frozenset({State.SETTLED_APPLIED, State.DISPUTED}),
    State.UNCERTAIN: frozenset({State.SETTLED_APPLIED, State.SETTLED_NOT_APPLIED, State.DISPUTED}),
    State.DISPUTED: frozenset({State.SETTLED_APPLIED, State.SETTLED_NOT_APPLIED}),
    State.REFUSED: frozenset(),
    State.NOT_SENT: frozenset(),
    State.SETTLED_APPLIED: frozenset(),
    State.SETTLED_NOT_APPLIED: frozenset(),
}


class Action(StrEnum):
    """What a correction does to a customer."""

    SET_AMOUNT = "set_amount"
    SET_KIND = "set_kind"
    SET_EXHAUSTION = "set_exhaustion"
    RESTRICT = "restrict"
    FREEZE = "freeze"
    RELEASE = "release"


# Calls that change no amount: they restrict a customer, or lift that again.
LEVERS = frozenset({Action.RESTRICT, Action.FREEZE, Action.RELEASE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What stands at the vendor for one customer, before or after a change. None is unknown or not set."""

    granted: Money | None = None
    kind: Kind | None = None
    on_exhaustion: OnExhaustion | None = None
    restriction: Restriction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One call for one customer.

    `change` is what an increment adds (negative: takes); for an absolute set it is informational, None when the
    grant before is not known. `rows_before` is how many records the vendor's history had, None when not read.
    `mark` is 32 ASCII characters that find the call again in the vendor's records and in our logs.
    `send_before`: no byte may leave later; `fence_at`: after this the vendor refuses the request for its age.
    `absent_since`: when a read after the fence first missed the mark. `proven` False: closed without a witness.
    """

    id: str
    mark: str
    run: str
    who: str
    account: str
    customer: Customer
    action: Action
    before: Position
    wanted: Position
    change: Money | None
    rows_before: int | None
    inputs_hash: str
    epoch: int
    recorded_at: datetime
    state: State = State.RECORDED
    sent_at: datetime | None = None
    send_before: datetime | None = None
    fence_at: datetime | None = None
    closed_at: datetime | None = None
    absent_since: datetime | None = None
    proven: bool = True
    outcome: str = ""
    code: str = ""
    request_id: str = ""

    @property
    def key(self) -> CustomerKey:
        """The customer's key."""
        return self.customer.key

    @property
    def is_open(self) -> bool:
        """Whether it still blocks its customer."""
        return self.state in OPEN_STATES

    def moved(self, state: State, **changes: object) -> "Intent":
        """Give the intent in another state; raises IllegalTransitionError where there is no such step."""
        if state not in TRANSITIONS[self.state]:
            raise IllegalTransitionError(self.id, self.state, state)
        return replace(self, state=state, **changes)  # type: ignore[arg-type]

    def sent(self, at: datetime, write_timeout: timedelta, quarantine: timedelta) -> "Intent":
        """Give the intent as it must be on disk before the first byte leaves.

        A request that left at the last moment has as long again for its answer before it is given up; the vendor
        may be working on it until then. So the quarantine counts from there, a `write_timeout` after `send_before`.
        """
        send_before = at + write_timeout
        fence_at = send_before + write_timeout + quarantine
        return self.moved(State.SENT, sent_at=at, send_before=send_before, fence_at=fence_at)


def mark_of(installation: str, ulid: str) -> str:
    """Build the mark: `tg`, 4 characters of the installation, 26 of the ULID."""
    mark = f"{MARK_PREFIX}{installation}{ulid}"
    if len(mark) != MARK_LENGTH or not mark.isascii():
        message = f"a mark has {MARK_LENGTH} ASCII characters, {mark!r} has {len(mark)}"
        raise ValueError(message)
    return mark
