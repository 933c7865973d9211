"""Simulated vendors with a configuration that fits them, for `demo` and `sandbox`.

What it writes is an ordinary configuration, read by scheduler.bootstrap like any other: what runs against it is the
real thing, only the addresses are loopback. The keys are good for nothing else, and still lie in private files.
"""

import contextlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from core.limit import Customer, CustomerKey, Kind, Limit
from core.money import Money
from scheduler import bootstrap
from scheduler.bootstrap.simulated import (
    CustomerSpec,
    SimulatedVendor,
    generated_world,
    lose_next_reply,
    secret_keys,
)

# Loopback has no lag, and nobody's money is at stake: what takes minutes at a vendor takes a second here.
_TIMES = {"quarantine": "1s", "write_timeout": "2s", "lag": "0s"}

CONFIG = "config.toml"
LIMITS = "limits.csv"
MARKER = ".tidegate-sandbox.json"
# The store, and what SQLite keeps beside it while it was not closed.
_STORE_FILES = ("", "-wal", "-shm")

__all__ = ["CustomerSpec", "Money", "Sandbox", "account_of", "generated", "lose_next_reply", "served"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """What is served: the vendors by name, and the files that were written for them."""

    vendors: Mapping[str, SimulatedVendor]
    config: Path
    limits: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """How a folder's sandbox was made: what its configuration and its limits fit."""

    ports: Mapping[str, int]
    customers: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One vendor's customers as they begin, and the limits for them."""

    customers: Sequence[CustomerSpec]
    limits: Sequence[Limit]


def account_of(vendor: str) -> str:
    """Name the one account that a simulated vendor has."""
    return f"{vendor}-main"


def generated(vendor: str, size: int, seed: int) -> Scene:
    """Make a plausible scene: customers that go on spending, and limits of which some differ from what stands."""
    customers, wanted = generated_world(vendor, size, seed)
    limits = [
        Limit(
            account=account_of(vendor),
            customer=Customer(CustomerKey(vendor, wish.customer_id), wish.indirect_partner_id),
            kind=Kind(wish.kind),
            amount=wish.amount,
            name=wish.name,
        )
        for wish in wanted
    ]
    return Scene(customers=customers, limits=limits)


def earlier(folder: Path) -> Earlier | None:
    """Tell how the sandbox that made this folder was made; None where none did, or its configuration is gone."""
    try:
        facts = json.loads((folder / MARKER).read_text(encoding="utf-8"))
        ports = {str(vendor): int(port) for vendor, port in facts["ports"].items()}
        made = Earlier(ports=ports, customers=int(facts["customers"]), seed=int(facts["seed"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return made if (folder / CONFIG).exists() else None


def remember(folder: Path, made: Sandbox, *, customers: int, seed: int) -> None:
    """Mark the folder as a sandbox's own, with what it takes to start it again. Raises OSError."""
    ports = {name: urlsplit(vendor.settings()["endpoint"]).port for name, vendor in made.vendors.items()}
    facts = {"ports": ports, "customers": customers, "seed": seed}
    (folder / MARKER).write_text(json.dumps(facts) + "\n", encoding="utf-8")


@contextlib.contextmanager
def served_again(folder: Path, scenes: Mapping[str, Scene], *, ports: Mapping[str, int]) -> Iterator[Sandbox]:
    """Serve the scenes on the ports that the folder's configuration names; config, limits and keys stay as they are.

    The vendors begin anew, so the records of what was done at them are put aside. Raises OSError.
    """
    with _serving(scenes, ports, enforce_rates=True) as vendors:
        for end in _STORE_FILES:
            written = folder / f"tidegate.db{end}"
            if written.exists():
                written.replace(folder / f"earlier.db{end}")
        yield Sandbox(vendors=vendors, config=folder / CONFIG, limits=folder / LIMITS)


@contextlib.contextmanager
def served(
    folder: Path, scenes: Mapping[str, Scene], *, ports: Mapping[str, int], enforce_rates: bool = True
) -> Iterator[Sandbox]:
    """Serve the scenes on loopback (port 0: any free one) and write config, limits and keys into `folder`.

    Raises OSError where a port is taken or the folder cannot be written, FileExistsError over files that are there.
    """
    with _serving(scenes, ports, enforce_rates=enforce_rates) as vendors:
        limits = _limits(folder, scenes)
        # The configuration is written last: once it is there, everything is.
        yield Sandbox(vendors=vendors, config=_config(folder, vendors), limits=limits)


@contextlib.contextmanager
def _serving(
    scenes: Mapping[str, Scene], ports: Mapping[str, int], *, enforce_rates: bool
) -> Iterator[dict[str, SimulatedVendor]]:
    with contextlib.ExitStack() as stack:
        vendors: dict[str, SimulatedVendor] = {}
        for name, scene in scenes.items():
            vendors[name] = vendor = bootstrap.simulate(name)
            for spec in scene.customers:
                vendor.add_customer(spec)
            stack.enter_context(vendor.serve(ports.get(name, 0), enforce_rates=enforce_rates))
        yield vendors


def _limits(folder: Path, scenes: Mapping[str, Scene]) -> Path:
    path = folder / LIMITS
    bootstrap.write_limits(path, [limit for scene in scenes.values() for limit in scene.limits])
    return path


def _config(folder: Path, vendors: Mapping[str, SimulatedVendor]) -> Path:
    lines = ["[tidegate]", 'store = "sqlite:///tidegate.db"', 'limits = ["limits.csv"]']
    lines += [f'{name} = "{value}"' for name, value in _TIMES.items()]
    for name, vendor in vendors.items():
        lines += ["", f"[accounts.{account_of(name)}]", f'vendor = "{name}"', 'write_policy = "sync"', 'every = "30s"']
        secret = secret_keys(name)
        for key, value in vendor.settings().items():
            written = f"file:{_key_file(folder, name, key, value)}" if key in secret else value
            # A JSON string is a TOML basic string.
            lines.append(f"{key} = {json.dumps(written)}")
    path = folder / CONFIG
    with path.open("x", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return path


def _key_file(folder: Path, vendor: str, key: str, value: str) -> str:
    name = f"{vendor}-{key}"
    descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{value}\n")
    return name
