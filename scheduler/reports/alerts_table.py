"""What stands and what waits to be told, for people and programs.

Drawn from values; the command line collects them. Customers are named by id only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from core.alerts import Alert, Channel, Message, Severity
from core.telling import next_try, speaking
from scheduler.reports.plan_json import Document
from scheduler.reports.wording import clean, moment, plural, sentence

# Alerts that a person reads; JSON has all.
MOST_SHOWN: Final = 60
FORMAT_VERSION: Final = 1
_STYLES: Final = {Severity.CRITICAL: "bold red", Severity.WARNING: "yellow", Severity.INFO: ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsShown:
    """`standing`: told or not; `waiting`: messages neither sent nor given up; `channels`: as configured."""

    standing: Sequence[Alert]
    waiting: Sequence[Message]
    channels: Sequence[Channel]

    @property
    def by_channel(self) -> Mapping[str, Sequence[Message]]:
        """What waits by channel: those that are configured, then those that no longer are."""
        names = [channel.name for channel in self.channels]
        names += sorted({message.channel for message in self.waiting} - set(names))
        return {name: [message for message in self.waiting if message.channel == name] for name in names}


def alerts_table(shown: AlertsShown, now: datetime) -> RenderableType:
    """Give it as something rich can print."""
    told = [alert for alert in shown.standing if alert.told_at is not None]
    unsure = len(shown.standing) - len(told)
    parts: list[RenderableType] = []
    if told:
        parts.append(_standing(speaking(told)))
    else:
        parts.append(Text("Nothing stands that anybody has to be told.", style="green"))
    if unsure:
        parts.append(Text(f"{plural(unsure, 'more fact')} must stand a while longer before anybody is told."))
    if not shown.channels:
        parts.append(Text("No [alerts] is configured: nobody is told.", style="yellow"))
    known = {channel.name for channel in shown.channels}
    for name, waiting in shown.by_channel.items():
        parts.append(Padding(_channel(name, waiting, now, known=name in known), (0, 0, 0, 2)))
    return Group(*parts)


def alerts_document(shown: AlertsShown, now: datetime) -> Document:
    """Give it as plain values for JSON; of a ladder every rung, told apart by `subject`."""
    return {
        "format_version": FORMAT_VERSION,
        "standing": [_alert(alert) for alert in shown.standing],
        "channels": [
            {
                "name": name,
                "configured": name in {channel.name for channel in shown.channels},
                "waiting": len(waiting),
                "oldest": waiting[0].written_at.isoformat() if waiting else None,
                "tries": _tries(waiting),
                "next_at": next_try(waiting, now).isoformat() if _tries(waiting) else None,
            }
            for name, waiting in shown.by_channel.items()
        ],
        "messages": [_message(message) for message in shown.waiting],
    }


def _standing(alerts: Sequence[Alert]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Severity", no_wrap=True)
    table.add_column("Since", no_wrap=True)
    table.add_column("Account", overflow="fold")
    table.add_column("Customer", overflow="fold")
    table.add_column("What", overflow="fold", ratio=1)
    ordered = sorted(alerts, key=lambda alert: (-alert.condition.severity.rank, alert.since, alert.id))
    for alert in ordered[:MOST_SHOWN]:
        condition = alert.condition
        table.add_row(
            Text(condition.severity, style=_STYLES[condition.severity]),
            Text(moment(alert.since)),
            Text(clean(condition.account or "")),
            Text("" if condition.customer is None else clean(condition.customer.customer_id)),
            Text(sentence(condition.sentence)),
        )
    if len(ordered) > MOST_SHOWN:
        table.caption = f"and {len(ordered) - MOST_SHOWN:,} more; --format json has all"
    return table


def _channel(name: str, waiting: Sequence[Message], now: datetime, *, known: bool) -> Text:
    """Say what waits for one channel, and what failed."""
    gone = "" if known else ", which is no longer configured"
    if not waiting:
        return Text(f"{clean(name)}{gone}: nothing waits", style="green")
    count = plural(len(waiting), "message")
    oldest = f"{count} {'waits' if len(waiting) == 1 else 'wait'}, the oldest since {moment(waiting[0].written_at)}"
    tries = _tries(waiting)
    if not tries:
        return Text(f"{clean(name)}{gone}: {oldest}", style="yellow")
    following = next_try(waiting, now)
    again = f"next try at {moment(following)}" if following > now else "to be tried again now"
    return Text(f"{clean(name)}{gone}: {oldest}; failed {plural(tries, 'time')}, {again}", style="bold red")


def _tries(waiting: Sequence[Message]) -> int:
    return max((message.tries for message in waiting), default=0)


def _alert(alert: Alert) -> Document:
    condition = alert.condition
    return {
        "sort": condition.sort.word,
        "severity": condition.severity.value,
        "since": alert.since.isoformat(),
        "told_at": None if alert.told_at is None else alert.told_at.isoformat(),
        "account": condition.account,
        "vendor": None if condition.customer is None else condition.customer.vendor,
        "customer_id": None if condition.customer is None else condition.customer.customer_id,
        "subject": condition.subject or None,
        "period": condition.period or None,
        "sentence": condition.sentence,
    }


def _message(message: Message) -> Document:
    return {
        "channel": message.channel,
        "edge": message.edge.value,
        "severity": message.severity.value,
        "account": message.account,
        "written_at": message.written_at.isoformat(),
        "next_at": message.next_at.isoformat(),
        "tries": message.tries,
        "unclear": message.unclear,
        "sentence": message.sentence,
    }
