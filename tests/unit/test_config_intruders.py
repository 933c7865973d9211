"""The console script refuses to run among strangers: same-named packages, or a second Tencent distribution."""

import subprocess
import sys
from pathlib import Path

import pytest

from scheduler.intruders import IntruderError, raise_if_intruded

ROOT = Path(__file__).parents[2]


def test_our_own_house_is_accepted() -> None:
    """Installed as it should be, nothing is said."""
    raise_if_intruded()


@pytest.mark.parametrize("name", ["tencentcloud_sdk_python-3.1.195", "tencentcloud_sdk_python_intl_en-3.1.193"])
@pytest.mark.parametrize("ending", ["dist-info", "egg-info"])
def test_a_second_tencent_distribution_is_named(tmp_path: Path, name: str, ending: str) -> None:
    """Any other Tencent distribution shares files with ours, and is named with its place."""
    (tmp_path / f"{name}.{ending}").mkdir()
    (tmp_path / "tencentcloud_sdk_python_common-3.1.195.dist-info").mkdir()
    with pytest.raises(IntruderError, match=name.split("-", maxsplit=1)[0].replace("_", "-")):
        raise_if_intruded([str(tmp_path), str(tmp_path / "gone")])


@pytest.mark.parametrize("name", ["core", "adapters"])
@pytest.mark.parametrize("front_door", ['"""A library of something else."""\n', None])
def test_a_stranger_with_our_name_is_named_and_not_run(tmp_path: Path, name: str, front_door: str | None) -> None:
    """A package that shadows one of ours is named, and none of its code is run."""
    (tmp_path / name).mkdir()
    if front_door is not None:
        (tmp_path / name / "__init__.py").write_text(front_door + "print('ran')\n", encoding="utf-8")
    else:
        (tmp_path / name / "__init__.py").write_text("print('ran')\n", encoding="utf-8")
    program = (
        "import sys\nfrom scheduler.intruders import raise_if_intruded, IntruderError\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        "try:\n    raise_if_intruded()\nexcept IntruderError as error:\n    print(error)"
    )
    ended = subprocess.run(  # noqa: S603 - our own interpreter, our own text
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True
    )
    assert f"the package {name!r} ({tmp_path / name}) is not Tidegate's" in ended.stdout
    assert "ran" not in ended.stdout.splitlines()


def test_a_copy_of_ours_elsewhere_is_named(tmp_path: Path) -> None:
    """Half of one installation and half of another are not one product."""
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "__init__.py").write_text('"""Core decides: an older copy."""\n', encoding="utf-8")
    program = (
        "import sys\nfrom scheduler.intruders import raise_if_intruded, IntruderError\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        "try:\n    raise_if_intruded()\nexcept IntruderError as error:\n    print(error)"
    )
    ended = subprocess.run(  # noqa: S603 - our own interpreter, our own text
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True
    )
    assert "does not lie beside" in ended.stdout


def test_the_check_imports_nothing_heavy() -> None:
    """It runs before every command, so it must cost next to nothing and load nothing that it judges."""
    program = "import sys, scheduler.intruders as i; i.raise_if_intruded(); print(*sorted(sys.modules))"
    ended = subprocess.run(  # noqa: S603 - our own interpreter, our own text
        [sys.executable, "-S", "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True
    )
    loaded = set(ended.stdout.split())
    assert not loaded & {"core", "adapters", "tencentcloud", "pydantic", "click", "importlib.metadata", "requests"}
