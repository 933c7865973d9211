"""What `sync` would have sent: the way from only watching an account to trusting what is done there.

Works on the stored plans of runs, oldest first; pure. Corrections that a write policy alone blocked are added up.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from core.intent import LEVERS, Action
from core.limit import CustomerKey
from core.money import ZERO, Money
from core.plan import HoldReason

_BLOCKED = "write_policy "
_ACTIONS = {action.value: action for action in Action}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One correction of a stored plan that only a write policy blocked, or one that was held: then `reason` says why.

    `position`: all that is to stand after it. `guards`: the guards that held it. `wanted`: the limit, None where an old
    plan does not tell; `month`: the billing month in which it was planned.
    """

    key: CustomerKey
    action: Action | None
    before: Money | None
    after: Money | None
    position: tuple[tuple[str, str], ...] = ()
    steps: frozenset[Action] = frozenset()
    exhausts: bool = False
    reason: HoldReason | None = None
    guards: tuple[str, ...] = ()
    wanted: Money | None = None
    month: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLook:
    """What one run planned for one account. `customers`: limits it looked at; `day`: the billing day."""

    account: str
    vendor: str
    at: datetime
    day: date
    customers: int
    readable: bool
    planned: tuple[Planned, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """What would have stopped something: a guard's name, or a hold's word; how often, and for how many customers."""

    name: str
    is_guard: bool
    sentence: str
    times: int
    customers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WouldHave:
    """What `sync` would have done to one account; `corrections` counts each once, the rest but money is customers."""

    account: str
    vendor: str
    runs: int
    days: int
    first: datetime
    last: datetime
    customers: int
    corrections: int
    raised: Money
    cut: Money
    exhausted: int
    released: int
    restricted: int
    frozen: int
    stops: tuple[Stop, ...]


@dataclass(slots=True)
class _Sum:
    """What adds up while runs go by."""

    customers: set[CustomerKey] = field(default_factory=set)
    corrections: int = 0
    raised: Money = ZERO
    cut: Money = ZERO
    exhausted: set[CustomerKey] = field(default_factory=set)
    steps: dict[Action, set[CustomerKey]] = field(default_factory=dict)
    stops: dict[tuple[str, bool], list[CustomerKey]] = field(default_factory=dict)

    def take(self, row: Planned, stood: Money | None) -> None:
        """Count a correction; `stood`: what would have stood, had `sync` made what was planned before it."""
        self.customers.add(row.key)
        self.corrections += 1
        if row.exhausts:
            self.exhausted.add(row.key)
        for step in row.steps:
            self.steps.setdefault(step, set()).add(row.key)
        if row.action in LEVERS or row.after is None:
            return
        self.move(row.after - stood if stood is not None else row.after)

    def move(self, by: Money) -> None:
        """Add what would have been raised, or cut."""
        self.raised += max(by, ZERO)
        self.cut += max(-by, ZERO)

    def count(self, step: Action) -> int:
        """Count the customers to whom this would have been done."""
        return len(self.steps.get(step, ()))


def would_have(looks: Iterable[AccountLook]) -> list[WouldHave]:
    """Add up the looks, oldest first, by account."""
    by_account: dict[str, list[AccountLook]] = {}
    for look in looks:
        by_account.setdefault(look.account, []).append(look)
    return [_account(found) for _, found in sorted(by_account.items())]


def _account(looks: Sequence[AccountLook]) -> WouldHave:
    added = _Sum()
    standing: dict[CustomerKey, Planned] = {}  # what was planned last and has not disappeared since
    held: dict[CustomerKey, Planned] = {}
    for look, whole in zip(looks, _whole(looks), strict=True):
        now = {row.key: _count(row, standing.get(row.key), added) for row in look.planned if row.reason is None}
        stopped = {row.key: row for row in look.planned if row.reason is not None}
        for row in stopped.values():
            _note(row, held.get(row.key), added)
        # Who could not be read, or was not asked for, is as it was: nothing has disappeared.
        kept = whole and look.readable
        unread = {key for key, row in stopped.items() if row.reason is HoldReason.UNREADABLE}
        standing = {key: row for key, row in standing.items() if not kept or key in unread} | now
        held = ({} if kept else held) | stopped
    return WouldHave(
        account=looks[0].account,
        vendor=looks[0].vendor,
        runs=len(looks),
        days=len({look.day for look in looks}),
        first=looks[0].at,
        last=looks[-1].at,
        customers=len(added.customers),
        corrections=added.corrections,
        raised=added.raised,
        cut=added.cut,
        exhausted=len(added.exhausted),
        released=added.count(Action.RELEASE),
        restricted=added.count(Action.RESTRICT),
        frozen=added.count(Action.FREEZE),
        stops=_stops(added.stops),
    )


def _count(row: Planned, last: Planned | None, added: _Sum) -> Planned:
    """Count a correction unless the look before planned the same; one that goes on goes on from what that one set.

    Gives it as it would stand, had `sync` made it.
    """
    if last is not None and (_is_same(row, last) or _is_same_moved(row, last)):
        return _went_on(row, last, added)
    goes_on = last is not None and last.before == row.before and last.after is not None
    added.take(row, last.after if last is not None and goes_on else row.before)
    return row


def _is_same(row: Planned, last: Planned) -> bool:
    return (last.action, last.position) == (row.action, row.position)


def _is_same_moved(row: Planned, last: Planned) -> bool:
    """Whether only the target moved, as it does with what is spent: the same limit is wanted from what stood before."""
    if row.wanted is None or row.after is None or last.after is None or row.action in LEVERS:
        return False
    facts = [(each.action, each.wanted, each.before, each.month, _but_granted(each)) for each in (row, last)]
    return facts[0] == facts[1]


def _went_on(row: Planned, last: Planned, added: _Sum) -> Planned:
    """Go on with a correction: further in its own direction `sync` would have followed, back it would not."""
    if row.after is None or last.after is None or row.before != last.before or row.action in LEVERS:
        return row
    is_cut = row.before is not None and row.after < row.before
    further = row.after < last.after if is_cut else row.after > last.after
    if not further:
        return replace(row, after=last.after)
    added.move(row.after - last.after)
    return row


def _but_granted(row: Planned) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in row.position if name != "granted")


def _note(row: Planned, last: Planned | None, added: _Sum) -> None:
    """Count what stopped a customer's correction, unless the look before shows the same."""
    if row.reason is None or (last is not None and (last.reason, last.guards) == (row.reason, row.guards)):
        return
    names = [(guard, True) for guard in row.guards] if row.reason is HoldReason.GUARD else [(row.reason.word, False)]
    for name in names:
        added.stops.setdefault(name, []).append(row.key)


def _whole(looks: Sequence[AccountLook]) -> list[bool]:
    """Say which looks were at the whole account: no fewer limits than a look before it and one after it had."""
    counts = [look.customers for look in looks]
    before, after = [0], [0]
    for count in counts[:-1]:
        before.append(max(before[-1], count))
    for count in reversed(counts[1:]):
        after.append(max(after[-1], count))
    return [count >= min(ahead, back) for count, ahead, back in zip(counts, before, reversed(after), strict=True)]


def _stops(found: Mapping[tuple[str, bool], Sequence[CustomerKey]]) -> tuple[Stop, ...]:
    sentences = {reason.word: reason.sentence for reason in HoldReason}
    stops = [
        Stop(
            name=name,
            is_guard=is_guard,
            sentence=f"guard {name}" if is_guard else sentences[name],
            times=len(keys),
            customers=len(set(keys)),
        )
        for (name, is_guard), keys in found.items()
    ]
    return tuple(sorted(stops, key=lambda stop: (not stop.is_guard, -stop.customers, stop.name)))


def look_of(document: Mapping[str, object], account: str, at: datetime, day: date) -> AccountLook | None:
    """Take one account's part out of a stored plan; None where the run did not plan it, or not all of it."""
    if document.get("narrowed"):
        return None
    part = next((each for each in _rows(document, "accounts") if each.get("name") == account), None)
    if part is None:
        return None
    corrections = [row for row in _rows(document, "corrections") if row.get("account") == account]
    holds = [row for row in _rows(document, "holds") if row.get("account") == account]
    month = (day.year, day.month)
    planned = [replace(_planned(row), month=month) for row in corrections if _only_policy(row)]
    planned += [made for row in holds if (made := _stopped(row)) is not None]
    customers = part.get("customers")
    return AccountLook(
        account=account,
        vendor=str(part.get("vendor", "")),
        at=at,
        day=day,
        customers=customers if isinstance(customers, int) else 0,
        readable=part.get("problem") is None,
        planned=tuple(planned),
    )


def _only_policy(row: Mapping[str, object]) -> bool:
    blocked = _texts(row.get("blocked_by"))
    return bool(blocked) and all(blocker.startswith(_BLOCKED) for blocker in blocked)


def _stopped(row: Mapping[str, object]) -> Planned | None:
    """Give a hold of this plan; None for a word that no version of ours has any more."""
    reason = next((reason for reason in HoldReason if reason.word == row.get("reason")), None)
    return None if reason is None else _planned(row, reason)


def _planned(row: Mapping[str, object], reason: HoldReason | None = None) -> Planned:
    # Plans of older versions have no `follows`.
    names = [str(row.get("action")), *_texts(row.get("follows"))]
    steps = [_ACTIONS[name] for name in names if name in _ACTIONS]
    return Planned(
        key=CustomerKey(vendor=str(row["vendor"]), customer_id=str(row["customer_id"])),
        action=steps[0] if steps else None,
        before=_granted(row.get("before")),
        after=_granted(row.get("after")),
        wanted=_money(row.get("wanted")),
        position=_position(row.get("after")),
        steps=frozenset(steps),
        exhausts=row.get("exhausts") is True,
        reason=reason,
        guards=_texts(row.get("blocked_by")) if reason is HoldReason.GUARD else (),
    )


def _granted(position: object) -> Money | None:
    return _money(position.get("granted")) if isinstance(position, Mapping) else None


def _money(text: object) -> Money | None:
    return Money.parse(text) if isinstance(text, str) else None


def _position(position: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(position, Mapping):
        return ()
    return tuple(sorted((str(name), str(value)) for name, value in position.items()))


def _rows(document: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    rows = document.get(name)
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, Sequence) else []


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, list) else ()
