"""`tidegate check`: is everything written well, do the keys work, and what is not guarded."""

from collections.abc import Sequence

import click
from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from core.errors import ReadFailedError
from core.exposure import outlook, shortage
from core.money import Money
from core.ports import Cloud, ProbeResult
from core.run.world import World
from scheduler import bootstrap
from scheduler.cli import opening, screen
from scheduler.cli.endings import DONE, FAILED, Options
from scheduler.cli.options import common
from scheduler.config import Settings
from scheduler.reports.prospects import minute, outlook_lines
from scheduler.reports.wording import clean, cloud, figures_grouped, plural
from scheduler.runlog import caps_not_set

# How the vendors' probes begin a sentence about a question that was not put: nothing is known, so nothing is "ok".
_UNASKED = ("not asked", "not tried", "not to be seen", "there is no customer to ask about")


@click.command("check")
@common
@click.option("--account", "accounts", multiple=True, metavar="NAME", help="Only this account; repeatable.")
@click.pass_context
def check(ctx: click.Context, *, options: Options, accounts: tuple[str, ...]) -> None:
    """Validate configuration and limits, then probe each account with harmless reads.

    Says what is missing, what each key may do, which money caps are not set, and whether alerts can be sent. Changes
    nothing and sends no message.

    Exit codes: 0 all well, 1 an account did not answer as it should, 2 something is written wrongly.
    """
    settings = opening.read_settings(options, accounts or None, outlets=True)
    opening.raise_for_extras(settings)
    opening.raise_for_channels(settings)
    scope = opening.scope_of(settings, accounts, ())
    names = sorted(scope.accounts or settings.accounts)
    written = f"{clean(settings.file)}: {plural(len(settings.accounts), 'account')}, "
    screen.show(Text(f"{written}{plural(len(settings.limits), 'limit')}, no faults.", style="green"))
    screen.show(_channels(settings))
    code = DONE
    with opening.open_world(settings, observe_only=True, accounts=scope.accounts) as world:
        for name in names:
            found = world.clouds[name].probe()
            screen.show(_account(settings, name, found, _ahead(settings, world, name)))
            if not all(result.ok for result in found):
                code = FAILED
    ctx.exit(code)


def _channels(settings: Settings) -> RenderableType:
    """Say who is told when something needs a person; addresses are secrets and stay out."""
    if settings.alerts is None:
        return Text("No [alerts] is written: nobody is told when something needs a person.", style="yellow")
    names = [channel.name for channel in settings.alerts.channels]
    count = plural(len(names), "channel")
    ready = f"Alerts: {count}, {', '.join(clean(name) for name in names)}; `tidegate alerts --test` tries them."
    notes = bootstrap.channel_notes(settings)
    lines = [Text(f"{clean(name)}: {notes[name]}", style="yellow") for name in names if name in notes]
    return Group(Text(ready), *(Padding(line, (0, 0, 0, 2)) for line in lines))


def _account(settings: Settings, name: str, found: Sequence[ProbeResult], ahead: Sequence[Text]) -> RenderableType:
    account = settings.accounts[name]
    limits = plural(len(settings.limits_of(name)), "limit")
    title = f"\n{clean(name)} ({cloud(account.vendor)}, write_policy {account.policy.write_policy}, {limits})"
    parts: list[RenderableType] = [Text(title, style="bold")]
    if found:
        parts.append(_probes(found))
    parts += [Padding(line, (0, 0, 0, 2)) for line in ahead]
    missing = caps_not_set(account.policy)
    if missing:
        note = f"Caps not set: {', '.join(missing)}. A slip in the limits file would go through whatever it costs."
        parts.append(Padding(Text(note, style="yellow"), (0, 0, 0, 2)))
    parts += [Padding(Text(clean(note)), (0, 0, 0, 2)) for note in account.policy.notes]
    return Group(*parts)


def _ahead(settings: Settings, world: World, name: str) -> list[Text]:
    """Say what the account is in for, from the customers' newest stored standings; reading all takes minutes."""
    policy, cloud, now = settings.accounts[name].policy, world.clouds[name], world.clock.now()
    standings = world.observations.latest(name)
    if not standings:
        return [Text("What customers can still spend is known after the first `tidegate plan`.")]
    zone = policy.billing_timezone
    found = outlook(settings.limits_of(name), standings, cloud.capabilities, now=now, zone=zone, headroom=None)
    seen = max(standing.as_of for standing in standings.values())
    said = "; ".join(outlook_lines(found)) or "it is not known what is granted"
    lines = [Text(f"As last seen, at {minute(seen)}: {said}.")]
    short = shortage(found, _quota(cloud), now)
    return lines if short is None else [*lines, Text(figures_grouped(short), style="bold yellow")]


def _quota(cloud: Cloud) -> Money | None:
    """Give the credit left to give out; that it cannot be read is said by the probes."""
    if not cloud.capabilities.quota_readable:
        return None
    try:
        return cloud.quota()
    except ReadFailedError:
        return None


def _probes(found: Sequence[ProbeResult]) -> Table:
    table = Table(box=box.SIMPLE, show_header=False, pad_edge=False, padding=(0, 1, 0, 1))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for result in found:
        table.add_row(_mark(result), Text(clean(result.title)), Text(figures_grouped(clean(result.sentence))))
    return table


def _mark(result: ProbeResult) -> Text:
    if not result.ok:
        return Text("NO", style="bold red")
    return Text("--") if result.sentence.startswith(_UNASKED) else Text("ok", style="green")
