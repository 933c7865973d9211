"""`tidegate daemon`: the loop that keeps every customer at its limit."""

import click

from scheduler.cli.endings import Options, UsageFault
from scheduler.cli.options import common, operator, start_logging
from scheduler.config import ConfigFaults
from scheduler.daemon import Daemon
from scheduler.jobs import Passes, SettingsSource


@click.command("daemon")
@common
@click.pass_context
def daemon(ctx: click.Context, *, options: Options) -> None:
    """Keep every customer at its limit, each account at its own interval.

    Configuration and limits are read again at every pass; while they are broken, the last whole ones stay in force.
    SIGTERM or Ctrl-C ends it within ten seconds, SIGHUP reads everything now. Logs go to standard error.
    """
    start_logging(verbose=options.verbose, always=True)
    try:
        source = SettingsSource(options.config)
    except ConfigFaults as error:
        raise UsageFault([str(fault) for fault in error.faults]) from error
    ctx.exit(Daemon(source, Passes(source, who=f"daemon ({operator()})")).run())
