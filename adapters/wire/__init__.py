"""The transport under both vendors' SDKs: one request per call, rates, deadlines, and the facts of what happened."""

from adapters.wire.exchange import Exchange
from adapters.wire.failures import Delivery, delivery, not_sent
from adapters.wire.line import Line, Priority
from adapters.wire.transport import HardenedAdapter, harden

__all__ = ["Delivery", "Exchange", "HardenedAdapter", "Line", "Priority", "delivery", "harden", "not_sent"]
