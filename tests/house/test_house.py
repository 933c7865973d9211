"""The house rules of design section 7 and of the style, as far as a machine can hold them."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("core", "adapters", "scheduler")
MOST_LINES_OF_FILE = 400
MOST_LINES_OF_BODY = 40
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
VENDORS = re.compile("huawei|tencent", re.IGNORECASE)
# Written in pieces, so that this file is not what it looks for.
REGISTRIES = re.compile("|".join(("files.python" + "hosted", "py" + r"pi\.org", "--index" + "-url", "/sim" + "ple/")))
MACHINE_PATHS = re.compile("|".join((r"/wo" + r"rk/\w", r"/ho" + r"me/\w", r"/ro" + r"ot/", r"/Us" + r"ers/\w")))
# Each of these is known to one place: what else needs it asks there.
ONE_PLACE = {
    "apscheduler": ("scheduler/daemon/",),
    "sqlalchemy": ("adapters/store/",),
    "alembic": ("adapters/store/",),
    "click": ("scheduler/cli/",),
    "tenacity": ("adapters/wire/line.py",),
    "apprise": ("adapters/notify/",),
    "starlette": ("scheduler/web/",),
    "uvicorn": ("scheduler/web/",),
    "prometheus_client": ("scheduler/web/",),
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def files(*folders: str) -> list[Path]:
    """All Python files of these folders."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def tracked() -> list[Path]:
    """All files that belong to the project: those git knows or would take, else every Python file."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - a constant
    if listed.returncode:
        return files(*PACKAGES, "tests")
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def named(path: Path) -> str:
    """Name a file as the house does."""
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    """Parse a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions(path: Path) -> Iterator[Function]:
    """All functions of a file, inner ones too."""
    return (node for node in ast.walk(tree(path)) if isinstance(node, Function))


def imported(path: Path) -> set[str]:
    """The top-level names that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{named(path)}:{node.lineno}: relative import"
            found.add((node.module or "").partition(".")[0])
    return found


def body_lines(function: Function) -> int:
    """Count the lines of a function below its docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_core_imports_the_standard_library_and_itself() -> None:
    """Core stands on nothing that has to be installed."""
    allowed = sys.stdlib_module_names | {"core"}
    assert {named(path): foreign for path in files("core") if (foreign := imported(path) - allowed)} == {}


def test_core_names_no_vendor() -> None:
    """No vendor's name occurs in core, not even in a comment: what vendors can do comes as capabilities."""
    found = {named(path): VENDORS.findall(path.read_text(encoding="utf-8")) for path in files("core")}
    assert {name: words for name, words in found.items() if words} == {}


def test_no_file_has_an_empty_name() -> None:
    """Modules are nouns of the domain, not drawers."""
    assert [named(path) for path in files(*PACKAGES, "tests") if path.stem.removeprefix("test_") in EMPTY_NAMES] == []


def test_no_file_is_long() -> None:
    """A file stops at 400 lines."""
    lengths = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files(*PACKAGES, "tests")}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES_OF_FILE} == {}


def test_no_function_is_long() -> None:
    """A function's body stops at 40 lines."""
    long = [
        f"{named(path)}:{function.lineno} {function.name}"
        for path in files(*PACKAGES, "tests")
        for function in functions(path)
        if body_lines(function) > MOST_LINES_OF_BODY
    ]
    assert long == []


def test_every_test_claims_a_fact() -> None:
    """Each test has a docstring that is a sentence."""
    silent = [
        f"{named(path)}:{function.lineno} {function.name}"
        for path in files("tests")
        for function in functions(path)
        if function.name.startswith("test_") and not (ast.get_docstring(function) or "").endswith((".", "!"))
    ]
    assert silent == []


def test_every_test_file_has_a_name_of_its_own() -> None:
    """No two files of the tests share a name: a failure then names its place."""
    names = [path.name for path in files("tests") if path.name not in {"conftest.py", "__init__.py"}]
    assert {name for name in names if names.count(name) > 1} == set()


def test_every_module_says_what_it_is() -> None:
    """Each module of the product opens with a docstring."""
    assert [named(path) for path in files(*PACKAGES) if path.stat().st_size and not ast.get_docstring(tree(path))] == []


@pytest.mark.parametrize("pattern", [REGISTRIES, MACHINE_PATHS], ids=["registry", "machine path"])
def test_no_file_names_the_machine_it_was_made_on(pattern: re.Pattern[str]) -> None:
    """No tracked file names a package registry's host or a path of some machine."""
    found = {}
    for path in tracked():
        text = path.read_bytes().decode("utf-8", errors="ignore")
        words = {match.group(0) for match in pattern.finditer(text)}
        if words and path != Path(__file__):
            found[named(path)] = words
    assert found == {}


@pytest.mark.parametrize("library", sorted(ONE_PLACE))
def test_a_library_is_known_to_one_place(library: str) -> None:
    """Each of the large libraries is imported in one place, and retries in none that a write passes through."""
    places = [named(path) for path in files(*PACKAGES) if library in imported(path)]
    assert [name for name in places if not name.startswith(ONE_PLACE[library])] == []


def test_the_contracts_between_layers_hold() -> None:
    """The import contracts of pyproject.toml are kept."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - a constant
    assert result.returncode == 0, result.stdout + result.stderr
