"""What a guard counted: held against a cap or an approval, and said in words, with what to write to let it pass.

Called by core.guards alone; pure. It decides nothing about corrections.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from core.limit import CustomerKey
from core.money import Money
from core.policy import AccountPolicy, Approval, Cap

PERCENT = 100
# How long the approval that a sentence proposes would last: for this change, and not for the next month's.
PROPOSED = timedelta(days=7)
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
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
        what = self.sized(self.figure)
        if not self.base:
            return what
        share = Decimal(self.figure * PERCENT) / self.base
        return f"{what} ({share:.1f} %)"

    def sized(self, figure: int) -> str:
        """Another figure of the same sort, as a person reads it."""
        return str(Money(figure)) if self.is_money else _customers(figure)

    def written(self) -> str:
        """The figure as the configuration takes it."""
        return f'"{Money(self.figure)}"' if self.is_money else str(self.figure)


def allowed(cap: Cap) -> str:
    """Say what a cap allows."""
    given = []
    if cap.count is not None:
        given.append(_customers(cap.count))
    if cap.amount is not None:
        given.append(str(cap.amount))
    if cap.percent is not None:
        given.append(f"{cap.percent} %")
    return " and ".join(given) or "anything"


def is_allowed(cap: Cap) -> str:
    """Say the same as the end of a sentence."""
    if cap.count == 0:
        return "none is allowed"
    are = cap.count is not None and cap.count != 1
    return f"{allowed(cap)} {'are' if are else 'is'} allowed"


def approved(tally: Tally, approval: Approval) -> str:
    """Say by whose word a figure passes."""
    up_to = f" up to {tally.sized(approval.up_to)}" if approval.up_to is not None else ""
    until = approval.until.strftime("%Y-%m-%d %H:%M %Z")
    return f"approved{up_to} by {approval.approved_by} until {until}: {approval.reason}"


def each_approved(tally: Tally, approvals: Sequence[tuple[CustomerKey, Approval]]) -> str:
    """Say which customers were not counted, and by whose word; the first few by name."""
    said = [f"{key.customer_id} {approved(tally, approval)}" for key, approval in approvals[:_NAMED]]
    more = len(approvals) - len(said)
    return "; ".join([*said, f"and {_customers(more)} more"] if more else said)


def way_out(guard: str, tally: Tally, policy: AccountPolicy, now: datetime, customer: CustomerKey | None) -> str:
    """Say what to write to let it pass: an approval, on one line here and on lines of its own there; or another cap.

    Of a cap one figure that is not exceeded is enough, but every place that gives the guard counts.
    """
    zone = ZoneInfo(policy.billing_timezone)
    pairs = [f"account = {_quoted(policy.name)}"]
    pairs += [f"customer = {_quoted(customer.customer_id)}"] if customer is not None else []
    pairs += [f'kind = "{guard}"', f"up_to = {tally.written()}"]
    pairs += [f"until = {(now + PROPOSED).astimezone(zone).date()}", 'approved_by = "…"', 'reason = "…"']
    section = f"[accounts.{policy.name}.guards]"
    is_set = any(getattr(settings, guard) is not None for settings in policy.guards)
    place = f"wherever it is set, [guards] or {section}," if is_set else f"under {section}"
    cap = f"{{ {'amount' if tally.is_money else 'count'} = {tally.written()} }}"
    return (
        f"if it is meant, approve it: [[approvals]] {', '.join(pairs)}; "
        f"or write {guard} = {cap} {place} for this change (an approval's keys stand on lines of their own)"
    )


def _quoted(text: str) -> str:
    # JSON's strings are TOML's basic strings.
    return json.dumps(text, ensure_ascii=False)


def _customers(count: int) -> str:
    return "1 customer" if count == 1 else f"{count} customers"
