"""Runs and the audit chain in the database, and the checks that nobody has changed either chain or intents."""

import json
import zlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, delete, desc, insert, select, true, tuple_

from adapters.store import entries
from adapters.store.chain import Entry, breaks, canonical
from adapters.store.documents import intent_document
from adapters.store.instants import instant_of, instant_text
from adapters.store.parts import Part, of_customer
from adapters.store.rows import intent_of, key_of, time_of, time_text
from adapters.store.tables import audit, intents, runs
from adapters.store.transactions import last_place
from core.limit import CustomerKey
from core.ports import AuditRow, RunRecord

_BATCH = 1000  # rows held at once while a long chain is read


class History(Part):
    """What happened."""

    def keep_run(self, run: RunRecord) -> None:
        """Insert or replace the run."""
        values = _run_values(run)
        with self._database.writing("keep a run") as writing:
            row = writing.connection.execute(select(runs).where(runs.c.id == run.id)).mappings().first()
            if row is not None and _run(row) == run:
                return
            writing.connection.execute(delete(runs).where(runs.c.id == run.id))
            writing.connection.execute(insert(runs).values(**values))
            writing.say(entries.run_kept(run))

    def runs(self, limit: int = 50, *, before: RunRecord | None = None) -> Sequence[RunRecord]:
        """Give them newest first, from `before` on."""
        chosen = _newest_first(select(runs), limit, before)
        with self._database.reading("read the runs") as connection:
            return [_run(row) for row in connection.execute(chosen).mappings()]

    def run_heads(
        self, limit: int = 50, *, before: RunRecord | None = None, since: datetime | None = None
    ) -> Sequence[RunRecord]:
        """Give them without their plans, newest first, from `before` on."""
        # A plan fills many pages of the file; whoever asks for nothing behind it does not have them read.
        columns = (runs.c.id, runs.c.command, runs.c.who, runs.c.begun_at, runs.c.ended_at, runs.c.exit_code)
        chosen = _newest_first(select(*columns), limit, before)
        if since is not None:
            chosen = chosen.where(runs.c.begun_at >= instant_text(since))
        with self._database.reading("read the runs") as connection:
            rows = connection.execute(chosen).mappings()
            return [_run({**row, "plan": None, "summary": ""}) for row in rows]

    def run(self, run_id: str) -> RunRecord | None:
        """Give one with its plan."""
        with self._database.reading("read a run") as connection:
            row = connection.execute(select(runs).where(runs.c.id == run_id)).mappings().first()
            return None if row is None else _run(row)

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
        with self._database.writing("append to the audit") as writing:
            writing.say(Entry(event=event, who=who, account=account, key=key, body=body or {}), at=at)

    def audit(
        self, key: CustomerKey | None = None, *, after: int = 0, events: Collection[str] | None = None
    ) -> Sequence[AuditRow]:
        """Give the chain, or one customer's part of it, oldest first."""
        named = true() if events is None else audit.c.event.in_(sorted(events))
        chosen = select(audit).where(of_customer(audit, key), audit.c.number > after, named).order_by(audit.c.number)
        with self._database.reading("read the audit") as connection:
            return [_audit_row(row) for row in connection.execute(chosen).mappings()]

    def last_row(self) -> AuditRow:
        """Give the chain's last row."""
        with self._database.reading("read the audit") as connection:
            row = connection.execute(select(audit).order_by(desc(audit.c.number)).limit(1)).mappings().one()
            return _audit_row(row)

    def head(self) -> str:
        """Give the last row's digest."""
        with self._database.reading("read the audit") as connection:
            return last_place(connection).digest

    def verify(self) -> Sequence[str]:
        """Recompute the chain, and hold the intents against what it says of them; a sentence for every break."""
        chosen = select(audit).order_by(audit.c.number)
        with self._database.reading("verify the audit") as connection:
            rows = connection.execute(chosen, execution_options={"yield_per": _BATCH}).mappings()
            found = breaks(_audit_row(row) for row in rows)
            return found + _disagreements(connection)


def _disagreements(connection: Connection) -> list[str]:
    """Compare each intent with what the chain says it became: a digest protects only what it is made of."""
    said: dict[str, dict[str, object]] = {}
    named = audit.c.event.in_(("intent_recorded", "intent_moved", "intent_absence_noted"))
    for text in connection.execute(select(audit.c.body).where(named).order_by(audit.c.number)).scalars():
        body = _body(text)
        said.setdefault(str(body.get("id")), {}).update(body)
    found = []
    for row in connection.execute(select(intents).order_by(intents.c.id)).mappings():
        expected = said.pop(row["id"], None)
        stored = _intent_said(row)
        if stored is None:
            found.append(f"intent {row['id']} cannot be read: its row was changed after it was written")
        elif expected is None:
            found.append(f"intent {row['id']} is stored, but the audit never recorded it")
        elif differing := sorted(name for name in stored if stored[name] != expected.get(name)):
            found.append(f"intent {row['id']} is not as the audit says: {', '.join(differing)} differ")
    return found + [f"intent {name} is in the audit, but is no longer stored" for name in sorted(said)]


def _intent_said(row: RowMapping) -> dict[str, object] | None:
    """Give the intent as the audit would say it, None for a row that says no intent at all."""
    try:
        return _body(canonical(intent_document(intent_of(row))))
    except ValueError:
        return None


def _body(text: str) -> dict[str, object]:
    """Read a stored body; one that somebody spoilt must break its link of the chain, not the reading of the rest."""
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {"unreadable": text}


def _newest_first(chosen: Select[Any], limit: int, before: RunRecord | None) -> Select[Any]:
    if before is not None:
        chosen = chosen.where(tuple_(runs.c.begun_at, runs.c.id) < (instant_text(before.begun_at), before.id))
    return chosen.order_by(desc(runs.c.begun_at), desc(runs.c.id)).limit(limit)


def _run_values(run: RunRecord) -> dict[str, object]:
    return {
        "id": run.id,
        "command": run.command,
        "who": run.who,
        "begun_at": instant_text(run.begun_at),
        "ended_at": time_text(run.ended_at),
        "exit_code": run.exit_code,
        "plan": None if run.plan is None else zlib.compress(run.plan.encode(), level=6),
        "summary": run.summary,
    }


def _run(row: Mapping[str, Any] | RowMapping) -> RunRecord:
    return RunRecord(
        id=row["id"],
        command=row["command"],
        who=row["who"],
        begun_at=instant_of(row["begun_at"]),
        ended_at=time_of(row["ended_at"]),
        exit_code=row["exit_code"],
        plan=None if row["plan"] is None else zlib.decompress(row["plan"]).decode(),
        summary=row["summary"],
    )


def _audit_row(row: RowMapping) -> AuditRow:
    return AuditRow(
        number=row["number"],
        at=instant_of(row["at"]),
        event=row["event"],
        who=row["who"],
        key=None if row["vendor"] is None else key_of(row),
        account=row["account"],
        body=_body(row["body"]),
        digest=row["digest"],
    )
