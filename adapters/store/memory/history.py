"""Runs and the audit chain, in memory."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from adapters.store import entries
from adapters.store.chain import Entry, breaks
from adapters.store.memory.part import Part
from core.limit import CustomerKey
from core.ports import AuditRow, RunRecord


class History(Part):
    """What happened."""

    def keep_run(self, run: RunRecord) -> None:
        """Insert or replace it."""
        with self._memory.lock:
            if self._memory.runs.get(run.id) != run:
                self._memory.runs[run.id] = run
                self._memory.say(entries.run_kept(run))

    def runs(self, limit: int = 50, *, before: RunRecord | None = None) -> Sequence[RunRecord]:
        """Give them newest first, from `before` on."""
        with self._memory.lock:
            found = sorted(self._memory.runs.values(), key=_place, reverse=True)
        return [run for run in found if before is None or _place(run) < _place(before)][:limit]

    def note(
        self,
        event: str,
        *,
        who: str,
        at: datetime,
        account: str | None = None,
        key: CustomerKey | None = None,
        body: Mapping[str, object] | None = None,
    ) -> None:
        """Append an audit row of its own."""
        with self._memory.lock:
            self._memory.say(Entry(event=event, who=who, account=account, key=key, body=body or {}), at=at)

    def audit(self, key: CustomerKey | None = None) -> Sequence[AuditRow]:
        """Give the chain, or one customer's part of it."""
        with self._memory.lock:
            return [row for row in self._memory.chain if key in (None, row.key)]

    def head(self) -> str:
        """Give the last row's digest."""
        return self._memory.chain[-1].digest

    def verify(self) -> Sequence[str]:
        """Recompute the chain."""
        with self._memory.lock:
            return breaks(self._memory.chain)


def _place(run: RunRecord) -> tuple[datetime, str]:
    return (run.begun_at, run.id)
