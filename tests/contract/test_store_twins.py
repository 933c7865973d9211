"""The store and its in-memory twin, led through the same life: they must never be told apart."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from adapters.store import open_store
from adapters.store.memory import InMemoryStore
from adapters.store.store import Store
from core.alerts import Edge, Turns
from core.errors import TidegateError
from core.intent import TRANSITIONS, Intent, State
from core.pause import Pause
from core.ports import RunRecord
from tests.contract.store_rig import (
    ACCOUNT,
    MINUTE,
    START,
    AnyStore,
    StandingClock,
    alert_of,
    book_of,
    day_of,
    dispute_of,
    intent_of,
    key_of,
    limit_of,
    message_of,
    metered_of,
    moved_on,
    period_of,
    standing_of,
    take,
    url_in,
)

accounts = st.sampled_from([ACCOUNT, "other"])
customers = st.sampled_from(["100", "200", "300"])
numbers = st.integers(0, 8)
minutes = st.integers(0, 9)
# Minutes again, but days apart: what is old enough is thinned out.
long_minutes = st.integers(0, 9) | st.integers(0, 40).map(lambda hours: hours * 5 * 60)
month_days = st.integers(1, 5)
channels = st.sampled_from(["mail", "chat"])
states = st.sampled_from(sorted(State))


class Twins(RuleBasedStateMachine):
    """Does the same to both and compares every answer, every error, and at every step the whole audit."""

    folder: Path
    template: Path

    @initialize()
    def make(self) -> None:
        """Begin with two stores of one installation, made at one time."""
        self.clock = StandingClock()
        self.written = 0
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(self.template / "tidegate.db", self.folder)
        self.durable: Store = open_store(url_in(self.folder), clock=self.clock)
        self.twin = InMemoryStore(clock=self.clock, installation=self.durable.installation)

    def teardown(self) -> None:
        """Close and remove what was made."""
        self.durable.close()
        shutil.rmtree(self.folder)

    def both(self, act: Callable[[AnyStore], object]) -> object:
        """Do it to both; give the answer, which must be one."""
        durable, twin = (_outcome(act, store) for store in (self.durable, self.twin))
        assert durable == twin
        return durable

    @rule(account=accounts)
    def take(self, account: str) -> None:
        """Take an account."""
        self.both(lambda store: take(store, account))

    @rule(number=numbers, customer=customers, account=accounts, epoch=st.integers(1, 3), at=minutes)
    def record(self, number: int, customer: str, account: str, epoch: int, at: int) -> None:
        """Record an intent, right or wrong."""
        intent = intent_of(number, customer=customer, account=account, epoch=epoch, at=START + at * MINUTE)
        self.both(lambda store: store.record(intent))

    @rule(number=numbers, step=st.integers(0, 9), lead=st.integers(0, 1), at=minutes)
    def move_on(self, number: int, step: int, lead: int, at: int) -> None:
        """Move a stored intent along the state machine under its account's epoch or the next."""
        stored = self.twin.intent(intent_of(number).id)
        if stored is None or not TRANSITIONS[stored.state]:
            return
        allowed = sorted(TRANSITIONS[stored.state])
        after = moved_on(replace(stored, epoch=stored.epoch + lead), allowed[step % len(allowed)])
        if after.closed_at is not None:
            after = replace(after, closed_at=START + at * MINUTE)
        book = book_of(stored.key.customer_id, granted=at, account=stored.account) if at % 2 else None
        self.both(lambda store: store.move(stored.state, after, book))

    @rule(number=numbers, before=states, after=states, epoch=st.integers(1, 3))
    def move_anyhow(self, number: int, before: State, after: State, epoch: int) -> None:
        """Move an intent in a way that is mostly wrong."""
        intent = replace(intent_of(number, epoch=epoch), state=after)
        self.both(lambda store: store.move(before, intent))

    @rule(number=numbers, epoch=st.integers(1, 3), at=minutes)
    def note_absence(self, number: int, epoch: int, at: int) -> None:
        """Note that a mark is missing."""
        stored = self.twin.intent(intent_of(number).id) or intent_of(number)
        noted = replace(stored, epoch=epoch, absent_since=START + at * MINUTE)
        self.both(lambda store: store.note_absence(noted))

    @rule(account=accounts)
    def note_tag_proven(self, account: str) -> None:
        """Note that marks can be read back."""
        self.both(lambda store: store.note_tag_proven(account))

    @rule(names=st.lists(st.tuples(customers, accounts, minutes), max_size=3))
    def keep_books(self, names: list[tuple[str, str, int]]) -> None:
        """Keep some books."""
        books = [book_of(customer, granted=granted, account=account) for customer, account, granted in names]
        self.both(lambda store: store.keep_books(books))

    @rule(name=numbers, customer=st.none() | customers, evidence=st.sampled_from("ab"), account=accounts, at=minutes)
    def open_dispute(self, name: int, customer: str | None, evidence: str, account: str, at: int) -> None:
        """Open a dispute, new or known."""
        dispute = dispute_of(str(name), customer=customer, evidence=evidence, account=account, minutes=at)
        self.both(lambda store: store.dispute_known(dispute))
        self.both(lambda store: store.open_dispute(dispute))

    @rule(name=numbers)
    def close_dispute(self, name: int) -> None:
        """Close a dispute, if it is open."""
        self.both(lambda store: store.close_dispute(str(name), who="anna", why="seen", at=self.clock.now()))

    @rule(account=st.none() | accounts, customer=st.none() | customers, since=minutes, until=st.none() | minutes)
    def pause(self, account: str | None, customer: str | None, since: int, until: int | None) -> None:
        """Pause something."""
        end = None if until is None else START + until * MINUTE
        begin = START + since * MINUTE
        pause = Pause(account=account, customer_id=customer, who="anna", why="", since=begin, until=end)
        self.both(lambda store: store.pause(pause))

    @rule(account=st.none() | accounts, customer=st.none() | customers, at=minutes)
    def resume(self, account: str | None, customer: str | None, at: int) -> None:
        """Resume something."""
        moment = START + at * MINUTE
        self.both(lambda store: store.resume(account=account, customer_id=customer, who="bert", why="done", at=moment))

    @rule(
        wanted=st.lists(st.tuples(customers, accounts, st.integers(1, 3)), max_size=4, unique_by=lambda one: one[0]),
        chosen=st.sets(accounts),
    )
    def accept_limits(self, wanted: list[tuple[str, str, int]], chosen: set[str]) -> None:
        """Accept limits for some accounts."""
        limits = [
            limit_of(customer, amount, account=account, line=line)
            for line, (customer, account, amount) in enumerate(wanted)
        ]
        self.both(lambda store: store.limits_changed(limits, chosen))
        self.both(lambda store: store.accept_limits(limits, "digest", chosen, self.clock.now()))

    @rule(name=numbers, begun=minutes, code=st.none() | st.integers(0, 4))
    def keep_run(self, name: int, begun: int, code: int | None) -> None:
        """Keep a run, new or again."""
        run = RunRecord(id=str(name), command="plan", who="anna", begun_at=START + begun * MINUTE, exit_code=code)
        self.both(lambda store: store.keep_run(run))

    @rule(
        seen=st.lists(st.tuples(customers, accounts, st.integers(0, 2), long_minutes), max_size=6),
        run=st.sampled_from(["first", "second"]),
    )
    def keep(self, seen: list[tuple[str, str, int, int]], run: str) -> None:
        """Keep standings in any order of time."""
        standings = [
            standing_of(customer, spent=spent, minutes=at, account=account) for customer, account, spent, at in seen
        ]
        self.both(lambda store: store.keep(run, standings))

    @rule(
        turns=st.lists(st.tuples(customers, accounts, minutes, st.booleans()), min_size=1, max_size=4), day=month_days
    )
    def keep_meters(self, turns: list[tuple[str, str, int, bool]], day: int) -> None:
        """Meter some observations, behind the meter that is stored or behind one that never was."""
        stored = {**self.twin.meters(ACCOUNT), **self.twin.meters("other")}
        given = []
        for customer, account, at, right in turns:
            known = stored.get(key_of(customer))
            before = known.metered_at if known is not None and right else None
            metered = metered_of(customer, minutes=at, spent=at, day=day, account=account)
            closed = [
                period_of(customer, month=f"2026-{month:02d}", spent=at, account=account) for month in range(day % 3)
            ]
            given.append(replace(metered, before=before, closed=tuple(closed)))
        self.both(lambda store: store.keep_meters(given))

    @rule(
        turned=st.lists(
            st.tuples(numbers, st.sampled_from("ab"), st.frozensets(channels), st.none() | minutes, st.booleans()),
            max_size=3,
        ),
        told=st.lists(st.tuples(numbers, channels, st.sampled_from(Edge), minutes), max_size=2),
    )
    def keep_turns(
        self,
        turned: list[tuple[int, str, frozenset[str], int | None, bool]],
        told: list[tuple[int, str, Edge, int]],
    ) -> None:
        """Turn alerts, some of them as they stand on record, and write messages."""
        standing = {alert.id: alert for alert in self.twin.standing_alerts()}
        alerts = []
        for number, subject, told_to, end, right in turned:
            alert = alert_of(str(number), subject=subject, told_to=tuple(told_to))
            if right:
                alert = standing.get(alert.id, alert)
            alerts.append(alert if end is None else replace(alert, ended_at=START + end * MINUTE))
        messages = []
        for number, channel, edge, at in told:
            self.written += 1
            messages.append(
                message_of(f"{self.written:04d}", alert=str(number), channel=channel, edge=edge, minutes=at)
            )
        self.both(lambda store: store.keep_turns(Turns(alerts=alerts, messages=messages)))

    @rule(which=numbers, tries=st.integers(0, 1), at=minutes, fate=st.sampled_from(["sent_at", "given_up_at", "tries"]))
    def deliver(self, which: int, tries: int, at: int, fate: str) -> None:
        """Say what became of a message, as it was read or as it never was."""
        waiting = self.twin.messages()
        if not waiting:
            return
        message = waiting[which % len(waiting)]
        after = replace(message, tries=2) if fate == "tries" else replace(message, **{fate: START + at * MINUTE})  # type: ignore[arg-type] # times
        self.both(lambda store: store.keep_message(replace(message, tries=message.tries + tries), after))

    @rule(at=minutes)
    def thin_alerts(self, at: int) -> None:
        """Forget what is old."""
        self.both(lambda store: store.thin_alerts(START + at * MINUTE))

    @rule(seconds=st.integers(1, 600))
    def pass_time(self, seconds: int) -> None:
        """Let time pass."""
        self.clock.sleep(seconds / 60 * MINUTE)

    @rule(customer=customers, account=accounts, at=long_minutes, limit=st.integers(0, 3))
    def ask(self, customer: str, account: str, at: int, limit: int) -> None:
        """Ask everything that can be asked."""
        key, moment = key_of(customer), START + at * MINUTE
        self.both(lambda store: (store.intents(key=key), store.intents(account=account, limit=limit)))
        self.both(lambda store: (store.open_intents(), store.open_intents(account)))
        self.both(lambda store: (store.tag_proven(account), store.books(account), store.disputes(account)))
        self.both(lambda store: (store.pauses(moment), store.disputes(), store.runs(limit)))
        self.both(lambda store: (store.limit_changes(key), store.limit_changes(), store.audit(key)))
        self.both(lambda store: (store.latest(), store.latest(account), store.earlier(key, moment)))
        self.both(lambda store: (store.kept_by(account), store.meters(None, [key]), store.limit_changes(newest=limit)))
        self.both(lambda store: (store.run_heads(limit), store.run_heads(since=moment), store.run(str(limit))))
        self.both(lambda store: (store.audit(after=limit, events={"paused", "run_kept"}), store.last_row()))
        since, until = day_of(day=1 + at % 3).day, day_of(day=2 + limit).day
        self.both(
            lambda store: (store.meters(account), store.periods(), store.periods(account=account, month="2026-01"))
        )
        self.both(lambda store: (store.periods(key=key), store.days(since=since, until=until)))
        self.both(lambda store: store.days(account=account, key=key, since=since, until=until))
        self.both(lambda store: (store.standing_alerts(), store.old_alerts(), store.old_alerts(limit)))
        self.both(lambda store: (store.messages(), store.messages(until=START + limit * MINUTE)))

    @invariant()
    def the_audits_are_one(self) -> None:
        """Both have the same history to the last digest, and both verify."""
        assert self.both(lambda store: store.head())
        assert self.both(lambda store: store.verify()) == []

    @invariant()
    def a_customer_has_one_open_intent(self) -> None:
        """Whatever was tried, no customer has two open intents."""
        open_intents = self.both(lambda store: store.open_intents())
        assert isinstance(open_intents, list)
        keys = [intent.key for intent in open_intents if isinstance(intent, Intent)]
        assert len(keys) == len(set(keys))


def _outcome(act: Callable[[AnyStore], object], store: AnyStore) -> object:
    try:
        return act(store)
    except (TidegateError, KeyError) as error:
        return type(error), str(error)


def test_the_store_and_its_twin_cannot_be_told_apart(tmp_path: Path) -> None:
    """Through any life both give the same answers, the same errors and the same audit."""
    open_store(url_in(tmp_path), clock=StandingClock()).close()
    machine = type("TwinsFromTemplate", (Twins,), {"template": tmp_path})
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    with_settings = settings(
        max_examples=25, stateful_step_count=40, deadline=None, derandomize=True, suppress_health_check=checks
    )
    run_state_machine_as_test(machine, settings=with_settings)
