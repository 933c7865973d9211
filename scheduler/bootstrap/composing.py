"""Opens the store and the vendors and gives them to core, for the length of a `with`."""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from adapters.clock import SystemClock, UlidIds
from adapters.clouds.registry import VENDORS
from adapters.store import open_store
from core.plan import Plan
from core.ports import Clock, Cloud
from core.run.world import World
from scheduler.bootstrap.secrets import Secrets
from scheduler.config import AccountSettings, Settings
from scheduler.reports.plan_json import plan_json

if TYPE_CHECKING:
    from adapters.sandbox.world import SimulatedVendor


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
    secrets = Secrets(settings.base, environ, observe_only=observe_only).values(settings.file, chosen)
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
