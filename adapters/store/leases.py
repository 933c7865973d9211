"""Leases: one writer per account.

The kernel's file lock keeps others out and dies with its holder; the epoch, risen with every take-over, lets no late
write of an earlier holder through.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, exists, insert, select, update

from adapters.store.entries import lease_taken
from adapters.store.failures import told_plainly
from adapters.store.instants import instant_text
from adapters.store.parts import Part
from adapters.store.tables import leases
from core.errors import LeaseHeldError
from core.intent import Intent
from core.ports import Lease

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")


class Leases(Part):
    """The right to write to an account."""

    @contextmanager
    def lease(self, account: str, who: str, *, timeout: timedelta = timedelta(seconds=2)) -> Iterator[Lease]:
        """Take the account for writing, waiting at most `timeout`; raises LeaseHeldError."""
        from filelock import FileLock, Timeout  # noqa: PLC0415 - a dry run has no use for it

        # A soft lock (a mere file, where flock is missing) would outlive a killed holder.
        lock = FileLock(lock_path(self._database.path, account), mode=0o600, fallback_to_soft=False)
        with told_plainly(f"take account {account} for writing"):
            try:
                lock.acquire(timeout=timeout.total_seconds())
            except Timeout as error:  # an OSError, but not a failure
                raise LeaseHeldError(account) from error
        try:
            yield self._take(account, who)
        finally:
            lock.release()

    def _take(self, account: str, who: str) -> Lease:
        with self._database.writing(f"take account {account} for writing") as writing:
            last = writing.connection.execute(select(leases.c.epoch).where(leases.c.account == account)).scalar()
            lease = Lease(account=account, epoch=(last or 0) + 1)
            values = {"epoch": lease.epoch, "holder": who, "taken_at": instant_text(self._database.clock.now())}
            if last is None:
                writing.connection.execute(insert(leases).values(account=account, **values))
            else:
                writing.connection.execute(update(leases).where(leases.c.account == account).values(**values))
            writing.say(lease_taken(lease, who))
        return lease


def lease_is_ours(intent: Intent) -> ColumnElement[bool]:
    """Give the condition that the intent's epoch is the one its account was last taken under."""
    return exists().where(leases.c.account == intent.account, leases.c.epoch == intent.epoch)


def holds_lease(connection: Connection, intent: Intent) -> bool:
    """Whether that condition holds now."""
    return bool(connection.execute(select(lease_is_ours(intent))).scalar_one())


def lock_path(database: Path, account: str) -> Path:
    """Give the lock file beside the database; different accounts never share one, whatever their names."""
    safe = _UNSAFE.sub("_", account)
    if safe != account:
        safe += "-" + hashlib.sha256(account.encode()).hexdigest()[:8]
    return database.with_name(f"{database.name}.{safe}.lock")
