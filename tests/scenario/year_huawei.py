"""Huawei Cloud in virtual time: budgets that begin anew every month, restrictions that only a call lifts.

A CalendarCloud by the facts that the adapter's config states; used by the worlds and the year.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from adapters.clouds.registry import VENDORS
from core.capabilities import Capabilities
from core.intent import Action, Intent
from core.limit import Kind, OnExhaustion
from core.money import ZERO, Money, or_zero, total
from core.ports import Confirmed, Reply
from core.standing import Restriction
from core.witness import WitnessRow
from tests.scenario.calendar_cloud import OURS, REFUSED, VENDOR, CalendarCloud, Event, Kept, at
from tests.scenario.year_spending import month_begins, month_ends

CAPABILITIES = VENDORS["huawei"].capabilities


@dataclass(slots=True, kw_only=True)
class CalendarHuawei(CalendarCloud):
    """One partner account.

    `resets_late`: how long after a month's beginning the used figure begins anew. `quotas`: the most that budgets of
    a kind may add up to; the vendor refuses what goes above, and a call of ours that asks for it is a fault.
    """

    account: str = "huawei"
    resets_late: timedelta = timedelta(0)
    quotas: Mapping[Kind, Money] = field(default_factory=dict)

    @property
    def capabilities(self) -> Capabilities:
        """The real adapter's."""
        return CAPABILITIES

    def take_in(
        self,
        customer_id: str,
        granted: str | None,
        rate: int = 0,
        *,
        kind: Kind = Kind.MONTHLY,
        automatic: bool = False,
    ) -> Kept:
        """Add a customer with a budget, or without one; see `add`."""
        kept = self.add(customer_id, granted, rate, kind=kind if granted is not None else None)
        kept.automatic = automatic
        return kept

    def used(self, kept: Kept, moment: datetime) -> Money:
        """Give what is spent of the budget: this month's, or since the month in which it became a one-time one."""
        return kept.curve.between(self._base(kept, moment), moment)

    def freeze_by_hand(self, customer_id: str, *, resources: bool = False, operator: str = "li.wei") -> None:
        """Let a person freeze a customer at the console."""
        kept = self.now(customer_id)
        kept.with_resources = resources
        self.restrict(kept, Restriction.RESTRICTED, by=operator)

    def _base(self, kept: Kept, moment: datetime) -> datetime:
        if at(kept.kind, moment) is Kind.ONE_TIME:
            turned = next(since for since, kind in reversed(kept.kind) if since <= moment or since == kept.kind[0][0])
            return month_begins(turned)
        return month_begins(moment - self.resets_late)

    def _turn(self, kept: Kept) -> Event | None:
        """Restrict at 100 % of the vendor's own estimate, which is as late as the figures it shows."""
        granted, now = kept.granted[-1][1], kept.advanced
        if not kept.automatic or not kept.is_free or granted is None:
            return None
        estimate = now - self.spend_late
        base = self._base(kept, estimate)
        turns = month_ends(estimate - self.resets_late) + self.resets_late + self.spend_late
        reached = kept.curve.reaches(kept.curve.cents(base) + granted.cents)
        when = None if reached is None else max(reached + self.spend_late, now)
        if when is None or (kept.kind[-1][1] is not Kind.ONE_TIME and when >= turns):
            return (turns, lambda: None)
        return (when, lambda: self._exhaust(kept))

    def _exhaust(self, kept: Kept) -> None:
        kept.with_resources = False
        self.restrict(kept, Restriction.RESTRICTED, by=VENDOR)

    def _change(self, kept: Kept, intent: Intent) -> Reply:
        match intent.action:
            case Action.SET_AMOUNT | Action.SET_KIND | Action.SET_EXHAUSTION:
                return self._budget(kept, intent)
            case Action.RESTRICT | Action.FREEZE:
                kept.with_resources = intent.action is Action.FREEZE
                self.restrict(kept, Restriction.RESTRICTED, by=OURS)
            case Action.RELEASE:
                if kept.is_free or kept.with_resources is not (intent.before.restriction is Restriction.FROZEN):
                    return REFUSED
                self.restrict(kept, Restriction.NONE, by=OURS)
                self.advance(kept, kept.advanced)
        return Confirmed()

    def _budget(self, kept: Kept, intent: Intent) -> Reply:
        granted, kind = or_zero(intent.wanted.granted), intent.wanted.kind
        if granted <= ZERO or kind is None:
            return REFUSED
        if not self._fits(kept, granted, kind):
            self.broken.append(f"{kept.id}: {granted} asked above the {kind} quota")
            return REFUSED
        if kind is not kept.kind[-1][1]:
            kept.kind.append((kept.advanced, kind))
        if intent.wanted.on_exhaustion is not None:
            kept.automatic = intent.wanted.on_exhaustion is OnExhaustion.RESTRICT
        self._set(kept, granted, by=OURS)
        return Confirmed()

    def _fits(self, kept: Kept, granted: Money, kind: Kind | None) -> bool:
        if kind is None or kind not in self.quotas:
            return True
        stands = [or_zero(one.granted[-1][1]) for one in self.kept.values() if one.kind[-1][1] is kind]
        own = or_zero(kept.granted[-1][1]) if kept.kind[-1][1] is kind else ZERO
        return granted <= own or total(stands) - own + granted <= self.quotas[kind]

    def _row(self, kept: Kept, before: Money | None, operator: str, remark: str | None) -> WitnessRow:
        del before, remark
        return WitnessRow(
            granted_after=kept.granted[-1][1],
            kind=kept.kind[-1][1],
            at=kept.advanced.replace(microsecond=0),
            operator=operator,
        )
