"""The wheel holds what is needed to run, and nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("core", "adapters", "scheduler")


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a freshly built wheel holds."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)  # noqa: S603 - our own interpreter
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        return opened.namelist()


def test_the_wheel_holds_every_module(names: list[str]) -> None:
    """No module of the three packages is left out."""
    modules = {path.relative_to(ROOT).as_posix() for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
    assert modules <= set(names)


@pytest.mark.parametrize(
    "name", ["scheduler/reports/plan_html.jinja", "scheduler/reports/plan_html.css", "scheduler/config.example.toml"]
)
def test_the_wheel_holds_what_modules_read(names: list[str], name: str) -> None:
    """The page's template and style sheet and the example configuration are installed beside the code."""
    assert name in names


def test_the_wheel_holds_what_operators_deploy(names: list[str]) -> None:
    """The unit for systemd, the container's file and the alerting rules are installed with the program."""
    deployed = {path.relative_to(ROOT).as_posix() for path in (ROOT / "scheduler" / "deploy").iterdir()}
    assert len(deployed) == 3
    assert deployed <= set(names)


def test_the_wheel_holds_nothing_else(names: list[str]) -> None:
    """Neither tests nor databases nor anything from the root is installed."""
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)
    endings = {Path(name).suffix or Path(name).name for name in names if ".dist-info/" not in name}
    assert endings == {".py", ".md", ".toml", ".css", ".jinja", ".svg", ".service", ".yml", "Containerfile"}
