"""Opens what a command works on: the configuration, and the world of stores and vendors behind it.

Every fault in what a person wrote ends here as a UsageFault, all of them at once, before any call.
"""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.plan import Plan
from core.ports import Clock
from core.run.world import World
from scheduler import bootstrap, logs
from scheduler.cli.endings import Options, UsageFault
from scheduler.config import ConfigFaults, Settings
from scheduler.reports.pointing import with_addresses, with_places


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which accounts and customers (ids) a command is for; None: all."""

    accounts: frozenset[str] | None
    customers: frozenset[str] | None


def read_settings(
    options: Options,
    accounts: Iterable[str] | None = None,
    *,
    observe_only: bool = True,
    limits_wanted: bool = True,
    outlets: bool = False,
) -> Settings:
    """Read and validate the configuration and the limits.

    `accounts`: those whose secrets are needed, None: everybody's. `limits_wanted` False: without the limits files.
    `outlets`: the page's token and the channels' addresses are needed too.
    """
    needed = None if accounts is None else frozenset(accounts)
    with _faults_are_usage():
        return bootstrap.load(
            options.config, accounts=needed, observe_only=observe_only, limits_wanted=limits_wanted, outlets=outlets
        )


def raise_for_extras(settings: Settings) -> None:
    """See that what the daemon needs for the page and the alerts is installed; raises UsageFault."""
    missing = bootstrap.missing_extras(settings)
    if missing:
        raise UsageFault(missing)


def raise_for_channels(settings: Settings) -> None:
    """See that every channel of the alerts can be used; raises UsageFault with all that is wrong. Sends nothing."""
    faults = bootstrap.channel_faults(settings)
    if faults:
        raise UsageFault([str(fault) for fault in faults])


def read_records_settings(options: Options) -> Settings:
    """Read and validate the same for a command that asks no vendor: no secret has to be there."""
    return read_settings(options, ())


@contextlib.contextmanager
def open_world(
    settings: Settings, *, observe_only: bool, accounts: frozenset[str] | None, clock: Clock | None = None
) -> Iterator[World]:
    """Open store and vendors for the length of a command. `observe_only` never loads the keys that may write."""
    with contextlib.ExitStack() as stack:
        with _faults_are_usage():
            world = stack.enter_context(
                bootstrap.compose(
                    settings,
                    observe_only=observe_only,
                    accounts=accounts,
                    clock=clock,
                    learn_secrets=logs.REDACTION.learn,
                )
            )
        yield world


def scope_of(settings: Settings, accounts: Iterable[str], customers: Iterable[str]) -> Scope:
    """Check that the accounts are configured and the customers have limits there."""
    named, ids = frozenset(accounts), frozenset(customers)
    faults = [
        f"--account {name}: there is no such account; the configuration has {', '.join(sorted(settings.accounts))}"
        for name in sorted(named - settings.accounts.keys())
    ]
    known = {limit.key.customer_id for limit in settings.limits if not named or limit.account in named}
    faults += [f"--customer {customer}: no limit is written for it" for customer in sorted(ids - known)]
    if faults:
        raise UsageFault(faults)
    return Scope(accounts=named or None, customers=ids or None)


def told(plan: Plan, settings: Settings) -> Plan:
    """Give the plan with the places that a person needs to mend what keeps it from being carried out."""
    addresses = {
        name: bootstrap.VENDORS[account.vendor].endpoint(account.own, allow_custom=True)
        for name, account in settings.accounts.items()
    }
    calls = {name: f"{address.host}:{address.port}" for name, address in addresses.items()}
    return with_addresses(with_places(plan, settings.limits), calls)


@contextlib.contextmanager
def _faults_are_usage() -> Iterator[None]:
    try:
        yield
    except ConfigFaults as error:
        raise UsageFault([str(fault) for fault in error.faults]) from error
