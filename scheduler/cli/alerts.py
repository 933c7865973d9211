"""`tidegate alerts`: what stands, what waits to be told; a test of every channel; telling without a daemon."""

import click
from rich.text import Text

from core.errors import NotifyFailedError
from scheduler import bootstrap, logs
from scheduler.alerting.job import channels_of
from scheduler.alerting.once import tell_once
from scheduler.cli import opening, screen
from scheduler.cli.endings import ATTENTION, DONE, Options, UsageFault
from scheduler.cli.options import common, operator
from scheduler.config import AlertSettings, Settings
from scheduler.reports.alerts_table import AlertsShown, alerts_document, alerts_table
from scheduler.reports.plan_json import stable
from scheduler.reports.wording import clean, plural

# What `--test` is without a name; no channel can have it.
EVERY_CHANNEL = ""
UNCONFIGURED = "no [alerts] is configured: config.example.toml shows how to write it"


@click.command("alerts")
@common
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option(
    "--test",
    "tested",
    is_flag=False,
    flag_value=EVERY_CHANNEL,
    metavar="[CHANNEL]",
    help="Send a test message to this channel, or to every one.",
)
@click.option("--send", is_flag=True, help="Evaluate and deliver now, for those who run `apply` without a daemon.")
@click.pass_context
def alerts(ctx: click.Context, *, options: Options, form: str, tested: str | None, send: bool) -> None:
    """Show what somebody must be told, what waits to be sent, and what failed.

    The daemon evaluates and sends by itself, and `apply` does so at its end. `--send` does it for those who have no
    daemon, from cron: it sends again what failed or had to wait, and tells what time alone brings about, such as data
    that will soon be deleted.

    Exit codes: 0 shown, or all sent; 4 a channel did not take it or did not answer, 2 something is written wrongly.
    """
    if tested is not None and send:
        raise UsageFault(["--test and --send are two different things: give one of them"])
    if tested is not None:
        ctx.exit(_test(options, tested))
    if send:
        ctx.exit(_send(options))
    _show(options, form)
    ctx.exit(DONE)


def _show(options: Options, form: str) -> None:
    settings = opening.read_records_settings(options)
    clock = bootstrap.SystemClock()
    with bootstrap.open_outbox(settings, clock=clock) as outbox:
        shown = AlertsShown(
            standing=outbox.standing_alerts(), waiting=outbox.messages(), channels=channels_of(settings.alerts)
        )
    if form == "json":
        screen.data(stable(alerts_document(shown, clock.now())))
    else:
        screen.show(alerts_table(shown, clock.now()))


def _test(options: Options, tested: str) -> int:
    """Send a test message; say for each channel whether it was taken."""
    settings, configured = _ready(options)
    names = [channel.name for channel in configured.channels]
    if tested != EVERY_CHANNEL and tested not in names:
        raise UsageFault([f"--test {clean(tested)}: there is no such channel; there are {', '.join(names)}"])
    notifier = bootstrap.notifier(configured, base=settings.base, learn_secrets=logs.REDACTION.learn)
    link = f"\n\n{configured.link}" if configured.link else ""
    code = DONE
    for name in [tested] if tested != EVERY_CHANNEL else names:
        body = f"This is a test of the channel {name}, asked for by {operator()}. Nothing has happened.{link}"
        try:
            notifier.send(name, title="Tidegate: test", body=body, critical=False)
        except NotifyFailedError as error:
            code = ATTENTION
            screen.show(Text.assemble(("NO ", "bold red"), f" {clean(name)}: {error.why}"))
        else:
            screen.show(Text.assemble(("ok ", "green"), f" {clean(name)}: it was taken"))
    return code


def _send(options: Options) -> int:
    settings, configured = _ready(options)
    with (
        opening.open_world(settings, observe_only=True, accounts=frozenset()) as world,
        bootstrap.open_outbox(settings, clock=world.clock) as outbox,
    ):
        told = tell_once(settings, configured, world, outbox)
    sent = told.outcomes.get("sent", 0)
    failed = f", {told.failed} failed: `tidegate alerts` says which" if told.failed else ""
    unclear = f", {told.unclear} taken without an answer" if told.unclear else ""
    waits = "waits" if told.waiting == 1 else "wait"
    screen.say(f"{plural(sent, 'text')} sent{failed}{unclear}; {plural(told.waiting, 'message')} {waits}.")
    return ATTENTION if told.failed or told.unclear else DONE


def _ready(options: Options) -> tuple[Settings, AlertSettings]:
    """Read the configuration and see that every channel can be used; raises UsageFault with all that is wrong."""
    settings = opening.read_settings(options, (), outlets=True)
    if settings.alerts is None:
        raise UsageFault([UNCONFIGURED])
    opening.raise_for_channels(settings)
    return settings, settings.alerts
