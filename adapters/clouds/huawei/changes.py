"""What Huawei Cloud is told to change: the one call of an intent, checked here because the SDK checks nothing.

Used by `cloud` alone. Never states `cancel_partner_frozen` of a budget: it would lift a person's freeze unasked.

Source: API reference `api-bpconsole` (mt_01005, mc_00027, mc_00028) and the SDK's models.
"""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import assert_never

from adapters.clouds.huawei.client import Call
from adapters.clouds.huawei.config import CAPABILITIES, LONGEST_ID
from adapters.clouds.huawei.requests import BUDGET_TYPES, given, who
from core.intent import Action, Intent
from core.limit import OnExhaustion
from core.money import USD, Money
from core.standing import Restriction

ACCOUNT, ACCOUNT_AND_RESOURCE = "ACCOUNT", "ACCOUNT_AND_RESOURCE"
# Who freezes at exhaustion: 0 a person or Tidegate, 1 the vendor. With freeze Tidegate does, so the vendor must not.
_FREEZES: Mapping[OnExhaustion, int] = MappingProxyType(
    {OnExhaustion.ALERT: 0, OnExhaustion.RESTRICT: 1, OnExhaustion.FREEZE: 0}
)


class UnsendableError(Exception):
    """An intent that this vendor cannot be asked for; `sentence` says why. Nothing was sent."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


def call_of(intent: Intent) -> Call:
    """Build the intent's one call; raises UnsendableError for one that the interface does not take."""
    for name, value in who(intent.customer).items():
        if not 1 <= len(value) <= LONGEST_ID:
            raise UnsendableError(f"{name} must have 1 to {LONGEST_ID} characters")
    match intent.action:
        case Action.SET_AMOUNT | Action.SET_KIND | Action.SET_EXHAUSTION:
            return _update_budget(intent)
        case Action.RESTRICT:
            return _freeze(intent, ACCOUNT)
        case Action.FREEZE:
            return _freeze(intent, ACCOUNT_AND_RESOURCE)
        case Action.RELEASE:
            return _unfreeze(intent)
        case _:
            assert_never(intent.action)


def _update_budget(intent: Intent) -> Call:
    """Ask for the intent's budget.

    The type is always stated: left out it means monthly, and would turn a one-time budget into one.
    """
    wanted = intent.wanted
    if wanted.kind is None or wanted.kind not in BUDGET_TYPES:
        raise UnsendableError(f"a budget of kind {wanted.kind or 'unknown'} cannot be set")
    fields: dict[str, object] = {
        **who(intent.customer),
        "budget_amount": _amount(wanted.granted),
        "budget_type": BUDGET_TYPES[wanted.kind],
    }
    if wanted.on_exhaustion is not None:
        fields["frozen_operate_type"] = _FREEZES[wanted.on_exhaustion]
    return Call(
        operation="UpdateSubCustomerBudget",
        method="update_sub_customer_budget",
        request_model="UpdateSubCustomerBudgetRequest",
        body_model="ModSubCustomerBudgetReq",
        fields=fields,
    )


def _freeze(intent: Intent, freeze_type: str) -> Call:
    """Ask to freeze the customer: without its resources it can buy nothing, with them nothing of it runs."""
    return Call(
        operation="FreezeSubCustomers",
        method="freeze_sub_customers",
        request_model="FreezeSubCustomersRequest",
        body_model="FreezeSubCustomersReq",
        fields={**_alone(intent), "freeze_type": freeze_type},
    )


def _unfreeze(intent: Intent) -> Call:
    """Ask to lift a freeze of the type that is known to stand.

    The type must be that of the freeze, or the vendor refuses, and no answer ever shows it: FROZEN is what our own
    records say of a freeze with resources. Any other freeze is taken for the vendor's default, of the account alone.
    """
    frozen = intent.before.restriction is Restriction.FROZEN
    return Call(
        operation="UnfreezeSubCustomers",
        method="unfreeze_sub_customers",
        request_model="UnfreezeSubCustomersRequest",
        body_model="UnfreezeSubCustomersReq",
        fields={**_alone(intent), "unfreeze_type": ACCOUNT_AND_RESOURCE if frozen else ACCOUNT},
    )


def _alone(intent: Intent) -> dict[str, object]:
    """Name the one customer, though the call takes ten: an intent is one call for one customer."""
    customer = intent.customer
    return {
        "customer_ids": [customer.key.customer_id],
        "reason": intent.mark,  # shown in the vendor's console, where a person then finds the call in our journal
        **given({"indirect_partner_id": customer.indirect_partner_id}),
    }


def _amount(granted: Money | None) -> Decimal:
    if granted is None or granted.currency != USD:
        raise UnsendableError("the amount is missing or not in US dollars")
    if not CAPABILITIES.minimum <= granted <= CAPABILITIES.maximum:
        raise UnsendableError(f"the amount {granted} is not between {CAPABILITIES.minimum} and {CAPABILITIES.maximum}")
    # Two decimals and no exponent: the SDK writes a Decimal into the body just as it prints.
    return granted.to_decimal()
