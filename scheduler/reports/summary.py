"""What every form of a plan says in words: headline, effects, accounts, totals.

Used by the table and by Markdown, so that the two never tell different stories.
"""

from core.plan import AccountSummary, Correction, Plan
from scheduler.reports.wording import clean, cloud, grouped, plural

_SHOWN_IDS = 5


def in_sync(plan: Plan) -> bool:
    """Whether there is nothing to do and nothing to tell."""
    return not plan.corrections and not plan.holds and plan.complete


def headline(plan: Plan) -> str:
    """Say in one line what the plan comes to."""
    if in_sync(plan):
        count = plan.totals.in_sync
        return f"all in sync: {plural(count, 'customer stands', 'customers stand')} where you want them, nothing to do"
    parts = [
        plural(plan.totals.corrections, "correction") if plan.totals.corrections else "",
        f"{plan.totals.blocked} listed but blocked by a write policy" if plan.totals.blocked else "",
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


def problems(plan: Plan) -> list[str]:
    """Name the accounts that could not be read as a whole."""
    return [
        f"{account.name} could not be read: {clean(account.problem)}" for account in plan.accounts if account.problem
    ]


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
    return f"{line}, {grouped(after[-1])} after this plan" if after else line


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
    return lines + [f"{account.name}: {clean(note)}" for note in account.notes]
