"""What somebody asks the list of customers for, as the address says it: search, filters, order, page.

Read by scheduler.web.app from the address, and written back into the links of the page. A value that is not among those
there are is as if it were not given: an address that was typed, cut or forged still gives a page.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self, TypeVar
from urllib.parse import urlencode

from core.limit import Kind
from core.standing import Restriction
from scheduler.reports.board import Attention
from scheduler.reports.wording import clean

LONGEST_SEARCH = 100
_MOST_DIGITS = 6  # of a page's number
UNKNOWN = "unknown"
SOMEBODY = "somebody"
ANYTHING = "any"
NOTHING = "none"


class Column(StrEnum):
    """What the list can be ordered by."""

    ATTENTION = "attention"  # what is most pressing first, then by share
    CUSTOMER = "customer"
    ACCOUNT = "account"
    LIMIT = "limit"
    SPENT = "spent"
    SHARE = "share"
    AVAILABLE = "available"
    STANDS = "stands"
    FORECAST = "forecast"


# Figures are mostly asked for from their greatest, words and days from their first.
FALLS_FIRST = frozenset({Column.LIMIT, Column.SPENT, Column.SHARE, Column.STANDS})
ATTENTIONS = (SOMEBODY, ANYTHING, *Attention, NOTHING)
RESTRICTIONS = (*Restriction, UNKNOWN)

_T = TypeVar("_T", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One view of the list. Empty texts and None: all. `falling`: the greatest first. `page` counts from 1."""

    search: str = ""
    attention: str = ""
    account: str = ""
    vendor: str = ""
    kind: Kind | None = None
    restriction: str = ""
    column: Column = Column.ATTENTION
    falling: bool = False
    page: int = 1

    @classmethod
    def read(cls, given: Mapping[str, str], *, accounts: Iterable[str], vendors: Iterable[str]) -> Self:
        """Read an address' values; what is not known is left out."""
        column = _member(Column, given.get("sort", "")) or Column.ATTENTION
        falling = {"asc": False, "desc": True}.get(given.get("dir", ""), column in FALLS_FIRST)
        return cls(
            search=clean(given.get("q", "")[:LONGEST_SEARCH]),
            attention=_known(given.get("attention", ""), ATTENTIONS),
            account=_known(given.get("account", ""), accounts),
            vendor=_known(given.get("vendor", ""), vendors),
            kind=_member(Kind, given.get("kind", "")),
            restriction=_known(given.get("restriction", ""), RESTRICTIONS),
            column=column,
            falling=falling,
            page=_number(given.get("page", "")),
        )

    @property
    def is_filtered(self) -> bool:
        """Whether it asks for less than all."""
        return any((self.search, self.attention, self.account, self.vendor, self.kind, self.restriction))

    def ordered_by(self, column: Column) -> "Query":
        """Give the first page by a column; by the column that is in force already, the other way round."""
        falling = not self.falling if column is self.column else column in FALLS_FIRST
        return replace(self, column=column, falling=falling, page=1)

    def asking(self, attention: str) -> "Query":
        """Give the first page with another attention."""
        return replace(self, attention=attention, page=1)

    def at(self, page: int) -> "Query":
        """Give another page."""
        return replace(self, page=page)

    def address(self, path: str = "/customers") -> str:
        """Write it as an address; what is as always is left out."""
        by_default = self.column in FALLS_FIRST
        values = {
            "q": self.search,
            "attention": self.attention,
            "account": self.account,
            "vendor": self.vendor,
            "kind": self.kind or "",
            "restriction": self.restriction,
            "sort": "" if self.column is Column.ATTENTION else self.column,
            "dir": "" if self.falling is by_default else "desc" if self.falling else "asc",
            "page": str(self.page) if self.page > 1 else "",
        }
        given = {name: value for name, value in values.items() if value}
        return f"{path}?{urlencode(given)}" if given else path


def _member(members: type[_T], value: str) -> _T | None:
    return next((member for member in members if member.value == value), None)


def _known(value: str, among: Iterable[str]) -> str:
    return value if value and value in among else ""


def _number(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS):
        return 1
    return max(int(value), 1)
