"""What the store and its in-memory twin decide alike: how a standing is kept, which meter is, what a move moves.

Pure; called by both, so that they cannot come to differ.
"""

import secrets
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TypeVar

from adapters.store.instants import instant_text
from core.errors import IllegalTransitionError
from core.intent import INSTALLATION_LENGTH, TRANSITIONS, Intent, State
from core.limit import CustomerKey, Limit
from core.ports import LimitChange, Metered
from core.standing import Standing

OURS = "ours to write"  # what an intent is expected to be while its account's lease is held

# The fields that a change of state may change; all others stay as they were recorded, whatever is handed in.
MOVING = (
    "state",
    "epoch",
    "sent_at",
    "send_before",
    "fence_at",
    "closed_at",
    "absent_since",
    "proven",
    "outcome",
    "code",
    "request_id",
)


KEPT_WHOLE = timedelta(hours=48)  # before a customer's newest standing; of older days the last one stays

Moment = TypeVar("Moment", datetime, str)  # an aware time, or the text that stands for it and sorts alike


class Keeping(Enum):
    """What becomes of a standing that is to be kept."""

    FIRST = "first"  # a row of its own: the figures are new
    AGAIN = "again"  # a second row: the same figures, seen later
    MOVE = "move"  # only the second row's time: the same figures, seen later still
    LATE = "late"  # a row of its own behind a newer one: this read was begun earlier than one already kept
    NOTHING = "nothing"  # the same figures at a time that is covered already


def keeping(as_of: Moment, last_as_of: Moment, *, same: bool, last_is_again: bool) -> Keeping:
    """Decide how a standing is kept beside the customer's newest one."""
    if as_of < last_as_of:
        return Keeping.NOTHING if same else Keeping.LATE
    if not same:
        return Keeping.FIRST
    if as_of == last_as_of:
        return Keeping.NOTHING
    return Keeping.MOVE if last_is_again else Keeping.AGAIN


def thinned(as_of: datetime, last_as_of: datetime) -> tuple[datetime, datetime]:
    """Give from when until when a customer's standings are thinned out after one was kept beside the newest.

    What is older was thinned out when the newest was kept: so each time there is little to look at, whether
    the store was used a minute ago or a year. It begins with a whole day, for only a day's last standing stays.
    """
    older, newer = sorted((as_of, last_as_of))
    begin = (older - KEPT_WHOLE).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return begin, newer - KEPT_WHOLE


def same_figures(left: Standing, right: Standing) -> bool:
    """Whether two standings are equal but for their time."""
    return replace(left, as_of=right.as_of) == right


def in_turn(given: Iterable[Metered], stored: Mapping[CustomerKey, str]) -> list[Metered]:
    """Give those that follow what is stored of their customer, or one of those given before them.

    `stored`: each customer's `metered_at`, as text.
    """
    at = dict(stored)
    kept = []
    for metered in given:
        before = None if metered.before is None else instant_text(metered.before)
        if at.get(metered.after.key) == before:
            at[metered.after.key] = instant_text(metered.after.metered_at)
            kept.append(metered)
    return kept


def changes(
    accepted: Sequence[Limit], limits: Iterable[Limit], *, digest: str, first_seen: datetime
) -> list[LimitChange]:
    """Compare limits with those accepted last, in the order of their customers.

    The place in the file, the name and the remarks beside a limit are no part of what it asks for.
    """
    new = {limit.key: limit for limit in limits}
    old: dict[CustomerKey, Limit] = {}
    for limit in accepted:
        # A customer that went from one account to another may have an old limit in both.
        wanted = new.get(limit.key)
        if limit.key not in old or (wanted is not None and wanted.account == limit.account):
            old[limit.key] = limit
    return [
        LimitChange(key=key, old=old.get(key), new=new.get(key), digest=digest, first_seen=first_seen)
        for key in sorted(old.keys() | new.keys())
        if not _asks_the_same(old.get(key), new.get(key))
    ]


def raise_unless_recorded(intent: Intent) -> None:
    """Raise IllegalTransitionError for an intent that would begin its life in another state."""
    if intent.state is not State.RECORDED:
        raise IllegalTransitionError(intent.id, "nothing", intent.state)


def raise_unless_legal(before: State, after: Intent) -> None:
    """Raise IllegalTransitionError for a step that the state machine does not have."""
    if after.state not in TRANSITIONS[before]:
        raise IllegalTransitionError(after.id, before, after.state)


def moved(stored: Intent, after: Intent) -> Intent:
    """Give the stored intent with what a move may change taken from `after`."""
    return replace(stored, **{name: getattr(after, name) for name in MOVING})


def new_installation() -> str:
    """Draw the four characters that tell this store's marks from another's."""
    letters = string.digits + string.ascii_uppercase
    return "".join(secrets.choice(letters) for _ in range(INSTALLATION_LENGTH))


def _asks_the_same(left: Limit | None, right: Limit | None) -> bool:
    # Equal as they stand, as nearly all are: compared first, for taking the remarks off costs ten times as much.
    return left == right or (left is not None and right is not None and _asked(left) == _asked(right))


def _asked(limit: Limit) -> Limit:
    return replace(limit, source=None, name=None, changed_by=None, reason=None)
