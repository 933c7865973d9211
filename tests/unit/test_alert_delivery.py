"""Delivery: gathered, quiet at night, at rest after a failure, never twice, never lost, never a flood."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.alerts import Edge, Severity, Turns
from core.telling import LONGEST_REST, next_try
from core.windows import open_at
from scheduler.alerting.delivery import CRITICAL_APART, MOST_UNCLEAR, deliver
from tests.unit.alert_rig import MINUTE, NIGHT, SECOND, SHANGHAI, START, DeliveryRig, settings_of

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
STEPS = st.lists(
    st.tuples(
        st.integers(1, 40_000),
        st.sampled_from(["warning", "critical", "info", "nothing", "break", "mend", "restart"]),
    ),
    min_size=1,
    max_size=40,
)


def test_what_comes_together_is_told_together() -> None:
    """A text waits until the oldest message has waited, and takes along whatever came since."""
    rig = DeliveryRig()
    rig.write()
    assert rig.deliver() == 1
    rig.clock.sleep(50 * SECOND)
    rig.write()
    assert rig.deliver() == 2
    assert rig.after(10 * SECOND) == 0
    (text,) = rig.notifier.handed
    assert text.title == "Tidegate: 2 alerts, WARNING: fact 1 is warning."
    assert not text.critical
    assert rig.counts == {("ops", "sent"): 1}


def test_what_is_critical_does_not_wait_and_takes_the_rest_along() -> None:
    """A critical message goes at once, with what has gathered; the next one ten seconds later at the earliest."""
    rig = DeliveryRig()
    rig.write()
    rig.write(Severity.CRITICAL)
    assert rig.deliver() == 0
    assert rig.notifier.handed[0].critical
    rig.write(Severity.CRITICAL)
    assert rig.after(CRITICAL_APART - SECOND) == 1
    assert rig.after(SECOND) == 0
    assert len(rig.notifier.handed) == 2


def test_the_night_is_quiet_but_for_what_is_critical() -> None:
    """In quiet hours only critical messages leave; the rest leaves together when they are over."""
    rig = DeliveryRig(settings_of(quiet=[NIGHT]))
    rig.clock.moment = datetime(2026, 11, 22, 23, 30, tzinfo=SHANGHAI)
    rig.write()
    rig.write(Severity.CRITICAL)
    assert rig.after(MINUTE) == 1
    assert rig.notifier.facts() == {"fact 2": 1}
    rig.write()
    rig.clock.moment = datetime(2026, 11, 23, 6, 59, 59, tzinfo=SHANGHAI)
    assert rig.deliver() == 2
    assert rig.after(SECOND) == 0
    assert rig.notifier.facts() == {"fact 1": 1, "fact 2": 1, "fact 3": 1}
    assert "2026-11-22 23:30 fact 1" in rig.notifier.handed[1].body


def test_at_night_what_is_over_goes_with_what_is_critical() -> None:
    """In the morning it would be the last word on a fact that has begun again by then; alone it wakes nobody."""
    rig = DeliveryRig(settings_of(quiet=[NIGHT]))
    rig.clock.moment = datetime(2026, 11, 22, 23, 30, tzinfo=SHANGHAI)
    rig.write(edge=Edge.ENDED)
    rig.write()
    assert rig.after(MINUTE) == 2
    rig.write(Severity.CRITICAL)
    assert rig.after(MINUTE) == 1
    assert [text.critical for text in rig.notifier.handed] == [True]
    assert "Over: " in rig.notifier.handed[0].body


def test_a_channel_that_fails_rests_longer_each_time() -> None:
    """One, two, four minutes and so on to an hour, each a little longer by chance; then all of it goes at once."""
    rig = DeliveryRig(settings_of(gather=timedelta(0)))
    rig.notifier.broken["ops"] = "out of order"
    rig.write()
    rests = []
    for _ in range(9):
        assert rig.deliver() == 1
        following = next_try(rig.store.messages(), rig.clock.now())
        rests.append((following - rig.clock.now()) / MINUTE)
        rig.clock.moment = following
    assert rests == [1.1, 2.2, 4.4, 8.5, 16.5, 32.5, 60.5, 60.5, 60.5]
    rig.write()
    rig.notifier.broken.clear()
    assert rig.deliver() == 0
    assert rig.notifier.facts() == {"fact 1": 1, "fact 2": 1}
    assert rig.counts == {("ops", "failed"): 9, ("ops", "sent"): 1}


def test_a_channel_at_rest_is_tried_again_soon_where_something_is_critical() -> None:
    """With a critical message among them a channel rests for five minutes at most, and a little by chance."""
    rig = DeliveryRig()
    rig.notifier.broken["ops"] = "out of order"
    rig.write(Severity.CRITICAL)
    for _ in range(5):
        rig.deliver()
        (message,) = rig.store.messages()
        rig.clock.moment = message.next_at
    rig.deliver()
    (message,) = rig.store.messages()
    assert message.next_at - rig.clock.now() == 5.5 * MINUTE


def test_what_is_critical_does_not_wait_behind_a_rest_that_something_less_earned() -> None:
    """However long a warning lets its channel rest, five minutes after the last try a critical message may go."""
    rig = DeliveryRig()
    rig.notifier.broken["ops"] = "out of order"
    rig.write()
    rig.fail_for(3 * HOUR)
    tried = rig.notifier.tries
    while rig.notifier.tries == tried:
        rig.after(15 * SECOND)
    rig.notifier.broken.clear()
    begun = rig.clock.now()
    rig.write(Severity.CRITICAL)
    rig.after(SECOND)
    assert rig.notifier.handed == []
    while not rig.notifier.handed:
        rig.after(15 * SECOND)
    assert rig.clock.now() - begun <= 6 * MINUTE


def test_a_broken_channel_writes_little_and_holds_up_no_other() -> None:
    """Of thousands that wait for a broken channel one moves at each try; the other channel has its text."""
    rig = DeliveryRig(settings_of(channels=["ops", "finance"]))
    rig.notifier.broken["ops"] = "out of order"
    for _ in range(50):
        rig.write()
    rig.write(channel="finance")
    assert rig.after(MINUTE) == 50
    assert [text.channel for text in rig.notifier.handed] == ["finance"]
    assert [message.tries for message in rig.store.messages()] == [1] + [0] * 49
    rig.write()
    assert rig.after(30 * SECOND) == 51
    assert rig.counts == {("ops", "failed"): 1, ("finance", "sent"): 1}


def test_after_three_days_of_failures_what_is_over_is_given_up_and_counted() -> None:
    """What could not be told for three days and stands no more is given up; younger ones wait on, at rest."""
    rig = DeliveryRig()
    rig.notifier.broken["ops"] = "out of order"
    rig.over(rig.write(stands=True))
    rig.write(edge=Edge.ENDED)
    rig.fail_for(DAY)
    rig.write()
    rig.fail_for(2 * DAY + HOUR)
    assert rig.counts["ops", "given_up"] == 2
    (message,) = rig.store.messages()
    assert (message.sentence, message.tries) == ("fact 3 is warning.", rig.counts["ops", "failed"])
    assert next_try([message], rig.clock.now()) > rig.clock.now()


@pytest.mark.parametrize("severity", [Severity.CRITICAL, Severity.WARNING])
def test_what_still_stands_is_never_given_up(severity: Severity) -> None:
    """However long a channel is broken, it is told of what stands once it works; tried once an hour after three days.

    That the same fact is over is told by a message of its own, and given up like any other.
    """
    rig = DeliveryRig()
    rig.notifier.broken["ops"] = "out of order"
    standing = rig.write(severity, stands=True)
    rig.write(severity, alert=standing.alert, edge=Edge.ENDED)
    rig.fail_for(4 * DAY)
    tried = rig.notifier.tries
    rig.fail_for(DAY)
    assert 20 <= rig.notifier.tries - tried <= 24
    assert rig.counts["ops", "given_up"] == 1
    rig.notifier.broken.clear()
    rig.fail_for(2 * HOUR)
    assert rig.notifier.facts() == {"fact 1": 1}


def test_after_days_without_a_process_one_failure_gives_nothing_up() -> None:
    """A network that is not there yet when the machine comes up again costs no message: it is tried for hours."""
    rig = DeliveryRig()
    rig.notifier.broken["ops"] = "out of order"
    rig.write()
    rig.clock.sleep(9 * DAY)
    rig.fail_for(5 * HOUR)
    assert rig.counts["ops", "given_up"] == 0
    rig.notifier.broken.clear()
    rig.fail_for(2 * HOUR)
    assert rig.notifier.facts() == {"fact 1": 1}


def test_a_channel_that_never_answers_gets_a_text_three_times() -> None:
    """What was handed over three times without an answer counts as delivered, and was never a failure to reach."""
    rig = DeliveryRig()
    rig.notifier.silent["ops"] = "it took the text, and did not answer in time"
    rig.write(Severity.CRITICAL)
    rig.fail_for(2 * MINUTE)
    rig.write()
    rig.fail_for(DAY)
    assert rig.notifier.facts() == {"fact 1": MOST_UNCLEAR, "fact 2": MOST_UNCLEAR}
    assert rig.store.messages() == []
    assert set(rig.counts) == {("ops", "unclear")}


def test_failures_to_reach_a_channel_are_no_texts_without_an_answer() -> None:
    """A channel that could not be reached for hours and then answers late is still handed a text three times."""
    rig = DeliveryRig()
    rig.notifier.broken["ops"] = "out of order"
    rig.write()
    rig.fail_for(5 * HOUR)
    rig.restart()
    rig.notifier.broken.clear()
    rig.notifier.silent["ops"] = "it took the text, and did not answer in time"
    rig.fail_for(DAY)
    assert rig.notifier.facts() == {"fact 1": MOST_UNCLEAR}


def test_when_all_of_it_is_given_up_the_channel_starts_afresh() -> None:
    """Nothing is left that could rest, and the next message is tried as if nothing had been."""
    rig = DeliveryRig()
    rig.notifier.broken["ops"] = "out of order"
    rig.write()
    rig.fail_for(3 * DAY + HOUR)
    assert rig.store.messages() == []
    rig.notifier.broken.clear()
    rig.write()
    assert rig.after(MINUTE) == 0
    assert rig.notifier.facts() == {"fact 2": 1}


def test_what_waited_out_a_long_stop_is_told_and_not_given_up() -> None:
    """Messages older than three days are tried at least once."""
    rig = DeliveryRig()
    rig.write()
    assert rig.after(9 * DAY) == 0
    assert rig.notifier.facts() == {"fact 1": 1}


def test_messages_for_a_channel_that_is_gone_are_given_up_in_the_end() -> None:
    """A channel that was taken out of the configuration is never sent to; it may come back within three days."""
    rig = DeliveryRig()
    rig.write(channel="gone")
    assert rig.after(MINUTE) == 1
    assert rig.after(3 * DAY) == 0
    assert rig.notifier.handed == []
    assert rig.counts == {("gone", "given_up"): 1}


def test_a_clock_that_was_set_back_holds_up_nothing() -> None:
    """Messages of the future are as good as old, and a rest that would take days is none."""
    rig = DeliveryRig()
    rig.clock.sleep(30 * DAY)
    rig.notifier.broken["ops"] = "out of order"
    rig.write()
    rig.after(MINUTE)
    rig.notifier.broken.clear()
    rig.clock.moment = START
    assert rig.deliver() == 0
    assert rig.notifier.facts() == {"fact 1": 1}


def test_a_flood_is_one_short_text() -> None:
    """Five thousand facts are one text of forty lines that says how many more there are and where to read them."""
    rig = DeliveryRig(settings_of(link="https://tidegate.example.com"))
    now = rig.clock.now()
    rig.write(Severity.CRITICAL, account=None)
    template = rig.store.messages()[0]
    flood = tuple(
        replace(
            template,
            id=f"{n:06}",
            alert=f"a{n}",
            severity=Severity.WARNING,
            account=f"account-{n % 7}",
            sentence=f"fact {n} stands.",
            written_at=now,
            next_at=now,
        )
        for n in range(2, 5001)
    )
    assert rig.store.keep_turns(Turns(messages=flood))
    assert rig.deliver() == 0
    (text,) = rig.notifier.handed
    assert text.title == "Tidegate: 5,000 alerts, CRITICAL: fact 1 is critical."
    assert text.body.startswith(
        "CRITICAL, Tidegate itself:\n- 12:00 fact 1 is critical.\n\nWARNING, account-0:\n- 12:00"
    )
    assert "and 4,960 more" in text.body
    assert "https://tidegate.example.com" in text.body
    assert len(text.body.splitlines()) < 60
    assert len(text.body) < 4000
    assert rig.store.messages() == []


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(steps=STEPS)
def test_whatever_happens_each_fact_is_told_once_and_in_its_time(steps: Sequence[tuple[int, str]]) -> None:
    """Over any history of facts, failures and restarts: told once, apart, quiet at night, and all of it in the end."""
    rig = DeliveryRig(settings_of(quiet=[NIGHT]))
    for seconds, event in steps:
        if event in set(Severity):
            rig.write(Severity(event))
        elif event == "break":
            rig.notifier.broken["ops"] = "out of order"
        elif event == "mend":
            rig.notifier.broken.clear()
        elif event == "restart":
            rig.restart()
        rig.after(seconds * SECOND)
    rig.notifier.broken.clear()
    for _ in range(30):
        rig.after(LONGEST_REST)
    assert rig.store.messages() == []
    assert sum(rig.notifier.facts().values()) == rig.written - rig.counts["ops", "given_up"]
    assert set(rig.notifier.facts().values()) <= {1}
    if "restart" not in {event for _, event in steps}:  # the distance is kept by each process for itself
        _raise_if_close(rig)
    _raise_if_loud(rig)


def _raise_if_loud(rig: DeliveryRig) -> None:
    """See that the night was quiet."""
    for text, at in zip(rig.notifier.handed, rig.notifier.times, strict=True):
        if open_at([NIGHT], at, SHANGHAI.key):
            assert "is warning" not in text.body
            assert "is info" not in text.body


def _raise_if_close(rig: DeliveryRig) -> None:
    """See that texts keep their distance."""
    for (early, text), late in zip(
        zip(rig.notifier.times, rig.notifier.handed[1:], strict=False), rig.notifier.times[1:], strict=True
    ):
        assert late - early >= (CRITICAL_APART if text.critical else MINUTE)


def test_nothing_to_deliver_is_one_look() -> None:
    """An empty outbox is read once, and nothing else happens."""
    rig = DeliveryRig()
    assert deliver(rig.deliveries()) == 0
    assert rig.notifier.tries == 0
