"""What is asked of Tencent, and how it is put: one method per action, the documented rates, the one write.

Used by listing, probe and cloud; every call goes through the account's Line.
Must not decide what to ask next, nor retry a write.
Facts: International documentation 1085/51419 to 1085/51424 and 1085/53953; rates are "maximum requests per second
for this API".
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

from adapters.clouds.tencent import standings
from adapters.clouds.tencent.client import Client
from adapters.clouds.tencent.config import customer_id_fault
from adapters.clouds.tencent.errors import judge, reply_of
from adapters.clouds.tencent.standings import CreditPage, CreditRow, HistoryPage
from adapters.wire.line import Line, Priority
from core.exposure import Headroom
from core.intent import Action, Intent
from core.money import USD, ZERO, Money
from core.ports import NotSent, Refused, Reply

ALLOCATE = "AllocateCustomerCredit"
LIST = "QueryCustomersCredit"
BY_UIN = "QueryCreditByUinList"
HISTORY = "QueryCreditAllocationHistory"
PARTNER = "QueryPartnerCredit"
BILL = "DescribeCustomerBillSummary"

RATES: Mapping[str, float] = MappingProxyType({ALLOCATE: 5, LIST: 5, BY_UIN: 5, HISTORY: 5, PARTNER: 5, BILL: 1})
"""Documented calls per second, by action."""

MOST_UINS = 50
"""UINs that QueryCreditByUinList takes at once."""

Parsed = TypeVar("Parsed")


class Questions:
    """The calls of one account. Reads raise ReadFailedError, after the line has retried what is temporary."""

    def __init__(self, client: Client, line: Line) -> None:
        self._client = client
        self._line = line

    def customers(self, page: int, size: int) -> CreditPage:
        """List one page of customers, oldest association first: so newcomers are added behind what was read."""
        params = {"Page": page, "PageSize": size, "Order": "asc"}
        return self._ask(LIST, params, standings.customers_page, Priority.BULK, whole_account=True)

    def customer(self, uin: str, priority: Priority) -> CreditRow | None:
        """Ask the list for one customer by its UIN; None when it is not in the answer."""
        params = {"FilterType": "ClientUin", "Filter": uin, "Page": 1, "PageSize": 10}
        page = self._ask(LIST, params, standings.customers_page, priority)
        # The filter's exactness is undocumented: only the row with this very UIN is an answer.
        return next((row for row in page.rows if row.uin == uin), None)

    def credits(self, uins: Sequence[str], priority: Priority) -> tuple[CreditRow, ...]:
        """Ask for up to MOST_UINS customers by UIN; a customer may be missing from the answer."""
        params = {"UinList": [int(uin) for uin in uins]}
        return self._ask(BY_UIN, params, standings.credits_by_uin, priority)

    def history(self, uin: str, page: int, size: int) -> HistoryPage:
        """Ask for one page of a customer's allocations, ahead of bulk reads."""
        params = {"ClientUin": int(uin), "Page": page, "PageSize": size}
        return self._ask(HISTORY, params, standings.history_page, Priority.VERIFY)

    def allocable(self, priority: Priority) -> Money:
        """Ask how much credit the account can still give out."""
        return self._ask(PARTNER, {}, standings.allocable, priority, whole_account=True)

    def headroom(self) -> Headroom:
        """Ask for the account's own credit; behind reads that decide something."""
        return self._ask(PARTNER, {}, standings.headroom, Priority.BULK, whole_account=True)

    def billed(self, uin: str, month: str) -> Money:
        """Ask for the sum of one customer's bills of a month, "2026-11"; behind all else, and no faster than 1/s."""
        return self._ask(BILL, {"CustomerUin": int(uin), "Month": month}, standings.billed, Priority.BULK)

    def allocate(self, intent: Intent) -> Reply:
        """Send the intent's increment exactly once; never raises for a fault of the call."""
        fault = _unsendable(intent)
        if fault or intent.change is None or intent.send_before is None:
            return NotSent(sentence=fault)
        params = {
            "ClientUin": int(intent.key.customer_id),
            # The one float of the product: the vendor wants a JSON number and the SDK's json.dumps takes no Decimal.
            # Two decimals up to the capability's maximum print exactly as they stand.
            "AddedCredit": float(intent.change.to_decimal()),
            "Remark": intent.mark,
        }
        call = self._calling(ALLOCATE, params)
        reply = reply_of(self._line.tell(ALLOCATE, call, send_before=intent.send_before))
        if isinstance(reply, Refused) and reply.throttled:
            # Said with status 200, so the line cannot know.
            self._line.throttled(ALLOCATE)
        return reply

    def _ask(
        self,
        action: str,
        params: Mapping[str, object],
        parse: Callable[[Mapping[str, object]], Parsed],
        priority: Priority,
        *,
        whole_account: bool = False,
    ) -> Parsed:
        judged = judge(action, parse, whole_account=whole_account)
        return self._line.ask(action, self._calling(action, params), judged, priority=priority)

    def _calling(self, action: str, params: Mapping[str, object]) -> Callable[[], object]:
        return lambda: self._client.call(action, params)


def _unsendable(intent: Intent) -> str:
    """Say why an intent is no increment that this vendor takes, "" if it is one."""
    if intent.action is not Action.SET_AMOUNT or intent.change is None or intent.send_before is None:
        return "only a change of the amount can be sent to Tencent Cloud; nothing was sent"
    if intent.change.currency != USD or intent.change == ZERO:
        return "the change is no amount of US dollars other than zero; nothing was sent"
    if customer_id_fault(intent.key.customer_id):
        return "the customer's id is no UIN; nothing was sent"
    return ""
