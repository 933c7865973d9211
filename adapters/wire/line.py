"""One account's line to its vendor: rates, deadlines, retries of reads, single writes.

The vendors' clouds call it with what their client built; the transport under the SDK reports to it.
Must not know any vendor, and must not judge an answer: that is the caller's table.
"""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import Final, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, stop_after_delay
from tenacity.wait import wait_random_exponential

from adapters.wire.call import Call
from adapters.wire.deadline import within_deadline
from adapters.wire.exchange import Exchange
from adapters.wire.failures import SendWindowClosedError, StoppedError, WireError
from adapters.wire.rates import Priority, Rates
from core.errors import TemporaryReadError

__all__ = ["Line", "Priority"]

Parsed = TypeVar("Parsed")

GLANCE: Final = 0.1  # seconds between two looks at `stopping`
ATTEMPTS: Final = 4
PATIENCE: Final = 6  # read timeouts, in which all attempts of one read must begin
LEAST_PATIENCE: Final = 60.0  # seconds; a cool-down of 30 s must fit in
BACK_OFF: Final = wait_random_exponential(multiplier=0.2, max=10)  # seconds
LONGEST_RETRY_AFTER: Final = 30.0  # seconds
WRITE_GRACE: Final = 5.0  # seconds a write under way still gets after the process was asked to stop


class Line:
    """Calls of one account, thread-safe. `rates`: documented calls per second by operation; `share` of them is used.

    `now`: aware wall clock; `stopping`: whether the process was asked to stop. A call is one HTTP request:
    a second one from within the same call is refused.
    """

    def __init__(
        self,
        *,
        rates: Mapping[str, float],
        share: float,
        read_timeout: timedelta,
        now: Callable[[], datetime],
        stopping: Callable[[], bool],
    ) -> None:
        self._rates = Rates(rates, share=share, stopping=stopping)
        self._read_timeout = read_timeout.total_seconds()
        self._now = now
        self._stopping = stopping
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()
        self._skew: timedelta | None = None

    def ask(
        self,
        operation: str,
        call: Callable[[], object],
        judge: Callable[[Exchange], Parsed],
        *,
        priority: Priority = Priority.BULK,
    ) -> Parsed:
        """Run an SDK read: waits for the rate, bounds it by a wall-clock deadline, retries what is temporary.

        `judge` turns the facts into a parsed answer or raises TemporaryReadError / PermanentReadError.
        A stop of the process is a TemporaryReadError with the code `stopping`.
        """
        attempts = Retrying(
            stop=stop_after_attempt(ATTEMPTS) | stop_after_delay(max(LEAST_PATIENCE, PATIENCE * self._read_timeout)),
            wait=_pause,
            retry=retry_if_exception(self._worth_repeating),
            sleep=self._sleep,
            reraise=True,
        )
        parsed: Parsed = attempts(self._ask_once, operation, call, judge, priority)
        return parsed

    def _ask_once(
        self, operation: str, call: Callable[[], object], judge: Callable[[Exchange], Parsed], priority: Priority
    ) -> Parsed:
        try:
            self._rates.wait(operation, priority)
        except StoppedError as error:
            raise TemporaryReadError(operation, "stopping", "the process was asked to stop") from error
        exchange = self._run(Exchange(operation=operation), call, seconds=self._read_timeout, grace=0.0)
        if exchange.timed_out and self._stopping():
            raise TemporaryReadError(operation, "stopping", "the process was asked to stop") from exchange.error
        try:
            return judge(exchange)
        except TemporaryReadError as error:
            if error.throttled:
                self.throttled(operation, error.retry_after)
            raise

    def tell(self, operation: str, call: Callable[[], object], *, send_before: datetime) -> Exchange:
        """Run an SDK write exactly once and give the facts. Never raises for a fault of the call, never retries.

        Its wall-clock deadline is twice the time left until `send_before`: a request that leaves at the last
        moment still has as long as the window was for its answer. When the process is asked to stop,
        a write under way is waited for 5 s at most; what it did is then unknown, as after any lost answer.
        A caller that reads in the answer that it was throttled says so with `throttled`.
        """
        exchange = Exchange(operation=operation, send_before=send_before)
        try:
            self._rates.wait(operation, Priority.WRITE, seconds=self._seconds_until(send_before))
        except WireError as error:
            exchange.error = error
            return exchange
        left = self._seconds_until(send_before)
        if left <= 0:
            exchange.error = SendWindowClosedError(operation, send_before)
            return exchange
        return self._run(exchange, call, seconds=2 * left, grace=WRITE_GRACE)

    def throttled(self, operation: str, retry_after: timedelta | None = None) -> None:
        """Slow this operation down: the vendor asked for fewer calls. `ask` does so by itself."""
        with self._lock:
            self._calls["throttled"] += 1
        self._rates.throttled(operation, retry_after)

    @property
    def skew(self) -> timedelta | None:
        """Our clock minus the vendor's, from the newest answer with a `Date` header; good to about half a second."""
        with self._lock:
            return self._skew

    def calls(self) -> Mapping[str, int]:
        """Requests started by operation, plus `throttled`."""
        with self._lock:
            return {"throttled": 0, **self._calls}

    def _run(self, exchange: Exchange, work: Callable[[], object], *, seconds: float, grace: float) -> Exchange:
        call = Call(exchange, now=self._now, seconds=seconds)
        seen = within_deadline(call, work, stopping=self._stopping, grace=grace)
        with self._lock:
            self._calls[exchange.operation] += seen.started
            if call.skew is not None:
                self._skew = call.skew
        return seen

    def _worth_repeating(self, error: BaseException) -> bool:
        return isinstance(error, TemporaryReadError) and not self._stopping()

    def _seconds_until(self, moment: datetime) -> float:
        return (moment - self._now()).total_seconds()

    def _sleep(self, seconds: float) -> None:
        """Sleep, unless the process is asked to stop."""
        until = monotonic() + seconds
        while (left := until - monotonic()) > 0 and not self._stopping():
            sleep(min(left, GLANCE))


def _pause(state: RetryCallState) -> float:
    """Seconds before the next attempt: random and growing, at least what the vendor asked for."""
    error = None if state.outcome is None else state.outcome.exception()
    asked = error.retry_after.total_seconds() if isinstance(error, TemporaryReadError) and error.retry_after else 0.0
    return max(BACK_OFF(state), min(asked, LONGEST_RETRY_AFTER))
