"""`tidegate sandbox`: simulated vendors that stay up, with a configuration to try everything on."""

import contextlib
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from queue import SimpleQueue
from types import FrameType

import click

from scheduler import bootstrap
from scheduler.cli import screen
from scheduler.cli.endings import DONE, Options, UsageFault
from scheduler.cli.options import common
from scheduler.reports.wording import plural
from scheduler.sandbox import Sandbox, earlier, generated, remember, served, served_again

_PAGE = "127.0.0.1:8642"


@click.command("sandbox")
@common
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path, file_okay=False), help="Write config and limits there."
)
@click.option("--port", "ports", multiple=True, metavar="VENDOR=PORT", help="A vendor's port; default: a free one.")
@click.option("--customers", type=click.IntRange(1, 10_000), default=8, show_default=True, help="Per vendor.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same customers.")
@click.pass_context
def sandbox(
    ctx: click.Context, *, options: Options, folder: Path | None, ports: tuple[str, ...], customers: int, seed: int
) -> None:
    """Keep simulated vendors running and print a configuration for them, until Ctrl-C.

    They verify signatures, enforce the documented rates and answer as documented; their customers go on spending.
    Without --dir the files lie in a temporary folder, which is removed at the end. On the folder of an earlier sandbox
    it starts again as that was made, on the same ports, with the files as they are.
    """
    del options
    chosen = _ports(ports)
    with _folder(folder) as place, contextlib.ExitStack() as stack:
        before = earlier(place)
        if before is not None:
            _raise_if_other(place, before.ports, chosen)
            chosen, customers, seed = {**before.ports}, before.customers, before.seed
        scenes = {name: generated(name, customers, seed) for name in sorted(bootstrap.VENDORS)}
        serve = served if before is None else served_again
        try:
            made = stack.enter_context(serve(place, scenes, ports=chosen))
            if before is None:
                _show_page(made)
            remember(place, made, customers=customers, seed=seed)
        except FileExistsError as error:
            raise UsageFault(
                [f"--dir {place}: there are other files with the names it writes; name a new folder"]
            ) from error
        except (OSError, OverflowError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise UsageFault([f"the sandbox could not be started{_where(chosen)}: {why}"]) from error
        with _until_interrupted() as wait:
            if before is not None:
                screen.say(
                    f"Started again as it was first made: {plural(customers, 'customer')} a vendor, seed {seed}."
                )
            _announce(made)
            wait()
    screen.say("The sandbox is gone." if folder is None else f"The sandbox has ended; its files stay in {folder}.")
    ctx.exit(DONE)


def _show_page(made: Sandbox) -> None:
    """Let the daemon of this configuration show its page, where what serves it is installed."""
    if find_spec("uvicorn") is not None:
        with made.config.open("a", encoding="utf-8") as config:
            config.write(f'\n# The page of `tidegate daemon`.\n[web]\nlisten = "{_PAGE}"\n')


def _announce(made: Sandbox) -> None:
    screen.data(f"# {made.config}\n{made.config.read_text(encoding='utf-8')}")
    screen.data(f"# {made.limits}\n{made.limits.read_text(encoding='utf-8')}")
    screen.say(
        f"Try:  tidegate plan -c {made.config}\n"
        f"or:   tidegate daemon -c {made.config}, and look at http://{_PAGE}/ meanwhile\nCtrl-C ends it.",
        style="bold",
    )


def _ports(given: tuple[str, ...]) -> dict[str, int]:
    chosen = {}
    for text in given:
        vendor, _, port = text.partition("=")
        if vendor not in bootstrap.VENDORS or not port.isdecimal():
            known = ", ".join(sorted(bootstrap.VENDORS))
            raise UsageFault([f"--port {text}: write VENDOR=PORT with one of {known}, such as huawei=9001"])
        chosen[vendor] = int(port)
    return chosen


def _raise_if_other(place: Path, made: Mapping[str, int], chosen: Mapping[str, int]) -> None:
    other = [f"{vendor}={made[vendor]}" for vendor, port in chosen.items() if made.get(vendor, port) != port]
    if other:
        raise UsageFault([f"--port: the configuration in {place} has {', '.join(other)}; leave --port out"])


def _where(ports: Mapping[str, int]) -> str:
    taken = " or ".join(str(port) for port in ports.values() if port)
    return f" on port {taken}" if taken else ""


@contextlib.contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given is None:
        with tempfile.TemporaryDirectory(prefix="tidegate-sandbox-") as temporary:
            yield Path(temporary)
        return
    given.mkdir(parents=True, exist_ok=True)
    yield given.absolute()


@contextlib.contextmanager
def _until_interrupted() -> Iterator[Callable[[], None]]:
    """Give a function that waits for Ctrl-C or SIGTERM; from here on neither of them ends the process by itself."""
    came: SimpleQueue[int] = SimpleQueue()  # its put is safe in a signal handler

    def handle(number: int, _frame: FrameType | None) -> None:
        came.put(number)

    def wait() -> None:
        came.get()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield wait
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
