"""How far one delivery has come: under way, handed over and waiting for the answer, answered.

Kept by adapters.notify.handing; read by the notifier, which has to know what became of a text that it leaves behind.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

STOPPED: Final = "the process is to stop"


class StoppingError(Exception):
    """The process is to stop, and nothing has left yet."""


@dataclass(slots=True)
class Progress:
    """How far one delivery has come. Written by its own thread alone, read by the one that waits for it.

    `begun`: something may have left. `waiting`: it was handed over whole, and its answer is not there yet.
    """

    stopping: Callable[[], bool] = lambda: False
    begun: bool = False
    waiting: bool = False

    def begin(self) -> None:
        """Be called just before anything leaves; raises StoppingError where nothing may any more."""
        first, self.begun = not self.begun, True  # before it asks: whoever waits looks the other way round
        if first and self.stopping():
            self.begun = False
            raise StoppingError


PROGRESS: ContextVar[Progress | None] = ContextVar("progress", default=None)
