"""What a Tencent Cloud account may say in the configuration, and what the vendor can do, as facts.

Read by the registry and the configuration check before any call.
Must not import the SDK: `tidegate --help` and the checks of bad input pay for every import made here.
Facts: International documentation 1085/51424 (AllocateCustomerCredit), 1085/48347 (suspension), 1085/51413 (errors).
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


_ONLY_A_CREDIT_LINE = (
    "{} is not available on Tencent Cloud in this version, because the vendor has only permanent credit: "
    "write kind = credit_line, and change its amount yourself when a new period begins"
)
_ALERT = (
    "on_exhaustion = alert is not available on Tencent Cloud in this version, because the vendor suspends a customer "
    "whose credit is used up: leave on_exhaustion empty or write freeze, and choose an amount that leaves room"
)
_RESTRICT = (
    "on_exhaustion = restrict is not available on Tencent Cloud in this version, because only the vendor's channel "
    "manager can let a customer run on without credit and no API shows it: leave on_exhaustion empty or write freeze"
)

CAPABILITIES = Capabilities(
    vendor=VENDOR,
    title="Tencent Cloud",
    change=Change.INCREMENT,
    actions={Kind.CREDIT_LINE: frozenset({OnExhaustion.FREEZE})},
    default_action=OnExhaustion.FREEZE,
    action_readable=True,  # it is the vendor's own behaviour, the same for every customer
    first_grant_states_action=False,
    zero_allowed=True,
    minimum=ZERO,
    maximum=Money(1_000_000_000_00),  # chosen: none is documented, and every cent up to here is exact on the wire
    zero_suspends=True,
    quota_readable=True,
    lag=timedelta(minutes=5),  # chosen: delays of credit and history are undocumented
    signature_life=timedelta(minutes=5),  # AuthFailure.SignatureExpire
    refused={
        (Kind.MONTHLY, None): _ONLY_A_CREDIT_LINE.format("kind = monthly"),
        (Kind.ONE_TIME, None): _ONLY_A_CREDIT_LINE.format("kind = one_time"),
        (None, OnExhaustion.ALERT): _ALERT,
        (None, OnExhaustion.RESTRICT): _RESTRICT,
    },
)
