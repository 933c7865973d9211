"""What one vendor's API can do, stated by its adapter; core decides from this alone, never from a vendor's name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from core.limit import Kind, OnExhaustion
from core.money import Money


class Change(Enum):
    """How the vendor takes a new amount."""

    ABSOLUTE = "absolute"  # the call carries the amount wanted: repeating it is harmless
    INCREMENT = "increment"  # the call carries a difference: repeating it grants or takes twice


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """One vendor's levers, as facts.

    `actions`: for every kind the vendor has natively, the exhaustion actions that can be asked for.
    `refused`: sentences for choices that are deliberately not offered, keyed by (kind or None, action or None),
    shown as they are by the configuration check.
    """

    vendor: str
    title: str  # as people call it, for reports
    change: Change
    actions: Mapping[Kind, frozenset[OnExhaustion]]
    # What an empty on_exhaustion stands for; None: not managed, the vendor's setting is left as it is.
    default_action: OnExhaustion | None
    # Whether the exhaustion action can be read back; where not, it is known only from our own last write.
    action_readable: bool
    # Whether a customer's very first grant must carry an exhaustion action.
    first_grant_states_action: bool
    zero_allowed: bool
    minimum: Money  # smallest amount that can be set
    maximum: Money
    # Whether available credit of zero stops the customer's services.
    zero_suspends: bool
    quota_readable: bool
    lag: timedelta  # how late spend and history may be, unless configured otherwise
    signature_life: timedelta  # after this a signed request is refused: the fence
    # Whether `spent` is the use of a permanent credit: it never restarts, and falls when a bill is confirmed.
    permanent: bool = False
    # Kinds kept by following a permanent credit, with the exhaustion actions that can be asked for.
    emulated: Mapping[Kind, frozenset[OnExhaustion]] = field(default_factory=dict)
    # Whether `restrict` is a privilege the vendor grants per customer, to be named with non_stop.
    restrict_needs_non_stop: bool = False
    # Whether `alert` is kept by raising the credit ahead of the spend, so that it needs an overrun_max.
    alert_needs_overrun: bool = False
    # Whether restrict, freeze and release are calls of their own; then `freeze` and an amount of zero are made by them.
    restricts_by_call: bool = False
    # Whether a new customer is restricted until somebody lifts it.
    new_customers_restricted: bool = False
    # After so long a frozen or suspended customer's data is deleted.
    deletes_after: timedelta | None = None
    refused: Mapping[tuple[Kind | None, OnExhaustion | None], str] = field(default_factory=dict)

    def offered(self, kind: Kind) -> frozenset[OnExhaustion]:
        """The exhaustion actions of a kind, native or emulated; none for a kind that cannot be kept here."""
        return self.actions.get(kind) or self.emulated.get(kind) or frozenset()

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds the vendor has natively."""
        return frozenset(self.actions)
