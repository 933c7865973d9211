"""What a channel is told: one text for all that has gathered, the gravest first, short enough for a telephone.

Called by scheduler.alerting.delivery; pure. Sentences are cleaned: parts of them may be a vendor's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from core.alerts import Edge, Message, Severity
from scheduler.reports.wording import clean, plural

# Facts in one text; what is beyond stands on the page.
MOST_FACTS: Final = 40
MOST_CHARACTERS: Final = 3500
LONGEST_FACT: Final = 400
LONGEST_SUBJECT: Final = 120
_GENERAL: Final = "Tidegate itself"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What is handed to a channel."""

    title: str
    body: str
    critical: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fact:
    """One fact: how it began, how it ended, or both where both were waiting."""

    began: Message | None = None
    ended: Message | None = None

    @property
    def last(self) -> Message:
        """What was written last."""
        return max((each for each in (self.began, self.ended) if each), key=lambda each: (each.written_at, each.id))

    @property
    def severity(self) -> Severity:
        """The graver of the two."""
        return max((each.severity for each in (self.began, self.ended) if each), key=lambda severity: severity.rank)


def text_of(messages: Sequence[Message], zone: ZoneInfo, link: str | None, now: datetime) -> Text:
    """Write one text of these messages; times are the zone's. What began and ended is one line."""
    facts = sorted(_facts(messages), key=_order)
    lines, shown = _lines(facts, zone, now)
    if shown < len(facts):
        lines += ["", f"and {len(facts) - shown:,} more"]
    if link is not None:
        lines += ["", link]
    lines += ["", f"Times are {zone.key}."]
    critical = any(message.severity is Severity.CRITICAL for message in messages)
    return Text(title=_subject(facts), body="\n".join(lines).strip(), critical=critical)


def _facts(messages: Iterable[Message]) -> list[_Fact]:
    found: dict[str, _Fact] = {}
    for message in messages:
        before = found.get(message.alert, _Fact())
        began = message if message.edge is Edge.BEGAN else before.began
        ended = message if message.edge is Edge.ENDED else before.ended
        found[message.alert] = _Fact(began=began, ended=ended)
    return list(found.values())


def _order(fact: _Fact) -> tuple[object, ...]:
    """Put the gravest first, what begins before what has ended, then by account, then by time."""
    return (-fact.severity.rank, fact.ended is not None, fact.last.account or "", fact.last.written_at, fact.last.id)


def _lines(facts: Sequence[_Fact], zone: ZoneInfo, now: datetime) -> tuple[list[str], int]:
    """Give the lines that fit, and how many facts they tell."""
    lines: list[str] = []
    heading, room = "", MOST_CHARACTERS
    for shown, fact in enumerate(facts[:MOST_FACTS]):
        title = f"{fact.severity.upper()}, {clean(fact.last.account) if fact.last.account else _GENERAL}:"
        line = f"- {_said(fact, zone, now)}"
        room -= len(line) + 1 + (0 if title == heading else len(title) + 2)
        if room < 0 and shown:
            return lines, shown
        if title != heading:
            lines += ["", title] if lines else [title]
            heading = title
        lines.append(line)
    return lines, min(len(facts), MOST_FACTS)


def _said(fact: _Fact, zone: ZoneInfo, now: datetime) -> str:
    at = _at(fact.last.written_at, zone, now)
    sentence = clean(fact.last.sentence, LONGEST_FACT)
    if fact.ended is None:
        return f"{at} {sentence}"
    if fact.began is None:
        return f"{at} Over: {sentence}"
    began = _at(fact.began.written_at, zone, now)
    return f"{began} {clean(fact.began.sentence, LONGEST_FACT)}; over at {at}: {sentence}"


def _at(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    local = moment.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == now.astimezone(zone).date() else f"{local:%Y-%m-%d %H:%M}"


def _subject(facts: Sequence[_Fact]) -> str:
    """Say how many there are and what is the worst: all that a telephone shows."""
    worst = facts[0]
    over = "" if worst.ended is None else "over: "
    # What to do about it stands in the text.
    fact, _, _ = worst.last.sentence.partition("; ")
    said = f"{worst.severity.upper()}: {over}{clean(fact, LONGEST_FACT)}"
    count = f"{plural(len(facts), 'alert')}, " if len(facts) > 1 else ""
    return clean(f"Tidegate: {count}{said}", LONGEST_SUBJECT)
