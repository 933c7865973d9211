"""What turns in particular cases of the law of alerts, one case a test."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from core.alerts import Alert, Channel, Condition, Edge, Severity, Sort, Turns
from core.telling import Fate, speaking, turns
from tests.unit.telling_rig import CRITICAL, MINUTE, START, WARNING, condition

MAIL = Channel(name="mail")
CHAT = Channel(name="chat")
PAGER = Channel(name="pager", severity=Severity.CRITICAL)


class Record:
    """A record that is evaluated and kept in turn."""

    def __init__(self) -> None:
        self.standing: list[Alert] = []
        self.ids = count()

    def look(
        self,
        *found: Condition,
        after: timedelta = timedelta(0),
        channels: Sequence[Channel] = (MAIL,),
        fate: Fate = Fate.OVER,
    ) -> Turns:
        """Evaluate at so long after the start, and keep what turned."""
        turned = turns(
            self.standing,
            found,
            channels,
            fate=lambda _gone: fate,
            now=START + after,
            new_id=lambda: str(next(self.ids)),
        )
        changed = {alert.id: alert for alert in turned.alerts}
        kept = {alert.id: alert for alert in self.standing} | changed
        self.standing = [alert for alert in kept.values() if alert.ended_at is None]
        return turned


def said(turned: Turns) -> list[tuple[str, Edge, str]]:
    """Give what each channel is told, in order."""
    return [(message.channel, message.edge, message.sentence) for message in turned.messages]


def rungs(*reached: int) -> list[Condition]:
    """Give the rungs of one ladder."""
    return [condition(Sort.THRESHOLD, "main", CRITICAL if rung == 100 else WARNING, rung=rung) for rung in reached]


def test_at_first_sight_only_the_highest_rung_is_told() -> None:
    """Who has spent 92 % when first seen is told of once, and both thresholds are on record as known."""
    record = Record()
    assert said(record.look(*rungs(75, 90))) == [("mail", Edge.BEGAN, "threshold 90")]
    assert [alert.told_to for alert in record.standing] == [{"mail"}, {"mail"}]
    assert [alert.told_at for alert in record.standing] == [START, START]


def test_each_rung_is_told_when_it_is_reached() -> None:
    """Spending more tells the next threshold, and each once."""
    record = Record()
    looks = [record.look(*rungs(*reached)) for reached in ([75], [75, 90], [75, 90], [75, 90, 100])]
    assert [[sentence for *_, sentence in said(turned)] for turned in looks] == [
        ["threshold 75"],
        ["threshold 90"],
        [],
        ["threshold 100"],
    ]


def test_falling_tells_the_lowest_rung_that_is_over() -> None:
    """A limit that was raised is one line, whatever thresholds lie between; what comes back is told again."""
    record = Record()
    record.look(*rungs(75, 90, 100))
    assert said(record.look(*rungs(75))) == [("mail", Edge.ENDED, "no threshold 90")]
    assert said(record.look()) == [("mail", Edge.ENDED, "no threshold 75")]
    assert said(record.look(*rungs(75, 90))) == [("mail", Edge.BEGAN, "threshold 90")]


def test_a_channel_for_grave_things_hears_the_end_of_what_it_was_told() -> None:
    """It was told of 100 % alone, so the end of that is its news, though lower thresholds are over as well."""
    record = Record()
    record.look(*rungs(75, 90, 100), channels=[PAGER, MAIL])
    ended = record.look(channels=[PAGER, MAIL])
    assert sorted(said(ended)) == [("mail", Edge.ENDED, "no threshold 75"), ("pager", Edge.ENDED, "no threshold 100")]


def test_a_month_that_is_over_ends_its_thresholds_without_a_word() -> None:
    """Nobody is told that a customer has spent little on the first of a month."""
    record = Record()
    record.look(*rungs(75, 90))
    assert said(record.look(fate=Fate.MOOT)) == []
    assert record.standing == []


def test_what_nobody_could_see_stays_and_is_not_told_again() -> None:
    """An outage of the vendor's changes nothing on record, and nothing is told when it is over."""
    record = Record()
    record.look(*rungs(75))
    before = record.standing
    assert record.look(fate=Fate.UNKNOWN) == Turns(alerts=(), messages=())
    assert record.look(*rungs(75)) == Turns(alerts=(), messages=())
    assert record.standing == before


def test_what_is_over_before_its_patience_is_never_told() -> None:
    """A hold that one pass shows and the next does not leaves a record and no message."""
    record, hold = Record(), condition(Sort.HOLD, "main")
    assert said(record.look(hold)) == []
    assert said(record.look(hold, after=14 * MINUTE)) == []
    (ended,) = record.look(after=15 * MINUTE).alerts
    assert (ended.told_at, ended.ended_at) == (None, START + 15 * MINUTE)
    assert said(record.look(hold, after=16 * MINUTE)) == []
    assert said(record.look(hold, after=31 * MINUTE)) == [("mail", Edge.BEGAN, "hold 0")]


def test_figures_are_those_of_the_moment_it_is_told() -> None:
    """What changed while it was waited for is told as it is; what changes afterwards is not told again."""
    record, hold = Record(), condition(Sort.HOLD, "main")
    record.look(hold)
    newer = replace(hold, sentence="newer figures")
    assert said(record.look(newer, after=15 * MINUTE)) == [("mail", Edge.BEGAN, "newer figures")]
    assert said(record.look(hold, after=16 * MINUTE)) == []
    assert [alert.condition.sentence for alert in record.standing] == ["newer figures"]


def test_a_clock_that_was_set_back_delays_nothing() -> None:
    """Where a time on record is yet to come nobody knows how long it stood: it is told."""
    record, hold = Record(), condition(Sort.HOLD, "main")
    record.look(hold, after=600 * MINUTE)
    assert said(record.look(hold)) == [("mail", Edge.BEGAN, "hold 0")]


def test_what_becomes_graver_is_told_again_once() -> None:
    """A restricted customer that is suspended is news, also to those who hear of grave things alone."""
    record = Record()
    restricted, suspended = (condition(Sort.STOPPED, "main", severity) for severity in (WARNING, CRITICAL))
    record.look(restricted, channels=[MAIL, PAGER])
    graver = record.look(suspended, after=MINUTE, channels=[MAIL, PAGER])
    assert [(message.channel, message.severity) for message in graver.messages] == [
        ("mail", CRITICAL),
        ("pager", CRITICAL),
    ]
    assert [(alert.since, alert.ended_at) for alert in graver.alerts] == [(START, START + MINUTE), (START, None)]
    for again in (restricted, suspended):
        assert said(record.look(again, channels=[MAIL, PAGER])) == []
    assert [one[:2] for one in said(record.look(channels=[MAIL, PAGER]))] == [
        ("mail", Edge.ENDED),
        ("pager", Edge.ENDED),
    ]


def test_what_was_graver_stays_so_on_record_when_another_channel_hears_of_it() -> None:
    """A channel that comes while a customer is merely restricted does not make the next suspension news again."""
    record = Record()
    restricted, suspended = (condition(Sort.STOPPED, "main", severity) for severity in (WARNING, CRITICAL))
    record.look(suspended)
    assert [one[0] for one in said(record.look(restricted, channels=[MAIL, CHAT]))] == ["chat"]
    assert said(record.look(suspended, channels=[MAIL, CHAT])) == []


def test_a_channel_that_missed_the_graver_fact_is_told_when_it_is_back() -> None:
    """Who knew of the lesser fact, and was not there when it became graver, does not know yet."""
    record = Record()
    restricted, suspended = (condition(Sort.STOPPED, "main", severity) for severity in (WARNING, CRITICAL))
    record.look(restricted, channels=[MAIL, CHAT])
    record.look(suspended, channels=[MAIL])
    assert [one[:2] for one in said(record.look(suspended, channels=[MAIL, CHAT]))] == [("chat", Edge.BEGAN)]


def test_a_channel_that_is_new_is_told_what_stands() -> None:
    """Without channels facts are on record all the same; who comes later hears of them, of a ladder the highest."""
    record = Record()
    assert said(record.look(*rungs(75, 90), channels=[])) == []
    assert said(record.look(*rungs(75, 90))) == [("mail", Edge.BEGAN, "threshold 90")]
    assert said(record.look(*rungs(75, 90))) == []


def test_a_channel_that_is_gone_is_not_told_the_end() -> None:
    """What is not configured any more has no address."""
    record = Record()
    record.look(*rungs(75), channels=[MAIL, CHAT])
    assert said(record.look(channels=[CHAT])) == [("chat", Edge.ENDED, "no threshold 75")]


def test_of_two_conditions_alike_the_graver_one_counts() -> None:
    """A fact that is found twice is one fact, whatever the order."""
    restricted, suspended = (condition(Sort.STOPPED, "main", severity) for severity in (WARNING, CRITICAL))
    for found in ([restricted, suspended], [suspended, restricted]):
        (alert,) = Record().look(*found).alerts
        assert alert.condition.severity is CRITICAL


def test_rungs_of_other_customers_and_periods_speak_for_themselves() -> None:
    """A ladder is one customer's, of one period."""
    here, there = rungs(75)[0], replace(rungs(90)[0], account="other")
    later = replace(rungs(100)[0], period="2026-12")
    assert len(Record().look(here, there, later).messages) == 3


def test_a_reader_is_shown_the_highest_rung_of_each_ladder() -> None:
    """What stands is listed without what is said by another."""
    record = Record()
    record.look(*rungs(75, 90), condition(Sort.STOPPED, "main"), condition(Sort.HOLD, "main"))
    shown = [alert.condition.sentence for alert in speaking(record.standing)]
    assert sorted(shown) == ["hold 0", "stopped 0", "threshold 90"]


@pytest.mark.parametrize("sort", [sort for sort in Sort if not sort.tells_end])
def test_the_end_of_some_is_never_told(sort: Sort) -> None:
    """Where an end is no news, or cannot be known, nobody hears of it."""
    record = Record()
    looks = [record.look(condition(sort, "main"), after=timedelta(days=day)) for day in range(2)]
    assert [one[:2] for turned in looks for one in said(turned)] == [("mail", Edge.BEGAN)]
    assert said(record.look(after=timedelta(days=2))) == []
