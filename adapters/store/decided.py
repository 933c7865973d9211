"""What people decided, in the database: pauses, and the limits they wrote down."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, desc, insert, or_, select, update

from adapters.store import entries
from adapters.store.decisions import changes
from adapters.store.documents import limit_of, limit_text
from adapters.store.instants import instant_of, instant_text
from adapters.store.parts import Part, of_customer
from adapters.store.rows import key_of, key_values, time_of, time_text
from adapters.store.tables import limit_changes, limits_accepted, pauses
from core.limit import CustomerKey, Limit
from core.pause import Pause
from core.ports import LimitChange


class Decided(Part):
    """Pauses and limits."""

    def pauses(self, now: datetime) -> Sequence[Pause]:
        """Give those in force, oldest first."""
        in_force = or_(pauses.c.until.is_(None), pauses.c.until > instant_text(now))
        chosen = select(pauses).where(pauses.c.ended_at.is_(None), in_force).order_by(pauses.c.since, pauses.c.number)
        with self._database.reading("read the pauses") as connection:
            return [
                Pause(
                    account=row["account"],
                    customer_id=row["customer_id"],
                    who=row["who"],
                    why=row["why"],
                    since=instant_of(row["since"]),
                    until=time_of(row["until"]),
                )
                for row in connection.execute(chosen).mappings()
            ]

    def pause(self, pause: Pause) -> None:
        """Store a pause."""
        with self._database.writing("store a pause") as writing:
            writing.connection.execute(
                insert(pauses).values(
                    account=pause.account,
                    customer_id=pause.customer_id,
                    who=pause.who,
                    why=pause.why,
                    since=instant_text(pause.since),
                    until=time_text(pause.until),
                )
            )
            writing.say(entries.paused(pause))

    def resume(self, *, account: str | None, customer_id: str | None, who: str, why: str, at: datetime) -> int:
        """End the pauses in force with exactly this account and customer; give how many there were."""
        in_force = or_(pauses.c.until.is_(None), pauses.c.until > instant_text(at))
        exactly = pauses.c.account.is_not_distinct_from(account) & pauses.c.customer_id.is_not_distinct_from(
            customer_id
        )
        ending = update(pauses).where(pauses.c.ended_at.is_(None), in_force, exactly)
        with self._database.writing("end a pause") as writing:
            changed = writing.connection.execute(
                ending.values(ended_at=instant_text(at), ended_by=who, ended_why=why)
            ).rowcount
            if changed:
                entry = entries.resumed(account=account, customer_id=customer_id, who=who, why=why, ended=changed)
                writing.say(entry, at=at)
        return changed

    def accept_limits(
        self, limits: Sequence[Limit], digest: str, accounts: Iterable[str], at: datetime
    ) -> Sequence[LimitChange]:
        """Store these accounts' limits as accepted; give what differs from those accepted before."""
        chosen = sorted(set(accounts))
        wanted = [limit for limit in limits if limit.account in chosen]
        with self._database.writing("store the accepted limits") as writing:
            accepted = _accepted(writing.connection, chosen)
            found = changes(accepted, wanted, digest=digest, first_seen=at)
            if set(map(limit_text, accepted)) == set(map(limit_text, wanted)):
                return found
            writing.connection.execute(delete(limits_accepted).where(limits_accepted.c.account.in_(chosen)))
            places = {(limit.account, limit.key): limit for limit in wanted}
            if places:
                writing.connection.execute(insert(limits_accepted), [_accepted_values(one) for one in places.values()])
            if found:
                writing.connection.execute(insert(limit_changes), [_change_values(change) for change in found])
            writing.say(*[entries.limit_accepted(change) for change in found], at=at)
        return found

    def limits_changed(self, limits: Sequence[Limit], accounts: Iterable[str]) -> Sequence[LimitChange]:
        """Compare without storing."""
        chosen = sorted(set(accounts))
        wanted = [limit for limit in limits if limit.account in chosen]
        with self._database.reading("read the accepted limits") as connection:
            accepted = _accepted(connection, chosen)
        return changes(accepted, wanted, digest="", first_seen=self._database.clock.now())

    def limit_changes(self, key: CustomerKey | None = None, *, newest: int | None = None) -> Sequence[LimitChange]:
        """Give the accepted changes, oldest first."""
        of_whom = select(limit_changes).where(of_customer(limit_changes, key))
        chosen = of_whom.order_by(desc(limit_changes.c.number)).limit(newest)
        with self._database.reading("read the accepted limits") as connection:
            return [
                LimitChange(
                    key=key_of(row),
                    old=None if row["old"] is None else limit_of(row["old"]),
                    new=None if row["new"] is None else limit_of(row["new"]),
                    digest=row["digest"],
                    first_seen=instant_of(row["first_seen"]),
                )
                for row in reversed(connection.execute(chosen).mappings().all())
            ]


def _accepted(connection: Connection, accounts: Sequence[str]) -> list[Limit]:
    table = limits_accepted
    order = (table.c.account, table.c.vendor, table.c.customer_id)
    chosen = select(table.c.document).where(table.c.account.in_(accounts)).order_by(*order)
    return [limit_of(document) for document in connection.execute(chosen).scalars()]


def _accepted_values(limit: Limit) -> dict[str, str]:
    return {"account": limit.account, **key_values(limit.key), "document": limit_text(limit)}


def _change_values(change: LimitChange) -> dict[str, str | None]:
    return {
        **key_values(change.key),
        "old": None if change.old is None else limit_text(change.old),
        "new": None if change.new is None else limit_text(change.new),
        "digest": change.digest,
        "first_seen": instant_text(change.first_seen),
    }
