"""The configuration as values: what the rest of the program gets once everything in the file was found right.

Made by scheduler.bootstrap, compared with == by the daemon to see whether a re-read file changed anything.
Holds references to secrets, never their values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from core.alerts import Severity
from core.limit import Limit
from core.policy import AccountPolicy, Window
from scheduler.config.crontab import Crontab


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSettings:
    """One account: its policy for core, the vendor's own keys, and how its calls are to be made.

    `rate_share`: 0 to 1 of the documented rates. `loopback`: the endpoint is on this machine.
    `cron`: when the daemon looks, None: every `policy.every`, which else is the longest gap between two of its times.
    """

    name: str
    vendor: str
    policy: AccountPolicy
    own: BaseModel
    loopback: bool
    read_timeout: timedelta
    rate_share: Decimal
    alert_at: tuple[Decimal, ...]
    cron: Crontab | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """The daemon's page. `token`: a reference to the secret, None: nobody is asked. `hosts`: other names it has."""

    host: str
    port: int
    token: str | None = None
    show_names: bool = False
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    """One place alerts go to; `url` is a reference to the secret address. `accounts` empty: of all."""

    name: str
    url: str
    severity: Severity
    accounts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSettings:
    """Who is told, and when; see scheduler.config.outlets for each key's meaning."""

    channels: tuple[ChannelSettings, ...]
    quiet_hours: tuple[Window, ...]
    zone: ZoneInfo
    gather: timedelta
    pause_after: timedelta
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What could be read of a configuration file, whole or not.

    `vendors`: the vendor's name of every account that is named, None where it is not known; limits are judged by it.
    `written`: every account's keys as they stand in the file, right or not; their secrets are looked for in any case.
    """

    store: str | None
    limits: tuple[str, ...]
    accounts: Mapping[str, AccountSettings]
    vendors: Mapping[str, str | None]
    written: Mapping[str, Mapping[str, object]]
    web: WebSettings | None = None
    alerts: AlertSettings | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A configuration without faults, with the limits it names.

    `file` is the path as given, `base` its folder, from which relative paths start.
    `store` is a database URL with an absolute path; `digest` is the sha256 of the limits files' bytes in order.
    """

    file: str
    base: Path
    store: str
    accounts: Mapping[str, AccountSettings]
    limits: tuple[Limit, ...]
    limits_digest: str
    web: WebSettings | None = None
    alerts: AlertSettings | None = None

    def limits_of(self, account: str) -> tuple[Limit, ...]:
        """The limits of one account, in the order written."""
        return tuple(limit for limit in self.limits if limit.account == account)
