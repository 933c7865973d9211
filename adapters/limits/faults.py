"""What is wrong in a limits file, with file, line and column: one value per fault."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitFault:
    """One thing to mend. `line` is 1-based, 0 for the file as a whole; `column` is the name in the header."""

    file: str
    line: int = 0
    column: str | None = None
    sentence: str


class LimitsFileExistsError(FileExistsError):
    """A limits file was to be written where one stands already."""

    def __init__(self, path: object) -> None:
        super().__init__(f"{path} is there already: name another file, or move it away first")
