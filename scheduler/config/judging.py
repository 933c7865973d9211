"""What is wrong with keys that are well formed: combinations that a vendor, a day or another section rules out.

Called by scheduler.config.reading, section by section; gives every problem with its place.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta

from scheduler.config.approvals import ApprovalSection
from scheduler.config.facts import VendorFacts
from scheduler.config.faults import Problem
from scheduler.config.outlets import AlertsSection
from scheduler.config.sections import AccountSection, Quotas

# Two clocks may differ by this much before writes stop (the clock rule); the fence has to outlast it.
SKEW = timedelta(seconds=30)

Path = tuple[str | int, ...]


def shortest_quarantine(vendor: VendorFacts, lag: timedelta) -> timedelta:
    """How long a lost change may at most still be carried out and shown."""
    return vendor.capabilities.signature_life + SKEW + lag


def account_problems(path: Path, section: AccountSection, vendor: VendorFacts, today: date) -> Iterator[Problem]:
    """Judge an account's keys by its vendor; `today`: no agreement can be of a later day."""
    for position, customer in enumerate(section.protected):
        fault = vendor.customer_id_fault(customer)
        if fault is not None:
            yield Problem(path=(*path, "protected", position), sentence=fault)
    if section.cron is not None and "every" in section.model_fields_set:
        yield Problem(path=(*path, "cron"), sentence="every says it already: remove one of the two")
    yield from _quota_problems(path, section, vendor)
    yield from _agreement_problems(path, section, vendor, today)


def approval_problems(
    path: Path, approval: ApprovalSection, vendors: Mapping[str, VendorFacts | None]
) -> Iterator[Problem]:
    """Judge an approval by the accounts there are, each with its vendor, None: not known."""
    if approval.account is not None and approval.account not in vendors:
        known = " or ".join(f'"{name}"' for name in vendors)
        sentence = "there is no such account" + (f": write {known}" if known else "")
        yield Problem(path=(*path, "account"), sentence=sentence)
        return
    concerned = [vendor for name, vendor in vendors.items() if approval.concerns(name)]
    if approval.customer is None:
        return
    faults = [vendor and vendor.customer_id_fault(approval.customer) for vendor in concerned]
    # One vendor that may have such a customer is enough: an approval by customer alone goes to every account.
    if faults and all(faults):
        yield Problem(path=(*path, "customer"), sentence=str(faults[0]))


def channel_problems(path: Path, section: AlertsSection, accounts: Collection[str]) -> Iterator[Problem]:
    """Judge the channels by the accounts there are."""
    known = " or ".join(f'"{name}"' for name in accounts)
    for position, channel in enumerate(section.channels):
        for place, name in enumerate(channel.accounts or ()):
            if name not in accounts:
                sentence = "there is no such account" + (f": write {known}" if known else "")
                yield Problem(path=(*path, "channels", position, "accounts", place), sentence=sentence)


def _quota_problems(path: Path, section: AccountSection, vendor: VendorFacts) -> Iterator[Problem]:
    if vendor.capabilities.quota_readable:
        title = vendor.capabilities.title
        for key in sorted({*Quotas.model_fields, "indirect_partners"} & section.model_fields_set):
            sentence = f"{title} tells its own figure of what can still be given out: remove it"
            yield Problem(path=(*path, key), sentence=sentence)
        return
    first: dict[str, int] = {}
    for position, partner in enumerate(section.indirect_partners):
        if first.setdefault(partner.id, position) != position:
            sentence = "this partner is there twice: remove one"
            yield Problem(path=(*path, "indirect_partners", position, "id"), sentence=sentence)


def _agreement_problems(path: Path, section: AccountSection, vendor: VendorFacts, today: date) -> Iterator[Problem]:
    agreement = section.agreement
    if agreement is None:
        return
    if not vendor.capabilities.restricts_by_call:
        sentence = f"nothing there needs it, since freezing on {vendor.capabilities.title} takes no call: remove it"
        yield Problem(path=(*path, "agreement"), sentence=sentence)
    elif agreement.date > today:
        sentence = f"{agreement.date} is in the future: write the day on which it was given"
        yield Problem(path=(*path, "agreement", "date"), sentence=sentence)
