"""The words and figures of every report: names, amounts, times and clouds as people read them.

Used by the renderers of this folder. Text that came from a vendor or a file passes through `clean` before it is
shown: a customer's name must not be able to move the cursor, forge a line or turn the reading direction.
"""

import unicodedata
from datetime import datetime

from core.intent import Action, Position
from core.limit import Customer, Kind, OnExhaustion
from core.money import Money
from core.plan import Row
from core.standing import Spend

LONGEST_TEXT = 300
SPEND_NOTE = "Spent is the vendor's list-price estimate, never the invoice."

_KINDS = {Kind.MONTHLY: "monthly", Kind.ONE_TIME: "one-time", Kind.CREDIT_LINE: "credit line"}
_ACTIONS = {
    Action.SET_AMOUNT: "set amount",
    Action.SET_KIND: "change kind",
    Action.SET_EXHAUSTION: "set what happens when it is used up",
    Action.RESTRICT: "restrict",
    Action.FREEZE: "freeze",
    Action.RELEASE: "release",
}


def clean(text: str) -> str:
    """Make a text from outside safe to show on one line: no control, format or private characters, bounded length."""
    spaced = "".join(" " if character.isspace() else character for character in text)
    visible = "".join(character for character in spaced if not unicodedata.category(character).startswith("C"))
    single = " ".join(visible.split())
    return single if len(single) <= LONGEST_TEXT else f"{single[: LONGEST_TEXT - 3]}..."


def masked(name: str) -> str:
    """Hide a name but for its first and last character; the number of stars says nothing about its length."""
    text = clean(name)
    ends = text[:1], text[1:][1:][-1:]  # of one or two characters the last would be all there is to hide
    return "***".join(ends) if text else ""


def shown_name(name: str | None, *, show_names: bool) -> str:
    """Give a customer's name as it may be shown; empty when there is none."""
    if not name:
        return ""
    return clean(name) if show_names else masked(name)


def cloud(vendor: str) -> str:
    """Name the cloud for people."""
    return vendor.capitalize()


def grouped(amount: Money | None, unknown: str = "unknown") -> str:
    """Write an amount with thousands separators and two decimals, for tables only."""
    return unknown if amount is None else f"{amount.to_decimal():,.2f}"


def signed(amount: Money | None) -> str:
    """Write a change with its sign, which carries the meaning where there is no colour; empty when nothing moves."""
    return "" if amount is None or amount.cents == 0 else f"{amount.to_decimal():+,.2f}"


def spent(spend: Spend | None) -> str:
    """Write metered spend; an interval where it is not exact."""
    if spend is None:
        return "unknown"
    if spend.low == spend.high:
        return grouped(spend.high)
    return f"{grouped(spend.low)} to {grouped(spend.high)}"


def kind(value: Kind | None) -> str:
    """Name a kind for people."""
    return "no kind" if value is None else _KINDS[value]


def exhaustion(value: OnExhaustion | None) -> str:
    """Name what happens at exhaustion for people."""
    return "unknown" if value is None else value.value


def action(value: Action | None) -> str:
    """Name an action for people."""
    return "" if value is None else _ACTIONS[value]


def stands(row: Row, position: Position, *, absent: str) -> str:
    """Describe a position, one fact a line: the grant, then what else differs between before and after."""
    lines = [grouped(position.granted, absent)]
    if row.before.kind is not row.after.kind and row.after.kind is not None:
        lines.append(kind(position.kind))
    if row.before.on_exhaustion is not row.after.on_exhaustion and row.after.on_exhaustion is not None:
        lines.append(exhaustion(position.on_exhaustion))
    if row.before.restriction is not row.after.restriction and row.after.restriction is not None:
        lines.append("unknown" if position.restriction is None else position.restriction.value)
    return "\n".join(lines)


def moment(at: datetime | None) -> str:
    """Write a time to the second, in UTC."""
    return "" if at is None else f"{at:%Y-%m-%d %H:%M:%S}Z"


def customer_id(customer: Customer) -> str:
    """Give the id as it is shown: whole, so that it can be copied."""
    return clean(customer.key.customer_id)


def plural(count: int, one: str, many: str | None = None) -> str:
    """Count things in words: `1 customer`, `2 customers`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
