"""Where things are printed: data to standard output, everything else to standard error.

Used by every command. Colour, width and progress bars follow what each stream really is; a pipe gets plain text.
"""

import contextlib
import io
import os
import sys
import threading
from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from scheduler.cli.endings import silence

# Wide enough for whole ids and five columns of figures, narrow enough for a mail; COLUMNS overrides it.
PLAIN_WIDTH = 100


def output() -> Console:
    """Give the console of standard output."""
    return _console(stderr=False)


def messages() -> Console:
    """Give the console of standard error."""
    return _console(stderr=True)


def width() -> int:
    """Tell how many characters a line of standard output has."""
    return output().width


def data(text: str) -> None:
    """Write a document to standard output as it is, ended by a newline."""
    with _unread_is_fine():
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
        sys.stdout.flush()


def show(renderable: RenderableType) -> None:
    """Print a report to standard output."""
    with _unread_is_fine():
        output().print(renderable, soft_wrap=False)
        sys.stdout.flush()


def say(text: str, style: str = "") -> None:
    """Tell the person something, on standard error."""
    with contextlib.suppress(OSError):
        messages().print(text, style=style or None, markup=False, highlight=False, soft_wrap=True)


def can_ask() -> bool:
    """Whether a person sits at a terminal and can answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


class Bars:
    """Progress of long reads: one bar per thing that is being read, on a terminal; nothing elsewhere.

    Accounts are read side by side, each in a thread of its own with bars of its own.
    `end` takes the bars away before something else is printed.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tasks: dict[tuple[int, str], TaskID] = {}
        self._progress = Progress(
            TextColumn("  {task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=messages(),
            transient=True,
            disable=not sys.stderr.isatty(),
        )

    def __call__(self, what: str, done: int, of: int | None) -> None:
        """Move a bar, or start it."""
        with self._lock:
            bar = (threading.get_ident(), what)
            if bar not in self._tasks:
                self._tasks[bar] = self._progress.add_task(what, total=of)
            self._progress.update(self._tasks[bar], completed=done, total=of)

    def begin(self) -> None:
        """Draw from now on."""
        self._progress.start()

    def end(self) -> None:
        """Take the bars away; may be called again."""
        self._progress.stop()


@contextlib.contextmanager
def progress() -> Iterator[Bars]:
    """Show bars for as long as something is being read."""
    bars = Bars()
    bars.begin()
    try:
        yield bars
    finally:
        bars.end()


class _PatientConsole(Console):
    """A console whose reader may leave; rich's own would end the process, in the middle of an apply."""

    def on_broken_pipe(self) -> None:
        """Go on without a reader."""
        silence()


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    fixed = None if stream.isatty() or os.environ.get("COLUMNS") else PLAIN_WIDTH
    return _PatientConsole(file=stream, width=fixed, highlight=False, emoji=False, markup=False)


@contextlib.contextmanager
def _unread_is_fine() -> Iterator[None]:
    """Let a reader leave early (`| head`) without changing how the command ends."""
    try:
        yield
    except BrokenPipeError:
        silence()


def plain(renderable: RenderableType) -> str:
    """Give a report as plain text, for a file."""
    console = Console(file=io.StringIO(), width=PLAIN_WIDTH, highlight=False, emoji=False, markup=False, no_color=True)
    with console.capture() as captured:
        console.print(renderable)
    return captured.get()
