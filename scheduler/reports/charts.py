"""Pictures of spend as inline SVG: lines over days, a customer's bar, and columns that count customers.

Called by the month's report and by the status page. Drawn here and by no library: a page without scripts whose policy
allows one style sheet and nothing else can carry a picture only as plain elements with classes, coloured by the
variables of `base.css`; charting libraries write scripts, styles into attributes or fixed colours. Pure: values in,
markup out; every text is escaped. Money becomes a float for coordinates alone: a picture has pixels, no cents. Each
picture says in words what it shows, in its `<title>` and `<desc>`; a bar is hidden from a screen reader, since the
figures stand beside it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from markupsafe import Markup, escape

from core.money import USD, Money
from scheduler.reports.wording import clean, grouped, sentence

WIDTH, HEIGHT = 640, 250
_TOP, _BOTTOM, _END = 44, 222, 634  # where the plot begins and ends; a line's own width is beside it
_LETTER, _NARROWEST = 11.5, 52  # a letter's width where a phone's style sheet makes it larger; the currency's room
_TICKS = 4
_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
_WEEK, _SHORT, _MONTHLY, _QUARTER = 7, 10, 45, 120  # days
_KEY_WIDTH, _KEY_SAMPLE = 142, 18
# A permanent credit holds what earlier months used: drawn to scale it would press the month's spend to the floor.
_GRANTED_AT_MOST = 2
_BAR_END = 125  # percent of the limit at a bar's end
_NEAR, _FULL = 90, 100
_MILLION_STEP = 10_000_000  # cents: from steps of 100,000.00 on amounts are written in millions
_EDGE = 32  # half of a day's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The last figures of one billing day, in USD. Money None: unknown then; `low` without `high`: at least `low`."""

    day: date
    low: Money | None = None
    high: Money | None = None
    limit: Money | None = None
    granted: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a counting picture. `tone`: a class of the style sheet (`fill`, `near`, `over` or `track`)."""

    name: str
    count: int
    tone: str = "fill"


def spending_chart(points: Sequence[Point], *, title: str, until: date | None = None) -> Markup:
    """Draw cumulated spend day by day, with the limit and what is granted as steps.

    `points`: in order of time, at most one a day; days may be missing: a dashed line leads over them. Spend begins
    anew with each calendar month, so the line does too. `title`: what it is of, for those who cannot see it. `until`:
    the axis' last day, such as the month's; default: that of the last point.
    """
    if not points:
        return _empty(title)
    plot = _Plot(points, until)
    body = [*plot.grid(), *plot.days(), *plot.band(), *plot.steps(), *plot.line(), *plot.amounts(), *plot.keys()]
    return _svg(title, description(points), "".join(body))


def description(points: Sequence[Point]) -> str:
    """Say what a spending picture shows, for those who cannot see it."""
    known = [point for point in points if point.low is not None]
    parts = [f"No spend is known from {points[0].day} to {points[-1].day}"] if not known else []
    if known:
        last = known[-1]
        parts.append(f"Spent by {last.day}: {_spent(last)}")
    limits = _changes(points, lambda point: point.limit)
    if limits:
        parts.append("limit: " + ", then ".join(f"{grouped(amount)} from {day}" for day, amount in limits))
    granted = _changes(points, lambda point: point.granted)
    if granted:
        parts.append(f"granted: {grouped(granted[-1][1])}")
    return "; ".join(parts) + "."


def spent_bar(low: Money | None, high: Money | None, limit: Money | None) -> Markup:
    """Draw one customer's spend against its limit as `share_bar` does; nothing where either is not known.

    `high` None: at least `low`.
    """
    if low is None or limit is None or limit.cents <= 0:
        return Markup("")
    return share_bar(_percent(low, limit), None if high is None else _percent(high, limit))


def share_bar(low: float, high: float | None) -> Markup:
    """Draw percents of a limit as a bar with a mark at 100 %; `high` None: at least `low`.

    A bar that is full is at 125 % or more. The figures have to stand beside it.
    """
    percent = min(max(low, 0.0), float(_BAR_END))
    most = percent if high is None else min(max(high, 0.0), float(_BAR_END))
    tone = "over" if percent >= _FULL else "near" if percent >= _NEAR else "fill"
    maybe = f'<path class="maybe" d="M{_number(percent)} 0H{_number(most)}V9H{_number(percent)}z"/>'
    return Markup(  # noqa: S704 - digits and our own words only
        f'<svg class="bar" viewBox="0 0 {_BAR_END} 9" preserveAspectRatio="none" aria-hidden="true">'
        f'<path class="track" d="M0 0H{_FULL}V9H0z"/><path class="{tone}" d="M0 0H{_number(percent)}V9H0z"/>'
        f'{maybe if most > percent else ""}<path class="mark" d="M{_FULL} 0V9"/></svg>'
    )


def counting_chart(columns: Sequence[Column], *, title: str) -> Markup:
    """Draw how many customers stand where, a column each with its count above and its name below."""
    most = max((column.count for column in columns), default=0) or 1
    slot = WIDTH / max(len(columns), 1)
    floor, top = HEIGHT - 34, 30
    body = []
    for place, column in enumerate(columns):
        tall = (floor - top) * column.count / most
        middle, left, wide = slot * (place + 0.5), slot * (place + 0.12), slot * 0.76
        # One customer among thousands is seen too: it may be the one that matters.
        tall = max(tall, 2.0) if column.count else 0.0
        body += [
            f'<rect class="column {escape(column.tone)}" x="{_number(left)}" y="{_number(floor - tall)}" '
            f'width="{_number(wide)}" height="{_number(tall)}"/>',
            _text(middle, floor - tall - 7, f"{column.count:,}", "count"),
            _text(middle, HEIGHT - 12, column.name, "name"),
        ]
    body.append(f'<path class="axis" d="M0 {floor}H{WIDTH}"/>')
    said = ", ".join(f"{column.name}: {column.count:,}" for column in columns)
    return _svg(title, f"Customers: {said}.", "".join(body))


class _Plot:
    """The scales of one spending picture, and its parts in the order in which they lie upon each other."""

    def __init__(self, points: Sequence[Point], until: date | None) -> None:
        self.points = points
        self.first = points[0].day
        self.last = max(points[-1].day, until or points[-1].day)
        shown = [_cents(money) for point in points for money in (point.low, point.high, point.limit)]
        most = max((cents for cents in shown if cents is not None), default=0)
        granted = [cents for point in points if (cents := _cents(point.granted)) is not None]
        self.with_granted = bool(granted) and (not most or max(granted) <= _GRANTED_AT_MOST * most)
        self.step = _step(max([most, *granted] if self.with_granted else [most]))
        self.top = self.step * -(-max([most, *granted] if self.with_granted else [most], default=0) // self.step)
        self.top = max(self.top, self.step)
        longest = max(len(_amount(cents, self.step)) for cents in range(0, self.top + 1, self.step))
        self.begin = max(_LETTER * longest + 10, _NARROWEST)
        self.slot = (_END - self.begin) / ((self.last - self.first).days + 1)

    def grid(self) -> Iterator[str]:
        """Give the horizontal lines, the lowest of which is the axis."""
        for cents in range(0, self.top + 1, self.step):
            place = f"{_number(self.begin)} {_number(self._y(cents))}"
            yield f'<path class="{"grid" if cents else "axis"}" d="M{place}H{WIDTH}"/>'

    def amounts(self) -> Iterator[str]:
        """Give the amount beside each line, and the currency above."""
        yield _text(self.begin - 8, 17, USD, "amount")
        for cents in range(0, self.top + 1, self.step):
            yield _text(self.begin - 8, self._y(cents) + 4, _amount(cents, self.step), "amount")

    def days(self) -> Iterator[str]:
        """Give the days below the axis, as many as there is room for."""
        count = (self.last - self.first).days + 1
        shown = [self.first + timedelta(days=number) for number in range(count)]
        if count > _QUARTER:
            shown = [day for day in shown if day.day == 1]
        else:
            every = 1 if count <= _WEEK else 2 if count <= _SHORT else _WEEK if count <= _MONTHLY else 3 * _WEEK
            shown = shown[::every]
        thin = -(-len(shown) // _WEEK)  # more than seven names do not fit beside each other on a phone
        for day in shown[::thin]:
            words, middle = _day(day, months=count > _QUARTER), self._middle(day)
            # A name at an edge would reach beyond the picture, which on paper and on a phone is cut off there.
            last = middle > WIDTH - _EDGE
            yield _text(WIDTH if last else middle, _BOTTOM + 21, words, "day last" if last else "day")

    def band(self) -> Iterator[str]:
        """Give the area between the least and the most that can have been spent."""
        for run in self._runs():
            wide = [point for point in run if point.high is not None]
            if any(point.high != point.low for point in wide):
                there = [f"{_number(self._middle(point.day))} {_number(self._y(_cents(point.high)))}" for point in wide]
                back = [f"{_number(self._middle(point.day))} {_number(self._y(_cents(point.low)))}" for point in wide]
                yield f'<path class="band" d="M{"L".join([*there, *reversed(back)])}z"/>'

    def steps(self) -> Iterator[str]:
        """Give the limit, and what is granted below it."""
        if self.with_granted:
            yield from self._step_line("granted", [_cents(point.granted) for point in self.points])
        yield from self._step_line("limit", [_cents(point.limit) for point in self.points])

    def line(self) -> Iterator[str]:
        """Give what was spent: drawn through from day to day, dashed over days of which nothing is known."""
        runs = self._runs()
        for run in runs:
            whole, gaps = f"M{self._at(run[0])}", ""
            for before, after in pairwise(run):
                missing = (after.day - before.day).days > 1
                whole += f"{'M' if missing else 'L'}{self._at(after)}"
                gaps += f"M{self._at(before)}L{self._at(after)}" if missing else ""
            yield f'<path class="spent" d="{whole}"/>'
            if gaps:
                yield f'<path class="spent gap" d="{gaps}"/>'
            newest = run is runs[-1]
            alone = [point for place, point in enumerate(run) if self._is_alone(run, place)]
            yield from (self._dot(point) for point in dict.fromkeys([*alone, *(run[-1:] if newest else [])]))

    def keys(self) -> Iterator[str]:
        """Give the words for the lines that are there, above the plot."""
        known = [point for point in self.points if point.low is not None]
        wide = any(point.high is not None and point.high != point.low for point in known)
        there = [
            ("spent", "Spent", bool(known)),
            ("band", "Not certain", wide),
            ("limit", "Limit", any(point.limit is not None for point in self.points)),
            ("granted", "Granted", self.with_granted),
        ]
        for place, (name, words, _) in enumerate(entry for entry in there if entry[2]):
            left = self.begin + place * _KEY_WIDTH
            sample = (
                f"M{_number(left)} 8h{_KEY_SAMPLE}v10h-{_KEY_SAMPLE}z"
                if name == "band"
                else f"M{_number(left)} 13h{_KEY_SAMPLE}"
            )
            yield f'<path class="{name}" d="{sample}"/>'
            yield _text(left + _KEY_SAMPLE + 7, 17, words, "key")
        if not known:
            yield _text(WIDTH / 2, (_TOP + _BOTTOM) / 2, "no spend is known", "name")

    def _runs(self) -> list[list[Point]]:
        """Give the days whose spend is known, one list a month: with it the count begins anew."""
        runs: list[list[Point]] = []
        for point in self.points:
            if point.low is None:
                continue
            if runs and (runs[-1][-1].day.year, runs[-1][-1].day.month) == (point.day.year, point.day.month):
                runs[-1].append(point)
            else:
                runs.append([point])
        return runs

    def _is_alone(self, run: Sequence[Point], place: int) -> bool:
        near = [run[at].day for at in (place - 1, place + 1) if 0 <= at < len(run)]
        return all(abs((day - run[place].day).days) > 1 for day in near)

    def _step_line(self, name: str, values: Sequence[int | None]) -> Iterator[str]:
        """Give an amount as steps; it holds until the next figure, and the last one to the axis' end."""
        path, before = "", None
        ends = [*(self._left(point.day) for point in self.points[1:]), self._left(self.last) + self.slot]
        for point, cents, end in zip(self.points, values, ends, strict=True):
            if cents is not None:
                tall = _number(self._y(cents))
                if before is None:
                    path += f"M{_number(self._left(point.day))} {tall}"
                elif cents != before:
                    path += f"V{tall}"
                else:
                    path = path.rpartition("H")[0]  # as level as the day before: one line
                path += f"H{_number(end)}"
            before = cents
        if path:
            yield f'<path class="{name}" d="{path}"/>'

    def _dot(self, point: Point) -> str:
        wide, tall = self._at(point).split(" ")
        return f'<circle class="dot" cx="{wide}" cy="{tall}" r="3.5"/>'

    def _at(self, point: Point) -> str:
        return f"{_number(self._middle(point.day))} {_number(self._y(_cents(point.low)))}"

    def _left(self, day: date) -> float:
        return self.begin + self.slot * (day - self.first).days

    def _middle(self, day: date) -> float:
        return self._left(day) + self.slot / 2

    def _y(self, cents: int | None) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * min(max(cents or 0, 0), self.top) / self.top


def _svg(title: str, said: str, body: str) -> Markup:
    return Markup(  # noqa: S704 - title and words are escaped here, the body by those who drew it
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>{escape(clean(title))}</title><desc>{escape(sentence(said))}</desc>{body}</svg>"
    )


def _empty(title: str) -> Markup:
    return _svg(title, "Nothing is on record.", _text(WIDTH / 2, HEIGHT / 2, "nothing is on record yet", "name"))


def _text(x: float, y: float, words: str, name: str) -> str:
    return f'<text class="{name}" x="{_number(x)}" y="{_number(y)}">{escape(clean(words))}</text>'


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _cents(money: Money | None) -> int | None:
    return None if money is None or money.currency != USD else money.cents


def _percent(part: Money, limit: Money) -> float:
    return 100.0 * part.cents / limit.cents


def _step(most: int) -> int:
    """Give the distance of the lines in cents: 1, 2, 2.5 or 5 times a power of ten; 1.00 for nothing."""
    rough = max(Decimal(most) / _TICKS, Decimal(1)) if most else Decimal(100)
    power = Decimal(10) ** rough.adjusted()
    found = next(each * power for each in _STEPS if each * power >= rough)
    return int(found) if found == int(found) else int(found) + 1


def _amount(cents: int, step: int) -> str:
    if step % _MILLION_STEP == 0 and cents:
        return f"{Decimal(cents).scaleb(-8).normalize():f} M"
    return f"{cents // 100:,}" if step % 100 == 0 or not cents else f"{Decimal(cents).scaleb(-2):,.2f}"


def _day(day: date, *, months: bool) -> str:
    return f"{day:%b %Y}" if months else f"{day.day} {day:%b}"


def _spent(point: Point) -> str:
    if point.high is None:
        return f"at least {grouped(point.low)}"
    return grouped(point.low) if point.low == point.high else f"{grouped(point.low)} to {grouped(point.high)}"


def _changes(points: Sequence[Point], of: Callable[[Point], Money | None]) -> list[tuple[date, Money]]:
    found: list[tuple[date, Money]] = []
    for point in points:
        amount = of(point)
        if amount is not None and (not found or found[-1][1] != amount):
            found.append((point.day, amount))
    return found
