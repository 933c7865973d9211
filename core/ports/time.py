"""The ports of time and names."""

from datetime import datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Time, as an argument."""

    def now(self) -> datetime:
        """Aware UTC."""

    def sleep(self, duration: timedelta) -> None:
        """Wait; returns early when the process is asked to stop."""

    def stopping(self) -> bool:
        """Whether the process was asked to stop: no new write may begin."""


class Ids(Protocol):
    """Names for runs and intents."""

    def ulid(self) -> str:
        """26 characters, Crockford base 32, sortable by time."""
