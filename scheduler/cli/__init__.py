"""The command line `tidegate`. Nothing heavy is imported before a command is chosen: `--help` must be quick."""

from scheduler.cli.entry import main

__all__ = ["main"]
