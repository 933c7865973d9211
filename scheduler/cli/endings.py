"""The one place where an error becomes a line on standard error and an exit code. No traceback ever reaches a person.

Used by scheduler.cli.entry around every command. Loaded by `--help`: standard library, click and core.errors only.
"""

import contextlib
import logging
import os
import shutil
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from core.errors import TidegateError

DONE = 0
FAILED = 1
USAGE = 2
PENDING = 3
ATTENTION = 4

# Terminals that report less than this report nonsense.
NARROWEST = 20

STOPPED = "stopped; every change is recorded: run `tidegate apply` to settle what is open"


@dataclass(slots=True)
class Options:
    """What was given before the command's name; the command's own `-c` and `-v` are written here too."""

    config: Path | None = None
    verbose: bool = False
    stopped: str = "stopped"  # what to say when a person interrupts the command


class UsageFault(click.ClickException):
    """Something that must be written differently before the command can run; each sentence is one line."""

    exit_code = USAGE

    def __init__(self, sentences: list[str]) -> None:
        self.sentences = sentences
        super().__init__("\n".join(sentences))

    def show(self, file: object = None) -> None:
        """Print the sentences as they are: they name the place and what to write instead."""
        del file
        for sentence in self.sentences:
            tell(sentence)


class CannotGoOnError(TidegateError):
    """The command cannot do what it is for; the sentence says why."""


@contextlib.contextmanager
def ended_by(options: Options) -> Iterator[None]:
    """Turn whatever ends the command into an exit code: click's own exceptions pass, everything else is told here."""
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except KeyboardInterrupt:
        tell(options.stopped)
        _leave(FAILED)
    except BrokenPipeError:
        # The reader of our output left (`| head`); there is nobody to tell.
        silence()
        _leave(FAILED)
    except TidegateError as error:
        tell(str(error))
        _leave(FAILED)
    except Exception as error:
        # The last resort: a person gets a line, the log gets the traceback.
        tell(f"unexpected: {type(error).__name__}: {_one_line(error)}")
        if options.verbose:
            logging.getLogger("tidegate").exception("unexpected")
        else:
            tell("run it again with --verbose for the details")
        _leave(FAILED)


def tell(sentence: str) -> None:
    """Say something to the person, on standard error."""
    with contextlib.suppress(OSError):
        click.echo(_wrapped(f"tidegate: {sentence}"), err=True)


def _wrapped(text: str) -> str:
    """Break between words what is longer than the terminal's line; a log keeps one line a message."""
    if not sys.stderr.isatty():
        return text
    width = max(shutil.get_terminal_size().columns, NARROWEST)
    lines = (textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) for line in text.split("\n"))
    return "\n".join("\n".join(wrapped) for wrapped in lines)


def silence() -> None:
    """Point standard output at nothing, so that the interpreter's last flush does not fail."""
    with contextlib.suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def _leave(code: int) -> None:
    raise click.exceptions.Exit(code)
