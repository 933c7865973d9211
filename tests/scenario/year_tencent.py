"""Tencent Cloud in virtual time: a permanent credit that bills give back, and services that stop when it is used up.

A CalendarCloud by the facts that the adapter's config states; used by the worlds and the year.
"""

from dataclasses import dataclass
from datetime import datetime

from adapters.clouds.registry import VENDORS
from core.capabilities import Capabilities
from core.intent import Intent
from core.limit import Kind
from core.money import ZERO, Money, or_zero
from core.ports import Confirmed, Reply
from core.standing import Restriction
from core.witness import WitnessRow
from tests.scenario.calendar_cloud import OURS, REFUSED, VENDOR, CalendarCloud, Event, Kept, at
from tests.scenario.year_spending import month_ends

CAPABILITIES = VENDORS["tencent"].capabilities
PLENTY = Money(10_000_000_00)


@dataclass(slots=True, kw_only=True)
class CalendarTencent(CalendarCloud):
    """One reseller account; `pool` is what can still be given out to customers."""

    account: str = "tencent"
    pool: Money = PLENTY

    @property
    def capabilities(self) -> Capabilities:
        """The real adapter's."""
        return CAPABILITIES

    def take_in(self, customer_id: str, granted: str, rate: int = 0, *, non_stop: bool = False) -> Kept:
        """Add a customer with a credit; see `add`."""
        kept = self.add(customer_id, granted, rate, kind=Kind.CREDIT_LINE)
        kept.non_stop = non_stop
        kept.confirmed.append((kept.advanced, 0))
        return kept

    def used(self, kept: Kept, moment: datetime) -> Money:
        """Give what is spent and not given back by a confirmed bill."""
        return Money(kept.curve.cents(moment) - at(kept.confirmed, moment))

    def available(self, kept: Kept) -> Money:
        """Give what truly is left now; below zero where more was used."""
        return or_zero(kept.granted[-1][1]) - self.used(kept, kept.advanced)

    def quota(self) -> Money:
        """Credit that can still be given out."""
        return self.pool

    def _turn(self, kept: Kept) -> Event | None:
        """Confirm last month's bill, or suspend a customer whose credit is used up; resume one that has some again."""
        confirmed_at = month_ends(kept.unbilled) + kept.billed_after
        bill: Event = (confirmed_at, lambda: self._confirm(kept))
        left = self.available(kept)
        if not kept.is_free:
            return (kept.advanced, lambda: self._resume(kept)) if left > ZERO and not self._is_forced(kept) else bill
        if kept.non_stop:
            return bill
        used_up = kept.curve.reaches(or_zero(kept.granted[-1][1]).cents + kept.confirmed[-1][1])
        if used_up is None or max(used_up, kept.advanced) > confirmed_at:
            return bill
        return (max(used_up, kept.advanced), lambda: self.restrict(kept, Restriction.SUSPENDED, by=VENDOR))

    def _is_forced(self, kept: Kept) -> bool:
        """Whether a person suspended it, whatever credit is left."""
        last = next(deed for deed in reversed(self.deeds) if deed.customer_id == kept.id and _restricts(deed.after))
        return last.by != VENDOR

    def _resume(self, kept: Kept) -> None:
        self.restrict(kept, Restriction.NONE, by=VENDOR)

    def _confirm(self, kept: Kept) -> None:
        ends = month_ends(kept.unbilled)
        bill = kept.curve.between(kept.unbilled, ends).cents
        kept.unbilled = ends
        kept.confirmed.append((kept.advanced, kept.confirmed[-1][1] + bill))

    def _change(self, kept: Kept, intent: Intent) -> Reply:
        change = or_zero(intent.change)
        if change < ZERO and -change > max(self.available(kept), ZERO):
            return REFUSED
        if not self._fits(kept, or_zero(kept.granted[-1][1]) + change, None):
            self.broken.append(f"{kept.id}: {change} asked of {self.pool} that can be given out")
            return REFUSED
        self._set(kept, or_zero(kept.granted[-1][1]) + change, by=OURS, remark=intent.mark)
        return Confirmed(granted=kept.granted[-1][1])

    def _fits(self, kept: Kept, granted: Money, kind: Kind | None) -> bool:
        del kind
        return granted - or_zero(kept.granted[-1][1]) <= self.pool

    def _row(self, kept: Kept, before: Money | None, operator: str, remark: str | None) -> WitnessRow:
        granted = or_zero(kept.granted[-1][1])
        self.pool -= granted - or_zero(before)
        return WitnessRow(
            change=granted - or_zero(before),
            granted_after=granted,
            at=kept.advanced.replace(microsecond=0),
            operator=operator,
            remark=remark,
        )


def _restricts(value: object) -> bool:
    return isinstance(value, Restriction) and value is not Restriction.NONE
