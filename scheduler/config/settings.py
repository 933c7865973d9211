"""The configuration as values: what the rest of the program gets once everything in the file was found right.

Made by scheduler.bootstrap, compared with == by the daemon to see whether a re-read file changed anything.
Holds references to secrets, never their values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel

from core.limit import Limit
from core.policy import AccountPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSettings:
    """One account: its policy for core, the vendor's own keys, and how its calls are to be made.

    `rate_share`: 0 to 1 of the documented rates. `loopback`: the endpoint is on this machine.
    """

    name: str
    vendor: str
    policy: AccountPolicy
    own: BaseModel
    loopback: bool
    read_timeout: timedelta
    rate_share: Decimal
    alert_at: tuple[Decimal, ...]


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
    listen: str | None = None


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
    limits_files: tuple[str, ...]
    limits_digest: str
    listen: str | None = None

    def limits_of(self, account: str) -> tuple[Limit, ...]:
        """The limits of one account, in the order written."""
        return tuple(limit for limit in self.limits if limit.account == account)
