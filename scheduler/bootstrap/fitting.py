"""Whether the limits fit the accounts they stand in: what neither of the two files can be judged for alone.

Called by scheduler.bootstrap.loading with limits and accounts that are each in order.
"""

from collections.abc import Iterator, Sequence

from adapters.clouds.registry import VENDORS
from adapters.limits import LimitFault
from core.limit import Limit, OnExhaustion, WritePolicy
from scheduler.config import AccountSettings, Problem

_ONE_WAY = frozenset({WritePolicy.RAISE_ONLY, WritePolicy.LOWER_ONLY})


def missing_agreement(account: AccountSettings, limits: Sequence[Limit]) -> Iterator[Problem]:
    """Say once that an account's limits ask for freezing and nobody agreed to it, however many do."""
    freezing = [limit for limit in limits if limit.account == account.name and _freezes(account, limit)]
    if not freezing or account.policy.agreement is not None:
        return
    first, more = freezing[0].source, len(freezing) - 1
    others = f" and {more} more" if more else ""
    sentence = (
        f"on_exhaustion freeze ({first}{others}) stops a customer's services, and in the end its data is deleted: "
        'write agreement = { by = "NAME", date = YYYY-MM-DD } in this account, or choose another on_exhaustion'
    )
    yield Problem(path=("accounts", account.name, "agreement"), sentence=sentence)


def one_way_limits(account: AccountSettings, limits: Sequence[Limit]) -> Iterator[LimitFault]:
    """Say which limits are kept by raising and lowering, where a write policy lets only one of them through."""
    for limit in limits:
        if limit.account != account.name or limit.source is None or not _goes_one_way(account, limit):
            continue
        sentence = _two_way_need(account, limit)
        if sentence is not None:
            where = limit.source
            yield LimitFault(file=where.file, line=where.line, column="write_policy", sentence=sentence)


def _two_way_need(account: AccountSettings, limit: Limit) -> str | None:
    vendor = VENDORS[account.vendor]
    advice = f"write_policy has to be sync or observe, both here and in account {account.name}"
    if _freezes(account, limit):
        return f"freezing lowers and releasing raises: {advice}"
    if limit.kind in vendor.capabilities.emulated and limit.kind not in vendor.capabilities.kinds:
        return f"kind {limit.kind} is kept on {vendor.title} by raising and lowering a permanent credit: {advice}"
    return None


def _goes_one_way(account: AccountSettings, limit: Limit) -> bool:
    written = {account.policy.write_policy, limit.write_policy}
    return bool(written & _ONE_WAY) and WritePolicy.OBSERVE not in written


def _freezes(account: AccountSettings, limit: Limit) -> bool:
    """Whether exhaustion would end in a call of ours that freezes the customer."""
    able = VENDORS[account.vendor].capabilities
    return able.restricts_by_call and (limit.on_exhaustion or able.default_action) is OnExhaustion.FREEZE
