"""One line of history as the page shows it: when, whose doing, what, by whom and why.

Used by the first page for what happened lately, and by a customer's page for all of it.
"""

from scheduler.reports.history_table import HistoryLine, Sort
from scheduler.reports.wording import clean, figures_grouped, sentence
from scheduler.web.times import Times

_SORTS = {Sort.LIMIT: "limit", Sort.OURS: "Tidegate", Sort.OTHERS: "others", Sort.PERSON: "a person"}


def happening(line: HistoryLine, times: Times) -> dict[str, object]:
    """Give the line in words; `times` are those of the account it happened in."""
    return {
        "when": times.when(line.at),
        "sort": _SORTS[line.sort],
        "tone": line.sort.value,
        "whom": clean(line.whom) or "everything",
        "what": figures_grouped(sentence(line.what)),
        "who": clean(line.who),
        "why": figures_grouped(sentence(line.why)),
    }
