"""From a parsed configuration file to settings, collecting every fault on the way.

Called by scheduler.bootstrap, which reads the file, knows the vendors and finds the lines.
Does no input or output but for looking whether the store's folder is there, and never stops at the first fault.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from core.policy import AccountPolicy
from scheduler.config.approvals import ApprovalSection
from scheduler.config.durations import format_duration
from scheduler.config.facts import VendorFacts
from scheduler.config.faults import Problem
from scheduler.config.judging import account_problems, approval_problems, channel_problems, shortest_quarantine
from scheduler.config.outlets import AlertsSection, WebSection
from scheduler.config.sections import AccountSection, GuardsSection, Overridable, TidegateSection
from scheduler.config.settings import AccountSettings, Draft
from scheduler.config.wording import problems_of, unknown_key

CALL_TIME = timedelta(seconds=30)
RATE_SHARE = Decimal("0.9")
ALERT_AT = (Decimal(75), Decimal(90), Decimal(100))
BILLING_TIMEZONE = "Asia/Shanghai"
_SQLITE = "sqlite:///"
_ACCOUNT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_SECTIONS = ("tidegate", "accounts", "guards", "approvals", "web", "alerts")

Model = TypeVar("Model", bound=BaseModel)


def read_config(
    document: Mapping[str, object], vendors: Mapping[str, VendorFacts], *, base: Path, today: date
) -> tuple[Draft, list[Problem]]:
    """Validate a whole document; give what could be read and every problem found. Only with none is it complete.

    `today`: no agreement can be of a later day.
    """
    return _Reading(document, vendors, base, today).draft()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """What is written once for all accounts; None where it is missing or at fault."""

    general: TidegateSection | None
    guards: GuardsSection | None
    approvals: tuple[ApprovalSection, ...]


class _Reading:
    """One pass over one document; `problems` grows, nothing is raised."""

    def __init__(
        self, document: Mapping[str, object], vendors: Mapping[str, VendorFacts], base: Path, today: date
    ) -> None:
        self._document = document
        self._vendors = vendors
        self._base = base
        self._today = today
        self.problems: list[Problem] = []

    def draft(self) -> tuple[Draft, list[Problem]]:
        for name in self._document:
            if name not in _SECTIONS:
                self._note((name,), unknown_key(name, _SECTIONS))
        general = self._section(("tidegate",), TidegateSection)
        guards = self._section(("guards",), GuardsSection) if "guards" in self._document else None
        web = self._section(("web",), WebSection) if "web" in self._document else None
        alerts = self._section(("alerts",), AlertsSection) if "alerts" in self._document else None
        tables = self._account_tables()
        shared = _Shared(general=general, guards=guards, approvals=self._approvals(tables))
        accounts = {name: self._account(name, table, shared) for name, table in tables.items()}
        if alerts is not None:
            self.problems += channel_problems(("alerts",), alerts, tables)
        zone = (general.billing_timezone if general else None) or BILLING_TIMEZONE
        draft = Draft(
            store=self._store(general.store) if general else None,
            limits=tuple(general.limits) if general else self._written_limits(),
            accounts={name: account for name, account in accounts.items() if account is not None},
            vendors={name: self._vendor_name(table) for name, table in tables.items()},
            written=tables,
            web=web.settings if web else None,
            alerts=alerts.settings(zone) if alerts else None,
        )
        return draft, self.problems

    def _written_limits(self) -> tuple[str, ...]:
        """Give the limits files of a faulty section, so that what is wrong in them is told as well."""
        table = self._document.get("tidegate")
        written = table.get("limits") if isinstance(table, Mapping) else None
        return tuple(name for name in written if isinstance(name, str)) if isinstance(written, list) else ()

    def _note(self, path: tuple[str | int, ...], sentence: str) -> None:
        self.problems.append(Problem(path=path, sentence=sentence))

    def _section(self, path: tuple[str, ...], model: type[Model]) -> Model | None:
        table = self._document.get(path[0], {})
        if path[0] not in self._document:
            self._note(path, f"the section [{path[0]}] is missing: config.example.toml shows every key")
            return None
        return self._validated(path, table, model)

    def _validated(
        self, path: tuple[str | int, ...], table: object, model: type[Model], known: tuple[str, ...] = ()
    ) -> Model | None:
        try:
            return model.model_validate(table)
        except ValidationError as error:
            for problem in problems_of(error, model, known):
                self._note((*path, *problem.path), problem.sentence)
            return None

    def _account_tables(self) -> dict[str, Mapping[str, object]]:
        tables = self._document.get("accounts")
        if not isinstance(tables, Mapping) or not tables:
            self._note(("accounts",), 'there is no account: write a section such as [accounts.main] with vendor = "…"')
            return {}
        found: dict[str, Mapping[str, object]] = {}
        for name, table in tables.items():
            if not isinstance(table, Mapping):
                self._note(("accounts", name), f"an account is a section of its own: write [accounts.{name}]")
            elif not _ACCOUNT_NAME.fullmatch(name):
                self._note(("accounts", name), "an account's name has letters, digits, '-', '_' and '.', at most 64")
            else:
                found[name] = table
        return found

    def _approvals(self, accounts: Mapping[str, Mapping[str, object]]) -> tuple[ApprovalSection, ...]:
        """Read the approvals; one at fault is left out, so that it lets nothing pass."""
        tables = self._document.get("approvals", [])
        if not isinstance(tables, list):
            self._note(("approvals",), "each approval is a section of its own: write [[approvals]]")
            return ()
        found = [self._validated(("approvals", at), table, ApprovalSection) for at, table in enumerate(tables)]
        vendors = {name: self._vendors.get(self._vendor_name(table) or "") for name, table in accounts.items()}
        for position, approval in enumerate(found):
            if approval is not None:
                self.problems += approval_problems(("approvals", position), approval, vendors)
        return tuple(approval for approval in found if approval is not None)

    def _vendor_name(self, table: Mapping[str, object]) -> str | None:
        name = table.get("vendor")
        return name if isinstance(name, str) and name in self._vendors else None

    def _account(self, name: str, table: Mapping[str, object], shared: _Shared) -> AccountSettings | None:
        path = ("accounts", name)
        vendor_name = self._vendor_name(table)
        if vendor_name is None and isinstance(table.get("vendor"), str):
            known = " or ".join(f'"{vendor}"' for vendor in sorted(self._vendors))
            self._note((*path, "vendor"), f"there is no such vendor: write {known}")
        vendor = self._vendors[vendor_name] if vendor_name is not None else None
        section, own = self._both_halves(path, table, vendor)
        if section is None or own is None or vendor is None:
            return None
        self.problems += account_problems(path, section, vendor, self._today)
        return self._resolved(name, section, own, vendor, shared)

    def _both_halves(
        self, path: tuple[str, ...], table: Mapping[str, object], vendor: VendorFacts | None
    ) -> tuple[AccountSection | None, BaseModel | None]:
        """Validate our keys and the vendor's own apart; without a vendor its keys cannot be told from mistakes."""
        ours = tuple(AccountSection.model_fields)
        common = {key: value for key, value in table.items() if key in ours}
        section = self._validated(path, common, AccountSection)
        if vendor is None:
            return section, None
        rest = {key: value for key, value in table.items() if key not in ours}
        return section, self._validated(path, rest, vendor.settings, known=ours)

    def _resolved(
        self, name: str, section: AccountSection, own: BaseModel, vendor: VendorFacts, shared: _Shared
    ) -> AccountSettings:
        loopback = self._loopback(name, section, own, vendor)
        choice = _Choice(section, shared.general)
        lag = choice("lag", vendor.capabilities.lag)
        fence = shortest_quarantine(vendor, lag)
        quarantine = choice("quarantine", fence)
        if quarantine < fence and not loopback:
            self._note(
                choice.path_of(name, "quarantine"),
                f"account {name} needs a quarantine of at least {format_duration(fence)}: a lost change may still be "
                "carried out until its signature is no longer accepted, and be shown later still",
            )
        return AccountSettings(
            name=name,
            vendor=section.vendor,
            policy=_policy(name, section, shared, lag=lag, quarantine=quarantine),
            own=own,
            loopback=loopback,
            read_timeout=choice("read_timeout", CALL_TIME),
            rate_share=choice("rate_share", RATE_SHARE),
            alert_at=tuple(choice("alert_at", ALERT_AT)),
            cron=section.cron,
        )

    def _loopback(self, name: str, section: AccountSection, own: BaseModel, vendor: VendorFacts) -> bool:
        try:
            return vendor.endpoint(own, allow_custom=section.allow_custom_endpoint).is_loopback
        except ValueError as error:
            self._note(("accounts", name, "endpoint"), str(error))
            return True  # the address is the fault to mend first; a fence is judged once there is one

    def _store(self, url: str) -> str | None:
        path = self._base / url.removeprefix(_SQLITE)
        sentence = _store_fault(url) or _folder_fault(path.parent)
        if sentence is None:
            return f"{_SQLITE}{path.absolute()}"
        self._note(("tidegate", "store"), sentence)
        return None


Value = TypeVar("Value")


class _Choice:
    """An overridable key's value: the account's, else the general one, else the default."""

    def __init__(self, section: Overridable, general: Overridable | None) -> None:
        self._section = section
        self._general = general

    def __call__(self, key: str, default: Value) -> Value:
        for place in (self._section, self._general):
            written: Value | None = getattr(place, key, None)
            if written is not None:
                return written
        return default

    def path_of(self, account: str, key: str) -> tuple[str, ...]:
        """Where the value in force is written."""
        if getattr(self._section, key) is None and getattr(self._general, key, None) is not None:
            return ("tidegate", key)
        return ("accounts", account, key)


def _policy(
    name: str, section: AccountSection, shared: _Shared, *, lag: timedelta, quarantine: timedelta
) -> AccountPolicy:
    """Give what core needs of an account, every overridable key resolved."""
    choice = _Choice(section, shared.general)
    timezone = choice("billing_timezone", BILLING_TIMEZONE)
    approvals = [each.approval(ZoneInfo(timezone)) for each in shared.approvals if each.concerns(name)]
    return AccountPolicy(
        name=name,
        vendor=section.vendor,
        write_policy=section.write_policy,
        protected=frozenset(section.protected),
        guards=tuple(place.settings for place in (shared.guards, section.guards) if place is not None),
        books_max=section.books_max,
        write_timeout=choice("write_timeout", CALL_TIME),
        quarantine=quarantine,
        lag=lag,
        every=section.longest_gap,
        billing_timezone=timezone,
        drift=section.drift,
        drift_grace=section.drift_grace,
        max_age=choice("max_age", None),
        windows=tuple(section.windows or ()),
        approvals=tuple(approvals),
        agreement=section.agreement.agreement if section.agreement is not None else None,
        quotas=section.quotas,
    )


def _store_fault(url: str) -> str | None:
    """Say why a store cannot be used; the text itself stays out, since a database URL may hold a password."""
    example = f'write "{_SQLITE}tidegate.db"'
    if url.startswith("postgresql"):
        return f"PostgreSQL is not available in this version: {example}"
    name = url.removeprefix(_SQLITE)
    is_file = name.isprintable() and not name.endswith("/") and "?" not in name and name not in {"", ":memory:"}
    return None if url.startswith(_SQLITE) and is_file else f"this is not a database file: {example}"


def _folder_fault(folder: Path) -> str | None:
    try:
        is_there = folder.is_dir()
    except OSError as error:
        return f"the folder cannot be looked for: {error.strerror}"
    return None if is_there else f"there is no folder {folder}: make it, or write another place"
