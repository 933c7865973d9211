"""What is wrong in what a person wrote, with its place: one value per fault, all of them raised together.

Made by the validation and by scheduler.bootstrap, shown by the command line, which ends with exit code 2.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A fault before its line is known: the path of keys in the document, and the sentence."""

    path: tuple[str | int, ...]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing to mend. `file` as the person named it; `line` 1-based, 0 where there is none.

    `where`: the dotted key in a TOML file; `column`: the column's name in a CSV file.
    `sentence` says what is wrong and what to write instead, and never repeats a secret.
    """

    file: str
    line: int = 0
    column: str | None = None
    where: str = ""
    sentence: str

    def __str__(self) -> str:
        place = self.file if not self.line else f"{self.file}:{self.line}"
        where = f"column {self.column}" if self.column else self.where
        return ", ".join(part for part in (place, where) if part) + f": {self.sentence}"


class ConfigFaults(Exception):  # noqa: N818 - it carries faults, and is named after them
    """The configuration cannot be used; `faults` has every reason, in the order of files and lines."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))
