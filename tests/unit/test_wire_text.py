"""Texts of vendors are kept in a form that can be stored."""

import json

import pytest

from adapters.wire.text import told


@pytest.mark.parametrize(
    ("value", "text"),
    [("Banyan Ltd.", "Banyan Ltd."), (" Ü ", "Ü"), ("", None), ("  ", None), (None, None), (7, None), (["x"], None)],
)
def test_only_texts_are_told(value: object, text: str | None) -> None:
    """A text loses the spaces around it; an empty one and anything else is none."""
    assert told(value) == text


def test_half_a_pair_can_be_stored() -> None:
    """Half of a surrogate pair, which JSON may carry, becomes a character that every store can write."""
    text = told(json.loads('"Acme \\ud800 Ltd"'))
    assert text == "Acme ? Ltd"
