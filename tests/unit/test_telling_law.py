"""The law of alerts over any life: what a channel was told implies what stands, and nothing is said that it knows."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from core.alerts import Alert, Channel, Condition, Edge, Message, Severity, Sort, Turns
from core.telling import Fate, turns
from tests.unit.strategies import LAWS
from tests.unit.telling_rig import CRITICAL, MINUTE, START, WARNING, condition

CHANNELS = (
    Channel(name="all", severity=Severity.INFO),
    Channel(name="grave", severity=Severity.CRITICAL),
    Channel(name="main", accounts=frozenset({"main"})),
    Channel(name="other", accounts=frozenset({"other"})),
)
ACCOUNTS = ("main", "other")
RUNGS = (75, 90, 100)

# What may be of one fact at an evaluation: how grave it is, or what is known of it though it is not there.
OVER, UNKNOWN, MOOT = Fate.OVER, Fate.UNKNOWN, Fate.MOOT
State = Severity | Fate
# One ladder each account, and facts with every sort of patience and ending.
SINGLE = (Sort.STOPPED, Sort.HOLD, Sort.UNCERTAIN, Sort.UNREADABLE, Sort.DELETION)


@dataclass(frozen=True, slots=True)
class Look:
    """One evaluation: when, each account's highest rung or what is known of its ladder, and every other fact's state.

    `lost`: what it gives is never kept, as by a process that died.
    """

    at: datetime
    ladders: Mapping[str, int | Fate]
    facts: Mapping[tuple[Sort, str], State]
    channels: tuple[Channel, ...]
    lost: bool

    def conditions(self) -> list[Condition]:
        """Give what holds."""
        found = [
            condition(sort, account, state)
            for (sort, account), state in self.facts.items()
            if isinstance(state, Severity)
        ]
        for account, top in self.ladders.items():
            if not isinstance(top, Fate):
                rungs = [rung for rung in RUNGS if rung <= top]
                found += [condition(Sort.THRESHOLD, account, _grave(rung), rung=rung) for rung in rungs]
        return found

    def fate(self, gone: Condition) -> Fate:
        """Say what became of a condition that does not hold."""
        account = gone.account or ""
        state = self.ladders[account] if gone.sort is Sort.THRESHOLD else self.facts[gone.sort, account]
        return state if isinstance(state, Fate) else Fate.OVER


@dataclass(slots=True)
class Life:
    """The record, as turns made it, and every message in the order written."""

    standing: dict[str, Alert] = field(default_factory=dict)
    ended: dict[str, Alert] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    ids: Iterator[int] = field(default_factory=count)

    def looked(self, look: Look, shuffle: random.Random | None = None) -> Turns:
        """Evaluate without keeping anything."""
        found, standing = look.conditions(), list(self.standing.values())
        if shuffle is not None:
            shuffle.shuffle(found)
            shuffle.shuffle(standing)
        return turns(
            standing,
            found,
            look.channels,
            fate=look.fate,
            now=look.at,
            new_id=lambda: f"{next(self.ids):06d}",
        )

    def keep(self, turned: Turns) -> None:
        """Keep turns as a store does."""
        for alert in turned.alerts:
            assert alert.id not in self.ended
            if alert.ended_at is not None:
                self.standing.pop(alert.id, None)
                self.ended[alert.id] = alert
            else:
                self.standing[alert.id] = alert
        identities = [alert.condition.identity for alert in self.standing.values()]
        assert len(set(identities)) == len(identities)
        self.messages += turned.messages

    def alert(self, message: Message) -> Alert:
        """Give the alert that a message tells of."""
        return self.standing.get(message.alert) or self.ended[message.alert]


def _grave(rung: int) -> Severity:
    return CRITICAL if rung >= 100 else WARNING


severities = st.sampled_from([WARNING, CRITICAL])
fates = st.sampled_from(Fate)


@st.composite
def lives(draw: st.DrawFn, *, channels: Sequence[Channel] | None = CHANNELS) -> list[Look]:
    """Draw a life: looks at any distance, in which anything may be so; `channels` None: they change too."""
    looks, at = [], START
    for _ in range(draw(st.integers(1, 12))):
        at += draw(st.sampled_from([1, 5, 14, 15, 16, 46, 600])) * MINUTE
        looks.append(
            Look(
                at=at,
                ladders={account: draw(st.sampled_from([0, *RUNGS]) | fates) for account in ACCOUNTS},
                facts={(sort, account): draw(severities | fates) for sort in SINGLE for account in ACCOUNTS},
                channels=tuple(
                    channels if channels is not None else draw(st.lists(st.sampled_from(CHANNELS), unique=True))
                ),
                lost=draw(st.booleans()),
            )
        )
    return looks


@dataclass(slots=True)
class Truth:
    """What is so, worked out anew from the looks that were kept, and who ought to know of it."""

    since: dict[str, datetime] = field(default_factory=dict)
    told: dict[str, Severity] = field(default_factory=dict)
    known: set[tuple[str, str]] = field(default_factory=set)
    forgotten: set[tuple[str, str]] = field(default_factory=set)

    def see(self, look: Look) -> None:
        """Follow one look."""
        holding = {each.identity: each for each in look.conditions()}
        for identity, each in holding.items():
            since = self.since.setdefault(identity, look.at)
            if identity in self.told or look.at - since >= each.sort.patience:
                self.told[identity] = max(self.told.get(identity, each.severity), each.severity, key=_rank)
                self.known |= {(one.name, identity) for one in look.channels if one.wants(_as_told(each, self.told))}
        self.forgotten.clear()
        for identity in self.since.keys() - holding.keys():
            gone = EVERY[identity]
            if look.fate(gone) is not Fate.UNKNOWN:
                self._end(identity, silently=look.fate(gone) is Fate.MOOT or not gone.sort.tells_end)

    def _end(self, identity: str, *, silently: bool) -> None:
        known = {(channel, name) for channel, name in self.known if name == identity}
        if silently:
            self.forgotten |= known
        self.known -= known
        del self.since[identity]
        self.told.pop(identity, None)


def _rank(severity: Severity) -> int:
    return severity.rank


def _as_told(each: Condition, told: Mapping[str, Severity]) -> Condition:
    return condition(each.sort, each.account or "", told[each.identity], rung=each.rung)


EVERY = {
    each.identity: each
    for account in ACCOUNTS
    for each in (
        *(condition(sort, account) for sort in SINGLE),
        *(condition(Sort.THRESHOLD, account, _grave(rung), rung=rung) for rung in RUNGS),
    )
}


def believed(belief: set[tuple[str, str]], message: Message, about: Condition) -> set[tuple[str, str]]:
    """Give what a channel takes for true once it has read a message: of a ladder, what the message implies."""
    (channel,) = [one for one in CHANNELS if one.name == message.channel]
    implied = {about.identity}
    if about.rung:
        for each in EVERY.values():
            alike = (each.sort, each.account) == (about.sort, about.account) and channel.wants(each)
            further = each.rung <= about.rung if message.edge is Edge.BEGAN else each.rung >= about.rung
            implied |= {each.identity} if alike and further else set()
    pairs = {(channel.name, identity) for identity in implied}
    return belief | pairs if message.edge is Edge.BEGAN else belief - pairs


@LAWS
@given(lives())
def test_what_was_told_implies_what_stands_and_no_message_is_idle(looks: list[Look]) -> None:
    """After every look each channel can tell from its messages what stands of what it wants; each told it something."""
    life, truth = Life(), Truth()
    belief: set[tuple[str, str]] = set()
    grave: dict[tuple[str, str], Severity] = {}
    for look in looks:
        turned = life.looked(look)
        if look.lost:
            continue
        life.keep(turned)
        truth.see(look)
        assert _at_most_one_of_a_ladder(turned, life)
        for message in turned.messages:
            about = life.alert(message).condition
            place = (message.channel, about.identity)
            assert message.edge is Edge.BEGAN or look.fate(about) is Fate.OVER
            after = believed(belief, message, about)
            graver = message.edge is Edge.BEGAN and place in grave and message.severity.rank > grave[place].rank
            assert after != belief or graver, message
            belief = after
            if message.edge is Edge.BEGAN:
                grave[place] = message.severity
        belief -= truth.forgotten
        assert belief == truth.known
        assert all(grave[place] is truth.told[place[1]] for place in belief if not EVERY[place[1]].rung)
        grave = {place: severity for place, severity in grave.items() if place in belief}


@LAWS
@given(lives(channels=None))
def test_a_fact_is_told_once_to_a_channel_and_its_end_once(looks: list[Look]) -> None:
    """Whatever channels come and go, an alert has one beginning and one end for each that is told of it."""
    life, told = Life(), dict[tuple[str, str], Severity]()
    for look in looks:
        turned = life.looked(look)
        if look.lost:
            continue
        life.keep(turned)
        stands = {alert.condition.identity for alert in life.standing.values()}
        told = {place: severity for place, severity in told.items() if place[1] in stands}
        for message in turned.messages:
            place = (message.channel, life.alert(message).condition.identity)
            if message.edge is Edge.BEGAN:
                assert place not in told or message.severity.rank > told[place].rank
                told[place] = message.severity
    places = [(message.alert, message.channel, message.edge) for message in life.messages]
    assert len(set(places)) == len(places)
    for message in life.messages:
        alert = life.alert(message)
        assert message.channel in alert.told_to
        if message.edge is Edge.ENDED:
            assert alert.condition.sort.tells_end
            assert message.sentence == alert.condition.over


@LAWS
@given(lives(channels=None))
def test_nothing_is_told_that_has_not_stood_as_long_as_its_patience(looks: list[Look]) -> None:
    """From when it was first seen until it is told lies its sort's patience at least, whatever happens in between."""
    life, since = Life(), dict[str, datetime]()
    for look in looks:
        turned = life.looked(look)
        if look.lost:
            continue
        life.keep(turned)
        holding = {each.identity for each in look.conditions()}
        gone = {name for name in since if name not in holding and look.fate(EVERY[name]) is not Fate.UNKNOWN}
        since = {name: at for name, at in since.items() if name not in gone}
        since |= {name: look.at for name in holding if name not in since}
        for message in turned.messages:
            about = life.alert(message).condition
            if message.edge is Edge.BEGAN:
                assert look.at - since[about.identity] >= about.sort.patience


@LAWS
@given(lives(channels=None), st.randoms(use_true_random=False))
def test_looking_again_turns_nothing_and_order_does_not_matter(looks: list[Look], shuffle: random.Random) -> None:
    """The same look gives the same in any order, and nothing any more once it was kept."""
    life = Life()
    for look in looks:
        once, again = life.looked(look), life.looked(look, shuffle)
        assert _facts(once, life) == _facts(again, life)
        life.keep(again)
        assert life.looked(look) == Turns(alerts=(), messages=())


@LAWS
@given(lives())
def test_when_everything_is_over_nothing_stands(looks: list[Look]) -> None:
    """A look that finds nothing ends all there is, but what nobody could see, which ends with the next."""
    life = Life()
    for look in looks:
        life.keep(life.looked(look))
    last = looks[-1].at + MINUTE
    nothing = Look(
        at=last,
        ladders=dict.fromkeys(ACCOUNTS, 0),
        facts={(sort, account): OVER for sort in SINGLE for account in ACCOUNTS},
        channels=CHANNELS,
        lost=False,
    )
    life.keep(life.looked(nothing))
    assert not life.standing
    assert all(alert.ended_at is not None for alert in life.ended.values())


def _at_most_one_of_a_ladder(turned: Turns, life: Life) -> bool:
    """Whether a channel hears one beginning and one end of a customer's ladder at most."""
    heard = [
        (message.channel, message.edge, life.alert(message).condition.account)
        for message in turned.messages
        if life.alert(message).condition.rung
    ]
    return len(set(heard)) == len(heard)


def _facts(turned: Turns, life: Life) -> set[tuple[object, ...]]:
    """Give turns without the ids that are drawn."""
    alerts = {alert.id: alert for alert in turned.alerts}
    return {
        *((each.condition, each.since, each.told_at, each.ended_at, each.told_to) for each in turned.alerts),
        *(
            (alerts.get(each.alert, life.standing.get(each.alert)).condition, each.channel, each.edge, each.sentence)  # type: ignore[union-attr] # it is one of them
            for each in turned.messages
        ),
    }
