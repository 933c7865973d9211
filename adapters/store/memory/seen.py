"""Standings over time, in memory."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import pairwise

from adapters.store.decisions import Keeping, keeping, same_figures, thinned
from adapters.store.memory.part import Part, Sighting
from core.limit import CustomerKey
from core.standing import Standing


class Seen(Part):
    """What was observed."""

    def keep(self, run: str, standings: Iterable[Standing]) -> None:
        """Store them."""
        with self._memory.lock:
            for standing in standings:
                self._keep_one(run, standing)

    def latest(self, account: str | None = None) -> Mapping[CustomerKey, Standing]:
        """Give each customer's newest standing."""
        with self._memory.lock:
            return {
                key: seen.standing
                for key, seen in self._memory.newest.items()
                if account in (None, seen.standing.account)
            }

    def kept_by(self, account: str) -> Mapping[str, datetime]:
        """Give the runs that kept the newest standings, with the latest time of each."""
        found: dict[str, datetime] = {}
        with self._memory.lock:
            for seen in self._memory.newest.values():
                if seen.standing.account == account:
                    as_of = seen.standing.as_of
                    found[seen.run] = max(as_of, found.get(seen.run, as_of))
        return found

    def earlier(self, key: CustomerKey, before: datetime) -> Standing | None:
        """Give the newest standing at or before that time; of two at one time, the one kept last."""
        with self._memory.lock:
            chosen = [seen.standing for seen in self._memory.seen.get(key, []) if seen.standing.as_of <= before]
        return max(reversed(chosen), key=lambda standing: standing.as_of, default=None)

    def _keep_one(self, run: str, standing: Standing) -> None:
        rows = self._memory.seen.setdefault(standing.key, [])
        newest = self._memory.newest.get(standing.key)
        last_as_of = standing.as_of if newest is None else newest.standing.as_of
        how = Keeping.FIRST
        if newest is not None:
            same = same_figures(standing, newest.standing)
            how = keeping(standing.as_of, last_as_of, same=same, last_is_again=newest.again)
        if how is Keeping.MOVE and newest is not None:
            newest.standing, newest.run = standing, run
        elif how is not Keeping.NOTHING:
            rows.append(Sighting(standing, run, again=how is Keeping.AGAIN))
            if how is not Keeping.LATE:
                self._memory.newest[standing.key] = rows[-1]
        self._memory.seen[standing.key] = _thinned_out(rows, *thinned(standing.as_of, last_as_of))


def _thinned_out(rows: list[Sighting], begin: datetime, end: datetime) -> list[Sighting]:
    """Give the rows without those from begin until end that a later one of the same day follows."""
    in_order = sorted(rows, key=lambda seen: seen.standing.as_of)  # of two at one time the one kept last comes last
    days = [seen.standing.as_of.astimezone(UTC).date() for seen in in_order]
    followed = [day == next_day for day, next_day in pairwise(days)] + [False]
    doomed = {
        id(seen)
        for seen, is_followed in zip(in_order, followed, strict=True)
        if is_followed and begin <= seen.standing.as_of < end
    }
    return [seen for seen in rows if id(seen) not in doomed]
