"""What needs somebody, in plain words: the first thing the page says, and the whole of it when nothing is wrong.

Called by scheduler.web.overview. Told from the board alone, so that it is true without any channel for alerts.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.alerts import Severity
from scheduler.reports.board import AccountBoard, Attention, Board, CustomerLine
from scheduler.reports.summary import plain_reason
from scheduler.reports.wording import clean, customer_id, figures_grouped, plural, sentence
from scheduler.web.choosing import deleted_after, is_for_somebody, may_be_spared, needs_somebody
from scheduler.web.places import anchor, customer_link
from scheduler.web.query import Query
from scheduler.web.times import Times, length

ALERTS = "#alerts"  # where on the page they stand
_MOST_FAULTS = 20  # whoever mends the file reads the rest where they mend it


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing that somebody has to do. `link`: where it is shown in full; `more` and `lines`: particulars."""

    sentence: str
    more: str = ""
    remedy: str = ""
    link: str = ""
    lines: tuple[str, ...] = ()


def needs(board: Board, times: Times) -> list[Need]:
    """Give all that needs somebody, what concerns everything first."""
    found = list(_of_everything(board))
    # Whose trouble is named here: an alert about the same is not counted again.
    told: set[tuple[str | None, str | None]] = {(dispute.account, None) for dispute in board.disputes}
    for account in board.accounts:
        own = list(_of_account(account, Times(account.zone, times.now), board.started_at))
        told |= {(account.name, None)} if own else set()
        told |= {(account.name, line.key.customer_id) for line in account.customers if needs_somebody(line, times.now)}
        found += own
    return [*found, *_of_customers(board, times), *_of_alerts(board, told)]


def headline(board: Board, found: Sequence[Need]) -> str:
    """Say in one line whether somebody is needed."""
    if found:
        return f"{plural(len(found), 'thing needs', 'things need')} somebody"
    if board.alerts:
        return f"Nothing needs anybody, {plural(len(board.alerts), 'alert stands', 'alerts stand')}"
    return "Nothing needs anybody"


def is_well(board: Board, found: Sequence[Need]) -> bool:
    """Whether all is known to be well: of an account that was never read nobody knows."""
    return not found and all(account.read_at is not None for account in board.accounts)


def is_late(account: AccountBoard, times: Times, started_at: datetime | None) -> bool:
    """Whether no run has read the account for longer than it may take; one never read, since the daemon began."""
    since = account.read_at or started_at
    return since is not None and times.now - since > account.late_after


def _of_everything(board: Board) -> Iterator[Need]:
    if board.config_faults:
        yield Need(
            sentence="The configuration was changed, and it is not whole: the last whole one stays in force",
            remedy="mend these lines; `tidegate check` reads them as the daemon does",
            lines=tuple(sentence(line) for line in board.config_faults[:_MOST_FAULTS]),
        )
    of_accounts = [dispute for dispute in board.disputes if dispute.customer is None]
    if of_accounts:
        yield Need(
            sentence=f"{plural(len(of_accounts), 'dispute')} over a whole account: a person has to say what is true",
            link="#open",
        )


def _of_account(account: AccountBoard, times: Times, started_at: datetime | None) -> Iterator[Need]:
    name, link = clean(account.name), f"#{anchor(account.name)}"
    check = f"`tidegate check --account {name}` tries the connection and the key"
    if account.problem:
        since = f" since {times.minute(account.problem_since)}" if account.problem_since else ""
        why = plain_reason(account.problem)
        yield Need(sentence=f"{name} cannot be read{since}", more=why, remedy=check, link=link)
    elif is_late(account, times, started_at):
        yield Need(
            sentence=f"{name} {_unread(account, times, started_at)}, and should be every {length(account.every)}",
            remedy="look into the daemon's log: `journalctl -u tidegate`",
            link=link,
        )
    if account.clock_problem:
        said = sentence(account.clock_problem)
        yield Need(sentence=f"{name}: {said}", remedy="set this machine's clock (NTP)", link=link)
    for guard, said in account.guards.items():
        more = figures_grouped(sentence(said))
        yield Need(sentence=f"{name}: guard {clean(guard)} is tripped", more=more, link=link)
    for said in account.attention:
        yield Need(sentence=f"{name}: {figures_grouped(sentence(said))}", link=link)


def _unread(account: AccountBoard, times: Times, started_at: datetime | None) -> str:
    if account.read_at is not None:
        return f"was last read {length(times.now - account.read_at)} ago"
    return f"was never read, {length(times.now - (started_at or times.now))} after the daemon began"


def _of_alerts(board: Board, told: Container[tuple[str | None, str | None]]) -> Iterator[Need]:
    """Give what no other need says: whoever reads nothing but the page's first line must not miss it."""
    grave = [
        alert
        for alert in board.alerts
        if alert.severity == Severity.CRITICAL and (alert.account, alert.customer_id) not in told
    ]
    if len(grave) == 1:
        yield Need(sentence=figures_grouped(sentence(grave[0].sentence)), link=ALERTS)
    elif grave:
        yield Need(sentence=f"{len(grave):,} critical alerts stand", link=ALERTS)


def _of_customers(board: Board, times: Times) -> Iterator[Need]:
    by: dict[Attention, list[CustomerLine]] = {attention: [] for attention in Attention}
    for account in board.accounts:
        for line in account.customers:
            for attention in line.attention:
                if is_for_somebody(attention, line, times.now):
                    by[attention].append(line)
    for attention, lines in by.items():
        if lines:
            yield _of(attention, lines, times)


def _of(attention: Attention, lines: list[CustomerLine], times: Times) -> Need:
    link = Query().asking(attention).address()
    if len(lines) == 1:
        line = lines[0]
        link = customer_link(line.key)
        whom, verb = f"Customer {customer_id(line.customer)}", "is"
    else:
        whom, verb = f"{len(lines):,} customers", "are"
    match attention:
        case Attention.DELETION:
            return Need(
                sentence=f"{whom} {_losing(lines, times)}",
                remedy="give room to spend again, or `tidegate release`",
                link=link,
            )
        case Attention.DISPUTED:
            return Need(
                sentence=f"{whom} {verb} disputed: a person has to say what is true",
                remedy="look at the vendor's console, then `tidegate settle`",
                link=link,
            )
        case _:
            what = "a correction that was not made" if len(lines) == 1 else "corrections that were not made"
            return Need(sentence=f"{whom} {'has' if len(lines) == 1 else 'have'} {what}", link=link)


def _losing(lines: Sequence[CustomerLine], times: Times) -> str:
    """Say when data is deleted."""
    loses = "may lose" if any(map(may_be_spared, lines)) else "will lose"
    data = "its data" if len(lines) == 1 else "their data"
    first = times.when(min((end for line in lines if (end := deleted_after(line)) is not None), default=None))
    if first is None:
        return f"{loses} {data}: frozen or suspended too long"
    of_whom = "" if len(lines) == 1 else ", the first"
    return f"{loses} {data}{of_whom} after {first.text} {first.zone} ({first.age})"
