"""The loop: every account at its own interval, side by side, until it is told to stop. APScheduler lives here alone.

Called by the command `tidegate daemon`. Ticks come from APScheduler's memory; what a tick does is in scheduler.jobs.
Signals: SIGTERM and SIGINT end it within ten seconds with exit code 0, a second one at once with 1;
SIGHUP reads the configuration now and starts a pass for every account; where one is running, as soon as it has ended.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from queue import Empty, SimpleQueue
from types import FrameType

import structlog
from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    JobEvent,
)
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from scheduler.config import Settings
from scheduler.jobs import Passes, SettingsSource

_LOG = structlog.get_logger("tidegate")

# Passes under way have this long to end by themselves; the promise is ten seconds in all.
GRACE_SECONDS = 8.0
# How often the waiting loop looks whether a signal came to another thread.
WAKING_SECONDS = 0.25
# Threads are made when needed; more than any partner has accounts, so that a hanging one never takes another's place.
MOST_THREADS = 256
# Accounts that start together must not stay in step: a tenth of the interval, at most a minute.
JITTER_SHARE = 0.1
MOST_JITTER_SECONDS = 60.0

_EVENT_NAMES = {
    EVENT_JOB_MISSED: "job_missed",
    EVENT_JOB_MAX_INSTANCES: "job_still_running",
    EVENT_JOB_ERROR: "job_failed",
}


class Daemon:
    """One process's loop. `run` returns the exit code."""

    def __init__(self, source: SettingsSource, passes: Passes) -> None:
        self._source = source
        self._passes = passes
        # What the main thread is to do next, None: stop. Signal handlers and the passes' threads only put something in.
        self._errands: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        # Accounts that are to have a pass which begins from now on.
        self._asked: set[str] = set()
        self._stops = 0
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(MOST_THREADS)},
            # A late tick still runs (misfire_grace_time None), several late ones are one (coalesce), and an account
            # never runs twice at a time: the next tick is as good. Where it is not, see `_ask`.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )

    def run(self) -> int:
        """Tick until told to stop; give 0, even when a hanging pass had to be left: its changes are on record."""
        self._scheduler.add_listener(self._log_event, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES | EVENT_JOB_ERROR)
        self._scheduler.add_listener(self._ended, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
        self._source.on_change(self.schedule)
        with self._handling_signals():
            self._scheduler.start()
            self.schedule(self._source.settings)
            _LOG.info("daemon_started", accounts=sorted(self._source.settings.accounts), pid=os.getpid())
            while (errand := self._next()) is not None:
                errand()
            self._stop()
        return 0

    def schedule(self, settings: Settings) -> None:
        """Give every account its job, at once and then at its own interval; take away those that are gone."""
        known = {job.id: job for job in self._scheduler.get_jobs()}
        for name in known.keys() - settings.accounts.keys():
            self._asked.discard(name)
            self._scheduler.remove_job(name)
        for name, account in settings.accounts.items():
            every = account.policy.every.total_seconds()
            if name not in known:
                # One that was taken out and put in again may still have its old pass under way.
                self._asked.add(name)
                self._scheduler.add_job(
                    self._tick, _trigger(every), args=[name], id=name, name=name, next_run_time=datetime.now(UTC)
                )
            elif self.intervals()[name] != every:
                self._scheduler.reschedule_job(name, trigger=_trigger(every))

    def intervals(self) -> dict[str, float]:
        """Give each account's interval in seconds, as it is in force."""
        return {job.id: job.trigger.interval_length for job in self._scheduler.get_jobs()}

    def _next(self) -> Callable[[], None] | None:
        """Wait for the next errand, None: stop.

        The kernel may hand a signal to any thread, but its handler runs here, when this thread wakes: so it must, by
        itself.
        """
        while True:
            with suppress(Empty):
                return self._errands.get(timeout=WAKING_SECONDS)

    def _read_now(self) -> None:
        _LOG.info("config_read_on_signal")
        self._source.read()
        for job in self._scheduler.get_jobs():
            self._ask(job.id)

    def _ask(self, name: str) -> None:
        """Let a pass begin now. APScheduler drops a tick that meets a running pass; `_ended` asks again then."""
        self._asked.add(name)
        with suppress(JobLookupError):  # the account may have been taken out meanwhile
            self._scheduler.modify_job(name, next_run_time=datetime.now(UTC))

    def _tick(self, name: str) -> None:
        # Taken off before the pass reads anything: who asks from here on wants a later reading than this one.
        self._asked.discard(name)
        self._passes.run(name)

    def _ended(self, event: JobEvent) -> None:
        """Ask again for an account that was asked for while its pass ran; APScheduler has counted that pass out by now.

        Left to the main thread: APScheduler may call this while it puts down the very job's next tick.
        """
        if event.job_id in self._asked:
            self._errands.put(partial(self._ask, event.job_id))

    def _log_event(self, event: JobEvent) -> None:
        log_event(event, once_more=event.job_id in self._asked)

    def _stop(self) -> None:
        _LOG.info("daemon_stopping", running=list(self._passes.running))
        self._passes.stop()
        self._scheduler.shutdown(wait=False)
        deadline = time.monotonic() + GRACE_SECONDS
        while self._passes.running and time.monotonic() < deadline:
            time.sleep(0.05)
        left = self._passes.running
        _LOG.info("daemon_stopped", left_running=list(left))
        if left:
            # Their threads would hold the process; what they sent is on disk and is settled by the next start.
            os._exit(0)

    @contextmanager
    def _handling_signals(self) -> Iterator[None]:
        def stop(_number: int, _frame: FrameType | None) -> None:
            self._stops += 1
            if self._stops > 1:
                os._exit(1)
            self._passes.stop()
            self._errands.put(None)

        def read_again(_number: int, _frame: FrameType | None) -> None:
            self._errands.put(self._read_now)

        handlers = {signal.SIGTERM: stop, signal.SIGINT: stop, signal.SIGHUP: read_again}
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _trigger(every: float) -> IntervalTrigger:
    return IntervalTrigger(seconds=every, jitter=min(every * JITTER_SHARE, MOST_JITTER_SECONDS), timezone=UTC)


def log_event(event: JobEvent, *, once_more: bool) -> None:
    """Log what APScheduler says of a tick; `once_more`: a pass follows as soon as the one under way has ended."""
    _LOG.warning(_EVENT_NAMES.get(event.code, "job_event"), account=event.job_id, once_more=once_more)
