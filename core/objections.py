"""What a vendor cannot keep of a limit, with the column to change and what to write instead.

Called when limits are read; pure. Judges one limit by capabilities alone, never by what stands at the vendor.
"""

from dataclasses import dataclass

from core.capabilities import Capabilities
from core.limit import Kind, Limit, OnExhaustion
from core.money import ZERO


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a vendor cannot keep a limit: the column to change, and a sentence that says what to write."""

    column: str
    sentence: str


def objections(limit: Limit, capabilities: Capabilities) -> list[Objection]:
    """Say everything for which this vendor cannot keep this limit; empty when it can."""
    found = [*_choice_objections(limit, capabilities)]
    if not found:
        found += _privileges(limit, capabilities)
    if (sentence := _amount_objection(limit, capabilities)) is not None:
        found.append(Objection("amount", sentence))
    if limit.non_stop and (limit.on_exhaustion or capabilities.default_action) is OnExhaustion.FREEZE:
        sentence = "non_stop contradicts on_exhaustion freeze: nothing would stop for this customer"
        found.append(Objection("non_stop", sentence))
    return [*found, *_needless(limit, capabilities)]


def _choice_objections(limit: Limit, capabilities: Capabilities) -> list[Objection]:
    kind, action = limit.kind, limit.on_exhaustion
    choices: list[tuple[str, tuple[Kind | None, OnExhaustion | None]]] = [("kind", (kind, None))]
    choices += [("on_exhaustion", (None, action)), ("on_exhaustion", (kind, action))] if action is not None else []
    refused = [Objection(column, capabilities.refused[at]) for column, at in choices if at in capabilities.refused]
    if refused:
        return refused
    offered = capabilities.offered(kind)
    if not offered:
        known = " or ".join(sorted({*capabilities.kinds, *capabilities.emulated}))
        return [Objection("kind", f"kind {kind} is not something {capabilities.title} can do: write {known}")]
    known = ", ".join(sorted(offered))
    if action is None:
        if kind in capabilities.kinds:
            return []
        sentence = f"kind {kind} on {capabilities.title} is kept by Tidegate, which must know what is to happen"
        return [Objection("on_exhaustion", f"{sentence} when the amount is spent: write {known}")]
    if action in offered:
        return []
    empty = ", or leave it empty" if kind in capabilities.kinds else ""
    sentence = (
        f"on_exhaustion {action} is not something {capabilities.title} can do for kind {kind}: write {known}{empty}"
    )
    return [Objection("on_exhaustion", sentence)]


def _privileges(limit: Limit, capabilities: Capabilities) -> list[Objection]:
    """Say what a choice needs that only a person can know or decide."""
    found = []
    if limit.on_exhaustion is OnExhaustion.RESTRICT and capabilities.restrict_needs_non_stop and not limit.non_stop:
        sentence = (
            f"restrict on {capabilities.title} works only for a customer with the non-stop privilege, which the "
            "vendor's channel manager grants and no API shows: without it the customer's services stop too. "
            "Write non_stop = true if the customer has it, else freeze"
        )
        found.append(Objection("on_exhaustion", sentence))
    if limit.on_exhaustion is OnExhaustion.ALERT and capabilities.alert_needs_overrun and limit.overrun is None:
        sentence = (
            f"alert on {capabilities.title} means that Tidegate raises the credit ahead of the spend, which holds "
            "only while Tidegate runs: write overrun_max, the most it may go above the amount, or none"
        )
        found.append(Objection("overrun_max", sentence))
    return found


def _needless(limit: Limit, capabilities: Capabilities) -> list[Objection]:
    """Say what is written and can have no meaning here: it would be believed to do something."""
    found = []
    cushioned = limit.on_exhaustion is OnExhaustion.ALERT and capabilities.alert_needs_overrun
    if limit.overrun is not None and not cushioned:
        found.append(
            Objection("overrun_max", "overrun_max means something only with alert, where it is kept by credit")
        )
    if limit.spent_before is not None and limit.kind not in capabilities.emulated:
        sentence = f"{capabilities.title} counts the spend of kind {limit.kind} itself: remove spent_before"
        found.append(Objection("spent_before", sentence))
    if limit.since is not None and limit.kind not in capabilities.emulated:
        sentence = f"{capabilities.title} counts from the month in which the kind was set: remove since"
        found.append(Objection("since", sentence))
    elif limit.since is not None and limit.kind is not Kind.ONE_TIME and limit.spent_before is None:
        found.append(Objection("since", "since means something only for kind one_time: a month begins by itself"))
    if limit.onboard and not capabilities.new_customers_restricted:
        found.append(Objection("onboard", f"{capabilities.title} restricts no new customers: remove onboard"))
    return found


def _amount_objection(limit: Limit, capabilities: Capabilities) -> str | None:
    amounts = [limit.amount]
    amounts += [limit.temporary.amount] if limit.temporary is not None else []
    amounts += [limit.later.amount] if limit.later is not None else []
    amounts += [limit.top_up.most] if limit.top_up is not None else []
    if min(amounts) < ZERO:
        return "an amount cannot be negative"
    if max(amounts) > capabilities.maximum:
        return f"the largest amount {capabilities.title} takes is {capabilities.maximum}"
    if any(ZERO < amount < capabilities.minimum for amount in amounts):
        return f"the smallest amount {capabilities.title} takes is {capabilities.minimum}"
    return _zero_objection(limit, capabilities) if ZERO in amounts else None


def _zero_objection(limit: Limit, capabilities: Capabilities) -> str | None:
    if not limit.allow_zero:
        return "an amount of zero stops the customer: write allow_zero = true if that is meant"
    if capabilities.zero_allowed:
        return None
    if not capabilities.restricts_by_call:
        return f"{capabilities.title} cannot take an amount of zero: write the smallest amount, {capabilities.minimum}"
    if limit.on_exhaustion not in {OnExhaustion.RESTRICT, OnExhaustion.FREEZE}:
        return (
            f"{capabilities.title} cannot take an amount of zero; Tidegate can restrict the customer instead: "
            "write on_exhaustion = restrict (no new purchases) or freeze (resources stop too)"
        )
    return None
