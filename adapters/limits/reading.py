"""The limits files of a configuration: found, read, judged and put together.

Called by scheduler.bootstrap. Finds every fault of every file; limits are complete only when there is none.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path

from adapters.limits.columns import HEADER
from adapters.limits.csvfile import read_csv
from adapters.limits.faults import LimitFault
from adapters.limits.row import Accounts, Row
from adapters.limits.tomlfile import read_toml_limits
from core.limit import Customer, CustomerKey, Limit, Source

_READERS = {".csv": read_csv, ".toml": read_toml_limits}


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternFault:
    """A name or glob of the configuration, by its position in the list, that gives no file to read."""

    position: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsRead:
    """What the files hold. `digest`: sha256 of their bytes in order; `files`: their names as shown in faults."""

    limits: tuple[Limit, ...]
    files: tuple[str, ...]
    digest: str
    faults: tuple[LimitFault, ...]
    pattern_faults: tuple[PatternFault, ...]


def read_limits(patterns: Sequence[str], *, base: Path, accounts: Accounts) -> LimitsRead:
    """Read the files that names and globs mean, relative to `base`, each once, globs in the order of names."""
    paths, pattern_faults = _found(patterns, base)
    digest = hashlib.sha256()
    found = _Found()
    for path in paths:
        name = _shown(path, base)
        try:
            content = path.read_bytes()
        except OSError as error:
            found.faults.append(LimitFault(file=name, sentence=f"the file cannot be read: {error.strerror}"))
            continue
        digest.update(content)
        _read_one(name, content, accounts, found)
    return LimitsRead(
        limits=tuple(found.limits),
        files=tuple(_shown(path, base) for path in paths),
        digest=digest.hexdigest(),
        faults=tuple(found.faults),
        pattern_faults=tuple(pattern_faults),
    )


def matching_files(patterns: Sequence[str], base: Path) -> list[Path]:
    """Give the files that `read_limits` would read, in its order; without those it would find at fault."""
    return _found(patterns, base)[0]


def _found(patterns: Sequence[str], base: Path) -> tuple[list[Path], list[PatternFault]]:
    paths: dict[Path, Path] = {}
    faults = []
    for position, pattern in enumerate(patterns):
        try:
            found = _matches(pattern, base)
            sentence = _pattern_fault(pattern, found)
        except OSError as error:
            found, sentence = [], f"{pattern!r} cannot be looked for: {error.strerror}"
        if sentence is not None:
            faults.append(PatternFault(position=position, sentence=sentence))
            continue
        for path in found:
            # A file that two patterns name is read once, else every customer would stand there twice.
            paths.setdefault(path.resolve(), path)
    return list(paths.values()), faults


def _matches(pattern: str, base: Path) -> list[Path]:
    named = base / pattern
    if named.exists() or not has_magic(pattern):
        return [named]
    return [Path(name) for name in sorted(glob(str(named), recursive=True)) if Path(name).is_file()]  # noqa: PTH207 - Path.glob takes no absolute pattern


def _pattern_fault(pattern: str, found: list[Path]) -> str | None:
    if not found:
        return f"no file matches {pattern!r}"
    for path in found:
        if not path.exists():
            return f"there is no file {pattern!r}"
        if path.is_dir():
            return f"{pattern!r} is a folder: write {pattern.rstrip('/')}/*.csv"
        if path.suffix.lower() not in _READERS:
            return f"{path.name!r} is neither CSV nor TOML: save it as CSV UTF-8, with a name that ends in .csv"
    return None


def _read_one(name: str, content: bytes, accounts: Accounts, found: "_Found") -> None:
    rows, form_faults = _READERS[Path(name).suffix.lower()](name, content)
    found.faults += form_faults
    if not rows and not form_faults:
        # An empty list would mean that every limit was taken away; that is never what a file without rows says.
        sentence = f"no limits: the file has no row below its header ({HEADER})"
        found.faults.append(LimitFault(file=name, sentence=sentence))
    for line, cells in rows:
        found.judge(Row(cells, Source(name, line), accounts))


class _Found:
    """What the files hold so far: limits, faults, and where each customer was first listed."""

    def __init__(self) -> None:
        self.limits: list[Limit] = []
        self.faults: list[LimitFault] = []
        self._first: dict[CustomerKey, Row] = {}

    def judge(self, row: Row) -> None:
        """Take a row's limit, or its faults; one customer has one limit, whatever file or account it stands in."""
        limit = row.limit()
        self.faults += row.faults
        if limit is not None:
            self.limits.append(limit)
        if row.customer is None:
            return
        earlier = self._first.setdefault(row.customer.key, row)
        if earlier is not row:
            self.faults.append(_listed_twice(row, row.customer, earlier))


def _listed_twice(row: Row, customer: Customer, earlier: Row) -> LimitFault:
    sentence = f"customer {customer.key.customer_id} is listed twice, first at {earlier.source}: remove one"
    if row.account != earlier.account:
        sentence += f" (a customer belongs to one account: {earlier.account} or {row.account})"
    return LimitFault(file=row.source.file, line=row.source.line, column="customer_id", sentence=sentence)


def _shown(path: Path, base: Path) -> str:
    return str(path.relative_to(base)) if path.is_relative_to(base) else str(path)
