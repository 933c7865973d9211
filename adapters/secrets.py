"""Secrets by reference: where a key is kept, never the key.

Vendor settings name the type, scheduler.bootstrap resolves the references just before an account is opened.
A secret's value is never stored, logged or put into a sentence, not even a value written where a reference belongs.
"""

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

# A key is short; anything larger is the wrong file.
MAX_BYTES = 16 * 1024
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CREDENTIAL = re.compile(r"[A-Za-z0-9_.-]+")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_FORMS = "write env:NAME, file:PATH or credential:NAME"


class SecretFault(Exception):  # noqa: N818 - a fault in what a person wrote, shown among the others as a sentence
    """A secret that cannot be had; `sentence` names the place to look at and never holds the value."""

    def __init__(self, place: str, why: str) -> None:
        self.sentence = f"{place} {why}"
        super().__init__(self.sentence)


def _referring(text: str) -> str:
    scheme, colon, rest = text.partition(":")
    if not colon or scheme not in _RESOLVERS:
        # The text itself stays out of the sentence: it may be the key.
        message = f"a secret is never written into the file; {_FORMS}"
        raise ValueError(message)
    if not _well_named(scheme, rest):
        message = f"no usable name after '{scheme}:'; {_FORMS}"
        raise ValueError(message)
    return text


def reference_fault(text: str) -> str | None:
    """Say what is wrong with a reference's form, None for nothing; the text itself stays out, as it may be the key."""
    try:
        _referring(text)
    except ValueError as error:
        return str(error)
    return None


def is_reference(text: str) -> bool:
    """Whether a text is a well-formed reference."""
    scheme, colon, rest = text.partition(":")
    return bool(colon) and scheme in _RESOLVERS and _well_named(scheme, rest)


def _well_named(scheme: str, rest: str) -> bool:
    match scheme:
        case "env":
            return _NAME.fullmatch(rest) is not None
        case "credential":
            return _CREDENTIAL.fullmatch(rest) is not None and rest not in {".", ".."}
        case _:
            return bool(rest.strip()) and rest.isprintable()


SecretReference = Annotated[str, AfterValidator(_referring)]
"""`env:NAME`, `file:PATH` or `credential:NAME` (systemd's LoadCredential=); anything else is refused unseen."""


def resolve(reference: str, *, base: Path, environ: Mapping[str, str]) -> str:
    """Give the value behind a reference, without a trailing line break. Relative paths start at `base`.

    Raises SecretFault when it is missing, empty, not plain text or readable by others than its owner.
    """
    scheme, _, rest = reference.partition(":")
    text, place = _RESOLVERS[scheme](rest, base, environ)
    value = text.rstrip("\r\n")
    if not value.strip():
        raise SecretFault(place, "is empty")
    if not value.isascii() or not value.isprintable() or " " in value:
        raise SecretFault(place, "is not a key: one line of plain characters without spaces is expected")
    return value


def _from_environment(name: str, _base: Path, environ: Mapping[str, str]) -> tuple[str, str]:
    place = f"environment variable {name}"
    if name not in environ:
        raise SecretFault(place, "is not set: set it, or name another place")
    return environ[name], place


def _from_file(name: str, base: Path, _environ: Mapping[str, str]) -> tuple[str, str]:
    path = base / name
    place = f"secret file {path}"
    return _read(path, place, private=True), place


def _from_credential(name: str, _base: Path, environ: Mapping[str, str]) -> tuple[str, str]:
    place = f"credential {name}"
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        raise SecretFault(place, f"is not there: start the service with LoadCredential={name}:PATH")
    # systemd guards the folder itself, and shows an access list as group bits.
    return _read(Path(folder) / name, place, private=False), place


_RESOLVERS = {"env": _from_environment, "file": _from_file, "credential": _from_credential}


def _read(path: Path, place: str, *, private: bool) -> str:
    """Read a small regular file; its mode is taken from what was opened, so it cannot be swapped in between."""
    try:
        # Not blocking: a named pipe in that place must not hang the start.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            _raise_if_careless(os.fstat(descriptor), path, place, private=private)
            content = os.read(descriptor, MAX_BYTES + 1)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise SecretFault(place, f"cannot be read: {error.strerror}") from error
    if len(content) > MAX_BYTES:
        raise SecretFault(place, "is too large to be a key")
    try:
        return content.decode("ascii")
    except UnicodeDecodeError as error:
        raise SecretFault(place, "is not plain text") from error


def _raise_if_careless(status: os.stat_result, path: Path, place: str, *, private: bool) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise SecretFault(place, "is not a plain file")
    if private and status.st_mode & _OTHERS:
        mode = stat.S_IMODE(status.st_mode)
        raise SecretFault(place, f"can be read by others (mode {mode:04o}): chmod 600 {path}")
