"""One simulated customer's spending: goes on by itself, is reported late, and can be pushed by hand.

Used by the simulators, one object per customer, under the simulator's lock.
Never reads a clock: every figure is a function of the `now` it is given.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from adapters.sandbox.lagging import Lagging
from core.money import Money

# Both vendors' bill cycles run in Beijing time.
BILLING_ZONE = ZoneInfo("Asia/Shanghai")
_MICROSECOND = timedelta(microseconds=1)
_HOUR = timedelta(hours=1) // _MICROSECOND


def month_start(now: datetime) -> datetime:
    """Give the moment the billing month of `now` began (aware, in the billing zone)."""
    return now.astimezone(BILLING_ZONE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def month_end(now: datetime) -> datetime:
    """Give the moment the billing month of `now` ends, which is when the next begins."""
    # No month has more than 31 days, and none fewer than 28.
    return month_start(month_start(now) + timedelta(days=32))


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
    What was spent and what confirmed bills have returned are kept apart: a confirmation makes the used figures fall,
    and no spend of any month.
    """

    def __init__(self, *, total: Money, per_hour: Money, now: datetime, lag: timedelta = timedelta(0)) -> None:
        self._currency = total.currency
        self._stretches = [_Stretch(now, total.cents, per_hour.cents)]
        self._confirmed = Lagging(0, now)
        self.lag = lag

    def actual(self, now: datetime) -> Money:
        """Spend since ever, as it really is."""
        return self._money(self._cents(now))

    def reported(self, now: datetime) -> Money:
        """Spend since ever, as the vendor's interface shows it: `lag` late."""
        return self.actual(self.shown_at(now))

    def used(self, now: datetime) -> Money:
        """What was spent and not returned by a confirmed bill, as it really is."""
        return self.actual(now) - self.confirmed(now)

    def reported_used(self, now: datetime) -> Money:
        """The same as shown: spend and confirmations are `lag` late."""
        return self.used(self.shown_at(now))

    def confirmed(self, now: datetime) -> Money:
        """What confirmed bills have returned since ever."""
        return self._money(self._confirmed.at(now))

    def actual_month(self, now: datetime) -> Money:
        """Spend of the billing month of `now`, as it really is."""
        return self.actual_since(month_start(now), now)

    def reported_month(self, now: datetime) -> Money:
        """Month-to-date spend as shown: within the lag after a month's end it is still the old month's."""
        return self.actual_month(self.shown_at(now))

    def actual_since(self, start: datetime, now: datetime) -> Money:
        """Spend from `start` on, as it really is."""
        return self.actual(now) - self._before(start)

    def actual_of(self, start: datetime, now: datetime) -> Money:
        """Spend of the billing month in which `start` lies, as far as it has come at `now`, as it really is."""
        begins, ends = month_start(start), month_end(start)
        if now < begins:
            return self._money(0)
        return self.actual_since(begins, now) if now < ends else self._before(ends) - self._before(begins)

    def confirmed_of(self, start: datetime, now: datetime) -> Money:
        """What of that month's spend confirmed bills have returned by `now`: the oldest spend is returned first."""
        returned = self.confirmed(now) - self._before(month_start(start))
        return max(self._money(0), min(returned, self.actual_of(start, now)))

    def reported_since(self, start: datetime, now: datetime) -> Money:
        """Spend from `start` on, as shown; nothing while the lag has not passed `start`."""
        shown = self.shown_at(now)
        return self._money(0) if shown < start else self.actual_since(start, shown)

    def spend(self, amount: Money, now: datetime) -> None:
        """Add by hand at `now`; a negative amount is a refund: it was never spent."""
        self._go_on(now, self._cents(now) + amount.cents, self._stretches[-1].rate)

    def confirm(self, amount: Money, now: datetime) -> Money:
        """Confirm a paid bill at `now`: used falls by `amount`, to zero at most; gives what was returned.

        Spend stays what it was. Raises ValueError for a negative amount.
        """
        if amount.cents < 0:
            message = "a bill is confirmed or not, it cannot be taken back"
            raise ValueError(message)
        at = max(now, self._confirmed.changed_at)
        returned = max(self._money(0), min(amount, self.used(at)))
        self._confirmed.set((self.confirmed(at) + returned).cents, at)
        return returned

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

    def _before(self, moment: datetime) -> Money:
        """Spend before a moment, without what was added by hand exactly then."""
        return self._money(self._cents(moment, open_end=True))

    def _money(self, cents: int) -> Money:
        return Money(cents, self._currency)
