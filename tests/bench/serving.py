"""How fast the page answers with 10,000 customers, and what the daemon takes while nothing happens.

Called by `make bench`, or by itself; prints figures and asserts nothing. The daemon, its store and its server are the
real ones, in a process of their own: it looked at all customers once, and is asked over loopback between two passes.
"""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from scheduler.web.query import Column
from tests.bench.dry_run import world_of
from tests.bench.running import Running, running

CUSTOMERS = 5_000  # at each of the two vendors
SOME = 250
TARGET_PAGE_SECONDS = 0.3
TARGET_PAGE_BYTES = 1_000_000
TARGET_IDLE_CPU = 0.01
TARGET_IDLE_BYTES = 150_000_000
IDLE_SECONDS = 20.0
ROUNDS = 7
_LINK = re.compile(r'href="(/customers/[^"?]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page: the median of its seconds over some requests, and its bytes, as sent without compression."""

    name: str
    seconds: float
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """What the daemon took while nothing happened. `cpu`: the share of one core; `memory`: bytes resident at the end.

    `highest`: the most it had since it started, in its passes too.
    """

    cpu: float
    memory: int
    highest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Everything that is measured at one daemon. `fresh`: the first answer after a pass, which has to draw anew."""

    pages: tuple[Page, ...]
    fresh: Page
    idle: Idle

    @property
    def slowest(self) -> Page:
        """The page that takes longest."""
        return max(self.pages, key=lambda page: page.seconds)

    @property
    def largest(self) -> Page:
        """The page with the most bytes."""
        return max(self.pages, key=lambda page: page.size)


@contextmanager
def settled(customers: int) -> Iterator[Running]:
    """Run the daemon on so many customers at each vendor, from the end of its first passes on; it only observes."""
    with world_of(customers) as made:
        text = made.config.read_text(encoding="utf-8")
        text = text.replace('every = "30s"', 'every = "10m"').replace(
            'write_policy = "sync"', 'write_policy = "observe"'
        )
        made.config.write_text(text, encoding="utf-8")
        with running(made.config) as daemon:
            daemon.wait(lambda: len(daemon.events("run_finished")) >= len(made.vendors))
            yield daemon


def measured(customers: int = CUSTOMERS) -> Seen:
    """Fill a store by a real pass over all customers, then ask for every sort of page, and then for nothing."""
    with settled(customers) as daemon:
        time.sleep(3)  # what another process or pass wrote is seen two seconds later at most
        (first,) = daemon.ask("/")
        fresh = Page(name="the first page after a pass", seconds=first.seconds, size=first.size)
        pages = tuple(_page(daemon, name, path) for name, path in _paths(daemon).items())
        return Seen(pages=pages, fresh=fresh, idle=idle(daemon))


def resting() -> Idle:
    """Measure a daemon of two accounts with some hundred customers, whose page was looked at."""
    with settled(SOME) as daemon:
        daemon.ask("/", "/customers", "/metrics")
        return idle(daemon)


def idle(daemon: Running) -> Idle:
    """Leave the daemon alone for a while."""
    time.sleep(2)
    before, began = daemon.cpu(), time.perf_counter()
    time.sleep(IDLE_SECONDS)
    share = (daemon.cpu() - before) / (time.perf_counter() - began)
    return Idle(cpu=share, memory=daemon.memory(), highest=daemon.memory("VmHWM"))


def _paths(daemon: Running) -> Mapping[str, str]:
    """Name the pages to ask for; some customer's is linked from the list."""
    (listing,) = daemon.ask("/customers")
    found = _LINK.search(listing.text)
    if found is None:
        daemon.give_up("the list names no customer")
    paths = {
        "overview": "/",
        "customers": "/customers",
        "the last page": "/customers?page=999999",
        "a search": "/customers?q=falcon",
        "a search by id": "/customers?q=2000",
        "what needs somebody": "/customers?attention=somebody",
        "a customer": found[1],
        "metrics": "/metrics",
    }
    return paths | {f"by {column}, {way}": f"/customers?sort={column}&dir={way}" for column in Column for way in WAYS}


WAYS = ("asc", "desc")


def _page(daemon: Running, name: str, path: str) -> Page:
    answers = daemon.ask(*[path] * ROUNDS)
    bad = [answer for answer in answers if answer.status != 200]
    if bad:
        daemon.give_up(f"{path}: {bad[0].status}")
    return Page(
        name=name, seconds=median(answer.seconds for answer in answers), size=max(each.size for each in answers)
    )


def main() -> None:
    """Print each page, and what being idle takes, with many customers and with few."""
    for customers in (CUSTOMERS, SOME):
        seen = measured(customers)
        print(f"2 x {customers:,} customers")  # noqa: T201 - a bench prints
        for page in (seen.fresh, *seen.pages):
            print(f"  {page.name:28} {1000 * page.seconds:7.1f} ms {page.size / 1000:8.1f} kB")  # noqa: T201 - a bench prints
        rest = seen.idle
        print(  # noqa: T201 - a bench prints
            f"  idle: {rest.cpu:.2%} CPU, {rest.memory / 1e6:.0f} MB resident, {rest.highest / 1e6:.0f} MB at most"
        )


if __name__ == "__main__":
    main()
