"""Where on the page things are: every account's card and clock, and which customers have a page of their own.

Used by scheduler.web.overview and scheduler.web.needs.
"""

from urllib.parse import quote

from core.limit import CustomerKey
from scheduler.reports.board import Board
from scheduler.web.times import Times


class Places:
    """Where things are: the accounts' clocks, and which customers have a page."""

    def __init__(self, board: Board, times: Times) -> None:
        self._page = times
        self._clocks = {account.name: Times(account.zone, times.now) for account in board.accounts}
        self._accounts = {
            (line.key.vendor, line.key.customer_id): account.name
            for account in board.accounts
            for line in account.customers
        }

    def times(self, account: str | None) -> Times:
        """Give an account's clock; the page's where there is none of that name."""
        return self._clocks.get(account or "", self._page)

    def whose(self, whom: str) -> str | None:
        """Name the account of a customer `vendor/id`, or the account itself."""
        vendor, _, customer_id = whom.partition("/")
        return self._accounts.get((vendor, customer_id), whom if whom in self._clocks else None)

    def link(self, key: CustomerKey | None, account: str | None) -> str:
        """Give the address of a customer's page, or of the account's card; empty where there is neither."""
        if key is not None and (key.vendor, key.customer_id) in self._accounts:
            return customer_link(key)
        return f"#{anchor(account)}" if key is None and account in self._clocks else ""


def anchor(account: str) -> str:
    """Give the place of an account's card: letters, digits and hyphens only, and never another account's."""
    return "account-" + "".join(c if c.isascii() and c.isalnum() else f"-{ord(c):x}-" for c in account)


def customer_link(key: CustomerKey) -> str:
    """Give the address of a customer's page."""
    return f"/customers/{quote(key.vendor, safe='')}/{quote(key.customer_id, safe='')}"
