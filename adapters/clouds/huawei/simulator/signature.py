"""Verifies SDK-HMAC-SHA256 signatures as Huawei Cloud's gateway does: by its own computation, not the SDK's.

Used by the simulated vendor for every request. Source: the gateway's signing guide (`devg-apisign`); the signature
covers method, path, query, the signed headers and the body, and is good for 15 minutes either way.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

from adapters.sandbox.server import Request

ALGORITHM = "SDK-HMAC-SHA256"
LIFE = timedelta(minutes=15)
_DATE = "%Y%m%dT%H%M%SZ"
_AUTHORIZATION = re.compile(rf"{ALGORITHM} Access=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{{64}})")
# Without these a signature would hold for another host, another time or another account.
_MUST_BE_SIGNED = frozenset({"host", "x-sdk-date", "x-domain-id"})


@dataclass(frozen=True, slots=True)
class Key:
    """One access key with its secret, and the domain (account) it belongs to."""

    access: str
    secret: str
    domain_id: str


def fault_in(request: Request, key: Key, now: datetime) -> str | None:
    """Say why a request is not genuine, fresh and of this account; None if it is."""
    match = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    if match is None:
        return "no usable Authorization header"
    access, names, signature = match.group(1), match.group(2).split(";"), match.group(3)
    if access != key.access:
        return "unknown access key"
    missing = _MUST_BE_SIGNED - set(names)
    if missing or any(name not in request.headers for name in names):
        return "a header that must be signed is not"
    if request.headers["x-domain-id"] != key.domain_id:
        return "the access key is not of this domain"
    date = request.headers["x-sdk-date"]
    if not _is_fresh(date, now):
        return "the date is not within 15 minutes"
    if not hmac.compare_digest(signature, sign(request, names, key.secret)):
        return "verify aksk signature fail"
    return None


def sign(request: Request, names: list[str], secret: str) -> str:
    """Compute the signature over the request and the named headers (lower-case), as 64 hexadecimal digits."""
    canonical = canonical_request(request, names)
    text = f"{ALGORITHM}\n{request.headers['x-sdk-date']}\n{_sha256(canonical.encode())}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def canonical_request(request: Request, names: list[str]) -> str:
    """Write the request in the one form that both sides hash."""
    segments = "/".join(quote(segment, safe="~") for segment in unquote(request.path).split("/"))
    query = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(request.query))
    headers = "".join(f"{name}:{request.headers[name].strip()}\n" for name in sorted(names))
    path = segments if segments.endswith("/") else f"{segments}/"
    parts = (request.method, path, query, headers, ";".join(sorted(names)), _sha256(request.body))
    return "\n".join(parts)


def _is_fresh(date: str, now: datetime) -> bool:
    try:
        signed_at = datetime.strptime(date, _DATE).replace(tzinfo=UTC)
    except ValueError:
        return False
    return abs(now - signed_at) <= LIFE


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
