"""What was changed in a month and why: limits, our changes, those of others and people's words, in one order of time.

Called by scheduler.reports.reckoning; the forms of the report show what `changed` gives, people's forms `folded`. Pure.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from core.capabilities import Capabilities
from core.intent import LEVERS, Action, Intent
from core.limit import CustomerKey, Limit
from core.money import ZERO, Money
from core.spending import is_emulated
from scheduler.reports.month import Accepted, AccountFacts, Change, Whose
from scheduler.reports.prospects import minute
from scheduler.reports.wording import action, exhaustion, figures_grouped, grouped, kind, restriction, signed

# As many new limits of one file that were read at once are told in one line: they are an adoption, no change.
MANY = 4
AT_ONCE = timedelta(minutes=1)
UNPROVEN = "no read showed it"


def changed(facts: AccountFacts) -> tuple[Change, ...]:
    """Give everything that was changed in the month by the report's moment, oldest first."""
    reasons = _Reasons(facts.accepted, facts.capabilities)
    mine = sorted(facts.intents, key=lambda intent: (intent.recorded_at, intent.id))
    found = [
        *(_limit_change(each) for each in facts.accepted if facts.begins <= each.at < min(facts.now, facts.ends)),
        *(_ours(intent, reasons.of(intent)) for intent in mine),
        *(Change(at=each.at, whose=Whose.OTHERS, key=each.key, what=each.sentence) for each in facts.outside),
        *facts.said,
    ]
    return tuple(sorted(found, key=lambda change: change.at))


def folded(changes: Iterable[Change]) -> list[Change]:
    """Tell many new limits of one file that came in together as one change; all others as they are."""
    groups: list[list[Change]] = []
    for change in changes:
        if groups and _is_new(change) and _is_new(groups[-1][0]) and _came_with(change, groups[-1][0]):
            groups[-1].append(change)
        else:
            groups.append([change])
    return [change for group in groups for change in (group if len(group) < MANY else [_adoption(group)])]


def sentence_of(change: Change) -> str:
    """Say a change in one line, without its customer: when, what, by how much, who and why."""
    by = "" if change.moved is None else f" ({signed(change.moved)})"
    who = f", by {change.who}" if change.who else ""
    why = f": {change.why}" if change.why else ""
    return figures_grouped(f"{minute(change.at)} {change.what}{by}{who}{why}")


class _Reasons:
    """The limits as they were accepted over time, to say of each change of ours what it followed."""

    def __init__(self, accepted: Sequence[Accepted], capabilities: Capabilities) -> None:
        self._by_key: dict[CustomerKey, list[Accepted]] = {}
        self._told: dict[CustomerKey, Accepted] = {}
        self._capabilities = capabilities
        for each in accepted:
            self._by_key.setdefault(each.key, []).append(each)

    def of(self, intent: Intent) -> str:
        """Say why a change was made; to be asked in order of time: who wrote a limit is told once."""
        if intent.action in LEVERS:
            return ""
        before = [each for each in self._by_key.get(intent.key, ()) if each.at <= intent.recorded_at]
        if not before or before[-1].new is None:
            return ""
        newest, limit = before[-1], before[-1].new
        first_told = self._told.get(intent.key) is not newest
        self._told[intent.key] = newest
        said = f"the limit is {grouped(limit.amount)} {kind(limit.kind)}"
        if first_told and (limit.changed_by or limit.reason):
            return said + (f", by {limit.changed_by}" if limit.changed_by else "") + _reason(limit)
        follows = is_emulated(limit, self._capabilities) and not first_told
        return f"the credit follows what is spent; {said}" if follows else said


def _reason(limit: Limit) -> str:
    return f": {limit.reason}" if limit.reason else ""


def _limit_change(accepted: Accepted) -> Change:
    old, new = accepted.old, accepted.new
    before, after = (None if limit is None else limit.amount for limit in (old, new))
    return Change(
        at=accepted.at,
        whose=Whose.LIMIT,
        key=accepted.key,
        what=_limit_words(old, new),
        who=(new.changed_by if new is not None else None) or "",
        why=(new.reason if new is not None else None) or "",
        before=before,
        after=after,
        moved=after - before if after is not None and before is not None and after != before else None,
        source=str(new.source) if new is not None and new.source is not None else "",
    )


def _limit_words(old: Limit | None, new: Limit | None) -> str:
    if new is None:
        return f"limit removed, before {_limit(old)}" if old is not None else "limit removed"
    if old is None:
        return f"new limit {_limit(new)}"
    if _limit(old) == _limit(new):
        return f"limit {_limit(new)} as before; other terms of it changed"
    return f"limit {_limit(new)}, before {_limit(old)}"


def _limit(limit: Limit) -> str:
    words = f"{grouped(limit.amount)} {kind(limit.kind)}"
    words += f" {exhaustion(limit.on_exhaustion)}" if limit.on_exhaustion is not None else ""
    temporary = limit.temporary
    if temporary is not None:
        words += f", {grouped(temporary.amount)} until {temporary.until}"
    return words + (f", {grouped(limit.later.amount)} from {limit.later.starts}" if limit.later is not None else "")


def _ours(intent: Intent, why: str) -> Change:
    amount = intent.action not in LEVERS and intent.wanted.granted is not None
    by = moved(intent)
    return Change(
        at=intent.closed_at or intent.recorded_at,
        whose=Whose.TIDEGATE,
        key=intent.key,
        what=_our_words(intent),
        who=intent.who,
        why="; ".join(part for part in (why, "" if intent.proven else UNPROVEN) if part),
        before=intent.before.granted if amount else None,
        after=intent.wanted.granted if amount else None,
        moved=by if amount and by != ZERO else None,
    )


def moved(intent: Intent) -> Money:
    """Give by how much an intent moved the grant; a first grant moves by all of itself."""
    if intent.action in LEVERS:
        return ZERO
    if intent.change is not None:
        return intent.change
    granted = intent.wanted.granted
    return granted if intent.before.granted is None and granted is not None else ZERO


def _our_words(intent: Intent) -> str:
    before, wanted = intent.before, intent.wanted
    if intent.action in LEVERS:
        return f"{action(intent.action)}: {restriction(wanted.restriction)}, before {restriction(before.restriction)}"
    said = [f"granted {grouped(wanted.granted)}, before {grouped(before.granted, 'nothing')}"]
    if intent.action is Action.SET_KIND or (wanted.kind is not None and wanted.kind is not before.kind):
        said.append(f"kind {kind(wanted.kind)}")
    if wanted.on_exhaustion is not None and wanted.on_exhaustion is not before.on_exhaustion:
        said.append(f"when used up: {exhaustion(wanted.on_exhaustion)}")
    if intent.action is Action.SET_EXHAUSTION:
        said = said[1:] or said
    return ", ".join(said)


def _is_new(change: Change) -> bool:
    return change.whose is Whose.LIMIT and change.before is None and change.after is not None and bool(change.source)


def _came_with(change: Change, first: Change) -> bool:
    return _file(change) == _file(first) and change.at - first.at < AT_ONCE


def _file(change: Change) -> str:
    return change.source.rpartition(":")[0]


def _adoption(group: Sequence[Change]) -> Change:
    first = group[0]
    people = {change.who for change in group}
    reasons = {change.why for change in group}
    return Change(
        at=first.at,
        whose=Whose.LIMIT,
        key=None,
        what=f"{len(group):,} new limits accepted from {_file(first)}",
        who=first.who if len(people) == 1 else "",
        why=first.why if len(reasons) == 1 else "",
    )
