"""Options that several commands share, and what they mean.

Every command takes `-c/--config` and `-v/--verbose` itself too, so that they may stand before or after its name.
"""

import functools
import getpass
import logging
import os
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from scheduler import logs
from scheduler.cli.endings import Options

Given = ParamSpec("Given")
Result = TypeVar("Result")

CONFIG_FILE = click.Path(path_type=Path, dir_okay=False)
_DURATION = re.compile(r"\+?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


def common(function: Callable[..., Result]) -> Callable[..., Result]:
    """Give a command `-c` and `-v`, start its logging, and hand it the merged Options as `options`."""

    def command(*arguments: object, config: Path | None, verbose: bool, **given: object) -> Result:
        options = click.get_current_context().ensure_object(Options)
        options.config = config or options.config
        options.verbose = verbose or options.verbose
        start_logging(verbose=options.verbose)
        return function(*arguments, options=options, **given)

    functools.update_wrapper(command, function)
    for option in (
        click.option("-v", "--verbose", is_flag=True, help="Log more, and show details of unexpected errors."),
        click.option("-c", "--config", type=CONFIG_FILE, metavar="FILE", help="Configuration."),
    ):
        command = option(command)
    return command


def start_logging(*, verbose: bool, always: bool = False) -> None:
    """Log runs and changes where nobody watches (standard error is no terminal) or where it was asked for.

    On a terminal the person reads tables; there only warnings are logged. `always`: the daemon logs in any case.
    """
    quiet = sys.stderr.isatty() and not verbose and not always
    logs.configure(level=logging.WARNING if quiet else logging.DEBUG if verbose else logging.INFO)


def targeting(function: Callable[..., Result]) -> Callable[..., Result]:
    """Give a command `--account` and `--customer`, both repeatable."""
    for option in (
        click.option("--customer", "customers", multiple=True, metavar="ID", help="Only this customer; repeatable."),
        click.option("--account", "accounts", multiple=True, metavar="NAME", help="Only this account; repeatable."),
    ):
        function = option(function)
    return function


def on_record(function: Callable[..., Result]) -> Callable[..., Result]:
    """Give a command `--who` and `--why`: what a person decides is kept for ever with both."""
    for option in (
        click.option("--why", required=True, metavar="TEXT", callback=_said, help="The reason, kept on record."),
        click.option(
            "--who",
            default=operator,
            metavar="NAME",
            callback=_said,
            help="Who decides; default: the user of this system.",
        ),
    ):
        function = option(function)
    return function


def _said(_context: click.Context, option: click.Parameter, value: str) -> str:
    """Refuse nothing at all, and the dots of an example: a word on record for ever must say something."""
    if set(value.strip()) <= {"…", "."}:
        raise click.BadParameter("it says nothing", param=option)
    return value


def operator() -> str:
    """Name the person at the keyboard, as far as the system knows."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (OSError, KeyError):  # no name for this user id, as in a bare container
        return f"uid {os.getuid()}"


class Moment(click.ParamType[datetime]):
    """A time in the future: a date, a date with time, or a duration from now such as `2h` or `3d`; UTC by default."""

    name = "time"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read it; a click usage error says what to write instead."""
        if isinstance(value, datetime):
            return value
        now = datetime.now(UTC)
        at = _after(value, now) or _dated(value)
        if at is None:
            self.fail(f"{value!r} is no time: write 2026-12-31, 2026-12-31T18:00+08:00, or 2h, 3d", param, ctx)
        if at <= now:
            self.fail(f"{value!r} is in the past", param, ctx)
        return at


def _after(text: str, now: datetime) -> datetime | None:
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return now + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def _dated(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
