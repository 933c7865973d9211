"""All figures that Tidegate promises, measured on this machine and printed as one table; `make bench` runs it.

Figures, not tests: a busy machine misses them without anything being wrong, so nothing is asserted
and the exit code is 0 either way. Takes some minutes, most of it at the vendors' own call rates.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from tests.bench import dry_run, many_accounts, planning, serving, starting


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table: at most `target` is promised; `form` writes both."""

    name: str
    measured: float
    target: float
    form: str

    @property
    def reached(self) -> bool:
        """Whether the promise is kept here and now."""
        return self.measured <= self.target


def figures() -> Iterator[Figure]:
    """Measure one after the other, so that none disturbs the next."""
    yield from of_commands()
    yield from of_a_dry_run()
    yield from of_the_page()
    yield from of_many_accounts()


def of_commands() -> Iterator[Figure]:
    """What a person waits for."""
    yield Figure(
        name="tidegate --help",
        measured=starting.help_seconds(),
        target=starting.TARGET_HELP_SECONDS,
        form="{:.2f} s",
    )
    yield Figure(
        name=f"tidegate plan, {2 * starting.CUSTOMERS} customers, process start included",
        measured=starting.plan_seconds(),
        target=starting.TARGET_PLAN_SECONDS,
        form="{:.2f} s",
    )
    seconds, _ = planning.timed(planning.world(changed=3))
    yield Figure(
        name=f"planning {planning.STANDINGS:,} standings in core",
        measured=seconds,
        target=planning.TARGET_SECONDS,
        form="{:.2f} s",
    )


def of_a_dry_run() -> Iterator[Figure]:
    """What the vendors see of it."""
    run = dry_run.measured()
    name = f"dry run of {dry_run.CUSTOMERS:,} + {dry_run.CUSTOMERS:,} customers"
    yield Figure(name=f"{name}: vendor calls", measured=run.total, target=dry_run.TARGET_CALLS, form="{:.0f}")
    yield Figure(
        name=f"{name}: calls throttled",
        measured=run.throttled / run.total,
        target=dry_run.TARGET_THROTTLED,
        form="{:.1%}",
    )
    yield Figure(
        name=f"{name}: wall time ({run.seconds:.1f} s) over what the rates allow ({run.allowed:.1f} s)",
        measured=run.seconds / run.allowed,
        target=dry_run.TARGET_RATIO,
        form="{:.2f}",
    )


def of_the_page() -> Iterator[Figure]:
    """What the daemon's page takes to be shown, and the daemon to do nothing."""
    seen = serving.measured()
    name = f"page with {2 * serving.CUSTOMERS:,} customers"
    for what, page in (("slowest", seen.slowest), ("right after a pass", seen.fresh)):
        yield Figure(
            name=f"{name}: {what} ({page.name})",
            measured=page.seconds,
            target=serving.TARGET_PAGE_SECONDS,
            form="{:.3f} s",
        )
    yield Figure(
        name=f"{name}: largest ({seen.largest.name})",
        measured=seen.largest.size / 1000,
        target=serving.TARGET_PAGE_BYTES / 1000,
        form="{:,.0f} kB",
    )
    for customers, idle in ((serving.CUSTOMERS, seen.idle), (serving.SOME, serving.resting())):
        name = f"daemon with the page, {2 * customers:,} customers, between two passes"
        yield Figure(name=f"{name}: CPU", measured=idle.cpu, target=serving.TARGET_IDLE_CPU, form="{:.2%}")
        yield Figure(
            name=f"{name}: memory",
            measured=idle.memory / 1_000_000,
            target=serving.TARGET_IDLE_BYTES / 1_000_000,
            form="{:.0f} MB",
        )


def of_many_accounts() -> Iterator[Figure]:
    """Whether all of them keep their times."""
    made = many_accounts.measured()
    name = f"{2 * many_accounts.ACCOUNTS} accounts with {many_accounts.CUSTOMERS:,} customers each"
    for what, each in (("first", made.first), ("later", made.later)):
        yield Figure(
            name=f"{name}: {what} round, {each.applied:,} corrections, CPU {each.cpu:.0f} s",
            measured=each.seconds,
            target=many_accounts.TARGET_ROUND_SECONDS,
            form="{:.0f} s",
        )
    failed = made.first.failed + made.later.failed
    yield Figure(name=f"{name}: passes failed, ticks missed", measured=failed + made.missed, target=0, form="{:.0f}")


def main() -> None:
    """Measure and print."""
    table = Table("figure")
    table.add_column("measured", justify="right")
    table.add_column("at most", justify="right")
    table.add_column("")
    console = Console()
    with console.status("measuring …"):
        for figure in figures():
            word = "reached" if figure.reached else "missed"
            table.add_row(figure.name, figure.form.format(figure.measured), figure.form.format(figure.target), word)
    console.print(table)


if __name__ == "__main__":
    main()
