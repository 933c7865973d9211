"""How the simulated vendor cuts a list into pages, by its switches. Used by actions."""

from collections.abc import Mapping, Sequence
from typing import TypeVar, cast

from adapters.clouds.tencent.simulator.refusal import RefusalError
from adapters.clouds.tencent.simulator.switches import Oversize, Switches

Row = TypeVar("Row")


def page_of(rows: Sequence[Row], fields: Mapping[str, object], base: int, switches: Switches) -> Sequence[Row]:
    """Give the rows of the page asked for by `Page` and `PageSize`; raises RefusalError."""
    size = _size(cast("int", fields.get("PageSize", switches.default_page)), switches)
    number = cast("int", fields.get("Page", base))
    if number < base:
        if not switches.page_below_base_is_first or number < 0:
            code = "InvalidParameterValue"
            raise RefusalError(code, "Page is out of range.")
        number = base
    start = (number - base) * size
    if start >= len(rows) and rows and switches.page_beyond_end_is_last:
        start = (len(rows) - 1) // size * size
    return rows[start : start + size]


def _size(asked: int, switches: Switches) -> int:
    if asked < 1:
        code = "InvalidParameterValue"
        raise RefusalError(code, "PageSize must be a positive integer.")
    if asked > switches.largest_page and switches.oversize is Oversize.REFUSE:
        code = "InvalidParameterValue"
        raise RefusalError(code, "PageSize is out of range.")
    return min(asked, switches.largest_page)
