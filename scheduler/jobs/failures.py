"""Passes that failed before they left a run on record, so that somebody hears of them before the account is late.

Noted by scheduler.jobs.passes; laid upon the board by the daemon. Forgotten at the next pass that reads the account.
"""

import threading
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An account's newest pass that failed so. `since`: the first of them in a row; both aware UTC.

    `sentence`: why, for people; it holds no secret.
    """

    at: datetime
    since: datetime
    sentence: str


class Failures:
    """The newest failure of each account that was not read since. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures: dict[str, Failure] = {}

    def failed(self, account: str, sentence: str, at: datetime) -> None:
        """Note that a pass failed."""
        with self._lock:
            before = self._failures.get(account)
            since = at if before is None else min(before.since, at)
            self._failures[account] = Failure(at=at, since=since, sentence=sentence)

    def read(self, account: str) -> None:
        """Note that a pass read the account."""
        with self._lock:
            self._failures.pop(account, None)

    def keep_only(self, accounts: Collection[str]) -> None:
        """Forget accounts that the configuration no longer has."""
        with self._lock:
            self._failures = {name: each for name, each in self._failures.items() if name in accounts}

    def of(self, account: str) -> Failure | None:
        """Give what is noted of an account."""
        with self._lock:
            return self._failures.get(account)
