"""Where a vendor's API is called: a host, a port and a scheme, checked before anything is sent there.

Used by the vendors' clients and by the configuration check.
Keys are signed for whatever host stands here, so a host that is not the vendor's own needs the partner's word,
and plain http never leaves the machine.
"""

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"https": 443, "http": 80}
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")

_UNSAID = "…@…"


class EndpointFault(ValueError):  # noqa: N818 - a fault in what a person wrote, shown among the others as a sentence
    """An endpoint that is not one, or one that keys must not be used at."""

    def __init__(self, written: str, why: str) -> None:
        self.sentence = f"{written!r} {why}"
        super().__init__(self.sentence)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A vendor's address: `scheme` https or http, `host` a lower-case name or address without brackets, `port`."""

    scheme: str
    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine: 127.0.0.0/8, ::1 or localhost."""
        return _is_loopback(self.host)

    @property
    def authority(self) -> str:
        """Host and port as a Host header has them: the default port is left out, IPv6 stands in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """Scheme and authority, without a path."""
        return f"{self.scheme}://{self.authority}"

    def __str__(self) -> str:
        return self.url


def parse_endpoint(text: str, *, own_hosts: Collection[str], allow_custom: bool) -> Endpoint:
    """Read `host`, `host:port` or a URL without a path; https unless http is written.

    `own_hosts`: the vendor's own names; others are accepted on loopback, or with `allow_custom`.
    Raises EndpointFault, whose `sentence` says what to write instead.
    """
    if any(character.isspace() or not character.isprintable() for character in text) or not text:
        raise EndpointFault(text, "is no host name: write one such as api.example.com, without spaces")
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError as error:  # brackets that hold no IPv6 address
        raise EndpointFault(text, "has no usable host name") from error
    if parts.username is not None or parts.password is not None or "@" in text:
        # Not echoed: what stands before the @ may be a key.
        raise EndpointFault(_UNSAID, "has a user name or key in it: write the host only")
    endpoint = Endpoint(_scheme(parts.scheme, text), _host(parts.hostname, text), 0)
    port = _port(parts.netloc, text) or _DEFAULT_PORTS[endpoint.scheme]
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise EndpointFault(text, f"has a path: write only {parts.scheme}://{parts.netloc}")
    endpoint = Endpoint(endpoint.scheme, endpoint.host, port)
    _raise_if_unsafe(endpoint, text, own_hosts, allow_custom=allow_custom)
    return endpoint


def _scheme(scheme: str, text: str) -> str:
    if scheme not in _DEFAULT_PORTS:
        raise EndpointFault(text, "is neither http nor https: write https:// or leave it out")
    return scheme


def _host(host: str | None, text: str) -> str:
    if host and (_is_address(host) or _HOST.fullmatch(host)):
        return host
    raise EndpointFault(text, "has no usable host name")


def _port(netloc: str, text: str) -> int | None:
    """Give the port written, None for none; urlsplit accepts an empty one and raises on others in its own words."""
    _, colon, port = netloc.rpartition(":")
    if not colon or netloc.endswith("]"):
        return None
    if not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535:  # noqa: PLR2004 - TCP's own range
        raise EndpointFault(text, "has no usable port: it is a number from 1 to 65535")
    return int(port)


def _raise_if_unsafe(endpoint: Endpoint, written: str, own_hosts: Collection[str], *, allow_custom: bool) -> None:
    if endpoint.is_loopback:
        return
    foreign = "" if allow_custom or endpoint.host in own_hosts else _foreign(own_hosts)
    if endpoint.scheme == "http":
        why = f"is plain http, which is for this machine only: write {_with_https(written)}"
        raise EndpointFault(written, why + (f"; and it {foreign}" if foreign else ""))
    if foreign:
        raise EndpointFault(written if "://" in written else endpoint.authority, foreign)


def _foreign(own_hosts: Collection[str]) -> str:
    known = " or ".join(sorted(own_hosts))
    return f"is not the vendor's own host ({known}); if it is meant, add allow_custom_endpoint = true to the account"


def _with_https(written: str) -> str:
    """Give the same address with the scheme that is wanted; port 80 is where plain http is spoken, so it goes."""
    return f"https://{written.partition('://')[2].rstrip('/').removesuffix(':80')}"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    return _is_address(host) and ipaddress.ip_address(host).is_loopback
