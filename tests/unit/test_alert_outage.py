from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from adapters.notify import InMemoryNotifier
from core.alerts import Severity
from core.errors import NotifyUnclearError
from scheduler.alerting.outage import AGAIN, PATIENCE, Outage
from scheduler.config import AlertSettings, ChannelSettings

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SETTINGS = AlertSettings(
    channels=tuple(ChannelSettings(name=name, url="env:X", severity=Severity.CRITICAL) for name in ("ops", "boss")),
    quiet_hours=(),
    zone=ZoneInfo("UTC"),
    gather=timedelta(minutes=1),
    pause_after=timedelta(days=3),
)


class Time:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        """Give the time set."""
        return self.at

    def sleep(self, duration: timedelta) -> None:
        """Let time pass."""
        self.at += duration

    def stopping(self) -> bool:
        """Never."""
        return False


def test_a_store_that_fails_for_long_is_told_once_and_so_is_its_return() -> None:
    """No record is needed for it: every channel hears of it once, and once that it is over."""
    clock, notifier = Time(), InMemoryNotifier()
    outage = Outage(lambda: SETTINGS, lambda _settings: notifier, clock)
    for _ in range(400):  # an hour and forty minutes, four times a minute
        outage.failing("the store could not keep the alerts: the disk is full")
        clock.sleep(timedelta(seconds=15))
    assert [each.channel for each in notifier.handed] == ["ops", "boss"]
    assert all(each.critical and "the disk is full" in each.body for each in notifier.handed)
    outage.works()
    outage.works()
    assert [each.channel for each in notifier.handed[2:]] == ["ops", "boss"]
    assert all("2026-11-22 12:00" in each.body for each in notifier.handed)


def test_a_short_failure_is_not_told() -> None:
    """A locked store is free again after seconds: nobody is woken for it."""
    clock, notifier = Time(), InMemoryNotifier()
    outage = Outage(lambda: SETTINGS, lambda _settings: notifier, clock)
    outage.failing("locked")
    clock.sleep(PATIENCE - timedelta(seconds=1))
    outage.failing("locked")
    outage.works()
    clock.sleep(AGAIN)
    outage.failing("locked")
    assert notifier.handed == []


class Late(InMemoryNotifier):
    """Channels that take a text and do not answer in time."""

    def send(self, channel: str, *, title: str, body: str, critical: bool) -> None:
        """Take it, and leave open whether it was taken."""
        super().send(channel, title=title, body=body, critical=critical)
        raise NotifyUnclearError(channel, "it did not answer in time")


def test_a_channel_that_answers_late_is_not_told_for_ever() -> None:
    """After three texts without an answer it is taken to know, and hears that it is over."""
    clock, notifier = Time(), Late()
    outage = Outage(lambda: SETTINGS, lambda _settings: notifier, clock)
    for _ in range(4 * 60 * 8):
        outage.failing("the disk is full")
        clock.sleep(timedelta(seconds=15))
    assert [each.channel for each in notifier.handed] == ["ops", "boss"] * 3
    outage.works()
    assert [each.channel for each in notifier.handed[6:]] == ["ops", "boss"]


def test_who_could_not_hear_that_it_is_over_hears_it_later() -> None:
    """A channel that fails at that moment is tried again."""
    clock, notifier = Time(), InMemoryNotifier()
    outage = Outage(lambda: SETTINGS, lambda _settings: notifier, clock)
    outage.failing("the disk is full")
    clock.sleep(PATIENCE)
    outage.failing("the disk is full")
    notifier.broken["ops"] = "down"
    outage.works()
    del notifier.broken["ops"]
    outage.works()
    clock.sleep(AGAIN)
    outage.works()
    assert [each.channel for each in notifier.handed[2:]] == ["boss", "ops"]
