"""What the page says of a customer that needs eyes: a word, a sentence, and what somebody can do about it.

Used by the makers of the pages. The sentences of holds and their remedies are those of `tidegate plan` and `explain`.
"""

from dataclasses import dataclass

from core.intent import Action, Intent, State
from core.pause import Pause
from core.plan import HoldReason
from core.standing import Restriction
from scheduler.reports.board import Attention, CustomerLine, Waiting
from scheduler.reports.explanation_remedies import REMEDIES
from scheduler.reports.outcome_table import intent_end
from scheduler.reports.wording import action, clean, figures_grouped, grouped, restriction, sentence, signed
from scheduler.web.choosing import is_for_somebody, may_be_spared
from scheduler.web.query import ANYTHING, NOTHING, SOMEBODY
from scheduler.web.times import Times, age

TITLES = {
    Attention.DELETION: "data at stake",
    Attention.DISPUTED: "disputed",
    Attention.STOPPED: "stopped",
    Attention.UNCERTAIN: "outcome unknown",
    Attention.HELD: "not done",
    Attention.SPENT: "spent",
    Attention.NEAR: "nearly spent",
    Attention.PENDING: "pending",
    Attention.PAUSED: "paused",
}
FILTERS: dict[str, str] = {
    "": "All",
    SOMEBODY: "Need somebody",
    ANYTHING: "Anything to know",
    **{attention.value: title for attention, title in TITLES.items()},
    NOTHING: "Nothing to know",
}
TONES = {
    Attention.DELETION: "cut",
    Attention.DISPUTED: "cut",
    Attention.STOPPED: "attention",
    Attention.UNCERTAIN: "attention",
    Attention.HELD: "cut",
    Attention.SPENT: "attention",
    Attention.NEAR: "attention",
    Attention.PENDING: "brand",
    Attention.PAUSED: "soft",
}
_LEFT = {
    Action.SET_KIND.value: "the change of its kind",
    Action.SET_EXHAUSTION.value: "the change of what happens when it is used up",
    Action.RESTRICT.value: "its restriction",
    Action.FREEZE.value: "its freeze",
    Action.RELEASE.value: "its release",
}
_REMEDIES = {reason.word: REMEDIES[reason] for reason in HoldReason}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing to tell: `word` for a badge of the colour `tone`, `sentence`, and `remedy`, which may be empty."""

    word: str
    tone: str
    sentence: str
    remedy: str = ""


def attentions(line: CustomerLine, times: Times) -> list[Said]:
    """Say everything that there is to tell of a customer, the most pressing first."""
    # Whose data is at stake is stopped: said once.
    once = {Attention.STOPPED} if Attention.DELETION in line.attention else set()
    return [attention(line, each, times) for each in line.attention if each not in once]


def attention(line: CustomerLine, each: Attention, times: Times) -> Said:
    """Say one thing."""
    text, remedy = _told(line, each, times)
    word = restriction(line.restriction) if each is Attention.STOPPED and line.restriction else TITLES[each]
    tone = TONES[each] if each is not Attention.DELETION or is_for_somebody(each, line, times.now) else "attention"
    return Said(word=word, tone=tone, sentence=figures_grouped(sentence(text)), remedy=remedy)


def waits(waiting: Waiting) -> str:
    """Say why a correction was not made, with its particulars."""
    more = waiting.detail if waiting.detail and waiting.detail != waiting.sentence else ""
    return ": ".join(part for part in (waiting.sentence, more) if part)


def left_undone(waiting: Waiting, *, later: bool) -> str:
    """Say what the correction would do, and that it is not done, or (`later`) not yet."""
    what = _LEFT.get(waiting.action or "")
    if what is not None:
        return f"{what} is to be made" if later else f"{what} is not made"
    change = f" ({signed(waiting.change)})" if signed(waiting.change) else ""
    return f"{grouped(waiting.wanted)}{change} is {'to be set' if later else 'not set'}"


def intent_said(intent: Intent, times: Times) -> tuple[str, str]:
    """Say where an open change stands, and what to do about it."""
    change = signed(intent.change) or action(intent.action)
    said = f"{change}: {intent_end(intent.state)}"
    said += f" ({clean(intent.outcome)})" if intent.outcome else ""
    if intent.state is State.DISPUTED:
        return said, settle(intent.id, choose=True)
    if intent.fence_at is not None and intent.fence_at > times.now:
        return said, f"nothing yet: it can be settled from {times.minute(intent.fence_at)}, and nothing is sent twice"
    return said, "nothing: the next run settles it from the vendor's own records, and nothing is sent twice"


def settle(reference: str, *, choose: bool) -> str:
    """Give the command that puts a person's word on record; `choose`: whether it was applied has to be said."""
    word = " --applied (or --not-applied)" if choose else ""
    return f"look it up in the vendor's console, then `tidegate settle {clean(reference)}{word} --who NAME --why TEXT`"


def resume(pause: Pause) -> str:
    """Give the command that ends a pause: it has to name exactly what was paused."""
    parts = [
        f" --account {clean(pause.account)}" if pause.account else "",
        f" --customer {clean(pause.customer_id)}" if pause.customer_id else "",
    ]
    return f"`tidegate resume{''.join(parts) or ' --all'} --who NAME --why TEXT`"


def paused(pause: Pause, times: Times) -> str:
    """Say who paused something, why, and until when."""
    until = f"until {times.minute(pause.until)}" if pause.until else "until resumed"
    return sentence(f"paused by {pause.who} since {times.minute(pause.since)}, {until}: {pause.why}")


def _told(line: CustomerLine, each: Attention, times: Times) -> tuple[str, str]:
    match each:
        case Attention.DELETION | Attention.STOPPED:
            return _stopped(line, each, times)
        case Attention.DISPUTED:
            return _disputed(line)
        case Attention.UNCERTAIN:
            return intent_said(line.intent, times) if line.intent else ("the outcome of a change is not known yet", "")
        case Attention.HELD | Attention.PENDING:
            return _waiting(line, each)
        case Attention.SPENT:
            return f"{percent(line)} of the limit is spent", ""
        case Attention.NEAR:
            return f"{percent(line)} of the limit is spent", ""
        case Attention.PAUSED:
            return (paused(line.pause, times), resume(line.pause)) if line.pause else ("paused", "")


def _stopped(line: CustomerLine, each: Attention, times: Times) -> tuple[str, str]:
    release = f"raise its limit, or `tidegate release {clean(line.key.customer_id)} --who NAME --why TEXT`"
    known = line.stopped
    since = f" since {times.minute(known.since)}" if known is not None and known.since else ""
    stands = f"{restriction(line.restriction)}{since}"
    if each is Attention.DELETION and known is not None and known.data_deleted_after is not None:
        ends = known.data_deleted_after
        deletes = "may delete" if may_be_spared(line) else "deletes"
        return f"{stands}: the vendor {deletes} its data after {times.minute(ends)} ({age(times.now - ends)})", release
    buys = line.restriction is Restriction.RESTRICTED
    return f"{stands}: {'it cannot buy; what runs goes on' if buys else 'its services stand still'}", release


def _disputed(line: CustomerLine) -> tuple[str, str]:
    if line.dispute is not None:
        return line.dispute.sentence, settle(line.dispute.id, choose=False)
    if line.intent is not None:
        return (
            "the vendor's records contradict a change of ours: whether it was applied, a person has to say",
            settle(line.intent.id, choose=True),
        )
    return "a person has to say what is true", "`tidegate status` names it"


def _waiting(line: CustomerLine, each: Attention) -> tuple[str, str]:
    if line.waiting is None:
        return TITLES[each], ""
    remedy = _REMEDIES.get(line.waiting.word, "")
    remedy = "" if remedy.startswith("nothing") else remedy
    return f"{left_undone(line.waiting, later=each is Attention.PENDING)}: {waits(line.waiting)}", remedy


def percent(line: CustomerLine) -> str:
    """Write the share of the limit that is spent; an interval where it is one, empty where it is not known."""
    if line.share is None:
        return ""
    low, high = line.share.low, line.share.high
    if high is None:
        return f"at least {low:,.1f} %"
    return f"{low:,.1f} %" if low == high else f"{low:,.1f} to {high:,.1f} %"
