"""The law of settlement over simulated histories: whatever is late, dropped or somebody else's, no verdict is wrong."""

import random
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.intent import Intent, State
from core.money import Money
from core.settlement import Verdict, settle_increment
from core.witness import WitnessRow
from tests.unit.settling import LAG, MARK, ONCE_ABSENT, SIGNATURE_LIFE, TWICE_ABSENT, WRITE_TIMEOUT, intent_of, looked
from tests.unit.strategies import LAWS, NOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One change at the vendor, so many seconds after the send."""

    second: float
    cents: int
    remark: str | None
    is_ours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All that ever happened to one customer, and how late each read shows it.

    A vendor that shows something late shows what was there a while ago: a prefix, never a hole.
    """

    start: int
    older: int
    events: tuple[Event, ...]
    seed: int

    def total(self, second: float) -> Money:
        """What was granted at that second."""
        return Money(self.start + sum(event.cents for event in self.events if event.second <= second))

    def rows(self, second: float) -> list[WitnessRow]:
        """The records of that second, in no order; the older ones stand just before the send."""
        running = self.start - self.older
        found = []
        old = [Event(second=-2.0, cents=1, remark="by hand") for _ in range(self.older)]
        for event in (*old, *self.events):
            running += event.cents
            if event.second <= second:
                at = (NOW + timedelta(seconds=event.second)).replace(microsecond=0)
                found.append(
                    WitnessRow(change=Money(event.cents), granted_after=Money(running), at=at, remark=event.remark)
                )
        random.Random(self.seed).shuffle(found)  # noqa: S311 - an order, not a secret
        return found

    @property
    def ours(self) -> Event | None:
        """Our change, if it was ever applied."""
        return next((event for event in self.events if event.is_ours), None)


CHANGE = 700
LATEST = (WRITE_TIMEOUT + SIGNATURE_LIFE).total_seconds()


@st.composite
def histories(draw: st.DrawFn, *, remark: str | None, look_alike: bool = False) -> History:
    """A history in which our change was applied or not, among the changes of others."""
    events = []
    if draw(st.booleans()):
        second = draw(st.sampled_from([0.1, 0.9, 1.0, 29.0, LATEST - 0.1]))
        events.append(Event(second=second, cents=CHANGE, remark=remark, is_ours=True))
    for _ in range(draw(st.integers(0, 3))):
        cents = draw(st.sampled_from([CHANGE, -CHANGE, 300, -300, 1]))
        told = None if look_alike or cents != CHANGE else "by hand"
        second = draw(st.sampled_from([-1.0, 0.05, 0.5, 0.95, 40.0, LATEST, 500.0]))
        events.append(Event(second=second, cents=cents, remark=told))
    return History(
        start=draw(st.integers(1, 100_00)),
        older=draw(st.integers(0, 2)),
        events=tuple(sorted(events, key=lambda event: event.second)),
        seed=draw(st.integers(0, 99)),
    )


def states(history: History) -> list[State]:
    """Say what the answer may have been: confirmed only if it was well and showed just our change."""
    ours = history.ours
    quick = ours is not None and ours.second <= WRITE_TIMEOUT.total_seconds()
    alone = ours is not None and history.total(ours.second) == Money(history.start + CHANGE)
    return [State.UNCERTAIN, State.CONFIRMED] if quick and alone else [State.UNCERTAIN]


def look_on(draw: st.DrawFn, history: History, *, tag_proven: bool) -> tuple[Intent, list[tuple[Verdict, Money]]]:
    """Look at a history now and then, as the run does, until there is a verdict."""
    before = len(history.rows(-0.5))
    intent = intent_of(draw(st.sampled_from(states(history))), before=str(Money(history.start)), rows_before=before)
    seen = []
    second = 1.0
    for _ in range(draw(st.integers(1, 8))):
        second += draw(st.sampled_from([0.2, 5.0, 60.0, 200.0, 400.0]))
        late, later = (draw(st.sampled_from([0.0, 0.5, LAG.total_seconds()])) for _ in range(2))
        granted = history.total(second - later)
        at = NOW + timedelta(seconds=second)
        verdict = settle_increment(intent, looked(granted, history.rows(second - late), at=at, tag_proven=tag_proven))
        seen.append((verdict, granted))
        if verdict.state is not None:
            break
        if verdict.absent:
            intent = replace(intent, absent_since=at)
    return intent, seen


@pytest.mark.parametrize(
    ("remark", "proven"),
    [(MARK, True), (MARK, False), (MARK[:26], True), (MARK[:12], False), (None, False)],
    ids=["kept and seen", "kept", "cut short and seen", "cut too short", "dropped"],
)
@given(data=st.data())
@LAWS
def test_the_verdict_is_never_wrong(remark: str | None, proven: bool, data: st.DataObject) -> None:  # noqa: FBT001 - a table's column
    """Applied is said only of what was applied, not applied only of what never can be any more."""
    history = data.draw(histories(remark=remark))
    _, seen = data.draw(st.composite(look_on)(history, tag_proven=proven))
    for verdict, granted in seen:
        if verdict.state is State.SETTLED_APPLIED:
            assert history.ours is not None
        if verdict.state is State.SETTLED_NOT_APPLIED:
            assert history.ours is None
        if verdict.shown:
            assert history.ours is not None
            since = [history.ours.second, *(event.second for event in history.events)]
            assert granted in {history.total(second) for second in since if second >= history.ours.second}


@given(data=st.data())
@LAWS
def test_a_look_alike_never_doubles(data: st.DataObject) -> None:
    """Without marks another hand's change of just our amount may pass for ours; then the total is as wanted."""
    history = data.draw(histories(remark=None, look_alike=True))
    intent, seen = data.draw(st.composite(look_on)(history, tag_proven=False))
    verdict, granted = seen[-1]
    if verdict.state is State.SETTLED_NOT_APPLIED:
        assert history.ours is None
    if verdict.state is State.SETTLED_APPLIED and history.ours is None:
        assert granted == intent.wanted.granted
        assert not verdict.proven


@given(data=st.data())
@LAWS
def test_alone_it_is_always_settled(data: st.DataObject) -> None:
    """Without other hands every call is settled after the fence, kept marks or not, and nobody is asked."""
    remark = data.draw(st.sampled_from([MARK, MARK[:12], None]))
    alone = data.draw(histories(remark=remark))
    history = replace(alone, events=tuple(event for event in alone.events if event.is_ours))
    intent = intent_of(before=str(Money(history.start)), rows_before=history.older)
    after = [
        settle_increment(
            replace(intent, absent_since=since),
            looked(history.total(second), history.rows(second), at=at),
        )
        for since, at in ((None, ONCE_ABSENT), (ONCE_ABSENT, TWICE_ABSENT))
        for second in [(at - NOW).total_seconds()]
    ]
    expected = State.SETTLED_NOT_APPLIED if history.ours is None else State.SETTLED_APPLIED
    assert after[-1].state is expected
