"""Judges a customer again on a fresh read, just before its call is made. Called by core.run.apply; asks nobody itself.

What became smaller or void is made smaller or left; what grew, or would now exhaust, the guards have not seen: it
waits for the next plan.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from core.judgement import Facts, Judged, judge
from core.money import or_zero
from core.plan import Correction, Hold, HoldReason
from core.planning import facts_of
from core.run.observe import AccountView
from core.run.world import Outcome
from core.standing import Restriction, Standing

_NEXT_RUN = "the customer changed since it was planned; the next run plans it anew"


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """One account's customers, as the plan had them; `is_increment`: the vendor takes differences."""

    view: AccountView
    is_increment: bool
    now: datetime

    def judged(self, row: Correction, fresh: Standing) -> Correction | Outcome:
        """Give what is still to be done, or what became of the correction instead."""
        known = self.view.inputs.standings[row.key]
        moved = fresh.granted_money != known.granted_money
        if not moved:
            fresh = replace(fresh, on_exhaustion=known.on_exhaustion, kind=fresh.kind or known.kind)
        result = self._judge(row, _with_sort(fresh, known))
        if result is None:
            return Outcome(correction=row, sentence="it stands as wanted already")
        if self.is_increment and moved:
            # One of the two reads is stale, or somebody changed it: the books say which, in the next run.
            sentence = "its credit moved since it was planned; the next run plans it anew"
            return Outcome(correction=row, held=HoldReason.MOVED, sentence=sentence)
        if isinstance(result, Hold):
            return Outcome(correction=row, held=result.reason, sentence=result.detail or result.reason.sentence)
        if row.urgent and result.urgent and result.moved > row.moved:
            result = _no_more_than(row, result)  # it goes on spending while we look: what was planned is still right
        if _grew(row, result):
            return Outcome(correction=row, held=HoldReason.MOVED, sentence=_NEXT_RUN)
        return replace(result, order=row.order, waits=row.waits, quota_after=row.quota_after)

    def next_link(self, row: Correction, fresh: Standing) -> Correction | Outcome | None:
        """Give the call that follows a settled one, judged on what stands now; None: it is not needed any more."""
        # What was just set cannot be read back everywhere; it is settled, so it is known.
        known = replace(
            fresh, on_exhaustion=fresh.on_exhaustion or row.after.on_exhaustion, kind=fresh.kind or row.after.kind
        )
        result = self._judge(row, _with_sort(known, self.view.inputs.standings[row.key]))
        if isinstance(result, Hold):
            return Outcome(correction=row, held=result.reason, sentence=result.detail or result.reason.sentence)
        if result is None or result.action is not row.follows[0]:
            return None
        if result.blocked_by or (result.exhausts and not row.exhausts):
            return Outcome(correction=row, held=HoldReason.MOVED, sentence=_NEXT_RUN)
        return replace(result, order=row.order)

    def _judge(self, row: Correction, fresh: Standing) -> Judged:
        return judge(self.view.limits[row.key], fresh, None, self._facts(fresh))

    def _facts(self, fresh: Standing) -> Facts:
        """Give the facts with this read counted in: a target follows what is used and what is spent together.

        It is counted in place of the one that was planned on: were that one a glitch, it would speak here too.
        """
        # Asking may take hours: what a day, an approval or a window allowed then may be over.
        facts = facts_of(replace(self.view.inputs, now=self.now))
        meter = self.view.meterer.again(fresh, self.view.metering.before.get(fresh.key))
        if meter is None:
            return facts
        return replace(facts, meters={fresh.key: meter})


def _with_sort(fresh: Standing, known: Standing) -> Standing:
    """Add what a read cannot tell: which sort of restriction it is, or, of many customers, whether there is one."""
    if fresh.restriction is None:
        return replace(fresh, restriction=known.restriction)
    if fresh.restriction is Restriction.RESTRICTED and known.restriction is Restriction.FROZEN:
        return replace(fresh, restriction=known.restriction)
    return fresh


def _grew(row: Correction, result: Correction) -> bool:
    larger = abs(result.moved) > abs(row.moved) or result.direction is not row.direction
    more = result.action is not row.action or not set(result.follows) <= set(row.follows)
    return larger or more or (result.exhausts and not row.exhausts) or bool(result.blocked_by)


def _no_more_than(row: Correction, result: Correction) -> Correction:
    granted = or_zero(result.before.granted) + row.moved
    return replace(result, change=row.change, after=replace(result.after, granted=granted))
