"""A person's word that nothing is to be changed for a while."""

from dataclasses import dataclass
from datetime import datetime

from core.limit import CustomerKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Who stopped what, why, and until when. No account: everything; no customer: the whole account."""

    account: str | None
    customer_id: str | None
    who: str
    why: str
    since: datetime
    until: datetime | None = None

    def covers(self, account: str, key: CustomerKey, now: datetime) -> bool:
        """Whether it is in force for this customer."""
        if self.until is not None and now >= self.until:
            return False
        if self.account is not None and self.account != account:
            return False
        return self.customer_id is None or self.customer_id == key.customer_id
