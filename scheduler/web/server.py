"""The server of the page: uvicorn in a thread of its own, which the daemon starts and stops.

Called by scheduler.daemon. It handles no signal, keeps no log of requests, and a client that is slow, silent or greedy
costs one connection for a while. Starlette and uvicorn are imported when it is started: every other command starts
without them, and works where the extra `web` is not installed.
"""

import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scheduler.web.source import Source

if TYPE_CHECKING:
    import uvicorn

_QUEUE = 512  # connections that wait in the kernel
_GRACE = 1  # seconds in which answers under way may end when it stops
_JOIN = 1.9  # seconds: the daemon has ten for everything
_STARTING = 10  # seconds


def utc_now() -> datetime:
    """Give the time, aware UTC."""
    return datetime.now(UTC)


class Server:
    """Serves the page, health and metrics. One start and one stop in its life; `port` 0 takes any free one."""

    def __init__(
        self,
        source: Source,
        *,
        host: str,
        port: int,
        token: str | None,
        show_names: bool,
        hosts: tuple[str, ...],
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.host = host
        self.port = port
        self._source = source
        self._token = token
        self._show_names = show_names
        self._hosts = hosts
        self._now = now
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to serve; from the return on, requests are answered, and `port` is the one that was taken.

        Raises OSError where the address cannot be taken, ImportError where the extra `web` is not installed.
        """
        import uvicorn  # noqa: PLC0415 - an extra, and 100 ms that no other command should pay

        from scheduler.web.app import make_app  # noqa: PLC0415 - brings Starlette in
        from scheduler.web.patience import KEEP_ALIVE, MOST_TAKEN, PatientProtocol, hush_asyncio  # noqa: PLC0415 - uvicorn

        hush_asyncio()
        app = make_app(self._source, token=self._token, show_names=self._show_names, hosts=self._hosts, now=self._now)
        config = uvicorn.Config(
            app,
            http=PatientProtocol,
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,  # scheduler.logs has configured it
            log_level="error",  # what a client does wrong is no event of ours, and could fill a disk
            access_log=False,
            proxy_headers=False,
            server_header=False,
            # No limit_concurrency: it counts silent connections too, and refuses probes.
            backlog=MOST_TAKEN,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=_GRACE,
        )
        listening = _listening(self.host, self.port)
        self.port = listening.getsockname()[1]
        server = self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listening]}, name="tidegate-web", daemon=True
        )
        self._thread.start()
        self._await_start(server, self._thread)
        # asyncio lets as few wait in the kernel as it takes at one go; who finds no room there comes a second late.
        listening.listen(_QUEUE)

    def stop(self) -> None:
        """Stop serving, within two seconds; connections that are open then are cut. Twice is once."""
        server, thread = self._server, self._thread
        self._server = self._thread = None
        if server is None or thread is None:
            return
        server.should_exit = True
        thread.join(_JOIN)

    @staticmethod
    def _await_start(server: "uvicorn.Server", thread: threading.Thread) -> None:
        # Connections are taken by the kernel from the first moment; this waits for what could still go wrong.
        waited = threading.Event()
        for _ in range(_STARTING * 100):
            if server.started:
                return
            if not thread.is_alive():
                break
            waited.wait(0.01)
        message = "the page's server did not start"
        raise OSError(message)


def _listening(host: str, port: int) -> socket.socket:
    """Take the address; a name stands for the first of its addresses."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = found[0]
    # With the protocol named: only then does asyncio send answers at once, and not 40 ms later.
    listening = socket.socket(family, kind, protocol)
    try:
        # Without it, a restart could not take its own port for a minute after the last connection.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_QUEUE)
    except OSError:
        listening.close()
        raise
    return listening
