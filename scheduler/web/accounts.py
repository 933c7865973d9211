"""One account's card: its figures, when it was read and will be, and everything that is wrong with it or ahead of it.

Called by scheduler.web.overview.
"""

from datetime import datetime

from core.limit import WritePolicy
from scheduler.reports.board import AccountBoard, LastRun, Pool
from scheduler.reports.charts import spent_bar
from scheduler.reports.prospects import outlook_lines
from scheduler.reports.summary import plain_reason
from scheduler.reports.wording import clean, cloud, figures_grouped, grouped, kind, plural, sentence
from scheduler.web.needs import is_late
from scheduler.web.places import anchor
from scheduler.web.query import Query
from scheduler.web.saying import Said, paused, resume
from scheduler.web.times import Times, length

Cells = dict[str, object]
_SHOWN_IDS = 10
_POLICIES = {
    WritePolicy.OBSERVE: "observe: only watched, nothing is changed",
    WritePolicy.RAISE_ONLY: "raise_only: gives, never takes",
    WritePolicy.LOWER_ONLY: "lower_only: takes, never gives",
    WritePolicy.SYNC: "sync: gives and takes",
}
_OUTCOMES = {
    0: "finished",
    1: "failed",
    2: "refused its configuration",
    3: "finished, corrections are pending",
    4: "finished, not everything was done",
}


def account_cells(account: AccountBoard, times: Times, started_at: datetime | None = None) -> Cells:
    """Give what the card shows; `times` are the account's own, `started_at` is the daemon's."""
    word, tone = state(account, times, started_at)
    return {
        "anchor": anchor(account.name),
        "name": clean(account.name),
        "cloud": cloud(account.vendor),
        "word": word,
        "tone": tone,
        "policy": _POLICIES[account.write_policy],
        "zone": clean(account.zone),
        "tiles": _tiles(account),
        "facts": _facts(account, times),
        "problems": _problems(account, times),
        "ahead": [figures_grouped(line) for line in outlook_lines(account.outlook)],
        "pools": [_pool(pool) for pool in account.pools],
        "unlimited": _unlimited(account),
        "notes": [plain_reason(note) for note in account.notes],
        "link": Query(account=account.name).address(),
    }


def state(account: AccountBoard, times: Times, started_at: datetime | None = None) -> tuple[str, str]:
    """Say in a word how an account stands, and in which colour."""
    if account.problem:
        return "cannot be read", "cut"
    if is_late(account, times, started_at):
        return "late", "cut"
    if account.clock_problem:
        return "clock off", "cut"
    if account.guards or account.attention:
        return "needs somebody", "attention"
    if account.read_at is None:
        return "not read yet", "soft"
    if account.pause is not None:
        return "paused", "attention"
    return "in order", "well"


def trouble(account: AccountBoard, times: Times, started_at: datetime | None = None) -> int:
    """Rank accounts: what is wrong comes first."""
    return {"cut": 0, "attention": 1, "soft": 2, "well": 3}[state(account, times, started_at)[1]]


def _tiles(account: AccountBoard) -> list[tuple[str, str]]:
    figures = [
        ("Customers", len(account.customers)),
        ("In sync", account.in_sync),
        ("Pending", account.pending),
        ("Not done", account.held),
    ]
    tiles = [(title, "unknown" if figure is None else f"{figure:,}") for title, figure in figures]
    return [*tiles, ("Left to give out", grouped(account.quota))] if account.quota is not None else tiles


def _facts(account: AccountBoard, times: Times) -> list[Cells]:
    tick = account.tick
    facts: list[Cells] = [
        {"title": "Last read", "when": times.when(account.read_at), "said": "" if account.read_at else "never"}
    ]
    if account.last_run is not None:
        facts.append(
            {"title": "Last run", "when": times.when(account.last_run.begun_at), "said": _ended(account.last_run)}
        )
    if tick.running_since is not None:
        moved = f"last progress {times.when(tick.progressed_at).age}" if tick.progressed_at else ""  # type: ignore[union-attr]
        facts.append({"title": "Running now", "when": times.when(tick.running_since), "said": moved})
    every = (
        f"every {length(account.every)}"
        if account.cron is None
        else f"at {account.cron} (minute, hour, day, month, weekday)"
    )
    if tick.next_at is not None:
        facts.append({"title": "Next run", "when": times.when(tick.next_at), "said": every})
    else:
        facts.append({"title": "Runs", "when": None, "said": every})
    if account.windows:
        is_open = "open now" if account.window_open else "closed now: corrections wait"
        windows = ", ".join(clean(window) for window in account.windows)
        facts.append({"title": "Changes are made", "when": None, "said": f"{windows} ({is_open})"})
    return facts


def _ended(run: LastRun) -> str:
    if run.ended_at is None:
        outcome = "under way, or ended by a kill"
    else:
        outcome = _OUTCOMES.get(run.exit_code if run.exit_code is not None else -1, "ended")
    return f"{outcome} (`{clean(run.command)}` by {clean(run.who)})"


def _problems(account: AccountBoard, times: Times) -> list[Said]:
    found = []
    if account.problem:
        since = f" since {times.minute(account.problem_since)}" if account.problem_since else ""
        why = plain_reason(account.problem)
        found.append(_said("cut", f"It cannot be read{since}: {why}. The figures below are older."))
    if account.clock_problem:
        found.append(_said("cut", account.clock_problem))
    found += [_said("attention", f"Guard {guard}: {said}") for guard, said in account.guards.items()]
    found += [_said("attention", said) for said in account.attention]
    if account.pause is not None:
        found.append(_said("attention", paused(account.pause, times), resume(account.pause)))
    return found


def _said(tone: str, text: str, remedy: str = "") -> Said:
    first = sentence(text)
    return Said(word="", tone=tone, sentence=figures_grouped(first[:1].upper() + first[1:]), remedy=remedy)


def _pool(pool: Pool) -> Cells:
    whose = f", reseller {clean(pool.whose)}" if pool.whose else ""
    return {
        "title": f"Quota for {kind(pool.kind)} budgets{whose}",
        "bar": spent_bar(pool.granted, pool.granted, pool.amount),
        "said": f"{grouped(pool.granted)} of {grouped(pool.amount)} is given out",
    }


def _unlimited(account: AccountBoard) -> str:
    ids = account.unlimited
    if not ids:
        return ""
    more = f" and {len(ids) - _SHOWN_IDS:,} more" if len(ids) > _SHOWN_IDS else ""
    whom = plural(len(ids), "customer is", "customers are")
    named = ", ".join(clean(each) for each in ids[:_SHOWN_IDS])
    return f"{whom} without a limit, never touched, yet able to spend: {named}{more}"
