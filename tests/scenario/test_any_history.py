"""Any history of runs, hands at the console, lost replies, late reads and deaths: nothing doubled, nothing stuck."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from core.intent import Intent, State
from core.limit import Limit
from core.money import ZERO, Money, or_zero, total
from core.plan import HoldReason
from core.policy import Cap, GuardSettings
from core.ports import Reply
from core.run.world import Result
from tests.scenario.scripted_cloud import OUR_KEY, Fate, InMemoryCloud, VirtualClock
from tests.scenario.scripted_office import A_WHILE, LAG, KilledError, Office, limit, office

NAMES = ("1", "2")
# The writes to our own records that a process can die at; reads cannot leave anything behind.
WRITES = frozenset({"record", "move", "note_absence", "note_tag_proven", "keep_books", "keep_run", "accept_limits"})
FATES = st.sampled_from([Fate.APPLIED, Fate.APPLIED, *(fate for fate in Fate if fate is not Fate.IGNORED)])
AMOUNTS = st.sampled_from(["30", "50", "80", "100", "150", "200"])
# As late as a call may still be taken: until its signature is too old.
ARRIVALS = st.sampled_from([timedelta(seconds=20), timedelta(minutes=9)])
WANTED = st.dictionaries(st.sampled_from(NAMES), AMOUNTS)
LATENESS = st.sampled_from([timedelta(0), timedelta(seconds=40), LAG - timedelta(seconds=1)])
PAUSES = st.sampled_from([1, 29, 301, 700, 1300])
MOST_RUNS = 6


class MortalRecords:
    """The store, until its `point`th write: then the process dies, just before or just after it; 0: never."""

    def __init__(self, records: Any) -> None:
        self._records = records
        self.point = 0
        self.after = False

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._records, name)
        return self._deadly(found) if name in WRITES else found

    def _deadly(self, write: Callable[..., object]) -> Callable[..., object]:
        def dying(*arguments: object, **options: object) -> object:
            self.point -= 1
            if self.point == 0 and not self.after:
                raise KilledError
            done = write(*arguments, **options)
            if self.point == 0:
                raise KilledError
            return done

        return dying


class WatchedCloud(InMemoryCloud):
    """Notes what must never be asked of the vendor, at the moment it is."""

    desk: Office
    broken: list[str]

    def send(self, intent: Intent) -> Reply:
        """Answer; only what is on disk as sent may leave, and no cut may go below what is spent."""
        stored = self.desk.store.intent(intent.id)
        if stored is None or stored.state is not State.SENT:
            self.broken.append(f"{intent.id} left without being on record as sent")
        customer_id = intent.key.customer_id
        after = Money.parse(self.truth(customer_id)) + or_zero(intent.change)
        spent = self.kept[customer_id].spent
        if or_zero(intent.change) < ZERO and after < spent and not self._raced(customer_id):
            self.broken.append(f"{intent.id} would take {customer_id} to {after}, {spent} is spent")
        return super().send(intent)

    def _raced(self, customer_id: str) -> bool:
        """Whether somebody else changed the customer so lately that nothing we read need have shown it."""
        since = self.clock.time - LAG - A_WHILE
        return any(row.operator != OUR_KEY and came >= since for came, row in self.kept[customer_id].records)


class AnyHistory(RuleBasedStateMachine):
    """One account of differences with two customers; hypothesis chooses what happens, and when."""

    def __init__(self) -> None:
        super().__init__()
        self.cloud = WatchedCloud(clock=VirtualClock())
        self.desk = office(self.cloud, guards=(GuardSettings(max_exhausted=Cap(count=9)),), books_max=99)
        self.cloud.desk, self.cloud.broken = self.desk, []
        self.records = MortalRecords(self.desk.store)
        self.desk.journal = self.records
        self.wanted = dict.fromkeys(NAMES, "100")

    @initialize()
    def begin(self) -> None:
        """Take in both customers as they stand."""
        for name in NAMES:
            self.cloud.add(name, "100")
        assert self.desk.apply(*self._limits()).exit_code == 0

    @rule(name=st.sampled_from(NAMES), amount=AMOUNTS)
    def console(self, name: str, amount: str) -> None:
        """Let somebody change a customer by hand; the vendor lets nobody fall below what is spent."""
        if Money.parse(amount) >= self.cloud.kept[name].spent:
            self.cloud.console(name, amount)

    @rule(name=st.sampled_from(NAMES), cents=st.sampled_from([5_00, 40_00, 90_00]))
    def spend(self, name: str, cents: int) -> None:
        """Let a customer spend, as far as its credit goes."""
        kept = self.cloud.kept[name]
        kept.spent = min(kept.spent + Money(cents), max(kept.spent, Money.parse(self.cloud.truth(name))))

    @rule(late=ARRIVALS)
    def delay(self, late: timedelta) -> None:
        """Let calls that come late come so late."""
        self.cloud.arrives_after = late

    @rule(seconds=PAUSES)
    def time_passes(self, seconds: int) -> None:
        """Let time pass."""
        self.desk.clock.sleep(timedelta(seconds=seconds))

    @rule(wanted=WANTED, fates=st.lists(FATES, max_size=2), figures=LATENESS, records=LATENESS)
    def run(self, wanted: dict[str, str], fates: list[Fate], figures: timedelta, records: timedelta) -> None:
        """Change limits and run, with these fates of the next calls, and with reads so late."""
        self.wanted |= wanted
        self._scripted(fates, figures, records)
        self._apply()

    @rule(wanted=WANTED, fates=st.lists(FATES, max_size=2), point=st.integers(1, 16), after=st.booleans())
    def die(self, wanted: dict[str, str], fates: list[Fate], point: int, *, after: bool) -> None:
        """Change limits and run until the process dies at one of its writes."""
        self.wanted |= wanted
        self._scripted(fates, timedelta(0), timedelta(0))
        self.records.point, self.records.after = point, after
        try:
            self._apply()
        except KilledError:
            return
        finally:
            self.records.point = 0

    def teardown(self) -> None:
        """Let the faults stop: everything ends as wanted, or is disputed and says why."""
        if not self.cloud.kept:
            return
        self._scripted([], timedelta(0), timedelta(0))
        self.desk.clock.sleep(A_WHILE)
        ended = self._apply()
        for _ in range(MOST_RUNS - 1):
            self.desk.clock.sleep(A_WHILE)
            ended = self._apply()
        disputed = {hold.key.customer_id for hold in ended.plan.holds if hold.reason is HoldReason.DISPUTED}
        assert all(hold.detail for hold in ended.plan.holds)
        assert {intent.state for intent in ended.open_intents} <= {State.DISPUTED}
        for name in set(NAMES) - disputed:
            granted, spent = Money.parse(self.cloud.truth(name)), self.cloud.kept[name].spent
            assert granted == max(Money.parse(self.wanted[name]), min(granted, spent)), (name, granted, spent)
        assert disputed or ended.exit_code == 0
        self._is_true_to_the_vendor()

    def _is_true_to_the_vendor(self) -> None:
        for intent in self.desk.store.intents():
            marked = self.cloud.marked(intent)
            # Unproven: somebody made just our change by hand, at our time; then nothing tells the two apart.
            decided = intent.state is not State.DISPUTED and intent.proven
            assert not decided or marked == (intent.state is State.SETTLED_APPLIED), intent
        for book in self.desk.store.books("main").values():
            assert or_zero(book.opened) + book.ours + book.others == book.granted
        assert self.desk.store.verify() == []

    def _limits(self) -> list[Limit]:
        return [limit(self.cloud, name, self.wanted[name]) for name in NAMES]

    def _scripted(self, fates: list[Fate], figures: timedelta, records: timedelta) -> None:
        self.cloud.fates.clear()
        self.cloud.fates.extend(fates)
        self.cloud.figures_late, self.cloud.records_late = figures, records

    def _apply(self) -> Result:
        try:
            return self.desk.apply(*self._limits())
        finally:
            assert self.cloud.broken == []
            for name in NAMES:
                rows = self.cloud.rows(name)
                start = Money.parse("100")
                assert start + total([or_zero(row.change) for row in rows]) == Money.parse(self.cloud.truth(name))
                marks = [row.remark for row in rows if row.remark]
                assert len(marks) == len(set(marks))


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(
    max_examples=200,
    stateful_step_count=14,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
