"""The composition root: the one place where adapters meet core.

Called by the command line, the jobs and the daemon. `load` reads and judges what the partner wrote, without a vendor's
SDK and without SQL; `compose` opens the store and the vendors for the length of a `with`. Nothing is opened on import.
"""

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.clock import SystemClock, UlidIds
from adapters.clouds.registry import VENDORS, Vendor
from adapters.limits import LimitFault, LimitsRead, read_limits, write_limits
from adapters.secrets import SecretFault, resolve
from adapters.store import open_store
from adapters.tomlfile import KeyPath, TomlDocument, TomlFault
from core.plan import Plan
from core.ports import Clock, Cloud
from core.run.world import World
from scheduler.config import AccountSettings, ConfigFaults, Draft, Fault, Settings, read_config
from scheduler.reports.plan_json import plan_json

if TYPE_CHECKING:
    from adapters.sandbox.world import SimulatedVendor

CONFIG_NAME = "config.toml"
# As many rows with the very same fault are told one by one.
ALIKE = 20

__all__ = [
    "VENDORS",
    "SystemClock",
    "ask_to_stop",
    "compose",
    "default_config",
    "load",
    "simulate",
    "write_limits",
]


def default_config(environ: Mapping[str, str] = os.environ) -> Path:
    """Give ./config.toml if there is one, else the one in the user's config folder, which may not be there."""
    here = Path(CONFIG_NAME)
    if here.exists():
        return here
    folder = environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(folder).expanduser() / "tidegate" / CONFIG_NAME


def load(
    config_path: Path | str | None = None,
    *,
    accounts: frozenset[str] | None = None,
    observe_only: bool = True,
    limits_wanted: bool = True,
    environ: Mapping[str, str] = os.environ,
) -> Settings:
    """Read and judge the configuration, the limits and whether the secrets are there; no call is made.

    `accounts`: whose secrets have to be there, None: everybody's. `observe_only`: those of a dry run.
    `limits_wanted` False: the limits files are not read and need not be there, for the command that writes one.
    Raises ConfigFaults with everything that is wrong.
    """
    path = default_config(environ) if config_path is None else Path(config_path)
    document = _document(path, named=config_path is not None)
    base = path.absolute().parent
    draft, problems = read_config(document.data, VENDORS, base=base)
    faults = [_located(path, document, problem.path, problem.sentence) for problem in problems]
    vendors = {name: VENDORS.get(vendor or "") for name, vendor in draft.vendors.items()}
    limits = read_limits(draft.limits if limits_wanted else (), base=base, accounts=vendors)
    secrets = _Secrets(base, environ, observe_only=observe_only)
    for name, vendor in vendors.items():
        if vendor is not None and (accounts is None or name in accounts):
            missing = secrets.missing(name, vendor, draft.written[name])
            faults += [_located(path, document, place, sentence) for place, sentence in missing]
    faults += [
        _located(path, document, ("tidegate", "limits", fault.position), fault.sentence)
        for fault in limits.pattern_faults
    ]
    faults.sort(key=lambda fault: fault.line)
    faults += _limits_faults(limits)
    if faults or draft.store is None:
        raise ConfigFaults(faults)
    return _settings(path, base, draft, draft.store, limits)


@contextmanager
def compose(
    settings: Settings,
    *,
    observe_only: bool,
    accounts: frozenset[str] | None = None,
    clock: Clock | None = None,
    learn_secrets: Callable[[Collection[str]], None] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Iterator[World]:
    """Open the store and the accounts asked for, None: all, and give them to core; close them at the end.

    `observe_only`: use the keys that may only read, where they are given; the others are then not even loaded.
    `learn_secrets` is told the values, so that logs can keep them out.
    Raises ConfigFaults for a secret that is not there and StoreFailedError; nothing is sent to a vendor.
    """
    chosen = [account for name, account in settings.accounts.items() if accounts is None or name in accounts]
    secrets = _Secrets(settings.base, environ, observe_only=observe_only).values(settings.file, chosen)
    if learn_secrets is not None:
        learn_secrets([value for values in secrets.values() for value in values.values()])
    clock = clock or SystemClock()
    with ExitStack() as opened:
        store = opened.enter_context(open_store(settings.store, clock=clock))
        clouds: dict[str, Cloud] = {}
        for account in chosen:
            clouds[account.name] = cloud = _opened(account, secrets[account.name], clock)
            opened.callback(cloud.close)
        yield World(
            clouds=clouds,
            policies={account.name: account.policy for account in chosen},
            journal=store,
            observations=store,
            clock=clock,
            ids=UlidIds(),
            limits_digest=settings.limits_digest,
            plan_text=_stored_plan,
        )


def simulate(vendor: str, **options: object) -> "SimulatedVendor":
    """Build a vendor's simulated partner API, for `demo` and `sandbox`; raises KeyError for an unknown vendor."""
    return VENDORS[vendor].simulate(**options)


def ask_to_stop(clock: Clock) -> None:
    """Wake whoever waits by this clock and let no new write begin; may be called from a signal handler."""
    if isinstance(clock, SystemClock):
        clock.request_stop()


def _opened(account: AccountSettings, secrets: Mapping[str, str], clock: Clock) -> Cloud:
    return VENDORS[account.vendor].open(
        policy=account.policy,
        settings=account.own,
        secrets=secrets,
        rate_share=float(account.rate_share),
        read_timeout=account.read_timeout,
        clock=clock,
    )


def _stored_plan(plan: Plan) -> str:
    # Names are personal data to many; what is kept for ever goes without.
    return plan_json(plan, show_names=False)


class _Secrets:
    """Resolves the secrets of accounts. A value lives only in what `values` gives."""

    def __init__(self, base: Path, environ: Mapping[str, str], *, observe_only: bool) -> None:
        self._resolve = partial(resolve, base=base, environ=environ)
        self._observe_only = observe_only

    def missing(self, account: str, vendor: Vendor, written: Mapping[str, object]) -> list[tuple[KeyPath, str]]:
        """Give place and sentence for every secret of one account's keys that cannot be had."""
        return [
            (("accounts", account, key), fault)
            for key, reference in vendor.references(written, observe_only=self._observe_only).values()
            if (fault := self._fault(reference)) is not None
        ]

    def values(self, file: str, accounts: Collection[AccountSettings]) -> Mapping[str, Mapping[str, str]]:
        """Give the values by account and plain name; raises ConfigFaults."""
        missing = [
            fault
            for account in accounts
            for fault in self.missing(account.name, VENDORS[account.vendor], dict(account.own))
        ]
        if missing:
            document = _document(Path(file), named=True)
            raise ConfigFaults(_located(Path(file), document, place, sentence) for place, sentence in missing)
        return {account.name: self._values(account) for account in accounts}

    def _values(self, account: AccountSettings) -> Mapping[str, str]:
        references = VENDORS[account.vendor].references(dict(account.own), observe_only=self._observe_only)
        return {name: self._resolve(reference) for name, (_, reference) in references.items()}

    def _fault(self, reference: str) -> str | None:
        try:
            self._resolve(reference)
        except SecretFault as fault:
            return fault.sentence
        return None


def _document(path: Path, *, named: bool) -> TomlDocument:
    try:
        return TomlDocument(path.read_bytes())
    except FileNotFoundError as error:
        sentence = "there is no such file"
        if not named:
            sentence += f", and no ./{CONFIG_NAME}: name one with -c FILE; config.example.toml shows every key"
        raise ConfigFaults([Fault(file=str(path), sentence=sentence)]) from error
    except OSError as error:
        sentence = f"the file cannot be read: {error.strerror}"
        raise ConfigFaults([Fault(file=str(path), sentence=sentence)]) from error
    except TomlFault as error:
        raise ConfigFaults([Fault(file=str(path), line=error.line, sentence=error.sentence)]) from error


def _located(path: Path, document: TomlDocument, place: KeyPath, sentence: str) -> Fault:
    where = ".".join(str(step) for step in place if isinstance(step, str))
    return Fault(file=str(path), line=document.line_of(place), where=where, sentence=sentence)


def _limits_faults(limits: LimitsRead) -> list[Fault]:
    """Put the limits' faults in order; the same one in very many rows is told once, so that it hides no other."""
    alike: dict[tuple[str, str | None, str], list[LimitFault]] = {}
    for fault in limits.faults:
        alike.setdefault((fault.file, fault.column, fault.sentence), []).append(fault)
    told = [fault for group in alike.values() for fault in (group if len(group) <= ALIKE else [_summed(group)])]
    order = {name: position for position, name in enumerate(limits.files)}
    told.sort(key=lambda fault: (order[fault.file], fault.line))
    return [Fault(file=fault.file, line=fault.line, column=fault.column, sentence=fault.sentence) for fault in told]


def _summed(group: Sequence[LimitFault]) -> LimitFault:
    return replace(group[0], sentence=f"{group[0].sentence} (and {len(group) - 1} more rows, to line {group[-1].line})")


def _settings(path: Path, base: Path, draft: Draft, store: str, limits: LimitsRead) -> Settings:
    return Settings(
        file=str(path),
        base=base,
        store=store,
        accounts=draft.accounts,
        limits=limits.limits,
        limits_files=limits.files,
        limits_digest=limits.digest,
        listen=draft.listen,
    )
