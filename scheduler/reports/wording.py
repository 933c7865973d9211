"""The words and figures of every report: names, amounts, times and clouds as people read them.

Used by the renderers of this folder. Text that came from a vendor or a file passes through `clean` before it is
shown: a customer's name must not be able to move the cursor, forge a line or turn the reading direction.
"""

import re
import unicodedata
from datetime import UTC, datetime

from core.intent import Action, Position
from core.limit import Customer, Kind, OnExhaustion
from core.money import USD, Money
from core.plan import Row
from core.standing import Restriction, Spend

LONGEST_TEXT = 300
# Our own sentences may hold all that has to be written to let something pass; cut short they would be no help.
LONGEST_SENTENCE = 1500
# From so many letters on a masked word shows its last one too, and two at its beginning.
SHORT_WORD = 4
LONG_WORD = 6

_KINDS = {Kind.MONTHLY: "monthly", Kind.ONE_TIME: "one-time", Kind.CREDIT_LINE: "credit line"}
_ACTIONS = {
    Action.SET_AMOUNT: "set amount",
    Action.SET_KIND: "change kind",
    Action.SET_EXHAUSTION: "when used up",
    Action.RESTRICT: "restrict",
    Action.FREEZE: "freeze",
    Action.RELEASE: "release",
}
_RESTRICTIONS = {
    Restriction.NONE: "active",
    Restriction.RESTRICTED: "restricted",
    Restriction.FROZEN: "frozen",
    Restriction.SUSPENDED: "suspended",
}


# What stands in quotes, or is to be written into the configuration, is taken over as it is or refused there.
_LONG_FIGURE = re.compile(r'\[\[.*|"(?:[^"\\]|\\.)*"|(?<![\w.,/-])(\d{4,})(?=\.\d\d\b)', re.DOTALL)


def figures_grouped(text: str) -> str:
    """Write the amounts in a sentence (digits with two decimals) as everywhere else: 1,200.00.

    What is in double quotes stays as it is, and so does all from `[[` on: that is for the configuration.
    """
    return _LONG_FIGURE.sub(lambda found: f"{int(found[1]):,}" if found[1] else found[0], text)


def clean(text: str, longest: int = LONGEST_TEXT) -> str:
    """Make a text from outside safe to show on one line: no control, format or private characters, bounded length."""
    spaced = "".join(" " if character.isspace() else character for character in text)
    visible = "".join(character for character in spaced if not unicodedata.category(character).startswith("C"))
    single = " ".join(visible.split())
    return single if len(single) <= longest else f"{single[: longest - 3]}..."


def sentence(text: str) -> str:
    """Make a sentence of ours safe that has a text from outside in it; it may be longer than such a text itself."""
    return clean(text, LONGEST_SENTENCE)


def masked(name: str) -> str:
    """Hide a name but for the ends of its first word; the number of stars says nothing about its length.

    The first word is what tells names apart; the rest is often the same `Co., Ltd.`. Half of it or more stays hidden.
    """
    words = ["".join(letter for letter in word if letter.isalnum()) for word in clean(name).split()]
    first = next((word for word in words if word), clean(name)[:1])
    begins = 2 if len(first) >= LONG_WORD else 1
    ends = first[-1:] if len(first) >= SHORT_WORD else ""
    return f"{first[:begins]}***{ends}" if first else ""


def shown_name(name: str | None, *, show_names: bool) -> str:
    """Give a customer's name as it may be shown; empty when there is none."""
    if not name:
        return ""
    return clean(name) if show_names else masked(name)


def cloud(vendor: str) -> str:
    """Name the cloud for people."""
    return vendor.capitalize()


def grouped(amount: Money | None, unknown: str = "unknown") -> str:
    """Write an amount with thousands separators and two decimals, for tables only; what is not USD says so."""
    if amount is None:
        return unknown
    return f"{amount.to_decimal():,.2f}" + ("" if amount.currency == USD else f" {clean(amount.currency)}")


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


def restriction(value: Restriction | None) -> str:
    """Name how a customer is limited for people."""
    return "unknown" if value is None else _RESTRICTIONS[value]


def stands(row: Row, position: Position, *, absent: str) -> str:
    """Describe a position, one fact a line: the grant, then what else differs between before and after."""
    lines = [grouped(position.granted, absent)]
    if row.before.kind is not row.after.kind and row.after.kind is not None:
        lines.append(kind(position.kind))
    if row.before.on_exhaustion is not row.after.on_exhaustion and row.after.on_exhaustion is not None:
        lines.append(exhaustion(position.on_exhaustion))
    if row.before.restriction is not row.after.restriction and row.after.restriction is not None:
        lines.append(restriction(position.restriction))
    return "\n".join(lines)


def moment(at: datetime | None) -> str:
    """Write a time to the second, in UTC."""
    return "" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def customer_id(customer: Customer) -> str:
    """Give the id as it is shown: whole, so that it can be copied."""
    return clean(customer.key.customer_id)


def plural(count: int, one: str, many: str | None = None) -> str:
    """Count things in words: `1 customer`, `2 customers`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
