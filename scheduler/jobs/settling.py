"""When to look again at changes whose outcome is not known, so that none waits for its account's next tick.

Called by the daemon after each pass. Plans times only; what settles a change is the same reconcile as always.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.intent import Intent, State
from core.policy import AccountPolicy

# Seconds between looks, the last for as long as it takes: most lost answers show within the vendor's lag.
BACKOFF = (20.0, 40.0, 60.0, 120.0, 240.0, 480.0, 900.0)
# The vendor's clock may be a little behind ours: right after the fence means a few seconds after it.
MARGIN = timedelta(seconds=5)
# A command settles what it sent itself, as far as it can at once; what is older and open, it has left.
ORPHANED = timedelta(minutes=1)
# Two reads that are to count as two lie this far apart at least, however small the lag (core.run.settle).
_SHORTEST_SPACING = timedelta(milliseconds=500)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The next narrowed pass of an account: when, and over whose customers (ids)."""

    at: datetime
    customers: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    """What one account has open, and how often it was looked at in vain."""

    intents: tuple[Intent, ...]
    tries: int


_NOTHING = _Open(intents=(), tries=0)


class Settling:
    """Remembers what every account has open. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, _Open] = {}

    def after(
        self, account: str, intents: Sequence[Intent] | None, policy: AccountPolicy, now: datetime
    ) -> Look | None:
        """Give the next look after a pass that left these intents open; None: there is nothing to look for.

        `intents` None: the pass failed before it knew, so what was open before still counts.
        """
        with self._lock:
            before = self._open.get(account, _NOTHING)
            left = before.intents if intents is None else tuple(each for each in intents if _settles(each))
            if not left:
                self._open.pop(account, None)
                return None
            known = {each.id for each in before.intents}
            tries = before.tries + 1 if all(each.id in known for each in left) else 0
            self._open[account] = _Open(intents=left, tries=tries)
        return Look(
            at=next_look(left, tries=tries, now=now, lag=policy.lag),
            customers=frozenset(each.key.customer_id for each in left),
        )

    def news(self, account: str, intents: Sequence[Intent], now: datetime) -> tuple[Intent, ...]:
        """Give those of an account's open intents that no pass of ours left, and that are old enough to be orphans."""
        with self._lock:
            known = {each.id for each in self._open.get(account, _NOTHING).intents}
        return tuple(
            each for each in intents if _settles(each) and each.id not in known and now - each.recorded_at >= ORPHANED
        )

    def forget(self, account: str) -> None:
        """Forget an account that the configuration no longer has."""
        with self._lock:
            self._open.pop(account, None)


def next_look(intents: Sequence[Intent], *, tries: int, now: datetime, lag: timedelta) -> datetime:
    """Give when to look again after so many looks in vain: at the next step, or before, where more can be decided.

    That is right after a fence, and once a mark that was missed after it may be missed a second time.
    """
    turns = [turn + MARGIN for intent in intents for turn in _turns(intent, lag)]
    step = now + timedelta(seconds=BACKOFF[min(tries, len(BACKOFF) - 1)])
    return min([step, *(turn for turn in turns if turn > now)])


def _turns(intent: Intent, lag: timedelta) -> list[datetime]:
    found = [intent.fence_at, intent.absent_since and intent.absent_since + max(lag, _SHORTEST_SPACING)]
    return [turn for turn in found if turn is not None]


def _settles(intent: Intent) -> bool:
    """Whether looking can help; a dispute waits for a person."""
    return intent.is_open and intent.state is not State.DISPUTED
