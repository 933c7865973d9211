"""How a customer stands at its vendor and what it spends, in sentences. Used by scheduler.reports.explanation."""

from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from core.books import Book, Cause
from core.explained import Billed, Explained
from core.forecast import Forecast, Rate
from core.limit import Kind
from core.meter import Period
from core.money import ZERO, Money
from core.standing import Absence, Restriction, Spend, Standing
from scheduler.reports import summary
from scheduler.reports.wording import clean, exhaustion, figures_grouped, grouped, kind, moment, plural, spent

_HOURS = 24
_RESTRICTIONS = {
    Restriction.RESTRICTED: "restricted (no new purchases; whether its resources are stopped too cannot be read)",
    Restriction.FROZEN: "frozen (purchases and resources are stopped)",
    Restriction.SUSPENDED: "suspended (the vendor stopped its services)",
}
_CAUSES = {
    Cause.OURS: "a call of Tidegate's did it",
    Cause.EXHAUSTION: "its limit was spent, and the vendor did it by the action that Tidegate had set",
    Cause.NEW: "the vendor restricts new customers until somebody lifts that",
    Cause.ADOPTED: "it was so when Tidegate first saw the customer; who did it is not known",
    Cause.OTHER: "somebody else did it, or the vendor for a reason other than this limit, as far as is known",
}
_UNEXPLAINED = frozenset({Cause.ADOPTED, Cause.OTHER, None})


def standing_lines(explained: Explained) -> list[str]:
    """Say what is granted, used and available, how the customer is restricted and why, and how old that is."""
    lines = _read(explained)
    standing = explained.standing
    if standing is None:
        return lines
    used = spent(standing.spent)
    lines.append(f"{_granted(standing)}; used {used}, available {grouped(standing.available)}, at list prices.")
    if explained.outdated and explained.book is not None:
        lines.append(f"Our own change was read back since: by our books {grouped(explained.book.granted)} stands now.")
    if not explained.capabilities.action_readable and standing.granted_money is not None:
        lines.append(_action(standing))
    lines += _restriction(standing, explained.book, explained)
    return lines


def spend_lines(explained: Explained) -> list[str]:
    """Say what counts as spent, since when, what widened it, how fast it goes and when the limit will be spent."""
    reading, count = explained.spending.reading, explained.spending.count
    lines = []
    if reading is not None and reading.spend is None:
        why = reading.why or "the vendor did not say what is used"
        lines.append(f"What is spent of the limit is not known: {figures_grouped(clean(why))}.")
    elif reading is not None and reading.spend is not None:
        lines.append(_counted(reading.spend, explained))
    elif count is not None:
        so_far = spent(Spend(low=count.low, high=count.high))
        lines.append(
            f"Spent in the billing month {count.period} so far: {so_far}, counted since {moment(count.since)}."
        )
    else:
        lines.append("Nothing was metered yet.")
    return [*lines, *_widened(explained), *_pace(explained), *_months(explained), *map(_bill, explained.billed)]


def per_day(rate: Rate) -> Spend:
    """Give what is spent in a day at a rate, rounded outwards."""
    return Spend(low=_day(rate.low, ROUND_FLOOR), high=_day(rate.high, ROUND_CEILING))


def duration(span: timedelta) -> str:
    """Write a length of time in its largest units: `3 h 12 min`."""
    seconds = max(int(span.total_seconds()), 0)
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return f"{plural(days, 'day')} {hours} h" if hours else plural(days, "day")
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"


def _read(explained: Explained) -> list[str]:
    standing, title = explained.standing, explained.capabilities.title
    if explained.absent:
        return [f"{title} has no such customer under this account."]
    lines = []
    if explained.problem is not None:
        lines.append(f"{title} could not be read now: {summary.plain_reason(explained.problem)}.")
    if standing is None:
        return [*lines, "Nothing is stored of how it stands."]
    late = (
        f"the vendor's figures may be {duration(standing.lag)} behind"
        if standing.lag
        else "the figures are said to be current"
    )
    age = duration(explained.at - standing.as_of)
    when = "Read" if explained.asked and explained.problem is None else f"As last seen, {age} ago,"
    return [*lines, f"{when} at {moment(standing.as_of)}; {late}."]


def _granted(standing: Standing) -> str:
    if standing.granted is Absence.NOT_SET:
        return "Nothing is granted at the vendor"
    named = f", {kind(standing.kind)}" if standing.kind is not None else ""
    return f"Granted {grouped(standing.granted_money)}{named}"


def _action(standing: Standing) -> str:
    if standing.on_exhaustion is None:
        return "What happens there at exhaustion cannot be read, and is not known from a change of ours."
    return f"At exhaustion: {exhaustion(standing.on_exhaustion)}, known from our own last change."


def _restriction(standing: Standing, book: Book | None, explained: Explained) -> list[str]:
    shown = standing.restriction
    if shown is None:
        return ["Whether it is restricted is not known."]
    if shown is Restriction.NONE:
        return ["It is not restricted."]
    cause = book.cause if book is not None else None
    since = f" since {moment(book.restricted_since)}" if book is not None and book.restricted_since is not None else ""
    # Only of what we did ourselves is the beginning known.
    seen = ", when that was first seen" if since and cause is not Cause.OURS else ""
    lines = [f"It is {_RESTRICTIONS[shown]}{since}{seen}."]
    lines.append(_why(standing, cause))
    if explained.deleted_after is not None:
        lines.append(f"The vendor may delete its data from {moment(explained.deleted_after)} on.")
    return lines


def _why(standing: Standing, cause: Cause | None) -> str:
    available = standing.available
    used_up = available is not None and available.cents <= 0
    if standing.restriction is Restriction.SUSPENDED and used_up and cause in _UNEXPLAINED:
        # A vendor suspends by itself when the credit is used up, and does not say so.
        return f"Why: its credit is used up: available at the vendor is {grouped(available)}."
    return f"Why: {_CAUSES[cause]}." if cause is not None else "Why is not known."


def _counted(spend: Spend, explained: Explained) -> str:
    limit = explained.limit
    of = f" of {grouped(limit.amount)}" if limit is not None else ""
    if spend.since is not None:
        since = f", counted since {moment(spend.since)}"
    elif limit is not None and limit.kind is Kind.CREDIT_LINE:
        since = ", as the vendor's use of the credit"
    else:
        since = ", as the vendor counts it for this kind"
    return f"Spent{of}: {spent(spend)}{since}."


def _widened(explained: Explained) -> list[str]:
    """Say why spend is an interval, part by part."""
    reading, meter = explained.spending.reading, explained.spending.meter
    if reading is None or reading.spend is None or reading.spend.low == reading.spend.high:
        return []
    rest = reading.spend.high - reading.spend.low
    lines = []
    if reading.unmetered > ZERO and meter is not None:
        rest -= reading.unmetered
        lines.append(
            f"Up to {grouped(reading.unmetered)} of it was used before the first observation, at "
            f"{moment(meter.first_at)}, nobody knows when: spent_before in the limits file says how much of it counts."
        )
    if meter is not None and meter.fell_at is not None and meter.unconfirmed > ZERO:
        rest -= meter.unconfirmed
        lines.append(
            f"The vendor's figure fell at {moment(meter.fell_at)}, and no second reading has shown that yet: "
            f"up to {grouped(meter.unconfirmed)} may have been spent since."
        )
    if rest > ZERO:
        lines.append(
            f"Between readings, up to {grouped(rest)} more may have been spent than was seen: a bill that was paid, "
            "or the end of a month, may hide it."
        )
    return lines


def _pace(explained: Explained) -> list[str]:
    reading, forecast = explained.spending.reading, explained.spending.exhausted
    if reading is None:
        return []
    if reading.rate is None:
        return ["How fast it spends is not known yet: that takes an hour of observations."]
    lines = [f"It spends {_daily(reading.rate)} a day, by the last days and weeks."]
    if forecast is not None and explained.limit is not None:
        lines.append(_forecast(forecast, explained.limit.amount, reading.spend, explained.at))
    return lines


def _daily(rate: Rate) -> str:
    return spent(per_day(rate))


def _day(cents_an_hour: Decimal, rounding: str) -> Money:
    return Money(int((cents_an_hour * _HOURS).to_integral_value(rounding=rounding)))


def _forecast(forecast: Forecast, amount: Money, spend: Spend | None, now: datetime) -> str:
    whole = f"The limit of {grouped(amount)}"
    if spend is not None and spend.low >= amount:
        return f"{whole} is spent."
    if forecast.earliest is None:
        return f"{whole} will not be spent in the next ten years if that goes on."
    may = (
        "may be spent already"
        if forecast.earliest <= now
        else f"will be spent at {moment(forecast.earliest)} at the earliest"
    )
    if forecast.latest is None:
        return f"{whole} {may}, or perhaps never."
    return f"{whole} {may}, and by {moment(forecast.latest)} if that goes on."


def _months(explained: Explained) -> list[str]:
    return [_month(period) for period in explained.spending.periods[-1:]]


def _month(period: Period) -> str:
    if period.high is None:
        figure = f"at least {grouped(period.low)}"
    else:
        figure = spent(Spend(low=period.low, high=period.high))
    limit = f", with a limit of {grouped(period.amount)}" if period.amount is not None else ""
    return f"The last month that is closed, {period.month}: {figure} spent{limit}."


def _bill(billed: Billed) -> str:
    if billed.amount is None:
        return f"Billed for {billed.month}: not known, {clean(billed.why)}."
    return f"Billed for {billed.month}: {grouped(billed.amount)}; an audit figure, never used for decisions."
