"""The console script's first act: to see that these packages are our own and the Tencent SDK is whole.

`core`, `adapters` and `scheduler` are names that packages on public indexes ship too, and every Tencent distribution
installs the same `tencentcloud/common` files over another's. Either would run a stranger's code with the keys.
Standard library only, reads names and three first lines, imports nothing that it judges.
"""

import re
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

# The first words of each package's own front door.
OURS = {"core": '"""Core decides', "adapters": '"""Adapters reach', "scheduler": '"""Scheduler starts'}
TENCENT = "tencentcloud-sdk-python-common"
_DISTRIBUTION = re.compile(r"(tencentcloud[-_.]sdk[-_.]python.*?)(-\d[^-]*)?\.(dist-info|egg-info)", re.IGNORECASE)


class IntruderError(Exception):
    """Something installed beside Tidegate would be run instead of it, or mixed into it."""

    def __init__(self, name: str, place: object, why: str) -> None:
        super().__init__(f"{name} ({place}) {why}; install Tidegate into an environment of its own (pipx, uv tool)")


def raise_if_intruded(paths: Iterable[str] | None = None) -> None:
    """Raise IntruderError when a package of ours is a stranger's, or a second Tencent distribution is installed.

    `paths`: where distributions are looked for, by default everywhere Python imports from.
    """
    homes = {name: _home(name) for name in OURS}
    ours = homes["scheduler"]
    for name, home in homes.items():
        if home != ours:
            raise IntruderError(f"the package {name!r}", home / name, f"does not lie beside {ours / 'scheduler'}")
    for name, place in _tencent_distributions(sys.path if paths is None else paths):
        if name != TENCENT:
            why = f"overwrites files of {TENCENT}"
            raise IntruderError(name, place, why)


def _home(name: str) -> Path:
    """Give the folder that holds the package; raises IntruderError unless the package is ours."""
    spec = find_spec(name)
    origin = spec.origin if spec is not None else None
    if origin is None:
        place = next(iter(spec.submodule_search_locations or ()), "nowhere") if spec is not None else "nowhere"
        raise IntruderError(f"the package {name!r}", place, "is not Tidegate's")
    front_door = Path(origin)
    with front_door.open(encoding="utf-8", errors="replace") as file:
        if not file.readline().startswith(OURS[name]):
            raise IntruderError(f"the package {name!r}", front_door.parent, "is not Tidegate's")
    return front_door.parent.parent


def _tencent_distributions(paths: Iterable[str]) -> Iterable[tuple[str, Path]]:
    for path in dict.fromkeys(paths):
        folder = Path(path or ".")
        # A path entry may be a zip file, or gone.
        for entry in folder.glob("tencentcloud*-info") if folder.is_dir() else ():
            found = _DISTRIBUTION.fullmatch(entry.name)
            if found is not None:
                yield re.sub(r"[-_.]+", "-", found[1]).lower(), entry
