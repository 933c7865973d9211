"""What became of an apply, for people: each change with its end, what is still open, and what to do next.

Takes anything that has the facts of an outcome; core.run's own values fit.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from core.intent import Intent, State
from core.plan import Correction, HoldReason
from scheduler.reports.wording import action, clean, cloud, customer_id, moment, plural, signed

# More rows than a person reads; beyond it only what did not simply succeed is listed.
MOST_ROWS = 40

_ENDS = {
    State.RECORDED: ("not sent yet", "yellow"),
    State.SENT: ("sent, no answer yet", "yellow"),
    State.CONFIRMED: ("confirmed, not yet read back", "yellow"),
    State.REFUSED: ("refused by the vendor", "red"),
    State.NOT_SENT: ("not sent", "red"),
    State.UNCERTAIN: ("outcome not known yet", "yellow"),
    State.SETTLED_APPLIED: ("applied and read back", "green"),
    State.SETTLED_NOT_APPLIED: ("not applied", "yellow"),
    State.DISPUTED: ("disputed: a person must decide", "red"),
}


class OutcomeFacts(Protocol):
    """One correction's end, as core.run gives it."""

    @property
    def correction(self) -> Correction:
        """The correction."""

    @property
    def intent(self) -> Intent | None:
        """Its intent, None when nothing was recorded."""

    @property
    def held(self) -> HoldReason | None:
        """Why nothing was recorded."""

    @property
    def sentence(self) -> str:
        """More about it."""


def outcome_table(
    outcomes: Sequence[OutcomeFacts],
    *,
    settled: Sequence[Intent],
    still_open: Sequence[Intent],
    settle_at: datetime | None,
) -> RenderableType:
    """Give the end of an apply as something rich can print."""
    parts: list[RenderableType] = []
    if settled:
        parts += [Text(f"Settled from earlier runs: {plural(len(settled), 'change')}."), _intents(settled)]
    shown = [outcome for outcome in outcomes if len(outcomes) <= MOST_ROWS or not _applied(outcome)]
    if shown:
        parts.append(_outcomes(shown))
    parts.append(_summary(outcomes))
    if still_open:
        parts += [Text(f"Still open: {plural(len(still_open), 'change')}.", style="bold yellow"), _intents(still_open)]
    if settle_at is not None:
        parts.append(Text(f"Run `tidegate apply` again after {moment(settle_at)} to settle what is uncertain."))
    return Group(*parts)


def intent_end(state: State) -> str:
    """Name the state of an intent for people."""
    return _ENDS[state][0]


def intent_table(intents: Sequence[Intent]) -> Table:
    """List intents: what each would change, and where it stands."""
    return _intents(intents)


def _applied(outcome: OutcomeFacts) -> bool:
    return outcome.intent is not None and outcome.intent.state is State.SETTLED_APPLIED


def _summary(outcomes: Sequence[OutcomeFacts]) -> Text:
    applied = sum(1 for outcome in outcomes if _applied(outcome))
    if not outcomes:
        return Text("Nothing was to be changed.")
    style = "green" if applied == len(outcomes) else "bold yellow"
    return Text(f"{applied} of {plural(len(outcomes), 'change')} applied and read back.", style=style)


def _outcomes(outcomes: Sequence[OutcomeFacts]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Customer", overflow="fold")
    table.add_column("Cloud", no_wrap=True)
    table.add_column("Change", justify="right", no_wrap=True)
    table.add_column("Outcome", overflow="fold")
    for outcome in outcomes:
        row = outcome.correction
        table.add_row(
            Text(customer_id(row.customer), style="bold"),
            Text(cloud(row.key.vendor)),
            Text(signed(row.change) or action(row.action)),
            _end(outcome),
        )
    return table


def _end(outcome: OutcomeFacts) -> Text:
    if outcome.intent is not None:
        words, style = _ENDS[outcome.intent.state]
        more = outcome.sentence or outcome.intent.outcome
    else:
        words = outcome.held.sentence if outcome.held is not None else "nothing to do"
        style, more = "yellow" if outcome.held is not None else "green", outcome.sentence
    text = Text(words, style=style)
    if more and not _applied(outcome):
        text.append(f": {clean(more)}", style="default")
    return text


def _intents(intents: Sequence[Intent]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for title in ("Intent", "Customer"):
        table.add_column(title, overflow="fold")
    table.add_column("Change", justify="right", no_wrap=True)
    table.add_column("Stands", overflow="fold")
    for intent in intents:
        words, style = _ENDS[intent.state]
        stands = Text(words, style=style)
        if intent.is_open and intent.fence_at is not None:
            stands.append(f"\ncan be settled from {moment(intent.fence_at)}", style="default")
        if intent.outcome:
            stands.append(f"\n{clean(intent.outcome)}", style="default")
        customer = f"{customer_id(intent.customer)}\n{cloud(intent.key.vendor)}, {clean(intent.account)}"
        table.add_row(
            Text(clean(intent.id)), Text(customer), Text(signed(intent.change) or action(intent.action)), stands
        )
    return table
