"""The port to what was seen over time, and what was metered from it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from core.limit import CustomerKey
from core.meter import Day, Meter, Period
from core.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """One customer's meter after an observation: `before` is the `metered_at` it follows, None for the first.

    `closed`: billing months that ended with it. `day`: the billing day of the observation, whose figures are kept too.
    """

    before: datetime | None
    after: Meter
    day: Day
    closed: tuple[Period, ...] = ()


class Observations(Protocol):
    """Stored standings over time, and what was metered from them."""

    def meters(self, account: str | None, customers: Iterable[CustomerKey] = ()) -> Mapping[CustomerKey, Meter]:
        """The account's meters, and those of these customers, under whatever account they were metered last.

        `account` None: only those of these customers.
        """

    def keep_meters(self, changes: Iterable[Metered]) -> int:
        """Store each meter whose stored `metered_at` still is `before`, with its day and what it closed; give how many.

        Compare-and-set per customer, all in one transaction: an observation is metered once, whoever comes first.
        A closed month is stored once. Of a day the newest figures stay.
        """

    def periods(
        self, *, account: str | None = None, month: str | None = None, key: CustomerKey | None = None
    ) -> Sequence[Period]:
        """Closed billing months, oldest first, by customer."""

    def days(
        self, *, account: str | None = None, key: CustomerKey | None = None, since: date, until: date
    ) -> Sequence[Day]:
        """Figures by billing day, `since` and `until` among them, oldest first, by customer."""

    def keep(self, run: str, standings: Iterable[Standing]) -> None:
        """Store them; a standing equal to the customer's last but for `as_of` only moves `as_of` of a second row.

        A kept customer's older standings are thinned out: of those more than 48 hours before its newest, only the
        last of each UTC day stays. The newest always stays, and a customer that is not kept again is not thinned out.
        """

    def latest(self, account: str | None = None) -> Mapping[CustomerKey, Standing]:
        """Each customer's newest standing."""

    def kept_by(self, account: str) -> Mapping[str, datetime]:
        """The runs that kept the newest standings of this account's customers, with the latest `as_of` of each."""

    def earlier(self, key: CustomerKey, before: datetime) -> Standing | None:
        """The newest standing with `as_of` at or before that time, among those that stayed."""
