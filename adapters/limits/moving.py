"""Amounts that move: `top_up` and its ceiling, a temporary amount, an amount from a day on.

Called by adapters.limits.row. Each is written in two or three columns that mean something only together.
"""

from decimal import Decimal

from adapters.limits.cells import Cells
from core.limit import Dated, Temporary, TopUp
from core.money import ZERO, Money

BELOW = Decimal(20)


def top_up_of(cells: Cells, amount: Money | None) -> TopUp | None:
    """Read `top_up`, `top_up_below` and `top_up_max`; `amount` is the limit's, None where it could not be read."""
    step, below, most = cells.amount("top_up"), cells.share("top_up_below"), cells.amount("top_up_max")
    if not cells.text("top_up"):
        for column in ("top_up_below", "top_up_max"):
            if cells.text(column):
                cells.fault(column, f"{column} means something only with top_up: write top_up too, or remove {column}")
        return None
    if step == ZERO:
        cells.fault("top_up", "a step of zero adds nothing: write more, or remove top_up")
    if amount == ZERO:
        cells.fault("top_up", "an amount of zero is never topped up: write another amount, or remove top_up")
    _judge_ceiling(cells, amount, most)
    if step is None or most is None:
        return None
    return TopUp(step=step, below=below if below is not None else BELOW, most=most)


def _judge_ceiling(cells: Cells, amount: Money | None, most: Money | None) -> None:
    if not cells.text("top_up_max"):
        cells.fault("top_up", "top_up needs a ceiling: write top_up_max, the most the amount may grow to in a period")
    elif most is not None and amount is not None and most <= amount:
        cells.fault("top_up_max", f"top_up_max {most} is not more than the amount {amount}: write more")


def temporary_of(cells: Cells) -> Temporary | None:
    """Read `temporary_amount`, `temporary_from` and `temporary_until`."""
    amount = cells.amount("temporary_amount")
    starts, until = cells.day("temporary_from"), cells.day("temporary_until")
    if not cells.text("temporary_amount"):
        for column in ("temporary_from", "temporary_until"):
            if cells.text(column):
                cells.fault(column, f"{column} says when, and nothing says how much: write temporary_amount too")
        return None
    if not cells.text("temporary_until"):
        sentence = "a temporary amount needs an end: write temporary_until, the day on which it is taken back"
        cells.fault("temporary_amount", sentence)
    if starts is not None and until is not None and starts >= until:
        sentence = f"it begins on {starts} and would end on {until}: write an earlier day, or a later temporary_until"
        cells.fault("temporary_from", sentence)
    if amount is None or until is None:
        return None
    return Temporary(amount=amount, until=until, starts=starts)


def later_of(cells: Cells) -> Dated | None:
    """Read `next_amount` and `next_from`."""
    amount, starts = cells.amount("next_amount"), cells.day("next_from")
    pairs = (("next_amount", "next_from", "from which day on"), ("next_from", "next_amount", "how much"))
    for column, other, question in pairs:
        if cells.text(column) and not cells.text(other):
            cells.fault(column, f"nothing says {question}: write {other} too, or remove {column}")
    return Dated(amount, starts) if amount is not None and starts is not None else None
