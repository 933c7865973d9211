"""The guards that count and cap: nothing surprising may be pushed because a file or an answer was wrong.

Called by core.planning on the corrections that nothing else holds; pure. A guard over one customer holds that customer;
a guard over an account holds every correction of the sort it counts. What a person approved passes, up to the figure
and until the time that were approved. A release is nobody's loss: no guard counts it or holds it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.intent import Action
from core.limit import CustomerKey, WritePolicy
from core.money import Money
from core.plan import Correction, Direction, GuardVerdict, Hold, HoldReason
from core.policy import AccountPolicy, Approval, Cap
from core.tally import Tally, allowed, approved, each_approved, is_allowed, way_out

# No customer is exhausted unless somebody wrote down that it may be.
DEFAULT_EXHAUSTED = Cap(count=0)
FREEZE_APPROVAL = "freeze"
_SINGLE = "max_single_change"
# What these actions do moves no amount, whatever amount stands in their row.
_MOVES_NO_MONEY = frozenset({Action.FREEZE, Action.RESTRICT, Action.RELEASE})


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFigures:
    """What percentages are taken of: limits in the account, money granted, and what went missing since last time."""

    customers: int
    granted: Money
    vanished: int = 0
    limits_removed: int = 0
    limits_before: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _AccountGuard:
    """A guard over an account: which corrections it counts, and holds when tripped.

    `missing`: it counts what is no longer there instead, and no customer's approval changes that.
    """

    name: str
    what: str
    sort: Callable[[Correction], bool]
    base: Callable[[AccountFigures], int] = lambda figures: figures.customers
    is_money: bool = False
    missing: Callable[[AccountFigures], int] | None = None

    def count(self, rows: Sequence[Correction], figures: AccountFigures) -> Tally:
        """Measure these rows."""
        figure = self.missing(figures) if self.missing is not None else sum(map(self.figure_of, rows))
        return Tally(figure=figure, base=self.base(figures), is_money=self.is_money)

    def figure_of(self, row: Correction) -> int:
        """What one row adds to the figure."""
        return _cents(row) if self.is_money else 1


def _raises(row: Correction) -> bool:
    return row.direction is Direction.RAISE and row.action not in _MOVES_NO_MONEY


# The order is the order of evaluation: what is already held is not counted again.
_ACCOUNT_GUARDS = (
    _AccountGuard(name="max_exhausted", what="customers would be exhausted", sort=lambda row: row.exhausts),
    _AccountGuard(
        name="max_vanished",
        what="customers no longer appear at the vendor",
        sort=lambda _row: True,
        missing=lambda figures: figures.vanished,
    ),
    _AccountGuard(
        name="max_limits_removed",
        what="customers lost their limit since the last run",
        sort=lambda _row: True,
        base=lambda figures: figures.limits_before,
        missing=lambda figures: figures.limits_removed,
    ),
    _AccountGuard(
        name="max_cut",
        what="would be taken",
        sort=lambda row: row.direction is Direction.CUT and row.action not in _MOVES_NO_MONEY,
        base=lambda figures: figures.granted.cents,
        is_money=True,
    ),
    _AccountGuard(
        name="max_restored",
        what="would be granted to restore what a new period gives",
        sort=lambda row: _raises(row) and row.restores,
        base=lambda figures: figures.granted.cents,
        is_money=True,
    ),
    _AccountGuard(
        name="max_raised",
        what="would be granted",
        sort=lambda row: _raises(row) and not row.restores,
        base=lambda figures: figures.granted.cents,
        is_money=True,
    ),
    # What a new period gives back has its own cap; counted here, it would hold every month's opening.
    _AccountGuard(name="max_customers_changed", what="customers would be changed", sort=lambda row: not row.restores),
)


class _Approvals:
    """The approvals of one account that are in force: the largest of each kind, for it and for each customer."""

    def __init__(self, policy: AccountPolicy, now: datetime) -> None:
        self._largest: dict[tuple[str, str | None], Approval] = {}
        for approval in policy.approvals:
            if not _in_force(approval, policy, now) or approval.up_to is None:
                continue
            place = (approval.kind, approval.customer_id)
            known = self._largest.get(place)
            if known is None or known.up_to is None or known.up_to < approval.up_to:
                self._largest[place] = approval

    def covering(self, kind: str, customer: str | None, figure: int) -> Approval | None:
        """Give the approval for a customer, or the account's own for None, that reaches this figure."""
        found = self._largest.get((kind, customer))
        return found if found is not None and found.up_to is not None and figure <= found.up_to else None


@dataclass(frozen=True, slots=True)
class _Bench:
    """What every guard of one account judges by."""

    policy: AccountPolicy
    figures: AccountFigures
    approvals: _Approvals
    now: datetime


def judge_guards(
    corrections: Sequence[Correction], policy: AccountPolicy, figures: AccountFigures, now: datetime
) -> tuple[list[Correction], list[Hold], list[GuardVerdict]]:
    """Split corrections into those that pass and those held, with every verdict; approvals count while now < until."""
    bench = _Bench(policy, figures, _Approvals(policy, now), now)
    verdicts: list[GuardVerdict] = []
    passing, holds = _single_changes(list(corrections), bench, verdicts)
    for guard in _ACCOUNT_GUARDS:
        sort = [row for row in passing if _counts(row, policy) and guard.sort(row)]
        words = [_word_for(row, guard, bench.approvals) for row in sort]
        counted = [row for row, word in zip(sort, words, strict=True) if word is None]
        free = [(row.key, word) for row, word in zip(sort, words, strict=True) if word is not None]
        verdict = _verdict(guard, guard.count(sort, figures), guard.count(counted, figures), free, bench)
        if verdict is None:
            continue
        verdicts.append(verdict)
        if verdict.tripped:
            held = set(map(id, counted))
            holds += [row.held(HoldReason.GUARD, verdict.sentence, (guard.name,)) for row in counted]
            passing = [row for row in passing if id(row) not in held]
    return passing, holds, verdicts


def caps(policy: AccountPolicy, name: str) -> list[Cap]:
    """Give the caps set under this name, in every place they are written; the default where there is one."""
    written = [getattr(settings, name) for settings in policy.guards]
    found = [cap for cap in written if cap is not None]
    if not found and name == "max_exhausted":
        return [DEFAULT_EXHAUSTED]
    return found


def freeze_approved(policy: AccountPolicy, customer_id: str, now: datetime) -> Approval | None:
    """Give the approval, in force, that this very customer may be frozen; an account's alone is none."""
    for approval in policy.approvals:
        names_it = approval.kind == FREEZE_APPROVAL and approval.customer_id == customer_id
        if names_it and _in_force(approval, policy, now):
            return approval
    return None


def _in_force(approval: Approval, policy: AccountPolicy, now: datetime) -> bool:
    # One that names neither account nor customer is for nobody.
    for_us = approval.account == policy.name or (approval.account is None and approval.customer_id is not None)
    return for_us and now < approval.until


def _counts(row: Correction, policy: AccountPolicy) -> bool:
    # Under observe nothing is sent; the guards then speak of what sync would send.
    sent = not row.blocked_by or policy.write_policy is WritePolicy.OBSERVE
    return sent and row.action is not Action.RELEASE


def _cents(row: Correction) -> int:
    return 0 if row.action in _MOVES_NO_MONEY else abs(row.moved.cents)


def _word_for(row: Correction, guard: _AccountGuard, approvals: _Approvals) -> Approval | None:
    """Give the approval that takes this customer out of what the guard counts."""
    if guard.missing is not None:
        return None
    return approvals.covering(guard.name, row.key.customer_id, guard.figure_of(row))


def _single_changes(
    corrections: list[Correction], bench: _Bench, verdicts: list[GuardVerdict]
) -> tuple[list[Correction], list[Hold]]:
    passing: list[Correction] = []
    holds: list[Hold] = []
    limits = caps(bench.policy, _SINGLE)
    for row in corrections:
        base = row.before.granted.cents if row.before.granted is not None else 0
        count = Tally(figure=_cents(row), base=base, is_money=True)
        cap = next((cap for cap in limits if count.exceeds(cap)), None)
        if cap is None or not _counts(row, bench.policy):
            passing.append(row)
            continue
        verdict = _single_verdict(row.key, count, cap, bench)
        verdicts.append(verdict)
        if verdict.tripped:
            holds.append(row.held(HoldReason.GUARD, verdict.sentence, (_SINGLE,)))
        else:
            passing.append(row)
    return passing, holds


def _single_verdict(key: CustomerKey, count: Tally, cap: Cap, bench: _Bench) -> GuardVerdict:
    """Judge one customer's change that exceeds a cap: only a word for the customer, or the account, lets it pass."""
    own = bench.approvals.covering(_SINGLE, key.customer_id, count.figure)
    approval = own or bench.approvals.covering(_SINGLE, None, count.figure)
    if approval is not None:
        sentence = approved(count, approval)
    else:
        out = way_out(_SINGLE, count, bench.policy, bench.now, key)
        sentence = f"{_SINGLE}: {count.shown()} would be changed, {is_allowed(cap)}; {out}"
    return GuardVerdict(
        guard=_SINGLE,
        account=bench.policy.name,
        customer=key,
        tripped=approval is None,
        figures=count.shown(),
        limit=allowed(cap),
        sentence=sentence,
    )


def _verdict(
    guard: _AccountGuard, whole: Tally, count: Tally, free: Sequence[tuple[CustomerKey, Approval]], bench: _Bench
) -> GuardVerdict | None:
    """Judge what is left when approved customers are taken out of the `whole`; None where the guard is off."""
    limits = caps(bench.policy, guard.name)
    if not limits:
        return None
    cap = next((cap for cap in limits if count.exceeds(cap)), None)
    approval = bench.approvals.covering(guard.name, None, count.figure) if cap is not None else None
    tripped = cap is not None and approval is None
    sentence = ""
    if approval is not None:
        sentence = approved(count, approval)
    elif cap is not None:
        besides = " besides what is approved" if free else ""
        out = way_out(guard.name, count, bench.policy, bench.now, None)
        sentence = f"{guard.name}: {count.shown()} {_verb(guard, count)}{besides}, {is_allowed(cap)}; {out}"
    elif any(whole.exceeds(cap) for cap in limits):
        sentence = each_approved(count, free)
    return GuardVerdict(
        guard=guard.name,
        account=bench.policy.name,
        customer=None,
        tripped=tripped,
        figures=count.shown(),
        limit=allowed(cap or limits[0]),
        sentence=sentence,
    )


def _verb(guard: _AccountGuard, count: Tally) -> str:
    verb = guard.what.removeprefix("customers ")
    return verb.replace("no longer appear ", "no longer appears ") if count.figure == 1 else verb
