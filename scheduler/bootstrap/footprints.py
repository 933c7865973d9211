"""What the files that `load` reads look like from outside, so that a change of any of them is noticed cheaply.

Called by scheduler.jobs every few seconds. Reads nothing but the names of the limits files, and those only when the
configuration itself has changed; says nothing of whether what stands in them is right.
"""

from pathlib import Path

from adapters.limits import matching_files
from adapters.store import store_mark as mark_of_store
from scheduler.bootstrap.loading import default_config
from scheduler.bootstrap.places import open_document
from scheduler.config import ConfigFaults, Settings

# Name, time of writing, time of any change, size and number of every file; None where there is no such file.
Footprint = tuple[tuple[str, tuple[int, int, int, int] | None], ...]


class Footprints:
    """Takes footprints of one configuration and its limits files. For one thread at a time.

    While the configuration cannot be parsed, the limits files are those it named last.
    """

    def __init__(self, config: Path | None) -> None:
        self._config = config
        self._seen: tuple[str, tuple[int, int, int, int] | None] | None = None
        self._patterns: tuple[str, ...] = ()

    def take(self) -> Footprint:
        """Look at every file once; a new file that a glob matches is part of it. Never raises for a file."""
        path = default_config() if self._config is None else self._config
        config = _mark(path)
        if config != self._seen:
            self._patterns = _named_limits(path, self._patterns)
            self._seen = config
        limits = matching_files(self._patterns, path.absolute().parent)
        return (config, *(_mark(file) for file in limits))


def store_mark(settings: Settings) -> tuple[int, int] | None:
    """Give what makes the store's file this one and no other, None where there is no such file."""
    return mark_of_store(settings.store)


def _mark(path: Path) -> tuple[str, tuple[int, int, int, int] | None]:
    try:
        facts = path.stat()
    except OSError:
        return str(path), None
    return str(path), (facts.st_mtime_ns, facts.st_ctime_ns, facts.st_size, facts.st_ino)


def _named_limits(path: Path, before: tuple[str, ...]) -> tuple[str, ...]:
    try:
        document = open_document(path, named=True).data
    except ConfigFaults:
        return before
    section = document.get("tidegate")
    names = section.get("limits") if isinstance(section, dict) else None
    return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else before
