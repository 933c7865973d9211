"""Whether everything still moves: the loop, the ticks, the passes, the chores. And in one line how things are.

Felt by scheduler.daemon.loop every few seconds; asked by the page from threads of its own.
"""

import time
from collections.abc import Callable, Collection
from datetime import timedelta

import structlog

from scheduler.config import Settings, format_duration
from scheduler.jobs import Passes

_LOG = structlog.get_logger("tidegate")

# The loop and the ticks each beat every ten seconds or oftener; a loaded machine may be late.
SILENCE = timedelta(minutes=1)
# A chore waits for the store and for channels, each within deadlines of its own; all of them together take minutes.
CHORE_SILENCE = timedelta(minutes=10)
# A clock that is set back by less puts off ticks by no more than that.
SET_BACK_SECONDS = 30.0


class Pulse:
    """The signs of life of one process."""

    def __init__(self, passes: Passes) -> None:
        self._passes = passes
        now = time.monotonic()
        self._ticked = now
        self._turned = now
        self._ahead = time.time() - now
        # The chores that are being done, and when each last got on.
        self._chores: dict[str, float] = {}

    def beat(self) -> None:
        """Note that ticks come: called by a chore of the ticker itself."""
        self._ticked = time.monotonic()

    def watching(self, chore: str, work: Callable[[], object]) -> Callable[[], None]:
        """Give a chore that is looked at while it is done; for one thread at a time."""

        def watched() -> None:
            self._chores[chore] = time.monotonic()
            try:
                work()
            finally:
                self._chores.pop(chore, None)

        return watched

    def got_on(self, chore: str) -> None:
        """Note that a chore made a step."""
        if chore in self._chores:
            self._chores[chore] = time.monotonic()

    def feel(self) -> tuple[str, ...]:
        """Note that the loop turns; give what is stuck, and log each stuck pass once."""
        self._turned = time.monotonic()
        for each in self._passes.stuck():
            if not each.told:
                each.told = True
                _LOG.error("pass_stuck", account=each.account, since=each.since.isoformat(), idle=_said(each.idle()))
        return self.stuck()

    def stuck(self) -> tuple[str, ...]:
        """Say what shows no progress, one sentence each; empty: everything moves."""
        now = time.monotonic()
        found = [
            f"the pass over {each.account} has had no answer and made no step for {_said(each.idle())}"
            for each in self._passes.stuck()
        ]
        for what, moved in (("the loop has not turned", self._turned), ("no tick has come", self._ticked)):
            if now - moved > SILENCE.total_seconds():
                found.append(f"{what} for {_said(timedelta(seconds=now - moved))}")
        for chore, moved in self._chores.copy().items():
            if now - moved > CHORE_SILENCE.total_seconds():
                found.append(f"the chore {chore} has made no step for {_said(timedelta(seconds=now - moved))}")
        return tuple(found)

    def set_back(self) -> bool:
        """Whether the machine's clock was set back since this was last asked."""
        ahead = time.time() - time.monotonic()
        was, self._ahead = self._ahead, ahead
        return ahead < was - SET_BACK_SECONDS

    def line(self, settings: Settings, late: Collection[str]) -> str:
        """Say in one line how many accounts there are, when one was last read, and which are late or stuck."""
        read_at = [at for name, at in self._passes.read_at.items() if name in settings.accounts]
        parts = [
            _counted(len(settings.accounts)),
            f"last read {max(read_at):%H:%M} UTC" if read_at else "none read yet",
        ]
        stuck = [each.account for each in self._passes.stuck()]
        parts += [f"{word}: {', '.join(sorted(names))}" for word, names in (("late", late), ("stuck", stuck)) if names]
        return "; ".join(parts)


def _said(duration: timedelta) -> str:
    return format_duration(duration)


def _counted(accounts: int) -> str:
    return "1 account" if accounts == 1 else f"{accounts} accounts"
