"""Runs and the audit chain, in memory."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
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

    def run_heads(
        self, limit: int = 50, *, before: RunRecord | None = None, since: datetime | None = None
    ) -> Sequence[RunRecord]:
        """Give them without their plans, newest first, from `before` on."""
        heads = [replace(run, plan=None, summary="") for run in self.runs(limit, before=before)]
        return [head for head in heads if since is None or head.begun_at >= since]

    def run(self, run_id: str) -> RunRecord | None:
        """Give one with its plan."""
        with self._memory.lock:
            return self._memory.runs.get(run_id)

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

    def audit(
        self, key: CustomerKey | None = None, *, after: int = 0, events: Collection[str] | None = None
    ) -> Sequence[AuditRow]:
        """Give the chain, or one customer's part of it."""
        with self._memory.lock:
            rows = [row for row in self._memory.chain[after:] if key in (None, row.key)]
        return [row for row in rows if events is None or row.event in events]

    def last_row(self) -> AuditRow:
        """Give the chain's last row."""
        return self._memory.chain[-1]

    def head(self) -> str:
        """Give the last row's digest."""
        return self._memory.chain[-1].digest

    def verify(self) -> Sequence[str]:
        """Recompute the chain."""
        with self._memory.lock:
            return breaks(self._memory.chain)


def _place(run: RunRecord) -> tuple[datetime, str]:
    return (run.begun_at, run.id)
