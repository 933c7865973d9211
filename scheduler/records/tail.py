"""The end of the record: what changed lately, in which account, by whom. Called by boards; it follows what is new."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice

from core.intent import Intent
from core.ports import AuditRow, Journal, LimitChange
from scheduler.records.history import ROWS_LOOKED_AT, TOLD, audit_lines, intent_line, limit_lines
from scheduler.reports.history_table import HistoryLine

CHANGES_TOLD = 100
# More new rows than that are not looked at one by one.
_MANY_ROWS = 5000
_LIMITS_LOOKED_AT = 500
_INTENTS_AT_ONCE = 125
MOST_INTENTS = 20_000
# Threads record side by side: one that is on record may have been begun a little after one that is not yet.
_SIDE_BY_SIDE = timedelta(minutes=1)
_MOMENT = timedelta(microseconds=1)
_ALL = datetime.min.replace(tzinfo=UTC)
# These change no customer's figures.
_NO_FIGURES = frozenset({"lease_taken", "run_kept", "paused", "resumed", "store_made"})


class Tail:
    """The end of the record. Not thread-safe."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._number = 0
        self._digest = ""
        self._rows: deque[AuditRow] = deque(maxlen=CHANGES_TOLD)
        self._limits: Sequence[LimitChange] = ()
        self._intents: dict[str, Intent] = {}
        self._reaches: datetime | None = None  # every intent since then is among them
        self._touched: dict[str, int] = {}
        self._all_touched = 0
        self._lines: tuple[HistoryLine, ...] | None = None

    @property
    def head(self) -> str:
        """The digest with which the record ends."""
        return self._digest

    def refresh(self) -> bool:
        """Read what came since the last time; False: nothing did, in all of our records but the observations."""
        last = self._journal.last_row()
        if last.digest == self._digest:
            return False
        first, many = self._number == 0, last.number - self._number > _MANY_ROWS
        after = max(self._number, last.number - ROWS_LOOKED_AT)
        for row in self._journal.audit(after=after, events=TOLD if first or many else None):
            if row.event in TOLD:
                self._rows.append(row)
            if row.event not in _NO_FIGURES:
                self._touch(row)
        if first or many:
            self._all_touched = last.number
        newest = self._journal.limit_changes(newest=1)
        if list(newest) != list(self._limits[-1:]):
            self._limits = self._journal.limit_changes(newest=_LIMITS_LOOKED_AT)
        self._number, self._digest, self._lines = last.number, last.digest, None
        return True

    def touched(self, account: str) -> int:
        """Give a number that is another one once something of an account's customers was changed."""
        return max(self._all_touched, self._touched.get(account, 0))

    def follow_intents(self, open_intents: Iterable[Intent], since: datetime | None) -> None:
        """Keep the newest intents, and all recorded since a moment, as they stand now."""
        still_open = {intent.id: intent for intent in open_intents}
        for name, intent in self._intents.items():
            if intent.is_open:
                self._intents[name] = still_open.get(name) or self._journal.intent(name) or intent
        newest = max((intent.recorded_at for intent in self._intents.values()), default=None)
        enough = newest - _SIDE_BY_SIDE if newest is not None else since
        if since is not None and enough is not None and (self._reaches is None or since < self._reaches):
            enough = min(since, enough)
        self._read_intents(enough)
        self._forget_intents(since)
        self._lines = None

    def intents_since(self, moments: Mapping[str, datetime]) -> dict[str, tuple[Intent, ...]]:
        """Give each account's that were recorded since its moment, oldest first."""
        found: dict[str, list[Intent]] = {}
        for intent in sorted(self._intents.values(), key=_age):
            if intent.account in moments and intent.recorded_at >= moments[intent.account]:
                found.setdefault(intent.account, []).append(intent)
        return {name: tuple(intents) for name, intents in found.items()}

    def changes(self) -> tuple[HistoryLine, ...]:
        """Give the newest changes, newest first; many limits that came in together are one."""
        if self._lines is None:
            newest = islice(sorted(self._intents.values(), key=_age, reverse=True), CHANGES_TOLD)
            lines = [
                *limit_lines(self._limits, together=True, cut=len(self._limits) == _LIMITS_LOOKED_AT),
                *map(intent_line, newest),
                *audit_lines(self._rows),
            ]
            self._lines = tuple(sorted(lines, key=lambda line: line.at, reverse=True)[:CHANGES_TOLD])
        return self._lines

    def _touch(self, row: AuditRow) -> None:
        if row.account is not None:
            self._touched[row.account] = row.number
        else:
            self._all_touched = row.number

    def _read_intents(self, enough: datetime | None) -> None:
        """Read from the newest on, at least one page and until one is older than `enough`."""
        limit, found = _INTENTS_AT_ONCE, self._journal.intents(limit=_INTENTS_AT_ONCE)
        while len(found) == limit < MOST_INTENTS and enough is not None and found[-1].recorded_at >= enough:
            limit *= 4
            found = self._journal.intents(limit=limit)
        ends = found[-1].recorded_at if len(found) == limit else _ALL
        overlaps = self._reaches is not None and enough is not None and ends < enough
        self._reaches = min(ends, self._reaches) if overlaps and self._reaches is not None else ends
        self._intents |= {intent.id: intent for intent in found}

    def _forget_intents(self, since: datetime | None) -> None:
        """Keep as many as are told, and those that were asked for."""
        newest = sorted(self._intents.values(), key=_age, reverse=True)
        old = [one for one in newest[CHANGES_TOLD:] if since is None or one.recorded_at < since]
        if old:
            self._reaches = old[0].recorded_at + _MOMENT
        for intent in old:
            del self._intents[intent.id]


def _age(intent: Intent) -> tuple[datetime, str]:
    return intent.recorded_at, intent.id
