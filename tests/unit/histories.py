"""Histories of one customer's spend, bills and reads for the laws of the meter: what was, and what was shown.

Times are minutes since the evening of a billing month; everything is a function of the moment it is asked for.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from core.meter import Rules, month_of, month_start
from core.money import Money
from core.standing import Spend, Standing
from tests.unit.strategies import standing_of

ZONE = "Asia/Shanghai"
EVERY = timedelta(minutes=10)
LAG = timedelta(minutes=5)
RULES = Rules(permanent=True, zone=ZONE, lag=LAG, gap=2 * EVERY + LAG)
START = datetime(2026, 1, 31, 10, 0, tzinfo=UTC)  # six in the evening in the billing zone
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One read begun `at`, which shows what was so at `shown`."""

    at: datetime
    shown: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What was spent and what bills returned, as (moment, cents), and when it was looked at."""

    spends: tuple[tuple[datetime, int], ...]
    bills: tuple[tuple[datetime, int], ...]
    reads: tuple[Read, ...]

    def spent(self, after: datetime, until: datetime) -> int:
        """Cents truly spent after one moment, up to another."""
        return sum(cents for moment, cents in self.spends if after < moment <= until)

    def used(self, moment: datetime) -> int:
        """Cents of credit in use at a moment."""
        returned = sum(cents for billed, cents in self.bills if billed <= moment)
        return self.spent(datetime.min.replace(tzinfo=UTC), moment) - returned

    def granted(self) -> Money:
        """A credit that was never overdrawn."""
        return Money(max(self.used(moment) for moment, _ in (*self.spends, (START, 0))))


def shown_by(history: History, read: Read, wrong: int | None = None) -> Standing:
    """Give the standing of one read; `wrong`: the cents it shows by mistake."""
    cents = history.used(read.shown) if wrong is None else wrong
    return standing_of(history.granted(), Spend.exactly(Money(cents)), as_of=read.at)


def same_month(history: History, number: int) -> bool:
    """Whether a read is certain to be of the month of the one before it."""
    earlier, read = history.reads[number - 1 : number + 1]
    return month_of(earlier.at - LAG, ZONE) == month_of(read.at - LAG, ZONE)


def _bill(spends: list[tuple[datetime, int]], bills: list[tuple[datetime, int]], moment: datetime, share: int) -> int:
    """Give a bill that may be confirmed at a moment: of months that are over, and not outspent around it."""
    if moment < month_start(moment, ZONE) + DAY:
        return 0
    over = sum(cents for at, cents in spends if at < month_start(moment, ZONE))
    return (over - sum(cents for _, cents in bills)) * share // 100


def _outspent(spends: list[tuple[datetime, int]], bill: tuple[datetime, int]) -> bool:
    window = RULES.gap + 2 * LAG
    return sum(cents for at, cents in spends if abs(at - bill[0]) <= window) >= bill[1]


_STEPS = st.sampled_from([EVERY, EVERY, EVERY, EVERY, 3 * MINUTE, HOUR, 6 * HOUR, DAY, 3 * DAY, 20 * DAY, 40 * DAY])
_CENTS = st.sampled_from([0, 0, 1, 7, 50, 300])


@st.composite
def histories(
    draw: st.DrawFn,
    steps: st.SearchStrategy[timedelta] = _STEPS,
    *,
    billed: bool = True,
    late: bool = True,
    most: int = 25,
) -> History:
    """Spend, bills and reads over some steps of time, as the meter's docstring says what it rests on."""
    now = START + draw(st.sampled_from([0 * HOUR, 5 * HOUR, 5 * HOUR + 50 * MINUTE]))
    spends = [(now - HOUR, draw(st.sampled_from([0, 100, 1000]))), (now - 40 * DAY, draw(_CENTS))]
    bills: list[tuple[datetime, int]] = []
    reads = []
    for _ in range(draw(st.integers(2, most))):
        delay = draw(st.sampled_from([0 * MINUTE, 2 * MINUTE, LAG])) if late else 0 * MINUTE
        reads.append(Read(at=now, shown=now - delay))
        step = draw(steps)
        part = draw(st.integers(1, 9))
        spends.append((now + step * part / 10, draw(_CENTS)))
        if billed and draw(st.booleans()):
            moment = now + step * draw(st.integers(1, 9)) / 10
            if (cents := _bill(spends, bills, moment, draw(st.sampled_from([20, 100])))) > 0:
                bills.append((moment, cents))
        now += step
    reads.append(Read(at=now, shown=now))
    kept = tuple(bill for bill in bills if not _outspent(spends, bill))
    return History(spends=tuple(sorted(spends)), bills=kept, reads=tuple(reads))
