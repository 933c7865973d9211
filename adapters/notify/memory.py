"""The notifier's in-memory twin: keeps what it is handed, and refuses where it is told to. For tests."""

import threading
from dataclasses import dataclass

from core.errors import NotifyFailedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """One text as it was handed to a channel."""

    channel: str
    title: str
    body: str
    critical: bool


class InMemoryNotifier:
    """`handed`: everything that was taken, in its order. `broken`: channels that take nothing, with the reason."""

    def __init__(self) -> None:
        self.handed: list[Handed] = []
        self.broken: dict[str, str] = {}
        self._lock = threading.Lock()

    def send(self, channel: str, *, title: str, body: str, critical: bool) -> None:
        """Keep one text; raises NotifyFailedError where the channel is broken."""
        with self._lock:
            if channel in self.broken:
                raise NotifyFailedError(channel, self.broken[channel])
            self.handed.append(Handed(channel=channel, title=title, body=body, critical=critical))
