"""Says where to look: the limits file's line of a customer that the vendor does not have, the host that did not answer.

Used by `plan` and `apply` before a plan is shown. Changes only what is said, never what is done.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.limit import CustomerKey, Limit
from core.plan import Hold, HoldReason, Plan

# How a failed call is begun in core.errors.ReadFailedError's sentence.
_CALL = re.compile(r"^([A-Z]\w*): ")
MOST_APART = 2  # characters: a slip of the hand, not another customer


def with_places(plan: Plan, limits: Sequence[Limit]) -> Plan:
    """Give the plan with the limits file's line, and the id perhaps meant, at each customer the vendor does not have.

    Meant may be one that the vendor lists and that no limit is written for.
    """
    if not any(_is_unknown(row) for row in plan.holds):
        return plan
    places = {limit.key: str(limit.source) for limit in limits if limit.source}
    spare = {account.name: account.unlimited for account in plan.accounts}
    holds = tuple(
        replace(row, detail=_said(row.key, places.get(row.key, ""), spare.get(row.account, ())))
        if _is_unknown(row)
        else row
        for row in plan.holds
    )
    return replace(plan, holds=holds)


def with_addresses(plan: Plan, addresses: Mapping[str, str]) -> Plan:
    """Give the plan with `host:port` at the call that failed, for each account that could not be read as a whole.

    The rest of the problem stays as core.errors wrote it: `Operation at host:port: sentence (code)`.
    """
    accounts = tuple(
        replace(account, problem=_at(account.problem, addresses[account.name]))
        if account.problem and account.name in addresses
        else account
        for account in plan.accounts
    )
    return replace(plan, accounts=accounts)


def nearest(text: str, known: Sequence[str]) -> str | None:
    """Give the one known text that differs by the fewest characters, at most two; None when none or several do."""
    distances = [(distance, each) for each in known if (distance := _apart(text, each)) <= MOST_APART]
    closest = min((distance for distance, _ in distances), default=0)
    found = [each for distance, each in distances if distance == closest]
    return found[0] if len(found) == 1 else None


def _at(problem: str, address: str) -> str:
    return _CALL.sub(f"\\1 at {address}: ", problem, count=1)


def _is_unknown(row: Hold) -> bool:
    return row.reason is HoldReason.UNKNOWN_CUSTOMER


def _said(key: CustomerKey, place: str, spare: Sequence[str]) -> str:
    where = f"{place}: correct or remove it" if place else "correct or remove its limit"
    meant = nearest(key.customer_id, spare)
    return f"{where}; did you mean {meant}?" if meant else where


def _apart(one: str, other: str) -> int:
    """Count the characters to be replaced, put in or taken out (Levenshtein), where the lengths are near."""
    if abs(len(one) - len(other)) > MOST_APART:
        return MOST_APART + 1
    above = list(range(len(other) + 1))
    for number, character in enumerate(one, 1):
        row = [number]
        for place, wanted in enumerate(other, 1):
            row.append(min(above[place] + 1, row[-1] + 1, above[place - 1] + (character != wanted)))
        above = row
    return above[-1]
