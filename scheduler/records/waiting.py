"""What became of a planned correction or hold since it was planned; called for the lines of the board. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.intent import Intent, State
from core.limit import CustomerKey
from core.plan import HoldReason
from scheduler.records.plan_parts import PENDING, REASONS
from scheduler.reports.board import Waiting

# How a change of ours ended that leaves its correction undone, as plans call it.
_UNDONE = {
    State.REFUSED: HoldReason.REFUSED,
    State.NOT_SENT: HoldReason.NOT_SENT,
    State.DISPUTED: HoldReason.DISPUTED,
    State.UNCERTAIN: HoldReason.UNCERTAIN,
}
_OVER = "what held it is over; the next run decides"


def left_waiting(
    planned: Waiting, since: Sequence[Intent], *, is_open: bool, is_disputed: bool, is_paused: bool
) -> Waiting | None:
    """Give what is still to be done; None where it was made and read back.

    `since`: the customer's intents recorded since the plan, oldest first. The others: whether it has an open intent
    or dispute now, and whether a pause covers it.
    """
    if since:
        last = since[-1]
        if last.state is State.SETTLED_APPLIED:
            return None
        reason = _UNDONE.get(last.state)
        return planned if reason is None else _held(planned, reason, last.outcome)
    over = {
        HoldReason.UNCERTAIN.word: not is_open,
        HoldReason.DISPUTED.word: not is_open and not is_disputed,
        HoldReason.PAUSED.word: not is_paused,
    }
    if not over.get(planned.word, False):
        return planned
    return replace(planned, word=PENDING, sentence="not made yet", detail=_OVER, needs_attention=False)


def made(planned: Mapping[CustomerKey, Waiting], since: Mapping[CustomerKey, Sequence[Intent]]) -> int:
    """Count the customers with a planned correction whose every change since was applied and read back."""
    return sum(
        1
        for key, intents in since.items()
        if key in planned
        and planned[key].word not in REASONS
        and all(intent.state is State.SETTLED_APPLIED for intent in intents)
    )


def _held(planned: Waiting, reason: HoldReason, detail: str) -> Waiting:
    return replace(
        planned, word=reason.word, sentence=reason.sentence, detail=detail, needs_attention=reason.needs_attention
    )
