"""A year of both vendors, day by day: customers of every sort, what happens to them, and what must add up at the end.

Played in full by tests/bench/year.py (`make year`) and as a quarter by test_year_quarter. Nothing is drawn by chance.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from core.amounts import resolved
from core.intent import Intent
from core.limit import Customer, Dated, Kind, Limit, OnExhaustion, Overrun, Temporary, TopUp
from core.meter import Period
from core.money import ZERO, Money, or_zero, total
from core.objections import objections
from core.policy import Agreement, Approval, Cap, GuardSettings
from core.standing import Restriction
from tests.scenario.calendar_cloud import OURS, CalendarCloud, Kept
from tests.scenario.year_huawei import CalendarHuawei
from tests.scenario.year_office import Desk, desk, virtual
from tests.scenario.year_promises import bills_hidden, cut_off_wrongly, lifted_wrongly
from tests.scenario.year_spending import BEIJING, month_begins
from tests.scenario.year_tencent import CalendarTencent

AMOUNTS = ("50.00", "120.00", "300.00", "1000.00", "2500.00")
# Of its amount a customer spends so much in a month, in percent: some never reach it, some go far above.
SHARES = (0, 30, 70, 95, 130, 180)
HOURS_A_MONTH = 730
# By turns; a customer on alert is followed day by day, so that a few of them make most of the changes.
ACTIONS = (OnExhaustion.FREEZE, OnExhaustion.RESTRICT, OnExhaustion.ALERT, OnExhaustion.RESTRICT, OnExhaustion.FREEZE)
BEGINS = datetime(2027, 12, 28, 2, 30, tzinfo=UTC)
DAY = timedelta(days=1)
PERSON = "li.wei"


@dataclass(slots=True, kw_only=True)
class Year:
    """The world of the year, with what was seen of it.

    `looks`: when each account was read. `hidden`: closed months whose spend is more than was metered, for the one
    reason that core.meter states: a bill was given back and spent again between two looks.
    """

    desk: Desk
    huawei: CalendarHuawei
    tencent: CalendarTencent
    limits: list[Limit]
    runs: int = 0
    problems: list[str] = field(default_factory=list)
    looks: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    hidden: int = 0
    outages: int = 0
    consoles: int = 0

    @property
    def clouds(self) -> tuple[CalendarCloud, ...]:
        """The accounts that have customers."""
        return tuple(cloud for cloud in (self.huawei, self.tencent) if cloud.kept)

    def play(self, days: int) -> None:
        """Let so many days pass, one run of each account a day, and then quietly until nothing is under way."""
        for day in range(days):
            self._morning(day)
            self._run()
            self.huawei.is_down = self.tencent.is_down = False
            self.desk.clock.time = BEGINS + (day + 1) * DAY
        for _ in range(3):
            self._run()
            self.desk.clock.sleep(timedelta(minutes=15))

    def _run(self) -> None:
        for cloud in self.clouds:
            if not cloud.is_down:
                self.looks[cloud.account].append(self.desk.clock.time)
            self.runs += 1
            self.problems += self.desk.apply(self.limits, cloud.account).problems

    def _morning(self, day: int) -> None:
        """Let happen what this day brings: other rates on Mondays, an outage and a console change a week."""
        week, weekday = divmod(day, 7)
        if weekday == 0:
            self._other_rates(week)
            # Only in some weeks: all of a credit that is still being spent cannot be taken back while figures are late.
            self.tencent.spend_late = timedelta(minutes=3 * (week % 4 == 3))
        elif weekday == 2:
            self._console(week)
        elif weekday == 4:
            self.outages += 1
            self.clouds[week % len(self.clouds)].is_down = True
        elif weekday == 5 and week % 4 == 1:
            self._freeze_by_hand(week)

    def _other_rates(self, week: int) -> None:
        for limit in self.limits:
            cloud, number = self._cloud(limit), int(limit.key.customer_id)
            kept = cloud.now(limit.key.customer_id)
            kept.rates.append((kept.advanced, rate_of(limit) * (60 + (number * 7 + week * 31) % 80) // 100))
            cloud.advance(kept, kept.advanced)

    def _console(self, week: int) -> None:
        """Let a person at the console give a customer a third more or less, though not less than is used."""
        limit = self.limits[week * 17 % len(self.limits)]
        cloud = self._cloud(limit)
        kept = cloud.now(limit.key.customer_id)
        granted = or_zero(kept.granted[-1][1]).cents
        amount = Money(granted * (4 if week % 3 else 2) // 3)
        if amount > cloud.used(kept, kept.advanced):
            cloud.console(kept.id, str(amount), operator=PERSON)
            self.consoles += 1

    def _freeze_by_hand(self, week: int) -> None:
        free = [kept for kept in self.huawei.kept.values() if self.huawei.now(kept.id).is_free]
        if free:
            self.huawei.freeze_by_hand(free[week * 5 % len(free)].id, operator=PERSON)

    def _cloud(self, limit: Limit) -> CalendarCloud:
        return self.huawei if limit.account == self.huawei.account else self.tencent


def rate_of(limit: Limit) -> int:
    """Give how many cents an hour a customer spends in an ordinary week."""
    return limit.amount.cents * SHARES[int(limit.key.customer_id) % len(SHARES)] // 100 // HOURS_A_MONTH


def open_year(customers: int, store: Any = None, clock: Any = None, parts: int = 1, part: int = 0) -> Year:
    """Build it: half of the customers at each vendor, each as it stands before Tidegate comes.

    `part` of so many `parts` of the customers, the others are left out.
    """
    clock = clock or virtual(BEGINS)
    huawei = CalendarHuawei(clock=clock, spend_late=timedelta(minutes=6))
    tencent = CalendarTencent(clock=clock)
    limits = []
    for number in range(customers):
        cloud: CalendarHuawei | CalendarTencent = (huawei, tencent)[number % 2]
        if number // 2 % parts != part:
            continue
        limit = _limit(cloud, number)
        assert objections(limit, cloud.capabilities) == []
        _take_in(cloud, limit, number)
        limits.append(limit)
    given = {
        "guards": (GuardSettings(max_exhausted=Cap(count=customers)),),
        "agreement": Agreement(by="chen", on=date(2027, 12, 1)),
        "approvals": tuple(_approval(limit) for limit in limits if limit.on_exhaustion is OnExhaustion.FREEZE),
    }
    clouds = [cloud for cloud in (huawei, tencent) if cloud.kept]
    composed = desk(*clouds, store=store, settings={cloud.account: given for cloud in clouds})
    year = Year(desk=composed, huawei=huawei, tencent=tencent, limits=limits)
    by_key = {limit.key: limit for limit in limits}
    for watched in year.clouds:
        watched.watchers.append(lambda at, intent, kept: _wrong(year, by_key[intent.key], at, intent, kept))
    return year


def _limit(cloud: CalendarCloud, number: int) -> Limit:
    place = number // 2
    native = isinstance(cloud, CalendarHuawei)
    kinds = (Kind.MONTHLY, Kind.ONE_TIME) if native else (Kind.MONTHLY, Kind.MONTHLY, Kind.ONE_TIME, Kind.CREDIT_LINE)
    kind = kinds[place % len(kinds)]
    action = ACTIONS[place // 2 % len(ACTIONS)]
    amount = Money.parse(AMOUNTS[place % len(AMOUNTS)])
    moves = kind is Kind.MONTHLY
    return Limit(
        account=cloud.account,
        customer=Customer(cloud.key(f"{100 + place}")),
        kind=kind,
        amount=amount,
        on_exhaustion=action,
        non_stop=not native and action is OnExhaustion.RESTRICT,
        overrun=Overrun(None) if not native and action is OnExhaustion.ALERT else None,
        top_up=_top_up(amount) if moves and place % 7 == 2 else None,
        temporary=_temporary(amount, place) if place % 7 == 3 else None,
        later=Dated(amount + amount, date(2028, 2, 29)) if place % 7 == 5 else None,
    )


def _top_up(amount: Money) -> TopUp:
    return TopUp(step=Money(amount.cents // 5), below=Decimal(10), most=amount + amount)


def _temporary(amount: Money, place: int) -> Temporary:
    begins = date(2028, 1 + place % 9, 10)
    return Temporary(amount=amount + amount, starts=begins, until=begins + timedelta(days=12))


def _take_in(cloud: CalendarCloud, limit: Limit, number: int) -> None:
    amount, rate, customer_id = str(limit.amount), rate_of(limit), limit.key.customer_id
    if isinstance(cloud, CalendarTencent):
        kept = cloud.take_in(customer_id, amount, rate, non_stop=limit.non_stop)
        kept.billed_after = timedelta(days=3 + number % 7, hours=number % 24)
    elif isinstance(cloud, CalendarHuawei):
        cloud.take_in(customer_id, amount, rate, kind=limit.kind)


def _approval(limit: Limit) -> Approval:
    return Approval(
        account=limit.account,
        customer_id=limit.key.customer_id,
        kind="freeze",
        up_to=None,
        until=datetime(2030, 1, 1, tzinfo=UTC),
        approved_by="chen",
        reason="agreed",
    )


def _wrong(year: Year, limit: Limit, cloud: CalendarCloud, intent: Intent, kept: Kept) -> str | None:
    """Say if a call may not be, by the amount in force: with every topping up, of which a cut may not know less."""
    day = kept.advanced.astimezone(BEIJING).date()
    meter = year.desk.meter(cloud, kept.id) if limit.top_up is not None else None
    in_force = resolved(limit, day, meter.topped if meter is not None else ZERO)
    return cut_off_wrongly(cloud, intent, kept, in_force) or lifted_wrongly(intent, cloud, kept)


def unexplained(year: Year) -> Iterator[str]:
    """Say everything that does not add up at the end."""
    store = year.desk.store
    for cloud in year.clouds:
        yield from (f"{cloud.account}: {fault}" for fault in cloud.broken)
        yield from _books(year, cloud)
        yield from (f"{intent.key} is still {intent.state}" for intent in store.open_intents(cloud.account))
        yield from (f"disputed: {dispute.sentence}" for dispute in store.disputes(cloud.account))
        yield from (found for period in store.periods(account=cloud.account) if (found := _missed(year, cloud, period)))
    yield from store.verify()
    yield from year.problems


def _books(year: Year, cloud: CalendarCloud) -> Iterator[str]:
    """Every cent: what stood, and what each changed, is what stands; by our books and by the vendor's truth."""
    for key, book in year.desk.store.books(cloud.account).items():
        deeds = [deed for deed in cloud.deeds if deed.customer_id == key.customer_id]
        moved = [
            (deed.by, deed.after - or_zero(_money(deed.before))) for deed in deeds if isinstance(deed.after, Money)
        ]
        ours = total([change for by, change in moved if by == OURS])
        others = total([change for by, change in moved if by != OURS])
        if (book.ours, book.others, book.granted) != (ours, others, cloud.granted(key.customer_id)):
            yield f"{key}: books {book.ours} and {book.others} make {book.granted}; truly {ours} and {others}"
        if or_zero(book.opened) + book.ours + book.others != or_zero(book.granted):
            yield f"{key}: {book.opened} + {book.ours} + {book.others} is not {book.granted}"


def _missed(year: Year, cloud: CalendarCloud, period: Period) -> str | None:
    """Say if a closed month's interval does not contain the truth."""
    kept = cloud.kept[period.key.customer_id]
    begins = month_begins(period.until - DAY)
    truth = kept.curve.between(begins, period.until)
    if period.low <= truth and (period.high is None or truth <= period.high):
        return None
    looks = [look for look in year.looks[cloud.account] if begins - 2 * DAY < look < period.until + 2 * DAY]
    if period.low <= truth and bills_hidden(cloud, kept, looks):
        year.hidden += 1
        return None
    return f"{period.key} {period.month}: {truth} was spent, metered {period.low} to {period.high}"


def _money(value: Money | Restriction | None) -> Money | None:
    return value if isinstance(value, Money) else None
