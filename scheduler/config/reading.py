"""From a parsed configuration file to settings, collecting every fault on the way.

Called by scheduler.bootstrap, which reads the file, knows the vendors and finds the lines.
Does no input or output but for looking whether the store's folder is there, and never stops at the first fault.
"""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from core.capabilities import Capabilities
from core.policy import AccountPolicy
from scheduler.config.durations import format_duration
from scheduler.config.faults import Problem
from scheduler.config.sections import AccountSection, GuardsSection, Overridable, TidegateSection, WebSection
from scheduler.config.settings import AccountSettings, Draft
from scheduler.config.wording import problems_of, unknown_key

# Two clocks may differ by this much before writes stop (the clock rule); the fence has to outlast it.
SKEW = timedelta(seconds=30)
CALL_TIME = timedelta(seconds=30)
RATE_SHARE = Decimal("0.9")
ALERT_AT = (Decimal(75), Decimal(90), Decimal(100))
BILLING_TIMEZONE = "Asia/Shanghai"
_SQLITE = "sqlite:///"
_ACCOUNT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_SECTIONS = ("tidegate", "accounts", "guards", "web")

Model = TypeVar("Model", bound=BaseModel)


class Address(Protocol):
    """Where an account's calls go."""

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine."""


class VendorFacts(Protocol):
    """What the configuration must know of a vendor; the registry's entries are such."""

    @property
    def settings(self) -> type[BaseModel]:
        """The model of the vendor's own keys."""

    @property
    def capabilities(self) -> Capabilities:
        """What the vendor can do."""

    @property
    def customer_id_fault(self) -> Callable[[str], str | None]:
        """What is wrong with an id, None for nothing."""

    def endpoint(self, settings: BaseModel, *, allow_custom: bool) -> Address:
        """The address meant; raises ValueError with a sentence."""


def read_config(
    document: Mapping[str, object], vendors: Mapping[str, VendorFacts], *, base: Path
) -> tuple[Draft, list[Problem]]:
    """Validate a whole document; give what could be read and every problem found. Only with none is it complete."""
    return _Reading(document, vendors, base).draft()


class _Reading:
    """One pass over one document; `problems` grows, nothing is raised."""

    def __init__(self, document: Mapping[str, object], vendors: Mapping[str, VendorFacts], base: Path) -> None:
        self._document = document
        self._vendors = vendors
        self._base = base
        self.problems: list[Problem] = []

    def draft(self) -> tuple[Draft, list[Problem]]:
        for name in self._document:
            if name not in _SECTIONS:
                self._note((name,), unknown_key(name, _SECTIONS))
        general = self._section(("tidegate",), TidegateSection)
        guards = self._section(("guards",), GuardsSection) if "guards" in self._document else None
        web = self._section(("web",), WebSection) if "web" in self._document else None
        tables = self._account_tables()
        accounts = {name: self._account(name, table, general, guards) for name, table in tables.items()}
        draft = Draft(
            store=self._store(general.store) if general else None,
            limits=tuple(general.limits) if general else self._written_limits(),
            accounts={name: account for name, account in accounts.items() if account is not None},
            vendors={name: self._vendor_name(table) for name, table in tables.items()},
            written=tables,
            listen=web.listen if web else None,
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
        self, path: tuple[str, ...], table: object, model: type[Model], known: tuple[str, ...] = ()
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

    def _vendor_name(self, table: Mapping[str, object]) -> str | None:
        name = table.get("vendor")
        return name if isinstance(name, str) and name in self._vendors else None

    def _account(
        self, name: str, table: Mapping[str, object], general: TidegateSection | None, guards: GuardsSection | None
    ) -> AccountSettings | None:
        path = ("accounts", name)
        vendor_name = self._vendor_name(table)
        if vendor_name is None and isinstance(table.get("vendor"), str):
            known = " or ".join(f'"{vendor}"' for vendor in sorted(self._vendors))
            self._note((*path, "vendor"), f"there is no such vendor: write {known}")
        vendor = self._vendors[vendor_name] if vendor_name is not None else None
        section, own = self._both_halves(path, table, vendor)
        if section is None or own is None or vendor is None:
            return None
        self._judge_protected(path, section, vendor)
        return self._resolved(name, section, own, vendor, general, guards)

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

    def _judge_protected(self, path: tuple[str, ...], section: AccountSection, vendor: VendorFacts) -> None:
        for position, customer in enumerate(section.protected):
            fault = vendor.customer_id_fault(customer)
            if fault is not None:
                self._note((*path, "protected", position), fault)

    def _resolved(
        self,
        name: str,
        section: AccountSection,
        own: BaseModel,
        vendor: VendorFacts,
        general: TidegateSection | None,
        guards: GuardsSection | None,
    ) -> AccountSettings:
        loopback = self._loopback(name, section, own, vendor)
        choice = _Choice(section, general)
        lag = choice("lag", vendor.capabilities.lag)
        fence = vendor.capabilities.signature_life + SKEW + lag
        quarantine = choice("quarantine", fence)
        if quarantine < fence and not loopback:
            self._note(
                choice.path_of(name, "quarantine"),
                f"account {name} needs a quarantine of at least {format_duration(fence)}: a lost change may still be "
                "carried out until its signature is no longer accepted, and be shown later still",
            )
        policy = AccountPolicy(
            name=name,
            vendor=section.vendor,
            write_policy=section.write_policy,
            protected=frozenset(section.protected),
            guards=tuple(place.settings for place in (guards, section.guards) if place is not None),
            books_max=section.books_max,
            write_timeout=choice("write_timeout", CALL_TIME),
            quarantine=quarantine,
            lag=lag,
            every=section.every,
        )
        return AccountSettings(
            name=name,
            vendor=section.vendor,
            policy=policy,
            own=own,
            loopback=loopback,
            read_timeout=choice("read_timeout", CALL_TIME),
            rate_share=choice("rate_share", RATE_SHARE),
            billing_timezone=choice("billing_timezone", BILLING_TIMEZONE),
            alert_at=tuple(choice("alert_at", ALERT_AT)),
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
