"""What a Tencent Cloud account may say in the configuration, and what the vendor can do, as facts.

Read by the registry and the configuration check before any call.
Must not import the SDK: `tidegate --help` and the checks of bad input pay for every import made here.
Facts: International documentation 1085/51424 (AllocateCustomerCredit), 1085/48344 (confirmed bills), 1085/48347 and
1085/50550 (suspension), 1085/51413 (errors).
"""

import re
from datetime import timedelta

from pydantic import BaseModel, ConfigDict, model_validator

from adapters.secrets import SecretReference
from core.capabilities import Capabilities, Change
from core.limit import Kind, OnExhaustion
from core.money import ZERO, Money

VENDOR = "tencent"
HOST = "intlpartnersmgt.intl.tencentcloudapi.com"
OWN_HOSTS = frozenset({HOST})

# A UIN is a uint64 on the wire; a leading zero would not come back.
_UIN = re.compile(r"[1-9][0-9]{0,19}")
_UIN_LIMIT = 2**64


class TencentSettings(BaseModel):
    """The vendor's own keys of one `[accounts.NAME]` section."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    secret_id: SecretReference
    """Where the SecretId of the key that may change credit is kept."""
    secret_key: SecretReference
    """Where its SecretKey is kept."""
    observe_secret_id: SecretReference | None = None
    """A key that may only read; given, a dry run never loads the other one."""
    observe_secret_key: SecretReference | None = None
    """Its SecretKey; the two are given together."""
    endpoint: str = HOST
    """The API's host, or http://127.0.0.1:PORT of a simulator; always sent explicitly, the SDK's default is wrong."""

    @model_validator(mode="after")
    def _observe_keys_come_in_pairs(self) -> "TencentSettings":
        if (self.observe_secret_id is None) != (self.observe_secret_key is None):
            message = "observe_secret_id and observe_secret_key are given together or not at all"
            raise ValueError(message)
        return self


def customer_id_fault(text: str) -> str | None:
    """Say what is wrong with a customer's UIN, or None if it can be one."""
    if _UIN.fullmatch(text) and int(text) < _UIN_LIMIT:
        return None
    return "a Tencent customer is named by its UIN: digits only, such as 200012345678"


# Exhaustion can be met three ways, whatever the kind: the vendor suspends, a customer with the non-stop privilege only
# cannot buy, or the credit is raised before it is used up.
_ACTIONS = frozenset({OnExhaustion.ALERT, OnExhaustion.RESTRICT, OnExhaustion.FREEZE})

CAPABILITIES = Capabilities(
    vendor=VENDOR,
    title="Tencent Cloud",
    change=Change.INCREMENT,
    actions={Kind.CREDIT_LINE: _ACTIONS},
    default_action=OnExhaustion.FREEZE,
    action_readable=True,  # no call sets it, so there is never one to be made
    first_grant_states_action=False,
    zero_allowed=True,
    minimum=ZERO,
    maximum=Money(1_000_000_000_00),  # chosen: none is documented, and every cent up to here is exact on the wire
    zero_suspends=True,
    quota_readable=True,
    lag=timedelta(minutes=5),  # chosen: delays of credit and history are undocumented
    signature_life=timedelta(minutes=5),  # AuthFailure.SignatureExpire
    permanent=True,  # "valid permanently, not zeroed regularly"; confirmed bills return to what is available
    emulated={Kind.MONTHLY: _ACTIONS, Kind.ONE_TIME: _ACTIONS},
    restrict_needs_non_stop=True,  # the channel manager grants it, and no field shows who has it
    alert_needs_overrun=True,
    restricts_by_call=False,  # ForceQN needs a whitelisted reseller and is marked as deprecated in the SDK
    new_customers_restricted=False,
    deletes_after=timedelta(days=15),  # by the special suspension rules; without them each product has its own
)
