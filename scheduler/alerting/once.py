"""Evaluates and delivers once, for a command: `tidegate alerts --send`, and `tidegate apply` at its end.

Where no daemon runs, nobody else would send what a command has written, so nothing is gathered here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from core.ports import Outbox
from core.run.world import World
from scheduler import bootstrap, logs
from scheduler.alerting.delivery import Deliveries, deliver
from scheduler.alerting.evaluating import evaluate
from scheduler.alerting.job import channels_of
from scheduler.config import AlertSettings, Settings
from scheduler.records.board import board


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of it: texts by outcome (given_up counts messages, see Deliveries), and messages that still wait."""

    outcomes: Mapping[str, int]
    waiting: int

    @property
    def failed(self) -> int:
        """How many channels took nothing."""
        return self.outcomes.get("failed", 0)

    @property
    def unclear(self) -> int:
        """How many channels took a text and did not answer."""
        return self.outcomes.get("unclear", 0)


def tell_once(settings: Settings, alerts: AlertSettings, world: World, outbox: Outbox) -> Told:
    """Evaluate what is on record now and deliver what is due. Raises StoreFailedError."""
    evaluate(
        outbox,
        board(settings, world),
        channels_of(alerts),
        clock=world.clock,
        ids=world.ids,
        pause_after=alerts.pause_after,
    )
    outcomes: dict[str, int] = {}
    left = deliver(
        Deliveries(
            outbox=outbox,
            notifier=bootstrap.notifier(
                alerts, base=settings.base, clock=world.clock, learn_secrets=logs.REDACTION.learn
            ),
            settings=replace(alerts, gather=timedelta(0)),
            clock=world.clock,
            count=_counting(outcomes),
        )
    )
    return Told(outcomes=outcomes, waiting=left)


def _counting(outcomes: dict[str, int]) -> Callable[[str, str], None]:
    def count(_channel: str, outcome: str) -> None:
        outcomes[outcome] = outcomes.get(outcome, 0) + 1

    return count
