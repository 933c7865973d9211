"""What the newest runs say of each account; kept up to date, and every plan opened once. Called by boards.

A run's row does not name its accounts; only its plan does. So runs are looked through newest first until every account
was met, and accounts that run rarely are found by who kept their standings last.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.exposure import Outlook
from core.ports import RunRecord
from core.run.world import World
from scheduler.records.plan_parts import NOTHING, Part, parts_of
from scheduler.reports.board import LastRun

PLANS_LOOKED_AT = 1000  # when it is first looked, and nothing is known yet
_HEADS_AT_ONCE = 100
_HEADS_KEPT = 2000
_KEEPERS_LOOKED_AT = 10
# Runs that may lie between an account's last success and its next run: those of all other accounts.
_FAILURES_LOOKED_AT = 100
_HEADS_SINCE = 20_000
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the newest runs say of one account. `last_run`, `whole`: the newest that looked at all of its customers.

    `read_at`: begin of the newest of those that could read the account. `problem_since`: that of the first that could
    not since then, None while it can be read. `newest`: the id of the newest run of any sort. `outlook`: the newest
    that a run told which could read the account.
    """

    newest: str = ""
    last_run: LastRun | None = None
    whole: Part = NOTHING
    read_at: datetime | None = None
    problem_since: datetime | None = None
    outlook: Outlook | None = None


_Place = tuple[datetime, str]


class Runs:
    """The runs as far as they were looked at. Not thread-safe."""

    def __init__(self, world: World) -> None:
        self._journal = world.journal
        self._observations = world.observations
        self._told: dict[str, Told] = {}
        self._known: dict[str, _Place] = {}
        self._first = True
        self._looked_back_to: _Place | None = None
        self._sought: set[str] = set()

    def refresh(self, accounts: Collection[str]) -> None:
        """Look at the runs that are new, and at what became of those that were under way. Raises StoreFailedError."""
        fresh: list[tuple[RunRecord, Mapping[str, Part]]] = []
        missing = set(accounts)
        for head in self._journal.run_heads(PLANS_LOOKED_AT) if self._first else self._new_heads():
            if head.id in self._known:
                self._ended(head)
                continue
            # Only the newest plan's rows are ever told.
            parts = self._opened(head.id, missing)
            fresh.append((head, parts))
            missing -= {name for name, part in parts.items() if not part.narrowed}
            if self._first and not missing:
                break
        for head, parts in reversed(fresh):
            self._known[head.id] = _place(head)
            for name, part in parts.items():
                self._told[name] = _followed(self._told.get(name, Told()), head, part)
        if self._first and fresh:
            self._looked_back_to = _place(fresh[-1][0])
        self._first = False
        self._forget_the_oldest()
        self.seek(accounts)

    def seek(self, accounts: Collection[str]) -> None:
        """Look further back, once, for accounts of which too little was met."""
        for name in sorted(set(accounts) - self._sought) if not self._first else ():
            self._sought.add(name)
            self._told[name] = self._sought_further(name, self._told.get(name, Told()))

    def of(self, account: str) -> Told:
        """Give what is known of an account."""
        return self._told.get(account, Told())

    def _new_heads(self) -> Sequence[RunRecord]:
        """Give heads newest first, a page beyond those that are new: they may have ended since."""
        found: list[RunRecord] = []
        before: RunRecord | None = None
        while page := self._journal.run_heads(_HEADS_AT_ONCE, before=before):
            found += page
            if any(head.id in self._known for head in page):
                break
            before = page[-1]
        return [head for head in found if self._looked_back_to is None or _place(head) >= self._looked_back_to]

    def _opened(self, run_id: str, rows_of: Collection[str] = ()) -> Mapping[str, Part]:
        run = self._journal.run(run_id)
        return {} if run is None else parts_of(run, rows_of)

    def _ended(self, head: RunRecord) -> None:
        """Note what became of a run that was under way."""
        for name, told in self._told.items():
            if told.last_run is not None and told.last_run.id == head.id:
                self._told[name] = replace(told, last_run=_last_run(head))

    def _forget_the_oldest(self) -> None:
        if len(self._known) > _HEADS_KEPT:
            newest = sorted(self._known.items(), key=lambda item: item[1], reverse=True)[: _HEADS_KEPT // 2]
            self._looked_back_to = newest[-1][1]
            self._known = dict(newest)

    def _sought_further(self, name: str, told: Told) -> Told:
        """Look for what the first look did not meet: an account's last run, its last success, when it began to fail."""
        if told.whole is not NOTHING and told.whole.problem is None:
            return told
        keepers = self._observations.kept_by(name)
        for run_id in sorted(keepers, key=keepers.__getitem__, reverse=True)[:_KEEPERS_LOOKED_AT]:
            run = self._journal.run(run_id)
            part = None if run is None else parts_of(run, {name}).get(name)
            if run is None or part is None or part.narrowed:
                continue
            if told.whole is NOTHING:
                told = replace(told, whole=part, last_run=_last_run(run))
            if part.problem is None:
                told = replace(told, read_at=part.begun_at, outlook=part.outlook)
                break
        # What nobody's run kept any more was still seen.
        read_at = told.read_at or max(keepers.values(), default=None)
        told = replace(told, read_at=read_at)
        if told.whole.problem is None:
            return told
        return replace(told, problem_since=self._first_failure(name, read_at) or told.whole.begun_at)

    def _first_failure(self, name: str, read_at: datetime | None) -> datetime | None:
        """Find the first run since a moment that could not read the account."""
        since = None if read_at is None else read_at + _MOMENT
        heads = self._journal.run_heads(_HEADS_SINCE, since=since)
        for head in list(reversed(heads))[:_FAILURES_LOOKED_AT]:
            part = self._opened(head.id).get(name)
            if part is not None and not part.narrowed and part.problem is not None:
                return part.begun_at
        return None


def _followed(told: Told, head: RunRecord, part: Part) -> Told:
    """Give what is known after one more run; runs are told in the order in which they began."""
    told = replace(told, newest=head.id)
    if part.narrowed or (told.whole.begun_at, told.whole.run) > _place(head):
        return told
    told = replace(told, whole=part, last_run=_last_run(head))
    if part.problem is None:
        return replace(told, read_at=part.begun_at, problem_since=None, outlook=part.outlook or told.outlook)
    return replace(told, problem_since=told.problem_since or part.begun_at)


def _last_run(head: RunRecord) -> LastRun:
    return LastRun(
        id=head.id,
        command=head.command,
        who=head.who,
        begun_at=head.begun_at,
        ended_at=head.ended_at,
        exit_code=head.exit_code,
    )


def _place(run: RunRecord) -> _Place:
    return run.begun_at, run.id
