"""Verifies TC3-HMAC-SHA256 from its description (1085/51413), independently of the SDK that made the signature.

Asked by vendor for every request.
"""

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta

from adapters.sandbox.server import Request

ALGORITHM = "TC3-HMAC-SHA256"
_AUTHORIZATION = re.compile(
    rf"{ALGORITHM} Credential=(?P<id>[^/]+)/(?P<date>[^/]+)/(?P<service>[^/]+)/tc3_request, ?"
    r"SignedHeaders=(?P<signed>[a-z0-9;-]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)


def refusal_of(
    request: Request, *, secret_id: str, secret_key: str, service: str, now: datetime, life: timedelta
) -> str:
    """Give the AuthFailure code with which a request is refused, "" when its signature is good."""
    match = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    timestamp = request.headers.get("x-tc-timestamp", "")
    if match is None or not timestamp.isdecimal():
        return "AuthFailure.InvalidAuthorization"
    if match["id"] != secret_id:
        return "AuthFailure.SecretIdNotFound"
    signed_at = datetime.fromtimestamp(int(timestamp), UTC)
    if abs(now - signed_at) > life or match["date"] != signed_at.strftime("%Y-%m-%d"):
        return "AuthFailure.SignatureExpire"
    signed = match["signed"].split(";")
    if not {"content-type", "host"} <= set(signed) or match["service"] != service:
        return "AuthFailure.InvalidAuthorization"
    expected = _signature(request, signed, secret_key, service, timestamp, match["date"])
    return "" if hmac.compare_digest(expected, match["signature"]) else "AuthFailure.SignatureFailure"


def _signature(request: Request, signed: list[str], key: str, service: str, timestamp: str, date: str) -> str:
    canonical = "\n".join(
        [
            request.method,
            "/",
            request.raw_target.partition("?")[2],
            *(f"{name}:{request.headers.get(name, '').strip().lower()}" for name in signed),
            "",
            ";".join(signed),
            hashlib.sha256(request.body).hexdigest(),
        ]
    )
    scope = f"{date}/{service}/tc3_request"
    text = "\n".join([ALGORITHM, timestamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    signing = f"TC3{key}".encode()
    for part in (date, service, "tc3_request"):
        signing = hmac.digest(signing, part.encode(), "sha256")
    return hmac.digest(signing, text.encode(), "sha256").hex()
