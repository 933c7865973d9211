"""What of a month needs somebody: who loses data, who stands still, who is over the limit or soon, what was not done.

Called by the report's page, which says it first and sorts each account's customers by it. Pure; an account that could
not be read and a month to provide for are among it.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from core.plan import HoldReason
from core.standing import Restriction
from scheduler.reports import prospects
from scheduler.reports.month import AccountMonth, MonthReport, MonthRow
from scheduler.reports.wording import clean, customer_id, grouped, plural, restriction

FULL, NEAR = Decimal(100), Decimal(90)
_SHOWN_IDS = 5
_NEVER = datetime.max.replace(tzinfo=UTC)
_PRESSING_HOLDS = frozenset(reason.word for reason in HoldReason if reason.needs_attention)


def lines(report: MonthReport) -> list[tuple[bool, str]]:
    """Give the sentences, most pressing first; True: a customer's data or an unread account is at stake."""
    rows = [row for account in report.accounts for row in account.rows]
    pressing = [*_deletions(rows), *_unread(report.accounts)]
    calm = [*_stopped(rows), *_full(rows), *_running_out(running_out(report)), *_held(rows), *_outside(rows)]
    calm += [*_unknown(rows), *_unlimited(rows), *_short(report.accounts)]
    return [*((True, line) for line in pressing), *((False, line) for line in calm)]


def running_out(report: MonthReport) -> list[MonthRow]:
    """Give who will, or may, exhaust the limit within the month: who is expected to, soonest first, then the rest."""
    found = [
        (not is_certain(row), row.forecast.earliest or _NEVER, row.key, row)
        for account in report.accounts
        for row in account.rows
        if row.forecast is not None and _ends_in(row, account)
    ]
    return [row for *_, row in sorted(found, key=lambda entry: entry[:3])]


def is_certain(row: MonthRow) -> bool:
    """Whether a customer is expected to exhaust the limit even if it spends as slowly as it has."""
    return row.forecast is not None and row.forecast.latest is not None


def expected(row: MonthRow) -> str:
    """Say when a customer will exhaust the limit, or may."""
    said = prospects.exhausted(row.forecast)
    return said if is_certain(row) else f"perhaps; {said}"


def left(row: MonthRow) -> str:
    """Say how much of the limit is left to spend, by the most that may be spent."""
    share, limit = row.share, row.limits[-1].amount
    if share is None or row.spent is None or row.spent.high is None:
        return ""
    rest = limit - row.spent.high
    return grouped(rest) if rest.cents > 0 else grouped(limit - limit)


def pressing_first(account: AccountMonth) -> list[MonthRow]:
    """Give all customers of an account: what needs somebody first, then by share of the limit, then by id."""
    return sorted(account.rows, key=lambda row: (_rank(row), -_low(row), row.key))


def held_lines(row: MonthRow) -> list[str]:
    """Give those of a row's lines that need somebody: as `month_table.facts` writes them."""
    held = [f"not done: {held.sentence}" for held in row.holds if held.reason in _PRESSING_HOLDS]
    stopped = [restriction(row.restriction)] if _is_stopped(row) else []
    return [clean(line) for line in (*held, *stopped)]


def _rank(row: MonthRow) -> int:
    marks = (
        row.data_deleted_after is not None,
        _is_stopped(row),
        _low(row) >= FULL,
        any(held.reason in _PRESSING_HOLDS for held in row.holds),
        _low(row) >= NEAR,
        row.forecast is not None and row.forecast.latest is not None,
        bool(row.holds) or row.spent is None,
    )
    return next((place for place, mark in enumerate(marks) if mark), len(marks))


def _low(row: MonthRow) -> Decimal:
    return row.share.low if row.share is not None else Decimal(-1)


def _is_stopped(row: MonthRow) -> bool:
    return row.restriction is not None and row.restriction is not Restriction.NONE


def _ends_in(row: MonthRow, account: AccountMonth) -> bool:
    earliest = row.forecast.earliest if row.forecast is not None else None
    return bool(row.limits) and earliest is not None and account.now <= earliest < account.ends and _low(row) < FULL


def _deletions(rows: Sequence[MonthRow]) -> list[str]:
    found = sorted((row.data_deleted_after, row.key, row) for row in rows if row.data_deleted_after is not None)
    if not found:
        return []
    first, _, row = found[0]
    if len(found) == 1:
        return [f"The data of customer {customer_id(row.customer)} is deleted after {prospects.minute(first)}."]
    whose = f"the first of them {customer_id(row.customer)} after {prospects.minute(first)}"
    return [f"The data of {len(found):,} customers is going to be deleted, {whose}."]


def _unread(accounts: Sequence[AccountMonth]) -> list[str]:
    return [
        f"{clean(account.name)} could not be read by its last run: {clean(account.look.problem)}."
        for account in accounts
        if account.look is not None and account.look.problem
    ]


def _stopped(rows: Sequence[MonthRow]) -> list[str]:
    stopped = [row for row in rows if _is_stopped(row)]
    sorts = Counter(restriction(row.restriction) for row in stopped)
    said = ", ".join(f"{count:,} {word}" for word, count in sorted(sorts.items()))
    return (
        [f"{plural(len(stopped), 'customer')} cannot buy or run all they want ({said}): {_ids(stopped)}."]
        if stopped
        else []
    )


def _full(rows: Sequence[MonthRow]) -> list[str]:
    full = sorted((row for row in rows if _low(row) >= FULL), key=lambda row: -_low(row))
    have = "has" if len(full) == 1 else "have"
    return [f"{plural(len(full), 'customer')} {have} spent the whole limit or more: {_ids(full)}."] if full else []


def _running_out(rows: Sequence[MonthRow]) -> list[str]:
    if not rows:
        return []
    certain = [row for row in rows if is_certain(row)]
    said = []
    if certain:
        are = "is" if len(certain) == 1 else "are"
        first = f"{customer_id(certain[0].customer)}, {prospects.exhausted(certain[0].forecast)}"
        said.append(
            f"{plural(len(certain), 'customer')} {are} expected to exhaust the limit this month; first {first}."
        )
    may = len(rows) - len(certain)
    if may:
        said.append(f"{plural(may, 'more customer' if certain else 'customer')} may exhaust it, at the fastest.")
    return said


def _held(rows: Sequence[MonthRow]) -> list[str]:
    found = Counter(held.sentence for row in rows for held in row.holds if held.reason in _PRESSING_HOLDS)
    return [
        f"{plural(count, 'correction')} {'was' if count == 1 else 'were'} not made by the last run: {clean(sentence)}."
        for sentence, count in found.most_common()
    ]


def _outside(rows: Sequence[MonthRow]) -> list[str]:
    changed = [row for row in rows if row.outside]
    count = sum(len(row.outside) for row in changed)
    return [f"{plural(count, 'change')} made outside Tidegate: {_ids(changed)}."] if changed else []


def _unknown(rows: Sequence[MonthRow]) -> list[str]:
    unknown = [row for row in rows if row.spent is None and row.limits]
    return [f"The spend of {plural(len(unknown), 'customer')} is not known: {_ids(unknown)}."] if unknown else []


def _unlimited(rows: Sequence[MonthRow]) -> list[str]:
    free = [row for row in rows if not row.limits and row.spent is not None and row.spent.low.cents > 0]
    return [f"{plural(len(free), 'customer')} spent without a limit: {_ids(free)}."] if free else []


def _short(accounts: Sequence[AccountMonth]) -> list[str]:
    """Say of each account what the next month needs beyond what is left to give out."""
    found = []
    for account in accounts:
        look = account.look
        needs = look.outlook.rollover if look is not None and look.outlook is not None else None
        if look is None or needs is None or look.quota is None or needs <= look.quota:
            continue
        name = clean(account.name)
        found.append(f"{name}: the next month will need {grouped(needs)} of credit, {grouped(look.quota)} is left.")
    return found


def _ids(rows: Sequence[MonthRow]) -> str:
    shown = ", ".join(customer_id(row.customer) for row in rows[:_SHOWN_IDS])
    more = len(rows) - _SHOWN_IDS
    return f"{shown} and {more:,} more" if more > 0 else shown
