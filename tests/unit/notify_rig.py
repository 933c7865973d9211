"""Real services on loopback for the tests of channels: a web server that keeps what is posted, and a mail sink."""

import contextlib
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# Keys that must never be seen anywhere: each has its own place in an address.
CANARY_PASSWORD = "canaryPassword4711"
CANARY_PATH = "canaryPath4711KEY"
CANARY_QUERY = "canaryQuery4711"
CANARIES = (CANARY_PASSWORD, CANARY_PATH, CANARY_QUERY)


class Hook(ThreadingHTTPServer):
    """A web service. `posted`: paths and bodies; `status`, `answer`, `location`: what it answers with."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Posted)
        self.posted: list[tuple[str, bytes]] = []
        self.status = 200
        self.answer = b"{}"
        self.location = ""
        self.hold = threading.Event()
        self.hold.set()

    @property
    def address(self) -> str:
        """The address of a channel that posts here, with a key in every place."""
        return f"json://hook:{CANARY_PASSWORD}@127.0.0.1:{self.server_port}/{CANARY_PATH}?-key={CANARY_QUERY}"

    def handle_error(self, *_given: Any) -> None:
        """Say nothing: whoever asked may have been killed."""

    def texts(self) -> list[str]:
        """What was posted, as text."""
        return [body.decode() for _, body in self.posted]


class _Posted(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        """Keep the body, wait while held, and answer."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.hold.wait(30)
        self.server.posted.append((self.path, body))
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", str(len(self.server.answer)))
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_given: Any) -> None:
        """Say nothing."""


class MailSink(socketserver.ThreadingTCPServer):
    """A mail server. `mails`: what was taken, as text; `refusal`: the answer to a sender, where it refuses all."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Mailing)
        self.mails: list[str] = []
        self.refusal = ""

    @property
    def address(self) -> str:
        """The address of a channel that mails here."""
        port = self.server_address[1]
        return f"mailto://127.0.0.1:{port}?from=tidegate@example.com&to=ops@example.com&mode=insecure"


class _Mailing(socketserver.StreamRequestHandler):
    server: MailSink

    def handle(self) -> None:
        """Speak as much of SMTP as a mail needs."""
        self._say("220 sink")
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            if verb == "QUIT":
                self._say("221 bye")
                return
            if verb == "MAIL" and self.server.refusal:
                self._say(self.server.refusal)
            elif verb == "DATA":
                self._say("354 go on")
                self.server.mails.append("".join(self._lines()))
                self._say("250 taken")
            else:
                self._say("250 ok")

    def _lines(self) -> Iterator[str]:
        while (line := self.rfile.readline().decode()) != ".\r\n":
            yield line

    def _say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())


@contextlib.contextmanager
def running(server: socketserver.BaseServer) -> Iterator[None]:
    """Serve for the length of a `with`."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextlib.contextmanager
def hook() -> Iterator[Hook]:
    """Run a web service."""
    server = Hook()
    with running(server):
        yield server
        server.hold.set()


@contextlib.contextmanager
def mail_sink() -> Iterator[MailSink]:
    """Run a mail server."""
    server = MailSink()
    with running(server):
        yield server
