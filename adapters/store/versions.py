"""Which version of the schema a database has. Called by opening and upgrade; imports no Alembic, so opening is fast."""

from sqlalchemy import Connection, column, inspect, select, table

from adapters.store.tables import VERSION_TABLE
from core.errors import StoreFailedError


def version_of(connection: Connection, doing: str) -> str | None:
    """Give the version, None for an empty database; raises StoreFailedError for another program's database."""
    names = inspect(connection).get_table_names()
    if not names:
        return None
    if VERSION_TABLE not in names:
        raise StoreFailedError(doing, "it is another program's database; name another file")
    return connection.execute(select(column("version_num")).select_from(table(VERSION_TABLE))).scalar()
