"""What should stand for a customer, what would be done now, and what stands in the way, in sentences.

Used by scheduler.reports.explanation.
"""

from core.explained import Explained
from core.intent import Action, Intent
from core.limit import WritePolicy
from core.plan import Correction, GuardVerdict, Hold, HoldReason
from core.policy import Approval, DriftPolicy
from core.target import NoTarget
from core.windows import next_opening, open_at
from scheduler.reports import summary
from scheduler.reports.explanation_remedies import REMEDIES
from scheduler.reports.outcome_table import intent_end
from scheduler.reports.wording import action, clean, exhaustion, figures_grouped, grouped, kind, moment, signed

_DRIFT = {
    DriftPolicy.REVERT: "the limit is set again by the next run (drift = revert)",
    DriftPolicy.REPORT: "it is told and left until a person decides (drift = report)",
    DriftPolicy.ADOPT: "it stands until the customer's line in the limits file changes (drift = adopt)",
}
_POLICIES = {
    WritePolicy.OBSERVE: "nothing is sent",
    WritePolicy.RAISE_ONLY: "only what gives is sent",
    WritePolicy.LOWER_ONLY: "only what takes is sent",
    WritePolicy.SYNC: "both raises and cuts are sent",
}


def target_lines(explained: Explained) -> list[str]:
    """Say what should stand at the vendor, and the formula."""
    target = explained.verdict.target
    if target is None:
        return [
            "Nothing: without a limit nothing is wanted." if explained.limit is None else "It cannot be worked out."
        ]
    if isinstance(target, NoTarget):
        return [f"It cannot be worked out now: {target.reason.sentence}{_more(target.reason, target.detail)}."]
    stands = "No amount is set" if target.granted is None else f"{grouped(target.granted)} should stand at the vendor"
    lines = [f"{stands}: {_figures(target.formula)}."]
    if target.exhausts:
        lines.append("That leaves nothing to spend that is left now.")
    return lines


def now_lines(explained: Explained) -> list[str]:
    """Say what a run would do now: the correction with its effects, why it is not done, or that all is in sync."""
    lines = _now(explained)
    return lines if explained.asked else ["Judged by what is stored; a run reads the vendor anew.", *lines]


def _now(explained: Explained) -> list[str]:
    row = explained.verdict.row
    if isinstance(row, Hold):
        return _hold(row)
    if isinstance(row, Correction):
        then = [f"Then: {action(step)}." for step in row.follows]
        return [*_correction(row), *then, *(f"{_capital(_figures(line))}." for line in summary.effects(row))]
    if explained.limit is None:
        return ["Nothing: a customer without a limit is never touched."]
    if explained.standing is None:
        return ["Nothing can be said without a reading."]
    if explained.verdict.adopted:
        return ["Nothing: what somebody set at the vendor was adopted, and stays until the limit changes."]
    return ["Nothing: it is in sync."]


def guard_lines(explained: Explained) -> list[str]:
    """Say what each guard counted, and which approvals apply."""
    lines = [_guard(verdict) for verdict in explained.verdict.guards]
    if lines:
        lines.append("Counted for this customer alone; a run counts every customer of the account.")
    else:
        lines.append("No guard was evaluated.")
    lines += [_approval(approval) for approval in explained.verdict.approvals]
    return [*lines, *([] if explained.verdict.approvals else ["No approval in force concerns this customer."])]


def policy_lines(explained: Explained) -> list[str]:
    """Say what may be written, by the account's policy, the customer's and the hours."""
    policy, written = explained.policy, explained.written
    lines = [f"Account {clean(explained.account)}: {policy.write_policy}, {_POLICIES[policy.write_policy]}."]
    if written is not None and written.write_policy is not None:
        lines.append(f"This customer: {written.write_policy}; the stricter of the two wins.")
    if explained.key.customer_id in policy.protected:
        lines.append("The customer is protected in the configuration: nothing is changed.")
    if policy.windows and not open_at(policy.windows, explained.at, policy.billing_timezone):
        opens = next_opening(policy.windows, explained.at, policy.billing_timezone)
        lines.append(f"Changes may be made from {moment(opens)} on." if opens else "No window ever opens.")
    return lines


def quota_lines(explained: Explained) -> list[str]:
    """Say what credit can still be given out, and what the partner itself may still owe."""
    room, last, title = explained.room, explained.records.last_plan, explained.capabilities.title
    lines = [f"The account can still give out {grouped(room.quota)}."] if room.quota is not None else []
    lines += [f"Of the written {name} budget quota {grouped(left)} is left." for name, left in room.written]
    if room.problem is not None:
        lines.append(f"What can still be given out could not be read: {clean(room.problem)}.")
    elif not lines and explained.capabilities.quota_readable:
        lines.append(f"What can still be given out was not asked of {title}.")
        if last is not None and last.quota is not None:
            lines.append(f"By the last {clean(last.command)}, at {moment(last.made_at)}, it was {grouped(last.quota)}.")
    elif not lines:
        lines.append(f"{title} shows no such figure, and no budget quota is written.")
    if room.headroom is not None and room.headroom.left is not None:
        lines.append(
            f"{_capital(clean(room.headroom.title))}: {grouped(room.headroom.left)} is left to the partner itself."
        )
    return lines


def drift_lines(explained: Explained) -> list[str]:
    """Say who changed what at the vendor, and what becomes of that."""
    book, standing = explained.book, explained.standing
    if book is None:
        return ["Tidegate keeps no books of this customer yet, so it cannot tell others' changes from its own."]
    differs = standing is not None and standing.granted_money != book.granted and not explained.outdated
    if book.drift is None and differs:
        ours = grouped(book.granted, "nothing")
        return [f"What stands differs from our books, which say {ours}; who changed it is not known."]
    if book.drift is None:
        since = "our last change" if book.written_at is not None else "Tidegate first saw it"
        return [f"Nobody is known to have changed its amount or kind at the vendor since {since}."]
    return [f"{_capital(_figures(book.drift))}.", f"What becomes of it: {_DRIFT[explained.drift_policy]}."]


def open_lines(explained: Explained) -> list[str]:
    """Say what is open, disputed or paused."""
    records = explained.records
    lines = [_open(intent) for intent in records.open_intents]
    for dispute in records.disputes:
        settle = f"`tidegate settle {clean(dispute.id)}`"
        lines.append(f"Disputed since {moment(dispute.opened_at)}: {_figures(dispute.sentence)}; {settle}.")
    for pause in records.pauses:
        until = f"until {moment(pause.until)}" if pause.until is not None else "until resumed"
        lines.append(f"Paused by {clean(pause.who)} since {moment(pause.since)}, {until}: {clean(pause.why)}.")
    return lines or ["No change is open, nothing is disputed, nothing is paused."]


def _correction(row: Correction) -> list[str]:
    before, after = grouped(row.before.granted, "nothing"), grouped(row.after.granted)
    match row.action:
        case Action.SET_KIND:
            kinds = f"{kind(row.before.kind)} to {kind(row.after.kind)}"
            said = f"change the kind from {kinds}, and the amount from {before} to {after}"
        case Action.SET_EXHAUSTION:
            was = exhaustion(row.before.on_exhaustion)
            said = f"set what happens at exhaustion to {exhaustion(row.after.on_exhaustion)} (before: {was})"
        case Action.RESTRICT | Action.FREEZE | Action.RELEASE:
            said = f"{action(row.action)} the customer"
        case _:
            moves = f" ({signed(row.change)})" if signed(row.change) else ""
            said = f"set the amount from {before} to {after}{moves}"
    return [f"{'It would' if row.blocked_by else 'The next apply will'} {said}."]


def _hold(row: Hold) -> list[str]:
    meant = f" It would be {signed(row.change)}." if signed(row.change) else ""
    # A guard's own sentence stands below, with the other guards.
    more = f": {', '.join(row.blocked_by)}" if row.reason is HoldReason.GUARD else _more(row.reason, row.detail)
    return [
        f"Not done: {row.reason.sentence}{more}.{meant}",
        f"What to do: {REMEDIES[row.reason]}.",
    ]


def _more(reason: HoldReason, detail: str) -> str:
    return "" if not detail or detail == reason.sentence else f": {_figures(detail)}"


def _guard(verdict: GuardVerdict) -> str:
    if verdict.tripped:
        said = verdict.sentence.removeprefix(f"{verdict.guard}: ")
        return f"{verdict.guard} is tripped: {_figures(said)}."
    word = f"; {_figures(verdict.sentence)}" if verdict.sentence else ""
    return (
        f"{verdict.guard} passes: {figures_grouped(verdict.figures)}, allowed {figures_grouped(verdict.limit)}{word}."
    )


def _approval(approval: Approval) -> str:
    whom = "this customer" if approval.customer_id is not None else "the account"
    by = f"by {clean(approval.approved_by)} until {moment(approval.until)}: {clean(approval.reason)}"
    return f"An approval of {clean(approval.kind)} for {whom} is in force, {by}."


def _open(intent: Intent) -> str:
    what = signed(intent.change) or action(intent.action)
    outcome = f": {_figures(intent.outcome)}" if intent.outcome else ""
    until = f"; it can be settled from {moment(intent.fence_at)}" if intent.fence_at is not None else ""
    stands = f"{what}, {intent_end(intent.state)}{outcome}{until}"
    return f"Open since {moment(intent.recorded_at)}: {stands}; intent {clean(intent.id)}."


def _figures(text: str) -> str:
    # Each part by itself: a sentence that says what to write must not lose its end.
    return figures_grouped("; ".join(map(clean, text.split("; "))))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
