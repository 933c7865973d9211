"""Where everything stands, for people and programs: accounts, stopped customers, open changes, disputes, pauses.

Drawn from stored facts alone; the command line collects them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from core.books import Cause, Dispute
from core.exposure import Outlook
from core.intent import Intent
from core.limit import WritePolicy
from core.money import Money
from core.pause import Pause
from core.standing import Restriction
from scheduler.reports.outcome_table import intent_end, intent_table
from scheduler.reports.plan_json import Document, outlook_document
from scheduler.reports.prospects import minute, outlook_lines
from scheduler.reports.stopped import Stopped
from scheduler.reports.summary import plain_reason
from scheduler.reports.wording import clean, cloud, grouped, masked, moment, plural, restriction

LONGEST_NAME = 20  # characters that stay on one line; the other columns wrap before a name does
MOST_STOPPED = 30  # customers that stand still, as many as a person reads; JSON has all
_CAUSES = {
    Cause.OURS: "by Tidegate",
    Cause.EXHAUSTION: "its amount is spent",
    Cause.NEW: "as every new customer",
    Cause.ADOPTED: "since before Tidegate",
    Cause.OTHER: "by somebody else",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStanding:
    """One account as of its last run; everything about that run is None where there was none.

    `outlook`, `quota`: what the account was in for then, and the credit left to give out. `read_at`: when it could be
    read last; `problem_since`: since when it cannot. `pause`: of the whole account, or of everything.
    """

    name: str
    vendor: str
    write_policy: WritePolicy
    limits: int
    ran_at: datetime | None = None
    command: str | None = None
    in_sync: int | None = None
    pending: int | None = None
    held: int | None = None
    problem: str | None = None
    outlook: Outlook | None = None
    quota: Money | None = None
    read_at: datetime | None = None
    problem_since: datetime | None = None
    clock_problem: str | None = None
    pause: Pause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything that `status` shows."""

    accounts: Sequence[AccountStanding]
    open_intents: Sequence[Intent]
    disputes: Sequence[Dispute]
    pauses: Sequence[Pause]
    stopped: Sequence[Stopped] = ()


def overview_table(overview: Overview) -> RenderableType:
    """Give it as something rich can print."""
    parts: list[RenderableType] = [_accounts(overview.accounts)]
    parts += [Text(line, style="red") for account in overview.accounts for line in _problems(account)]
    parts += [Padding(Text(line), (0, 0, 0, 2)) for account in overview.accounts for line in _ahead(account)]
    if overview.stopped:
        parts += [Text(f"{_whom(overview.stopped)} cannot buy, or stand still:", style="bold red")]
        parts += [_stopped(overview.stopped)]
    if overview.open_intents:
        parts += [Text(f"Open: {plural(len(overview.open_intents), 'change')}.", style="bold yellow")]
        parts += [intent_table(overview.open_intents)]
    if overview.disputes:
        parts += [Text("Disputed, until somebody settles it:", style="bold red"), _disputes(overview.disputes)]
    parts += [Text(_pause(pause), style="yellow") for pause in overview.pauses]
    if not overview.open_intents and not overview.disputes and not overview.pauses:
        parts.append(Text("No change is open, nothing is disputed, nothing is paused.", style="green"))
    return Group(*parts)


def overview_document(overview: Overview) -> Document:
    """Give it as plain values for JSON."""
    return {
        "accounts": [_account(account) for account in overview.accounts],
        "open_intents": [_intent(intent) for intent in overview.open_intents],
        "disputes": [_dispute(dispute) for dispute in overview.disputes],
        "pauses": [_pause_document(pause) for pause in overview.pauses],
        "stopped": [_stopped_document(each) for each in overview.stopped],
    }


def _accounts(accounts: Sequence[AccountStanding]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    longest = max((len(clean(account.name)) for account in accounts), default=0)
    table.add_column("Account", overflow="fold", min_width=min(longest, LONGEST_NAME))
    for title in ("Write\npolicy", "Last run"):
        table.add_column(title, no_wrap=True)
    for title in ("Limits", "In\nsync", "Pending", "Not\ndone"):
        table.add_column(title, justify="right", no_wrap=True)
    for account in accounts:
        # Day and time below each other: with them side by side a screen of 80 columns loses a figure's column.
        day, _, time = moment(account.ran_at).partition(" ")
        ran = f"{day}\n{time}\n{clean(account.command or '')}" if account.ran_at else "never"
        figures = (account.limits, account.in_sync, account.pending, account.held)
        table.add_row(
            Text(clean(account.name), style="bold").append(f"\n{cloud(account.vendor)}", style="not bold dim"),
            Text(f"{account.write_policy}\npaused" if account.pause is not None else account.write_policy),
            Text(ran),
            *(Text("" if figure is None else f"{figure:,}") for figure in figures),
        )
    return table


def _problems(account: AccountStanding) -> list[str]:
    """Say why an account is not kept: it cannot be read, since when, or our clock is off."""
    lines = []
    if account.problem:
        since = f" since {minute(account.problem_since)}" if account.problem_since is not None else ""
        last = f"; it was last read at {minute(account.read_at)}" if account.read_at is not None else ""
        lines.append(f"{clean(account.name)} could not be read{since}: {plain_reason(account.problem)}{last}")
    if account.clock_problem:
        lines.append(f"{clean(account.name)}: {clean(account.clock_problem)}")
    return lines


def _ahead(account: AccountStanding) -> list[str]:
    """Say what an account was in for when it was last looked at, on one line."""
    lines = outlook_lines(account.outlook)
    if account.quota is not None:
        lines.append(f"{grouped(account.quota)} left to give out")
    return [f"{clean(account.name)}: when last looked at, {'; '.join(lines)}"] if lines else []


def _whom(customers: Sequence[Stopped]) -> str:
    return plural(len(customers), "customer")


def _stopped(customers: Sequence[Stopped]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Customer", overflow="fold", min_width=14)
    table.add_column("Stands", overflow="fold")
    for title in ("Seen since", "Data deleted\nafter"):
        table.add_column(title, no_wrap=True)
    # Whose data goes first comes first.
    ordered = sorted(customers, key=lambda each: (each.data_deleted_after is None, each.data_deleted_after, each.key))
    for each in ordered[:MOST_STOPPED]:
        named = f"{masked(each.name)}, " if each.name else ""
        who = Text(clean(each.key.customer_id), style="bold")
        who.append(f"\n{named}{cloud(each.key.vendor)}, {clean(each.account)}", style="not bold dim")
        deleted = "" if each.data_deleted_after is None else minute(each.data_deleted_after)
        since = "" if each.since is None else minute(each.since)
        stands = Text("\n".join(part for part in (restriction(each.restriction), _cause(each)) if part))
        # Day and time below each other, as above.
        table.add_row(
            who, stands, Text(since.replace(" ", "\n", 1)), Text(deleted.replace(" ", "\n", 1), style="bold red")
        )
    if len(customers) > MOST_STOPPED:
        table.add_row(Text(f"and {len(customers) - MOST_STOPPED:,} more: --format json lists all"), "", "", "")
    return table


def _cause(each: Stopped) -> str:
    if each.restriction is Restriction.SUSPENDED:
        return "by the vendor"
    return "" if each.cause is None else _CAUSES[each.cause]


def _stopped_document(each: Stopped) -> Document:
    return {
        "account": each.account,
        "vendor": each.key.vendor,
        "customer_id": each.key.customer_id,
        "restriction": each.restriction,
        "cause": each.cause,
        "since": each.since.isoformat() if each.since else None,
        "data_deleted_after": each.data_deleted_after.isoformat() if each.data_deleted_after else None,
    }


def _disputes(disputes: Sequence[Dispute]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for title in ("Dispute", "Whom", "Since", "What"):
        table.add_column(title, overflow="fold")
    for dispute in disputes:
        whom = clean(dispute.account) if dispute.customer is None else clean(dispute.customer.customer_id)
        cells = (clean(dispute.id), whom, moment(dispute.opened_at), clean(dispute.sentence))
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _pause(pause: Pause) -> str:
    what = "everything" if pause.account is None and pause.customer_id is None else ""
    parts = [
        what,
        f"account {pause.account}" if pause.account else "",
        f"customer {pause.customer_id}" if pause.customer_id else "",
    ]
    until = f"until {moment(pause.until)}" if pause.until else "until resumed"
    whom = ", ".join(part for part in parts if part)
    return clean(f"Paused: {whom}, by {pause.who} since {moment(pause.since)}, {until}: {pause.why}")


def _account(account: AccountStanding) -> Document:
    return {
        "name": account.name,
        "vendor": account.vendor,
        "write_policy": account.write_policy,
        "limits": account.limits,
        "ran_at": account.ran_at.isoformat() if account.ran_at else None,
        "command": account.command,
        "in_sync": account.in_sync,
        "pending": account.pending,
        "held": account.held,
        "problem": account.problem,
        "problem_since": account.problem_since.isoformat() if account.problem_since else None,
        "read_at": account.read_at.isoformat() if account.read_at else None,
        "clock_problem": account.clock_problem,
        "paused": account.pause is not None,
        "outlook": None if account.outlook is None else outlook_document(account.outlook),
        "quota": None if account.quota is None else str(account.quota),
    }


def _intent(intent: Intent) -> Document:
    return {
        "id": intent.id,
        "mark": intent.mark,
        "account": intent.account,
        "vendor": intent.key.vendor,
        "customer_id": intent.key.customer_id,
        "action": intent.action,
        "change": None if intent.change is None else str(intent.change),
        "state": intent.state,
        "stands": intent_end(intent.state),
        "recorded_at": intent.recorded_at.isoformat(),
        "fence_at": intent.fence_at.isoformat() if intent.fence_at else None,
        "outcome": clean(intent.outcome),
    }


def _dispute(dispute: Dispute) -> Document:
    return {
        "id": dispute.id,
        "sort": dispute.sort,
        "account": dispute.account,
        "customer": None if dispute.customer is None else str(dispute.customer),
        "sentence": clean(dispute.sentence),
        "opened_at": dispute.opened_at.isoformat(),
    }


def _pause_document(pause: Pause) -> Document:
    return {
        "account": pause.account,
        "customer_id": pause.customer_id,
        "who": pause.who,
        "why": pause.why,
        "since": pause.since.isoformat(),
        "until": pause.until.isoformat() if pause.until else None,
    }
