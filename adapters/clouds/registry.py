"""From a vendor's name in the configuration to its folder.

Read by scheduler.bootstrap only. Imports the vendors' facts and settings, never their SDKs: those are loaded when an
account is opened or a simulator started.
A third vendor is one folder and one line here. Its `config.py` gives:

* a settings model (pydantic, extra keys forbidden) with a field `endpoint` (str or None) and its secrets as
  `SecretReference`; each secret NAME may have a twin `observe_NAME` that dry runs use instead;
* `CAPABILITIES`, `OWN_HOSTS` (the vendor's own API hosts) and `customer_id_fault(text)`, which gives None for a
  well-formed id and else a sentence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from pydantic import BaseModel

from adapters.clouds.huawei import config as huawei
from adapters.clouds.tencent import config as tencent
from adapters.endpoints import Endpoint, parse_endpoint
from adapters.secrets import is_reference
from core.capabilities import Capabilities
from core.policy import AccountPolicy
from core.ports import Clock, Cloud

if TYPE_CHECKING:
    from adapters.sandbox.world import SimulatedVendor

OBSERVE = "observe_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """One vendor: its facts, its settings, and where its adapter and simulator are to be loaded from."""

    name: str
    title: str
    settings: type[BaseModel]
    capabilities: Capabilities
    own_hosts: frozenset[str]
    customer_id_fault: Callable[[str], str | None]
    opener: str  # module:function
    simulator: str  # module:class
    loader: str | None = None  # module:function that imports the SDK, where the opener's module does not

    def open(
        self,
        *,
        policy: AccountPolicy,
        settings: BaseModel,
        secrets: Mapping[str, str],
        rate_share: float,
        read_timeout: timedelta,
        clock: Clock,
    ) -> Cloud:
        """Build the adapter of one account; imports the vendor's SDK, sends nothing.

        `secrets`: values by the secrets' plain names, whichever of the twins they came from.
        """
        opened = _load(self.opener)(
            policy=policy,
            settings=settings,
            secrets=secrets,
            rate_share=rate_share,
            read_timeout=read_timeout,
            clock=clock,
        )
        return cast("Cloud", opened)

    def load(self) -> None:
        """Import the vendor's SDK now, as a process of many threads must before it has them."""
        _load(self.opener)
        if self.loader is not None:
            _load(self.loader)()

    def simulate(self, **options: object) -> "SimulatedVendor":
        """Build the vendor's simulated partner API; the options are the simulator's own."""
        return cast("SimulatedVendor", _load(self.simulator)(**options))

    def endpoint(self, settings: BaseModel, *, allow_custom: bool) -> Endpoint:
        """Give the address that these settings mean; raises EndpointFault."""
        text = cast("str | None", getattr(settings, "address", None) or getattr(settings, "endpoint", None))
        return parse_endpoint(text or "", own_hosts=self.own_hosts, allow_custom=allow_custom)

    def references(self, written: Mapping[str, object], *, observe_only: bool) -> Mapping[str, tuple[str, str]]:
        """Give each secret's plain name with (the key it is configured under, its reference).

        `written`: an account's keys, right or not; what is no reference is left out.
        With `observe_only` the observe twins are used when all of them are given.
        """
        twins = [name for name in self.settings.model_fields if name.startswith(OBSERVE)]
        use_twins = observe_only and all(written.get(name) is not None for name in twins)
        keys = {twin.removeprefix(OBSERVE): twin if use_twins else twin.removeprefix(OBSERVE) for twin in twins}
        return {
            name: (key, reference)
            for name, key in keys.items()
            if isinstance(reference := written.get(key), str) and is_reference(reference)
        }


def _load(place: str) -> Callable[..., object]:
    module, _, name = place.partition(":")
    return cast("Callable[..., object]", getattr(import_module(module), name))


VENDORS: Mapping[str, Vendor] = MappingProxyType(
    {
        "huawei": Vendor(
            name="huawei",
            title=huawei.CAPABILITIES.title,
            settings=huawei.HuaweiSettings,
            capabilities=huawei.CAPABILITIES,
            own_hosts=huawei.OWN_HOSTS,
            customer_id_fault=huawei.customer_id_fault,
            opener="adapters.clouds.huawei.cloud:open_cloud",
            loader="adapters.clouds.huawei.client:load_sdk",
            simulator="adapters.clouds.huawei.simulator:SimulatedHuawei",
        ),
        "tencent": Vendor(
            name="tencent",
            title=tencent.CAPABILITIES.title,
            settings=tencent.TencentSettings,
            capabilities=tencent.CAPABILITIES,
            own_hosts=tencent.OWN_HOSTS,
            customer_id_fault=tencent.customer_id_fault,
            opener="adapters.clouds.tencent.cloud:open_cloud",
            simulator="adapters.clouds.tencent.simulator:SimulatedTencent",
        ),
    }
)
"""Every vendor that a configuration may name."""
