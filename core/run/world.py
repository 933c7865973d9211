"""What a run is given and what it gives back: the ports it drives, the request, the result."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.intent import Intent
from core.plan import Correction, HoldReason, Plan
from core.policy import AccountPolicy
from core.ports import Clock, Cloud, Ids, Journal, Observations


def _fingerprint(plan: Plan) -> str:
    return plan.fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The ports of one composition; `clouds` has exactly the accounts of `policies`.

    `limits_digest`: sha256 of the limits files as read. `plan_text`: how a plan is written to be stored.
    """

    clouds: Mapping[str, Cloud]
    policies: Mapping[str, AccountPolicy]
    journal: Journal
    observations: Observations
    clock: Clock
    ids: Ids
    limits_digest: str = ""
    plan_text: Callable[[Plan], str] = _fingerprint


# (account, customer key as text) to the facts of the correction that a plan file shows for it.
Shown = Mapping[tuple[str, str], Mapping[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked of a run. `accounts`, `customers` (ids) None: all.

    `wait`: stay until nothing is uncertain. `only`: facts of a saved plan, nothing else may be applied:
    (account, customer key text) to the canonical facts of its correction.
    """

    command: str
    who: str
    accounts: frozenset[str] | None = None
    customers: frozenset[str] | None = None
    wait: bool = False
    only: Shown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one correction: `intent` None when nothing was recorded, then `held` says why."""

    correction: Correction
    intent: Intent | None = None
    held: HoldReason | None = None
    sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A run's end.

    `open_intents`: what is still open in the accounts concerned; `settle_at`: when the last of the uncertain ones
    can be settled. `settled`: intents of earlier runs that this run closed.
    """

    plan: Plan
    outcomes: tuple[Outcome, ...]
    open_intents: tuple[Intent, ...]
    settled: tuple[Intent, ...]
    settle_at: datetime | None
    exit_code: int
    problems: tuple[str, ...] = ()


class Watch(Protocol):
    """Told of what happens while it happens; must not raise."""

    def intent_moved(self, intent: Intent) -> None:
        """One intent was recorded or changed its state, already on disk."""

    def said(self, account: str, sentence: str) -> None:
        """Say something worth a line, such as waiting for a fence."""


Approve = Callable[[Plan], bool]
