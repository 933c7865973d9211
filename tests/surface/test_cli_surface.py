import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from scheduler import cli
from scheduler.cli.entry import COMMANDS, command_line
from scheduler.intruders import IntruderError
from tests.surface.cli_rig import ROOT, opened, run

HEAVY = ("pydantic", "rich", "structlog", "sqlalchemy", "alembic", "apscheduler", "requests", "urllib3", "tenacity")
SDKS = ("huaweicloudsdkcore", "huaweicloudsdkbssintl", "tencentcloud")


def test_help_imports_no_sdk_and_no_sql() -> None:
    """`tidegate --help` loads nothing but click, and so is quick."""
    script = (
        "import sys\n"
        "from scheduler.cli import main\n"
        "sys.argv = ['tidegate', '--help']\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert end.code == 0\n"
        f"print([name for name in {(*HEAVY, *SDKS)!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    assert done.stderr.strip() == "[]"
    assert all(name in done.stdout for name in COMMANDS)


def test_checking_a_configuration_loads_no_sdk() -> None:
    """A command that only says what is written wrongly does not wait for the vendors' SDKs."""
    script = (
        "import sys\n"
        "from scheduler.cli import main\n"
        "sys.argv = ['tidegate', 'plan', '-c', '/nowhere/config.toml']\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert end.code == 2\n"
        f"print([name for name in {SDKS!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    assert done.stderr.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    """Each command has help of its own that names the options everybody shares."""
    result = run(name, "--help")
    assert result.exit_code == 0
    assert "--config" in result.stdout


def test_the_list_of_commands_is_what_is_there() -> None:
    """Every line of `--help` leads to the command of that name."""
    context = click.Context(command_line)
    for name in COMMANDS:
        command = command_line.get_command(context, name)
        assert command is not None
        assert command.name == name


def test_an_unknown_command_is_a_usage_error_with_a_hint() -> None:
    """A slip of the finger is answered with the command that was meant."""
    result = run("aply")
    assert result.exit_code == 2
    assert "Did you mean 'apply'?" in result.stderr


def test_usage_errors_end_with_2() -> None:
    """An option that does not exist, or a value that cannot be, is a usage error."""
    assert run("plan", "--colour").exit_code == 2
    assert run("plan", "--format", "pdf").exit_code == 2
    assert run("sandbox", "--port", "nobody=1").exit_code == 2
    assert run("sandbox", "--customers", "0").exit_code == 2


def test_a_missing_configuration_names_the_file() -> None:
    """The message says which file is not there."""
    result = run("plan", "-c", "/nowhere/config.toml")
    assert result.exit_code == 2
    assert "/nowhere/config.toml" in result.stderr


def test_an_unexpected_error_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever breaks inside, a person gets a sentence and exit code 1, never a traceback."""
    from scheduler.cli import opening  # noqa: PLC0415 - loaded by the command, as when it is run

    def broken(*_arguments: object, **_options: object) -> None:
        message = "the moon is\nin the wrong house"
        raise RuntimeError(message)

    monkeypatch.setattr(opening, "read_settings", broken)
    result = run("plan", "-c", str(tmp_path / "x.toml"))
    assert result.exit_code == 1
    assert "unexpected: RuntimeError: the moon is in the wrong house" in result.stderr
    assert "--verbose" in result.stderr


def test_an_interrupt_ends_with_1_and_a_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C anywhere is an ordinary end."""
    from scheduler.cli import opening  # noqa: PLC0415 - loaded by the command, as when it is run

    def interrupted(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(opening, "read_settings", interrupted)
    assert run("plan", "-c", str(tmp_path / "x.toml")).stderr.endswith("tidegate: stopped\n")
    result = run("apply", "-c", str(tmp_path / "x.toml"))
    assert result.exit_code == 1
    assert "every change is recorded: run `tidegate apply`" in result.stderr


@pytest.mark.parametrize("stranger", ["core", "adapters"])
@pytest.mark.parametrize("arguments", [("--help",), ("plan",)])
def test_an_intruder_is_refused_before_anything_runs(tmp_path: Path, stranger: str, arguments: tuple[str, ...]) -> None:
    """A stranger's package found first ends every command with 2 and one line that names it; none of its code runs."""
    (tmp_path / stranger).mkdir()
    (tmp_path / stranger / "__init__.py").write_text("print('the stranger ran')\n")
    command = [sys.executable, "-c", "from scheduler.cli import main; main()", *arguments]
    # As a console script sees it: neither the folder it is run in nor the script's own holds our packages first.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(ROOT)))}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"tidegate: the package '{stranger}' ({tmp_path / stranger}) is not Tidegate's")


def test_in_this_process_an_intruder_ends_the_same_way(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The front door turns the intruder into a line and exit code 2."""

    def intruded() -> None:
        raise IntruderError("the package 'core'", "/somewhere/core", "is not Tidegate's")

    monkeypatch.setattr(cli, "raise_if_intruded", intruded)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert "/somewhere/core" in capsys.readouterr().err


def test_secrets_are_in_no_output(tmp_path: Path) -> None:
    """Neither tables nor logs nor the store hold a key, whatever is asked for."""
    with opened(tmp_path) as rig:
        keys = [(tmp_path / name).read_text().strip() for name in ("huawei-secret_key", "tencent-secret_key")]
        shown = "".join(rig.run(*command, "-v").output for command in (("check",), ("plan",), ("apply",), ("history",)))
        stored = b"".join(path.read_bytes() for path in tmp_path.glob("tidegate.db*"))
    assert not any(key in shown for key in keys)
    assert not any(key.encode() in stored for key in keys)


def test_a_screen_of_ascii_gets_the_same_figures(tmp_path: Path) -> None:
    """Where lines and letters cannot be shown, the table still is, without an error."""
    with opened(tmp_path) as rig:
        command = [sys.executable, "-m", "scheduler", "plan", "-c", str(rig.config)]
        environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert done.returncode == 3, done.stderr
    assert "1,500.00" in done.stdout
