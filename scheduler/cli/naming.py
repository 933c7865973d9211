"""Finds the customer that is named on the command line by its id alone. Used by `explain` and `release`."""

import difflib
from collections.abc import Iterable

from core.limit import Limit
from scheduler.cli.endings import UsageFault
from scheduler.config import Settings
from scheduler.reports.wording import clean

_MOST_NEAR = 3
_LIKENESS = 0.75


def limit_named(settings: Settings, customer_id: str, account: str | None) -> Limit | None:
    """Give the limit of this customer, in this account where one is named; None where none is written.

    Raises UsageFault for an account that is not configured, and for an id that has limits in several.
    """
    if account is not None and account not in settings.accounts:
        known = ", ".join(sorted(settings.accounts))
        raise UsageFault([f"--account {clean(account)}: there is no such account; the configuration has {known}"])
    found = [limit for limit in settings.limits if limit.key.customer_id == customer_id]
    here = [limit for limit in found if account in {limit.account, None}]
    if len(here) > 1:
        raise several(customer_id, [limit.account for limit in here])
    return here[0] if here else None


def several(customer_id: str, accounts: Iterable[str]) -> UsageFault:
    """Say that an id is a customer of more than one account."""
    names = " and ".join(sorted(accounts))
    return UsageFault([f"{clean(customer_id)} is a customer of {names}: say which with --account NAME"])


def nobody(customer_id: str, what: str, known: Iterable[str]) -> UsageFault:
    """Say that an id means nothing, with the ids it may have been meant to be."""
    near = difflib.get_close_matches(customer_id, sorted(set(known)), n=_MOST_NEAR, cutoff=_LIKENESS)
    hint = f"; did you mean {' or '.join(map(clean, near))}?" if near else ""
    return UsageFault([f"{clean(customer_id)}: {what}{hint}"])
