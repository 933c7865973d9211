"""All figures that Tidegate promises, measured on this machine and printed as one table; `make bench` runs it.

Figures, not tests: a busy machine misses them without anything being wrong, so nothing is asserted
and the exit code is 0 either way. Takes about half a minute, most of it at the vendors' own call rates.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from tests.bench import dry_run, planning, starting


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
