"""What an account on Huawei Cloud needs in the configuration, and what its API can do.

Read by the registry for every command, so it imports neither the SDK nor anything else that is slow.
"""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from adapters.secrets import SecretReference
from core.capabilities import Capabilities, Change
from core.limit import Kind, OnExhaustion
from core.money import Money

# The SDK's region/bssintl_region.py knows these two and no others.
ENDPOINTS: Mapping[str, str] = MappingProxyType(
    {"ap-southeast-1": "bss-intl.myhuaweicloud.com", "eu-west-101": "bss.myhuaweicloud.eu"}
)
OWN_HOSTS = frozenset(ENDPOINTS.values())

# Query and body fields that hold an id take at most this many characters (API reference, UpdateSubCustomerBudget).
LONGEST_ID = 64

# A budget itself only alerts or restricts at exhaustion; a freeze is a call of its own (FreezeSubCustomers).
_ACTIONS = frozenset({OnExhaustion.ALERT, OnExhaustion.RESTRICT, OnExhaustion.FREEZE})
# The user manual on "Restrict Purchase and Freeze Resources": later, data is deleted and resources are released.
_DELETED_AFTER = timedelta(days=15)

CAPABILITIES = Capabilities(
    vendor="huawei",
    title="Huawei Cloud",
    change=Change.ABSOLUTE,
    actions=MappingProxyType({Kind.MONTHLY: _ACTIONS, Kind.ONE_TIME: _ACTIONS}),
    default_action=None,
    action_readable=False,
    first_grant_states_action=True,
    zero_allowed=False,
    minimum=Money(1),
    maximum=Money(2_147_483_647_00),
    zero_suspends=False,
    quota_readable=False,
    lag=timedelta(minutes=10),
    signature_life=timedelta(minutes=15),
    restricts_by_call=True,
    new_customers_restricted=True,
    deletes_after=_DELETED_AFTER,
    refused=MappingProxyType(
        {
            (Kind.CREDIT_LINE, None): (
                "kind = credit_line is not something Huawei Cloud has: choose monthly or one_time"
            ),
        }
    ),
)


class HuaweiSettings(BaseModel):
    """One account's own keys in the configuration."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    access_key: SecretReference
    """Where the partner's access key (AK) is kept; it needs the permission to set customers' budgets."""

    secret_key: SecretReference
    """Where the secret key (SK) that belongs to it is kept."""

    observe_access_key: SecretReference | None = None
    """Where a second access key is kept that may only read; dry runs then never load the first."""

    observe_secret_key: SecretReference | None = None
    """Where the secret key of the reading access key is kept."""

    domain_id: str = Field(min_length=1, max_length=LONGEST_ID, pattern=r"^[!-~]+$")
    """The partner's own account (domain) id, from "My Credentials" in the console. Always named, because the SDK
    would else ask another service for it."""

    region: str | None = None
    """`ap-southeast-1` (International) or `eu-west-101` (Europe); either this or `endpoint`."""

    endpoint: str | None = None
    """The address itself instead of a region, such as `http://127.0.0.1:9001` of a sandbox."""

    @model_validator(mode="after")
    def _names_one_place(self) -> Self:
        known = " or ".join(sorted(ENDPOINTS))
        if self.region is not None and self.endpoint is not None:
            message = "region and endpoint both say where to call: leave one of them out"
            raise ValueError(message)
        if self.region is None and self.endpoint is None:
            message = f"nothing says where to call: write region = {known}"
            raise ValueError(message)
        if self.region is not None and self.region not in ENDPOINTS:
            message = f"region {self.region!r} has no partner interface: write {known}"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _observes_with_a_whole_key(self) -> Self:
        if (self.observe_access_key is None) != (self.observe_secret_key is None):
            message = "observe_access_key and observe_secret_key belong together: write both or neither"
            raise ValueError(message)
        return self

    @property
    def address(self) -> str:
        """The endpoint as written, or the region's host."""
        return self.endpoint or ENDPOINTS[self.region or ""]


def customer_id_fault(text: str) -> str | None:
    """Say what is wrong with a customer id; None for a well-formed one (1 to 64 printable characters, no spaces)."""
    if not text:
        return "the customer id is empty"
    if len(text) > LONGEST_ID:
        return f"a customer id on Huawei Cloud has at most {LONGEST_ID} characters, this one has {len(text)}"
    if not text.isascii() or not text.isprintable() or " " in text:
        return "a customer id on Huawei Cloud has no spaces and no special characters"
    return None
