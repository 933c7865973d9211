"""What a metric is: its name, form, labels and meaning, and how its figures are had from the board.

The metrics themselves stand in the modules beside this one whose names end alike; scheduler.web.metrics writes them.
Names and labels are promises to those who built alerts on them: a test holds the documents to them. Knows nothing of
the library that writes them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.money import CENTS_PER_UNIT, Money
from scheduler.reports.board import AccountBoard, Board, Counts, Health


class Form(StrEnum):
    """What a metric's figure may do."""

    GAUGE = "gauge"  # goes up and down
    COUNTER = "counter"  # goes up, and starts at zero with the daemon
    SUMMARY = "summary"  # how many, and their sum; both are counters


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that metrics are made of."""

    board: Board
    counts: Counts
    health: Health


@dataclass(frozen=True, slots=True)
class Sample:
    """One figure. `labels`: values in the order of the metric's label names. Of a summary `value` is the sum."""

    labels: tuple[str, ...]
    value: float
    count: int = 0


Samples = Callable[[Facts], Iterable[Sample]]
Figures = Callable[[AccountBoard], Mapping[str, float | int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One metric. `name`: as it is shown; a summary's is followed by `_count` and `_sum`.

    `meaning`: what the figure says and in which unit, for `# HELP` and the table of the documents.
    `samples`: its figures; one that is not known is left out, since unknown is never zero.
    """

    name: str
    form: Form
    meaning: str
    samples: Samples
    labels: tuple[str, ...] = ()


def of_accounts(figure: Callable[[AccountBoard], float | int | None]) -> Samples:
    """Make the samples of a metric with the label `account`: one figure an account, None: left out."""

    def samples(facts: Facts) -> Iterator[Sample]:
        for account in facts.board.accounts:
            value = figure(account)
            if value is not None:
                yield Sample((account.name,), value)

    return samples


def of_accounts_by(figures: Figures) -> Samples:
    """Make the samples of a metric with the label `account` and one more, whose values are the keys."""

    def samples(facts: Facts) -> Iterator[Sample]:
        for account in facts.board.accounts:
            for word, value in figures(account).items():
                yield Sample((account.name, word), value)

    return samples


def seconds(moment: datetime | None) -> float | None:
    """Give a moment as Prometheus has it: seconds since 1970."""
    return None if moment is None else moment.timestamp()


def dollars(amount: Money | None) -> float | None:
    """Give an amount as Prometheus has it; it knows nothing but floats, and these are exact to the cent far enough.

    Nothing is reckoned with them here: what is added up was added up as cents.
    """
    return None if amount is None else amount.cents / CENTS_PER_UNIT
