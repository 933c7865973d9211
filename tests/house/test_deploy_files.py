"""The unit for systemd and the container's file fit the program that they start."""

import http.server
import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest

from adapters.secrets import is_reference
from scheduler.cli import endings
from scheduler.cli.entry import command_line

ROOT = Path(__file__).resolve().parents[2]
UNIT = ROOT / "scheduler" / "deploy" / "tidegate.service"
UNIT_LINES = UNIT.read_text(encoding="utf-8").splitlines()
CONTAINER = (ROOT / "scheduler" / "deploy" / "Containerfile").read_text(encoding="utf-8")
INSTRUCTIONS = [
    line.partition(" ")[::2]
    for line in re.sub(r"\\\n", "", re.sub(r"^#.*\n", "", CONTAINER, flags=re.MULTILINE)).splitlines()
    if line
]
MOST_EXPOSED = 2.5  # of 10, as systemd reckons
PROMISED_END = 10  # seconds from SIGTERM on
ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed (Debian: systemd)")


def settings(name: str) -> list[str]:
    """Give the values of one setting of the unit, in order."""
    return [line.partition("=")[2] for line in UNIT_LINES if line.startswith(f"{name}=")]


def told(name: str) -> list[str]:
    """Give the arguments of one sort of instruction of the container's file, in order."""
    return [rest for word, rest in INSTRUCTIONS if word == name]


def seconds(span: str) -> int:
    """Read a span of time as the unit has them."""
    number, unit = re.fullmatch(r"(\d+)(s|min)", span).groups()  # type: ignore[union-attr]  # fails the test
    return int(number) * {"s": 1, "min": 60}[unit]


def options_of_daemon() -> set[str]:
    """Give the options that the daemon's command takes."""
    command = command_line.get_command(click.Context(command_line), "daemon")
    assert command is not None
    return {name for each in command.params for name in each.opts}


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit as it would be installed, with a program that is there."""
    path = tmp_path / "tidegate.service"
    program = Path(sys.executable).with_name("tidegate")
    path.write_text(UNIT.read_text(encoding="utf-8").replace("/opt/tidegate/bin/tidegate", str(program)))
    return path


@needs_systemd
def test_systemd_takes_the_unit(unit: Path) -> None:
    """It knows every setting and value."""
    assert ANALYZE is not None
    ended = subprocess.run([ANALYZE, "verify", unit], capture_output=True, text=True, check=False)  # noqa: S603 - a tool of the system
    # Of other units on this machine it may say what it likes.
    assert [line for line in ended.stderr.splitlines() if "tidegate" in line] == []


@needs_systemd
def test_the_unit_is_hardened(unit: Path) -> None:
    """By its own reckoning, the service can reach little of the machine."""
    assert ANALYZE is not None
    command = [ANALYZE, "security", "--offline=true", "--no-pager", str(unit)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a tool of the system
    level = re.search(r"Overall exposure level for .*: ([\d.]+)", ended.stdout)
    assert level is not None, ended.stderr
    assert float(level[1]) < MOST_EXPOSED


def test_the_unit_starts_a_command_that_there_is() -> None:
    """`tidegate daemon` with options it takes; SIGHUP reads the configuration again."""
    (started,) = settings("ExecStart")
    program, command, *options = started.split()
    assert Path(program).name == "tidegate"
    assert command == "daemon"
    assert {option for option in options if option.startswith("-")} <= options_of_daemon()
    assert settings("ExecReload") == ["/bin/kill -HUP $MAINPID"]


def test_the_unit_waits_longer_than_the_daemon_promises_to_take() -> None:
    """It is killed only when its promise is broken, and is not started again over a configuration that is no use."""
    assert seconds(*settings("TimeoutStopSec")) > PROMISED_END
    assert settings("RestartPreventExitStatus") == [str(endings.USAGE)]
    assert settings("Restart") == ["on-failure"]
    assert settings("Type") == ["notify"]
    assert seconds(*settings("WatchdogSec")) >= 60


def test_the_unit_names_its_secrets_as_the_configuration_may() -> None:
    """Each credential's name can be written behind `credential:`, and lies where root alone reads."""
    credentials = [value.split(":") for line in UNIT_LINES if (value := _credential(line))]
    assert len(credentials) >= 4
    for name, path in credentials:
        assert is_reference(f"credential:{name}")
        assert path == f"/etc/tidegate/credentials/{name}"
    named = re.findall(r'"credential:([\w-]+)"', "\n".join(UNIT_LINES))
    assert named
    assert set(named) <= {name for name, _ in credentials}


def test_no_setting_of_the_unit_is_there_twice_by_mistake() -> None:
    """A second value would silently replace, or add to, the first: only lists have several."""
    names = [line.partition("=")[0] for line in UNIT_LINES if re.match(r"\w+=", line)]
    assert {name for name in names if names.count(name) > 1} == {"Environment", "LoadCredential", "SystemCallFilter"}


def test_the_container_is_built_of_what_there_is_and_names_no_registry() -> None:
    """Its bases are plain names, what it copies exists, and what runs comes from the stage before."""
    for base in told("FROM"):
        assert re.fullmatch(r"python:3\.\d+-slim( AS \w+)?", base)
    copied = [word for line in told("COPY") if not line.startswith("--from") for word in line.split()[:-1]]
    assert {"core", "adapters", "scheduler", "requirements.lock"} <= set(copied)
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert "https://" not in CONTAINER


def test_the_container_runs_the_daemon_as_nobody_special() -> None:
    """As a numbered user that is not root, ended by SIGTERM, with the journal on a volume."""
    assert told("USER") == ["10001:10001"]
    assert told("STOPSIGNAL") == ["SIGTERM"]
    assert told("VOLUME") == told("WORKDIR")[-1:] == ["/var/lib/tidegate"]
    assert json.loads(told("ENTRYPOINT")[0]) == ["tidegate"]
    command, *options = json.loads(told("CMD")[0])
    assert command == "daemon"
    assert {option for option in options if option.startswith("-")} <= options_of_daemon()


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_container_is_asked_whether_it_lives(status: int, code: int) -> None:
    """The check ends with 0 where /healthz answers 200, and with 1 otherwise."""
    (check,) = told("HEALTHCHECK")
    program, *arguments = json.loads(check[check.index("[") :])
    assert program == "python"
    with _answering(status) as (port, asked):
        here = [argument.replace("8642", str(port)) for argument in arguments]
        ended = subprocess.run([sys.executable, *here], capture_output=True, check=False)  # noqa: S603 - our own command
    assert (ended.returncode, ended.stderr) == (code, b"")
    assert asked == ["/healthz"]


def _credential(line: str) -> str | None:
    found = re.fullmatch(r"#?LoadCredential=(.+)", line)
    return found[1] if found else None


@contextmanager
def _answering(status: int) -> Iterator[tuple[int, list[str]]]:
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name is the library's
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port, asked
        finally:
            server.shutdown()
            thread.join()
