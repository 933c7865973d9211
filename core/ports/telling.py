"""The ports of alerts: what stands on record, and where messages leave."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from core.alerts import Alert, Message, Turns


class Outbox(Protocol):
    """Alerts on record and the messages they caused. Every write is fsynced when it returns.

    Every method may raise StoreFailedError; then nothing was written.
    """

    def standing_alerts(self) -> Sequence[Alert]:
        """Alerts that have not ended, oldest first, told or not."""

    def keep_turns(self, turns: Turns) -> bool:
        """Store all of it in one transaction; False, and nothing stored, where another process was first.

        Compare-and-set: a new alert's identity must not stand. An alert that is told must stand, and not be told as
        far as that; one that ends must stand, and be told just as far. No message may be stored already for the same
        alert, channel and edge.
        """

    def messages(self, *, until: datetime | None = None) -> Sequence[Message]:
        """Messages neither sent nor given up, oldest first; `until`: only those due by then."""

    def keep_message(self, before: Message, after: Message) -> bool:
        """Store what became of a delivery; False where it is no longer as `before` says."""

    def keep_messages(self, moves: Sequence[tuple[Message, Message]]) -> int:
        """Store what became of many deliveries, each (before, after), in one transaction; give how many were kept.

        One that is no longer as its first says is left as it is.
        """

    def old_alerts(self, limit: int = 200) -> Sequence[Alert]:
        """Alerts that have ended, newest first."""

    def thin_alerts(self, before: datetime) -> None:
        """Forget alerts that ended, and messages that were sent or given up, before this moment."""


class Notifier(Protocol):
    """Where messages leave. Thread-safe."""

    def send(self, channel: str, *, title: str, body: str, critical: bool) -> None:
        """Hand one text to a channel by its name, once, within its own deadline.

        Raises NotifyFailedError with a sentence that holds no secret. Of its kind are NotifyUnclearError, where it was
        handed over and no answer came, and NotifyStoppedError, where the process is to stop and nothing was.
        """
