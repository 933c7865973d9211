"""What was metered, in memory."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from adapters.store.decisions import in_turn
from adapters.store.instants import instant_text
from adapters.store.memory.part import Part
from core.limit import CustomerKey
from core.meter import Day, Meter, Period
from core.ports import Metered


class Meters(Part):
    """What was metered."""

    def meters(self, account: str | None, customers: Iterable[CustomerKey] = ()) -> Mapping[CustomerKey, Meter]:
        """Give the account's meters, and those of these customers, whose account may have had another name."""
        named = set(customers)
        with self._memory.lock:
            kept = self._memory.meters
            return {key: meter for key, meter in kept.items() if meter.account == account or key in named}

    def keep_meters(self, changes: Iterable[Metered]) -> int:
        """Store those that follow what is stored; give how many there were."""
        with self._memory.lock:
            given = list(changes)
            known = [self._memory.meters.get(key) for key in {metered.after.key for metered in given}]
            kept = in_turn(given, {meter.key: instant_text(meter.metered_at) for meter in known if meter is not None})
            for metered in kept:
                self._memory.meters[metered.after.key] = metered.after
                self._memory.days[metered.day.day, metered.day.key] = metered.day
                for period in metered.closed:
                    self._memory.months.setdefault((period.month, period.key), period)
        return len(kept)

    def periods(
        self, *, account: str | None = None, month: str | None = None, key: CustomerKey | None = None
    ) -> Sequence[Period]:
        """Give the closed months, oldest first, by customer."""
        with self._memory.lock:
            return [
                period
                for _, period in sorted(self._memory.months.items(), key=lambda item: item[0])
                if account in (None, period.account) and month in (None, period.month) and key in (None, period.key)
            ]

    def days(
        self, *, account: str | None = None, key: CustomerKey | None = None, since: date, until: date
    ) -> Sequence[Day]:
        """Give the figures from day to day, both among them, oldest first, by customer."""
        with self._memory.lock:
            return [
                day
                for _, day in sorted(self._memory.days.items(), key=lambda item: item[0])
                if account in (None, day.account) and key in (None, day.key) and since <= day.day <= until
            ]
