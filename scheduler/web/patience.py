"""How many clients the server hears at once and how long it waits for each: uvicorn's own protocol with bounds.

Used by scheduler.web.server. uvicorn closes an idle connection after an answer, but takes as many as come, and waits
for ever for one that says nothing, sends its request a byte an hour, or never reads the answer. Each costs the process
a file descriptor, which the passes and the log need too; whoever connects has shown no token yet.
"""

import asyncio
import logging
import time
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

# More than people and monitors open, and far below the 1,024 descriptors that a process commonly has.
MOST_OPEN = 128
# Taken from the kernel in one turn of the loop, before any of them can be cut: what speaks at once is heard before as
# many newer ones are there as have to be for it to be cut.
MOST_TAKEN = 32
KEEP_ALIVE = 5  # seconds that a connection may be idle between two requests
HEAD_PATIENCE = 5.0  # seconds to a whole request: people's browsers and probes send it with the connection
PATIENCE = 30.0  # seconds from a whole request to the end of its answer
_REPEATED = 60.0  # seconds
_ALIKE = 40  # letters: what asyncio says first is what happened, then come addresses and objects
_MOST_KINDS = 64


class PatientProtocol(H11Protocol):
    """Serves one connection, and cuts it when a request or its answer is not complete in time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own arguments, passed on as they are
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None
        self._since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        """Begin to wait for the first request. Where too many are open, the one that says nothing longest goes."""
        super().connection_made(transport)
        self._await_request(HEAD_PATIENCE)
        if len(self.connections) > MOST_OPEN:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        if self._deadline is not None:
            self._deadline.cancel()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Read what came; a whole request has its time to be answered from now on."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._wait_anew(PATIENCE)

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        self._await_request(KEEP_ALIVE + HEAD_PATIENCE)
        super().on_response_complete()

    def _await_request(self, seconds: float) -> None:
        self._since = self.loop.time()
        self._wait_anew(seconds)

    def _wait_anew(self, seconds: float) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(seconds, self.transport.abort)

    def _make_room(self) -> None:
        """Cut the connection that is longest without a request, and this one only where all others are answered.

        Who connects and speaks at once, as a probe does, is so heard whoever else holds connections open.
        """
        silent = [each for each in self.connections if isinstance(each, PatientProtocol) and each.is_silent]
        longest = min(silent, key=lambda each: each._since)  # noqa: SLF001 - of its own kind; this one is among them
        # Not counted any more from now on; its descriptor is free with the loop's next turn.
        self.connections.discard(longest)
        longest.transport.abort()

    @property
    def is_silent(self) -> bool:
        """Whether no request of it is being answered."""
        cycle: RequestResponseCycle | None = self.cycle  # uvicorn leaves out None, which it is before the first request
        return cycle is None or cycle.response_complete


class Seldom(logging.Filter):
    """Lets what asyncio says alike through once a minute.

    Without a free descriptor it says so for each connection that it cannot take, thousands of times a second.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is let through."""
        kind, now = record.getMessage()[:_ALIKE], time.monotonic()
        if now - self._said.get(kind, -_REPEATED) < _REPEATED:
            return False
        if len(self._said) >= _MOST_KINDS:
            self._said.clear()
        self._said[kind] = now
        return True


_SELDOM = Seldom()


def hush_asyncio() -> None:
    """Keep asyncio from filling the log, for as long as the process lives. Twice is once."""
    logging.getLogger("asyncio").addFilter(_SELDOM)
