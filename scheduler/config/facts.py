"""What the configuration must know of a vendor: a promise that the registry's entries keep."""

from collections.abc import Callable
from typing import Protocol

from pydantic import BaseModel

from core.capabilities import Capabilities


class Address(Protocol):
    """Where an account's calls go."""

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine."""


class VendorFacts(Protocol):
    """One vendor's facts; nothing here calls it."""

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
