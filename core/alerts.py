"""Alerts: what somebody must be told, once per fact, and what has become of it.

Conditions are levels: each evaluation gives all that hold now, whatever was told before. Only the difference from what
stands on record is told: a condition that is new, and for most sorts its end. So a crash loses nothing, since what
still holds is found again, and nothing is told twice, since it stands on record from its first message on.
Made from the board by scheduler.alerting; kept by the store; pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum

from core.limit import CustomerKey

_NOW = timedelta(0)
# What one pass may show and the next may not: two passes at the usual interval have to agree.
_TWO_LOOKS = timedelta(minutes=15)
# What settles itself by the fence in the ordinary course.
_PAST_THE_FENCE = timedelta(minutes=45)


class Severity(StrEnum):
    """How much it matters; in rising order."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 to 2."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}  # asked for of every condition there is


class Sort(Enum):
    """What sort of fact: (word, severity, how long it must stand before it is told, whether its end is told)."""

    THRESHOLD = ("threshold", Severity.WARNING, _NOW, True)  # a share of a limit is spent; 100 % is critical
    STOPPED = ("stopped", Severity.WARNING, _NOW, True)  # restricted, frozen or suspended; the last two are critical
    DELETION = ("deletion", Severity.CRITICAL, _NOW, False)  # 7, 3 and 1 days before the vendor deletes data
    HOLD = ("hold", Severity.WARNING, _TWO_LOOKS, False)  # a correction is not made, and a person must act
    UNCERTAIN = ("uncertain", Severity.WARNING, _PAST_THE_FENCE, True)  # a change that should be settled by now
    DISPUTE = ("dispute", Severity.CRITICAL, _NOW, True)  # records contradict each other: `tidegate settle`
    GUARD = ("guard", Severity.WARNING, _NOW, True)  # a guard is tripped
    UNREADABLE = ("unreadable", Severity.CRITICAL, _TWO_LOOKS, True)  # an account cannot be read
    LATE = ("late", Severity.CRITICAL, _NOW, True)  # no run has succeeded for too long
    CLOCK = ("clock", Severity.CRITICAL, _NOW, True)  # this machine's clock is off: nothing is written
    PAUSE = ("pause", Severity.WARNING, _NOW, True)  # somebody paused it long ago
    SHORTAGE = ("shortage", Severity.WARNING, _NOW, True)  # the next month needs more credit than there is
    CONFIG = ("config", Severity.WARNING, _TWO_LOOKS, True)  # the files are broken; the last whole ones are in force
    DOWN = ("down", Severity.WARNING, _NOW, False)  # the daemon was not running for a while

    def __init__(self, word: str, severity: Severity, patience: timedelta, tells_end: bool) -> None:  # noqa: FBT001 - enum payload
        self.word = word
        self.severity = severity
        self.patience = patience
        self.tells_end = tells_end


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One fact that holds now. `subject` tells apart what is alike: a threshold, a hold's reason, a dispute's id.

    `period`: what it is counted in, "2026-11" or ""; a condition of a period that is over ends without a word.
    `account` None: it is about the daemon. `severity` is the sort's unless the fact is graver. `sentence`: for people,
    without the customer's name; `over`: what is said at its end, empty where that is not told. `rung`: of conditions
    alike but for their subject, one with a higher rung says what those below it say; 0: it says only itself.
    """

    sort: Sort
    severity: Severity
    sentence: str
    account: str | None = None
    customer: CustomerKey | None = None
    subject: str = ""
    period: str = ""
    over: str = ""
    rung: int = 0

    @property
    def identity(self) -> str:
        """What makes it the same fact as one on record, whatever its figures."""
        whom = "" if self.customer is None else str(self.customer)
        return "|".join((self.sort.word, self.account or "", whom, self.subject, self.period))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A condition on record. `since`: first seen; `told_at`: when its messages were written, None: not yet told.

    `ended_at` None: it stands. At most one alert of an identity stands. `told_to`: the channels that know of it, by a
    message of its own or by that of a higher rung.
    """

    id: str
    condition: Condition
    since: datetime
    told_at: datetime | None = None
    ended_at: datetime | None = None
    told_to: frozenset[str] = frozenset()


class Edge(StrEnum):
    """Which way a fact turned."""

    BEGAN = "began"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One fact for one channel, from its writing until it is delivered or given up.

    Written in the same transaction as the alert it tells of. `tries`: failed so far; `next_at`: not before.
    `unclear`: how often it was handed over without an answer.
    """

    id: str
    channel: str
    alert: str
    edge: Edge
    severity: Severity
    sentence: str
    account: str | None
    written_at: datetime
    next_at: datetime
    tries: int = 0
    unclear: int = 0
    sent_at: datetime | None = None
    given_up_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Where alerts go, as core needs it. `accounts` empty: of all. What is less grave than `severity` is not sent."""

    name: str
    severity: Severity = Severity.WARNING
    accounts: frozenset[str] = frozenset()

    def wants(self, condition: Condition) -> bool:
        """Whether a condition is for this channel; one about the daemon is for every channel."""
        if condition.severity.rank < self.severity.rank:
            return False
        return condition.account is None or not self.accounts or condition.account in self.accounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """What one evaluation changes: alerts to store as given (new, told or ended), and the messages they cause."""

    alerts: Sequence[Alert] = ()
    messages: Sequence[Message] = ()
