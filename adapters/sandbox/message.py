"""HTTP/1.1 messages as the simulated vendors read and write them, and the seam between server and simulation.

Read by adapters/sandbox/server.py and by every simulator; opens nothing.
"""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import BinaryIO, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

JSON_TYPE = "application/json"
MAX_BODY = 10_000_000
_MAX_LINE = 65_536
_BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


class MalformedRequestError(Exception):
    """What arrived is not an HTTP/1.1 request that a vendor would read."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it arrived.

    `path` is unquoted and without the query; `query` has the unquoted pairs in order, blank values kept;
    `raw_target` is the target as on the wire; `headers` have lower-case names, a repeated one joined by ", ".
    """

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes
    raw_target: str


@dataclass(frozen=True, slots=True)
class Response:
    """One answer; Content-Type is `application/json` unless `headers` says otherwise."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def json_response(status: int, payload: object, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a JSON document; money must already be int, float or text."""
    return Response(status, json.dumps(payload).encode(), dict(headers or {}))


class Simulation(Protocol):
    """One vendor's interface without its transport. Called from several threads at once."""

    def operation(self, request: Request) -> str:
        """Name the operation for faults and rates, "" for an unknown one; asked exactly once per request seen."""

    def respond(self, request: Request) -> Response:
        """Authenticate, apply, answer; called once for each time the request is to be applied."""

    def throttled(self, operation: str) -> Response:
        """Give the vendor's documented answer to too many requests."""

    def business_error(self, operation: str) -> Response:
        """Give a documented business error, with the status the vendor documents for it (200 where it does)."""

    def refusal(self, operation: str) -> Response:
        """Give a documented definite refusal: the caller may be sure that nothing was applied."""


def read_request(stream: BinaryIO) -> Request | None:
    """Read one request; None when the peer closed before one began. Raises MalformedRequestError."""
    line = stream.readline(_MAX_LINE)
    if not line:
        return None
    parts = line.decode("latin-1").split()
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):  # noqa: PLR2004 - method, target, version
        raise MalformedRequestError(line)
    method, target, _ = parts
    headers = _read_headers(stream)
    if "transfer-encoding" in headers:
        message = "chunked requests are not taken"
        raise MalformedRequestError(message)
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > MAX_BODY:
        raise MalformedRequestError(length)
    body = stream.read(int(length))
    if len(body) < int(length):
        return None
    split = urlsplit(target)
    query = parse_qsl(split.query, keep_blank_values=True)
    return Request(method, unquote(split.path), query, headers, body, target)


def _read_headers(stream: BinaryIO) -> dict[str, str]:
    try:
        parsed = http.client.parse_headers(stream)
    except (http.client.HTTPException, ValueError) as error:
        raise MalformedRequestError(str(error)) from error
    headers: dict[str, str] = {}
    for name, value in parsed.items():
        lowered = name.lower()
        headers[lowered] = f"{headers[lowered]}, {value}" if lowered in headers else value
    return headers


def head_of(response: Response, date: datetime, *, length: int | None = None) -> bytes:
    """Write status line and headers; `length` overrides the Content-Length to be told, `date` is aware UTC."""
    names = {name.lower() for name in response.headers}
    lines = [f"HTTP/1.1 {response.status} {_phrase(response.status)}"]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    if "date" not in names:
        lines.append(f"Date: {format_datetime(date, usegmt=True)}")
    if response.status not in _BODILESS:
        if "content-type" not in names:
            lines.append(f"Content-Type: {JSON_TYPE}")
        lines.append(f"Content-Length: {len(response.body) if length is None else length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
