"""What the documents say of the code's own words is what the code says."""

import pytest

from tests.house.papers import PARTS, ROOT, written


@pytest.mark.parametrize("document", PARTS)
def test_the_generated_parts_are_up_to_date(document: str) -> None:
    """Every generated part is what the code gives now; `make papers` writes it."""
    assert (ROOT / document).read_text(encoding="utf-8") == written(document)
