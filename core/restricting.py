"""Whether a customer is to be restricted, frozen or released, where the vendor does that by calls of their own.

Called by core.judgement; pure. Lifts only what exhaustion caused, or what Tidegate did itself; freezes only what is
spent for certain, seen twice, agreed to and approved.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.books import Cause
from core.capabilities import Capabilities
from core.guards import freeze_approved
from core.intent import Action
from core.limit import Limit, OnExhaustion, Release
from core.money import ZERO
from core.plan import HoldReason
from core.policy import AccountPolicy
from core.spending import Reading
from core.standing import Restriction, Standing

RESTRICTED = frozenset({Restriction.RESTRICTED, Restriction.FROZEN})
_LIFTED = frozenset({Cause.OURS, Cause.EXHAUSTION})


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """What is to be done about a customer's restriction. `action` None: nothing now, because of `reason`."""

    action: Action | None
    restriction: Restriction | None = None
    reason: HoldReason | None = None
    detail: str = ""


def lever(
    limit: Limit,
    standing: Standing,
    reading: Reading,
    cause: Cause | None,
    capabilities: Capabilities,
    policy: AccountPolicy,
    now: datetime,
) -> Lever | None:
    """Say what is to be done; None where the restriction is to stay as it is."""
    if not capabilities.restricts_by_call or standing.restriction is None:
        return None
    if limit.amount == ZERO:
        return _stopped(limit, standing, policy, now)
    if standing.restriction is Restriction.NONE:
        return _frozen(limit, standing, reading, policy, now)
    return _released(limit, standing, reading, cause)


def deleted_after(
    standing: Standing, since: datetime | None, cause: Cause | None, life: timedelta | None
) -> datetime | None:
    """Give the time from which the vendor deletes the data of a frozen or suspended customer.

    Where it cannot be read whether resources are stopped too, it is given as well: too early is better than too late.
    """
    if since is None or life is None or standing.restriction in {None, Restriction.NONE}:
        return None
    only_purchases = standing.restriction is Restriction.RESTRICTED and cause in _LIFTED
    return None if only_purchases else since + life


def _stopped(limit: Limit, standing: Standing, policy: AccountPolicy, now: datetime) -> Lever | None:
    """Zero: no purchases, and with freeze no resources either."""
    if standing.restriction is not Restriction.NONE:
        return None
    if limit.on_exhaustion is OnExhaustion.FREEZE:
        return _agreed(limit, policy, now) or Lever(action=Action.FREEZE, restriction=Restriction.FROZEN)
    return Lever(action=Action.RESTRICT, restriction=Restriction.RESTRICTED)


def _frozen(limit: Limit, standing: Standing, reading: Reading, policy: AccountPolicy, now: datetime) -> Lever | None:
    if limit.on_exhaustion is not OnExhaustion.FREEZE or reading.spend is None or reading.spend.low < limit.amount:
        return None
    since = reading.reached_since
    if since is None or standing.as_of - since < policy.lag:
        detail = (
            f"the amount is spent; frozen when a read {int(policy.lag.total_seconds()) // 60} min later shows it too"
        )
        return Lever(action=None, reason=HoldReason.ONE_OBSERVATION, detail=detail)
    return _agreed(limit, policy, now) or Lever(action=Action.FREEZE, restriction=Restriction.FROZEN)


def _agreed(limit: Limit, policy: AccountPolicy, now: datetime) -> Lever | None:
    """Hold a freeze that nobody answers for; data is deleted after some days."""
    if policy.agreement is None:
        detail = f'write agreement = {{ by = "…", date = … }} under [accounts.{policy.name}]'
        return Lever(action=None, reason=HoldReason.NOT_AGREED, detail=detail)
    if freeze_approved(policy, limit.key.customer_id, now) is None:
        named = f'customer = "{limit.key.customer_id}", kind = "freeze"'
        detail = f"write [[approvals]] with {named}, until, approved_by and reason"
        return Lever(action=None, reason=HoldReason.NOT_AGREED, detail=detail)
    return None


def _released(limit: Limit, standing: Standing, reading: Reading, cause: Cause | None) -> Lever | None:
    if cause is Cause.NEW:
        return Lever(action=Action.RELEASE, restriction=Restriction.NONE) if limit.onboard else None
    if cause in {None, Cause.ADOPTED} or not _has_room(limit, reading, cause):
        return None
    if cause not in _LIFTED:
        detail = f"{standing.restriction} since we saw it free, and not by exhaustion; `tidegate release` lifts it"
        return Lever(action=None, reason=HoldReason.RESTRICTED_BY_OTHER, detail=detail)
    if limit.release is Release.MANUAL:
        return Lever(action=None, reason=HoldReason.RELEASE_MANUAL, detail="release = manual")
    return Lever(action=Action.RELEASE, restriction=Restriction.NONE)


def _has_room(limit: Limit, reading: Reading, cause: Cause | None) -> bool:
    """Whether there is something to spend again, by the most that may have been spent."""
    if cause in _LIFTED and limit.on_exhaustion is OnExhaustion.ALERT:
        return True
    return reading.spend is not None and reading.spend.high < limit.amount
