"""The console script: the group of commands, loaded one at a time.

`run` is called by `scheduler.cli.main`. A command's module, and with it configuration, SDKs and SQL, is imported only
when that command is called. This file and what it imports use the standard library, click and core.errors alone.
"""

import difflib
import io
import sys
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, cast

import click

from scheduler.cli.endings import Options, ended_by
from scheduler.cli.waking import woken


class Entry(NamedTuple):
    """Where a command lives, and its line in `--help`, kept here so that help loads no command."""

    module: str
    attribute: str
    line: str


COMMANDS = {
    "demo": Entry("demo", "demo", "Show the product on simulated vendors, through the real SDKs; under a minute."),
    "sandbox": Entry("sandbox", "sandbox", "Keep simulated vendors running and print a configuration for them."),
    "check": Entry("checking", "check", "Validate configuration and limits, then probe each account harmlessly."),
    "import": Entry("importing", "import_limits", "Write a limits file from what the vendors have now."),
    "plan": Entry("planning", "plan", "Show what would be changed, and why; changes nothing."),
    "apply": Entry("applying", "apply", "Bring every customer to its limit, once; asks first on a terminal."),
    "daemon": Entry("ticking", "daemon", "Keep every customer at its limit, each account at its own interval."),
    "status": Entry("standing", "status", "Show where everything stands, from our own records alone; asks no vendor."),
    "alerts": Entry("alerts", "alerts", "Show what somebody must be told, test the channels, or send now."),
    "explain": Entry("explaining", "explain_customer", "Say why one customer's plan is what it is, in sentences."),
    "history": Entry("past", "history", "Show what was changed when, by whom: limits, ours, and others."),
    "report": Entry("reporting", "report", "Report a month of every customer, or what sync would have sent."),
    "pause": Entry("pausing", "pause", "Change nothing for an account, a customer or all, until resumed."),
    "resume": Entry("pausing", "resume", "End a pause."),
    "release": Entry("releasing", "release", "Lift one customer's restriction by a person's word."),
    "settle": Entry("settling", "settle", "Put a person's word on record for a change whose outcome is in doubt."),
}


class CommandLine(click.Group):
    """A group that knows its commands' names and lines, and loads each one when it is called."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Give the names in the order a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """Load one command."""
        entry = COMMANDS.get(name)
        if entry is None:
            return None
        module = import_module(f"scheduler.cli.{entry.module}")
        return cast("click.Command", getattr(module, entry.attribute))

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.line) for name, entry in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one may have been meant."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            ctx.fail(f"There is no command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the chosen command; however it ends, it ends in an exit code and at most a few lines."""
        with ended_by(ctx.ensure_object(Options)), woken():
            return super().invoke(ctx)


@click.group(cls=CommandLine, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Configuration; also accepted after the command. Default: ./config.toml, then the user's config folder.",
)
@click.option("-v", "--verbose", is_flag=True, help="Log more, and show details of unexpected errors.")
@click.version_option(package_name="tidegate", prog_name="tidegate")
@click.pass_context
def command_line(ctx: click.Context, config: Path | None, *, verbose: bool) -> None:
    """Keep every reseller customer's spending limit where you said it should be.

    On Huawei Cloud and Tencent Cloud at once. `tidegate demo` shows it; it needs no credentials.

    Exit codes: 0 in sync or all applied, 3 corrections pending, 4 something needs a person, 1 failed, 2 usage or
    configuration.
    """
    options = ctx.ensure_object(Options)
    options.config = config
    options.verbose = verbose


def run() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a character gets a question mark, not an error in the middle of a run.
            stream.reconfigure(errors="replace")
    command_line(prog_name="tidegate")
