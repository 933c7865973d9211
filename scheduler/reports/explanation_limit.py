"""What a customer's limit is and means on its vendor, in sentences. Used by scheduler.reports.explanation."""

from core.capabilities import Capabilities
from core.explained import Explained
from core.limit import Kind, Limit, OnExhaustion, Release
from core.money import ZERO
from core.spending import is_emulated
from scheduler.reports.wording import clean, figures_grouped, grouped, kind, moment

_COUNTED = {
    Kind.MONTHLY: "a cap on what is spent in each billing month",
    Kind.ONE_TIME: "a cap on everything spent from its first month on, which never begins anew",
    Kind.CREDIT_LINE: "a credit that paid bills restore",
}


def limit_lines(explained: Explained) -> list[str]:
    """Say what the limit is, how it came about, what it means here, and who wrote it where and when."""
    limit, written = explained.limit, explained.written
    if limit is None or written is None:
        return _unlimited(explained)
    return [
        f"The limit is {grouped(limit.amount)}, {kind(limit.kind)}: {_kept(limit, explained.capabilities)}.",
        *([f"How that amount came about: {figures_grouped(clean(limit.why))}."] if limit.why else []),
        *_top_up(written),
        _exhaustion(limit, explained.capabilities),
        *_particulars(written),
        *_origin(explained, written),
    ]


def end_of(limit: Limit, capabilities: Capabilities) -> str:
    """Say what happens on this vendor when the amount is spent, by what is written."""
    title = capabilities.title
    match limit.on_exhaustion or capabilities.default_action:
        case None:
            return f"whatever is set at {title}; Tidegate leaves that as it is"
        case OnExhaustion.ALERT if capabilities.alert_needs_overrun:
            most = limit.overrun.most if limit.overrun is not None else ZERO
            far = "as far as it goes" if most is None else f"by at most {grouped(most)} above the limit"
            return (
                f"nobody is cut off: Tidegate raises the credit ahead of the spend, {far}, and that holds only "
                "while Tidegate runs"
            )
        case OnExhaustion.ALERT:
            return f"nobody is cut off; {title} only sends an alert"
        case OnExhaustion.RESTRICT if capabilities.restrict_needs_non_stop:
            return "no new purchases; by its non-stop privilege the customer's services go on and keep costing"
        case OnExhaustion.RESTRICT:
            return f"{title} allows no new purchases; running resources go on and keep costing"
        case OnExhaustion.FREEZE if capabilities.restricts_by_call:
            return f"Tidegate freezes the customer at {title}: purchases and resources stop{_data(capabilities)}"
        case OnExhaustion.FREEZE:
            return f"{title} suspends the customer's services by itself{_data(capabilities)}"


def _unlimited(explained: Explained) -> list[str]:
    lines = ["No limit is written for this customer: it is unlimited here, and Tidegate changes nothing."]
    changes = explained.records.limits
    if changes and changes[-1].new is None and changes[-1].old is not None:
        old = changes[-1].old
        lines.append(f"It had one, {grouped(old.amount)} {kind(old.kind)}, until {moment(changes[-1].at)}.")
    return lines


def _kept(limit: Limit, capabilities: Capabilities) -> str:
    counted = _COUNTED[limit.kind]
    if is_emulated(limit, capabilities):
        return (
            f"{counted}; {capabilities.title} has only permanent credit, so Tidegate keeps it by following what is used"
        )
    return f"{counted}, kept by {capabilities.title} itself"


def _exhaustion(limit: Limit, capabilities: Capabilities) -> str:
    given = (
        f"on_exhaustion is {limit.on_exhaustion}" if limit.on_exhaustion is not None else "on_exhaustion is not given"
    )
    if limit.amount == ZERO and not capabilities.zero_allowed:
        what = "frozen" if limit.on_exhaustion is OnExhaustion.FREEZE else "restricted"
        return f"{given}; {capabilities.title} takes no amount of zero, so the customer is {what} at once."
    return f"{given}; when the limit is spent: {end_of(limit, capabilities)}."


def _data(capabilities: Capabilities) -> str:
    life = capabilities.deletes_after
    return f", and its data may be deleted {life.days} days later" if life is not None else ""


def _top_up(limit: Limit) -> list[str]:
    if limit.top_up is None:
        return []
    step, below, most = limit.top_up.step, limit.top_up.below, limit.top_up.most
    return [f"It is raised by {grouped(step)} whenever less than {below} % is left, up to {grouped(most)} in a period."]


def _particulars(limit: Limit) -> list[str]:
    """Say what else is written on its line that changes what it means."""
    lines = []
    if limit.spent_before is not None:
        lines.append(f"Spent before Tidegate first saw the customer, as written: {grouped(limit.spent_before)}.")
    if limit.since is not None:
        lines.append(f"Its spend counts from {limit.since}, as written.")
    if limit.release is Release.MANUAL:
        lines.append("A restriction is lifted by a person alone, with `tidegate release` (release = manual).")
    if limit.onboard:
        lines.append("If the vendor restricted it as a new customer, that is lifted (onboard = true).")
    return lines


def _origin(explained: Explained, written: Limit) -> list[str]:
    lines = [f"Written in {clean(str(written.source))}."] if written.source is not None else []
    if written.changed_by or written.reason:
        by = f" by {clean(written.changed_by)}" if written.changed_by else ""
        why = f": {clean(written.reason)}" if written.reason else ""
        lines.append(f"Changed{by}{why}.")
    return [*lines, _since(explained)]


def _since(explained: Explained) -> str:
    changes = explained.records.limits
    if explained.records.pending or not changes:
        before = changes[-1].new if changes else None
        earlier = f" in place of {_short(before)}" if before is not None else ""
        return f"Not accepted yet{earlier}: the next `tidegate apply`, or the daemon, does that."
    last = changes[-1]
    earlier = f" in place of {_short(last.old)}" if last.old is not None else ""
    return f"In force since {moment(last.at)}{earlier}."


def _short(limit: Limit | None) -> str:
    return "none" if limit is None else f"{grouped(limit.amount)} {kind(limit.kind)}"
