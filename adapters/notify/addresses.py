"""What of a channel's address must never be seen: the whole of it, and each part that may be a key.

Called by scheduler.bootstrap, which lets the logs learn it before anything is sent.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote

# Shorter words in a path are names of hooks and rooms, and would redact half of every line.
SHORTEST_KEY = 8
_PLAIN_WORD = re.compile(r"[a-z]+([._-][a-z]+)*|[A-Z][a-z]+")
_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z0-9+.-]+)://(?P<rest>.*)", re.DOTALL)


def key_parts(address: str) -> frozenset[str]:
    """Give the address and its parts as written and as decoded; host names and plain words are not among them."""
    found = _ADDRESS.fullmatch(address)
    parts = {address} if found is None else {address, found["rest"], *_parts(found["rest"])}
    return frozenset(text for part in parts for text in (part, unquote(part)) if text)


def _parts(rest: str) -> Iterator[str]:
    place, _, query = rest.partition("?")
    front, _, path = place.partition("/")
    user, at, host = front.rpartition("@")
    name, colon, password = user.partition(":")
    if colon:
        yield password
    elif at:
        yield user  # services that know no password take a key in its place
    for word in (name, *_hosts(host), *path.split("/"), *(pair.partition("=")[2] for pair in query.split("&"))):
        if len(word) >= SHORTEST_KEY and not _PLAIN_WORD.fullmatch(word):
            yield word


def _hosts(host: str) -> Iterator[str]:
    """Give what stands in the host's place where it is no host: a key has no dot, or a colon as Telegram's."""
    name, _, port = host.partition(":")
    if "." not in name and not host.startswith("["):
        yield host
        yield name
        yield port
