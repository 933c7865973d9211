"""What every form of a plan says in words: headline, effects, why not, guards, accounts, totals.

Used by the table, by Markdown and by the page, so that they never tell different stories.
"""

import re
from collections.abc import Mapping, Sequence

from core.limit import CustomerKey
from core.plan import AccountSummary, Correction, GuardVerdict, Hold, HoldReason, Plan, Row
from scheduler.reports import prospects
from scheduler.reports.wording import (
    action,
    clean,
    cloud,
    customer_id,
    figures_grouped,
    grouped,
    plural,
    sentence,
    signed,
)

GUARDS = "Guards tripped"
APPROVED = "Let pass by an approval"
FOOTNOTE = "Spent is the vendor's list-price estimate, never the invoice. Amounts in USD."
MASKED = "Names are masked; --show-names shows them."
_SHOWN_IDS = 5
# `ListSubCustomers: no answer came (ConnectionException) (no_answer)`: what core.errors puts around a sentence.
_CALL = re.compile(r"^[A-Za-z]\w*(?: at (\S+))?: ")
# What core.tally.way_out writes on one line; in a file each of the approval's keys has a line of its own.
_APPROVAL = re.compile(
    r"(?P<said>.*approve it): \[\[approvals\]\] (?P<pairs>.*?); (?P<rest>or write .*?)(?: \(an approval's keys .*\))?$"
)
_PAIRS = re.compile(r", (?=(?:customer|kind|up_to|until|approved_by|reason) = )")
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
    """Say what a correction does to the customer: what threatens it, then the figure, then the rest."""
    lines = [*warnings(row)]
    if row.urgent:
        lines.append("urgent: made before all others")
    lines += [*_room(row), *row.effects]
    if row.follows:
        lines.append(f"in steps: {steps(row)}")
    if row.restores:
        lines.append("gives back what a new month gives")
    lines += [prospects.counted_since(row.spent, row.as_of)]
    if row.waits:
        lines.append("waits for credit that cuts of this plan free")
    lines += [f"not sent: {blocker}" for blocker in row.blocked_by]
    return tuple(sentence(figures_grouped(line)) for line in lines if line)


def warnings(row: Row) -> tuple[str, ...]:
    """Say what a person must not overlook, whatever becomes of the row: a customer's data will be deleted."""
    deleted = prospects.data_deleted(row.data_deleted_after)
    return (deleted,) if deleted else ()


def steps(row: Correction) -> str:
    """Name what a correction does, in order: `set amount then release`."""
    return " then ".join(action(each) for each in (row.action, *row.follows))


def why_not(row: Hold) -> tuple[str, str]:
    """Say why a correction is not made: the reason, and its particulars, which may be empty.

    A guard often holds many rows: each names it, and the guard's own sentence stands once below.
    """
    if row.reason is HoldReason.GUARD:
        would = f"it would be {signed(row.change)}; " if signed(row.change) else ""
        return clean(f"{row.reason.sentence}: {', '.join(row.blocked_by)}"), f"{would}see {GUARDS} below"
    return row.reason.sentence, "" if row.detail == row.reason.sentence else sentence(row.detail)


def guards(plan: Plan) -> list[str]:
    """Say each tripped guard once: account, figures, what is allowed and what to write to let it pass."""
    moved = {(row.account, row.key): abs(row.moved.cents) for row in plan.holds}
    tripped = [verdict for verdict in plan.guards if verdict.tripped]
    return [_guard(group, _whom(group[0])) for group in _largest_first(tripped, moved)]


def way_out(line: str) -> tuple[str, tuple[str, ...], str] | None:
    """Take a tripped guard's sentence apart: what is said, the approval's lines as written in a file, what else helps.

    None where it proposes no approval.
    """
    found = _APPROVAL.match(line)
    if found is None:
        return None
    pairs = _PAIRS.split(found["pairs"])
    return found["said"], ("[[approvals]]", *pairs), found["rest"]


def guards_by_name(
    tripped: Sequence[GuardVerdict], moved: Mapping[tuple[str, CustomerKey], int]
) -> dict[str, dict[str, str]]:
    """Say the same by account and guard; `moved`: by how many cents each row in question would move its grant."""
    found: dict[str, dict[str, str]] = {}
    for group in _largest_first(tripped, moved):
        customer = group[0].customer
        whom = "" if customer is None else f"customer {customer.customer_id}"
        found.setdefault(group[0].account, {})[group[0].guard] = _guard(group, whom)
    return found


def approvals(plan: Plan) -> list[str]:
    """Say which guards let something pass because a person approved it: whose word, how far and until when."""
    passed = [verdict for verdict in plan.guards if not verdict.tripped and verdict.sentence]
    return [sentence(f"{_whom(verdict)}: {verdict.guard}: {verdict.sentence}") for verdict in passed]


def problems(plan: Plan) -> list[str]:
    """Name accounts that could not be read, what waits for a person in any of them, and whose data is at stake."""
    unread = [_unread(account) for account in plan.accounts if account.problem]
    waiting = [f"{account.name}: {sentence(line)}" for account in plan.accounts for line in account.attention]
    return [*unread, *waiting, *_deletions(plan)]


def unread_with_account(plan: Plan) -> frozenset[Hold]:
    """Give the holds that say no more than that their whole account could not be read, which is said once."""
    unread = {account.name for account in plan.accounts if account.problem}
    return frozenset(row for row in plan.holds if row.reason is HoldReason.UNREADABLE and row.account in unread)


def plain_reason(problem: str) -> str:
    """Give why something could not be read for people: without the call, the exception's name and our own codes.

    A vendor's own code stays: its support asks for it.
    """
    return clean(_OWN_CODES.sub("", _CALL.sub("", problem)))


def account_lines(plan: Plan, *, whole: bool = True) -> list[str]:
    """Each account: how many are in sync, the credit left to give out, what lies ahead, who spends without a limit.

    `whole` False: what lies ahead only where a person has to provide for it.
    """
    return [line for account in plan.accounts for line in _account(account, _left(plan, account), whole=whole)]


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


def _deletions(plan: Plan) -> list[str]:
    """Say once, before everything else, that customers will lose their data; each row says when."""
    rows = [(row.data_deleted_after, row) for row in (*plan.corrections, *plan.holds) if row.data_deleted_after]
    if not rows:
        return []
    first, row = min(rows, key=lambda found: found[0])
    if len(rows) == 1:
        return [f"The data of customer {customer_id(row.customer)} is deleted after {prospects.minute(first)}."]
    whose = f"the first of them {customer_id(row.customer)} after {prospects.minute(first)}"
    return [f"The data of {len(rows)} customers is going to be deleted, {whose}."]


def _blocked(plan: Plan) -> str:
    if not plan.totals.blocked:
        return ""
    what = f"{plan.totals.blocked} more" if plan.totals.corrections else plural(plan.totals.blocked, "correction")
    return f"{what} blocked by a write policy"


def _largest_first(
    tripped: Sequence[GuardVerdict], moved: Mapping[tuple[str, CustomerKey], int]
) -> list[list[GuardVerdict]]:
    """Put the verdicts of one guard over one account together, the customer first who is moved most."""

    def size(verdict: GuardVerdict) -> int:
        return 0 if verdict.customer is None else moved.get((verdict.account, verdict.customer), 0)

    groups: dict[tuple[str, str], list[GuardVerdict]] = {}
    for verdict in tripped:
        groups.setdefault((verdict.account, verdict.guard), []).append(verdict)
    return [sorted(group, key=size, reverse=True) for group in groups.values()]


def _guard(largest_first: list[GuardVerdict], whom: str) -> str:
    """Say a guard; one over single customers for the customer it is exceeded by most, whose figure passes them all."""
    first, more = largest_first[0], len(largest_first) - 1
    others = f" ({plural(more, 'more customer')} by less)" if more else ""
    return sentence(f"{whom}: {first.sentence}" if whom else first.sentence) + others


def _whom(verdict: GuardVerdict) -> str:
    if verdict.customer is None:
        return verdict.account
    return f"{verdict.account}, customer {verdict.customer.customer_id}"


def _room(row: Correction) -> list[str]:
    """Say what will be left to spend, and until about when it lasts."""
    lasts = "" if row.exhausts else prospects.exhausted(row.exhausted)
    if row.after.granted is None or row.spent is None or row.change is None or row.change.cents == 0:
        return [lasts]
    # What can be spent is not granted less spent where a permanent credit is followed: earlier months are in it too.
    left = row.available + row.change if row.available is not None else row.after.granted - row.spent.high
    if left.cents < 0:
        return [f"{grouped(-left)} over what it may spend"]
    return [f"leaves {grouped(left)} to spend" + (f", {lasts}" if lasts and left.cents else "")]


def _left(plan: Plan, account: AccountSummary) -> str:
    if account.quota is None:
        return ""
    after = [row.quota_after for row in plan.corrections if row.account == account.name and row.quota_after is not None]
    line = f"{grouped(account.quota)} left to give out now"
    return f"{line}, {grouped(after[-1])} after this plan" if after and after[-1] != account.quota else line


def _account(account: AccountSummary, left: str, *, whole: bool) -> list[str]:
    facts = [
        f"{account.in_sync} of {plural(account.customers, 'customer')} in sync",
        "only watched (write_policy observe)" if account.write_policy == "observe" else "",
        left,
    ]
    lines = [f"{account.name} ({cloud(account.vendor)}): {', '.join(fact for fact in facts if fact)}"]
    ahead = prospects.outlook_lines(account.outlook) if whole else prospects.pressing(account.outlook)
    if ahead:
        lines.append(f"{account.name}: {'; '.join(ahead)}")
    if account.unlimited:
        shown = ", ".join(clean(each) for each in account.unlimited[:_SHOWN_IDS])
        more = len(account.unlimited) - _SHOWN_IDS
        rest = f" and {more} more" if more > 0 else ""
        lines.append(f"{account.name}: without a limit, never touched, yet able to spend: {shown}{rest}")
    if account.problem:
        return lines  # the notes would tell the same failure once for each thing that was asked
    return lines + [f"{account.name}: {plain_reason(note)}" for note in account.notes]
