"""Observations in the database: standings over time, ten thousand of them a run, in few rows."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, Delete, bindparam, delete, desc, func, insert, select, update

from adapters.store.decisions import Keeping, keeping, thinned
from adapters.store.instants import instant_of, instant_text
from adapters.store.parts import Part, of_account, of_customer
from adapters.store.rows import Values, standing_of, standing_values
from adapters.store.tables import observations as table
from core.limit import CustomerKey
from core.standing import Standing

_Name = tuple[str, str]  # vendor, customer id


class Seen(Part):
    """What was observed."""

    def keep(self, run: str, standings: Iterable[Standing]) -> None:
        """Store them; equal to the last but for `as_of`: only the time of a second row moves."""
        batches = list(_once_each(standings))
        if not batches:
            return
        with self._database.writing("keep what was observed") as writing:
            for batch in batches:
                _keep(writing.connection, run, batch)

    def latest(self, account: str | None = None) -> Mapping[CustomerKey, Standing]:
        """Give each customer's newest standing."""
        with self._database.reading("read what was observed") as connection:
            rows = connection.execute(select(table).where(table.c.newest, of_account(table, account))).mappings()
            found = [standing_of(row) for row in rows]
        return {standing.key: standing for standing in found}

    def kept_by(self, account: str) -> Mapping[str, datetime]:
        """Give the runs that kept the newest standings, with the latest time of each."""
        chosen = select(table.c.run, func.max(table.c.as_of)).where(table.c.newest, of_account(table, account))
        with self._database.reading("read what was observed") as connection:
            return {run: instant_of(as_of) for run, as_of in connection.execute(chosen.group_by(table.c.run))}

    def earlier(self, key: CustomerKey, before: datetime) -> Standing | None:
        """Give the newest standing at or before that time; of two at one time, the one kept last."""
        chosen = select(table).where(of_customer(table, key), table.c.as_of <= instant_text(before))
        newest_first = (desc(table.c.as_of), desc(table.c.number))
        with self._database.reading("read what was observed") as connection:
            row = connection.execute(chosen.order_by(*newest_first).limit(1)).mappings().first()
        return None if row is None else standing_of(row)


def _once_each(standings: Iterable[Standing]) -> Iterator[dict[_Name, Values]]:
    """Give the standings as rows, in batches that have each customer once, so that order is kept."""
    batch: dict[_Name, Values] = {}
    for standing in standings:
        name = (standing.key.vendor, standing.key.customer_id)
        if name in batch:
            yield batch
            batch = {}
        batch[name] = standing_values(standing)
    if batch:
        yield batch


def _keep(connection: Connection, run: str, batch: Mapping[_Name, Values]) -> None:
    newest = _newest_rows(connection, batch)
    added: list[Values] = []
    followed: list[int] = []  # numbers of the rows that are the newest no longer
    moved: list[Values] = []
    for name, values in batch.items():
        last = newest.get(name)
        how = Keeping.FIRST if last is None else _how(values, last)
        if how is Keeping.MOVE and last is not None:
            moved.append({"moved": last["number"], "as_of": values["as_of"], "run": run})
        elif how is not Keeping.NOTHING:
            late = how is Keeping.LATE
            added.append({**values, "run": run, "again": how is Keeping.AGAIN, "newest": not late})
            if last is not None and not late:
                followed.append(last["number"])
    this = table.c.number == bindparam("moved")
    if moved:
        connection.execute(update(table).where(this), moved)
    if followed:
        connection.execute(update(table).where(this).values(newest=False), [{"moved": number} for number in followed])
    if added:
        connection.execute(insert(table), added)
    _thin_out(connection, [(values, newest[name]) for name, values in batch.items() if name in newest])


def _thin_out(connection: Connection, kept: Iterable[tuple[Values, Values]]) -> None:
    """Thin out the older rows of customers of whom a standing was kept beside the newest one."""
    aged: list[Values] = []
    for values, last in kept:
        begin, end = thinned(instant_of(values["as_of"]), instant_of(last["as_of"]))
        name = {"of_vendor": values["vendor"], "of_customer": values["customer_id"]}
        aged.append({**name, "begin": instant_text(begin), "end": instant_text(end)})
    if aged:
        connection.execute(_thinning(), aged)


def _thinning() -> Delete:
    """Delete one customer's rows that a later one of the same day follows; the newest has none."""
    later = table.alias("later")
    # A "Z" where a time has its "T": after every time of the day.
    day_is_over = func.substr(table.c.as_of, 1, len("2026-11-22")) + "Z"
    followed = (
        select(later.c.number)
        .where(
            later.c.vendor == table.c.vendor,
            later.c.customer_id == table.c.customer_id,
            later.c.as_of >= table.c.as_of,
            later.c.as_of < day_is_over,
            (later.c.as_of > table.c.as_of) | (later.c.number > table.c.number),
        )
        .exists()
    )
    return delete(table).where(
        table.c.vendor == bindparam("of_vendor"),
        table.c.customer_id == bindparam("of_customer"),
        table.c.as_of >= bindparam("begin"),
        table.c.as_of < bindparam("end"),
        followed,
    )


def _newest_rows(connection: Connection, batch: Mapping[_Name, Values]) -> dict[_Name, Values]:
    chosen = select(table).where(table.c.newest)
    if len(batch) == 1:  # a read again before a write: no need for all
        ((vendor, customer_id),) = batch
        chosen = chosen.where(of_customer(table, CustomerKey(vendor, customer_id)))
    rows = [dict(row) for row in connection.execute(chosen).mappings()]
    return {(row["vendor"], row["customer_id"]): row for row in rows}


def _how(values: Values, last: Values) -> Keeping:
    same = all(last[name] == value for name, value in values.items() if name != "as_of")
    return keeping(values["as_of"], last["as_of"], same=same, last_is_again=last["again"])
