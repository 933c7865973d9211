"""Where things are printed: data to standard output, everything else to standard error.

Used by every command. Colour, width and progress bars follow what each stream really is; a pipe gets plain text.
"""

import contextlib
import io
import os
import sys
import threading
from collections.abc import Iterator

from rich import progress as drawing
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn

from core.ports import Progress
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
        # A terminal's lines break between words; a log keeps one line a message.
        whole = not sys.stderr.isatty()
        messages().print(text, style=style or None, markup=False, highlight=False, soft_wrap=whole)


def can_ask() -> bool:
    """Whether a person sits at a terminal and can answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


class Bars:
    """Progress of long reads: one bar per account and thing that is being read, on a terminal; nothing elsewhere.

    Accounts are read side by side, each in a thread of its own.
    `aside` takes the bars away while something else is printed, `end` for good.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._drawn = False
        self._tasks: dict[str, TaskID] = {}
        self._progress = drawing.Progress(
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
            if what not in self._tasks:
                self._tasks[what] = self._progress.add_task(what, total=of)
            self._progress.update(self._tasks[what], completed=done, total=of)

    def of(self, account: str) -> Progress:
        """Give bars that carry this account's name, as core's own runs do."""
        return lambda what, done, of: self(f"{account}: {what}", done, of)

    def begin(self) -> None:
        """Draw from now on."""
        with self._lock:
            self._progress.start()
            self._drawn = True

    def end(self) -> None:
        """Take the bars away for good; may be called again. Drawn anew, they begin with none."""
        with self._lock:
            self._rest()
            for task in self._tasks.values():
                self._progress.remove_task(task)
            self._tasks.clear()

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Take the bars away while something else is printed, by one thread at a time."""
        with self._lock:
            drawn = self._drawn
            self._rest()
            try:
                yield
            finally:
                if drawn:
                    self._progress.start()
                    self._drawn = True

    def _rest(self) -> None:
        if self._drawn:
            self._drawn = False
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
