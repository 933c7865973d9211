"""The guards that count and cap: nothing surprising may be pushed because a file or an answer was wrong.

Called by core.planning on the corrections that nothing else holds; pure. A guard over one customer holds that customer;
a guard over an account holds every correction of the sort it counts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.limit import WritePolicy
from core.money import Money
from core.plan import Correction, Direction, GuardVerdict, Hold, HoldReason
from core.policy import AccountPolicy, Cap

PERCENT = 100
# No customer is exhausted unless somebody wrote down that it may be.
DEFAULT_EXHAUSTED = Cap(count=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFigures:
    """What percentages are taken of: limits in the account, money granted, and what went missing since last time."""

    customers: int
    granted: Money
    vanished: int = 0
    limits_removed: int = 0
    limits_before: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Count:
    """One guard's measured figure: a number of customers or an amount, and its share of `base`."""

    figure: int  # customers, or cents
    base: int
    is_money: bool

    def exceeds(self, cap: Cap) -> bool:
        """Whether every figure the cap gives is exceeded."""
        tests = []
        if cap.count is not None:
            tests.append(self.figure > cap.count)
        if cap.amount is not None:
            tests.append(self.figure > cap.amount.cents)
        if cap.percent is not None:
            # A share of nothing is exceeded by anything: a small or new account is no hole.
            tests.append(self.figure > 0 and self.figure * PERCENT > cap.percent * self.base)
        return bool(tests) and all(tests)

    def shown(self) -> str:
        """The figure as a person reads it."""
        what = str(Money(self.figure)) if self.is_money else _customers(self.figure)
        if not self.base:
            return what
        share = Decimal(self.figure * PERCENT) / self.base
        return f"{what} ({share:.1f} %)"


@dataclass(frozen=True, slots=True, kw_only=True)
class _AccountGuard:
    """A guard over an account: what it counts, and which corrections it holds when tripped."""

    name: str
    counts: Callable[[Sequence[Correction], AccountFigures], _Count]
    holds: Callable[[Correction], bool]
    what: str


def _sum(rows: Sequence[Correction], direction: Direction) -> int:
    return sum(abs(row.moved.cents) for row in rows if row.direction is direction)


# The order is the order of evaluation: what is already held is not counted again.
_ACCOUNT_GUARDS = (
    _AccountGuard(
        name="max_exhausted",
        counts=lambda rows, figures: _Count(
            figure=sum(1 for row in rows if row.exhausts), base=figures.customers, is_money=False
        ),
        holds=lambda row: row.exhausts,
        what="customers would be exhausted",
    ),
    _AccountGuard(
        name="max_vanished",
        counts=lambda _rows, figures: _Count(figure=figures.vanished, base=figures.customers, is_money=False),
        holds=lambda _row: True,
        what="customers no longer appear at the vendor",
    ),
    _AccountGuard(
        name="max_limits_removed",
        counts=lambda _rows, figures: _Count(figure=figures.limits_removed, base=figures.limits_before, is_money=False),
        holds=lambda _row: True,
        what="customers lost their limit since the last run",
    ),
    _AccountGuard(
        name="max_cut",
        counts=lambda rows, figures: _Count(
            figure=_sum(rows, Direction.CUT), base=figures.granted.cents, is_money=True
        ),
        holds=lambda row: row.direction is Direction.CUT,
        what="would be taken",
    ),
    _AccountGuard(
        name="max_raised",
        counts=lambda rows, figures: _Count(
            figure=_sum(rows, Direction.RAISE), base=figures.granted.cents, is_money=True
        ),
        holds=lambda row: row.direction is Direction.RAISE,
        what="would be granted",
    ),
    _AccountGuard(
        name="max_customers_changed",
        counts=lambda rows, figures: _Count(figure=len(rows), base=figures.customers, is_money=False),
        holds=lambda _row: True,
        what="customers would be changed",
    ),
)


def judge_guards(
    corrections: Sequence[Correction], policy: AccountPolicy, figures: AccountFigures
) -> tuple[list[Correction], list[Hold], list[GuardVerdict]]:
    """Split corrections into those that pass and those held, with every verdict."""
    verdicts: list[GuardVerdict] = []
    passing, holds = _single_changes(list(corrections), policy, verdicts)
    for guard in _ACCOUNT_GUARDS:
        counted = [row for row in passing if _counts(row, policy)]
        tripped = _tripped(guard, guard.counts(counted, figures), policy, verdicts)
        if not tripped:
            continue
        held = [guard.holds(row) and _counts(row, policy) for row in passing]
        holds += [
            row.held(HoldReason.GUARD, tripped, (guard.name,))
            for row, is_held in zip(passing, held, strict=True)
            if is_held
        ]
        passing = [row for row, is_held in zip(passing, held, strict=True) if not is_held]
    return passing, holds, verdicts


def caps(policy: AccountPolicy, name: str) -> list[Cap]:
    """Give the caps set under this name, in every place they are written; the default where there is one."""
    written = [getattr(settings, name) for settings in policy.guards]
    found = [cap for cap in written if cap is not None]
    if not found and name == "max_exhausted":
        return [DEFAULT_EXHAUSTED]
    return found


def _counts(row: Correction, policy: AccountPolicy) -> bool:
    # Under observe nothing is sent; the guards then speak of what sync would send.
    return not row.blocked_by or policy.write_policy is WritePolicy.OBSERVE


def _single_changes(
    corrections: list[Correction], policy: AccountPolicy, verdicts: list[GuardVerdict]
) -> tuple[list[Correction], list[Hold]]:
    passing: list[Correction] = []
    holds: list[Hold] = []
    limits = caps(policy, "max_single_change")
    for row in corrections:
        change = abs(row.moved)
        base = row.before.granted.cents if row.before.granted is not None else 0
        count = _Count(figure=change.cents, base=base, is_money=True)
        cap = next((cap for cap in limits if count.exceeds(cap)), None)
        if cap is None or not _counts(row, policy):
            passing.append(row)
            continue
        way_out = _way_out("max_single_change", count, policy)
        sentence = f"max_single_change: {count.shown()} would be changed, {_is_allowed(cap)}; {way_out}"
        verdicts.append(
            GuardVerdict(
                guard="max_single_change",
                account=policy.name,
                customer=row.key,
                tripped=True,
                figures=count.shown(),
                limit=_allowed(cap),
                sentence=sentence,
            )
        )
        holds.append(row.held(HoldReason.GUARD, sentence, ("max_single_change",)))
    return passing, holds


def _tripped(guard: _AccountGuard, count: _Count, policy: AccountPolicy, verdicts: list[GuardVerdict]) -> str:
    """Give the sentence of the first cap that is exceeded, empty when none is."""
    limits = caps(policy, guard.name)
    if not limits:
        return ""
    cap = next((cap for cap in limits if count.exceeds(cap)), None)
    shown = _allowed(cap or limits[0])
    sentence = ""
    if cap is not None:
        way_out = _way_out(guard.name, count, policy)
        sentence = f"{guard.name}: {count.shown()} {_verb(guard, count)}, {_is_allowed(cap)}; {way_out}"
    verdicts.append(
        GuardVerdict(
            guard=guard.name,
            account=policy.name,
            customer=None,
            tripped=cap is not None,
            figures=count.shown(),
            limit=shown,
            sentence=sentence,
        )
    )
    return sentence


def _verb(guard: _AccountGuard, count: _Count) -> str:
    verb = guard.what.removeprefix("customers ")
    return verb.replace("no longer appear ", "no longer appears ") if count.figure == 1 else verb


def _customers(count: int) -> str:
    return "1 customer" if count == 1 else f"{count} customers"


def _allowed(cap: Cap) -> str:
    given = []
    if cap.count is not None:
        given.append(_customers(cap.count))
    if cap.amount is not None:
        given.append(str(cap.amount))
    if cap.percent is not None:
        given.append(f"{cap.percent} %")
    return " and ".join(given) or "anything"


def _is_allowed(cap: Cap) -> str:
    if cap.count == 0:
        return "none is allowed"
    are = cap.count is not None and cap.count != 1
    return f"{_allowed(cap)} {'are' if are else 'is'} allowed"


def _way_out(name: str, count: _Count, policy: AccountPolicy) -> str:
    """Say what to write: one figure that is not exceeded is enough, but every place that gives the guard counts."""
    figure = f'amount = "{Money(count.figure)}"' if count.is_money else f"count = {count.figure}"
    section = f"[accounts.{policy.name}.guards]"
    is_set = any(getattr(settings, name) is not None for settings in policy.guards)
    place = f"wherever it is set, [guards] or {section}," if is_set else f"under {section}"
    return f"if it is meant, write {name} = {{ {figure} }} {place} for this change"
