"""Narrows a plan to what a plan file shows, so that what is asked and reported is what may be sent.

Called by core.run.reconcile under `apply --plan FILE`; core.run.apply compares once more before each write.
"""

from collections.abc import Mapping
from dataclasses import replace

from core.money import Money, or_zero
from core.plan import HoldReason, Plan, correction_facts
from core.planning import totals_of
from core.run.world import Shown

CHANGED = "the customer or its limit changed since the plan file was written; plan again"


def narrowed(plan: Plan, shown: Shown) -> Plan:
    """Give the plan with the file's customers only; a correction that is no longer the same becomes a hold."""
    corrections = [row for row in plan.corrections if (row.account, str(row.key)) in shown]
    same = [row for row in corrections if is_shown(shown[row.account, str(row.key)], correction_facts(row))]
    moved = [row.held(HoldReason.MOVED, CHANGED) for row in corrections if row not in same]
    held = [hold for hold in plan.holds if (hold.account, str(hold.key)) in shown]
    rows = tuple(replace(row, order=number) for number, row in enumerate(same, 1))
    holds = tuple(replace(row, order=number) for number, row in enumerate([*moved, *held], len(rows) + 1))
    accounts = tuple(
        replace(
            account,
            corrections=sum(1 for row in rows if row.account == account.name),
            holds=sum(1 for hold in holds if hold.account == account.name),
        )
        for account in plan.accounts
    )
    totals = totals_of(rows, holds, in_sync=plan.totals.in_sync)
    # Whoever reads this plan later must not take the customers that were left out for settled.
    fewer = len(corrections) + len(held) < len(plan.corrections) + len(plan.holds)
    return replace(
        plan,
        accounts=accounts,
        corrections=rows,
        holds=holds,
        totals=totals,
        narrowed=plan.narrowed or fewer,
    )


def is_shown(shown: Mapping[str, object], now: Mapping[str, object]) -> bool:
    """Whether a correction is what a file shows, and goes no further: spend may make it smaller, nothing larger."""
    return _steady(shown) == _steady(now) and _within(shown, now)


def _steady(facts: Mapping[str, object]) -> dict[str, object]:
    """Leave out what spend alone may move: where a change stops."""
    kept = {key: value for key, value in facts.items() if key not in {"blocked_by", "after"}}
    after = facts["after"]
    if isinstance(after, Mapping):
        kept["after"] = {key: value for key, value in after.items() if key not in {"granted", "restriction"}}
    return kept


def _within(shown: Mapping[str, object], now: Mapping[str, object]) -> bool:
    before, most, granted = _granted(shown, "before"), _granted(shown, "after"), _granted(now, "after")
    if most is None or granted is None:
        return most == granted
    return min(or_zero(before), most) <= granted <= max(or_zero(before), most)


def _granted(facts: Mapping[str, object], side: str) -> Money | None:
    position = facts[side]
    granted = position.get("granted") if isinstance(position, Mapping) else None
    return Money.parse(granted) if isinstance(granted, str) else None
