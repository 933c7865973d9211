"""APScheduler, as far as the daemon needs it: ticks of accounts, single ticks to settle something, and chores.

Used by scheduler.daemon.loop alone. Ticks live in memory; what they do is given by the caller and runs in threads of
a pool. Chores have a pool of their own, so that neither ever waits for the other.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Protocol

import structlog
from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_SUBMITTED,
    JobEvent,
)
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from scheduler.daemon.triggers import Rhythm, Timetable

_LOG = structlog.get_logger("tidegate")

# Threads are made when needed; more than any partner has accounts, so that a hanging one never takes another's place.
MOST_THREADS = 256
MOST_CHORES = 8
# No account's name has a blank in it.
_SETTLE = "settle "
_CHORE = "chore "


class Told(Protocol):
    """Who is told what became of an account's ticks; called from any thread, and must be quick."""

    def ended(self, account: str) -> None:
        """A tick of this account has ended, and counts as running no more."""

    def dropped(self, account: str) -> None:
        """A tick came while the one before was still running."""

    def missed(self, account: str, ticks: int) -> None:
        """So many ticks were late and made up for by one."""


class Ticker:
    """The ticks of one process."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._chores: dict[str, tuple[float, Callable[[], object]]] = {}
        self._chores_running: set[str] = set()
        self._troubles: dict[str, str] = {}
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(MOST_THREADS), "chores": ThreadPoolExecutor(MOST_CHORES)},
            # A late tick still runs (misfire_grace_time None), several late ones are one (coalesce; the timetable
            # counts them), and an account never runs twice at a time: the next tick is as good. Where it is not, the
            # daemon asks once more.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )
        self._scheduler.add_listener(
            self._happened,
            EVENT_JOB_SUBMITTED | EVENT_JOB_MAX_INSTANCES | EVENT_JOB_ERROR | EVENT_JOB_EXECUTED,
        )

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more; what runs goes on."""
        self._scheduler.shutdown(wait=False)

    def rhythms(self) -> dict[str, Rhythm]:
        """Give each account's rhythm, as it is in force."""
        jobs = self._scheduler.get_jobs()
        return {job.id: job.trigger.rhythm for job in jobs if isinstance(job.trigger, Timetable)}

    def put(self, account: str, rhythm: Rhythm, work: Callable[[str], None]) -> None:
        """Let a new account tick, for the first time now."""
        self._scheduler.add_job(
            work, Timetable(rhythm), args=[account], id=account, name=account, next_run_time=datetime.now(UTC)
        )

    def retime(self, account: str, rhythm: Rhythm) -> None:
        """Give an account another rhythm, from now on."""
        self._scheduler.reschedule_job(account, trigger=Timetable(rhythm))

    def remove(self, account: str) -> None:
        """Let an account tick no more."""
        for name in (account, _SETTLE + account):
            with suppress(JobLookupError):
                self._scheduler.remove_job(name)

    def ask(self, account: str) -> None:
        """Let an account tick now; its rhythm goes on from here. Nothing where it is gone."""
        with suppress(JobLookupError):
            self._scheduler.modify_job(account, next_run_time=datetime.now(UTC))

    def once(self, account: str, at: datetime, work: Callable[[str], None]) -> None:
        """Let an account tick once more, at this moment, beside its rhythm; in the place of an earlier such wish."""
        self._scheduler.add_job(
            work,
            DateTrigger(at, timezone=UTC),
            args=[account],
            id=_SETTLE + account,
            name=_SETTLE + account,
            next_run_time=at,
            replace_existing=True,
            max_instances=2,  # the one that asks for the next has not ended yet
        )

    def not_once(self, account: str) -> None:
        """Take such a wish back."""
        with suppress(JobLookupError):
            self._scheduler.remove_job(_SETTLE + account)

    @property
    def chores_running(self) -> tuple[str, ...]:
        """The chores that are being done."""
        return tuple(sorted(self._chores_running))

    def chore(self, name: str, seconds: float, work: Callable[[], object]) -> None:
        """Do something every so many seconds, for the first time now; one that takes longer is not begun again."""
        self._chores[name] = (seconds, work)

        def done() -> None:
            self._chores_running.add(name)
            try:
                work()
            finally:
                self._chores_running.discard(name)

        self._scheduler.add_job(
            done,
            IntervalTrigger(seconds=seconds, timezone=UTC),
            id=_CHORE + name,
            name=_CHORE + name,
            executor="chores",
            next_run_time=datetime.now(UTC),
            replace_existing=True,
        )

    def next_at(self, account: str) -> datetime | None:
        """Give when an account ticks next, aware UTC."""
        jobs = (self._scheduler.get_job(name) for name in (account, _SETTLE + account))
        return min((job.next_run_time for job in jobs if job is not None), default=None)

    def wind(self) -> None:
        """Begin every rhythm and chore anew, now: the machine's clock was set back, and all of them lie ahead."""
        for account, rhythm in self.rhythms().items():
            self.retime(account, rhythm)
            self.ask(account)
        for name, (seconds, work) in self._chores.items():
            self.chore(name, seconds, work)

    def _happened(self, event: JobEvent) -> None:
        self._log_failure(event)
        if event.job_id.startswith(_CHORE):
            return
        account = event.job_id.removeprefix(_SETTLE)
        if event.code in {EVENT_JOB_EXECUTED, EVENT_JOB_ERROR}:
            self._told.ended(account)
        elif event.job_id == account:
            job = self._scheduler.get_job(account)
            missed = 0 if job is None else job.trigger.take_missed()
            if missed:
                self._told.missed(account, missed)
            if event.code == EVENT_JOB_MAX_INSTANCES:
                self._told.dropped(account)

    def _log_failure(self, event: JobEvent) -> None:
        """Log what a job raised; a chore comes again in seconds, so the same is told once until it has worked."""
        if event.code == EVENT_JOB_EXECUTED:
            self._troubles.pop(event.job_id, None)
        if event.code == EVENT_JOB_ERROR and self._troubles.get(event.job_id) != (why := repr(event.exception)):
            self._troubles[event.job_id] = why
            _LOG.error("job_failed", job=event.job_id, why=why)
