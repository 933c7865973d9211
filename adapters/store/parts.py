"""What every part of the store has: the open database, and conditions that several use."""

from sqlalchemy import ColumnElement, Table, true

from adapters.store.transactions import Database
from core.limit import CustomerKey


class Part:
    """One subject of the store. The store is all of them over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database


def of_customer(table: Table, key: CustomerKey | None) -> ColumnElement[bool]:
    """Select one customer's rows; None: all."""
    if key is None:
        return true()
    return (table.c.vendor == key.vendor) & (table.c.customer_id == key.customer_id)


def of_account(table: Table, account: str | None) -> ColumnElement[bool]:
    """Select one account's rows; None: all."""
    return true() if account is None else table.c.account == account
