"""What was metered, in the database: each customer's meter, its months that are over, and its figures by day."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import Connection, Table, bindparam, insert, select, true, tuple_, update

from adapters.store.decisions import in_turn
from adapters.store.meter_rows import day_of, day_values, meter_of, meter_values, period_of, period_values
from adapters.store.parts import Part, of_account, of_customer
from adapters.store.rows import Values, key_of
from adapters.store.tables import days, meters, months
from core.limit import CustomerKey
from core.meter import Day, Meter, Period
from core.ports import Metered

_AT_ONCE = 400  # customers named in one question: SQLite takes a thousand terms

_Place = tuple[str, ...]  # what a primary key is made of: vendor, customer id, and the day or month if any


class Meters(Part):
    """What was metered."""

    def meters(self, account: str | None, customers: Iterable[CustomerKey] = ()) -> Mapping[CustomerKey, Meter]:
        """Give the account's meters, and those of these customers, whose account may have had another name."""
        with self._database.reading("read the meters") as connection:
            found: dict[CustomerKey, Meter] = {}
            if account is not None:
                rows = connection.execute(select(meters).where(meters.c.account == account)).mappings()
                found = {meter.key: meter for meter in map(meter_of, rows)}
            missing = [(key.vendor, key.customer_id) for key in customers if key not in found]
            place = tuple_(meters.c.vendor, meters.c.customer_id)
            for start in range(0, len(missing), _AT_ONCE):
                chosen = select(meters).where(place.in_(missing[start : start + _AT_ONCE]))
                found |= {meter.key: meter for meter in map(meter_of, connection.execute(chosen).mappings())}
        return found

    def keep_meters(self, changes: Iterable[Metered]) -> int:
        """Store those that follow what is stored, by compare-and-set on `metered_at`; give how many there were."""
        given = list(changes)
        if not given:
            return 0
        # Compared under the write lock, so nobody can come between the comparison and the set.
        with self._database.writing("keep the meters") as writing:
            kept = in_turn(given, _metered_at(writing.connection, given))
            _put(writing.connection, meters, [meter_values(each.after) for each in kept])
            _put(writing.connection, days, [day_values(each.day) for each in kept])
            closed = [period_values(period) for each in kept for period in each.closed]
            _put(writing.connection, months, closed[::-1], replacing=False)
        return len(kept)

    def periods(
        self, *, account: str | None = None, month: str | None = None, key: CustomerKey | None = None
    ) -> Sequence[Period]:
        """Give the closed months, oldest first, by customer."""
        of_month = true() if month is None else months.c.month == month
        chosen = select(months).where(of_account(months, account), of_month, of_customer(months, key))
        with self._database.reading("read the closed months") as connection:
            rows = connection.execute(chosen.order_by(months.c.month, months.c.vendor, months.c.customer_id))
            return [period_of(row) for row in rows.mappings()]

    def days(
        self, *, account: str | None = None, key: CustomerKey | None = None, since: date, until: date
    ) -> Sequence[Day]:
        """Give the figures from day to day, both among them, oldest first, by customer."""
        between = days.c.day.between(since.isoformat(), until.isoformat())
        chosen = select(days).where(of_account(days, account), of_customer(days, key), between)
        with self._database.reading("read the figures by day") as connection:
            rows = connection.execute(chosen.order_by(days.c.day, days.c.vendor, days.c.customer_id))
            return [day_of(row) for row in rows.mappings()]


def _metered_at(connection: Connection, given: Sequence[Metered]) -> dict[CustomerKey, str]:
    keys = {each.after.key for each in given}
    one = next(iter(keys)) if len(keys) == 1 else None
    chosen = select(meters.c.vendor, meters.c.customer_id, meters.c.metered_at).where(of_customer(meters, one))
    return {key_of(row): row["metered_at"] for row in connection.execute(chosen).mappings()}


def _put(connection: Connection, table: Table, rows: Iterable[Values], *, replacing: bool = True) -> None:
    """Insert the rows that are new, and replace the others unless those are to stay; of two of one place the last.

    Replaced by an update and not taken out and put in: that would write each row's place in every index again.
    """
    names = [column.name for column in table.primary_key]
    given = {tuple([row[name] for name in names]): row for row in rows}
    if not given:
        return
    known = _taken(connection, table, given)
    old = [_renamed(row, names) for place, row in given.items() if place in known]
    new = [row for place, row in given.items() if place not in known]
    if old and replacing:
        same_place = [table.c[name] == bindparam(f"at_{name}") for name in names]
        connection.execute(update(table).where(*same_place), old)
    if new:
        connection.execute(insert(table), new)


def _taken(connection: Connection, table: Table, places: Iterable[_Place]) -> set[_Place]:
    """Give the places that are taken, these and few others: one customer's, or those of the same days or months."""
    keys = {CustomerKey(*place[:2]) for place in places}
    times = {time for place in places for time in place[2:]}
    columns = list(table.primary_key)
    chosen = select(*columns)
    if len(keys) == 1:
        chosen = chosen.where(of_customer(table, keys.pop()))
    elif times:
        chosen = chosen.where(columns[-1].in_(sorted(times)))
    return {tuple(row) for row in connection.execute(chosen)}


def _renamed(row: Values, names: Sequence[str]) -> Values:
    """Give the row with its place under other names, so that an update looks there and does not set it."""
    return {f"at_{name}" if name in names else name: value for name, value in row.items()}
