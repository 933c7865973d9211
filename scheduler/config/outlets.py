"""`[web]` and `[alerts]`: where the daemon shows and tells how things stand.

Read by scheduler.config.reading. Addresses and tokens that are secrets stand here as references; scheduler.bootstrap
looks whether they are there and resolves them.
"""

import ipaddress
import re
from datetime import timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from core.alerts import Severity
from core.policy import Window
from scheduler.config.fields import Duration, Hours, Interval, Kept, Listening, Section, TimeZone
from scheduler.config.settings import AlertSettings, ChannelSettings, WebSettings

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", re.ASCII)
_LINK = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?", re.ASCII)
_CHANNEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)

# Longer would be quiet hours by another name.
LONGEST_GATHER = timedelta(hours=1)
_DAY = 24 * 60  # minutes
_WEEK = 7 * _DAY


def _host(value: str) -> str:
    if not _HOST.fullmatch(value):
        message = 'that is no host name: write "tidegate.example.com", without a scheme and a port'
        raise ValueError(message)
    return value.lower()


def _link(value: str) -> str:
    # A link may hold a password, so no sentence repeats one.
    if "@" in value:
        message = "a link goes to everybody who is told: write it without a user and a password in it"
        raise ValueError(message)
    if not _LINK.fullmatch(value):
        message = 'that is no address of a page: write "https://tidegate.example.com"'
        raise ValueError(message)
    return value.rstrip("/")


def _channel(value: str) -> str:
    if not _CHANNEL.fullmatch(value):
        message = "a channel's name has letters, digits, '-', '_' and '.', at most 64"
        raise ValueError(message)
    return value


def _gather(value: timedelta) -> timedelta:
    if value > LONGEST_GATHER:
        message = 'nobody would be told for so long: write at most "1h"'
        raise ValueError(message)
    return value


def _quiet(value: list[Window]) -> list[Window]:
    quiet: set[int] = set()
    for window in value:
        begins, ends = (60 * at.hour + at.minute for at in (window.begins, window.ends))
        for day in window.days:
            first = day * _DAY + begins
            quiet.update(minute % _WEEK for minute in range(first, first + ((ends - begins) % _DAY or _DAY)))
    if len(quiet) == _WEEK:
        message = (
            "they would never be over, and only what is critical would be told: leave hours for the rest, or write "
            'severity = "critical" at a channel'
        )
        raise ValueError(message)
    return value


class WebSection(Section):
    """`[web]`: the daemon's page, `/healthz`, `/readyz` and `/metrics`; none of it without this section."""

    listen: Listening = Field(examples=['"127.0.0.1:8642"'])
    """Address and port. Only this machine can reach a loopback address; any other needs a token."""

    token: Kept | None = Field(default=None, examples=['"env:TIDEGATE_WEB_TOKEN"'])
    """Where the token is kept that a browser gives as password, and a program as bearer token; none is asked for when
    not set."""

    show_names: bool = Field(default=False, examples=["true"])
    """Whether customers' names are shown in full; masked when not set."""

    hosts: list[Annotated[str, AfterValidator(_host)]] = Field(
        default_factory=list, examples=['["tidegate.example.com"]']
    )
    """Other names under which the page is reached, such as that of a proxy; any name is taken where a token is set."""

    @model_validator(mode="after")
    def _is_guarded(self) -> Self:
        if self.token is None and not _is_loopback(self.settings.host):
            message = (
                'others can reach this address: write token = "env:TIDEGATE_WEB_TOKEN", or listen on "127.0.0.1:8642"'
            )
            raise ValueError(message)
        return self

    @property
    def settings(self) -> WebSettings:
        """The same as the rest of the program has it."""
        host, _, port = self.listen.rpartition(":")
        return WebSettings(
            host=host.strip("[]"),
            port=int(port),
            token=self.token,
            show_names=self.show_names,
            hosts=tuple(self.hosts),
        )


class ChannelSection(Section):
    """`[[alerts.channels]]`: one place to which alerts are sent."""

    name: Annotated[str, AfterValidator(_channel)] = Field(examples=['"operations"'])
    """Its name in logs and metrics."""

    url: Kept = Field(examples=['"env:TIDEGATE_ALERT_URL"'])
    """Where its address is kept, in the form of Apprise: mailto://…, slack://…, dingtalk://…, wecombot://…, feishu://…,
    tgram://…, json://…; it holds keys, so it is a secret."""

    severity: Annotated[Severity, Field(strict=False)] = Field(default=Severity.WARNING, examples=['"warning"'])
    """The least that is sent there: info, warning or critical."""

    accounts: list[str] | None = Field(default=None, min_length=1, examples=['["huawei-main"]'])
    """Only alerts of these accounts; of all when not set."""

    @property
    def settings(self) -> ChannelSettings:
        """The same as the rest of the program has it."""
        return ChannelSettings(
            name=self.name, url=self.url, severity=self.severity, accounts=frozenset(self.accounts or ())
        )


class AlertsSection(Section):
    """`[alerts]`: who is told of what needs somebody. Alerts stand on the page without it."""

    channels: list[ChannelSection] = Field(min_length=1)
    """Where they are sent."""

    quiet_hours: Annotated[list[Hours], AfterValidator(_quiet)] = Field(
        default_factory=list, examples=['["daily 22:00-07:00"]']
    )
    """When only what is critical is sent; the rest is sent together when they are over."""

    timezone: TimeZone | None = Field(default=None, examples=['"Asia/Shanghai"'])
    """The time of the quiet hours and of the times in messages; the billing time zone of [tidegate] when not set."""

    gather: Annotated[Duration, AfterValidator(_gather)] = Field(default=timedelta(minutes=1), examples=['"1m"'])
    """How long what comes is gathered into one message; at least as long lies between two messages of a channel. At
    most an hour."""

    pause_after: Interval = Field(default=timedelta(days=3), examples=['"3d"'])
    """How long a pause may last before somebody is told."""

    link: Annotated[str, AfterValidator(_link)] | None = Field(
        default=None, examples=['"https://tidegate.example.com"']
    )
    """The page's address as those who are told can reach it; it is named in each message."""

    @model_validator(mode="after")
    def _channels_differ(self) -> Self:
        names = [channel.name for channel in self.channels]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            message = f"there are two channels called {twice[0]!r}: give each a name of its own"
            raise ValueError(message)
        return self

    def settings(self, zone: str) -> AlertSettings:
        """The same as the rest of the program has it; `zone`: the time zone where none is written."""
        return AlertSettings(
            channels=tuple(channel.settings for channel in self.channels),
            quiet_hours=tuple(self.quiet_hours),
            zone=ZoneInfo(self.timezone or zone),
            gather=self.gather,
            pause_after=self.pause_after,
            link=self.link,
        )


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
