"""One line for each customer of an account, from what our records hold; called by boards.

In two steps: what stands and is spent, which changes with the account's runs and is read in bulk; and what lies upon
it, such as a pause or an open change, which may come at any moment and concerns few.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from core.books import Book, Dispute
from core.capabilities import Capabilities
from core.forecast import Forecast
from core.intent import Intent, State
from core.limit import CustomerKey, Kind, Limit
from core.meter import Meter, month_of
from core.money import USD, Money
from core.pause import Pause
from core.run.metering import Meterer
from core.run.world import World
from core.spending import Reading, foreseen, limit_of, reading
from core.standing import Spend, Standing
from scheduler.config import AccountSettings
from scheduler.records.waiting import left_waiting
from scheduler.reports.board import Attention, CustomerLine, Waiting
from scheduler.reports.month import Share, Span
from scheduler.reports.reckoning import share_of
from scheduler.reports.stopped import Stopped, restriction_of, stopped

_SPENT = 100  # percent
_ORDER = {attention: place for place, attention in enumerate(Attention)}
_ONCE = "once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lying:
    """What lies upon an account's customers now. `waiting`: as planned; `since`: intents recorded since that plan.

    `pauses`: all in force, of whatever account.
    """

    waiting: Mapping[CustomerKey, Waiting] = field(default_factory=dict)
    since: Mapping[CustomerKey, Sequence[Intent]] = field(default_factory=dict)
    intents: Mapping[CustomerKey, Intent] = field(default_factory=dict)
    disputes: Mapping[CustomerKey, Dispute] = field(default_factory=dict)
    pauses: Sequence[Pause] = ()


def plain_lines(
    world: World,
    account: AccountSettings,
    limits: Sequence[Limit],
    capabilities: Capabilities,
    still_open: Collection[CustomerKey],
) -> tuple[CustomerLine, ...]:
    """Give a line for each limit, in the order written; `still_open`: customers with an open intent."""
    drawing = _Drawing(
        account=account,
        capabilities=capabilities,
        now=world.clock.now(),
        meterer=Meterer(
            policy=account.policy, capabilities=capabilities, limits={limit.key: limit for limit in limits}
        ),
        still_open=still_open,
    )
    meters = world.observations.meters(account.name, [limit.key for limit in limits])
    standings, books = world.observations.latest(account.name), world.journal.books(account.name)
    return tuple(
        drawing.line(limit, standings.get(limit.key), meters.get(limit.key), books.get(limit.key)) for limit in limits
    )


def with_what_lies(lines: Sequence[CustomerLine], lying: Lying, now: datetime) -> tuple[CustomerLine, ...]:
    """Give the lines with what lies upon them; those of all others stay the same objects."""
    pauses = [pause for pause in lying.pauses if pause.customer_id is None]
    named = {pause.customer_id for pause in lying.pauses}
    concerned = lying.waiting.keys() | lying.intents.keys() | lying.disputes.keys()
    return tuple(
        _laid(line, lying, now)
        if line.key in concerned or line.key.customer_id in named or any(_covers(one, line, now) for one in pauses)
        else line
        for line in lines
    )


def _laid(line: CustomerLine, lying: Lying, now: datetime) -> CustomerLine:
    key = line.key
    intent, dispute = lying.intents.get(key), lying.disputes.get(key)
    covering = [pause for pause in lying.pauses if _covers(pause, line, now)]
    # The narrowest says most: of the customer itself, of its account, of everything.
    pause = min(covering, key=lambda one: (one.customer_id is None, one.account is None), default=None)
    planned = lying.waiting.get(key)
    waiting = None
    if planned is not None:
        waiting = left_waiting(
            planned,
            lying.since.get(key, ()),
            is_open=intent is not None,
            is_disputed=dispute is not None,
            is_paused=pause is not None,
        )
    if waiting is None and intent is None and dispute is None and pause is None:
        return line
    found = {*line.attention, *_lying_attention(waiting, intent, dispute, pause)}
    return replace(
        line,
        waiting=waiting,
        intent=intent,
        dispute=dispute,
        pause=pause,
        attention=tuple(sorted(found, key=_ORDER.__getitem__)),
    )


def _lying_attention(
    waiting: Waiting | None, intent: Intent | None, dispute: Dispute | None, pause: Pause | None
) -> set[Attention]:
    found: set[Attention] = set()
    if dispute is not None or (intent is not None and intent.state is State.DISPUTED):
        found.add(Attention.DISPUTED)
    elif intent is not None:
        found.add(Attention.UNCERTAIN)
    if waiting is not None:
        found.add(Attention.HELD if waiting.needs_attention else Attention.PENDING)
    # A pause of the whole account is told with the account: every customer marked for it would hide all others.
    if pause is not None and pause.customer_id is not None:
        found.add(Attention.PAUSED)
    return found


def _covers(pause: Pause, line: CustomerLine, now: datetime) -> bool:
    return pause.covers(line.account, line.key, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawing:
    """What all lines of one account are drawn with."""

    account: AccountSettings
    capabilities: Capabilities
    now: datetime
    meterer: Meterer
    still_open: Collection[CustomerKey]

    def line(self, written: Limit, standing: Standing | None, meter: Meter | None, book: Book | None) -> CustomerLine:
        """Draw the line of one customer."""
        policy = self.account.policy
        meter = self._metered(standing, meter)
        limit = limit_of(written, meter, self.now, policy.billing_timezone) or written
        read = None if standing is None else self._read(meter, limit, standing)
        spent = None if read is None else read.spend
        counts = _in_usd(spent)
        share = None if counts is None else share_of(counts, limit.amount)
        stop = self._stopped(written, standing, book)
        as_of = None if standing is None else standing.as_of
        return CustomerLine(
            account=self.account.name,
            vendor=self.account.vendor,
            customer=written.customer,
            name=written.name or (None if standing is None else standing.name),
            kind=limit.kind,
            on_exhaustion=limit.on_exhaustion,
            amount=limit.amount,
            granted=_granted(standing, book, limit.amount),
            spent=spent,
            share=share,
            available=None if standing is None else standing.available,
            restriction=None if standing is None else restriction_of(standing, book),
            stopped=stop,
            forecast=self._forecast(limit, read),
            as_of=as_of,
            period=_period(limit, as_of or self.now, policy.billing_timezone),
            thresholds=self.account.alert_at,
            protected=written.key.customer_id in policy.protected,
            attention=_standing_attention(share, stop, self.account),
        )

    def _metered(self, standing: Standing | None, meter: Meter | None) -> Meter | None:
        """Count what a dry run saw, which keeps what it sees but no meters."""
        if standing is None or standing.key in self.still_open:
            return meter
        if meter is not None and standing.as_of <= meter.metered_at:
            return meter
        return self.meterer.again(standing, meter)

    def _read(self, meter: Meter | None, limit: Limit, standing: Standing) -> Reading:
        """Give what is known of the spend that counts, as the month's report has it.

        A figure read while a change was open is not metered; until the next one is, what was metered last counts on.
        """
        read = reading(meter, limit, standing, self.capabilities, None)
        if read.spend is not None or meter is None or meter.metered_at >= standing.as_of:
            return read
        this_month = month_of(standing.as_of, self.account.policy.billing_timezone)
        if limit.kind is Kind.MONTHLY and (meter.month is None or meter.month.period != this_month):
            return read
        return reading(meter, limit, replace(standing, as_of=meter.metered_at), self.capabilities, None)

    def _forecast(self, limit: Limit, read: Reading | None) -> Forecast | None:
        if read is None or _in_usd(read.spend) is None:
            return None
        return foreseen(limit, read.spend, read.rate, self.now, self.account.policy.billing_timezone)

    def _stopped(self, limit: Limit, standing: Standing | None, book: Book | None) -> Stopped | None:
        found = None if standing is None else stopped(standing, book, self.capabilities.deletes_after)
        return found if found is None or limit.name is None else replace(found, name=limit.name)


def _granted(standing: Standing | None, book: Book | None, amount: Money) -> Money | None:
    """Give what stands: a change of ours that came after the last look counts too."""
    if standing is None:
        return None
    written = book is not None and book.written_at is not None and book.written_at > standing.as_of
    granted = book.granted if book is not None and written else standing.granted_money
    return amount if granted == amount else granted  # the same object where it can be: there are ten thousand


def _in_usd(spent: Spend | None) -> Span | None:
    """Give spend that may be held against a limit: in no other currency is anything counted here."""
    if spent is None or spent.low.currency != USD:
        return None
    return Span(low=spent.low, high=spent.high, since=spent.since)


def _period(limit: Limit, moment: datetime, zone: str) -> str:
    match limit.kind:
        case Kind.MONTHLY:
            return month_of(moment, zone)
        case Kind.ONE_TIME:
            return _ONCE
        case Kind.CREDIT_LINE:
            return ""


def _standing_attention(share: Share | None, stop: Stopped | None, account: AccountSettings) -> tuple[Attention, ...]:
    """Say what a customer's own figures ask for; its spend by what is spent for certain."""
    found: list[Attention] = []
    if stop is not None:
        found += [Attention.DELETION] if stop.data_deleted_after is not None else []
        found += [Attention.STOPPED]
    if share is not None and share.low >= _SPENT:
        found.append(Attention.SPENT)
    elif share is not None and account.alert_at and share.low >= min(account.alert_at):
        found.append(Attention.NEAR)
    return tuple(found)
