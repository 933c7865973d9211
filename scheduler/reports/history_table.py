"""What was changed when and by whom, in one order of time: limits, our changes, others' changes, people's words.

The command line collects the lines from the journal; here they are only drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from scheduler.reports.plan_json import Document
from scheduler.reports.wording import clean, figures_grouped, moment


class Sort(Enum):
    """Whose doing a line of history is."""

    LIMIT = "limit"  # the partner changed what is wanted
    OURS = "ours"  # Tidegate changed something at a vendor, or tried to
    OTHERS = "others"  # somebody changed a customer outside Tidegate
    PERSON = "person"  # a pause, a resume, a settlement


_STYLES = {Sort.LIMIT: "cyan", Sort.OURS: "green", Sort.OTHERS: "yellow", Sort.PERSON: "magenta"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One thing that happened; `whom` is a customer as `vendor/id`, an account, or empty for everything.

    A pause does not know its customer's vendor: it is one of `account/id`, or of `customer/id`.
    `who` is empty where the vendor's own record, in `what`, says it.
    """

    at: datetime
    sort: Sort
    whom: str
    what: str
    who: str
    why: str = ""


def history_table(lines: Sequence[HistoryLine]) -> RenderableType:
    """Give the lines, oldest first, as something rich can print."""
    if not lines:
        return Text("Nothing is on record yet.")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("When", no_wrap=True)
    table.add_column("Whose", no_wrap=True)
    table.add_column("What", overflow="fold")
    for line in lines:
        what = Text(clean(line.whom) or "everything", style="bold")
        by = f", by {clean(line.who)}" if line.who else ""
        what.append(f"\n{figures_grouped(clean(line.what))}{by}", style="not bold")
        if line.why:
            what.append(f"\n{figures_grouped(clean(line.why))}", style="not bold dim")
        table.add_row(Text(moment(line.at)), Text(line.sort.value, style=_STYLES[line.sort]), what)
    return table


def history_document(lines: Sequence[HistoryLine]) -> list[Document]:
    """Give the lines as plain values for JSON."""
    return [
        {
            "at": line.at.isoformat(),
            "sort": line.sort.value,
            "whom": clean(line.whom),
            "what": clean(line.what),
            "who": clean(line.who),
            "why": clean(line.why),
        }
        for line in lines
    ]
