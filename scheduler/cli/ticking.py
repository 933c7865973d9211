"""`tidegate daemon`: the loop that keeps every customer at its limit."""

import click

from scheduler.cli.endings import CannotGoOnError, Options, UsageFault
from scheduler.cli.options import common, operator, start_logging
from scheduler.config import ConfigFaults
from scheduler.daemon import AddressTakenError, CannotStartError, Daemon, Outlets, Service
from scheduler.jobs import Passes, SettingsSource


@click.command("daemon")
@common
@click.pass_context
def daemon(ctx: click.Context, *, options: Options) -> None:
    """Keep every customer at its limit, each account at its own times.

    Configuration and limits are read again when they change; while they are broken, the last whole ones stay in
    force. SIGTERM or Ctrl-C ends it within ten seconds, SIGHUP reads everything now. Logs go to standard error.
    """
    start_logging(verbose=options.verbose, always=True)
    try:
        source = SettingsSource(options.config)
        passes = Passes(source, who=f"daemon ({operator()})")
        loop = Daemon(source, passes, outlets=Outlets(source, passes), service=Service())
        ctx.exit(loop.run())
    except ConfigFaults as error:
        raise UsageFault([str(fault) for fault in error.faults]) from error
    except AddressTakenError as error:
        # Not 2, with which a service manager gives up: whoever has the address may let go of it.
        raise CannotGoOnError(str(error)) from error
    except CannotStartError as error:
        raise UsageFault([str(error)]) from error
