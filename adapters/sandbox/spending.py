"""One simulated customer's spending: goes on by itself, is reported late, and can be pushed by hand.

Used by the simulators, one object per customer, under the simulator's lock.
Never reads a clock: every figure is a function of the `now` it is given.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.money import Money

# Both vendors' bill cycles run in Beijing time.
BILLING_ZONE = ZoneInfo("Asia/Shanghai")
_MICROSECOND = timedelta(microseconds=1)
_HOUR = timedelta(hours=1) // _MICROSECOND


def month_start(now: datetime) -> datetime:
    """Give the moment the billing month of `now` began (aware, in the billing zone)."""
    return now.astimezone(BILLING_ZONE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """From `start` on: `cents` already spent, and `rate` cents per hour."""

    start: datetime
    cents: int
    rate: int

    def cents_at(self, moment: datetime) -> int:
        return self.cents + self.rate * ((moment - self.start) // _MICROSECOND) // _HOUR


class Spending:
    """What one customer has spent since ever, as a function of time.

    `total` is what was spent before `now`, counted to the billing month of `now`; `per_hour` goes on from there.
    `lag`: how late the reported figures are. Figures are whole cents, rounded down.
    """

    def __init__(self, *, total: Money, per_hour: Money, now: datetime, lag: timedelta = timedelta(0)) -> None:
        self._currency = total.currency
        self._stretches = [_Stretch(now, total.cents, per_hour.cents)]
        self.lag = lag

    def actual(self, now: datetime) -> Money:
        """Spend since ever, as it really is."""
        return self._money(self._cents(now))

    def reported(self, now: datetime) -> Money:
        """Spend since ever, as the vendor's interface shows it: `lag` late."""
        return self.actual(self.shown_at(now))

    def actual_month(self, now: datetime) -> Money:
        """Spend of the billing month of `now`, as it really is."""
        return self.actual_since(month_start(now), now)

    def reported_month(self, now: datetime) -> Money:
        """Month-to-date spend as shown: within the lag after a month's end it is still the old month's."""
        return self.actual_month(self.shown_at(now))

    def actual_since(self, start: datetime, now: datetime) -> Money:
        """Spend from `start` on, as it really is."""
        return self._money(self._cents(now) - self._cents(start, open_end=True))

    def reported_since(self, start: datetime, now: datetime) -> Money:
        """Spend from `start` on, as shown; nothing while the lag has not passed `start`."""
        shown = self.shown_at(now)
        return self._money(0) if shown < start else self.actual_since(start, shown)

    def spend(self, amount: Money, now: datetime) -> None:
        """Add by hand at `now`; a negative amount gives back (a refund, a confirmed bill)."""
        self._go_on(now, self._cents(now) + amount.cents, self._stretches[-1].rate)

    def set_total(self, amount: Money, now: datetime) -> None:
        """Make the spend since ever exactly this at `now`."""
        self._go_on(now, amount.cents, self._stretches[-1].rate)

    def set_rate(self, per_hour: Money, now: datetime) -> None:
        """Spend at another rate from `now` on."""
        self._go_on(now, self._cents(now), per_hour.cents)

    def shown_at(self, now: datetime) -> datetime:
        """Give the moment whose figures are shown at `now`; what was there at the beginning is shown at once."""
        return max(now - self.lag, self._stretches[0].start)

    def _go_on(self, now: datetime, cents: int, rate: int) -> None:
        start = max(now, self._stretches[-1].start)
        self._stretches.append(_Stretch(start, cents, rate))

    def _cents(self, moment: datetime, *, open_end: bool = False) -> int:
        """Spend up to `moment`; `open_end`: without what was added by hand exactly then."""
        starts = [stretch.start for stretch in self._stretches]
        if open_end and moment <= starts[0]:
            return 0
        index = bisect_right(starts, moment) - 1
        while open_end and index > 0 and starts[index] == moment:
            index -= 1
        return 0 if index < 0 else self._stretches[index].cents_at(moment)

    def _money(self, cents: int) -> Money:
        return Money(cents, self._currency)
