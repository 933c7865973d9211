"""What DescribeCustomerBillSummary answers, as documented in 1085/53953. Called by vendor, under its lock.

All simulated spend is hourly pay-as-you-go. A month's bill is the spend of the billing month (UTC+8), without delay.
"""

import re
from datetime import datetime

from adapters.clouds.tencent.simulator.actions import Answer, Fields, number
from adapters.clouds.tencent.simulator.ledger import Ledger
from adapters.clouds.tencent.simulator.refusal import RefusalError
from adapters.sandbox.spending import BILLING_ZONE, Spending
from core.money import ZERO, Money

_MONTH = re.compile(r"(?P<year>[1-9][0-9]{3})-(?P<month>0[1-9]|1[0-2])")
_PAY_MODES = frozenset({"prePay", "postPay"})
_HOURLY = "postpay_deduct_h"
# Newer texts of the SDKs have "case-insensitive" for 0, a translation of "no distinction is made".
_EITHER, _PAID, _UNPAID = "0", "1", "2"


def summary(ledger: Ledger, fields: Fields, *, now: datetime) -> Answer:
    """DescribeCustomerBillSummary; a bill is paid as far as it was confirmed, the oldest first."""
    customer = ledger.customers.get(str(fields["CustomerUin"]))
    if customer is None:
        code = "UnauthorizedOperation.UinNoAuth"
        raise RefusalError(code, "The account is not authorized for this customer.")
    return {"TotalCost": number(_cost(customer.spending, _start(str(fields["Month"])), fields, now))}


def _start(text: str) -> datetime:
    match = _MONTH.fullmatch(text)
    if match is None:
        code = "InvalidParameterValue.InvalidMonth"
        raise RefusalError(code, "The month is not valid.")
    return datetime(int(match["year"]), int(match["month"]), 1, tzinfo=BILLING_ZONE)


def _cost(spending: Spending, start: datetime, fields: Fields, now: datetime) -> Money:
    mode, status = fields.get("PayMode", "postPay"), fields.get("IsConfirmed", _EITHER)
    if mode not in _PAY_MODES or status not in (_EITHER, _PAID, _UNPAID):
        code = "InvalidParameterValue"
        raise RefusalError(code, "The parameter value is not valid.")
    if mode == "prePay" or fields.get("ActionType", _HOURLY) != _HOURLY:
        return ZERO
    cost, paid = spending.actual_of(start, now), spending.confirmed_of(start, now)
    if status == _EITHER:
        return cost
    return paid if status == _PAID else cost - paid
