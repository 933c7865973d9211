"""TOML files with the line of every key: tomllib gives values only, and a fault must name its line.

Read for the configuration and for limits written as TOML. Figures become Decimal, never float.
The places are found by a second, lenient scan, made only when somebody asks: by then tomllib has vouched for the text.
"""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property

# A key, or the position of an element in an array.
Step = str | int
KeyPath = tuple[Step, ...]

_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'""")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
# Up to two quotes may stand before the closing three, and belong to the text.
_TEXT = re.compile(
    r'"""(?:[^\\]|\\[\s\S])*?"""(?:"{0,2})' + r"|'''[\s\S]*?'''(?:'{0,2})" + r'|"(?:[^"\\]|\\.)*"' + r"|'[^']*'"
)
_PLAIN = re.compile(r"[^,\]}#\r\n]*")
_AT_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")
_PLAINER = {
    "Cannot overwrite a value": "the same key is written twice",
    "Cannot mutate immutable namespace": "the same key is written twice",
    "Invalid value": "not a value: texts stand in quotes, booleans are true or false",
    "Expected '=' after a key in a key/value pair": "a key is followed by = and its value",
    "Expected newline or end of document after a statement": "one key to a line, and texts stand in quotes",
}
_TWICE = re.compile(r"Cannot declare \((.*)\) twice")


class TomlFault(Exception):  # noqa: N818 - a fault in what a person wrote, shown among the others as a sentence
    """A file that is not TOML; `line` (1-based) where it ends to be."""

    def __init__(self, sentence: str, line: int) -> None:
        self.sentence = sentence
        self.line = line
        super().__init__(sentence)


class TomlDocument:
    """One file's values (`data`), and where each key is written."""

    def __init__(self, content: bytes) -> None:
        """Parse; raises TomlFault."""
        self._text = _decoded(content)
        self.data: Mapping[str, object] = _parsed(self._text)

    def line_of(self, path: KeyPath) -> int:
        """Give the 1-based line where `path` is written; for what is missing, that of the nearest table above it."""
        for length in range(len(path), 0, -1):
            found = self._places.get(path[:length])
            if found is not None:
                return bisect_right(self._line_starts, found)
        return 1

    @cached_property
    def _places(self) -> Mapping[KeyPath, int]:
        return _Scan(self._text).places

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self._text))]


def _decoded(content: bytes) -> str:
    try:
        # Editors on Windows put a byte order mark in front.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        sentence = "this line is not UTF-8: save the file as UTF-8"
        raise TomlFault(sentence, line) from error


def _parsed(text: str) -> Mapping[str, object]:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = _AT_PLACE.search(message)
        line = int(place[1]) if place else text.count("\n") + 1
        raise TomlFault(_plainer(_AT_PLACE.sub("", message)), line) from error
    except RecursionError as error:
        sentence = "tables or lists lie too deep in one another"
        raise TomlFault(sentence, 1) from error


def _plainer(message: str) -> str:
    twice = _TWICE.match(message)
    if twice:
        section = ".".join(re.findall(r"'([^']*)'", twice[1]))
        return f"the section [{section}] is written twice"
    return _PLAINER.get(message, f"not TOML: {message[:1].lower()}{message[1:]}")


class _Scan:
    """Walks over valid TOML and notes the offset of every key and array element."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._elements: dict[KeyPath, int] = {}  # arrays of tables: how many so far
        self.places: dict[KeyPath, int] = {}
        self._walk()

    def _walk(self) -> None:
        table: KeyPath = ()
        self._skip()
        while self._at < len(self._text):
            if self._peek("["):
                table = self._header()
            else:
                self._pair(table)
            self._skip()

    def _header(self) -> KeyPath:
        start = self._at
        is_array = self._text.startswith("[[", start)
        self._at += 2 if is_array else 1
        *above, last = self._keys()
        path: KeyPath = ()
        for key in above:
            path = self._newest((*path, key))
            self.places.setdefault(path, start)
        path = (*path, last)
        if is_array:
            self.places.setdefault(path, start)
            self._elements[path] = self._elements.get(path, 0) + 1
            path = self._newest(path)
        self.places[path] = start
        self._skip()
        self._at += 2 if is_array else 1
        return path

    def _newest(self, path: KeyPath) -> KeyPath:
        return (*path, self._elements[path] - 1) if path in self._elements else path

    def _pair(self, table: KeyPath) -> None:
        start = self._at
        path = table
        for key in self._keys():
            path = (*path, key)
            self.places.setdefault(path, start)
        self._skip()
        self._at += 1  # the equals sign
        self._skip()
        self._value(path)

    def _keys(self) -> list[str]:
        self._skip()
        keys = [self._key()]
        while dot := _DOT.match(self._text, self._at):
            self._at = dot.end()
            keys.append(self._key())
        return keys

    def _key(self) -> str:
        found = _KEY.match(self._text, self._at)
        if found is None:  # pragma: no cover - tomllib has refused such a text before
            raise TomlFault(_PLAINER["Invalid value"], self._text.count("\n", 0, self._at) + 1)
        self._at = found.end()
        written = found[0]
        return next(iter(tomllib.loads(f"{written}=0"))) if written[0] in "\"'" else written

    def _value(self, path: KeyPath) -> None:
        if self._peek("["):
            self._list(path)
        elif self._peek("{"):
            self._inline_table(path)
        else:
            found = _TEXT.match(self._text, self._at) or _PLAIN.match(self._text, self._at)
            self._at = found.end() if found else len(self._text)

    def _list(self, path: KeyPath) -> None:
        self._at += 1
        position = 0
        self._skip()
        while not self._peek("]"):
            self.places[*path, position] = self._at
            self._value((*path, position))
            position += 1
            self._separator()
        self._at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._at += 1
        self._skip()
        while not self._peek("}"):
            self._pair(path)
            self._separator()
        self._at += 1

    def _separator(self) -> None:
        self._skip()
        if self._peek(","):
            self._at += 1
        self._skip()

    def _skip(self) -> None:
        gap = _GAP.match(self._text, self._at)
        self._at = gap.end() if gap else self._at

    def _peek(self, character: str) -> bool:
        return self._text.startswith(character, self._at)
