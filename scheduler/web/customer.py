"""One customer's page: its figures, how it came to them, what waits for it and what was done to it.

Called by scheduler.web.app; gives the values of `customer.jinja`.
"""

from core.meter import Day
from scheduler.reports.board import CustomerFile, CustomerLine
from scheduler.reports.charts import Point, spending_chart, spent_bar
from scheduler.reports.wording import (
    clean,
    cloud,
    customer_id,
    figures_grouped,
    grouped,
    restriction,
    sentence,
    shown_name,
    spent,
)
from scheduler.web.customers import is_used_up, limit_words, used_up
from scheduler.web.happenings import happening
from scheduler.web.places import anchor
from scheduler.web.query import Query
from scheduler.web.saying import Said, attentions, intent_said, paused, percent, resume
from scheduler.web.times import Times

Cells = dict[str, object]
MOST_DAYS = 92  # in the picture and its table: a quarter
MOST_CHANGES = 200


def customer_cells(file: CustomerFile, times: Times, *, show_names: bool) -> Cells:
    """Give what the page shows; `times` are the account's own."""
    line = file.line
    days = file.days[-MOST_DAYS:]
    name = shown_name(line.name, show_names=show_names)
    return {
        "id": customer_id(line.customer),
        "name": name,
        "cloud": cloud(line.vendor),
        "account": clean(line.account),
        "account_link": f"/#{anchor(line.account)}",
        "list_link": Query(account=line.account).address(),
        "sort": limit_words(line),
        "stands": restriction(line.restriction),
        "active": line.restriction is not None and line.stopped is None,
        "protected": line.protected,
        "told": [*attentions(line, times), *_beside(line, times)],
        "tiles": _tiles(line, times),
        "bar": spent_bar(line.spent.low, line.spent.high, line.amount) if line.spent is not None else "",
        "percent": percent(line),
        "chart": spending_chart([_point(day) for day in days], title="Spend and limit by billing day"),
        "days": [_day(day) for day in reversed(days)],
        "zone": clean(file.account.zone),
        "sections": [
            (clean(heading), [figures_grouped(sentence(each)) for each in lines]) for heading, lines in file.sentences
        ],
        "changes": [happening(change, times) for change in file.changes[:MOST_CHANGES]],
        "more_changes": max(len(file.changes) - MOST_CHANGES, 0),
        "as_of": times.when(line.as_of),
        "stale": line.as_of is None or times.now - line.as_of > file.account.late_after,
        "indirect": clean(line.customer.indirect_partner_id or ""),
    }


def _beside(line: CustomerLine, times: Times) -> list[Said]:
    """Give what stands though it needs no eyes: an open change, a pause that covers more than the customer."""
    told = {word.value for word in line.attention}
    found = []
    if line.intent is not None and not told & {"uncertain", "disputed"}:
        said, remedy = intent_said(line.intent, times)
        found.append(Said(word="open change", tone="brand", sentence=figures_grouped(said), remedy=remedy))
    if line.pause is not None and "paused" not in told:
        found.append(Said(word="paused", tone="soft", sentence=paused(line.pause, times), remedy=resume(line.pause)))
    return found


def _tiles(line: CustomerLine, times: Times) -> list[tuple[str, str, str]]:
    """Give the figures that are read first: title, figure, and what it means."""
    ends = line.stopped.data_deleted_after if line.stopped is not None else None
    tiles = [
        ("Limit", grouped(line.amount), limit_words(line)),
        ("Spent", spent(line.spent), _counted(line, times)),
        ("Available", grouped(line.available), ""),
        ("Granted at the vendor", grouped(line.granted), ""),
        ("Used up", " ".join(used_up(line, times)) or "not foreseen", _reckoned(line)),
    ]
    if ends is not None:
        tiles.append(("Data deleted after", str(times.day(ends)), times.when(ends).age))  # type: ignore[union-attr]
    return tiles


def _reckoned(line: CustomerLine) -> str:
    ahead = line.forecast is not None and line.forecast.earliest is not None
    return "at the rate of the last days" if ahead and not is_used_up(line) else ""


def _counted(line: CustomerLine, times: Times) -> str:
    period = "" if line.period in {"", "once"} else f"in {clean(line.period)}"
    period = "in all" if line.period == "once" else period
    since = line.spent.since if line.spent is not None else None
    parts = [period, f"counted since {times.day(since)}" if since is not None else ""]
    return ", ".join(part for part in parts if part)


def _point(day: Day) -> Point:
    return Point(day=day.day, low=day.low, high=day.high, limit=day.amount, granted=day.granted)


def _day(day: Day) -> Cells:
    if day.low is None:
        amount = "unknown"
    elif day.high is None:
        amount = f"at least {grouped(day.low)}"
    else:
        amount = grouped(day.low) if day.low == day.high else f"{grouped(day.low)} to {grouped(day.high)}"
    return {"day": str(day.day), "spent": amount, "limit": grouped(day.amount), "granted": grouped(day.granted)}
