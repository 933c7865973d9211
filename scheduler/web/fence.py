"""Who may look, and what every answer carries: the outermost layer of the page's application.

Made by scheduler.web.app. Only GET and HEAD pass. With a token, whoever asks must show it; without one, only requests
for a name of this machine are answered, so that no website can make its visitor's browser read the page (DNS
rebinding). What goes wrong inside becomes a short page without particulars, and a line in the log.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Callable

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HOST = re.compile(r"(\[(?P<address>[0-9A-Fa-f:.]{2,45})\]|(?P<name>[A-Za-z0-9._-]{1,253}))(:[0-9]{0,5})?", re.ASCII)
_LOG = structlog.get_logger("tidegate")
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
# Whether the process lives may be asked by probes that hold no token; they are told no more than that.
PROBES = frozenset({"/healthz", "/readyz"})
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "x-robots-tag": "noindex, nofollow",
}

Refusal = Callable[[int], Response]
# Enough for people and a monitor; more at once are asked to come again, so that none can use up the daemon's threads.
MOST_AT_ONCE = 64


class Fence:
    """Lets requests through to the application, or answers them itself. `refusal` makes the short page of a status."""

    def __init__(self, app: ASGIApp, *, token: str | None, hosts: tuple[str, ...], refusal: Refusal) -> None:
        self._app = app
        self._token = None if token is None else token.encode()
        self._names = LOCAL_NAMES | {host.lower().rstrip(".") for host in hosts}
        self._refusal = refusal
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; the server lets nothing else in, no socket and no lifespan."""
        begun = False

        async def send_guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                _guard(MutableHeaders(scope=message))
            await send(message)

        refused = self._refused(scope) or self._too_many(scope)
        if refused is not None:
            await refused(scope, receive, send_guarded)
            return
        # Whoever asks whether the process lives is answered from memory, and takes nobody's place.
        place = scope["path"] not in PROBES
        self._under_way += place
        try:
            await self._app(scope, receive, send_guarded)
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody but the log is told
            _LOG.error("page_failed", path=scope["path"], error=type(error).__name__, exc_info=error)
            if not begun:
                await self._refusal(500)(scope, receive, send_guarded)
        finally:
            self._under_way -= place

    def is_trusted(self, request: Request) -> bool:
        """Whether who asks may be told particulars: always without a token, else only with it."""
        return self._token is None or self._shows_token(request.headers)

    def _refused(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if self._token is None and host_name(headers.get("host", "")) not in self._names:
            return self._refusal(421)
        if scope["method"] not in {"GET", "HEAD"}:
            response = self._refusal(405)
            response.headers["allow"] = "GET, HEAD"
            return response
        if self._token is not None and scope["path"] not in PROBES and not self._shows_token(headers):
            response = self._refusal(401)
            response.headers["www-authenticate"] = 'Basic realm="Tidegate", charset="UTF-8"'
            return response
        return None

    def _too_many(self, scope: Scope) -> Response | None:
        if self._under_way < MOST_AT_ONCE or scope["path"] in PROBES:
            return None
        response = self._refusal(503)
        response.headers["retry-after"] = "5"
        return response

    def _shows_token(self, headers: Headers) -> bool:
        shown = shown_token(headers.get("authorization", ""))
        return self._token is not None and shown is not None and hmac.compare_digest(shown, self._token)


def shown_token(authorization: str) -> bytes | None:
    """Give the token in a header's value: a bearer's, or a browser's password with any user name; None without one."""
    scheme, _, value = authorization.strip().partition(" ")
    match scheme.lower():
        case "bearer":
            return value.strip().encode("latin-1", "replace")  # as the server read the bytes
        case "basic":
            try:
                said = base64.b64decode(value.strip(), validate=True)
            except (binascii.Error, ValueError):
                return None
            _, colon, password = said.partition(b":")
            return password if colon else None
        case _:
            return None


def host_name(host: str) -> str:
    """Give the name in a Host header, without its port and in lower case; empty where it is none."""
    found = _HOST.fullmatch(host)
    return "" if found is None else (found["address"] or found["name"]).lower().rstrip(".")


def _guard(headers: MutableHeaders) -> None:
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("cache-control", "no-store")
