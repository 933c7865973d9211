"""An outbox, a clock that is moved by hand and channels in memory, for the tests of delivery."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from adapters.notify import InMemoryNotifier
from adapters.store.memory import InMemoryStore
from core.alerts import Alert, Condition, Edge, Message, Severity, Sort, Turns
from core.errors import NotifyUnclearError
from core.policy import Window
from core.ports import Notifier, Outbox
from scheduler.alerting.delivery import Deliveries, deliver
from scheduler.config import AlertSettings, ChannelSettings

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
START = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # noon in Shanghai
SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHT = Window(days=frozenset(range(7)), begins=time(22), ends=time(7), text="daily 22:00-07:00")


class HandClock:
    """A clock that moves only by hand."""

    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        """Give the time it was set to."""
        return self.moment

    def sleep(self, duration: timedelta) -> None:
        """Let the time pass at once."""
        self.moment += duration

    def stopping(self) -> bool:
        """Never."""
        return False


def settings_of(
    *,
    channels: Sequence[str] = ("ops",),
    quiet: Sequence[Window] = (),
    gather: timedelta = MINUTE,
    link: str | None = None,
) -> AlertSettings:
    """Write [alerts]."""
    return AlertSettings(
        channels=tuple(ChannelSettings(name=name, url="env:URL", severity=Severity.INFO) for name in channels),
        quiet_hours=tuple(quiet),
        zone=SHANGHAI,
        gather=gather,
        pause_after=timedelta(days=3),
        link=link,
    )


class TimedNotifier(InMemoryNotifier):
    """Notes when each text was taken. `silent`: channels that take a text and never answer, with the reason."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__()
        self.times: list[datetime] = []
        self.tries = 0
        self.silent: dict[str, str] = {}
        self._clock = clock

    def send(self, channel: str, *, title: str, body: str, critical: bool) -> None:
        """Keep one text, and its time."""
        self.tries += 1
        super().send(channel, title=title, body=body, critical=critical)
        self.times.append(self._clock.now())
        if channel in self.silent:
            raise NotifyUnclearError(channel, self.silent[channel])

    def facts(self) -> Counter[str]:
        """Count how often each fact was told."""
        return Counter(fact for text in self.handed for fact in re.findall(r"fact \d+", text.body))


class DeliveryRig:
    """One process's deliveries over an outbox of its own."""

    def __init__(self, settings: AlertSettings | None = None) -> None:
        self.clock = HandClock()
        self.store = InMemoryStore(clock=self.clock)
        self.notifier = TimedNotifier(self.clock)
        self.settings = settings or settings_of()
        self.counts: Counter[tuple[str, str]] = Counter()
        self.written = 0
        self._sent_at: dict[str, datetime] = {}

    def write(
        self,
        severity: Severity = Severity.WARNING,
        *,
        channel: str = "ops",
        account: str | None = "tencent-main",
        alert: str | None = None,
        edge: Edge = Edge.BEGAN,
        sentence: str = "",
        stands: bool = False,
    ) -> Message:
        """Put a message into the outbox, now; `stands`: with its alert, which stands."""
        self.written += 1
        now = self.clock.now()
        message = Message(
            id=f"{self.written:06}",
            channel=channel,
            alert=alert or f"alert {self.written}",
            edge=edge,
            severity=severity,
            sentence=sentence or f"fact {self.written} is {severity}.",
            account=account,
            written_at=now,
            next_at=now,
        )
        alerts = (self._alert(message),) if stands else ()
        assert self.store.keep_turns(Turns(alerts=alerts, messages=(message,)))
        return message

    def over(self, message: Message) -> None:
        """Let the fact end that a message tells of, without a word."""
        ended = replace(self._alert(message), ended_at=self.clock.now())
        assert self.store.keep_turns(Turns(alerts=(ended,)))

    def deliver(self, notifier: Notifier | None = None, outbox: Outbox | None = None) -> int:
        """Deliver as this process."""
        return deliver(self.deliveries(notifier, outbox))

    def deliveries(self, notifier: Notifier | None = None, outbox: Outbox | None = None) -> Deliveries:
        """Give what a delivery of this process needs."""
        return Deliveries(
            outbox=outbox or self.store,
            notifier=notifier or self.notifier,
            settings=self.settings,
            clock=self.clock,
            count=self._count,
            sent_at=self._sent_at,
            chance=lambda: 0.5,
        )

    def after(self, duration: timedelta) -> int:
        """Let time pass, and deliver."""
        self.clock.sleep(duration)
        return self.deliver()

    def fail_for(self, duration: timedelta) -> None:
        """Let time pass, delivering whenever there may be something to deliver."""
        until = self.clock.now() + duration
        while self.clock.now() < until:
            self.after(MINUTE)

    def restart(self) -> None:
        """Forget what only the process knew."""
        self._sent_at = {}

    def _alert(self, message: Message) -> Alert:
        condition = Condition(
            sort=Sort.DISPUTE, severity=message.severity, sentence=message.sentence, subject=message.alert
        )
        at = message.written_at
        return Alert(id=message.alert, condition=condition, since=at, told_at=at, told_to=frozenset({message.channel}))

    def _count(self, channel: str, outcome: str) -> None:
        self.counts[channel, outcome] += 1
