"""Reads and judges what the partner wrote: configuration, limits, and whether the secrets are there.

Called by every command and by the daemon's passes. Loads no vendor's SDK and no SQL, and asks nobody anything.
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from adapters.clock import SystemClock
from adapters.clouds.registry import VENDORS
from adapters.limits import LimitFault, LimitsRead, read_limits
from core.ports import Clock
from scheduler.bootstrap.fitting import missing_agreement, one_way_limits
from scheduler.bootstrap.places import CONFIG_NAME, located, open_document
from scheduler.bootstrap.secrets import Secrets
from scheduler.config import ConfigFaults, Draft, Fault, Settings, read_config

# As many rows with the very same fault are told one by one.
ALIKE = 20
# The offending value, where a sentence begins with it: apart from it, two sentences may be the same.
_QUOTED = re.compile(r"^'[^']*'(\.\.\.)?")
# The time zone that is furthest ahead: a day that has begun nowhere is in the future.
_FURTHEST_AHEAD = timedelta(hours=14)


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
    outlets: bool = False,
    environ: Mapping[str, str] = os.environ,
    clock: Clock | None = None,
) -> Settings:
    """Read and judge the configuration, the limits and whether the secrets are there; no call is made.

    `accounts`: whose secrets have to be there, None: everybody's. `observe_only`: those of a dry run.
    `limits_wanted` False: the limits files are not read and need not be there, for the command that writes one.
    `outlets`: the page's token and the channels' addresses have to be there too, for the commands that use them.
    `clock`: tells which days lie in the future; the machine's own when None.
    Raises ConfigFaults with everything that is wrong.
    """
    path = default_config(environ) if config_path is None else Path(config_path)
    document = open_document(path, named=config_path is not None)
    base = path.absolute().parent
    draft, problems = read_config(document.data, VENDORS, base=base, today=_latest_day(clock or SystemClock()))
    vendors = {name: VENDORS.get(vendor or "") for name, vendor in draft.vendors.items()}
    limits = read_limits(draft.limits if limits_wanted else (), base=base, accounts=vendors)
    problems += [each for account in draft.accounts.values() for each in missing_agreement(account, limits.limits)]
    faults = [located(path, document, problem.path, problem.sentence) for problem in problems]
    secrets = Secrets(base, environ, observe_only=observe_only)
    for name, vendor in vendors.items():
        if vendor is not None and (accounts is None or name in accounts):
            missing = secrets.missing(name, vendor, draft.written[name])
            faults += [located(path, document, place, sentence) for place, sentence in missing]
    missing = secrets.outlet_forms(draft.web, draft.alerts)
    missing += secrets.missing_outlets(draft.web, draft.alerts) if outlets else []
    faults += [located(path, document, place, sentence) for place, sentence in missing]
    faults += [
        located(path, document, ("tidegate", "limits", fault.position), fault.sentence)
        for fault in limits.pattern_faults
    ]
    faults.sort(key=lambda fault: fault.line)
    one_way = [each for account in draft.accounts.values() for each in one_way_limits(account, limits.limits)]
    faults += _limits_faults(limits.files, [*limits.faults, *one_way])
    if faults or draft.store is None:
        raise ConfigFaults(faults)
    return _settings(path, base, draft, draft.store, limits)


def _latest_day(clock: Clock) -> date:
    return (clock.now() + _FURTHEST_AHEAD).date()


def _limits_faults(files: Sequence[str], faults: Sequence[LimitFault]) -> list[Fault]:
    """Put the limits' faults in order; the same one in very many rows is told once, so that it hides no other."""
    alike: dict[tuple[str, str | None, str], list[LimitFault]] = {}
    for fault in faults:
        alike.setdefault((fault.file, fault.column, _QUOTED.sub("", fault.sentence)), []).append(fault)
    told = [fault for group in alike.values() for fault in (group if len(group) <= ALIKE else [_summed(group)])]
    order = {name: position for position, name in enumerate(files)}
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
        limits_digest=limits.digest,
        web=draft.web,
        alerts=draft.alerts,
    )
