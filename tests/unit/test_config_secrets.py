"""Secrets are references: a literal is refused unseen, a careless file is refused, a value is never repeated."""

import os
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from adapters.secrets import MAX_BYTES, SecretFault, SecretReference, resolve

CANARY = "AKIDcanary0123456789"


class Keys(BaseModel, hide_input_in_errors=True):
    """A vendor's settings with one secret."""

    key: SecretReference


def secret_file(folder: Path, content: bytes = CANARY.encode(), mode: int = 0o600) -> Path:
    """Make a file with a secret in it."""
    path = folder / "key"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def fault_of(reference: str, base: Path = Path("/"), **environ: str) -> str:
    """Give the sentence of the fault that resolving ends with."""
    with pytest.raises(SecretFault) as caught:
        resolve(reference, base=base, environ=environ)
    return caught.value.sentence


@pytest.mark.parametrize(
    "written", [CANARY, "", "env:", "env:A-B", "env:1A", "file:", "vault:x", "credential:../x", "credential:.."]
)
def test_literals_are_refused_without_being_repeated(written: str) -> None:
    """What is not a well-formed reference is refused, and a key pasted there is in no part of the error."""
    with pytest.raises(ValidationError) as caught:
        Keys(key=written)
    assert CANARY not in str(caught.value)
    assert "env:NAME, file:PATH or credential:NAME" in str(caught.value)


@pytest.mark.parametrize("written", ["env:A_1", "file:/etc/key", "file:keys/a b", "credential:tidegate-key"])
def test_references_are_kept_as_written(written: str) -> None:
    """A reference passes through the settings unchanged."""
    assert Keys(key=written).key == written


def test_the_environment_gives_a_value() -> None:
    """env:NAME is the variable's value."""
    assert resolve("env:KEY", base=Path(), environ={"KEY": CANARY}) == CANARY


def test_a_private_file_gives_its_value_without_the_line_break(tmp_path: Path) -> None:
    """file:PATH starts at the configuration's folder and loses the line break that editors add."""
    secret_file(tmp_path, CANARY.encode() + b"\r\n", 0o400)
    assert resolve("file:key", base=tmp_path, environ={}) == CANARY


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o601])
def test_a_file_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    """Any right of group or others is refused, with the command that mends it."""
    path = secret_file(tmp_path, mode=mode)
    assert fault_of("file:key", tmp_path).endswith(f"(mode {mode:04o}): chmod 600 {path}")


@pytest.mark.parametrize("content", [b"", b"\n", b"  \n"])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """A file that holds nothing is no secret."""
    secret_file(tmp_path, content)
    assert fault_of("file:key", tmp_path).endswith("is empty")


@pytest.mark.parametrize("content", [b"two\nlines", b"a b", "schl\u00fcssel".encode(), b"\xff\xfe", b"a\x00b"])
def test_what_is_no_key_is_refused_without_being_repeated(tmp_path: Path, content: bytes) -> None:
    """A key is one line of plain characters; anything else is refused before a vendor's SDK chokes on it."""
    secret_file(tmp_path, content)
    assert content.decode(errors="replace") not in fault_of("file:key", tmp_path)


def test_large_files_folders_and_pipes_are_refused_at_once(tmp_path: Path) -> None:
    """What is not a small plain file is refused, and a pipe does not hang the start."""
    secret_file(tmp_path, b"x" * (MAX_BYTES + 1))
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert fault_of("file:key", tmp_path).endswith("too large to be a key")
    assert fault_of("file:pipe", tmp_path).endswith("is not a plain file")
    assert fault_of(f"file:{tmp_path}").endswith("is not a plain file")


def test_missing_places_are_named() -> None:
    """A variable, file or credential that is not there is named in the fault."""
    assert fault_of("env:KEY") == "environment variable KEY is not set: set it, or name another place"
    assert fault_of("file:/nowhere/key") == "secret file /nowhere/key cannot be read: No such file or directory"
    assert "LoadCredential=key:PATH" in fault_of("credential:key")


def test_a_systemd_credential_gives_its_value(tmp_path: Path) -> None:
    """credential:NAME is read from systemd's folder, whose files show group bits for their access lists."""
    secret_file(tmp_path, mode=0o440)
    assert resolve("credential:key", base=Path(), environ={"CREDENTIALS_DIRECTORY": str(tmp_path)}) == CANARY
