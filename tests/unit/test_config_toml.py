"""TOML with places: every key's line is found in whatever form TOML allows it to be written."""

import string
from collections.abc import Mapping
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.tomlfile import KeyPath, TomlDocument, TomlFault

TEXT = r'''# a comment with [brackets] and a = sign
top = 1 # [not.a.section]
a.b . "c d" = 'x # no comment'
text = """
[fake]
quoted \""" = """""
literal = QQQ
fake = 1QQQ

[ accounts . "main one" ]
every = "10m"
inline = { first = 1, second = { third = [1, 2] } }
protected = [
  "one", # first
  "two",
]

[[limits]]
amount = 1.10

[[limits]]
amount = 2

[limits.inner]
deep = true

[[limits.rows]]
x = 1

[accounts.'main one'.guards]
max_cut = {count = 1}
'''.replace("QQQ", "'''")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("a", "b", "c d"), 3),
        (("text",), 4),
        (("literal",), 7),
        (("accounts", "main one"), 10),
        (("accounts", "main one", "every"), 11),
        (("accounts", "main one", "inline", "second", "third", 1), 12),
        (("accounts", "main one", "protected", 0), 14),
        (("accounts", "main one", "protected", 1), 15),
        (("limits",), 18),
        (("limits", 0), 18),
        (("limits", 1, "amount"), 22),
        (("limits", 1, "inner", "deep"), 25),
        (("limits", 1, "rows", 0, "x"), 28),
        (("accounts", "main one", "guards", "max_cut", "count"), 31),
    ],
)
def test_every_form_of_key_has_its_line(path: KeyPath, line: int) -> None:
    """Dotted and quoted keys, inline tables, lists, and arrays of tables are all located."""
    assert TomlDocument(TEXT.encode()).line_of(path) == line


def test_what_is_missing_lies_in_the_nearest_table() -> None:
    """A key that is not there is located at the section it should stand in, or at the first line."""
    document = TomlDocument(TEXT.encode())
    assert document.line_of(("accounts", "main one", "vendor")) == 10
    assert document.line_of(("tidegate", "store")) == 1


def test_figures_are_exact_and_marks_and_line_ends_of_windows_are_accepted() -> None:
    """Numbers become Decimal, and a byte order mark and CR LF change nothing."""
    document = TomlDocument(b"\xef\xbb\xbfa = 1.10\r\nb = 2\r\n")
    assert document.data == {"a": Decimal("1.10"), "b": 2}
    assert document.line_of(("b",)) == 2


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"a = 1\nb = yes\n", 2, "true or false"),
        (b"a = 1\na = 2\n", 2, "the same key is written twice"),
        (b"[x]\n[y]\n[x]\n", 3, "the section [x] is written twice"),
        (b"a = 1\n\nb = \xff\n", 3, "UTF-8"),
        (b"a\n", 1, "followed by ="),
        (b"a = 'x' b = 'y'\n", 1, "one key to a line"),
        (b"a = [1,\n", 2, "not"),
        (b"a = " + b"[" * 5000, 1, "too deep"),
    ],
)
def test_what_is_not_toml_has_a_line_and_a_plain_sentence(content: bytes, line: int, words: str) -> None:
    """A file that cannot be parsed is told by line, in words for the person who wrote it."""
    with pytest.raises(TomlFault) as caught:
        TomlDocument(content)
    assert caught.value.line == line
    assert words in caught.value.sentence


KEYS = st.text(string.ascii_letters + " .'\"#=[]\u00e9", min_size=1, max_size=6)
SCALARS = st.integers() | st.booleans() | st.text(string.printable, max_size=12)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)


def quoted(text: str) -> str:
    """Write a TOML basic string, every character that could mean something escaped."""
    return '"' + "".join(c if c.isalnum() else f"\\u{ord(c):04x}" for c in text) + '"'


def written(value: object) -> str:
    """Write a value in TOML on one line."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f"'''{value}'''" if value.isprintable() and value and "'" not in value else quoted(value)
        case list():
            return f"[{', '.join(map(written, value))}]"
        case dict():
            return "{" + ", ".join(f"{quoted(key)} = {written(inner)}" for key, inner in value.items()) + "}"
        case _:
            return str(value)


@given(st.dictionaries(KEYS, st.dictionaries(KEYS, VALUES, max_size=4), max_size=4))
def test_places_agree_with_tomllib(tables: Mapping[str, Mapping[str, object]]) -> None:
    """For any document, each key that tomllib sees is located on the line that it was written on."""
    lines: list[str] = []
    expected: dict[KeyPath, int] = {}
    for name, table in tables.items():
        lines.append(f"[{quoted(name)}]")
        expected[name,] = len(lines)
        for key, value in table.items():
            lines.append(f"{quoted(key)} = {written(value)}")
            expected[name, key] = len(lines)
    document = TomlDocument("\n".join(lines).encode())
    assert document.data == tables
    assert {path: document.line_of(path) for path in expected} == expected
