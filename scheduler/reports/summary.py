"""What every form of a plan says in words: headline, effects, why not, guards, accounts, totals.

Used by the table, by Markdown and by the page, so that they never tell different stories.
"""

import re
from itertools import groupby

from core.plan import AccountSummary, Correction, GuardVerdict, Hold, HoldReason, Plan
from scheduler.reports.wording import clean, cloud, grouped, plural, signed

GUARDS = "Guards tripped"
FOOTNOTE = "Spent is the vendor's list-price estimate, never the invoice. Amounts in USD."
MASKED = "Names are masked; --show-names shows them."
_SHOWN_IDS = 5
# `ListSubCustomers: no answer came (ConnectionException) (no_answer)`: what core.errors puts around a sentence.
_CALL = re.compile(r"^[A-Za-z]\w*(?: at (\S+))?: ")
_OWN_CODES = re.compile(r" \((?:[a-z]+(?:_[a-z]+)*|\w+(?:Error|Exception|Timeout))\)")


def in_sync(plan: Plan) -> bool:
    """Whether there is nothing to do and nothing to tell."""
    quiet = not plan.corrections and not plan.holds and plan.complete
    return quiet and not any(account.attention for account in plan.accounts)


def headline(plan: Plan) -> str:
    """Say in one line what the plan comes to."""
    if in_sync(plan):
        count = plan.totals.in_sync
        return f"all in sync: {plural(count, 'customer stands', 'customers stand')} where you want them, nothing to do"
    parts = [
        plural(plan.totals.corrections, "correction") if plan.totals.corrections else "",
        _blocked(plan),
        f"{plan.totals.holds} not done" if plan.totals.holds else "",
    ]
    said = ", ".join(part for part in parts if part) or "nothing to correct"
    return f"{said}, {plan.totals.in_sync} in sync" + ("" if plan.complete else " (not everything could be read)")


def effects(row: Correction) -> tuple[str, ...]:
    """Say what a correction does to the customer, the figure first."""
    lines = [*_room(row), *row.effects]
    if row.waits:
        lines.append("waits for credit that cuts of this plan free")
    lines += [f"not sent: {blocker}" for blocker in row.blocked_by]
    return tuple(clean(line) for line in lines)


def why_not(row: Hold) -> tuple[str, str]:
    """Say why a correction is not made: the reason, and its particulars, which may be empty.

    A guard often holds many rows: each names it, and the guard's own sentence stands once below.
    """
    if row.reason is HoldReason.GUARD:
        would = f"it would be {signed(row.change)}; " if signed(row.change) else ""
        return clean(f"{row.reason.sentence}: {', '.join(row.blocked_by)}"), f"{would}see {GUARDS} below"
    return row.reason.sentence, "" if row.detail == row.reason.sentence else clean(row.detail)


def guards(plan: Plan) -> list[str]:
    """Say each tripped guard once: account, figures, what is allowed and what to write to let it pass."""
    moved = {(row.account, row.key): abs(row.moved.cents) for row in plan.holds}

    def size(verdict: GuardVerdict) -> int:
        return 0 if verdict.customer is None else moved.get((verdict.account, verdict.customer), 0)

    def place(verdict: GuardVerdict) -> tuple[str, str]:
        return verdict.account, verdict.guard

    tripped = [verdict for verdict in plan.guards if verdict.tripped]
    order = list(dict.fromkeys(map(place, tripped)))
    grouping = groupby(sorted(tripped, key=lambda verdict: order.index(place(verdict))), key=place)
    return [_guard(sorted(group, key=size, reverse=True)) for _, group in grouping]


def problems(plan: Plan) -> list[str]:
    """Name the accounts that could not be read as a whole, and what waits for a person in any of them."""
    unread = [_unread(account) for account in plan.accounts if account.problem]
    return unread + [f"{account.name}: {clean(line)}" for account in plan.accounts for line in account.attention]


def unread_with_account(plan: Plan) -> frozenset[Hold]:
    """Give the holds that say no more than that their whole account could not be read, which is said once."""
    unread = {account.name for account in plan.accounts if account.problem}
    return frozenset(row for row in plan.holds if row.reason is HoldReason.UNREADABLE and row.account in unread)


def plain_reason(problem: str) -> str:
    """Give why something could not be read for people: without the call, the exception's name and our own codes.

    A vendor's own code stays: its support asks for it.
    """
    return clean(_OWN_CODES.sub("", _CALL.sub("", problem)))


def account_lines(plan: Plan) -> list[str]:
    """One line per account: how many are in sync, the credit left to give out, who spends without a limit."""
    return [line for account in plan.accounts for line in _account(account, _left(plan, account))]


def totals(plan: Plan) -> str:
    """Say how much credit moves in all; what is blocked is not counted."""
    figures = plan.totals
    extras = [
        f"{figures.blocked} blocked by a write policy" if figures.blocked else "",
        f"{figures.holds} not done" if figures.holds else "",
    ]
    more = "".join(f", {extra}" for extra in extras if extra)
    return (
        f"Total: {plural(figures.corrections, 'correction')}, {grouped(figures.raised)} granted, "
        f"{grouped(figures.cut)} taken back{more}, {figures.in_sync} in sync."
    )


def _unread(account: AccountSummary) -> str:
    rows = plural(account.customers, "customer")
    call = _CALL.match(account.problem or "")
    where = f" at {clean(call[1])}" if call and call[1] else ""
    return (
        f"{account.name} could not be read{where}: {plain_reason(account.problem or '')}. "
        f"None of its {rows} was compared; `tidegate check --account {account.name}` tries the connection and the key."
    )


def _blocked(plan: Plan) -> str:
    if not plan.totals.blocked:
        return ""
    what = f"{plan.totals.blocked} more" if plan.totals.corrections else plural(plan.totals.blocked, "correction")
    return f"{what} blocked by a write policy"


def _guard(largest_first: list[GuardVerdict]) -> str:
    """Say a guard; one over single customers for the customer it is exceeded by most, whose figure passes them all."""
    first, more = largest_first[0], len(largest_first) - 1
    whom = first.account if first.customer is None else f"{first.account}, customer {first.customer.customer_id}"
    others = f" ({plural(more, 'more customer')} by less)" if more else ""
    return clean(f"{whom}: {first.sentence}") + others


def _room(row: Correction) -> list[str]:
    if row.after.granted is None or row.spent is None or row.change is None or row.change.cents == 0:
        return []
    left = row.after.granted - row.spent.high
    if left.cents < 0:
        return [f"{grouped(-left)} over what it may spend"]
    return [f"leaves {grouped(left)} to spend"]


def _left(plan: Plan, account: AccountSummary) -> str:
    if account.quota is None:
        return ""
    after = [row.quota_after for row in plan.corrections if row.account == account.name and row.quota_after is not None]
    line = f"{grouped(account.quota)} left to give out now"
    return f"{line}, {grouped(after[-1])} after this plan" if after and after[-1] != account.quota else line


def _account(account: AccountSummary, left: str) -> list[str]:
    facts = [
        f"{account.in_sync} of {plural(account.customers, 'customer')} in sync",
        "only watched (write_policy observe)" if account.write_policy == "observe" else "",
        left,
    ]
    lines = [f"{account.name} ({cloud(account.vendor)}): {', '.join(fact for fact in facts if fact)}"]
    if account.unlimited:
        shown = ", ".join(clean(each) for each in account.unlimited[:_SHOWN_IDS])
        more = len(account.unlimited) - _SHOWN_IDS
        rest = f" and {more} more" if more > 0 else ""
        lines.append(f"{account.name}: without a limit, never touched, yet spending: {shown}{rest}")
    if account.problem:
        return lines  # the notes would tell the same failure once for each thing that was asked
    return lines + [f"{account.name}: {plain_reason(note)}" for note in account.notes]
